"""Up to four queries on one chart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from analyst import answers
from analyst.answers.coverage import COMPARED, Span, between
from analyst.answers.results import Bucket, Gap, Marker, TimelineAnswer
from analyst.web import asking, chart, timing
from analyst.web.asking import Asked, Pointed, pointed
from analyst.web.desk import Desk
from analyst.web.paging import Pages
from analyst.web.shown import link_of
from pipeline.archive.query import Node, QueryError, parse


@dataclass(frozen=True, slots=True)
class Side:
    """One of the compared queries."""

    asked: Asked
    """With the dates of the form."""
    whole: str
    tree: Node | None

    @property
    def query(self) -> str:
        return self.asked.query


@dataclass(frozen=True, slots=True)
class Legend:
    """What is said of a query beside its line."""

    query: str
    href: str
    says: str


@dataclass(frozen=True, slots=True)
class Compared:
    """The queries on one axis."""

    by: chart.By
    within: Span
    """The days that are looked at."""
    starts: tuple[str, ...]
    buckets: tuple[tuple[Bucket | None, ...], ...]
    """Of each query; None outside of what it asks about."""
    answers: tuple[TimelineAnswer, ...]


def compare(desk: Desk, request: Request) -> Response:
    """The queries that are given, as lines, with the numbers as a table."""
    asked, given = _read(request)
    sides, values = _form(asked, given)
    if not sides:
        return _unasked(desk, given, values)
    found = _ask(desk, asked, sides)
    rows = _rows(asked, given, found)
    return desk.page(
        "compare.html",
        lines=_lines(asked, given, found),
        asks=True,
        searched=True,
        by=found.by,
        choices=timing.choices(asked, found.by, partial(_at, asked, given)),
        legend=[_legend(asked, side, answer, found.by) for side, answer in zip(sides, found.answers, strict=True)],
        rows=rows,
        bands=_bands(given, found),
        queries=given,
        inside=len(rows) <= timing.ROWS,
        table=_at(asked, given, "/compare/table", by=found.by),
        zoom=_at(asked, given, since="", until="", by=""),
        out=_at(asked, given, since="", until="", by="") if asked.since or asked.until else "",
        **values,
    )


def table(desk: Desk, request: Request) -> Response:
    """The table of a comparison alone, newest first, page by page."""
    asked, given = _read(request)
    sides, values = _form(asked, given)
    if not sides:
        return _unasked(desk, given, values)
    found = _ask(desk, asked, sides)
    rows = _rows(asked, given, found)
    pages = Pages(
        "/compare/table", request, len(rows), timing.PER_PAGE, again=[("q", query) for query in given],
        **_state(asked, by=found.by),
    )  # fmt: skip
    return desk.page(
        "compare_table.html",
        asked=asked,
        by=found.by,
        widths=[(width, _at(asked, given, "/compare/table", by=width), width == found.by) for width in timing.WIDTHS],
        rows=rows[pages.first : pages.end],
        queries=given,
        bands=_bands(given, found),
        pages=pages,
        back=_at(asked, given),
    )


def _unasked(desk: Desk, given: Sequence[str], values: Mapping[str, Any]) -> Response:
    """The form alone: nothing is asked yet, or what is asked cannot be compared."""
    status = 400 if given or values["refused"] else 200
    return desk.page("compare.html", status=status, lines=None, asks=bool(given), searched=False, **values)


# ------------------------------------------------------------------ what is asked
def _read(request: Request) -> tuple[Asked, list[str]]:
    given = [query.strip() for query in request.query_params.getlist("q")]
    return asking.read(request.query_params), list(dict.fromkeys(filter(None, given)))


def _form(asked: Asked, given: Sequence[str]) -> tuple[list[Side], dict[str, Any]]:
    """The sides, none where there are too many or one cannot be read, or the dates cannot be; and what the form needs.
    Raises ``UserError`` when a query is too long for the dates."""
    errors = [_error(query) for query in given]
    refused = asked.wrong
    if len(given) > COMPARED:
        refused = f"Up to {COMPARED} queries can be compared, not {len(given)}; leave one out"
    values = {
        "asked": asked,
        "fields": [*zip(given, errors, strict=True), *[("", None)] * (COMPARED - len(given))],
        "most": COMPARED,
        "refused": refused,
    }
    return [] if any(errors) or refused else [_side(replace(asked, query=query)) for query in given], values


def _side(asked: Asked) -> Side:
    return Side(asked, asked.whole, parse(asked.whole))


def _error(query: str) -> Pointed | None:
    try:
        parse(query)
    except QueryError as error:
        return pointed(query, error)
    return None


def _state(asked: Asked, **changes: str) -> dict[str, str]:
    """What the address says of this page beside its queries, with some changes."""
    return asked.state(q="", sort="", fold="", **changes)


def _at(asked: Asked, given: Sequence[str], path: str = "/compare", **changes: str) -> str:
    """An address of this page with some changes."""
    return link_of(path, [*(("q", query) for query in given), *_state(asked, **changes).items()])


# ------------------------------------------------------------------ what is found
def _ask(desk: Desk, asked: Asked, sides: Sequence[Side]) -> Compared:
    """The timelines of the queries on one axis, which holds all of them. Raises as ``answers.timeline``."""
    now = timing.today(desk, asked)
    axes = [timing.axis(side.tree, asked.by, now) for side in sides]
    by = asked.by or _width(axes)
    found = [
        answers.timeline(desk.archive, side.whole, by=by, zone=asked.zone, span=axis.span)
        for side, axis in zip(sides, axes, strict=True)
    ]
    counts = [{bucket["start"]: bucket for bucket in answer["buckets"]} for answer in found]
    starts = [
        start.isoformat() for start in between((date.fromisoformat(start) for of in counts for start in of), by)
    ]  # fmt: skip
    return Compared(
        by,
        (_day(asked.since), _day(asked.until)),
        tuple(starts),
        tuple(
            tuple(of.get(start) or _none(start, by, axis) for start in starts)
            for of, axis in zip(counts, axes, strict=True)
        ),
        tuple(found),
    )


def _width(axes: Sequence[timing.Axis]) -> chart.By:
    """Weeks, unless all begin on a day that is known: then what fits the longest."""
    if any(axis.within[0] is None for axis in axes):
        return "week"
    widths: list[chart.By] = [axis.by for axis in axes]
    return max(widths, key=timing.WIDTHS.index)


def _day(given: str) -> date | None:
    return date.fromisoformat(given) if given else None


def _none(start: str, by: chart.By, axis: timing.Axis) -> Bucket | None:
    """What a query has where its timeline has no bucket: nothing, or no say."""
    day = date.fromisoformat(start)
    first, last = axis.within
    if (first and chart.last_day(day, by) < first) or (last and day > last):
        return None
    return {"start": start, "articles": 0, "stories": 0, "coverage": 0, "share": 0.0}


def _lines(asked: Asked, given: Sequence[str], found: Compared) -> chart.Lines | None:
    marks: dict[tuple[str, str, str], Marker] = {
        (mark["date"], mark["measure"], mark["stage"]): mark for answer in found.answers for mark in answer["markers"]
    }
    values = [
        [None if bucket is None else chart.value(bucket, asked.show, asked.of) for bucket in line]
        for line in found.buckets
    ]
    return chart.draw_lines(
        found.starts, values, given, found.by, asked.show, asked.of, [marks[key] for key in sorted(marks)],
        _gaps(given, found),
        found.within,
    )  # fmt: skip


def _gaps(given: Sequence[str], found: Compared) -> list[tuple[Gap, str]]:
    return [(gap, query) for query, answer in zip(given, found.answers, strict=True) for gap in answer["gaps"]]


def _bands(given: Sequence[str], found: Compared) -> list[str]:
    return [chart.missed_by(gap, query, found.by, len(given)) for gap, query in _gaps(given, found)]


def _legend(asked: Asked, side: Side, answer: TimelineAnswer, by: chart.By) -> Legend:
    says = "no article with a date"
    if answer["buckets"]:
        peak = max(answer["buckets"], key=lambda bucket: chart.value(bucket, asked.show, asked.of))
        most = chart.amount(chart.value(peak, asked.show, asked.of), asked.show, asked.of)
        says = f"most {chart.told_at(peak['start'], by)}: {most}"
    if answer["undated"]:
        says += f"; {answer['undated']:,} without a date"
    return Legend(side.query, side.asked.at(by=""), says)


@dataclass(frozen=True, slots=True)
class Row:
    """A day, week or month in which one of the queries has an article."""

    name: str
    start: str
    """Its first day."""
    href: str
    """To this page within its days."""
    counts: tuple[Bucket | None, ...]


def _rows(asked: Asked, given: Sequence[str], found: Compared) -> list[Row]:
    """Newest first."""
    first, last = found.within
    rows = []
    for number in reversed(range(len(found.starts))):
        counts = tuple(line[number] for line in found.buckets)
        if any(count and count["articles"] for count in counts):
            start = date.fromisoformat(found.starts[number])
            days = max(start, first or start), min(chart.last_day(start, found.by), last or date.max)
            href = _at(asked, given, since=days[0].isoformat(), until=days[1].isoformat(), by="")
            rows.append(Row(chart.name_of(found.starts[number], found.by), found.starts[number], href, counts))
    return rows
