"""Who wants to be told what, in the archive: a wish kept, changed, looked at beforehand, and forgotten again."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pipeline.alerts import notices, outbox
from pipeline.alerts.bounces import Bounce
from pipeline.alerts.tokens import recipient_hash, subscription_id
from pipeline.archive.base import Archive, Stored, every
from pipeline.archive.matching import document, matches
from pipeline.archive.query import parse
from pipeline.errors import Conflict, UserError
from pipeline.model import Alert, Article, Docket, Notice, Subscription

log = logging.getLogger(__name__)

LOOKED_BACK = timedelta(days=90)
"""How far a new subscription is shown what it would have sent."""


# ------------------------------------------------------------------ changes
def keep(archive: Archive, wish: Subscription, *, secret_key: str) -> Subscription:
    """Keeps a wish; returns it as it stands. The same wish again changes when it is told and how sure; since when it
    is told stays, and so does that its address was refused.

    A new one gets an id that nobody can check a guess of the address by without the key, as it stays in the ledger
    when the address is erased. Raises ``UserError`` without a key.
    """
    keyed = replace(wish, id=subscription_id(secret_key, wish.id))
    while True:
        stored = archive.get(Subscription, wish.id) or archive.get(Subscription, keyed.id)
        if stored is None:
            if archive.create(keyed):
                return keyed
            continue
        known = stored.record
        changed = replace(wish, id=known.id, created=known.created, stopped=known.stopped, stopped_at=known.stopped_at)
        try:
            archive.replace(changed, stored.version)
        except Conflict:
            continue
        return changed


def find(archive: Archive, which: str) -> list[Stored[Subscription]]:
    """The subscription of an id, or all of an address. Raises ``UserError`` when there is none."""
    archive.refresh()
    found = [
        stored
        for stored in every(archive, Subscription)
        if which and (which == stored.record.id or same_address(stored.record, which))
    ]
    if not found:
        raise UserError("no such subscription", subject=which)
    return found


def remove(archive: Archive, subscription: Subscription, *, secret_key: str, now: datetime) -> None:
    """Ends a subscription and erases its address: from its record, from mails that were not sent yet, and from what
    mail servers said of it. The rows of the ledger stay, with a keyed hash where the address was."""
    archive.delete(Subscription, subscription.id)
    archive.refresh()
    mark = recipient_hash(secret_key, subscription.to)
    for stored in every(archive, Alert, {"subscription": subscription.id}):
        reason = stored.record.reason
        if subscription.to:
            reason = re.sub(re.escape(subscription.to), "…", reason, flags=re.IGNORECASE)
        row = replace(stored.record, recipient=mark, mail="", reason=reason)
        if row.state == "waiting":
            row = outbox.suppressed(row, "the subscription was removed", now)
        if row == stored.record:
            continue
        try:
            archive.replace(row, stored.version)
        except Conflict:
            continue  # it is being handed over: whoever does it drops the mail


def resume(archive: Archive, stored: Stored[Subscription]) -> Subscription:
    """Tells an address again that had been refused; what was given up meanwhile stays so. Raises ``Conflict``."""
    again = replace(stored.record, stopped="", stopped_at=None)
    archive.replace(again, stored.version)
    return again


def same_address(subscription: Subscription, to: str) -> bool:
    """Whether a subscription is of this address, however it is spelled."""
    return bool(to) and subscription.to.casefold() == to.casefold()


def stop_address(archive: Archive, to: str, reason: str, *, now: datetime) -> int:
    """Nothing goes to this address any more until somebody resumes it; returns how many subscriptions that stops. None
    is removed: each shows why it is told nothing."""
    stopped = 0
    for stored in every(archive, Subscription):
        if not same_address(stored.record, to) or stored.record.stopped:
            continue
        try:
            archive.replace(replace(stored.record, stopped=reason, stopped_at=now), stored.version)
        except Conflict:
            continue  # it was changed or removed just now: the next refusal is taken note of
        stopped += 1
        log.error("subscription %s is told nothing any more: %s", stored.record.id, reason)
    return stopped


def take_bounce(archive: Archive, bounce: Bounce, *, now: datetime) -> Subscription | None:
    """Stops the address that a report says cannot be reached, or does not want mail; returns the subscription whose
    mail it is about. None when the report is about no mail of ours, or passes: nothing changes then."""
    row = _row_of(archive, bounce)
    found = archive.get(Subscription, row.subscription) if row else None
    if found is None or not bounce.for_good:
        return None
    if not bounce.alert and bounce.recipient and not same_address(found.record, bounce.recipient):
        return None  # a Message-ID alone proves too little to stop another address by
    stop_address(archive, found.record.to, bounce.reason, now=now)
    return found.record


def _row_of(archive: Archive, bounce: Bounce) -> Alert | None:
    name = bounce.alert or bounce.message_id.strip("<>").partition("@")[0]
    if stored := archive.get(Alert, name):
        return stored.record
    if not bounce.message_id:
        return None
    archive.refresh()  # a digest's Message-ID is none of its rows' ids
    rows = (stored.record for stored in every(archive, Alert, {"state": "sent"}))
    return next((row for row in rows if row.message_id == bounce.message_id), None)


# ------------------------------------------------------------------ what it would have told
@dataclass(frozen=True, slots=True)
class WouldHave:
    """One alert that a subscription would have been sent."""

    notice: Notice
    docket: Docket
    at: datetime
    """When its action was first reported."""


def would_have_sent(archive: Archive, wish: Subscription, *, now: datetime) -> list[WouldHave]:
    """What a subscription would have been sent in the last 90 days, the latest first. Nothing of it is sent."""
    archive.refresh()
    return sorted(_would_have(archive, wish, now), key=lambda one: (one.at, one.notice.id), reverse=True)


def _would_have(archive: Archive, wish: Subscription, now: datetime) -> Iterator[WouldHave]:
    for stored in every(archive, Docket):
        docket, searched = stored.record, Searched(archive, stored.record)
        for notice in notices.would_have_told(docket, wish, since=now - LOOKED_BACK, now=now, found=searched):
            told = notices.measure_of(docket, notice.measure)
            yield from (
                WouldHave(notice, docket, action.first_reported)
                for action in told.actions
                if action.id == notice.action
            )


class Searched:
    """Whether a saved search finds a report of a notice's measure; articles are read once."""

    def __init__(self, archive: Archive, docket: Docket) -> None:
        self._archive, self._docket = archive, docket
        self._articles: dict[str, Article | None] = {}

    def __call__(self, subscription: Subscription, notice: Notice) -> bool:
        node = parse(subscription.query)
        measure = notices.measure_of(self._docket, notice.measure)
        told = [action for action in measure.actions if action.id == notice.action] or measure.actions
        names = dict.fromkeys(name for action in told for name in action.articles)
        return any(
            matches(node, document(article), subscription.zone)
            for article in map(self._article, names)
            if article is not None
        )

    def _article(self, name: str) -> Article | None:
        """The article as it is found once it is no longer pending: what it tells of is in the docket already."""
        if name not in self._articles:
            stored = self._archive.get(Article, name)
            self._articles[name] = self._joined(stored.record) if stored else None
        return self._articles[name]

    def _joined(self, article: Article) -> Article:
        if not article.pending:
            return article
        known = (m.id for m in self._docket.measures if any(article.id in action.articles for action in m.actions))
        return replace(
            article,
            measures=tuple(known),
            stages=tuple(dict.fromkeys(report.stage for report in article.reports)),
            directions=tuple(dict.fromkeys(report.direction for report in article.reports if report.direction)),
        )
