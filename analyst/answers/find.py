"""Search, timeline and sources."""

from __future__ import annotations

from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from analyst.answers.results import Found, SearchAnswer, SourcesAnswer, TimelineAnswer
from analyst.answers.text import instant
from pipeline.archive.base import Archive
from pipeline.archive.highlight import snippet
from pipeline.archive.query import Node, parse
from pipeline.errors import UserError
from pipeline.model import Article

SNIPPET = 300
"""Characters shown of an article: never its full text."""


def search(
    archive: Archive,
    query: str,
    *,
    sort: Literal["newest", "relevance"] = "newest",
    limit: int = 20,
    after: str = "",
    zone: str = "UTC",
) -> SearchAnswer:
    """Articles that match, one page. Raises ``QueryError`` with a position, ``UserError`` on a bad cursor or zone."""
    tree = parse(query)
    hits = archive.search(tree, sort=sort, limit=limit, after=after, zone=checked_zone(zone))
    return {
        "query": query,
        "total": hits.total,
        "articles": [found(article, tree) for article in hits.articles],
        "next": hits.next or None,
    }


def found(article: Article, tree: Node | None) -> Found:
    """An article as a list shows it."""
    return {
        "id": article.id,
        "url": article.url,
        "title": article.title,
        "source": article.source,
        "published": instant(article.published),
        "undated": article.published is None,
        "story": article.story or article.id,
        "copy_of": article.copy_of,
        "kind": article.kind,
        "places": list(article.places),
        "measures": list(article.measures),
        "snippet": snippet(tree, "body", article.text, around=SNIPPET // 3).text[:SNIPPET],
    }


def timeline(
    archive: Archive, query: str, *, by: Literal["day", "week", "month"] = "day", zone: str = "UTC"
) -> TimelineAnswer:
    """Counts over time; ``share`` is stories of all dated entries of the same sources. Raises as ``search``."""
    answer = archive.timeline(parse(query), by=by, zone=checked_zone(zone))
    return {
        "query": query,
        "by": by,
        "buckets": [
            {
                "start": bucket.start.isoformat(),
                "articles": bucket.articles,
                "stories": bucket.stories,
                "coverage": bucket.coverage,
                "share": _share(bucket.stories, bucket.coverage),
            }
            for bucket in answer.buckets
        ],
        "undated": answer.undated,
    }


def sources(archive: Archive, query: str, *, by: Literal["count", "share", "first"] = "count") -> SourcesAnswer:
    """Who covered it: most articles first, the largest share of its own output first, or who was first. Raises as
    ``search``."""
    counts = archive.sources(parse(query))
    never = "9999"
    order = {
        "count": lambda row: (-row.articles, row.source),
        "share": lambda row: (-_share(row.stories, row.entries), row.source),
        "first": lambda row: (row.first.isoformat() if row.first else never, row.source),
    }
    return {
        "query": query,
        "sources": [
            {
                "source": row.source,
                "articles": row.articles,
                "stories": row.stories,
                "share": _share(row.stories, row.entries),
                "first": instant(row.first),
                "last": instant(row.last),
            }
            for row in sorted(counts, key=order[by])
        ],
    }


def checked_zone(zone: str) -> str:
    """The zone, when there is one of that IANA name. Raises ``UserError``."""
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UserError(f"{zone!r} is not a time zone; an IANA name such as America/Los_Angeles is") from None
    return zone


def _share(part: int, whole: int) -> float:
    return round(part / whole, 6) if whole else 0.0
