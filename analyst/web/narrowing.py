"""Adding a term to a query and taking it out again, as text: what the links beside a result do.

What comes out is always checked with the parser, so that a link never finds something else than it says: where the
text cannot be changed safely there is no link.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from pipeline.archive.keys import keys
from pipeline.archive.query import And, Days, Key, Node, Not, Or, QueryError, parse

read = lru_cache(maxsize=512)(parse)
"""``parse``, for the many links of one page that share a query and terms."""

_PLAIN = re.compile(r"\w+", re.ASCII)
_NOT_IN_QUOTES = re.compile(r'["“”„‟«»＂\\*\s]+')
_LABEL = re.compile(r'["“”„‟«»＂]([^"“”„‟«»＂]*)["“”„‟«»＂]|(\w+)')
_QUOTED = re.compile(r'["“”„‟«»＂](?:\\.|[^"“”„‟«»＂\\])*["“”„‟«»＂]|\\.|.', re.DOTALL)
_UNFINISHED = re.compile(r"NOT|.*(?::|[<>]=?)", re.DOTALL)
"""What belongs to what follows it."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a query on its top level, as it is written, and what it asks."""

    text: str
    node: Node


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


def either(field: str, labels: Sequence[str]) -> str:
    """The term that finds any of some labels; '' when there are none, or when no query can name one of them."""
    terms = [term(field, label) for label in labels]
    if not all(terms):
        return ""
    return terms[0] if len(terms) == 1 else f"({' OR '.join(terms)})" if terms else ""


def added(query: str, more: str) -> str:
    """The query and a further term; '' when that cannot be (too long, too deep, or one of them cannot be read)."""
    try:
        wanted = _parts(read(query)) + _parts(read(more))
    except QueryError:
        return ""
    texts = (_joined(query, more), _joined(f"({query})", more))
    return next((text for text in texts if _reads_as(text, wanted)), "")


@lru_cache(maxsize=64)
def pieces(query: str) -> tuple[Piece, ...]:
    """What all must be true of an article, in the order in which it is written; none for a query that cannot be read
    or taken apart."""
    try:
        whole = _parts(read(query))
        if len(whole) == 1:
            return (Piece(query.strip(), whole[0]),)
        found = tuple(Piece(text, node) for text in _texts(query) if (node := read(text)) is not None)
    except QueryError:
        return ()
    return found if [part for piece in found for part in _parts(piece.node)] == whole else ()


def swapped(query: str, piece: Piece, text: str) -> str | None:
    """The query with another text in the place of one of its pieces ('': without it); None when that cannot be."""
    known = pieces(query)
    if piece not in known:
        return None
    at = known.index(piece)
    try:
        others = [(other.text, _parts(other.node)) for other in known]
        others[at] = (text, _parts(read(text)))
    except QueryError:
        return None
    made = _joined(*(text for text, _ in others))
    return made if _reads_as(made, [part for _, parts in others for part in parts]) else None


def removed(query: str, part: str) -> str | None:
    """The query without a term that stands on its top level, in whatever spelling; None when it does not."""
    try:
        gone = read(part)
    except QueryError:
        return None
    found = next((piece for piece in pieces(query) if piece.node == gone), None)
    return swapped(query, found, "") if found else None


def without_dates(query: str) -> str:
    """The query without the dates that stand on its top level."""
    for piece in pieces(query):
        if isinstance(piece.node, Days):
            shorter = swapped(query, piece, "")
            query = query if shorter is None else shorter
    return query


# ------------------------------------------------------------------ what a query has chosen
def chosen(query: str, field: str) -> list[tuple[Piece, list[str]]]:
    """The pieces that want one of some labels of a field (``source:"Some Paper"``, ``(kind:news OR kind:wire)``), each
    with the labels as far as they are written, else as they are compared."""
    return [(piece, labels) for piece in pieces(query) if (labels := _named(piece.text, piece.node, field))]


def excluded(query: str, field: str) -> list[tuple[Piece, list[str]]]:
    """The pieces that leave out labels of a field (``-source:"Some Paper"``, ``NOT place:CA``), each with them."""
    return [
        (piece, labels)
        for piece in pieces(query)
        if isinstance(piece.node, Not) and (labels := _named(piece.text, piece.node.kid, field))
    ]


def _named(text: str, node: Node, field: str) -> list[str]:
    """The labels of a node that wants one of some keys of the field; [] for any other."""
    wanted = node.kids if isinstance(node, Or) else (node,)
    if not all(isinstance(one, Key) and one.field == field and not one.prefix for one in wanted):
        return []
    written: dict[Node | None, str] = {}
    for quoted, plain in _LABEL.findall(text):
        if made := term(field, quoted or plain):
            written.setdefault(read(made), quoted or plain)
    return [written.get(one, one.value) for one in wanted if isinstance(one, Key)]


# ------------------------------------------------------------------ texts
def _texts(query: str) -> Iterator[str]:
    """A query cut where there are blanks outside of quotes and brackets."""
    depth, cut, at = 0, 0, 0
    held = ""
    for found in (*_QUOTED.finditer(query), None):
        char = found[0] if found else " "
        at = found.start() if found else len(query)
        depth += (char in "([{") - (char in ")]}")
        if not char.isspace() or (depth > 0 and found):
            continue
        text, cut = query[cut:at], at + 1
        if not text or (text in ("AND", "&&") and not held):
            continue
        held = _joined(held, text)
        if not _UNFINISHED.fullmatch(text):
            yield held
            held = ""
    if held:
        yield held


def _joined(*texts: str) -> str:
    return " ".join(filter(None, (text.strip() for text in texts)))


def _parts(node: Node | None) -> list[Node]:
    """What all must be true of an article."""
    if node is None:
        return []
    return list(node.kids) if isinstance(node, And) else [node]


def _reads_as(text: str, parts: Iterable[Node]) -> bool:
    try:
        return _parts(read(text)) == list(parts)
    except QueryError:
        return False
