"""What a command opens: settings, and the stores it asks or changes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from config import settings as configuration

if TYPE_CHECKING:
    from pipeline.archive.base import Archive
    from pipeline.frontier.base import Frontier
    from pipeline.tools import Tools


class _Chosen:
    config: Path | None = None


def choose(config: Path | None) -> None:
    """Remembers ``--config FILE`` for this call of the program."""
    _Chosen.config = config


def settings() -> configuration.Settings:
    """The settings of this call. Raises ``BadSetting``."""
    return configuration.load(config=_Chosen.config)


@dataclass(frozen=True)
class Stores:
    """The two stores, for commands that fetch nothing."""

    settings: configuration.Settings
    archive: Archive
    frontier: Frontier


@contextmanager
def stores() -> Iterator[Stores]:
    """Opens archive and frontier. Raises ``UserError`` or ``Unavailable``."""
    from contextlib import closing

    from pipeline.archive import open_archive
    from pipeline.frontier import open_frontier

    chosen = settings()
    chosen.ensure_home()
    with closing(open_archive(chosen.archive)) as archive, closing(open_frontier(chosen.frontier)) as frontier:
        yield Stores(chosen, archive, frontier)


@contextmanager
def asking() -> Iterator[Stores]:
    """As ``stores``, for commands that answer: they begin with what an earlier process kept of the dockets."""
    from analyst.answers.board import keep_lines

    with stores() as opened:
        keep_lines(opened.archive, opened.settings.archive, opened.frontier)
        yield opened


@contextmanager
def tools() -> Iterator[Tools]:
    """Opens everything, for commands that work. Raises ``UserError`` or ``Unavailable``."""
    from pipeline.tools import open_tools

    with open_tools(settings()) as opened:
        yield opened
