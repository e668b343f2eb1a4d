"""What a docket owes the world: the notice of an action, written in the same document as the action.

At most one notice that tells a measure as new (``new``, or ``amend`` and ``reaffirm`` for an instrument that revises
another): whatever else is told as adoption later is a ``stage``. Old news gets its notice too, muted, so that ``why``
can show what was not told and why.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from pipeline.model import Action, AlertKind, Docket, Measure, Notice, make_id
from pipeline.policy.docket.credence import credible
from pipeline.policy.docket.spans import days_old

FOUNDING: frozenset[AlertKind] = frozenset({"new", "amend", "reaffirm"})
"""Kinds that tell a measure for the first time; a measure has one of them."""
OLD_NEWS = "old news"
"""How the reason of a notice muted for its age begins; only such a notice may be opened later."""


NEWS_DAYS = 30
"""An action is news for so many days after it happened, else after its earliest report."""


def owe(docket: Docket, measure: Measure, action: Action, *, now: datetime, news_days: int) -> Docket:
    """The docket with whatever notice the action calls for now; the same docket when it owes nothing further.

    ``measure`` and ``action`` are as they stand in the docket after the change. A notice opens once the action is
    credible and of a kind that alerts, and opens again when the action's confidence rises.
    """
    if action.alert is None or not credible(action.evidence):
        return docket
    age = _age(action, now=now, news_days=news_days)
    kind = action.alert
    founding = founding_notice(docket, measure.id)
    own = next((n for n in docket.notices if n.action == action.id and n.kind != "correction"), None)
    if own is not None and own.kind == "stage" and kind in FOUNDING and founding is None:
        return _with(docket, own, replace(_open(own, action, now), kind=kind, done=bool(age), muted=age))
    if own is not None:
        return _with(docket, own, _again(own, action, age, now))
    if kind in FOUNDING and founding is not None:
        if founding.muted.startswith(OLD_NEWS) and not age:
            return _with(docket, founding, replace(_open(founding, action, now), kind=kind, action=action.id))
        kind = "stage"
    notice = Notice(
        id=make_id("notice", measure.id, "new") if kind == "new" else make_id("notice", action.id),
        kind=kind,
        measure=measure.id,
        action=action.id,
        opened=now,
        confidence=action.confidence,
        done=bool(age),
        muted=age,
    )
    return replace(docket, notices=(*docket.notices, notice))


def founding_notice(docket: Docket, measure: str) -> Notice | None:
    """The notice that tells a measure as new, the one that still may open before one that was put to rest."""
    found = [n for n in docket.notices if n.kind in FOUNDING and resolve(docket, n.measure) == (docket.id, measure)]
    return min(found, key=lambda notice: (bool(notice.muted), notice.opened), default=None)


def resolve(docket: Docket, measure: str) -> tuple[str, str]:
    """Where a measure lives now: (docket id, measure id), following the tombstones of this docket.

    Notices and outbox rows keep the measure's id of their day, since the ids of alerts hang on it.
    """
    known = {m.id: m for m in docket.measures}
    place = (docket.id, measure)
    for _ in range(len(known) + 1):
        here = known.get(place[1]) if place[0] == docket.id else None
        if here is None or not here.merged_into:
            return place
        home, _, name = here.merged_into.partition(":")
        place = (home, name)
    return place


def told(docket: Docket, measure: str) -> list[Notice]:
    """The notices about a measure that somebody may have been told by, the earliest first; corrections left out."""
    about = (n for n in docket.notices if resolve(docket, n.measure) == (docket.id, measure))
    return sorted((n for n in about if not n.muted and n.kind != "correction"), key=lambda notice: notice.opened)


def _age(action: Action, *, now: datetime, news_days: int) -> str:
    age = days_old(action.date, action.first_reported, now)
    return f"{OLD_NEWS}: {age} days after it happened, more than {news_days}" if age > news_days else ""


def _again(notice: Notice, action: Action, age: str, now: datetime) -> Notice:
    if notice.muted.startswith(OLD_NEWS) and not age:
        return _open(notice, action, now)
    if not notice.muted and action.confidence > notice.confidence:
        return replace(notice, done=False, confidence=action.confidence)
    return notice


def _open(notice: Notice, action: Action, now: datetime) -> Notice:
    return replace(notice, opened=now, confidence=action.confidence, done=False, muted="")


def _with(docket: Docket, old: Notice, new: Notice) -> Docket:
    if old == new:
        return docket
    return replace(docket, notices=tuple(new if notice.id == old.id else notice for notice in docket.notices))
