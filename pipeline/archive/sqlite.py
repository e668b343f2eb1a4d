"""The archive in one SQLite file: records, and the analyst's questions by FTS5 and columns of numbers.

Many processes and threads may use it at once (WAL; one writer at a time, who never waits for readers). A write is
kept whatever happens to the process. Against a power cut, every commit is synchronised with the disk but those in
``_LAZY``; losing one of these takes nothing that is not done again: the sweep finds the entry waiting, or the article
pending. What mails depend on (entries as they arrive, dockets, subscriptions, alerts) is never lazy.

A version is the number of the change that wrote the record. Numbers are never used twice, so that a record which was
deleted and made again does not look unchanged.
"""

from __future__ import annotations

import logging
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import numpy as np

from pipeline import errors
from pipeline.archive import counting, paging
from pipeline.archive.articles import ArticleTable, day_number, register_functions
from pipeline.archive.asking import TIME_LIMIT, checked_facets, checked_limit
from pipeline.archive.base import Charts, Created, Hits, Stored, Timeline, Version, Where
from pipeline.archive.columns import Articles, Columns, Integers
from pipeline.archive.connections import PATIENCE, Connections, limited
from pipeline.archive.days import By
from pipeline.archive.labels import Labels
from pipeline.archive.migrations import copy_to, migrate
from pipeline.archive.query import Node
from pipeline.archive.records import KEYS, RULES, published_seconds
from pipeline.archive.sql import select
from pipeline.archive.tables import EntryTable, Row, Table
from pipeline.archive.verification import differences
from pipeline.model import Article, Entry, R, Record

log = logging.getLogger(__name__)

LOW_SPACE = 200 << 20
"""Bytes free on the disk under which ``health`` speaks up."""

Action = Literal["create", "replace", "delete"]
_LAZY: frozenset[tuple[Action, str]] = frozenset({("create", "article"), ("replace", "article"), ("replace", "entry")})


class SqliteArchive:
    """See ``base.Archive``; beyond it ``verify``, ``rebuild``, ``backup`` and ``forget``."""

    def __init__(self, path: Path, *, time_limit: float = TIME_LIMIT, patience: float = PATIENCE) -> None:
        """Opens the file, makes it, or brings its tables up to date; builds the index anew when it was made by other
        rules (about a minute for 100,000 articles).

        ``time_limit``: seconds a question may take; ``patience``: seconds a write waits for other writers. Raises
        ``errors.UserError`` on a file of a newer release or one that is no archive, ``errors.Unavailable`` when the
        file cannot be opened or stays locked.
        """
        self.path = path.absolute()
        self._time_limit = time_limit
        labels = Labels()
        self._connections = Connections(self.path, prepare=register_functions, undone=labels.forget, patience=patience)
        self._articles = ArticleTable(labels)
        special: dict[type[Any], Table[Any]] = {Entry: EntryTable(labels), Article: self._articles}
        self._tables = {kind: special.get(kind) or Table(kind) for kind in KEYS}
        self._columns = Columns()
        self._prepare()

    # ------------------------------------------------------------------ records
    def get(self, kind: type[R], id: str) -> Stored[R] | None:
        with self._connections.single() as connection:
            return self._table(kind).get(connection, id)

    def create(self, record: Record) -> Version | None:
        (created,) = self.create_many([record])
        if created.outcome == "refused":
            raise errors.Quarantine(created.reason, subject=record.id)
        return created.version or None

    def create_many(self, records: Sequence[Record]) -> list[Created]:
        outcomes: list[Created | None] = [None] * len(records)
        rows: list[tuple[int, Table[Any], Row[Any]]] = []
        for index, record in enumerate(records):
            table = self._table(type(record))
            try:
                rows.append((index, table, table.new_row(record)))
            except errors.Quarantine as error:
                outcomes[index] = Created(record.id, "refused", error.reason)
        # Row numbers that ascend within a transaction halve the time FTS5 needs.
        rows.sort(key=lambda row: _day(row[2].record))
        if rows:
            with self._writing("create", {table.name for _, table, _ in rows}) as (connection, change):
                for index, table, row in rows:
                    if table.create(connection, row, change):
                        outcomes[index] = Created(row.record.id, "created", version=str(change))
                    else:
                        outcomes[index] = Created(row.record.id, "exists")
        return [outcome for outcome in outcomes if outcome]

    def replace(self, record: Record, version: Version) -> Version:
        table = self._table(type(record))
        row = table.row(record)
        with self._writing("replace", {table.name}) as (connection, change):
            table.replace(connection, row, version, change)
        return str(change)

    def delete(self, kind: type[R], id: str) -> bool:
        table = self._table(kind)
        with self._writing("delete", {table.name}) as (connection, _):
            return table.delete(connection, id)

    def scan(
        self,
        kind: type[R],
        where: Where | None = None,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        after: str = "",
        n: int = 500,
    ) -> list[Stored[R]]:
        with self._connections.single() as connection:
            return self._table(kind).scan(connection, where or {}, since, until, after, n)

    def count(self, kind: type[R], where: Where | None = None) -> int:
        with self._connections.single() as connection:
            return self._table(kind).count(connection, where or {})

    # ------------------------------------------------------------------ questions
    def search(
        self,
        query: Node | None,
        *,
        sort: Literal["newest", "relevance"] = "newest",
        limit: int = 20,
        after: str = "",
        zone: str = "UTC",
    ) -> Hits:
        checked_limit(limit)
        selection = select(query, zone)
        with self._connections.reading() as connection, limited(connection, self._time_limit):
            found = paging.Found(connection, selection)
            if sort == "newest":
                page = paging.newest(connection, found, limit, after)
            else:
                page = paging.best(connection, found, query, limit, after)
            articles = tuple(self._articles.read(connection, docno) for docno in page.docnos)
            return Hits(found.total(), articles, page.next)

    def charts(
        self,
        query: Node | None,
        *,
        by: By = "day",
        timeline: bool = False,
        sources: bool = False,
        heat: int = 0,
        facets: Mapping[str, int] | None = None,
        zone: str = "UTC",
    ) -> Charts:
        asked = checked_facets(facets)
        with self._result(query, zone) as (connection, articles, rows):
            names = counting.names_of(connection, {*asked, "source"} if sources or heat else asked)
            return Charts(
                counting.timeline(articles, rows, self._columns.entries(connection), by, zone)
                if timeline
                else Timeline((), 0),
                counting.sources(articles, rows, self._columns.entries(connection), names) if sources else (),
                counting.heat(articles, rows, names, heat, by, zone) if heat else (),
                counting.facets(articles, rows, names, asked) if asked else {},
            )

    # ------------------------------------------------------------------ care
    def health(self) -> str:
        try:
            with self._connections.writing(durable=False) as connection:
                connection.execute("SELECT change FROM state").fetchone()
        except errors.PipelineError as error:
            return str(error)
        free = shutil.disk_usage(self.path.parent).free
        return f"only {free >> 20} MB are free where the archive lies ({self.path.parent})" if free < LOW_SPACE else ""

    def refresh(self, *kinds: type[Record]) -> None:
        """Nothing to do: what is committed is visible to everybody."""

    def close(self) -> None:
        self._connections.close()

    def verify(self) -> list[str]:
        """What is wrong with the file, one sentence each; nothing when all is well.

        Checks a copy made for this in the archive's folder and removed again (as large as the archive), so that
        writers need not wait.
        """
        with TemporaryDirectory(prefix="verify-", dir=self.path.parent) as folder:
            copy = Path(folder) / self.path.name
            self.backup(copy)
            connection = sqlite3.connect(copy, isolation_level=None)
            try:
                register_functions(connection)
                return differences(connection, list(self._tables.values()))
            finally:
                connection.close()

    def rebuild(self) -> None:
        """Builds everything that is made from the records anew: index, labels, account of coverage."""
        with self._connections.writing(durable=True) as connection:
            self._rebuild(connection)

    def backup(self, path: Path) -> None:
        """A consistent copy while others go on working. Raises ``errors.UserError`` when the file exists."""
        if path.exists():
            raise errors.UserError("this file exists already; a backup does not overwrite", subject=str(path))
        try:
            copy_to(self.path, path)
        except (OSError, sqlite3.Error) as error:
            raise errors.Unavailable(f"the backup could not be written: {error}", subject=str(path)) from error

    def forget(self, id: str) -> bool:
        """Removes an article and the entries of its address in one step; False when nothing is known by that id."""
        with self._writing("delete", {"article", "entry"}) as (connection, _):
            stored = self._articles.get(connection, id)
            entries = {id} | ({stored.record.entry} if stored else set())
            gone = [self._articles.delete(connection, id)]
            gone += [self._table(Entry).delete(connection, entry) for entry in entries]
            return any(gone)

    # ------------------------------------------------------------------ inside
    def _table(self, kind: type[R]) -> Table[R]:
        return self._tables[kind]

    @contextmanager
    def _writing(self, action: Action, kinds: set[str]) -> Iterator[tuple[sqlite3.Connection, int]]:
        """A write transaction and the number of its change."""
        durable = any((action, kind) not in _LAZY for kind in kinds)
        with self._connections.writing(durable=durable) as connection:
            ((change, rules),) = connection.execute(
                "UPDATE state SET change = change + 1 RETURNING change, rules"
            ).fetchall()
            if rules != RULES:
                raise errors.UserError(
                    f"another release has built the index anew ({rules}; this one: {RULES}): restart this process",
                    subject=str(self.path),
                )
            yield connection, change

    @contextmanager
    def _result(self, query: Node | None, zone: str) -> Iterator[tuple[sqlite3.Connection, Articles, Integers]]:
        """All articles as columns, and the rows of those that a query finds."""
        selection = select(query, zone)
        with self._connections.reading() as connection:
            articles = self._columns.articles(connection)  # read once by a process, however long that takes
            if query is None:
                yield connection, articles, np.arange(len(articles.docno))
                return
            with limited(connection, self._time_limit):
                found = connection.execute(f"SELECT {selection.docno} {selection.rest}", selection.arguments).fetchall()
            yield connection, articles, articles.rows(np.fromiter(chain.from_iterable(found), np.int64, len(found)))

    def _prepare(self) -> None:
        if sqlite3.sqlite_version_info < (3, 35):
            raise errors.UserError(f"SQLite 3.35 or newer is needed; this Python has {sqlite3.sqlite_version}")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))  # subscribers' addresses are in it
        except OSError as error:
            raise errors.Unavailable(
                f"the archive file cannot be used: {error.strerror}", subject=str(self.path)
            ) from None
        with self._connections.single() as connection:
            if copy := migrate(connection, self.path):
                log.info("the archive's tables are up to date; the file as it was is kept as %s", copy)
            (rules,) = connection.execute("SELECT rules FROM state").fetchone()
        if rules != RULES:
            with self._connections.writing(durable=True) as connection:
                if rules:
                    log.warning("the archive's index is being built anew (made by %s, now %s)", rules, RULES)
                self._rebuild(connection)

    def _rebuild(self, connection: sqlite3.Connection) -> None:
        for table in self._tables.values():
            table.rebuild(connection)
        connection.execute("UPDATE state SET change = change + 1, reload = reload + 1, rules = ?", (RULES,))


def open_url(url: str) -> SqliteArchive:
    """The archive of ``sqlite:///FILE``: relative to the working folder, or absolute with a fourth slash."""
    path = url.removeprefix("sqlite:///")
    if path == url or not path:
        raise errors.UserError("an SQLite archive is named sqlite:///FILE", subject=url)
    return SqliteArchive(Path(path))


def migrate_url(url: str, tell: Callable[[str], None]) -> dict[str, int]:
    """Opening migrates: tables are brought up to date, the index is built anew where that is needed."""
    open_url(url).close()
    tell("An SQLite archive is brought to this release's form whenever it is opened.")
    return {}


def _day(record: Record) -> int:
    return day_number(published_seconds(record)) if isinstance(record, Article) else 0
