"""The pages in a real browser: they fit, can be read, need no script and load nothing from elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest

from pipeline.model import Subscription
from tests.unit.analyst.web.stock import SUBSCRIPTION
from tests.web.chromium import Tab
from tests.web.conftest import Site

pytestmark = pytest.mark.long

PAGES = {
    "search": "?q=sanctuary",
    "search-all": "",
    "search-hostile": "?q=title%3Aalert",
    "search-error": "?q=sanctuary+AND+(council+OR+stage%3Anonsense)+since%3A2025",
    "search-nothing": "?q=zeppelin",
    "sources": "sources?q=council",
    "dockets": "docket",
    "docket-place": "docket/Port%20Ellery%2C%20CA",
    "docket-state": "docket/TX",
    "measure": "measure/m-ellery",
    "why": "why?url=https%3A%2F%2Flonepraiririepost.example%2Fowls",
    "feeds": "feeds",
    "status": "status",
    "not-found": "docket/Atlantis",
}
SIZES = {"desktop": (1280, 900), "phone": (390, 844), "narrow": (320, 640)}

# For every text that is seen: its contrast with what lies behind it, by the formula of WCAG 2.
CONTRAST = """
(() => {
  const parse = text => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map(v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const behind = element => {
    for (let at = element; at; at = at.parentElement) {
      const found = parse(getComputedStyle(at).backgroundColor);
      if (found.length < 4 || found[3] === 1) return found;
    }
    return parse(getComputedStyle(document.documentElement).backgroundColor);
  };
  const poor = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || element.closest('svg') || !element.checkVisibility()) continue;
    const [one, other] = [light(parse(getComputedStyle(element).color)), light(behind(element))];
    const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (ratio < 4.5) poor.push([walker.currentNode.data.trim(), Math.round(ratio * 100) / 100]);
  }
  return poor;
})()
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_and_can_be_read(
    site: Site, tab: Tab, screenshots: Path, name: str, scheme: Literal["light", "dark"]
) -> None:
    tab.scheme(scheme)
    for size, (width, height) in SIZES.items():
        tab.size(width, height)
        tab.open(site.base + PAGES[name])
        tab.screenshot(screenshots / f"{name}-{size}-{scheme}.png")
        expected = 2 if name in ("search-error", "not-found") else 0  # the status is told twice
        assert len(tab.problems()) <= expected, tab.problems()
        assert tab.evaluate("document.documentElement.scrollWidth") <= width, size
        assert all(url.startswith((site.base, "data:")) for url in tab.requests()), tab.requests()
    assert tab.evaluate(CONTRAST) == []
    assert tab.evaluate("getComputedStyle(document.body).fontFamily").startswith("system-ui"), "the style was loaded"


def test_the_keyboard_reaches_the_content_first(site: Site, tab: Tab) -> None:
    tab.size(*SIZES["desktop"])
    tab.open(site.base)
    tab.key("Tab")
    assert tab.evaluate("document.activeElement.textContent") == "Skip to content"
    seen = tab.evaluate("document.activeElement.getBoundingClientRect().width")
    assert seen > 50, "the link shows when it has the focus"
    tab.key("Enter", "\r")
    assert tab.evaluate("location.hash") == "#main"
    tab.key("Tab")
    assert tab.evaluate("document.activeElement.name") == "q"
    assert tab.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_an_analyst_searches_narrows_and_opens_a_measure(site: Site, tab: Tab) -> None:
    tab.size(*SIZES["desktop"])
    tab.open(site.base)
    tab.evaluate("document.querySelector('[name=q]').focus()")
    tab.send("Input.insertText", text='"port ellery"')
    tab.after("document.querySelector('.ask button').click()")
    assert "q=%22port+ellery%22" in tab.evaluate("location.search")
    assert tab.evaluate("document.querySelectorAll('ol.stories > li').length") == 3
    tab.after("[...document.querySelectorAll('aside a')].find(a => a.textContent == 'adopted').click()")
    assert tab.evaluate("document.querySelector('[name=q]').value") == '"port ellery" stage:adopted'
    assert tab.evaluate("document.querySelectorAll('ol.stories details li').length") == 5
    assert not tab.evaluate("document.querySelector('ol.stories details li').checkVisibility()")
    tab.evaluate("document.querySelector('ol.stories summary').click()")
    assert tab.evaluate("document.querySelector('ol.stories details li').checkVisibility()")
    tab.after("document.querySelector('ol.stories a[href^=\"/measure/\"]').click()")
    assert tab.evaluate("document.querySelector('h1').textContent") == "Port Ellery, CA: Ordinance No. 25-118"
    tab.after("history.back()", "Page.frameNavigated")  # at once, from the browser's memory
    assert tab.evaluate("document.querySelector('[name=q]').value") == '"port ellery" stage:adopted'


def test_targets_are_large_enough(site: Site, tab: Tab) -> None:
    for width, height in SIZES.values():
        tab.size(width, height)
        tab.open(f"{site.base}?q=sanctuary")
        rows = tab.evaluate("[...document.querySelectorAll('aside li')].map(li => li.getBoundingClientRect().height)")
        assert min(rows) >= 24


def test_harm_from_the_web_stays_text(site: Site, tab: Tab) -> None:
    tab.open(f"{site.base}?q=title%3Aalert")
    assert tab.problems() == []
    assert tab.evaluate("[...document.scripts].every(s => s.src.includes('/static/')) && !document.images.length")
    assert "<script>alert('title')</script>" in tab.evaluate("document.querySelector('.stories h2').textContent")


def test_a_reader_leaves(site: Site, tab: Tab, screenshots: Path) -> None:
    tab.size(*SIZES["phone"])
    tab.open(site.base + site.unsubscribe)
    tab.screenshot(screenshots / "unsubscribe.png")
    tab.after("document.querySelector('form button').click()")
    tab.screenshot(screenshots / "unsubscribed.png")
    assert tab.evaluate("document.querySelector('h1').textContent") == "You are unsubscribed"
    assert site.archive.get(Subscription, SUBSCRIPTION.id) is None
