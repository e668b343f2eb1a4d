"""Taking a report into a measure: a new action or more evidence of a known one, and what it teaches of the measure.

Whatever the order of arrival the same should come out: the surest account wins, blanks are filled, what a person set
stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Literal, TypeVar

from pipeline.model import Action, AlertKind, Article, Docket, Evidence, Measure, Report, Vote, make_id
from pipeline.policy.dates import OF_THE_WEEK
from pipeline.policy.docket import credence
from pipeline.policy.docket.audit import pinned
from pipeline.policy.docket.families import ENDINGS, JUDICIAL, more_specific, phase, stage_family
from pipeline.policy.docket.matching import SIGNED, evidence_of, is_executive, same_action
from pipeline.policy.docket.naming import is_number
from pipeline.policy.docket.spans import merge_dates

T = TypeVar("T")
Change = Literal["new measure", "new action", "new evidence", "known"]

EXECUTIVE_INSTRUMENTS = frozenset({"executive_order", "directive", "policy", "proclamation"})
"""What a mayor, governor or sheriff decides alone."""
PROVISIONS = 12
"""Provisions kept for a measure."""
_ALERT_ORDER: tuple[AlertKind, ...] = ("repeal", "veto", "ruling", "amend", "reaffirm", "new", "correction", "stage")


def take(
    docket: Docket, measure: Measure, report: Report, article: Article, piece: Evidence
) -> tuple[Measure, Action, Change]:
    """The measure with one report more, the action that the report is of, and what that changed."""
    known = [(same_action(action, report, article, measure.instrument), i) for i, action in enumerate(measure.actions)]
    best, at = max(known, key=lambda pair: (pair[0], -pair[1]), default=(0.0, 0))
    if best <= 0.0:
        action = _first(docket, measure, report, piece)
        taken = replace(_learn(docket, measure, report, piece), actions=(*measure.actions, action))
        return taken, action, "new action" if measure.actions else "new measure"
    before = measure.actions[at]
    action = _add(before, report, piece, pinned(docket, measure.id, before.id))
    if action == before:
        return measure, before, "known"
    actions = tuple(action if i == at else other for i, other in enumerate(measure.actions))
    return replace(_learn(docket, measure, report, piece), actions=actions), action, "new evidence"


def _first(docket: Docket, measure: Measure, report: Report, piece: Evidence) -> Action:
    return Action(
        id=next_action_id(docket, measure.id, report.stage),
        stage=report.stage,
        date=report.date,
        first_reported=piece.at,
        vote=report.vote,
        alert=report.alert,
        evidence=(piece,),
        articles=(piece.article,),
        confidence=credence.confidence((piece,)),
    )


def next_action_id(docket: Docket, measure: str, stage: str) -> str:
    """The id of a measure's next action of a stage: its n-th, by the first number that is free in the docket. An id
    that a merge gave up stays taken while a notice names it: alerts hang on it."""
    taken = {action.id for known in docket.measures for action in known.actions}
    taken |= {notice.action for notice in docket.notices}
    n = 1
    while (name := make_id("action", measure, stage_family(stage), str(n))) in taken:
        n += 1
    return name


def _add(action: Action, report: Report, piece: Evidence, fixed: frozenset[str]) -> Action:
    """The action with one more account; what the surest account tells wins over what others tell, and what a person
    set (``fixed``) over both."""
    surest = piece.confidence > max((known.confidence for known in action.evidence), default=0.0)
    pieces = credence.rank(_one_each((*action.evidence, piece)))
    return replace(
        action,
        stage=action.stage if "stage" in fixed else more_specific(action.stage, report.stage),
        date=action.date if "date" in fixed else _day(action, report),
        first_reported=min(action.first_reported, piece.at),
        vote=action.vote if "vote" in fixed else merge_votes(action.vote, report.vote, prefer_other=surest),
        alert=action.alert if "stage" in fixed else first_alert(action.alert, report.alert),
        evidence=pieces,
        articles=action.articles if piece.article in action.articles else (*action.articles, piece.article),
        confidence=credence.confidence(pieces),
    )


def _day(action: Action, report: Report) -> str:
    """The action's date with one account more: a day that is estimated from its week gives way to one that is told."""
    estimated = all(OF_THE_WEEK in piece.rules for piece in action.evidence)
    if estimated != (OF_THE_WEEK in report.rules) and len(action.date) == len(report.date) == 10:
        return report.date if estimated else action.date
    return merge_dates(action.date, report.date)


def _one_each(evidence: tuple[Evidence, ...]) -> Iterator[Evidence]:
    """One piece of each place in an article: the surer reading of it."""
    best: dict[tuple[str, int, int], Evidence] = {}
    for piece in evidence:
        place = (piece.article, piece.start, piece.end)
        if place not in best or piece.confidence > best[place].confidence:
            best[place] = piece
    return iter(best.values())


def merge_votes(one: Vote | None, other: Vote | None, *, prefer_other: bool) -> Vote | None:
    """The fuller of two accounts of a vote; of two as full the first, or the other when it is to be preferred."""
    if one is None or other is None:
        return one or other
    known, told = (sum(x is not None for x in (v.ayes, v.noes, v.abstain, v.absent, v.unanimous)) for v in (one, other))
    return other if told > known or (told == known and prefer_other) else one


def first_alert(one: AlertKind | None, other: AlertKind | None) -> AlertKind | None:
    """What an action alerts as, when its accounts differ: an ending before a beginning, the special before 'new'."""
    kinds = [kind for kind in (one, other) if kind is not None]
    return min(kinds, key=_ALERT_ORDER.index, default=None)


def _learn(docket: Docket, measure: Measure, report: Report, piece: Evidence) -> Measure:
    """The measure with what the report tells of it: blanks are filled, and the surest account of a vote, signature
    or proposal wins; what a person set stays. A suit or repeal tells instrument and direction of itself."""
    surest = piece.confidence > max((known.confidence for known in evidence_of(measure)), default=0.0)
    about_itself = report.stage in JUDICIAL or report.stage in ENDINGS
    better = surest and not about_itself
    the_suit = report.stage in JUDICIAL and report.instrument in ("lawsuit", "court_ruling")
    instrument = None if the_suit else report.instrument
    body = "" if report.stage in JUDICIAL else report.body
    fixed = {name: getattr(measure, name) for name in pinned(docket, measure.id)}
    direction = None if report.stage in ENDINGS else report.direction
    learnt = replace(
        measure,
        body=_body(measure, body, report, better and phase(report.stage) == "adoption"),
        instrument=_pick(measure.instrument, instrument, better),
        identifier=_identifier(measure.identifier, report.identifier),
        topic=_pick(measure.topic, report.topic, better),
        direction=_pick(measure.direction, direction, better),
        provisions=tuple(dict.fromkeys((*measure.provisions, *report.provisions)))[:PROVISIONS],
    )
    return replace(learnt, **fixed)


def _pick(known: T, told: T, told_wins: bool) -> T:
    return told if told and (told_wins or not known) else known


def _body(measure: Measure, told: str, report: Report, told_wins: bool) -> str:
    """The body that decided: who only signs or vetoes what a council passed gives way to it, in whatever order they
    are told."""
    if measure.body and told and measure.instrument not in EXECUTIVE_INSTRUMENTS:
        if report.stage in SIGNED:
            return measure.body
        if is_executive(measure.body) and not is_executive(told):
            return told
    return _pick(measure.body, told, told_wins)


def _identifier(known: str, told: str) -> str:
    """A number says more than a title; the first of either stays."""
    if not known or (told and is_number(told) and not is_number(known)):
        return told
    return known


def evidence(report: Report, article: Article) -> Evidence:
    """The report as evidence. A bare headline never alerts alone, nor does a place whose state nobody told."""
    return Evidence(
        article=article.id,
        url=article.url,
        source=article.source,
        source_kind=article.source_kind,
        kind=article.kind,
        title=article.title,
        sentence=report.sentence,
        start=report.start,
        end=report.end,
        rules=report.rules,
        confidence=report.confidence,
        story=article.story or article.id,
        alertable=report.alertable and article.text_from != "headline" and bool(report.jurisdiction.state),
        at=article.published or article.first_seen,
        direction=None if report.stage in ENDINGS else report.direction,
    )


def blank(docket: Docket, report: Report, now: datetime, mint: Callable[[], str]) -> Measure:
    """A measure of which nothing is known yet, under an id that the docket does not have."""
    taken = {measure.id for measure in docket.measures}
    name = mint()
    while name in taken:
        name = mint()
    return Measure(id=name, jurisdiction=report.jurisdiction, created=now)


def put(docket: Docket, measure: Measure, now: datetime) -> Docket:
    """The docket with a measure as it is now."""
    known = any(other.id == measure.id for other in docket.measures)
    measures = tuple(measure if other.id == measure.id else other for other in docket.measures)
    return replace(docket, changed=now, measures=measures if known else (*measures, measure))
