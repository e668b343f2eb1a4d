"""Plain text from what feeds hold: HTML, escaped HTML, HTML in disguise, and text with entities.

Nothing here trusts its input. Tags are found by nh3 (an HTML5 parser), so an attribute that contains ``>`` or a script
leaves nothing behind; only text nested beyond reason, on which such parsers take quadratic time, is stripped by a
pattern. Every pattern is linear in the length of the text.
"""

from __future__ import annotations

import html
import re

import nh3

_DROPPED = {"figcaption", "iframe", "math", "noscript", "object", "script", "style", "svg", "template", "textarea"}
"""Elements whose content is no prose of the article; a photo's caption is not the article's text either."""

_BREAKS = {
    "address", "article", "aside", "blockquote", "center", "dd", "div", "dl", "dt", "figure", "footer", "form", "h1",
    "h2", "h3", "h4", "h5", "h6", "header", "hr", "main", "nav", "ol", "p", "pre", "section", "table", "tr", "ul",
}  # fmt: skip
_LINES = {"br", "li"}
_CELLS = {"td", "th"}

_VOID = {"area", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
_MAX_DEPTH = 512

_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)[^<>]*>")
_CUT_TAG = re.compile(r"</?[A-Za-z][^<>]*\Z")
_BREAK = re.compile(rf"</?(?:{'|'.join(sorted(_BREAKS))})>")
_LINE = re.compile(r"</?(?:br|li)>")
_CELL = re.compile(r"</?t[dh]>")
_MARKUP = re.compile(r"</?[A-Za-z][^<>]{0,2000}>|<!--")
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff]"
)
"""Control characters, invisible marks and direction overrides (they can make a text read as another one)."""

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?![A-Za-z])")
_PARAGRAPHS = re.compile(r"\n[ \t]*\n\s*")


def one_line(text: str, cap: int) -> str:
    """Text with every run of white space made one space, without control or invisible characters, of at most
    ``cap`` code points."""
    if not text.isprintable():
        text = _UNSEEN.sub("", text)
    return " ".join(text.split())[:cap].rstrip()


def plain(text: str, cap: int) -> str:
    """One line from text in which entities may stand (``Ann&#8217;s``): they are decoded once."""
    if "&" in text and _ENTITY.search(text):
        text = html.unescape(text)
    return one_line(text, cap)


def is_markup(text: str) -> bool:
    """Whether text that is not declared as HTML holds tags all the same."""
    return "<" in text and _MARKUP.search(text) is not None


def from_html(text: str, cap: int) -> str:
    """One line of plain text from HTML."""
    if "<" not in text:
        return plain(text, cap)
    return one_line(_strip(text, cap), cap)


def paragraphs(text: str, cap: int) -> str:
    """Plain text from HTML whose paragraphs are divided by a blank line, of at most ``cap`` code points."""
    if "<" not in text:
        return plain(text, cap)
    blocks = (one_line(block, cap) for block in _PARAGRAPHS.split(_strip(text, cap)))
    return "\n\n".join(block for block in blocks if block)[:cap].rstrip()


def without_footer(text: str) -> str:
    """Text without the sentence WordPress adds to each item: "The post … appeared first on …"."""
    at = text.rfind("The post ", max(0, len(text) - 600))
    if at >= 0 and " appeared first on " in text[at:]:
        return text[:at].rstrip()
    return text


def language(tag: str) -> str:
    """The language of a tag (``en-US``: ``en``), '' when it is no such tag."""
    match = _LANGUAGE.match(tag.strip())
    return match[0].lower() if match else ""


def _strip(text: str, cap: int) -> str:
    # Markup is a multiple of the text; beyond eight times the cap nothing is needed, and parsing time stays bounded.
    text = _scrub(text[: 8 * cap])
    if _is_deep(text):
        return html.unescape(_TAG.sub(" ", _CUT_TAG.sub("", text)))
    clean = nh3.clean(
        text,
        tags=_BREAKS | _LINES | _CELLS,
        clean_content_tags=_DROPPED,
        attributes={},
        link_rel=None,
    )
    clean = _CELL.sub(" ", _LINE.sub("\n", _BREAK.sub("\n\n", clean)))
    return html.unescape(clean)


def _is_deep(text: str) -> bool:
    """Nested so deeply that an HTML5 parser would take quadratic time (160,000 open ``div``: 85 s)."""
    if text.count("<") <= _MAX_DEPTH:
        return False
    depth = 0
    for match in _TAG.finditer(text):
        if match[2].lower() not in _VOID:
            depth += -1 if match[1] else 1
            if depth > _MAX_DEPTH:
                return True
    return False


def _scrub(text: str) -> str:
    # Lone surrogates (a JSON feed can hold them) cannot cross into nh3.
    return text if text.isascii() else text.encode("utf-8", "ignore").decode("utf-8")
