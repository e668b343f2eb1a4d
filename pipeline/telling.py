"""Alerts beside the outbox: where one's docket is now, feeds that show them, tests and questions to an address."""

from __future__ import annotations

from datetime import datetime
from email.utils import parseaddr

from config.settings import Settings
from pipeline.alerts import Transport, feeds, hooks
from pipeline.alerts.notes import render_confirmation, render_test
from pipeline.alerts.render import facts_of
from pipeline.archive.base import Archive, every
from pipeline.errors import Quarantine, UserError
from pipeline.model import Alert, Docket, Subscription
from pipeline.policy.docket.owing import resolve
from pipeline.tools import Tools


def docket_of(archive: Archive, row: Alert) -> Docket:
    """The docket that holds the alert's measure now: an analyst may have moved it since. Raises ``Quarantine``."""
    docket_id = row.docket
    for _ in range(10):
        stored = archive.get(Docket, docket_id)
        if stored is None:
            break
        home, _ = resolve(stored.record, row.measure)
        if home == docket_id:
            return stored.record
        docket_id = home
    raise Quarantine("the docket of this alert is gone", subject=row.id)


def send_test(tools: Tools, subscription: Subscription) -> None:
    """Sends a message that says it is a test, by the way that a subscription's alerts take. Raises what the way out
    raises; nothing is recorded."""
    settings, now = tools.settings, tools.now()
    match subscription.channel:
        case "mail":
            mail = render_test(subscription, settings=settings, now=now)
            tools.transport.send(mail.text_form.encode("ascii"), parseaddr(settings.mail_from)[1], subscription.to)
        case "webhook" | "slack":
            body = hooks.greeting(subscription, now=now).encode("ascii")
            key = hooks.signing_key(settings.secret_key, subscription)
            headers = hooks.headers(body, key, id="test", now=now)
            hooks.judge(tools.fetcher.post(subscription.to, body, headers=headers))
        case "feed":
            raise UserError("a feed is read, nothing is sent to it", subject=subscription.id)


def ask_to_confirm(transport: Transport, wish: Subscription, link: str, *, settings: Settings, now: datetime) -> None:
    """Mails an address the question whether it wants what was asked for. Raises what the way out raises."""
    mail = render_confirmation(wish, link, settings=settings, now=now)
    transport.send(mail.text_form.encode("ascii"), parseaddr(settings.mail_from)[1], wish.to)


def told_of(archive: Archive, subscription: Subscription, *, settings: Settings) -> list[feeds.Told]:
    """What a subscription's feed shows: its latest alerts, whatever became of their way out."""
    rows = [stored.record for stored in every(archive, Alert, {"subscription": subscription.id})]
    found = []
    for row in sorted(rows, key=lambda row: (row.created, row.id), reverse=True)[: feeds.MOST]:
        try:
            docket = docket_of(archive, row)
            found.append(feeds.Told(row, facts_of(row, docket, subscription, settings=settings)))
        except Quarantine:  # an analyst has taken it away since
            continue
    return found
