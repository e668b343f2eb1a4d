"""Feeds over time: failures, recovery, moves, poison."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from analyst import answers
from pipeline import flow
from pipeline.acquire import take_response
from pipeline.errors import Crashed
from pipeline.ledger import retry_quarantined
from pipeline.model import Feed, Quarantined, make_id
from pipeline.survival import MAX_DEATHS
from pipeline.tools import Tools
from pipeline.watching import find, unwatch
from tests.integration.asking import entry, measures, outcomes
from tests.integration.world import FRESNO, NOW, TYLER, Web, World, drive, page, rss, small_web

BEE = "https://bee.example"


def feed(tools: Tools, url: str = f"{BEE}/feed") -> Feed:
    """A feed's record."""
    stored = find(tools.archive, url)
    assert stored
    return stored.record


def test_without_network_every_feed_says_so_and_all_recover(tmp_path: Path) -> None:
    world = World(tmp_path, small_web())
    world.web.down = True
    with world.tools() as tools:
        world.watch_all(tools)
        waits = []
        for _ in range(6):
            drive(tools)
            rows = answers.feeds(tools.archive, tools.frontier, tools.now)["feeds"]
            assert [row["error"] and row["error"]["class"] for row in rows] == ["Unreachable"] * 3
            assert not any(row["healthy"] for row in rows)
            waits.append(min(tools.frontier.dues("feed").values()) - world.now)
            world.later(days=8)
        assert waits[0] >= timedelta(minutes=15)
        assert waits[-1] > 2 * waits[0], "ever less often"
        assert tools.archive.count(Quarantined) == 0
        world.web.down = False
        drive(tools)
        rows = answers.feeds(tools.archive, tools.frontier, tools.now)["feeds"]
        assert all(row["healthy"] and row["error"] is None for row in rows)
        assert len(outcomes(tools)) == 6


def test_a_feed_keeps_its_health_when_the_frontier_is_lost(tmp_path: Path) -> None:
    world = World(tmp_path, small_web())
    with world.tools() as tools:
        world.watch_all(tools)
        drive(tools)
        world.web.answer(f"{BEE}/feed", 404)
        world.later(days=2)
        drive(tools)
        tools.frontier.clear()
        (row,) = [row for row in answers.feeds(tools.archive, tools.frontier, tools.now)["feeds"] if row["error"]]
        assert row["error"] == {"class": "Gone", "reason": "the server answered 404"}
        assert row["last_success"] == "2026-03-05T18:00:00Z"


def test_a_permanent_redirect_is_adopted_late(tmp_path: Path) -> None:
    new = f"{BEE}/rss/feed"
    world = World(tmp_path, small_web())
    with world.tools() as tools:
        world.watch_all(tools)
        drive(tools)
        known = feed(tools).id
        world.web.move(f"{BEE}/feed", new)
        moved_after = 0
        for day in range(1, 60):
            world.later(days=1)
            drive(tools)
            if feed_by_id(tools, known).url == new:
                moved_after = day
                break
        assert moved_after >= 7
        assert feed(tools, new).id == known, "it stays the same feed"
        asked = len(world.web.asked)
        world.later(days=2)
        drive(tools)
        assert new in world.web.asked[asked:]
        assert f"{BEE}/feed" not in world.web.asked[asked:]
        assert len(outcomes(tools)) == 6, "nothing is new because of it"


def feed_by_id(tools: Tools, id: str) -> Feed:
    """A feed by its id."""
    stored = tools.archive.get(Feed, id)
    assert stored
    return stored.record


def test_a_temporary_redirect_is_never_adopted(tmp_path: Path) -> None:
    world = World(tmp_path, small_web())
    with world.tools() as tools:
        world.watch_all(tools)
        drive(tools)
        world.web.move(f"{BEE}/feed", f"{BEE}/rss/feed", permanent=False)
        for _ in range(40):
            world.later(days=1)
            drive(tools)
        assert feed(tools).url == f"{BEE}/feed"


def test_what_a_removed_feed_brought_stays(tmp_path: Path) -> None:
    world = World(tmp_path, small_web())
    with world.tools() as tools:
        world.watch_all(tools)
        flow.poll_due(tools)
        unwatch(tools.archive, tools.frontier, f"{BEE}/feed")
        drive(tools)
        assert entry(tools, f"{BEE}/fresno").outcome in ("article", "copy")
        asked = len(world.web.asked)
        world.later(days=2)
        drive(tools)
        assert f"{BEE}/feed" not in world.web.asked[asked:]


def test_new_items_are_taken_in_and_old_ones_are_not_again(tmp_path: Path) -> None:
    world = World(tmp_path, Web({f"{BEE}/feed": rss("Bee", [(FRESNO[0], f"{BEE}/fresno", NOW)])}))
    world.web.pages[f"{BEE}/fresno"] = page(FRESNO, NOW)
    with world.tools() as tools:
        world.watch_all(tools)
        drive(tools)
        world.web.pages |= {
            f"{BEE}/feed": rss("Bee", [(FRESNO[0], f"{BEE}/fresno", NOW), (TYLER[0], f"{BEE}/tyler", NOW)]),
            f"{BEE}/tyler": page(TYLER, NOW),
        }
        world.later(hours=2)
        drive(tools)
        assert len(measures(tools)) == 2
        assert world.web.asked.count(f"{BEE}/fresno") == 1


# ------------------------------------------------------------------ what kills its worker
class Died(BaseException):
    """The process is gone."""


def test_an_entry_that_kills_its_workers_ends_in_quarantine_and_only_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path, small_web())
    poison = "https://wire.example/tyler"
    get = world.web.get

    def deadly(url: str, **more: object) -> object:
        if url == poison:
            raise Died(url)
        return get(url, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(world.web, "get", deadly)
    with world.tools() as tools:
        world.watch_all(tools)
    deaths = 0
    for _ in range(3 * MAX_DEATHS):
        with world.tools() as tools:
            try:
                drive(tools)
                break
            except Died:
                deaths += 1
        world.later(minutes=5)  # its lease is over
    assert deaths == MAX_DEATHS
    with world.tools() as tools:
        ends = outcomes(tools)
        assert ends.pop(poison) == ("quarantine", f"Crashed: {MAX_DEATHS} workers died over this entry")
        assert "quarantine" not in {outcome for outcome, _ in ends.values()}, "its neighbours are not to blame"
        (kept,) = [stored.record for stored in tools.archive.scan(Quarantined)]
        assert (kept.what, kept.url, kept.error) == ("entry", poison, Crashed.__name__)
        monkeypatch.undo()
        retry_quarantined(tools.archive, tools.frontier, kept, now=tools.now)
        drive(tools)
        assert outcomes(tools)[poison] == ("article", "")
        assert tools.archive.count(Quarantined) == 0


def test_a_feed_that_kills_its_workers_is_put_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(tmp_path, small_web())

    def deadly(tools: Tools, known: Feed, *args: object) -> object:
        if known.url == f"{BEE}/feed":
            raise Died
        return take_response(tools, known, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(flow, "take_response", deadly)
    with world.tools() as tools:
        world.watch_all(tools)
    deaths = 0
    for _ in range(3 * MAX_DEATHS):
        with world.tools() as tools:
            try:
                drive(tools)
                break
            except Died:
                deaths += 1
        world.later(minutes=5)
    assert deaths == MAX_DEATHS
    with world.tools() as tools:
        (kept,) = [stored.record for stored in tools.archive.scan(Quarantined)]
        assert (kept.what, kept.key) == ("feed", make_id("feed", f"{BEE}/feed"))
        failure = feed(tools).failure
        assert failure
        assert failure.error == "Crashed"
        assert len(outcomes(tools)) == 4, "the others were read"
        monkeypatch.undo()
        retry_quarantined(tools.archive, tools.frontier, kept, now=tools.now)
        drive(tools)
        assert len(outcomes(tools)) == 6
        assert feed(tools).failure is None


def test_what_a_dead_process_had_leased_does_not_count_as_idle(tmp_path: Path) -> None:
    """Or a run until idle that follows on a kill would end before it began."""
    world = World(tmp_path, small_web())
    with world.tools() as tools:
        world.watch_all(tools)
        tools.frontier.set_filled()
        tools.frontier.claim("feed", 8, tools.settings.lease, tools.now())
        assert not flow.is_idle(tools), "somebody is at work"
        world.later(minutes=5)
        assert not flow.is_idle(tools), "somebody was, and is no more"
        drive(tools)
        assert len(outcomes(tools)) == 6
        assert flow.is_idle(tools)
