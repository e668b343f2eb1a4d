"""Whether an SQLite archive agrees with itself: pages, index, columns, and what records say of each other."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.archive import keys
from pipeline.archive.labels import unpack
from pipeline.archive.records import microseconds, published_seconds, story_number
from pipeline.archive.references import AT_MOST, at_most, dangling
from pipeline.archive.tables import Table
from pipeline.model import Article, R, Record


def differences(connection: sqlite3.Connection, tables: Sequence[Table[Any]]) -> list[str]:
    """One sentence for each difference, none when all is well. The connection should be the only one of its file:
    checking the full-text index takes the write lock, half a minute long for 100,000 articles."""
    if broken := _broken_pages(connection):
        return broken  # nothing read from such a file means anything
    found = _broken_index(connection)
    for checks in (
        _columns(connection),
        _coverage(connection),
        *(_records(connection, table) for table in tables),
        dangling(_Reader(connection, {table.kind: table for table in tables})),
    ):
        found += at_most(checks)
    return found


def _broken_pages(connection: sqlite3.Connection) -> list[str]:
    rows = connection.execute(f"PRAGMA integrity_check({AT_MOST})").fetchall()
    return [f"file: {text}" for (text,) in rows if text != "ok"]


def _broken_index(connection: sqlite3.Connection) -> list[str]:
    try:
        connection.execute("INSERT INTO fts (fts, rank) VALUES ('integrity-check', 1)")
    except sqlite3.DatabaseError as error:
        return [f"full-text index: its words are not those of the articles ({error})"]
    return []


def _columns(connection: sqlite3.Connection) -> Iterator[str]:
    """Whether narrow rows and tags are made from the same articles."""
    for table, column in (("meta", "docno"), ("fts_docsize", "id")):
        rows = connection.execute(
            f"SELECT docno, 'is missing in' FROM article WHERE docno NOT IN (SELECT {column} FROM {table})"
            f" UNION ALL SELECT {column}, 'has no article but stands in' FROM {table}"
            " WHERE {column} NOT IN (SELECT docno FROM article)".replace("{column}", column)
        )
        for number, what in rows:
            yield f"article number {number} {what} {table}"
    tagged: dict[int, set[int]] = {}
    for label, number in connection.execute("SELECT label, docno FROM tag"):
        tagged.setdefault(number, set()).add(label)
    for number, packed in connection.execute("SELECT docno, labels FROM meta"):
        if unpack(packed) != tagged.pop(number, set()):
            yield f"article number {number} has other tags than labels"
    for number in tagged:
        yield f"article number {number} has tags but no labels"


def _coverage(connection: sqlite3.Connection) -> Iterator[str]:
    """Whether the account of coverage adds up to the entries."""
    account = (
        "SELECT label.text, published, sum(weight) FROM coverage JOIN label ON label.id = source"
        " GROUP BY 1, 2 HAVING sum(weight) <> 0"
    )
    entries = "SELECT key_source, published, count(*) FROM entry GROUP BY 1, 2"
    for one, other, what in ((account, entries, "counts"), (entries, account, "does not count")):
        for source, published, count in connection.execute(f"{one} EXCEPT {other}"):
            yield f"coverage {what} {count} entries of {source!r} at {published}"


def _records(connection: sqlite3.Connection, table: Table[Any]) -> Iterator[str]:
    """Whether each record can be read and its columns say what it says."""
    labels = {(field, text): number for number, field, text in connection.execute("SELECT id, field, text FROM label")}
    named = ", ".join(["id", "moment", *(f"key_{key}" for key in table.keys), table.number, "data"])
    for name, moment, *values, number, data in connection.execute(f"SELECT {named} FROM {table.name}"):
        record = _read(table, data)
        if isinstance(record, str):
            yield f"{table.name} {name} cannot be read: {record}"
            continue
        told = [record.id, microseconds(record.moment), *(record.keys()[key] for key in table.keys)]
        if told != [name, moment, *values]:
            yield f"{table.name} {name} is kept under other keys than it has"
        if isinstance(record, Article):
            yield from _meta(connection, record, number, labels)


def _read(table: Table[Any], data: bytes) -> Record | str:
    """A record, or why it cannot be read."""
    try:
        record: Record = table.unpack(data)
    except (ValueError, zlib.error) as error:
        return str(error).splitlines()[0]
    return record


def _meta(
    connection: sqlite3.Connection, article: Article, number: int, numbers: dict[tuple[str, str], int]
) -> Iterator[str]:
    meta = connection.execute("SELECT published, source, story, labels FROM meta WHERE docno = ?", (number,)).fetchone()
    wanted = {numbers.get((field, text)) for field, texts in keys.labels(article).items() for text in texts}
    told = (published_seconds(article), numbers.get(("source", article.source)), story_number(article), wanted)
    if meta and told != (*meta[:3], unpack(meta[3])):
        yield f"article {article.id} is counted under other values than it has"


@dataclass(frozen=True)
class _Reader:
    """See ``references.Reader``."""

    connection: sqlite3.Connection
    tables: dict[type[Any], Table[Any]]

    def ids(self, kind: type[Any]) -> set[str]:
        return {name for (name,) in self.connection.execute(f"SELECT id FROM {kind.KIND}")}

    def every(self, kind: type[R]) -> Iterator[R]:
        for (data,) in self.connection.execute(f"SELECT data FROM {kind.KIND}"):
            record = _read(self.tables[kind], data)
            if isinstance(record, kind):  # else it was told already
                yield record
