"""Dates as far as known: an action's day, month or year, or only when somebody first told it.

All comparisons are between spans of days, so that "in April 2026" and "on Tuesday" can be one action.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta

TOLD_WITHIN = timedelta(days=10)
"""An undated action is taken to have happened at most so long before the report that first told it."""


@dataclass(frozen=True, slots=True)
class Span:
    """The days on which something may have happened, both included."""

    first: date
    last: date
    day: bool = False
    """Known to the day, from the text."""

    def gap(self, other: Span) -> int:
        """Days between the two; 0 when they overlap."""
        return max((other.first - self.last).days, (self.first - other.last).days, 0)


def span_of(text: str, reported: datetime | None, first_seen: datetime) -> Span:
    """The span of an action.

    ``text`` is its date as ``YYYY[-MM[-DD]]`` or ''; without one the report's publication bounds it, and without
    that only ``first_seen``: the action then may be of any age.
    """
    if len(text) == 10:
        day = date.fromisoformat(text)
        return Span(day, day, day=True)
    if len(text) == 7:
        year, month = int(text[:4]), int(text[5:])
        return Span(date(year, month, 1), date(year, month, monthrange(year, month)[1]))
    if text:
        return Span(date(int(text), 1, 1), date(int(text), 12, 31))
    if reported is None:
        return Span(date.min, first_seen.date())
    return Span(reported.date() - TOLD_WITHIN, reported.date())


def merge_dates(one: str, other: str) -> str:
    """One date of two that tell the same action.

    The more exact one; of two as exact the earlier, since re-published copies move "Tuesday" forward, never back.
    """
    if len(one) != len(other):
        return max(one, other, key=len)
    return min(one, other)


def days_old(text: str, first_reported: datetime, now: datetime) -> int:
    """Age of an action in days: after its date, else after the earliest report.

    An imprecise date ends no later than the report that told it: "in 2026", told in March, is March.
    """
    told = first_reported.date()
    happened = min(span_of(text, first_reported, first_reported).last, told) if text else told
    return (now.date() - happened).days
