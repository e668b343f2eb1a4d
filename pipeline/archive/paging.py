"""Pages of a result in the SQLite archive, newest first or best match first, and their cursors."""

from __future__ import annotations

import json
import sqlite3
from bisect import bisect_left
from dataclasses import dataclass

from pipeline.archive.articles import DAY_BITS, day_number, first_docno
from pipeline.archive.asking import (
    RANKED,
    Place,
    best_cursor,
    newest_cursor,
    read_best_cursor,
    read_newest_cursor,
)
from pipeline.archive.matching import sought
from pipeline.archive.query import Node, Or
from pipeline.archive.sql import Selection, match

TITLE_WEIGHT = 8.0
"""A word in the title counts as much as so many in the body."""
_END = first_docno(1 << 24)
"""Above every docno."""


@dataclass(frozen=True, slots=True)
class Page:
    """Numbers of articles in order, and the cursor of what follows ('' when nothing does)."""

    docnos: tuple[int, ...]
    next: str


class Found:
    """The numbers of all articles that a query finds, read as late and as seldom as is cheapest."""

    def __init__(self, connection: sqlite3.Connection, selection: Selection) -> None:
        self._connection = connection
        self._selection = selection
        # Conditions that SQLite works out as a set beforehand would be worked out for each of three questions.
        self._docnos = None if selection.cheap else self._ask(f"ORDER BY {selection.docno}")

    def total(self) -> int:
        if self._docnos is not None:
            return len(self._docnos)
        selection = self._selection
        found: tuple[int] = self._connection.execute(
            f"SELECT count(*) {selection.rest}", selection.arguments
        ).fetchone()
        return found[0]

    def top(self, n: int, below: int = _END) -> list[int]:
        """The n highest numbers under another, descending."""
        if self._docnos is not None:
            end = bisect_left(self._docnos, below)
            return self._docnos[max(0, end - n) : end][::-1]
        docno = self._selection.docno
        return self._ask(f"AND {docno} < ? ORDER BY {docno} DESC LIMIT ?", below, n)

    def between(self, low: int, high: int) -> list[int]:
        """The numbers in [low, high)."""
        if self._docnos is not None:
            return self._docnos[bisect_left(self._docnos, low) : bisect_left(self._docnos, high)]
        docno = self._selection.docno
        return self._ask(f"AND {docno} >= ? AND {docno} < ?", low, high)

    def _ask(self, more: str, *arguments: int) -> list[int]:
        selection = self._selection
        rows = self._connection.execute(
            f"SELECT {selection.docno} {selection.rest} {more}", (*selection.arguments, *arguments)
        ).fetchall()
        return [number for (number,) in rows]


def newest(connection: sqlite3.Connection, found: Found, limit: int, after: str) -> Page:
    """Raises ``errors.UserError`` on a cursor that is none of this order."""
    wanted = limit + 1
    places: list[tuple[Place, int]] = []
    below = _END
    if after:
        last = read_newest_cursor(after)
        day = day_number(last.published)
        below = first_docno(day)
        of_that_day = _places(connection, found.between(below, first_docno(day + 1)))
        places = [(place, docno) for place, docno in of_that_day if _order(place) < _order(last)]
    if len(places) < wanted:
        # Docnos are in the order of days only: the highest are read without sorting, then all of the last day.
        top = found.top(wanted - len(places), below)
        if top:
            places += _places(connection, found.between(first_docno(top[-1] >> DAY_BITS), below))
    page = places[:limit]
    last_shown = page[-1][0] if len(places) > limit else None
    return Page(
        tuple(docno for _, docno in page),
        newest_cursor(last_shown.published, last_shown.id) if last_shown else "",
    )


def _places(connection: sqlite3.Connection, docnos: list[int]) -> list[tuple[Place, int]]:
    """Where articles stand, and their docnos, in order."""
    rows = connection.execute(
        "SELECT meta.published, article.id, article.docno FROM article JOIN meta USING (docno)"
        " WHERE article.docno IN (SELECT value FROM json_each(?))",
        (json.dumps(docnos),),
    )
    places = [(Place(published, name), docno) for published, name, docno in rows]
    return sorted(places, key=lambda each: _order(each[0]), reverse=True)


def _order(place: Place) -> tuple[bool, int, str]:
    return place.published is not None, place.published or 0, place.id


# ------------------------------------------------------------------ best match
def best(connection: sqlite3.Connection, found: Found, query: Node | None, limit: int, after: str) -> Page:
    """Best match first among the ``RANKED`` newest (to rank more would take seconds for common words); articles that
    are found for another reason than their words follow. Raises ``errors.UserError`` on a cursor that is none of this
    order."""
    skip = read_best_cursor(after)
    docnos = found.top(RANKED)
    scores = _scores(connection, query, low=docnos[-1]) if docnos else {}
    docnos.sort(key=lambda number: scores.get(number, 0.0))  # bm25 is negative; stable: of equals the newest first
    page = docnos[skip : skip + limit]
    return Page(tuple(page), best_cursor(skip + limit) if len(docnos) > skip + limit else "")


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
