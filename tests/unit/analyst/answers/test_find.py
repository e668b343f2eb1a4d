from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from analyst import answers
from analyst.answers.text import instant, moment
from pipeline.archive.query import QueryError
from pipeline.errors import UserError
from pipeline.model import Article, make_id
from pipeline.tools import Tools
from tests.integration.world import NOW


def test_instants_are_utc_to_the_second() -> None:
    pacific = datetime(2026, 3, 5, 10, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=-8)))
    assert instant(pacific) == moment(pacific) == "2026-03-05T18:00:00Z"
    assert instant(None) is None


def test_search_shows_a_snippet_and_never_the_whole_text(tools: Tools) -> None:
    answer = answers.search(tools.archive, "warrant")
    assert answer["total"] == 2
    for found in answer["articles"]:
        assert "warrant" in found["snippet"]
        assert len(found["snippet"]) <= 300


def test_the_first_of_a_story_is_a_copy_of_nothing(tools: Tools) -> None:
    found = answers.search(tools.archive, "fresno")["articles"]
    first = next(one for one in found if one["copy_of"] is None)
    assert [one["copy_of"] for one in found if one is not first] == [first["id"]]


def test_undated_articles_say_so(tools: Tools) -> None:
    stored = tools.archive.get(Article, make_id("article", "https://wire.example/tyler"))
    assert stored
    tools.archive.replace(replace(stored.record, published=None), stored.version)
    (found,) = answers.search(tools.archive, "tyler")["articles"]
    assert (found["published"], found["undated"]) == (None, True)
    assert answers.search(tools.archive, "")["articles"][-1]["undated"], "last of all"
    timeline = answers.timeline(tools.archive, "tyler")
    assert (timeline["buckets"], timeline["undated"], timeline["markers"], timeline["gaps"]) == ([], 1, [], [])
    (row,) = answers.sources(tools.archive, "tyler", by="first")["sources"]
    assert (row["first"], row["last"]) == (None, None)


def test_shares(tools: Tools) -> None:
    """Of Valley Bee's two entries one is an article; of State Wire's two, both."""
    rows = {row["source"]: row for row in answers.sources(tools.archive, "", by="share")["sources"]}
    assert list(rows) == ["State Wire", "Valley Bee"]
    assert (rows["State Wire"]["share"], rows["Valley Bee"]["share"]) == (1.0, 0.5)
    total = answers.timeline(tools.archive, "", by="month")["buckets"]
    assert [bucket["start"] for bucket in total] == ["2026-03-01"]
    assert (total[0]["articles"], total[0]["stories"], total[0]["coverage"]) == (3, 2, 4)
    assert total[0]["share"] == 0.5


def test_the_zone_decides_the_day(tools: Tools) -> None:
    """An article of 18:00 UTC is of the next day in Auckland."""
    here = answers.timeline(tools.archive, "council AND hundreds")["buckets"]
    there = answers.timeline(tools.archive, "council AND hundreds", zone="Pacific/Auckland")["buckets"]
    assert [bucket["start"] for bucket in here] == [NOW.date().isoformat()]
    assert [bucket["start"] for bucket in there] == ["2026-03-06"]


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../../etc/passwd", "/etc/localtime", "a\0b"])
def test_a_zone_that_is_none(tools: Tools, zone: str) -> None:
    with pytest.raises(UserError, match="time zone"):
        answers.timeline(tools.archive, "", zone=zone)


def test_queries_that_cannot_be_read(tools: Tools) -> None:
    for ask in (answers.search, answers.timeline, answers.sources):
        with pytest.raises(QueryError):
            ask(tools.archive, "(fresno")


def test_instant_of_utc_is_itself() -> None:
    assert moment(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01T00:00:00Z"
