"""Days, weeks and months in time zones."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from pipeline import errors
from pipeline.archive.buckets import buckets
from pipeline.archive.days import By, bucket_number, bucket_start, instant, seconds, zone_info

ZONES = (
    "UTC", "America/Los_Angeles", "America/Havana", "America/Santiago", "Asia/Beirut", "Asia/Kolkata", "Asia/Kathmandu",
    "Australia/Lord_Howe", "Pacific/Apia",
)  # fmt: skip


def begin_of(moment: int, by: By, zone: str) -> date:
    day = datetime.fromtimestamp(moment, ZoneInfo(zone)).date()
    return {"day": day, "week": day - timedelta(days=day.weekday()), "month": day.replace(day=1)}[by]


@pytest.mark.parametrize("zone", ZONES)
def test_many_instants_fall_where_zoneinfo_says(zone: str) -> None:
    random = Random(zone)
    moments = [random.randrange(-2_000_000_000, 4_000_000_000) for _ in range(400)]
    for year in (2010, 2024):  # around every change of the clock of two years
        for hour in range(0, 8_760, 3):
            moment = seconds(datetime(year, 1, 1, tzinfo=UTC)) + hour * 3600
            info = ZoneInfo(zone)
            if (
                datetime.fromtimestamp(moment, info).utcoffset()
                != datetime.fromtimestamp(moment + 10_800, info).utcoffset()
            ):
                moments += range(moment, moment + 10_801, 600)
    bys: tuple[By, ...] = ("day", "week", "month")
    for by in bys:
        found = buckets(np.array(moments, np.int64), by, zone)
        for moment, bucket in zip(moments, found.tolist(), strict=True):
            assert bucket_start(bucket, by) == begin_of(moment, by, zone), (moment, by, zone)


@pytest.mark.parametrize("zone", ZONES)
def test_a_day_begins_where_its_first_instant_is(zone: str) -> None:
    for day in (date(2024, 3, 10), date(2024, 9, 8), date(2011, 12, 31), date(2025, 7, 1)):
        begin = instant(day, zone)
        assert begin_of(begin, "day", zone) == day
        assert begin_of(begin - 1, "day", zone) < day


def test_consecutive_buckets_have_consecutive_numbers() -> None:
    bys: tuple[By, ...] = ("day", "week", "month")
    for by in bys:
        starts = [bucket_start(number, by) for number in range(-40, 700)]
        assert starts == sorted(set(starts))
        assert begin_of(instant(starts[50], "UTC"), by, "UTC") == starts[50]


def test_instants_at_the_ends_of_the_calendar_have_a_bucket() -> None:
    ends = np.array([seconds(datetime(1, 1, 2, tzinfo=UTC)), seconds(datetime(9999, 12, 30, tzinfo=UTC))], np.int64)
    for end, year in zip(ends, (1, 9999), strict=True):
        (bucket,) = buckets(np.array([end], np.int64), "month", "America/Havana").tolist()
        assert bucket_start(bucket, "month").year == year
    assert len(buckets(np.empty(0, np.int64), "week", "Asia/Kolkata")) == 0


def test_seconds_are_whole_and_rounded_down() -> None:
    assert seconds(datetime(1970, 1, 1, 0, 0, 1, 999_999, tzinfo=UTC)) == 1
    assert seconds(datetime(1969, 12, 31, 23, 59, 59, 1, tzinfo=UTC)) == -1


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../../etc/passwd", "/etc/passwd", "America", "a\x00b"])
def test_what_is_no_zone_is_refused(zone: str) -> None:
    with pytest.raises(errors.UserError, match="there is no time zone"):
        zone_info(zone)


@pytest.mark.parametrize("by", ["day", "week", "month"])
def test_a_day_lies_in_the_bucket_that_begins_at_or_last_before_it(by: By) -> None:
    for number in range(-40_000, 40_000, 7):
        day = date(1970, 1, 1) + timedelta(days=number)
        bucket = bucket_number(day, by)
        assert bucket_start(bucket, by) <= day < bucket_start(bucket + 1, by)
