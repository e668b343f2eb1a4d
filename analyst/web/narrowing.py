"""Adding a term to a query and taking it out again, as text: what the links beside a result do.

What comes out is always checked with the parser, so that a link never finds something else than it says: where the
text cannot be changed safely there is no link.
"""

from __future__ import annotations

import re
from functools import lru_cache

from pipeline.archive.keys import keys
from pipeline.archive.query import And, Key, Node, QueryError, parse

read = lru_cache(maxsize=512)(parse)
"""``parse``, for the many links of one page that share a query and terms."""

_PLAIN = re.compile(r"\w+", re.ASCII)
_NOT_IN_QUOTES = re.compile(r'["“”„‟«»＂\\*\s]+')
_LEFT_OUT = re.compile(r'(?<!\S)-(\w+):(?:"([^"]*)"|(\w+))(?!\S)')


def term(field: str, label: str) -> str:
    """``field:"label"``, the term that finds what a facet counts (without quotes where they are not needed); '' when
    no query can name the label."""
    quoted = f'{field}:"{_NOT_IN_QUOTES.sub(" ", label).strip()}"'
    for made in (f"{field}:{label}", quoted) if _PLAIN.fullmatch(label) else (quoted,):
        try:
            node = read(made)
        except QueryError:
            continue
        if isinstance(node, Key) and not node.prefix and node.value in keys(field, label):
            return made
    return ""


def added(query: str, more: str) -> str:
    """The query and a further term; '' when that cannot be (too long, too deep, or one of them cannot be read)."""
    try:
        wanted = _parts(read(query)) + _parts(read(more))
    except QueryError:
        return ""
    texts = (_joined(query, more), _joined(f"({query})", more))
    return next((text for text in texts if _reads_as(text, wanted)), "")


def removed(query: str, part: str) -> str | None:
    """The query without a term that stands on its top level, written just so; None when it does not."""
    try:
        parts, gone = _parts(read(query)), _parts(read(part))
    except QueryError:
        return None
    if len(gone) != 1 or gone[0] not in parts:
        return None
    parts.remove(gone[0])
    for found in re.finditer(rf"(?<!\S){re.escape(part)}(?!\S)", query):
        rest = _joined(query[: found.start()], query[found.end() :])
        if _reads_as(rest, parts):
            return rest
    return None


def excluded(query: str) -> dict[str, list[str]]:
    """What a query leaves out on its top level (``-source:"Some Paper"``): the labels by field, as they are written."""
    found: dict[str, list[str]] = {}
    for field, quoted, plain in _LEFT_OUT.findall(query):
        label = quoted or plain
        if removed(query, f"-{term(field, label)}") is not None:
            found.setdefault(field, []).append(label)
    return found


def _joined(*pieces: str) -> str:
    return " ".join(filter(None, (piece.strip() for piece in pieces)))


def _parts(node: Node | None) -> list[Node]:
    """What all must be true of an article."""
    if node is None:
        return []
    return list(node.kids) if isinstance(node, And) else [node]


def _reads_as(text: str, parts: list[Node]) -> bool:
    try:
        return _parts(read(text)) == parts
    except QueryError:
        return False
