"""Copies with the edits that syndication makes are found; what only resembles them is not."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from itertools import combinations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.articles.copies import LEAST_OVERLAP, copies, fingerprints, sentences
from pipeline.frontier.base import Neighbour
from tests.unit.articles.stories import BIOGRAPHY, CALENDAR, OWN_WORDS, WIRE

Edit = Callable[[str, Random], str]


def paragraphs(text: str) -> list[str]:
    return text.strip().split("\n")


def verbatim(text: str, random: Random) -> str:
    return text


def first_three_paragraphs(text: str, random: Random) -> str:
    return "\n".join(paragraphs(text)[:3])


def first_half(text: str, random: Random) -> str:
    words = text.split(" ")
    return " ".join(words[: len(words) // 2])


def local_insert(text: str, random: Random) -> str:
    inserted = [
        "Residents of the north side said they had learned of the matter only from a flyer on the church door.",
        "In our own county the question has not come up this year, according to the clerk, though it was asked before.",
        "A spokesman for the regional chamber of commerce said that its members were following events with interest.",
    ]
    lines = paragraphs(text)
    for line in inserted:
        lines.insert(random.randrange(1, len(lines)), line)
    return "\n".join(lines)


def light_edit(text: str, random: Random) -> str:
    """One word in forty replaced, British quotation marks, another dateline."""
    words = text.replace('"', "’").split(" ")
    for place in range(random.randrange(40), len(words), 40):
        words[place] = "reportedly"
    return "(Wire) - " + " ".join(words).split("— ", 1)[-1]


def dropped_paragraphs(text: str, random: Random) -> str:
    lines = paragraphs(text)
    return "\n".join(line for number, line in enumerate(lines) if number == 0 or number % 3)


def own_lead(text: str, random: Random) -> str:
    lead = "Another council, another long night: here is what was decided and what happens next, by our wire partners."
    return "\n".join([lead, *paragraphs(text)[1:]])


def capitals_and_spaces(text: str, random: Random) -> str:
    return text.replace("\n", "\n\n").replace(" ", "  ").upper()


EDITS: tuple[Edit, ...] = (
    verbatim, first_three_paragraphs, first_half, local_insert, light_edit, dropped_paragraphs, own_lead,
    capitals_and_spaces,
)  # fmt: skip


def are_copies(one: tuple[int, ...], other: tuple[int, ...], *, same_host: bool = False) -> bool:
    overlap = len(set(one) & set(other))
    hosts = ("a.example", "a.example" if same_host else "b.example")
    return copies(len(one), hosts[0], [Neighbour("x", hosts[1], overlap, len(other))]) == ["x"]


def documents() -> list[tuple[str, str, tuple[int, ...]]]:
    """(story, how it was made, fingerprints)"""
    random = Random(20241119)
    made = [(name, edit.__name__, fingerprints(edit(text, random))) for name, text in WIRE.items() for edit in EDITS]
    return made + [(f"{name}, own words", "own_words", fingerprints(text)) for name, text in OWN_WORDS.items()]


def test_pairs_of_the_made_set() -> None:
    found = right = wanted = 0
    missed = []
    for (story_a, how_a, a), (story_b, how_b, b) in combinations(documents(), 2):
        same = story_a == story_b
        verdict = are_copies(a, b)
        found += verdict
        wanted += same
        right += verdict and same
        if same and not verdict:
            missed.append((story_a, how_a, how_b))
    assert found == right, "precision 1.0: nothing is joined that is no copy"
    assert right / wanted >= 0.98, missed


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("name", WIRE)
def test_every_edit_is_a_copy_of_the_original(name: str, edit: Edit) -> None:
    original, edited = fingerprints(WIRE[name]), fingerprints(edit(WIRE[name], Random(7)))
    assert are_copies(original, edited)
    assert are_copies(edited, original)


@pytest.mark.parametrize("name", OWN_WORDS)
def test_another_account_of_the_same_happening_is_no_copy(name: str) -> None:
    assert not are_copies(fingerprints(WIRE[name]), fingerprints(OWN_WORDS[name]))


def test_one_host_needs_more() -> None:
    this_week = fingerprints(CALENDAR)
    next_week = fingerprints(CALENDAR.replace("on the square behind the old customs house", "at the ferry landing"))
    cut = fingerprints(first_half(WIRE["court"], Random(1)))
    assert are_copies(fingerprints(WIRE["court"]), cut)
    assert not are_copies(fingerprints(WIRE["court"]), cut, same_host=True)
    assert are_copies(this_week, this_week, same_host=True)
    assert not are_copies(this_week, next_week, same_host=True)


# ------------------------------------------------------------------ boilerplate
def test_boilerplate_joins_articles_unless_it_is_left_out() -> None:
    one, other = (f"{paragraphs(WIRE[name])[0]}\n{BIOGRAPHY}" for name in ("court", "storm"))
    printed = {number for number, _ in sentences(BIOGRAPHY)}
    assert are_copies(fingerprints(one), fingerprints(other))
    assert not are_copies(fingerprints(one, printed), fingerprints(other, printed))


def test_leaving_out_gives_the_fingerprints_of_the_rest() -> None:
    printed = {number for number, _ in sentences(BIOGRAPHY)}
    rest = fingerprints(f"{WIRE['court']}\n{BIOGRAPHY}", printed)
    assert are_copies(rest, fingerprints(WIRE["court"]))
    assert fingerprints(BIOGRAPHY, printed) == ()


def test_sentences() -> None:
    found = sentences('He said "No." Then officials left at 5.30 on Tuesday. Why?\n\n- A heading\n***\n')
    assert [text for _, text in found] == [
        'He said "No."',
        "Then officials left at 5.30 on Tuesday.",
        "Why?",
        "- A heading",
    ]
    assert sentences("“THEN officials   left, at 5.30 on Tuesday!”")[0][0] == found[1][0]
    assert sentences("") == []


# ------------------------------------------------------------------ short texts
TWENTY = "Trustees in Harrow Lake will meet on Thursday at seven in the fire station to vote on the village's rules."
THIRTY = f"{TWENTY} The meeting is open to everybody, and comments of up to two minutes are welcome."


def test_short_texts_are_copies_only_when_equal() -> None:
    exact = fingerprints(TWENTY)
    assert len(exact) == 1
    assert fingerprints(TWENTY.upper().replace(".", " !")) == exact
    assert are_copies(exact, exact)
    assert are_copies(exact, exact, same_host=True)
    assert fingerprints(TWENTY.replace("seven", "eight")) != exact


def test_texts_of_too_few_fingerprints_are_copies_only_when_equal() -> None:
    assert len(fingerprints(THIRTY)) == 1
    assert not set(fingerprints(THIRTY)) & set(fingerprints(f"{THIRTY} {WIRE['repeal']}"))


def test_a_feeds_summary_under_25_words_has_none() -> None:
    assert fingerprints(TWENTY, short=False) == ()
    assert fingerprints(THIRTY, short=False) == fingerprints(THIRTY) != ()


@pytest.mark.parametrize("text", ["", "\n", "Watch the video above.", "* * *"])
def test_texts_that_say_nothing_have_none(text: str) -> None:
    assert fingerprints(text) == ()


# ------------------------------------------------------------------ the numbers
def test_fingerprints_are_sorted_distinct_and_fit_into_63_bits() -> None:
    for text in WIRE.values():
        found = fingerprints(text)
        assert list(found) == sorted(set(found))
        assert found[0] >= 0
        assert found[-1] < 1 << 63
        assert len(found) > 2 * LEAST_OVERLAP


def test_about_one_in_nine_words_is_kept() -> None:
    words = " ".join(WIRE.values()).split()
    share = len(fingerprints(" ".join(words))) / len(words)
    assert 0.09 < share < 0.15


def test_hashes_are_the_same_in_every_process() -> None:
    program = (
        "from pipeline.articles.copies import fingerprints, sentences;"
        "from tests.unit.articles.stories import WIRE;"
        "print(fingerprints(WIRE['court'])[:3], sentences(WIRE['court'])[0][0])"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    first = sentences(WIRE["court"])[0][0]
    assert ran.stdout.strip() == f"{fingerprints(WIRE['court'])[:3]} {first}"


def test_stored_hashes_keep_their_meaning() -> None:
    assert sentences("Nothing is stored twice.")[0][0] == NOTHING_IS_STORED_TWICE
    assert fingerprints(WIRE["court"])[0] == FIRST_OF_COURT


NOTHING_IS_STORED_TWICE = 5230892989763938038
FIRST_OF_COURT = 66898896731548351


@settings(derandomize=True, deadline=None)
@given(st.text(max_size=400), st.booleans())
def test_any_text_has_fingerprints_in_order(text: str, short: bool) -> None:
    found = fingerprints(text, short=short)
    assert list(found) == sorted(set(found))
    assert fingerprints(text, {-1}, short=short) == found, "leaving out what is not there changes nothing"


# ------------------------------------------------------------------ the rule
def test_the_rule() -> None:
    near = [
        Neighbour("three in common", "b", 3, 3),
        Neighbour("half of the smaller", "b", 5, 10),
        Neighbour("less than half", "b", 9, 20),
        Neighbour("half, same host", "a", 10, 20),
        Neighbour("four fifths of both, same host", "a", 18, 20),
        Neighbour("cut copy", "b", 4, 8),
    ]
    assert copies(20, "a", near) == ["half of the smaller", "four fifths of both, same host", "cut copy"]
    assert copies(1, "a", [Neighbour("equal", "b", 1, 1), Neighbour("part", "b", 1, 9)]) == ["equal"]
    assert copies(0, "a", []) == []
