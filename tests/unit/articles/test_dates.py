"""Reading dates as pages write them, and choosing among several."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.articles.dates import Dated, choose, parse

NOW = datetime(2024, 12, 1, 12, tzinfo=UTC)
EVENING = datetime(2024, 11, 20, 2, 30, tzinfo=UTC)
"""6:30 p.m. on November 19 in Los Angeles."""


def nothing() -> None:
    return None


def never() -> str:
    raise AssertionError("htmldate must not be asked")


@pytest.mark.parametrize(
    "text",
    [
        "2024-11-19T18:30:00-08:00", "2024-11-19T18:30:00-0800", "2024-11-19T18:30-08", "2024-11-20T02:30:00Z",
        "2024-11-20T02:30:00.000Z", "2024-11-20T02:30:00.123456789+00:00", "20241120T023000Z",
        "2024-11-19 18:30:00 -0800",
        "2024-11-19 18:30:00 PST", "2024/11/19 18:30 PST", "Tue, 19 Nov 2024 18:30:00 -0800",
        "Tue, 19 Nov 2024 18:30:00 PST", "19-Nov-2024 18:30 PST", "Wed, 20 Nov 2024 02:30:00 GMT",
        "Tue Nov 19 2024 18:30:00 GMT-0800 (Pacific Standard Time)", "November 19, 2024 6:30 PM PST",
        "Nov. 19, 2024, 6:30 p.m. PT", "6:30 PM PST, Tue November 19, 2024", "November 19, 2024 at 6:30pm PT",
        "Published: Nov 19, 2024 / 06:30 PM PST / Updated: Nov 20, 2024 / 08:00 AM PST", "11/19/2024 6:30 PM PST",
        "19th November 2024 18:30 PST", "November 19th, 2024 18:30 PST", "1732069800", "1732069800000",
        "19 de noviembre de 2024 18:30 PST", "2024-11-20T03:30:00+01:00", "Wed, 20 Nov 2024 03:30:00 CET",
        "2024-11-20T08:00:00 IST", "2024-11-19T21:30:00 EST", "20241120 02:30 UTC", "20241120023000Z",
    ],
)  # fmt: skip
def test_one_instant_in_many_forms(text: str) -> None:
    found = parse(text)
    assert found is not None
    assert found.at.replace(second=0, microsecond=0) == EVENING
    assert found.zone_known
    assert not found.day_only


@pytest.mark.parametrize(
    "text",
    [
        "2024-11-19", "20241119", "2024/11/19", "Nov 19, 2024", "19 Nov 2024", "November 19, 2024", "11/19/2024",
        "11/19/24", "19/11/2024", "2024-11-19T00:00:00Z", "2024-11-19T00:00:00+00:00", "2024-11-19T00:00:00",
        "Tuesday, Nov. 19, 2024", "19 de noviembre del 2024", "1731974400", "Sept. 31, 2024 or rather 2024-11-19",
        "Posted on 2024-11-19 by the desk", "Minutes of November 19, 2024, 2024 edition",
    ],
)  # fmt: skip
def test_a_day_stays_that_day_in_every_american_zone(text: str) -> None:
    found = parse(text)
    assert found is not None
    assert found.day_only
    assert found.at == datetime(2024, 11, 19, 12, tzinfo=UTC)
    for hours in (-11, -10, -8, -5, 0, 10):
        assert found.at.astimezone(timezone(timedelta(hours=hours))).day == 19


def test_midnight_in_a_named_zone_is_an_instant() -> None:
    found = parse("2024-11-19T00:00:00-08:00")
    assert found is not None
    assert not found.day_only
    assert found.at == datetime(2024, 11, 19, 8, tzinfo=UTC)


def test_summer_time_by_season() -> None:
    summer, winter = parse("July 4, 2024 9:00 a.m. ET"), parse("Dec 4, 2023 9:00 a.m. ET")
    assert summer is not None
    assert winter is not None
    assert (summer.at.hour, winter.at.hour) == (13, 14)


@pytest.mark.parametrize(("text", "hour"), [("Nov 19, 2024 12:05 AM UTC", 0), ("Nov 19, 2024 12:05 PM UTC", 12)])
def test_noon_and_midnight_of_the_twelve_hour_clock(text: str, hour: int) -> None:
    found = parse(text)
    assert found is not None
    assert (found.at.hour, found.at.minute) == (hour, 5)


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "2 hours ago", "2024", "2024-13-40", "February 30, 2024", "99/99/2024", "Ordinance 187952",
     "Smarch 12, 2024", "1-800-555-0199", "November 2024"],
)  # fmt: skip
def test_no_date(text: str) -> None:
    assert parse(text) is None


@settings(derandomize=True, deadline=None)
@given(st.text(max_size=80))
def test_any_text_can_be_asked(text: str) -> None:
    found = parse(text)
    assert found is None or found.at.tzinfo is UTC


@settings(derandomize=True, deadline=None)
@given(st.integers(631_238_400, 2_840_140_800), st.integers(-11 * 4, 13 * 4))
def test_iso_round_trip(seconds: int, quarters: int) -> None:
    at = datetime.fromtimestamp(seconds, timezone(timedelta(minutes=15 * quarters)))
    found = parse(at.isoformat())
    assert found is not None
    assert found.at == at or (found.day_only and found.at.date() == at.astimezone(UTC).date())


# ------------------------------------------------------------------ choosing
def test_the_first_usable_statement_wins_and_keeps_its_origin() -> None:
    stated = [("json-ld", "soon"), ("meta", "2024-11-19T18:30:00-08:00"), ("microdata", "2024-11-20")]
    chosen = choose(stated, feed=NOW, guess=never, now=NOW)  # type: ignore[arg-type]
    assert chosen == Dated(EVENING, "meta", day_only=False)


def test_the_feed_comes_after_the_page_and_before_the_guess() -> None:
    assert choose([], feed=EVENING, guess=never, now=NOW) == Dated(EVENING, "feed", day_only=False)
    guessed = choose([], feed=None, guess=lambda: "2024-11-19", now=NOW)
    assert guessed == Dated(datetime(2024, 11, 19, 12, tzinfo=UTC), "htmldate", day_only=True)


def test_a_feed_that_knows_only_the_day() -> None:
    chosen = choose([], feed=datetime(2024, 11, 19, tzinfo=UTC), guess=never, now=NOW)
    assert chosen == Dated(datetime(2024, 11, 19, 12, tzinfo=UTC), "feed", day_only=True)


def test_undated_stays_undated() -> None:
    assert choose([], feed=None, guess=nothing, now=NOW) is None


@pytest.mark.parametrize("absurd", ["2024-12-04", "2031-01-01", "1970-01-01", "1904-01-01T00:00:00Z"])
def test_the_future_and_the_far_past_are_passed_over(absurd: str) -> None:
    at = parse(absurd)
    assert at is not None
    assert choose([("json-ld", absurd)], feed=at.at, guess=lambda: absurd, now=NOW) is None
    chosen = choose([("json-ld", absurd), ("meta", "2024-11-19")], feed=None, guess=never, now=NOW)
    assert chosen is not None
    assert chosen.origin == "meta"


def test_a_date_a_little_ahead_is_kept() -> None:
    chosen = choose([("meta", "2024-12-03T11:00:00Z")], feed=None, guess=never, now=NOW)
    assert chosen is not None
    assert chosen.at == datetime(2024, 12, 3, 11, tzinfo=UTC)


def test_a_time_without_zone_takes_it_from_the_feed() -> None:
    feed = datetime(2024, 11, 20, 2, 30, 41, tzinfo=UTC)
    chosen = choose([("json-ld", "2024-11-19T18:30:00")], feed=feed, guess=never, now=NOW)
    assert chosen == Dated(EVENING, "json-ld", day_only=False)


def test_a_time_without_zone_takes_it_from_another_statement() -> None:
    stated = [("json-ld", "2024-11-19T18:30:00"), ("meta", "2024-11-19T18:30:00-08:00")]
    chosen = choose(stated, feed=None, guess=never, now=NOW)  # type: ignore[arg-type]
    assert chosen == Dated(EVENING, "json-ld", day_only=False)


def test_a_time_without_zone_and_nothing_near_is_utc() -> None:
    feed = datetime(2024, 11, 21, 9, 7, tzinfo=UTC)
    chosen = choose([("json-ld", "2024-11-19T18:30:00")], feed=feed, guess=never, now=NOW)
    assert chosen == Dated(datetime(2024, 11, 19, 18, 30, tzinfo=UTC), "json-ld", day_only=False)
