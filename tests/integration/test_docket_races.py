"""Many workers with many accounts of the same measures at once: the archive's compare-and-set keeps each measure one.

The accounts are the histories of ``tests/quality``, read by the real rules; what must come out is written there.
"""

from __future__ import annotations

import multiprocessing
import random
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from analyst.answers.dockets import docket as docket_answer
from analyst.answers.dockets import measure as measure_answer
from pipeline import flow, repair
from pipeline.alerts import outbox
from pipeline.alerts.subscriptions import subscribe
from pipeline.archive import open_archive
from pipeline.archive.base import Archive, every
from pipeline.archive.query import parse
from pipeline.errors import NotKnown, UserError
from pipeline.joining import join_dockets, join_story
from pipeline.model import Alert, Article, Docket, Measure, make_id
from pipeline.policy.docket.owing import FOUNDING, resolve
from pipeline.tools import Tools
from tests.conformance.conftest import ARCHIVES
from tests.integration.world import Web, World
from tests.quality.test_docket_orders import HISTORIES, NAMES, articles, expected, shape
from tests.servers.elasticsearch import own_archive_url

BEFORE_ALL = datetime(2024, 1, 1, tzinfo=UTC)
"""Nothing is old news yet: only the order is tried."""
WANTED = sorted(row for history in HISTORIES for row in expected(history))


def everything() -> list[Article]:
    return [replace(article, pending=True) for name in NAMES for article in articles(name)]


@pytest.fixture(params=list(ARCHIVES))
def tools(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Tools]:
    """A process' tools around an archive of each kind."""
    archive = ARCHIVES[request.param](tmp_path)
    world = World(tmp_path / "home", Web({}), now=BEFORE_ALL)
    with world.tools() as own:
        yield replace(own, archive=archive)
    archive.close()


def dockets(archive: Archive) -> dict[str, Docket]:
    archive.refresh()
    return {stored.record.id: stored.record for stored in every(archive, Docket)}


def live(archive: Archive) -> list[Measure]:
    return [m for docket in dockets(archive).values() for m in docket.measures if not m.merged_into]


def take_in(tools: Tools, article: Article) -> None:
    """What a worker does with one article, its alerts included."""
    for docket_id in join_dockets(tools, article, []).dockets:
        flow.expand_notices(tools, docket_id)


def check_alerts(archive: Archive) -> None:
    """One alert that tells a measure as new for each notice that does; none for what was muted."""
    found = dockets(archive)
    notices = [notice for docket in found.values() for notice in docket.notices]
    assert all(notice.done for notice in notices)
    rows = [stored.record for stored in every(archive, Alert) if stored.record.kind in FOUNDING]
    assert len(rows) == len({row.id for row in rows}) == len(WANTED)
    told = {resolve(found[row.docket], row.measure)[1] for row in rows}
    assert told == {measure.id for measure in live(archive)}


@pytest.mark.parametrize("seed", range(2))
def test_eight_threads_with_every_account_twice(tools: Tools, seed: int) -> None:
    tools.archive.create(subscribe(to="reader@example.org", now=BEFORE_ALL))
    told = everything()
    for article in told:
        assert tools.archive.create(article)
    work = told * 2
    random.Random(seed).shuffle(work)
    gate = threading.Barrier(8)

    def worker(number: int) -> None:
        gate.wait(30)
        for article in work[number::8]:
            take_in(tools, article)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(worker, range(8)))
    assert shape(dockets(tools.archive)) == WANTED
    check_alerts(tools.archive)


def process(url: str, home: str, seed: int) -> None:
    """Another process with every account, in an order of its own."""
    archive = open_archive(url)
    with World(Path(home), Web({}), now=BEFORE_ALL).tools() as own:
        tools = replace(own, archive=archive, rng=random.Random(seed))
        told = [stored.record for stored in every(archive, Article)]
        random.Random(seed).shuffle(told)
        for article in told:
            take_in(tools, article)
    archive.close()


@contextmanager
def sqlite_url(folder: Path) -> Iterator[str]:
    yield f"sqlite:///{folder / 'archive.sqlite3'}"


@contextmanager
def elasticsearch_url(_: Path) -> Iterator[str]:
    with own_archive_url() as url:
        yield f"{url}?replicas=0"


@pytest.mark.parametrize("address", [sqlite_url, elasticsearch_url])
def test_four_processes_with_every_account_each(
    tmp_path: Path, address: Callable[[Path], AbstractContextManager[str]]
) -> None:
    with address(tmp_path) as url:
        _race(url, tmp_path)


def _race(url: str, tmp_path: Path) -> None:
    archive = open_archive(url)
    archive.create(subscribe(to="reader@example.org", now=BEFORE_ALL))
    for article in everything():
        assert archive.create(article)
    archive.refresh()
    spawn = multiprocessing.get_context("spawn")
    children = [spawn.Process(target=process, args=(url, str(tmp_path / f"home{n}"), n)) for n in range(4)]
    for child in children:
        child.start()
    for child in children:
        child.join(120)
        assert child.exitcode == 0
    assert shape(dockets(archive)) == WANTED
    check_alerts(archive)
    archive.close()


def test_a_repair_and_reports_at_once(tools: Tools) -> None:
    """An analyst merges two measures while workers bring more accounts of both: nothing is lost, none is new twice."""
    tools.archive.create(subscribe(to="reader@example.org", now=BEFORE_ALL))
    told = [replace(article, pending=True) for article in articles("Evanston: two measures of one night")]
    for article in told:
        assert tools.archive.create(article)
    for article in told:
        take_in(tools, article)
    one, two = live(tools.archive)
    more = [
        replace(article, id=make_id("more", str(n), article.id), url=f"https://more{n}.example/{article.id}",
                source=f"More {n}", story=make_id("more", str(n), article.id))
        for n in range(4) for article in told
    ]  # fmt: skip
    for article in more:
        assert tools.archive.create(article)
    gate = threading.Barrier(5)

    def worker(number: int) -> None:
        gate.wait(30)
        if number == 4:
            repair.merge(tools.archive, one.id, two.id, why="one ordinance", now=BEFORE_ALL + timedelta(days=1))
            return
        for article in more[number::4]:
            take_in(tools, article)

    with ThreadPoolExecutor(5) as pool:
        list(pool.map(worker, range(5)))
    (kept,) = live(tools.archive)
    assert kept.id == two.id
    assert {a for action in kept.actions for a in action.articles} == {a.id for a in (*told, *more)}
    (docket,) = dockets(tools.archive).values()
    flow.expand_notices(tools, docket.id)
    tools.archive.refresh()
    kinds = [stored.record.kind for stored in every(tools.archive, Alert)]
    assert sorted(kinds) == ["correction", "new", "new"]
    with pytest.raises(UserError, match="no docket holds"):
        repair.find(tools.archive, one.id)


# ------------------------------------------------------------------ a measure that was none
def test_a_retracted_measure_is_found_nowhere_and_who_was_told_is_corrected(tools: Tools) -> None:
    archive = tools.archive
    for name in ("early", "slow"):
        archive.create(subscribe(to=f"{name}@example.org", now=BEFORE_ALL))
    told = [replace(a, pending=True, entry=a.id, story="") for a in articles("Doña Ana County: spellings")]
    for article in told[:3]:
        assert archive.create(article)
        flow.record(tools, article.id)
    (measure,) = live(archive)
    archive.refresh()
    rows = [stored.record for stored in every(archive, Alert)]
    assert [row.kind for row in rows] == ["new", "new"]
    mailed, waiting = sorted(rows, key=lambda row: row.id)
    archive.refresh()
    assert archive.search(parse(f"measure:{measure.id}"), limit=5).total == 3
    stored = archive.get(Alert, mailed.id)
    assert stored
    archive.replace(outbox.sent(outbox.claim(mailed, tools.now()), tools.now()), stored.version)

    docket = repair.retract(archive, measure.id, why="a rally, no vote", now=tools.now() + timedelta(hours=1))
    assert repair.retract(archive, measure.id, why="again", now=tools.now() + timedelta(hours=2)) == docket
    assert live(archive) == []
    assert docket_answer(archive)["measures"] == []
    archive.refresh()
    assert archive.search(parse(f"measure:{measure.id}"), limit=5).total == 0
    with pytest.raises(NotKnown):
        measure_answer(archive, measure.id)
    flow.expand_notices(tools, docket.id)
    archive.refresh()
    corrections = [s.record for s in every(archive, Alert) if s.record.kind == "correction"]
    assert {row.subscription: row.state for row in corrections} == {
        mailed.subscription: "waiting",
        waiting.subscription: "suppressed",
    }
    kept = archive.get(Alert, waiting.id)
    assert kept
    assert (kept.record.state, kept.record.reason) == ("suppressed", "the measure was withdrawn")

    assert archive.create(told[3])
    flow.record(tools, told[3].id)
    assert live(archive) == []
    fourth = archive.get(Article, told[3].id)
    assert fourth
    assert fourth.record.measures == ()
    archive.refresh()
    assert len([s for s in every(archive, Alert) if s.record.kind == "new"]) == 2
    flow.deliver_due(tools)
    (subject,) = tools.transport.subjects()  # type: ignore[attr-defined]  # the World's outbox
    assert subject.startswith("Correction: Dona Ana County, NM")


# ------------------------------------------------------------------ copies that hold two stories together
def test_two_settled_stories_that_a_third_copy_joins_are_one_source(tools: Tools) -> None:
    first, second = _two_stories(tools)
    (action,) = live(tools.archive)[0].actions
    assert len({piece.story for piece in action.evidence}) == 2
    sure = action.confidence
    bridge = _bridge(tools, first, second)
    flow.record(tools, bridge.id)
    (action,) = live(tools.archive)[0].actions
    assert {piece.story for piece in action.evidence} == {first.id}
    assert action.confidence < sure
    tools.archive.refresh()
    assert list(every(tools.archive, Article, {"pending": "1"})) == []


def test_a_worker_that_dies_before_the_dockets_know_leaves_it_to_the_sweep(
    tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = _two_stories(tools)
    bridge = tools.archive.get(Article, _bridge(tools, first, second).id)
    assert bridge
    with monkeypatch.context() as patch:
        patch.setattr("pipeline.joining.join_dockets", _dies)
        with pytest.raises(KeyboardInterrupt):
            join_story(tools, bridge)
    tools.archive.refresh()
    (action,) = live(tools.archive)[0].actions
    assert len({piece.story for piece in action.evidence}) == 2
    for _ in range(3):
        flow.sweep(tools)
        tools.archive.refresh()
    (action,) = live(tools.archive)[0].actions
    assert {piece.story for piece in action.evidence} == {first.id}


def _dies(*_: object) -> None:
    raise KeyboardInterrupt


def _two_stories(tools: Tools) -> list[Article]:
    """Two outlets' accounts of one vote, which share no words as far as anybody knows."""
    made = []
    for n, article in enumerate(articles("Kalamazoo County: adopted and rescinded")[:2]):
        prints = tuple(range(1000 * (n + 1), 1000 * (n + 1) + 40))
        own = replace(article, pending=True, story="", fingerprints=prints, entry=article.id)
        assert tools.archive.create(own)
        flow.record(tools, own.id)
        stored = tools.archive.get(Article, own.id)
        assert stored
        assert not stored.record.pending
        made.append(stored.record)
    assert made[0].story != made[1].story
    return made


def _bridge(tools: Tools, first: Article, second: Article) -> Article:
    """A third outlet that ran both texts one behind the other."""
    name = make_id("article", "https://third.example/both")
    bridge = replace(
        first, id=name, url="https://third.example/both", entry=name, source="Third", story="", pending=True,
        fingerprints=(*first.fingerprints, *second.fingerprints), reports=(),
    )  # fmt: skip
    assert tools.archive.create(bridge)
    return bridge
