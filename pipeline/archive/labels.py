"""The labels of articles as numbers (SQLite archive): rows stay narrow, and counting is done on integers."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

import numpy as np

from pipeline.archive.keys import keys


class Labels:
    """Numbers of labels, made when a label is first met and never taken back. Kept in memory once known."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, str], int] = {}

    def number(self, connection: sqlite3.Connection, field: str, text: str) -> int:
        """The number of a label; to be asked inside a write transaction."""
        number = self._numbers.get((field, text))
        if number is None:
            found = connection.execute("SELECT id FROM label WHERE field = ? AND text = ?", (field, text)).fetchone()
            number = found[0] if found else self._add(connection, field, text)
            self._numbers[field, text] = number
        return number

    def forget(self) -> None:
        """To be called when a write transaction was undone: its labels do not exist."""
        self._numbers = {}

    def _add(self, connection: sqlite3.Connection, field: str, text: str) -> int:
        cursor = connection.execute("INSERT INTO label (field, text) VALUES (?, ?)", (field, text))
        number = cursor.lastrowid
        assert number is not None, "an inserted row has a number"
        add_keys(connection, number, field, text)
        return number


def add_keys(connection: sqlite3.Connection, number: int, field: str, text: str) -> None:
    """Writes down what a label answers to."""
    connection.executemany(
        "INSERT INTO label_key VALUES (?, ?, ?)", [(field, key, number) for key in keys(field, text)]
    )


def pack(numbers: Iterable[int]) -> bytes:
    """Numbers of labels as ``meta.labels`` keeps them."""
    return np.array(sorted(numbers), np.int32).tobytes()


def unpack(packed: bytes) -> set[int]:
    """What ``pack`` packed."""
    return set(np.frombuffer(packed, np.int32).tolist())
