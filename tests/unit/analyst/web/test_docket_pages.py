"""Dockets of many places, page by page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from starlette.applications import Starlette

from analyst.web.app import make_app
from analyst.web.dockets import CHANGES, MEASURES, PLACES
from config.settings import Settings
from pipeline.archive import open_archive
from pipeline.archive.base import Archive
from pipeline.frontier import open_frontier
from pipeline.model import Action, Article, Docket, Evidence, Jurisdiction, Measure, Stage
from tests.unit.analyst.web.library import NOW
from tests.unit.analyst.web.test_search_page import only, page, words

TOWNS = PLACES // 2 + 10
"""Of each of two states."""


def evidence(name: str) -> Evidence:
    return Evidence(
        name, f"https://paper.example/{name}", "Paper", "news", "news", "A title", f"The council voted, says {name}.",
        0, 20, (), 0.9, name, True, NOW,
    )  # fmt: skip


def docket(where: Jurisdiction, days: int) -> Docket:
    day = NOW - timedelta(days=days)
    name = where.key.replace(":", "-")
    action = Action(
        f"a-{name}", "adopted", f"{day:%Y-%m-%d}", day, evidence=tuple(evidence(f"{name}{n}") for n in range(5))
    )
    return Docket(where.key, where, day, (Measure(f"m-{name}", where, day, instrument="ordinance", actions=(action,)),))


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with closing(open_archive(f"sqlite:///{tmp_path_factory.mktemp('home') / 'archive.sqlite3'}")) as opened:
        towns = [Jurisdiction(f"Town {n:03}", "city", state) for state in ("CA", "TX") for n in range(TOWNS)]
        opened.create_many([docket(where, 1 + n // 20) for n, where in enumerate(towns)])
        opened.create(docket(Jurisdiction("Texas", "state", "TX"), 90))
        yield opened


@pytest.fixture
def web(archive: Archive, tmp_path: Path) -> Iterator[Starlette]:
    settings = Settings(home=tmp_path, secret_key="a secret of the tests")
    with closing(open_frontier(settings.frontier)) as frontier:
        yield make_app(settings, archive, frontier, now=lambda: NOW)


def places(found: BeautifulSoup) -> list[str]:
    return [words(row) for row in found.select('[aria-label="Places"] tbody th[scope="row"]')]


def follow(web: Starlette, found: BeautifulSoup, way: str) -> BeautifulSoup:
    return page(web, str(only(found, f'[aria-label="Pages"] a[rel="{way}"]')["href"]))


def test_all_places_are_listed_page_by_page(web: Starlette) -> None:
    first = page(web, "/docket")
    assert words(only(first, "caption")).startswith(f"{2 * TOWNS + 1} measures in {2 * TOWNS + 1} places")
    assert words(only(first, '[aria-label="Pages"]')) == f"1 to {PLACES} of {2 * TOWNS + 1} Next page"
    second = follow(web, first, "next")
    assert places(first) + places(second) == [
        *(f"Town {n:03}, CA" for n in range(TOWNS)), "Texas", *(f"Town {n:03}, TX" for n in range(TOWNS)),
    ]  # fmt: skip
    assert [words(group) for group in second.select("tbody th[colspan]")] == [f"Texas {TOWNS + 1} measures"]
    assert not second.select('[rel="next"]')
    assert places(follow(web, second, "prev")) == places(first)
    week = first.select(".week li")
    assert (len(week), words(week[-1])) == (CHANGES + 1, f"and {2 * TOWNS - CHANGES} more")


def test_a_state_is_listed_page_by_page(web: Starlette) -> None:
    found = page(web, "/docket/Texas")
    assert f"{TOWNS + 1} measures." in words(only(found, "main"))
    names = []
    while True:
        names += [words(h2) for h2 in found.select("main h2")]
        if not found.select('[rel="next"]'):
            break
        found = follow(web, found, "next")
    assert names == ["Texas: Ordinance", *(f"Town {n:03}, TX: Ordinance" for n in range(TOWNS))]
    assert len(names) > 2 * MEASURES


def test_quotes_beyond_three_are_on_the_measures_own_page(web: Starlette) -> None:
    found = page(web, "/docket/TX")
    assert len(found.select("blockquote")) == 3 * MEASURES
    (more, *_) = [link for link in found.select(".stages a") if words(link) == "2 more quotes"]
    assert len(page(web, str(more["href"])).select("blockquote")) == 5
    alone = page(web, "/docket/Town 001, TX")
    assert len(alone.select("details blockquote")) == 2, "those of a single place are unfolded there"


@pytest.mark.parametrize("number", ["0", "-1", "x", "²", "99999999", "4711"])
def test_a_page_that_is_none(web: Starlette, number: str) -> None:
    for path in ("/docket", "/docket/TX", "/docket/Town 001, TX", "/feeds"):
        page(web, path, page=number)
    if number == "4711":
        assert places(page(web, "/docket", page=number))[-1] == f"Town {TOWNS - 1:03}, TX", "the last there is"


def test_articles_of_a_measure_are_found_by_one_question_or_one_by_one(web: Starlette, archive: Archive) -> None:
    stored = archive.get(Docket, Jurisdiction("Town 002", "city", "TX").key)
    assert stored
    (measure,) = stored.record.measures
    made = [
        Article(
            id=f"art{n}", url=f"https://paper.example/{n}", title=f"Told {n}", text="The council voted.",
            source="Paper", source_kind="news", home="TX", feed="f", entry=f"art{n}",
            first_seen=NOW, published=NOW - timedelta(days=n), story=f"art{n}",
            measures=(measure.id,) if n < 2 else ("another",), pending=False,
        )
        for n in range(4)
    ]  # fmt: skip
    archive.create_many(made)
    (action,) = measure.actions
    told = replace(action, articles=("art0", "art1", "art2", "gone"))
    archive.replace(replace(stored.record, measures=(replace(measure, actions=(told,)),)), stored.version)
    found = page(web, f"/measure/{measure.id}")
    assert [words(line.select(".meta > span")[0]) for line in found.select("ol.stories > li")] == [
        "Told 2",
        "Told 1",
        "Told 0",
    ]


def article(name: str, days: int, *stages: Stage, story: str = "") -> Article:
    return Article(
        id=name, url=f"https://paper.example/{name}", title=name, text="The council voted.", source=f"Paper {name}",
        source_kind="news", home="TX", feed="f", entry=name, first_seen=NOW, published=NOW - timedelta(days=days),
        story=story or name, measures=("m-road",), stages=stages, pending=False,
    )  # fmt: skip


ROAD = Jurisdiction("Roadside", "city", "TX")


@pytest.fixture
def road(tmp_path: Path) -> Iterator[Starlette]:
    """A measure of three actions, told by articles that keep other stages than its actions have by now: a first vote
    that they called the adoption, a final one that another told first."""
    with closing(open_archive(f"sqlite:///{tmp_path / 'road.sqlite3'}")) as opened:
        opened.create_many([
            article("draft", 40, "introduced"), article("vote", 20, "adopted"),
            article("vote-copy", 20, "adopted", story="vote"),
            article("final", 5, "passed_final", "adopted"), article("late", 1, "adopted"),
        ])  # fmt: skip
        steps: tuple[tuple[Stage, str, int, tuple[str, ...]], ...] = (
            ("introduced", "2017-02-15", 0, ("draft",)),
            ("passed_first_vote", "2025-11", 2, ("vote", "vote-copy")),
            ("passed_final", "", 1, ("final", "late")),
        )
        actions = tuple(
            Action(f"{n} & more", stage, date, NOW - timedelta(days=days), articles=told)
            for n, (stage, date, days, told) in enumerate(steps)
        )
        opened.create(Docket(ROAD.key, ROAD, NOW, (Measure("m-road", ROAD, NOW, actions=actions),)))
        settings = Settings(home=tmp_path, secret_key="a secret of the tests")
        with closing(open_frontier(settings.frontier)) as frontier:
            yield make_app(settings, opened, frontier, now=lambda: NOW)


@pytest.mark.parametrize("path", ["/docket/Roadside, TX", "/measure/m-road"])
def test_a_stage_leads_to_the_very_articles_that_it_counts(road: Starlette, path: str) -> None:
    told = {}
    for step in page(road, path).select("ol.stages > li"):
        link = only(step, ".facts a")
        behind = page(road, str(link["href"]))
        shown = [words(bdi) for bdi in behind.select("ol.stories bdi")]
        assert words(link).startswith(f"{len(shown)} article")
        assert words(only(behind, ".stages [aria-current]")) == words(link)
        told[words(only(behind, "#articles"))] = shown
    assert told == {
        "Articles behind “Introduced”": ["Paper draft"],
        "Articles behind “Passed a first vote”": ["Paper vote", "Paper vote-copy"],
        "Articles behind “Passed final”": ["Paper final", "Paper late"],
    }
    folded = page(road, "/measure/m-road", action="1 & more")
    assert words(only(folded, "ol.stories summary")) == "+1 outlet"
    assert words(only(folded, "#articles + p")) == "2 articles, oldest first. All 5 of the measure"
    whole = page(road, "/measure/m-road", action="none")
    assert words(only(whole, "#articles + p")).startswith("5 articles, oldest first.")


def test_what_is_told_this_week_says_when_it_happened(road: Starlette) -> None:
    assert [words(line) for line in page(road, "/docket").select(".week li")] == [
        "reported 28 Nov 2025 told late 1 article Roadside, TX: Measure : introduced 15 Feb 2017",
        "reported 27 Nov 2025 2 articles Roadside, TX: Measure : passed final, undated",
        "reported 26 Nov 2025 new here 2 articles Roadside, TX: Measure : passed a first vote Nov 2025",
    ]
