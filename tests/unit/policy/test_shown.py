"""One way to write an action: what ``explain`` and ``eval`` print of it."""

from __future__ import annotations

from pipeline.policy import evaluate, read, shown

TITLE = "Eugene bars federal agents from city lots"
TEXT = "Eugene, Oregon, councilors voted 7-1 Tuesday to approve an ordinance that keeps ICE off city property."


def test_what_is_told_has_its_public_name() -> None:
    (report,) = read(TITLE, TEXT, published="2026-03-05").reports
    action = shown.action(report)
    assert action["jurisdiction"] == {"name": "Eugene", "type": "city", "state": "OR"}
    assert action["gazetteer"] == report.jurisdiction.gazetteer != "unlisted"
    assert action["vote"] == {"for": 7, "against": 1, "abstain": None, "absent": None, "unanimous": False}
    assert (action["vote_on"], action["date"], action["date_precision"]) == ("measure", "2026-03-03", "day")
    assert action["evidence"]["sentence"] == TEXT
    assert {check["rule"] for check in action["vetoes"]} >= {"veto.modal", "veto.negation"}


def test_what_is_not_told_is_null() -> None:
    (report,) = read("Eugene bars ICE from city lots", "", published=None).reports
    action = shown.action(report)
    asked = ("body", "identifier", "vote", "vote_on", "date", "date_precision")
    assert {key: action[key] for key in asked} == dict.fromkeys(asked)  # type: ignore[literal-required]


def test_eval_writes_an_action_as_explain_does() -> None:
    case = {"id": "a", "headline": TITLE, "summary": TEXT, "published": "2026-03-05"}
    (report,) = read(TITLE, TEXT, published="2026-03-05").reports
    (row,) = evaluate.evaluate([case])["cases"]
    assert row["actions"] == [shown.action(report)]
