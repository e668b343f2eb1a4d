"""Copying an archive into another: what is decided, and whole copies between two SQLite archives."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from pipeline import errors
from pipeline.alerts.subscriptions import subscribe
from pipeline.archive import copying
from pipeline.archive.base import Archive, Created, Stored, Where, every
from pipeline.archive.copying import Choices, copy, decide, last_id, nothing_to_copy, pairs, unlike
from pipeline.archive.query import parse
from pipeline.archive.sqlite import SqliteArchive
from pipeline.model import (
    RECORDS,
    Alert,
    Article,
    Feed,
    R,
    Record,
    Saved,
    Subscription,
    make_id,
)
from tests.conformance import corpus
from tests.integration.world import NOW, World, drive, small_web

BOTH = Choices(replace=True, remove=True)


def saved(number: int, query: str = "sanctuary") -> Saved:
    name = f"search {number}"
    return Saved(make_id("saved", name), name, query, NOW)


def records(archive: Archive) -> dict[tuple[str, str], Record]:
    return {(kind.KIND, each.record.id): each.record for kind in RECORDS for each in every(archive, kind)}


@pytest.fixture
def archives(tmp_path: Path) -> Iterator[tuple[SqliteArchive, SqliteArchive]]:
    with closing(SqliteArchive(tmp_path / "a.sqlite3")) as one, closing(SqliteArchive(tmp_path / "b.sqlite3")) as other:
        yield one, other


class Around(SqliteArchive):
    """An archive to which something happens at the n-th page that is written or read."""

    def __init__(self, path: Path, *, writes: Callable[[], None] | None = None, at: int = 0) -> None:
        self._happens, self._at, self._pages = writes, at, count()
        super().__init__(path)

    def create_many(self, records: Sequence[Record]) -> list[Created]:
        if self._happens and next(self._pages) == self._at:
            self._happens()
        return super().create_many(records)


def fails() -> None:
    raise errors.Unavailable("the server does not answer")


# ------------------------------------------------------------------ what is decided
@pytest.mark.parametrize(
    ("ours", "theirs", "choices", "verdict"),
    [
        (saved(1), None, Choices(), "create"),
        (saved(1), saved(1), Choices(), "same"),
        (saved(1), saved(1, "raid"), Choices(), "differs"),
        (saved(1), saved(1, "raid"), Choices(replace=True), "replace"),
        (saved(1), saved(1, "raid"), Choices(remove=True), "differs"),
        (None, saved(1), Choices(), "extra"),
        (None, saved(1), Choices(replace=True), "extra"),
        (None, saved(1), Choices(remove=True), "remove"),
    ],
)
def test_what_is_done_about_a_record(ours: Saved | None, theirs: Saved | None, choices: Choices, verdict: str) -> None:
    assert decide(ours, theirs, choices) == verdict


def test_two_runs_are_joined_by_id() -> None:
    def run(ids: str) -> list[Stored[Saved]]:
        return [Stored(Saved(name, name, "", NOW), "1") for name in ids]

    joined = [(a and a.record.id, b and b.record.id) for a, b in pairs(run("abdf"), run("bcdg"))]
    assert joined == [("a", None), ("b", "b"), (None, "c"), ("d", "d"), ("f", None), (None, "g")]
    assert list(pairs(run(""), run(""))) == []


def test_fields_that_differ_are_named() -> None:
    assert unlike(saved(1), saved(1, "raid")) == ["query"]
    assert unlike(saved(1), replace(saved(1), name="x", zone="America/Los_Angeles")) == ["name", "zone"]


@pytest.mark.parametrize(
    "ids", [[], ["00000000ab"], ["5" * 24, "5" * 23 + "6"], ["f" * 24], ["a1", "zz", "zzz"], ["00"]]
)
def test_the_last_id_is_found(
    ids: list[str], archives: tuple[SqliteArchive, SqliteArchive], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "PAGE", 1)
    archive, _ = archives
    archive.create_many([Saved(name, name, "", NOW) for name in ids])
    assert last_id(archive, Saved) == max(ids, default="")


def test_subscriptions_are_copied_last() -> None:
    assert copying.ORDER[-1] is Subscription
    assert set(copying.ORDER) == set(RECORDS)


@pytest.mark.parametrize(
    ("source", "target", "reason"),
    [
        ("sqlite:///a", "sqlite:///./a", "to itself"),
        ("sqlite:///b", "sqlite:///a", "no such file"),
        ("sqlite:///a", "sqlite:///b", ""),
        ("elasticsearch+http://h:9200", "elasticsearch+https://u:p@h/sanctuary-watch?replicas=1", "to itself"),
        ("elasticsearch+http://h:9200,i:9200", "elasticsearch+http://i:9200,j:9200", "to itself"),
        ("elasticsearch+http://h:9200/one", "elasticsearch+http://h:9200/two", ""),
        ("elasticsearch+http://h:9200", "sqlite:///b", ""),
    ],
)
def test_copies_that_make_no_sense(
    source: str, target: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a").touch()
    found = nothing_to_copy(source, target)
    assert reason in found
    assert bool(reason) == bool(found)


# ------------------------------------------------------------------ whole copies
def test_a_copy_answers_like_its_source(archives: tuple[SqliteArchive, SqliteArchive]) -> None:
    source, target = archives
    articles = corpus.articles()
    for batch in (articles, corpus.entries(articles)):
        source.create_many(batch)
    told: list[tuple[str, int, int]] = []
    report = copy(source, target, Choices(), told=lambda *what: told.append(what))
    assert records(target) == records(source)
    assert report.source == report.target
    assert report.created["article"] == len(articles)
    assert (report.differences, report.changed) == ([], False)
    for query in ("", "sanctuary", "title:council", "place:CA", "since:2026-01-01"):
        node = parse(query)
        assert target.search(node, limit=1000) == source.search(node, limit=1000)
        theirs, ours = (
            archive.charts(node, by="week", timeline=True, sources=True, zone="America/Los_Angeles")
            for archive in (target, source)
        )
        assert theirs == ours
    assert ("copying article", len(articles), len(articles)) in told
    assert ("comparing article", len(articles), len(articles)) in told


def test_a_copy_goes_on_without_telling_anybody_again(tmp_path: Path) -> None:
    """The records of a monitor that has told everything: the copy owes nobody anything."""
    one, other = World(tmp_path / "one", small_web()), World(tmp_path / "other", small_web())
    with one.tools() as tools:
        one.watch_all(tools)
        tools.archive.create(subscribe(to="reader@example.org", now=one.now))
        drive(tools)
        assert len(list(every(tools.archive, Alert, {"state": "sent"}))) == 2
        with other.tools() as there:
            copy(tools.archive, there.archive, Choices())
            assert there.archive.verify() == []
            drive(there)
            assert records(there.archive).keys() == records(tools.archive).keys()
            assert {a.record for a in every(there.archive, Alert)} == {a.record for a in every(tools.archive, Alert)}
    assert len(one.outbox.mails) == 2
    assert other.outbox.mails == []


def test_an_interrupted_copy_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "PAGE", 10)
    with closing(SqliteArchive(tmp_path / "a")) as source:
        source.create_many([saved(number) for number in range(95)])
        source.create(Feed(make_id("feed", "u"), "https://a.example/rss", NOW))
        with (
            closing(Around(tmp_path / "b", writes=fails, at=5)) as broken,
            pytest.raises(errors.Unavailable, match=r"does not answer; 41 records were copied, and the same command"),
        ):
            copy(source, broken, Choices())
        read: list[str] = []

        class Watched(SqliteArchive):
            def scan(
                self,
                kind: type[R],
                where: Where | None = None,
                *,
                since: datetime | None = None,
                until: datetime | None = None,
                after: str = "",
                n: int = 500,
            ) -> list[Stored[R]]:
                found = super().scan(kind, where, since=since, until=until, after=after, n=n)
                read.extend(each.record.id for each in found)
                return found

        with closing(Watched(tmp_path / "a")) as watched, closing(SqliteArchive(tmp_path / "b")) as target:
            report = copy(watched, target, Choices())
            assert report.created["saved"] == 55
            assert records(target) == records(source)
            assert (report.differences, report.changed) == ([], False)
        assert len(read) == 55 + 96, "beyond the comparison only what was missing is read"


def test_what_differs_is_left_and_told(archives: tuple[SqliteArchive, SqliteArchive]) -> None:
    source, target = archives
    source.create_many([saved(1), saved(2), saved(3)])
    target.create_many([saved(2, "raid"), saved(4)])
    report = copy(source, target, Choices())
    assert sorted(report.differences) == sorted(
        [f"saved {saved(2).id} is another in the target: query", f"saved {saved(4).id} is in the target alone"]
    )
    assert (report.created["saved"], report.different["saved"]) == (2, 2)
    assert records(target)["saved", saved(2).id] == saved(2, "raid")
    assert report.source["saved"] == 3
    assert report.target["saved"] == 4


def test_what_differs_is_made_the_same_on_request(archives: tuple[SqliteArchive, SqliteArchive]) -> None:
    source, target = archives
    source.create_many([saved(1), saved(2), saved(3)])
    target.create_many([saved(2, "raid"), saved(4)])
    report = copy(source, target, BOTH)
    assert (report.replaced["saved"], report.removed["saved"], report.differences) == (1, 1, [])
    assert records(target) == records(source)
    again = copy(source, target, BOTH)
    assert (sum(again.created.values()), sum(again.replaced.values()), sum(again.removed.values())) == (0, 0, 0)


def test_many_differences_are_counted(archives: tuple[SqliteArchive, SqliteArchive]) -> None:
    source, target = archives
    source.create_many([saved(number) for number in range(30)])
    target.create_many([saved(number, "raid") for number in range(30)])
    report = copy(source, target, Choices())
    assert report.different["saved"] == 30
    assert len(report.differences) == 21
    assert report.differences[-1] == "and 10 more of saved"


def test_a_source_that_changes_is_noticed_and_the_rest_is_copied_again(tmp_path: Path) -> None:
    with closing(SqliteArchive(tmp_path / "a")) as source:
        source.create_many([saved(number) for number in range(20)])

        def monitor() -> None:
            stored = source.get(Saved, saved(1).id)
            assert stored
            source.replace(saved(1, "raid"), stored.version)
            source.create(saved(100))
            source.delete(Saved, saved(2).id)

        with closing(Around(tmp_path / "b", writes=monitor)) as target:
            report = copy(source, target, Choices())
            assert report.changed
            assert report.created["saved"] == 21
            assert report.different["saved"] == 2
            report = copy(source, target, BOTH)
            assert (report.differences, report.changed) == ([], False)
            assert (report.replaced["saved"], report.removed["saved"]) == (1, 1)
            assert records(target) == records(source)


def test_a_record_that_is_refused_is_told_and_the_others_are_copied(tmp_path: Path) -> None:
    class Strict(SqliteArchive):
        def create_many(self, records: Sequence[Record]) -> list[Created]:
            outcomes: Any = iter(super().create_many([each for each in records if each != saved(1)]))
            return [Created(each.id, "refused", "too long") if each == saved(1) else next(outcomes) for each in records]

    with closing(SqliteArchive(tmp_path / "a")) as source, closing(Strict(tmp_path / "b")) as target:
        source.create_many([saved(1), saved(2)])
        report = copy(source, target, Choices())
        assert report.differences == [f"saved {saved(1).id} was refused: too long"]
        assert target.count(Saved) == 1


def test_a_sample_is_compared_of_what_is_many(
    archives: tuple[SqliteArchive, SqliteArchive], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "PAGE", 2)
    monkeypatch.setattr(copying, "WINDOWS", 3)
    source, target = archives
    (found,) = corpus.articles(1)
    articles = [replace(found, id=f"{number:02x}" * 12) for number in range(0, 160, 10)]
    source.create_many([*articles, saved(1), saved(2)])
    copy(source, target, Choices())
    kept = target.get(Article, articles[5].id)
    assert kept
    target.replace(replace(kept.record, title="Another"), kept.version)
    target.create(saved(3))
    starts = iter(["00" * 12, "8c" * 12, "ff" * 12])
    report = copy(source, target, Choices(), check="sample", pick=lambda: next(starts))
    assert report.differences == [f"saved {saved(3).id} is in the target alone"], "small kinds are compared wholly"
    starts = iter(["28" * 12, "00" * 12, "ff" * 12])
    report = copy(source, target, Choices(), check="sample", pick=lambda: next(starts))
    assert f"article {articles[5].id} is another in the target: title" in report.differences
    target.create(replace(articles[0], id="97" * 12))
    starts = iter(["00" * 12] * 3)
    report = copy(source, target, Choices(), check="sample", pick=lambda: next(starts))
    assert "article: 16 in the source, 17 in the target" in report.differences


def test_a_record_that_cannot_be_read_is_said(archives: tuple[SqliteArchive, SqliteArchive]) -> None:
    source, target = archives
    source.create(saved(1))
    with closing(sqlite3.connect(source.path)) as connection, connection:
        connection.execute("UPDATE saved SET data = '{}'")
    with pytest.raises(errors.UserError, match=r"a record cannot be read .* 'archive verify' tells"):
        copy(source, target, Choices())


def test_an_empty_source_is_refused(archives: tuple[SqliteArchive, SqliteArchive]) -> None:
    source, target = archives
    target.create(saved(1))
    with pytest.raises(errors.UserError, match="the source is empty"):
        copy(source, target, BOTH)
    assert target.count(Saved) == 1
