"""Subscribing by the form, as a person does it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.web.chromium import Tab
from tests.web.conftest import Site

pytestmark = pytest.mark.long


@pytest.mark.parametrize(("scheme", "width"), [("light", 1200), ("dark", 360)])
def test_the_form_is_filled_in_and_answered(site: Site, tab: Tab, screenshots: Path, scheme: str, width: int) -> None:
    tab.size(width, 900)
    tab.scheme(scheme)  # type: ignore[arg-type]  # one of the two
    tab.open(f"{site.base}subscribe")
    assert tab.evaluate("document.documentElement.scrollWidth") <= width, "nobody scrolls sideways"
    tab.screenshot(screenshots / f"subscribe-{scheme}-{width}.png")
    tab.evaluate(f"document.querySelector('[name=to]').value = 'w{width}@example.org'")
    tab.evaluate("document.querySelector('[name=places]').value = 'Atlantis, ZZ'")
    tab.after("document.querySelector('main form').submit()")
    assert "is no place" in tab.evaluate("document.querySelector('[role=alert]').innerText")
    assert tab.evaluate("document.querySelector('[name=to]').value") == f"w{width}@example.org"
    tab.evaluate("document.querySelector('[name=places]').value = 'CA'")
    tab.after("document.querySelector('main form').submit()")
    assert "Please look into your mail" in tab.evaluate("document.querySelector('h1').innerText")
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    tab.screenshot(screenshots / f"subscribe-asked-{scheme}-{width}.png")
