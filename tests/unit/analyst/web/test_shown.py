"""What is said for codes, and what of the web's texts and addresses gets through."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from markupsafe import Markup

from analyst.answers.results import Quote
from analyst.answers.text import vote_said
from analyst.web import shown
from pipeline.shown import Tally

NOON = datetime(2025, 11, 14, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "url",
    [
        "https://paper.example/news?id=4&b=c#top", "http://paper.example:8080/", "HTTPS://paper.example/a",
        "https://paper.example/@writer/it's-a-story", "https://zeitung.example/straße",
    ],
)  # fmt: skip
def test_a_web_address_may_be_a_link(url: str) -> None:
    assert shown.outside(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "", "javascript:alert(1)", " javascript:alert(1)", "java\nscript:alert(1)", "JAVASCRIPT:alert(1)",
        "data:text/html,x", "vbscript:x", "file:///etc/passwd", "ftp://paper.example/", "//paper.example/", "/path",
        "https:paper.example", "https://", "https://paper.example\\@evil.example/", "https://user@paper.example/",
        "https://user:secret@paper.example/", "https://paper.example/a b", "https://paper.example/\u202egpj",
        "https://paper.example/\x00", 'https://paper.example/"onclick=', "https://[::1", "mailto:a@paper.example",
    ],
)  # fmt: skip
def test_nothing_else_may(url: str) -> None:
    assert shown.outside(url) == ""


def test_what_turns_writing_is_taken_out() -> None:
    turning = "".join(map(chr, [*range(0x202A, 0x202F), *range(0x2066, 0x206A)]))
    assert shown.visible(f"a{turning}b\x00\x1b[31m\x9fc\ufeff") == "ab[31mc"
    assert shown.visible("two\nlines\tשלום\u200f") == "two\nlines\tשלום\u200f"
    kept = shown.visible(Markup("<b>a\u202eb</b>"))
    assert isinstance(kept, Markup)
    assert kept == "<b>ab</b>"


def test_codes_are_said_in_neutral_words() -> None:
    assert shown.said("limits_cooperation") == "limits cooperation"
    assert shown.said("mandates_cooperation") == "mandates cooperation"
    assert shown.said("287g_agreement") == "287(g) agreement"
    assert shown.said("struck_down") == "struck down"
    assert shown.said(None) == ""


def _vote(**given: int | bool | None) -> Tally:
    return {"for": None, "against": None, "abstain": None, "absent": None, "unanimous": None, **given}  # type: ignore[typeddict-item]


@pytest.mark.parametrize(
    ("vote", "expected"),
    [
        (None, ""),
        (_vote(), ""),
        (_vote(**{"for": 13, "against": 0, "unanimous": True}), "13-0, unanimous"),
        (_vote(**{"for": 8, "against": 1, "abstain": 2, "absent": 1}), "8-1, 2 abstaining, 1 absent"),
        (_vote(unanimous=True), "unanimous"),
        (_vote(**{"for": 7}), "7 for"),
        (_vote(against=3), "3 against"),
    ],
)
def test_votes(vote: Tally | None, expected: str) -> None:
    assert vote_said(vote) == expected


@pytest.mark.parametrize(
    ("date", "expected"), [("2025-11-04", "4 Nov 2025"), ("2025-01", "Jan 2025"), ("2025", "2025"), (None, "undated")]
)
def test_dates_are_said_as_far_as_known(date: str | None, expected: str) -> None:
    assert shown.partial_date(date) == expected


def test_instants_are_shown_in_the_zone() -> None:
    early = datetime(2025, 11, 14, 3, 5, tzinfo=UTC)
    assert shown.day(early) == "14 Nov 2025"
    assert shown.day(early, "America/Los_Angeles") == "13 Nov 2025"
    assert shown.minute(early, "America/Los_Angeles") == "13 Nov 2025, 19:05"
    assert shown.minute("2025-11-14T03:05:00Z") == "14 Nov 2025, 03:05"
    assert shown.machine(early) == "2025-11-14T03:05:00Z"
    assert shown.day(None) == "undated"
    assert shown.minute(None) == "never"


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (None, "never"),
        ("2025-11-14T12:00:00Z", "just now"),
        ("2025-11-14T11:59:10Z", "just now"),
        ("2025-11-14T11:58:00Z", "2 min ago"),
        ("2025-11-14T08:30:00Z", "3 h ago"),
        ("2025-11-11T08:30:00Z", "3 d ago"),
        ("2025-11-14T12:00:30Z", "now"),
        ("2025-11-14T12:12:00Z", "in 12 min"),
        ("2025-11-16T12:00:00Z", "in 2 d"),
    ],
)
def test_distances(at: str | None, expected: str) -> None:
    assert shown.distance(at, NOON) == expected


@pytest.mark.parametrize(
    ("share", "expected"), [(0, "0%"), (1, "100%"), (0.125, "12%"), (0.0342, "3.4%"), (0.0004, "<0.1%")]
)
def test_shares(share: float, expected: str) -> None:
    assert shown.percent(share) == expected


def test_counts() -> None:
    assert shown.counted(1, "article") == "1 article"
    assert shown.counted(1_234, "article") == "1,234 articles"
    assert shown.counted(0, "story", "stories") == "0 stories"


def test_links_keep_text_as_text() -> None:
    assert shown.link("/", q="a&b=c ü", sort="") == "/?q=a%26b%3Dc+%C3%BC"
    assert shown.link("/docket") == "/docket"
    assert shown.segment("a/b?c#d, CA") == "a%2Fb%3Fc%23d%2C%20CA"


def test_an_address_is_masked() -> None:
    assert shown.masked("reader@mail.example") == "r…@mail.example"


def test_equal_quotes_are_told_once() -> None:
    def quote(sentence: str, source: str) -> Quote:
        return {"url": "", "sentence": sentence, "source": source, "confidence": 0.8, "rules": []}

    one, two, other = quote("The vote was 5-2.", "A"), quote("The vote  was 5-2.", "B"), quote("It passed.", "C")
    assert shown.quotes([one, other, two]) == [("The vote was 5-2.", [one, two]), ("It passed.", [other])]
