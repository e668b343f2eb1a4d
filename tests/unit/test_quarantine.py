"""Everything that can be in quarantine can be tried again and given up, with the effect one expects."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline import flow
from pipeline.alerts.subscriptions import subscribe
from pipeline.errors import Crashed
from pipeline.ledger import decide, drop_quarantined, quarantine, retry_quarantined
from pipeline.model import Alert, Article, Audit, Docket, Entry, Feed, Quarantined
from pipeline.policy.docket.audit import intend_id
from pipeline.tools import Tools
from tests.integration.world import World, drive, small_web


@pytest.fixture
def tools(tmp_path: Path) -> Iterator[Tools]:
    """The small web, read to its end, with nothing in quarantine."""
    world = World(tmp_path, small_web())
    with world.tools() as made:
        world.watch_all(made)
        made.archive.create(subscribe(to="reader@example.org", now=world.now))
        drive(made)
        yield made


def keep(tools: Tools, what: str, key: str) -> Quarantined:
    quarantine(tools, what, key, "", "step", Crashed("5 workers died over it"))
    (stored,) = tools.archive.scan(Quarantined)
    return stored.record


def retry(tools: Tools, kept: Quarantined) -> None:
    retry_quarantined(tools.archive, tools.frontier, kept, now=tools.now)
    assert tools.archive.count(Quarantined) == 0


def drop(tools: Tools, kept: Quarantined) -> None:
    drop_quarantined(tools.archive, kept, now=tools.now)
    assert tools.archive.count(Quarantined) == 0


def test_feed(tools: Tools) -> None:
    feed = tools.archive.scan(Feed)[0].record
    before = tools.frontier.dues("feed")[feed.id]
    drop(tools, keep(tools, "feed", feed.id))
    assert tools.frontier.dues("feed")[feed.id] == before > tools.now()
    retry(tools, keep(tools, "feed", feed.id))
    assert tools.frontier.dues("feed")[feed.id] == tools.now()


def test_entry(tools: Tools) -> None:
    stored = next(s for s in tools.archive.scan(Entry) if s.record.outcome == "discard")
    tools.archive.replace(replace(stored.record, outcome="waiting"), stored.version)
    decide(tools, stored.record.id, "quarantine", "Crashed: it died", [])
    kept = keep(tools, "entry", stored.record.id)
    drop(tools, kept)
    flow.sweep(tools)
    assert tools.archive.count(Entry, {"outcome": "quarantine"}) == 1
    assert stored.record.id not in tools.frontier.dues("entry")
    retry(tools, keep(tools, "entry", stored.record.id))
    assert tools.frontier.dues("entry")[stored.record.id] == tools.now()


def pending(tools: Tools) -> Article:
    stored = next(s for s in tools.archive.scan(Article) if s.record.reports)
    article = replace(stored.record, pending=True, measures=())
    tools.archive.replace(article, stored.version)
    return article


def test_article(tools: Tools) -> None:
    article = pending(tools)
    retry(tools, keep(tools, "article", article.id))
    assert flow.sweep_articles(tools) == 1
    again = tools.archive.get(Article, article.id)
    assert again
    assert again.record.measures
    article = pending(tools)
    drop(tools, keep(tools, "article", article.id))
    assert flow.sweep_articles(tools) == 0, "it is not taken up again"
    left = tools.archive.get(Article, article.id)
    assert left
    assert (left.record.pending, left.record.measures) == (False, ())
    assert left.record.story


def owing(tools: Tools) -> Docket:
    stored = tools.archive.scan(Docket)[0]
    notices = tuple(replace(notice, done=False) for notice in stored.record.notices)
    measure = stored.record.measures[0].id
    audit = Audit(intend_id(stored.record.id, measure, "nowhere", "none"), tools.now(), "begins", "")
    docket = replace(stored.record, notices=notices, audit=(*stored.record.audit, audit))
    tools.archive.replace(docket, stored.version)
    return docket


def test_docket(tools: Tools) -> None:
    docket = owing(tools)
    retry(tools, keep(tools, "docket", docket.id))
    assert flow.sweep_notices(tools) == 1
    assert flow.owing(tools) == []
    docket = owing(tools)
    sent = tools.archive.count(Alert)
    drop(tools, keep(tools, "docket", docket.id))
    assert flow.owing(tools) == [], "it owes nothing any more"
    assert tools.archive.count(Alert) == sent
    left = tools.archive.get(Docket, docket.id)
    assert left
    assert all(notice.done for notice in left.record.notices)


def test_alert(tools: Tools) -> None:
    stored = tools.archive.scan(Alert)[0]
    given_up = replace(stored.record, state="suppressed", attempts=14, due=tools.now() - timedelta(days=1))
    tools.archive.replace(given_up, stored.version)
    drop(tools, keep(tools, "alert", given_up.id))
    flow.deliver_due(tools)
    assert tools.archive.count(Alert, {"state": "suppressed"}) == 1
    retry(tools, keep(tools, "alert", given_up.id))
    flow.deliver_due(tools)
    again = tools.archive.get(Alert, given_up.id)
    assert again
    assert (again.record.state, again.record.attempts) == ("sent", 1)


def test_an_alert_over_which_workers_die_is_given_up(tools: Tools) -> None:
    stored = tools.archive.scan(Alert)[0]
    tools.archive.replace(replace(stored.record, state="waiting", attempts=14), stored.version)
    flow.deliver_due(tools)
    (kept,) = tools.archive.scan(Quarantined)
    assert (kept.record.what, kept.record.key, kept.record.error) == ("alert", stored.record.id, "Crashed")
    assert tools.archive.count(Alert, {"state": "suppressed"}) == 1
