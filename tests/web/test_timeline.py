"""Choosing days at a chart in a real browser: by mouse, finger and keyboard, and without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.web.conftest import Site
from tests.web.workspace import barriers, opened

WEEKS = "/?q=council&since=2025-11-01&until=2025-11-28&by=day"
DAYS = 28


def days(page: Page) -> tuple[str, str]:
    """The first and the last day that the address chooses."""
    asked = parse_qs(urlsplit(page.url).query)
    return asked["since"][0], asked["until"][0]


def middle(plot: Locator, number: int, count: int = DAYS) -> tuple[float, float]:
    """The middle of a bucket in the window."""
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    assert box is not None
    return box["x"] + box["width"] * (number + 0.5) / count, box["y"] + box["height"] / 2


def drawn(page: Page, path: str) -> Locator:
    page.goto(path)
    plot = page.locator(".plot[data-drawn]")
    expect(plot.locator("canvas")).to_be_visible()
    return plot


def test_a_click_shows_one_day_and_a_drag_several(browser: Browser, site: Site) -> None:
    with opened(browser, site.base) as page:
        plot = drawn(page, WEEKS)
        page.mouse.move(*middle(plot, 10))
        expect(page.locator(".reading")).to_contain_text("11 Nov 2025: ")
        with page.expect_navigation():
            page.mouse.click(*middle(plot, 10))
        assert days(page) == ("2025-11-11", "2025-11-11")
        plot = drawn(page, WEEKS)
        page.mouse.move(*middle(plot, 9))
        page.mouse.down()
        page.mouse.move(*middle(plot, 4), steps=4)
        expect(page.locator(".reading")).to_have_text("5 Nov 2025 to 10 Nov 2025.")
        with page.expect_navigation():
            page.mouse.up()
        assert days(page) == ("2025-11-05", "2025-11-10"), "also from right to left"
        plot = drawn(page, WEEKS)
        page.emulate_media(color_scheme="dark")  # which draws it anew
        with page.expect_navigation():
            page.mouse.click(*middle(plot, 10))
        assert days(page) == ("2025-11-11", "2025-11-11")


def test_a_zoom_draws_what_was_chosen_and_nothing_before_it(browser: Browser, site: Site, screenshots: Path) -> None:
    with opened(browser, site.base) as page:
        drawn(page, "/?q=council&since=2025-11-09&until=2025-11-16")
        expect(page.locator(".ends")).to_have_text("9 Nov 202516 Nov 2025")
        page.screenshot(path=screenshots / "timeline-week.png")
        box = page.locator(".u-over").bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + 2, box["y"] + 9)
        expect(page.locator(".reading")).to_contain_text("9 Nov 2025: ")
        page.mouse.move(box["x"] + box["width"] - 2, box["y"] + 9)
        expect(page.locator(".reading")).to_contain_text("16 Nov 2025: ")


def test_the_keyboard_reads_selects_and_zooms(browser: Browser, site: Site) -> None:
    with opened(browser, site.base) as page:
        plot = drawn(page, WEEKS)
        page.locator(".toggles a").last.focus()
        page.keyboard.press("Tab")
        expect(page.get_by_role("slider")).to_be_focused()
        expect(page.locator(".reading")).to_contain_text("Arrows read on, with Shift they select")
        assert barriers(page) == []
        page.keyboard.press("Home")
        expect(plot).to_have_attribute("aria-valuetext", "1 Nov 2025: no article.")
        for _ in range(10):
            page.keyboard.press("ArrowRight")
        expect(plot).to_have_attribute("aria-valuenow", "10")
        told = plot.get_attribute("aria-valuetext") or ""
        assert told.startswith("11 Nov 2025: ")
        expect(page.locator(".reading")).to_have_text(told)
        for _ in range(3):
            page.keyboard.press("Shift+ArrowRight")
        expect(page.locator(".reading")).to_have_text("11 Nov 2025 to 14 Nov 2025.")
        page.keyboard.press("Escape")
        expect(plot).to_have_attribute("aria-valuenow", "13")
        page.keyboard.press("Shift+End")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert days(page) == ("2025-11-14", "2025-11-28")


@contextmanager
def phone(browser: Browser, site: Site) -> Iterator[Page]:
    context = browser.new_context(
        base_url=site.base, viewport={"width": 320, "height": 640}, has_touch=True, is_mobile=True
    )  # fmt: skip
    try:
        yield context.new_page()
    finally:
        context.close()


class Finger:
    """One that drags over a page."""

    def __init__(self, page: Page) -> None:
        self.session = page.context.new_cdp_session(page)

    def drag(self, begin: tuple[float, float], end: tuple[float, float]) -> None:
        """From one point to another, without being lifted."""
        self._touch("touchStart", begin)
        for step in range(1, 9):
            x, y = (begin[axis] + (end[axis] - begin[axis]) * step / 8 for axis in (0, 1))
            self._touch("touchMove", (x, y))

    def lift(self) -> None:
        self._touch("touchEnd")

    def _touch(self, what: str, *points: tuple[float, float]) -> None:
        given = {"type": what, "touchPoints": [{"x": x, "y": y} for x, y in points]}
        self.session.send("Input.dispatchTouchEvent", given)


def test_a_finger_reads_taps_and_drags(browser: Browser, site: Site, screenshots: Path) -> None:
    with phone(browser, site) as page:
        plot = drawn(page, WEEKS)
        page.touchscreen.tap(*middle(plot, 10))
        expect(page.locator(".reading")).to_contain_text("11 Nov 2025: ")
        expect(page.locator(".reading")).to_contain_text("Tap again to see only that.")
        assert page.url.endswith(WEEKS), "a finger cannot hover: the first tap reads"
        with page.expect_navigation():
            page.touchscreen.tap(*middle(plot, 10))
        assert days(page) == ("2025-11-11", "2025-11-11")
        plot = drawn(page, WEEKS)
        finger = Finger(page)
        finger.drag(middle(plot, 4), middle(plot, 12))
        expect(page.locator(".reading")).to_have_text("5 Nov 2025 to 13 Nov 2025.")
        page.screenshot(path=screenshots / "timeline-drag-320.png")
        with page.expect_navigation():
            finger.lift()
        assert days(page) == ("2025-11-05", "2025-11-13")
        plot = drawn(page, WEEKS)
        x, y = middle(plot, 10)
        before = page.evaluate("scrollY")
        finger.drag((x, y), (x, y - 200))
        page.wait_for_function("before => scrollY > before", arg=before)
        finger.lift()
        assert page.url.endswith(WEEKS), "what goes up scrolls the page"


def test_the_link_under_a_mark_is_a_link_without_scripts(browser: Browser, site: Site) -> None:
    with opened(browser, site.base, scripts=False) as page:
        page.goto("/?q=&by=day")
        marked = page.locator("figure svg a", has_text="Port Ellery, CA: adopted")
        box = marked.bounding_box()
        assert box is not None
        with page.expect_navigation():
            page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)  # where its line is drawn
        first, last = days(page)
        assert first == last


@pytest.mark.parametrize(("path", "width"), [(WEEKS, 320), ("/?by=month", 320), ("/?q=sanctuary", 1280)])
def test_nothing_jumps_when_the_chart_comes_or_is_read(browser: Browser, site: Site, path: str, width: int) -> None:
    with opened(browser, site.base, width=width, height=640) as page:
        page.add_init_script(
            "window.shifts = 0; new PerformanceObserver(list => list.getEntries().forEach(e => { shifts += e.value }))"
            ".observe({type: 'layout-shift', buffered: true})"
        )
        plot = drawn(page, path)
        caption = page.locator("figcaption")
        usual = caption.bounding_box()
        for number in range(0, DAYS, 3):
            page.mouse.move(*middle(plot, number))
            expect(page.locator(".reading")).not_to_be_empty()
            now = caption.bounding_box()
            assert usual is not None
            assert now is not None
            assert now["height"] == usual["height"]
        assert page.evaluate("shifts") < 0.001


@pytest.mark.parametrize("width", [1280, 320])
def test_a_comparison_names_its_queries_and_zooms(browser: Browser, site: Site, screenshots: Path, width: int) -> None:
    with opened(browser, site.base, width=width) as page:
        plot = drawn(page, "/compare?q=council&q=sheriff&since=2025-11-01&until=2025-11-28")
        page.mouse.move(*middle(plot, 10))
        reading = page.locator(".reading")
        expect(reading).to_contain_text("council ")
        expect(reading).to_contain_text("sheriff ")
        page.screenshot(path=screenshots / f"comparison-{width}.png", full_page=True)
        x, y = middle(plot, 3)
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(middle(plot, 12)[0], y, steps=4)
        with page.expect_navigation():
            page.mouse.up()
        assert urlsplit(page.url).path == "/compare"
        assert parse_qs(urlsplit(page.url).query)["q"] == ["council", "sheriff"]
        first, last = days(page)
        assert "2025-11-02" < first < "2025-11-06" < "2025-11-10" < last < "2025-11-16"
        assert page.input_value("[name=since]") == first
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert barriers(page) == []
