from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from pipeline import model
from pipeline.model import Action, Article, Entry, Feed, Item, Jurisdiction, Measure, Report, Step, Vote, dump, load

NOW = datetime(2026, 3, 1, 12, 30, 15, 250_000, tzinfo=UTC)
LA = Jurisdiction("Los Angeles", "city", "CA")


def article(**changes: object) -> Article:
    values: dict[str, object] = {
        "id": "a", "url": "https://a.example/x", "title": "T", "text": "B", "source": "S", "source_kind": "news",
        "home": "CA", "feed": "f", "entry": "e", "first_seen": NOW,
    }  # fmt: skip
    return Article(**{**values, **changes})  # type: ignore[arg-type]


def test_records_come_back_as_they_were() -> None:
    report = Report(
        LA, "adopted", "ordinance", "s", 0, 1, vote=Vote(13, 0, unanimous=True), direction="limits_cooperation"
    )
    for record in (
        Feed("f", "https://f.example/rss", NOW, failure=model.Failure("TooSlow", "why", NOW)),
        Entry("e", "u", "f", "S", NOW, Item("i", published=NOW), steps=(Step(NOW, "seen", "in S"),)),
        article(reports=(report,), fingerprints=(0, 2**63 - 1), published=NOW),
    ):
        assert load(type(record), dump(record)) == record


def test_a_feed_that_was_kept_before_owners_were_known_has_none() -> None:
    before = dump(Feed("f", "https://f.example/rss", NOW)).replace(b',"owner":""', b"")
    assert b"owner" not in before
    assert load(Feed, before).owner == ""


def test_what_is_no_record_is_refused() -> None:
    with pytest.raises(ValidationError):
        load(Feed, b'{"id": 1}')


def test_ids_tell_their_parts_apart() -> None:
    assert model.make_id("a", "bc") != model.make_id("ab", "c")
    assert len(model.make_id("a")) == 24


def test_a_copy_names_its_story() -> None:
    assert article().copy_of is None
    assert article(story="a").copy_of is None
    assert article(story="b").copy_of == "b"


@pytest.mark.parametrize(
    ("jurisdiction", "label"),
    [
        (LA, "Los Angeles, CA"),
        (Jurisdiction("California", "state", "CA"), "California"),
        (Jurisdiction("United States", "federal", "US"), "United States"),
        (Jurisdiction("Springfield", "city", ""), "Springfield"),
    ],
)
def test_labels(jurisdiction: Jurisdiction, label: str) -> None:
    assert jurisdiction.label == label


def test_one_docket_per_jurisdiction_whatever_the_case() -> None:
    assert LA.key == Jurisdiction("LOS ANGELES", "city", "CA", "x").key
    assert LA.key != Jurisdiction("Los Angeles", "county", "CA").key
    assert Jurisdiction("Oak Park", "village", "IL").key == Jurisdiction("Oak Park", "city", "IL").key
    assert Jurisdiction("Morris Township", "township", "NJ").key == Jurisdiction("Morris", "town", "NJ").key


def test_a_measures_stage_is_its_latest_action_by_date() -> None:
    first = Action("1", "passed_first_vote", "2026-02-01", NOW)
    final = Action("2", "passed_final", "2026-02-15", NOW)
    assert Measure("m", LA, NOW, actions=(final, first)).stage == "passed_final"
    assert Measure("m", LA, NOW).stage == ""
    assert [Action("1", "adopted", date, NOW).date_precision for date in ("2026-02-01", "2026-02", "2026", "")] == [
        "day", "month", "year", "",
    ]  # fmt: skip
