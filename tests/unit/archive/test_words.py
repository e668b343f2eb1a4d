"""What a word is."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.archive.words import MAX_WORD, spans, words


@pytest.mark.parametrize(
    "spellings",
    [
        ("287(g)", "287g", "287 (g)", "287-G", "287 g"),
        ("HB-444", "HB444", "H.B. 444", "hb 444"),
        ("13-0", "13–0", "13 0"),
        ("8 U.S.C. 1373", "8 USC 1373", "8 U.S.C. § 1373", "8 usc 1373"),
        ("1,000", "1000", "$1,000"),
        ("COVID-19", "COVID19"),
        ("Doña Ana", "Don\u0303a Ana", "DOÑA ANA", "Dona Ana"),
        ("Straße", "STRASSE", "strasse"),
        ("İstanbul", "istanbul", "Istanbul"),
        ("Łódź", "Lodz"),
        ("smørrebrød", "smorrebrod"),
        ("oﬃce", "office"),
        ("sanc\u00adtuary", "sanctuary", "sanc\u200btuary", "\ufeffsanctuary"),
        ("①", "1"),
        ("٣", "3"),
        ("sanctuary_city", "sanctuary city", "sanctuary-city", "sanctuary/city", "sanctuary 🗽 city"),
        ("Chicago’s", "Chicago's", "chicago s"),
        ("移民庇護", "移 民 庇 護"),
    ],
)
def test_spellings_that_are_the_same_words(spellings: tuple[str, ...]) -> None:
    assert len({tuple(words(spelling)) for spelling in spellings}) == 1, [words(spelling) for spelling in spellings]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("287(g)", ["287", "g"]),
        ("1324(a)(1)", ["1324", "a", "1"]),
        ("U.S.C.", ["usc"]),
        ("L.A. County", ["la", "county"]),
        ("a.b.cd", ["ab", "cd"]),
        ("e.g. this", ["eg", "this"]),
        ("end.Then", ["end", "then"]),
        ("1,000,000 people", ["1000000", "people"]),
        ("1,00", ["1", "00"]),
        ("3.5", ["3", "5"]),
        ("press@lacity.gov", ["press", "lacity", "gov"]),
        ("½", ["1", "2"]),
        ("§ – & 🗽", []),
        ("", []),
        ("ลี้ภัย", ["ล", "ภ", "ย"]),
        ("x\x00y", ["x", "y"]),
    ],
)
def test_words_of_a_text(text: str, found: list[str]) -> None:
    assert words(text) == found


def test_a_very_long_word_is_cut() -> None:
    assert [len(word) for word in words("x" * 250 + " " + "7" * 101)] == [MAX_WORD, MAX_WORD, 50, MAX_WORD, 1]


def test_spans_point_at_the_original() -> None:
    text = "Doña Ana\u0301’s 287(g) – sanc\u00adtuary"
    assert [(word, text[start:end]) for word, start, end in spans(text)] == [
        ("dona", "Doña"),
        ("ana", "Ana\u0301"),
        ("s", "s"),
        ("287", "287"),
        ("g", "g"),
        ("sanctuary", "sanc\u00adtuary"),
    ]


@settings(max_examples=300, derandomize=True, deadline=None)
@given(st.text(st.characters(), max_size=60))
def test_any_text_keeps_the_rules(text: str) -> None:
    check(text)


def test_every_assigned_character_keeps_the_rules() -> None:
    for block in (range(0x32000), range(0xE0000, 0xE0200)):
        for start in block[::64]:
            check(" a".join(map(chr, range(start, start + 64))))


def check(text: str) -> None:
    found = words(text)
    assert [word for word, _, _ in spans(text)] == found
    assert words(" ".join(found)) == found, "splitting again changes nothing"
    assert all(start < end <= len(text) for _, start, end in spans(text))
    # What the archives split at: only spaces may separate, so no word may hold anything but letters and digits.
    assert all(unicodedata.category(char)[0] in "LN" for word in found for char in word)
    assert all(0 < len(word) <= MAX_WORD for word in found)
