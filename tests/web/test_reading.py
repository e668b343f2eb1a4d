"""What a reader of the pages does, whoever she is: by keyboard, with her finger, in the face of harm from the web."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from pipeline.model import Article, Subscription
from tests.unit.analyst.web.library import NOW
from tests.unit.analyst.web.stock import SUBSCRIPTION
from tests.web.conftest import Site
from tests.web.workspace import barriers, opened

pytestmark = pytest.mark.long


def test_the_keyboard_reaches_the_content_first(browser: Browser, site: Site) -> None:
    with opened(browser, site.base) as page:
        page.goto("/")
        page.keyboard.press("Tab")
        skip = page.get_by_text("Skip to content")
        expect(skip).to_be_focused()
        box = skip.bounding_box()
        assert box is not None
        assert box["width"] > 50, "the link shows when it has the focus"
        page.keyboard.press("Enter")
        assert page.evaluate("location.hash") == "#main"
        page.keyboard.press("Tab")
        expect(page.locator("[name=q]")).to_be_focused()
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_an_analyst_narrows_unfolds_and_opens_a_measure(browser: Browser, site: Site) -> None:
    with opened(browser, site.base) as page:
        page.goto("/")
        page.fill("[name=q]", '"port ellery"')
        page.click(".ask button")
        expect(page.locator("ol.stories > li")).to_have_count(3)
        page.locator("aside").get_by_role("link", name="adopted", exact=True).click()
        expect(page.locator("[name=q]")).to_have_value('"port ellery" stage:adopted')
        copies = page.locator("ol.stories details li")
        expect(copies).to_have_count(5)
        expect(copies.first).to_be_hidden()
        page.locator("ol.stories summary").click()
        expect(copies.first).to_be_visible()
        page.locator('ol.stories a[href^="/measure/"]').first.click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Port Ellery, CA: Ordinance No. 25-118")
        page.go_back()
        expect(page.locator("[name=q]")).to_have_value('"port ellery" stage:adopted')


def test_a_stage_leads_to_the_articles_behind_it(browser: Browser, site: Site) -> None:
    with opened(browser, site.base, scripts=False) as page:
        page.goto("/docket/CA")
        page.get_by_role("link", name="2 articles behind “adopted”").click()
        expect(page.get_by_role("heading", name="Articles behind “Adopted”")).to_be_in_viewport()
        expect(page.locator("ol.stories > li")).to_have_count(2)
        page.get_by_role("link", name="All 4 of the measure").click()
        expect(page.locator("ol.stories > li")).to_have_count(4)


@pytest.fixture
def for_years(site: Site) -> Iterator[None]:
    """An article of years ago."""
    at = NOW - timedelta(weeks=120)
    old = Article(
        id="of-old", url="https://paper.example/old", title="Council of old", text="A council met.",
        source="Coastline Wire", source_kind="wire", home="CA", feed="f", entry="of-old", first_seen=at, published=at,
        story="of-old", pending=False,
    )  # fmt: skip
    site.archive.create(old)
    yield
    site.archive.delete(Article, old.id)


@pytest.mark.parametrize("width", [1280, 320])
def test_the_heat_map_is_even_and_leads_to_articles(
    browser: Browser, site: Site, screenshots: Path, for_years: None, width: int
) -> None:
    with opened(browser, site.base, width=width) as page:
        page.goto("/sources?q=council")
        page.get_by_role("link", name="When each of them wrote").click()
        expect(page.locator(".heat")).to_be_in_viewport()
        for by, most in (("month", 40), ("week", 20)):
            page.locator(".toggles a", has_text=by).click()
            expect(page.locator(".toggles [aria-current]")).to_have_text(by)
            widths = page.evaluate("[...document.querySelectorAll('.heat thead th')].slice(1).map(e => e.offsetWidth)")
            assert len(widths) > 24
            assert max(widths) - min(widths) <= 1, "whatever is written above them"
            assert max(widths) < most
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            assert barriers(page) == []
            page.screenshot(path=screenshots / f"heat-{by}-{width}.png")
        page.goto("/sources?q=council&by=month")
        page.locator('.heat td a:has-text("1")').first.click()
        expect(page.locator("ol.stories > li")).to_have_count(1)


def test_harm_from_the_web_stays_text(browser: Browser, site: Site) -> None:
    with opened(browser, site.base) as page:
        page.goto("/?q=title%3Aalert")
        assert page.evaluate("[...document.scripts].every(s => s.src.includes('/static/')) && !document.images.length")
        expect(page.locator(".stories h2").first).to_contain_text("<script>alert('title')</script>")


def test_a_reader_leaves(browser: Browser, site: Site, screenshots: Path) -> None:
    with opened(browser, site.base, width=390, height=844) as page:
        page.goto(site.unsubscribe)
        page.screenshot(path=screenshots / "unsubscribe.png")
        page.click("main form button")
        expect(page.get_by_role("heading", level=1)).to_have_text("You are unsubscribed")
        page.screenshot(path=screenshots / "unsubscribed.png")
    assert site.archive.get(Subscription, SUBSCRIPTION.id) is None
