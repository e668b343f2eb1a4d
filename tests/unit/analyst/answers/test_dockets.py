from __future__ import annotations

from dataclasses import replace

import pytest

from analyst import answers
from analyst.answers.board import latest
from pipeline import repair
from pipeline.archive.base import every
from pipeline.errors import UserError
from pipeline.model import Docket, Vote
from pipeline.shown import tally
from pipeline.tools import Tools
from tests.integration.world import NOW


def test_a_vote_under_its_public_names() -> None:
    assert tally(None) is None
    assert tally(Vote(ayes=13, noes=0, absent=2, unanimous=True)) == {
        "for": 13,
        "against": 0,
        "abstain": None,
        "absent": 2,
        "unanimous": True,
    }


@pytest.mark.parametrize(
    ("place", "names"),
    [
        ("", {"Fresno", "Smith County"}),
        ("CA", {"Fresno"}),
        ("Texas", {"Smith County"}),
        ("Fresno, CA", {"Fresno"}),
        ("US", set()),
    ],
)
def test_places(tools: Tools, place: str, names: set[str]) -> None:
    assert {measure["jurisdiction"]["name"] for measure in answers.docket(tools.archive, place)["measures"]} == names


def test_no_place(tools: Tools) -> None:
    with pytest.raises(UserError, match="is no place"):
        answers.docket(tools.archive, "Atlantis")


def test_newest_first(tools: Tools) -> None:
    for stored in every(tools.archive, Docket, {"state": "TX"}):
        (measure,) = stored.record.measures
        later = replace(measure, actions=tuple(replace(action, date="2026-03-04") for action in measure.actions))
        earlier = replace(measure, actions=tuple(replace(action, date="2026-02") for action in measure.actions))
        assert (latest(later), latest(earlier)) == ("2026-03-04", "2026-02")
        tools.archive.replace(replace(stored.record, measures=(earlier,)), stored.version)
    rows = answers.docket(tools.archive)["measures"]
    assert [row["jurisdiction"]["state"] for row in rows] == ["CA", "TX"]
    assert (rows[1]["actions"][0]["date"], rows[1]["actions"][0]["date_precision"]) == ("2026-02", "month")


def test_merged_measures_are_not_shown(tools: Tools) -> None:
    one, two = (row["id"] for row in answers.docket(tools.archive)["measures"])
    repair.merge(tools.archive, one, two, why="a test", now=NOW)
    rows = answers.docket(tools.archive)["measures"]
    assert [row["id"] for row in rows] == [two]
    assert [notice["kind"] for notice in rows[0]["notices"]].count("new") == 1, "nobody is told of it anew"


def test_notices_are_shown(tools: Tools) -> None:
    for row in answers.docket(tools.archive)["measures"]:
        (notice,) = row["notices"]
        assert (notice["kind"], notice["done"], notice["muted"]) == ("new", True, "")
