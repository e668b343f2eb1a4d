"""What a result can be narrowed to: several values of a facet, all of them, and what can be taken back."""

from __future__ import annotations

import re

import pytest
from bs4 import BeautifulSoup, Tag
from starlette.applications import Starlette

from analyst.web.faceting import PER_FACET
from tests.unit.analyst.web.library import OUTLETS
from tests.unit.analyst.web.test_search_page import facet, only, page, words


def line_of(found: BeautifulSoup, name: str, value: str) -> Tag:
    return next(line for line in facet(found, name).select("li") if value in words(line))


def total(found: BeautifulSoup) -> int:
    return int(re.findall(r"(\d+) articles? match", words(only(found, "main")))[0])


def query(found: BeautifulSoup) -> str:
    return str(only(found, "input[name=q]")["value"])


def follow(web: Starlette, line: Tag, number: int = 0) -> BeautifulSoup:
    return page(web, str(line.select("a")[number]["href"]))


def test_two_values_of_a_facet_are_either_of_them(web: Starlette) -> None:
    one = follow(web, line_of(page(web, q="council"), "Source", "Dunmore Dispatch"))
    other = line_of(one, "Source", "or Port Ellery Beacon")
    count = int(words(only(other, ".n")))
    assert len(other.select("a")) == 1, "leaving out beside what is chosen would say nothing"
    both = follow(web, other)
    assert query(both) == 'council (source:"Dunmore Dispatch" OR source:"Port Ellery Beacon")'
    assert total(both) == total(one) + count
    taken = facet(both, "Source").select("a[aria-current]")
    assert [words(link).split(" ✕")[0] for link in taken] == ["Dunmore Dispatch", "Port Ellery Beacon"]
    rest = page(web, str(taken[0]["href"]))
    assert query(rest) == 'council source:"Port Ellery Beacon"'
    assert query(page(web, str(only(facet(rest, "Source"), "a[aria-current]")["href"]))) == "council"


def test_places_may_be_several_too(web: Starlette) -> None:
    found = page(web, q='place:"Dunmore, TX"')
    both = follow(web, line_of(found, "Place", "or Port Ellery, CA"))
    assert query(both) == '(place:"Dunmore, TX" OR place:"Port Ellery, CA")'
    assert total(both) > total(found)


def test_all_values_can_be_seen(web: Starlette) -> None:
    found = page(web)
    few = facet(found, "Source").select("li")
    assert len(few) == PER_FACET + 1
    assert words(few[-1]) == "All sources"
    every = follow(web, few[-1])
    names = {words(line.bdi) for line in facet(every, "Source").select("li") if line.bdi}
    assert set(OUTLETS) <= names
    assert words(facet(every, "Source").select("li")[-1]) == "Fewer sources"
    assert len(facet(every, "Place").select("li")) == len(facet(found, "Place").select("li"))
    chosen = follow(web, line_of(every, "Source", "Open Forum Letters"))
    assert set(OUTLETS) <= {words(line.bdi) for line in facet(chosen, "Source").select("li") if line.bdi}, "still all"
    assert len(facet(follow(web, facet(every, "Source").select("li")[-1]), "Source").select("li")) == PER_FACET + 1


def test_every_value_beside_a_choice_finds_as_many_as_it_says(web: Starlette) -> None:
    found = page(web, q='source:"Dunmore Dispatch"')
    before = total(found)
    for line in facet(found, "Source").select("li"):
        if "or" in words(line).split() and line.select(".n"):
            assert total(follow(web, line)) == before + int(words(only(line, ".n")))


@pytest.mark.parametrize(
    ("asked", "name", "value", "left"),
    [
        ("council NOT place:CA", "Place", "California", "council"),
        ("council -(kind:news OR kind:opinion)", "Kind of article", "opinion", "council -kind:news"),
        ("council (kind:news OR kind:opinion)", "Kind of article", "opinion", "council kind:news"),
        ("kind:(news OR opinion)", "Kind of article", "news", "kind:opinion"),
        ("council AND source:“dunmore dispatch”", "Source", "dunmore dispatch", "council"),
    ],
)
def test_what_was_typed_can_be_taken_back(web: Starlette, asked: str, name: str, value: str, left: str) -> None:
    found = page(web, q=asked)
    line = next(
        line for line in facet(found, name).select("li") if line.select("a[aria-current]") and value in words(line)
    )
    assert query(follow(web, line)) == left
    assert bool(line.select(".without")) == ("NOT" in asked or "-" in asked)


def test_the_page_of_sources_takes_back_too(web: Starlette) -> None:
    found = page(web, "/sources", q='council -source:"Dunmore Dispatch" NOT source:Nobody', order="share")
    taken = found.select("main > p a.without")
    assert [words(link).split(" ✕")[0] for link in taken] == ["Dunmore Dispatch", "Nobody"]
    assert taken[0]["href"] == "/sources?q=council+NOT+source%3ANobody&order=share"
    assert page(web, "/sources", q='source:"No Such Paper"').select("main > p a[aria-current]"), "the way out"
    assert not page(web, "/sources", q="council").select("main > p a[aria-current]")


def test_a_value_that_both_wants_is_offered_as_ever(web: Starlette) -> None:
    found = page(web, q='place:CA place:"Port Ellery, CA"')
    assert len(facet(found, "Place").select("a[aria-current]")) == 2
    assert not [line for line in facet(found, "Place").select("li") if "or" in words(line).split()]
