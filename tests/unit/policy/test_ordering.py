"""Rules that executives and courts make: what they sign, issue and announce."""

from __future__ import annotations

import pytest

from pipeline.policy import read
from tests.unit.policy.builders import alerts


@pytest.mark.parametrize(
    ("title", "text", "place", "stage"),
    [
        (
            "Cook County chief judge bans civil arrests at courthouses",
            "The chief judge of the Circuit Court of Cook County, Illinois, issued an administrative order Tuesday "
            "that bars immigration agents from making civil arrests at county courthouses without a judicial warrant.",
            "Cook County, IL",
            "issued",
        ),
        (
            "State courts close their doors to ICE",
            "The Washington Supreme Court on Monday adopted a rule that forbids immigration arrests in courthouses "
            "unless agents hold a judicial warrant.",
            "Washington",
            "adopted",
        ),
        (
            "Chief justice limits ICE in courthouses",
            "Connecticut's chief justice announced a policy Thursday that prohibits immigration agents from detaining "
            "people in state courthouses without a warrant signed by a judge.",
            "Connecticut",
            "issued",
        ),
    ],
)
def test_a_court_makes_rules_for_its_own_buildings(title: str, text: str, place: str, stage: str) -> None:
    [told] = read(title, text, published="2026-02-12").reports
    assert (told.jurisdiction.label, told.stage, told.alert) == (place, stage, "new")
    assert told.instrument in ("directive", "policy")
    assert told.direction == "limits_cooperation"


@pytest.mark.parametrize(
    "text",
    [
        "A federal judge Tuesday barred ICE from arresting people at New York courthouses, ruling in a lawsuit.",
        "The Michigan Supreme Court asked for comments on a proposed rule that would bar ICE arrests in courthouses.",
        "The chief judge of Alameda County, California, is considering an order limiting ICE arrests in courthouses.",
        "A U.S. district judge issued an order blocking an Illinois law on ICE arrests at courthouses.",
    ],
)
def test_a_ruling_or_a_plan_of_a_court_is_no_rule(text: str) -> None:
    reports = read("Courts and ICE", text, published="2026-02-12").reports
    assert not [told for told in reports if told.alert in ("new", "amend", "reaffirm")]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Virginia's governor signed an executive order Monday rescinding her predecessor's order on ICE.", "repeal"),
        ("The Gary, Indiana, council voted Monday to suspend parts of its welcoming city ordinance.", "repeal"),
        ("Boston's mayor announced an executive order Monday that bars ICE from city property.", "new"),
        ("The Monroe County, Indiana, sheriff adopted a policy Monday that bars deputies from helping ICE.", "new"),
        ("The Village of Estero, Florida, authorized its manager Monday to sign a 287(g) agreement, 7-0.", "new"),
        (
            "The Pawtucket, Rhode Island, mayor used her tie-breaking vote Monday to pass a Trust Act ordinance, 6-5.",
            "new",
        ),
    ],
)
def test_orders_of_executives(text: str, kind: str) -> None:
    assert alerts(text) == [kind]


def test_an_order_still_to_be_signed_is_announced_in_vain() -> None:
    assert "new" not in alerts(
        "Boston's mayor announced an order she plans to sign Friday that bars ICE from city lots."
    )
