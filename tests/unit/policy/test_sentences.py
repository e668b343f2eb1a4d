"""Splitting and tokenising keep offsets and know abbreviations."""

from __future__ import annotations

import pytest

from pipeline.policy import sentences


def split(text: str, title: str = "") -> list[str]:
    plain = sentences.normalise(sentences.whole(title, text))
    return [plain[start:end] for start, end in sentences.split(plain, len(title))]


def test_normalising_keeps_every_offset() -> None:
    text = "“Sanctuary” city’s 13–0 vote — it\u00a0passed"
    plain = sentences.normalise(text)
    assert len(plain) == len(text)
    assert plain == '"Sanctuary" city\'s 13-0 vote \u2014 it passed'


def test_the_title_is_the_first_sentence_even_when_empty() -> None:
    assert split("One. Two.") == ["", "One.", "Two."]
    assert split("One.", title="A headline") == ["A headline", "One."]


@pytest.mark.parametrize(
    "text",
    [
        "Gov. Jane Doe signed it on Dec. 4.",
        "Illinois Gov. J.B. Doe signed the act.",
        "The Boulder, Colo., council voted.",
        "Ordinance No. 12 passed 5-2.",
        "The U.S. Senate voted at 7 p.m. Tuesday.",
    ],
)
def test_abbreviations_end_no_sentence(text: str) -> None:
    assert split(text) == ["", text]


def test_an_abbreviation_ends_one_before_a_word_that_cannot_follow_it() -> None:
    assert split("It was signed at 7 p.m. The council left.")[1:] == ["It was signed at 7 p.m.", "The council left."]


def test_a_run_without_full_stops_is_cut() -> None:
    parts = split("menu " * 2_000)
    assert max(map(len, parts)) <= sentences.MAX_SENTENCE


def test_reading_stops_at_the_cap() -> None:
    parts = split("word. " * 40_000)
    assert sum(map(len, parts)) <= sentences.MAX_CHARS


def test_tokens_fold_possessives_and_287g_and_drop_quotes_and_hyphens() -> None:
    plain = "The city's 287(g) 'anti-sanctuary' rule, U.S."
    sentence = sentences.tokenise(plain, 1, 0, len(plain))
    assert sentence.words == ["the", "city", "287g", "anti", "sanctuary", "rule", ",", "u.s"]
    assert [plain[s:e] for s, e in zip(sentence.starts, sentence.ends, strict=True)] == sentence.raw


def test_capitals_throughout_are_noticed() -> None:
    plain = "COUNCIL PASSES ICE ORDINANCE"
    assert sentences.tokenise(plain, 0, 0, len(plain)).caps
    assert not sentences.tokenise("Council passes ICE rule", 0, 0, 23).caps


def test_token_at_finds_the_token_of_an_offset() -> None:
    plain = "Los Angeles voted"
    sentence = sentences.tokenise(plain, 0, 0, len(plain))
    assert [sentence.token_at(offset) for offset in (0, 4, 12)] == [0, 1, 2]


def test_a_line_break_ends_a_sentence_even_behind_an_abbreviation() -> None:
    assert split("By the night desk, 9:05 p.m.\nThe council met.") == [
        "",
        "By the night desk, 9:05 p.m.",
        "The council met.",
    ]


@pytest.mark.parametrize(
    "stamp",
    [
        "Posted: Friday, November 6, 2026",
        "Posted: Monday, November 2, 2026, 9:30 p.m.",
        "Updated Nov. 6, 2026 at 10:15 AM",
        "Published 11/06/2026",
        "2026-11-06 09:30",
        "FOR IMMEDIATE RELEASE",
    ],
)
def test_a_line_that_dates_the_page_is_no_sentence(stamp: str) -> None:
    assert split(f"{stamp}\nThe council met.") == ["", "The council met."]


def test_a_sentence_that_ends_with_a_date_stays() -> None:
    assert split("The council met on Friday, Nov. 6, 2026.") == ["", "The council met on Friday, Nov. 6, 2026."]
