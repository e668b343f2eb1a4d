"""The note of a feed."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.feeds.note import FeedNote

NOW = datetime(2026, 3, 20, 12, 0, 0, 123456, tzinfo=UTC)
FULL = FeedNote(
    etag='W/"a,b"',
    last_modified="Fri, 20 Mar 2026 12:00:00 GMT",
    body_hash="0123",
    hashes=("A" * 16, "b-_4" * 4),
    interval=3600.5,
    due=NOW + timedelta(hours=1),
    streak=-2,
    polls=7,
    failures=2,
    weight=0.75,
    failing_since=NOW - timedelta(days=1),
    error="Gone",
    reason="HTTP 404 – señal",
    last_poll=NOW,
    last_success=NOW - timedelta(days=2),
    last_new=NOW - timedelta(days=3),
    last_full=NOW - timedelta(days=2),
    lies=1,
    moved_to="https://new.example/feed",
    moved_since=NOW,
    moved_polls=3,
    title="Harbor Gazette",
    items_per_week=12.25,
    usual_per_week=11.5,
    counted_since=NOW - timedelta(days=60),
    habit=86_400.0,
)


def test_there_and_back() -> None:
    assert all(getattr(FULL, field.name) != field.default for field in fields(FeedNote))
    assert FeedNote.from_bytes(FULL.to_bytes()) == FULL
    assert FULL.seen == {"A" * 16, "b-_4" * 4}


def test_an_empty_note_is_small() -> None:
    assert FeedNote.from_bytes(b"") == FeedNote()
    assert FeedNote.from_bytes(FeedNote().to_bytes()) == FeedNote()
    assert FeedNote().to_bytes() == b"{}"


@pytest.mark.parametrize("data", [b"\xff\xfe", b"not json", b"[1]", b"null", b'"x"'])
def test_what_cannot_be_read_is_an_empty_note(data: bytes) -> None:
    assert FeedNote.from_bytes(data) == FeedNote()


def test_notes_of_other_versions() -> None:
    kept = json.loads(FULL.to_bytes())
    kept |= {"future": {"a": 1}, "e": 5, "i": True, "n": "many", "d": 1e300, "w": float("nan"), "h": "odd", "lp": "now"}
    note = FeedNote.from_bytes(json.dumps(kept).encode())
    assert note.title == FULL.title
    default = FeedNote()
    for name in ("etag", "interval", "polls", "due", "weight", "hashes", "last_poll"):
        assert getattr(note, name) == getattr(default, name)


def test_a_whole_number_is_a_float_where_one_is_meant() -> None:
    assert FeedNote.from_bytes(b'{"i":900}').interval == 900.0


def test_the_stored_names_never_change() -> None:
    # Notes of an earlier version must keep their meaning: add names, never reuse one.
    assert sorted(json.loads(FULL.to_bytes())) == sorted(
        [
            "b",
            "cs",
            "d",
            "e",
            "f",
            "fs",
            "h",
            "hb",
            "i",
            "k",
            "l",
            "lf",
            "ln",
            "lp",
            "ls",
            "m",
            "mp",
            "ms",
            "mt",
            "n",
            "r",
            "t",
            "u7",
            "w",
            "w7",
            "x",
        ]
    )
