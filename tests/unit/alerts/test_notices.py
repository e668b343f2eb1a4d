"""From a notice to outbox rows: one per subscription and measure, never for what was known when it began."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.alerts.notices import expand, measure_of
from pipeline.alerts.subscriptions import subscribe
from pipeline.errors import Quarantine
from pipeline.model import Docket, Subscription, make_id
from pipeline.policy.docket.correcting import correct
from pipeline.policy.docket.merging import merge
from tests.unit.policy.builders import at, join_all, report, tally, told

VOTE = report("adopted", "2024-11-19", vote=tally(13, 0))
FINAL = report("passed_final", "2024-12-04", vote=tally(12, 0))
NOW = at("2024-11-20T16:00")
EVERYONE = subscribe("all@example.org", now=at("2024-11-01"))
STAGES = subscribe("stages@example.org", kinds=["new", "stage"], now=at("2024-11-01"))


def rows(docket: Docket, *subscriptions: Subscription) -> list[tuple[str, str]]:
    """Subscription and kind of every row that the open notices owe."""
    owed = [row for n in docket.notices if not n.done for row in expand(n, docket, subscriptions, NOW)]
    return [(row.subscription, row.kind) for row in owed]


def test_a_new_measure_is_owed_once_per_subscription_under_an_id_that_does_not_change() -> None:
    docket, (joined,) = join_all(told(VOTE))
    (notice,) = docket.notices
    (row,) = expand(notice, docket, [EVERYONE], NOW)
    assert row.id == make_id("alert", EVERYONE.id, joined.measure)
    assert (row.docket, row.measure, row.action, row.kind) == (docket.id, joined.measure, joined.action, "new")
    assert (row.state, row.created, row.due) == ("waiting", NOW, NOW)
    later = expand(notice, docket, [EVERYONE], at("2024-11-21"))
    assert [other.id for other in later] == [row.id]


def test_other_kinds_are_owed_once_per_subscription_and_action() -> None:
    docket, joined = join_all([*told(VOTE), *told(FINAL, published="2024-12-05", source="B")])
    (row,) = expand(docket.notices[1], docket, [EVERYONE, STAGES], NOW)
    assert row.subscription == STAGES.id
    assert row.id == make_id("alert", STAGES.id, joined[1].action)
    assert rows(docket, EVERYONE, STAGES) == [(EVERYONE.id, "new"), (STAGES.id, "new"), (STAGES.id, "stage")]


def test_what_a_subscription_finds_at_its_start_counts_as_known() -> None:
    docket, _ = join_all(told(VOTE))
    late = subscribe("late@example.org", now=at("2024-11-21"))
    assert rows(docket, late) == []
    more, _ = join_all(
        told(replace(VOTE, sentence="Confirmed by the clerk."), source="B"), docket, now=at("2024-11-22")
    )
    assert more.notices[0].confidence > docket.notices[0].confidence
    assert rows(more, late) == []


def test_a_second_account_lifts_the_alert_over_a_threshold() -> None:
    careful = subscribe("careful@example.org", min_confidence=0.85, now=at("2024-11-01"))
    docket, _ = join_all(told(VOTE))
    assert rows(docket, careful) == []
    more, _ = join_all(told(replace(VOTE, sentence="Confirmed by the clerk."), source="B"), docket)
    assert rows(more, careful) == [(careful.id, "new")]


def test_muted_notices_owe_nothing() -> None:
    docket, _ = join_all(told(replace(VOTE, date="2017-02-06")))
    assert docket.notices[0].muted
    assert expand(docket.notices[0], docket, [EVERYONE], NOW) == []


def test_a_correction_goes_to_those_who_were_told() -> None:
    docket, _ = join_all(told(VOTE))
    elsewhere = subscribe("tx@example.org", places=["TX"], now=at("2024-11-01"))
    late = subscribe("late@example.org", now=at("2024-11-21"))
    careful = subscribe("careful@example.org", min_confidence=0.95, now=at("2024-11-01"))
    no_corrections = subscribe("new@example.org", kinds=["new"], now=at("2024-11-01"))
    repaired = correct(docket, "m1", {"identifier": "Ordinance 1"}, why="read the text", now=at("2024-11-25"))
    correction = repaired.notices[-1]
    owed = expand(correction, repaired, [EVERYONE, elsewhere, late, careful, no_corrections], NOW)
    assert [(row.subscription, row.kind, row.action) for row in owed] == [
        (EVERYONE.id, "correction", repaired.audit[-1].id)
    ]


def test_after_a_merge_nobody_is_owed_the_measure_as_new_again() -> None:
    one = told(replace(VOTE, identifier="Ordinance 188-1"))
    two = told(replace(VOTE, identifier="Ordinance 188-2", sentence="It passed."), source="B")
    docket, _ = join_all([*one, *two])
    first = {row.id for n in docket.notices for row in expand(n, docket, [EVERYONE], NOW)}
    assert len(first) == 2
    sent = replace(docket, notices=tuple(replace(n, done=True) for n in docket.notices))
    merged = merge(sent, "m2", "m1", why="one ordinance", now=at("2024-11-25"))
    again = [row for n in merged.notices if not n.done for row in expand(n, merged, [EVERYONE], NOW)]
    assert {row.id for row in again if row.kind == "new"} <= first
    assert [row.kind for row in again if row.id not in first] == ["correction"]


def test_a_measure_that_is_not_there_is_for_a_person_to_see() -> None:
    docket, _ = join_all(told(VOTE))
    with pytest.raises(Quarantine, match="holds no measure m9"):
        measure_of(docket, "m9")
    stray = replace(docket.notices[0], measure="m9")
    with pytest.raises(Quarantine):
        expand(stray, docket, [EVERYONE], NOW)
