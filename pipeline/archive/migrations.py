"""The tables of the SQLite archive, and every step by which older files become current ones.

A step is never changed once it was released: a new one is added at the end. The number of steps a file has had is
its ``PRAGMA user_version``. Before an existing file is changed, a copy of it is kept beside it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from pipeline import errors
from pipeline.archive.records import microseconds

Step = Callable[[sqlite3.Connection], None]


def _record_table(kind: str, number: str, more: str, keys: tuple[str, ...]) -> list[str]:
    columns = "".join(f"key_{key} TEXT NOT NULL, " for key in keys)
    return [
        f"CREATE TABLE {kind} ({number} INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, version INTEGER NOT NULL,"
        f" moment INTEGER NOT NULL, {columns}{more}data BLOB NOT NULL)",
        f"CREATE INDEX {kind}_moment ON {kind} (moment, id)",
        *(f"CREATE INDEX {kind}_{key} ON {kind} (key_{key}, id)" for key in keys),
    ]


def _first(connection: sqlite3.Connection) -> None:
    """All tables of the first release.

    ``state`` is one row: the number of the last change, how often article columns must be read anew as a whole, and
    the rules (see ``SqliteArchive``) by which the index was made. A record's version is the number of its last change.
    ``label`` and ``label_key`` are ``keys.labels`` and ``keys.keys``, ``tag`` says which articles have a label.
    ``meta`` is what counting needs of an article in a narrow row: seconds since 1970 UTC, the label of its source,
    64 bits of its story's name, the last change, the numbers of all its labels (4 bytes each).
    ``coverage`` is an account of entries by source and date that is only added to; a change cancels the old line.
    """
    for statement in [
        "CREATE TABLE state (one INTEGER PRIMARY KEY CHECK (one = 1), change INTEGER NOT NULL,"
        " reload INTEGER NOT NULL, rules TEXT NOT NULL)",
        *_record_table("feed", "seq", "", ("url",)),
        *_record_table("entry", "seq", "published INTEGER, ", ("outcome", "feed", "source")),
        *_record_table("article", "docno", "", ("pending", "story", "source")),
        *_record_table("docket", "seq", "", ("open", "state", "label")),
        *_record_table("subscription", "seq", "", ()),
        *_record_table("alert", "seq", "", ("state", "subscription", "measure")),
        *_record_table("quarantine", "seq", "", ("what",)),
        "CREATE TABLE label (id INTEGER PRIMARY KEY, field TEXT NOT NULL, text TEXT NOT NULL, UNIQUE (field, text))",
        "CREATE TABLE label_key (field TEXT, key TEXT, label INTEGER, PRIMARY KEY (field, key, label)) WITHOUT ROWID",
        "CREATE TABLE tag (label INTEGER, docno INTEGER, PRIMARY KEY (label, docno)) WITHOUT ROWID",
        "CREATE TABLE meta (docno INTEGER PRIMARY KEY, published INTEGER, source INTEGER NOT NULL,"
        " story INTEGER NOT NULL, change INTEGER NOT NULL, labels BLOB NOT NULL)",
        "CREATE INDEX meta_change ON meta (change)",
        "CREATE TABLE coverage (n INTEGER PRIMARY KEY, source INTEGER NOT NULL, published INTEGER,"
        " weight INTEGER NOT NULL)",
        "CREATE VIEW article_words AS SELECT docno, title_words(data) AS title, body_words(data) AS body FROM article",
        "CREATE VIRTUAL TABLE fts USING fts5"
        " (title, body, content='article_words', content_rowid='docno', tokenize='ascii')",
        "INSERT INTO state VALUES (1, 0, 0, '')",
    ]:
        connection.execute(statement)


def _second(connection: sqlite3.Connection) -> None:
    """Saved searches, and keys to the API."""
    for statement in [*_record_table("saved", "seq", "", ()), *_record_table("apikey", "seq", "", ())]:
        connection.execute(statement)


def _third(connection: sqlite3.Connection) -> None:
    """An alert's moment is when it may be tried or was sent, no longer when it was made; what is due is found by it,
    and by measure and subscription together what one reader was told of one measure."""
    told = "SELECT seq, coalesce(json_extract(text, '$.sent'), json_extract(text, '$.due'))"
    rows = connection.execute(f"{told} FROM (SELECT seq, CAST(data AS TEXT) AS text FROM alert)").fetchall()
    moments = [(microseconds(datetime.fromisoformat(at)), number) for number, at in rows]
    connection.executemany("UPDATE alert SET moment = ? WHERE seq = ?", moments)
    connection.execute("CREATE INDEX alert_due ON alert (key_state, moment, id)")
    connection.execute("CREATE INDEX alert_thread ON alert (key_measure, key_subscription, id)")


STEPS: tuple[Step, ...] = (_first, _second, _third)
"""Step i makes a file of version i one of version i + 1; version 0 is an empty file."""


def migrate(connection: sqlite3.Connection, path: Path, steps: Sequence[Step] = STEPS) -> Path | None:
    """Brings the file up to date, all steps in one transaction; returns the copy that was kept (None: nothing to
    keep). Two processes may do it at once. Raises ``errors.UserError`` on a file of a newer release."""
    if _version(connection, path, len(steps)) == len(steps):
        return None
    connection.execute("PRAGMA page_size=8192")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = _version(connection, path, len(steps))
        copy = _keep_copy(path, version) if 0 < version < len(steps) else None
        for number in range(version, len(steps)):
            steps[number](connection)
        connection.execute(f"PRAGMA user_version={len(steps)}")
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
    return copy


def _version(connection: sqlite3.Connection, path: Path, known: int) -> int:
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > known:
        raise errors.UserError(
            f"the archive was made by a newer release (its tables have version {version}, this release knows"
            f" {known}): update sanctuary-watch, or name another file",
            subject=str(path),
        )
    return version


def _keep_copy(path: Path, version: int) -> Path:
    copy = path.with_name(f"{path.name}.v{version}")
    copy_to(path, copy)
    return copy


def copy_to(path: Path, copy: Path) -> None:
    """A consistent copy of a database that may be in use. It appears under its name when it is complete."""
    partial = copy.with_name(copy.name + ".partial")
    partial.unlink(missing_ok=True)
    partial.touch(mode=0o600)  # subscribers' addresses are in it
    source, target = sqlite3.connect(path), sqlite3.connect(partial)
    try:
        source.backup(target)
    finally:
        source.close()
        target.close()
    partial.replace(copy)
