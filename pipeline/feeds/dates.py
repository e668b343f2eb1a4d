"""Dates as feeds write them, read strictly: a wrong date is worse than none.

feedparser guesses: it takes a zone it does not know (CEST, IST, MSK, ...) for UTC, reads an epoch as a year and forgets
PM. Here every form is spelled out and whatever fits none of them, or fits two, is None.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

EARLIEST_YEAR = 1990
"""Older dates in feeds are defects (1970, 1904, 0001)."""
FUTURE = timedelta(days=2)
"""A date this far ahead is a defect; less is a zone mistaken."""

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january ene enero", "feb february febrero", "mar march marzo", "apr april abr abril", "may mayo",
            "jun june junio", "jul july julio", "aug august ago agosto", "sep sept september set septiembre",
            "oct october octubre", "nov november noviembre", "dec december dic diciembre",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
"""English, and Spanish for the Spanish-language press of the United States."""

_HOURS = {
    "UT": 0, "UTC": 0, "GMT": 0, "Z": 0, "WET": 0,
    "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
    "AKST": -9, "AKDT": -8, "HST": -10, "HAST": -10, "AST": -4, "ADT": -3, "CHST": 10, "NST": -3.5, "NDT": -2.5,
    "BST": 1, "WEST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "MSK": 3, "IST": 5.5, "HKT": 8, "SGT": 8,
    "AWST": 8, "JST": 9, "KST": 9, "ACST": 9.5, "AEST": 10, "ACDT": 10.5, "AEDT": 11, "NZST": 12, "NZDT": 13,
}  # fmt: skip
"""Hours east of UTC. Where a name has several meanings, the one of the press we read: CST is Central, BST British,
IST Indian time."""
_PLACES = {
    "ET": "America/New_York",
    "CT": "America/Chicago",
    "MT": "America/Denver",
    "PT": "America/Los_Angeles",
}
"""Names that leave open whether it is summer: the date tells."""

_TIME = r"(?P<h>\d{1,2}):(?P<mi>\d{2})(?::(?P<s>\d{2})(?:[.,]\d{1,9})?)?(?: ?(?P<pm>[AaPp])\.?[Mm]\.?)?"
_ZONE = r"(?P<zone>[A-Za-z]{1,5}|(?:GMT|UTC)?[+-]\d{1,2}(?::?\d{2})?)"
_AFTER = rf"(?:,? (?:at )?{_TIME}(?: ?{_ZONE})?)?"
_DAY = r"(?:[A-Za-z.]{2,12},? )?"
_FORMS = tuple(
    re.compile(form, re.ASCII)
    for form in (
        # 2026-03-09T17:30:00-07:00, 2026/3/9 17:30, 20260309T173000Z
        rf"(?P<y>\d{{4}})(?P<sep>[-/.])(?P<m>\d{{1,2}})(?P=sep)(?P<d>\d{{1,2}})(?:(?:[Tt]|,? ){_TIME}(?: ?{_ZONE})?)?",
        r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})(?:[Tt ]?(?P<h>\d{2}):?(?P<mi>\d{2})(?::?(?P<s>\d{2}))?"
        rf"(?P<pm>)(?: ?{_ZONE})?)?",
        # Mon, 09 Mar 2026 17:30:00 PDT; 9-Mar-26 5:30 PM
        rf"{_DAY}(?P<d>\d{{1,2}})[ -](?P<mon>[A-Za-z]{{3,10}})\.?[ -](?P<y>\d{{4}}|\d{{2}}){_AFTER}",
        # March 9, 2026 at 5:30 p.m. PT
        rf"{_DAY}(?P<mon>[A-Za-z]{{3,10}})\.? (?P<d>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<y>\d{{4}}){_AFTER}",
        # Mon Mar  9 17:30:00 PDT 2026
        rf"[A-Za-z]{{3,9}},? (?P<mon>[A-Za-z]{{3,10}}) (?P<d>\d{{1,2}}) {_TIME}(?: {_ZONE})? (?P<y>\d{{4}})",
        # 3/25/2026, only where day and month cannot be confused
        rf"(?P<one>\d{{1,2}})/(?P<two>\d{{1,2}})/(?P<y>\d{{4}}){_AFTER}",
    )
)
_EPOCH = re.compile(r"[12]\d{9}(?:\d{3})?", re.ASCII)
_COMMENT = re.compile(r" ?\([^()]{0,40}\)$")
_OFFSET = re.compile(r"(?:GMT|UTC)?([+-])(\d{1,2}?)(?::?(\d{2}))?", re.ASCII)


@lru_cache(maxsize=4096)
def parse_date(text: str) -> datetime | None:
    """The instant a feed's date means, aware, in UTC; None when it is unreadable, ambiguous or too coarse (a year or
    a month alone). Without a zone it is UTC, without a time midnight, as the formats' own specifications say."""
    if len(text) > 80:
        return None
    text = _COMMENT.sub("", " ".join(text.split()))
    if _EPOCH.fullmatch(text):
        return datetime.fromtimestamp(int(text[:10]), UTC)
    for form in _FORMS:
        if match := form.fullmatch(text):
            return _instant(match.groupdict())
    return None


def plausible(when: datetime | None, now: datetime) -> datetime | None:
    """``when`` unless it lies before 1990 or more than two days after ``now``."""
    if when is None or when.year < EARLIEST_YEAR or when > now + FUTURE:
        return None
    return when


def _instant(part: dict[str, str | None]) -> datetime | None:
    month, day = _month_and_day(part)
    if not month:
        return None
    year = int(part["y"] or 0)
    if year < 100:
        year += 2000 if year < 50 else 1900
    hour, minute, second = (int(part.get(name) or 0) for name in ("h", "mi", "s"))
    if pm := part.get("pm"):
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if pm in "pP" else 0)
    zone = _zone(part.get("zone") or "UTC")
    if zone is None or hour > 24 or second > 60:
        return None
    try:
        # 24:00 is the next day's midnight; a leap second counts as the second before it.
        when = datetime(year, month, day, 0 if hour == 24 else hour, minute, min(second, 59), tzinfo=zone)
        return (when + timedelta(days=hour == 24)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _month_and_day(part: dict[str, str | None]) -> tuple[int, int]:
    if one := part.get("one"):
        month, day = int(one), int(part["two"] or 0)
        if month > 12 >= day:
            return day, month
        return (month, day) if day > 12 or day == month else (0, 0)
    if name := part.get("mon"):
        return _MONTHS.get(name.lower(), 0), int(part["d"] or 0)
    return int(part["m"] or 0), int(part["d"] or 0)


def _zone(name: str) -> tzinfo | None:
    name = name.upper()
    if name in _HOURS:
        return timezone(timedelta(hours=_HOURS[name]))
    if name in _PLACES:
        return ZoneInfo(_PLACES[name])
    if not (match := _OFFSET.fullmatch(name)):
        return None
    sign, hours, minutes = match.groups()
    offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
    if offset > timedelta(hours=14):
        return None
    return timezone(-offset if sign == "-" else offset)
