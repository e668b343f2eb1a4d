"""The frontier in one SQLite file, for many threads and processes of one machine.

A leased row's time is the end of its lease, so one index answers both "what is due" and "whose lease is over".
A lease names its process; the lease of a process that is gone is over at once.

The file may be lost: it is synchronised lazily, and one that cannot be read is thrown away at the start.
"""

from __future__ import annotations

import sqlite3
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline.errors import Unavailable, UserError
from pipeline.frontier.base import PER_HOST, Backlog, Claim, Due, DueKind, Neighbour
from pipeline.processes import own_mark, runs

PATIENCE = 30.0
"""Seconds that a writer waits for others."""
POSTINGS = 20
"""Articles kept per fingerprint."""
PRINTED = 2
"""A sentence that so many other articles of the host hold is the host's boilerplate."""
VERSION = 2
"""Of the tables. A file of another version is thrown away: everything in it can be had again."""

SCHEMA = """
CREATE TABLE due(kind TEXT, key TEXT, host TEXT NOT NULL, at REAL NOT NULL, owner TEXT, token INTEGER NOT NULL,
    begun INTEGER NOT NULL, deaths INTEGER NOT NULL, PRIMARY KEY(kind, key)) WITHOUT ROWID;
CREATE INDEX due_at ON due(kind, at);
CREATE INDEX due_owner ON due(kind, host, owner) WHERE owner IS NOT NULL;
CREATE TABLE note(kind TEXT, key TEXT, note BLOB NOT NULL, PRIMARY KEY(kind, key)) WITHOUT ROWID;
CREATE TABLE host(host TEXT PRIMARY KEY, next REAL NOT NULL, hold REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE printed(host TEXT, sentence INTEGER, article TEXT, at REAL NOT NULL,
    PRIMARY KEY(host, sentence, article)) WITHOUT ROWID;
CREATE TABLE posted(article TEXT PRIMARY KEY, host TEXT NOT NULL, size INTEGER NOT NULL, at REAL NOT NULL)
    WITHOUT ROWID;
CREATE TABLE posting(fingerprint INTEGER, article TEXT, PRIMARY KEY(fingerprint, article)) WITHOUT ROWID;
CREATE TABLE flag(name TEXT PRIMARY KEY) WITHOUT ROWID;
"""
TABLES = ("due", "note", "host", "printed", "posted", "posting", "flag")


class SqliteFrontier:
    """See ``base.Frontier``."""

    def __init__(self, path: Path) -> None:
        """Opens or makes the file. Raises ``Unavailable`` when it is locked for half a minute or the disk is full."""
        self._path = path
        self._local = threading.local()
        self._all: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._seen_filled = False
        self._turn_to_write = threading.Lock()
        """Threads of one process queue here: SQLite lets waiters sleep up to 100 ms between two tries."""
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._prepare()
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError) and "locked" in str(error):
                raise Unavailable(f"the frontier cannot be opened: {error}", subject=str(path)) from None
            self.close()
            for suffix in ("", "-wal", "-shm"):
                Path(f"{path}{suffix}").unlink(missing_ok=True)
            self._prepare()

    def _prepare(self) -> None:
        connection = self._connection()
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("BEGIN IMMEDIATE")
        try:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version != VERSION:
                for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                    connection.execute(f"DROP TABLE {name}")
                for statement in SCHEMA.split(";"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version={VERSION}")
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            # Connections are closed by close(), whatever thread made them.
            connection = sqlite3.connect(self._path, isolation_level=None, timeout=PATIENCE, check_same_thread=False)
            connection.execute("PRAGMA synchronous=NORMAL")
            self._local.connection = connection
            with self._lock:
                self._all.append(connection)
        return connection

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        try:
            yield self._connection()
        except sqlite3.Error as error:
            raise Unavailable(f"the frontier does not answer: {error}", subject=str(self._path)) from error

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        if not self._turn_to_write.acquire(timeout=PATIENCE):
            raise Unavailable("the frontier is busy writing", subject=str(self._path))
        try:
            with self._reading() as connection:
                connection.execute("BEGIN IMMEDIATE")
                try:
                    yield connection
                    connection.execute("COMMIT")
                except BaseException:
                    if connection.in_transaction:
                        connection.execute("ROLLBACK")
                    raise
        finally:
            self._turn_to_write.release()

    # ------------------------------------------------------------------ due things
    def put(self, kind: DueKind, dues: Iterable[Due]) -> None:
        rows = [(kind, due.key, due.host, due.at.timestamp()) for due in dues]
        with self._writing() as connection:
            connection.executemany(
                "INSERT INTO due VALUES(?, ?, ?, ?, NULL, 0, 0, 0) ON CONFLICT DO UPDATE"
                " SET at = min(at, excluded.at), host = excluded.host WHERE owner IS NULL",
                rows,
            )

    def drop(self, kind: DueKind, keys: Iterable[str]) -> None:
        rows = [(kind, key) for key in keys]
        with self._writing() as connection:
            connection.executemany("DELETE FROM due WHERE kind = ? AND key = ?", rows)
            connection.executemany("DELETE FROM note WHERE kind = ? AND key = ?", rows)

    def claim(self, kind: DueKind, n: int, lease: timedelta, now: datetime) -> list[Claim]:
        at = now.timestamp()
        with self._reading() as connection:
            if self._seen_filled and not self._is_filled(connection):
                return []
            # Most ticks find nothing: look before taking the write lock.
            self._free_the_dead(connection, kind, at)
            if (
                connection.execute("SELECT 1 FROM due WHERE kind = ? AND at <= ? LIMIT 1", (kind, at)).fetchone()
                is None
            ):
                return []
        with self._writing() as connection:
            leases: Counter[str] = Counter(
                dict(
                    connection.execute(
                        "SELECT host, count(*) FROM due WHERE kind = ? AND owner IS NOT NULL AND at > ? GROUP BY host",
                        (kind, at),
                    )
                )
            )
            waiting = {host for (host,) in connection.execute("SELECT host FROM host WHERE max(next, hold) > ?", (at,))}
            found: list[Claim] = []
            rows = connection.execute(
                # From the time, so that a claim of what was forgotten and put in again has a token of its own.
                "SELECT key, host, max(token, ?) + 1, deaths + begun, ifnull(note, x'')"
                " FROM due LEFT JOIN note USING(kind, key) WHERE kind = ? AND at <= ? ORDER BY at, key",
                (int(at * 1e6), kind, at),
            )
            for row in rows:
                host = row[1]
                if host in waiting or leases[host] >= PER_HOST:
                    continue
                leases[host] += 1
                found.append(Claim(kind, *row))
                if len(found) >= n:
                    break
            rows.close()
            until = (now + lease).timestamp()
            connection.executemany(
                "UPDATE due SET at = ?, owner = ?, token = ?, begun = 0, deaths = ? WHERE kind = ? AND key = ?",
                [(until, own_mark(), claim.token, claim.deaths, kind, claim.key) for claim in found],
            )
        return found

    def _free_the_dead(self, connection: sqlite3.Connection, kind: DueKind, at: float) -> None:
        owners = connection.execute(
            "SELECT DISTINCT owner FROM due WHERE kind = ? AND owner IS NOT NULL AND owner <> ?",
            (kind, own_mark()),
        ).fetchall()
        gone = [(at, kind, owner) for (owner,) in owners if not runs(owner)]
        if gone:
            with self._writing():
                connection.executemany("UPDATE due SET at = min(at, ?) WHERE kind = ? AND owner = ?", gone)

    def begin(self, claim: Claim) -> None:
        with self._writing() as connection:
            connection.execute(
                "UPDATE due SET begun = 1 WHERE kind = ? AND key = ? AND token = ? AND owner IS NOT NULL",
                (claim.kind, claim.key, claim.token),
            )

    def settle(self, claim: Claim, again_at: datetime | None, note: bytes | None = None) -> bool:
        with self._writing() as connection:
            mine = (claim.kind, claim.key, claim.token)
            if again_at is None:
                changed = connection.execute(
                    "DELETE FROM due WHERE kind = ? AND key = ? AND token = ? AND owner IS NOT NULL", mine
                ).rowcount
                if changed and note is None:
                    connection.execute("DELETE FROM note WHERE kind = ? AND key = ?", mine[:2])
            else:
                changed = connection.execute(
                    "UPDATE due SET at = ?, owner = NULL, begun = 0, deaths = 0"
                    " WHERE kind = ? AND key = ? AND token = ? AND owner IS NOT NULL",
                    (again_at.timestamp(), *mine),
                ).rowcount
            if changed and note is not None:
                connection.execute("INSERT OR REPLACE INTO note VALUES(?, ?, ?)", (claim.kind, claim.key, note))
        return bool(changed)

    def dues(self, kind: DueKind) -> dict[str, datetime]:
        with self._reading() as connection:
            rows = connection.execute("SELECT key, at FROM due WHERE kind = ?", (kind,)).fetchall()
        return {key: datetime.fromtimestamp(at, UTC) for key, at in rows}

    # ------------------------------------------------------------------ notes
    def note(self, kind: str, key: str) -> bytes:
        with self._reading() as connection:
            row = connection.execute("SELECT note FROM note WHERE kind = ? AND key = ?", (kind, key)).fetchone()
        return row[0] if row else b""

    def notes(self, kind: str) -> dict[str, bytes]:
        with self._reading() as connection:
            return dict(connection.execute("SELECT key, note FROM note WHERE kind = ?", (kind,)).fetchall())

    def set_note(self, kind: str, key: str, note: bytes) -> None:
        with self._writing() as connection:
            if note:
                connection.execute("INSERT OR REPLACE INTO note VALUES(?, ?, ?)", (kind, key, note))
            else:
                connection.execute("DELETE FROM note WHERE kind = ? AND key = ?", (kind, key))

    # ------------------------------------------------------------------ hosts
    def turn(self, host: str, now: datetime, gap: timedelta) -> datetime:
        at = now.timestamp()
        question = "SELECT max(next, hold) FROM host WHERE host = ?"
        if not gap:  # nothing to book: a look is enough
            with self._reading() as connection:
                row = connection.execute(question, (host,)).fetchone()
            return datetime.fromtimestamp(row[0], UTC) if row and row[0] > at else now
        with self._writing() as connection:
            row = connection.execute(question, (host,)).fetchone()
            if row and row[0] > at:
                return datetime.fromtimestamp(row[0], UTC)
            connection.execute(
                "INSERT INTO host VALUES(?, ?, 0) ON CONFLICT DO UPDATE SET next = excluded.next",
                (host, (now + gap).timestamp()),
            )
        return now

    def hold(self, host: str, until: datetime) -> None:
        with self._writing() as connection:
            connection.execute(
                "INSERT INTO host VALUES(?, 0, ?) ON CONFLICT DO UPDATE SET hold = max(hold, excluded.hold)",
                (host, until.timestamp()),
            )

    # ------------------------------------------------------------------ copies
    def printed(self, host: str, article: str, sentences: Sequence[int]) -> set[int]:
        distinct = list(dict.fromkeys(sentences))
        with self._writing() as connection:
            others = dict(
                connection.execute(
                    "SELECT sentence, count(*) FROM printed WHERE host = ? AND article <> ?"
                    f" AND sentence IN ({_marks(distinct)}) GROUP BY sentence",
                    (host, article, *distinct),
                )
            )
            at = datetime.now(UTC).timestamp()
            connection.executemany(
                "INSERT OR IGNORE INTO printed VALUES(?, ?, ?, ?)",
                [(host, sentence, article, at) for sentence in distinct if others.get(sentence, 0) <= PRINTED],
            )
        return {sentence for sentence, count in others.items() if count >= PRINTED}

    def post(self, article: str, host: str, fingerprints: Sequence[int], at: datetime) -> list[Neighbour]:
        distinct = list(dict.fromkeys(fingerprints))
        if not distinct:
            return []
        with self._writing() as connection:
            held = Counter(
                fingerprint
                for (fingerprint,) in connection.execute(
                    f"SELECT fingerprint FROM posting WHERE fingerprint IN ({_marks(distinct)})",
                    distinct,
                )
            )
            connection.execute(
                "INSERT OR IGNORE INTO posted VALUES(?, ?, ?, ?)", (article, host, len(distinct), at.timestamp())
            )
            connection.executemany(
                "INSERT OR IGNORE INTO posting VALUES(?, ?)",
                [(fingerprint, article) for fingerprint in distinct if held[fingerprint] < POSTINGS],
            )
            rows = connection.execute(
                "SELECT posting.article, posted.host, count(*) AS overlap, posted.size FROM posting"
                " JOIN posted ON posted.article = posting.article"
                f" WHERE fingerprint IN ({_marks(distinct)}) AND posting.article <> ?"
                " GROUP BY posting.article ORDER BY overlap DESC, posting.article",
                (*distinct, article),
            ).fetchall()
        return [Neighbour(*row) for row in rows]

    def forget(self, before: datetime) -> None:
        with self._writing() as connection:
            limit = (before.timestamp(),)
            connection.execute("DELETE FROM posting WHERE article IN (SELECT article FROM posted WHERE at < ?)", limit)
            connection.execute("DELETE FROM posted WHERE at < ?", limit)
            connection.execute("DELETE FROM printed WHERE at < ?", limit)

    # ------------------------------------------------------------------ the whole
    def filled(self) -> bool:
        with self._reading() as connection:
            filled = self._is_filled(connection)
        self._seen_filled = self._seen_filled or filled
        return filled

    def _is_filled(self, connection: sqlite3.Connection) -> bool:
        return connection.execute("SELECT 1 FROM flag WHERE name = 'filled'").fetchone() is not None

    def set_filled(self) -> None:
        with self._writing() as connection:
            connection.execute("INSERT OR IGNORE INTO flag VALUES('filled')")
        self._seen_filled = True

    def backlog(self, now: datetime) -> Backlog:
        with self._reading() as connection:
            self._free_the_dead(connection, "feed", now.timestamp())
            self._free_the_dead(connection, "entry", now.timestamp())
            counts = {
                kind: (total, due, leased, next_at)
                for kind, total, due, leased, next_at in connection.execute(
                    "SELECT kind, count(*), sum(max(at, ifnull(hold, 0)) <= :now),"
                    " sum(owner IS NOT NULL AND at > :now),"
                    " min(CASE WHEN owner IS NULL THEN max(at, ifnull(hold, 0)) END)"
                    " FROM due LEFT JOIN host USING(host) GROUP BY kind",
                    {"now": now.timestamp()},
                )
            }
        nothing = (0, 0, 0, None)
        feeds, due_feeds, leased_feeds, next_feed = counts.get("feed", nothing)
        entries, due_entries, leased_entries, next_entry = counts.get("entry", nothing)
        nexts = [at for at in (next_feed, next_entry) if at is not None]
        return Backlog(
            feeds=feeds,
            due_feeds=due_feeds,
            due_entries=due_entries,
            entries=entries,
            leased=leased_feeds + leased_entries,
            next_at=datetime.fromtimestamp(min(nexts), UTC) if nexts else None,
        )

    def health(self) -> str:
        with self._reading() as connection:
            connection.execute("SELECT 1 FROM flag")
        return ""

    def clear(self) -> None:
        with self._writing() as connection:
            for table in TABLES:
                connection.execute(f"DELETE FROM {table}")

    def close(self) -> None:
        with self._lock:
            for connection in self._all:
                connection.close()
            self._all.clear()
        self._local = threading.local()


def _marks(values: Sequence[int]) -> str:
    if len(values) > 30_000:
        raise UserError("more hashes than one article can have")
    return ",".join("?" * len(values))
