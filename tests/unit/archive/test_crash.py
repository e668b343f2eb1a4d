"""Killed at any moment, and used by many processes at once: nothing acknowledged is lost."""

from __future__ import annotations

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pipeline.archive.query import parse
from pipeline.archive.sqlite import SqliteArchive
from pipeline.model import Article, Entry
from tests.unit.archive.samples import article, entry

WRITER = """
import sys
from dataclasses import replace
from pathlib import Path
from pipeline.archive.sqlite import SqliteArchive
from pipeline.model import Article
from tests.unit.archive.samples import article, entry

archive, prefix, count = SqliteArchive(Path(sys.argv[1])), sys.argv[2], int(sys.argv[3])
for number in range(count):
    name = f"{prefix} {number}"
    archive.create_many([entry(name), entry(f"{name} discard")])
    archive.create(article(name))
    stored = archive.get(Article, article(name).id)
    archive.replace(replace(stored.record, pending=False, story=stored.record.id), stored.version)
    print(name, flush=True)
"""


def start_writer(path: Path, prefix: str, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), prefix, str(count)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    )


def test_a_writer_that_is_killed_loses_nothing_it_was_told_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "archive.sqlite3"
    acknowledged: list[str] = []
    for attempt in range(4):
        writer = start_writer(path, f"run {attempt}", 100_000)
        assert writer.stdout is not None
        for line in writer.stdout:
            acknowledged.append(line.strip())
            if len(acknowledged) % 25 == 24:
                break
        writer.send_signal(signal.SIGKILL)
        acknowledged += [line.strip() for line in writer.stdout]
        writer.wait()
        writer.stdout.close()
    archive = SqliteArchive(path)
    assert len(acknowledged) >= 90
    for name in acknowledged:
        stored = archive.get(Article, article(name).id)
        assert stored is not None
        assert not stored.record.pending
        assert archive.get(Entry, entry(f"{name} discard").id) is not None
    assert archive.verify() == []
    assert archive.search(parse("sanctuary")).total == archive.count(Article)
    archive.close()


def test_processes_that_start_and_write_together_all_succeed(tmp_path: Path) -> None:
    path = tmp_path / "archive.sqlite3"
    writers = [start_writer(path, f"writer {number}", 15) for number in range(4)]
    with ThreadPoolExecutor(4) as pool:
        outputs = list(pool.map(lambda writer: writer.communicate()[0], writers))
    assert [writer.returncode for writer in writers] == [0] * 4
    assert sum(len(output.splitlines()) for output in outputs) == 60
    archive = SqliteArchive(path)
    assert (archive.count(Article), archive.count(Entry)) == (60, 120)
    assert archive.verify() == []
    archive.close()
