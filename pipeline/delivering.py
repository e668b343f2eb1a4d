"""From a notice to a mail that was accepted: the rows that a docket owes, and the rounds that hand them over.

A round takes the rows that are due, address by address. What was frozen at an earlier attempt goes out as it is. Of the
rest, as many go out by themselves as the limit of mails an hour leaves room for; what is beyond is gathered until the
monitor has nothing else to do, and goes out as one digest. Every step is a compare-and-set of one row, so that
several workers may do this at once and each may die anywhere.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from structlog.contextvars import bind_contextvars, unbind_contextvars

from pipeline.alerts import hooks, notices, outbox, timing
from pipeline.alerts.bounces import envelope_sender
from pipeline.alerts.digest import MOST, Item, render_digest
from pipeline.alerts.render import facts_of, render
from pipeline.alerts.tokens import recipient_hash
from pipeline.archive.base import Stored, every
from pipeline.errors import Conflict, Crashed, NotYet, PipelineError, Quarantine, Retry, Unavailable
from pipeline.ledger import quarantine, try_replace, unexpected
from pipeline.model import Alert, Article, Docket, Subscription
from pipeline.processes import is_dead, own_name
from pipeline.subscribing import Searched, same_address, stop_address
from pipeline.survival import MAX_DEATHS
from pipeline.telling import docket_of
from pipeline.tools import Tools

log = logging.getLogger(__name__)

MOST_ATTEMPTS = len(outbox.PAUSES) + MAX_DEATHS
"""An attempt that fails is counted, and so is one in which the worker dies; but only so many may fail."""
GATHER = timedelta(minutes=5)
"""What is beyond the limit waits at most so long for more of its kind."""
REMEMBERED = timedelta(days=9)
"""Rows made earlier were not sent within the last hour: a weekly digest and two days of failures are over."""


# ------------------------------------------------------------------ what is owed
def expand_notices(tools: Tools, docket_id: str) -> None:
    """Makes the outbox rows that a docket's open notices owe, create-once, then marks the notices done.

    Raises ``Quarantine`` when a notice's measure is not there or the archive refuses a row: the notices stay open.
    """
    while True:
        stored = tools.archive.get(Docket, docket_id)
        if stored is None:
            return
        open_notices = [notice for notice in stored.record.notices if not notice.done]
        if not open_notices:
            return
        tools.archive.refresh(Subscription)  # whoever subscribed before the notice opened is asked
        subscriptions = [other.record for other in every(tools.archive, Subscription)]
        searched = Searched(tools.archive, stored.record)
        rows = [
            _addressed(tools, row, subscriptions)
            for notice in open_notices
            for row in notices.expand(notice, stored.record, subscriptions, tools.now(), found=searched)
        ]
        for created in tools.archive.create_many(rows):
            if created.outcome == "refused":
                raise Quarantine(f"the archive refuses alert {created.id}: {created.reason}", subject=docket_id)
        told = {notice.id for notice in open_notices}
        closed = tuple(replace(n, done=True) if n.id in told else n for n in stored.record.notices)
        if try_replace(tools, replace(stored.record, notices=closed), stored.version):
            return


def _addressed(tools: Tools, row: Alert, subscriptions: Iterable[Subscription]) -> Alert:
    to = next(one.to for one in subscriptions if one.id == row.subscription)
    return replace(row, recipient=recipient_hash(tools.settings.secret_key, to))


# ------------------------------------------------------------------ rounds
def has_due(tools: Tools) -> bool:
    """Whether a round would find anything to try."""
    waiting = (stored.record for stored in every(tools.archive, Alert, {"state": "waiting"}))
    return bool(outbox.due_now(waiting, tools.now(), is_dead))


def deliver_due(tools: Tools, *, at_rest: Callable[[], bool], seconds: float = 45.0) -> int:
    """One round, for so long: sends what waits in the outbox and is due. Returns how many mails were tried.

    ``at_rest`` tells whether the monitor has nothing else to do. One row that fails, in whatever way, ends no round.
    """
    waiting = list(every(tools.archive, Alert, {"state": "waiting"}))
    due = {row.id for row in outbox.due_now((stored.record for stored in waiting), tools.now(), is_dead)}
    if not due:
        return 0
    try:
        return _Round(tools, waiting, at_rest, time.monotonic() + seconds).run(due)
    finally:
        unbind_contextvars("alert")


class _Round:
    """One round over the outbox, with what it has learnt so far."""

    def __init__(self, tools: Tools, waiting: Sequence[Stored[Alert]], at_rest: Callable[[], bool], end: float) -> None:
        self.tools = tools
        self.archive = tools.archive
        self.waiting = waiting
        self.end = end
        self.tried = 0
        self.accepted = False
        self.stopped = False
        self._at_rest = at_rest
        self._rests: bool | None = None
        self._hasty = True
        """Whether what others wrote within the last second may be overlooked."""
        self._subscriptions: list[Subscription] | None = None

    def run(self, due: set[str]) -> int:
        """Tries the rows of these ids."""
        lines: dict[tuple[str, str], list[Stored[Alert]]] = {}
        for stored in self.waiting:
            if stored.record.id in due and not stored.record.folded_into and (key := self._line(stored)):
                lines.setdefault(key, []).append(stored)
        # Who was refused last comes last: one address that is refused keeps nobody else waiting.
        for (channel, _), rows in sorted(lines.items(), key=lambda line: _patience(line[1])):
            if channel == "mail":
                self._mails(rows)
            else:
                for stored in rows:
                    self._attempt(stored)
        for stored in self.waiting:
            if stored.record.id in due and stored.record.folded_into:
                self._follow(stored)
        return self.tried

    # -------------------------------------------------------------- which
    def _line(self, stored: Stored[Alert]) -> tuple[str, str] | None:
        """Whose turn the row shares, by channel and address; None when it needs none: given up, or put off."""
        row, now = stored.record, self.tools.now()
        if row.attempts >= MOST_ATTEMPTS:
            died = Crashed(f"{row.attempts} attempts, and those that did not fail never came to an end")
            self._cannot_be_written(row, stored.version, died)
            return None
        found = self.archive.get(Subscription, row.subscription)
        if found is None or found.record.stopped:
            self._keep(outbox.suppressed(row, _why_not(found), now), stored.version)
            return None
        if until := timing.quiet_until(found.record, now):
            self._keep(outbox.release(row, until), stored.version)
            return None
        return row.channel, found.record.to.casefold() if row.channel == "mail" else found.record.id

    def _mails(self, rows: Sequence[Stored[Alert]]) -> None:
        """All that is due to one address."""
        leads = {stored.record.folded_into for stored in self.waiting}
        fresh: list[Stored[Alert]] = []
        digests: dict[str, list[Stored[Alert]]] = {}
        for stored in sorted(rows, key=lambda s: (s.record.created, s.record.id)):
            row = stored.record
            rhythm = self._rhythm(row)
            if row.mail:  # it failed before, or its process died
                self._attempt(stored)
            elif row.id in leads:
                self._digest([stored], over=self._limit if rhythm == "immediate" else 0)
            elif rhythm == "immediate":
                fresh.append(stored)
            else:
                digests.setdefault(row.subscription, []).append(stored)
        for together in digests.values():
            self._together(together)
        while fresh and not self._over() and self._told_lately(fresh[0].record) < self._limit:
            self._attempt(fresh.pop(0), limited=True)
            self._hasty = False
        self._hasty = True
        if fresh and not self._over():
            self._surplus(fresh)

    def _together(self, rows: Sequence[Stored[Alert]]) -> None:
        """A subscription's digest; a single alert is mailed as itself."""
        for i in range(0, len(rows), MOST):
            part = rows[i : i + MOST]
            if len(part) == 1:
                self._attempt(part[0])
            else:
                self._digest(part, over=0)

    def _surplus(self, rows: Sequence[Stored[Alert]]) -> None:
        """What is beyond the limit: one digest, when nothing more is to be expected; the next one an hour later."""
        now = self.tools.now()
        self.archive.refresh(Alert, Subscription)
        last = outbox.last_fold(self._rows_of(rows[0].record), now)
        if last is not None:
            for stored in rows:
                why = f"more than {self._limit} mails within an hour: waits for the next digest"
                self._keep(outbox.release(stored.record, last + outbox.HOUR, why), stored.version)
        elif self._resting() or min(stored.record.due for stored in rows) <= now - GATHER:
            self._digest(rows[:MOST], over=self._limit)

    # -------------------------------------------------------------- one mail
    def _attempt(self, stored: Stored[Alert], *, limited: bool = False) -> None:
        """Claims one row, renders and freezes its mail at the first attempt, hands it over, marks it sent. With
        ``limited`` it is put back when other workers have used up the limit of its address at the same time."""
        if self._over(stored.record.channel):
            return
        try:
            row, version = self._claim(stored)
            if limited and self._told_lately(row) > self._limit:
                self._keep(outbox.release(row, row.due), version)
                return
            found = self.archive.get(Subscription, row.subscription)
            if found is None or found.record.stopped:
                self._keep(outbox.suppressed(row, _why_not(found), self.tools.now()), version)
                return
            if not row.mail and row.channel != "feed":
                row = self._rendered(row, found.record)
                version = self.archive.replace(row, version)
        except Conflict:
            return
        except Unavailable:
            raise
        except Exception as error:  # one mail that cannot be written keeps no other one waiting
            self._cannot_be_written(row, version, error)
            return
        self._hand_over(row, version, found.record)

    def _digest(self, rows: Sequence[Stored[Alert]], *, over: int) -> None:
        """Makes one mail of several rows. The one with the lowest id carries it, so that of two workers one wins."""
        if self._over():
            return
        first, *others = sorted(rows, key=lambda stored: stored.record.id)
        try:
            lead, version = self._claim(first)
        except Conflict:
            return
        members = [stored.record.id for stored in self.waiting if stored.record.folded_into == lead.id]
        for stored in others:
            folded = outbox.fold(stored.record, lead.id)
            if outbox.is_due(stored.record, self.tools.now(), is_dead) and self._keep(folded, stored.version):
                members.append(folded.id)
        try:
            items = [self._item(lead), *filter(None, map(self._member, members))]
            holds = [item.alert.id for item in items[1:]]
            mail = render_digest(
                lead.id,
                items,
                settings=self.tools.settings,
                now=self.tools.now(),
                story_sizes=self._story_sizes(items),
                over=over,
            )
            lead = outbox.freeze(lead, mail.message_id, mail.text_form, holds)
            version = self.archive.replace(lead, version)
        except Conflict:
            return
        except Unavailable:
            raise
        except Exception as error:
            self._cannot_be_written(lead, version, error)
            return
        self._hand_over(lead, version, items[0].subscription)

    def _item(self, row: Alert) -> Item:
        found = self.archive.get(Subscription, row.subscription)
        if found is None or found.record.stopped:
            raise Quarantine(_why_not(found), subject=row.id)
        return Item(row, docket_of(self.archive, row), found.record)

    def _member(self, id: str) -> Item | None:
        """A folded row for its digest; None when it is none any more or cannot be told."""
        stored = self.archive.get(Alert, id)
        if stored is None or stored.record.state != "waiting":
            return None
        try:
            return self._item(stored.record)
        except Unavailable:
            raise
        except Exception as error:
            self._cannot_be_written(stored.record, stored.version, error)
            return None

    def _hand_over(self, row: Alert, version: str, subscription: Subscription) -> None:
        """Hands the frozen mail over and writes down what came of it; folded rows follow."""
        self.tried += 1
        now = self.tools.now
        try:
            self._send(row, subscription)
        except NotYet:  # we are asked to stop: nobody has failed
            done = outbox.release(row, row.due)
        except PipelineError as error:
            done = self._failed(row, subscription, error)
        except Exception as error:
            log.exception("alert %s: the way out failed unexpectedly", row.id)
            done = self._failed(row, subscription, Retry(f"{type(error).__name__}: {error}"))
        else:
            done = outbox.sent(row, now())
            self._measure(row)
            self.accepted = self.accepted or row.channel == "mail"
            self.tools.tally.add("alert", 1 + len(row.holds))
        self._keep(done, version)
        for name in row.holds:
            if member := self.archive.get(Alert, name):
                self._follow(member)

    def _measure(self, row: Alert) -> None:
        """How long after the first report of its action the alert went out."""
        with suppress(PipelineError):  # it went out; a docket that was forgotten or is away meanwhile matters little
            actions = notices.measure_of(docket_of(self.archive, row), row.measure).actions
            since = next((action.first_reported for action in actions if action.id == row.action), row.created)
            self.tools.tally.told(row.kind, self.tools.now() - since)

    def _send(self, row: Alert, subscription: Subscription) -> None:
        match row.channel:
            case "mail":
                sender = envelope_sender(row.id, self.tools.settings)
                self.tools.transport.send(row.mail.encode("ascii"), sender, subscription.to)
            case "webhook" | "slack":
                key = hooks.signing_key(self.tools.settings.secret_key, subscription)
                body = row.mail.encode("ascii")
                headers = hooks.headers(body, key, id=row.id, now=self.tools.now())
                hooks.judge(self.tools.fetcher.post(subscription.to, body, headers=headers))
            case "feed":
                pass  # it is read from the rows

    def _failed(self, row: Alert, subscription: Subscription, error: PipelineError) -> Alert:
        log.warning("alert %s to %s: %s: %s", row.id, subscription.id, type(error).__name__, error.reason)
        if isinstance(error, outbox.AddressRefused):
            stop_address(self.archive, subscription.to, error.reason, now=self.tools.now())
        if isinstance(error, outbox.Stopped) and not self.accepted:
            self.stopped = True
            log.error("mail is stopped until an operator acts: %s", error.reason)
        return outbox.failed(row, error, self.tools.now(), self.tools.rng, others_pass=self.accepted)

    def _follow(self, stored: Stored[Alert]) -> None:
        lead = self.archive.get(Alert, stored.record.folded_into)
        followed = outbox.follow(stored.record, lead.record if lead else None)
        if followed != stored.record:
            self._keep(followed, stored.version)

    # -------------------------------------------------------------- writing mails
    def _rendered(self, row: Alert, subscription: Subscription) -> Alert:
        docket = docket_of(self.archive, row)
        sizes = self._story_sizes([Item(row, docket, subscription)])
        settings, now = self.tools.settings, self.tools.now()
        if row.channel != "mail":
            facts = facts_of(row, docket, subscription, settings=settings, story_sizes=sizes)
            return outbox.freeze(row, row.id, hooks.body(row, docket, facts))
        where = {"measure": row.measure, "subscription": subscription.id, "state": "sent"}
        before = sorted(every(self.archive, Alert, where), key=lambda s: s.record.sent or s.record.created)
        thread = [stored.record.message_id for stored in before]
        mail = render(row, docket, subscription, settings=settings, now=now, story_sizes=sizes, thread=thread)
        return outbox.freeze(row, mail.message_id, mail.text_form)

    def _story_sizes(self, items: Iterable[Item]) -> dict[str, int]:
        stories = {
            evidence.story
            for item in items
            for action in notices.measure_of(item.docket, item.alert.measure).actions
            for evidence in action.evidence
        }
        return {story: self.archive.count(Article, {"story": story}) for story in stories}

    def _cannot_be_written(self, row: Alert, version: str, error: Exception) -> None:
        log.exception("alert %s cannot be rendered", row.id, exc_info=error)
        kept = unexpected(error)
        quarantine(self.tools, "alert", row.id, "", "render", kept)
        self._keep(outbox.suppressed(row, kept.reason, self.tools.now()), version)

    # -------------------------------------------------------------- what a round knows
    @property
    def _limit(self) -> int:
        return self.tools.settings.mail_per_hour

    def _over(self, channel: str = "mail") -> bool:
        """Whether nothing more is to be tried: the server refuses us, we are asked to stop, or the time is up."""
        refused = self.stopped and channel == "mail"
        return refused or self.tools.stopping.is_set() or time.monotonic() >= self.end

    def _rhythm(self, row: Alert) -> str:
        found = self.archive.get(Subscription, row.subscription)
        return found.record.rhythm if found else "immediate"

    def _told_lately(self, row: Alert) -> int:
        """How many mails went to the row's address within this hour, or are under way, its own included.

        The archive is made to show the last second's writes only where that may matter: not for the one mail that a
        new measure means to each of a thousand addresses.
        """
        told = outbox.mails_within(self._rows_of(row), self.tools.now(), is_dead)
        if self._hasty and 2 * told < self._limit:
            return told
        self.archive.refresh(Alert, Subscription)
        return outbox.mails_within(self._rows_of(row), self.tools.now(), is_dead)

    def _rows_of(self, row: Alert) -> list[Alert]:
        """The rows of late of all subscriptions of a row's address."""
        if self._subscriptions is None:
            self._subscriptions = [stored.record for stored in every(self.archive, Subscription)]
        own = next((one for one in self._subscriptions if one.id == row.subscription), None)
        same = [one.id for one in self._subscriptions if own and same_address(one, own.to)]
        since = self.tools.now() - REMEMBERED
        return [
            stored.record for one in same for stored in every(self.archive, Alert, {"subscription": one}, since=since)
        ]

    def _resting(self) -> bool:
        if self._rests is None:
            self._rests = self._at_rest()
        return self._rests

    # -------------------------------------------------------------- writing rows
    def _claim(self, stored: Stored[Alert]) -> tuple[Alert, str]:
        """Raises ``Conflict`` when somebody else has the row."""
        bind_contextvars(alert=stored.record.id)
        lease = self.tools.settings.mail_claim
        row = outbox.claim(stored.record, self.tools.now(), by=own_name(), lease=lease, dead=is_dead)
        return row, self.archive.replace(row, stored.version)

    def _keep(self, row: Alert, version: str) -> bool:
        return try_replace(self.tools, row, version)


def _why_not(found: Stored[Subscription] | None) -> str:
    if found is None:
        return "the subscription was removed"
    since: datetime | None = found.record.stopped_at
    return f"nothing goes to this address{f' since {since:%Y-%m-%d}' if since else ''}: {found.record.stopped}"


def _patience(rows: Iterable[Stored[Alert]]) -> tuple[bool, datetime]:
    records = [stored.record for stored in rows]
    return any(map(outbox.was_refused, records)), min(record.created for record in records)
