"""What the frontier keeps about a feed between two polls.

It may be lost at any moment: then the feed is polled as if for the first time, and nothing is recorded twice, because
entries are created once. Reading and writing it belongs to the cost of every poll, also of those that are answered
with 304: it is one flat JSON object with short names, instants as seconds, hashes as one string.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from math import isfinite
from typing import Any

HASH_SIZE = 16
"""Characters of one item hash (``parsed.piece_hash``)."""


@dataclass(frozen=True, slots=True)
class FeedNote:
    """State of one feed's polling; the default is a feed never polled."""

    etag: str = ""
    """As the server sent it, for If-None-Match."""
    last_modified: str = ""
    """As the server sent it, for If-Modified-Since: never parsed, never reformatted."""
    body_hash: str = ""
    hashes: tuple[str, ...] = ()
    """Of the items known: those of the last body, then some that have left it."""
    interval: float = 0.0
    """Seconds between polls while all is well; 0: not settled yet."""
    due: datetime | None = None
    """When the next poll was planned for, so that a late one can be told from one on time."""
    streak: int = 0
    """Polls on time since the interval last changed: n > 0 in a row that brought something new, n < 0 nothing."""
    polls: int = 0
    failures: int = 0
    """Failed polls in a row."""
    weight: float = 0.0
    """The same, weighted by how lasting each error looked."""
    failing_since: datetime | None = None
    error: str = ""
    """Class of the last poll's error, '' when it went well."""
    reason: str = ""
    last_poll: datetime | None = None
    last_success: datetime | None = None
    last_new: datetime | None = None
    """When a poll last brought something new."""
    last_full: datetime | None = None
    """When the server last sent a body rather than a 304."""
    lies: int = 0
    """How often a body had new items although its validators had not changed."""
    moved_to: str = ""
    """Where the server permanently redirects, while that is being watched."""
    moved_since: datetime | None = None
    moved_polls: int = 0
    title: str = ""
    items_per_week: float = 0.0
    """New items, a running estimate over about two weeks. It begins at 0, for which ``schedule.rates`` makes up."""
    usual_per_week: float = 0.0
    """The same over about three months: what to hold the other against."""
    counted_since: datetime | None = None
    """When both began."""
    habit: float = 0.0
    """Usual seconds between two polls that bring something; 0: not known yet."""

    @property
    def seen(self) -> frozenset[str]:
        """The known hashes, as ``parse_feed`` wants them."""
        return frozenset(self.hashes)

    def to_bytes(self) -> bytes:
        """As the frontier keeps it; fields at their default are left out."""
        kept: dict[str, Any] = {}
        for name, short, is_instant, default in _FIELDS:
            value = getattr(self, name)
            if value != default:
                kept[short] = value.timestamp() if is_instant else value
        if self.hashes:
            kept["h"] = "".join(self.hashes)
        return _encode(kept).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> FeedNote:
        """The note of ``to_bytes``. b'' and what cannot be read give an empty note; unknown names are passed over and
        values of another type replaced by their default, so that versions can follow each other."""
        if not data:
            return cls()
        try:
            kept = json.loads(data)
        except ValueError:
            return cls()
        if not isinstance(kept, dict):
            return cls()
        values: dict[str, Any] = {}
        for short, value in kept.items():
            if (known := _SHORT.get(short)) is None:
                continue
            name, kind = known
            if type(value) is float and not isfinite(value):
                continue
            if type(value) is kind or (kind is float and type(value) is int):
                values[name] = value
            elif kind is datetime and type(value) in (float, int):
                try:
                    values[name] = datetime.fromtimestamp(value, UTC)
                except (ValueError, OverflowError, OSError):
                    continue
        hashes = kept.get("h")
        if type(hashes) is str and len(hashes) % HASH_SIZE == 0:
            values["hashes"] = tuple([hashes[at : at + HASH_SIZE] for at in range(0, len(hashes), HASH_SIZE)])
        return cls(**values)


_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode

_KINDS: dict[str, type] = {"str": str, "int": int, "float": float, "datetime | None": datetime}
_ALIASES = {
    "etag": "e", "last_modified": "m", "body_hash": "b", "interval": "i", "due": "d", "streak": "k", "polls": "n",
    "failures": "f", "weight": "w", "failing_since": "fs", "error": "x", "reason": "r", "last_poll": "lp",
    "last_success": "ls", "last_new": "ln", "last_full": "lf", "lies": "l", "moved_to": "mt", "moved_since": "ms",
    "moved_polls": "mp", "title": "t", "items_per_week": "w7", "usual_per_week": "u7", "counted_since": "cs",
    "habit": "hb",
}  # fmt: skip
"""Stored names; 'h' holds the hashes. Never give a used one another meaning."""
_FIELDS = tuple(
    (field.name, _ALIASES[field.name], field.type == "datetime | None", field.default)
    for field in fields(FeedNote)
    if field.name != "hashes"
)
_SHORT = {
    _ALIASES[field.name]: (field.name, _KINDS[str(field.type)]) for field in fields(FeedNote) if field.name != "hashes"
}
