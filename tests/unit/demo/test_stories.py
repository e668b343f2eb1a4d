from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from demo.stories import FOLDER, WEEKDAYS, Calendar, Story, _tables, calendar, of_outlet, outlets, stories, working_day
from pipeline.model import SOURCE_KINDS
from tests.unit.demo.conftest import NOW

MOMENTS = [
    NOW,
    datetime(2026, 1, 1, 3, 30, tzinfo=UTC),
    datetime(2024, 2, 29, 23, 59, tzinfo=UTC),
    datetime(2026, 3, 8, 10, 30, tzinfo=UTC),
    datetime(2026, 11, 2, 7, 59, tzinfo=UTC),
]
"""An ordinary day, turns of year and of the clock, and instants at which coast and UTC disagree about the date."""


def told(story: Story) -> date:
    """The day of publication where the outlet is at home."""
    return story.published.astimezone(ZoneInfo(story.outlet.zone)).date()


def test_there_are_enough_outlets_formats_and_pages() -> None:
    every = outlets().values()
    assert len(every) >= 12
    assert {outlet.kind for outlet in every} == set(SOURCE_KINDS)
    assert {outlet.format for outlet in every} == {"rss", "rdf", "atom", "json", "sitemap"}
    assert {outlet.fault for outlet in every} == {"", "malformed", "hopeless", "moved", "busy"}
    assert len({outlet.host for outlet in every}) == len(every)
    assert len({outlet.furniture for outlet in every}) >= 4
    pages = [story for story in stories(NOW).values() if story.page == "article"]
    assert len(pages) >= 60
    irrelevant = [story for story in pages if story.ends == ("discard",) and story.reason == "irrelevant"]
    assert len(irrelevant) >= 25


def test_texts_have_the_length_of_local_news() -> None:
    lengths = {story.id: len(story.text.split()) for story in stories(NOW).values() if story.page == "article"}
    whole = {key: n for key, n in lengths.items() if not _tables()[1][key].get("copy_of")}
    assert {key: n for key, n in whole.items() if not 120 <= n <= 450} == {}
    assert min(lengths.values()) >= 90


@pytest.mark.parametrize("now", MOMENTS, ids=str)
def test_nothing_is_left_unfilled_and_nothing_lies_in_the_future(now: datetime) -> None:
    for story in stories(now).values():
        for text in (story.title, story.summary, *story.paragraphs, story.path):
            assert "{" not in text, story.id
            assert "}" not in text, story.id
        assert story.published <= now, story.id
        assert story.published >= now - timedelta(days=30), story.id
        if story.action:
            assert story.action <= told(story), story.id


@pytest.mark.parametrize("now", MOMENTS, ids=str)
def test_a_weekday_in_a_text_is_the_last_such_day_before_it_appeared(now: datetime) -> None:
    checked = 0
    for story in stories(now).values():
        raw = _tables()[1][story.id]
        body = raw.get("body", "") or _tables()[1].get(raw.get("copy_of") or raw.get("of", ""), {}).get("body", "")
        if not ("{weekday}" in body or "{dia}" in body) or story.action is None:
            continue
        assert (told(story) - story.action).days < 7, story.id
        assert "{dia}" in body or WEEKDAYS[story.action.weekday()] in story.text, story.id
        checked += 1
    assert checked > 50


def test_bodies_meet_on_working_days() -> None:
    saturday, sunday, monday = date(2026, 9, 12), date(2026, 9, 13), date(2026, 9, 14)
    assert working_day(saturday) == working_day(sunday) == date(2026, 9, 11)
    assert working_day(monday) == monday
    for now in MOMENTS:
        assert all(day.weekday() < 5 for day in calendar(now).named.values())


def test_today_is_the_date_in_los_angeles() -> None:
    assert Calendar(datetime(2026, 9, 15, 6, 59, tzinfo=UTC), {}).today == date(2026, 9, 14)
    assert Calendar(datetime(2026, 9, 15, 7, 0, tzinfo=UTC), {}).today == date(2026, 9, 15)


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("on {weekday}", "on Wednesday"),
        ("on {weekday}, {date}", "on Wednesday, Sept. 9"),
        ("{longdate}", "September 9, 2026"),
        ("{date +14}", "Sept. 23"),
        ("{month} {year -5}", "September 2021"),
        ("el {dia}", "el miércoles"),
        ("{date vote}", "Sept. 14"),
        ("{weekday vote -7}", "Monday"),
        ("{unknown}", "{unknown}"),
    ],
)
def test_placeholders(text: str, filled: str) -> None:
    days = Calendar(NOW, {"vote": 1})
    assert days.fill(text, date(2026, 9, 9)) == filled


def test_an_unknown_day_is_an_error() -> None:
    with pytest.raises(KeyError):
        Calendar(NOW, {}).fill("{date never}", date(2026, 9, 9))


def test_one_moment_makes_one_newsroom() -> None:
    assert stories(NOW) == stories(NOW)


def test_six_outlets_run_the_wire_story_with_different_edits() -> None:
    every = stories(NOW)
    original = every["la-first-wire"]
    copies = [story for story in every.values() if story.copy_of == original.id]
    assert len({story.outlet.id for story in copies}) == 6
    assert len({(story.title, story.text) for story in copies}) == 6
    verbatim = [story for story in copies if story.text == original.text]
    assert {story.outlet.id for story in verbatim} == {"inland", "courier"}
    assert len({story.title for story in verbatim}) == 2
    assert len(every["la-copy-bay"].paragraphs) == 4
    assert len(every["la-copy-prairie"].paragraphs) == len(original.paragraphs) + 1
    assert all(story.published > original.published for story in copies)


def test_stories_of_an_outlet_stand_newest_first() -> None:
    mine = of_outlet(stories(NOW).values(), outlets()["ledger"])
    assert {story.outlet.id for story in mine} == {"ledger"}
    assert [story.published for story in mine] == sorted((story.published for story in mine), reverse=True)


def test_pages_do_not_share_an_address() -> None:
    addresses = Counter((s.outlet.id, path) for s in stories(NOW).values() for path in {s.path, s.via} - {""})
    assert [address for address, n in addresses.items() if n > 1] == []


def test_the_quiet_feed_is_nearly_four_weeks_old() -> None:
    newest = of_outlet(stories(NOW).values(), outlets()["lowcountry"])[0]
    assert timedelta(days=26) < NOW - newest.published < timedelta(days=28)


def test_no_byline_is_a_person() -> None:
    office = re.compile(
        r"Desk|Staff|staff|Bureau|Wire|wire|Report|Editors|Redacción|team|Office|Newsroom|Health|Transit|Center|Commun"
    )
    for story in stories(NOW).values():
        assert not story.byline or office.search(story.byline), story.byline


def test_every_file_of_texts_is_read() -> None:
    names = {file.name for file in FOLDER.glob("*.toml")}
    assert names == {
        "outlets.toml",
        "los_angeles.toml",
        "limits.toml",
        "mandates.toml",
        "stages.toml",
        "traps.toml",
        "ordinary.toml",
        "broken.toml",
    }
