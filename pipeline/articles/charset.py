"""From bytes to characters: what a body is, and in which encoding. Pure.

The encoding is the byte order mark's, else what HTTP says, else what the page says (``meta`` or an XML declaration),
else detected. One exception: bytes beyond ASCII that are valid UTF-8 are UTF-8 even where a single-byte encoding is
declared. Such a declaration is nearly always a server's default, and no text in one of those encodings is valid UTF-8
by chance.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from pipeline.errors import Unreadable

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_BY_FIRST_BYTES = (
    (b"%PDF-", "a PDF document"),
    (b"PK\x03\x04", "an archive or office document"),
    (b"\xd0\xcf\x11\xe0", "an office document"),
    (b"\x1f\x8b", "compressed data"),
    (b"\x89PNG", "an image"),
    (b"GIF8", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"RIFF", "an image or a recording"),
)
_BY_TYPE = {
    "application/pdf": "a PDF document",
    "application/zip": "an archive or office document",
    "application/json": "JSON data",
    "application/ld+json": "JSON data",
    "application/rss+xml": "a feed",
    "application/atom+xml": "a feed",
    "application/feed+json": "a feed",
    "text/calendar": "a calendar",
    "text/css": "a style sheet",
    "text/csv": "a table",
    "text/javascript": "a program",
    "application/javascript": "a program",
}
_BY_MAJOR_TYPE = {"image": "an image", "audio": "a recording", "video": "a recording", "font": "a font"}
_FEED = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.{0,500}?-->\s*)*<(?:rss|feed|rdf:RDF|urlset|sitemapindex)\b", re.DOTALL
)
_META = re.compile(rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)
_XML = re.compile(rb"^\s*<\?xml[^>]{0,100}?encoding\s*=\s*[\"']([A-Za-z0-9_.:-]{2,40})")
_HTTP = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)
_META_WITHIN = 4_096
"""Browsers look within the first 1,024 bytes; some content systems put more before it."""

_AS_BROWSERS_DO = {
    "ascii": "cp1252", "us-ascii": "cp1252", "iso-8859-1": "cp1252", "iso8859-1": "cp1252", "latin1": "cp1252",
    "latin-1": "cp1252", "iso-8859-9": "cp1254", "iso-8859-11": "cp874", "tis-620": "cp874", "gb2312": "gb18030",
    "gbk": "gb18030", "x-gbk": "gb18030", "shift_jis": "cp932", "shift-jis": "cp932", "x-sjis": "cp932",
    "ks_c_5601-1987": "cp949", "euc-kr": "cp949", "utf8": "utf-8", "unicode": "utf-16-le", "utf-16": "utf-16-le",
}  # fmt: skip
"""Labels that stand for a wider encoding (WHATWG Encoding Standard, 4.2)."""
_SINGLE_BYTE = ("cp", "iso8859", "koi8", "mac", "tis")
_MANY_BYTES = ("utf", "gb", "cp932", "cp949", "cp950", "big5", "euc", "iso2022", "hz")
"""Families of Python's codecs that encode web pages; it also has some that are no character encodings."""
_CONTROLS = bytes(byte for byte in (*range(32), 127) if byte not in b"\t\n\r\f")
_CONTROL_CHARACTERS = re.compile(f"[{re.escape(_CONTROLS.decode())}]")
_ASCII = bytes(range(128))
_FEW = 0.05
"""A page with a smaller share of bytes beyond ASCII is taken for a Western one (Spanish text has 2.5 %); there a
detector guesses worse than the browsers' default, windows-1252."""
_CONTROLS_MEAN_SOMETHING = ("utf-16", "utf-32", "iso2022", "hz")
"""Encodings in which those bytes are parts of characters or shift between alphabets."""


def refuse_what_is_no_page(body: bytes, content_type: str) -> None:
    """Raises ``errors.Unreadable``, naming what a body is, when it is certainly neither HTML nor plain text.

    The first bytes decide before the header does: a PDF is served as text/html, and the other way round.
    """
    start = body[:1024].lstrip(b"\xef\xbb\xbf \t\r\n\x00")
    if not start:
        raise Unreadable("the page is empty")
    if start[:9].lower() == b"<!doctype":
        return
    for magic, known in _BY_FIRST_BYTES:
        if start.startswith(magic):
            raise Unreadable(f"{known}, not a page")
    if _FEED.match(start):
        raise Unreadable("a feed, not a page")
    if start.startswith(b"<"):
        return
    kind = media_type(content_type)
    name = _BY_TYPE.get(kind) or _BY_MAJOR_TYPE.get(kind.partition("/")[0])
    if name:
        raise Unreadable(f"{name}, not a page")


def media_type(content_type: str) -> str:
    """``"text/html"`` of ``"Text/HTML; charset=utf-8"``."""
    return content_type.partition(";")[0].strip().lower()


def decode(body: bytes, content_type: str = "") -> str:
    """The body's characters, without control characters (NULs end lxml's reading). Undecodable bytes become U+FFFD."""
    for mark, name in _MARKS:
        if body.startswith(mark):
            return _decode(body[len(mark) :], name)
    declared = list(dict.fromkeys(_declared(body, content_type)))
    if not body.isascii() and all(not name.startswith(_MANY_BYTES) for name in declared):
        try:
            return body.translate(None, _CONTROLS).decode("utf-8")
        except UnicodeDecodeError:
            pass
    for name in declared:
        text = _decode(body, name)
        if _fits(text):
            return text
    return _detect(body)


def _decode(body: bytes, name: str) -> str:
    if name.startswith(_CONTROLS_MEAN_SOMETHING):
        return _CONTROL_CHARACTERS.sub("", body.decode(name, "replace"))
    # Deleting bytes is ten times as fast as deleting characters.
    return body.translate(None, _CONTROLS).decode(name, "replace")


def _declared(body: bytes, content_type: str) -> Iterator[str]:
    labels = [match[1] for match in [_HTTP.search(content_type)] if match]
    start = body[:_META_WITHIN]
    labels += [match[1].decode("ascii") for pattern in (_META, _XML) if (match := pattern.search(start))]
    for label in labels:
        name = _AS_BROWSERS_DO.get(label.lower(), label.lower())
        if name.startswith("utf-16") and b"\x00" not in start:
            name = "utf-8"  # a page whose ASCII declaration can be read is not UTF-16
        try:
            name = codecs.lookup(name).name
        except LookupError:
            continue
        if name.startswith(_SINGLE_BYTE + _MANY_BYTES) and name != "utf-7":
            yield name


def _fits(text: str) -> bool:
    """Whether a text is in that encoding with a few broken places, rather than in another one: fewer undecodable
    places than other characters beyond ASCII, or hardly any at all."""
    bad = text.count("\ufffd")
    return bad == 0 or bad * 1_000 < len(text) or 2 * bad < len(text) - len(text.encode("ascii", "ignore"))


def _detect(body: bytes) -> str:
    if body[:2_000].count(b"\x00") > 400:
        return _decode(body, "utf-16-le" if body[1:2] == b"\x00" else "utf-16-be")
    text = _decode(body, "utf-8")
    if _fits(text):
        return text
    if len(body.translate(None, _ASCII)) < _FEW * len(body):
        return _decode(body, "cp1252")
    from charset_normalizer import from_bytes

    best = from_bytes(body[:20_000]).best()
    return _decode(body, best.encoding if best is not None else "cp1252")
