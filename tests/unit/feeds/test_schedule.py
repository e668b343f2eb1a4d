"""When a feed is polled next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from pipeline.errors import Gone, PipelineError, Refused, Throttled, TooBig, TooSlow, Unreachable, Unreadable, Withheld
from pipeline.feeds import schedule
from pipeline.feeds.note import FeedNote

T0 = datetime(2026, 3, 20, 12, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


class Middle(Random):
    """No jitter: always the middle."""

    def random(self) -> float:
        return 0.5


class Least(Random):
    def random(self) -> float:
        return 0.0


def success(
    note: FeedNote,
    now: datetime,
    new: int = 0,
    total: int = 50,
    *,
    etag: str = "",
    last_modified: str = "",
    hashes: Sequence[str] = (),
    floor: timedelta | None = None,
    rng: Random | None = None,
) -> tuple[FeedNote, datetime]:
    return schedule.after_success(
        note,
        now=now,
        new=new,
        total=total,
        etag=etag,
        last_modified=last_modified,
        body_hash="b",
        hashes=hashes,
        floor=floor,
        rng=rng or Middle(),
        title="Harbor Gazette",
    )


def started(interval: timedelta = HOUR) -> FeedNote:
    """A note after its first poll."""
    note, _ = success(FeedNote(), T0, new=50)
    return replace(note, interval=interval.total_seconds(), due=T0 + interval)


def live(news: Sequence[int], note: FeedNote | None = None, total: int = 50) -> FeedNote:
    """Polls, each on time, that bring so many new items."""
    note = note or started()
    for new in news:
        assert note.due is not None
        note, _ = success(note, note.due, new=new, total=total)
    return note


def minutes(note: FeedNote) -> float:
    return note.interval / 60


# ------------------------------------------------------------------ intervals
def test_the_first_poll_sets_an_hour_whatever_it_brings() -> None:
    note, due = success(FeedNote(), T0, new=50)
    assert (due, note.interval, note.streak, note.title) == (T0 + HOUR, 3600, 0, "Harbor Gazette")
    assert (note.last_success, note.last_new, note.last_full, note.polls) == (T0, T0, T0, 1)


@pytest.mark.parametrize(
    ("news", "expected"),
    [
        ([1], 60),
        ([1, 1], 30),
        ([1, 1, 1, 1], 15),
        ([1] * 12, 15),
        ([1, 0, 1, 0, 1, 0], 60),
        ([0, 0, 1, 0, 0, 1], 60),
        ([25], 30),
        ([24], 60),
        ([50, 50, 50], 15),
    ],
)
def test_the_interval_follows_what_polls_bring(news: list[int], expected: float) -> None:
    assert minutes(live(news)) == expected


def test_polls_that_bring_nothing_lengthen_it_by_half() -> None:
    note = started(20 * MINUTE)
    assert minutes(live([0, 0], note)) == 20
    assert minutes(live([0, 0, 0], note)) == 30
    assert minutes(live([0] * 6, note)) == 45


def test_it_grows_with_silence_up_to_a_day() -> None:
    note = started()
    longest = timedelta(0)
    while note.due is not None and note.due < T0 + 60 * DAY:
        now = note.due
        note, due = success(note, now)
        assert due - now <= max(HOUR, (now - T0) / 16)
        longest = max(longest, due - now)
    assert longest == DAY


def test_news_after_silence_brings_it_back_to_an_hour() -> None:
    note = replace(started(DAY), last_new=T0 - 60 * DAY)
    note, due = success(note, T0 + DAY, new=1)
    assert due == T0 + DAY + HOUR


def test_a_late_poll_says_nothing_about_the_feed() -> None:
    note = started()
    for hours in (2, 4, 6, 8):
        note, _ = success(note, T0 + hours * HOUR, new=40)
        note = replace(note, due=T0 + hours * HOUR + MINUTE)
    assert (minutes(note), note.streak) == (60, 0)


def test_a_poll_after_failures_says_nothing_either() -> None:
    note, due = schedule.after_failure(started(), Unreachable("no route"), now=T0 + HOUR, rng=Least())
    note, _ = success(note, due, new=40)
    assert (minutes(note), note.streak) == (60, 0)


def test_a_floor_is_respected_up_to_three_hours() -> None:
    assert success(started(), T0 + HOUR, floor=2 * HOUR)[1] == T0 + 3 * HOUR
    assert success(started(), T0 + HOUR, floor=DAY)[1] == T0 + 4 * HOUR
    assert success(started(), T0 + HOUR, floor=MINUTE)[1] == T0 + 2 * HOUR
    note, due = success(live([1] * 6), T0 + 20 * HOUR, floor=40 * MINUTE)
    assert (minutes(note), due) == (15, T0 + 20 * HOUR + 40 * MINUTE)


def test_jitter_stays_within_a_tenth() -> None:
    rng = Random(7)
    waits = [success(started(), T0 + HOUR, rng=rng)[1] - T0 - HOUR for _ in range(500)]
    assert 54 * MINUTE <= min(waits) < 55 * MINUTE
    assert 65 * MINUTE < max(waits) <= 66 * MINUTE


def test_unchanged_counts_as_nothing_new() -> None:
    note = replace(started(20 * MINUTE), etag='"a"', last_modified="then")
    for _ in range(3):
        assert note.due is not None
        note, _due = schedule.after_unchanged(note, now=note.due, rng=Middle())
    assert (minutes(note), note.etag, note.last_modified, note.last_full) == (30, '"a"', "then", T0)


def test_validators_of_an_unchanged_answer() -> None:
    note = replace(started(), etag='"a"', last_modified="then")
    now = T0 + HOUR
    updated, _ = schedule.after_unchanged(note, now=now, rng=Middle(), etag='"b"')
    assert (updated.etag, updated.last_modified, updated.last_full) == ('"b"', "then", T0)
    same_body, _ = schedule.after_unchanged(note, now=now, rng=Middle(), full=True, last_modified="now")
    assert (same_body.etag, same_body.last_modified, same_body.last_full) == ("", "now", now)


def test_known_hashes_outlast_the_body_for_a_while() -> None:
    old = [f"old{number:013}" for number in range(30)]
    new = [f"new{number:013}" for number in range(12)]
    note, _ = success(started(), T0, hashes=old)
    note, _ = success(note, T0 + HOUR, hashes=new + old[:2] + new[:1])
    assert note.hashes == (*new, *old[:2], *old[2:16])


def test_rate_and_habit() -> None:
    note = started()
    for day in range(1, 60):
        note, _ = success(note, T0 + day * DAY, new=3)
    assert note.items_per_week == pytest.approx(21, rel=0.03)
    assert note.habit == pytest.approx(86_400)


def test_rates_are_told_as_soon_as_they_are_known_and_not_before() -> None:
    note = started()
    assert schedule.rates(note) == (None, None), "what the first body holds may be of years"
    told = {}
    for hours in range(6, 24 * 120, 6):
        note, _ = success(note, T0 + hours * HOUR, new=3 if hours % 24 == 0 else 0)
        told[hours] = schedule.rates(note)
    assert told[18] == (None, None)
    lately, usually = told[24]
    assert lately == pytest.approx(21, rel=0.03), "an average that began at nothing is corrected for that"
    assert usually is None
    assert told[24 * 27][1] is None
    assert list(told[24 * 28]) == pytest.approx([21, 21], rel=0.03)


def test_what_comes_lately_is_held_against_what_is_usual() -> None:
    note = started()
    for day in range(1, 120):
        note, _ = success(note, T0 + day * DAY, new=10 if day < 106 else 1)
    lately, usually = schedule.rates(note)
    assert lately is not None
    assert usually is not None
    assert lately < 0.6 * usually
    assert 50 < usually < 70
    quiet, _ = schedule.after_unchanged(note, now=T0 + 160 * DAY, rng=Middle())
    assert (schedule.rates(quiet)[0] or 9) < 2 < (schedule.rates(quiet)[1] or 0)


def test_a_note_of_before_rates_were_corrected_begins_to_count_anew() -> None:
    old = FeedNote(last_success=T0, last_new=T0, items_per_week=40.0, habit=3_600.0)
    assert schedule.rates(old) == (None, None)
    note, _ = success(old, T0 + DAY, new=9)
    assert (note.items_per_week, note.counted_since, note.habit > 0) == (0.0, T0 + DAY, True)
    note, _ = success(note, T0 + 3 * DAY, new=2)
    lately, usually = schedule.rates(note)
    assert usually is None
    assert lately == pytest.approx(7)


# ------------------------------------------------------------------ validators
def test_validators_are_sent_as_received() -> None:
    note = replace(started(), etag='W/"x"', last_modified="Fri, 20 mar 2026", last_poll=T0)
    assert schedule.request_headers(note, Middle()) == {
        "If-None-Match": 'W/"x"',
        "If-Modified-Since": "Fri, 20 mar 2026",
    }
    assert schedule.request_headers(replace(note, etag=""), Middle()) == {"If-Modified-Since": "Fri, 20 mar 2026"}
    assert schedule.request_headers(started(), Middle()) == {}


def test_a_full_fetch_now_and_then() -> None:
    note = replace(started(), etag='"x"')
    rng = Random(3)
    full = sum(schedule.request_headers(note, rng) == {} for _ in range(5000))
    assert 70 <= full <= 130
    assert schedule.request_headers(replace(note, last_poll=T0 + 3 * DAY), Middle()) == {}
    assert schedule.request_headers(replace(note, last_poll=T0 + 2 * DAY), Middle()) != {}


def test_false_validators_are_given_up() -> None:
    note = started()
    for hour in range(1, 4):
        note, _ = success(note, T0 + hour * HOUR, new=1, etag='"same"')
    assert note.lies == 2
    assert schedule.request_headers(note, Middle()) == {}
    honest = started()
    for hour in range(1, 4):
        honest, _ = success(honest, T0 + hour * HOUR, new=1, etag=f'"{hour}"', last_modified="same")
    assert honest.lies == 0


# ------------------------------------------------------------------ failures
def fail(errors: Sequence[PipelineError], note: FeedNote | None = None) -> list[timedelta]:
    """The waits after each of these errors in a row, each try on time."""
    note = note or started()
    waits, now = [], T0 + HOUR
    for error in errors:
        note, due = schedule.after_failure(note, error, now=now, rng=Least())
        waits.append(due - now)
        now = due
    return waits


def test_hard_errors_double_the_wait() -> None:
    assert fail([Gone("HTTP 404")] * 3) == [2 * HOUR, 4 * HOUR, 6 * HOUR]


@pytest.mark.parametrize(
    ("error", "weight"),
    [
        (Gone("404"), 1.0),
        (Withheld("403"), 1.0),
        (Refused("private address"), 1.0),
        (TooBig("10 MB"), 0.5),
        (Unreadable("an HTML page, not a feed"), 0.5),
        (Unreachable("no route"), 0.25),
        (TooSlow("30 s"), 0.25),
    ],
)
def test_weights(error: PipelineError, weight: float) -> None:
    note, due = schedule.after_failure(started(), error, now=T0, rng=Least())
    assert (note.weight, note.failures, note.error, note.reason) == (weight, 1, type(error).__name__, error.reason)
    assert due - T0 == HOUR * 2**weight


def test_never_beyond_a_week_and_never_given_up() -> None:
    waits = fail([Gone("HTTP 404")] * 40)
    assert max(waits) == timedelta(days=7)
    assert waits[-1] == timedelta(days=7)
    assert all(wait <= max(6 * HOUR, sum(waits[:index], timedelta()) / 4) for index, wait in enumerate(waits))


def test_a_day_without_network_costs_no_more_than_hours() -> None:
    note, now = started(), T0 + HOUR
    while now < T0 + DAY:
        note, now = schedule.after_failure(note, Unreachable("no route"), now=now, rng=Least())
    assert now < T0 + DAY + 7 * HOUR


def test_recovery_forgets_the_failures_and_keeps_the_interval() -> None:
    note, due = schedule.after_failure(started(20 * MINUTE), Gone("404"), now=T0, rng=Least())
    assert note.failing_since == T0
    note, _ = success(note, due)
    assert (note.failures, note.weight, note.failing_since, note.error, note.reason) == (0, 0.0, None, "", "")
    assert minutes(note) == 20


def test_retry_after_is_kept() -> None:
    assert fail([Throttled("429", after=4 * 3600)]) == [4 * HOUR]
    assert fail([Throttled("429", after=90 * 86_400)]) == [timedelta(days=7)]
    assert fail([Throttled("429", after=-5)]) == [HOUR * 2**0.25]


def test_throttled_feeds_of_a_host_come_back_spread() -> None:
    rng = Random(5)
    waits = [
        schedule.after_failure(started(), Throttled("429", after=7200), now=T0, rng=rng)[1] - T0 for _ in range(300)
    ]
    assert min(waits) >= 2 * HOUR
    assert 170 * MINUTE < max(waits) <= 180 * MINUTE


def test_a_feed_that_fails_from_the_start() -> None:
    note, due = schedule.after_failure(FeedNote(), Gone("404"), now=T0, rng=Least())
    assert (due, note.last_success, note.last_poll) == (T0 + 2 * HOUR, None, T0)
    note, due = success(note, due, new=5, total=5)
    assert due == T0 + 3 * HOUR


# ------------------------------------------------------------------ moves
OLD, NEAR, FAR = "http://a.example.com/feed", "https://www.example.com/feed", "https://elsewhere.example.org/feed"


def moves(target: str, days: int, every: timedelta = DAY, self_url: str = "") -> tuple[FeedNote, list[str]]:
    note, adopted, at = FeedNote(), [], timedelta(0)
    while at <= days * DAY:
        note, url = schedule.adopt_move(note, target, T0 + at, url=OLD, self_url=self_url)
        adopted.append(url)
        at += every
    return note, adopted


def test_a_move_is_adopted_after_a_week_and_some_polls() -> None:
    note, adopted = moves(NEAR, 7)
    assert adopted == [""] * 7 + [NEAR]
    assert (note.moved_to, note.moved_since, note.moved_polls) == ("", None, 0)
    assert moves(NEAR, 14, every=7 * DAY)[1] == ["", "", ""]


def test_a_move_to_another_site_takes_a_month_or_the_feeds_own_word() -> None:
    assert set(moves(FAR, 29)[1]) == {""}
    assert moves(FAR, 30)[1][-1] == FAR
    assert moves(FAR, 7, self_url=FAR)[1][-1] == FAR


def test_another_answer_starts_the_watch_anew() -> None:
    note, _ = moves(NEAR, 6)
    note, adopted = schedule.adopt_move(note, "", T0 + 7 * DAY, url=OLD)
    assert (note, adopted) == (FeedNote(), "")
    note, _ = moves(NEAR, 6)
    note, adopted = schedule.adopt_move(note, FAR, T0 + 7 * DAY, url=OLD)
    assert (note.moved_to, note.moved_since, note.moved_polls, adopted) == (FAR, T0 + 7 * DAY, 1, "")
    assert schedule.adopt_move(note, OLD, T0 + 8 * DAY, url=OLD) == (FeedNote(), "")


def test_addresses_in_numbers_are_sites_of_their_own() -> None:
    note = FeedNote(moved_to="http://10.0.1.1/f", moved_since=T0, moved_polls=9)
    assert schedule.adopt_move(note, "http://10.0.1.1/f", T0 + 8 * DAY, url="http://10.9.1.1/f")[1] == ""


# ------------------------------------------------------------------ quiet
@pytest.mark.parametrize(
    ("habit", "days", "quiet"),
    [
        (HOUR, 6, False),
        (HOUR, 8, True),
        (2 * DAY, 15, False),
        (2 * DAY, 17, True),
        (30 * DAY, 89, False),
        (30 * DAY, 91, True),
        (timedelta(0), 20, False),
        (timedelta(0), 22, True),
    ],
)
def test_gone_quiet(habit: timedelta, days: int, quiet: bool) -> None:
    note = FeedNote(last_new=T0, habit=habit.total_seconds())
    assert (timedelta(days=days) > schedule.quiet_after(note)) == quiet
    assert schedule.gone_quiet(note, T0 + days * DAY) is quiet


def test_a_feed_that_is_silent_when_first_read_is_quiet() -> None:
    silent, _ = schedule.after_success(
        FeedNote(), now=T0, new=5, total=5, etag="", last_modified="", body_hash="", hashes=(), floor=None,
        rng=Random(1), newest=T0 - timedelta(days=27),
    )  # fmt: skip
    assert schedule.gone_quiet(silent, T0)
    awake, _ = schedule.after_success(
        silent, now=T0 + timedelta(hours=1), new=1, total=5, etag="", last_modified="", body_hash="", hashes=(),
        floor=None, rng=Random(1), newest=T0 - timedelta(days=27),
    )  # fmt: skip
    assert not schedule.gone_quiet(awake, T0 + timedelta(hours=1))


def test_a_feed_never_read_is_not_quiet() -> None:
    assert not schedule.gone_quiet(FeedNote(), T0)
