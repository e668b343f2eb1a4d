"""What is told of a government and of immigration, and is still no measure of ours."""

from __future__ import annotations

import pytest

from pipeline.policy import read


def alerts(title: str, text: str) -> list[tuple[str, str]]:
    found = read(title, text, published="2026-03-10", source="Somebody")
    return [(report.jurisdiction.label, report.alert or "") for report in found.reports if report.alert != "stage"]


@pytest.mark.parametrize(
    ("title", "text"),
    [
        (
            "Tuition bill signed",
            "Hawaii's governor signed a bill Friday that gives undocumented students aid.",
        ),
        (
            "Council honors newcomers",
            "The Lowell, Massachusetts, City Council honored its immigrants by a resolution.",
        ),
        (
            "Food carts get a rule",
            "The Portland, Oregon, City Council passed an ordinance on food carts, many run by immigrants, 10-2. "
            "A march against ICE passed the hall.",
        ),
    ],
)
def test_immigrants_alone_are_not_the_topic(title: str, text: str) -> None:
    assert [kind for _, kind in alerts(title, text) if kind] == []


@pytest.mark.parametrize(
    ("title", "text"),
    [
        (
            "Council protects immigrants",
            "The Lowell, Massachusetts, City Council passed a resolution protecting immigrants.",
        ),
        (
            "Governor lets immigration bill become law",
            "Vermont's governor allowed S.209 to become law without his signature on Tuesday. The measure bars civil "
            "immigration arrests at courthouses.",
        ),
        (
            "Legislature limits masks of ICE agents",
            "Lawmakers met late. Washington's House concurred on Thursday, 57-39, and passed Senate Bill 5855.",
        ),
    ],
)
def test_a_rule_that_follows_or_stands_in_the_headline_makes_it_one(title: str, text: str) -> None:
    assert [kind for _, kind in alerts(title, text)] == ["new"]


def test_a_page_of_many_pieces_lends_no_piece_the_topic_of_another() -> None:
    text = (
        "The sheriff of Collier County, Florida, said that his 287(g) deputies identified 400 people last year. "
        "Deputies in Pierce County, Washington, found 40 stolen parts. "
        "A unanimous City Council in Missoula, Montana, passed an ordinance on Monday that limits outdoor lighting."
    )
    assert ("Missoula, MT", "new") not in alerts("Sheriff explains work of his 287(g) deputies", text)


def test_a_story_that_names_its_place_late_is_its_own() -> None:
    text = (
        "Agents may no longer use public lots. Members had debated ICE for months. "
        "The City Council of Missoula, Montana, passed the ordinance on Monday, 9-0."
    )
    assert alerts("Missoula bars ICE from city lots", text) == [("Missoula, MT", "new")]
