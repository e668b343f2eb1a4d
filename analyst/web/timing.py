"""The timeline of the search page: over which days, by which width, and its twin, a table that may be a page of its
own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from analyst import answers
from analyst.answers.coverage import Span
from analyst.answers.results import FacetValue, TimelineAnswer
from analyst.web import asking, chart
from analyst.web.asking import Asked, pointed
from analyst.web.desk import Desk
from analyst.web.paging import Pages
from pipeline.archive.query import And, Days, Node, QueryError, parse

FEW_WEEKS, MANY_WEEKS = 9, 300
"""Under the one a timeline is drawn by day, over the other by month, unless asked otherwise."""
ROWS = 100
"""Of a table that stands under its chart; a longer one is a page of its own."""
PER_PAGE = 400
"""Rows of that page."""
WIDTHS: tuple[chart.By, ...] = ("day", "week", "month")


def chosen(tree: Node | None) -> Span:
    """The days that a query leaves: those of its dates that hold for all it finds."""
    if isinstance(tree, Days):
        return tree.first, tree.end - timedelta(days=1) if tree.end else None
    if not isinstance(tree, And):
        return None, None
    spans = [chosen(kid) for kid in tree.kids]
    firsts, lasts = ([day for day in edge if day] for edge in zip(*spans, strict=True))
    return max(firsts, default=None), min(lasts, default=None)


def today(desk: Desk, asked: Asked) -> date:
    """The day it is in the zone that is asked for."""
    return desk.now().astimezone(ZoneInfo(asked.zone)).date()


@dataclass(frozen=True, slots=True)
class Axis:
    """Over which days a timeline is drawn, and how wide its bars are."""

    within: Span
    """The days that the query or the form chose."""
    last: date
    """The last day that can tell something: of those chosen, or today."""
    by: chart.By
    sure: bool
    """Whether ``by`` needs no look at what is found."""

    @property
    def span(self) -> Span:
        """What the buckets have to cover."""
        return self.within[0], self.last


def axis(tree: Node | None, by: chart.By | None, now: date) -> Axis:
    """The axis of a query, as far as it is known before the archive is asked. ``by``: what is asked for."""
    first, last = chosen(tree)
    end = min(last or now, now)
    if by or first is None:
        return Axis((first, last), end, by or "week", by is not None)
    return Axis((first, last), end, _width((end - first).days / 7), True)


def _width(weeks: float) -> chart.By:
    return "day" if weeks < FEW_WEEKS else "month" if weeks > MANY_WEEKS else "week"


def ask(
    desk: Desk, asked: Asked, whole: str, tree: Node | None, fields: Sequence[str] = (), n: int = 0
) -> tuple[dict[str, Any], dict[str, list[FacetValue]]]:
    """What the template's timeline needs, and the facets, found together. A second question only where the width of
    the bars depends on what is found. Raises as ``answers.charts``."""
    over = axis(tree, asked.by, today(desk, asked))
    timeline, facets = answers.charts(
        desk.archive, whole, fields, n=n, by=over.by, zone=asked.zone, span=over.span
    )  # fmt: skip
    weeks = len(timeline["buckets"])
    if not over.sure and weeks and _width(weeks) != "week":
        over = replace(over, by=_width(weeks))
        timeline = answers.timeline(desk.archive, whole, by=over.by, zone=asked.zone, span=over.span)
    return shown(asked, timeline, over), facets["facets"]


def shown(asked: Asked, answer: TimelineAnswer, over: Axis) -> dict[str, Any]:
    """The timeline as the template draws it."""
    by = over.by
    drawn = chart.draw(
        answer["buckets"], by, asked.show, asked.of, answer["markers"], answer["gaps"], over.within
    )  # fmt: skip
    rows = drawn.rows[::-1] if drawn else ()
    return {
        "chart": drawn,
        "undated": answer["undated"],
        "by": by,
        "rows": rows,
        "inside": len(rows) <= ROWS,
        "zoom": lambda part: zoomed(asked, part.first, part.last),
        "choices": choices(asked, by, asked.at),
        "table": at_table(asked, by),
        "out": asked.any_day,
        "base": replace(asked, by=None).at(since="", until=""),
    }  # fmt: skip


def choices(
    asked: Asked, by: chart.By, at: Callable[..., str]
) -> list[tuple[str, list[tuple[str, str, bool]]]]:  # fmt: skip
    """The ways in which a chart can be drawn: of each choice its name and its values, each with its address and whether
    it is the present one. ``at``: the address of the page with some changes."""
    return [
        ("Measured as", [(name, at(show=value), value == asked.show)
                         for value, name in (("share", "share"), ("count", "counts"))]),
        ("Of", [(of, at(of=of), of == asked.of) for of in ("stories", "articles")]),
        ("By", [(width, at(by=width), width == by) for width in WIDTHS]),
    ]  # fmt: skip


def zoomed(asked: Asked, first: date, last: date) -> str:
    """The page within some days, both included."""
    return asked.at(since=first.isoformat(), until=last.isoformat(), by="")


def at_table(asked: Asked, by: str) -> str:
    """The timeline as a page of its own."""
    return asked.at("/timeline", sort="", show="", fold="", by=by)


def table(desk: Desk, request: Request) -> Response:
    """The table of a timeline alone, newest first, page by page."""
    asked = asking.read(request.query_params)
    try:
        whole = asked.whole
        tree = parse(whole)
    except QueryError as error:
        return desk.page("timeline.html", status=400, asked=asked, error=pointed(asked.query, error))
    timeline, _ = ask(desk, asked, whole, tree)
    kept = asked.state(sort="", show="", fold="", by=timeline["by"])
    pages = Pages("/timeline", request, len(timeline["rows"]), PER_PAGE, again=[*kept.items()])
    return desk.page(
        "timeline.html",
        asked=asked,
        error=None,
        timeline={**timeline, "rows": timeline["rows"][pages.first : pages.end]},
        pages=pages,
        back=asked.at(),
        widths=[(width, at_table(asked, width), width == timeline["by"]) for width in WIDTHS],
    )
