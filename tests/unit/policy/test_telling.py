"""Which acts a text asserts, and the vetoes that turn others down."""

from __future__ import annotations

import re

import pytest

from pipeline.policy import sentences
from pipeline.policy.acts import Told, View
from pipeline.policy.lexicon import lexicon
from pipeline.policy.reading import tag
from pipeline.policy.telling import tell


def told(text: str, title: str = "", published: str = "2026-03-05", *, document: bool = False) -> Told:
    """The acts of a text in which 'Springfield', 'Shelby' and 'Union City' are the places."""
    plain = sentences.normalise(sentences.whole(title, text))
    parts = tag(lexicon(), plain, len(title))
    places = {
        part.index: [
            (part.token_at(part.start + match.start()), part.token_at(part.start + match.end() - 1) + 1)
            for match in re.finditer(r"Springfield|Shelby|Union City", part.text)
        ]
        for part in parts
    }
    return tell(View(lexicon(), plain, parts, places, published, document=document))


def kinds(text: str, title: str = "", published: str = "2026-03-05") -> list[str]:
    return [act.kind for act in told(text, title, published).acts]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("The Springfield City Council approved a sanctuary ordinance.", "adopt"),
        ("The city council has unanimously approved a sanctuary ordinance.", "adopt"),
        ("A sanctuary ordinance was approved by the city council.", "adopt"),
        ("Council members voted 5-2 Tuesday to adopt a sanctuary ordinance.", "adopt"),
        ("Council members voted without dissent for a sanctuary ordinance.", "vote"),
        ("Supervisors voted 3-2 to end the sheriff's 287(g) agreement with ICE.", "limit"),
        ("Supervisors decided 3-2 on Tuesday to end transfers to ICE.", "limit"),
        ("The mayor signed an executive order limiting help to ICE.", "sign"),
        ("The governor signed Senate Bill 54, a sanctuary law.", "sign"),
        ("The council voted 7-2 to turn down a sanctuary ordinance.", "reject"),
        ("The council voted 7-2 against the sanctuary ordinance.", "reject"),
        ("The council rescinded its sanctuary city resolution.", "repeal"),
        ("The governor vetoed the sanctuary bill.", "veto"),
        ("Lawmakers overrode the governor's veto of the sanctuary ban.", "override"),
        ("The board tabled the sanctuary resolution.", "table"),
        ("The council voted 5-0 to direct the city attorney to draft a sanctuary ordinance.", "direct"),
        ("Supervisors voted 5-0 to have staff draft a sanctuary ordinance.", "direct"),
        ("The council voted to join a lawsuit against the state's sanctuary law.", "sue"),
        ("A federal judge blocked the city's sanctuary ordinance.", "enjoin"),
        ("The sanctuary law took effect Monday.", "effect"),
        ("A bill on ICE became law without the governor's signature.", "unsigned"),
        ("The council voted 9-1 to put a sanctuary measure on the ballot.", "refer"),
        ("El concejo municipal aprobó una ordenanza santuario.", "adopt"),
        ("The council voted 5-0 to introduce and adopt an ordinance on ICE.", "adopt"),
        ("The council embraced the status Tuesday, unanimously passing a sanctuary ordinance.", "adopt"),
        ("The city council took a stand by adopting, 4-1, a sanctuary ordinance.", "adopt"),
        ("The sanctuary ordinance won unanimous support from the city council.", "adopt"),
        ("The Trust Act cleared the city council Tuesday in a 9-2 vote.", "adopt"),
        ("Commissioners gave the 287(g) agreement the nod on Monday, 8-2.", "adopt"),
        ("The council voted 6-1 to void its 287(g) agreement with ICE.", "limit"),
        ("The sheriff's office in Springfield ended its 287(g) agreement with ICE.", "limit"),
        ("The council voted 7-2 against having police work with ICE.", "vote"),
        ("The council agreed 3-2 that the jail will hand people to ICE only with a warrant.", "vote"),
        ("Aldermen slammed the door on ICE use of city property Monday, 8-1.", "vote"),
        ("Commissioners signed a resolution declaring the county is not a sanctuary.", "sign"),
        ("With the governor's signature on the bill, police are barred from helping ICE.", "sign"),
        ("Lawmakers sent the governor a bill that bars ICE from courts.", "final"),
        ("The mayor announced plans Wednesday for an order that would bar ICE.", "introduce"),
        ("Town residents approved a ballot question that bars police from helping ICE.", "adopt"),
        ("The city of Union City on Tuesday adopted a sanctuary ordinance.", "adopt"),
    ],
)
def test_asserted(text: str, kind: str) -> None:
    assert kind in kinds(text)


@pytest.mark.parametrize(
    ("text", "veto"),
    [
        ("The council may approve a sanctuary ordinance.", "modal"),
        ("The council is expected to adopt a sanctuary ordinance.", "future"),
        ("If approved by the council, the sanctuary ordinance limits ICE.", "condition"),
        ("The city council did not adopted a sanctuary ordinance.", "negation"),
        ("The city council had approved a sanctuary ordinance.", "background"),
        ("In 2014 the city council approved a sanctuary ordinance.", "background"),
        ("The city council previously approved a sanctuary ordinance.", "background"),
        ("One year after the city council approved a sanctuary ordinance, little changed.", "background"),
        ("The mayor criticized a sanctuary ordinance approved by the council and sued.", "subordinate"),
        ("Members of a church voted to declare a sanctuary for migrants.", "no_government"),
        ("The chief backs the sanctuary ordinance the city council adopted.", "background"),
        ("A panel heard the city, whose council adopted a sanctuary ordinance.", "background"),
        (
            "Deputies working under a 287(g) agreement approved by the council arrested two people Tuesday.",
            "background",
        ),
        ("The council decided Monday not to adopt a sanctuary ordinance.", "negation"),
    ],
)
def test_vetoed(text: str, veto: str) -> None:
    found = told(text)
    assert [act.kind for act in found.acts if act.kind in ("adopt", "declare")] == []
    assert f"veto.{veto}" in [check.rule for check in found.rejected]


@pytest.mark.parametrize(
    "text",
    [
        "At least 40 police departments in Springfield have signed 287(g) agreements.",
        "Council members heard a report on ICE, 5-2, after the city could act, passing nothing.",
        "Council members voted 6-0 to have the city attorney advise them on a 287(g) agreement.",
        "A council committee backed limits on ICE, 3-1.",
        "Residents pulled the plug on talks with ICE, 5-2.",
    ],
)
def test_nothing_is_adopted(text: str) -> None:
    assert not set(kinds(text)) & {"adopt", "vote", "limit", "sign", "rule"}


@pytest.mark.parametrize(
    "text",
    [
        "By 7:20 p.m. Tuesday, the city council had approved a sanctuary ordinance.",
        "Police must ask ICE for warrants under a resolution the council adopted 7-0 on Tuesday.",
        "The resolution, which the city council adopted 7-0, limits help to ICE.",
    ],
)
def test_news_told_in_the_tense_or_clause_of_background(text: str) -> None:
    assert kinds(text) == ["adopt"]


def test_one_short_of_an_override_is_none() -> None:
    assert kinds("The council voted 5-4, one short of the six needed to override the veto of a sanctuary law.") == []


def test_a_record_resolves_behind_its_reasons() -> None:
    text = "WHEREAS residents fear ICE, the City Council resolves that police shall not ask about immigration status."
    assert [act.kind for act in told(text, "Resolution 12", document=True).acts] == ["declare"]
    assert told(text, "Resolution 12").acts == []


def test_a_vote_told_with_its_tally_first_and_the_rule_behind_the_instrument() -> None:
    text = "The city council took its vote: 11 in favor, six opposed, for an ordinance under which nobody may help ICE."
    assert "vote" in kinds(text)


def test_the_sentence_that_points_back_may_tell_how_it_passed() -> None:
    text = "Springfield put limits on aiding ICE into its code. The ordinance cleared the city council, 11 votes to 6."
    assert "adopt" in kinds(text)


def test_a_headlines_second_verb_has_the_first_ones_subject() -> None:
    (act,) = told("", title="Springfield declares emergency over raids, bars ICE from city lots").acts
    assert (act.kind, act.actor.tag) == ("limit", "PLACE")


def test_a_month_and_a_county_are_no_permission() -> None:
    assert kinds("The Will County Board adopted a sanctuary ordinance.") == ["adopt"]
    assert kinds("The council on May 5 adopted a sanctuary ordinance.", published="2026-05-06") == ["adopt"]


def test_a_denial_that_stands_before_its_noun_denies_no_verb() -> None:
    assert kinds("A ban on ICE agents without a warrant won approval from the city council.") == ["adopt"]


def test_the_older_vote_in_a_reversal_is_background() -> None:
    text = "The Springfield council's 5-2 vote Wednesday undid a sanctuary resolution passed 6-0 on Feb. 23."
    (act,) = told(text).acts
    assert act.kind == "repeal"
    assert act.tally is not None
    assert (act.tally.first, act.tally.second) == (5, 2)


def test_two_places_in_one_sentence_keep_their_tallies() -> None:
    text = "Springfield's council voted 4-1 to join a suit against the sanctuary law, and Shelby voted 6-1 to sue."
    acts = told(text).acts
    assert [(act.kind, act.tally.first) for act in acts if act.tally] == [("sue", 4), ("sue", 6)]


def test_an_ordinance_pointed_back_to_counts_beside_a_sentence_on_the_topic() -> None:
    assert kinds("The sanctuary plan bars helping ICE. It passed with a 13-0 vote.") == ["adopt"]
    assert kinds("The library plan adds a wing. It passed with a 13-0 vote.") == []


def test_plural_subjects_of_headlines_are_in_the_present() -> None:
    assert kinds("", title="Springfield supervisors approve sanctuary ordinance") == ["adopt"]
    assert kinds("", title="Springfield supervisors to approve sanctuary ordinance") == []


def test_numbered_instruments_speak_in_a_governments_own_record() -> None:
    title = "Resolution R-15-2026 designating Springfield a welcoming city for immigrants"
    assert [act.kind for act in told("", title, document=True).acts] == ["declare"]
    assert told("", title).acts == []
