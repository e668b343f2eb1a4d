"""The search page: results first, then the timeline above them and what they can be narrowed to beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from analyst.answers.stories import Story, StoryPage, search_stories
from analyst.exports.forms import offers
from analyst.web import asking, narrowing, timing
from analyst.web.asking import Asked, pointed
from analyst.web.desk import Desk
from analyst.web.faceting import COUNTED, FACETS
from analyst.web.faceting import facets as narrowed
from analyst.web.listing import entries
from analyst.web.session import form_token, may_write
from analyst.web.shown import link
from pipeline.archive.query import Node, QueryError, parse
from pipeline.errors import PipelineError, UserError

PER_PAGE = 25
PERIODS: Mapping[str, int] = {"7 days": 7, "30 days": 30, "12 months": 365}
EXAMPLES: Sequence[tuple[str, str]] = (
    ('"sanctuary city" place:CA', "a phrase, about a place or state"),
    ("stage:adopted direction:mandates_cooperation", "what was adopted, and which way"),
    ("ordinance (detainer OR jail) -opinion", "either word; without a word"),
    ("sanctuar* since:2025-01 until:2025-06", "the start of a word; published between"),
    ('title:"city council" kind:news', "in the title only; by kind of article"),
    ('"council ordinance"~5', "words near each other"),
)


def search(desk: Desk, request: Request) -> Response:
    """Articles that match, newest or best first. The list is sent as soon as it is there; timeline and facets follow
    in the same page, which keeps their places free."""
    if short := asking.shortened("/", request.query_params):
        return RedirectResponse(short, 302)
    asked = asking.read(request.query_params)
    form = _form(desk, request, asked)
    try:
        whole = asked.whole
        tree = parse(whole)
    except QueryError as error:
        return desk.page("search.html", status=400, asked=asked, error=pointed(asked.query, error), **form)
    except UserError as error:
        return desk.page("search.html", status=400, asked=asked, error=None, problem=error.reason, **form)
    found = _found(desk, tree, asked)
    return desk.stream(
        "search.html",
        asked=asked,
        error=None,
        problem="",
        whole=whole,
        total=found.total,
        in_stories=_stories(asked, found),
        stories=entries(desk.archive, tree, found.stories),
        last=asked.first + len(found.stories) - 1,
        next=asked.at(after=found.next, **{"from": str(asked.first + len(found.stories))}) if found.next else "",
        places=lambda article: [(place, _narrowed(asked, "place", place)) for place in article.places],
        insights=partial(_insights, desk, asked, whole, tree),
        feed=link("/api/v1/export.rss", q=whole, tz="" if asked.zone == "UTC" else asked.zone),
        exports=[
            (name, says, link(f"/api/v1/export.{form}", q=whole, tz="" if asked.zone == "UTC" else asked.zone, **more))
            for form, name, says, more in offers()
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


def _stories(asked: Asked, found: StoryPage) -> int:
    """In how many stories the articles are, where one page has them all; 0 where that is not known."""
    return 0 if not asked.folded or asked.after or found.next else len(found.stories)


def _form(desk: Desk, request: Request, asked: Asked) -> dict[str, Any]:
    """What the form needs whether the query can be read or not."""
    today = timing.today(desk, asked)
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
def _insights(desk: Desk, asked: Asked, whole: str, tree: Node | None) -> dict[str, Any]:
    """Timeline and facets; a reason when they cannot be had: the list is worth having without them."""
    made: dict[str, Any] = {"timeline": None, "facets": [], "unanswered": ""}
    try:
        made["timeline"], facets = timing.ask(desk, asked, whole, tree, tuple(FACETS), COUNTED)
        made["facets"] = list(narrowed(desk.archive, asked, facets))
    except PipelineError as error:
        made["unanswered"] = error.reason
    return made


def _narrowed(asked: Asked, field: str, label: str) -> str:
    term = narrowing.term(field, label)
    query = narrowing.added(asked.query, term) if term else ""
    return asked.at(q=query) if query else ""
