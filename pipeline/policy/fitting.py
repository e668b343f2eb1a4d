"""Does a verb with its subject and object say something of the topic? One test for each class of verbs.

A test sees a candidate: the act, its form, the tags of its objects. What it needs beyond that (which instruments,
which provisions) it asks of the tags and of ``direction``; the topic's words stand in ``config/topic``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.policy import direction, votes
from pipeline.policy.acts import PRONOUNS, Act, View, numbers_in
from pipeline.policy.grammar import governor_of, second_verb

OBJECT_TAGS = (
    "SANC", "SANC_WEAK", "ANTISANC", "WELCOME", "WELCOME_WEAK", "LAW", "INSTR", "G287", "ANAPHOR", "CONTRACT",
    "SANC_WORD",
)  # fmt: skip


NO_OBJECT = frozenset({"funding", "memo", "federal_list"})
"""Instruments that are no measure of the topic: 'voted 5-2 to approve a budget'."""
AGREEMENTS = frozenset({"287g_agreement", "detention_contract", "measure"})
NEW_ONE = ["a", "new", "one"]
"""The pronoun for an instrument that replaces the one told before it."""
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
        if self.act.own_topic or self.objects & {"ANAPHOR", "NUMBER"}:
            return True
        return "INSTR" in self.objects and (self.act.sentence.index <= 1 or self.act.sentence.has("ENF", "IMM"))


def fits(view: View, act: Act, form: str) -> bool:
    """Whether ``act`` is told of a government and of the topic. May correct its class ('voted against' rejects)."""
    case = Candidate(view, act, form, frozenset(_objects(view, act)))
    test = TESTS.get(act.kind)
    return test(case) if test is not None else bool(case.objects) and bool(act.actor.tag)


def _objects(view: View, act: Act) -> set[str]:
    """Tags behind the verb, else before it (passives); ``NUMBER`` when the sentence gives a measure's number."""
    hits = act.sentence.hits
    spans = [
        (tag, first, last) for tag in OBJECT_TAGS for first, last, name in hits.get(tag, ()) if name not in NO_OBJECT
    ]
    found = {tag for tag, first, _ in spans if act.last - 1 <= first < act.last + BEHIND}
    if not found:
        found = {tag for tag, _, last in spans if act.first - AHEAD <= last <= act.first}
    return found | {"NUMBER"} if numbers_in(view, act.sentence) else found


def _adopt(case: Candidate) -> bool:
    act, objects, title, view = case.act, case.objects, case.title, case.view
    tag = act.actor.tag
    if tag in ("COURT", "OFFICER") and "G287" not in act.sentence.hits:
        return False
    if tag == "FEDERAL" and act.actor.name == "ICE":
        return False
    if not objects and not act.by_vote:
        words = act.sentence.words
        pronoun = act.first > 0 and words[act.first - 1] in PRONOUNS
        return pronoun or (act.own_topic and bool(direction.point(view.lexicon, act.sentence)) and bool(tag))
    if not tag and not title and not objects & {"INSTR", "NUMBER", "LAW", "ANAPHOR", "WELCOME", "SANC"}:
        return False
    return case.anchored


def _vote(case: Candidate) -> bool:
    act, title, view = case.act, case.title, case.view
    words = act.sentence.words
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
    if not act.sentence.words[against + 1].endswith("ing"):
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
    return "INSTR" in objects and bool(votes.tallies(view.plain, act.sentence.start, act.sentence.end))


def _declare(case: Candidate) -> bool:
    act = case.act
    if not act.actor.tag or act.actor.tag in ("COURT", "FEDERAL"):
        return False
    near = {
        tag for tag in ("SANC", "ANTISANC", "WELCOME", "WELCOME_WEAK", "SANC_WORD")
        for first, _, _ in act.sentence.hits.get(tag, ()) if act.last <= first < act.last + 14
    }  # fmt: skip
    ruled = act.by_vote and "OFFLIMITS" in act.sentence.hits and bool(direction.point(case.view.lexicon, act.sentence))
    return bool(near or ruled) and act.own_topic and "PROPOSED" not in act.sentence.hits


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
    if tag not in ("BODY", "STATEBODY", "CHAMBER", "COMMITTEE", "GOVERNOR", "MAYOR", "OFFICER", "PLACE", "VOTERS"):
        return False
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
    return form in ("ed", "past", "pp") and act.sentence.index < 4 and tag != "PLACE"


def _without_place(view: View, act: Act, between: list[str]) -> list[str]:
    """The words between subject and verb without 'in Massachusetts', which says where the subject is."""
    if between[:1] != ["in"]:
        return between
    behind = act.actor.last + 1
    last = next((last for first, last in view.places.get(act.sentence.index, ()) if first == behind), 0)
    return between[last - act.actor.last :] if last else between


def _rule(case: Candidate) -> bool:
    act = case.act
    return act.by_vote and _limit(case)


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


def _sign(case: Candidate) -> bool:
    act, objects = case.act, case.objects
    tag = act.actor.tag
    if any(last == act.first for _, last, _ in act.sentence.hits.get("WARRANT", ())):
        return False  # 'absent a warrant signed by a judge'
    if act.sentence.has("G287", "CONTRACT"):
        return tag not in ("COURT", "VOTERS")
    if tag == "BODY" and not _signs_resolution(act):
        return False
    if tag not in ("GOVERNOR", "MAYOR", "FEDERAL", "OFFICER", "BODY"):
        return False
    return case.anchored and bool(objects)


def _signs_resolution(act: Act) -> bool:
    """'Commissioners signed a resolution': the members of small boards sign what they adopt."""
    return any(
        act.last <= first < act.last + 6 and name in ("resolution", "ordinance", "proclamation")
        for first, _, name in act.sentence.hits.get("INSTR", ())
    )


def _issue(case: Candidate) -> bool:
    act = case.act
    if act.actor.tag not in ("GOVERNOR", "MAYOR", "OFFICER", "FEDERAL"):
        return False
    near = {
        name for first, _, name in act.sentence.hits.get("INSTR", ()) if act.last <= first < act.last + 9
    }  # fmt: skip
    told_before = {
        name for _, last, name in act.sentence.hits.get("INSTR", ()) if act.actor.first - 3 <= last <= act.actor.first
    }  # 'under a policy the sheriff announced'
    if act.sentence.words[act.last : act.last + 3] == NEW_ONE:
        near |= told_anywhere_before(act)
    if act.actor.name == "Sheriff" and "policy" in near | told_before and act.own_topic:
        return True
    if form_is_passive(case) and act.own_topic and _orders(act):
        return True
    announced = any(
        act.sentence.words[act.first] == word
        for word in ("announce", "announces", "announced", "release", "released", "releases")
    )
    return act.own_topic and bool(near & {"order", "executive_order", "directive", "proclamation"}) and not announced


def told_anywhere_before(act: Act) -> set[str]:
    """'rescinded the policy and issued a new one': what the pronoun stands for."""
    return {name for _, last, name in act.sentence.hits.get("INSTR", ()) if last <= act.first}


def form_is_passive(case: Candidate) -> bool:
    """'an order issued Thursday by the sheriff': the subject stands behind."""
    return case.form in ("ed", "pp") and case.act.actor.first > case.act.last


def _orders(act: Act) -> bool:
    """The instrument before the verb is an executive's own."""
    return any(
        act.first - 4 <= last <= act.first and name in ("order", "executive_order", "directive", "policy")
        for _, last, name in act.sentence.hits.get("INSTR", ())
    )


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


def _instrument_between(act: Act) -> bool:
    return any(act.actor.last <= first < act.first for first, _, _ in act.sentence.hits.get("INSTR", ()))


def _instrument_before(act: Act) -> bool:
    """The instrument itself is the subject: 'Resolution 12 rejects the use of county money'."""
    return not act.actor.tag or any(
        act.actor.last <= first and last <= act.first for first, last, _ in act.sentence.hits.get("INSTR", ())
    )


TESTS: dict[str, Callable[[Candidate], bool]] = {
    "adopt": _adopt,
    "vote": _vote,
    "back": _back,
    "declare": _declare,
    "become": _become,
    "limit": _limit,
    "rule": _rule,
    "join": _join,
    "sign": _sign,
    "issue": _issue,
    "reject": _reject,
    "table": _table,
    "direct": _direct,
    "advance": _advance,
    "introduce": _introduce,
    "consider": _consider,
    "repeal": _repeal,
    "veto": _veto,
    "override": _override,
    "amend": _amend,
    "reaffirm": _reaffirm,
    "sue": _sue,
    "challenge": _challenge,
    "effect": _effect,
    "list": _list,
    "require": _limit,
    "enjoin": _court,
    "uphold": _court,
    "strike": _court,
}
"""The test of each class; one without a test needs an actor and an object."""
