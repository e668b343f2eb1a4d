"""Tallies as they are written, and the numbers that are none."""

from __future__ import annotations

import pytest

from pipeline.policy import sentences, votes


def read(text: str) -> list[tuple[int | None, int | None, bool | None]]:
    plain = sentences.normalise(text)
    return [(t.first, t.second, t.unanimous) for t in votes.tallies(plain, 0, len(plain))]


@pytest.mark.parametrize(
    ("text", "tally"),
    [
        ("The council voted 13-0 for it", (13, 0, True)),
        ("approved, in an 8–1 vote Wednesday, a policy", (8, 1, False)),
        ("supervisors voted 7 to 2 to reject it", (7, 2, False)),
        ("passed it 41-to-6", (41, 6, False)),
        ("by a vote of five to two", (5, 2, False)),
        ("approved it with 10 in favor and 2 against", (10, 2, False)),
        ("passed, 27 in favor and 11 opposed", (27, 11, False)),
        ("Town Meeting passed it 165 to 4", (165, 4, False)),
        ("All 13 Boston council members supported it", (13, 0, True)),
        ("the council passed a resolution 3-2 Tuesday", (3, 2, False)),
        ("failed Tuesday on a 3-3 tie", (3, 3, False)),
        ("members passed a bill 6-1 Monday", (6, 1, False)),
        ("gave the agreement the nod on Monday, 8-2-1.", (8, 2, False)),
        ("councilors decided 7-1 Monday to cancel it", (7, 1, False)),
        ("By a roll call of 6-0, it stands", (6, 0, True)),
        ("supervisors went on record Tuesday, 5-0, in support", (5, 0, True)),
        ("adopted it; all seven voted yes", (7, 0, True)),
        ("All five members were in favor.", (5, 0, True)),
        ("passed Motion 26-085 Wednesday, with all five in favor.", (5, 0, True)),
        ("Nine voted yes; no one opposed.", (9, 0, True)),
        ("trustees voted Tuesday, seven to nothing.", (7, 0, True)),
        ("Ten commissioners, seven of them in favor: that was the count", (7, 3, False)),
        ("Six members of City Council backed the resolution Tuesday; one was opposed.", (6, 1, False)),
        ("Six members voted yes and one abstained as the council passed it", (6, 0, None)),
        ("The council, 4-1, won't call itself a sanctuary", (4, 1, False)),
        ("passed a package that bars agents from city property and from masks of any kind, 16-1.", (16, 1, False)),
    ],
)
def test_tallies(text: str, tally: tuple[int, int, bool]) -> None:
    assert tally in read(text)


def test_a_roll_is_read_over_the_ends_of_sentences() -> None:
    tally = votes.roll("Adopted by the City Council. Ayes: eight. Noes: none. Absent: one.")
    assert tally is not None
    assert (tally.first, tally.second, tally.unanimous) == (8, 0, True)
    assert votes.roll("Ayes: members of the left.") is None


def test_an_abstention_is_kept() -> None:
    text = "supervisors voted 2-1-1 to keep it"
    (tally,) = votes.tallies(text, 0, len(text))
    assert (tally.first, tally.second, tally.abstain) == (2, 1, 1)


@pytest.mark.parametrize(
    "text",
    [
        "The council passed it unanimously",
        "voted without dissent",
        "no one voted against the council's rule",
        "aprobó la ordenanza por unanimidad el concejo",
    ],
)
def test_unanimity_without_numbers(text: str) -> None:
    assert (None, None, True) in read(text)


def test_a_lone_dissent_is_not_unanimous() -> None:
    assert (None, None, False) in read("passed with the lone no vote from the chair")


@pytest.mark.parametrize(
    "text",
    [
        "The home team won 4-1 after the council meeting passed",
        "The council passed Ordinance 17-180",
        "voted on Resolution No. 26-13 and adopted it",
        "adopted Bill 3-26 last week",
        "approved for children ages 7 to 12",
        "The council vote was set for 2-6-2017",
        "approved the plan within 30 to 60 days",
        "voters approved it 71% to 29%",
        "Section 12-4 was adopted",
    ],
)
def test_numbers_that_are_no_tally(text: str) -> None:
    assert [tally for tally in read(text) if tally[0] is not None] == []


def test_a_pair_far_from_any_voting_is_none() -> None:
    assert read("It rained 3-4 inches in the valley.") == []


@pytest.mark.parametrize(
    ("text", "tally"),
    [
        ("three voted yes and two no, so the council passed it", (3, 2, False)),
        ("Three members voted in favor and two voted against the council's plan", (3, 2, False)),
        ("Voters at the town meeting adopted it, 412 to 287.", (412, 287, False)),
        ("voters approved the measure, 4,512 to 3,201", (4512, 3201, False)),
        ("the council adopted it, six votes to three", (6, 3, False)),
        ("el concejo la aprobó con 9 votos a favor y ninguno en contra", (9, 0, True)),
        ("el concejo la aprobó por 9 votos a 2", (9, 2, False)),
        ("won initial approval from the council on Monday, 9-0", (9, 0, True)),
        ("It squeaked through the Rules Committee on Friday, 4-3, and now moves on", (4, 3, False)),
        ("The tally was six to one.", (6, 1, False)),
        ("The ordinance won 12 votes, with three against.", (12, 3, False)),
        ("The House concurred Thursday, 57-39.", (57, 39, False)),
    ],
)
def test_tallies_told_otherwise(text: str, tally: tuple[int, int, bool]) -> None:
    assert tally in read(text)


def test_hundreds_are_a_tally_only_where_voters_are_counted() -> None:
    assert read("The council heard that ridership went from 4,512 to 3,201") == []
    assert read("The council won support for its team, which won 4-1") == []


@pytest.mark.parametrize(
    ("text", "abstain", "absent"),
    [
        ("voted 6-0 with one member absent", None, 1),
        ("Two council members were absent.", None, 2),
        ("Three trustees missed the meeting.", None, 3),
        ("Dos concejales estuvieron ausentes.", None, 2),
        ("passed 5-1, with two members abstaining and one absent", 2, 1),
        ("The clerk was there for all of it.", None, None),
    ],
)
def test_who_stayed_away(text: str, abstain: int | None, absent: int | None) -> None:
    assert votes.away(text, 0, len(text)) == (abstain, absent)
