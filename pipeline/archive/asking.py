"""Limits and cursors of the analyst's questions, the same on both archives."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from pipeline import errors
from pipeline.archive.days import By, bucket_start
from pipeline.archive.records import published_seconds
from pipeline.model import Article

MAX_LIMIT = 1_000
"""Articles of one page."""
RANKED = 20_000
"""So many articles of a list of best matches can be paged through."""
MAX_BUCKETS = 50_000
"""Of a timeline: 136 years by day."""
TIME_LIMIT = 2.0
"""Seconds that a question may take."""
FACETS = ("source", "kind", "state", "place", "stage", "direction", "lang", "measure")
"""Fields whose values can be counted."""


def checked_limit(limit: int) -> int:
    """The size of a page, if it is one; else raises ``errors.UserError``."""
    if not 1 <= limit <= MAX_LIMIT:
        raise errors.UserError(f"a page holds 1 to {MAX_LIMIT:,} articles, not {limit:,}")
    return limit


def checked_facets(facets: Mapping[str, int] | None) -> Mapping[str, int]:
    """The fields with how many of their values, if all can be counted; else raises ``errors.UserError``."""
    asked = facets or {}
    if unknown := [field for field in asked if field not in FACETS]:
        raise errors.UserError(f"{unknown[0]!r} cannot be counted; {', '.join(FACETS)} can")
    return asked


def checked_width(low: int, high: int, by: By) -> int:
    """How many buckets (see ``days.bucket_start``) lie from ``low`` to ``high``. Raises ``errors.UserError`` when
    they are more than ``MAX_BUCKETS``."""
    width = high - low + 1
    if width > MAX_BUCKETS:
        raise errors.UserError(
            f"from {bucket_start(low, by)} to {bucket_start(high, by)} are {width:,} {by}s; narrow the dates"
        )
    return width


# ------------------------------------------------------------------ cursors
@dataclass(frozen=True, slots=True)
class Place:
    """Where an article stands when the newest come first: by date (None: last), then by id, both descending."""

    published: int | None
    id: str


def newest_cursor(published: int | None, id: str) -> str:
    """The cursor of what follows an article in a list of newest; valid on every archive."""
    return f"{'' if published is None else published}~{id}"


def read_newest_cursor(cursor: str) -> Place:
    """What ``newest_cursor`` was told. Raises ``errors.UserError`` on anything else."""
    found = re.fullmatch(r"(-?\d{1,15})?~(.+)", cursor, re.ASCII | re.DOTALL)
    if not found:
        raise errors.UserError("this is no place in a list of newest articles; begin at its first page")
    return Place(int(found[1]) if found[1] else None, found[2])


def best_cursor(skip: int) -> str:
    """The cursor of what follows the first ``skip`` of a list of best matches; valid on the archive that gave it."""
    return f"best~{skip}"


def read_best_cursor(cursor: str) -> int:
    """How many to skip; none for ''. Raises ``errors.UserError`` on what ``best_cursor`` did not make."""
    if not cursor:
        return 0
    if not re.fullmatch(r"best~\d{1,6}", cursor, re.ASCII):
        raise errors.UserError("this is no place in a list of best matches; begin at its first page")
    return int(cursor.partition("~")[2])


def cursor_behind(article: Article, number: int, *, sort: str, after: str) -> str:
    """The cursor of what follows an article, the ``number``-th (from 1) of a page that was asked for with ``after``,
    for whoever does not use the whole page."""
    if sort == "newest":
        return newest_cursor(published_seconds(article), article.id)
    return best_cursor(read_best_cursor(after) + number)
