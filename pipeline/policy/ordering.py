"""Verbs by which executives and courts make rules: they sign, issue and announce, and they undo earlier orders.

A test sees a candidate; what it needs beyond that it asks of the tags and of ``direction``.
"""

from __future__ import annotations

from pipeline.policy import direction
from pipeline.policy.acts import Act
from pipeline.policy.candidate import Candidate

NEW_ONE = ["a", "new", "one"]
"""The pronoun for an instrument that replaces the one told before it."""
NO_RULES = frozenset({"letter", "letters", "statement", "petition", "pledge"})
"""What is signed without being decided."""
UNDOING = ("rescinding", "repealing", "revoking")
ORDERS = frozenset({"order", "orders", "directive", "directives"})
"""What an order undoes, beyond what the lexicon knows as an instrument: 'her predecessor's order'."""
TITLE = 8
"""Tokens that a court's own name may add to its head's: 'chief judge of the Circuit Court of Cook County'."""


def sign(case: Candidate) -> bool:
    """Whether an executive, or a board whose members sign what they adopt, signed a rule. May make it a repeal."""
    act, objects = case.act, case.objects
    tag = act.actor.tag
    if any(last == act.first for _, last, _ in act.sentence.hits.get("WARRANT", ())):
        return False  # 'absent a warrant signed by a judge'
    if not NO_RULES.isdisjoint(act.sentence.words[act.last : act.last + 3]):
        return False
    if case.form == "s" and not case.title and act.first - act.actor.last > 2:
        return False  # 'businesses have put up signs'
    if case.anchored and objects and _undoes_an_order(act):
        act.kind = "repeal"
        return True
    if act.sentence.has("G287", "CONTRACT"):
        return tag not in ("COURT", "VOTERS")
    if tag == "BODY" and not _signs_resolution(act):
        return False
    if tag not in ("GOVERNOR", "MAYOR", "FEDERAL", "OFFICER", "BODY") and not rules_courthouses(case):
        return False
    return case.anchored and bool(objects)


def _signs_resolution(act: Act) -> bool:
    """'Commissioners signed a resolution': the members of small boards sign what they adopt."""
    return any(
        act.last <= first < act.last + 6 and name in ("resolution", "ordinance", "proclamation")
        for first, _, name in act.sentence.hits.get("INSTR", ())
    )


def issue(case: Candidate) -> bool:
    """Whether an executive or a court issued or announced an order or a policy. May make it a repeal."""
    act = case.act
    bench = rules_courthouses(case)
    if act.actor.tag not in ("GOVERNOR", "MAYOR", "OFFICER", "FEDERAL") and not bench:
        return False
    near = {
        name for first, _, name in act.sentence.hits.get("INSTR", ()) if act.last <= first < act.last + 9
    }  # fmt: skip
    told_before = {
        name for _, last, name in act.sentence.hits.get("INSTR", ()) if act.actor.first - 3 <= last <= act.actor.first
    }  # 'under a policy the sheriff announced'
    if act.sentence.words[act.last : act.last + 3] == NEW_ONE:
        near |= _told_anywhere_before(act)
    if (bench or act.actor.tag == "OFFICER") and "policy" in near | told_before and act.own_topic:
        return act.actor.name == "Sheriff" or bool(direction.point(case.view.lexicon, act.sentence))
    if _form_is_passive(case) and act.own_topic and _orders(act):
        return True
    if not act.own_topic or not near & {"order", "executive_order", "directive", "proclamation"}:
        return False
    if act.sentence.words[act.first].startswith(("announc", "releas")):
        return _announces(act)
    if _undoes_an_order(act):
        act.kind = "repeal"
    return True


def _told_anywhere_before(act: Act) -> set[str]:
    """'rescinded the policy and issued a new one': what the pronoun stands for."""
    return {name for _, last, name in act.sentence.hits.get("INSTR", ()) if last <= act.first}


def _form_is_passive(case: Candidate) -> bool:
    """'an order issued Thursday by the sheriff': the subject stands behind."""
    return case.form in ("ed", "pp") and case.act.actor.first > case.act.last


def _orders(act: Act) -> bool:
    """The instrument before the verb is an executive's own."""
    return any(
        act.first - 4 <= last <= act.first and name in ("order", "executive_order", "directive", "policy")
        for _, last, name in act.sentence.hits.get("INSTR", ())
    )


def _announces(act: Act) -> bool:
    """'announced an executive order that bars ICE': the order itself, not plans for one or a suit over one."""
    words = act.sentence.words[act.last :]
    planned = {"proposed", "plans", "will", "would", "intends", "expects", "hopes", "wants"}.intersection(words[:12])
    return bool(words) and words[0] in ("a", "an", "new") and not planned


def _undoes_an_order(act: Act) -> bool:
    """'signed an executive order rescinding his predecessor's directive': no more than a repeal."""
    words, instruments = act.sentence.words, act.sentence.hits.get("INSTR", ())
    orders = [last for first, last, _ in instruments if act.last <= first < act.last + 6]
    for last in orders:
        undoing = next((at for at in range(last, min(len(words), last + 3)) if words[at] in UNDOING), -1)
        if undoing >= 0:
            named = {first for first, _, name in instruments if name not in ("287g_agreement", "detention_contract")}
            return any(at in named or words[at] in ORDERS for at in range(undoing + 1, min(len(words), undoing + 7)))
    return False


def own_order(case: Candidate) -> bool:
    """A sheriff adopts a policy, a chief judge an order on courthouses; what others adopt they do not decide."""
    act = case.act
    if act.actor.tag == "COURT":
        return rules_courthouses(case)
    named = {name for first, _, name in act.sentence.hits.get("INSTR", ()) if act.last <= first < act.last + 6}
    return act.own_topic and case.form in ("ed", "past", "s") and bool(named & {"policy", "directive", "order"})


def rules_courthouses(case: Candidate) -> bool:
    """'The chief judge barred civil arrests at courthouses': the order of a court on its own buildings. What it decides
    between parties is a ruling."""
    act, sentence = case.act, case.act.sentence
    if act.actor.tag != "COURT" or not act.own_topic or "LITIGATION" in sentence.hits:
        return False
    bench = any(
        act.actor.first - TITLE <= first and last <= act.actor.last for first, last, _ in sentence.hits.get("BENCH", ())
    )
    told = (sentence, case.view.sentences[0])
    return bench and any(own.has("COURTHOUSE") for own in told) and bool(direction.point(case.view.lexicon, sentence))
