"""Connections to the archive's SQLite file: one per thread, one writer at a time, errors in the project's words.

WAL, so that readers never wait for the writer. A commit is synchronised with the disk (``synchronous=FULL``) or not
(``NORMAL``) as its writer asks: without, a power cut may take the last commits away again, always as a whole and from
the end, never an earlier one and keep a later; the death of the process takes nothing either way.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline import errors

PATIENCE = 30.0
"""Seconds that a writer waits for other writers, of this process and of others."""
_CACHE_KIB = 8_192
_MAPPED_BYTES = 1 << 30
_WAL_KEPT_BYTES = 64 << 20
_STEPS_BETWEEN_CHECKS = 20_000
"""Of SQLite's virtual machine, between two looks at the clock: about a millisecond."""


class Connections:
    """All connections of a process to one archive file. Threads may share it; a forked child opens its own."""

    def __init__(
        self,
        path: Path,
        *,
        prepare: Callable[[sqlite3.Connection], None],
        undone: Callable[[], None],
        patience: float = PATIENCE,
    ) -> None:
        """``prepare`` is called with each new connection (functions that a view needs), ``undone`` whenever a write
        transaction was rolled back, before the next one begins."""
        self.path = path
        self._prepare = prepare
        self._undone = undone
        self._patience = patience
        self._mine = threading.local()
        self._all: list[tuple[int, threading.Thread, sqlite3.Connection]] = []
        self._list_lock = threading.Lock()
        self._write_lock = threading.Lock()
        """Threads of one process queue here: SQLite lets waiters sleep up to 100 ms between two tries."""

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection that sees one state of the archive from the first to the last statement."""
        with self._translated():
            connection = self._connection()
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                _end(connection)

    @contextmanager
    def single(self) -> Iterator[sqlite3.Connection]:
        """A connection for one reading statement; cheaper than ``reading``."""
        with self._translated():
            yield self._connection()

    @contextmanager
    def writing(self, *, durable: bool) -> Iterator[sqlite3.Connection]:
        """A write transaction: committed at the end, rolled back on any exception. ``durable``: a power cut does
        not undo it. Raises ``errors.Unavailable`` when other writers do not make room in time or the disk is full."""
        if not self._write_lock.acquire(timeout=self._patience):
            raise errors.Unavailable("the archive is busy writing", subject=str(self.path))
        try:
            with self._translated():
                connection = self._connection()
                if durable != self._mine.durable:
                    connection.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
                    self._mine.durable = durable
                connection.execute("BEGIN IMMEDIATE")
                try:
                    yield connection
                    connection.execute("COMMIT")
                except BaseException:
                    self._undone()
                    raise
                finally:
                    _end(connection)
        finally:
            self._write_lock.release()

    def close(self) -> None:
        """Closes the connections of all threads; the next use opens new ones."""
        self._close(lambda thread: True)
        self._mine = threading.local()

    def _close(self, which: Callable[[threading.Thread], bool]) -> None:
        """Closes connections of this process by their thread. Those inherited by a fork are the parent's."""
        with self._list_lock:
            process, kept = os.getpid(), []
            for owner, thread, connection in self._all:
                if owner == process and which(thread):
                    connection.close()
                else:
                    kept.append((owner, thread, connection))
            self._all = kept

    def _connection(self) -> sqlite3.Connection:
        mine = self._mine
        if getattr(mine, "process", None) == os.getpid():
            connection: sqlite3.Connection = mine.connection
            return connection
        # Checked by hand: close() may run in another thread than the one that opened.
        connection = sqlite3.connect(
            self.path, timeout=self._patience, isolation_level=None, check_same_thread=False, cached_statements=256
        )
        connection.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")
        connection.execute(f"PRAGMA mmap_size={_MAPPED_BYTES}")
        connection.execute(f"PRAGMA journal_size_limit={_WAL_KEPT_BYTES}")
        connection.execute("PRAGMA temp_store=MEMORY")
        connection.execute("PRAGMA synchronous=FULL")
        self._prepare(connection)
        mine.connection, mine.process, mine.durable = connection, os.getpid(), True
        self._close(lambda thread: not thread.is_alive())  # thread pools come and go
        with self._list_lock:
            self._all.append((os.getpid(), threading.current_thread(), connection))
        return connection

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise self._in_our_words(error) from error

    def _in_our_words(self, error: sqlite3.Error) -> Exception:
        subject, code = str(self.path), _code(error)
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return errors.Unavailable("the archive is locked by another process", subject=subject)
        if code == sqlite3.SQLITE_FULL:
            return errors.Unavailable("the disk of the archive is full", subject=subject)
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            return errors.UserError(f"the archive file is damaged ({error}); restore a backup", subject=subject)
        if code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
            return errors.Unavailable(f"the archive file cannot be used: {error}", subject=subject)
        return error


@contextmanager
def limited(connection: sqlite3.Connection, seconds: float) -> Iterator[None]:
    """Raises ``errors.UserError`` when the statements inside take longer together."""
    deadline = time.monotonic() + seconds
    connection.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS_BETWEEN_CHECKS)
    try:
        yield
    except sqlite3.OperationalError as error:
        if _code(error) != sqlite3.SQLITE_INTERRUPT:
            raise
        raise errors.UserError(
            f"this query takes longer than {seconds:g} seconds; narrow it by dates or a place"
        ) from None
    finally:
        connection.set_progress_handler(None, 0)


def _code(error: sqlite3.Error) -> int:
    """SQLite's primary result code; errors of the Python module have none."""
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF


def _end(connection: sqlite3.Connection) -> None:
    """Ends a transaction that was not committed; SQLite has ended it already after some errors."""
    if connection.in_transaction:
        connection.execute("ROLLBACK")
