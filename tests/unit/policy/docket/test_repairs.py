"""Merge, split and correct: repeatable, audited, and nobody is told of anything as new twice."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.errors import UserError
from pipeline.model import Docket, Vote, dump, load
from pipeline.policy.docket import join
from pipeline.policy.docket.audit import intentions, pinned
from pipeline.policy.docket.correcting import correct
from pipeline.policy.docket.merging import bury, intend, merge, receive, split
from pipeline.policy.docket.owing import FOUNDING, resolve, told
from pipeline.policy.docket.withdrawing import withdraw
from tests.unit.policy.builders import at, join_all, minting, place, report, tally
from tests.unit.policy.builders import told as telling

NOW = at("2024-11-25")
ONE = telling(report("adopted", "2024-11-19", vote=tally(13, 0), identifier="Ordinance 188-1"))
TWO = telling(report("adopted", "2024-11-19", vote=tally(13, 0), identifier="Ordinance 188-2"), source="B")
PROPOSAL = telling(
    report("introduced", "2024-10-01", alert=None, alertable=False, identifier="Ordinance 188-2"),
    published="2024-10-02",
    source="C",
)


def done(docket: Docket) -> Docket:
    """The docket after its notices were told."""
    return replace(docket, notices=tuple(replace(n, done=True) for n in docket.notices))


def founding(docket: Docket, measure: str) -> list[str]:
    """The notices that told a measure as new and may still be opened."""
    about = [n for n in docket.notices if n.kind in FOUNDING and resolve(docket, n.measure)[1] == measure]
    return [n.id for n in about if not n.muted]


def test_merging_unites_actions_and_evidence_and_leaves_a_tombstone() -> None:
    docket, _ = join_all([*ONE, *TWO])
    merged = merge(docket, "m2", "m1", why="one ordinance, two numbers", now=NOW)
    one = next(m for m in merged.measures if m.id == "m1")
    tomb = next(m for m in merged.measures if m.id == "m2")
    assert tomb.merged_into == f"{docket.id}:m1"
    assert len(one.actions) == 1
    assert {e.source for e in one.actions[0].evidence} == {"Westside Courier", "B"}
    assert [(a.what, a.why) for a in merged.audit] == [
        ("merged Los Angeles, CA ordinance Ordinance 188-2 into Los Angeles, CA ordinance Ordinance 188-1",
         "one ordinance, two numbers")
    ]  # fmt: skip
    assert merge(merged, "m2", "m1", why="again", now=at("2024-11-26")) == merged


def test_after_a_merge_one_notice_stays_and_those_told_twice_are_owed_a_correction() -> None:
    docket, _ = join_all([*ONE, *TWO])
    merged = merge(done(docket), "m2", "m1", why="the same", now=NOW)
    assert len(founding(merged, "m1")) == 1
    assert [n.kind for n in merged.notices] == ["new", "new", "correction"]
    correction = merged.notices[-1]
    assert (correction.measure, correction.action, correction.done) == ("m1", merged.audit[-1].id, False)
    kept, quiet = merged.notices[0], merged.notices[1]
    assert quiet.muted == "merged: told once already"
    assert kept.confidence > docket.notices[0].confidence
    assert not kept.done


def test_an_open_notice_gives_way_to_one_that_was_told() -> None:
    docket, _ = join_all([*ONE, *TWO])
    first, second = docket.notices
    half = replace(docket, notices=(first, replace(second, done=True)))
    merged = merge(half, "m2", "m1", why="the same", now=NOW)
    alive = [n for n in merged.notices if n.kind == "new" and not n.muted]
    assert [n.measure for n in alive] == ["m2"]
    assert resolve(merged, "m2") == (docket.id, "m1")
    later = telling(report("passed_final", "2024-12-03"), published="2024-12-04", source="C")
    again, _ = join_all(later, merged)
    assert [n.kind for n in again.notices if not n.done] == ["new", "correction", "stage"]


def test_reports_of_a_merged_measure_join_the_one_it_went_into() -> None:
    docket, _ = join_all([*ONE, *TWO])
    merged = merge(docket, "m2", "m1", why="the same", now=NOW)
    for pair in (*ONE, *TWO):
        again = join(merged, *pair, now=NOW, mint=minting("x"))
        assert (again.measure, again.change, again.docket) == ("m1", "known", merged)
    later = telling(report("passed_final", "2024-12-03", identifier="Ordinance 188-2"), published="2024-12-04")
    docket, (joined,) = join_all(later, merged)
    assert (joined.measure, joined.change) == ("m1", "new action")
    assert [n.kind for n in docket.notices if n.kind == "stage"] == ["stage"]


@pytest.mark.parametrize(("moved", "into"), [("m1", "m2"), ("m2", "m1")])
def test_accounts_of_what_was_merged_are_not_told_apart_again(moved: str, into: str) -> None:
    """An article that tells two measures of one night, after a person found that they are one."""
    one = report("adopted", "2026-02-03", vote=tally(8, 1), topic="plate data", provisions=("data_sharing_limits",))
    two = report(
        "adopted", "2026-02-03", vote=tally(9, 0), topic="city lots", instrument="resolution", start=200,
        provisions=("no_city_property",),
    )  # fmt: skip
    docket, _ = join_all(telling(one, two, published="2026-02-04"))
    assert len(docket.measures) == 2
    merged = merge(done(docket), moved, into, why="one package", now=at("2026-02-05"))
    for n, order in enumerate(((one, two), (two, one))):
        again = [replace(r, sentence=f"{r.sentence} Told again, {n}.") for r in order]
        told_again = telling(*again, published="2026-02-05", source=f"Paper {n}")
        after, joined = join_all(told_again, merged, now=at("2026-02-06"), mint=minting("x"))
        assert {j.measure for j in joined} == {into}
        assert [notice.kind for notice in after.notices if not notice.done] == ["new", "correction"]


def test_merging_a_mere_proposal_owes_no_correction() -> None:
    docket, _ = join_all([*PROPOSAL, *ONE])
    assert len(docket.measures) == 2
    merged = merge(done(docket), "m1", "m2", why="the same", now=NOW)
    assert [n.kind for n in merged.notices] == ["new"]
    assert len(next(m for m in merged.measures if m.id == "m2").actions) == 2


def test_a_merge_across_dockets_may_stop_anywhere_and_be_carried_on() -> None:
    county = place("Los Angeles County", "CA", "county")
    wrong = telling(report("adopted", "2024-11-19", where=county, vote=tally(13, 0), body="Board"), source="B")
    source, _ = join_all(wrong, mint=minting("w"))
    target, _ = join_all(ONE)
    source, target = done(source), done(target)

    announced = intend(source, "w1", target, "m1", why="it was the city", now=NOW)
    assert intend(announced, "w1", target, "m1", why="again", now=NOW) == announced
    (intention,) = intentions(announced)
    received = receive(target, announced, intention, now=NOW)
    assert receive(received, announced, intention, now=at("2024-11-26")) == received
    buried = bury(announced, intention, now=NOW)
    assert bury(buried, intention, now=at("2024-11-26")) == buried
    assert receive(received, buried, intention, now=NOW) == received
    assert intentions(buried) == []

    one = next(m for m in received.measures if m.id == "m1")
    assert {e.source for a in one.actions for e in a.evidence} == {"Westside Courier", "B"}
    assert resolve(received, "w1") == (target.id, "m1")
    assert resolve(buried, "w1") == (target.id, "m1")
    assert len(founding(received, "m1")) == 1
    assert sum(n.kind == "correction" for n in received.notices) == 1
    assert all(n.done for n in buried.notices)

    again = join(buried, *wrong[0], now=NOW, mint=minting("x"))
    assert again.elsewhere == f"{target.id}:m1"
    assert again.docket == buried
    there = join(received, *wrong[0], now=NOW, mint=minting("x"), into="m1")
    assert (there.change, there.docket) == ("known", received)
    more = telling(report("passed", "2024-11-19", where=county, body="Board", sentence="It passed."), source="D")
    assert join(buried, *more[0], now=NOW, mint=minting("x")).elsewhere == f"{target.id}:m1"
    taken = join(received, *more[0], now=NOW, mint=minting("x"), into="w1")
    assert (taken.measure, taken.change) == ("m1", "new evidence")


def test_merging_refuses_what_makes_no_sense() -> None:
    docket, _ = join_all([*ONE, *TWO])
    with pytest.raises(UserError, match="into itself"):
        merge(docket, "m1", "m1", why="", now=NOW)
    with pytest.raises(UserError, match="no measure m9"):
        merge(docket, "m9", "m1", why="", now=NOW)
    merged = merge(docket, "m2", "m1", why="", now=NOW)
    with pytest.raises(UserError, match="was merged into m1"):
        merge(merged, "m1", "m2", why="", now=NOW)


# ------------------------------------------------------------------ split
MIXED = [
    *telling(report("adopted", "2024-11-19", vote=tally(13, 0), sentence="Ordinance A passed on Tuesday.")),
    *telling(report("adopted", "2024-11-19", vote=tally(13, 0), sentence="Ordinance B passed as well."), source="B"),
]


def test_splitting_by_article_makes_a_second_measure_that_is_never_told_as_new() -> None:
    docket, _ = join_all(MIXED)
    other = MIXED[1][1].id
    parted = split(done(docket), "m1", articles=[other], why="two ordinances", now=NOW, mint=minting("n"))
    old, new = parted.measures
    assert (old.id, new.id) == ("m1", "n1")
    assert [e.article for e in old.actions[0].evidence] == [MIXED[0][1].id]
    assert [e.article for e in new.actions[0].evidence] == [other]
    assert old.actions[0].id != new.actions[0].id
    assert founding(parted, "m1") == [docket.notices[0].id]
    assert founding(parted, "n1") == []
    assert [n.kind for n in parted.notices if not n.done] == ["correction"]
    assert split(parted, "m1", articles=[other], why="again", now=NOW, mint=minting("y")) == parted
    more = telling(report("passed", "2024-11-19", sentence="B, the second one, passed."), source="E")
    told_again = join(parted, *more[0], now=NOW, mint=minting("x"), into="n1")
    assert not any(n.kind == "new" and not n.muted and n.measure == "n1" for n in told_again.docket.notices)
    for pair, home in zip(MIXED, ("m1", "n1"), strict=True):
        again = join(parted, *pair, now=NOW, mint=minting("x"))
        assert (again.measure, again.change) == (home, "known")


def test_the_part_that_was_told_keeps_the_measures_id() -> None:
    vote = telling(report("adopted", "2024-11-19", identifier="Ordinance 188-2"))
    docket, _ = join_all([*PROPOSAL, *vote])
    (measure,) = docket.measures
    adopted = next(a for a in measure.actions if a.stage == "adopted")
    parted = split(done(docket), "m1", actions=[adopted.id], why="another one", now=NOW, mint=minting("n"))
    told_part = next(m for m in parted.measures if m.id == "m1")
    assert [a.id for a in told_part.actions] == [adopted.id]
    assert [a.stage for m in parted.measures if m.id == "n1" for a in m.actions] == ["introduced"]
    later = telling(report("adopted", "2024-11-26"), published="2024-11-27", source="F")
    docket = join(parted, *later[0], now=at("2024-11-27"), mint=minting("x"), into="n1").docket
    assert [n.measure for n in docket.notices if n.kind == "new" and not n.done] == ["n1"]


def test_a_split_that_nobody_was_told_of_is_silent_and_owes_both() -> None:
    docket, _ = join_all([(replace(r, alertable=False), a) for r, a in MIXED[:1]])
    docket, _ = join_all(telling(replace(MIXED[1][0], alertable=False), source="B", story=MIXED[0][1].id), docket)
    assert docket.notices == ()
    parted = split(docket, "m1", articles=[MIXED[0][1].id], why="two", now=NOW, mint=minting("n"))
    assert parted.notices == ()


def test_splitting_none_or_all_is_refused() -> None:
    docket, _ = join_all(MIXED)
    for articles in ([], ["nowhere"], [a.id for _, a in MIXED]):
        with pytest.raises(UserError, match="not none and not all"):
            split(docket, "m1", articles=articles, why="", now=NOW, mint=minting("n"))


# ------------------------------------------------------------------ correct
def test_a_corrected_field_stays_whatever_is_reported_later() -> None:
    docket, _ = join_all(ONE)
    better = correct(
        done(docket), "m1", {"identifier": "Ordinance 999", "direction": "mixed"}, why="read the text", now=NOW
    )
    (measure,) = better.measures
    assert (measure.identifier, measure.direction) == ("Ordinance 999", "mixed")
    assert pinned(better, "m1") == {"identifier", "direction"}
    assert better.audit[-1].what == (
        "corrected Los Angeles, CA ordinance Ordinance 188-1: "
        "identifier Ordinance 188-1 → Ordinance 999; direction limits cooperation → mixed"
    )
    assert [n.kind for n in better.notices] == ["new", "correction"]
    assert correct(better, "m1", {"direction": "mixed"}, why="again", now=NOW) == better
    more = telling(replace(ONE[0][0], identifier="", confidence=0.95, sentence="It passed indeed."), source="B")
    docket, _ = join_all(more, better)
    assert docket.measures[0].direction == "mixed"
    twice = correct(better, "m1", {"direction": "limits_cooperation"}, why="no, after all", now=NOW)
    assert [n.kind for n in twice.notices] == ["new", "correction", "correction"]
    assert len({n.id for n in twice.notices}) == 3


def test_an_action_is_corrected_by_its_id() -> None:
    docket, (joined,) = join_all(ONE)
    better = correct(docket, "m1", {"vote": "12-1", "date": "2024-11-18"}, action=joined.action, why="", now=NOW)
    action = better.measures[0].actions[0]
    assert (action.vote, action.date) == (Vote(ayes=12, noes=1, unanimous=False), "2024-11-18")
    assert told(better, "m1") != []
    docket, _ = join_all(telling(replace(ONE[0][0], confidence=0.99, sentence="All thirteen."), source="B"), better)
    assert docket.measures[0].actions[0].vote == action.vote


def test_an_action_that_was_no_adoption_is_not_told_any_more() -> None:
    docket, (joined,) = join_all(ONE)
    better = correct(docket, "m1", {"stage": "tabled"}, action=joined.action, why="it was put off", now=NOW)
    (action,) = better.measures[0].actions
    assert (action.stage, action.alert) == ("tabled", None)
    assert next((n.kind, n.done, n.muted) for n in better.notices) == ("new", True, "corrected: it is tabled")
    again = join(better, *ONE[0], now=NOW, mint=minting("x"))
    assert (again.change, again.docket) == ("known", better)


@pytest.mark.parametrize(
    ("fields", "action", "problem"),
    [
        ({"colour": "red"}, "", "cannot be corrected"),
        ({"vote": "13-0"}, "", "cannot be corrected"),
        ({"direction": "left"}, "", "is no direction"),
        ({"stage": "done"}, "a", "is no stage"),
        ({"date": "yesterday"}, "a", "a date is"),
        ({"vote": "many"}, "a", "a vote is written 13-0"),
        ({"stage": "adopted"}, "nothing", "has no action"),
    ],
)
def test_a_correction_that_cannot_be_read_says_so(fields: dict[str, str], action: str, problem: str) -> None:
    docket, (joined,) = join_all(ONE)
    with pytest.raises(UserError, match=problem):
        correct(docket, "m1", fields, action=joined.action if action == "a" else action, why="", now=NOW)


# ------------------------------------------------------------------ withdraw
def test_a_measure_that_was_none_leaves_the_docket_and_keeps_its_trail() -> None:
    docket, _ = join_all([*ONE, *TWO])
    left = withdraw(done(docket), "m1", why="a rally, no vote", now=NOW)
    assert [m.id for m in left.measures] == ["m2"]
    (gone,) = left.withdrawn
    assert gone.actions == docket.measures[0].actions
    assert [(a.what, a.why) for a in left.audit] == [
        ("withdrew Los Angeles, CA ordinance Ordinance 188-1: there is no such measure", "a rally, no vote")
    ]
    assert [n.kind for n in left.notices if not n.done] == ["correction"]
    assert (left.notices[-1].measure, left.notices[-1].action) == ("m1", left.audit[-1].id)
    assert withdraw(left, "m1", why="again", now=at("2024-11-26")) == left
    with pytest.raises(UserError, match="was withdrawn"):
        merge(left, "m1", "m2", why="", now=NOW)
    with pytest.raises(UserError, match="no measure m9"):
        withdraw(docket, "m9", why="", now=NOW)
    assert load(Docket, dump(left)) == left


def test_what_nobody_was_told_yet_is_muted_and_owes_no_correction() -> None:
    docket, _ = join_all(ONE)
    quiet = replace(docket, notices=tuple(replace(n, muted="old news", done=True) for n in docket.notices))
    assert [n.kind for n in withdraw(quiet, "m1", why="", now=NOW).notices] == ["new"]
    open_ = withdraw(docket, "m1", why="", now=NOW)
    assert [(n.kind, n.done, n.muted) for n in open_.notices] == [("new", True, "withdrawn")]


def test_other_accounts_of_a_withdrawn_action_do_not_bring_it_back() -> None:
    docket, _ = join_all(ONE)
    left = withdraw(docket, "m1", why="misread", now=NOW)
    again = join(left, *ONE[0], now=NOW, mint=minting("x"))
    assert (again.measure, again.change, again.docket) == ("", "known", left)
    more = telling(report("passed", "2024-11-19", vote=tally(13, 0), sentence="It passed, they say."), source="D")
    absorbed = join(left, *more[0], now=NOW, mint=minting("x"))
    assert (absorbed.measure, absorbed.change) == ("", "new evidence")
    assert absorbed.docket.measures == ()
    assert absorbed.docket.notices == left.notices
    assert {e.source for e in absorbed.docket.withdrawn[0].actions[0].evidence} == {"Westside Courier", "D"}
    assert join(absorbed.docket, *more[0], now=NOW, mint=minting("x")).docket == absorbed.docket


def test_a_true_adoption_after_a_withdrawn_one_is_new() -> None:
    docket, _ = join_all(ONE)
    left = withdraw(docket, "m1", why="it was a committee", now=NOW)
    later = telling(report("adopted", "2024-12-10", vote=tally(12, 1)), published="2024-12-11", source="D")
    docket, (joined,) = join_all(later, left, mint=minting("x"))
    assert (joined.measure, joined.change) == ("x1", "new measure")
    assert [n.kind for n in docket.notices if not n.done] == ["new"]


def test_a_proposal_on_the_docket_does_not_take_in_what_was_withdrawn() -> None:
    docket, _ = join_all([*ONE, *PROPOSAL])
    assert len(docket.measures) == 2
    left = withdraw(docket, "m1", why="no vote was taken", now=NOW)
    more = telling(report("passed", "2024-11-19", vote=tally(13, 0), sentence="It passed, they say."), source="D")
    absorbed = join(left, *more[0], now=NOW, mint=minting("x"))
    assert absorbed.measure == ""
    assert [a.stage for m in absorbed.docket.measures for a in m.actions] == ["introduced"]


def test_who_was_told_through_a_merged_measure_is_corrected_too() -> None:
    docket, _ = join_all([*ONE, *TWO])
    merged = merge(docket, "m2", "m1", why="the same", now=NOW)
    left = withdraw(merged, "m1", why="neither was", now=NOW)
    assert all(n.done for n in left.notices if n.kind == "new")
    assert resolve(left, "m2") == (docket.id, "m1")
    for pair in (*ONE, *TWO):
        assert join(left, *pair, now=NOW, mint=minting("x")).measure == ""
