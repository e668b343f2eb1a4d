"""Verbs that make a rule: one test for each class of the family ``adopt``.

What a test needs beyond its candidate (which instruments, which provisions) it asks of the tags and of ``direction``;
the topic's words stand in ``config/topic``.
"""

from __future__ import annotations

from collections.abc import Callable

from pipeline.policy import direction, votes
from pipeline.policy.acts import PRONOUNS, Act, View, dates_in
from pipeline.policy.candidate import Candidate
from pipeline.policy.grammar import governor_of, second_verb
from pipeline.policy.ordering import issue, own_order, rules_courthouses, sign

SPENDING = frozenset({"hire", "pay", "spend", "fund", "buy", "donate", "defend", "return"})
"""Verbs behind 'voted to' that make no rule."""
DEALS = (["contract"], ["agreement"], ["deal"])
"""What may be worth 'a $2 million contract'."""
NO_MEASURES = frozenset({
    "settlement", "payment", "tax", "calendar", "minutes", "raise", "raises", "bonds", "hiring", "agenda", "budget",
    "million",
})  # fmt: skip
"""What is approved without being a rule."""


def _adopt(case: Candidate) -> bool:
    act, objects, title, view = case.act, case.objects, case.title, case.view
    tag = act.actor.tag
    if tag in ("COURT", "OFFICER") and not ("G287" in act.sentence.hits or own_order(case)):
        return False
    if tag == "FEDERAL" and act.actor.name == "ICE":
        return False
    if _no_measure(act):
        return False
    if not objects and not act.by_vote:
        words = act.sentence.words
        pronoun = act.first > 0 and words[act.first - 1] in PRONOUNS
        return pronoun or (act.own_topic and bool(direction.point(view.lexicon, act.sentence)) and bool(tag))
    if not tag and not title and not objects & {"INSTR", "NUMBER", "LAW", "ANAPHOR", "WELCOME", "SANC"}:
        return False
    return case.anchored


def _no_measure(act: Act) -> bool:
    """'approved a settlement with a man held for ICE': the object is no rule, whatever stands behind it."""
    words = act.sentence.words
    near = range(act.last, min(len(words), act.last + 6))
    at = next((at for at in near if words[at] in NO_MEASURES and words[at + 1 : at + 2] not in DEALS), -1)
    return at >= 0 and not any(
        act.last <= first < at
        for tag in ("INSTR", "G287", "SANC", "WELCOME")
        for first, _, _ in act.sentence.hits.get(tag, ())
    )


def _vote(case: Candidate) -> bool:
    act, title, view = case.act, case.title, case.view
    words = act.sentence.words
    to = next((at for at in range(act.last, min(len(words), act.last + 9)) if words[at] == "to"), len(words))
    if not SPENDING.isdisjoint(words[to + 1 : to + 2]):
        return False
    if act.actor.tag in ("COURT", "FEDERAL") or (words[act.first] == "vote" and not title and not _behind_body(act)):
        return False
    after = words[act.last : act.last + 9]
    if any(
        act.last <= first < act.last + 14 and governor_of(act.sentence, first) == act.first
        for tag in act.sentence.hits
        if tag.startswith("V:") and tag != "V:vote"
        for first, _, form_ in act.sentence.hits[tag]
        if form_ == "base"
    ):
        return False
    voted_on = any(
        act.last <= first < act.last + 9 and "against" in words[first : act.last + 9]
        for first, _, _ in act.sentence.hits.get("INSTR", ())
    )  # 'voted on resolutions against the law': what they are against is not what was voted down
    if "against" in after and act.own_topic and _against_helping(act, after.index("against") + act.last):
        return act.actor.tag == "BODY"
    if "against" in after and not ("favor" in after or "for" in after or voted_on):
        act.kind = "reject"
        return case.anchored and bool(act.actor.tag)
    if after[:1] in (["on"], ["whether"], ["by"]) or "whether" in after:
        return False
    if "on" in after and _carried(view, act, act.last + after.index("on")):
        return case.anchored and bool(act.actor.tag)
    far = words[act.last : act.last + 16]
    if "for" in far and any(
        act.last + far.index("for") < first <= act.last + far.index("for") + 4
        for first, _, _ in act.sentence.hits.get("INSTR", ())
    ):
        return case.anchored and bool(act.actor.tag)
    if "for" in after[:7] or "favor" in after[:7] or "yes" in after[:5] or "approval" in after:
        return case.anchored and bool(act.actor.tag)
    if "that" in after[:4] and act.own_topic and act.actor.tag == "BODY":
        return bool(direction.point(view.lexicon, act.sentence)) and not act.sentence.has("DRAFTING")
    if "to" in after and act.own_topic and bool(act.actor.tag):
        named = act.sentence.hits
        unknown = next((index for index in range(act.last, min(len(words), act.last + 9)) if words[index] == "to"), -1)
        if unknown >= 0 and not any(
            first == unknown + 1 for tag in named if tag.startswith("V:") for first, _, _ in named[tag]
        ):
            return bool(direction.point(view.lexicon, act.sentence)) and not act.sentence.has("DRAFTING")
    return False


def _against_helping(act: Act, against: int) -> bool:
    """'voted 7-2 against having police work with ICE': no instrument is voted down, a rule is made."""
    hits, behind = act.sentence.hits, range(against + 1, against + 8)
    if not "".join(act.sentence.words[against + 1 : against + 2]).endswith("ing"):
        return False
    helps = any(first in behind for first, _, _ in hits.get("HELP", ()))
    return helps and not any(
        first in behind for tag in ("INSTR", "ANAPHOR", "LAW") for first, _, _ in hits.get(tag, ())
    )


def _carried(view: View, act: Act, on: int) -> bool:
    """'voted 14-3 Tuesday on a resolution': the tally before what was voted on says that it passed."""
    sentence = act.sentence
    verb, stop = sentence.ends[act.last - 1], sentence.starts[on]
    return any(
        tally.first is not None and tally.first > (tally.second or 0) and verb <= tally.start < stop
        for tally in votes.tallies(view.plain, sentence.start, sentence.end)
    )


def _behind_body(act: Act) -> bool:
    """'the unanimous City Council vote for the act': the noun with its body."""
    return any(last == act.first for _, last, _ in act.sentence.hits.get("BODY", ()))


def _back(case: Candidate) -> bool:
    act, objects, view = case.act, case.objects, case.view
    if act.actor.tag not in ("BODY", "STATEBODY", "CHAMBER", "COMMITTEE", "PLACE"):
        return False
    if act.by_vote:
        return bool(objects) or act.own_topic
    return bool(objects & {"INSTR", "ANAPHOR"}) and bool(
        votes.tallies(view.plain, act.sentence.start, act.sentence.end)
    )


def _declare(case: Candidate) -> bool:
    act = case.act
    if not act.actor.tag or act.actor.tag in ("COURT", "FEDERAL"):
        return False
    if act.by_vote and _declares_void(act):
        act.kind = "limit"
        return act.own_topic
    near = {
        tag for tag in ("SANC", "ANTISANC", "WELCOME", "WELCOME_WEAK", "SANC_WORD")
        for first, _, _ in act.sentence.hits.get(tag, ()) if act.last <= first < act.last + 14
    }  # fmt: skip
    ruled = act.by_vote and "OFFLIMITS" in act.sentence.hits and bool(direction.point(case.view.lexicon, act.sentence))
    return bool(near or ruled) and act.own_topic and "PROPOSED" not in act.sentence.hits


def _declares_void(act: Act) -> bool:
    """'voted to declare its 287(g) agreement void', as 'voted to void it': a rule that ends the agreement."""
    hits = act.sentence.hits
    void = [first for first, _, _ in hits.get("VOID", ())]
    return any(
        act.last <= first < act.last + 8 and any(last <= at < last + 3 for at in void)
        for tag in ("G287", "CONTRACT")
        for first, last, _ in hits.get(tag, ())
    )


def _become(case: Candidate) -> bool:
    act, form, title = case.act, case.form, case.title
    near = {
        tag for tag in ("SANC", "ANTISANC", "WELCOME", "WELCOME_WEAK")
        for first, _, _ in act.sentence.hits.get(tag, ()) if act.last <= first < act.last + 9
    }  # fmt: skip
    headline = title and act.actor.tag in ("PLACE", "BODY")
    lead = act.actor.tag == "PLACE" and form in ("past", "ed") and act.sentence.index < 3
    return bool(near) and act.own_topic and (act.by_vote or headline or lead)


def _limit(case: Candidate) -> bool:
    act, form, title, view = case.act, case.form, case.title, case.view
    tag = act.actor.tag
    makers = ("BODY", "STATEBODY", "CHAMBER", "COMMITTEE", "GOVERNOR", "MAYOR", "OFFICER", "PLACE", "VOTERS")
    if tag not in makers and not rules_courthouses(case):
        return False
    if _ends_rules(act):
        act.kind = "repeal"
        return case.anchored
    pointed = [name for name, *_ in direction.point(view.lexicon, act.sentence) if not name.startswith("sign.sanc")]
    strong = bool(pointed) and act.own_topic
    if act.by_vote:
        return strong or (act.own_topic and act.sentence.has("ENF", "SANC", "WELCOME", "G287"))
    apart = act.sentence.words[act.actor.last : act.first]
    between = _without_place(view, act, apart)
    gap = len(between)
    if form == "s" and strong and second_verb(act.sentence, act.first):
        return True
    if not strong or gap > 4 or any(word in ("of", "in", "for", "to", "'s", ",") for word in between):
        return False
    if _instrument_between(act):
        return False
    if title:
        return form in ("s", "ed", "past")
    if form == "pp" and act.sentence.words[act.first - 1] not in ("has", "have"):
        return False
    return form in ("ed", "past", "pp") and act.sentence.index < 4 and (tag != "PLACE" or _told_of_a_vote(view, act))


ENDING = ("end", "suspend", "halt", "scrap", "drop", "cancel", "discontinu", "terminat", "stop")


def _ends_rules(act: Act) -> bool:
    """'agreed to suspend parts of its welcoming ordinance': what ends is the rule itself."""
    if not act.sentence.words[act.first].startswith(ENDING):
        return False
    hits, behind = act.sentence.hits, range(act.last, act.last + 8)
    rules = [first for tag in ("SANC", "WELCOME") for first, _, _ in hits.get(tag, ()) if first in behind]
    others = [
        first
        for tag in ("ANTISANC", "G287", "CONTRACT", "ENF", "DETAINER", "COOP")
        for first, _, _ in hits.get(tag, ())
        if rules and act.last <= first < min(rules)
    ]
    return bool(rules) and not others


def _told_of_a_vote(view: View, act: Act) -> bool:
    """A tally with more ayes, or a body with a day, makes the sentence the news of a vote, whoever is its subject."""
    told = votes.tallies(view.plain, act.sentence.start, act.sentence.end)
    if any(tally.first is not None and tally.first > (tally.second or 0) for tally in told):
        return True
    dated = any(len(found.iso) == 10 and not found.future for found in dates_in(view, act.sentence))
    return dated and "BODY" in act.sentence.hits


def _without_place(view: View, act: Act, between: list[str]) -> list[str]:
    """The words between subject and verb without 'in Massachusetts' or ', Massachusetts,', which say where it is."""
    named = act.sentence.raw[act.actor.last + 1 : act.first - 1]
    if 1 <= len(named) <= 3 and between[0] == between[-1] == "," and all(word[:1].isupper() for word in named):
        return []
    if between[:1] != ["in"]:
        return between
    behind = act.actor.last + 1
    last = next((last for first, last in view.places.get(act.sentence.index, ()) if first == behind), 0)
    return between[last - act.actor.last :] if last else between


def _instrument_between(act: Act) -> bool:
    return any(act.actor.last <= first < act.first for first, _, _ in act.sentence.hits.get("INSTR", ()))


def _rule(case: Candidate) -> bool:
    act = case.act
    return act.by_vote and _limit(case) and bool(direction.point(case.view.lexicon, act.sentence))


def _join(case: Candidate) -> bool:
    act = case.act
    if _joins_suit(case):
        act.kind = "sue"
        return True
    named = {name for _, _, name in act.sentence.hits.get("INSTR", ())} if "INSTR" in case.objects else set()
    return bool(case.objects & {"G287", "CONTRACT"} or named & {"287g_agreement", "lawsuit_action"})


def _joins_suit(case: Candidate) -> bool:
    """'voted to join the administration's lawsuit'; 'and Shelby voted 3-1 to join it', in a sentence on a suit."""
    act = case.act
    named = any(
        act.last <= first < act.last + 7 and name == "lawsuit_action"
        for first, _, name in act.sentence.hits.get("INSTR", ())
    )
    return act.by_vote and (named or "V:sue" in act.sentence.hits)


def _override(case: Candidate) -> bool:
    act = case.act
    words = act.sentence.words
    return any(word.startswith("veto") for word in words[act.last : act.last + 14]) and act.actor.tag != "COURT"


def _amend(case: Candidate) -> bool:
    act, form, objects = case.act, case.form, case.objects
    if act.actor.name == "Sheriff" and form in ("ed", "past"):
        near = {name for first, _, name in act.sentence.hits.get("INSTR", ()) if act.last <= first < act.last + 5}
        return "policy" in near and act.own_topic and bool(direction.point(case.view.lexicon, act.sentence))
    if act.actor.tag not in ("BODY", "STATEBODY", "PLACE", "MAYOR", "GOVERNOR"):
        return False
    if act.sentence.words[act.first].startswith("clarif") and not act.by_vote:
        return False  # a city that says what its policy means changes nothing
    return (
        bool(objects & {"SANC", "WELCOME", "LAW", "INSTR"})
        and act.own_topic
        and (act.by_vote or form in ("s", "ed", "past"))
    )


def _reaffirm(case: Candidate) -> bool:
    act, objects, title = case.act, case.objects, case.title
    if act.actor.tag not in ("BODY", "STATEBODY", "PLACE", "MAYOR", "GOVERNOR", "") or (
        not act.actor.tag and not title
    ):
        return False
    return bool(objects & {"SANC", "WELCOME", "LAW", "INSTR", "SANC_WORD"}) and act.own_topic


def _sue(case: Candidate) -> bool:
    act, title = case.act, case.title
    if act.actor.tag in ("BODY", "PLACE") and (act.by_vote or title):
        return act.own_topic
    return False


MAKING: dict[str, Callable[[Candidate], bool]] = {
    "adopt": _adopt,
    "vote": _vote,
    "back": _back,
    "declare": _declare,
    "become": _become,
    "limit": _limit,
    "rule": _rule,
    "require": _limit,
    "join": _join,
    "sign": sign,
    "issue": issue,
    "override": _override,
    "amend": _amend,
    "reaffirm": _reaffirm,
    "sue": _sue,
}
"""The test of each class."""
