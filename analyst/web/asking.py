"""What a page is asked: the state of the search page, all of it in its address, and how an error in a query is told."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, cast

from starlette.datastructures import QueryParams

from analyst.answers.find import checked_zone
from analyst.web import chart, narrowing
from analyst.web.shown import link, link_of
from pipeline.archive.query import QueryError, parse
from pipeline.errors import UserError

ZONES = (
    "UTC", "America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles",
    "America/Anchorage", "Pacific/Honolulu",
)  # fmt: skip
USUAL: Mapping[str, str] = {"sort": "newest", "show": "share", "of": "stories", "tz": "UTC", "fold": "yes"}
"""Left out of an address."""
MORE = "all"
"""The parameter that names the facet whose values are all shown. Links keep it only where they say so."""
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
BEFORE_ERROR, AFTER_ERROR = 24, 12
"""Characters of a query shown around an error."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The state of a search page."""

    query: str
    since: str = ""
    """First day (ISO 8601) in the zone, or ''."""
    until: str = ""
    """Last day, included, or ''."""
    sort: Literal["newest", "relevance"] = "newest"
    by: chart.By | None = None
    show: chart.Show = "share"
    of: chart.Of = "stories"
    folded: bool = True
    zone: str = "UTC"
    after: str = ""
    more: str = ""
    """The facet whose values are all shown, or ''."""
    first: int = 1
    """The number of the first story or article of this page, as the page before it said."""
    wrong: str = ""
    """What is wrong with the dates, or ''."""

    def at(self, path: str = "/", **changes: str) -> str:
        """The address of this page (or another one) with some changes."""
        return link(path, **self.state(**changes))

    def state(self, **changes: str) -> dict[str, str]:
        """What an address says of this page, with some changes; what is at its default is left out, and so is the
        cursor."""
        now = {
            "q": self.query, "since": self.since, "until": self.until, "sort": self.sort, "by": self.by or "",
            "show": self.show, "of": self.of, "fold": "yes" if self.folded else "no", "tz": self.zone,
        } | changes  # fmt: skip
        return {name: value for name, value in now.items() if value and USUAL.get(name) != value}

    @property
    def whole(self) -> str:
        """The query with the dates in it: what the archive is asked, and what an export or a subscription takes.
        Raises ``QueryError`` at a character of ``query``, and ``UserError`` when the dates are wrong or do not fit."""
        parse(self.query)
        if self.wrong:
            raise UserError(self.wrong)
        dates = " ".join(f"{name}:{day}" for name, day in (("since", self.since), ("until", self.until)) if day)
        if not dates:
            return self.query
        if both := narrowing.added(self.query, dates):
            return both
        raise UserError("this query is too long to be narrowed to dates as well")

    @property
    def any_day(self) -> str:
        """The address of this page for all dates, those in the query itself included; '' where there are none."""
        query = narrowing.without_dates(self.query)
        if not (self.since or self.until) and query == self.query:
            return ""
        return self.at(q=query, since="", until="", by="")

    @property
    def zones(self) -> tuple[str, ...]:
        """The zones to choose from."""
        return ZONES if self.zone in ZONES else (self.zone, *ZONES)


def read(given: QueryParams) -> Asked:
    """What a request asks; values that are none of the offered ones count as not given, and dates that cannot be are
    told in ``wrong``. Raises ``UserError`` on an unknown time zone."""
    by = given.get("by", "")
    since, until = (given.get(name, "").strip() for name in ("since", "until"))
    first = given.get("from", "")
    return Asked(
        query=given.get("q", "").strip(),
        since=since,
        until=until,
        sort="relevance" if given.get("sort") == "relevance" else "newest",
        by=cast(chart.By, by) if by in ("day", "week", "month") else None,
        show="count" if given.get("show") == "count" else "share",
        of="articles" if given.get("of") == "articles" else "stories",
        folded=given.get("fold") != "no",
        zone=checked_zone(given.get("tz") or "UTC"),
        after=given.get("after", ""),
        more=given.get(MORE, ""),
        first=int(first) if first.isascii() and first.isdecimal() and len(first) < 9 else 1,
        wrong=_wrong(since, until),
    )


def shortened(path: str, given: QueryParams) -> str:
    """The address without what says nothing (a form sends its empty fields too); '' when it is as short as can be."""
    pairs = [(name, value) for name, value in given.multi_items() if value and USUAL.get(name) != value]
    return link_of(path, pairs) if pairs != given.multi_items() else ""


def _wrong(since: str, until: str) -> str:
    for name, text in (("From", since), ("To", until)):
        if text and not _DAY.fullmatch(text):
            return f"“{name}” has to be a day, as in 2025-03-14, and {text!r} is none"
        try:
            date.fromisoformat(text or "2025-03-14")
        except ValueError:
            return f"“{name}” is {text}, a day that is not in the calendar"
    if since and until and until < since:
        return f"The dates end ({until}) before they begin ({since}), so nothing can match"
    return ""


# ------------------------------------------------------------------ errors
@dataclass(frozen=True, slots=True)
class Pointed:
    """An error in a query, with the part of the query it is about and a caret under the character."""

    says: str
    line: str
    caret: str
    position: int
    """0-based character of the query."""


def pointed(query: str, error: QueryError) -> Pointed:
    """Where in the query the error is. The caret counts wide characters as two columns and combining ones as none."""
    low = max(0, error.position - BEFORE_ERROR)
    high = error.position + AFTER_ERROR
    line = re.sub(r"\s", " ", query)
    before = ("…" if low else "") + line[low : error.position]
    rest = line[error.position : high] + ("…" if high < len(line) else "")
    return Pointed(error.reason, before + rest, " " * sum(map(_columns, before)) + "^", error.position)


def _columns(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in ("Cf", "Cc"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
