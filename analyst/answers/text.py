"""How answers write instants."""

from __future__ import annotations

from datetime import UTC, datetime


def instant(at: datetime | None) -> str | None:
    """RFC 3339 in UTC to the second."""
    return None if at is None else at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(at: datetime) -> str:
    """The same, of an instant that is known."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
