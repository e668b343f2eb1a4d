"""The application over a small made-up archive."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from starlette.applications import Starlette

from analyst.web.app import make_app
from config.settings import Settings
from pipeline.archive import open_archive
from pipeline.archive.base import Archive
from pipeline.frontier import open_frontier
from pipeline.frontier.base import Frontier
from tests.unit.analyst.web.library import NOW
from tests.unit.analyst.web.stock import fill


@pytest.fixture(scope="package")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(home=tmp_path_factory.mktemp("home"), secret_key="a secret of the tests", api_per_minute=100_000)


@pytest.fixture(scope="package")
def archive(settings: Settings) -> Iterator[Archive]:
    with closing(open_archive(settings.archive)) as opened:
        yield opened


@pytest.fixture(scope="package")
def frontier(settings: Settings) -> Iterator[Frontier]:
    with closing(open_frontier(settings.frontier)) as opened:
        yield opened


@pytest.fixture(scope="package")
def web(settings: Settings, archive: Archive, frontier: Frontier) -> Starlette:
    """The web over the filled library. Its tests leave the records as they are."""
    fill(archive, frontier)
    return make_app(settings, archive, frontier, now=lambda: NOW)


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Starlette]:
    """The web over stores with nothing in them."""
    settings = Settings(home=tmp_path, secret_key="a secret of the tests")
    with closing(open_archive(settings.archive)) as archive, closing(open_frontier(settings.frontier)) as frontier:
        yield make_app(settings, archive, frontier, now=lambda: NOW)
