"""A verb with its subject and objects, as it is tested: does it say something of the topic?"""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.policy.acts import Act, View, numbers_in, verbs_in

OBJECT_TAGS = (
    "SANC", "SANC_WEAK", "ANTISANC", "WELCOME", "WELCOME_WEAK", "LAW", "INSTR", "G287", "ANAPHOR", "CONTRACT",
    "SANC_WORD",
)  # fmt: skip
NO_OBJECT = frozenset({"funding", "memo", "federal_list"})
"""Instruments that are no measure of the topic: 'voted 5-2 to approve a budget'."""
NAMES_IT = ("ENF", "IMM", "SANC", "SANC_WEAK", "ANTISANC", "WELCOME", "G287", "CONTRACT", "DETAINER", "LAW", "STATUSQ")
"""Tags that name the topic."""
BEHIND, AHEAD = 26, 14
"""Tokens behind and before a verb in which its object is looked for."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An act that is being tested."""

    view: View
    act: Act
    form: str
    objects: frozenset[str]
    """Tags of ``OBJECT_TAGS`` that stand behind the verb, else before it."""

    @property
    def title(self) -> bool:
        return self.act.sentence.index == 0

    @property
    def anchored(self) -> bool:
        """The object is of the topic: named in the sentence, or 'the ordinance' or a number after one on it."""
        if self.objects & {"ANAPHOR", "NUMBER"}:
            return True
        if self.act.own_topic:
            return topic_in_clause(self.act)
        return "INSTR" in self.objects and (self.act.sentence.index <= 1 or self.act.sentence.has("ENF", "IMM"))


def candidate(view: View, act: Act, form: str) -> Candidate:
    """``act``, told in a verb's ``form``, with the tags of its objects."""
    return Candidate(view, act, form, frozenset(_objects(view, act)))


def clause_end(act: Act) -> int:
    """Token behind which nothing is the verb's object any more: 'approved the budget; the 287(g) program stays',
    'approved a hotel tax and put off an ordinance on ICE' tell of two things."""
    words = act.sentence.words
    end = next((at for at in range(act.last, len(words)) if words[at] == ";"), len(words))
    forms = ("base",) if act.by_vote else ("ed", "past")
    for first, _, readings in verbs_in(act.sentence):
        joined = words[first - 1] in ("and", "but") and first > act.last + 2
        if joined and first < end and any(form in forms for _, form in readings):
            return first
    return end


def topic_in_clause(act: Act) -> bool:
    """The topic is named before the end of the verb's own clause."""
    end = clause_end(act)
    if end >= len(act.sentence.words):
        return True
    return any(first < end for tag in NAMES_IT for first, _, _ in act.sentence.hits.get(tag, ()))


def objects_behind(act: Act) -> set[str]:
    """Tags of objects in the verb's clause, behind it."""
    end = min(clause_end(act), act.last + BEHIND)
    return {tag for tag, first, _ in _spans(act) if act.last - 1 <= first < end}


def _spans(act: Act) -> list[tuple[str, int, int]]:
    hits = act.sentence.hits
    return [
        (tag, first, last) for tag in OBJECT_TAGS for first, last, name in hits.get(tag, ()) if name not in NO_OBJECT
    ]


def _objects(view: View, act: Act) -> set[str]:
    """Tags behind the verb, else before it (passives); ``NUMBER`` when the sentence gives a measure's number."""
    found = objects_behind(act)
    if not found:
        found = {tag for tag, _, last in _spans(act) if act.first - AHEAD <= last <= act.first}
    return found | {"NUMBER"} if numbers_in(view, act.sentence) else found
