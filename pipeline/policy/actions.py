"""From acts to reports: one for one action, with its evidence, its slots and what it may alert.

Several sentences tell of one action: they are merged by jurisdiction and family of stages, the best of them is the
evidence, and what one leaves open (tally, date, number) another fills.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pipeline.model import Check, Report
from pipeline.policy import direction
from pipeline.policy.accounts import Account, Context, Family, strength
from pipeline.policy.acts import Act, Told
from pipeline.policy.alerting import URGES, alert_of, alone, confidence
from pipeline.policy.dates import names_a_day
from pipeline.policy.several import parted
from pipeline.policy.slots import (
    ESTIMATES,
    OF_PUBLICATION,
    about,
    body_of,
    date_of,
    described,
    instrument_of,
    topic_of,
    vote_of,
)
from pipeline.policy.stages import finest, outranked, stage_of
from pipeline.policy.vetoes import VETOES
from pipeline.policy.whereabouts import county_of_its_sheriff, each_with_its_tally, jurisdictions, title_yields


def report(context: Context, told: Told) -> tuple[list[Report], list[Check]]:
    """The reports of an article, in the order of their evidence, and the candidates that were turned down."""
    rejected = list(told.rejected)
    candidates: list[Account] = []
    for act in told.acts:
        found = _candidates(context, act)
        if not found:
            rejected.append(Check("place.none", f"{act.kind}: no jurisdiction for {_quoted(act)}"))
        candidates += found
    candidates = county_of_its_sheriff(title_yields(candidates))
    context = replace(
        context,
        single=len({candidate.jurisdiction.key for candidate in candidates}) == 1,
        busy=frozenset(candidate.act.sentence.index for candidate in candidates),
    )
    groups: dict[tuple[str, Family], list[Account]] = {}
    for candidate in candidates:
        groups.setdefault((candidate.jurisdiction.key, candidate.family), []).append(candidate)
    made: list[tuple[int, Report]] = []
    for (place, family), members in groups.items():
        others = {name: group for (key, name), group in groups.items() if key == place and name != family}
        veto = outranked(family, members, others)
        if veto is not None:
            rejected.append(veto)
            continue
        several = parted(members)
        for own in several:
            best = max(own, key=lambda candidate: strength(candidate.act))
            told_here = _made(_alone(context, own, several), best, own)
            if own is not several[0] and (not told_here.date or OF_PUBLICATION in told_here.rules):
                told_here = replace(told_here, date=made[-1][1].date)  # the same night
            made.append((best.act.sentence.start, told_here))
    made.sort(key=lambda pair: pair[0])
    return [item for _, item in made], rejected


def _alone(context: Context, own: Sequence[Account], several: Sequence[Sequence[Account]]) -> Context:
    """The article without what it tells of the other measures."""
    if len(several) == 1:
        return context
    others = {account.act.sentence.index for group in several if group is not own for account in group}
    mine = {account.act.sentence.index for account in own}
    return replace(context, single=False, apart=frozenset(others - mine))


def _candidates(context: Context, act: Act) -> list[Account]:
    stage, family, notes = stage_of(context, act)
    if each := each_with_its_tally(context, act):
        return [
            Account(replace(act, tally=tally), m.jurisdiction, stage, family, m.confidence, [*notes, "place.own_tally"])
            for m, tally in each
        ]
    where = jurisdictions(context, act)
    return [Account(act, place, stage, family, sure, [*notes, rule]) for place, sure, rule in where]


def _made(context: Context, best: Account, members: Sequence[Account]) -> Report:
    act, jurisdiction, stage = best.act, best.jurisdiction, best.stage
    ranked = sorted(members, key=lambda candidate: -strength(candidate.act))
    stage = finest(stage, ranked)
    near = about(context, members)
    pointing = direction.read(context.lexicon, near)
    if pointing.direction is None:
        pointing = direction.read(context.lexicon, [*near, *described(context)])
    instrument, number = instrument_of(context, best, ranked, near)
    body = body_of(context, best, ranked)
    vote = vote_of(best, ranked, near, context)
    date, date_rule = date_of(context, best, ranked, near)
    way = pointing.direction
    rules = dict.fromkeys([*act.rules, *best.notes, *pointing.rules])
    if best.family == "repeal" and way is not None and direction.LIFTS not in pointing.rules:
        way = "mandates_cooperation" if way == "limits_cooperation" else "limits_cooperation"
        rules.setdefault("direction.repeal_turns")
    if date_rule:
        rules.setdefault(date_rule)
    alert, why = alert_of(context, best, near, pointing, instrument)
    if best.family == "listed":
        way = "mandates_cooperation"
        rules.setdefault("direction.list_presses")
    if why == URGES:
        way = "symbolic_only"
    certain = confidence(context, best, members, vote, body, date)
    dated = (len(date) == 10 and date_rule not in ESTIMATES) or names_a_day(act.sentence.text)
    alertable, who = alone(context, jurisdiction, vote, body, stage, dated=dated)
    rules.setdefault(who)
    if why:
        rules.setdefault(why)
    start, end = _trimmed(context.whole, act.sentence.start, act.sentence.end)
    return Report(
        jurisdiction=jurisdiction,
        stage=stage,
        instrument=instrument,
        sentence=context.whole[start:end],
        start=start,
        end=end,
        body=body,
        identifier=number,
        vote=vote,
        date=date,
        direction=way,
        provisions=pointing.provisions,
        alertable=alertable and alert is not None,
        alert=alert,
        rules=tuple(rules),
        vetoes=tuple(Check(f"veto.{name}", "checked, does not apply") for name in VETOES),
        confidence=certain,
        topic=topic_of(near),
    )


def _trimmed(whole: str, start: int, end: int) -> tuple[int, int]:
    """The span without the white space at its ends."""
    text = whole[start:end]
    return start + len(text) - len(text.lstrip()), end - len(text) + len(text.rstrip())


def _quoted(act: Act) -> str:
    return act.sentence.text[:120]
