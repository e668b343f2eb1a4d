"""The search page and the page of sources."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal, cast
from zoneinfo import ZoneInfo

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from analyst import answers
from analyst.answers.find import SNIPPET, checked_zone
from analyst.web import chart, narrowing
from analyst.web.desk import Desk
from analyst.web.folding import Folded, fold
from analyst.web.naming import Named, measures_of
from analyst.web.shown import link, outside, said, state_name
from pipeline.archive.base import Facet, Hits
from pipeline.archive.highlight import highlight
from pipeline.archive.query import Node, QueryError, parse
from pipeline.errors import UserError
from pipeline.model import Article

PER_PAGE = 25
FACETS: Mapping[str, str] = {
    "place": "Place",
    "stage": "Stage",
    "direction": "Direction",
    "source": "Source",
    "kind": "Kind",
    "state": "Home of the source",
}
PER_FACET = 8
PERIODS: Mapping[str, int] = {"Last 7 days": 7, "Last 30 days": 30, "Last 12 months": 365}
ZONES = (
    "UTC", "America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles",
    "America/Anchorage", "Pacific/Honolulu",
)  # fmt: skip
FEW_WEEKS, MANY_WEEKS = 9, 300
"""Under the one a timeline is drawn by day, over the other by month, unless asked otherwise."""
BEFORE_ERROR, AFTER_ERROR = 24, 12
"""Characters of a query shown around an error."""
EXAMPLES: Sequence[tuple[str, str]] = (
    ('"sanctuary city" place:CA', "a phrase, about a place or state"),
    ("stage:adopted direction:mandates_cooperation", "what was adopted, and which way"),
    ("ordinance (detainer OR jail) -opinion", "either word; without a word"),
    ("sanctuar* since:2025-01 until:2025-06", "the start of a word; published between"),
    ('title:"city council" kind:news', "in the title only; by kind of article"),
    ('"council ordinance"~5', "words near each other"),
)


# ------------------------------------------------------------------ what was asked
@dataclass(frozen=True, slots=True)
class Asked:
    """The state of a search page, all of it in its address."""

    query: str
    sort: Literal["newest", "relevance"] = "newest"
    by: chart.By | None = None
    show: chart.Show = "share"
    zone: str = "UTC"
    after: str = ""

    def at(self, **changes: str) -> str:
        """The address of this page with some changes; what is at its default is left out, and so is the cursor."""
        now = {"q": self.query, "sort": self.sort, "by": self.by or "", "show": self.show, "tz": self.zone} | changes
        usual = {"sort": "newest", "show": "share", "tz": "UTC"}
        return link("/", **{name: value for name, value in now.items() if usual.get(name) != value})


def read(request: Request) -> Asked:
    """What a request asks; values that are none of the offered ones count as not given. Raises ``UserError`` on an
    unknown time zone."""
    given = request.query_params
    by = given.get("by", "")
    return Asked(
        query=given.get("q", "").strip(),
        sort="relevance" if given.get("sort") == "relevance" else "newest",
        by=cast(chart.By, by) if by in ("day", "week", "month") else None,
        show="count" if given.get("show") == "count" else "share",
        zone=checked_zone(given.get("tz") or "UTC"),
        after=given.get("after", ""),
    )


# ------------------------------------------------------------------ search
@dataclass(frozen=True, slots=True)
class Line:
    """An article in a list of results."""

    article: Article
    url: str
    """'' when the address may not become a link."""
    title: Markup
    excerpt: Markup
    measures: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """A value of a facet with what its links lead to ('' when they cannot)."""

    label: str
    articles: int
    add: str
    exclude: str
    remove: str


def search(desk: Desk, request: Request) -> Response:
    """Articles that match, newest or best first, with timeline and facets."""
    asked = read(request)
    try:
        tree = parse(asked.query)
    except QueryError as error:
        return desk.page(
            "search.html", status=400, asked=asked, error=pointed(asked.query, error), **_form(asked, desk.now())
        )
    hits = desk.archive.search(tree, sort=asked.sort, limit=PER_PAGE, after=asked.after, zone=asked.zone)
    timeline, facets, unanswered = None, {}, ""
    if hits.total:
        try:
            timeline = _timeline(desk, asked)
            facets = desk.archive.facets(tree, FACETS, n=PER_FACET, zone=asked.zone)
        except UserError as error:  # the list is worth having without them
            unanswered = error.reason
    return desk.page(
        "search.html",
        asked=asked,
        error=None,
        hits=hits,
        stories=_stories(desk, tree, hits),
        next=asked.at(after=hits.next) if hits.next else "",
        timeline=timeline,
        facets={FACETS[field]: _choices(asked, field, found) for field, found in facets.items() if found},
        places=lambda article: [(place, _narrowed(asked, "place", place)) for place in article.places],
        unanswered=unanswered,
        **_form(asked, desk.now()),
    )


def _form(asked: Asked, now: datetime) -> dict[str, Any]:
    """What the form needs whether the query can be read or not."""
    today = now.astimezone(ZoneInfo(asked.zone)).date()
    return {
        "zones": ZONES if asked.zone in ZONES else (asked.zone, *ZONES),
        "examples": [(query, what, link("/", q=query)) for query, what in EXAMPLES],
        "periods": [(name, _since(asked, today - timedelta(days=days))) for name, days in PERIODS.items()],
    }


def _since(asked: Asked, first: date) -> str:
    query = narrowing.since(asked.query, first)
    return asked.at(q=query) if query else ""


def _stories(desk: Desk, tree: Node | None, hits: Hits) -> list[tuple[Line, Folded, list[Line]]]:
    names = measures_of(desk.archive, hits.articles)

    def line(article: Article) -> Line:
        return Line(
            article=article,
            url=outside(article.url),
            # Escaped by ``highlight``.
            title=Markup(highlight(tree, "title", article.title or "(without a title)")),  # noqa: S704
            excerpt=Markup(highlight(tree, "body", article.text, around=SNIPPET // 2)),  # noqa: S704
            measures=tuple(names[measure] for measure in article.measures if measure in names),
        )

    return [(line(story.lead), story, [line(copy) for copy in story.copies]) for story in fold(hits.articles)]


def _choices(asked: Asked, field: str, found: Sequence[Facet]) -> list[Choice]:
    choices = []
    for facet in found:
        term = narrowing.term(field, facet.value)
        without = narrowing.removed(asked.query, term) if term else None
        more = narrowing.added(asked.query, term) if term and without is None else ""
        less = narrowing.added(asked.query, f"-{term}") if term and without is None else ""
        choices.append(
            Choice(
                label=said_as(field, facet.value),
                articles=facet.articles,
                add=asked.at(q=more) if more else "",
                exclude=asked.at(q=less) if less else "",
                remove="" if without is None else asked.at(q=without),
            )
        )
    return choices


def said_as(field: str, value: str) -> str:
    """A facet's value for a reader."""
    if field in ("stage", "direction", "kind"):
        return said(value)
    return state_name(value) if field in ("state", "place") else value


def _narrowed(asked: Asked, field: str, label: str) -> str:
    term = narrowing.term(field, label)
    query = narrowing.added(asked.query, term) if term else ""
    return asked.at(q=query) if query else ""


# ------------------------------------------------------------------ timeline
def _timeline(desk: Desk, asked: Asked) -> dict[str, object]:
    by: chart.By = asked.by or "week"
    answer = answers.timeline(desk.archive, asked.query, by=by, zone=asked.zone)
    weeks = len(answer["buckets"])
    if asked.by is None and weeks and not FEW_WEEKS <= weeks <= MANY_WEEKS:
        by = "day" if weeks < FEW_WEEKS else "month"
        answer = answers.timeline(desk.archive, asked.query, by=by, zone=asked.zone)
    drawn = chart.draw(answer["buckets"], by, asked.show)
    spans = {bar.first: narrowing.between(asked.query, bar.first, bar.last) for bar in drawn.bars} if drawn else {}
    return {
        "chart": drawn,
        "undated": answer["undated"],
        "by": by,
        "links": {first: asked.at(q=query, by="") if query else "" for first, query in spans.items()},
        "widths": [(width, asked.at(by=width)) for width in ("day", "week", "month")],
        "shows": [(name, asked.at(show=name)) for name in ("share", "count")],
    }


# ------------------------------------------------------------------ errors
@dataclass(frozen=True, slots=True)
class Pointed:
    """An error in a query, with the part of the query it is about and a caret under the character."""

    says: str
    line: str
    caret: str


def pointed(query: str, error: QueryError) -> Pointed:
    """Where in the query the error is. The caret counts wide characters as two columns and combining ones as none."""
    low = max(0, error.position - BEFORE_ERROR)
    high = error.position + AFTER_ERROR
    line = re.sub(r"\s", " ", query)
    before = ("…" if low else "") + line[low : error.position]
    rest = line[error.position : high] + ("…" if high < len(line) else "")
    return Pointed(error.reason, before + rest, " " * sum(map(_columns, before)) + "^")


def _columns(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in ("Cf", "Cc"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


# ------------------------------------------------------------------ sources
ORDERS: Mapping[str, str] = {"count": "Most articles", "share": "Largest share", "first": "First to report"}


def sources(desk: Desk, request: Request) -> Response:
    """Who covered it."""
    query = request.query_params.get("q", "").strip()
    by = request.query_params.get("by", "count")
    by = by if by in ORDERS else "count"
    values: dict[str, Any] = {"query": query, "by": by, "orders": ORDERS}
    try:
        answer = answers.sources(desk.archive, query, by=cast(Literal["count", "share", "first"], by))
    except QueryError as error:
        return desk.page("sources.html", status=400, error=pointed(query, error), rows=[], **values)
    rows = [(row, _narrowed(Asked(query), "source", row["source"])) for row in answer["sources"]]
    most = max((row["articles"] for row, _ in rows), default=1)
    return desk.page("sources.html", error=None, rows=rows, most=most, **values)
