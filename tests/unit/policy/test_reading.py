"""The way in: cheap for the world's news, careful with traps, never raising."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.policy import read


@pytest.mark.data
def test_the_seed_article_gives_one_action(data: Path) -> None:
    reading = read("", (data / "seed_article.txt").read_text())
    assert reading.kind == "opinion"
    (report,) = reading.reports
    assert report.jurisdiction.label == "Los Angeles, CA"
    assert (report.body, report.instrument, report.stage) == ("City Council", "ordinance", "adopted")
    assert report.vote is not None
    assert (report.vote.ayes, report.vote.noes, report.vote.unanimous) == (13, 0, True)
    assert report.direction == "limits_cooperation"
    assert set(report.provisions) == {"no_city_resources", "no_city_personnel"}


def test_news_without_a_word_of_the_topic_stops_at_the_gate() -> None:
    reading = read("Council passes budget", "The vote was 5-2.")
    assert (reading.relevant, reading.score, reading.reports) == (False, 0.0, ())
    assert [check.rule for check in reading.rejected] == ["relevance.gate"]


def test_an_irrelevant_article_says_why() -> None:
    reading = read("Ice storm hits; ICE offices close", "Freezing rain fell on the county.")
    assert not reading.relevant
    assert "relevance.score" in [check.rule for check in reading.rejected]


def test_turned_down_candidates_are_told() -> None:
    reading = read(
        "Eugene to vote on sanctuary ordinance", "The Eugene, Oregon, council may adopt a sanctuary ordinance."
    )
    assert not any(report.alert == "new" for report in reading.reports)
    assert {"veto.modal"} <= {check.rule for check in reading.rejected}


def test_places_of_a_relevant_article_are_labelled() -> None:
    reading = read("Eugene adopts sanctuary ordinance", "The Eugene, Oregon, council adopted a sanctuary ordinance.")
    assert reading.places[0] == "Eugene, OR"


TOPIC = """The council city county of Eugene Oregon voted 7-1 to approve adopt reject a sanctuary ordinance ICE had
would if not after which Monday 2014 governor signed 287(g) agreement . , ; : ( ) unanimously
resolution against SB 54 “ ” —"""
WORDS = st.sampled_from(TOPIC.split())


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(WORDS, max_size=60), st.lists(WORDS, max_size=12), st.sampled_from(["", "2026", "2026-03", "2026-03-05"])
)
def test_any_order_of_our_words_can_be_read(words: list[str], title: list[str], published: str) -> None:
    text, head = " ".join(words), " ".join(title)
    whole = head + "\n\n" + text
    for report in read(head, text, published=published).reports:
        assert whole[report.start : report.end].strip() == report.sentence


@pytest.mark.parametrize(
    "text",
    [
        "voted to approve " * 4_000,
        "Resolution " + "no " * 20_000,
        "13-0 " * 12_000,
        "ICE bars police from helping ICE " * 2_000,
        "Monday " * 9_000,
        "(" * 60_000,
        ". " * 30_000,
        "sanctuary ordinance approved; " * 2_000,
    ],
)
def test_text_made_to_be_slow_is_read(text: str) -> None:
    assert read("The council passed a sanctuary ordinance on ICE", text).relevant


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300), st.text(max_size=60))
def test_any_text_can_be_read(text: str, title: str) -> None:
    read(title + " ICE sanctuary", text + " council voted 3-2 to adopt a sanctuary ordinance")
