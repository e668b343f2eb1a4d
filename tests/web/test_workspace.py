"""What an analyst does, in a real browser: search, zoom, narrow, compare, save, export, by keyboard, without scripts,
on a phone, in the dark, and from elsewhere with a key."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, expect

from analyst.api.keys import mint
from pipeline.archive.base import every
from pipeline.model import ApiKey, Feed
from tests.unit.analyst.web.library import NOW
from tests.web.conftest import Site
from tests.web.workspace import barriers, opened

DESKTOP, NARROW = (1280, 900), (320, 640)
PAGES = {
    "search": "/?q=sanctuary",
    "search-counts": "/?q=sanctuary&show=count&of=articles&by=week",
    "search-all": "/",
    "search-hostile": "/?q=title%3Aalert",
    "search-nothing": "/?q=zeppelin",
    "search-error": "/?q=council+AND+(jail",
    "compare": "/compare?q=council&q=sheriff&by=day",
    "compare-table": "/compare/table?q=council&q=sheriff&by=day",
    "timeline": "/timeline?q=council&by=day",
    "sources": "/sources?q=council",
    "dockets": "/docket",
    "place": "/docket/Port%20Ellery%2C%20CA",
    "state": "/docket/TX",
    "not-found": "/docket/Atlantis",
    "measure": "/measure/m-ellery",
    "why": "/why?url=https%3A%2F%2Flonepraiririepost.example%2Fowls",
    "feeds": "/feeds",
    "saved": "/saved",
    "search-dates": "/?q=council&since=2025-11-20&until=2025-11-01",
    "search-either": "/?q=source%3A%22Dunmore+Dispatch%22&all=source",
    "status": "/status",
    "sign-in": "/sign-in",
}


def test_searching_zooming_narrowing(browser: Browser, site: Site, screenshots: Path) -> None:
    with opened(browser, site.base) as page:
        page.goto("/")
        page.fill("[name=q]", "council")
        page.click(".ask button")
        expect(page).to_have_url(f"{site.base}?q=council")
        plot = page.locator(".plot[data-drawn]")
        expect(plot.locator("canvas")).to_be_visible()
        box = plot.bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 40)
        expect(page.locator(".reading")).to_contain_text("Nov 2025: ")
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + 60, steps=4)
        with page.expect_navigation():
            page.mouse.up()
        since, until = (page.input_value(f"[name={name}]") for name in ("since", "until"))
        assert "2025-11-01" < since < until < "2025-11-28"
        page.screenshot(path=screenshots / "zoomed.png")
        page.click("text=All dates")
        assert page.input_value("[name=since]") == ""
        page.locator("aside").get_by_role("link", name="Dunmore Dispatch", exact=True).click()
        assert page.input_value("[name=q]") == 'council source:"Dunmore Dispatch"'
        page.locator("aside a[aria-current]", has_text="Dunmore Dispatch").click()
        page.locator("aside").get_by_role("link", name="− without Dunmore Dispatch").click()
        assert page.input_value("[name=q]") == 'council -source:"Dunmore Dispatch"'
        page.click("aside a.without")
        assert page.input_value("[name=q]") == "council"


def test_either_of_two_sources_and_all_of_them(browser: Browser, site: Site, screenshots: Path) -> None:
    with opened(browser, site.base, scripts=False) as page:
        page.goto("/?q=council")
        aside = page.locator("aside")
        aside.get_by_role("link", name="Dunmore Dispatch", exact=True).click()
        aside.get_by_role("link", name="or Port Ellery Beacon", exact=True).click()
        assert page.input_value("[name=q]") == 'council (source:"Dunmore Dispatch" OR source:"Port Ellery Beacon")'
        expect(aside.locator("#facet-source a[aria-current]")).to_have_count(2)
        page.screenshot(path=screenshots / "either.png", full_page=True)
        page.goto("/")
        aside.get_by_role("link", name="All sources").click()
        expect(aside.get_by_role("link", name="Fewer sources")).to_be_visible()
        page.screenshot(path=screenshots / "all-sources.png", full_page=True)


def test_the_keyboard_and_its_switch(browser: Browser, site: Site) -> None:
    with opened(browser, site.base) as page:
        page.goto("/?q=sanctuary")
        page.wait_for_selector("footer button")
        page.keyboard.press("j")
        page.keyboard.press("j")
        expect(page.locator(".stories > li").nth(1)).to_have_attribute("data-current", "")
        page.keyboard.press("k")
        assert page.evaluate("document.activeElement.closest('li') === document.querySelector('.stories > li')")
        page.keyboard.press("/")
        assert page.evaluate("document.activeElement.name") == "q"
        page.keyboard.press("j")
        assert page.input_value("[name=q]").count("j") == 1, "in a field a letter is a letter"
        page.keyboard.press("Tab")
        page.locator("main").focus()
        page.keyboard.press("?")
        expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
        page.get_by_role("checkbox").uncheck()
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
        page.reload()
        page.keyboard.press("j")
        expect(page.locator("[data-current]")).to_have_count(0)


def test_the_key_of_the_search_leads_there_from_every_page(browser: Browser, site: Site) -> None:
    with opened(browser, site.base) as page:
        for path in ("/feeds", "/saved", "/measure/m-ellery"):
            page.goto(path)
            page.wait_for_selector("footer button")
            with page.expect_navigation():
                page.keyboard.press("/")
            assert page.url == site.base
        page.goto("/why")
        page.wait_for_selector("footer button")
        page.keyboard.press("/")
        assert page.evaluate("document.activeElement.name") == "url"


def test_an_error_is_where_the_caret_is(browser: Browser, site: Site) -> None:
    with opened(browser, site.base) as page:
        page.goto('/?q=council AND "port')
        assert page.evaluate("[document.activeElement.name, document.activeElement.selectionStart]") == ["q", 12]
        page.goto("/?q=🏛🏛 jail (")
        selected = "e => e.value.slice(e.selectionStart, e.selectionEnd)"
        assert page.locator("[name=q]").evaluate(selected) == ""
        page.goto("/?q=🏛🏛 jail ? x")
        assert page.locator("[name=q]").evaluate(selected) == "?", "an emoji is one character and two units"


@pytest.mark.parametrize("size", [DESKTOP, NARROW])
def test_without_scripts(browser: Browser, site: Site, screenshots: Path, size: tuple[int, int]) -> None:
    with opened(browser, site.base, width=size[0], height=size[1], scripts=False) as page:
        page.goto("/?q=sanctuary&by=week")
        expect(page.locator("figure svg path.bars")).to_be_visible()
        page.screenshot(path=screenshots / f"no-script-{size[0]}.png", full_page=True)
        page.click("summary:has-text('As a table')")
        page.locator("figure td a").first.click()
        assert page.input_value("[name=since]") == "2025-11-24"
        page.locator(".toggles a", has_text="counts").click()
        assert "show=count" in page.url


def test_comparing_saving_and_taking_away(browser: Browser, site: Site, screenshots: Path) -> None:
    with opened(browser, site.base) as page:
        page.goto("/compare")
        for number, query in enumerate(("council", "sheriff", "sanctuary", "detainer*")):
            page.locator("[name=q]").nth(number).fill(query)
        page.click("form.compare button")
        expect(page.locator(".plot[data-drawn] canvas")).to_be_visible()
        expect(page.locator(".legend li")).to_have_count(4)
        page.screenshot(path=screenshots / "compared.png")
        page.click(".legend a:has-text('sheriff')")
        with page.expect_download() as download:
            page.locator("aside").get_by_role("link", name=".csv", exact=True).click()
        assert download.value.path().read_text().count("\n") == 10, "a heading and nine articles"
        page.fill(".keep [name=name]", "Sheriffs")
        page.click(".keep button")
        expect(page.locator("tbody th")).to_have_text("Sheriffs")
        for form in ("rss", "json", "csv", "jsonl", "ics"):
            address = page.locator("td a", has_text=f".{form} of").get_attribute("href")
            assert address is not None
            assert page.request.get(address).ok
        page.click("td button")
        expect(page.locator("main")).to_contain_text("None yet")


LIST = """<opml version="2.0"><body><outline text="California" place="CA">
  <outline text="Sierra Bee" xmlUrl="https://bee.example/feed" kind="news"/>
  <outline text="Harbor Log with a title so long that it does not fit into a phone" xmlUrl="https://log.example/feed"/>
  <outline text="Nowhere" xmlUrl="https://nowhere.example/feed" place="Atlantis"/>
  <outline text="Off" xmlUrl="https://off.example/feed" isComment="true"/>
</outline></body></opml>"""


@pytest.mark.parametrize(("width", "scheme", "scripts"), [(1280, "light", False), (320, "dark", True)])
def test_feeds_come_from_a_list(
    browser: Browser,
    site: Site,
    screenshots: Path,
    tmp_path: Path,
    width: int,
    scheme: Literal["light", "dark"],
    scripts: bool,
) -> None:
    before = {stored.record.id for stored in every(site.archive, Feed)}
    file = tmp_path / "feeds.opml"
    with opened(browser, site.base, width=width, scheme=scheme, scripts=scripts) as page:
        page.goto("/feeds")
        page.click("summary")
        file.write_text("<opml>" + " " * 2_000_000)
        page.set_input_files("[name=file]", file)
        page.click("main form button")
        expect(page.get_by_role("alert")).to_contain_text("more than a list may have here")
        page.fill("[name=text]", "<opml><body><outline></body></opml>")
        page.click("main form button")
        expect(page.get_by_role("alert")).to_contain_text("line 1: not well-formed XML")
        expect(page.locator("[name=text]")).to_have_value("<opml><body><outline></body></opml>")
        page.screenshot(path=screenshots / f"feeds-refused-{width}.png")
        page.fill("[name=text]", "")
        file.write_text(LIST)
        page.set_input_files("[name=file]", file)
        page.click("main form button")
        expect(page.get_by_role("heading", level=1)).to_have_text("2 feeds were added")
        page.screenshot(path=screenshots / f"feeds-listed-{width}.png")
        assert page.locator("html").evaluate("html => html.scrollWidth") <= width
        if scripts:
            assert barriers(page) == []
        page.get_by_role("navigation", name="Path").get_by_role("link", name="Feeds").click()
        expect(page.locator("tbody th", has_text="Sierra Bee")).to_be_visible()
    for stored in list(every(site.archive, Feed)):
        if stored.record.id not in before:
            site.archive.delete(Feed, stored.record.id)


def test_signing_in_from_elsewhere(browser: Browser, site: Site, screenshots: Path) -> None:
    key, text = mint("desk", ("read", "write"), NOW)
    site.archive.create(key)
    with opened(browser, site.base, headers={"x-forwarded-for": "203.0.113.9"}) as page:
        page.goto("/docket/CA")
        expect(page.get_by_role("heading", name="Sign in with a key")).to_be_visible()
        page.fill("[name=key]", "sw_wrong")
        page.click("main form button")
        expect(page.get_by_role("alert")).to_contain_text("not known")
        page.screenshot(path=screenshots / "sign-in-wrong.png")
        page.fill("[name=key]", text)
        page.click("main form button")
        expect(page.get_by_role("heading", level=1)).to_have_text("California")
        assert page.evaluate("document.cookie") == "", "out of reach of scripts"
        page.goto("/sign-in")
        page.click("text=Sign out")
        page.goto("/docket/CA")
        assert "/sign-in?next=" in page.url
    site.archive.delete(ApiKey, key.id)


def check(
    browser: Browser, site: Site, screenshots: Path, name: str, scheme: Literal["light", "dark"], width: int
) -> None:
    with opened(browser, site.base, width=width, scheme=scheme) as page:
        page.goto(PAGES[name])
        if page.locator("[data-chart]").count():
            page.wait_for_selector("[data-drawn]")
        page.screenshot(path=screenshots / f"{name}-{width}-{scheme}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, "nobody scrolls sideways"
        assert page.evaluate("getComputedStyle(document.body).fontFamily").startswith("system-ui"), "the style is there"
        assert barriers(page) == []


@pytest.mark.parametrize(("name", "scheme", "width"), [("search", "light", 1280), ("search", "dark", 320)])
def test_the_first_page_has_no_barriers(
    browser: Browser, site: Site, screenshots: Path, name: str, scheme: Literal["light", "dark"], width: int
) -> None:
    check(browser, site, screenshots, name, scheme, width)


@pytest.mark.long
@pytest.mark.parametrize("width", [1280, 390, 320])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_no_barriers(
    browser: Browser, site: Site, screenshots: Path, name: str, scheme: Literal["light", "dark"], width: int
) -> None:
    check(browser, site, screenshots, name, scheme, width)
