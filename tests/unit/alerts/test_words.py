"""Subject lines and phrases: neutral, as short as they can be, in the measure's own words."""

from __future__ import annotations

import pytest

from pipeline.alerts import words
from pipeline.model import (
    DIRECTIONS,
    INSTRUMENTS,
    STAGES,
    Action,
    AlertKind,
    Direction,
    Instrument,
    Jurisdiction,
    Measure,
    Stage,
    Vote,
)
from tests.unit.policy.builders import ILLINOIS, LOS_ANGELES, at, tally

NOW = at("2024-11-20")


def line(
    stage: Stage,
    kind: AlertKind = "new",
    *,
    where: Jurisdiction = LOS_ANGELES,
    instrument: Instrument | None = "ordinance",
    topic: str = "sanctuary city",
    identifier: str = "",
    direction: Direction | None = "limits_cooperation",
    vote: Vote | None = None,
) -> str:
    measure = Measure("m", where, NOW, instrument=instrument, topic=topic, identifier=identifier, direction=direction)
    return words.subject_line(measure, Action("a", stage, "", NOW, vote=vote), kind)


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        (line("adopted", vote=tally(13, 0)), "Los Angeles, CA adopts sanctuary city ordinance (13-0)"),
        (line("passed_first_vote", vote=tally(13, 0)),
         "Los Angeles, CA passes sanctuary city ordinance on first vote (13-0)"),
        (line("adopted", vote=Vote(unanimous=True)), "Los Angeles, CA adopts sanctuary city ordinance (unanimous)"),
        (line("adopted", topic="Welcoming City Ordinance"), "Los Angeles, CA adopts Welcoming City Ordinance"),
        (line("signed", where=ILLINOIS, instrument="bill", topic="TRUST Act"), "Illinois enacts TRUST Act"),
        (
            line("signed", where=ILLINOIS, instrument="statute", topic="ban on sanctuary policies"),
            "Illinois enacts law banning sanctuary policies",
        ),
        (
            line("signed", where=ILLINOIS, instrument="bill", topic="", identifier="SB 31"),
            "Illinois enacts bill SB 31 limiting cooperation with federal immigration enforcement",
        ),
        (
            line("adopted", topic="", direction="mandates_cooperation"),
            "Los Angeles, CA adopts ordinance requiring cooperation with federal immigration enforcement",
        ),
        (line("issued", instrument="executive_order", topic=""),
         "Los Angeles, CA issues executive order limiting cooperation with federal immigration enforcement"),
        (line("signed", instrument="directive", topic="police"),
         "Los Angeles, CA issues directive limiting cooperation with federal immigration enforcement"),
        (line("signed", instrument="287g_agreement", topic="", direction="mandates_cooperation"),
         "Los Angeles, CA signs 287(g) agreement"),
        (line("approved", instrument="ballot_measure", topic="sanctuary"),
         "Los Angeles, CA voters approve sanctuary ballot measure"),
        (line("veto_overridden", topic="sanctuary"), "Los Angeles, CA enacts sanctuary ordinance over a veto"),
        (line("amended", "amend"), "Los Angeles, CA amends sanctuary city ordinance"),
        (line("adopted", "reaffirm", vote=tally(5, 2)), "Los Angeles, CA reaffirms sanctuary city ordinance (5-2)"),
        (line("repealed", "repeal"), "Los Angeles, CA repeals sanctuary city ordinance"),
        (line("rescinded", "repeal", vote=tally(5, 2)), "Los Angeles, CA rescinds sanctuary city ordinance (5-2)"),
        (line("expired", "repeal"), "Los Angeles, CA: sanctuary city ordinance expires"),
        (line("vetoed", "veto"), "Los Angeles, CA: sanctuary city ordinance is vetoed"),
        (line("enjoined", "ruling"), "Los Angeles, CA: sanctuary city ordinance is blocked in court"),
        (line("effective", "stage"), "Los Angeles, CA: sanctuary city ordinance takes effect"),
        (line("adopted", "correction"), "Correction: Los Angeles, CA, sanctuary city ordinance"),
        (line("adopted", instrument=None, topic="", direction=None),
         "Los Angeles, CA adopts measure on federal immigration enforcement"),
    ],
)  # fmt: skip
def test_subjects(subject: str, expected: str) -> None:
    assert subject == expected


def test_every_word_of_the_vocabulary_can_be_said() -> None:
    for stage in STAGES:
        for kind in ("new", "stage"):
            said = line(stage, kind)  # type: ignore[arg-type]  # words of the vocabulary
            assert said.startswith("Los Angeles, CA")
            assert "_" not in said
    for instrument in INSTRUMENTS:
        assert "_" not in line("adopted", instrument=instrument, topic="")  # type: ignore[arg-type]
    for way in DIRECTIONS:
        assert words.direction(Measure("m", LOS_ANGELES, NOW, direction=way))  # type: ignore[arg-type]
    assert words.direction(Measure("m", LOS_ANGELES, NOW)) == ""


@pytest.mark.parametrize(
    ("vote", "short", "full"),
    [
        (None, "", ""),
        (Vote(), "", ""),
        (tally(7, 2), "7-2", "7-2"),
        (Vote(8, 0, None, 1, True), "8-0", "8-0, unanimous, 1 absent"),
        (Vote(2, 1, 1), "2-1", "2-1, 1 abstaining"),
        (Vote(ayes=11), "", "11 for"),
        (Vote(noes=2), "", "2 against"),
        (Vote(unanimous=True), "unanimous", "unanimous"),
        (Vote(2, 1, on="repeal"), "2-1", "2-1, on: repeal"),
    ],
)
def test_votes(vote: Vote | None, short: str, full: str) -> None:
    assert words.tally(vote) == short
    assert words.vote_in_full(vote) == full


def test_dates_as_far_as_known() -> None:
    assert [words.day(d) for d in ("2024-11-19", "2024-11", "2024", "")] == [
        "Tuesday, November 19, 2024",
        "November 2024",
        "2024",
        "",
    ]


def test_long_text_is_cut_at_a_word() -> None:
    assert words.clean("one two, three", 10) == "one two…"
    assert words.clean("x" * 20, 10) == "x" * 9 + "…"
    assert words.clean("  a\t b\n\n c ") == "a b c"


@pytest.mark.parametrize(
    ("topic", "direction", "provisions", "expected"),
    [
        ("sanctuary policies", "mandates_cooperation", ("sanctuary_ban",), "ordinance banning sanctuary policies"),
        ("sanctuary policy", "mandates_cooperation", (), "ordinance requiring cooperation with federal immigration"),
        ("not a sanctuary county", "mandates_cooperation", (), "not a sanctuary county ordinance"),
        ("anti-sanctuary", "mandates_cooperation", (), "anti-sanctuary ordinance"),
        ("anti-sanctuary", "limits_cooperation", (), "ordinance limiting cooperation with federal immigration"),
        ("welcoming city", None, (), "welcoming city ordinance"),
        ("sanctuary policies", None, (), "ordinance on federal immigration enforcement"),
        ("city lots", "limits_cooperation", (), "ordinance limiting cooperation with federal immigration"),
    ],
)
def test_a_subject_never_says_the_opposite(
    topic: str, direction: Direction | None, provisions: tuple[str, ...], expected: str
) -> None:
    told = Measure(
        "m", Jurisdiction("Mesa", "city", "AZ"), NOW, instrument="ordinance", topic=topic, direction=direction,
        provisions=provisions,
    )  # fmt: skip
    assert words.name_of(told).startswith(expected)
