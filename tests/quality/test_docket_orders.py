"""Histories of measures, read by the real rules and taken in by the real docket, in every order that matters.

``data/histories.toml`` tells what several outlets wrote about real places' made-up measures. Whatever the order of
arrival, the same measures must come out: their number, their actions, dates and votes, and for each exactly one
notice that tells it as new.
"""

from __future__ import annotations

import itertools
import random
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from pipeline.model import Article, Docket, Measure, Report, make_id
from pipeline.policy import kinds, read
from pipeline.policy.docket import join
from pipeline.policy.docket.families import stage_family
from pipeline.policy.docket.owing import FOUNDING, resolve
from pipeline.policy.lexicon import lexicon
from tests.unit.policy.builders import minting

HISTORIES: list[dict[str, Any]] = tomllib.loads((Path(__file__).parent / "data" / "histories.toml").read_text("utf-8"))[
    "history"
]
NAMES = [history["name"] for history in HISTORIES]
NO_GUARD = 1_000_000
"""``news_days`` where only the order is tried: nothing is old."""
SHUFFLES = 60

Told = tuple[Report, Article]
Shape = list[tuple[Any, ...]]


def at_noon(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T15:00").replace(tzinfo=UTC)


@cache
def articles(name: str) -> list[Article]:
    """The history's articles with what the real reading finds in them."""
    history = next(history for history in HISTORIES if history["name"] == name)
    return [_article(row) for row in history["report"]]


def _article(row: dict[str, Any]) -> Article:
    url = f"https://{make_id(row['outlet'])[:8]}.example/{make_id(row['title'])[:8]}"
    source_kind = row.get("source_kind") or kinds.source_kind_of(lexicon(), row["outlet"])
    found = read(row["title"], row["text"], published=row["published"], source=row["outlet"], source_kind=source_kind)
    return Article(
        id=make_id("article", url),
        url=url,
        title=row["title"],
        text=row["text"],
        source=row["outlet"],
        source_kind=source_kind,
        home="",
        feed="feed",
        entry="entry",
        first_seen=at_noon(row["published"]) + timedelta(hours=1),
        published=at_noon(row["published"]),
        kind=found.kind,
        reports=found.reports,
        story=make_id("article", url),
    )


def take_in(order: Iterable[Article], *, now: datetime | None = None, news_days: int = NO_GUARD) -> dict[str, Docket]:
    """The dockets after the articles, each taken in when it was seen, or all at ``now``."""
    dockets: dict[str, Docket] = {}
    mint = minting()
    for article in order:
        for report in article.reports:
            key = report.jurisdiction.key
            moment = now or article.first_seen
            joined = join(dockets.get(key), report, article, now=moment, news_days=news_days, mint=mint)
            dockets[key] = joined.docket
    return dockets


def measures(dockets: dict[str, Docket]) -> list[Measure]:
    return [measure for docket in dockets.values() for measure in docket.measures if not measure.merged_into]


def vote_of(action: Any) -> str:
    vote = action.vote
    return f"{vote.ayes}-{vote.noes}" if vote is not None and vote.ayes is not None else ""


def shape(dockets: dict[str, Docket]) -> Shape:
    """What the dockets say, without ids: place, direction, actions, and what was told as new."""
    found = []
    for docket in dockets.values():
        for measure in docket.measures:
            if measure.merged_into:
                continue
            about = [n for n in docket.notices if resolve(docket, n.measure)[1] == measure.id]
            founding = [n.kind for n in about if n.kind in FOUNDING and not n.muted]
            actions = sorted((a.date, stage_family(a.stage), vote_of(a)) for a in measure.actions)
            found.append((measure.jurisdiction.label, measure.direction, tuple(founding), tuple(actions)))
    return sorted(found)


def expected(history: dict[str, Any]) -> Shape:
    rows = []
    for wanted in history["measures"].values():
        actions = []
        for action in wanted["actions"]:
            stage, day, *tally = action.split()
            actions.append((day, stage_family(stage), tally[0] if tally else ""))
        rows.append((history["place"], wanted["direction"], (wanted["alert"],), tuple(sorted(actions))))
    return sorted(rows)


def orders(told: Sequence[Article]) -> Iterator[tuple[Article, ...]]:
    """Every permutation of up to five articles; of more every pair in front, and seeded shuffles."""
    if len(told) <= 5:
        yield from itertools.permutations(told)
        return
    for first, second in itertools.permutations(told, 2):
        yield (first, second, *(other for other in told if other not in (first, second)))
    dice = random.Random(len(told))
    for _ in range(SHUFFLES):
        yield tuple(dice.sample(told, len(told)))


def titles(order: Iterable[Article]) -> list[str]:
    return [article.title for article in order]


@pytest.mark.parametrize("name", NAMES)
def test_every_account_is_read(name: str) -> None:
    assert [article.title for article in articles(name) if not article.reports] == []


@pytest.mark.parametrize("history", HISTORIES, ids=NAMES)
def test_as_it_happened(history: dict[str, Any]) -> None:
    """In order of publication, with the guard against old news: each measure is told once, when it is adopted."""
    dockets = take_in(articles(history["name"]), news_days=30)
    assert shape(dockets) == expected(history)


@pytest.mark.parametrize("history", HISTORIES, ids=NAMES)
def test_the_order_of_arrival_changes_nothing(history: dict[str, Any]) -> None:
    told = articles(history["name"])
    wanted = expected(history)
    last = max(article.first_seen for article in told)
    wrong = {}
    for order in orders(told):
        found = shape(take_in(order, now=last))
        if found != wanted:
            wrong[tuple(titles(order))] = found
    assert not wrong, (len(wrong), next(iter(wrong.items())), wanted)


@pytest.mark.parametrize("history", HISTORIES, ids=NAMES)
def test_any_two_accounts_alone_are_told_apart_or_joined(history: dict[str, Any]) -> None:
    """Without the accounts between them: two of one measure make one, two of two measures make two."""
    told = list(zip(articles(history["name"]), (row.get("tells", "a") for row in history["report"]), strict=True))
    wrong = []
    for (first, one), (second, other) in itertools.permutations(told, 2):
        made = measures(take_in([first, second], now=max(first.first_seen, second.first_seen)))
        if len(made) != len(set(one + other)):
            wrong.append((first.title, second.title, [[a.stage for a in measure.actions] for measure in made]))
    assert not wrong


def test_all_histories_at_once() -> None:
    """Dockets of many places do not disturb each other, whatever arrives between."""
    told = [article for name in NAMES for article in articles(name)]
    wanted = sorted(row for history in HISTORIES for row in expected(history))
    last = max(article.first_seen for article in told)
    dice = random.Random(5)
    for _ in range(20):
        assert shape(take_in(dice.sample(told, len(told)), now=last)) == wanted
