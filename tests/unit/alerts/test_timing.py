"""When an alert may go out: the subscriber's clock, over changes of it too."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from pipeline.alerts import timing
from pipeline.alerts.subscriptions import subscribe
from pipeline.errors import UserError
from pipeline.model import Subscription
from tests.unit.policy.builders import at

NOW = at("2026-03-05T18:20")  # a Thursday; 10:20 in Los Angeles
READER = replace(subscribe("a@example.org", now=at("2026-01-01")), zone="America/Los_Angeles")


def wanting(**wish: object) -> Subscription:
    """A reader in Los Angeles with this wish."""
    return replace(READER, **wish)  # type: ignore[arg-type]  # the fields of Subscription


@pytest.mark.parametrize(
    ("wish", "due"),
    [
        ({}, NOW),
        ({"rhythm": "hourly"}, at("2026-03-05T19:00")),
        ({"rhythm": "hourly", "zone": "Asia/Kolkata"}, at("2026-03-05T18:30")),
        ({"rhythm": "daily", "at": "07:00"}, at("2026-03-06T15:00")),
        ({"rhythm": "daily", "at": "11:00"}, at("2026-03-05T19:00")),
        ({"rhythm": "weekly", "at": "07:00", "weekday": 0}, at("2026-03-09T14:00")),  # summer time has begun
        ({"rhythm": "weekly", "at": "11:00", "weekday": 3}, at("2026-03-05T19:00")),
        ({"rhythm": "weekly", "at": "07:00", "weekday": 3}, at("2026-03-12T14:00")),
        ({"quiet": "22:00-07:00"}, NOW),
        ({"quiet": "09:00-12:00"}, at("2026-03-05T20:00")),
        ({"rhythm": "daily", "at": "05:00", "quiet": "22:00-07:00"}, at("2026-03-06T15:00")),
    ],
)
def test_when_an_alert_is_due(wish: dict[str, object], due: datetime) -> None:
    assert timing.due(wanting(**wish), NOW) == due


@pytest.mark.parametrize(
    ("now", "at_", "due"),
    [
        ("2026-03-08T08:30", "02:30", "2026-03-08T10:30"),  # 00:30, and 02:30 is skipped: it is 03:30
        ("2026-03-08T10:31", "02:30", "2026-03-09T09:30"),
        ("2026-11-01T08:00", "01:30", "2026-11-01T08:30"),  # 01:30 comes twice: the first one counts
        ("2026-11-01T08:31", "01:30", "2026-11-02T09:30"),
    ],
)
def test_a_day_on_which_the_clocks_are_changed(now: str, at_: str, due: str) -> None:
    assert timing.due(wanting(rhythm="daily", at=at_), at(now)) == at(due)


def test_an_hour_that_comes_twice_is_two_hours() -> None:
    hourly = wanting(rhythm="hourly")
    assert timing.due(hourly, at("2026-11-01T08:10")) == at("2026-11-01T09:00")
    assert timing.due(hourly, at("2026-11-01T09:10")) == at("2026-11-01T10:00")


@pytest.mark.parametrize(
    ("quiet", "now", "until"),
    [
        ("22:00-07:00", "2026-03-05T18:20", None),
        ("22:00-07:00", "2026-03-06T06:00", "2026-03-06T15:00"),  # 22:00
        ("22:00-07:00", "2026-03-06T14:59", "2026-03-06T15:00"),
        ("22:00-07:00", "2026-03-06T15:00", None),
        ("12:00-13:00", "2026-03-06T20:30", "2026-03-06T21:00"),
        ("", "2026-03-06T06:00", None),
    ],
)
def test_quiet_hours(quiet: str, now: str, until: str | None) -> None:
    assert timing.quiet_until(wanting(quiet=quiet), at(now)) == (at(until) if until else None)


def test_what_is_written_is_checked() -> None:
    assert timing.clock(" 7:05 ") == "07:05"
    assert timing.quiet_hours("22:00 - 7:00") == "22:00-07:00"
    assert timing.quiet_hours("") == ""
    assert timing.zone("Europe/Berlin") == "Europe/Berlin"
    for wrong in ("7", "24:00", "07:60", "seven"):
        with pytest.raises(UserError, match="07:30"):
            timing.clock(wrong)
    for wrong in ("22:00", "22:00-22:00"):
        with pytest.raises(UserError, match="quiet hours"):
            timing.quiet_hours(wrong)
    for wrong in ("Mars/Phobos", "", "../etc/passwd", "America"):
        with pytest.raises(UserError, match="no time zone"):
            timing.zone(wrong)


def test_in_words() -> None:
    assert timing.in_words(READER) == ""
    assert timing.in_words(wanting(rhythm="weekly", weekday=4)) == "every Friday at 07:00 (America/Los_Angeles)"
    assert timing.in_words(wanting(rhythm="hourly", quiet="22:00-07:00")) == (
        "every hour, quiet from 22:00 to 07:00 (America/Los_Angeles)"
    )
