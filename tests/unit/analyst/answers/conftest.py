"""What a run over the small web left behind, to ask and to change."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from pipeline.alerts.subscriptions import subscribe
from pipeline.archive import open_archive
from pipeline.archive.base import Archive
from pipeline.tools import Tools
from tests.integration.world import World, drive, small_web


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, small_web())


@pytest.fixture
def tools(world: World) -> Iterator[Tools]:
    with world.tools() as made:
        world.watch_all(made)
        made.archive.create(subscribe(to="reader@example.org", now=world.now))
        drive(made)
        yield made


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Archive]:
    """An archive with nothing in it."""
    with closing(open_archive(f"sqlite:///{tmp_path / 'empty.sqlite3'}")) as opened:
        yield opened
