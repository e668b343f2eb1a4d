"""What is known: the record, and the analyst's questions to it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from pipeline import errors

if TYPE_CHECKING:
    from pipeline.archive.base import Archive

BACK_ENDS = {"sqlite": "pipeline.archive.sqlite"}
"""Class of URL -> the module whose ``open_url(url)`` opens such an archive; imported when it is asked for."""


def open_archive(url: str) -> Archive:
    """The archive that a URL names (``SANCTUARY_WATCH_ARCHIVE_URL``); to be closed by the caller.

    Raises ``errors.UserError`` when this release has no archive of that class or the file is none,
    ``errors.Unavailable`` when it does not answer.
    """
    scheme = url.partition("://")[0]
    if scheme not in BACK_ENDS:
        known = ", ".join(f"{name}://" for name in BACK_ENDS)
        raise errors.UserError(f"archives of the class {scheme}:// are not available in this release; it has {known}")
    archive: Archive = import_module(BACK_ENDS[scheme]).open_url(url)
    return archive
