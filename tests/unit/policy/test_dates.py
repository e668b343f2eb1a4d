"""Dates of actions against the publication's local date."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pipeline.policy import dates


def first(text: str, published: str = "2026-03-05") -> tuple[str, bool]:
    found = dates.find(text, 0, len(text), published)
    return (found[0].iso, found[0].future) if found else ("", False)


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("voted Wednesday", "2026-03-04"),
        ("voted late Monday", "2026-03-02"),
        ("voted Thursday", "2026-03-05"),
        ("voted last Thursday", "2026-02-26"),
        ("voted Friday night", "2026-02-27"),
        ("voted tonight", "2026-03-05"),
        ("voted yesterday", "2026-03-04"),
        ("voted on Feb. 17", "2026-02-17"),
        ("voted on Dec. 9", "2025-12-09"),
        ("voted on 17 February", "2026-02-17"),
        ("on Dec. 6, 2016, it", "2016-12-06"),
        ("signed 10/5/17", "2017-10-05"),
        ("adopted 2017-02-21", "2017-02-21"),
        ("in April 2018", "2018-04"),
        ("passed in November", "2025-11"),
        ("approved last February", "2026-02"),
        ("in 2014", "2014"),
        ("a 2017 resolution", "2017"),
        ("aprobó el martes", "2026-03-03"),
        ("this 10th day of November, 2025", "2025-11-10"),
        ("voted 4-3 in August", "2025-08"),
    ],
)
def test_dates(text: str, iso: str) -> None:
    assert first(text) == (iso, False)


@pytest.mark.parametrize("text", ["will vote March 22", "votes next Tuesday", "effective July 1", "effective Monday"])
def test_dates_ahead_are_marked(text: str) -> None:
    iso, future = first(text)
    assert iso > "2026-03-05"
    assert future


@pytest.mark.parametrize(
    ("text", "published", "day"),
    [
        ("voted this week", "2026-03-06", "2026-03-04"),
        ("voted this week", "2026-03-03", "2026-03-02"),
        ("voted earlier this week", "2026-03-08", "2026-03-04"),
        ("voted last week", "2026-03-05", "2026-02-25"),
        ("voted after last week's raid", "2026-03-05", ""),
        ("voted this week", "2026-03", ""),
        ("voted", "2026-03-05", ""),
    ],
)
def test_a_week_gives_the_middle_of_the_days_it_can_mean(text: str, published: str, day: str) -> None:
    assert dates.of_the_week(text, published) == day


def test_a_year_ahead_of_new_year_belongs_to_the_next() -> None:
    assert first("will take effect Jan. 1", "2025-12-10") == ("2026-01-01", True)


@pytest.mark.parametrize("published", ["", "2026", "2026-03"])
def test_weekdays_need_a_full_publication_date(published: str) -> None:
    assert first("voted Wednesday", published) == ("", False)


@pytest.mark.parametrize("text", ["takes effect in January", "expected in November"])
def test_a_month_alone_dates_only_a_verb_of_the_past(text: str) -> None:
    assert first(text) == ("", False)


def test_impossible_dates_are_none() -> None:
    assert first("on Feb. 30, 2026") == ("", False)


def test_an_instant_becomes_the_local_date() -> None:
    at = datetime(2026, 3, 5, 3, 0, tzinfo=UTC)
    assert dates.local_date(at, "America/Los_Angeles") == "2026-03-04"
    assert dates.local_date(at, "") == "2026-03-05"


@pytest.mark.parametrize(("published", "iso"), [("2026-03", "2026-03"), ("2026", "2026"), (None, ""), ("soon", "")])
def test_partial_dates_stay_partial(published: str | None, iso: str) -> None:
    assert dates.local_date(published, "America/Chicago") == iso
