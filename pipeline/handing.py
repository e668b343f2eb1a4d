"""Handing one mail over: a row is claimed, its mail rendered and frozen, given to the mail server, marked.

Every step is a compare-and-set of one row, so that several workers may do this at once and each may die anywhere: what
was frozen goes out again as it is, under the same Message-ID. A mail that cannot be written keeps no other one waiting.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime

from structlog.contextvars import bind_contextvars

from pipeline.alerts import Transport, hooks, notices, outbox
from pipeline.alerts.bounces import envelope_sender
from pipeline.alerts.digest import Item, render_digest
from pipeline.alerts.render import facts_of, render
from pipeline.archive.base import Stored, every
from pipeline.errors import Conflict, NotYet, PipelineError, Quarantine, Retry, Unavailable
from pipeline.ledger import quarantine, try_replace, unexpected
from pipeline.model import Alert, Article, Subscription
from pipeline.processes import is_dead, own_name
from pipeline.subscribing import stop_address
from pipeline.telling import docket_of
from pipeline.tools import Tools

log = logging.getLogger(__name__)


def anybody(row: Alert) -> bool:
    """Every row may go out."""
    return True


class Hands:
    """Hands rows over, for one round, with what it has learnt of the way out."""

    def __init__(self, tools: Tools, way: Transport, end: float) -> None:
        """``way``: how mails go out. ``end``: by ``time.monotonic``, after which nothing more is tried."""
        self.tried = 0
        """Mails, accepted or not."""
        self._tools = tools
        self._archive = tools.archive
        self._way = way
        self._end = end
        self._accepted = False
        self._stopped = False

    def over(self, channel: str = "mail") -> bool:
        """Whether nothing more is to be tried: the server refuses us, we are asked to stop, or the time is up."""
        refused = self._stopped and channel == "mail"
        return refused or self._tools.stopping.is_set() or time.monotonic() >= self._end

    # -------------------------------------------------------------- one row, or several in one mail
    def attempt(self, stored: Stored[Alert], admits: Callable[[Alert], bool] = anybody) -> None:
        """Claims one row, renders and freezes its mail at the first attempt, hands it over, marks it. ``admits`` is
        asked about the claimed row; one that it does not admit is put back."""
        if self.over(stored.record.channel):
            return
        try:
            row, version = self._claim(stored)
            if not admits(row):
                self.keep(outbox.release(row, stored.record.due), version)
                return
            found = self._archive.get(Subscription, row.subscription)
            if found is None or found.record.stopped:
                self.keep(outbox.suppressed(row, why_not(found), self._tools.now()), version)
                return
            if not row.mail and row.channel != "feed":
                row = self._rendered(row, found.record)
                version = self._archive.replace(row, version)
        except Conflict:
            return
        except Unavailable:
            raise
        except Exception as error:
            self.cannot_be_written(row, version, error)
            return
        self._hand_over(row, version, found.record)

    def digest(self, rows: Sequence[Stored[Alert]], members: Iterable[Stored[Alert]], *, over: int) -> None:
        """Makes one mail of several rows, and of ``members`` that were folded into one of them before. The one with the
        lowest id carries it, so that of two workers one wins. ``over``: see ``render_digest``."""
        if self.over():
            return
        first, *others = sorted(rows, key=lambda stored: stored.record.id)
        try:
            lead, version = self._claim(first)
        except Conflict:
            return
        folded_in = [stored.record.id for stored in members if stored.record.folded_into == lead.id]
        for stored in others:
            folded = outbox.fold(stored.record, lead.id)
            if outbox.is_due(stored.record, self._tools.now(), is_dead) and self.keep(folded, stored.version):
                folded_in.append(folded.id)
        try:
            items = [self._item(lead), *filter(None, map(self._member, folded_in))]
            holds = [item.alert.id for item in items[1:]]
            mail = render_digest(
                lead.id,
                items,
                settings=self._tools.settings,
                now=self._tools.now(),
                story_sizes=self._story_sizes(items),
                over=over,
            )
            lead = outbox.freeze(lead, mail.message_id, mail.text_form, holds)
            version = self._archive.replace(lead, version)
        except Conflict:
            return
        except Unavailable:
            raise
        except Exception as error:
            self.cannot_be_written(lead, version, error)
            return
        self._hand_over(lead, version, items[0].subscription)

    def follow(self, stored: Stored[Alert]) -> None:
        """Writes down of a folded row what became of its digest."""
        lead = self._archive.get(Alert, stored.record.folded_into)
        followed = outbox.follow(stored.record, lead.record if lead else None)
        if followed != stored.record:
            self.keep(followed, stored.version)

    def _hand_over(self, row: Alert, version: str, subscription: Subscription) -> None:
        """Hands the frozen mail over and writes down what came of it; folded rows follow."""
        self.tried += 1
        now = self._tools.now
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
            self._accepted = self._accepted or row.channel == "mail"
            self._tools.tally.add("alert", 1 + len(row.holds))
        self.keep(done, version)
        for name in row.holds:
            if member := self._archive.get(Alert, name):
                self.follow(member)

    def _measure(self, row: Alert) -> None:
        """How long after the first report of its action the alert went out."""
        with suppress(PipelineError):  # it went out; a docket that was forgotten or is away meanwhile matters little
            actions = notices.measure_of(docket_of(self._archive, row), row.measure).actions
            since = next((action.first_reported for action in actions if action.id == row.action), row.created)
            self._tools.tally.told(row.kind, self._tools.now() - since)

    def _send(self, row: Alert, subscription: Subscription) -> None:
        match row.channel:
            case "mail":
                sender = envelope_sender(row.id, self._tools.settings)
                self._way.send(row.mail.encode("ascii"), sender, subscription.to)
            case "webhook" | "slack":
                key = hooks.signing_key(self._tools.settings.secret_key, subscription)
                body = row.mail.encode("ascii")
                headers = hooks.headers(body, key, id=row.id, now=self._tools.now())
                hooks.judge(self._tools.fetcher.post(subscription.to, body, headers=headers))
            case "feed":
                pass  # it is read from the rows

    def _failed(self, row: Alert, subscription: Subscription, error: PipelineError) -> Alert:
        log.warning("alert %s to %s: %s: %s", row.id, subscription.id, type(error).__name__, error.reason)
        if isinstance(error, outbox.AddressRefused):
            stop_address(self._archive, subscription.to, error.reason, now=self._tools.now())
        if isinstance(error, outbox.Stopped) and not self._accepted:
            self._stopped = True
            log.error("mail is stopped until an operator acts: %s", error.reason)
        return outbox.failed(row, error, self._tools.now(), self._tools.rng, others_pass=self._accepted)

    # -------------------------------------------------------------- writing mails
    def _item(self, row: Alert) -> Item:
        found = self._archive.get(Subscription, row.subscription)
        if found is None or found.record.stopped:
            raise Quarantine(why_not(found), subject=row.id)
        return Item(row, docket_of(self._archive, row), found.record)

    def _member(self, id: str) -> Item | None:
        """A folded row for its digest; None when it is none any more or cannot be told."""
        stored = self._archive.get(Alert, id)
        if stored is None or stored.record.state != "waiting":
            return None
        try:
            return self._item(stored.record)
        except Unavailable:
            raise
        except Exception as error:
            self.cannot_be_written(stored.record, stored.version, error)
            return None

    def _rendered(self, row: Alert, subscription: Subscription) -> Alert:
        docket = docket_of(self._archive, row)
        sizes = self._story_sizes([Item(row, docket, subscription)])
        settings, now = self._tools.settings, self._tools.now()
        if row.channel != "mail":
            facts = facts_of(row, docket, subscription, settings=settings, story_sizes=sizes)
            return outbox.freeze(row, row.id, hooks.body(row, docket, facts))
        where = {"measure": row.measure, "subscription": subscription.id}
        told = [stored.record for stored in every(self._archive, Alert, where) if stored.record.state == "sent"]
        thread = [one.message_id for one in sorted(told, key=lambda one: one.sent or one.created)]
        mail = render(row, docket, subscription, settings=settings, now=now, story_sizes=sizes, thread=thread)
        return outbox.freeze(row, mail.message_id, mail.text_form)

    def _story_sizes(self, items: Iterable[Item]) -> dict[str, int]:
        stories = {
            evidence.story
            for item in items
            for action in notices.measure_of(item.docket, item.alert.measure).actions
            for evidence in action.evidence
        }
        return {story: self._archive.count(Article, {"story": story}) for story in stories}

    def cannot_be_written(self, row: Alert, version: str, error: Exception) -> None:
        """Gives a row up, with its error in quarantine."""
        log.exception("alert %s cannot be rendered", row.id, exc_info=error)
        kept = unexpected(error)
        quarantine(self._tools, "alert", row.id, "", "render", kept)
        self.keep(outbox.suppressed(row, kept.reason, self._tools.now()), version)

    # -------------------------------------------------------------- writing rows
    def _claim(self, stored: Stored[Alert]) -> tuple[Alert, str]:
        """Raises ``Conflict`` when somebody else has the row."""
        bind_contextvars(alert=stored.record.id)
        lease = self._tools.settings.mail_claim
        row = outbox.claim(stored.record, self._tools.now(), by=own_name(), lease=lease, dead=is_dead)
        return row, self._archive.replace(row, stored.version)

    def keep(self, row: Alert, version: str) -> bool:
        """Writes a row; False when somebody else has changed it meanwhile."""
        return try_replace(self._tools, row, version)


def why_not(found: Stored[Subscription] | None) -> str:
    """Why nothing goes out to a subscription that was looked for: it is gone, or its address is refused."""
    if found is None:
        return "the subscription was removed"
    since: datetime | None = found.record.stopped_at
    return f"nothing goes to this address{f' since {since:%Y-%m-%d}' if since else ''}: {found.record.stopped}"
