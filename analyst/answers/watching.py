"""How the feeds are, each against its own habit, and where nobody looks."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from functools import cache
from typing import Literal

from analyst.answers.results import BlindPlace, BlindState, FeedHealthRow, HealthAnswer
from analyst.answers.text import instant
from pipeline.archive.base import Archive, every
from pipeline.archive.keys import STATES, state_of
from pipeline.feeds import schedule
from pipeline.feeds.note import FeedNote
from pipeline.feeds.owners import owner_of
from pipeline.frontier.base import Frontier
from pipeline.model import Clock, Feed
from pipeline.policy.places import parse_label
from pipeline.policy.places.gazetteer import gazetteer

BIG = 250_000
"""Inhabitants from which a place should have a feed of its own: about a hundred places."""
ORDER = ("failing", "quiet", "new", "well")
_HOUR = 3_600


def health(archive: Archive, frontier: Frontier, now: Clock) -> HealthAnswer:
    """Every feed with its health, what needs a person first; the states and big places without a healthy feed at home
    there."""
    notes, dues, at = frontier.notes("feed"), frontier.dues("feed"), now()
    rows = [
        _row(stored.record, FeedNote.from_bytes(notes.get(stored.record.id, b"")), dues.get(stored.record.id), at)
        for stored in every(archive, Feed)
    ]
    rows.sort(key=lambda row: (ORDER.index(row["state"]), row["title"].casefold(), row["url"]))
    return {"feeds": rows, "states": _blind_states(rows), "places": _blind_places(rows)}


def feed_state(*, failing: bool, polled: bool, quiet: bool) -> Literal["failing", "quiet", "new", "well"]:
    """Which of ``ORDER`` a feed is in. ``polled``: it was read at least once."""
    return "failing" if failing else "new" if not polled else "quiet" if quiet else "well"


def _row(feed: Feed, note: FeedNote, due: datetime | None, now: datetime) -> FeedHealthRow:
    last = max(filter(None, (feed.last_success, note.last_success)), default=None)
    lately, usually = schedule.rates(note)
    return {
        "url": feed.url,
        "title": feed.title,
        "place": feed.place,
        "kind": feed.kind,
        "owner": owner_of(feed),
        "state": feed_state(
            failing=feed.failure is not None, polled=last is not None, quiet=schedule.gone_quiet(note, now)
        ),
        "last_success": instant(last),
        "next_poll": instant(due),
        "error": {"class": feed.failure.error, "reason": feed.failure.reason} if feed.failure else None,
        "failing_since": instant(note.failing_since or (feed.failure.at if feed.failure else None)),
        "failures": note.failures,
        "last_new": instant(note.last_new),
        "items_per_week": None if lately is None else round(lately, 1),
        "usual_per_week": None if usually is None else round(usually, 1),
        "usual_gap_hours": round(note.habit / _HOUR, 1) if note.habit else None,
        "silent_hours": round((now - note.last_new).total_seconds() / _HOUR, 1) if note.last_new else None,
        "quiet_after_hours": round(schedule.quiet_after(note).total_seconds() / _HOUR, 1),
    }


def _works(row: FeedHealthRow) -> bool:
    return row["state"] in ("well", "quiet")


def _blind_states(rows: list[FeedHealthRow]) -> list[BlindState]:
    feeds = Counter(state_of(row["place"]) for row in rows)
    seen = {state_of(row["place"]) for row in rows if _works(row)}
    return [
        {"state": code, "name": name, "feeds": feeds[code]}
        for code, name in sorted(STATES.items(), key=lambda pair: pair[1])
        if code not in seen and code != "US"
    ]


def _blind_places(rows: list[FeedHealthRow]) -> list[BlindPlace]:
    feeds = Counter(_home(row["place"]) for row in rows)
    seen = {_home(row["place"]) for row in rows if _works(row)}
    return [
        {"place": label, "population": population, "feeds": feeds[label]}
        for label, population in _big_places()
        if label not in seen
    ]


def _home(place: str) -> str:
    found = parse_label(place) if place else None
    return found.label if found else place


@cache
def _big_places() -> tuple[tuple[str, int], ...]:
    """Label and inhabitants, biggest first."""
    table = gazetteer()
    big = {
        (f"{place.name}, {place.state}", place.population)
        for key in table.keys()  # noqa: SIM118 - not a mapping
        for place in table.places(key)
        if place.population >= BIG
    }
    return tuple(sorted(big, key=lambda pair: (-pair[1], pair[0])))
