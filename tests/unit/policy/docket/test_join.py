"""The docket: which reports are one measure and one action, whatever their order, wording and outlet."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace
from typing import Any

import pytest

from pipeline.model import Article, Docket, Report, Vote, dump, load
from pipeline.policy.docket import explain, join
from pipeline.policy.docket.merging import split
from tests.unit.policy.builders import (
    ILLINOIS,
    LOS_ANGELES,
    article,
    at,
    join_all,
    minting,
    place,
    report,
    tally,
    told,
)

Pairs = list[tuple[Report, Article]]

FIRST_VOTE = told(
    report("passed_first_vote", "2024-11-19", vote=tally(13, 0), topic="sanctuary city ordinance"),
    published="2024-11-20",
    source="Westside Courier",
)
TOLD_AS_APPROVAL = told(
    report("approved", "", vote=Vote(unanimous=True), topic="ordinance protecting immigrants", confidence=0.7),
    published="2024-11-21",
    source="Basin Radio",
)
AMENDMENT = told(
    report("amended", "2024-11-26", alert=None, alertable=False), published="2024-11-27", source="Harbor Times"
)
HEARING = told(
    report("hearing_scheduled", "2024-11-19", alert=None, alertable=False),
    published="2024-11-15",
    source="Civic Calendar",
)
PROPOSAL = told(
    report("introduced", "2024-10-02", alert=None, alertable=False), published="2024-10-03", source="Westside Courier"
)
FINAL_VOTE = told(
    report("passed_final", "2024-12-04", vote=tally(12, 0), instrument="ordinance"),
    published="2024-12-05",
    source="Westside Courier",
)
SIGNATURE = told(
    report("signed", "2024-12-09", alert="stage", body="Mayor", identifier="Ordinance No. 188,441"),
    published="2024-12-10",
    source="Basin Radio",
)
EFFECT = told(
    report("effective", "2025-01-18", alert="stage", instrument=None, body="", direction=None),
    published="2025-01-19",
    source="Harbor Times",
)
SUIT = told(
    report("challenged", "2025-06-30", alert="ruling", instrument="lawsuit", body="Justice Department"),
    published="2025-07-01",
    source="Capital Wire",
)
RULING = told(
    report("upheld", "2026-02-11", alert="ruling", instrument="court_ruling", body="U.S. District Court"),
    published="2026-02-12",
    source="Capital Wire",
)
REPEAL = told(
    report("repealed", "2026-05-05", alert="repeal", vote=tally(8, 6), direction="mandates_cooperation"),
    published="2026-05-06",
    source="Westside Courier",
)
LIFE: Pairs = [
    *PROPOSAL,
    *HEARING,
    *FIRST_VOTE,
    *TOLD_AS_APPROVAL,
    *AMENDMENT,
    *FINAL_VOTE,
    *SIGNATURE,
    *EFFECT,
    *SUIT,
    *RULING,
    *REPEAL,
]


def shape(docket: Docket) -> list[tuple[str, list[tuple[str, str]]]]:
    """What a docket says, without ids and order of arrival."""
    return sorted((m.identifier, sorted((a.stage, a.date) for a in m.actions)) for m in docket.measures)


def test_a_first_report_makes_a_measure_an_action_and_its_evidence() -> None:
    (pair,) = told(
        report("adopted", "2024-11-19", vote=tally(13, 0), provisions=("no city resources", "no city personnel")),
        source="Westside Courier",
    )
    docket, (joined,) = join_all([pair])
    (measure,) = docket.measures
    (action,) = measure.actions
    assert joined.change == "new measure"
    assert (joined.measure, joined.action) == (measure.id, action.id) == ("m1", action.id)
    assert docket.id == LOS_ANGELES.key
    assert (measure.body, measure.instrument, measure.direction) == ("City Council", "ordinance", "limits_cooperation")
    assert measure.provisions == ("no city resources", "no city personnel")
    assert (action.stage, action.date, action.vote, action.alert) == ("adopted", "2024-11-19", tally(13, 0), "new")
    assert action.first_reported == pair[1].published
    (piece,) = action.evidence
    assert (piece.article, piece.url, piece.sentence) == (pair[1].id, pair[1].url, pair[0].sentence)
    assert piece.story == pair[1].id
    assert action.articles == (pair[1].id,)
    assert load(Docket, dump(docket)) == docket


def test_the_life_of_one_measure_lands_on_one_measure_in_order() -> None:
    docket, joined = join_all(LIFE)
    (measure,) = docket.measures
    assert {j.measure for j in joined} == {"m1"}
    assert sorted(((a.stage, a.date) for a in measure.actions), key=lambda told: told[::-1]) == [
        ("introduced", "2024-10-02"),
        ("hearing_scheduled", "2024-11-19"),
        ("passed_first_vote", "2024-11-19"),
        ("amended", "2024-11-26"),
        ("passed_final", "2024-12-04"),
        ("signed", "2024-12-09"),
        ("effective", "2025-01-18"),
        ("challenged", "2025-06-30"),
        ("upheld", "2026-02-11"),
        ("repealed", "2026-05-05"),
    ]
    assert measure.stage == "repealed"
    assert measure.identifier == "Ordinance No. 188,441"
    assert measure.instrument == "ordinance"
    assert measure.direction == "limits_cooperation"


def test_the_order_of_arrival_changes_nothing() -> None:
    expected = shape(join_all(LIFE)[0])
    dice = random.Random(7)
    for _ in range(300):
        shuffled = LIFE[:]
        dice.shuffle(shuffled)
        assert shape(join_all(shuffled, now=at("2026-05-07"))[0]) == expected, [r.stage for r, _ in shuffled]


def test_every_order_of_the_votes_and_the_proposal_tells_one_new() -> None:
    parts = [PROPOSAL[0], FIRST_VOTE[0], TOLD_AS_APPROVAL[0], FINAL_VOTE[0], SIGNATURE[0]]
    for order in itertools.permutations(parts):
        docket, _ = join_all(order, now=at("2024-12-11"))
        assert len(docket.measures) == 1
        assert [n.kind for n in docket.notices if n.kind == "new"] == ["new"]


def test_the_same_report_again_changes_nothing() -> None:
    docket, _ = join_all(LIFE)
    for one, whole in LIFE:
        again = join(docket, one, whole, now=at("2026-06-01"), mint=minting("x"))
        assert again.change == "known"
        assert again.docket == docket


def test_two_measures_of_one_night_told_in_one_article_stay_two() -> None:
    ordinance = report("adopted", "2026-02-03", vote=tally(9, 0), topic="courthouse arrests", start=0)
    resolution = report(
        "adopted", "2026-02-03", vote=tally(9, 0), topic="license plate readers", instrument="resolution", start=200
    )
    same_kind = replace(ordinance, topic="license plate readers", start=200, sentence="Another one passed as well.")
    for other in (resolution, same_kind):
        pairs = told(ordinance, other, published="2026-02-04")
        for order in (pairs, pairs[::-1]):
            docket, joined = join_all(order)
            assert [j.change for j in joined] == ["new measure", "new measure"]
            assert {m.topic for m in docket.measures} == {"courthouse arrests", "license plate readers"}
            for one, whole in order:
                assert join(docket, one, whole, now=at("2026-02-05"), mint=minting("x")).change == "known"


def test_two_measures_in_one_sentence_stay_two() -> None:
    sentence = "The council passed the ordinance 9-0 and the resolution 5-4 on Tuesday night."
    one = report("adopted", "2026-02-03", vote=tally(9, 0), sentence=sentence)
    other = report("adopted", "2026-02-03", vote=tally(5, 4), sentence=sentence, instrument="resolution")
    docket, joined = join_all(told(one, other, published="2026-02-04"))
    assert [j.change for j in joined] == ["new measure", "new measure"]
    again, twice = join_all(told(one, other, published="2026-02-04"), docket)
    assert again == docket
    assert [j.measure for j in twice] == [j.measure for j in joined]


def test_later_accounts_of_two_measures_of_one_night_find_their_own() -> None:
    one = report("adopted", "2026-02-03", vote=tally(9, 0), topic="courthouse arrests", identifier="Ordinance 26-10")
    two = report("adopted", "2026-02-03", vote=tally(6, 3), topic="license plate readers", identifier="Ordinance 26-11")
    docket, joined = join_all(
        [
            *told(one, published="2026-02-04", source="A"),
            *told(two, published="2026-02-04", source="B"),
            *told(replace(one, identifier="", sentence="Arrests barred."), published="2026-02-05", source="C"),
            *told(replace(two, vote=None, topic="", sentence="Ordinance 26-11 passed."), published="2026-02-05"),
        ]
    )
    assert [j.measure for j in joined] == ["m1", "m2", "m1", "m2"]
    assert len(docket.measures) == 2


def test_a_resolution_taken_for_a_policy_with_the_same_split_vote_is_one_measure() -> None:
    county = place("San Diego County", "CA", "county")
    body = "Board of Supervisors"
    docket, _ = join_all(
        [
            *told(report("passed", "2024-12-10", where=county, instrument="resolution", vote=tally(3, 1), body=body)),
            *told(
                report("adopted", "2024-12-10", where=county, instrument="policy", vote=tally(3, 1), body=body),
                source="B",
            ),
        ]
    )
    assert len(docket.measures) == 1


def test_a_mayors_order_is_not_the_councils_ordinance() -> None:
    order = report("issued", "2024-11-20", instrument="executive_order", body="Mayor", vote=None)
    docket, _ = join_all([*FIRST_VOTE, *told(order, source="B")])
    assert len(docket.measures) == 2


def test_a_mayors_order_days_after_a_vote_without_an_instrument_stays_apart() -> None:
    vote = report("adopted", "2026-02-23", instrument=None, vote=tally(12, 0))
    order = report("signed", "2026-02-26", instrument="executive_order", body="Mayor")
    for first, second in ((vote, order), (order, vote)):
        pairs = [*told(first, published=first.date), *told(second, published=second.date)]
        docket, _ = join_all(pairs, now=at("2026-02-28"))
        assert len(docket.measures) == 2


def test_the_opposite_decision_on_another_day_is_a_measure_of_its_own() -> None:
    void = report("adopted", "2025-06-30", instrument="287g_agreement", vote=tally(6, 1), topic="287g agreement")
    again = report(
        "adopted", "2025-07-08", instrument="287g_agreement", vote=tally(4, 2), topic="287g agreement",
        direction="mandates_cooperation",
    )  # fmt: skip
    docket, _ = join_all([*told(void, published="2025-07-01"), *told(again, published="2025-07-09")])
    assert len(docket.measures) == 2


def test_signing_an_order_is_issuing_it_but_signing_a_bill_is_not_passing_it() -> None:
    signed = report("signed", "2026-02-06", instrument="executive_order", body="Mayor")
    issued = report("issued", "", instrument="executive_order", body="Mayor", sentence="She issued it.")
    docket, _ = join_all([*told(signed, published="2026-02-06"), *told(issued, published="2026-02-07", source="B")])
    assert [a.stage for a in docket.measures[0].actions] == ["signed"]
    bill = [
        *told(
            report("passed", "2017-05-31", where=ILLINOIS, instrument="bill", identifier="SB 31", body="Legislature")
        ),
        *told(
            report("signed", "2017-08-28", where=ILLINOIS, instrument="statute", identifier="S.B. 31", body="Governor"),
            source="B",
        ),
    ]
    docket, _ = join_all(bill, now=at("2017-08-29"))
    assert sorted(a.stage for a in docket.measures[0].actions) == ["passed", "signed"]


def test_a_new_law_next_year_is_new() -> None:
    docket, joined = join_all(
        [
            *FIRST_VOTE,
            *told(report("adopted", "2025-11-18", vote=tally(13, 0)), published="2025-11-19", source="B"),
        ]
    )
    assert [j.change for j in joined] == ["new measure", "new measure"]
    assert [n.kind for n in docket.notices] == ["new", "new"]


def test_the_same_number_in_another_session_is_another_law() -> None:
    texas = place("Texas", "TX", "state")
    laws = [
        *told(report("signed", "2017-05-07", where=texas, instrument="statute", identifier="SB 4", body="Governor")),
        *told(
            report("signed", "2023-12-18", where=texas, instrument="statute", identifier="SB 4", body="Governor"),
            published="2023-12-19",
        ),
        *told(
            report("challenged", "2024-01-03", where=texas, instrument="lawsuit", identifier="SB 4", alert=None),
            published="2024-01-04",
        ),
    ]
    docket, joined = join_all(laws, now=at("2024-01-05"))
    assert len(docket.measures) == 2
    assert joined[2].measure == joined[1].measure


@pytest.mark.parametrize("spelling", ["Council Bill 17-940", "17-0940", "Council Bill 0940", "CB 940"])
def test_spellings_of_a_number_are_one_measure(spelling: str) -> None:
    denver = place("Denver", "CO")
    docket, _ = join_all(
        [
            *told(report("passed", "2017-08-28", where=denver, identifier="Council Bill 17-940")),
            *told(report("signed", "2017-08-31", where=denver, identifier=spelling, body="Mayor"), source="B"),
        ]
    )
    assert len(docket.measures) == 1


def test_two_numbers_of_one_series_are_two_measures_even_on_one_day() -> None:
    docket, _ = join_all(
        [
            *told(report("adopted", "2026-03-03", identifier="Resolution 26-101", instrument="resolution")),
            *told(report("adopted", "2026-03-03", identifier="Resolution 26-102", instrument="resolution"), source="B"),
        ]
    )
    assert len(docket.measures) == 2


def test_a_law_told_by_its_name_joins_the_one_told_by_its_number() -> None:
    by_number = report(
        "signed", "2017-08-28", where=ILLINOIS, instrument="statute", identifier="SB 31", body="Governor",
        sentence="The governor signed SB 31, the Illinois TRUST Act.",
    )  # fmt: skip
    by_name = report("signed", "", where=ILLINOIS, instrument="statute", identifier="TRUST Act", body="Governor")
    pairs = [
        *told(by_number, published="2017-08-28"),
        *told(by_name, published="2017-08-29", source="B"),
    ]
    for order in (pairs, pairs[::-1]):
        docket, _ = join_all(order, now=at("2017-08-30"))
        assert [(m.identifier, len(m.actions)) for m in docket.measures] == [("SB 31", 1)]


def test_a_later_reaffirmation_or_amendment_is_a_measure_of_its_own_linked_both_ways() -> None:
    reaffirmed = told(
        report("adopted", "2026-01-14", alert="reaffirm", instrument="resolution", topic="reaffirming resolution"),
        published="2026-01-15",
    )
    amended = told(report("amended", "2026-03-02", alert="amend"), published="2026-03-03")
    base = [*FIRST_VOTE, *FINAL_VOTE]
    for order in ([*base, *reaffirmed, *amended], [*amended, *reaffirmed, *base[::-1]]):
        docket, _ = join_all(order, now=at("2026-03-04"))
        assert len(docket.measures) == 3
        first = next(m for m in docket.measures if len(m.actions) == 2)
        others = {m.id for m in docket.measures} - {first.id}
        assert set(first.related) == others
        assert all(m.related == (first.id,) for m in docket.measures if m.id in others)


@pytest.mark.parametrize("dated", [False, True])
def test_a_reaffirming_order_is_the_one_told_without_its_day_a_few_days_before(dated: bool) -> None:
    order = {"instrument": "executive_order", "body": "Mayor", "provisions": ("no_city_property",)}
    first = report("signed", "2026-02-01" if dated else "", **order)  # type: ignore[arg-type]
    second = report("issued", "2026-02-06", alert="reaffirm", **order)  # type: ignore[arg-type]
    pairs = [*told(first, published="2026-02-01", source="A"), *told(second, published="2026-02-06", source="B")]
    docket, _ = join_all(pairs, now=at("2026-02-07"))
    assert len(docket.measures) == (2 if dated else 1)


def test_a_failed_vote_and_a_failed_repeal_do_not_become_the_measure_in_force() -> None:
    failed_repeal = told(
        report("failed", "2025-03-04", alert=None, vote=Vote(ayes=2, noes=1, abstain=1, on="repeal"), alertable=False),
        published="2025-03-05",
    )
    docket, _ = join_all([*FIRST_VOTE, *FINAL_VOTE, *failed_repeal])
    assert len(docket.measures) == 2
    assert next(m for m in docket.measures if m.id == "m1").stage == "passed_final"


def test_a_tally_misheard_by_one_is_still_the_same_vote() -> None:
    docket, _ = join_all(
        [
            *told(report("adopted", "2026-03-03", vote=tally(7, 2), confidence=0.9)),
            *told(report("adopted", "2026-03-03", vote=tally(6, 2), confidence=0.5), source="B"),
        ]
    )
    (measure,) = docket.measures
    assert [a.vote for a in measure.actions] == [tally(7, 2)]


def test_the_surest_account_wins_and_blanks_are_filled() -> None:
    vague = report("adopted", "2026-03", vote=Vote(unanimous=True), body="", confidence=0.5, instrument=None)
    exact = report("adopted", "2026-03-03", vote=tally(7, 0), confidence=0.9, identifier="Ordinance 26-7")
    pairs = [*told(vague, published="2026-03-04"), *told(exact, published="2026-03-04", source="B")]
    dockets = [join_all(order)[0] for order in (pairs, pairs[::-1])]
    for docket in dockets:
        (measure,) = docket.measures
        (action,) = measure.actions
        assert (measure.body, measure.instrument, measure.identifier) == ("City Council", "ordinance", "Ordinance 26-7")
        assert (action.date, action.vote) == ("2026-03-03", tally(7, 0))


def test_dates_that_drift_with_republication_are_one_action_dated_by_the_earliest() -> None:
    docket, _ = join_all(
        [
            *told(report("adopted", "2026-03-05"), published="2026-03-06", source="B"),
            *told(report("adopted", "2026-03-03"), published="2026-03-04"),
        ]
    )
    assert [a.date for a in docket.measures[0].actions] == ["2026-03-03"]


def test_explain_names_the_reasons_for_and_against() -> None:
    docket, _ = join_all(FIRST_VOTE)
    ((measure, match),) = explain(docket, *FINAL_VOTE[0])
    assert measure == "m1"
    assert match.same
    assert any("15 days from its adoption" in reason for reason in match.reasons)
    order = report("issued", "2024-11-20", instrument="executive_order")
    ((_, match),) = explain(docket, order, article(order))
    assert not match.same
    assert "no executive_order is not ordinance" in match.reasons


def test_a_docket_keeps_at_most_twenty_pieces_and_every_article() -> None:
    pairs = [
        pair
        for i in range(30)
        for pair in told(
            report(
                "adopted", "2024-11-19", confidence=0.5 + i / 100, sentence=f"Outlet {i} says the council adopted it."
            ),
            source=f"Outlet {i}",
            published="2024-11-20",
        )
    ]
    docket, _ = join_all(pairs)
    (action,) = docket.measures[0].actions
    assert len(action.evidence) == 20
    assert len(action.articles) == 30
    assert [p.confidence for p in action.evidence] == sorted((p.confidence for p in action.evidence), reverse=True)
    assert action.evidence[0].source == "Outlet 29"
    backwards, _ = join_all(pairs[::-1])
    assert backwards.measures[0].actions[0].evidence == action.evidence
    for one, whole in pairs:
        again = join(docket, one, whole, now=at("2024-12-01"), mint=minting("x"))
        assert (again.change, again.docket) == ("known", docket)


def test_who_signed_gives_way_to_who_passed_in_either_order() -> None:
    passed = told(report("passed", "2024-11-19", body="City Council", confidence=0.7), published="2024-11-20")
    signed = told(report("signed", "2024-11-26", body="Mayor", confidence=0.9), published="2024-11-27")
    for order in ([*passed, *signed], [*signed, *passed]):
        docket, _ = join_all(order)
        (measure,) = docket.measures
        assert measure.body == "City Council"


MARYLAND = place("Maryland", "MD", "state")


def law(stage: str, date: str, **told_of: Any) -> Report:
    """A state's law at a stage."""
    body = "Governor" if stage == "signed" else "Legislature"
    return report(stage, date, where=MARYLAND, instrument="statute", body=body, **told_of)  # type: ignore[arg-type]


def test_a_second_signature_is_another_law_and_none_comes_before_the_passage() -> None:
    february = law("signed", "2026-02-17", provisions=("no_287g",))
    passed = law("passed", "2026-04-06", provisions=("judicial_warrant_required",))
    april = law("signed", "2026-04-14", provisions=("judicial_warrant_required",))
    pairs = [
        *told(february, published="2026-02-18"),
        *told(passed, published="2026-04-07"),
        *told(april, published="2026-04-15"),
    ]
    for order in itertools.permutations(pairs):
        docket, _ = join_all(order, now=at("2026-04-16"))
        assert shape(docket) == [
            ("", [("passed", "2026-04-06"), ("signed", "2026-04-14")]),
            ("", [("signed", "2026-02-17")]),
        ]


def test_a_ceremony_is_no_second_law() -> None:
    ceremony = law("signed", "2026-06-01", alert="stage")
    docket, _ = join_all([*told(law("signed", "2026-04-14")), *told(ceremony, published="2026-06-02", source="B")])
    assert len(docket.measures) == 1


def test_other_provisions_on_another_day_are_another_measure_unless_a_second_vote_is_told() -> None:
    lots = report("adopted", "2026-03-03", provisions=("no_city_property",))
    masks = report("adopted", "2026-03-24", provisions=("officer_masks",))
    for order in itertools.permutations([*told(lots, published="2026-03-04"), *told(masks, published="2026-03-25")]):
        assert len(join_all(order, now=at("2026-03-26"))[0].measures) == 2
    for stage in ("passed_final", "signed"):
        last = replace(masks, stage=stage) if stage == "passed_final" else report("signed", "2026-03-24", body="Mayor")
        docket, _ = join_all([*told(lots, published="2026-03-04"), *told(last, published="2026-03-25")])
        assert len(docket.measures) == 1
    same_day = replace(masks, date="2026-03-03", sentence="Masks off, said the council.")
    docket, _ = join_all([*told(lots, published="2026-03-04"), *told(same_day, published="2026-03-04", source="B")])
    assert len(docket.measures) == 1, "outlets tell one vote by different provisions"


HOUSE_BILL = told(
    law("signed", "2026-02-17", identifier="HB 444", provisions=("no_287g",)), published="2026-02-18", source="A"
)
SENATE_BILL = told(
    law("signed", "2026-02-17", identifier="SB 245", provisions=("penalties",)), published="2026-02-18", source="B"
)
BOTH_BILLS = told(
    law(
        "signed", "2026-02-17", identifier="HB 444",
        sentence="The governor signed twin bills, HB 444/SB 245, on Tuesday.",
    ),
    published="2026-02-19", source="C",
)  # fmt: skip


def test_twins_become_one_when_an_account_names_both_side_by_side_in_any_order() -> None:
    for order in itertools.permutations([HOUSE_BILL[0], SENATE_BILL[0], BOTH_BILLS[0]]):
        docket, joined = join_all(order, now=at("2026-02-20"))
        (one,) = [measure for measure in docket.measures if not measure.merged_into]
        (action,) = one.actions
        assert {piece.source for piece in action.evidence} == {"A", "B", "C"}
        founding = [n for n in docket.notices if n.kind == "new" and not n.muted]
        assert len(founding) == 1
        assert (joined[-1].measure, joined[-1].action) == (one.id, action.id)
        for pair in order:
            again = join(docket, *pair, now=at("2026-02-21"), mint=minting("x"))
            assert (again.measure, again.change, again.docket) == (one.id, "known", docket)


def test_who_was_told_of_both_twins_is_owed_a_correction_and_the_trail_says_why() -> None:
    docket, _ = join_all([*HOUSE_BILL, *SENATE_BILL], now=at("2026-02-18"))
    assert [n.kind for n in docket.notices] == ["new", "new"]
    told_both = replace(docket, notices=tuple(replace(n, done=True) for n in docket.notices))
    docket, _ = join_all(BOTH_BILLS, told_both, now=at("2026-02-19"))
    assert [n.kind for n in docket.notices] == ["new", "new", "correction"]
    assert sum(bool(n.muted) for n in docket.notices) == 1
    (entry,) = docket.audit
    assert entry.why.startswith("named side by side: The governor signed twin bills, HB 444/SB 245")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, "The governor signed HB 444 and SB 245 on Tuesday."),
        ({"direction": "mandates_cooperation"}, "The governor signed HB 444/SB 245 on Tuesday."),
        ({"date": "2025-02-17"}, "The governor signed HB 444/SB 245 on Tuesday."),
    ],
)
def test_two_laws_in_one_sentence_stay_two(changes: dict[str, Any], sentence: str) -> None:
    other = [(replace(SENATE_BILL[0][0], **changes), SENATE_BILL[0][1])]
    third = told(replace(BOTH_BILLS[0][0], sentence=sentence, direction=None), published="2026-02-19", source="C")
    docket, _ = join_all([*HOUSE_BILL, *other, *third], now=at("2026-02-20"))
    assert len([measure for measure in docket.measures if not measure.merged_into]) == 2


def test_what_an_analyst_split_stays_split() -> None:
    docket, _ = join_all([*HOUSE_BILL, *SENATE_BILL, *BOTH_BILLS], now=at("2026-02-20"))
    (one,) = [measure for measure in docket.measures if not measure.merged_into]
    parted = split(
        docket, one.id, articles=[SENATE_BILL[0][1].id], why="two laws", now=at("2026-02-21"), mint=minting("n")
    )
    again = told(replace(BOTH_BILLS[0][0], sentence="Once more: HB 444/SB 245."), published="2026-02-22", source="D")
    docket, _ = join_all(again, parted, now=at("2026-02-22"))
    assert len([measure for measure in docket.measures if not measure.merged_into]) == 2


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)])
def test_a_day_estimated_from_its_week_gives_way_to_one_that_is_told(order: tuple[int, ...]) -> None:
    weekly = replace(report("adopted", "2024-11-18"), rules=("date.of_the_week",))
    pairs = [
        *told(weekly, published="2024-11-21", source="A"),
        *told(report("adopted", "2024-11-19", sentence="It was Tuesday."), published="2024-11-20", source="B"),
        *told(replace(weekly, sentence="It was this week."), published="2024-11-22", source="C"),
    ]
    docket, _ = join_all([pairs[at_] for at_ in order], now=at("2024-11-23"))
    (measure,) = docket.measures
    assert [action.date for action in measure.actions] == ["2024-11-19"]


def test_an_account_whose_direction_was_misread_drives_no_later_one_away() -> None:
    pairs = [
        *told(report("adopted", "2024-11-20", vote=tally(13, 0), topic="sanctuary city"), published="2024-11-20",
              source="A"),
        *told(report("passed_final", "2024-12-04", vote=tally(12, 0), topic="sanctuary city", confidence=0.98,
                     direction="mandates_cooperation"), published="2024-12-05", source="B"),
        *told(report("adopted", "2024-11-19", vote=tally(13, 0), topic="sanctuaty city", confidence=0.95),
              published="2024-11-19", source="C"),
    ]  # fmt: skip
    docket, _ = join_all(pairs, now=at("2024-12-06"))
    (measure,) = docket.measures
    assert [action.stage for action in measure.actions] == ["adopted", "passed_final"]
    assert {piece.direction for action in measure.actions for piece in action.evidence} == {
        "limits_cooperation", "mandates_cooperation",
    }  # fmt: skip
