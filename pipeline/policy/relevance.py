"""Is this about sanctuary policy? A score out of named frames, judged where they stand.

A frame counts in the sentence it stands in: the title and the first sentences weigh most, and a sentence that speaks
of guns, the unborn, animals or a church does not count as one about a sanctuary city because another paragraph names
immigrants.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.model import Check
from pipeline.policy import direction
from pipeline.policy.lexicon import Lexicon
from pipeline.policy.sentences import Sentence, folded

THRESHOLD = 1.5
"""Points from which an article is relevant; tuned on the labelled cases (see tests/quality)."""

POSITION = (1.1, 1.0, 1.0, 0.6, 0.6, 0.5)
"""Weight of title, first sentences; later ones ``LATER``, together at most ``LATER_CAP`` points."""
LATER, LATER_CAP = 0.35, 1.4

WEIGHTS = {
    "sanctuary": 1.6, "sanctuary_in_passing": 1.2, "sanctuary_claimed": 0.9, "sanctuary_of_immigrants": 1.0,
    "anti_sanctuary": 1.8, "named_law": 1.8, "law_number": 1.2, "287g": 1.7, "detainers": 1.4, "cooperation": 1.8,
    "welcoming": 1.6, "rule_on_enforcement": 1.5, "rule_on_immigration": 1.2, "immigration": 0.3,
}  # fmt: skip
"""Points of a frame in one sentence; a sentence counts with its strongest, and a tenth of the others."""

PLURALS = frozenset({"cities", "states", "counties", "jurisdictions", "localities", "towns", "communities"})
"""'Sanctuary cities' alone is what campaign talk says; it counts less than a status, a rule or one city's name."""
CONFUSERS = ("gun", "unborn", "trans", "covid", "animal", "building", "org", "uk", "weather", "nottopic")
ACTORS = ("BODY", "STATEBODY", "CHAMBER", "COMMITTEE", "GOVERNOR", "MAYOR", "OFFICER", "VOTERS", "COURT", "FEDERAL")


GOVERNMENTS = ("BODY", "STATEBODY", "COMMITTEE", "GOVERNOR", "MAYOR", "VOTERS")
TOUCHED = ("PERSONNEL", "RESOURCES")
"""Whom and what a rule on helping touches."""
NO_RULES = frozenset({"funding", "measure", "memo", "federal_list"})
MAKERS = ("BODY", "STATEBODY", "COMMITTEE", "GOVERNOR", "MAYOR", "VOTERS", "V:adopt", "V:vote", "V:reject")
LOCAL = ("BODY", "STATEBODY", "CHAMBER", "COMMITTEE", "GOVERNOR", "MAYOR", "VOTERS", "OFFICER", "BENCH", "INSTR")
"""Who can make a rule about helping, and the rule itself."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """``score`` is between 0 and 1, from ``points``: half at the threshold."""

    relevant: bool
    score: float
    frames: tuple[str, ...]
    rejected: tuple[Check, ...]


def gate(lexicon: Lexicon, plain: str) -> bool:
    """Whether the text holds any word of the topic at all. A few string searches, no more."""
    if any(word in plain for word in lexicon.table("terms", "gate_cased")):
        return True
    lower = plain.lower()
    return any(stem in lower for stem in lexicon.gate)


def on_topic(lexicon: Lexicon, plain: str, spans: Sequence[tuple[int, int]]) -> set[int]:
    """Which of the spans, in order and apart from each other, hold a word of the topic: ``gate`` for each of them, at
    the cost of one for the whole."""
    starts = [start for start, _ in spans]
    cased = plain.encode("ascii", "replace")  # a byte for each code point: offsets stay
    found: set[int] = set()
    for text, words in ((cased, lexicon.table("terms", "gate_cased")), (folded(plain), lexicon.gate)):
        for word in (word.encode("ascii", "replace") for word in words):
            at = text.find(word)
            while at >= 0:
                index = bisect_right(starts, at) - 1
                inside = index >= 0 and at + len(word) <= spans[index][1]
                if inside:
                    found.add(index)
                at = text.find(word, spans[index][1] if inside else at + 1)
    return found


def confusers(sentence: Sentence) -> tuple[str, ...]:
    """Other senses of sanctuary that the sentence speaks of, as named in ``terms.toml`` (``C_gun`` is ``gun``)."""
    found: tuple[str, ...] | None = sentence.memo.get("confusers")
    if found is None:
        found = tuple(name for name in CONFUSERS if f"C_{name}" in sentence.hits)
        sentence.memo["confusers"] = found
    return found


def ruled(sentence: Sentence) -> bool:
    """Whether the sentence names an instrument that makes rules: not a budget, a memo or 'a plan'."""
    return any(name not in NO_RULES for _, _, name in sentence.hits.get("INSTR", ()))


def _federal(sentence: Sentence) -> bool:
    return any(name != "ICE" for _, _, name in sentence.hits.get("FEDERAL", ()))


def frames(lexicon: Lexicon, sentence: Sentence, *, immigration: bool) -> dict[str, float]:
    """The frames of one sentence with their points; ``immigration``: the article speaks of it somewhere."""
    found: dict[str, float] = sentence.memo.get("frames", {})
    if found or "frames" in sentence.memo:
        return found
    hits = sentence.hits
    enforcement, people = sentence.has("ENF", "DETAINER"), "IMM" in hits
    confused = confusers(sentence)
    if confused and not enforcement and not people:
        sentence.memo["frames"] = {}
        return {}
    names: list[str] = []
    church = "C_church" in hits
    if "ANTISANC" in hits:
        names.append("anti_sanctuary")
    if "SANC" in hits and not (church and not sentence.has("BODY", "MAYOR", "INSTR")):
        in_passing = all(name.rsplit(" ", 1)[-1] in PLURALS for _, _, name in hits["SANC"])
        names.append(
            "sanctuary_in_passing" if in_passing and "BODY" not in hits and not ruled(sentence) else "sanctuary"
        )
    elif "SANC_WEAK" in hits and (immigration or sentence.has(*ACTORS)) and not church:
        names.append("sanctuary")
    elif "SANC_WORD" in hits and (enforcement or people) and not church:
        names.append("sanctuary" if "BODY" in hits else "sanctuary_of_immigrants")
    elif "SANC_WORD" in hits and not church and sentence.has(*ACTORS) and sentence.has("INSTR", "V:declare", "V:vote"):
        names.append("sanctuary_claimed")
    if "LAW" in hits:
        names.append("named_law")
    elif "LAWNUMBER" in hits:
        names.append("law_number")
    if "G287" in hits:
        names.append("287g")
    if "DETAINER" in hits:
        names.append("detainers")
    if ("WELCOME_WEAK" in hits and immigration and sentence.has(*LOCAL) and "NOBODY" not in hits) or (
        "WELCOME" in hits and (immigration or sentence.has(*LOCAL, "V:sign", "V:adopt", "V:veto"))
    ):
        names.append("welcoming")
    if enforcement or people:
        names += _about_rules(lexicon, sentence, enforcement=enforcement)
        names.append("immigration")
    elif "STATUSQ" in hits and immigration:
        names += _about_rules(lexicon, sentence, enforcement=False)
    part = 0.5 if confused or "PASSING" in hits else 1.0
    found = {name: WEIGHTS[name] * part for name in names}
    sentence.memo["frames"] = found
    return found


def _own(sentence: Sentence) -> bool:
    """'City lots', 'county-owned buildings': what a local government rules over without being named."""
    return any(last - first > 1 for first, last, _ in sentence.hits.get("PROPERTY", ()))


def _about_rules(lexicon: Lexicon, sentence: Sentence, *, enforcement: bool) -> list[str]:
    """The frame of a sentence on immigration that speaks of a rule: on helping, on enforcement, on immigration."""
    pointed = {name for name, *_ in direction.point(lexicon, sentence)} - {"sign.sanctuary", "sign.welcome"}
    strong = pointed - {"sign.limits_enforcement"}
    if not enforcement and any(name in direction.of_the_topic_alone(lexicon) for name in strong):
        return ["cooperation"] if sentence.has(*LOCAL) else []
    makers = GOVERNMENTS if _federal(sentence) else LOCAL
    if enforcement and pointed and (sentence.has(*makers, *(TOUCHED if strong else ())) or (strong and _own(sentence))):
        return ["cooperation"]
    if enforcement and not direction.FORBID.isdisjoint(strong):
        return ["cooperation"]  # 'localities that resist ICE face fines': whoever makes it, such a rule is meant
    if enforcement and ruled(sentence) and sentence.has(*MAKERS) and not _federal(sentence):
        return ["rule_on_enforcement"]
    voted = "BODY" in sentence.hits and sentence.has("V:vote", "V:urge")
    if ruled(sentence) or (enforcement and (voted or (strong and sentence.has(*makers, *TOUCHED, "COOP")))):
        return ["rule_on_immigration"]
    return []


def judge(lexicon: Lexicon, sentences: Sequence[Sentence]) -> Judgement:
    """The article's frames and score, and the other senses that spoke against it."""
    immigration = any(sentence.has("ENF", "IMM", "LAW", "LAWNUMBER") for sentence in sentences)
    points = later = 0.0
    seen: dict[str, float] = {}
    against: dict[str, float] = {}
    for sentence in sentences:
        if not sentence.hits:
            continue
        index = sentence.index
        weight = POSITION[index] if index < len(POSITION) else LATER
        found = frames(lexicon, sentence, immigration=immigration)
        if found:
            best = max(found.values())
            value = weight * (best + 0.1 * (sum(found.values()) - best))
            if index < len(POSITION):
                points += value
            elif later < LATER_CAP:
                later += value
            for name in found:
                seen[name] = seen.get(name, 0.0) + weight
        for name in confusers(sentence):
            if sentence.has("SANC", "SANC_WEAK", "SANC_WORD", "WELCOME") or index == 0:
                weigh = 2.0 if index == 0 else (0.3 if found else 0.8)
                against[name] = against.get(name, 0.0) + weight * weigh
        if (
            "C_church" in sentence.hits
            and sentence.has("SANC_WORD", "SANC_WEAK", "SANC")
            and not sentence.has("BODY", "INSTR")
        ):
            against["church"] = against.get("church", 0.0) + weight * (1.2 if index == 0 else 0.5)
    points += min(later, LATER_CAP) - sum(against.values())
    if "PASSING" in (sentences[0].hits if sentences else {}) and not frames(
        lexicon, sentences[0], immigration=immigration
    ):
        points -= 0.5
    points = max(points, 0.0)
    relevant = points >= THRESHOLD
    rejected = [Check(f"confuser.{name}", f"speaks of another sense ({name})") for name in against]
    if not relevant:
        rejected.append(Check("relevance.score", f"{points:.2f} points of {THRESHOLD} needed"))
    ordered = sorted(seen, key=lambda name: -seen[name] * WEIGHTS[name])
    return Judgement(relevant, round(points / (points + THRESHOLD), 3), tuple(ordered), tuple(rejected))
