"""From the bytes of a page to title, text, dates and authors. Runs in a workshop child: foreign bytes, heavy parsers.

The page is parsed once. Of the tree trafilatura (2.3.1, ``favor_recall``) takes the text and ``articles.metadata``
what the page says about itself; the text is then tidied: what repeats the title or points to other articles is no part
of it, and would be evidence for things this article does not report.

Bounds: ``LARGEST`` characters and ``MOST_TAGS`` tags are read, whatever follows is cut off; libxml2 ends at 255 nested
elements; control characters are gone before parsing. What is slow within these bounds (a tag of a hundred thousand
attributes takes a minute) is ended by the workshop's deadline.
"""

from __future__ import annotations

import re
from datetime import datetime
from itertools import islice
from typing import Any

from pipeline.articles import charset, dates, metadata, tidy, titles, urls
from pipeline.errors import Unreadable
from pipeline.model import Item, Page, utc_now

LARGEST = 3_000_000
"""Characters of a page that are read; the largest of the 181 benchmark pages has 1.5 million."""
MOST_TAGS = 60_000
"""Tags of a page that are read; time grows faster than their number (200,000 empty paragraphs: 9 s)."""
STUB_WORDS = 120
"""A text shorter than this, on a page that asks for a subscription, is what everybody may see of it."""
BODY_LENGTH = 400
"""A JSON-LD ``articleBody`` of fewer characters is a teaser (``field``: A4)."""

_PAYWALL = re.compile(
    r"(?:subscri(?:be|ption)|log ?in|sign ?in|register|become a member|membership)\b[^.\n]{0,80}"
    r"\b(?:continue|keep|finish|full|read(?:ing)? (?:this|the|more)|unlimited|access)\b"
    r"|\b(?:continue reading|this (?:article|content|story) is (?:only )?(?:for|available to|reserved for)"
    r"|already a (?:subscriber|member)|(?:for|to) (?:our )?subscribers only|subscriber[- ]only|exclusive to subscribers"
    r"|(?:free|remaining) articles?)\b",
    re.IGNORECASE,
)
_ENGLISH = frozenset(
    ("the", "of", "and", "to", "in", "a", "that", "for", "is", "on", "was", "with", "said", "by", "at")
)
_FIRST_LINE = 200
"""Characters of the first line of a plain text that still make a title."""


def read_page(
    body: bytes, *, url: str, content_type: str = "", item: Item | None = None, now: datetime | None = None
) -> Page:
    """A fetched page as ``model.Page``.

    ``url`` is where it was fetched (after redirects), ``content_type`` the HTTP header, ``item`` what the feed said:
    its title, date, authors and language stand in where the page says nothing. ``now`` (aware; the clock when None)
    bounds dates. A page without text (a video, a gallery) comes back with an empty one, marked as ``paywalled``: it
    holds a stub, too.

    Raises ``errors.Unreadable`` for what is no page (PDF, image, feed, no HTML) or says nothing at all, and
    ``errors.Refused`` when ``url`` is no http(s) URL.
    """
    charset.refuse_what_is_no_page(body, content_type)
    source = charset.decode(body[: 4 * LARGEST], content_type)
    now = now or utc_now()
    if charset.media_type(content_type) == "text/plain" and not source.lstrip().startswith("<"):
        return _plain_page(source[:LARGEST], url, item, now)
    source = _bounded(source)
    tree = _parse(source, url)
    said = metadata.read(tree, source, url)
    outlets = tuple(filter(None, (said.publisher, urls.site(url).split(".")[0], item.source_title if item else "")))
    title = titles.choose(said.titles, said.headings, outlets) or (titles.bare(item.title) if item else "")
    text = _text(tree, url, said)
    text = tidy.tidy(text, (title, *said.headings, *said.titles))
    if not text and not title:
        raise Unreadable("no title and no text found", subject=url)
    dated = dates.choose(
        said.dates, feed=item.published if item else None, guess=lambda: _guess_date(tree, url, now), now=now
    )
    return Page(
        url=url,
        canonical=said.canonical,
        title=title,
        text=text,
        authors=said.authors or (metadata.people(item.authors, said.publisher) if item else ()),
        publisher=said.publisher,
        lang=language(text, said.lang or (item.lang if item else "")),
        published=dated.at if dated else None,
        published_origin=dated.origin if dated else None,
        published_day_only=dated.day_only if dated else False,
        section=said.section,
        paywalled=not said.free or _is_stub(text, tree),
    )


def read_text(text: str, url: str = "") -> Page:
    """A plain text given by a person: its first line is the title when it is short (at most 200 characters) and more
    follows; there is no date. Raises ``errors.Unreadable`` when it is empty."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n\ufeff ").split("\n", 1)
    first = " ".join(lines[0].split())
    rest = lines[1].strip() if len(lines) > 1 else ""
    if not first:
        raise Unreadable("the text is empty", subject=url)
    title, body = (first, rest) if rest and len(first) <= _FIRST_LINE else ("", "\n".join(lines).strip())
    canonical = urls.canonical(url) if url else ""
    return Page(url=url, canonical=canonical, title=title, text=body, lang=language(body, ""))


def language(text: str, stated: str) -> str:
    """The language of a text as a primary subtag, '' when nothing is known.

    What the page states is believed when the text bears it out or is too short to tell; else py3langid decides on the
    first thousand characters (of 15 disagreements on news pages, the page was wrong in 6 and silent in 7).
    """
    sample = text[:1_000]
    words = sample.lower().split()
    if len(words) < 20:
        return stated
    english = sum(word in _ENGLISH for word in words) * 7 >= len(words)
    if english and stated in ("en", ""):
        return "en"
    from py3langid import classify

    return str(classify(sample)[0])


# ------------------------------------------------------------------ steps
def _bounded(source: str) -> str:
    source = source[:LARGEST]
    if source.count("<") > MOST_TAGS:
        last = next(islice(re.finditer("<", source), MOST_TAGS, None))
        source = source[: last.start()]
    return source


def _parse(source: str, url: str) -> Any:
    from trafilatura.utils import load_html

    tree = load_html(source)
    if tree is None:
        raise Unreadable("no HTML document", subject=url)
    return tree


def _text(tree: Any, url: str, said: metadata.Metadata) -> str:
    import trafilatura

    try:
        text = trafilatura.extract(tree, favor_recall=True, include_comments=False) or ""
    except Exception as error:
        # Whatever a parser of foreign pages stumbles over, the page is kept for a person, with the error's name.
        raise Unreadable(f"no text could be extracted ({type(error).__name__}: {error})", subject=url) from error
    if said.free and len(said.body) >= BODY_LENGTH and tidy.is_cut_short(text, said.body):
        return said.body
    return text


def _guess_date(tree: Any, url: str, now: datetime) -> str | None:
    """htmldate's guess, ``YYYY-MM-DD``. Not its extensive search: that finds a date on nearly every undated page (132
    of 134), taken from a copyright line or from the text."""
    from htmldate import find_date

    found = find_date(
        metadata.of_the_article(tree),
        extensive_search=False,
        original_date=True,
        url=url,
        min_date=dates.EARLIEST.date().isoformat(),
        max_date=(now + dates.SLACK).date().isoformat(),
    )
    return str(found) if found else None


def _is_stub(text: str, tree: Any) -> bool:
    if not text:
        return True
    if len(text.split()) >= STUB_WORDS:
        return False
    seen = " ".join(tree.xpath("//body//text()[not(parent::script or parent::style)]"))
    return _PAYWALL.search(" ".join(seen.split())) is not None


def _plain_page(source: str, url: str, item: Item | None, now: datetime) -> Page:
    page = read_text(source, url)
    dated = dates.choose((), feed=item.published if item else None, guess=lambda: None, now=now)
    return Page(
        url=url,
        canonical=page.canonical,
        title=page.title or (titles.bare(item.title) if item else ""),
        text=page.text,
        authors=metadata.people(item.authors) if item else (),
        lang=page.lang,
        published=dated.at if dated else None,
        published_origin=dated.origin if dated else None,
        published_day_only=dated.day_only if dated else False,
    )
