"""What the benchmarks share: processor time with that of child processes, repeated runs, a table.

Processor time is measured, not time on the clock: other work on the machine makes a run longer, its CPU time hardly.
"""

from __future__ import annotations

import os
import platform
import resource
import sqlite3
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from statistics import median

_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(*, without: Collection[int] = ()) -> float:
    """Processor seconds of this process and its children, the ended ones and those at work, but for the process ids in
    ``without``. Linux only. A child's children count once it has waited for them."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    own = resource.getrusage(resource.RUSAGE_SELF)
    total = own.ru_utime + own.ru_stime + ended.ru_utime + ended.ru_stime
    for task in Path("/proc/self/task").iterdir():
        for child in (task / "children").read_text("ascii").split():
            if int(child) not in without:
                total += _of_process(child)
    return total


def _of_process(pid: str) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return sum(int(ticks) for ticks in fields[11:15]) / _TICKS


def machine() -> str:
    """One line: what the figures were measured on."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    return (
        f"{os.cpu_count()} cores ({model}), {platform.system()}, Python {platform.python_version()},"
        f" SQLite {sqlite3.sqlite_version}, load {os.getloadavg()[0]:.1f}"
    )


def middle(values: Sequence[float], form: str = ".1f") -> str:
    """Median and range of repeated measurements."""
    text = format(median(values), form)
    return text if len(values) == 1 else f"{text} ({min(values):{form}}-{max(values):{form}})"


def print_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """The first column to the left, the others to the right."""
    lines = [head, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    for line in lines:
        first, *others = (
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        print("  ".join([first, *others]).rstrip())
