"""What the monitor must find in the newsroom, with the newsroom's own dates and addresses filled in.

Measures and alerts stand in ``expected.toml``; how each entry ends and what it is evidence of stands beside its text.
Words of the interfaces are compared as docs/commands.md says (``same_stage``, ``same_instrument``).
"""

from __future__ import annotations

import tomllib
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from demo.newsroom import Newsroom
from demo.stories import Ends, Story, calendar, outlets

FILE = Path(__file__).parent / "expected.toml"
STAGES = (
    frozenset({"passed", "adopted", "approved", "issued", "passed_final"}),
    frozenset({"failed", "rejected"}),
    frozenset({"repealed", "rescinded"}),
    frozenset({"proposed", "introduced"}),
)
"""Stage words that mean the same."""
INSTRUMENTS = (
    frozenset({"statute", "bill", "act"}),
    frozenset({"ordinance", "local_law", "bylaw"}),
    frozenset({"resolution", "motion", "proclamation"}),
    frozenset({"directive", "executive_order", "policy"}),
)
"""Instruments of one family."""


@dataclass(frozen=True, slots=True)
class ExpectedAction:
    """One action of a measure."""

    key: str
    stages: tuple[str, ...]
    date: date | None
    """None: whatever is told."""
    votes: tuple[tuple[int, int], ...] = ()
    """For and against, any of these; empty: none is told."""
    evidence: tuple[str, ...] = ()
    """Pages that tell of it."""


@dataclass(frozen=True, slots=True)
class ExpectedMeasure:
    """One measure of the docket. Where several values stand, one of them is right."""

    key: str
    labels: tuple[str, ...]
    """The jurisdiction's label, as meant first."""
    types: tuple[str, ...]
    bodies: tuple[str, ...]
    instruments: tuple[str, ...]
    directions: tuple[str, ...]
    actions: tuple[ExpectedAction, ...]
    identifier: str = ""
    alert: str = ""
    """Kind of the one alert that it raises for a subscriber to everything at the defaults; '': none."""
    sure: bool = True
    """False: it may be missed, but what is found must be as said here."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How the entry of a feed ends."""

    ends: tuple[Ends, ...]
    """The first is meant, the others are as right; ``retry`` waits (its ``why`` is *unknown*)."""
    reason: str = ""
    """Kind of reason of a discard: irrelevant, lead, gone, withheld, other_address; '' when it is none."""


@dataclass(frozen=True, slots=True)
class Expected:
    """Everything, for one newsroom that has been started."""

    measures: tuple[ExpectedMeasure, ...]
    endings: dict[str, Ending]
    """By the address under which the feed names the item; all entries of all readable feeds."""
    copies: tuple[frozenset[str], ...]
    """Pages that make one story, each: exactly one of them ends as an article, the others as its copies."""
    quiet: frozenset[str]
    """Pages that must never be evidence of an alert."""
    unfetched: frozenset[str]
    """Pages that robots.txt forbids."""
    unhealthy: dict[str, str]
    """Feeds that cannot be read, with the class of their error."""
    alerts: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(label, kind) of every alert that is sure, each once."""


def expected(newsroom: Newsroom) -> Expected:
    """What a monitor that polls every feed of ``newsroom`` once, to the end, must have found."""
    table = tomllib.loads(FILE.read_text(encoding="utf-8"))
    told = newsroom.stories.values()
    days = calendar(newsroom.now).named
    measures = tuple(_measure(raw, days, newsroom) for raw in table["measure"])
    raising = {measure.key for measure in measures if measure.alert}
    return Expected(
        measures=measures,
        endings={newsroom.link(story.id): _ending(story) for story in told},
        copies=tuple(_copies(newsroom)),
        quiet=frozenset(
            newsroom.url(story.id)
            for story in told
            if raising.isdisjoint(key.split("/")[0] for key in (*story.proves, *story.mentions))
        ),
        unfetched=frozenset(newsroom.url(story.id) for story in told if _forbidden(story)),
        unhealthy={newsroom.feed_url(outlet): error for outlet, error in table["feeds"].items()},
        alerts=Counter((measure.labels[0], measure.alert) for measure in measures if measure.alert and measure.sure),
    )


def _ending(story: Story) -> Ending:
    return Ending(story.ends, story.reason or ("irrelevant" if "discard" in story.ends else ""))


def _measure(raw: dict[str, Any], days: dict[str, date], newsroom: Newsroom) -> ExpectedMeasure:
    return ExpectedMeasure(
        key=raw["key"],
        labels=(raw["jurisdiction"], *raw.get("also", ())),
        types=tuple(raw["type"]),
        bodies=tuple(raw["body"]),
        instruments=tuple(raw["instrument"]),
        directions=tuple(raw["direction"]),
        identifier=raw.get("identifier", ""),
        alert=raw["alert"],
        sure=raw.get("sure", True),
        actions=tuple(
            ExpectedAction(
                key=action["key"],
                stages=tuple(action["stages"]),
                date=_day(action.get("date", ""), days),
                votes=tuple((ayes, noes) for ayes, noes in action.get("votes", ())),
                evidence=tuple(
                    newsroom.url(story.id)
                    for story in newsroom.stories.values()
                    if f"{raw['key']}/{action['key']}" in story.proves
                ),
            )
            for action in raw["action"]
        ),
    )


def _day(told: str, days: dict[str, date]) -> date | None:
    """A named day, or one in ISO 8601."""
    if not told:
        return None
    return date.fromisoformat(told) if told[0].isdigit() else days[told]


def _copies(newsroom: Newsroom) -> list[frozenset[str]]:
    originals = {story.copy_of for story in newsroom.stories.values() if story.copy_of}
    return [
        frozenset(
            newsroom.url(story.id)
            for story in newsroom.stories.values()
            if story.id == original or story.copy_of == original
        )
        for original in sorted(originals)
    ]


def _forbidden(story: Story) -> bool:
    disallow = outlets()[story.outlet.id].disallow
    return bool(disallow) and story.path.startswith(disallow)


def same_stage(one: str, other: str) -> bool:
    """Both words mean the same stage."""
    return one == other or any({one, other} <= family for family in STAGES)


def same_instrument(one: str, other: str) -> bool:
    """Both instruments are of one family."""
    return one == other or any({one, other} <= family for family in INSTRUMENTS)
