"""Fixtures for every test."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator
from pathlib import Path
from typing import TypeVar

import pytest

DATA = os.environ.get("SANCTUARY_WATCH_TEST_DATA", "")
FORBID_SKIPS = bool(os.environ.get("SANCTUARY_WATCH_TEST_FORBID_SKIPS"))

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
BROWSER = next(filter(None, map(shutil.which, BROWSERS)), "")
"""The program of a real browser; '' when this machine has none (``make test`` installs Debian's where it may)."""

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests that need the data beside the checkout, or a browser, are deselected without it, as the summary says."""
    without = [] if DATA else [item for item in items if item.get_closest_marker("data")]
    without += [] if BROWSER else [item for item in items if item.path.parent == Path(__file__).parent / "web"]
    if without:
        config.hook.pytest_deselected(items=without)
        items[:] = [item for item in items if item not in without]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where skips are forbidden, a test that skips has failed."""
    return _unskipped((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a whole module."""
    return _unskipped((yield))


def _unskipped(report: Report) -> Report:
    if FORBID_SKIPS and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        if isinstance(report.longrepr, tuple):
            report.longrepr = f"{report.longrepr[2]}\nSANCTUARY_WATCH_TEST_FORBID_SKIPS makes this a failure"
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """A test that could not run is a gap, and said last, in red."""
    if skipped := len(terminalreporter.stats.get("skipped", [])):
        terminalreporter.write_sep("=", f"{skipped} NOT TESTED: see the reasons below", red=True, bold=True)
    if not BROWSER:
        terminalreporter.write_sep(
            "=", "THE PAGES ARE NOT TESTED in a browser: apt-get install -y chromium", red=True, bold=True
        )


@pytest.fixture(scope="session")
def data() -> Path:
    """The measuring data: policy_cases.jsonl, feeds/, extraction/, seed_article.txt."""
    folder = Path(DATA)
    assert folder.is_dir(), f"SANCTUARY_WATCH_TEST_DATA names no folder: {folder}"
    return folder
