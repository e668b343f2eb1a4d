"""Copies of a story, and many workers at once: one story, one measure, one alert."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline import flow, repair
from pipeline.alerts.subscriptions import subscribe
from pipeline.archive.base import Archive, Stored, every
from pipeline.joining import join_dockets, join_story
from pipeline.model import Article, Docket, make_id
from tests.integration.asking import actions, alerts, article, measures, outcomes
from tests.integration.world import FRESNO, NOW, TYLER, Web, World, drive, page, rss

BEE, WIRE, POST, SUN = (f"https://{name}.example" for name in ("bee", "wire", "post", "sun"))
DAY = timedelta(days=1)


def web(**stories: tuple[str, ...]) -> Web:
    """One outlet a story."""
    pages = {}
    for name, story in stories.items():
        url = f"https://{name}.example"
        pages[f"{url}/feed"] = rss(name, [(story[0], f"{url}/story", NOW - DAY)])
        pages[f"{url}/story"] = page(story, NOW - DAY)
    return Web(pages)


EDITED = ("Fresno becomes a sanctuary city", "By our staff and the wire.", *FRESNO[1:])
TRUNCATED = (FRESNO[0], *FRESNO[1:3])


def test_copies_make_one_story_whatever_was_cut_off(tmp_path: Path) -> None:
    world = World(tmp_path, web(bee=FRESNO, wire=EDITED, post=TRUNCATED, sun=TYLER))
    with world.tools() as tools:
        world.watch_all(tools)
        drive(tools)
        told = {url: article(tools, f"{url}/story") for url in (BEE, WIRE, POST, SUN)}
        assert len({told[url].story for url in (BEE, WIRE, POST)}) == 1
        assert told[SUN].copy_of is None
        ends = [outcome for outcome, _ in outcomes(tools).values()]
        assert (ends.count("article"), ends.count("copy")) == (2, 2)
        assert tools.archive.search(None, limit=10).total == 4, "copies stay findable"
        (fresno,) = [measure for measure in measures(tools) if measure.jurisdiction.name == "Fresno"]
        (action,) = fresno.actions
        assert len(action.articles) == 3
        assert len({evidence.story for evidence in action.evidence}) == 1


def test_another_report_of_the_same_thing_is_no_copy(tmp_path: Path) -> None:
    own = (
        "Fresno sanctuary ordinance passes 5-2",
        "FRESNO, Calif. — A divided City Council in Fresno adopted a sanctuary ordinance on Tuesday night by a vote of "
        "5-2, ending months of argument over the city's part in deportations.",
        "From April on no police officer in the city may ask anybody where they were born, and no employee may spend "
        "time or money on civil immigration enforcement.",
    )
    world = World(tmp_path, web(bee=FRESNO, wire=own))
    with world.tools() as tools:
        world.watch_all(tools)
        drive(tools)
        assert article(tools, f"{BEE}/story").copy_of is None
        assert article(tools, f"{WIRE}/story").copy_of is None
        (measure,) = measures(tools)
        (action,) = measure.actions
        assert len({evidence.story for evidence in action.evidence}) == 2


class Late:
    """An archive whose searches still call every article pending, as they may for a moment."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def __getattr__(self, name: str) -> Any:
        return getattr(self._archive, name)

    def scan(self, kind: type[Any], *where: Any, **more: Any) -> list[Stored[Any]]:
        found = self._archive.scan(kind, *where, **more)
        return [replace(s, record=replace(s.record, pending=True)) if kind is Article else s for s in found]


@pytest.mark.parametrize("late", [False, True], ids=["", "search is late"])
def test_a_copy_that_holds_two_stories_together_joins_them(tmp_path: Path, late: bool) -> None:
    world = World(tmp_path, web(bee=FRESNO, wire=TYLER))
    with world.tools() as tools:
        world.watch_all(tools)
        drive(tools)
        first, second = article(tools, f"{BEE}/story"), article(tools, f"{WIRE}/story")
        bridge = replace(
            first,
            id=make_id("article", f"{POST}/both"),
            url=f"{POST}/both",
            entry=make_id("article", f"{POST}/both"),
            first_seen=NOW + DAY,
            fingerprints=(*first.fingerprints, *second.fingerprints),
            story="",
            reports=(),
            pending=True,
        )
        version = tools.archive.create(bridge)
        assert version
        searched = replace(tools, archive=Late(tools.archive)) if late else tools
        joined = join_story(searched, Stored(bridge, version)).record
        heads = {s.record.story for s in every(tools.archive, Article)}
        assert heads == {joined.story}
        assert joined.story in (first.id, second.id)
        ends = [outcome for outcome, _ in outcomes(tools).values()]
        assert sorted(ends) == ["article", "copy"], "what was a story of its own is told as a copy"
        assert not any(s.record.pending for s in every(tools.archive, Article) if s.record.id != bridge.id)


def test_a_story_whose_first_article_is_forgotten_has_another_first(tmp_path: Path) -> None:
    world = World(tmp_path, web(bee=FRESNO, wire=EDITED, post=TRUNCATED))
    with world.tools() as tools:
        world.watch_all(tools)
        drive(tools)
        (first,) = [s.record for s in every(tools.archive, Article) if s.record.copy_of is None]
        repair.forget(tools.archive, first.url, now=world.now)
        assert len({s.record.story for s in every(tools.archive, Article)}) == 1
        assert sorted(outcome for outcome, _ in outcomes(tools).values()) == ["article", "copy"]


def together(n: int, work: Callable[[int], Any]) -> list[Any]:
    """Runs ``work(0..n-1)`` in threads that begin at the same moment."""
    gate = threading.Barrier(n)

    def begin(number: int) -> Any:
        gate.wait(30)
        return work(number)

    with ThreadPoolExecutor(n) as pool:
        return list(pool.map(begin, range(n)))


@pytest.mark.parametrize("seed", range(8))
def test_two_workers_with_two_copies_at_once_make_one_story(tmp_path: Path, seed: int) -> None:
    """Whichever is first: the copy that was seen later may be recorded earlier."""
    world = World(tmp_path, web(bee=FRESNO, wire=EDITED))
    with world.tools() as tools:
        world.watch_all(tools)
        tools.archive.create(subscribe(to="reader@example.org", now=world.now))
        flow.poll_due(tools)
        claims = tools.frontier.claim("entry", 2, tools.settings.lease, tools.now())
        claims = claims[:: 1 if seed % 2 else -1]
        together(2, lambda n: flow.take_in(tools, claims[n]))
        drive(tools)
        stories = {s.record.story for s in every(tools.archive, Article)}
        assert len(stories) == 1
        assert stories <= {s.record.id for s in every(tools.archive, Article)}
        assert sorted(outcome for outcome, _ in outcomes(tools).values()) == ["article", "copy"]
        (measure,) = measures(tools)
        assert [len(action.articles) for action in measure.actions] == [2]
        assert len(alerts(tools)) == 1
    assert len(world.outbox.mails) == 1


class Racing:
    """An archive in which an article becomes its own story just after it was read for the first time."""

    def __init__(self, archive: Archive, article: Article) -> None:
        self._archive, self._article, self._raced = archive, article, False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._archive, name)

    def get(self, kind: type[Article], id: str) -> Stored[Article] | None:
        """As ``Archive.get``."""
        found = self._archive.get(kind, id)
        if found and id == self._article.id and not self._raced:
            self._raced = True
            self._archive.replace(replace(self._article, story=id), found.version)
        return found


def test_a_copys_story_is_decided_by_who_writes_first(tmp_path: Path) -> None:
    """The later copy reads the earlier one before its story stands, and would make it its own."""
    world = World(tmp_path, web(bee=FRESNO, wire=EDITED))
    with world.tools() as tools:
        world.watch_all(tools)
        drive(tools)
        one, two = article(tools, f"{BEE}/story"), article(tools, f"{WIRE}/story")
    raced = World(tmp_path / "raced", Web({}))
    one = replace(one, story="", pending=True, first_seen=NOW)
    two = replace(two, story="", pending=True, first_seen=NOW - DAY)
    with raced.tools() as tools:
        tools.archive.create(one)
        version = tools.archive.create(two)
        assert version
        tools.frontier.post(one.id, "bee.example", one.fingerprints, NOW)
        racing = replace(tools, archive=Racing(tools.archive, one))  # type: ignore[arg-type]
        joined = join_story(racing, Stored(two, version)).record
        kept = tools.archive.get(Article, one.id)
        assert kept
        assert joined.story == kept.record.story == one.id


class Overtaken:
    """An archive in which another worker tells an article's story just before we do."""

    def __init__(self, archive: Archive, id: str, story: str) -> None:
        self._archive, self._id, self._story, self._raced = archive, id, story, False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._archive, name)

    def replace(self, record: Article, version: str) -> str:
        """As ``Archive.replace``."""
        if record.id == self._id and not self._raced:
            self._raced = True
            self._archive.replace(replace(record, story=self._story), version)
        return self._archive.replace(record, version)


def test_a_story_that_another_worker_told_us_is_ours(tmp_path: Path) -> None:
    """It has found us, we have not found it; and its own article does not bear the story yet."""
    world = World(tmp_path, web(bee=FRESNO, wire=EDITED))
    with world.tools() as tools:
        world.watch_all(tools)
        drive(tools)
        one, two = (replace(article(tools, f"{url}/story"), story="", pending=True) for url in (BEE, WIRE))
    raced = World(tmp_path / "raced", Web({}))
    with raced.tools() as tools:
        versions = [tools.archive.create(fresh) for fresh in (one, two)]
        assert versions[0]
        overtaken = replace(tools, archive=Overtaken(tools.archive, one.id, two.id))  # type: ignore[arg-type]
        joined = join_story(overtaken, Stored(one, versions[0])).record
        kept = tools.archive.get(Article, one.id)
        assert kept
        assert joined.story == kept.record.story == two.id


def test_eight_workers_join_one_docket(tmp_path: Path) -> None:
    world = World(tmp_path, web(bee=FRESNO))
    with world.tools() as tools:
        world.watch_all(tools)
        drive(tools)
        model = article(tools, f"{BEE}/story")
    fresh = World(tmp_path / "fresh", Web({}))
    with fresh.tools() as tools:
        told = [
            replace(model, id=f"{n:024x}", url=f"https://o{n}.example/a", source=f"o{n}", story=f"{n:024x}")
            for n in range(8)
        ]
        for one in told:
            tools.archive.create(one)
        joined = together(8, lambda n: join_dockets(tools, told[n], []))
        assert len({measure for taken in joined for measure in taken.measures}) == 1
        (measure,) = measures(tools)
        (action,) = actions(tools)
        assert set(action.articles) == {one.id for one in told}, "no report was lost"
        (docket,) = [stored.record for stored in every(tools.archive, Docket)]
        assert [notice.kind for notice in docket.notices] == ["new"]
        assert measure.id == docket.notices[0].measure


def test_a_mail_goes_out_once_however_many_deliver(tmp_path: Path) -> None:
    world = World(tmp_path, web(bee=FRESNO, wire=TYLER))
    with world.tools() as tools:
        world.watch_all(tools)
        for n in range(5):
            tools.archive.create(subscribe(to=f"reader{n}@example.org", now=world.now))
        flow.poll_due(tools)
        flow.take_in_due(tools)
        flow.sweep(tools)
        together(6, lambda _: flow.deliver_due(tools))
        assert {row.state for row in alerts(tools)} == {"sent"}
    assert len(world.outbox.mails) == 10
    assert len(set(world.outbox.ids())) == 10


def test_many_processes_share_the_work(tmp_path: Path) -> None:
    """Each with its own stores, as two runs on one home have."""
    world = World(tmp_path, web(bee=FRESNO, wire=EDITED, post=TRUNCATED, sun=TYLER))
    with world.tools() as tools:
        world.watch_all(tools)
        tools.archive.create(subscribe(to="reader@example.org", now=world.now))
        flow.sweep(tools)  # the first sweep fills the frontier, which makes every feed due

    def life(_: int) -> None:
        with world.tools() as own:
            flow.poll_due(own)
            flow.take_in_due(own)
            flow.sweep(own)
            flow.deliver_due(own)

    together(4, life)
    with world.tools() as tools:
        drive(tools)
        assert len(measures(tools)) == 2
        assert sum(len(action.articles) for action in actions(tools)) == 4
    assert len(world.outbox.mails) == 2
    assert len(world.web.asked) == len(set(world.web.asked)) == 8
