"""Who covered it: the outlets of a result, and when each of them wrote."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from starlette.requests import Request
from starlette.responses import Response

from analyst import answers
from analyst.answers.owners import said, shared
from analyst.answers.results import HeatmapAnswer, SourcesAnswer
from analyst.web import asking, narrowing
from analyst.web.asking import Asked, pointed
from analyst.web.chart import By, name_of
from analyst.web.desk import Desk
from pipeline.archive.query import QueryError
from pipeline.errors import PipelineError

ORDERS: Mapping[str, str] = {"count": "Most articles", "share": "Largest share", "first": "First to report"}
ROWS = 12
"""Sources of the heat map."""
MOST_WEEKS = 60
"""Columns up to which it is drawn by week; by month beyond."""
SHADES = 5
OWNERS = 8
"""Owners of several sources that are named."""


@dataclass(frozen=True, slots=True)
class Heat:
    """The heat map: for each source, its articles in each week or month with a shade (0: none, to ``SHADES``)."""

    by: By
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[tuple[int, int], ...]], ...]


def sources(desk: Desk, request: Request) -> Response:
    """The outlets in one of three orders, with the heat map of those that have most."""
    asked = asking.read(request.query_params)
    wanted = request.query_params.get("order", "count")
    order = cast(Literal["count", "share", "first"], wanted if wanted in ORDERS else "count")
    values: dict[str, Any] = {"asked": asked, "order": order, "orders": ORDERS, "page": "/sources"}
    try:
        answer = answers.sources(desk.archive, asked.whole, by=order, zone=asked.zone)
    except QueryError as error:
        return desk.page("sources.html", status=400, error=pointed(asked.query, error), rows=[], **values)
    rows = [(row, *_narrowed(asked, row["source"])) for row in answer["sources"]]
    firsts = [row["first"] for row in answer["sources"] if row["first"]]
    several = shared(answer)
    return desk.stream(
        "sources.html",
        error=None,
        rows=rows,
        whose=said(answer) if rows else "",
        several=[(name, count, _owned(asked, answer, name)) for name, count in several[:OWNERS]],
        others=len(several[OWNERS:]),
        most=max((row["articles"] for row, *_ in rows), default=1),
        earliest=min(firsts, default=None),
        heat=lambda: _heat(desk, asked) if rows else None,
        **values,
    )


def _narrowed(asked: Asked, source: str) -> tuple[str, str]:
    """The searches within a source and without it; '' where there is none."""
    term = narrowing.term("source", source)
    only = narrowing.added(asked.query, term) if term else ""
    without = narrowing.added(asked.query, f"-{term}") if term else ""
    return (asked.at(q=only) if only else "", asked.at("/sources", q=without) if without else "")


def _owned(asked: Asked, answer: SourcesAnswer, owner: str) -> str:
    """This page within an owner's sources; '' where no query can name them all."""
    terms = [narrowing.term("source", row["source"]) for row in answer["sources"] if row["owner"] == owner]
    only = narrowing.added(asked.query, f"({' OR '.join(terms)})") if all(terms) else ""
    return asked.at("/sources", q=only) if only else ""


def _heat(desk: Desk, asked: Asked) -> Heat | None:
    """None when it cannot be had, or shows nothing: the table is worth having without it."""
    try:
        by: By = "week"
        answer = answers.heatmap(desk.archive, asked.whole, by=by, n=ROWS, zone=asked.zone)
        if len(answer["starts"]) > MOST_WEEKS:
            by = "month"
            answer = answers.heatmap(desk.archive, asked.whole, by=by, n=ROWS, zone=asked.zone)
    except PipelineError:
        return None
    return heat(answer, by) if answer["starts"] else None


def heat(answer: HeatmapAnswer, by: By) -> Heat:
    """The heat map of an answer that has at least one column."""
    most = max((n for row in answer["sources"] for n in row["counts"]), default=1) or 1
    return Heat(
        by=by,
        columns=tuple(name_of(start, by) for start in answer["starts"]),
        rows=tuple(
            (row["source"], tuple((n, max(1, round(SHADES * (n / most) ** 0.5)) if n else 0) for n in row["counts"]))
            for row in answer["sources"]
        ),
    )
