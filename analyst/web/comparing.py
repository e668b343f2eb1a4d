"""Up to four queries on one chart."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from analyst import answers
from analyst.answers.coverage import COMPARED
from analyst.web import asking, chart
from analyst.web.asking import Pointed, pointed
from analyst.web.desk import Desk
from analyst.web.shown import link_of
from pipeline.archive.query import QueryError, parse

BY: chart.By = "week"


def compare(desk: Desk, request: Request) -> Response:
    """The queries that are given, as lines, with the numbers as a table."""
    asked = asking.read(request.query_params)
    given = [query.strip() for query in request.query_params.getlist("q")]
    queries = list(dict.fromkeys(filter(None, given)))[:COMPARED]
    errors = [_error(query) for query in queries]
    by: chart.By = asked.by or BY
    values: dict[str, Any] = {
        "asked": asked,
        "by": by,
        "fields": [*zip(queries, errors, strict=True), *[("", None)] * (COMPARED - len(queries))],
        "choices": [
            ("Measured as", [(name, _at(queries, asked, by, show=value), value == asked.show)
                             for value, name in (("share", "share"), ("count", "counts"))]),
            ("By", [(width, _at(queries, asked, width), width == by) for width in ("day", "week", "month")]),
        ],
    }  # fmt: skip
    if any(errors) or not queries:
        return desk.page("compare.html", status=400 if any(errors) else 200, lines=None, answer=None, **values)
    answer = answers.compare(desk.archive, queries, by=by, zone=asked.zone)
    table = [
        [count["share"] if asked.show == "share" else count["stories"] for count in bucket["counts"]]
        for bucket in answer["buckets"]
    ]
    starts = [bucket["start"] for bucket in answer["buckets"]]
    rows = [
        (chart.name_of(bucket["start"], by), bucket["counts"])
        for bucket in reversed(answer["buckets"])
        if any(count["articles"] for count in bucket["counts"])
    ]
    return desk.page(
        "compare.html",
        answer=answer,
        rows=rows,
        lines=chart.draw_lines(starts, table, queries, by, asked.show),
        **values,
    )


def _error(query: str) -> Pointed | None:
    try:
        parse(query)
    except QueryError as error:
        return pointed(query, error)
    return None


def _at(queries: list[str], asked: asking.Asked, by: str, *, show: str = "") -> str:
    show, zone = show or asked.show, asked.zone
    pairs = [*(("q", query) for query in queries), ("by", by if by != BY else "")]
    return link_of(
        "/compare", [*pairs, ("show", show if show != "share" else ""), ("tz", zone if zone != "UTC" else "")]
    )
