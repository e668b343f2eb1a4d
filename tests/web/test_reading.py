"""What a reader of the pages does, whoever she is: by keyboard, with her finger, in the face of harm from the web."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from pipeline.model import Subscription
from tests.unit.analyst.web.stock import SUBSCRIPTION
from tests.web.conftest import Site
from tests.web.workspace import opened

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
