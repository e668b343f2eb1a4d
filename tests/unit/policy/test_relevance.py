"""What is about sanctuary policy, and what only sounds like it."""

from __future__ import annotations

import pytest

from pipeline.policy import relevance, sentences
from pipeline.policy.lexicon import lexicon
from pipeline.policy.reading import tag


def judge(title: str, text: str) -> relevance.Judgement:
    plain = sentences.normalise(sentences.whole(title, text))
    return relevance.judge(lexicon(), tag(lexicon(), plain, len(title)))


@pytest.mark.parametrize(
    ("title", "text", "frame"),
    [
        ("Council adopts sanctuary city ordinance", "It bars helping immigration agents.", "sanctuary"),
        ("County limits ICE holds", "Supervisors voted to honor no detainers.", "detainers"),
        ("Town to join 287(g)", "The board will sign a 287(g) agreement with ICE.", "287g"),
        ("Governor signs California Values Act", "It limits police.", "named_law"),
        ("City bars agents from parking lots", "The council voted to keep ICE off city property.", "cooperation"),
        ("State bans sanctuary cities", "The governor signed the sanctuary ban.", "anti_sanctuary"),
        ("Village adopts welcoming ordinance", "Trustees passed a welcoming village ordinance.", "welcoming"),
        ("Concejo aprueba ordenanza santuario", "La ciudad santuario no ayudará a la migra.", "sanctuary"),
    ],
)
def test_relevant(title: str, text: str, frame: str) -> None:
    judged = judge(title, text)
    assert judged.relevant
    assert frame in judged.frames
    assert 0.5 <= judged.score < 1


@pytest.mark.parametrize(
    ("title", "text", "sense"),
    [
        (
            "Supervisors adopt Second Amendment sanctuary resolution",
            "The gun vote was 5-0; immigrants were not named.",
            "gun",
        ),
        ("City becomes sanctuary city for the unborn", "The council outlawed abortion.", "unborn"),
        (
            "Council declares sanctuary city for transgender people",
            "No city resources may be used against them.",
            "trans",
        ),
        (
            "County is a Bill of Rights sanctuary",
            "Commissioners passed a vaccine ordinance: First Amendment sanctuary.",
            "covid",
        ),
        ("County gives OK to animal sanctuary law", "The ordinance regulates dog sanctuaries.", "animal"),
        ("Councils join City of Sanctuary", "Councillors in the UK pledged help for refugees.", "uk"),
        (
            "Church votes to be sanctuary for migrants",
            "The congregation will shelter a family in its sanctuary.",
            "church",
        ),
    ],
)
def test_other_senses_are_named(title: str, text: str, sense: str) -> None:
    judged = judge(title, text)
    assert not judged.relevant
    assert f"confuser.{sense}" in [check.rule for check in judged.rejected]


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("ICE arrests 900 in a day", "Agents made arrests in immigration raids in three cities."),
        ("Ice storm closes schools", "Freezing rain fell."),
        ("Candidates spar over taxes", "One attacked sanctuary cities in a debate."),
        ("Council passes budget", "The vote was 5-2."),
        ("Antitrust act turns 100", "The land trust met."),
    ],
)
def test_irrelevant(title: str, text: str) -> None:
    assert not judge(title, text).relevant


def test_a_sense_in_passing_does_not_hide_a_sanctuary_city() -> None:
    text = (
        "The council voted to reaffirm the city's sanctuary status for immigrants, as it did for reproductive rights."
    )
    assert judge("Council reaffirms sanctuary city status", text).relevant


def test_background_deep_in_a_long_text_is_not_enough() -> None:
    text = " ".join(["The fair opens on Friday with music."] * 20) + " The town is a sanctuary city."
    assert not judge("Fair opens", text).relevant


@pytest.mark.parametrize(
    ("text", "passes"), [("The ICE rule", True), ("ice cream", False), ("a Detainer", True), ("weather", False)]
)
def test_the_gate_is_a_few_words(text: str, passes: bool) -> None:
    assert relevance.gate(lexicon(), text) is passes


def test_an_empty_article_is_irrelevant() -> None:
    judged = judge("", "")
    assert (judged.relevant, judged.score, judged.frames) == (False, 0.0, ())


def test_the_sentences_on_topic_are_those_that_pass_the_gate() -> None:
    text = (
        "İt rained. ICE came.\nThe Trust Act—yes. Ice melts. A sanctuary. SANCTUARY cities. Nothing more. Immigrants!"
    )
    plain = sentences.normalise(sentences.whole("A title", text))
    spans = list(sentences.split(plain, len("A title")))
    expected = {i for i, (start, end) in enumerate(spans) if relevance.gate(lexicon(), plain[start:end])}
    assert relevance.on_topic(lexicon(), plain, spans) == expected
    assert 0 < len(expected) < len(spans)
