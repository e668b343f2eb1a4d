"""Several measures of one night in one article."""

from __future__ import annotations

import pytest

from pipeline.policy import read

FIRST = (
    "The Evanston, Illinois, City Council voted 8-1 on Monday to adopt an ordinance that bars police from sharing "
    "license plate data with ICE."
)


@pytest.mark.parametrize(
    "second",
    [
        "The council also passed a resolution, 9-0, that bars immigration agents from staging operations on city lots.",
        "It also voted 9-0 to pass a resolution that bars immigration agents from staging operations on city lots.",
        "Separately, the council voted 9-0 to adopt a resolution barring immigration agents from city lots.",
    ],
)
def test_another_tally_and_another_instrument_are_another_measure(second: str) -> None:
    found = read("Evanston council acts twice on ICE", f"{FIRST} {second}", published="2026-03-10")
    one, other = found.reports
    assert (one.instrument, one.vote and one.vote.ayes, other.instrument, other.vote and other.vote.ayes) == (
        ("ordinance", 8, "resolution", 9)
    )
    assert one.date == other.date == "2026-03-09"
    assert "data_sharing_limits" in one.provisions
    assert "no_city_property" not in one.provisions
    assert "data_sharing_limits" not in other.provisions
    assert (one.alert, other.alert) == ("new", "new")


@pytest.mark.parametrize(
    "more",
    [
        "The council adopted the ordinance, 8-1, after three hours of comment.",
        "The ordinance, passed 8-1, also bars officers from asking about immigration status.",
        "A committee had also voted 3-0 for the ordinance.",
        "The council also heard from residents about ICE.",
        "In other business the council also adopted a budget, 7-2.",
    ],
)
def test_more_about_the_same_one_is_the_same_one(more: str) -> None:
    found = read("Evanston bars ICE from license plate data", f"{FIRST} {more}", published="2026-03-10")
    assert [report.instrument for report in found.reports if report.alert == "new"] == ["ordinance"]
