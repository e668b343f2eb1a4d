"""Marking in a text what a query found there: for a page (escaped HTML) and for a terminal (text and ranges).

One highlighter for both archives, on the same words as the search: a phrase is marked as a whole or not at all, and
what a query excludes is never marked. Offsets count code points of the original text.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_left
from dataclasses import dataclass
from typing import Literal

from pipeline.archive.matching import find, sought
from pipeline.archive.query import Node
from pipeline.archive.words import spans, words

TextField = Literal["title", "body"]

_JOINT = re.compile(r"[\s\-–’'.()]*")
"""What may stand between two marked neighbours and be marked with them."""


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of a text and the ranges (start, end) in it that the query found, in order, not overlapping."""

    text: str
    marks: tuple[tuple[int, int], ...]


def highlight(node: Node | None, field: TextField, text: str, around: int | None = None) -> str:
    """The text as HTML, escaped, with ``<mark>`` around what the query found in it as the given field. With
    ``around``, only about twice as many characters, where most was found (see ``snippet``)."""
    piece = Snippet(text, _marks(node, field, text)) if around is None else snippet(node, field, text, around)
    out, at = [], 0
    for start, end in piece.marks:
        out += [html.escape(piece.text[at:start]), "<mark>", html.escape(piece.text[start:end]), "</mark>"]
        at = end
    return "".join([*out, html.escape(piece.text[at:])])


def snippet(node: Node | None, field: TextField, text: str, around: int = 120) -> Snippet:
    """At most ``2 * around`` characters of the text, cut at spaces, where most of the query was found; its beginning
    when nothing was. Line breaks are spaces; … stands where text is left out."""
    marks = _marks(node, field, text)
    low, high = _window(text, marks, 2 * around)
    before, after = ("…" if low else ""), ("…" if high < len(text) else "")
    shift = len(before) - low
    return Snippet(
        before + re.sub(r"\s", " ", text[low:high]) + after,
        tuple((start + shift, end + shift) for start, end in marks if start >= low and end <= high),
    )


def _marks(node: Node | None, field: TextField, text: str) -> tuple[tuple[int, int], ...]:
    texts = [each for each in sought(node) if each.field in (None, field)]
    if not texts:
        return ()
    found = words(text)
    hits = sorted(set().union(*(find(each, found) for each in texts)))
    if not hits:
        return ()
    places = spans(text)
    marks: list[tuple[int, int]] = []
    previous = -2
    for hit in hits:
        _, start, end = places[hit]
        joined = marks and (
            start < marks[-1][1] or (hit == previous + 1 and _JOINT.fullmatch(text, marks[-1][1], start))
        )
        if joined:
            marks[-1] = (marks[-1][0], max(end, marks[-1][1]))
        else:
            marks.append((start, end))
        previous = hit
    return tuple(_with_bracket(text, start, end) for start, end in marks)


def _with_bracket(text: str, start: int, end: int) -> tuple[int, int]:
    """287(g): the closing bracket belongs to what was found."""
    open_bracket = text.count("(", start, end) > text.count(")", start, end)
    return (start, end + 1) if open_bracket and text[end : end + 1] == ")" else (start, end)


def _window(text: str, marks: tuple[tuple[int, int], ...], size: int) -> tuple[int, int]:
    """The stretch of at most ``size`` characters with most marks (of equals the first), cut at spaces."""
    if len(text) <= size:
        return 0, len(text)
    lead = size // 4  # what goes before the first mark
    starts, ends = [start for start, _ in marks], [end for _, end in marks]
    best = max(
        range(len(marks)),
        key=lambda at: (bisect_left(ends, starts[at] + size - lead + 1) - at, -at),
        default=None,
    )
    middle = starts[best] if best is not None else 0
    low = max(0, min(middle - lead, len(text) - size))
    high = low + size
    if low and not text[low - 1].isspace():
        low = _next_blank(text, low, min(middle, high))
    if high < len(text) and not text[high].isspace():
        last = max(text.rfind(blank, max(low, middle) + 1, high) for blank in " \n\t")
        high = last if last > 0 else high
    return low, high


def _next_blank(text: str, low: int, high: int) -> int:
    """Just after the first blank in ``text[low:high]``, else ``low``."""
    found = re.compile(r"\s").search(text, low, high)
    return found.end() if found else low
