from __future__ import annotations

from datetime import date, timedelta

import pytest

from analyst import answers
from analyst.answers.coverage import between, following, gaps
from pipeline.archive.base import Archive, Bucket
from pipeline.errors import UserError
from pipeline.tools import Tools
from tests.unit.archive.samples import article

MONDAY = date(2026, 3, 2)


def buckets(*coverage: int) -> list[Bucket]:
    return [Bucket(MONDAY + timedelta(days=n), 1, 1, count) for n, count in enumerate(coverage)]


@pytest.mark.parametrize(
    ("coverage", "found"),
    [
        ([], []),
        ([40, 41, 39, 42], []),
        ([40, 0, 39, 42], [("2026-03-03", "2026-03-03", 0)]),
        ([40, 3, 9, 40, 41, 2, 40, 40], [("2026-03-03", "2026-03-04", 12), ("2026-03-07", "2026-03-07", 2)]),
        ([40, 10, 39, 42], []),
        ([0, 40, 41, 0], []),
        ([4, 0, 5, 4], []),
    ],
    ids=["nothing", "steady", "silent", "two", "a quarter is enough", "the edges are not whole", "too thin to tell"],
)
def test_times_of_which_too_little_was_read(coverage: list[int], found: list[tuple[str, str, int]]) -> None:
    assert [(gap["first"], gap["last"], gap["coverage"]) for gap in gaps(buckets(*coverage))] == found


def test_a_gap_tells_what_is_usual() -> None:
    assert gaps(buckets(40, 0, 44, 42))[0]["usual"] == 41


def test_buckets_follow_each_other() -> None:
    assert following(date(2026, 1, 1), "month") == date(2026, 2, 1)
    assert following(date(2026, 12, 1), "month") == date(2027, 1, 1)
    assert following(MONDAY, "week") == date(2026, 3, 9)
    assert following(MONDAY, "day") == date(2026, 3, 3)
    assert between([], "day") == []
    assert between([date(2026, 3, 1), date(2026, 1, 1)], "month") == [date(2026, m, 1) for m in (1, 2, 3)]
    with pytest.raises(UserError, match="narrow the dates"):
        between([date(1800, 1, 1), date(2026, 1, 1)], "day")


def test_no_more_than_four_queries_are_compared(tools: Tools) -> None:
    for queries in ([], ["a"] * 5):
        with pytest.raises(UserError, match="1 to 4 queries"):
            answers.compare(tools.archive, queries)


def test_a_stage_is_marked_on_its_day(tools: Tools) -> None:
    (mark,) = answers.timeline(tools.archive, "place:TX", by="week")["markers"]
    assert (mark["place"], mark["stage"], mark["date"]) == ("Smith County, TX", "adopted", "2026-03-03")
    assert answers.timeline(tools.archive, "place:TX since:2026-03-05")["markers"] == [], "before what is shown"


def test_buckets_reach_as_far_as_is_asked_and_no_gap_is_told_of_them(tools: Tools) -> None:
    found = answers.timeline(tools.archive, "place:TX")
    first, last = (date.fromisoformat(found["buckets"][end]["start"]) for end in (0, -1))
    wide = answers.timeline(tools.archive, "place:TX", span=(first - timedelta(days=40), last + timedelta(days=2)))
    assert wide["buckets"][40:-2] == found["buckets"]
    starts = [date.fromisoformat(bucket["start"]) for bucket in wide["buckets"]]
    assert starts == [first + timedelta(days=n) for n in range(-40, len(found["buckets"]) + 2)]
    assert all(not bucket["articles"] + bucket["coverage"] for bucket in wide["buckets"][:40] + wide["buckets"][-2:])
    assert wide["gaps"] == found["gaps"]
    assert "2026-03-03" in [mark["date"] for mark in wide["markers"]], "a stage that changed in the silence"
    narrow = answers.timeline(tools.archive, "place:TX", span=(first, first - timedelta(days=9)))
    assert narrow == found, "never less than what is found"


def test_buckets_are_not_widened_without_end(tools: Tools) -> None:
    found = answers.timeline(tools.archive, "place:TX")
    assert answers.timeline(tools.archive, "place:TX", span=(date(1, 1, 1), date(9999, 12, 31))) == found
    by_month = answers.timeline(tools.archive, "place:TX", by="month", span=(date(2000, 2, 29), None))
    assert by_month["buckets"][0]["start"] == "2000-02-01"
    assert answers.timeline(tools.archive, "zeppelin", span=(date(2026, 1, 1), MONDAY))["buckets"] == []


def test_a_heat_map_has_one_to_twenty_sources(tools: Tools) -> None:
    for n in (0, 21):
        with pytest.raises(UserError, match="1 to 20 sources"):
            answers.heatmap(tools.archive, "", n=n)
    assert [row["source"] for row in answers.heatmap(tools.archive, "", n=1)["sources"]] == ["State Wire"]


def test_a_source_that_no_query_can_name_is_in_the_heat_map(empty: Archive) -> None:
    empty.create(article("odd", source="***"))
    (row,) = answers.heatmap(empty, "")["sources"]
    assert (row["source"], row["articles"], row["counts"]) == ("***", 1, [1])
