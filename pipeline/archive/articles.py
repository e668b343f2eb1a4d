"""Articles in the SQLite archive: their records and the index that finds them, kept right in one transaction.

An article's row number (*docno*) is its day of publication (UTC, counted from 1970-01-01) times 2^20 plus a number
within the day, so that the highest numbers are the newest and a range of dates is a range of numbers. Articles
without a date have day 0; what is dated before 1970-01-02 counts as day 1.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pipeline import errors
from pipeline.archive import keys
from pipeline.archive.labels import Labels, add_keys, pack, unpack
from pipeline.archive.records import packed, published_seconds, spaced, story_number
from pipeline.archive.tables import Row, Table, expand, squeeze
from pipeline.model import Article, load

DAY_BITS = 20
"""Room for a million articles a day."""
_DAY = 86_400


def day_number(published: int | None) -> int:
    """The day part of a docno for seconds since 1970 UTC; never falls as they rise."""
    return 0 if published is None else max(1, published // _DAY)


def first_docno(day: int) -> int:
    """The lowest docno of a day."""
    return day << DAY_BITS


def register_functions(connection: sqlite3.Connection) -> None:
    """``title_words(data)`` and ``body_words(data)`` for the view that FTS5 reads to check and rebuild its index."""
    last: list[tuple[bytes, dict[str, Any]]] = [(b"", {})]

    def reader(name: str) -> Callable[[bytes], str]:
        def read(data: bytes) -> str:
            if last[0][0] != data:  # both columns of a row are asked for one after the other
                last[0] = (data, json.loads(expand(data)))
            return spaced(last[0][1][name])

        return read

    connection.create_function("title_words", 1, reader("title"), deterministic=True)
    connection.create_function("body_words", 1, reader("text"), deterministic=True)


@dataclass(frozen=True, slots=True)
class NewArticle(Row[Article]):
    """An article made ready to be created: its words are split before the write lock is taken."""

    title: str
    body: str


class ArticleTable(Table[Article]):
    """Articles with their full-text index, labels and narrow rows for counting."""

    number = "docno"
    old = ("data",)

    def __init__(self, labels: Labels) -> None:
        super().__init__(Article)
        self._labels = labels

    def pack(self, record: Article) -> bytes:
        return squeeze(packed(record))

    def unpack(self, data: bytes) -> Article:
        return _unpacked(data)

    def new_row(self, record: Article) -> NewArticle:
        return NewArticle(record, self.values(record), spaced(record.title), spaced(record.text))

    # ------------------------------------------------------------------ writing
    def new_number(self, connection: sqlite3.Connection, record: Article) -> int:
        day = day_number(published_seconds(record))
        (last,) = connection.execute(
            "SELECT max(docno) FROM article WHERE docno >= ? AND docno < ?", (first_docno(day), first_docno(day + 1))
        ).fetchone()
        number: int = first_docno(day) if last is None else last + 1
        if number >= first_docno(day + 1):
            raise errors.UserError(f"the SQLite archive holds {1 << DAY_BITS:,} articles a day, not more",
                                   subject=record.id)  # fmt: skip
        return number

    def created(self, connection: sqlite3.Connection, number: int, row: Row[Article], change: int) -> None:
        assert isinstance(row, NewArticle), "articles are created from what new_row made"
        self._add_words(connection, number, row.title, row.body)
        self._write_meta(connection, number, row.record, change, known=None)

    def replaced(self, connection: sqlite3.Connection, old: tuple[Any, ...], row: Row[Article], change: int) -> int:
        number, _, data = old
        before = self.unpack(data)
        moved = day_number(published_seconds(before)) != day_number(published_seconds(row.record))
        if moved:
            self._remove_meta(connection, number)
        new_number = self.new_number(connection, row.record) if moved else int(number)
        known = None if moved else _stored_labels(connection, number)
        self._write_meta(connection, new_number, row.record, change, known)
        if moved or (before.title, before.text) != (row.record.title, row.record.text):
            self._remove_words(connection, number, before)
            self._add_words(connection, new_number, spaced(row.record.title), spaced(row.record.text))
        return new_number

    def deleted(self, connection: sqlite3.Connection, old: tuple[Any, ...]) -> None:
        number, _, data = old
        self._remove_words(connection, number, self.unpack(data))
        self._remove_meta(connection, number)

    def rebuild(self, connection: sqlite3.Connection) -> None:
        """The whole index anew from the records: about a minute for 100,000 articles."""
        for table in ("tag", "meta", "label_key"):
            connection.execute(f"DELETE FROM {table}")
        for number, field, text in connection.execute("SELECT id, field, text FROM label").fetchall():
            add_keys(connection, number, field, text)
        for (number,) in connection.execute("SELECT docno FROM article ORDER BY docno").fetchall():
            version, data = connection.execute(
                "SELECT version, data FROM article WHERE docno = ?", (number,)
            ).fetchone()
            self._write_meta(connection, number, self.unpack(data), version, known=None)
        connection.execute("INSERT INTO fts (fts) VALUES ('rebuild')")

    def read(self, connection: sqlite3.Connection, number: int) -> Article:
        """The article with a docno."""
        (data,) = connection.execute("SELECT data FROM article WHERE docno = ?", (number,)).fetchone()
        return self.unpack(data)

    # ------------------------------------------------------------------ the index
    def _add_words(self, connection: sqlite3.Connection, number: int, title: str, body: str) -> None:
        connection.execute("INSERT INTO fts (rowid, title, body) VALUES (?, ?, ?)", (number, title, body))

    def _remove_words(self, connection: sqlite3.Connection, number: int, article: Article) -> None:
        # FTS5 takes away the words that it is told; other words than were added would damage its index.
        connection.execute(
            "INSERT INTO fts (fts, rowid, title, body) VALUES ('delete', ?, ?, ?)",
            (number, spaced(article.title), spaced(article.text)),
        )

    def _write_meta(
        self, connection: sqlite3.Connection, number: int, article: Article, change: int, known: set[int] | None
    ) -> None:
        """``known``: the labels that are tagged already; None when nothing is known by this number."""
        labels = label_numbers(connection, self._labels, article)
        row = (
            published_seconds(article), self._labels.number(connection, "source", article.source),
            story_number(article), change, pack(labels), number,
        )  # fmt: skip
        if known is None:
            connection.execute(
                "INSERT INTO meta (published, source, story, change, labels, docno) VALUES (?, ?, ?, ?, ?, ?)", row
            )
            known = set()
        else:
            connection.execute(
                "UPDATE meta SET published = ?, source = ?, story = ?, change = ?, labels = ? WHERE docno = ?", row
            )
        connection.executemany("INSERT INTO tag VALUES (?, ?)", [(label, number) for label in sorted(labels - known)])
        connection.executemany(
            "DELETE FROM tag WHERE label = ? AND docno = ?", [(label, number) for label in sorted(known - labels)]
        )

    def _remove_meta(self, connection: sqlite3.Connection, number: int) -> None:
        connection.executemany(
            "DELETE FROM tag WHERE label = ? AND docno = ?",
            [(label, number) for label in _stored_labels(connection, number)],
        )
        connection.execute("DELETE FROM meta WHERE docno = ?", (number,))
        connection.execute("UPDATE state SET reload = reload + 1")  # whoever holds columns in memory has one row more


@lru_cache(maxsize=32)
def _unpacked(data: bytes) -> Article:
    # Who replaces an article has just read it, and the table reads it again to see what changes. Records never change.
    return load(Article, expand(data))


def label_numbers(connection: sqlite3.Connection, labels: Labels, article: Article) -> set[int]:
    """The numbers of an article's labels; to be asked inside a write transaction."""
    return {labels.number(connection, field, text) for field, texts in keys.labels(article).items() for text in texts}


def _stored_labels(connection: sqlite3.Connection, number: int) -> set[int]:
    return unpack(connection.execute("SELECT labels FROM meta WHERE docno = ?", (number,)).fetchone()[0])
