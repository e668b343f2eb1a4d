"""Copies folded within a page."""

from __future__ import annotations

from dataclasses import replace

from analyst.web.folding import fold
from tests.unit.policy.builders import article


def test_copies_go_under_their_original() -> None:
    late, other = replace(article(source="B"), id="2", story="1"), replace(article(source="C"), id="3", story="3")
    first, again = replace(article(source="A"), id="1", story="1"), replace(article(source="A"), id="4", story="1")
    folded = fold([late, other, first, again])
    assert [(story.lead.id, [copy.id for copy in story.copies]) for story in folded] == [
        ("1", ["2", "4"]),
        ("3", []),
    ]
    assert folded[0].says == "+1 outlet"


def test_without_the_original_the_first_leads() -> None:
    folded = fold([replace(article(source=s), id=s, story="elsewhere") for s in ("A", "B", "C")])
    assert [story.lead.id for story in folded] == ["A"]
    assert folded[0].says == "+2 outlets"


def test_copies_of_one_outlet_are_copies() -> None:
    folded = fold([replace(article(source="A"), id=str(n), story="0") for n in range(3)])
    assert folded[0].says == "+2 copies"


def test_an_article_not_joined_yet_is_its_own_story() -> None:
    assert len(fold([replace(article(), id="1", story=""), replace(article(), id="2", story="")])) == 2
