"""Vetoes on whole articles: clauses within a subject, reasons, history, and what a headline makes news."""

from __future__ import annotations

import pytest

from pipeline.model import Report
from pipeline.policy import read
from tests.unit.policy.builders import alerts


def reports(title: str, text: str, *, published: str = "2026-03-05", source: str = "") -> tuple[Report, ...]:
    return read(title, text, published=published, source=source).reports


def test_a_clause_within_the_subject_adopts_nothing() -> None:
    text = "A resolution calling Hood River, Oregon, a city that backs the state sanctuary law failed 3-3 Monday."
    [told] = reports("Hood River council splits on sanctuary resolution", text)
    assert told.stage == "rejected"


@pytest.mark.parametrize(
    "text",
    [
        "A resolution that backs the sanctuary law passed 5-2 Monday in Hood River, Oregon, where the council met.",
        "The Hood River, Oregon, City Council passed a resolution Monday that backs the sanctuary law, 5-2.",
        "Hood River, Oregon, officials said Monday that the council voted 5-1 to bar police from helping ICE.",
    ],
)
def test_a_clause_elsewhere_leaves_the_adoption(text: str) -> None:
    assert alerts(text) == ["new"]


def test_a_reason_is_background() -> None:
    text = "Key West, Florida, commissioners voted 6-1 to declare a 287(g) agreement void because the chief signed it."
    [told] = reports("Vote on police and ICE", text)
    assert (told.stage, told.direction, told.body) == ("adopted", "limits_cooperation", "City Commission")
    assert not reports("ICE and police", "Ocala, Florida, is in the news because the mayor signed a 287(g) agreement.")


def test_how_it_came_about_is_history() -> None:
    assert not reports("How Oregon became a sanctuary state", "Lawmakers passed the sanctuary law in 1987.")


def test_what_the_headline_tells_of_the_same_person_is_news() -> None:
    lead = "Louisiana sheriffs who hinder ICE could face charges under Senate Bill 15, which Gov. Jeff Landry signed."
    [told] = reports("Landry signs bill on immigration enforcement", lead)
    assert (told.stage, told.identifier, told.jurisdiction.label) == ("signed", "SB 15", "Louisiana")
    assert not reports("Sheriffs fear bill on immigration enforcement", lead)
