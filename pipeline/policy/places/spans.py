"""What the steps of reading places hand on: bodies, names with the evidence beside them, and the reading itself."""

from __future__ import annotations

from dataclasses import dataclass, field

from pipeline import model
from pipeline.policy.places.words import Words


@dataclass(frozen=True, slots=True)
class Body:
    """A governing body or executive named in a text."""

    start: int
    end: int
    name: str
    """Canonical: 'City Council', 'Board of Supervisors', 'Mayor', 'Voters', 'Sheriff', 'Legislature', ..."""
    types: tuple[model.JurisdictionType, ...]
    """Jurisdiction types it can belong to, the likeliest first."""
    states: tuple[str, ...] = ()
    """The only states that have it, where that is known."""


@dataclass(slots=True, eq=False)
class Name:
    """One name in a text with the evidence beside it; first and last are numbers of words."""

    first: int
    last: int
    kind: str
    """As ``placewords.Known.kind``."""
    key: str
    """Folded base name, for the gazetteer."""
    label: str
    """The name as it is written or, where it is known by another, as it is called."""
    state: str = ""
    """Postal code said in the same noun phrase, or belonging to the name."""
    type: str = ""
    """Type word beside a place: 'town of', 'Township'."""
    rule: str = ""
    """'named' or 'agency' for a name that leaves no choice."""
    phrase_last: int = -1
    """Last word of a state behind the name."""
    bare: bool = False
    """A county's name without its type word: 'Mecklenburg'."""
    against: str = ""
    """Why it may be no place: 'person', 'organisation', 'street', 'word', 'surname', 'abroad', 'part', 'foreign'."""
    locative: bool = False
    """Behind a preposition that may be one of place: of, to, from ..."""
    inside: bool = False
    """Behind one that is: in, near, outside ..."""
    cue: bool = False
    """Before a word of government or of people."""
    listed: bool = False
    """In a list of three or more."""
    example: bool = False
    """Behind 'such as', 'including', 'like': not what the sentence is about."""
    bodies: list[int] = field(default_factory=list)
    """Numbers of the bodies bound to it in the same noun phrase."""

    @property
    def known(self) -> bool:
        return bool(self.rule)

    @property
    def strong(self) -> bool:
        """Whether what stands beside it makes it a government or a located place."""
        return bool(self.rule or self.state or self.type or self.bodies)

    @property
    def stop(self) -> int:
        """Last word of its noun phrase."""
        return max(self.last, self.phrase_last)


class Reading:
    """Words, names and bodies of one text."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self.names: list[Name] = []
        self.bodies: list[Body] = []
        self.body_words: list[tuple[int, int]] = []
        """First and last word of each body."""
        self.owners: dict[int, int] = {}
        """Number of a body to the number of the name in the same noun phrase."""
        self.covered: dict[int, Name] = {}
        """Word to the name that it is part of."""
        self.body_starts: frozenset[int] = frozenset()

    def set_names(self, names: list[Name]) -> None:
        """Takes ``names`` in the order of the text."""
        self.names = names
        self.covered = {index: name for name in names for index in range(name.first, name.last + 1)}

    def sentence(self, name: Name) -> int:
        return self.words.sentence[name.first]
