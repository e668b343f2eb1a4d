"""Pages of a result on Elasticsearch, newest first or best match first."""

from __future__ import annotations

from typing import Any

from pipeline.archive.asking import (
    RANKED,
    best_cursor,
    newest_cursor,
    read_best_cursor,
    read_newest_cursor,
)
from pipeline.archive.base import Hits
from pipeline.archive.elastic.client import Server
from pipeline.archive.elastic.documents import record_of
from pipeline.archive.records import published_seconds
from pipeline.model import Article

UNDATED = -(1 << 63)
"""How Elasticsearch names the place of what has no date and is sorted last."""

_NEWEST: list[dict[str, Any]] = [{"published": {"order": "desc", "missing": "_last"}}, {"id": "desc"}]


def newest(server: Server, index: str, query: dict[str, Any], limit: int, after: str, timeout: str) -> Hits:
    """Raises ``errors.UserError`` on a cursor that is none of this order."""
    body: dict[str, Any] = {
        "query": query, "size": limit + 1, "sort": _NEWEST, "track_total_hits": True, "timeout": timeout,
    }  # fmt: skip
    if after:
        place = read_newest_cursor(after)
        moment = UNDATED if place.published is None else place.published * 1000
        body["search_after"] = [moment, place.id]
    answer = server.search(index, **body)["hits"]
    articles = tuple(record_of(Article, hit) for hit in answer["hits"][:limit])
    more = len(answer["hits"]) > limit
    return Hits(
        answer["total"]["value"],
        articles,
        newest_cursor(published_seconds(articles[-1]), articles[-1].id) if more else "",
    )


def best(server: Server, index: str, query: dict[str, Any], limit: int, after: str, timeout: str) -> Hits:
    """Raises ``errors.UserError`` on a cursor that is none of this order. The first ``RANKED`` can be paged through."""
    skip = read_best_cursor(after)
    size = max(0, min(limit, RANKED - skip))
    answer = server.search(
        index, query=query, size=size, from_=min(skip, RANKED), sort=[{"_score": "desc"}, *_NEWEST],
        track_total_hits=True, timeout=timeout,
    )["hits"]  # fmt: skip
    total = answer["total"]["value"]
    articles = tuple(record_of(Article, hit) for hit in answer["hits"])
    return Hits(total, articles, best_cursor(skip + limit) if min(total, RANKED) > skip + limit else "")
