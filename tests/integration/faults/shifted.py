"""The program with a clock that jumps: ``python -m tests.integration.faults.shifted SECONDS worker --queues alert``.

Its clock is so many seconds ahead from the start; ``FORWARD`` puts it an hour forward, ``BACK``
an hour back. What reads the
time of day in this process is shifted: our own clock, where the tools and the heartbeat get it, and ``time.time``,
by which the broker's transport and Celery tell. What is measured with the monotonic clock is not, as on a machine.
"""

from __future__ import annotations

import signal
import sys
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from types import FrameType

FORWARD, BACK = signal.SIGRTMIN + 1, signal.SIGRTMIN + 2
"""Signals: Celery takes those that are meant for users."""
_HOUR = 3600.0
_real = time.time
_ahead = 0.0


def _shifted() -> float:
    return _real() + _ahead


if __name__ == "__main__":
    time.time = _shifted  # before anybody imports it

from cli.main import main  # noqa: E402
from pipeline.tools import open_tools  # noqa: E402
from workers import beat, worker  # noqa: E402
from workers.health import Watch  # noqa: E402


def now() -> datetime:
    """The time of day as this process is to see it."""
    return datetime.now(UTC) + timedelta(seconds=_ahead)


def _jump(number: int, _frame: FrameType | None) -> None:
    global _ahead
    _ahead += _HOUR if number == FORWARD else -_HOUR


if __name__ == "__main__":
    _ahead = float(sys.argv.pop(1))
    for number in (FORWARD, BACK):
        signal.signal(number, _jump)
    # The names by which these modules call them.
    vars(worker)["open_tools"] = partial(open_tools, now=now)
    vars(worker)["Watch"] = partial(Watch, now=now)
    vars(beat)["Watch"] = partial(Watch, now=now)
    main()
