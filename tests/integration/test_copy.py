"""Moving between the embedded archive and a real Elasticsearch, both ways, interrupted and while the monitor runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from pipeline import errors
from pipeline.alerts.subscriptions import subscribe
from pipeline.archive.base import Archive, every
from pipeline.archive.copying import Choices, copy
from pipeline.archive.elastic.address import read_address
from pipeline.archive.elastic.archive import ElasticArchive
from pipeline.archive.query import parse
from pipeline.archive.sqlite import SqliteArchive
from pipeline.model import RECORDS, Alert, Article, Entry, Record, Saved, make_id
from tests.conformance import corpus
from tests.integration.program import Program, finish
from tests.integration.world import NOW, World, drive, small_web
from tests.servers.elasticsearch import elasticsearch_url, own_archive_url
from tests.servers.proxies import HttpProxy


@dataclass
class Watched:
    """A monitor that has told its reader everything, and further articles with their entries."""

    world: World
    archive: Archive


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    world = World(tmp_path / "one", small_web())
    with world.tools() as tools:
        world.watch_all(tools)
        tools.archive.create(subscribe(to="reader@example.org", now=world.now))
        drive(tools)
        articles = corpus.articles(120)
        for batch in (corpus.entries(articles), articles):
            tools.archive.create_many(batch)
        yield Watched(world, tools.archive)


@pytest.fixture
def url() -> Iterator[str]:
    with own_archive_url() as made:
        yield f"{made}?replicas=0"


def elastic(url: str) -> ElasticArchive:
    return ElasticArchive(read_address(url), pauses=())


def records(archive: Archive) -> dict[tuple[str, str], Record]:
    archive.refresh()
    return {(kind.KIND, each.record.id): each.record for kind in RECORDS for each in every(archive, kind)}


def assert_same_answers(one: Archive, other: Archive) -> None:
    """Search, timeline and sources of both."""
    for text, zone in [("", "UTC"), *corpus.queries(30, seed=31)]:
        query = parse(text)
        assert one.search(query, limit=200, zone=zone) == other.search(query, limit=200, zone=zone), text
        counted, again = (
            archive.charts(query, by="week", timeline=True, sources=True, zone=zone) for archive in (one, other)
        )
        assert counted == again, text


def test_there_and_back(watched: Watched, url: str, tmp_path: Path) -> None:
    with closing(elastic(url)) as there, closing(SqliteArchive(tmp_path / "back.sqlite3")) as back:
        report = copy(watched.archive, there, Choices())
        assert (report.differences, report.changed) == ([], False)
        assert report.source == report.target
        assert records(there) == records(watched.archive)
        assert_same_answers(watched.archive, there)
        assert copy(there, back, Choices(), check="sample").differences == []
        assert records(back) == records(watched.archive)


def test_the_monitor_goes_on_there_and_tells_nobody_again(watched: Watched, url: str, tmp_path: Path) -> None:
    with closing(elastic(url)) as there:
        copy(watched.archive, there, Choices())
        alerts = {each.record for each in every(watched.archive, Alert)}
        assert {alert.state for alert in alerts} == {"sent"}
        world = World(tmp_path / "two", small_web())
        world.wrap = lambda store, name: there if name == "archive" else store
        with world.tools() as tools:
            drive(tools)
            assert world.web.pages, "the feeds are polled anew, from an empty frontier"
            assert world.outbox.mails == []
            there.refresh()
            assert {each.record for each in every(there, Alert)} == alerts


def test_a_server_that_goes_away_is_said_and_the_copy_goes_on(watched: Watched, url: str) -> None:
    server = urlsplit(elasticsearch_url())
    assert server.hostname
    assert server.port
    with HttpProxy((server.hostname, server.port)) as proxy:
        through = f"elasticsearch+{proxy.url}/{urlsplit(url).path.strip('/')}?replicas=0"

        def told(what: str, done: int, of: int) -> None:
            if what == "copying article":
                proxy.refuse()

        with closing(elastic(through)) as there:
            with pytest.raises(errors.Unavailable, match=r"\d+ records were copied, and the same command goes on"):
                copy(watched.archive, there, Choices(), told=told)
            proxy.behave()
            report = copy(watched.archive, there, Choices())
            assert report.created["article"] == 0, "these were copied before"
            assert report.differences == []
            assert records(there) == records(watched.archive)


def test_a_copy_that_is_killed_goes_on(url: str, tmp_path: Path) -> None:
    articles = corpus.articles(1500)
    with closing(SqliteArchive(tmp_path / "archive.sqlite3")) as source, closing(elastic(url)) as there:
        for batch in (articles, corpus.entries(articles)):
            source.create_many(batch)
        total = source.count(Article) + source.count(Entry)
        program = Program(tmp_path)
        killed = program.begin("archive", "copy", "--to", url)
        while there.count(Entry) == 0:  # the first kind of which there is any
            assert killed.poll() is None
            there.refresh()
        killed.kill()
        finish(killed)
        answer = program.do("archive", "copy", "--to", url)
        assert 0 < sum(answer["created"].values()) < total
        assert (answer["differences"], answer["changed"]) == ([], False)
        assert records(there) == records(source)


def test_a_copy_while_somebody_writes_is_completed_afterwards(watched: Watched, url: str) -> None:
    written = count()

    def told(what: str, done: int, of: int) -> None:
        name = f"search {next(written)}"
        watched.archive.create(Saved(make_id("saved", name), name, "jail", NOW))

    with closing(elastic(url)) as there:
        report = copy(watched.archive, there, Choices(), told=told)
        assert report.changed
        report = copy(watched.archive, there, Choices(replace=True, remove=True))
        assert (report.differences, report.changed) == ([], False)
        assert records(there) == records(watched.archive)
        assert report.target["saved"] == next(written)
