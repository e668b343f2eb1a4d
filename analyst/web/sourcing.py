"""Who covered it: the outlets of a result, page by page, and when each of them wrote."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from math import ceil, sqrt
from typing import Any, Literal, cast

from starlette.requests import Request
from starlette.responses import Response

from analyst import answers
from analyst.answers.owners import said, shared
from analyst.answers.results import HeatmapAnswer, SourcesAnswer
from analyst.web import asking, faceting, narrowing
from analyst.web.asking import Asked, pointed
from analyst.web.chart import By, last_day, name_of
from analyst.web.desk import Desk
from analyst.web.paging import Pages
from pipeline.archive.query import QueryError
from pipeline.errors import PipelineError, UserError

ORDERS: Mapping[str, str] = {"count": "Most articles", "share": "Largest share", "first": "First to report"}
PER_PAGE = 50
"""Sources of the table."""
ROWS = 12
"""Sources of the heat map."""
FEW_COLUMNS = 60
"""Up to so many weeks it is drawn by week, by month beyond, unless asked otherwise."""
MOST_COLUMNS = 262
"""Weeks of five years: of more the latest are shown."""
LED = 40
"""Columns up to which a cell is wide enough to be hit, and leads to its articles."""
NAMED = 6
"""Columns up to which each has its name above it."""
SHADES = 5
OWNERS = 8
"""Owners of several sources that are named."""


@dataclass(frozen=True, slots=True)
class Column:
    """A week or a month of the heat map."""

    name: str
    first: date
    last: date
    says: Literal["", "all", "from", "to"] = ""
    """Whether its name is seen: within its column, or reaching over its neighbours from its left or to its right."""


@dataclass(frozen=True, slots=True)
class Cell:
    """The articles of a source in a column."""

    articles: int
    shade: int
    """0: none, to ``SHADES``."""
    href: str
    """Where they are; '' without any, and where cells are too narrow."""


@dataclass(frozen=True, slots=True)
class Heat:
    """The heat map."""

    by: By
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, str, tuple[Cell, ...]], ...]
    """For each source its name, where its articles are ('' when no query names it), and its cells."""
    scale: tuple[tuple[int, str], ...]
    """What the shades mean: (4, "10–17")."""
    earlier: int
    """Columns before these, which are left out."""


def sources(desk: Desk, request: Request) -> Response:
    """The outlets in one of three orders, page by page, and on the first page the heat map of those that have most, by
    week or by month. Of the address' ``by`` these two count."""
    asked = asking.read(request.query_params)
    if asked.by == "day":
        asked = replace(asked, by=None)
    wanted = request.query_params.get("order", "count")
    order = cast(Literal["count", "share", "first"], wanted if wanted in ORDERS else "count")
    values: dict[str, Any] = {"asked": asked, "order": order, "orders": ORDERS, "page": "/sources"}
    values["taken"] = faceting.taken(asked, "source", lambda query: _here(asked, order, q=query))
    try:
        answer = answers.sources(desk.archive, asked.whole, by=order, zone=asked.zone)
    except QueryError as error:
        told = pointed(asked.query, error)
        return desk.page("sources.html", status=400, rows=[], error=told, problem="", **values)
    except UserError as error:
        return desk.page("sources.html", status=400, rows=[], error=None, problem=error.reason, **values)
    kept = asked.state(order=_unusual(order))
    pages = Pages("/sources", request, len(answer["sources"]), PER_PAGE, part="table", again=[*kept.items()])
    firsts = [row["first"] for row in answer["sources"] if row["first"]]
    several = shared(answer)
    return desk.stream(
        "sources.html",
        error=None,
        problem="",
        rows=[(row, *_narrowed(asked, order, row["source"])) for row in answer["sources"][pages.first : pages.end]],
        pages=pages,
        begin=_here(asked, order),
        whose=said(answer) if answer["sources"] else "",
        several=[(name, count, _owned(asked, order, answer, name)) for name, count in several[:OWNERS]],
        others=len(several[OWNERS:]),
        anybodys=any(row["owner"] for row in answer["sources"]),
        most=max((row["articles"] for row in answer["sources"]), default=1),
        earliest=min(firsts, default=None),
        map=lambda: _map(desk, asked, order),
        **values,
    )


def _here(asked: Asked, order: str, **changes: str) -> str:
    """The address of the first page, with some changes."""
    return asked.at("/sources", order=_unusual(order), **changes)


def _unusual(order: str) -> str:
    return "" if order == "count" else order


def _narrowed(asked: Asked, order: str, source: str) -> tuple[str, str]:
    """The search within a source, and this page without it; '' where there is none."""
    term = narrowing.term("source", source)
    without = narrowing.added(asked.query, f"-{term}") if term else ""
    return _within(asked, source), _here(asked, order, q=without) if without else ""


def _within(asked: Asked, source: str, **changes: str) -> str:
    term = narrowing.term("source", source)
    only = narrowing.added(asked.query, term) if term else ""
    return asked.at(q=only, **{"by": "", **changes}) if only else ""


def _owned(asked: Asked, order: str, answer: SourcesAnswer, owner: str) -> str:
    """This page within an owner's sources; '' where no query can name them all."""
    term = narrowing.either("source", [row["source"] for row in answer["sources"] if row["owner"] == owner])
    only = narrowing.added(asked.query, term) if term else ""
    return _here(asked, order, q=only) if only else ""


# ------------------------------------------------------------------ heat map
def _map(desk: Desk, asked: Asked, order: str) -> dict[str, Any]:
    """What the template needs for it; a reason when it cannot be had: the table is worth having without it."""
    try:
        by: By = asked.by or "week"
        answer = answers.heatmap(desk.archive, asked.whole, by=by, n=ROWS, zone=asked.zone)
        if asked.by is None and len(answer["starts"]) > FEW_COLUMNS:
            by = "month"
            answer = answers.heatmap(desk.archive, asked.whole, by=by, n=ROWS, zone=asked.zone)
    except PipelineError as error:
        return {"heat": None, "unanswered": error.reason}
    widths = [(width, _here(asked, order, by=width), width == by) for width in ("week", "month")]
    drawn = heat(answer, by, asked) if answer["starts"] else None
    return {"heat": drawn, "unanswered": "", "choices": [("By", widths)]}


def heat(answer: HeatmapAnswer, by: By, asked: Asked) -> Heat:
    """The heat map of an answer that has at least one column, or of its latest ``MOST_COLUMNS``."""
    columns = _columns(answer["starts"][-MOST_COLUMNS:], by)
    counts = {row["source"]: row["counts"][-MOST_COLUMNS:] for row in answer["sources"]}
    most = max((n for of in counts.values() for n in of), default=1) or 1
    return Heat(
        by=by,
        columns=columns,
        rows=tuple(
            (
                source,
                _within(asked, source),
                tuple(
                    Cell(n, shade(n, most), _cell(asked, source, column) if n and len(columns) <= LED else "")
                    for n, column in zip(of, columns, strict=True)
                ),
            )
            for source, of in counts.items()
        ),
        scale=scale(most),
        earlier=len(answer["starts"]) - len(columns),
    )


def _cell(asked: Asked, source: str, column: Column) -> str:
    """The articles of a source in a column, as far as they lie within the dates that are asked for."""
    since = max(asked.since, column.first.isoformat())
    until = min(asked.until or "9999", column.last.isoformat())
    return _within(asked, source, since=since, until=until)


def _columns(starts: list[str], by: By) -> tuple[Column, ...]:
    apart = 4 if len(starts) <= LED else 10  # as many columns as a name is wide
    made = []
    for number, start in enumerate(starts):
        first = date.fromisoformat(start)
        says: Literal["", "all", "from", "to"] = ""
        if len(starts) <= NAMED:
            says = "all"
        elif number == len(starts) - 1:
            says = "to"
        elif number % apart == 0 and (not number or number + 2 * apart <= len(starts)):
            says = "from"
        made.append(Column(name_of(start, by), first, last_day(first, by), says))
    return tuple(made)


def shade(articles: int, most: int) -> int:
    """How dark a cell is, 0 (none) to ``SHADES`` (the most there are): in even steps; by the square root where there
    are more numbers than shades, since a few weeks of many articles would leave all others pale."""
    part = articles / most
    return ceil(SHADES * (part if most <= SHADES else sqrt(part)) - 1e-9)


def scale(most: int) -> tuple[tuple[int, str], ...]:
    """The shades that are used, each with the numbers it stands for."""
    firsts = [bisect_left(range(most + 1), step, key=lambda n: shade(n, most)) for step in range(1, SHADES + 2)]
    return tuple(
        (step, f"{first:,}" if first == end - 1 else f"{first:,}–{end - 1:,}")
        for step, (first, end) in enumerate(pairwise(firsts), 1)
        if first < end
    )
