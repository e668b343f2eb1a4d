"""Cutting a feed body into its items without parsing it, so that only unseen items need to be parsed.

Most polls bring a body in which one item of fifty is new. A scan that knows just enough XML (comments, CDATA,
element tags) finds where each item begins and ends; what is already known is cut out, and the parser sees the feed as
if it held only the rest. Where the scan is not sure, it says so (None) and the whole body is parsed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from pipeline.feeds.parsed import piece_hash

_TOKEN = rb"<(?:(!\[CDATA\[)|(!--)|(/?)((?:[A-Za-z_][\w.-]{0,40}:)?%s)(?=[\s/>]))"
_ITEMS = re.compile(_TOKEN % rb"(?:item|entry)")
_URLS = re.compile(_TOKEN % rb"url")
_MISC = re.compile(rb"\s*(?:(<\?)|(<!--)|(<!DOCTYPE))?", re.IGNORECASE)
"""Always matches; what stands before a root element, one at a time."""
_ROOT = re.compile(rb"<([A-Za-z_][\w.-]{0,40}:)?([A-Za-z_][\w.-]{0,40})(?=[\s/>])")


@dataclass(frozen=True, slots=True)
class Head:
    """A document's root element."""

    start: int
    end: int
    """After its last end tag (scripts and comments that caches append stay outside), else the end of the body."""
    name: str
    """Local name, in lower case."""
    subset: bool
    """A DOCTYPE with declarations of its own stands before it."""


@dataclass(frozen=True, slots=True)
class Pieces:
    """A body, cut."""

    body: bytes
    head: Head
    spans: tuple[tuple[int, int], ...]
    """First byte of each item's start tag and the byte after its end tag, in order."""
    prefix: bytes
    """The namespace prefix of the items' tags with its colon, b'' when there is none."""

    def hashes(self, limit: int) -> tuple[str, ...]:
        """One hash for each of the first ``limit`` items: of its bytes as they stand."""
        body = self.body
        return tuple([piece_hash(body[start:end]) for start, end in self.spans[:limit]])

    def only(self, wanted: Collection[int]) -> bytes:
        """The root element with only the items at these places; all else in it stays as it was."""
        parts, at = [], self.head.start
        for index, (start, end) in enumerate(self.spans):
            if index not in wanted:
                parts.append(self.body[at:start])
                at = end
        parts.append(self.body[at : self.head.end])
        return b"".join(parts)


def find_root(body: bytes) -> Head | None:
    """The root element of an XML (or HTML) document; None when something else than declarations, comments and white
    space stands before the first tag."""
    at, subset = 0, False
    while (match := _MISC.match(body, at)) and match.lastindex:
        end = b"?>" if match[1] else b"-->" if match[2] else b">"
        if match[3]:
            # Declarations inside a DOCTYPE end in > themselves.
            bracket, close = body.find(b"[", match.end()), body.find(b">", match.end())
            if 0 <= bracket < close:
                subset, end = True, b"]"
        at = body.find(end, match.end())
        if at >= 0 and end == b"]":
            at, end = body.find(b">", at), b">"
        if at < 0:
            return None
        at += len(end)
    if not (root := _ROOT.match(body, match.end() if match else at)):
        return None
    name = root[1] + root[2] if root[1] else root[2]
    close = body.rfind(b"</" + name)
    end_at = body.find(b">", close) + 1 if close > root.start() else 0
    return Head(root.start(), end_at or len(body), root[2].decode("ascii").lower(), subset)


def unseen(hashes: Sequence[str], seen: Collection[str]) -> list[int]:
    """Places of the items to read, in order; of several equal ones the first."""
    first = {hash_: index for index, hash_ in reversed(tuple(enumerate(hashes)))}
    return sorted(index for hash_, index in first.items() if hash_ not in seen)


def cut(body: bytes, head: Head) -> Pieces | None:
    """The items (``item``, ``entry``; of a sitemap ``url``) of an ASCII-compatible document. None when tags do not pair
    up: nested, self-closing, under several names, or in an unclosed comment or CDATA section. No items is an empty
    tuple of spans."""
    find = (_URLS if head.name == "urlset" else _ITEMS).search
    spans: list[tuple[int, int]] = []
    name: bytes | None = None
    start, at = -1, head.start
    while match := find(body, at, head.end):
        at = match.end()
        cdata, comment, slash, found = match.groups()
        if cdata or comment:
            at = body.find(b"]]>" if cdata else b"-->", at)
            if at < 0:
                return None
        elif name is not None and found != name:
            return None
        else:
            name = found
            close = body.find(b">", at)
            if close < 0 or body[close - 1] == 0x2F or bool(slash) != (start >= 0):
                return None
            at = close + 1
            if slash:
                spans.append((start, at))
                start = -1
            else:
                start = match.start()
    if start >= 0:
        return None
    return Pieces(body, head, tuple(spans), name[: name.rfind(b":") + 1] if name else b"")
