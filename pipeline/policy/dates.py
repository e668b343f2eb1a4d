"""When an action happened, as far as its sentence tells.

A weekday is the last one up to the publication's local date (``last Tuesday``: strictly before it); a month and day
without a year take the year that puts them nearest before it. Without a publication date only full dates are read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan enero", "february feb febrero", "march mar marzo", "april apr abril", "may mayo",
            "june jun junio", "july jul julio", "august aug agosto", "september sept sep septiembre",
            "october oct octubre", "november nov noviembre", "december dec diciembre",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
WEEKDAYS = {
    name: number
    for number, names in enumerate(
        ("monday mon lunes", "tuesday tues tue martes", "wednesday wed miércoles miercoles",
         "thursday thurs thu jueves", "friday fri viernes", "saturday sábado sabado", "sunday domingo")
    )
    for name in names.split()
}  # fmt: skip

_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_DAY_OF = re.compile(rf"\b({_MONTH})\.?\s(\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s((?:19|20)\d\d))?\b(?!-)", re.I)
_DAY_FIRST = re.compile(rf"\b(\d{{1,2}})\s(?:de\s)?({_MONTH})\.?(?:\s(?:de\s)?((?:19|20)\d\d))?\b", re.I)
_DAY_OF_MONTH = re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)\sday\sof\s({_MONTH}),?\s((?:19|20)\d\d)\b", re.I)
_NUMERIC = re.compile(r"\b(\d{1,2})/(\d{1,2})/((?:19|20)?\d\d)\b")
_DIGIT = re.compile(r"\d")
_ISO = re.compile(r"\b((?:19|20)\d\d)-(\d\d)-(\d\d)\b")
_MONTH_YEAR = re.compile(rf"\b({_MONTH})\.?,?\s(?:of\s)?((?:19|20)\d\d)\b", re.I)
_MONTH_OF_VERB = re.compile(
    r"(?<!expected)(?<!scheduled)(?<!planned)(?<!slated)(?<!proposed)(?<!needed)(?<!required)(?:(?<=ed)|(?<=\d-\d))\s"
    rf"((?:back\s)?(?:in|last|this\spast)\s(?:late\s|early\s|mid-)?({_MONTH}))\b(?!\.?\s\d)",
    re.I,
)
"""'passed in November': the month of a verb that tells of the past; any other 'in November' may lie ahead."""
_YEAR = re.compile(
    r"\b(?:in|of|since|from|by|during|since\sat\sleast|back\sin|en|through)\s((?:19|20)\d\d)\b"
    r"|\b((?:19|20)\d\d)\s(?:law|ordinance|resolution|vote|policy|bill|order|election|elections|measure|immigration|act"
    r"|amendment|decision|declaration|initiative|executive|trust)\b",
    re.I,
)
_WEEKDAY = re.compile(
    r"\b(last\s|this\s|this\spast\s|late\s|early\s|next\s|coming\s|el\spasado\s|el\s)?"
    r"(monday|tuesday|wednesday|thursday|friday|saturday|sunday"
    r"|lunes|martes|mi[ée]rcoles|jueves|viernes|s[áa]bado|domingo)s?\b",
    re.I,
)
_AHEAD = re.compile(r"\b(?:by|until|effective|effect|starting|beginning|will|before)\b[^.]{0,24}$", re.I)
_FROM = re.compile(r"\b(?:effective|starting|beginning)\s(?:on\s|this\s)?$", re.I)
"""Before a weekday: the next one."""
_TODAY = re.compile(r"\b(today|tonight|this\s(?:morning|afternoon|evening)|hoy|esta\snoche)\b", re.I)
_YESTERDAY = re.compile(r"\b(yesterday|last\snight|ayer|anoche)\b", re.I)


_WEEK = re.compile(r"\b(this|last)\sweek\b(?!')", re.I)
OF_THE_WEEK = "date.of_the_week"
"""The rule of a day that is estimated from 'this week' or 'last week'; a day that is told is better."""


@dataclass(frozen=True, slots=True)
class Found:
    """A date in a sentence: ``iso`` as far as known, ``future`` when it lies after the publication."""

    start: int
    end: int
    iso: str
    rule: str
    future: bool = False


def names_a_day(text: str) -> bool:
    """Whether a text says on which day something happened, even if no date can be made of it ('Monday')."""
    return any(regex.search(text) for regex in (_WEEKDAY, _TODAY, _YESTERDAY, _DAY_OF))


def of_the_week(text: str, published: str) -> str:
    """The day in the middle of those that 'this week' or 'last week' can mean in ``text``; '' when it says neither.

    Governments meet from Monday to Friday, and what is told has happened: of this week only the days up to
    ``published`` (``YYYY-MM-DD``) count.
    """
    match = _WEEK.search(text)
    if match is None or len(published) < 10:
        return ""
    day = date.fromisoformat(published)
    monday = day - timedelta(days=day.weekday())
    if match[1].lower() == "last":
        return (monday - timedelta(days=5)).isoformat()
    return (monday + timedelta(days=min(day.weekday(), 4) // 2)).isoformat()


def local_date(published: datetime | str | None, zone: str) -> str:
    """The publication's date as ``YYYY[-MM[-DD]]`` where it was published; '' when unknown.

    A partial ISO date stays what it is; an aware instant becomes the date in ``zone`` (an IANA name; '': UTC, since
    nothing better is known).
    """
    if published is None:
        return ""
    if isinstance(published, datetime):
        local = published.astimezone(ZoneInfo(zone)) if zone and published.tzinfo else published
        return local.date().isoformat()
    match = re.match(r"(?:19|20)\d\d(?:-\d\d(?:-\d\d)?)?", published)
    return match.group() if match else ""


def find(plain: str, start: int, end: int, published: str) -> list[Found]:
    """Dates in ``plain[start:end]``, in order; ``published`` as from ``local_date``."""
    sentence = plain[start:end]
    anchor = date.fromisoformat(published) if len(published) == 10 else None
    found: list[Found] = []
    taken: list[tuple[int, int]] = []

    def add(match: re.Match[str], iso: str, rule: str) -> None:
        if iso and not any(first < match.end() and match.start() < last for first, last in taken):
            taken.append(match.span())
            future = bool(published) and iso[: len(published)] > published[: len(iso)]
            found.append(Found(start + match.start(), start + match.end(), iso, rule, future))

    if _DIGIT.search(sentence):
        for match in _ISO.finditer(sentence):
            add(match, _safe(int(match[1]), int(match[2]), int(match[3])), "date.iso")
        for match in _NUMERIC.finditer(sentence):
            year = int(match[3]) if len(match[3]) == 4 else 2000 + int(match[3])
            add(match, _safe(year, int(match[1]), int(match[2])), "date.numeric")
        for match in _DAY_OF_MONTH.finditer(sentence):
            add(match, _safe(int(match[3]), MONTHS[match[2].lower()], int(match[1])), "date.day_of_month")
        for match in _DAY_OF.finditer(sentence):
            add(match, _month_day(match[1], match[2], match[3], published, sentence[: match.start()]), "date.month_day")
        for match in _DAY_FIRST.finditer(sentence):
            add(match, _month_day(match[2], match[1], match[3], published, sentence[: match.start()]), "date.day_month")
        for match in _MONTH_YEAR.finditer(sentence):
            add(match, f"{match[2]}-{MONTHS[match[1].lower()]:02d}", "date.month_year")
        for match in _YEAR.finditer(sentence):
            add(match, match[1] or match[2], "date.year")
    if len(published) >= 7:
        for match in _MONTH_OF_VERB.finditer(sentence):
            number = MONTHS[match[2].lower()]
            year = int(published[:4]) - (number > int(published[5:7]))
            add(match, f"{year}-{number:02d}", "date.month")
    if anchor:
        for match in _TODAY.finditer(sentence):
            add(match, anchor.isoformat(), "date.today")
        for match in _YESTERDAY.finditer(sentence):
            add(match, (anchor - timedelta(days=1)).isoformat(), "date.yesterday")
        for match in _WEEKDAY.finditer(sentence):
            begins = _FROM.search(sentence[: match.start()]) is not None
            add(match, _weekday(match, anchor, ahead=begins), "date.weekday")
    found.sort(key=lambda item: item.start)
    return found


def _safe(year: int, month: int, day: int) -> str:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return ""


def _month_day(month: str, day: str, year: str | None, published: str, before: str) -> str:
    number = MONTHS[month.lower()]
    if not 1 <= int(day) <= 31:
        return ""
    if year:
        return _safe(int(year), number, int(day))
    if len(published) < 4:
        return ""
    own = int(published[:4])
    iso = _safe(own, number, int(day))
    if len(published) >= 7 and iso:
        # A month far ahead of the publication is last year's ("Dec. 10" told in January), unless it is announced.
        ahead = (number - int(published[5:7])) if iso[:7] > published[:7] else 0
        if ahead > 6:
            iso = _safe(own - 1, number, int(day))
        behind = int(published[5:7]) - number
        if behind > 6 and _AHEAD.search(before):
            iso = _safe(own + 1, number, int(day))
    return iso


def _weekday(match: re.Match[str], anchor: date, *, ahead: bool) -> str:
    wanted = WEEKDAYS[match[2].lower()]
    qualifier = (match[1] or "").strip().lower()
    if ahead or qualifier in ("next", "coming"):
        return (anchor + timedelta(days=(wanted - anchor.weekday() - 1) % 7 + 1)).isoformat()
    back = (anchor.weekday() - wanted) % 7
    if back == 0 and qualifier in ("last", "this past", "el pasado"):
        back = 7
    return (anchor - timedelta(days=back)).isoformat()
