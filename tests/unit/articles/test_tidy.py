"""What is no part of the article goes; what only looks like it stays."""

from __future__ import annotations

import pytest

from pipeline.articles.tidy import is_cut_short, tidy

SENTENCE = "The council voted on Tuesday to adopt the ordinance after a long debate about its cost."
TITLE = "Council adopts the ordinance"


def test_the_headline_above_the_text_goes() -> None:
    assert tidy(f"{TITLE}\n{SENTENCE}", [TITLE]) == SENTENCE
    assert tidy(f"Local news\n“Council adopts the ordinance”\n{SENTENCE}", ["", TITLE]) == SENTENCE


def test_the_headline_as_a_sentence_of_the_text_stays() -> None:
    text = f"{SENTENCE}\n{TITLE}\n{SENTENCE}"
    assert tidy(text, [TITLE]) == text


@pytest.mark.parametrize(
    "line",
    [
        "Read more: Ferry fares to rise in spring", "RELATED: Harbor dredging delayed again", "[Related: Ferry fares]",
        "Related stories: Ferry fares", "- Also read: Ferry fares", "See also » Ferry fares", "MORE: Ferry fares",
        "Advertisement", "ADVERTISEMENT", "Article continues below", "Story continues below advertisement", "Share",
        "1 of 12", "Click here to get the Harbor News app", "Sign up for our morning newsletter",
        "Thanks for signing up!", "Get the latest news delivered to your inbox", "Don’t miss: Ferry fares",
        "Watch: The mayor speaks",
    ],
)  # fmt: skip
def test_cross_links_and_furniture_go(line: str) -> None:
    assert tidy(f"{SENTENCE}\n{line}\n{SENTENCE}", []) == f"{SENTENCE}\n{SENTENCE}"


@pytest.mark.parametrize(
    "line",
    [
        "More than 200 people spoke.", "Related to the vote is a lawsuit that the county filed last week.",
        "Read the ordinance before you judge it, she said.", "Share of the vote: 52 percent",
        "Watch what you sign, said the clerk.", "The advertisement ran twice.", "Comments were limited to two minutes.",
        "Recommended sentences range from two to four years.", "Listen to the people, the mayor was told.",
        "More: a statesman whose view of the law the council member quoted for several minutes before she turned to the"
        " question at hand, which was whether a city may tell its employees what to do with their working hours, and"
        " why.",
    ],
)  # fmt: skip
def test_sentences_that_begin_alike_stay(line: str) -> None:
    assert tidy(f"{SENTENCE}\n{line}", []) == f"{SENTENCE}\n{line}"


def test_a_list_of_other_articles_goes_up_to_the_next_sentence() -> None:
    text = f"{SENTENCE}\nMost read in local news\n- Ferry fares to rise\n- Who was that? A quiz.\n{SENTENCE}"
    assert tidy(text, []) == f"{SENTENCE}\n{SENTENCE}"
    assert tidy(f"{SENTENCE}\nYou may also like:\nFerry fares to rise\nHarbor dredging delayed", []) == SENTENCE


def test_spaces_and_invisible_characters() -> None:
    assert tidy(" The\u00ad coun\u00adcil \u200bvoted\u00a0 \t 7-2 \n\n\n ok.", []) == "The council voted 7-2\nok."
    assert tidy("", []) == ""


def test_is_cut_short() -> None:
    whole = " ".join(f"word{number}" for number in range(300))
    teaser = " ".join(f"word{number}" for number in range(60))
    assert is_cut_short(teaser, whole)
    assert is_cut_short("", whole)
    assert not is_cut_short(whole, teaser)
    assert not is_cut_short(whole, whole)
    assert not is_cut_short("an entirely different text about something else", whole)
    assert not is_cut_short("", "")
