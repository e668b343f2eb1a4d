"""Names a process, so that what it held is free at once when it is gone, and only then.

A mark is ``pid:started``, a name ``host/boot/pid:started``. Only on the same host since the same boot can a process
be looked for; of all others nothing is known, and a lease decides. Containers of one machine have host names of their
own, and process ids.
"""

from __future__ import annotations

import os
import platform
from functools import cache
from pathlib import Path


def own_mark() -> str:
    """What tells this process from all others of this machine, before and after."""
    return _mark_of(os.getpid())


def runs(mark: str) -> bool:
    """Whether the marked process of this machine is there."""
    pid, _, started = mark.partition(":")
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return not started or _started(int(pid)) in (started, "")


def own_name() -> str:
    """What tells this process from all others anywhere."""
    return f"{_machine()}/{own_mark()}"


def is_dead(name: str) -> bool:
    """Whether the named process is known to be gone; False for what runs elsewhere, and for ''."""
    machine, _, mark = name.rpartition("/")
    return bool(name) and machine == _machine() and not runs(mark)


@cache
def _mark_of(pid: int) -> str:
    return f"{pid}:{_started(pid)}"


@cache
def _machine() -> str:
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        boot = ""
    return f"{platform.node()}/{boot}"


def _started(pid: int) -> str:
    """When a process began, in clock ticks since boot, so that a reused process id is not taken for the old one;
    '' where the system does not tell."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except OSError:
        return ""
