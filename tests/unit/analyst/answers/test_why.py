from __future__ import annotations

from dataclasses import replace

import pytest

from analyst import answers
from analyst.answers.why import spellings
from pipeline.errors import Throttled, UserError
from pipeline.ledger import try_later
from pipeline.model import Article, Entry, make_id
from pipeline.tools import Tools
from tests.integration.asking import article

BEE, WIRE = "https://bee.example/fresno", "https://wire.example/fresno-council"


def steps(tools: Tools, url: str) -> list[tuple[str, str]]:
    return [(step["step"], step["result"]) for step in answers.why(tools.archive, url)["steps"]]


def test_the_story_of_an_article_ends_with_who_was_told(tools: Tools) -> None:
    told = steps(tools, "https://wire.example/tyler")
    assert [step for step, _ in told] == [
        *("seen", "page", "text", "relevance", "docket", "outcome"),
        *[step for step, _ in told if step in ("report", "rejected")],
        *("notice", "alert"),
    ]
    assert told[-1][1].endswith(": sent")
    report = next(result for step, result in told if step == "report")
    assert "adopted in Smith County, TX, by " in report
    assert "287(g) agreement" in report
    answer = answers.why(tools.archive, "https://wire.example/tyler")
    assert answer["article"] == make_id("article", "https://wire.example/tyler")
    assert answer["score"] > 0.5


def test_why_nobody_was_told_of_an_irrelevant_page(tools: Tools) -> None:
    answer = answers.why(tools.archive, "https://post.example/guns")
    assert (answer["outcome"], answer["reason"]) == ("discard", "irrelevant")
    assert "article" not in answer
    assert 0 <= answer["score"] < 1


def test_an_article_that_turned_out_to_be_a_copy(tools: Tools) -> None:
    """Its entry ended before the story it belongs to was known."""
    one = next(url for url in (BEE, WIRE) if article(tools, url).copy_of is None)
    stored = tools.archive.get(Article, make_id("article", one))
    assert stored
    assert answers.why(tools.archive, one)["outcome"] == "article"
    tools.archive.replace(replace(stored.record, story="f" * 24), stored.version)
    assert answers.why(tools.archive, one)["outcome"] == "copy"


def test_an_entry_that_waits_for_a_retry(tools: Tools) -> None:
    late = make_id("article", "https://bee.example/late")
    known = tools.archive.scan(Entry)[0].record
    waiting = replace(
        known, id=late, url="https://bee.example/late", outcome="waiting", reason="", steps=(), article=""
    )
    tools.archive.create(waiting)
    assert answers.why(tools.archive, "https://bee.example/late")["reason"] == "it waits to be read"
    try_later(tools, waiting, Throttled("the server answered 429", after=600), [])
    answer = answers.why(tools.archive, "https://bee.example/late")
    assert answer["outcome"] == "unknown"
    assert answer["reason"].startswith("Throttled: the server answered 429; next try at 2026-03-05T18:10")
    assert answer["steps"] == [{"at": "2026-03-05T18:00:00Z", "step": "later", "result": answer["reason"]}]


def test_the_articles_own_address_leads_to_its_entry(tools: Tools) -> None:
    stored = tools.archive.get(Article, make_id("article", BEE))
    assert stored
    moved = replace(stored.record, id=make_id("article", "https://bee.example/own"), url="https://bee.example/own")
    tools.archive.create(moved)
    assert answers.why(tools.archive, "https://bee.example/own")["steps"][0]["step"] == "seen"


@pytest.mark.parametrize(
    "typed",
    ["bee.example/fresno", "http://bee.example/fresno", "https://bee.example/fresno/", "https://www.bee.example/fresno",
     " www.bee.example/fresno/?utm_source=x#top"],
)  # fmt: skip
def test_an_address_is_known_as_people_write_it(tools: Tools, typed: str) -> None:
    as_it_is = answers.why(tools.archive, BEE)
    assert as_it_is["outcome"] == "article"
    assert "found" not in as_it_is
    answer = answers.why(tools.archive, typed)
    assert (answer["url"], answer["steps"]) == (typed, as_it_is["steps"])
    assert answer.get("found", BEE) == BEE
    assert answer["article"] == as_it_is["article"]


def test_the_spelling_that_is_given_comes_first() -> None:
    assert spellings("paper.example/a/?b=1")[:3] == [
        "https://paper.example/a/?b=1", "http://paper.example/a/?b=1", "https://paper.example/a?b=1",
    ]  # fmt: skip
    assert len(spellings("https://www.paper.example")) == 4, "an empty path is a slash already"


def test_no_address(tools: Tools) -> None:
    with pytest.raises(UserError):
        answers.why(tools.archive, "mailto:someone@example.org")
