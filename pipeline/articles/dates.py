"""When an article was published: reading what pages write, and choosing among several statements. Pure.

Statements are believed in the order JSON-LD, meta, microdata and ``<time>``, the feed, htmldate's guess; the origin of
the chosen one is kept. A statement in the future (more than ``SLACK`` ahead of now) or before ``EARLIEST`` is passed
over. When an article was *modified* is not asked (an old article touched today would become news), unless htmldate
finds nothing else.

A day without a time of day becomes noon UTC. Whoever shows that instant in a zone from UTC-12 to UTC+11 sees the day
that was written, which midnight UTC would shift for every reader in America. Midnight sharp in UTC or without a zone
is what content systems write when they know only the day, so it is read as one.

A time of day without a zone is local to a newsroom whose zone is not known here. If another statement about the same
article gives an instant that differs from it only by a zone (whole quarters of an hour, at most 14 h), that zone is
taken; else it is read as UTC.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from pipeline.model import DateOrigin

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""Older dates on web pages are defaults (1970, 1900), not dates."""
SLACK = timedelta(days=2)
"""How far ahead of our clock a date may lie: zones, and weekend editions."""

_LONGEST = 200
_QUARTER = timedelta(minutes=15)
_WIDEST_ZONE = timedelta(hours=14)


@dataclass(frozen=True, slots=True)
class Written:
    """A date as it was written."""

    at: datetime
    """Aware, UTC; noon when only a day was written."""
    day_only: bool = False
    zone_known: bool = True
    """False for a time of day without a zone, which was read as UTC."""


@dataclass(frozen=True, slots=True)
class Dated:
    """The date that was chosen."""

    at: datetime
    origin: DateOrigin
    day_only: bool


def choose(
    stated: Iterable[tuple[DateOrigin, str]],
    *,
    feed: datetime | None,
    guess: Callable[[], str | None],
    now: datetime,
) -> Dated | None:
    """The publication date, or None: an undated article stays undated.

    ``stated`` are the page's own statements, best first; ``feed`` is the aware instant the feed gave; ``guess`` is
    asked (htmldate: ``YYYY-MM-DD`` or None) only when nothing else can be used.
    """
    written = [(origin, found) for origin, text in stated if (found := parse(text)) and _usable(found.at, now)]
    from_feed = _as_day(feed.astimezone(UTC)) if feed is not None and _usable(feed, now) else None
    if written:
        origin, best = written[0]
        anchors = [found.at for _, found in written if found.zone_known and not found.day_only]
        if from_feed is not None and not from_feed.day_only:
            anchors.append(from_feed.at)
        at = best.at if best.zone_known else _with_zone_of(best.at, anchors)
        return Dated(at, origin, best.day_only)
    if from_feed is not None:
        return Dated(from_feed.at, "feed", from_feed.day_only)
    guessed = parse(guess() or "")
    if guessed is not None and _usable(guessed.at, now):
        return Dated(guessed.at, "htmldate", guessed.day_only)
    return None


def parse(text: str) -> Written | None:
    """Reads one date out of what a page wrote: ISO 8601 and its dialects, RFC 2822, English and Spanish words,
    American numbers (month first unless that cannot be), seconds or milliseconds since 1970. None when there is none.
    """
    text = " ".join(text[:_LONGEST].split())
    if match := _EPOCH.fullmatch(text):
        return _from_epoch(match[0])
    for pattern, order in _PATTERNS:
        if match := pattern.search(text):
            year, month, day = (match[part] for part in order)
            number = _MONTHS.get(month[:3].lower()) if month.isalpha() else int(month)
            if number is None:
                continue
            if pattern is _NUMBERS and number > 12:
                number, day = int(day), month
            if len(year) == 2:
                year = f"20{year}"
            return _assemble(int(year), number, int(day), text[: match.start()], text[match.end() :])
    return None


def _usable(at: datetime, now: datetime) -> bool:
    return EARLIEST <= at <= now + SLACK


def _as_day(at: datetime) -> Written:
    if (at.hour, at.minute, at.second) == (0, 0, 0):
        return Written(at.replace(hour=12, microsecond=0), day_only=True)
    return Written(at)


def _with_zone_of(local: datetime, anchors: Iterable[datetime]) -> datetime:
    for anchor in anchors:
        shift = round((anchor - local) / _QUARTER) * _QUARTER
        if abs(shift) <= _WIDEST_ZONE and abs(anchor - local - shift) <= timedelta(seconds=90):
            return local + shift
    return local


# ------------------------------------------------------------------ the written forms
_EPOCH = re.compile(r"\d{10}(?:\d{3})?")
_YEAR_FIRST = re.compile(r"(?<!\d)((?:19|20)\d\d)([-/.]?)(\d{1,2})\2(\d{1,2})(?=T?\d{6}|\D|$)")
_DAY_MONTH = re.compile(
    r"(?<!\d)(\d{1,2})(?:st|nd|rd|th)?[ -](?:de |of )?([A-Za-z]{3,10})\.?,?[ -](?:del? )?(\d{4})(?!\d)"
)
_MONTH_DAY = re.compile(r"\b([A-Za-z]{3,10})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})(?!\d)")
_NUMBERS = re.compile(r"(?<![\d/])(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})(?![\d/])")
_PATTERNS = ((_YEAR_FIRST, (1, 3, 4)), (_DAY_MONTH, (3, 2, 1)), (_MONTH_DAY, (3, 1, 2)), (_NUMBERS, (3, 1, 2)))
_ZONE = r" ?(?:\(?(Z\b|(?:GMT|UTC)? ?[+-]\d{1,2}(?::?\d{2})?\b|[A-Za-z]{2,5}\b))?"
_CLOCK = re.compile(
    rf"(?<![\d:+-])(\d{{1,2}})(?::(\d{{2}})(?::(\d{{2}})(?:[.,]\d+)?)?)?(?: ?([ap])\.?m\b\.?)?{_ZONE}", re.IGNORECASE
)
_COMPACT_CLOCK = re.compile(rf"[T ]?(\d{{2}})(\d{{2}})(\d{{2}})?(?:[.,]\d+)?(){_ZONE}", re.IGNORECASE)
_MONTHS = {
    name: number
    for number, names in enumerate(
        ("jan ene", "feb", "mar", "apr abr", "may", "jun", "jul", "aug ago", "sep", "oct", "nov", "dec dic"), start=1
    )
    for name in names.split()
}
_FIXED_ZONES = {
    "Z": 0.0, "UTC": 0.0, "GMT": 0.0, "UT": 0.0, "WET": 0.0, "WEST": 1.0, "BST": 1.0, "CET": 1.0, "CEST": 2.0,
    "EET": 2.0, "EEST": 3.0, "MSK": 3.0, "IST": 5.5, "SGT": 8.0, "HKT": 8.0, "JST": 9.0, "KST": 9.0, "AEST": 10.0,
    "AEDT": 11.0, "NZST": 12.0, "NZDT": 13.0, "NST": -3.5, "NDT": -2.5, "AST": -4.0, "ADT": -3.0, "EST": -5.0,
    "EDT": -4.0, "CST": -6.0, "CDT": -5.0, "MST": -7.0, "MDT": -6.0, "PST": -8.0, "PDT": -7.0, "AKST": -9.0,
    "AKDT": -8.0, "HST": -10.0, "HDT": -9.0, "HADT": -9.0, "SST": -11.0, "CHST": 10.0,
}  # fmt: skip
_ZONES_BY_SEASON = {
    "ET": "America/New_York", "CT": "America/Chicago", "MT": "America/Denver", "PT": "America/Los_Angeles",
    "AKT": "America/Anchorage", "HT": "Pacific/Honolulu",
}  # fmt: skip


def _from_epoch(digits: str) -> Written:
    return _as_day(datetime.fromtimestamp(int(digits[:10]), UTC))


def _assemble(year: int, month: int, day: int, before: str, after: str) -> Written | None:
    try:
        noon = datetime(year, month, day, 12, tzinfo=UTC)
    except ValueError:
        return None
    clock = _find_clock(before, after)
    if clock is None:
        return Written(noon, day_only=True)
    hour, minute, second, zone = clock
    local = noon.replace(hour=hour, minute=minute, second=second, tzinfo=zone or UTC)
    at = local.astimezone(UTC)
    if zone is None or zone == UTC:
        day_or_time = _as_day(at)
        return Written(day_or_time.at, day_or_time.day_only, zone_known=zone is not None or day_or_time.day_only)
    return Written(at)


def _find_clock(before: str, after: str) -> tuple[int, int, int, tzinfo | None] | None:
    """Hour, minute, second and zone in what stands around the date. A bare number is no time of day."""
    compact = _COMPACT_CLOCK.fullmatch(after)
    for match in [compact] if compact else [*_CLOCK.finditer(after), *_CLOCK.finditer(before)]:
        hour_text, minute, second, half, zone = match.groups()
        if minute is None and not half:
            continue
        hour = int(hour_text)
        if half:
            hour = hour % 12 + (12 if half in "pP" else 0)
        if hour <= 23 and int(minute or 0) <= 59:
            return hour, int(minute or 0), min(int(second or 0), 59), _zone(zone)
    return None


def _zone(name: str | None) -> tzinfo | None:
    if not name:
        return None
    name = name.upper().replace(" ", "")
    if name in _FIXED_ZONES:
        hours = _FIXED_ZONES[name]
        return timezone(timedelta(hours=hours)) if hours else UTC
    if name in _ZONES_BY_SEASON:
        return ZoneInfo(_ZONES_BY_SEASON[name])
    offset = re.fullmatch(r"(?:GMT|UTC)?([+-])(\d{1,2}):?(\d{2})?", name)
    if offset is None:
        return None
    shift = timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0))
    if shift > _WIDEST_ZONE:
        return None
    return timezone(shift if offset[1] == "+" else -shift) if shift else UTC
