"""From a feed's item to what became of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline import flow
from pipeline.acquire import obtain
from pipeline.archive.base import Archive, Stored
from pipeline.ledger import PAUSES
from pipeline.model import Article, Entry, Feed, Quarantined, R, make_id
from tests.integration.asking import article, entry, measures, outcomes, told
from tests.integration.world import FRESNO, NOW, TYLER, Web, World, drive, page, rss, small_web

BEE = "https://bee.example"
TEXT = "\n\n".join(FRESNO[1:])
DAY = timedelta(days=1)


def one(home: Path, url: str = f"{BEE}/fresno", body: bytes | None = None, *, content: str = "") -> World:
    """A world with one feed that has one item."""
    pages = {f"{BEE}/feed": rss("Bee", [(FRESNO[0], url, NOW - DAY)], content=content)}
    if body is not None:
        pages[url] = body
    return World(home, Web(pages))


def test_every_entry_ends_with_a_reason(tmp_path: Path) -> None:
    world = World(tmp_path, small_web())
    with world.tools() as tools:
        world.watch_all(tools)
        drive(tools)
        ends = outcomes(tools)
        assert Counter(outcome for outcome, _ in ends.values()) == {"article": 2, "copy": 1, "discard": 3}
        assert ends["https://post.example/gone"] == ("discard", "Gone: the server answered 404")
        assert ends["https://post.example/guns"] == ("discard", "irrelevant")
        assert entry(tools, "https://bee.example/lunch").score is not None
        assert not tools.archive.get(Article, make_id("article", "https://bee.example/lunch")), "its text is not kept"
        assert [step.step for step in entry(tools, f"{BEE}/fresno").steps][:3] == ["seen", "page", "text"]


@pytest.mark.parametrize("status", [401, 402, 403, 451])
def test_the_feeds_own_text_stands_in_for_a_page_that_is_withheld(tmp_path: Path, status: int) -> None:
    world = one(tmp_path, content=TEXT)
    world.web.answer(f"{BEE}/fresno", status)
    with world.tools() as tools:
        world.watch_all(tools)
        drive(tools)
        kept = article(tools, f"{BEE}/fresno")
        assert kept.text_from == "feed"
        assert "voted 5-2" in kept.text
        (measure,) = measures(tools)
        assert measure.jurisdiction.label == "Fresno, CA"
        assert f"the server answered {status}; the feed's own words are read" in told(tools, f"{BEE}/fresno")


def test_robots_are_heeded(tmp_path: Path) -> None:
    world = one(tmp_path, body=page(FRESNO, NOW - DAY), content=TEXT)
    world.manners.forbidden.add(f"{BEE}/fresno")
    with world.tools() as tools:
        world.watch_all(tools)
        drive(tools)
        assert article(tools, f"{BEE}/fresno").text_from == "feed"
        assert world.web.asked == [f"{BEE}/feed"]


def test_a_paywalls_stub_is_not_the_text(tmp_path: Path) -> None:
    stub = page((FRESNO[0], "Subscribe to continue reading this article."), NOW - DAY)
    world = one(tmp_path, body=stub, content=TEXT)
    with world.tools() as tools:
        world.watch_all(tools)
        drive(tools)
        kept = article(tools, f"{BEE}/fresno")
        assert (kept.text_from, kept.published_origin) == ("feed", "meta"), "the page still dates it"


def test_a_withheld_page_of_which_its_feed_says_little_tells_nobody(tmp_path: Path) -> None:
    world = one(tmp_path, content="Council votes.")
    world.web.answer(f"{BEE}/fresno", 403)
    with world.tools() as tools:
        world.watch_all(tools)
        drive(tools)
        kept = article(tools, f"{BEE}/fresno")
        assert (kept.text_from, kept.fingerprints) == ("feed", ()), "too short to be anybody's copy"


def test_a_host_that_wants_a_pause_is_held_and_asked_again(tmp_path: Path) -> None:
    world = one(tmp_path, body=page(FRESNO, NOW - DAY))
    world.web.answer(f"{BEE}/fresno", 429, retry_after="1800")
    with world.tools() as tools:
        world.watch_all(tools)
        drive(tools)
        assert world.manners.held == [(f"{BEE}/fresno", 1800.0)]
        waiting = entry(tools, f"{BEE}/fresno")
        assert (waiting.outcome, waiting.attempts) == ("waiting", 1)
        due = tools.frontier.dues("entry")[waiting.id]
        assert due == NOW + timedelta(seconds=1800)
        asked = len(world.web.asked)
        world.later(minutes=29)
        flow.take_in_due(tools)
        assert len(world.web.asked) == asked, "not before"
        del world.web.answers[f"{BEE}/fresno"]
        world.later(minutes=1)
        drive(tools)
        assert entry(tools, f"{BEE}/fresno").outcome == "article"
        assert "later: Throttled: the server answered 429" in told(tools, f"{BEE}/fresno")


def test_a_page_that_never_comes_is_read_from_its_feed_in_the_end(tmp_path: Path) -> None:
    world = one(tmp_path, content=TEXT)
    world.web.answer(f"{BEE}/fresno", 500)
    with world.tools() as tools:
        world.watch_all(tools)
        for _ in range(len(PAUSES) + 1):
            drive(tools)
            assert entry(tools, f"{BEE}/fresno").outcome == "waiting"
            world.later(hours=14)
        drive(tools)
        assert entry(tools, f"{BEE}/fresno").outcome == "article"
        assert article(tools, f"{BEE}/fresno").text_from == "feed"
        assert world.web.asked.count(f"{BEE}/fresno") == len(PAUSES) + 1


def test_an_undated_article_stays_undated(tmp_path: Path) -> None:
    world = World(
        tmp_path,
        Web({f"{BEE}/feed": rss("Bee", [(FRESNO[0], f"{BEE}/fresno", None)]), f"{BEE}/fresno": page(FRESNO, None)}),
    )
    with world.tools() as tools:
        world.watch_all(tools)
        drive(tools)
        kept = article(tools, f"{BEE}/fresno")
        assert (kept.published, kept.published_origin) == (None, None)
        assert entry(tools, f"{BEE}/fresno").published is None
        assert "undated" in told(tools, f"{BEE}/fresno")
        assert tools.archive.charts(None, timeline=True).timeline.undated == 1


def test_tracking_does_not_make_another_article(tmp_path: Path) -> None:
    items = [(FRESNO[0], f"{BEE}/fresno?utm_source=rss&fbclid=1", NOW - DAY), (FRESNO[0], f"{BEE}/fresno", NOW - DAY)]
    world = World(tmp_path, Web({f"{BEE}/feed": rss("Bee", items), f"{BEE}/fresno": page(FRESNO, NOW - DAY)}))
    with world.tools() as tools:
        world.watch_all(tools)
        drive(tools)
        assert list(outcomes(tools)) == [f"{BEE}/fresno"]
        assert world.web.asked.count(f"{BEE}/fresno") == 1


def test_a_page_with_two_addresses_is_one_article(tmp_path: Path) -> None:
    head = f"<link rel='canonical' href='{BEE}/fresno'>"
    items = [(FRESNO[0], f"{BEE}/fresno", NOW - DAY), (FRESNO[0], f"{BEE}/fresno/amp", NOW - DAY)]
    world = World(
        tmp_path,
        Web(
            {
                f"{BEE}/feed": rss("Bee", items),
                f"{BEE}/fresno": page(FRESNO, NOW - DAY),
                f"{BEE}/fresno/amp": page(FRESNO, NOW - DAY, head=head),
            }
        ),
    )
    with world.tools() as tools:
        world.watch_all(tools)
        drive(tools)
        ends = sorted(outcomes(tools).values())
        assert ends == [("article", ""), ("discard", "known address")]
        assert tools.archive.count(Article) == 1
        (measure,) = measures(tools)
        assert [len(action.articles) for action in measure.actions] == [1]


def test_an_item_without_a_link_is_read_from_its_feed(tmp_path: Path) -> None:
    body = rss("Bee", [(FRESNO[0], "", NOW - DAY)], content=TEXT)
    world = World(tmp_path, Web({f"{BEE}/feed": body}))
    with world.tools() as tools:
        world.watch_all(tools)
        drive(tools)
        assert [(s.outcome, s.url) for s in (x.record for x in tools.archive.scan(Entry))] == [("article", "")]
        assert len(measures(tools)) == 1


def test_a_second_run_does_nothing_again(tmp_path: Path) -> None:
    world = World(tmp_path, small_web())
    with world.tools() as tools:
        world.watch_all(tools)
        drive(tools)
        before, pages = outcomes(tools), len(world.web.asked)
        world.later(days=2)
        drive(tools)
        assert outcomes(tools) == before
        assert [url for url in world.web.asked[pages:] if not url.endswith("/feed")] == []
        assert len(world.web.asked) == pages + 3


class Read:
    """An archive that counts what is read by id."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self.counts: Counter[type] = Counter()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._archive, name)

    def get(self, kind: type[R], id: str) -> Stored[R] | None:
        """As ``Archive.get``."""
        self.counts[kind] += 1
        return self._archive.get(kind, id)


@pytest.mark.parametrize(("story", "articles"), [(FRESNO, 2), (("Lunch", "The diner has new specials. " * 9), 0)])
def test_nothing_is_read_again_that_was_just_read_or_written(
    tmp_path: Path, story: tuple[str, ...], articles: int
) -> None:
    """On a server each reading is a request. An article is read where others may have changed its story meanwhile."""
    world = one(tmp_path, body=page(story, NOW - DAY))
    with world.tools() as tools:
        world.watch_all(tools)
        flow.poll_due(tools)
        read = Read(tools.archive)
        flow.take_in_due(replace(tools, archive=read))
        assert [outcome for outcome, _ in outcomes(tools).values()] == ["article" if articles else "discard"]
        assert (read.counts[Entry], read.counts[Feed], read.counts[Article]) == (1, 1, articles)


# ------------------------------------------------------------------ leads
def lead(home: Path) -> World:
    """An aggregator names a story of an outlet; both are watched."""
    google = "https://news.google.com"
    link = f"{google}/rss/articles/abc"
    web = Web(
        {
            f"{google}/feed": rss("Aggregated", [(f"{TYLER[0]} - Bee", link, NOW - DAY)], source="Bee"),
            f"{BEE}/feed": rss("Bee", [(TYLER[0], f"{BEE}/tyler", NOW - DAY)]),
            f"{BEE}/tyler": page(TYLER, NOW - DAY),
        }
    )
    return World(home, web)


LEAD = "https://news.google.com/rss/articles/abc"


def test_a_lead_is_joined_to_the_outlets_own_article(tmp_path: Path) -> None:
    world = lead(tmp_path)
    with world.tools() as tools:
        world.watch(tools, "https://news.google.com/feed", kind="aggregator")
        drive(tools)
        assert entry(tools, LEAD).outcome == "waiting"
        world.watch(tools, f"{BEE}/feed")
        for _ in range(2):
            world.later(hours=3)
            drive(tools)
        assert outcomes(tools)[LEAD] == ("discard", "lead")
        assert entry(tools, LEAD).article == article(tools, f"{BEE}/tyler").id
        assert LEAD not in world.web.asked


def test_a_headline_is_kept_when_the_article_does_not_come(tmp_path: Path) -> None:
    world = lead(tmp_path)
    with world.tools() as tools:
        world.watch(tools, "https://news.google.com/feed", kind="aggregator")
        drive(tools)
        for _ in range(25):
            assert entry(tools, LEAD).outcome == "waiting"
            world.later(hours=1)
            drive(tools)
            if entry(tools, LEAD).outcome != "waiting":
                break
        world.later(hours=14)
        drive(tools)
        kept = article(tools, LEAD)
        assert (kept.text_from, kept.text, kept.title) == ("headline", "", TYLER[0])
        assert not any(report.alertable for report in kept.reports), "a headline alone tells nobody"


def test_an_old_lead_waits_for_its_article_all_the_same(tmp_path: Path) -> None:
    """Both feeds are polled for the first time, the aggregator's before the outlet's."""
    world = lead(tmp_path)
    world.later(days=10)
    with world.tools() as tools:
        world.watch(tools, "https://news.google.com/feed", kind="aggregator")
        drive(tools)
        assert entry(tools, LEAD).outcome == "waiting"
        world.watch(tools, f"{BEE}/feed")
        drive(tools)
        flow.wake_leads(tools)
        drive(tools)
        assert outcomes(tools)[LEAD] == ("discard", "lead")


def test_leads_are_tried_again_before_a_run_ends(tmp_path: Path) -> None:
    world = lead(tmp_path)
    with world.tools() as tools:
        world.watch(tools, "https://news.google.com/feed", kind="aggregator")
        flow.poll_due(tools)
        flow.take_in_due(tools)
        world.watch(tools, f"{BEE}/feed")
        drive(tools)
        flow.wake_leads(tools)
        drive(tools)
        assert outcomes(tools)[LEAD] == ("discard", "lead")


# ------------------------------------------------------------------ what an interruption left behind
def test_a_sweep_takes_up_entries_that_are_not_due_anywhere(tmp_path: Path) -> None:
    world = World(tmp_path, small_web())
    with world.tools() as tools:
        flow.sweep(tools)
        world.watch_all(tools)
        flow.poll_due(tools)
        tools.frontier.drop("entry", tools.frontier.dues("entry"))
        assert flow.take_in_due(tools) == 0
        assert flow.sweep(tools) == 6
        assert flow.take_in_due(tools) == 6


def test_a_defect_of_ours_goes_to_quarantine_and_nothing_else_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path, small_web())

    def broken(tools: object, feed: object, kept: Entry, steps: object) -> object:
        if kept.url.endswith("/tyler"):
            raise ZeroDivisionError("by zero")
        return obtain(tools, feed, kept, steps)  # type: ignore[arg-type]

    with world.tools() as tools:
        world.watch_all(tools)
        monkeypatch.setattr(flow, "obtain", broken)
        drive(tools)
        assert outcomes(tools)["https://wire.example/tyler"] == ("quarantine", "ZeroDivisionError: by zero")
        assert [s.record.reason for s in tools.archive.scan(Quarantined)] == ["ZeroDivisionError: by zero"]
        assert [outcome for outcome, _ in outcomes(tools).values()].count("quarantine") == 1
