"""One feed body in, its unseen items out: RSS, RDF, Atom, JSON Feed or news sitemap, whatever it claims to be.

``parse_feed`` runs in a child process of the workshop, which ends it when it takes too long or too much; what is done
here against hostile bytes keeps that from being needed. The worker that hands it over imports this module too, so the
parsers are imported by whoever needs one.
"""

from __future__ import annotations

import re
from datetime import datetime

from pipeline.errors import Unreadable
from pipeline.feeds.parsed import ParsedFeed
from pipeline.feeds.pieces import Head, find_root
from pipeline.model import utc_now

__all__ = ["ParsedFeed", "parse_feed"]

_JUNK_CAP = 8_192
"""How much may stand before a feed (warnings of a PHP script, as a rule)."""
_FEED_START = re.compile(rb"<\?xml\s|<(?:rss|feed|rdf:RDF)[\s>]")
_DECLARED = re.compile(rb"""^\s*<\?xml[^<>]{0,200}?\sencoding\s*=\s*["']([A-Za-z][\w.-]{0,40})["']""")
_CHARSET = re.compile(r"""charset\s*=\s*["']?([A-Za-z][\w.-]{0,40})""", re.IGNORECASE)
_BOMS = (
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\xfe\xff", "utf-16"),
    (b"\xff\xfe", "utf-16"),
)
_NULS = (
    (b"\x00\x00\x00<", "utf-32-be"),
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\x00<", "utf-16-be"),
    (b"<\x00", "utf-16-le"),
)
_CONTROLS = bytes(code for code in range(32) if code not in (9, 10, 13))
"""Not allowed in XML; one of them would make the whole feed unreadable for a strict parser."""


def parse_feed(
    body: bytes, *, url: str, content_type: str = "", seen: frozenset[str] = frozenset(), now: datetime | None = None
) -> ParsedFeed:
    """Items of ``body`` whose hash is not in ``seen``.

    ``url`` is where the body came from (relative links are resolved against it), ``content_type`` the HTTP header as it
    was sent (only its charset counts: servers call feeds anything), ``now`` the instant against which dates of the
    future are refused (default: the clock's). Raises ``errors.Unreadable``, with the reason, when the body is no feed.
    """
    now = now or utc_now()
    body = _to_utf8(body, content_type).lstrip()
    if not body:
        raise Unreadable("an empty body", subject=url)
    if body.startswith((b"{", b"[")):
        from pipeline.feeds.jsonfeed import read_json

        return read_json(body, url=url, seen=seen, now=now)
    head = find_root(body)
    if head is not None and head.name in ("urlset", "sitemapindex"):
        from pipeline.feeds.sitemap import read_sitemap

        return read_sitemap(body, head, url=url, seen=seen, now=now)
    if head is None or head.name not in ("rss", "feed", "rdf"):
        body, head = _without_junk(body, head, url)
    from pipeline.feeds.markup import read

    return read(body, head, url=url, seen=seen, now=now)


def _without_junk(body: bytes, head: Head | None, url: str) -> tuple[bytes, Head]:
    if head is not None and head.name == "html":
        raise Unreadable("an HTML page, not a feed", subject=url)
    start = _FEED_START.search(body, 1, _JUNK_CAP)
    if start and (later := find_root(body[start.start() :])) and later.name in ("rss", "feed", "rdf"):
        return body[start.start() :], later
    if head is None:
        raise Unreadable("neither XML nor JSON", subject=url)
    return body, head


def _to_utf8(body: bytes, content_type: str) -> bytes:
    """The body in UTF-8 without control characters. What is valid UTF-8 is UTF-8 whatever is declared; a byte order
    mark comes before the declaration, the declaration before the header, Windows-1252 at last: it fits anything."""
    encoding = next((name for mark, name in _BOMS if body.startswith(mark)), "")
    encoding = encoding or next((name for mark, name in _NULS if body.startswith(mark)), "")
    if encoding:
        body = body.decode(encoding, "replace").encode("utf-8", "replace")
    else:
        body = body.removeprefix(b"\xef\xbb\xbf")
        declared = _declared(body, content_type)
        if not (body.isascii() or _is_utf8(body)) or (b"\x1b" in body and declared.startswith("iso-2022")):
            body = _decode(body, declared).encode("utf-8", "replace")
    return body.translate(None, _CONTROLS)


def _declared(body: bytes, content_type: str) -> str:
    if match := _DECLARED.match(body):
        return match[1].decode("ascii").lower()
    charset = _CHARSET.search(content_type)
    return charset[1].lower() if charset else ""


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _decode(body: bytes, declared: str) -> str:
    if declared in ("utf-8", "utf8", ""):
        # A few bad bytes in good UTF-8 are damage; bad ones only are another encoding.
        text = body.decode("utf-8", "replace")
        bad = text.count("\ufffd")
        if sum(not char.isascii() for char in text) > 2 * bad:
            return text
    elif declared not in ("iso-8859-1", "latin-1", "latin1", "us-ascii", "ascii"):
        try:
            return body.decode(declared, "replace")
        except (LookupError, ValueError):
            pass  # unknown here, or no encoding of text
    return body.decode("windows-1252", "replace")
