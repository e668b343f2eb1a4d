"""The stage an act brings its measure to, and which of several accounts of one measure stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from pipeline.model import Check, Stage
from pipeline.policy.accounts import LEAD, Account, Context, Family, in_scope
from pipeline.policy.acts import Act
from pipeline.policy.sentences import Sentence

EXECUTIVES = frozenset({"GOVERNOR", "MAYOR", "OFFICER", "FEDERAL"})
STRONGER: frozenset[Family] = frozenset({"adopt", "reject", "repeal", "veto"})
"""Families beside which a plan, a committee or a hearing is no news."""
SECOND_VOTE = 16
"""Sentences in which a text may say that a second vote is due."""
FINER: tuple[Stage, ...] = ("veto_overridden", "signed", "issued", "passed_final", "passed_first_vote")
"""Of the stages that mean adoption, those that say more; the first that was told stands."""


def stage_of(context: Context, act: Act) -> tuple[Stage, Family, list[str]]:
    """The stage the act brings its measure to; the rules that moved it from the verb's own."""
    entry = context.lexicon.table("actions", "classes").get(
        act.kind, {"stage": "awaiting_signature", "family": "pending"}
    )
    stage, family = cast(Stage, entry["stage"]), cast(Family, entry["family"])
    sentence, tag = act.sentence, act.actor.tag
    if family != "adopt":
        if act.kind == "reject" and _about_repeal(act):
            return "failed", "reject", ["stage.failed_repeal"]
        if family == "repeal" and tag == "VOTERS":
            return "repealed", "repeal", []
        return stage, family, []
    if act.kind in ("override", "unsigned", "final"):
        return stage, family, []
    if in_scope(act, "INITIAL") and not in_scope(act, "FINAL"):
        return "first_reading", "pending", ["stage.initial"]
    if act.kind == "sign" or tag in EXECUTIVES:
        if act.kind in ("sign", "adopt", "become"):
            own = act.kind == "adopt" and tag == "OFFICER" and "G287" not in sentence.hits
            return ("adopted" if own else "signed"), "adopt", []
        if act.kind == "issue":
            return ("signed" if _announces_signature(act) else "issued"), "adopt", []
        return ("adopted" if tag == "OFFICER" else "signed"), "adopt", []
    if tag == "COMMITTEE":
        return "committee", "pending", ["stage.committee"]
    if tag == "CHAMBER":
        if sentence.has("DESK") or in_scope(act, "FINAL") or _both_chambers(sentence):
            return "passed", "adopt", ["stage.last_chamber"]
        return "passed_one_chamber", "pending", ["stage.one_chamber"]
    if tag == "STATEBODY" or tag == "VOTERS":
        return "passed", family, []
    if (
        act.sentence.index <= 2
        and any(own.has("FIRSTVOTE") for own in context.sentences[:SECOND_VOTE])
        and "FINAL" not in sentence.hits
    ):
        return "passed_first_vote", "adopt", ["stage.second_vote_due"]
    if in_scope(act, "FINAL"):
        return "passed_final", "adopt", ["stage.final"]
    return stage, family, []


def _announces_signature(act: Act) -> bool:
    """'The mayor announced an executive order': it is one since it was signed. Policies are issued."""
    near = {name for first, _, name in act.sentence.hits.get("INSTR", ()) if act.last <= first < act.last + 9}
    return act.sentence.words[act.first].startswith("announc") and bool(
        near & {"executive_order", "directive", "order"}
    )


def _both_chambers(sentence: Sentence) -> bool:
    names = {name for _, _, name in sentence.hits.get("CHAMBER", ())}
    return len(names) > 1 and "both" in sentence.words


def _about_repeal(act: Act) -> bool:
    """'rejected a motion to repeal', 'failed to rescind': what failed is the repeal, the policy stays."""
    hits = act.sentence.hits.get("V:repeal", ())
    words = act.sentence.words
    near = range(act.first - 14, act.last + 9)
    return any(first in near and first != act.first and form in ("base", "ing") for first, _, form in hits) or any(
        word in ("repeal", "rescission", "reversal") for word in words[max(0, act.first - 5) : act.last + 7]
    )


def outranked(family: Family, members: Sequence[Account], others: dict[Family, list[Account]]) -> Check | None:
    """A title that overstates yields to its text, background yields to the news."""
    in_text = [candidate for candidate in members if 0 < candidate.act.sentence.index <= LEAD]
    leading = {
        name: [candidate for candidate in group if candidate.act.sentence.index <= LEAD]
        for name, group in others.items()
    }
    if (
        family == "adopt"
        and all(_vague(own) for own in in_text)
        and any(own.act.sentence.index <= LEAD for own in members)
    ):
        for lower in [*leading.get("pending", ()), *leading.get("reject", ())]:
            if lower.act.sentence.index > 0:
                return Check("veto.lower_stage", f"the text says {lower.stage}")
    if family == "adopt" and not any(candidate.act.sentence.index <= LEAD for candidate in members):
        news = next((group[0] for group in leading.values() if group), None)
        if news is not None:
            return Check("veto.background", f"the news is {news.stage}")
    if family == "repeal" and not in_text and leading.get("adopt"):
        return Check("merge.stronger_stage", "repealed and replaced")
    if family == "reject" and not in_text and any(own.act.sentence.index > 0 for own in leading.get("pending", ())):
        return Check("veto.lower_stage", "the text says that it was put off")
    if family == "adopt" and not any(own.act.sentence.index <= LEAD or _fresh(own.act) for own in members):
        return Check("position.late", "told late in the text, without day or tally")
    if family == "pending":
        stronger = [own for name, group in leading.items() if name in STRONGER for own in group]
        # A vague adoption yields to this stage itself (above): both must not give way to each other.
        vague = [own for own in leading.get("adopt", ()) if _vague(own)]
        text_adopts = [own for own in stronger if own.act.sentence.index > 0 and own not in vague]
        own_text = [candidate for candidate in members if 0 < candidate.act.sentence.index <= LEAD]
        if stronger and (text_adopts or not own_text):
            return Check("merge.stronger_stage", f"{members[0].stage} beside {stronger[0].stage}")
    if family in ("effective", "listed") and leading.get("adopt"):
        return Check("merge.stronger_stage", "effective beside its adoption")
    if family not in ("adopt", "reject", "repeal", "veto") and not any(c.act.sentence.index <= LEAD for c in members):
        return Check("position.late", f"{members[0].stage} told late in the text only")
    if family == "reject" and not any(c.act.sentence.index <= LEAD for c in members):
        return Check("position.late", "told late in the text only")
    return None


def _fresh(act: Act) -> bool:
    """Told with its day, its tally or its vote: news, wherever in the text."""
    return act.tally is not None or act.by_vote or (act.date is not None and len(act.date.iso) == 10)


def _vague(account: Account) -> bool:
    """An adoption told without a tally or a body ('it passes'): another sentence knows better."""
    return account.act.tally is None and account.act.actor.tag in ("", "PLACE")


def finest(stage: Stage, ranked: Sequence[Account]) -> Stage:
    """Of equal stages in one family the more telling: final or first vote before plain adoption, a signature last."""
    voted = any(own.act.by_vote and own.act.actor.tag == "BODY" for own in ranked)
    told = [
        candidate.stage
        for candidate in ranked
        if candidate.act.sentence.index <= LEAD and not (voted and candidate.act.sentence.index == 0)
    ]  # a headline's 'commission signs ICE pact' is the vote that the text tells
    if any(candidate.act.kind == "unsigned" for candidate in ranked):
        return "became_law_without_signature"
    for finer in FINER:
        if finer in told and stage in ("adopted", "approved", "passed", "passed_final", "passed_first_vote"):
            return finer
    return stage
