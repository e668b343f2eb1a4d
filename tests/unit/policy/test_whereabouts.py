"""Whose act it is: townships, counties, towns and their schools, as articles name them."""

from __future__ import annotations

import pytest

from pipeline.model import Report
from pipeline.policy import read


def reports(title: str, text: str, *, published: str = "2026-03-05", source: str = "") -> tuple[Report, ...]:
    return read(title, text, published=published, source=source).reports


@pytest.mark.parametrize(
    ("text", "stage"),
    [
        ("Morris Township, New Jersey, committee members voted 5-0 for an ordinance that bars ICE.", "adopted"),
        ("Morris Township, N.J., committee members voted 5-0 for an ordinance that bars ICE.", "adopted"),
        ("Haverford Township, Pennsylvania, committee members voted 5-0 for an ordinance that bars ICE.", "committee"),
        ("A Morris Township, New Jersey, finance committee voted 3-0 for an ordinance that bars ICE.", "committee"),
    ],
)
def test_a_townships_committee_governs_in_new_jersey(text: str, stage: str) -> None:
    assert [told.stage for told in reports("Vote on ICE", text)] == [stage]


def test_the_president_of_a_county_board_signs_alone_and_votes_as_one_of_it() -> None:
    order = "Cook County Board President Toni Preckwinkle signed an executive order that bars ICE from county lots."
    [told] = reports("Order bars ICE", order)
    assert (told.body, told.stage, told.instrument) == ("Board President", "signed", "executive_order")
    vote = "The Cook County Board, led by its county board president, voted 15-2 Thursday to bar ICE from county lots."
    [told] = reports("Vote bars ICE", vote)
    assert (told.body, told.stage) == ("County Board", "adopted")


def test_a_local_law_is_no_states() -> None:
    text = "Kingston lawmakers voted 8-1 Tuesday night for Local Law 2 of 2026, which limits help to ICE."
    [told] = reports("Kingston adopts immigrant protection law", text, source="Daily Freeman")
    assert (told.jurisdiction.label, told.instrument) == ("Kingston, NY", "local_law")
    over = "New York lawmakers passed a bill Tuesday that overrides any local law that helps ICE, 42-20."
    assert [told.jurisdiction.label for told in reports("Bill on ICE", over)] == ["New York"]


def test_a_town_that_becomes_a_sanctuary_school_district_is_its_district() -> None:
    text = "School board members in Winooski on Monday night made the district a sanctuary for immigrant students."
    [told] = reports("Winooski becomes Vermont's first sanctuary school district", text)
    assert told.jurisdiction.type == "school_district"
