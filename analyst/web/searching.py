"""The search page: results first, then the timeline above them and what they can be narrowed to beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from analyst import answers
from analyst.answers.results import FacetValue, TimelineAnswer
from analyst.answers.stories import Story, StoryPage, search_stories
from analyst.exports.forms import FORMS
from analyst.web import asking, chart, narrowing
from analyst.web.asking import Asked, pointed
from analyst.web.desk import Desk
from analyst.web.listing import entries
from analyst.web.session import form_token, may_write
from analyst.web.shown import link, said, state_name
from pipeline.archive.query import Node, QueryError, parse
from pipeline.errors import PipelineError

PER_PAGE = 25
FACETS: Mapping[str, str] = {
    "place": "Place",
    "stage": "Stage",
    "direction": "Direction",
    "source": "Source",
    "kind": "Kind of article",
    "state": "Home of the source",
    "lang": "Language",
}
PER_FACET = 8
OPEN_FACETS = ("place", "stage", "direction", "source")
"""Unfolded when the page opens."""
PERIODS: Mapping[str, int] = {"7 days": 7, "30 days": 30, "12 months": 365}
FEW_WEEKS, MANY_WEEKS = 9, 300
"""Under the one a timeline is drawn by day, over the other by month, unless asked otherwise."""
LANGUAGES: Mapping[str, str] = {
    "en": "English", "es": "Spanish", "fr": "French", "de": "German", "pt": "Portuguese", "zh": "Chinese",
    "vi": "Vietnamese", "ko": "Korean", "tl": "Tagalog", "ar": "Arabic", "ru": "Russian",
}  # fmt: skip
EXAMPLES: Sequence[tuple[str, str]] = (
    ('"sanctuary city" place:CA', "a phrase, about a place or state"),
    ("stage:adopted direction:mandates_cooperation", "what was adopted, and which way"),
    ("ordinance (detainer OR jail) -opinion", "either word; without a word"),
    ("sanctuar* since:2025-01 until:2025-06", "the start of a word; published between"),
    ('title:"city council" kind:news', "in the title only; by kind of article"),
    ('"council ordinance"~5', "words near each other"),
)


@dataclass(frozen=True, slots=True)
class Choice:
    """A value of a facet with what its links lead to ('' when they cannot)."""

    label: str
    articles: int
    add: str
    exclude: str
    remove: str
    without: bool
    """It is left out at present; ``remove`` takes that back."""


def search(desk: Desk, request: Request) -> Response:
    """Articles that match, newest or best first. The list is sent as soon as it is there; timeline and facets follow
    in the same page, which keeps their places free."""
    asked = asking.read(request.query_params)
    form = _form(desk, request, asked)
    try:
        whole = asked.whole
        tree = parse(whole)
    except QueryError as error:
        return desk.page("search.html", status=400, asked=asked, error=pointed(asked.query, error), **form)
    found = _found(desk, tree, asked)
    return desk.stream(
        "search.html",
        asked=asked,
        error=None,
        whole=whole,
        total=found.total,
        stories=entries(desk.archive, tree, found.stories),
        next=asked.at(after=found.next) if found.next else "",
        places=lambda article: [(place, _narrowed(asked, "place", place)) for place in article.places],
        insights=partial(_insights, desk, asked, whole),
        exports=[
            (name, says.says, link(f"/api/v1/export.{name}", q=whole, tz="" if asked.zone == "UTC" else asked.zone))
            for name, says in FORMS.items()
        ],
        **form,
    )


def _found(desk: Desk, tree: Node | None, asked: Asked) -> StoryPage:
    if asked.folded:
        return search_stories(
            desk.archive, tree, sort=asked.sort, limit=PER_PAGE, after=asked.after, zone=asked.zone
        )  # fmt: skip
    hits = desk.archive.search(tree, sort=asked.sort, limit=PER_PAGE, after=asked.after, zone=asked.zone)
    return StoryPage(hits.total, tuple(map(Story, hits.articles)), hits.next)


def _form(desk: Desk, request: Request, asked: Asked) -> dict[str, Any]:
    """What the form needs whether the query can be read or not."""
    today = desk.now().astimezone(ZoneInfo(asked.zone)).date()
    return {
        "examples": [(query, what, link("/", q=query)) for query, what in EXAMPLES],
        "periods": [
            (name, asked.at(since=first, until=""), asked.since == first and not asked.until)
            for name, days in PERIODS.items()
            for first in [(today - timedelta(days=days)).isoformat()]
        ],
        "token": form_token(desk, request) if may_write(request) else "",
    }


# ------------------------------------------------------------------ what follows the list
def _insights(desk: Desk, asked: Asked, whole: str) -> dict[str, Any]:
    """Timeline and facets; a reason when they cannot be had: the list is worth having without them."""
    by: chart.By = asked.by or _guessed(asked)
    try:
        timeline, facets = answers.charts(desk.archive, whole, tuple(FACETS), n=PER_FACET, by=by, zone=asked.zone)
        n = len(timeline["buckets"])
        if asked.by is None and by == "week" and n and not FEW_WEEKS <= n <= MANY_WEEKS:
            by = "day" if n < FEW_WEEKS else "month"
            timeline = answers.timeline(desk.archive, whole, by=by, zone=asked.zone)
        return {
            "timeline": _timeline(asked, timeline, by),
            "facets": list(_facets(asked, facets["facets"])),
            "unanswered": "",
        }
    except PipelineError as error:
        return {"timeline": None, "facets": [], "unanswered": error.reason}


def _facets(asked: Asked, found: Mapping[str, Sequence[FacetValue]]) -> Iterator[tuple[str, bool, list[Choice]]]:
    excluded = narrowing.excluded(asked.query)
    for field, name in FACETS.items():
        choices = [
            choice for value, n in _values(field, found[field], excluded) if (choice := _choice(asked, field, value, n))
        ]
        if choices:
            chosen = any(choice.remove for choice in choices)
            yield name, field in OPEN_FACETS or chosen, choices


def _values(
    field: str, found: Sequence[FacetValue], excluded: Mapping[str, Sequence[str]]
) -> Iterator[tuple[str, int]]:
    """What is left out comes first: it is not in the result, but has to be there to be taken back."""
    for value in excluded.get(field, ()):
        yield value, 0
    for facet in found:
        yield facet["value"], facet["articles"]


def _choice(asked: Asked, field: str, value: str, articles: int) -> Choice | None:
    term = narrowing.term(field, value)
    with_it = narrowing.removed(asked.query, term) if term else None
    without = narrowing.removed(asked.query, f"-{term}") if term else None
    free = term and with_it is None and without is None
    more = narrowing.added(asked.query, term) if free else ""
    less = narrowing.added(asked.query, f"-{term}") if free else ""
    back = with_it if with_it is not None else without
    if not articles and without is None:
        return None
    return Choice(
        label=said_as(field, value),
        articles=articles,
        add=asked.at(q=more) if more else "",
        exclude=asked.at(q=less) if less else "",
        remove="" if back is None else asked.at(q=back),
        without=without is not None,
    )


def said_as(field: str, value: str) -> str:
    """A facet's value for a reader."""
    if field in ("stage", "direction", "kind"):
        return said(value)
    if field == "lang":
        return LANGUAGES.get(value, value)
    return state_name(value) if field in ("state", "place") else value


def _narrowed(asked: Asked, field: str, label: str) -> str:
    term = narrowing.term(field, label)
    query = narrowing.added(asked.query, term) if term else ""
    return asked.at(q=query) if query else ""


# ------------------------------------------------------------------ timeline
def _timeline(asked: Asked, answer: TimelineAnswer, by: chart.By) -> dict[str, object]:
    return {
        "chart": chart.draw(answer["buckets"], by, asked.show, asked.of, answer["markers"], answer["gaps"]),
        "undated": answer["undated"],
        "by": by,
        "zoom": lambda bar: zoomed(asked, bar.first, bar.last),
        "choices": [
            ("Measured as", [(name, asked.at(show=value), value == asked.show)
                             for value, name in (("share", "share"), ("count", "counts"))]),
            ("Of", [(of, asked.at(of=of), of == asked.of) for of in ("stories", "articles")]),
            ("By", [(width, asked.at(by=width), width == by) for width in ("day", "week", "month")]),
        ],
        "out": asked.at(since="", until="", by="") if asked.since or asked.until else "",
        "base": replace(asked, by=None).at(since="", until=""),
    }  # fmt: skip


def _guessed(asked: Asked) -> chart.By:
    """What fits the dates that are asked for, so that one question is enough."""
    if asked.since and asked.until:
        days = (date.fromisoformat(asked.until) - date.fromisoformat(asked.since)).days
        if days < 7 * FEW_WEEKS:
            return "day"
        if days > 7 * MANY_WEEKS:
            return "month"
    return "week"


def zoomed(asked: Asked, first: date, last: date) -> str:
    """The page within some days, both included."""
    return asked.at(since=first.isoformat(), until=last.isoformat(), by="")
