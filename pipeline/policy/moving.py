"""Verbs that move a measure otherwise than by making it: what comes before its adoption, instead of it, and after it.

What a test needs beyond its candidate it asks of the tags.
"""

from __future__ import annotations

from collections.abc import Callable

from pipeline.policy.acts import Act
from pipeline.policy.candidate import Candidate, objects_behind

PLANS = frozenset({"plan", "plans", "proposal", "idea", "bid", "push", "effort", "talks"})
"""What is dropped before it is a rule."""
AGREEMENTS = frozenset({"287g_agreement", "detention_contract", "measure"})
"""Instruments that are cooperation itself: to undo one makes a rule."""


def _reject(case: Candidate) -> bool:
    act, form, objects = case.act, case.form, case.objects
    if act.actor.tag in ("COURT", "FEDERAL", "OFFICER"):
        return False
    words = act.sentence.words
    if words[act.last : act.last + 1] == ["to"] or (
        words[act.first].startswith(("den", "declin", "refus")) and not objects & {"INSTR", "ANAPHOR"}
    ):
        return (
            act.by_vote
            and bool(objects)
            and words[act.first].startswith("den") is False
            and words[act.last : act.last + 1] != ["to"]
        )
    if (
        not act.by_vote
        and _instrument_before(act)
        and not words[act.first].startswith(("fail", "die", "fall", "fell", "fizz"))
    ):
        return form in ("ed", "past") and any(
            word in ("was", "were", "been") for word in words[max(0, act.first - 3) : act.first]
        )
    return bool(objects) and case.anchored


def _instrument_before(act: Act) -> bool:
    """The instrument itself is the subject: 'Resolution 12 rejects the use of county money'."""
    return not act.actor.tag or any(
        act.actor.last <= first and last <= act.first for first, last, _ in act.sentence.hits.get("INSTR", ())
    )


def _table(case: Candidate) -> bool:
    act, objects = case.act, case.objects
    if act.actor.tag in ("COURT", "FEDERAL"):
        return False
    return bool(objects & {"INSTR", "ANAPHOR", "SANC", "WELCOME", "LAW"})


def _direct(case: Candidate) -> bool:
    act = case.act
    if act.actor.tag not in ("BODY", "PLACE", "STATEBODY", "COMMITTEE"):
        return False
    surface = " ".join(act.sentence.words[act.first : act.last])
    if surface in (
        "direct",
        "directs",
        "directed",
        "instruct",
        "instructs",
        "instructed",
        "task",
        "tasks",
        "tasked",
    ):
        return act.own_topic and any(
            act.last <= first < act.last + 6 for first, _, _ in act.sentence.hits.get("DRAFTER", ())
        )
    return act.own_topic


def _advance(case: Candidate) -> bool:
    act, objects = case.act, case.objects
    return bool(objects) and act.own_topic


def _introduce(case: Candidate) -> bool:
    act, objects = case.act, case.objects
    return "INSTR" in objects and act.own_topic


def _consider(case: Candidate) -> bool:
    act, objects = case.act, case.objects
    return bool(objects & {"INSTR", "SANC", "WELCOME", "ANAPHOR", "LAW"}) and act.own_topic


def _repeal(case: Candidate) -> bool:
    act, objects, title = case.act, case.objects, case.title
    if act.actor.tag in ("COURT", "FEDERAL") or (not act.actor.tag and not title):
        return False
    if _ends_agreement(act):
        act.kind = "limit"
        return act.own_topic
    if not PLANS.isdisjoint(act.sentence.words[act.last : act.last + 5]):
        return False
    if case.form == "ing" and not objects_behind(act):
        return False  # 'amended the bill, stripping the part that lets people sue'
    return case.anchored and bool(objects)


def _ends_agreement(act: Act) -> bool:
    """'voted to void its 287(g) agreement': what is undone is cooperation itself; that is a rule, not its repeal."""
    hits, words = act.sentence.hits, act.sentence.words
    for tag in ("G287", "CONTRACT"):
        for first, _, _ in hits.get(tag, ()):
            between = range(act.last, first)
            if act.last <= first < act.last + 8 and not (
                any(at in between and name not in AGREEMENTS for at, _, name in hits.get("INSTR", ()))
                or any(at in between for limiter in ("LIMITER", "NEG") for at, _, _ in hits.get(limiter, ()))
                or any(words[at] in ("vote", "decision", "ban") for at in between)
            ):
                return True
    return False


def _veto(case: Candidate) -> bool:
    act = case.act
    return act.actor.tag in ("GOVERNOR", "MAYOR", "PLACE", "FEDERAL") and case.anchored


def _challenge(case: Candidate) -> bool:
    act, form, objects = case.act, case.form, case.objects
    if act.by_vote or form == "base":
        return False
    return (
        act.own_topic and bool(objects & {"SANC", "WELCOME", "LAW", "INSTR"}) and act.actor.tag not in ("COURT", "BODY")
    )


def _court(case: Candidate) -> bool:
    act = case.act
    return act.actor.tag == "COURT" and act.own_topic


def _effect(case: Candidate) -> bool:
    act = case.act
    subject = {
        tag for tag in ("INSTR", "LAW", "SANC", "WELCOME", "ANTISANC")
        for _, last, _ in act.sentence.hits.get(tag, ()) if act.first - 12 <= last <= act.first
    }  # fmt: skip
    return bool(subject) and act.own_topic


def _list(case: Candidate) -> bool:
    act = case.act
    if act.actor.tag != "FEDERAL":
        return False
    return (
        any(word in ("list", "lists", "report") for word in act.sentence.words[act.last : act.last + 10])
        and act.own_topic
    )


MOVING: dict[str, Callable[[Candidate], bool]] = {
    "reject": _reject,
    "table": _table,
    "direct": _direct,
    "advance": _advance,
    "introduce": _introduce,
    "consider": _consider,
    "repeal": _repeal,
    "veto": _veto,
    "challenge": _challenge,
    "effect": _effect,
    "list": _list,
    "enjoin": _court,
    "uphold": _court,
    "strike": _court,
}
"""The test of each class."""
