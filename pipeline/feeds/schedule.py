"""When a feed is polled next: pure decisions on a ``FeedNote``.

An alert within minutes of the first report needs frequent polls; a thousand sites need restraint. So every feed finds
its own interval, between 15 minutes and a day, beginning with an hour:

- Two polls in a row, on time, that bring something new halve it; three that bring nothing lengthen it by half. Polls
  that alternate change nothing. It comes to rest where a bit under half of the polls bring something.
- A body half of which is new halves it at once: the feed is about to overflow.
- It never exceeds an hour or a sixteenth of how long the feed has been silent, whichever is more: what a feed publishes
  after a week of silence is found within ten hours, and a feed that fell asleep for the night wakes up quickly.
- A feed's own wish (ttl, Cache-Control) is respected up to three hours.

A feed that fails is asked ever less often, by how lasting its errors look, but never less than a quarter of how long it
has been failing (or six hours), at least once a week, and is never given up: dead feeds do come back.

Randomness is injected. Instants are aware and in UTC.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from math import exp
from random import Random
from typing import Any
from urllib.parse import urlsplit

from pipeline.errors import Discard, PipelineError, Retry, Throttled, TooBig
from pipeline.feeds.note import FeedNote

SHORTEST = timedelta(minutes=15)
START = timedelta(hours=1)
LONGEST = timedelta(days=1)
SILENCE_SHARE = 1 / 16
FLOOR_CAP = timedelta(hours=3)
JITTER = 0.1
"""Spread of the next poll around the interval, so that feeds added together drift apart."""

FORCE_SHARE = 1 / 50
"""Polls without validators although there are some; NewsBlur fetches one in a hundred so, because servers answer 304
to changed feeds."""
FORCE_AFTER = timedelta(days=3)
"""At the latest so long after the last body."""
LIES_CAP = 2
"""So many proven false validators, and they are not sent any more."""

FAILURE_LIMIT = timedelta(days=7)
FAILURE_PATIENCE = timedelta(hours=6)
FAILURE_SHARE = 1 / 4
_HARD, _SOFT, _TEMPORARY = 1.0, 0.5, 0.25
"""Weights of failures, as Media Cloud's rss-fetcher has them: 404, 403 and the like; a body that cannot be read; no
answer. The wait doubles with each whole unit."""

MOVE_AFTER = timedelta(days=7)
MOVE_POLLS = 4
FAR_MOVE_AFTER = timedelta(days=30)
FAR_MOVE_POLLS = 12
"""A move to another site has to stand longer: domains expire and are parked."""

QUIET_LEAST = timedelta(days=7)
QUIET_MOST = timedelta(days=90)
QUIET_TIMES = 8
QUIET_UNKNOWN = timedelta(days=21)
"""Quiet: nothing new for eight times the feed's usual gap, at least a week, at most ninety days; without a known gap
three weeks."""

RATE_KNOWN = timedelta(days=1)
"""Counted for less than that, new items a week are a guess."""
HABIT_KNOWN = timedelta(days=28)
"""Counted for less than that, what is usual says no more than what came lately."""

_WEEK = timedelta(days=7)
_MEMORY = timedelta(days=14)
_LONG_MEMORY = timedelta(days=84)


def request_headers(note: FeedNote, rng: Random) -> dict[str, str]:
    """Conditional headers for the next poll, verbatim as received; none when the body is to be had whatever the server
    thinks: one poll in fifty, when the last body is three days old, or when the validators proved false twice."""
    if not (note.etag or note.last_modified) or note.lies >= LIES_CAP:
        return {}
    stale = note.last_full is None or (note.last_poll is not None and note.last_poll - note.last_full >= FORCE_AFTER)
    if stale or rng.random() < FORCE_SHARE:
        return {}
    headers = {"If-None-Match": note.etag, "If-Modified-Since": note.last_modified}
    return {name: value for name, value in headers.items() if value}


def after_success(
    note: FeedNote,
    *,
    now: datetime,
    new: int,
    total: int,
    etag: str,
    last_modified: str,
    body_hash: str,
    hashes: Sequence[str],
    floor: timedelta | None,
    rng: Random,
    title: str = "",
    newest: datetime | None = None,
) -> tuple[FeedNote, datetime]:
    """A body was read and its unseen items recorded: the note to keep and when to come again.

    ``new`` items of ``total`` were not known before; ``hashes`` are those of the body; ``floor`` is the pause that the
    feed or its server asks for (ttl, Cache-Control: max-age), None when neither does. ``newest`` is the date of the
    newest item: on the first poll it tells how long the feed has been silent already.
    """
    first = note.last_success is None
    false_validators = bool(new) and not first and _same_validators(note, etag, last_modified)
    return _well(
        note,
        now,
        fresh=bool(new),
        overflow=2 * new >= total > 0,
        news_at=min(newest, now) if first and newest else now,
        floor=floor,
        rng=rng,
        etag=etag,
        last_modified=last_modified,
        body_hash=body_hash,
        hashes=_remember(note.hashes, hashes),
        last_full=now,
        lies=note.lies + false_validators,
        title=title or note.title,
        **_counted(note, now, new),
        habit=_habit(note, now) if new and not first else note.habit,
    )


def after_unchanged(
    note: FeedNote,
    *,
    now: datetime,
    rng: Random,
    floor: timedelta | None = None,
    full: bool = False,
    etag: str = "",
    last_modified: str = "",
) -> tuple[FeedNote, datetime]:
    """Nothing has changed: the server said so (304), or sent the same body again (``full``). Validators that came with
    the answer replace the kept ones; those missing from a 304 stay, those missing from a body are gone."""
    return _well(
        note,
        now,
        fresh=False,
        overflow=False,
        floor=floor,
        rng=rng,
        etag=etag if full else etag or note.etag,
        last_modified=last_modified if full else last_modified or note.last_modified,
        last_full=now if full else note.last_full,
        **_counted(note, now, 0),
    )


def after_failure(note: FeedNote, error: PipelineError, *, now: datetime, rng: Random) -> tuple[FeedNote, datetime]:
    """A poll failed: the note to keep and when to try again. A Retry-After is kept, up to a week."""
    weight = note.weight + _weight(error)
    since = note.failing_since or now
    interval = timedelta(seconds=note.interval) if note.interval else START
    limit = min(FAILURE_LIMIT, max(FAILURE_PATIENCE, FAILURE_SHARE * (now - since)))
    wait = min(interval * 2.0 ** min(weight, 16), limit)
    if isinstance(error, Retry):
        wait = max(wait, timedelta(seconds=max(0.0, min(error.after, FAILURE_LIMIT.total_seconds()))))
    # Upwards only, not to come before a Retry-After; far when a whole host told all its feeds to wait.
    wait = min(FAILURE_LIMIT, wait * (1 + rng.random() * (0.5 if isinstance(error, Throttled) else JITTER)))
    due = now + wait
    note = replace(
        note,
        due=due,
        streak=0,
        polls=note.polls + 1,
        failures=note.failures + 1,
        weight=weight,
        failing_since=since,
        error=type(error).__name__,
        reason=error.reason,
        last_poll=now,
    )
    return note, due


def adopt_move(
    note: FeedNote, permanent: str, now: datetime, *, url: str = "", self_url: str = ""
) -> tuple[FeedNote, str]:
    """Whether a feed has moved for good: the note to keep, and the address to adopt ('' as long as there is none).

    To be asked after each poll that gave a readable feed. ``permanent`` is where a chain of permanent redirects
    (301, 308) alone led, '' when there was none; ``url`` is the feed's present address and ``self_url`` the one the
    body gives as its own. A move is adopted after it stood for a week and four polls; to another site after thirty
    days and twelve polls, unless the feed itself names the new address. Any other answer in between starts the watch
    anew.
    """
    if not permanent or permanent == url:
        if note.moved_to:
            note = replace(note, moved_to="", moved_since=None, moved_polls=0)
        return note, ""
    if note.moved_to != permanent or note.moved_since is None:
        return replace(note, moved_to=permanent, moved_since=now, moved_polls=1), ""
    note = replace(note, moved_polls=note.moved_polls + 1)
    near = self_url == permanent or _site(url) == _site(permanent)
    since = note.moved_since or now
    stood = now - since >= (MOVE_AFTER if near else FAR_MOVE_AFTER)
    if stood and note.moved_polls >= (MOVE_POLLS if near else FAR_MOVE_POLLS):
        return replace(note, moved_to="", moved_since=None, moved_polls=0), permanent
    return note, ""


def gone_quiet(note: FeedNote, now: datetime) -> bool:
    """Whether a feed that answers has had nothing new for much longer than is its habit."""
    return note.last_new is not None and now - note.last_new > quiet_after(note)


def quiet_after(note: FeedNote) -> timedelta:
    """How long a feed may have nothing new before it counts as quiet."""
    if not note.habit:
        return QUIET_UNKNOWN
    return min(QUIET_MOST, max(QUIET_LEAST, QUIET_TIMES * timedelta(seconds=note.habit)))


def rates(note: FeedNote) -> tuple[float | None, float | None]:
    """New items a week, lately and usually; None as long as they are not known."""
    if note.counted_since is None or note.last_success is None:
        return None, None
    counted = note.last_success - note.counted_since
    # An average that began at nothing still holds some of it, just so much.
    lately = note.items_per_week / _share(counted, _MEMORY) if counted >= RATE_KNOWN else None
    usually = note.usual_per_week / _share(counted, _LONG_MEMORY) if counted >= HABIT_KNOWN else None
    return lately, usually


def _well(
    note: FeedNote,
    now: datetime,
    *,
    fresh: bool,
    overflow: bool,
    floor: timedelta | None,
    rng: Random,
    news_at: datetime | None = None,
    **learned: Any,
) -> tuple[FeedNote, datetime]:
    """A good poll. What is ``fresh`` came at ``news_at``, else now. ``learned`` goes into the note as it is."""
    interval = timedelta(seconds=note.interval) if note.interval else START
    streak = note.streak
    last_new = (news_at or now) if fresh else note.last_new or now
    if note.last_success is not None and _on_time(note, interval, now):
        streak = max(streak, 0) + 1 if fresh else min(streak, 0) - 1
        if streak >= 2 or (fresh and overflow):
            interval, streak = interval / 2, 0
        elif streak <= -3:
            interval, streak = interval * 1.5, 0
    silence = now - last_new
    interval = max(SHORTEST, min(interval, max(START, silence * SILENCE_SHARE), LONGEST))
    pause = max(interval, min(floor or SHORTEST, FLOOR_CAP))
    due = now + pause * (1 + JITTER * (2 * rng.random() - 1))
    note = replace(
        note,
        interval=interval.total_seconds(),
        due=due,
        streak=streak,
        polls=note.polls + 1,
        failures=0,
        weight=0.0,
        failing_since=None,
        error="",
        reason="",
        last_poll=now,
        last_success=now,
        last_new=last_new,
        **learned,
    )
    return note, due


def _on_time(note: FeedNote, interval: timedelta, now: datetime) -> bool:
    # What a late poll brings tells how long we were away, not how busy the feed is. After a failure the wait was ours.
    return note.due is not None and not note.failures and now - note.due <= interval / 2


def _same_validators(note: FeedNote, etag: str, last_modified: str) -> bool:
    if etag or note.etag:
        return etag == note.etag
    return bool(last_modified) and last_modified == note.last_modified


def _remember(old: Sequence[str], current: Sequence[str]) -> tuple[str, ...]:
    """The hashes of the body, and of those that left it as many again: caches serve older bodies now and then."""
    kept = dict.fromkeys(current)
    gone = [hash_ for hash_ in old if hash_ not in kept]
    return (*kept, *gone[: max(len(kept), 10)])


def _counted(note: FeedNote, now: datetime, new: int) -> dict[str, Any]:
    """Items per week, averaged with a short and a long memory whatever the interval. What the first body holds is not
    counted: it may be of years."""
    if note.last_success is None or note.counted_since is None:
        return {"items_per_week": 0.0, "usual_per_week": 0.0, "counted_since": now}
    if now <= note.last_success:
        return {}
    elapsed = now - note.last_success
    came = new * (_WEEK / elapsed)
    return {
        "items_per_week": note.items_per_week + _share(elapsed, _MEMORY) * (came - note.items_per_week),
        "usual_per_week": note.usual_per_week + _share(elapsed, _LONG_MEMORY) * (came - note.usual_per_week),
    }


def _share(span: timedelta, memory: timedelta) -> float:
    """What a span counts in an average over all that was before it."""
    return 1 - exp(-(span / memory))


def _habit(note: FeedNote, now: datetime) -> float:
    gap = (now - (note.last_new or now)).total_seconds()
    # The gap after the very first poll began before we looked; take it as it is, later ones correct it.
    return gap if not note.habit else note.habit + 0.2 * (gap - note.habit)


def _weight(error: PipelineError) -> float:
    if isinstance(error, Retry):
        return _TEMPORARY
    if isinstance(error, Discard) and not isinstance(error, TooBig):
        return _HARD
    return _SOFT


def _site(url: str) -> str:
    """The last two labels of the host: the site for the names US outlets use. An address in numbers is its own."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    return host if host.replace(".", "").isdigit() or ":" in host else ".".join(host.split(".")[-2:])
