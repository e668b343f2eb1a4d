"""Pages of a result in the SQLite archive, newest first or best match first, and their cursors."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass

from pipeline import errors
from pipeline.archive.articles import DAY_BITS, day_number, first_docno
from pipeline.archive.matching import sought
from pipeline.archive.query import Node, Or
from pipeline.archive.sql import Selection, match

RANKED = 20_000
"""Best match looks at so many of the newest articles found; ranking more would take seconds for common words."""
TITLE_WEIGHT = 8.0
"""A word in the title counts as much as so many in the body."""
_END = first_docno(1 << 24)
"""Above every docno."""


@dataclass(frozen=True, slots=True)
class Page:
    """Numbers of articles in order, and the cursor of what follows ('' when nothing does)."""

    docnos: tuple[int, ...]
    next: str


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an article stands when the newest come first: by date (None: last), then by id, both descending."""

    published: int | None
    id: str
    docno: int = 0


def newest(connection: sqlite3.Connection, selection: Selection, limit: int, after: str) -> Page:
    """Raises ``errors.UserError`` on a cursor that is none of this order."""
    wanted = limit + 1
    found: list[_Place] = []
    below = _END
    if after:
        place = _read_cursor(after)
        day = day_number(place.published)
        below = first_docno(day)
        found = [
            each for each in _places(connection, selection, below, first_docno(day + 1)) if _order(each) < _order(place)
        ]
    if len(found) < wanted:
        found += _from_top(connection, selection, wanted - len(found), below)
    page = found[:limit]
    return Page(tuple(place.docno for place in page), _cursor(page[-1]) if len(found) > limit else "")


def _from_top(connection: sqlite3.Connection, selection: Selection, n: int, below: int) -> list[_Place]:
    """At least the n newest articles under a docno, where there are so many, in order.

    Docnos are in the order of days only: the n highest are read without sorting, then everything of the last day.
    """
    docno = selection.docno
    top = connection.execute(
        f"SELECT {docno} {selection.rest} AND {docno} < ? ORDER BY {docno} DESC LIMIT ?",
        (*selection.arguments, below, n),
    ).fetchall()
    if not top:
        return []
    return _places(connection, selection, first_docno(top[-1][0] >> DAY_BITS), below)


def _places(connection: sqlite3.Connection, selection: Selection, low: int, high: int) -> list[_Place]:
    """The found articles with docnos in [low, high), in order."""
    docno = selection.docno
    rows = connection.execute(
        f"SELECT meta.published, article.id, article.docno FROM article JOIN meta USING (docno)"
        f" WHERE article.docno IN (SELECT {docno} {selection.rest} AND {docno} >= ? AND {docno} < ?)",
        (*selection.arguments, low, high),
    )
    return sorted((_Place(*row) for row in rows), key=_order, reverse=True)


def _order(place: _Place) -> tuple[bool, int, str]:
    return place.published is not None, place.published or 0, place.id


def _cursor(place: _Place) -> str:
    return f"{'' if place.published is None else place.published}~{place.id}"


def _read_cursor(cursor: str) -> _Place:
    found = re.fullmatch(r"(-?\d{1,15})?~(.+)", cursor, re.ASCII | re.DOTALL)
    if not found:
        raise errors.UserError("this is no place in a list of newest articles; begin at its first page")
    return _Place(int(found[1]) if found[1] else None, found[2])


# ------------------------------------------------------------------ best match
def best(connection: sqlite3.Connection, selection: Selection, query: Node | None, limit: int, after: str) -> Page:
    """Best match first among the ``RANKED`` newest; articles that are found for another reason than their words
    follow. Raises ``errors.UserError`` on a cursor that is none of this order."""
    skip = 0
    if after:
        if not re.fullmatch(r"best~\d{1,6}", after, re.ASCII):
            raise errors.UserError("this is no place in a list of best matches; begin at its first page")
        skip = int(after.partition("~")[2])
    docno = selection.docno
    found = connection.execute(
        f"SELECT {docno} {selection.rest} ORDER BY {docno} DESC LIMIT ?", (*selection.arguments, RANKED)
    ).fetchall()
    scores = _scores(connection, query, low=found[-1][0]) if found else {}
    docnos = [number for (number,) in found]
    docnos.sort(key=lambda number: scores.get(number, 0.0))  # bm25 is negative; stable: of equals the newest first
    page = docnos[skip : skip + limit]
    return Page(tuple(page), f"best~{skip + limit}" if len(docnos) > skip + limit else "")


def _scores(connection: sqlite3.Connection, query: Node | None, low: int) -> dict[int, float]:
    """bm25 (lower is better) of articles from a docno on, for any of the texts that a query looks for."""
    texts = tuple(dict.fromkeys(sought(query)))
    if not texts:
        return {}
    expression = match(texts[0] if len(texts) == 1 else Or(texts))
    return dict(
        connection.execute(
            f"SELECT rowid, bm25(fts, {TITLE_WEIGHT}, 1.0) FROM fts WHERE fts MATCH ? AND rowid >= ?",
            (expression, low),
        ).fetchall()
    )
