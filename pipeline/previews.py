"""What the mail of a measure would look like, without sending or recording anything."""

from __future__ import annotations

from datetime import datetime

from config.settings import Settings
from pipeline.alerts.digest import MOST, Item, render_digest
from pipeline.alerts.message import Mail
from pipeline.alerts.render import render
from pipeline.alerts.subscriptions import subscribe
from pipeline.archive.base import Archive, every
from pipeline.errors import UserError
from pipeline.model import Alert, Clock, Docket, Notice, Subscription, make_id, utc_now


def preview(
    archive: Archive, settings: Settings, measure: str = "", *, to: str, now: Clock = utc_now
) -> tuple[Alert, Mail]:
    """The alert and mail that a subscriber to everything would get of a measure ('': the newest that owes one).

    Raises ``UserError`` when there is no such measure or it owes nothing.
    """
    archive.refresh()
    owed = [
        (notice, stored.record)
        for stored in every(archive, Docket)
        for notice in stored.record.notices
        if measure in ("", notice.measure) and (measure or not notice.muted)
    ]
    if not owed:
        raise UserError("this measure owes no alert" if measure else "no measure owes an alert yet", subject=measure)
    notice, docket = max(owed, key=lambda pair: _rank(pair[0]))
    subscription = subscribe(to=to, name="preview", now=now())
    alert = _alert(notice, docket, subscription, now())
    return alert, render(alert, docket, subscription, settings=settings, now=now())


def preview_digest(archive: Archive, settings: Settings, *, to: str, now: Clock = utc_now) -> tuple[list[Alert], Mail]:
    """The alerts and the mail that a subscriber to everything would get as a digest of the latest measures.

    Raises ``UserError`` when none owes anything.
    """
    archive.refresh()
    owed = [
        (notice, stored.record)
        for stored in every(archive, Docket)
        for notice in stored.record.notices
        if not notice.muted
    ]
    if not owed:
        raise UserError("no measure owes an alert yet")
    subscription = subscribe(to=to, name="preview", when="daily", now=now())
    latest = sorted(owed, key=lambda pair: _rank(pair[0]), reverse=True)[:MOST]
    items = [Item(_alert(notice, docket, subscription, now()), docket, subscription) for notice, docket in latest]
    mail = render_digest(items[0].alert.id, items, settings=settings, now=now())
    return [item.alert for item in items], mail


def _alert(notice: Notice, docket: Docket, subscription: Subscription, now: datetime) -> Alert:
    return Alert(
        id=make_id("preview", notice.id),
        subscription=subscription.id,
        docket=docket.id,
        measure=notice.measure,
        action=notice.action,
        kind=notice.kind,
        created=now,
        due=now,
    )


def _rank(notice: Notice) -> tuple[bool, str]:
    return not notice.muted, notice.opened.isoformat()
