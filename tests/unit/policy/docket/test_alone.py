"""Who may alert alone, and who confirms whom: each kind of source with each kind of article and what it states."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from pipeline.model import ARTICLE_KINDS, SOURCE_KINDS, ArticleKind, Jurisdiction, Report, SourceKind, Stage, Vote
from pipeline.policy import places, read
from pipeline.policy.accounts import Context
from pipeline.policy.alerting import alone
from pipeline.policy.lexicon import lexicon
from tests.unit.policy.builders import join_all, place, report, tally, told

OAK_PARK = place("Oak Park", "IL", "village")
REPORTING = ("news", "wire")
NEVER = ("index_page", "review", "explainer", "live_blog")
OTHERS = tuple(kind for kind in ARTICLE_KINDS if kind not in (*REPORTING, *NEVER))

VOTED = Vote(ayes=7, noes=0, unanimous=True)
STATED: dict[str, tuple[str, Vote | None, Stage, bool]] = {
    "nothing": ("", None, "adopted", False),
    "a date": ("", None, "adopted", True),
    "the body": ("Village Board", None, "adopted", False),
    "the vote": ("", VOTED, "adopted", False),
    "a signature": ("", None, "signed", False),
    "body and vote": ("Village Board", VOTED, "adopted", False),
    "body and date": ("Village Board", None, "adopted", True),
    "vote and date": ("", VOTED, "adopted", True),
    "signature and date": ("", None, "signed", True),
    "all": ("Village Board", VOTED, "adopted", True),
}
"""Body, vote, stage, and whether the text gives a day."""
EACH = list(itertools.product(SOURCE_KINDS, ARTICLE_KINDS))
ENOUGH = {"body and date", "vote and date", "signature and date", "all"}


def may(
    source_kind: SourceKind, kind: ArticleKind, stated: str, *, source: str = "Somebody", where: Jurisdiction = OAK_PARK
) -> bool:
    body, vote, stage, dated = STATED[stated]
    context = Context(
        lexicon=lexicon(), whole="", plain="", sentences=(), map=places.find("", ""), published="2026-03-10",
        kind=kind, source_kind=source_kind, source=source,
    )  # fmt: skip
    allowed, rule = alone(context, where, vote, body, stage, dated=dated)
    assert rule.startswith("alone.")
    return allowed


@pytest.mark.parametrize(("source_kind", "kind"), EACH)
def test_each_kind_of_source_with_each_kind_of_article(source_kind: SourceKind, kind: ArticleKind) -> None:
    found = {stated for stated in STATED if may(source_kind, kind, stated)}
    if kind in NEVER:
        assert found == set()
    elif source_kind in REPORTING and kind in REPORTING:
        assert found == set(STATED)
    else:
        assert found == ENOUGH


@pytest.mark.parametrize("kind", [*REPORTING, *OTHERS])
def test_the_adopting_body_is_its_own_record(kind: ArticleKind) -> None:
    assert may("government", kind, "nothing", source="Village of Oak Park")
    assert not may("government", kind, "nothing", source="Cook County Clerk")
    assert not may("advocacy", kind, "nothing", source="Oak Park Neighbors")


@pytest.mark.parametrize(
    ("source", "where", "own"),
    [
        ("City of Orange", place("Orange", "CA"), True),
        ("Orange County Sheriff", place("Orange", "CA"), False),
        ("Orange County Board of Supervisors", place("Orange County", "CA", "county"), True),
        ("Washington State Legislature", place("Washington", "WA", "state"), True),
        ("Washington County Board", place("Washington", "WA", "state"), False),
        ("Arkansas General Assembly", place("Kansas", "KS", "state"), False),
        ("Kansas City Council", place("Kansas", "KS", "state"), False),
        ("New York State Assembly", place("New York", "NY"), False),
        ("New York City Council", place("New York", "NY"), True),
    ],
)
def test_a_neighbour_of_the_same_name_is_not_the_adopting_body(source: str, where: Jurisdiction, own: bool) -> None:
    assert may("government", "press_release", "nothing", source=source, where=where) is own


@pytest.mark.parametrize(("source_kind", "kind"), EACH)
def test_a_place_without_a_state_alerts_nobody_alone(source_kind: SourceKind, kind: ArticleKind) -> None:
    assert not may(source_kind, kind, "all", where=replace(OAK_PARK, state=""), source="Village of Oak Park")


# ------------------------------------------------------------------ the whole way, from a text
DONE = "The Oak Park, Illinois, Village Board voted 7-0 Monday to adopt an ordinance barring police from helping ICE."
BARE = "Oak Park, Illinois, adopted an ordinance that bars police from helping ICE."


@pytest.mark.parametrize(
    ("source_kind", "source", "title", "text", "alerts"),
    [
        ("news", "Austin Oak Leaf", "Oak Park bars help to ICE", DONE, True),
        ("news", "Austin Oak Leaf", "Oak Park bars help to ICE", BARE, True),
        ("wire", "Prairie Wire", "Oak Park bars help to ICE", BARE, True),
        ("government", "Village of Oak Park", "Village adopts ordinance on ICE", BARE, True),
        ("government", "Cook County", "Oak Park adopts ordinance on ICE", BARE, False),
        ("advocacy", "Rights Alliance", "Oak Park bars help to ICE", DONE, True),
        ("advocacy", "Rights Alliance", "Victory! Oak Park bars help to ICE", BARE, False),
        ("opinion", "Leaf Opinion", "Opinion: Oak Park was right to bar help to ICE", DONE, True),
        ("opinion", "Leaf Opinion", "Opinion: Oak Park was right to bar help to ICE", BARE, False),
        ("aggregator", "News of the Day", "Oak Park bars help to ICE", DONE, True),
        ("aggregator", "News of the Day", "Oak Park bars help to ICE", BARE, False),
        ("news", "Austin Oak Leaf", "Explainer: what Oak Park's ICE ordinance does", DONE, False),
        ("news", "Austin Oak Leaf", "Live updates: the village board on ICE", DONE, False),
    ],
)
def test_from_text_to_notice(source_kind: SourceKind, source: str, title: str, text: str, alerts: bool) -> None:
    found = read(title, text, published="2026-03-10", source=source, source_kind=source_kind)
    assert found.reports, found.rejected
    pairs = told(*found.reports, source=source, source_kind=source_kind, kind=found.kind, published="2026-03-10")
    docket, _ = join_all(pairs)
    assert bool(docket.notices) is alerts, (found.kind, found.reports[0].rules)


# ------------------------------------------------------------------ the second source
QUIET = report("adopted", "2026-03-09", where=OAK_PARK, vote=tally(7, 0), alertable=False, body="Village Board")
CONFIRMS = {
    ("opinion", "opinion"): True,
    ("blog", "news"): True,
    ("advocacy", "advocacy"): True,
    ("news", "aggregator"): True,
    ("live_blog", "news"): True,
    ("explainer", "news"): True,
    ("press_release", "advocacy"): False,
    ("press_release", "government"): False,
    ("government_document", "government"): False,
    ("government_document", "news"): False,
    ("news", "government"): False,
    ("index_page", "news"): False,
    ("review", "news"): False,
}
"""Whether an account that may not alert alone counts as a source beside another one (a release confirms nobody)."""


def two(first: Report, second: Report, **of_second: object) -> int:
    """Notices after an opinion piece and a second account."""
    docket, _ = join_all(told(first, kind="opinion", source_kind="opinion", published="2026-03-10", source="One"))
    assert docket.notices == ()
    docket, _ = join_all(told(second, published="2026-03-11", **of_second), docket)
    return len(docket.notices)


@pytest.mark.parametrize(("kinds", "confirms"), list(CONFIRMS.items()), ids=str)
def test_a_second_source(kinds: tuple[ArticleKind, SourceKind], confirms: bool) -> None:
    other = replace(QUIET, sentence="And so the trustees did what was asked of them.")
    assert two(QUIET, other, kind=kinds[0], source_kind=kinds[1], source="Two") == int(confirms)


def test_a_copy_the_same_outlet_and_the_same_sentence_are_no_second_source() -> None:
    other = replace(QUIET, sentence="And so the trustees did what was asked of them.")
    first = told(QUIET, kind="opinion", source_kind="opinion", published="2026-03-10", source="One")[0][1]
    assert two(QUIET, other, kind="blog", source="Two", story=first.id) == 0
    assert two(QUIET, other, kind="blog", source="one") == 0
    assert two(QUIET, QUIET, kind="blog", source="Two") == 0
    assert two(QUIET, other, kind="blog", source="Two") == 1


def test_three_accounts_of_which_two_are_copies_of_each_other_are_two() -> None:
    release = told(replace(QUIET, sentence="We did it, says the village in its own words."), kind="press_release",
                   source_kind="government", source="Cook County", published="2026-03-10")  # fmt: skip
    copy = told(replace(QUIET, sentence="We did it, says the village in its own words."), kind="blog", source="Blog",
                published="2026-03-10")  # fmt: skip
    docket, _ = join_all([*release, *copy])
    assert docket.notices == (), "a blog that copies a release is the release"
    other = told(replace(QUIET, sentence="I was there when all seven raised a hand."), kind="opinion",
                 source_kind="opinion", source="Column", published="2026-03-11")  # fmt: skip
    docket, _ = join_all(other, docket)
    assert len(docket.notices) == 1
