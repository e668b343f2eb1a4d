"""From a notice to a mail that was accepted: the rows that a docket owes, and the rounds that hand them over.

A round takes the rows that are due, address by address. What was frozen at an earlier attempt goes out as it is. Of the
rest, as many go out by themselves as the limit of mails an hour leaves room for; what is beyond is gathered until the
monitor has nothing else to do, and goes out as one digest. ``pipeline/handing.py`` does it, a row at a time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from structlog.contextvars import unbind_contextvars

from pipeline.alerts import lasting, notices, outbox, timing
from pipeline.alerts.digest import MOST
from pipeline.alerts.tokens import recipient_hash
from pipeline.archive.base import Stored, every
from pipeline.errors import Crashed, Quarantine
from pipeline.handing import Hands, why_not
from pipeline.ledger import try_replace
from pipeline.model import Alert, Docket, Subscription
from pipeline.processes import is_dead
from pipeline.subscribing import Searched, same_address
from pipeline.survival import MAX_DEATHS
from pipeline.tools import Tools

MOST_ATTEMPTS = len(outbox.PAUSES) + MAX_DEATHS
"""An attempt that fails is counted, and so is one in which the worker dies; but only so many may fail."""
GATHER = timedelta(minutes=5)
"""What is beyond the limit waits at most so long for more of its kind."""
LATELY = timedelta(minutes=10)
"""A notice that is being told was opened within so long: a sweep takes up what was interrupted."""


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
        subscriptions = [_begun(tools, other) for other in every(tools.archive, Subscription)]
        searched = Searched(tools.archive, stored.record)
        addresses = {one.id: one.to for one in subscriptions}
        rows = [
            replace(row, recipient=recipient_hash(tools.settings.secret_key, addresses[row.subscription]))
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


def _begun(tools: Tools, stored: Stored[Subscription]) -> Subscription:
    """A subscription as it stands. One that begins in the future has begun, and the clock was put back since: what is
    noticed from now on is news to it, and not only once the clock has caught up."""
    now = tools.now()
    if stored.record.created <= now:
        return stored.record
    begun = replace(stored.record, created=now - LATELY)
    try_replace(tools, begun, stored.version)
    return begun


# ------------------------------------------------------------------ rounds
def has_due(tools: Tools) -> bool:
    """Whether a round would find anything to try."""
    return bool(_due(tools, _past(tools)))


def deliver_due(tools: Tools, *, at_rest: Callable[[], bool], seconds: float = 45.0) -> int:
    """One round, for so long: sends what waits in the outbox and is due. Returns how many mails were tried.

    ``at_rest`` tells whether the monitor has nothing else to do. One row that fails, in whatever way, ends no round.
    """
    past = _past(tools)
    due = _due(tools, past)
    if not due:
        return 0
    try:
        with lasting(tools.transport) as way:
            hands = Hands(tools, way, time.monotonic() + seconds)
            _Round(tools, hands, past, at_rest).run(due)
            return hands.tried
    finally:
        unbind_contextvars("alert")


def _past(tools: Tools) -> list[Stored[Alert]]:
    """The rows that wait although their time has come; what is due later, however much, is not read."""
    return list(every(tools.archive, Alert, {"state": "waiting"}, until=tools.now()))


def _due(tools: Tools, past: Sequence[Stored[Alert]]) -> set[str]:
    """The ids of those that may be tried now."""
    if not past:
        return set()
    now = tools.now()
    # A channel is stopped by a row whose next attempt lies ahead.
    ahead = every(tools.archive, Alert, {"state": "waiting"}, since=now, until=now + outbox.STOPPED_MOST)
    return {row.id for row in outbox.due_now((stored.record for stored in (*past, *ahead)), now, is_dead)}


class _Round:
    """One round over the outbox: which rows go out, and in which mails."""

    def __init__(self, tools: Tools, hands: Hands, past: Sequence[Stored[Alert]], at_rest: Callable[[], bool]) -> None:
        self._tools = tools
        self._archive = tools.archive
        self._hands = hands
        self._past = past
        self._limit = tools.settings.mail_per_hour
        self._at_rest = at_rest
        self._rests: bool | None = None
        self._asked: dict[str, Stored[Subscription] | None] = {}
        self._subscriptions: list[Subscription] | None = None

    def run(self, due: set[str]) -> None:
        """Tries the rows of these ids."""
        lines: dict[tuple[str, str], list[Stored[Alert]]] = {}
        for stored in self._past:
            if stored.record.id in due and not stored.record.folded_into and (key := self._line(stored)):
                lines.setdefault(key, []).append(stored)
        # Who was refused last comes last: one address that is refused keeps nobody else waiting.
        for (channel, _), rows in sorted(lines.items(), key=lambda line: _patience(line[1])):
            if channel == "mail":
                self._mails(rows)
            else:
                for stored in rows:
                    self._hands.attempt(stored)
        for stored in self._past:
            if stored.record.id in due and stored.record.folded_into:
                self._hands.follow(stored)

    # -------------------------------------------------------------- which
    def _line(self, stored: Stored[Alert]) -> tuple[str, str] | None:
        """Whose turn the row shares, by channel and address; None when it needs none: given up, or put off."""
        row, now = stored.record, self._tools.now()
        if row.attempts >= MOST_ATTEMPTS:
            died = Crashed(f"{row.attempts} attempts, and those that did not fail never came to an end")
            self._hands.cannot_be_written(row, stored.version, died)
            return None
        found = self._subscription(row)
        if found is None or found.record.stopped:
            self._hands.keep(outbox.suppressed(row, why_not(found), now), stored.version)
            return None
        if until := timing.quiet_until(found.record, now):
            self._hands.keep(outbox.release(row, until), stored.version)
            return None
        return row.channel, found.record.to.casefold() if row.channel == "mail" else found.record.id

    def _mails(self, rows: Sequence[Stored[Alert]]) -> None:
        """All that is due to one address."""
        leads = {stored.record.folded_into for stored in self._past}
        fresh: list[Stored[Alert]] = []
        digests: dict[str, list[Stored[Alert]]] = {}
        for stored in sorted(rows, key=lambda s: (s.record.created, s.record.id)):
            row = stored.record
            found = self._subscription(row)
            rhythm = found.record.rhythm if found else "immediate"
            if row.mail:  # it failed before, or its process died
                self._hands.attempt(stored)
            elif row.id in leads:
                self._hands.digest([stored], self._past, over=self._limit if rhythm == "immediate" else 0)
            elif rhythm == "immediate":
                fresh.append(stored)
            else:
                digests.setdefault(row.subscription, []).append(stored)
        for together in digests.values():
            self._together(together)
        if fresh and not self._hands.over():
            fresh = self._one_by_one(fresh)
        if fresh and not self._hands.over():
            self._surplus(fresh)

    def _together(self, rows: Sequence[Stored[Alert]]) -> None:
        """A subscription's digest; a single alert is mailed as itself."""
        for i in range(0, len(rows), MOST):
            part = rows[i : i + MOST]
            if len(part) == 1:
                self._hands.attempt(part[0])
            else:
                self._hands.digest(part, (), over=0)

    def _one_by_one(self, rows: Sequence[Stored[Alert]]) -> list[Stored[Alert]]:
        """A mail for each row, as far as the limit of its address reaches; returns those beyond it.

        What went to the address is counted once, and anew after each claim: others may have claimed at the same time.
        The archive is made to show the last second's writes only where that may matter: not for the one mail that a new
        measure means to each of a thousand addresses.
        """
        left = list(rows)
        told, first = self._told_lately(rows[0].record), rows[0].record.id

        def has_room(claimed: Alert) -> bool:
            nonlocal told
            if claimed.id != first or 2 * told >= self._limit:
                self._archive.refresh(Alert)
            told = self._told_lately(claimed)
            return told <= self._limit

        while left and told < self._limit and not self._hands.over():
            self._hands.attempt(left.pop(0), has_room)
        return left

    def _surplus(self, rows: Sequence[Stored[Alert]]) -> None:
        """What is beyond the limit: one digest, when nothing more is to be expected; the next one an hour later."""
        now = self._tools.now()
        self._archive.refresh(Alert)
        last = outbox.last_fold(self._lately(rows[0].record), now)
        if last is not None:
            for stored in rows:
                why = f"more than {self._limit} mails within an hour: waits for the next digest"
                self._hands.keep(outbox.release(stored.record, last + outbox.HOUR, why), stored.version)
        elif self._resting() or min(stored.record.due for stored in rows) <= now - GATHER:
            self._hands.digest(rows[:MOST], (), over=self._limit)

    # -------------------------------------------------------------- what a round knows
    def _subscription(self, row: Alert) -> Stored[Subscription] | None:
        """The row's subscription as it was when this round first saw it."""
        if row.subscription not in self._asked:
            self._asked[row.subscription] = self._archive.get(Subscription, row.subscription)
        return self._asked[row.subscription]

    def _told_lately(self, row: Alert) -> int:
        """How many mails went to the row's address within this hour, or are under way, its own included."""
        return outbox.mails_within(self._lately(row), self._tools.now(), is_dead)

    def _lately(self, row: Alert) -> list[Alert]:
        """The rows of all subscriptions of a row's address that were sent, tried or due within this hour, or are due
        later."""
        if self._subscriptions is None:
            self._subscriptions = [stored.record for stored in every(self._archive, Subscription)]
        own = next((one for one in self._subscriptions if one.id == row.subscription), None)
        same = [one.id for one in self._subscriptions if own and same_address(one, own.to)]
        since = self._tools.now() - outbox.HOUR
        return [
            stored.record for one in same for stored in every(self._archive, Alert, {"subscription": one}, since=since)
        ]

    def _resting(self) -> bool:
        if self._rests is None:
            self._rests = self._at_rest()
        return self._rests


def _patience(rows: Iterable[Stored[Alert]]) -> tuple[bool, datetime]:
    records = [stored.record for stored in rows]
    return any(map(outbox.was_refused, records)), min(record.created for record in records)
