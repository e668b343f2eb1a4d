"""A query as Elasticsearch's JSON. Only what every Elasticsearch 9 has: no scripts, no query strings, no date math.

What is text gives a score, everything else none. Instants are worked out in Python, since Elasticsearch rounds dates
by the zone of the text they stand in.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from pipeline import errors
from pipeline.archive.days import instant, zone_info
from pipeline.archive.query import And, Days, Key, Node, Not, Or, Text

Json: TypeAlias = dict[str, Any]

TITLE_WEIGHT = 8.0
"""A word in the title counts as much as so many in the body."""
EVERY_WORD = 100_000
"""Words that ``"two wor*"`` may stand for: with Elasticsearch's own 50 it would silently find less."""
MAX_NESTED = 30
"""Levels at which Elasticsearch refuses a query (``indices.query.bool.max_nested_depth``)."""
MAX_CLAUSES = 4_096
"""Parts of a query, each of which costs time: what the query language allows needs a tenth of it."""


def select(node: Node | None, zone: str) -> Json:
    """Raises ``errors.UserError`` on an unknown zone and on a tree that Elasticsearch would refuse."""
    zone_info(zone)
    if node is None:
        return {"match_all": {}}
    query = _clause(node, zone)
    if _depth(query) > MAX_NESTED:
        raise errors.UserError("this query has too many brackets inside each other")
    if _clauses(query) > MAX_CLAUSES:
        raise errors.UserError("this query has too many parts")
    return query


def _clause(node: Node, zone: str) -> Json:
    match node:
        case And(kids):
            wanted = [_clause(kid, zone) for kid in kids if not isinstance(kid, Not)]
            unwanted = [_clause(kid.kid, zone) for kid in kids if isinstance(kid, Not)]
            return _bool(must=wanted, must_not=unwanted)
        case Or(kids):
            return {"bool": {"should": [_clause(kid, zone) for kid in kids], "minimum_should_match": 1}}
        case Not(Not(kid)):
            return _unscored(_clause(kid, zone))
        case Not(kid):
            return _bool(must_not=[_clause(kid, zone)])
        case Key(field, value, prefix):
            return _unscored({"prefix" if prefix else "term": {f"key.{field}": {"value": value}}})
        case Days(first, end):
            limits = {name: instant(day, zone) for name, day in (("gte", first), ("lt", end)) if day}
            if not limits:
                return _unscored({"exists": {"field": "published"}})
            return _unscored({"range": {"published": {**limits, "format": "epoch_second"}}})
        case Text(field=field):
            if field:
                return _text(node, field)
            return {"dis_max": {"queries": [_text(node, "title"), _text(node, "body")]}}


def _text(text: Text, field: str) -> Json:
    name, spelled = f"{field}_words", " ".join(text.words)
    weight = {"boost": TITLE_WEIGHT} if field == "title" else {}
    if text.near is not None:
        match = {"query": spelled, "max_gaps": text.near, "ordered": False}
        return {"intervals": {name: {"match": match, **weight}}}
    if text.prefix and len(text.words) == 1:
        return {"prefix": {name: {"value": spelled, **weight}}}
    if text.prefix:
        return {"match_phrase_prefix": {name: {"query": spelled, "max_expansions": EVERY_WORD, **weight}}}
    if len(text.words) == 1:
        return {"term": {name: {"value": spelled, **weight}}}
    return {"match_phrase": {name: {"query": spelled, **weight}}}


def _bool(**parts: list[Json]) -> Json:
    return {"bool": {name: clauses for name, clauses in parts.items() if clauses}}


def _unscored(query: Json) -> Json:
    return {"bool": {"filter": [query]}}


def _kids(query: Json) -> list[Json]:
    """The queries directly inside a query."""
    ((kind, body),) = query.items()
    if kind == "bool":
        return [kid for part in body.values() if isinstance(part, list) for kid in part]
    return body["queries"] if kind == "dis_max" else []


def _depth(query: Json) -> int:
    return 1 + max(map(_depth, _kids(query)), default=0)


def _clauses(query: Json) -> int:
    return 1 + sum(map(_clauses, _kids(query)))
