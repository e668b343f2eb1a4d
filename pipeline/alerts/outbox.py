"""What becomes of a row of the outbox: claimed, sent, folded into a digest, tried again, or given up for a reason.

Pure: every function takes a row and returns the next one; the shell writes it by compare-and-set. A claim that ran out,
or whose process has died (between acceptance and the mark), may be taken again: the frozen mail goes out under the
same Message-ID, so the far end can tell it is the same.

    waiting ──claim──▶ waiting, claimed ──sent──▶ sent
       ▲                   │     └──failed for good, or for 48 h──▶ suppressed
       ├──failed for now───┘
       └──folded──▶ waiting, folded into another row ──follow──▶ whatever became of that one

A digest is a row whose frozen mail tells other rows too (``holds``). Those name it (``folded_into``) before it is
rendered, and go nowhere by themselves from then on: whatever dies in between, none is told twice.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from pipeline.errors import Conflict, Discard, PipelineError, Retry
from pipeline.model import Alert

PAUSES = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 120, 240, 480, 720, 1200))
"""Between attempts: 47 hours and 21 minutes together. A greylisting server wants minutes, a broken one a day."""
STOPPED = timedelta(minutes=15)
"""Between attempts while our own server refuses us: an operator has to act, and nothing is given up meanwhile."""
HOUR = timedelta(hours=1)
"""The span of the limit of mails to one address."""
LATE = timedelta(hours=2)
"""A row that is due for longer is handed over by nobody."""
JITTER = 0.1
STOPPED_MOST = STOPPED * (1 + JITTER)
"""A row that stops its channel is due again within so long."""
LONGEST_REASON = 500
_REFUSED = "the mail server refuses us: "

CLAIM = timedelta(minutes=5)
"""How long one attempt may take, where settings do not say otherwise: longer than the transport's own time limits
together."""

Dead = Callable[[str], bool]
"""Whether a process is known to be gone (``pipeline/processes.py``)."""


def nobody(name: str) -> bool:
    """No process is known to be gone."""
    return False


class Stopped(Retry):
    """Mail cannot go out at all until an operator acts: authentication, policy, TLS or a refused sender."""


class AddressRefused(Discard):
    """The far end refused this address for good: whatever goes there later will be refused too."""


def is_due(row: Alert, now: datetime, dead: Dead = nobody) -> bool:
    """Whether a row waits, its time has come, and nobody holds a claim on it."""
    return row.state == "waiting" and row.due <= now and not is_claimed(row, now, dead)


def is_claimed(row: Alert, now: datetime, dead: Dead = nobody) -> bool:
    """Whether somebody may be handing the row over just now."""
    return row.claimed_until is not None and row.claimed_until > now and not dead(row.claimed_by)


def is_late(row: Alert, now: datetime) -> bool:
    """Whether a waiting row is long past its time: not tried, or tried in vain for more than an hour."""
    return row.state == "waiting" and (row.due <= now - LATE or row.attempts > 4 or was_refused(row))


def due_now(waiting: Iterable[Alert], now: datetime, dead: Dead = nobody) -> list[Alert]:
    """The rows that may be tried now: those that are due, of channels that are not stopped."""
    rows = list(waiting)
    shut = {row.channel for row in rows if row.stopped and row.due > now}
    return [row for row in rows if row.channel not in shut and is_due(row, now, dead)]


def claim(row: Alert, now: datetime, *, by: str = "", lease: timedelta = CLAIM, dead: Dead = nobody) -> Alert:
    """The row as claimed for one attempt by a process. Raises ``Conflict`` when it is not due or somebody holds it."""
    if not is_due(row, now, dead):
        raise Conflict("the alert is not due", subject=row.id)
    # Due now, however long ago it was first: whoever counts the mails of the last hour finds it by that.
    return replace(row, due=now, claimed_until=now + lease, claimed_by=by, attempts=row.attempts + 1)


def release(row: Alert, due: datetime, reason: str = "") -> Alert:
    """The row put back until ``due`` without an attempt; a claim had counted one. It keeps no channel stopped: why it
    waits is its own affair."""
    attempts = row.attempts - 1 if row.claimed_until else row.attempts
    return _free(replace(row, due=due, reason=reason or row.reason, attempts=max(attempts, 0), stopped=False))


def freeze(row: Alert, message_id: str, mail: str, holds: Sequence[str] = ()) -> Alert:
    """The row with its mail as rendered at the first attempt; one that has a mail keeps it."""
    return row if row.mail else replace(row, message_id=message_id, mail=mail, holds=tuple(holds))


def fold(row: Alert, into: str) -> Alert:
    """The row as one that another row's digest tells."""
    return _free(replace(row, folded_into=into))


def follow(row: Alert, lead: Alert | None) -> Alert:
    """A folded row after its digest: sent, given up or waiting with it; by itself again when the digest does not tell
    it, because it was frozen without it or is gone."""
    if lead is None or ((lead.mail or lead.state != "waiting") and row.id not in lead.holds):
        return replace(row, folded_into="")
    if lead.state == "waiting":
        return replace(row, due=max(row.due, lead.due), reason=lead.reason)
    return replace(row, state=lead.state, message_id=lead.message_id, sent=lead.sent, reason=lead.reason)


def sent(row: Alert, now: datetime) -> Alert:
    """The row once the mail server accepted its mail, which is kept no longer."""
    return _free(replace(row, state="sent", sent=now, reason="", mail="", stopped=False))


def suppressed(row: Alert, reason: str, now: datetime) -> Alert:
    """The row given up for good; ``due`` keeps when."""
    return _free(replace(row, state="suppressed", reason=_short(reason), due=now, mail="", stopped=False))


def failed(row: Alert, error: PipelineError, now: datetime, rng: random.Random, *, others_pass: bool = False) -> Alert:
    """The row after an attempt that failed.

    ``Retry`` waits, longer each time, and is given up after 48 hours; ``Stopped`` waits as long as it takes, does not
    count as an attempt, and keeps all others waiting too, unless the same server has just taken their mails
    (``others_pass``). Anything else is given up at once.
    """
    if not isinstance(error, Retry):
        return suppressed(row, error.reason, now)
    stopped = False
    if isinstance(error, Stopped):
        pause, attempts, reason = STOPPED, row.attempts - 1, _REFUSED + error.reason
        stopped = not others_pass
    elif row.attempts > len(PAUSES):
        return suppressed(row, f"given up after {row.attempts} attempts in 48 hours: {error.reason}", now)
    else:
        pause, attempts, reason = PAUSES[max(row.attempts, 1) - 1], row.attempts, error.reason
    wait = max(pause * rng.uniform(1.0 - JITTER, 1.0 + JITTER), timedelta(seconds=error.after))
    return _free(replace(row, due=now + wait, attempts=max(attempts, 0), reason=_short(reason), stopped=stopped))


def was_refused(row: Alert) -> bool:
    """Whether the row's last attempt ended as a refusal of us."""
    return row.reason.startswith(_REFUSED)


def mails_within(rows: Sequence[Alert], now: datetime, dead: Dead = nobody) -> int:
    """How many mails the rows of one address were told by within the last hour; a digest is one mail. Those under way
    count: claimed by somebody, or frozen and to be tried again."""
    told = {row.message_id for row in rows if row.sent is not None and row.sent > now - HOUR}
    return len(told) + sum(row.state == "waiting" and (bool(row.mail) or is_claimed(row, now, dead)) for row in rows)


def last_fold(rows: Iterable[Alert], now: datetime) -> datetime | None:
    """When the last digest of the rows of one address went out, if within the last hour; now, while one waits."""
    moments = (row.sent or now for row in rows if row.holds and row.state != "suppressed")
    return max((moment for moment in moments if moment > now - HOUR), default=None)


def _free(row: Alert) -> Alert:
    return replace(row, claimed_until=None, claimed_by="")


def _short(reason: str) -> str:
    plain = " ".join(reason.split())
    return plain if len(plain) <= LONGEST_REASON else plain[: LONGEST_REASON - 1] + "…"
