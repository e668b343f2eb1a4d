"""The forms of an export, each as an iterator of bytes."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import NotRequired

from typing_extensions import TypedDict

from analyst.answers.text import moment
from analyst.exports import calendar, rss
from analyst.exports.cells import cell
from analyst.exports.rows import COLUMNS, PAGE, Result, Row

BOM = b"\xef\xbb\xbf"


class ExportAnswer(TypedDict):
    """A whole result as one document, or what was written elsewhere."""

    query: str
    retrieved: str
    total: int
    articles: NotRequired[list[Row]]
    file: NotRequired[str]


@dataclass(frozen=True, slots=True)
class Form:
    """How an export is written."""

    media_type: str
    says: str
    write: Callable[[Result], Iterator[bytes]]
    whole: bool = True
    """It holds the whole result; else it is made from little of it, again and again."""
    first: int = PAGE
    """Articles that it needs to begin with (see ``rows.ask``)."""


def write_csv(result: Result) -> Iterator[bytes]:
    """RFC 4180 in UTF-8, with a header."""
    for number, batch in enumerate(_batches(result.rows())):
        text = io.StringIO()
        writer = csv.writer(text)
        if number == 0:
            writer.writerow(COLUMNS)
        writer.writerows([cell(value) for value in row.values()] for row in batch)
        yield text.getvalue().encode("utf-8", "replace")


def write_bom_csv(result: Result) -> Iterator[bytes]:
    """The same after a byte order mark, by which Excel knows UTF-8."""
    yield BOM
    yield from write_csv(result)


def write_jsonl(result: Result) -> Iterator[bytes]:
    """One object a line."""
    for batch in _batches(result.rows()):
        yield "".join(json.dumps(row) + "\n" for row in batch).encode()


def write_json(result: Result) -> Iterator[bytes]:
    """One document: ``query``, ``retrieved``, ``total`` and ``articles``."""
    head = summary(result)
    yield (json.dumps(head)[:-1] + ', "articles": [').encode()
    comma = ""
    for batch in _batches(result.rows()):
        if batch:
            yield (comma + ", ".join(map(json.dumps, batch))).encode()
            comma = ", "
    yield b"]}\n"


def summary(result: Result) -> ExportAnswer:
    """Query, time and size of a result."""
    return {"query": result.query, "retrieved": moment(result.retrieved), "total": result.first.total}


FORMS = {
    "csv": Form("text/csv; charset=utf-8", "for a spreadsheet", write_csv),
    "json": Form("application/json", "one document", write_json),
    "jsonl": Form("application/jsonl", "one object a line", write_jsonl),
    "rss": Form("application/rss+xml", "the newest articles, for a feed reader", rss.write, False, rss.ITEMS),
    "ics": Form("text/calendar; charset=utf-8", "dates of the measures, for a calendar", calendar.write, False, 1),
}
"""By the ending of a file's name."""


def offers() -> list[tuple[str, str, str, dict[str, str]]]:
    """What pages offer: form, name, what it is for, and the parameters that it takes."""
    plain: list[tuple[str, str, str, dict[str, str]]] = [
        (name, f".{name}", form.says, {}) for name, form in FORMS.items()
    ]
    return [*plain, ("csv", ".csv for Excel", "with the mark by which Excel knows its letters", {"bom": "true"})]


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """At least one, which may be empty."""
    rows = iter(rows)
    batch = list(islice(rows, PAGE))
    yield batch
    while batch := list(islice(rows, PAGE)):
        yield batch
