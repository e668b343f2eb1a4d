"""What the pages say for the codes of the records, in neutral words, and how they show what comes from outside."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import TypeVar
from urllib import parse
from zoneinfo import ZoneInfo

from analyst.answers.results import Quote
from analyst.answers.text import vote_said
from pipeline.archive.keys import STATES

S = TypeVar("S", bound=str)

# Overrides, embeddings and isolates turn writing round beyond their own text; control characters do nothing good.
_UNSEEN = dict.fromkeys(
    [*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF, *range(0xFFF9, 0xFFFC)]
)
for _kept in "\t\n\r":
    del _UNSEEN[ord(_kept)]

_LINKABLE = re.compile(r"https?://[^\s\\<>\"]+", re.IGNORECASE)

SPECIAL = {
    "passed_first_vote": "passed a first vote",
    "passed_one_chamber": "passed one chamber",
    "became_law_without_signature": "became law without signature",
    "directed_drafting": "drafting directed",
    "limits_cooperation": "limits cooperation",
    "mandates_cooperation": "mandates cooperation",
    "symbolic_only": "symbolic only",
    "287g_agreement": "287(g) agreement",
}


def visible(text: S) -> S:
    """The text without control characters and without what turns the direction of writing."""
    if text.isprintable():  # as nearly all are: none of those that are left out is
        return text
    return type(text)(str.translate(text, _UNSEEN))


def outside(url: str) -> str:
    """The address when it may become a link: http or https, with a host, without user name, blanks or backslashes;
    else ''."""
    if not _LINKABLE.fullmatch(url) or visible(url) != url:
        return ""
    try:
        parts = parse.urlsplit(url)
    except ValueError:
        return ""
    return url if parts.hostname and parts.username is None else ""


def link(path: str, **parameters: str) -> str:
    """An address of our own; empty parameters are left out. A path's parts must have been through ``segment``."""
    return link_of(path, parameters.items())


def link_of(path: str, pairs: Iterable[tuple[str, str]]) -> str:
    """The same, where a parameter may be given several times."""
    given = [(name, value) for name, value in pairs if value]
    return f"{path}?{parse.urlencode(given)}" if given else path


def segment(text: str) -> str:
    """A text as one part of a path."""
    return parse.quote(text, safe="")


def said(code: str | None) -> str:
    """A code of the vocabulary in words: ``limits_cooperation`` is "limits cooperation"."""
    return SPECIAL.get(code or "", (code or "").replace("_", " "))


def capital(text: str) -> str:
    """The text with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def state_name(code: str) -> str:
    """The name of a state by its postal code; the code itself when there is no such state."""
    return STATES.get(code, code)


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def partial_date(date: str | None) -> str:
    """``YYYY[-MM[-DD]]`` for a reader: "14 Nov 2025", "Nov 2025", "2025"; "undated" without one."""
    if not date:
        return "undated"
    year, *rest = date.split("-")
    month = [_MONTHS[int(rest[0]) - 1]] if rest else []
    return " ".join([*[str(int(day)) for day in rest[1:]], *month, year])


def day(at: datetime | None, zone: str = "UTC") -> str:
    """The day of an instant in a zone: "14 Nov 2025"."""
    return "undated" if at is None else partial_date(at.astimezone(ZoneInfo(zone)).date().isoformat())


def minute(at: datetime | str | None, zone: str = "UTC") -> str:
    """Day and time of an instant (or RFC 3339 text): "14 Nov 2025, 09:05"."""
    if not at:
        return "never"
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    local = moment.astimezone(ZoneInfo(zone))
    return f"{day(moment, zone)}, {local:%H:%M}"


def machine(at: datetime | str | None) -> str:
    """An instant for the ``datetime`` attribute; what is text already stays."""
    if isinstance(at, datetime):
        return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return at or ""


def distance(at: str | None, now: datetime) -> str:
    """How long ago or ahead an RFC 3339 instant is: "3 h ago", "in 12 min"; "never" without one."""
    if not at:
        return "never"
    seconds = (now - datetime.fromisoformat(at)).total_seconds()
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if abs(seconds) >= size:
            amount = f"{int(abs(seconds) // size)} {unit}"
            return f"{amount} ago" if seconds > 0 else f"in {amount}"
    return "just now" if seconds >= 0 else "now"


def hours(amount: float) -> str:
    """A span of hours: "40 min", "13 h", "6 d"."""
    if amount < 1:
        return f"{max(1, round(amount * 60))} min"
    return f"{round(amount)} h" if amount < 48 else f"{round(amount / 24)} d"


def counted(number: int, one: str, many: str = "") -> str:
    """``1 article``, ``1,234 articles``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def percent(share: float) -> str:
    """A share of 1, with as many digits as say something."""
    return f"{share:.0%}" if share >= 0.1 or share == 0 else f"{share:.1%}" if share >= 0.001 else "<0.1%"


def masked(address: str) -> str:
    """An e-mail address that its owner knows again and others do not learn: ``a…@example.org``."""
    name, _, host = address.rpartition("@")
    return f"{name[:1]}…@{host}"


def quotes(evidence: Iterable[Quote]) -> list[tuple[str, list[Quote]]]:
    """Evidence with equal sentences (copies, quoted minutes) told once, with everybody who says so."""
    found: dict[str, list[Quote]] = {}
    for quote in evidence:
        found.setdefault(" ".join(quote["sentence"].split()), []).append(quote)
    return list(found.items())


FILTERS: Mapping[str, object] = {
    "outside": outside, "said": said, "capital": capital, "segment": segment, "state_name": state_name,
    "vote": vote_said, "partial_date": partial_date, "day": day, "minute": minute, "machine": machine,
    "percent": percent, "quotes": quotes, "hours": hours,
}  # fmt: skip
"""What templates may use as filters."""
