"""Provisions and the way they point, nested denials included."""

from __future__ import annotations

import pytest

from pipeline.policy import direction, sentences
from pipeline.policy.lexicon import lexicon


def point(text: str) -> direction.Pointing:
    plain = sentences.normalise(text)
    sentence = lexicon().tag(sentences.tokenise(plain, 1, 0, len(plain)))
    return direction.read(lexicon(), [(sentence, 1.0)])


@pytest.mark.parametrize(
    ("text", "provision"),
    [
        ("bars the use of city resources for immigration enforcement", "no_city_resources"),
        ("city employees may not assist ICE", "no_city_personnel"),
        ("keeps ICE from staging operations on city property", "no_city_property"),
        ("forbids officers to ask about immigration status", "no_status_inquiry"),
        ("the jail will no longer honor ICE detainers", "no_detainers_without_warrant"),
        ("honors detainers only for violent crimes", "no_detainers_without_warrant"),
        ("prohibits sharing license plate data with immigration authorities", "data_sharing_limits"),
        ("signs a 287(g) ban", "no_287g"),
        ("prohibits police from entering into agreements with federal immigration authorities", "no_287g"),
        ("the sheriff leaves the 287(g) program", "no_287g"),
        ("departments must report encounters with immigration officers", "reporting"),
        ("turns away ICE agents from city property", "no_city_property"),
        ("rescinds the order on 287(g) agreements", "no_287g"),
        ("requires a judicial warrant before immigration agents enter", "judicial_warrant_required"),
    ],
)
def test_limits(text: str, provision: str) -> None:
    found = point(text)
    assert found.direction == "limits_cooperation"
    assert provision in found.provisions


@pytest.mark.parametrize(
    ("text", "provision"),
    [
        ("requires sheriffs to honor detainers", "honor_detainers"),
        ("approved a contract to hold ICE detainees", "detention_contract"),
        ("deputies will serve immigration warrants", "serve_warrants"),
        ("approved a 287(g) agreement with ICE", "require_287g"),
        ("prohibits sanctuary policies across the state", "sanctuary_ban"),
        ("bans local policies that limit help to ICE", "sanctuary_ban"),
        ("requires police to cooperate with federal immigration agents", "require_cooperation"),
        ("forbids local rules that restrict cooperation with immigration authorities", "sanctuary_ban"),
        ("strips state money from cities that refuse immigration detainers", "penalties"),
    ],
)
def test_mandates(text: str, provision: str) -> None:
    found = point(text)
    assert found.direction == "mandates_cooperation"
    assert provision in found.provisions


@pytest.mark.parametrize(
    "text",
    [
        "council votes to keep police out of federal immigration enforcement",
        "city staff told to refuse immigration agents entry without a warrant signed by a judge",
        "law that lets residents sue immigration agents who break the law",
        "ordinance making it illegal for ICE agents to wear masks",
        "county declines to renew its agreement with ICE",
        "withdraws from the federal 287(g) program",
        "city refuses to take part in mass deportation",
        "directs the city attorney to sue the federal government over sanctuary funding threats",
        "the law requires a judicial warrant before the jail holds anybody for ICE",
        "resolution distancing the police department from ICE raids",
    ],
)
def test_ways_to_limit(text: str) -> None:
    assert point(text).direction == "limits_cooperation"


@pytest.mark.parametrize(
    "text",
    [
        "sheriff will hold inmates up to 48 hours for ICE",
        "county to be paid for housing ICE detainees",
        "police trained by ICE will make immigration arrests",
        "makes local officials liable for crimes by immigrants if they adopt sanctuary policies",
        "allows police to share information with immigration agents",
        "bill bars schools from keeping ICE agents out",
        "votes to reinstate the 287(g) agreement",
        "town board votes to cooperate fully with federal immigration authorities",
    ],
)
def test_ways_to_mandate(text: str) -> None:
    assert point(text).direction == "mandates_cooperation"


@pytest.mark.parametrize(
    "text",
    [
        "makes it a felony for officials to vote for sanctuary policies",
        "declares it a nonsanctuary city",
        "declares the county a non-sanctuary county",
        "is not a sanctuary county",
        "opposes the state's sanctuary law",
    ],
)
def test_against_a_sanctuary_mandates(text: str) -> None:
    assert point(text).direction == "mandates_cooperation"


def test_nothing_said_points_nowhere() -> None:
    assert point("approved a new library").direction is None


def test_provisions_of_the_other_side_are_left_out() -> None:
    found = point("The sanctuary ban requires sheriffs to honor detainers and ends limits on ICE.")
    assert found.direction == "mandates_cooperation"
    assert not {"no_detainers_without_warrant", "no_city_personnel"} & set(found.provisions)


@pytest.mark.parametrize(
    "text",
    [
        "Governments that refuse to work with ICE lose sovereign immunity",
        "Officials who ignore or interfere with federal immigration enforcement face jail time",
        "a law making it a crime to obstruct ICE",
        "pledging never to become a sanctuary county",
        "making state agencies report people who are in the country illegally to ICE",
        "a contract to house ICE detainees",
        "restores ICE cooperation",
        "a resolution in support of full cooperation with ICE despite Keep Washington Working",
        "allows federal immigration agents to reopen an office on the island",
    ],
)
def test_forbidding_refusal_mandates(text: str) -> None:
    assert point(text).direction == "mandates_cooperation"


@pytest.mark.parametrize(
    "text",
    [
        "voted to end the contract to house ICE detainees",
        "barring city data from being shared with ICE",
        "writes the department's hands-off immigration policy into code",
        "declares village property off limits to immigration enforcement",
        "puts ICE restrictions on the books",
    ],
)
def test_headline_words_that_limit(text: str) -> None:
    assert point(text).direction == "limits_cooperation"
