"""What becomes of a row of the outbox: claimed, sent, tried again later, or given up with a reason.

Pure: every function takes a row and returns the next one; the flow writes it by compare-and-set. A claim that ran out
(its worker died between acceptance and the mark) may be taken again: the frozen mail goes out under the same
Message-ID, so the far end can tell it is the same.

    waiting ──claim──▶ waiting, claimed ──sent──▶ sent
       ▲                   │     └──failed for good, or for 48 h──▶ suppressed
       └──failed for now───┘
"""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta

from pipeline.errors import Conflict, PipelineError, Retry
from pipeline.model import Alert

CLAIM = timedelta(minutes=5)
"""How long one attempt may take: longer than the transport's own time limits together."""
PAUSES = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 120, 240, 480, 720, 1200))
"""Between attempts: 47 hours and 21 minutes together. A greylisting server wants minutes, a broken one a day."""
STOPPED = timedelta(minutes=15)
"""Between attempts while our own server refuses us: an operator has to act, and nothing is given up meanwhile."""
JITTER = 0.1
LONGEST_REASON = 500


class Stopped(Retry):
    """Mail cannot go out at all until an operator acts: authentication, policy, TLS or a refused sender."""


def is_due(row: Alert, now: datetime) -> bool:
    """Whether a row waits, its time has come, and nobody holds a claim on it."""
    return row.state == "waiting" and row.due <= now and (row.claimed_until is None or row.claimed_until <= now)


def claim(row: Alert, now: datetime) -> Alert:
    """The row as claimed for one attempt. Raises ``Conflict`` when it is not due or somebody holds it."""
    if not is_due(row, now):
        raise Conflict("the alert is not due", subject=row.id)
    return replace(row, claimed_until=now + CLAIM, attempts=row.attempts + 1)


def freeze(row: Alert, message_id: str, mail: str) -> Alert:
    """The row with its mail as rendered at the first attempt; one that has a mail keeps it."""
    return row if row.mail else replace(row, message_id=message_id, mail=mail)


def sent(row: Alert, now: datetime) -> Alert:
    """The row once the mail server accepted its mail."""
    return replace(row, state="sent", sent=now, reason="", claimed_until=None)


def suppressed(row: Alert, reason: str, now: datetime) -> Alert:
    """The row given up for good; ``due`` keeps when."""
    return replace(row, state="suppressed", reason=_short(reason), due=now, claimed_until=None)


def failed(row: Alert, error: PipelineError, now: datetime, rng: random.Random) -> Alert:
    """The row after an attempt that failed.

    ``Retry`` waits, longer each time, and is given up after 48 hours; ``Stopped`` waits as long as it takes and
    does not count as an attempt; anything else is given up at once.
    """
    if not isinstance(error, Retry):
        return suppressed(row, error.reason, now)
    if isinstance(error, Stopped):
        pause, attempts, reason = STOPPED, row.attempts - 1, f"the mail server refuses us: {error.reason}"
    elif row.attempts > len(PAUSES):
        return suppressed(row, f"given up after {row.attempts} attempts in 48 hours: {error.reason}", now)
    else:
        pause, attempts, reason = PAUSES[max(row.attempts, 1) - 1], row.attempts, error.reason
    wait = max(pause * rng.uniform(1.0 - JITTER, 1.0 + JITTER), timedelta(seconds=error.after))
    return replace(row, due=now + wait, attempts=max(attempts, 0), reason=_short(reason), claimed_until=None)


def _short(reason: str) -> str:
    plain = " ".join(reason.split())
    return plain if len(plain) <= LONGEST_REASON else plain[: LONGEST_REASON - 1] + "…"
