"""What is known: the record, and the analyst's questions to it."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

from pipeline import errors

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.archive.base import Archive

BACK_ENDS = {
    "sqlite": "pipeline.archive.sqlite",
    "elasticsearch+http": "pipeline.archive.elastic",
    "elasticsearch+https": "pipeline.archive.elastic",
}
"""Class of URL -> the module whose ``open_url(url)`` opens such an archive and whose ``migrate_url(url, tell)`` brings
one to this release's form; imported when it is asked for."""


def open_archive(url: str) -> Archive:
    """The archive that a URL names (``SANCTUARY_WATCH_ARCHIVE_URL``); to be closed by the caller.

    Raises ``errors.UserError`` when this release has no archive of that class or the file is none,
    ``errors.Unavailable`` when it does not answer.
    """
    archive: Archive = _back_end(url).open_url(url)
    return archive


def migrate_archive(url: str, tell: Callable[[str], None]) -> dict[str, int]:
    """Brings an archive to this release's form; how many records of each kind were built anew for it (none when
    nothing had to be). ``tell`` is given a sentence about each step. Raises as ``open_archive``."""
    migrated: dict[str, int] = _back_end(url).migrate_url(url, tell)
    return migrated


def _back_end(url: str) -> ModuleType:
    scheme = url.partition("://")[0]
    if scheme not in BACK_ENDS:
        known = ", ".join(f"{name}://" for name in BACK_ENDS)
        raise errors.UserError(f"archives of the class {scheme}:// are not available in this release; it has {known}")
    return import_module(BACK_ENDS[scheme])
