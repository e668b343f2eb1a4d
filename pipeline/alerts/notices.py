"""From a notice to the rows of the outbox: which subscriptions are owed an alert because of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from pipeline.alerts import timing
from pipeline.alerts.subscriptions import began_before, wants
from pipeline.errors import Quarantine
from pipeline.model import Alert, Docket, Measure, Notice, Subscription, make_id
from pipeline.policy.docket.owing import NEWS_DAYS, OLD_NEWS, resolve, told
from pipeline.policy.docket.spans import days_old

Found = Callable[[Subscription, Notice], bool]
"""Whether a subscription's saved search finds a report of what a notice tells."""


def nowhere(subscription: Subscription, notice: Notice) -> bool:
    """No reports are at hand: a saved search finds nothing."""
    return False


def expand(
    notice: Notice,
    docket: Docket,
    subscriptions: Iterable[Subscription],
    now: datetime,
    *,
    found: Found = nowhere,
) -> list[Alert]:
    """The outbox rows a notice owes, to be created once each: their ids do not depend on when this runs.

    ``new`` is one per subscription and measure, anything else one per subscription and action; a notice that opens
    again makes rows only for subscriptions that were not told. A correction goes to those that could have been told
    of the measure before. Raises ``Quarantine`` when the docket does not hold the notice's measure.
    """
    if notice.muted:
        return []
    measure = measure_of(docket, notice.measure)
    return [
        _row(notice, docket, subscription, now)
        for subscription in subscriptions
        if _owed(notice, docket, measure, subscription) and (not subscription.query or found(subscription, notice))
    ]


def measure_of(docket: Docket, measure: str) -> Measure:
    """The measure that an id of any day means now, also one that was withdrawn. Raises ``Quarantine`` when this docket
    does not hold it."""
    home, name = resolve(docket, measure)
    for known in (*docket.measures, *docket.withdrawn):
        if home == docket.id and known.id == name:
            return known
    raise Quarantine(f"the docket of {docket.jurisdiction.label} holds no measure {measure}", subject=docket.id)


def _owed(notice: Notice, docket: Docket, measure: Measure, subscription: Subscription) -> bool:
    if notice.kind != "correction":
        return began_before(subscription, notice) and wants(subscription, notice.kind, measure, notice.confidence)
    return wants(subscription, "correction", measure, max(notice.confidence, subscription.min_confidence)) and any(
        began_before(subscription, earlier) and wants(subscription, earlier.kind, measure, earlier.confidence)
        for earlier in told(docket, measure.id)
        if earlier.opened < notice.opened
    )


def _row(notice: Notice, docket: Docket, subscription: Subscription, now: datetime) -> Alert:
    about = notice.measure if notice.kind == "new" else notice.action
    return Alert(
        id=make_id("alert", subscription.id, about),
        subscription=subscription.id,
        docket=docket.id,
        measure=notice.measure,
        action=notice.action,
        kind=notice.kind,
        created=now,
        due=timing.due(subscription, now),
        channel=subscription.channel,
    )


def would_have_told(
    docket: Docket, subscription: Subscription, *, since: datetime, now: datetime, found: Found
) -> list[Notice]:
    """What a subscription would have been told of a docket from ``since`` on, had it and the monitor been there: what
    was muted only because it was found late is included."""
    found_wanted = []
    for notice in docket.notices:
        if notice.kind == "correction" or (notice.muted and not notice.muted.startswith(OLD_NEWS)):
            continue
        try:
            measure = measure_of(docket, notice.measure)
        except Quarantine:  # it lives in another docket now, and is told there
            continue
        action = next((action for action in measure.actions if action.id == notice.action), None)
        if action is None or not since <= action.first_reported <= now:
            continue
        if days_old(action.date, action.first_reported, action.first_reported) > NEWS_DAYS:
            continue
        wanted = wants(subscription, notice.kind, measure, notice.confidence)
        if wanted and (not subscription.query or found(subscription, notice)):
            found_wanted.append(notice)
    return found_wanted
