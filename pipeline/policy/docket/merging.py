"""What an analyst may repair in a docket: two measures that are one, one that is two, a field that is wrong.

Pure functions from docket to docket, each with an audit entry, each repeatable: done twice it changes nothing. The
alerts follow the repair: who was told before is told of the correction, and nobody is told of anything as new twice.

A merge across dockets takes three writes, in this order, and can be carried on after any of them:
``intend`` in the source, ``receive`` in the target, ``bury`` in the source.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import datetime

from pipeline.errors import UserError
from pipeline.model import Action, Audit, Docket, Measure, Notice, make_id
from pipeline.policy.docket import credence
from pipeline.policy.docket.audit import Intention, has, intend_id, merge_id, split_id, with_entry
from pipeline.policy.docket.families import compare_stages, more_specific
from pipeline.policy.docket.naming import is_number, mentions
from pipeline.policy.docket.owing import FOUNDING, NEWS_DAYS, founding_notice, owe, resolve, told
from pipeline.policy.docket.relating import relate
from pipeline.policy.docket.spans import merge_dates, span_of
from pipeline.policy.docket.taking import first_alert, merge_votes, next_action_id


def live_measure(docket: Docket, measure: str) -> Measure:
    """A measure by its id. Raises ``UserError`` when the docket has none of it, or it was merged away."""
    for known in docket.measures:
        if known.id == measure:
            if known.merged_into:
                raise UserError(f"measure {measure} was merged into {known.merged_into.partition(':')[2]}")
            return known
    if any(known.id == measure for known in docket.withdrawn):
        raise UserError(f"measure {measure} was withdrawn")
    raise UserError(f"no measure {measure} in the docket of {docket.jurisdiction.label}")


def describe(measure: Measure) -> str:
    """A measure in a few words for the audit trail: ``"Los Angeles, CA ordinance 188441"``."""
    kind = (measure.instrument or "measure").replace("_", " ")
    return " ".join(part for part in (measure.jurisdiction.label, kind, measure.identifier or measure.id) if part)


# ------------------------------------------------------------------ merge
def merge(docket: Docket, measure: str, into: str, *, why: str, now: datetime, news_days: int = NEWS_DAYS) -> Docket:
    """Two measures of one docket become one: ``measure`` goes ``into`` the other. Raises ``UserError``."""
    if has(docket, merge_id(docket.id, measure, docket.id, into)):
        return docket
    if measure == into:
        raise UserError("a measure cannot be merged into itself")
    live_measure(docket, measure)
    live_measure(docket, into)
    intention = Intention(docket.id, measure, docket.id, into, why, now)
    return receive(docket, docket, intention, now=now, news_days=news_days)


def intend(source: Docket, measure: str, target: Docket, into: str, *, why: str, now: datetime) -> Docket:
    """The source with the intention to merge one of its measures into one of another docket. Raises ``UserError``."""
    done = merge_id(source.id, measure, target.id, into)
    entry = intend_id(source.id, measure, target.id, into)
    if has(source, done) or has(source, entry):
        return source
    moved, kept = live_measure(source, measure), live_measure(target, into)
    what = f"to merge {describe(moved)} into {describe(kept)}"
    return with_entry(source, Audit(entry, now, what, why))


def receive(
    target: Docket, source: Docket, intention: Intention, *, now: datetime, news_days: int = NEWS_DAYS
) -> Docket:
    """The target with the source's measure taken in: actions, evidence, notices, and a tombstone for the old id.

    Notices keep the measure's id of their day, since alert ids hang on it; the tombstones lead from it to here.
    """
    if has(target, intention.audit):
        return target
    moved, kept = live_measure(source, intention.measure), live_measure(target, intention.into)
    gone = {m.id for m in source.measures if resolve(source, m.id) == (source.id, moved.id)}
    told_both = bool(told(source, moved.id)) and bool(told(target, kept.id))
    told_elsewhere = bool(told(source, moved.id)) and moved.jurisdiction != kept.jurisdiction
    brought = () if source.id == target.id else tuple(n for n in source.notices if n.measure in gone)
    tombs = tuple(replace(m, merged_into=f"{target.id}:{kept.id}") for m in source.measures if m.id in gone)
    others = tuple(m for m in target.measures if m.id not in gone)
    docket = replace(target, measures=(*others, *tombs), notices=(*target.notices, *brought))
    docket = _one_founding(docket, kept.id)
    docket, one = _united(docket, kept, moved)
    docket = replace(docket, measures=tuple(one if m.id == kept.id else m for m in docket.measures))
    entry = Audit(intention.audit, now, f"merged {describe(moved)} into {describe(kept)}", intention.why)
    docket = relate(with_entry(docket, entry))
    for action in one.actions:
        docket = owe(docket, one, action, now=now, news_days=news_days)
    return correction(docket, one, entry) if told_both or told_elsewhere else docket


def bury(source: Docket, intention: Intention, *, now: datetime) -> Docket:
    """The source with a tombstone where the measure was; the target looks after its notices now."""
    if has(source, intention.audit):
        return source
    moved = live_measure(source, intention.measure)
    place = f"{intention.target}:{intention.into}"
    about = {m.id for m in source.measures if resolve(source, m.id) == (source.id, moved.id)}
    notices = tuple(
        replace(n, done=True, muted="merged into another docket") if n.measure in about and not n.done else n
        for n in source.notices
    )
    measures = tuple(replace(m, merged_into=place) if m.id == moved.id else m for m in source.measures)
    entry = Audit(intention.audit, now, f"merged {describe(moved)} into {intention.into}", intention.why)
    return with_entry(replace(source, measures=measures, notices=notices), entry)


def _one_founding(docket: Docket, measure: str) -> Docket:
    """Of several notices that told the now single measure as new, one stays: one that was told to the most."""
    found = [
        n for n in docket.notices if n.kind in FOUNDING and resolve(docket, n.measure) == (docket.id, measure)
    ]  # fmt: skip
    if len(found) < 2:
        return docket
    stays = min(found, key=lambda n: (bool(n.muted), not n.done, -n.confidence, n.measure != measure, n.opened))
    others = {n.id for n in found} - {stays.id}
    return replace(
        docket,
        notices=tuple(
            replace(n, done=True, muted=n.muted or "merged: told once already") if n.id in others else n
            for n in docket.notices
        ),
    )


def _united(docket: Docket, kept: Measure, moved: Measure) -> tuple[Docket, Measure]:
    """What the kept measure is with the moved one's actions; accounts of one action become one action."""
    actions = list(kept.actions)
    for action in moved.actions:
        at = next((i for i, known in enumerate(actions) if _same(known, action, kept)), None)
        if at is None:
            actions.append(action)
            continue
        docket, actions[at] = _one_action(docket, actions[at], action)
    number = is_number(moved.identifier) and not is_number(kept.identifier)
    one = replace(
        kept,
        created=min(kept.created, moved.created),
        body=kept.body or moved.body,
        instrument=kept.instrument or moved.instrument,
        identifier=moved.identifier if number else kept.identifier or moved.identifier,
        topic=kept.topic or moved.topic,
        direction=kept.direction or moved.direction,
        provisions=tuple(dict.fromkeys((*kept.provisions, *moved.provisions))),
        actions=tuple(actions),
    )
    return docket, one


def _same(one: Action, other: Action, measure: Measure) -> bool:
    spans = [span_of(a.date, a.first_reported, a.first_reported) for a in (one, other)]
    return compare_stages(one.stage, other.stage, measure.instrument) != "apart" and spans[0].gap(spans[1]) == 0


def _one_action(docket: Docket, one: Action, other: Action) -> tuple[Docket, Action]:
    """Two accounts of an action under one id: that of the one whose notice lives, since alert ids hang on it."""
    notices = [n for n in docket.notices if n.action in (one.id, other.id) and n.kind != "correction"]
    lives = min(notices, key=lambda n: (bool(n.muted), n.kind not in FOUNDING, n.opened), default=None)
    name = lives.action if lives else one.id
    quiet = {n.id for n in notices if n.action != name and not n.muted}
    docket = replace(
        docket,
        notices=tuple(
            replace(n, done=True, muted="merged: told once already") if n.id in quiet else n for n in docket.notices
        ),
    )
    evidence = credence.rank({(e.article, e.start, e.end): e for e in (*one.evidence, *other.evidence)}.values())
    return docket, replace(
        one,
        id=name,
        stage=more_specific(one.stage, other.stage),
        date=merge_dates(one.date, other.date),
        first_reported=min(one.first_reported, other.first_reported),
        vote=merge_votes(one.vote, other.vote, prefer_other=other.confidence > one.confidence),
        alert=first_alert(one.alert, other.alert),
        evidence=evidence,
        articles=tuple(dict.fromkeys((*one.articles, *other.articles))),
        confidence=credence.confidence(evidence),
    )


# ------------------------------------------------------------------ split
def split(
    docket: Docket,
    measure: str,
    *,
    actions: Collection[str] = (),
    articles: Collection[str] = (),
    why: str,
    now: datetime,
    mint: Callable[[], str],
    news_days: int = NEWS_DAYS,
) -> Docket:
    """Takes whole actions (by id), or what certain articles told, out of a measure into one of its own.

    The part whose action was told as new keeps the measure's id; the other one is never told as new for what it
    holds now. Raises ``UserError`` when nothing, or everything, was chosen.
    """
    entry_id = split_id(measure, [*actions, *articles])
    if has(docket, entry_id):
        return docket
    whole = live_measure(docket, measure)
    fresh = mint()
    stay, leave = _parted(docket, whole, fresh, set(actions), set(articles))
    if not stay or not leave:
        raise UserError("choose some of the measure's actions or articles, not none and not all")
    founding = founding_notice(docket, measure)
    if founding is not None and any(founding.action == action.id for action in leave):
        stay, leave = leave, stay
    old, new = _attributed(whole, stay), replace(_attributed(whole, leave), id=fresh, created=now, related=())
    left = {action.id for action in leave}
    notices = [replace(n, measure=fresh) if n.action in left else n for n in docket.notices]
    first = next((action for action in leave if action.alert in FOUNDING), None)
    if founding is not None and not founding.muted and first is not None:
        put_to_rest = "split: told as part of another measure"
        notices.append(
            Notice(make_id("notice", fresh, "new"), "new", fresh, first.id, now, first.confidence, True, put_to_rest)
        )
    was_told = bool(told(docket, measure))
    measures = tuple(old if m.id == measure else m for m in docket.measures)
    entry = Audit(entry_id, now, f"split {describe(new)} from {describe(whole)}", why)
    docket = with_entry(replace(docket, measures=(*measures, new), notices=tuple(notices)), entry)
    docket = relate(docket)
    for part in (old, new):
        for action in part.actions:
            docket = owe(docket, part, action, now=now, news_days=news_days)
    return correction(docket, old, entry) if was_told else docket


def _parted(
    docket: Docket, whole: Measure, fresh: str, actions: set[str], articles: set[str]
) -> tuple[tuple[Action, ...], tuple[Action, ...]]:
    stay: list[Action] = []
    leave: list[Action] = []
    for action in whole.actions:
        here = [name for name in action.articles if name not in articles]
        if action.id in actions or not here:
            leave.append(action)
        elif len(here) == len(action.articles):
            stay.append(action)
        else:
            stay.append(_only(action, here, action.id))
            there = [name for name in action.articles if name in articles]
            leave.append(_only(action, there, next_action_id(docket, fresh, action.stage)))
    return tuple(stay), tuple(leave)


def _only(action: Action, articles: Collection[str], name: str) -> Action:
    evidence = credence.rank(piece for piece in action.evidence if piece.article in articles)
    return replace(
        action,
        id=name,
        evidence=evidence,
        articles=tuple(articles),
        first_reported=min((piece.at for piece in evidence), default=action.first_reported),
        confidence=credence.confidence(evidence),
    )


def _attributed(whole: Measure, actions: Iterable[Action]) -> Measure:
    """One part of a split measure: it keeps number and name only when its own evidence tells them."""
    part = replace(whole, actions=tuple(actions))
    texts = [f"{piece.title} {piece.sentence}" for action in part.actions for piece in action.evidence]
    everywhere = [f"{piece.title} {piece.sentence}" for action in whole.actions for piece in action.evidence]

    def own(name: str) -> str:
        told_at_all = any(mentions(text, name) for text in everywhere)
        return name if not told_at_all or any(mentions(text, name) for text in texts) else ""

    return replace(part, identifier=own(part.identifier), topic=own(part.topic))


# ------------------------------------------------------------------ what is owed for a repair
def correction(docket: Docket, measure: Measure, entry: Audit) -> Docket:
    """The docket owing a correction to whoever was told of the measure before."""
    sure = max((action.confidence for action in measure.actions), default=0.0)
    notice = Notice(make_id("notice", entry.id), "correction", measure.id, entry.id, entry.at, sure)
    return replace(docket, notices=(*docket.notices, notice))
