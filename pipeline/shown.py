"""What everybody is shown of records under its public names: a jurisdiction, a vote.

Answers, ``explain`` and ``eval`` write them alike. What is not told is null, never an empty string.
"""

from __future__ import annotations

# pydantic makes schemas of these only, as long as Python 3.11 is supported.
from typing_extensions import TypedDict

from pipeline.model import Jurisdiction, Vote


class Place(TypedDict):
    """A jurisdiction."""

    name: str
    type: str
    state: str


Tally = TypedDict(
    "Tally",
    {"for": int | None, "against": int | None, "abstain": int | None, "absent": int | None, "unanimous": bool | None},
)


def place_of(jurisdiction: Jurisdiction) -> Place:
    """Name, type and state."""
    return {"name": jurisdiction.name, "type": jurisdiction.type, "state": jurisdiction.state}


def tally(vote: Vote | None) -> Tally | None:
    """A vote under its public names."""
    if vote is None:
        return None
    return {
        "for": vote.ayes,
        "against": vote.noes,
        "abstain": vote.abstain,
        "absent": vote.absent,
        "unanimous": vote.unanimous,
    }
