"""Titles without outlets, the best of several, and two that head the same article."""

from __future__ import annotations

import pytest

from pipeline.articles.titles import bare, choose, same_title


@pytest.mark.parametrize(
    ("title", "outlet", "expected"),
    [
        ("Council adopts an ordinance | The Harbor Ledger", "The Harbor Ledger", "Council adopts an ordinance"),
        ("Council adopts ordinance - Harbor Ledger", "The Harbor Ledger", "Council adopts ordinance"),
        ("Council adopts ordinance — harborledger.example", "harborledger", "Council adopts ordinance"),
        ("Council adopts ordinance - Harbor Valley Ledger", "hvledger", "Council adopts ordinance"),
        ("The Harbor Ledger | Council adopts ordinance", "The Harbor Ledger", "Council adopts ordinance"),
        ("Council adopts ordinance :: Politics :: Ledger", "Harbor Ledger", "Council adopts ordinance :: Politics"),
        ("Council votes 5-4 - mayor vows veto", "Harbor Ledger", "Council votes 5-4 - mayor vows veto"),
        ("Council votes 5-4 - mayor vows veto", "", "Council votes 5-4 - mayor vows veto"),
        ("Council adopts sanctuary ordinance - Harbor Ledger", "", "Council adopts sanctuary ordinance"),
        ("Council adopts ordinance | Harbor Ledger", "", "Council adopts ordinance"),
        ("Council adopts the sanctuary law - 7-2", "", "Council adopts the sanctuary law - 7-2"),
        ("Sheriff - Harbor Ledger", "", "Sheriff - Harbor Ledger"),
        ("  Two   spaces ", "", "Two spaces"),
        ("Harbor Ledger", "Harbor Ledger", "Harbor Ledger"),
        ("", "Harbor Ledger", ""),
        ("A well-known anti-ICE measure", "", "A well-known anti-ICE measure"),
    ],
)  # fmt: skip
def test_bare(title: str, outlet: str, expected: str) -> None:
    assert bare(title, outlet) == expected
    assert bare(expected, outlet) == expected


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Council adopts “sanctuary city” ordinance", "Council Adopts 'Sanctuary City' Ordinance"),
        ("Council adopts sanctuary ordinance - Harbor Ledger", "Council adopts sanctuary ordinance"),
        ("City won't help ICE, council says", "City won’t help ICE, council says"),
        ("Harbor City Council adopts sanctuary city ordinance after long debate",
         "Harbor City Council adopts sanctuary city ordinance..."),
        ("Harbor City Council adopts sanctuary city ordin…", "Harbor City Council adopts sanctuary city ordinance"),
        ("Harbor council adopts sanctuary city ordinance - The Harbor Ledger of Somewhere Far Away",
         "Harbor council adopts sanctuary city ordinance"),
    ],
)  # fmt: skip
def test_same_title(a: str, b: str) -> None:
    assert same_title(a, b)
    assert same_title(b, a)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Council adopts sanctuary ordinance", "Council adopts sanctuary ordinance after debate"),
        ("Harbor council adopts sanctuary city ordinance", "Harbor council rejects sanctuary city ordinance"),
        ("Harbor City Council adopts sanctuary city ord", "Harbor City Council adopts sanctuary city ordinance"),
        ("", ""),
        ("…", "…"),
        ("Council", ""),
        ("Vote on the sanctuary law fails - Salem", "Vote on the sanctuary law fails - Marion"),
    ],
)
def test_different_titles(a: str, b: str) -> None:
    assert not same_title(a, b)
    assert not same_title(b, a)


@pytest.mark.parametrize(
    "hostile", [" " * 200_000, "." * 200_000 + "x", " - a" * 50_000, "a " * 100_000, "…" * 100_000]
)
def test_endless_titles(hostile: str) -> None:
    assert len(bare(hostile)) <= 1_000
    assert not same_title(hostile, "Council adopts sanctuary ordinance")


class TestChoose:
    outlets = ("The Harbor Ledger", "harborledger")

    def test_the_heading_that_says_the_same_wins(self) -> None:
        stated = ["Harbor council adopts sanctuary law, 7-2", "Harbor council adopts sanctuary law | The Harbor Ledger"]
        headings = ["The Harbor Ledger", "Harbor council adopts its sanctuary law, 7-2"]
        assert choose(stated, headings, self.outlets) == "Harbor council adopts its sanctuary law, 7-2"

    def test_a_heading_about_something_else_does_not(self) -> None:
        assert choose(["Council adopts sanctuary law"], ["Local news"], self.outlets) == "Council adopts sanctuary law"

    def test_a_title_that_is_cut_short_gives_way(self) -> None:
        whole = "Harbor council adopts a sanctuary city law after nine hours"
        assert choose(["Harbor council adopts a sanctuary city law…", whole], [], self.outlets) == whole

    def test_only_a_title_element(self) -> None:
        assert choose(["", "A vote - The Harbor Ledger"], [], self.outlets) == "A vote"

    def test_only_headings(self) -> None:
        assert choose([], ["A vote"], self.outlets) == "A vote"
        assert choose([], ["A vote", "Another"], self.outlets) == ""
        assert choose([], [], ()) == ""
