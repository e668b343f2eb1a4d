"""Verbs that make a rule: who may use them, of what."""

from __future__ import annotations

import pytest

from pipeline.policy import read
from tests.unit.policy.builders import alerts


@pytest.mark.parametrize(
    "text",
    [
        "The Hall County, Georgia, commissioners voted 5-0 to approve the budget; the 287(g) program remains.",
        "The Park City, Utah, council approved a hotel tax 5-0 and put off a vote on an ordinance limiting ICE.",
        "The Lehigh County, Pennsylvania, commissioners approved a $300,000 settlement with a man held for ICE.",
        "The Boise, Idaho, City Council passed its consent agenda 8-0, setting a hearing on an ordinance barring ICE.",
        "The Boise, Idaho, City Council voted 7-2 to hire a law firm to defend its sanctuary ordinance.",
        "The Boise, Idaho, City Council voted 4-3 to reconsider an ordinance that limits help to ICE.",
        "The Norfolk, Virginia, City Council voted 6-2 to renew a camera contract despite fears that ICE may use it.",
        "The Kane County, Illinois, board voted 20-3 to create a task force on how ICE raids affect residents.",
        "The Erie County, New York, sheriff signed a letter opposing a bill that bars 287(g) agreements.",
        "Boston's mayor said Monday that many shops have put up signs under the ICE-free zone order he signed in May.",
        "The Oakland, California, council approved a police budget 6-2 that leaves out proposed limits on ICE.",
        "Maine's congressman said the state's new law, passed over objections, is no reason for ICE to surge.",
        "New Haven, Connecticut, alders voted 22-3 to return a federal grant that was tied to help for ICE.",
        "The city of Tempe, Arizona, clarified its policy that officers do not ask about immigration status.",
        "Washington County, Oregon, commissioners voted 3-2 to back a bill that would end the sanctuary law.",
    ],
)
def test_what_is_voted_on_beside_the_topic_is_no_rule(text: str) -> None:
    assert not {"new", "amend", "reaffirm"}.intersection(alerts(text))


def test_what_police_are_kept_from_joining_is_not_the_instrument() -> None:
    text = "Boise, Idaho, council members voted 5-4 Monday to bar police from joining the federal 287(g) program."
    [told] = read("Vote on police and ICE", text, published="2026-02-12").reports
    assert told.instrument != "287g_agreement"
    assert told.direction == "limits_cooperation"


def test_a_measure_that_lets_people_sue_is_no_suit() -> None:
    text = (
        "Boise, Idaho, council members voted 5-0 Monday for an ordinance that allows residents to sue over help to ICE."
    )
    [told] = read("Vote on ICE", text, published="2026-02-12").reports
    assert (told.instrument, told.direction) == ("ordinance", "limits_cooperation")
