from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from analyst import answers
from pipeline.archive.base import Archive
from pipeline.archive.keys import STATES
from pipeline.feeds.note import FeedNote
from pipeline.frontier import open_frontier
from pipeline.frontier.base import Due, Frontier
from pipeline.model import Failure, Feed, make_id

NOW = datetime(2026, 3, 5, 18, 0, tzinfo=UTC)


@pytest.fixture
def frontier(tmp_path: Path) -> Iterator[Frontier]:
    with closing(open_frontier(f"sqlite:///{tmp_path / 'frontier.sqlite3'}")) as opened:
        yield opened


def feed(name: str, place: str = "", **more: object) -> Feed:
    made = Feed(make_id("feed", name), f"https://{name}.example/feed", NOW, name, place, last_success=NOW)
    return replace(made, **more)  # type: ignore[arg-type]


def test_what_needs_a_person_comes_first_and_each_is_told_against_its_habit(empty: Archive, frontier: Frontier) -> None:
    failing = feed("b", failure=Failure("Gone", "404", NOW - timedelta(days=2)))
    quiet, well = feed("a"), feed("c")
    for one in (well, failing, quiet, feed("d", last_success=None)):
        empty.create(one)
    silent = FeedNote(
        last_new=NOW - timedelta(days=30), habit=36_000.0, last_success=NOW,
        items_per_week=0.04, usual_per_week=4.0, counted_since=NOW - timedelta(days=600),
    )  # fmt: skip
    frontier.set_note("feed", quiet.id, silent.to_bytes())
    down = FeedNote(failing_since=NOW - timedelta(days=3), failures=9)
    frontier.set_note("feed", failing.id, down.to_bytes())
    frontier.put("feed", [Due(well.id, "c.example", NOW + timedelta(minutes=12))])
    rows = answers.health(empty, frontier, lambda: NOW)["feeds"]
    assert [(row["title"], row["state"]) for row in rows] == [
        ("b", "failing"), ("a", "quiet"), ("d", "new"), ("c", "well"),
    ]  # fmt: skip
    assert (rows[0]["failures"], rows[0]["failing_since"]) == (9, "2026-03-02T18:00:00Z")
    assert rows[0]["error"] == {"class": "Gone", "reason": "404"}
    told = rows[1]
    assert (told["items_per_week"], told["usual_per_week"]) == (0.0, 4.0)
    assert (told["usual_gap_hours"], told["silent_hours"], told["quiet_after_hours"]) == (10.0, 720.0, 168.0)
    unknown = rows[3]
    assert (unknown["next_poll"], unknown["silent_hours"], unknown["usual_gap_hours"]) == (
        "2026-03-05T18:12:00Z", None, None,
    )  # fmt: skip
    assert (unknown["items_per_week"], unknown["usual_per_week"], unknown["quiet_after_hours"]) == (None, None, 504.0)


def test_a_lost_note_leaves_what_the_archive_knows(empty: Archive, frontier: Frontier) -> None:
    empty.create(feed("b", failure=Failure("Gone", "404", NOW - timedelta(days=2))))
    (row,) = answers.health(empty, frontier, lambda: NOW)["feeds"]
    assert (row["state"], row["failing_since"]) == ("failing", "2026-03-03T18:00:00Z")


def test_nobody_looks_where_no_healthy_feed_is_at_home(empty: Archive, frontier: Frontier) -> None:
    empty.create(feed("la", "Los Angeles, CA"))
    empty.create(feed("tx", "TX", failure=Failure("Gone", "404", NOW)))
    empty.create(feed("us", "US"))
    answer = answers.health(empty, frontier, lambda: NOW)
    blind = {row["state"]: row["feeds"] for row in answer["states"]}
    assert blind["TX"] == 1, "it has one, which fails"
    assert "CA" not in blind
    assert "US" not in blind
    assert len(blind) == len(STATES) - 2
    assert [row["name"] for row in answer["states"]] == sorted(row["name"] for row in answer["states"])
    places = [row["place"] for row in answer["places"]]
    assert "Los Angeles, CA" not in places
    assert places[0].startswith("New York")
    assert {"Chicago, IL", "Houston, TX", "San Francisco, CA"} <= set(places)
    people = [row["population"] for row in answer["places"]]
    assert people == sorted(people, reverse=True)
    assert 60 <= len(people) <= 140
