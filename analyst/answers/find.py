"""Search, and the values that a result can be narrowed to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from analyst.answers.results import FacetsAnswer, FacetValue, SearchAnswer
from analyst.answers.stories import SNIPPET, found, found_story, search_stories
from pipeline.archive.base import Archive, Facet
from pipeline.archive.query import parse
from pipeline.errors import UserError

__all__ = ["FACETS", "SNIPPET", "Field", "checked_zone", "facets", "search"]

Field = Literal["source", "kind", "state", "place", "stage", "direction", "lang", "measure"]
"""What a result can be counted by."""
FACETS: tuple[Field, ...] = ("place", "stage", "direction", "source", "kind", "state", "lang")
"""What it is counted by unless other fields are asked for."""


def search(
    archive: Archive,
    query: str,
    *,
    sort: Literal["newest", "relevance"] = "newest",
    limit: int = 20,
    after: str = "",
    zone: str = "UTC",
    folded: bool = False,
) -> SearchAnswer:
    """Articles that match, one page; ``folded``: one for each story, with its copies (see ``stories``). ``total``
    counts articles either way. Raises ``QueryError`` with a position, ``UserError`` on a bad cursor or zone."""
    tree = parse(query)
    if folded:
        page = search_stories(archive, tree, sort=sort, limit=limit, after=after, zone=checked_zone(zone))
        total, rows, then = page.total, [found_story(story, tree) for story in page.stories], page.next
    else:
        hits = archive.search(tree, sort=sort, limit=limit, after=after, zone=checked_zone(zone))
        total, rows, then = hits.total, [found(article, tree) for article in hits.articles], hits.next
    return {"query": query, "total": total, "articles": rows, "next": then or None}


def facets(
    archive: Archive, query: str, fields: Sequence[str] = FACETS, *, n: int = 20, zone: str = "UTC"
) -> FacetsAnswer:
    """The ``n`` most frequent values of some fields in a result. Raises as ``search``, and on a field that cannot be
    counted."""
    counted = archive.charts(parse(query), facets=dict.fromkeys(fields, n), zone=checked_zone(zone))
    return {"query": query, "facets": {field: facet_values(values) for field, values in counted.facets.items()}}


def facet_values(facets: Sequence[Facet]) -> list[FacetValue]:
    """The values of a field as an answer has them."""
    return [{"value": facet.value, "articles": facet.articles} for facet in facets]


def checked_zone(zone: str) -> str:
    """The zone, when there is one of that IANA name. Raises ``UserError``."""
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UserError(f"{zone!r} is not a time zone; an IANA name such as America/Los_Angeles is") from None
    return zone
