"""Joins a report into its jurisdiction's docket: a new measure, a new action of a known one, or more evidence.

Pure: the caller reads the docket from the archive and writes the answer back by compare-and-set, so that of two
workers with a report each one sees the other's measure. The same report again changes nothing; the order of arrival
changes nothing as far as the accounts allow it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, TypeVar

from pipeline.model import Action, AlertKind, Article, Docket, Evidence, Measure, Report, Vote, make_id
from pipeline.policy.docket import credence
from pipeline.policy.docket.audit import pinned
from pipeline.policy.docket.families import (
    ENDINGS,
    JUDICIAL,
    compare_stages,
    more_specific,
    phase,
    signed_or_voted,
    stage_family,
)
from pipeline.policy.docket.matching import SIGNED, Match, evidence_of, is_executive, same_action, same_measure, when
from pipeline.policy.docket.naming import is_number
from pipeline.policy.docket.owing import NEWS_DAYS, owe, resolve
from pipeline.policy.docket.spans import merge_dates, span_of

T = TypeVar("T")
Change = Literal["new measure", "new action", "new evidence", "known"]

EXECUTIVE_INSTRUMENTS = frozenset({"executive_order", "directive", "policy", "proclamation"})
"""What a mayor, governor or sheriff decides alone."""
PROVISIONS = 12
"""Provisions kept for a measure."""
_ALERT_ORDER: tuple[AlertKind, ...] = ("repeal", "veto", "ruling", "amend", "reaffirm", "new", "correction", "stage")


@dataclass(frozen=True, slots=True)
class Joined:
    """What became of a report.

    ``docket`` is to be written unless it equals the one that was read. ``elsewhere`` is ``"docket id:measure id"``
    when an analyst moved the measure to another docket: nothing was changed here, join the report there with
    ``into``.
    """

    docket: Docket
    measure: str
    action: str
    change: Change
    elsewhere: str = ""


def join(
    docket: Docket | None,
    report: Report,
    article: Article,
    *,
    now: datetime,
    news_days: int = NEWS_DAYS,
    mint: Callable[[], str],
    into: str = "",
) -> Joined:
    """Takes one report of an article into the docket of its jurisdiction.

    ``docket`` is None for a jurisdiction's first. ``mint`` makes a fresh id for a new measure. ``into`` names the
    measure when a tombstone in another docket has decided already. An action is news for ``news_days`` days.
    """
    docket = docket or Docket(id=report.jurisdiction.key, jurisdiction=report.jurisdiction, changed=now)
    piece = _evidence(report, article)
    if known := _known(docket, report, article):
        measure, action = known
        renamed = _renamed(docket, measure, action, piece, now)
        return Joined(renamed, measure.id, action.id, "known" if renamed is docket else "new evidence")
    home, name = resolve(docket, into) if into else _home(docket, report, article)
    if home != docket.id:
        return Joined(docket, name, "", "known", elsewhere=f"{home}:{name}")
    measure = next((m for m in docket.measures if m.id == name), None) or _blank(docket, report, now, mint)
    taken, action, change = _take(docket, measure, report, article, piece)
    if change == "known":
        return Joined(docket, measure.id, action.id, change)
    changed = relate(_put(docket, taken, now))
    return Joined(owe(changed, taken, action, now=now, news_days=news_days), taken.id, action.id, change)


def explain(docket: Docket, report: Report, article: Article) -> list[tuple[str, Match]]:
    """How a report compares with each measure of a docket, the best first: for a person who asks why it was joined
    as it was."""
    return sorted(
        ((measure.id, same_measure(measure, report, article)) for measure in docket.measures),
        key=lambda pair: (-pair[1].score, pair[0]),
    )


# ------------------------------------------------------------------ where it belongs
def _home(docket: Docket, report: Report, article: Article) -> tuple[str, str]:
    """(docket id, measure id) of the best match, tombstones followed; an empty measure id when none is good enough.

    Of equally good ones the measure with the nearest action is taken, then the older one: an order that does not
    depend on the order of arrival more than the measures do.
    """
    best: tuple[float, float, datetime, str] | None = None
    for measure in docket.measures:
        match = same_measure(measure, report, article)
        if match.same:
            span = when(report, article)
            near = min(
                (span.gap(span_of(a.date, a.first_reported, a.first_reported)) for a in measure.actions), default=0
            )
            key = (-match.score, float(near), measure.created, measure.id)
            best = key if best is None else min(best, key)
    return resolve(docket, best[3]) if best else (docket.id, "")


def _known(docket: Docket, report: Report, article: Article) -> tuple[Measure, Action] | None:
    """The measure and action that hold this very report already.

    One sentence may tell two actions ("passed and signed") or two measures ("an ordinance and a resolution"): what
    another report of the sentence fits better is that one's.
    """
    twins = [r for r in article.reports if r != report and (r.start, r.end) == (report.start, report.end)]
    held: list[tuple[int, str, Measure, Action]] = []
    for measure in docket.measures:
        for action in () if measure.merged_into else measure.actions:
            how = _how_held(action, report, article, "stage" in pinned(docket, measure.id, action.id))
            if how is None or (how > 0 and any(stage_family(r.stage) == stage_family(action.stage) for r in twins)):
                continue
            if not any(_fits_better(measure, twin, report, article) for twin in twins):
                held.append((how, action.id, measure, action))
    return min(held, key=lambda found: found[:2])[2:] if held else None


def _fits_better(measure: Measure, twin: Report, report: Report, article: Article) -> bool:
    if twin.jurisdiction.key != report.jurisdiction.key or stage_family(twin.stage) != stage_family(report.stage):
        return False
    return same_measure(measure, twin, article).score > same_measure(measure, report, article).score


def _how_held(action: Action, report: Report, article: Article, corrected: bool) -> int | None:
    """0 when the action holds the report under the same stage, 1 under another word for it (any other when a person
    corrected the stage), None when it does not."""
    likeness = compare_stages(action.stage, report.stage, report.instrument)
    if not corrected and likeness == "apart" and not signed_or_voted(action.stage, report.stage):
        return None
    how = 0 if likeness == "same" else 1
    pieces = [piece for piece in action.evidence if piece.article == article.id]
    if any((p.start, p.end, p.sentence) == (report.start, report.end, report.sentence) for p in pieces):
        return how
    dropped = not pieces and article.id in action.articles and len(action.evidence) == credence.AT_MOST
    return how if dropped and likeness == "same" else None


# ------------------------------------------------------------------ taking it in
def _take(
    docket: Docket, measure: Measure, report: Report, article: Article, piece: Evidence
) -> tuple[Measure, Action, Change]:
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
    evidence = credence.rank(_one_each((*action.evidence, piece)))
    return replace(
        action,
        stage=action.stage if "stage" in fixed else more_specific(action.stage, report.stage),
        date=action.date if "date" in fixed else merge_dates(action.date, report.date),
        first_reported=min(action.first_reported, piece.at),
        vote=action.vote if "vote" in fixed else merge_votes(action.vote, report.vote, prefer_other=surest),
        alert=action.alert if "stage" in fixed else first_alert(action.alert, report.alert),
        evidence=evidence,
        articles=action.articles if piece.article in action.articles else (*action.articles, piece.article),
        confidence=credence.confidence(evidence),
    )


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


# ------------------------------------------------------------------ small things
def _evidence(report: Report, article: Article) -> Evidence:
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
    )


def _blank(docket: Docket, report: Report, now: datetime, mint: Callable[[], str]) -> Measure:
    taken = {measure.id for measure in docket.measures}
    name = mint()
    while name in taken:
        name = mint()
    return Measure(id=name, jurisdiction=report.jurisdiction, created=now)


def _renamed(docket: Docket, measure: Measure, action: Action, piece: Evidence, now: datetime) -> Docket:
    """The docket with the story of a known piece as it is now: an earlier copy may have turned up since."""
    evidence = tuple(
        replace(known, story=piece.story) if known.article == piece.article else known for known in action.evidence
    )
    if evidence == action.evidence:
        return docket
    better = replace(action, evidence=credence.rank(evidence), confidence=credence.confidence(evidence))
    actions = tuple(better if other.id == action.id else other for other in measure.actions)
    return _put(docket, replace(measure, actions=actions), now)


def _put(docket: Docket, measure: Measure, now: datetime) -> Docket:
    known = any(other.id == measure.id for other in docket.measures)
    measures = tuple(measure if other.id == measure.id else other for other in docket.measures)
    return replace(docket, changed=now, measures=measures if known else (*measures, measure))


def relate(docket: Docket) -> Docket:
    """The docket with each revising measure linked to the one it revises, both ways."""
    live = [measure for measure in docket.measures if not measure.merged_into]
    links = {frozenset((m.id, base)) for m in live if _revises(m) and (base := _base(live, m))}
    related = {m.id: tuple(sorted(set().union(*(link for link in links if m.id in link)) - {m.id})) for m in live}
    measures = tuple(replace(m, related=related.get(m.id, m.related)) for m in docket.measures)
    return docket if measures == docket.measures else replace(docket, measures=measures)


def _base(live: list[Measure], revising: Measure) -> str:
    """The measure that a revising one is about: the latest before it of the same direction that revises none."""
    before = [
        other
        for other in live
        if not _revises(other)
        and _begun(other) < _begun(revising)
        and (other.direction is None or revising.direction is None or other.direction == revising.direction)
    ]
    return max(before, key=_begun).id if before else ""


def _begun(measure: Measure) -> tuple[str, str]:
    return min(map(_day, measure.actions), default=""), measure.id


def _day(action: Action) -> str:
    return action.date or action.first_reported.date().isoformat()


def _revises(measure: Measure) -> bool:
    """Whether what was adopted first is an amendment or a reaffirmation, told as an instrument of its own."""
    adopted = [action for action in measure.actions if phase(action.stage) in ("adoption", "revision")]
    first = min(adopted, key=lambda action: (_day(action), action.id), default=None)
    return first is not None and first.alert in ("amend", "reaffirm")
