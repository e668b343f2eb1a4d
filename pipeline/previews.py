"""What the mail of a measure would look like, without sending or recording anything."""

from __future__ import annotations

from config.settings import Settings
from pipeline.alerts.render import Mail, render
from pipeline.alerts.subscriptions import subscribe
from pipeline.archive.base import Archive, every
from pipeline.errors import UserError
from pipeline.model import Alert, Clock, Docket, Notice, make_id, utc_now


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
    alert = Alert(
        id=make_id("preview", notice.id),
        subscription=subscription.id,
        docket=docket.id,
        measure=notice.measure,
        action=notice.action,
        kind=notice.kind,
        created=now(),
        due=now(),
    )
    return alert, render(alert, docket, subscription, settings=settings, now=now())


def _rank(notice: Notice) -> tuple[bool, str]:
    return not notice.muted, notice.opened.isoformat()
