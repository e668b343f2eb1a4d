"""The texts of the demo's newsroom and when they were written.

Every story stands in one of the TOML files beside this one. Its dates are relative, so that the newsroom is always
about the last four weeks; what a text says about them ("on Tuesday") is worked out from the same dates.

Dates
    A file's ``[dates]`` names days on which something happened, as days before today. *Today* is the date in Los
    Angeles, the westernmost home of an outlet, so that an evening a day ago is over everywhere. Bodies meet on
    working days: a day that falls on a weekend becomes the Friday before.
    A story is about such a day (``action``, with ``lag`` days until it appeared), or appeared ``days_ago``, or
    ``hours_ago`` from now; ``at`` is the time of day in its outlet's zone.

Placeholders in titles, texts and summaries
    ``{weekday}`` Tuesday · ``{date}`` Nov. 19 · ``{longdate}`` November 19, 2024 · ``{month}`` November ·
    ``{year}`` 2024 · ``{dia}`` martes. They mean the story's action, else its day of publication; a name means
    another day: ``{date la_first}``. A number moves it by days (``{date +14}``), with ``year`` by years.

Copies
    ``copy_of`` takes another story's text, ``keep`` some of its paragraphs, ``replace`` changes words in it,
    ``insert`` puts a paragraph after the one numbered ``insert_after`` (from 0).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pipeline.model import SourceKind

PageType = Literal["article", "amp", "tag", "interstitial", "gone", "endless"]
Ends = Literal["article", "copy", "discard", "retry"]

FOLDER = Path(__file__).parent
TODAY_IN = ZoneInfo("America/Los_Angeles")
PLACEHOLDER = re.compile(r"\{(weekday|date|longdate|month|year|dia)(?: ([a-z_]+))?(?: ([+-]\d+))?\}")
AP_MONTHS = ("Jan.", "Feb.", "March", "April", "May", "June", "July", "Aug.", "Sept.", "Oct.", "Nov.", "Dec.")
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
DIAS = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")


@dataclass(frozen=True, slots=True)
class Outlet:
    """One source of the newsroom; the fields are explained at the top of ``outlets.toml``."""

    id: str
    name: str
    address: int
    place: str
    zone: str
    kind: SourceKind
    format: Literal["rss", "rdf", "atom", "json", "sitemap"]
    feed: str
    path: str
    furniture: str
    lang: str = "en"
    validators: tuple[str, ...] = ()
    gzip: bool = False
    full: bool = False
    tracking: bool = False
    utc: bool = False
    latin1: bool = False
    fault: Literal["", "malformed", "hopeless", "moved", "busy"] = ""
    disallow: str = ""

    @property
    def host(self) -> str:
        """Its own address on loopback."""
        return f"127.0.0.{self.address}"

    @property
    def charset(self) -> str:
        """Of its pages and its feed."""
        return "iso-8859-1" if self.latin1 else "utf-8"


@dataclass(frozen=True, slots=True)
class Story:
    """One item of an outlet's feed and the page behind it, with every placeholder filled."""

    id: str
    outlet: Outlet
    title: str
    path: str
    """Of its page, on the outlet's host."""
    paragraphs: tuple[str, ...]
    """A paragraph that begins with ``## `` is a subheading."""
    summary: str
    published: datetime
    """Aware, in the outlet's zone (in UTC when the outlet writes its instants so)."""
    dated: bool
    """False: neither the feed nor the page says when."""
    section: str
    byline: str
    page: PageType
    ends: tuple[Ends, ...]
    """How its entry may end; the first is meant, others are as right."""
    action: date | None = None
    """The day of what it is about."""
    via: str = ""
    """A path that the feed links to and that redirects to ``path``."""
    of: str = ""
    """The story of which this page is another form (AMP)."""
    copy_of: str = ""
    lead_of: str = ""
    source_name: str = ""
    source_url: str = ""
    paywall: bool = False
    """The page holds a stub only; the feed has the text."""
    reason: str = ""
    """Kind of reason of a discard: irrelevant, lead, gone, withheld, other_address."""
    proves: tuple[str, ...] = ()
    """``measure/action`` keys of ``expected.toml`` that it is evidence of."""
    mentions: tuple[str, ...] = ()
    """Measures it may be joined to, without being evidence of an adoption."""

    @property
    def lang(self) -> str:
        """The outlet's language."""
        return self.outlet.lang

    @property
    def text(self) -> str:
        """The whole text, paragraphs apart by blank lines."""
        return "\n\n".join(paragraph.removeprefix("## ") for paragraph in self.paragraphs)


class Calendar:
    """Names of days, for one *now*."""

    def __init__(self, now: datetime, named: Mapping[str, int]) -> None:
        self.now = now
        self.today = now.astimezone(TODAY_IN).date()
        self.named = {name: working_day(self.today - timedelta(days=days)) for name, days in named.items()}

    def fill(self, text: str, day: date) -> str:
        """``text`` with its placeholders filled, for a story about ``day``. Raises ``KeyError`` on an unknown name."""

        def value(match: re.Match[str]) -> str:
            what, name, shift = match[1], match[2], int(match[3] or 0)
            at = self.named[name] if name else day
            if what == "year":
                return str(at.year + shift)
            at += timedelta(days=shift)
            return {
                "weekday": WEEKDAYS[at.weekday()],
                "dia": DIAS[at.weekday()],
                "date": f"{AP_MONTHS[at.month - 1]} {at.day}",
                "longdate": f"{MONTHS[at.month - 1]} {at.day}, {at.year}",
                "month": MONTHS[at.month - 1],
            }[what]

        return PLACEHOLDER.sub(value, text)


def working_day(day: date) -> date:
    """``day``, or the Friday before a weekend."""
    return day - timedelta(days=max(0, day.weekday() - 4))


@cache
def outlets() -> dict[str, Outlet]:
    """All outlets by id, in the order of their addresses."""
    table = tomllib.loads((FOLDER / "outlets.toml").read_text(encoding="utf-8"))
    made = [Outlet(**{key: _frozen(value) for key, value in raw.items()}) for raw in table["outlet"]]
    return {outlet.id: outlet for outlet in made}


@cache
def _tables() -> tuple[dict[str, int], dict[str, dict[str, Any]]]:
    """All named days, and all stories by id as they stand in the files, with their file's defaults."""
    days: dict[str, int] = {}
    raw: dict[str, dict[str, Any]] = {}
    for file in sorted(FOLDER.glob("*.toml")):
        table = tomllib.loads(file.read_text(encoding="utf-8"))
        for name, ago in table.get("dates", {}).items():
            assert name not in days, f"{name} is named twice"
            days[name] = ago
        for story in table.get("story", []):
            assert story["id"] not in raw, f"{story['id']} is told twice"
            raw[story["id"]] = {**table.get("defaults", {}), **story}
    return days, raw


def calendar(now: datetime) -> Calendar:
    """The named days of all files as seen from ``now`` (an aware datetime)."""
    return Calendar(now, _tables()[0])


def stories(now: datetime) -> dict[str, Story]:
    """All stories by id, as published up to ``now`` (an aware datetime)."""
    days = calendar(now)
    return {key: _story(raw, days) for key, raw in _tables()[1].items()}


def _story(raw: Mapping[str, Any], days: Calendar) -> Story:
    outlet = outlets()[raw["outlet"]]
    action = days.named[raw["action"]] if "action" in raw else None
    published = _published(raw, days, action, ZoneInfo(outlet.zone))
    about = action or published.date()
    paragraphs = tuple(days.fill(part, about) for part in _paragraphs(raw))
    summary = raw.get("summary", "" if not paragraphs or raw.get("page") == "interstitial" else paragraphs[0])
    path = raw.get("path") or outlet.path.format(
        slug=raw["slug"], year=published.year, month=f"{published.month:02}", day=f"{published.day:02}"
    )
    lead = _tables()[1][raw["lead_of"]] if "lead_of" in raw else None
    return Story(
        id=raw["id"],
        outlet=outlet,
        title=days.fill(raw["title"], about),
        path=path,
        paragraphs=paragraphs,
        summary=days.fill(summary, about),
        published=published.astimezone(ZoneInfo("UTC")) if outlet.utc else published,
        dated=raw.get("dated", True),
        section=raw.get("section", ""),
        byline=raw.get("byline", ""),
        page=raw.get("page", "article"),
        ends=tuple(raw["ends"]),
        action=action,
        via=raw.get("via", ""),
        of=raw.get("of", ""),
        copy_of=raw.get("copy_of", ""),
        lead_of=raw.get("lead_of", ""),
        source_name=outlets()[lead["outlet"]].name if lead else raw.get("source_name", ""),
        source_url=raw.get("source_url", ""),
        paywall=raw.get("paywall", False),
        reason=raw.get("reason", ""),
        proves=tuple(raw.get("proves", ())),
        mentions=tuple(raw.get("mentions", ())),
    )


def _published(raw: Mapping[str, Any], days: Calendar, action: date | None, zone: ZoneInfo) -> datetime:
    if "hours_ago" in raw:
        return (days.now - timedelta(hours=raw["hours_ago"])).astimezone(zone).replace(microsecond=0)
    day = action or days.today - timedelta(days=raw["days_ago"])
    day += timedelta(days=raw.get("lag", 0))
    return datetime.combine(day, time.fromisoformat(raw["at"]), zone)


def _paragraphs(raw: Mapping[str, Any]) -> list[str]:
    """Paragraphs of a story as written, or as copied and edited."""
    if "copy_of" in raw:
        parts = _paragraphs(_tables()[1][raw["copy_of"]])
        parts = [part for number, part in enumerate(parts) if number in raw.get("keep", range(len(parts)))]
        for old, new in raw.get("replace", []):
            assert any(old in part for part in parts), f"{raw['id']}: nothing to replace: {old}"
            parts = [part.replace(old, new) for part in parts]
        if "insert" in raw:
            parts[raw["insert_after"] + 1 : raw["insert_after"] + 1] = _split(raw["insert"])
        return parts
    if "of" in raw:
        return _paragraphs(_tables()[1][raw["of"]])
    return _split(raw.get("body", ""))


def _split(body: str) -> list[str]:
    return [" ".join(part.split()) for part in body.strip().split("\n\n") if part.strip()]


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def of_outlet(every: Iterable[Story], outlet: Outlet) -> list[Story]:
    """The stories of one outlet, newest first (then by id)."""
    return sorted((s for s in every if s.outlet is outlet), key=lambda s: (s.published, s.id), reverse=True)
