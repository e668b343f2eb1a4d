"""What the docket compares: numbers and titles of laws, dates as far as known, stages and instruments by family."""

from __future__ import annotations

from datetime import date

import pytest

from pipeline.model import INSTRUMENTS, STAGES, Instrument
from pipeline.policy.docket.families import compare_instruments, compare_stages, instrument_family, phase, stage_family
from pipeline.policy.docket.naming import (
    compare_identifiers,
    distinctive_words,
    is_number,
    mentions,
    overlap,
    side_by_side,
)
from pipeline.policy.docket.spans import days_old, merge_dates, span_of
from tests.unit.policy.builders import at


@pytest.mark.parametrize(
    ("one", "other", "verdict"),
    [
        ("SB 54", "S.B. 54", "same"),
        ("Senate Bill 276", "SB25-276", "same"),
        ("Senate Invoice 276", "SB 276", "same"),
        ("House Bill 0444", "HB 444", "same"),
        ("HB 444/SB 245", "SB 245", "same"),
        ("A4987/S3672", "S.3672", "same"),
        ("S.79", "SB 79", "same"),
        ("H.F. 146", "House File 146", "same"),
        ("Ordinance No. 7,984-N.S.", "Ordinance 7984", "same"),
        ("Resolution 2017-R025", "Res. No. 17-25", "same"),
        ("R-150-2017", "Resolution R-150-2017", "same"),
        ("Council Bill 17-940", "17-0940", "same"),
        ("Executive Order 17-01", "EO 17-1", "same"),
        ("Proposition 205", "Prop 205", "same"),
        ("California Values Act", "Values Act", "same"),
        ("Illinois TRUST Act", "Trust Act", "same"),
        ("SB 54", "SB 55", "different"),
        ("SB25-276", "SB24-276", "different"),
        ("Resolution 26-101", "Resolution 26-102", "different"),
        ("HB 511", "SB 62", "other chamber"),
        ("SB 31", "TRUST Act", "unknown"),
        ("TRUST Act", "Way Forward Act", "unknown"),
        ("Ordinance 188", "24-882", "unknown"),
        ("Chapter 12H", "Ordinance 375-89", "unknown"),
        ("", "SB 54", "unknown"),
    ],
)
def test_numbers_and_titles(one: str, other: str, verdict: str) -> None:
    assert compare_identifiers(one, other) == compare_identifiers(other, one) == verdict


def test_numbers_say_more_than_titles() -> None:
    assert is_number("SB 54")
    assert is_number("2025-0066")
    assert not is_number("TRUST Act")
    assert not is_number("")


def test_a_text_names_a_law_however_it_is_spelt() -> None:
    assert mentions("Governor signs S.B. 54, the Values Act", "SB 54")
    assert mentions("Governor signs SB54", "S.B. 54")
    assert mentions("the so-called Trust Act", "TRUST Act")
    assert not mentions("Governor signs SB 541", "SB 54")
    assert not mentions("They trust the act", "TRUST Act")
    assert not mentions("anything", "")


def test_names_are_compared_by_the_words_that_can_tell() -> None:
    one = distinctive_words("the Sanctuary City Ordinance of Los Angeles", "Los Angeles")
    assert one == {"sanctuary"}
    assert overlap(one, distinctive_words("sanctuary ordinance")) == 1.0
    assert overlap(one, distinctive_words("license plate readers")) == 0.0
    assert overlap(one, frozenset()) is None


def test_dates_as_spans() -> None:
    seen = at("2024-11-20")
    assert span_of("2024-11-19", None, seen).day
    month = span_of("2024-02", None, seen)
    assert (month.first, month.last, month.day) == (date(2024, 2, 1), date(2024, 2, 29), False)
    assert span_of("2024", None, seen).last == date(2024, 12, 31)
    undated = span_of("", at("2024-11-20"), seen)
    assert (undated.first, undated.last) == (date(2024, 11, 10), date(2024, 11, 20))
    assert span_of("", None, seen).gap(span_of("1989-10", None, seen)) == 0
    assert span_of("2024-11-19", None, seen).gap(span_of("2024-12-04", None, seen)) == 15


def test_the_better_date_and_the_age() -> None:
    assert merge_dates("2024", "2024-11-19") == merge_dates("2024-11-19", "2024") == "2024-11-19"
    assert merge_dates("2024-11-21", "2024-11-19") == "2024-11-19"
    assert merge_dates("", "2024-11") == "2024-11"
    now = at("2024-12-20")
    assert days_old("2024-11-19", at("2024-11-20"), now) == 31
    assert days_old("2024", at("2024-11-20"), now) == 30
    assert days_old("", at("2024-12-01"), now) == 19
    assert days_old("2025-01-01", at("2024-12-19"), now) == 1


def test_families_are_those_of_the_vocabulary() -> None:
    assert {s for s in STAGES if stage_family(s) == "adopted"} == {
        "passed", "adopted", "approved", "issued", "passed_final",
    }  # fmt: skip
    assert {s for s in STAGES if stage_family(s) == "failed"} == {"failed", "rejected"}
    assert {s for s in STAGES if stage_family(s) == "repealed"} == {"repealed", "rescinded"}
    assert {s for s in STAGES if stage_family(s) == "proposed"} == {"proposed", "introduced"}
    assert {i for i in INSTRUMENTS if instrument_family(i) == "statute"} == {"statute", "bill", "act"}
    assert {i for i in INSTRUMENTS if instrument_family(i) == "ordinance"} == {"ordinance", "local_law", "bylaw"}
    assert {i for i in INSTRUMENTS if instrument_family(i) == "resolution"} == {"resolution", "motion", "proclamation"}
    assert {i for i in INSTRUMENTS if instrument_family(i) == "directive"} == {"directive", "executive_order", "policy"}
    assert {phase(stage) for stage in STAGES} == {"pending", "adoption", "end", "after", "revision"}


@pytest.mark.parametrize(
    ("one", "other", "local", "state"),
    [
        ("ordinance", "local_law", "same", "same"),
        ("bill", "ordinance", "same", "apart"),
        ("bill", "statute", "same", "same"),
        ("ordinance", "resolution", "akin", "akin"),
        ("policy", "resolution", "akin", "akin"),
        ("policy", "executive_order", "same", "same"),
        ("executive_order", "ordinance", "apart", "apart"),
        ("lawsuit_action", "ordinance", "apart", "apart"),
        (None, "ordinance", "unknown", "unknown"),
    ],
)
def test_instruments(one: Instrument | None, other: Instrument, local: str, state: str) -> None:
    assert compare_instruments(one, other, "city") == compare_instruments(other, one, "city") == local
    assert compare_instruments(one, other, "state") == state


def test_stages_that_can_be_one_action() -> None:
    assert compare_stages("passed", "approved", None) == "same"
    assert compare_stages("passed_first_vote", "approved", None) == "akin"
    assert compare_stages("amended", "passed", None) == "akin"
    assert compare_stages("signed", "issued", "executive_order") == "akin"
    assert compare_stages("signed", "passed", "bill") == "apart"
    assert compare_stages("adopted", "repealed", None) == "apart"


@pytest.mark.parametrize(
    ("text", "one", "other", "said"),
    [
        ("signed HB 444/SB 245 on Tuesday", "SB 245", "HB 444", True),
        ("signed SB 31, the Illinois TRUST Act", "SB 31", "Illinois TRUST Act", True),
        ("the TRUST Act (S.B. 31) passed", "SB 31", "TRUST Act", True),
        ("Ordinance 26-7, known as the Safe City Act", "Safe City Act", "Ordinance 26-7", True),
        ("signed HB 511 and SB 62", "HB 511", "SB 62", False),
        ("signed HB 511, which bans what SB 62 allows", "HB 511", "SB 62", False),
        ("signed HB 511, HB 512", "HB 511", "HB 512", False),
        ("signed HB 511", "HB 511", "", False),
    ],
)
def test_names_that_stand_side_by_side(text: str, one: str, other: str, said: bool) -> None:
    assert side_by_side(text, one, other) is said
