"""Under which values articles are found and counted."""

from __future__ import annotations

import pytest

from pipeline.archive.keys import EQUAL_STAGES, FIELDS, keys, labels, state_of
from pipeline.model import STAGES
from tests.unit.archive.samples import article


@pytest.mark.parametrize(
    ("place", "state"),
    [
        ("Los Angeles, CA", "CA"), ("CA", "CA"), ("California", "CA"), ("US", "US"), ("United States", "US"),
        ("Washington, DC", "DC"), ("Washington", "WA"), ("", ""), ("Toronto, ON", ""), ("Springfield", ""),
    ],
)  # fmt: skip
def test_the_state_of_a_place(place: str, state: str) -> None:
    assert state_of(place) == state


def test_an_article_about_a_city_is_about_its_state_too() -> None:
    found = labels(article(places=("Los Angeles, CA", "California", "Santa Ana, CA", "Toronto, ON")))
    assert found["place"] == ("CA", "Los Angeles, CA", "Santa Ana, CA", "Toronto, ON")


@pytest.mark.parametrize(
    ("label", "found"),
    [
        ("Los Angeles, CA", {"los angeles ca", "los angeles"}),
        ("CA", {"ca", "california"}),
        ("Washington, DC", {"washington dc"}),
        ("New York, NY", {"new york ny"}),
        ("US", {"us", "united states"}),
        ("Toronto, ON", {"toronto on"}),
        ("Doña Ana County, NM", {"dona ana county nm", "dona ana county"}),
    ],
)
def test_what_a_place_answers_to(label: str, found: set[str]) -> None:
    assert keys("place", label) == found


def test_equal_stages_count_as_one() -> None:
    assert labels(article(stages=("passed", "approved", "vetoed")))["stage"] == ("adopted", "vetoed")
    assert keys("stage", "adopted") == {"adopted", "passed", "approved", "issued", "passed final"}
    assert keys("stage", "vetoed") == {"vetoed"}
    for group in EQUAL_STAGES:
        assert set(group) <= set(STAGES)


def test_values_that_say_nothing_are_not_counted() -> None:
    found = labels(article(source="", home="", lang="", places=("",), measures=("", "m1", "m1")))
    assert set(found) == set(FIELDS)
    assert {field: values for field, values in found.items() if values} == {"kind": ("news",), "measure": ("m1",)}
    assert keys("source", "🗽") == frozenset()


def test_state_and_language() -> None:
    found = labels(article(home="Kansas City, MO", lang="en-US"))
    assert (found["state"], found["lang"]) == (("MO",), ("en",))
    assert keys("state", "MO") == {"mo", "missouri"}
