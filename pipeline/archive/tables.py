"""One table of records in the SQLite archive: create once, compare-and-set, delete, scan, count.

``Table`` serves every kind; ``EntryTable`` also keeps the account of coverage, and ``articles.ArticleTable`` the
search index. Everything that takes a connection runs inside the caller's transaction.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Generic

from pipeline import errors
from pipeline.archive.base import Stored, Where
from pipeline.archive.labels import Labels
from pipeline.archive.records import KEYS, checked_keys, microseconds, packed, published_seconds
from pipeline.model import Entry, R, load


@dataclass(frozen=True, slots=True)
class Row(Generic[R]):
    """A record made ready to be written, so that the write lock is held only for the writing."""

    record: R
    values: tuple[Any, ...]
    """For the columns after ``id`` and ``version``: moment, keys, what the kind adds, data."""


class Table(Generic[R]):
    """The records of one kind."""

    number: ClassVar[str] = "seq"
    """The integer primary key's column."""
    more: ClassVar[tuple[str, ...]] = ()
    """Columns besides those that every kind has, in the order of ``more_values``."""
    old: ClassVar[tuple[str, ...]] = ()
    """Columns of the stored row that ``replaced`` and ``deleted`` want to see."""

    def __init__(self, kind: type[R]) -> None:
        self.kind = kind
        self.name = kind.KIND
        self.keys = KEYS[kind]
        values = ("moment", *(f"key_{key}" for key in self.keys), *self.more, "data")
        columns = (self.number, "id", "version", *values)
        self._insert = (
            f"INSERT INTO {self.name} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
            " ON CONFLICT (id) DO NOTHING"
        )
        self._update = (
            f"UPDATE {self.name} SET {', '.join(f'{column} = ?' for column in (self.number, 'version', *values))}"
            f" WHERE {self.number} = ?"
        )
        self._select_old = f"SELECT {', '.join((self.number, 'version', *self.old))} FROM {self.name} WHERE id = ?"

    # ------------------------------------------------------------------ from and to bytes
    def pack(self, record: R) -> bytes:
        return packed(record)

    def unpack(self, data: bytes) -> R:
        return load(self.kind, data)

    def row(self, record: R) -> Row[R]:
        """Raises ``errors.Quarantine`` when the record cannot be written as UTF-8 JSON."""
        return Row(record, self.values(record))

    def new_row(self, record: R) -> Row[R]:
        """The same for ``create``."""
        return self.row(record)

    def values(self, record: R) -> tuple[Any, ...]:
        """See ``Row.values``."""
        data = self.pack(record)
        keys = record.keys()
        return microseconds(record.moment), *[keys[key] for key in self.keys], *self.more_values(record), data

    # ------------------------------------------------------------------ writing
    def create(self, connection: sqlite3.Connection, row: Row[R], change: int) -> bool:
        """False when the id exists."""
        number = self.new_number(connection, row.record)
        cursor = connection.execute(self._insert, (number, row.record.id, change, *row.values))
        if cursor.rowcount == 0:
            return False
        assert cursor.lastrowid is not None, "an inserted row has a number"
        self.created(connection, cursor.lastrowid, row, change)
        return True

    def replace(self, connection: sqlite3.Connection, row: Row[R], version: str, change: int) -> None:
        """Raises ``errors.Conflict`` when the stored version is another one or the record is gone."""
        old = connection.execute(self._select_old, (row.record.id,)).fetchone()
        if old is None:
            raise errors.Conflict(f"the {self.name} is gone", subject=row.record.id)
        if str(old[1]) != version:
            raise errors.Conflict(f"somebody else changed the {self.name} first", subject=row.record.id)
        number = self.replaced(connection, old, row, change)
        connection.execute(self._update, (number, change, *row.values, old[0]))

    def delete(self, connection: sqlite3.Connection, id: str) -> bool:
        """False when there was none."""
        old = connection.execute(self._select_old, (id,)).fetchone()
        if old is None:
            return False
        self.deleted(connection, old)
        connection.execute(f"DELETE FROM {self.name} WHERE {self.number} = ?", (old[0],))
        return True

    # ------------------------------------------------------------------ what a kind keeps besides its records
    def more_values(self, record: R) -> tuple[Any, ...]:
        """For the columns ``more``."""
        return ()

    def new_number(self, connection: sqlite3.Connection, record: R) -> int | None:
        """The number of a new row; None: the next."""
        return None

    def created(self, connection: sqlite3.Connection, number: int, row: Row[R], change: int) -> None:
        """A row was inserted."""

    def replaced(self, connection: sqlite3.Connection, old: tuple[Any, ...], row: Row[R], change: int) -> int:
        """A row is about to be replaced; returns its new number."""
        number: int = old[0]
        return number

    def deleted(self, connection: sqlite3.Connection, old: tuple[Any, ...]) -> None:
        """A row is about to be deleted."""

    def rebuild(self, connection: sqlite3.Connection) -> None:
        """Makes anew what is made from the records."""

    # ------------------------------------------------------------------ reading
    def get(self, connection: sqlite3.Connection, id: str) -> Stored[R] | None:
        found = connection.execute(f"SELECT version, data FROM {self.name} WHERE id = ?", (id,)).fetchone()
        return Stored(self.unpack(found[1]), str(found[0])) if found else None

    def scan(
        self,
        connection: sqlite3.Connection,
        where: Where,
        since: datetime | None,
        until: datetime | None,
        after: str,
        n: int,
    ) -> list[Stored[R]]:
        """See ``Archive.scan``. A key is one range of an index; without one, ``since`` is. With ``until``, key and
        moment together are, where there is such an index: what is due is little of what waits."""
        tests, arguments = self._where(where)
        if since is not None:
            tests.append("+moment >= ?" if where and until is None else "moment >= ?")
            arguments.append(microseconds(since))
        if until is not None:
            tests.append("moment <= ?")
            arguments.append(microseconds(until))
        by_moment = until is not None or (since is not None and not where)
        tests.append("+id > ?" if by_moment else "id > ?")
        rows = connection.execute(
            f"SELECT version, data FROM {self.name} WHERE {' AND '.join(tests)}"
            f" ORDER BY {'+id' if by_moment else 'id'} LIMIT ?",
            (*arguments, after, n),
        ).fetchall()
        return [Stored(self.unpack(data), str(version)) for version, data in rows]

    def count(self, connection: sqlite3.Connection, where: Where) -> int:
        tests, arguments = self._where(where)
        condition = f" WHERE {' AND '.join(tests)}" if tests else ""
        found: tuple[int] = connection.execute(f"SELECT count(*) FROM {self.name}{condition}", arguments).fetchone()
        return found[0]

    def _where(self, where: Where) -> tuple[list[str], list[Any]]:
        checked_keys(self.kind, set(where))
        tests: list[str] = []
        arguments: list[Any] = []
        for key, value in where.items():
            if isinstance(value, str):
                tests.append(f"key_{key} = ?")
                arguments.append(value)
            else:
                tests.append(f"key_{key} IN (SELECT value FROM json_each(?))")
                arguments.append(json.dumps(value))
        return tests, arguments


class EntryTable(Table[Entry]):
    """Entries, and the account of what each source published when."""

    more = ("published",)
    old = ("key_source", "published")

    def __init__(self, labels: Labels) -> None:
        super().__init__(Entry)
        self._labels = labels

    def more_values(self, record: Entry) -> tuple[Any, ...]:
        return (published_seconds(record),)

    def created(self, connection: sqlite3.Connection, number: int, row: Row[Entry], change: int) -> None:
        self._account(connection, row.record.source, published_seconds(row.record), 1)

    def replaced(self, connection: sqlite3.Connection, old: tuple[Any, ...], row: Row[Entry], change: int) -> int:
        number, _, source, published = old
        if (source, published) != (row.record.source, published_seconds(row.record)):
            self._account(connection, source, published, -1)
            self._account(connection, row.record.source, published_seconds(row.record), 1)
        return int(number)

    def deleted(self, connection: sqlite3.Connection, old: tuple[Any, ...]) -> None:
        _, _, source, published = old
        self._account(connection, source, published, -1)

    def rebuild(self, connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM coverage")
        counted = "SELECT key_source, published, count(*) FROM entry GROUP BY 1, 2"
        for source, published, count in connection.execute(counted).fetchall():
            self._account(connection, source, published, count)

    def _account(self, connection: sqlite3.Connection, source: str, published: int | None, weight: int) -> None:
        connection.execute(
            "INSERT INTO coverage (source, published, weight) VALUES (?, ?, ?)",
            (self._labels.number(connection, "source", source), published, weight),
        )


def squeeze(data: bytes) -> bytes:
    """Smaller bytes that ``expand`` undoes. Level 4: 2 % larger than at the usual 6, in three quarters of the time."""
    return zlib.compress(data, 4)


def expand(data: bytes) -> bytes:
    """What ``squeeze`` was given."""
    return zlib.decompress(data)
