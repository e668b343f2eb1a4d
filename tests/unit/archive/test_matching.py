"""What a query means, in Python."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pipeline.archive.matching import document, find, matches, sought
from pipeline.archive.query import Text, parse
from tests.unit.archive.samples import article


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", True),
        ("sanctuary", True),
        ("title:city", False),
        ("body:city", True),
        ('"sanctuary city ordinance"', True),
        ('"city sanctuary"', False),
        ('"sanctuary ordinance"', True),
        ('body:"sanctuary ordinance"', False),
        ('body:"ordinance sanctuary"~1', True),
        ('body:"ordinance sanctuary"~0', False),
        ('"council voted sanctuary"~4', False),
        ('"council voted sanctuary"~7', True),
        ('"council voted city"~2', True),
        ("sanctuar*", True),
        ("ordinances*", False),
        ('"sanctuary cit*"', True),
        ("5-2", True),
        ("nothing", False),
        ("NOT nothing", True),
        ("sanctuary -city", False),
        ("nothing OR council", True),
        ("place:CA", False),
        ("state:CA", True),
        ("state:california", True),
        ('source:"harbor courier"', True),
        ("source:harbor", False),
        ("source:harb*", True),
        ("published:2025-03-01", True),
        ("since:2025-03-02", False),
        ("until:2025-02", False),
        ("published:*", True),
    ],
)
def test_an_article_is_found_or_not(query: str, found: bool) -> None:
    assert matches(parse(query), document(article())) is found


def test_days_are_those_of_the_zone() -> None:
    late = document(article(published=datetime(2025, 3, 1, 3, tzinfo=UTC)))
    assert matches(parse("published:2025-03-01"), late)
    assert matches(parse("published:2025-02-28"), late, "America/Los_Angeles")
    assert not matches(parse("published:2025-03-01"), late, "America/Los_Angeles")


def test_what_has_no_date_is_in_no_range_and_outside_every_range() -> None:
    undated = document(article(published=None))
    assert not matches(parse("published:*"), undated)
    assert not matches(parse("since:1000"), undated)
    assert matches(parse("NOT published:2025"), undated)


def test_the_words_that_make_a_text_true() -> None:
    words = "a b c a b x b a".split()  # noqa: SIM905
    assert find(Text(("a", "b")), words) == {0, 1, 3, 4}
    assert find(Text(("b", "c", "a")), words) == {1, 2, 3}
    assert find(Text(("x",)), words) == {5}
    assert find(Text(("a", "b"), near=0), words) == {0, 1, 3, 4, 6, 7}
    assert find(Text(("c", "x"), near=2), words) == {2, 5}
    assert find(Text(("c", "x"), near=1), words) == set()
    assert find(Text(("a", "b", "c", "a", "b", "x", "b", "a", "a")), words) == set()
    assert find(Text(("a",)), []) == set()


def test_what_is_sought_leaves_out_what_is_excluded() -> None:
    assert sought(parse("a (b OR -c) -(d e) NOT NOT f place:CA")) == [Text(("a",)), Text(("b",)), Text(("f",))]
    assert sought(None) == []
