"""Numbers of measures, written one way."""

from __future__ import annotations

import pytest

from pipeline.policy import identifiers


def read(text: str, *, files: bool = False) -> list[tuple[str, str]]:
    return [(found.text, found.instrument) for found in identifiers.find(text, 0, len(text), files=files)]


@pytest.mark.parametrize(
    ("text", "number", "instrument"),
    [
        ("signed Senate Bill 54 today", "SB 54", "bill"),
        ("signed S.B. 54 today", "SB 54", "bill"),
        ("House Bill 0444 passed", "HB 0444", "bill"),
        ("Senate Invoice 276", "SB 276", "bill"),
        ("SB25-276 widens limits", "SB25-276", "bill"),
        ("Senate File 481", "SF 481", "bill"),
        ("LD 1971, which restricts", "LD 1971", "bill"),
        ("Vermont's S.79 bars", "S79", "bill"),
        ("the act (S3672/A4987)", "S3672/A4987", "bill"),
        ("Ordinance No. 7,984-N.S. was", "Ordinance 7,984-N.S", "ordinance"),
        ("Resolution 2017-R025", "Resolution 2017-R025", "resolution"),
        ("Res. No. 26-13383", "Resolution 26-13383", "resolution"),
        ("passed Resolution #2026-009 on", "Resolution 2026-009", "resolution"),
        ("Executive Order 142", "Executive Order 142", "executive_order"),
        ("passed Motion 26-085 Wednesday", "Motion 26-085", ""),
        ("under Act 654, which he signed", "Act 654", ""),
        ("Executive Directive No. 20", "Executive Directive 20", "directive"),
        ("Prop 205 fails", "Proposition 205", "ballot_measure"),
        ("Council Bill 17-940", "Council Bill 17-940", "ordinance"),
        ("enacted Expedited Bill 3-26", "Bill 3-26", "bill"),
        ("R-150-2017 designating", "R-150-2017", "resolution"),
        ("ORD 17-180", "ORD 17-180", "ordinance"),
        ("adopted HO-2025-04 on Monday", "HO-2025-04", "ordinance"),
        ("passed CB-3-2026 on Tuesday", "CB-3-2026", "ordinance"),
        ("for CB 121150, which", "CB 121150", "ordinance"),
        ("signed E.O. 25-01", "Executive Order 25-01", "executive_order"),
        ("Directive 2018-6 says", "Directive 2018-6", "directive"),
        ("Intro. 214-B passed", "Int. 214-B", ""),
        ("had approved Question 2B at", "Question 2B", "ballot_measure"),
        ("under Board Bill 48, which won", "Board Bill 48", "ordinance"),
        ("The ordinance, numbered 2025-09, says", "Ordinance 2025-09", "ordinance"),
        ("a local law, Local Law C of 2026, that", "Local Law C of 2026", "local_law"),
    ],
)
def test_identifiers(text: str, number: str, instrument: str) -> None:
    assert (number, instrument) in read(text)


@pytest.mark.parametrize(
    "text",
    [
        "approved a resolution 4 to 1",
        "the ordinance 6-to-2",
        "a 2017 resolution",
        "the ordinance passed 5-2",
        "passed the resolution 7-2",
        "the measure a",
    ],
)
def test_what_is_no_identifier(text: str) -> None:
    assert read(text) == []


def test_file_numbers_count_in_records_only() -> None:
    assert read("2026-00837 Resolution", files=True)[0][0] == "2026-00837"
    assert read("2026-00837 was the number") == []


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Council Bill 17-940", "17-0940", True),
        ("SB 54", "S.B. 54", True),
        ("Resolution No. 2256", "Resolution 2256", True),
        ("SB 54", "HB 54", False),
        ("Ordinance 12", "Ordinance 13", False),
    ],
)
def test_comparing(one: str, other: str, same: bool) -> None:
    assert (identifiers.comparable(one) == identifiers.comparable(other)) is same
