"""When an alert may go out: at once, with the next digest, or when the subscriber's quiet hours are over.

Pure. All clock times are the subscriber's own, in an IANA zone, so that 07:00 stays 07:00 when summer time begins; a
time that a change of clocks skips is taken an hour later.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pipeline.errors import UserError
from pipeline.model import Subscription

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


def due(subscription: Subscription, now: datetime) -> datetime:
    """When an alert that is owed since ``now`` (UTC) may go out first (UTC)."""
    local = now.astimezone(ZoneInfo(subscription.zone))
    match subscription.rhythm:
        case "immediate":
            return quiet_until(subscription, now) or now
        case "hourly":
            slot = local.replace(minute=0, second=0, microsecond=0, fold=0).astimezone(UTC) + timedelta(hours=1)
            while slot <= now:  # the hour that comes twice
                slot += timedelta(hours=1)
        case "daily":
            slot = _next(local, subscription.at, 0)
        case "weekly":
            slot = _next(local, subscription.at, 1 + (subscription.weekday - local.weekday()) % 7)
    return quiet_until(subscription, slot) or slot


def quiet_until(subscription: Subscription, now: datetime) -> datetime | None:
    """The end (UTC) of the quiet hours that ``now`` (UTC) lies in; None when it lies in none."""
    if not subscription.quiet:
        return None
    start, end = (_clock(part) for part in subscription.quiet.split("-"))
    local = now.astimezone(ZoneInfo(subscription.zone))
    here = local.time().replace(fold=0)
    quiet = start <= here < end if start < end else here >= start or here < end
    return _next(local, f"{end:%H:%M}", 0) if quiet else None


def clock(text: str) -> str:
    """A time of day as ``HH:MM``. Raises ``UserError``."""
    match = _TIME.fullmatch(text.strip())
    if match is None:
        raise UserError(f"a time of day is written 07:30, not {text!r}")
    return f"{int(match[1]):02}:{match[2]}"


def quiet_hours(text: str) -> str:
    """Quiet hours as ``HH:MM-HH:MM``; '' for none. Raises ``UserError``."""
    if not text.strip():
        return ""
    start, dash, end = text.partition("-")
    if not dash or clock(start) == clock(end):
        raise UserError(f"quiet hours are written 22:00-07:00, not {text!r}")
    return f"{clock(start)}-{clock(end)}"


def zone(name: str) -> str:
    """An IANA name of a time zone. Raises ``UserError``."""
    try:
        ZoneInfo(name)
    except (ValueError, LookupError, OSError):  # no such zone, no name of one, a folder of them
        raise UserError(f"{name!r} is no time zone; write one such as America/Los_Angeles") from None
    return name


def in_words(subscription: Subscription) -> str:
    """The rhythm for a reader: ``daily at 07:00 (America/Chicago)``; '' for what comes at once."""
    match subscription.rhythm:
        case "immediate":
            when = ""
        case "hourly":
            when = "every hour"
        case "daily":
            when = f"daily at {subscription.at}"
        case "weekly":
            when = f"every {WEEKDAYS[subscription.weekday].capitalize()} at {subscription.at}"
    quiet = f"quiet from {subscription.quiet.replace('-', ' to ')}" if subscription.quiet else ""
    told = ", ".join(filter(None, (when, quiet)))
    return f"{told} ({subscription.zone})" if told else ""


def _next(local: datetime, at: str, days: int) -> datetime:
    """The first instant (UTC) after ``local`` that shows ``at`` on a local clock: of any day when ``days`` is 0, else
    ``days`` - 1 days from today or a week later."""
    day = local.date() + timedelta(days=max(days - 1, 0))
    while True:
        # Compared in UTC: Python compares two local times of one zone by their faces.
        found = datetime.combine(day, _clock(at), local.tzinfo).astimezone(UTC)
        if found > local.astimezone(UTC):
            return found
        day += timedelta(days=7 if days else 1)


def _clock(text: str) -> time:
    hours, minutes = text.split(":")
    return time(int(hours), int(minutes))
