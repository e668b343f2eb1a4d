"""How answers write instants, places and votes."""

from __future__ import annotations

from datetime import UTC, datetime

from pipeline.shown import Place, Tally


def instant(at: datetime | None) -> str | None:
    """RFC 3339 in UTC to the second."""
    return None if at is None else moment(at)


def moment(at: datetime) -> str:
    """The same, of an instant that is known."""
    return f"{at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def place_label(place: Place) -> str:
    """``Los Angeles, CA``; a state or the federal level is its own name."""
    named = place["name"]
    return named if place["type"] in ("state", "federal") or not place["state"] else f"{named}, {place['state']}"


def vote_said(vote: Tally | None) -> str:
    """``13-0, unanimous``, as far as it is known."""
    if vote is None:
        return ""
    parts = []
    if vote["for"] is not None and vote["against"] is not None:
        parts.append(f"{vote['for']}-{vote['against']}")
    elif vote["for"] is not None:
        parts.append(f"{vote['for']} for")
    elif vote["against"] is not None:
        parts.append(f"{vote['against']} against")
    if vote["unanimous"]:
        parts.append("unanimous")
    for part, words in (("abstain", "abstaining"), ("absent", "absent")):
        if count := vote[part]:  # type: ignore[literal-required]
            parts.append(f"{count} {words}")
    return ", ".join(parts)
