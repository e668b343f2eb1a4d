"""Forward migrations: a copy first, all or nothing, never backwards."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline import errors
from pipeline.archive import articles, sqlite
from pipeline.archive.migrations import STEPS, migrate
from pipeline.archive.query import parse
from pipeline.archive.records import microseconds, packed
from pipeline.archive.sqlite import SqliteArchive
from pipeline.model import Alert
from tests.unit.archive.samples import article, entry


def add_table(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE later (x)")


def fail(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE half (x)")
    raise RuntimeError("in the middle")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "archive.sqlite3"
    archive = SqliteArchive(path)
    archive.create_many([article(), entry(), entry("two")])
    archive.close()
    return path


@pytest.fixture
def connection(file: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(file, isolation_level=None)
    yield connection
    connection.close()


def tables(connection: sqlite3.Connection) -> set[str]:
    return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def version(connection: sqlite3.Connection) -> int:
    found: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return found


def test_a_current_file_is_left_alone(connection: sqlite3.Connection, file: Path) -> None:
    assert migrate(connection, file) is None
    assert [path.name for path in file.parent.iterdir() if ".v" in path.name] == []


def test_an_older_file_is_brought_up_to_date_and_kept_as_it_was(connection: sqlite3.Connection, file: Path) -> None:
    copy = migrate(connection, file, (*STEPS, add_table))
    assert copy == file.with_name(f"archive.sqlite3.v{len(STEPS)}")
    assert "later" in tables(connection)
    assert version(connection) == len(STEPS) + 1
    assert copy.stat().st_mode & 0o077 == 0
    kept = sqlite3.connect(copy)
    assert version(kept) == len(STEPS)
    assert "later" not in tables(kept)
    assert kept.execute("SELECT count(*) FROM article").fetchone() == (1,)
    kept.close()
    assert migrate(connection, file, (*STEPS, add_table)) is None


def test_alerts_of_an_earlier_release_are_found_by_when_they_are_due(tmp_path: Path) -> None:
    made, due = datetime(2026, 3, 5, 18, tzinfo=UTC), datetime(2026, 3, 6, 13, tzinfo=UTC)
    waits = Alert("w", subscription="s", docket="d", measure="m", action="a", kind="new", created=made, due=due)
    went = replace(waits, id="x", state="sent", sent=due + timedelta(seconds=2, microseconds=7))
    path = tmp_path / "archive.sqlite3"
    old = sqlite3.connect(path, isolation_level=None)
    migrate(old, path, STEPS[:2])
    for row in (waits, went):
        keys = row.keys()
        old.execute(
            "INSERT INTO alert (id, version, moment, key_state, key_subscription, key_measure, data)"
            " VALUES (?, 1, ?, ?, ?, ?, ?)",
            (row.id, microseconds(made), keys["state"], keys["subscription"], keys["measure"], packed(row)),
        )
    old.close()
    with closing(SqliteArchive(path)) as archive:
        assert archive.scan(Alert, {"state": "waiting"}, until=due - timedelta(seconds=1)) == []
        assert [stored.record for stored in archive.scan(Alert, {"state": "waiting"}, until=due)] == [waits]
        assert [stored.record for stored in archive.scan(Alert, since=went.sent)] == [went]
        assert [told for told in archive.verify() if "kept under" in told] == []


def test_a_step_that_fails_changes_nothing(connection: sqlite3.Connection, file: Path) -> None:
    with pytest.raises(RuntimeError):
        migrate(connection, file, (*STEPS, add_table, fail))
    assert not {"later", "half"} & tables(connection)
    assert version(connection) == len(STEPS)
    assert migrate(connection, file, (*STEPS, add_table)) is not None


def test_a_file_of_a_newer_release_is_refused(connection: sqlite3.Connection, file: Path) -> None:
    connection.execute(f"PRAGMA user_version={len(STEPS) + 1}")
    with pytest.raises(errors.UserError, match="made by a newer release"):
        SqliteArchive(file)
    assert version(connection) == len(STEPS) + 1


def test_an_index_made_by_other_rules_is_built_anew(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    running = SqliteArchive(file)
    monkeypatch.setattr(sqlite, "RULES", "words 0, keys 0")
    monkeypatch.setattr(articles, "spaced", lambda text: "changed")
    other = SqliteArchive(file)
    assert other.search(parse("changed")).total == 1
    assert other.search(parse("sanctuary")).total == 0
    assert other.verify() == []
    monkeypatch.undo()
    with pytest.raises(errors.UserError, match="restart this process"):
        running.create(article("two"))
    again = SqliteArchive(file)
    assert again.search(parse("sanctuary state:california")).total == 1
    assert again.create(article("two"))
    assert again.verify() == []
    for archive in (running, other, again):
        archive.close()
