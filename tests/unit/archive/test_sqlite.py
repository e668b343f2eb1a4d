"""What the SQLite archive promises beyond the protocol."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from pipeline import errors
from pipeline.archive import connections, paging, sqlite
from pipeline.archive.articles import ArticleTable
from pipeline.archive.base import Charts
from pipeline.archive.query import parse
from pipeline.archive.sqlite import SqliteArchive
from pipeline.model import (
    RECORDS,
    Alert,
    ApiKey,
    Article,
    Docket,
    Entry,
    Feed,
    Jurisdiction,
    Quarantined,
    Record,
    Saved,
    Subscription,
)
from tests.unit.archive.samples import AT, article, entry

SUBSCRIPTION = Subscription(id="s", to="reader@mail.example", created=AT)
DOCKET = Docket(id="d", jurisdiction=Jurisdiction("Examplia", "city", "CA"), changed=AT)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[SqliteArchive]:
    made = SqliteArchive(tmp_path / "archive.sqlite3")
    yield made
    made.close()


def raw(archive: SqliteArchive) -> sqlite3.Connection:
    return sqlite3.connect(archive.path, isolation_level=None)


# ------------------------------------------------------------------ tables
def test_every_kind_has_a_table_with_the_keys_that_its_records_have(archive: SqliteArchive) -> None:
    alert = Alert(id="a", subscription="s", docket="d", measure="m", action="x", kind="new", created=AT, due=AT)
    quarantined = Quarantined(id="q", what="feed", key="", url="", step="", error="", reason="", at=AT)
    feed = Feed(id="f", url="https://news.example/feed", added=AT)
    saved = Saved(id="sv", name="Jails", query="detainer", created=AT)
    key = ApiKey(id="k", name="desk", digest="0" * 64, created=AT)
    records: list[Record] = [article(), entry(), feed, SUBSCRIPTION, DOCKET, alert, quarantined, saved, key]
    assert {type(record) for record in records} == set(RECORDS)
    connection = raw(archive)
    for record in records:
        archive.create(record)
        columns = {row[1] for row in connection.execute(f"PRAGMA table_info({record.KIND})")}
        assert {name.removeprefix("key_") for name in columns if name.startswith("key_")} == set(record.keys())
    connection.close()


def test_scans_and_counts_are_answered_by_an_index(archive: SqliteArchive) -> None:
    connection = raw(archive)
    for statement in (
        "SELECT data FROM entry WHERE key_outcome = 'waiting' AND +moment >= 0 AND id > '' ORDER BY id LIMIT 5",
        "SELECT data FROM entry WHERE id > '' ORDER BY id LIMIT 5",
        "SELECT data FROM article WHERE key_story = 'x' AND id > '' ORDER BY id LIMIT 5",
        "SELECT count(*) FROM entry WHERE key_outcome = 'discard'",
    ):
        plan = " ".join(str(row[3]) for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}"))
        assert "USING" in plan, statement
        assert "INDEX" in plan, statement
        assert "TEMP B-TREE" not in plan, statement
    connection.close()


def test_an_unknown_key_is_an_error_of_the_caller(archive: SqliteArchive) -> None:
    with pytest.raises(ValueError, match="has no key 'url'"):
        archive.scan(Entry, {"url": "x"})
    with pytest.raises(ValueError, match="has no key 'url'"):
        archive.count(Entry, {"url": "x"})


def test_the_text_is_kept_once_and_compressed(archive: SqliteArchive) -> None:
    text = "The council of Examplia met again. " * 300
    archive.create(article(text=text))
    connection = raw(archive)
    ((size,),) = connection.execute("SELECT length(data) FROM article").fetchall()
    assert size < len(text) / 5
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE name LIKE 'fts%'")}
    assert "fts_content" not in tables
    connection.close()


def test_a_day_that_is_full_is_refused(archive: SqliteArchive, monkeypatch: pytest.MonkeyPatch) -> None:
    archive.create(article("one"))
    connection = raw(archive)
    day = int(AT.timestamp()) // 86_400
    connection.execute("UPDATE article SET docno = ?", (((day + 1) << 20) - 1,))
    connection.close()
    with pytest.raises(errors.UserError, match="1,048,576 articles a day"):
        archive.create(article("two"))


# ------------------------------------------------------------------ durability
@pytest.mark.parametrize(
    ("record", "create", "change"),
    [(SUBSCRIPTION, 2, 2), (DOCKET, 2, 2), (entry(), 2, 1), (article(), 1, 1)],
)
def test_what_mails_depend_on_is_on_the_disk_when_the_call_returns(
    archive: SqliteArchive, record: Record, create: int, change: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    levels: list[int] = []

    class Watched(connections.Connections):
        def _connection(self) -> sqlite3.Connection:
            connection = super()._connection()
            connection.set_trace_callback(
                lambda statement: levels.append(level(connection)) if statement == "COMMIT" else None
            )
            return connection

    def level(connection: sqlite3.Connection) -> int:
        connection.set_trace_callback(None)
        found: int = connection.execute("PRAGMA synchronous").fetchone()[0]
        return found

    monkeypatch.setattr(sqlite, "Connections", Watched)
    watched = SqliteArchive(archive.path)
    levels.clear()
    watched.create(record)
    stored = watched.get(type(record), record.id)
    assert stored is not None
    watched.replace(record, stored.version)
    watched.delete(type(record), record.id)
    assert levels == [create, change, 2]  # 1: NORMAL, 2: FULL
    watched.close()


def test_what_fails_in_the_middle_leaves_no_trace(archive: SqliteArchive, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError

    archive.create(article("before", source="Known Paper"))
    with monkeypatch.context() as patched:
        patched.setattr(ArticleTable, "_write_meta", fail)
        with pytest.raises(RuntimeError):
            archive.create_many([entry("new", source="New Paper"), article("new", source="New Paper")])
    assert archive.count(Entry) == 0
    assert archive.search(None).total == 1
    archive.create(article("after", source="Other Paper"))
    archive.create_many([article("new", source="New Paper"), entry("new", source="New Paper")])
    assert {each.source: each.entries for each in archive.charts(None, sources=True).sources} == {
        "Known Paper": 0,
        "Other Paper": 0,
        "New Paper": 1,
    }
    assert [text for text in archive.verify() if "came from entry" not in text] == []


# ------------------------------------------------------------------ waiting and failing
def test_a_writer_waits_for_another_process_but_not_for_ever(tmp_path: Path) -> None:
    archive = SqliteArchive(tmp_path / "archive.sqlite3", patience=0.05)
    other = raw(archive)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(errors.Unavailable, match="locked by another process"):
        archive.create(article())
    assert "locked by another process" in archive.health()
    assert archive.search(None).total == 0, "reading does not wait"
    other.execute("ROLLBACK")
    assert archive.create(article())
    assert archive.health() == ""
    other.close()
    archive.close()


def test_threads_of_one_process_wait_for_each_other(tmp_path: Path) -> None:
    archive = SqliteArchive(tmp_path / "archive.sqlite3", patience=0.05)
    begun, finish = threading.Event(), threading.Event()

    def hold() -> None:
        with archive._connections.writing(durable=False):
            begun.set()
            finish.wait(10)

    with ThreadPoolExecutor(1) as pool:
        holding = pool.submit(hold)
        begun.wait(10)
        with pytest.raises(errors.Unavailable, match="busy writing"):
            archive.create(article())
        finish.set()
        holding.result()
    assert archive.create(article())
    archive.close()


def test_a_full_disk_is_unavailable_and_loses_nothing(archive: SqliteArchive) -> None:
    archive.create(article("before"))
    with archive._connections.single() as connection:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count={pages + 2}")
    with pytest.raises(errors.Unavailable, match="disk of the archive is full"):
        archive.create_many([article(str(number), text=f"word{number} " * 3000) for number in range(50)])
    with archive._connections.single() as connection:
        connection.execute("PRAGMA max_page_count=1000000")
    assert archive.search(None).total == 1
    assert archive.create_many([article("before"), article("after")])[1].outcome == "created"
    assert [text for text in archive.verify() if "came from entry" not in text] == []


def test_little_space_is_told(archive: SqliteArchive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "LOW_SPACE", 1 << 60)
    assert "are free where the archive lies" in archive.health()


def test_a_question_that_takes_too_long_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "_STEPS_BETWEEN_CHECKS", 10)
    archive = SqliteArchive(tmp_path / "archive.sqlite3", time_limit=0.0)
    archive.create_many([article(str(number)) for number in range(50)])
    for ask in (archive.search, partial(archive.charts, timeline=True)):
        with pytest.raises(errors.UserError, match="takes longer than 0 seconds; narrow it"):
            ask(parse("sanctuary"))
    assert archive.count(Article) == 50, "only questions are limited"
    archive.close()


def test_a_damaged_file_is_told(archive: SqliteArchive) -> None:
    archive.create_many([article(str(number)) for number in range(20)])
    archive.close()
    size = archive.path.stat().st_size
    with archive.path.open("r+b") as file:
        file.seek(8192)
        file.write(b"\xff" * (size - 8192))
    with pytest.raises(errors.UserError, match="damaged"):
        archive.search(None)


# ------------------------------------------------------------------ connections
def test_connections_of_threads_that_ended_are_closed(archive: SqliteArchive) -> None:
    for _ in range(5):
        thread = threading.Thread(target=archive.count, args=(Article,))
        thread.start()
        thread.join()
    assert len(archive._connections._all) <= 2


def test_a_closed_archive_opens_again_when_it_is_used(archive: SqliteArchive) -> None:
    archive.create(article())
    archive.close()
    assert archive.count(Article) == 1


# ------------------------------------------------------------------ columns
def test_columns_follow_what_other_processes_write(archive: SqliteArchive) -> None:
    other = SqliteArchive(archive.path)
    other.create_many([article(str(number), story=str(number % 2)) for number in range(6)])

    def counted() -> Charts:
        return archive.charts(None, timeline=True, sources=True, facets={"state": 1})

    assert counted().timeline.buckets[0].stories == 2
    stored = other.get(Article, article("3").id)
    assert stored is not None
    other.replace(replace(stored.record, story="new", source="Other"), stored.version)
    assert counted().timeline.buckets[0].stories == 3
    assert [(each.source, each.articles) for each in counted().sources] == [("Harbor Courier", 5), ("Other", 1)]
    stored = other.get(Article, article("0").id)
    assert stored is not None
    other.replace(replace(stored.record, published=AT + timedelta(days=2)), stored.version)
    assert [bucket.articles for bucket in counted().timeline.buckets] == [5, 0, 1]
    other.delete(Article, article("5").id)
    assert [bucket.articles for bucket in counted().timeline.buckets] == [4, 0, 1]
    assert counted().facets["state"][0].articles == 5
    other.close()


def test_a_timeline_does_not_grow_without_bounds(archive: SqliteArchive) -> None:
    archive.create_many([article("old", published=AT.replace(year=1801)), article("new")])
    with pytest.raises(errors.UserError, match="from 1801-03-01 to 2025-03-01 are 81,816 days; narrow the dates"):
        archive.charts(None, timeline=True)
    assert len(archive.charts(None, by="month", timeline=True).timeline.buckets) == 224 * 12 + 1


def test_best_match_looks_at_the_newest_only(archive: SqliteArchive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "RANKED", 5)
    archive.create_many([article(str(number), published=AT + timedelta(days=number)) for number in range(9)])
    found = archive.search(parse("sanctuary"), sort="relevance")
    assert found.total == 9
    assert {each.id for each in found.articles} == {article(str(number)).id for number in range(4, 9)}


# ------------------------------------------------------------------ care
def test_a_backup_is_a_whole_archive(archive: SqliteArchive, tmp_path: Path) -> None:
    archive.create_many([article(), entry()])
    copy = tmp_path / "copies" / "backup.sqlite3"
    with pytest.raises(errors.Unavailable, match="could not be written"):
        archive.backup(copy)
    copy.parent.mkdir()
    archive.backup(copy)
    with pytest.raises(errors.UserError, match="exists already"):
        archive.backup(copy)
    archive.delete(Article, article().id)
    restored = SqliteArchive(copy)
    assert restored.search(parse("sanctuary")).total == 1
    assert restored.verify() == []
    assert copy.stat().st_mode & 0o077 == 0
    assert [path.name for path in copy.parent.iterdir() if "partial" in path.name] == []
    restored.close()


def test_forgetting_takes_the_article_and_its_entry(archive: SqliteArchive) -> None:
    brought_by = entry("short link")
    archive.create_many([article(entry=brought_by.id), brought_by, entry(), article("other"), entry("other")])
    assert archive.forget(article().id)
    assert not archive.forget(article().id)
    assert [stored.record.id for stored in archive.scan(Entry)] == [entry("other").id]
    assert archive.search(None).total == 1
    assert archive.verify() == []
