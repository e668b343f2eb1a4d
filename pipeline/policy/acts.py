"""What an act is: who did what, as one sentence tells it; and the view of an article in which acts are looked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.model import Check
from pipeline.policy import dates, identifiers, votes
from pipeline.policy.lexicon import Lexicon
from pipeline.policy.sentences import Sentence

ACTOR_TAGS = (
    "BODY", "STATEBODY", "CHAMBER", "COMMITTEE", "GOVERNOR", "MAYOR", "OFFICER", "VOTERS", "COURT", "FEDERAL", "NOBODY",
)  # fmt: skip
MOST_VERBS = 40
"""Verbs of one sentence that are looked at: text of foreign pages may be made to hold thousands."""
PRONOUNS = frozenset({"it", "they", "he", "she", "which", "who"})


@dataclass(slots=True)
class Actor:
    """Who acts: the tag and canonical name of the word that names it, or a place ('PLACE'), or nobody ('')."""

    tag: str = ""
    name: str = ""
    first: int = -1
    last: int = -1


@dataclass(slots=True)
class Act:
    """One act as one sentence tells it."""

    sentence: Sentence
    kind: str
    """The verb's class in ``actions.toml``."""
    first: int
    last: int
    """Tokens of the verb."""
    governor: int
    """Token of the finite verb: of 'voted' in 'voted 5-2 to repeal'."""
    actor: Actor
    rules: list[str] = field(default_factory=list)
    by_vote: bool = False
    own_topic: bool = False
    """The sentence itself speaks of the topic; else it is the object that points back."""
    scope: tuple[int, int] = (0, 0)
    """Offsets of the clause, up to the next act."""
    tally: votes.Tally | None = None
    date: dates.Found | None = None


@dataclass(slots=True)
class Told:
    """All that a text tells of acts."""

    acts: list[Act] = field(default_factory=list)
    rejected: list[Check] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class View:
    """An article as the search for acts sees it."""

    lexicon: Lexicon
    plain: str
    sentences: Sequence[Sentence]
    places: Mapping[int, Sequence[tuple[int, int]]]
    """Token spans of the places in a sentence, by its index."""
    published: str
    """Local date of publication, as far as known."""
    document: bool = False
    """A government's own record, whose numbered instruments speak as adopted."""


def verbs_in(sentence: Sentence) -> list[tuple[int, int, list[tuple[str, str]]]]:
    """``(first, last, [(class, form)])`` in the order of the sentence."""
    cached: list[tuple[int, int, list[tuple[str, str]]]] | None = sentence.memo.get("verbs")
    if cached is not None:
        return cached
    found: dict[tuple[int, int], list[tuple[str, str]]] = {}
    for tag, hits in sentence.hits.items():
        if tag.startswith("V:"):
            for first, last, form in hits:
                found.setdefault((first, last), []).append((tag[2:], form))
    result = [(first, last, readings) for (first, last), readings in sorted(found.items())][:MOST_VERBS]
    sentence.memo["verbs"] = result
    return result


def dates_in(view: View, sentence: Sentence) -> list[dates.Found]:
    """The dates of a sentence, found once."""
    cached: list[dates.Found] | None = sentence.memo.get("dates")
    if cached is None:
        cached = dates.find(view.plain, sentence.start, sentence.end, view.published)
        sentence.memo["dates"] = cached
    return cached


def numbers_in(view: View, sentence: Sentence) -> list[identifiers.Identifier]:
    """The numbers of measures in a sentence, found once."""
    cached: list[identifiers.Identifier] | None = sentence.memo.get("numbers")
    if cached is None:
        cached = identifiers.find(view.plain, sentence.start, sentence.end)
        sentence.memo["numbers"] = cached
    return cached


def quote(sentence: Sentence, first: int, last: int) -> str:
    """The verb with a few words around it, for a person who asks why."""
    left = sentence.starts[max(0, first - 4)] - sentence.start
    right = sentence.ends[min(len(sentence.ends), last + 6) - 1] - sentence.start
    return sentence.text[left:right]
