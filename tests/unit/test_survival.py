"""What kills its worker again and again ends in quarantine, also when nobody had claimed it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline import flow
from pipeline.errors import Unavailable
from pipeline.model import Article, Docket, Quarantined, Step, make_id
from pipeline.survival import KIND, MAX_DEATHS, survive
from pipeline.tools import Tools
from tests.integration.world import World, drive, small_web


class Killed(BaseException):
    """The process is gone."""


@pytest.fixture
def tools(tmp_path: Path) -> Iterator[Tools]:
    world = World(tmp_path, small_web())
    with world.tools() as made:
        world.watch_all(made)
        drive(made)
        yield made


def kill() -> None:
    raise Killed


def test_so_many_deaths_and_no_more(tools: Tools) -> None:
    done: list[str] = []
    for _ in range(MAX_DEATHS):
        with pytest.raises(Killed):
            survive(tools, "docket", "d", "", "tell", kill)
    survive(tools, "docket", "d", "", "tell", lambda: done.append("again"))
    assert done == []
    kept = tools.archive.get(Quarantined, make_id("quarantine", "docket", "d"))
    assert kept
    assert (kept.record.error, kept.record.reason) == ("Crashed", "5 workers died over this docket")
    survive(tools, "docket", "d", "", "tell", lambda: done.append("once more"))
    assert done == ["once more"], "taken out of quarantine, it has as many lives as before"
    assert tools.frontier.notes(KIND) == {}


def test_what_ends_well_or_waits_for_a_server_is_no_death(tools: Tools) -> None:
    def away() -> None:
        raise Unavailable("the archive is away")

    for _ in range(2 * MAX_DEATHS):
        survive(tools, "article", "a", "", "record", lambda: None)
        with pytest.raises(Unavailable):
            survive(tools, "article", "a", "", "record", away)
    assert tools.archive.count(Quarantined) == 0


def test_what_fails_goes_to_quarantine_at_once(tools: Tools) -> None:
    def fail() -> None:
        raise ZeroDivisionError("in the numbers")

    survive(tools, "article", "a", "https://bee.example/1", "record", fail)
    (kept,) = tools.archive.scan(Quarantined)
    assert (kept.record.what, kept.record.url) == ("article", "https://bee.example/1")
    assert kept.record.reason == "ZeroDivisionError: in the numbers"


def test_a_pending_article_that_kills_is_given_up_and_keeps_no_other_waiting(
    tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    for stored in tools.archive.scan(Article):
        tools.archive.replace(replace(stored.record, pending=True), stored.version)
    poison = tools.archive.scan(Article)[0].record.id
    record = flow.record

    def dies(tools: Tools, article_id: str, steps: list[Step] | None = None) -> None:
        if article_id == poison:
            raise Killed
        record(tools, article_id, steps)

    monkeypatch.setattr(flow, "record", dies)
    for _ in range(MAX_DEATHS):
        with pytest.raises(Killed):
            flow.sweep_articles(tools)
    flow.sweep_articles(tools)
    assert [stored.record.id for stored in tools.archive.scan(Article, {"pending": "1"})] == [poison]
    assert [stored.record.key for stored in tools.archive.scan(Quarantined)] == [poison]
    assert flow.orphans(tools) == []
    assert tools.archive.count(Docket, {"open": "1"}) == 0
