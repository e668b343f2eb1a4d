from __future__ import annotations

from datetime import date

import pytest

from demo import compare
from demo.expected import Expected, ExpectedMeasure, expected
from demo.newsroom import Newsroom
from demo.show import AlertJSON, ArticleJSON, MeasureJSON, StepJSON, WhyJSON

STATES = {"Colorado": "CO", "Alabama": "AL", "North Carolina": "NC", "United States": "US"}


@pytest.fixture(scope="module")
def wanted(newsroom: Newsroom) -> Expected:
    return expected(newsroom)


def perfect(measure: ExpectedMeasure) -> MeasureJSON:
    """The docket's entry that a faultless monitor has."""
    name, _, state = measure.labels[0].partition(", ")
    return {
        "id": measure.key,
        "jurisdiction": {"name": name, "type": measure.types[0], "state": state or STATES[name]},
        "body": measure.bodies[0] if measure.bodies else "",
        "instrument": measure.instruments[0],
        "identifier": measure.identifier,
        "direction": measure.directions[0],
        "provisions": [],
        "stage": measure.actions[-1].stages[0],
        "actions": [
            {
                "stage": action.stages[0],
                "date": (action.date or date(2020, 1, 1)).isoformat(),
                "date_precision": "day",
                "vote": {
                    "for": action.votes[0][0],
                    "against": action.votes[0][1],
                    "abstain": None,
                    "absent": None,
                    "unanimous": None,
                }
                if action.votes
                else None,
                "evidence": [{"url": url, "sentence": "It did."} for url in action.evidence],
                "articles": list(action.evidence),
            }
            for action in measure.actions
        ],
    }


def docket(wanted: Expected) -> list[MeasureJSON]:
    return [perfect(measure) for measure in wanted.measures if measure.actions[0].evidence]


def alerts(wanted: Expected) -> list[AlertJSON]:
    return [
        {"id": m.key, "measure": m.key, "kind": m.alert, "state": "sent"} for m in wanted.measures if m.alert and m.sure
    ]


def test_a_faultless_docket_shows_no_difference(wanted: Expected) -> None:
    assert compare.measures(wanted, docket(wanted)) == []
    assert compare.alerts(wanted, alerts(wanted), docket(wanted)) == []


def test_what_is_wrong_with_a_measure_is_said(wanted: Expected) -> None:
    found = docket(wanted)
    tacoma = next(m for m in found if m["id"] == "tacoma")
    tacoma["direction"] = "mandates_cooperation"
    tacoma["instrument"] = "resolution"
    vote = tacoma["actions"][0]["vote"]
    assert vote
    vote["for"] = 2
    assert compare.measures(wanted, found) == [
        "tacoma: instrument is resolution, not ordinance",
        "tacoma: direction is mandates_cooperation, not limits_cooperation",
        "tacoma: adopted: vote is (2, 2), not (7, 2)",
    ]


def test_missing_doubled_and_misdated_measures(wanted: Expected) -> None:
    found = [m for m in docket(wanted) if m["id"] not in ("madison", "hemet")]
    doubled = perfect(next(m for m in wanted.measures if m.key == "oak-park"))
    late = next(m for m in found if m["id"] == "randall")
    late["actions"][0]["date"] = "2026-01-01"
    differences = compare.measures(wanted, [*found, doubled])
    assert differences[0] == "oak-park: 2 measures tell of it"
    assert differences[1] == "madison: not in the docket"
    assert differences[2].startswith("randall: no action approved on ")
    assert len(differences) == 3


def test_alerts_missing_doubled_and_false(wanted: Expected) -> None:
    found = [a for a in alerts(wanted) if a["measure"] != "aurora-repeal"]
    found.append({"id": "z", "measure": "tacoma", "kind": "new", "state": "sent"})
    found.append({"id": "y", "measure": "pima", "kind": "new", "state": "sent"})
    found.append({"id": "x", "measure": "nowhere", "kind": "new", "state": "sent"})
    assert compare.alerts(wanted, found, docket(wanted)) == [
        "tacoma: 2 alerts of kind new",
        "pima: a false alert of kind new",
        "a measure that is not in the docket: a false alert of kind new",
        "aurora-repeal: no alert of kind repeal",
    ]


def articles(wanted: Expected) -> list[ArticleJSON]:
    found: list[ArticleJSON] = []
    for group in wanted.copies:
        first = min(group)
        for url in sorted(group):
            copy_of = None if url == first else first
            found.append({"id": url, "url": url, "title": "", "source": "", "story": first, "copy_of": copy_of})
    return found


def test_copies(wanted: Expected) -> None:
    found = articles(wanted)
    assert compare.copies(wanted, found) == []
    stranger: ArticleJSON = {**found[0], "id": "s", "url": "http://127.0.0.11/other", "copy_of": found[0]["story"]}
    assert compare.copies(wanted, [*found, stranger]) == [
        "http://127.0.0.11/other: joined to a story that it is no copy of"
    ]
    lone: ArticleJSON = {**found[1], "story": "own", "copy_of": None}
    assert any("several stories" in text for text in compare.copies(wanted, [found[0], lone, *found[2:]]))
    assert compare.copies(wanted, found[1:]) == [
        f"{found[0]['url']}: is no article",
        f"{found[0]['url']}: 0 of its pages are the story's article, not one",
    ]


def test_endings(wanted: Expected) -> None:
    found: dict[str, WhyJSON] = {}
    for url, ending in wanted.endings.items():
        outcome: str = ending.ends[0]
        steps: list[StepJSON] = [{"at": "", "step": "fetch", "result": "TooSlow"}] if outcome == "retry" else []
        found[url] = {
            "url": url,
            "outcome": "unknown" if outcome == "retry" else outcome,
            "reason": compare.REASONS[ending.reason][0] if outcome == "discard" else "",
            "steps": steps,
        }
    assert compare.endings(wanted, found) == []
    zoo = next(url for url in found if url.split("?")[0].endswith("/zoo-asia-construction/"))
    found[zoo] = {**found[zoo], "reason": "Gone: 404"}
    gone = next(url for url, ending in wanted.endings.items() if ending.reason == "gone")
    found[gone] = {**found[gone], "outcome": "article", "reason": ""}
    lost = next(iter(found))
    del found[lost]
    assert sorted(compare.endings(wanted, found)) == sorted(
        [
            f"{lost}: nothing is known of it",
            f"{zoo}: put aside because 'Gone: 404', not as irrelevant",
            f"{gone}: ended as article (), not discard",
        ]
    )
