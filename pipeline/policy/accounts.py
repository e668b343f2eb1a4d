"""One account of an action, and what is known of the article that gives it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from pipeline.model import ArticleKind, Jurisdiction, SourceKind, Stage
from pipeline.policy import places
from pipeline.policy.acts import Act
from pipeline.policy.lexicon import Lexicon
from pipeline.policy.sentences import Sentence

Family = Literal["adopt", "reject", "pending", "repeal", "veto", "ruling", "effective", "listed"]
"""Stages that tell of one action of a measure."""
Weighted = Sequence[tuple[Sentence, float]]
"""Sentences that tell of a measure, with their weight."""

LEAD = 3
"""Sentences after the title in which a news story tells its news."""


@dataclass(frozen=True, slots=True)
class Context:
    """What is known of the article as a whole."""

    lexicon: Lexicon
    whole: str
    """Title and text as they are; ``plain`` is the same, normalised."""
    plain: str
    sentences: Sequence[Sentence]
    map: places.Map
    published: str
    """Local date, as far as known."""
    kind: ArticleKind
    source_kind: SourceKind
    source: str
    muted: str = ""
    retold: bool = False
    busy: frozenset[int] = frozenset()
    """Indexes of the sentences that tell an act."""
    apart: frozenset[int] = frozenset()
    """Indexes of the sentences that tell another measure of the same night."""
    single: bool = False
    """All acts are of one place: whatever the lead says is said of it."""
    """The article says of itself that it looks back (anniversary, explainer, history)."""


@dataclass(slots=True)
class Account:
    """An act with its jurisdiction and what it makes of the measure: one account of an action."""

    act: Act
    jurisdiction: Jurisdiction
    stage: Stage
    family: Family
    confidence: float
    """Of the place."""
    notes: list[str] = field(default_factory=list)


def in_scope(act: Act, tag: str) -> bool:
    left, right = act.scope
    starts = act.sentence.starts
    return any(left <= starts[first] < right for first, _, _ in act.sentence.hits.get(tag, ()))


def strength(act: Act) -> float:
    """How well a sentence proves its action: tally, body, date, own words of the topic; early rather than late."""
    value = 0.0
    if act.tally is not None:
        value += 2.0 if act.tally.first is not None else 1.0
    if act.actor.tag not in ("", "PLACE"):
        value += 1.5
    elif act.actor.tag:
        value += 0.6
    value += 1.2 if act.own_topic else 0.0
    value += 0.8 if act.date is not None else 0.0
    value += 0.7 if act.by_vote or act.kind in ("adopt", "sign", "vote", "repeal", "veto", "reject") else 0.0
    value += 0.4 if act.sentence.index else 0.0
    return value - 0.25 * max(0, act.sentence.index - 1)
