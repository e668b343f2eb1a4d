"""Fixtures for every test."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

DATA = os.environ.get("SANCTUARY_WATCH_TEST_DATA", "")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests that need the data beside the checkout are deselected without it, and said so by pytest's summary."""
    if DATA:
        return
    without = [item for item in items if item.get_closest_marker("data")]
    if without:
        config.hook.pytest_deselected(items=without)
        items[:] = [item for item in items if item not in without]


@pytest.fixture(scope="session")
def data() -> Path:
    """The measuring data: policy_cases.jsonl, feeds/, extraction/, seed_article.txt."""
    folder = Path(DATA)
    assert folder.is_dir(), f"SANCTUARY_WATCH_TEST_DATA names no folder: {folder}"
    return folder
