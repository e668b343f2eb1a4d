"""Reading records by id, by key and as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from pipeline.archive.base import Where
from pipeline.archive.elastic.client import Server
from pipeline.archive.records import checked_keys, microseconds

PAGE = 500
"""Documents of one page, where the caller does not say how many."""
MAX_PAGE = 10_000
"""Elasticsearch gives no more at once."""


def condition(
    kind: type[Any], where: Where, since: datetime | None = None, until: datetime | None = None
) -> dict[str, Any]:
    """The query of ``Archive.scan`` and ``count``. Raises ``ValueError`` on a key that the kind has not."""
    checked_keys(kind, set(where))
    tests: list[dict[str, Any]] = [
        {"term": {f"where.{key}": value}} if isinstance(value, str) else {"terms": {f"where.{key}": list(value)}}
        for key, value in where.items()
    ]
    bounds = {"gte": since, "lte": until}
    if moments := {name: microseconds(bound) for name, bound in bounds.items() if bound is not None}:
        tests.append({"range": {"moment": moments}})
    return {"bool": {"filter": tests}} if tests else {"match_all": {}}


def scan(server: Server, index: str, query: Mapping[str, Any], after: str, n: int) -> list[Mapping[str, Any]]:
    """Up to ``n`` documents in order of id, after an id."""
    found: list[Mapping[str, Any]] = []
    while len(found) < n:
        size = min(n - len(found), MAX_PAGE)
        page = page_of(server, index, query, after=after, size=size)
        found += page
        if len(page) < size:
            break
        after = page[-1]["_id"]
    return found


def page_of(
    server: Server, index: str | None, query: Mapping[str, Any], *, after: str, size: int, **more: Any
) -> list[Mapping[str, Any]]:
    """One page of documents in order of id."""
    body: dict[str, Any] = {
        "query": query, "size": size, "sort": [{"id": "asc"}], "track_total_hits": False, "seq_no_primary_term": True,
        **more,
    }  # fmt: skip
    if after:
        body["search_after"] = [after]
    hits: list[Mapping[str, Any]] = server.search(index, **body)["hits"]["hits"]
    return hits


def frozen(server: Server, view: str, keep_alive: str = "5m") -> Iterator[Mapping[str, Any]]:
    """All documents of a point in time, in order of id."""
    after = ""
    while True:
        pit = {"id": view, "keep_alive": keep_alive}
        page = page_of(server, None, {"match_all": {}}, after=after, size=PAGE, pit=pit)
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1]["_id"]
