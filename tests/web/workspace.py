"""Pages before a real Chromium that Playwright drives: Debian's, so that no browser is downloaded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, Page, sync_playwright

from tests.conftest import BROWSER

AXE = Path(__file__).parent / "vendored" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@contextmanager
def chromium() -> Iterator[Browser]:
    """Tests that need it are deselected where there is no Chromium (``tests/conftest.py``)."""
    assert BROWSER, "these tests need Chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=BROWSER,
            args=["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"],
        )
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def opened(
    browser: Browser,
    base: str,
    *,
    width: int = 1280,
    height: int = 900,
    scheme: Literal["light", "dark"] = "light",
    scripts: bool = True,
    headers: dict[str, str] | None = None,
) -> Iterator[Page]:
    """A page whose problems (policy violations, exceptions, failed requests) fail the test at its end."""
    context = browser.new_context(
        base_url=base, viewport={"width": width, "height": height}, color_scheme=scheme, java_script_enabled=scripts,
        extra_http_headers=headers or {}, reduced_motion="reduce",
    )  # fmt: skip
    page = context.new_page()
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("request", lambda request: told.append(request.url) if not request.url.startswith(base) else None)
    try:
        yield page
        assert [each for each in told if "status of 4" not in each] == []
    finally:
        context.close()


def barriers(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 AA, a line each."""
    page.evaluate(AXE.read_text())
    found: dict[str, Any] = page.evaluate(
        "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})", TAGS
    )
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in found["violations"]
        for node in one["nodes"]
    ]
