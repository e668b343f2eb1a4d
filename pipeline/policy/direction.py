"""Provisions and direction: what a measure says about helping immigration enforcement, and which way it points."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.model import Direction
from pipeline.policy.lexicon import Lexicon
from pipeline.policy.sentences import Sentence

FORBID = frozenset({"sanctuary_ban", "sign.anti_sanctuary", "penalties"})
"""Rules that forbid rules: what limits help in their sentence is what they forbid."""

LIFTS = "sign.lifts_limits"
"""The rule that limits are undone: it points to what is left, not to what is repealed."""


@dataclass(frozen=True, slots=True)
class Pointing:
    """Which way some sentences point, what they provide, and the rules that said so."""

    balance: float
    provisions: tuple[str, ...]
    rules: tuple[str, ...]

    @property
    def direction(self) -> Direction | None:
        """None when nothing points anywhere."""
        if abs(self.balance) < 0.25:
            return None
        return "limits_cooperation" if self.balance > 0 else "mandates_cooperation"


def read(lexicon: Lexicon, sentences: Iterable[tuple[Sentence, float]]) -> Pointing:
    """The balance over ``(sentence, weight)``; each rule counts once a sentence."""
    balance = 0.0
    provisions: dict[str, None] = {}
    rules: dict[str, None] = {}
    for sentence, weight in sentences:
        for name, sign, value, provision in point(lexicon, sentence):
            balance += sign * value * weight
            rules.setdefault(name)
            if provision:
                provisions.setdefault(name)
    sign = 1 if balance > 0 else -1
    agreeing = {
        pattern.id for pattern in lexicon.patterns("provisions", "provision") if pattern.attributes["sign"] == sign
    }
    return Pointing(balance, tuple(name for name in provisions if name in agreeing), tuple(rules))


def of_the_topic_alone(lexicon: Lexicon) -> frozenset[str]:
    """Provisions that are of the topic without a word of enforcement beside them: asking about status."""
    rules = lexicon.patterns("provisions", "provision")
    return frozenset(rule.id for rule in rules if rule.attributes.get("alone"))


def related_only(lexicon: Lexicon) -> frozenset[str]:
    """Provisions that make no policy of their own: an identity card, a fund, a protest against a federal site."""
    rules = lexicon.patterns("provisions", "provision")
    return frozenset(rule.id for rule in rules if rule.attributes.get("related"))


def point(lexicon: Lexicon, sentence: Sentence) -> list[tuple[str, int, float, bool]]:
    """``(rule, sign, weight, is a provision)`` of every rule that holds in ``sentence``."""
    cached: list[tuple[str, int, float, bool]] | None = sentence.memo.get("point")
    if cached is not None:
        return cached
    found: dict[str, tuple[str, int, float, bool]] = {}
    overrides: dict[str, tuple[str, ...]] = {}
    for group, is_provision in (("provision", True), ("sign", False)):
        for pattern in lexicon.patterns("provisions", group):
            if pattern.id in found:
                continue
            if next(pattern.find(sentence), None) is not None:
                attributes = pattern.attributes
                overrides[pattern.id] = tuple(attributes.get("overrides", ()))
                found[pattern.id] = (pattern.id, attributes["sign"], attributes.get("weight", 1.0), is_provision)
    for name in [name for entry in list(found) for name in overrides.get(entry, ())]:
        found.pop(name, None)
    if not FORBID.isdisjoint(found):
        # "bans local policies that limit help" limits nothing: what is forbidden does not count for the other side.
        for name in [name for name, entry in found.items() if entry[1] > 0]:
            del found[name]
    result = list(found.values())
    sentence.memo["point"] = result
    return result
