"""What reading one feed body gives, and the few things all readers (RSS and Atom, JSON, sitemap) share.

Light on purpose: the worker that receives a ``ParsedFeed`` from its child process imports no parser for it.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import timedelta
from hashlib import blake2b
from urllib.parse import urljoin

from pipeline.model import Item

MAX_ITEMS = 2_000
"""Items read from one body; Media Cloud's limit for a document, far above what news feeds carry (10 to 50)."""
TITLE_CAP = 500
SUMMARY_CAP = 10_000
CONTENT_CAP = 100_000
"""Code points."""
LINK_CAP = 2_000


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """One feed body, read."""

    title: str
    """The channel's own title ('' when it has none)."""
    items: tuple[Item, ...]
    """Those whose hash was not among the seen ones, in feed order."""
    hashes: tuple[str, ...]
    """Of every item in the body, in order, the first ``MAX_ITEMS`` of them."""
    form: str
    """'rss', 'rdf', 'atom', 'json' or 'sitemap'."""
    total: int
    """Items in the body."""
    hub: str = ""
    """WebSub hub, '' if none."""
    self_url: str = ""
    """The address the feed gives as its own, '' if none."""
    ttl: timedelta | None = None
    """How long the feed asks to be left alone."""
    whole: bool = False
    """The whole body had to be parsed, unseen items or not."""


def piece_hash(data: bytes) -> str:
    """Sixteen characters for one item: 96 bits of BLAKE2b as URL-safe base64."""
    return urlsafe_b64encode(blake2b(data, digest_size=12).digest()).decode("ascii")


def web_link(link: str, base: str) -> str:
    """An absolute http(s) address from what stands in a feed, '' when it is none: not a scheme of another kind, not
    without a host, not over 2,000 characters. White space around it goes, within it becomes ``%20`` (line breaks and
    tabs go, as browsers do)."""
    link = link.strip().translate(_LINE_BREAKS).replace(" ", "%20")
    if not link or not link.isprintable():
        return ""
    try:
        link = urljoin(base, link)
    except ValueError:
        return ""
    scheme, mark, rest = link.partition("://")
    if not mark or scheme.lower() not in ("http", "https") or rest[:1] in ("", "/", "?", "#") or len(link) > LINK_CAP:
        return ""
    return link


_LINE_BREAKS = str.maketrans("", "", "\t\r\n")
