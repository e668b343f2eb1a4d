"""Subscribing by the form, as a person does it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, expect

from tests.web.conftest import Site
from tests.web.workspace import barriers, opened

pytestmark = pytest.mark.long


@pytest.mark.parametrize(("scheme", "width"), [("light", 1200), ("dark", 360)])
def test_the_form_is_filled_in_and_answered(
    browser: Browser, site: Site, screenshots: Path, scheme: Literal["light", "dark"], width: int
) -> None:
    with opened(browser, site.base, width=width, scheme=scheme) as page:
        page.goto("/subscribe")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, "nobody scrolls sideways"
        assert barriers(page) == []
        page.screenshot(path=screenshots / f"subscribe-{scheme}-{width}.png", full_page=True)
        page.fill("[name=to]", f"w{width}@example.org")
        page.fill("[name=places]", "Atlantis, ZZ")
        page.click("main form [type=submit]")
        expect(page.get_by_role("alert")).to_contain_text("is no place")
        assert page.input_value("[name=to]") == f"w{width}@example.org"
        page.fill("[name=places]", "CA")
        page.click("main form [type=submit]")
        expect(page.get_by_role("heading", level=1)).to_contain_text("Please look into your mail")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.screenshot(path=screenshots / f"subscribe-asked-{scheme}-{width}.png", full_page=True)
