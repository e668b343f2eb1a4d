"""What a page says about itself outside its text: titles, dates, authors, outlet, language, address, price.

The page was parsed once, for its text. Of that tree only the elements that can say something are cut out (a few dozen
of some thousands), and Beautiful Soup reads the cuttings: a second reading of the whole page would cost more than
the text itself. JSON-LD scripts are taken from the tree as they stand. Nothing is decided here between statements
that differ; they are handed on, best first. Runs in workshop children: lxml and Beautiful Soup are loaded on use.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from pipeline.articles import jsonld, urls
from pipeline.errors import Refused
from pipeline.model import DateOrigin

if TYPE_CHECKING:
    from bs4 import Tag

MOST_CUTTINGS = 300
LONGEST_CUTTING = 20_000
"""Characters of one element as cut out; a larger one wraps the article (``itemprop``) or an inline image."""
MOST_MARKUP = 100_000
"""Characters of all cuttings together; real pages have some two thousand."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """Statements of a page, plain text throughout."""

    titles: tuple[str, ...]
    """JSON-LD headline, Open Graph, Twitter, ``<title>``."""
    headings: tuple[str, ...]
    """Its h1 elements."""
    authors: tuple[str, ...]
    publisher: str
    lang: str
    """Primary subtag, lower case."""
    canonical: str
    """As ``articles.urls.canonical`` writes it; the fetched address when the page names none of the same site."""
    dates: tuple[tuple[DateOrigin, str], ...]
    """When it was published, as written, best first."""
    section: str
    """Section and kinds as the page names them, joined by ``"; "``."""
    free: bool
    """False when the page says that its text is not."""
    body: str
    """``articleBody`` of the JSON-LD, '' when there is none."""


def read(tree: Any, source: str, url: str) -> Metadata:
    """Statements of a page: ``tree`` is its root as lxml's HTML parser made it from ``source``, ``url`` where it was
    fetched."""
    scripts, markup = _cut(tree, source)
    page = _Cuttings(markup)
    base = tree.find(".//base[@href]")
    root = url if base is None else _join(url, base.get("href"))
    canonical = _canonical(url, [_join(root, link) for link in page.canonical_links], _join(root, page.meta("og:url")))
    statements = jsonld.Statements(scripts)
    article = statements.article((url, canonical))
    publisher = next(iter(statements.names(article.get("publisher"))), "") or page.meta("og:site_name")
    stated_titles = (
        jsonld.text(article.get("headline")) or jsonld.text(article.get("name")),
        page.meta("og:title"),
        page.meta("twitter:title"),
        *(_text(element) for element in page.titles),
    )
    return Metadata(
        titles=_distinct(stated_titles, longest=1_000),
        headings=_distinct((_text(element) for element in page.headings), longest=500),
        authors=_authors(statements, article, page, publisher),
        publisher=publisher[:200],
        lang=_primary(tree.get("lang") or _xml_lang(tree) or jsonld.text(article.get("inLanguage")) or page.lang),
        canonical=canonical,
        dates=tuple(_dates(article, page)),
        section="; ".join(_sections(article, page)),
        free=_is_free(article, page),
        body=_without_tags(jsonld.text(article.get("articleBody"))),
    )


# ------------------------------------------------------------------ cutting out
_DATE_NAMES = (
    "article:published_time", "og:article:published_time", "og:published_time", "article:published", "datepublished",
    "parsely-pub-date", "sailthru.date", "cxenseparse:recs:publishtime", "bt:pubdate", "article.published",
    "article_date_original", "originalpublicationdate", "publication_date", "publication-date", "publishdate",
    "publish_date", "publish-date", "published_date", "published-date", "pubdate", "published", "date.issued",
    "dc.date.issued", "dcterms.issued", "dc.date.created", "dcterms.created", "dcterms.date", "dc.date", "date",
)  # fmt: skip
_AUTHOR_NAMES = (
    "author",
    "article:author",
    "parsely-author",
    "sailthru.author",
    "dc.creator",
    "byl",
    "cxenseparse:author",
)
_OTHER_NAMES = (
    "og:title", "twitter:title", "og:site_name", "og:url", "og:type", "og:locale", "content-language",
    "article:section", "parsely-section", "article:content_tier", "news_keywords",
)  # fmt: skip
_WANTED_META = frozenset((*_DATE_NAMES, *_AUTHOR_NAMES, *_OTHER_NAMES))
_WANTED_PROPERTIES = frozenset(
    ("datepublished", "datecreated", "author", "creator", "articlesection", "isaccessibleforfree")
)
_ELSEWHERE = frozenset(("aside", "nav", "footer"))
"""Dates and names in side bars, menus, footers and readers' comments belong to something else."""
_COMMENTS = re.compile(
    r"(?:^|\s)(?:comments?|commentlist)"
    r"(?:[-_]+(?:list|section|area|body|content|meta|metadata|thread|wrapper|container|item|feed))*(?=\s|$)",
    re.IGNORECASE,
)
"""Classes and ids of readers' comments; WordPress also has ``comments-open`` on the whole page."""


@cache
def _by_attribute() -> Any:
    from lxml.etree import XPath

    return XPath("//*[(@itemprop or @rel = 'author') and not(self::meta or self::link or self::h1 or self::time)]")


def _cut(tree: Any, source: str) -> tuple[list[str], str]:
    """The JSON-LD scripts of a tree, and the markup of the elements that can say something."""
    from lxml.etree import tostring

    scripts: list[str] = []
    cuttings: list[str] = []
    elements = list(tree.iter("title", "meta", "link", "script", "h1", "time"))
    if "itemprop" in source or "author" in source:
        elements += _by_attribute()(tree)
    size = 0
    for element in elements:
        if element.tag == "script":
            if "ld+json" in element.get("type", "").lower() and element.text:
                scripts.append(element.text)
        elif len(cuttings) < MOST_CUTTINGS and _may_say_something(element):
            markup = tostring(element, encoding="unicode", method="html", with_tail=False)
            if len(markup) <= min(LONGEST_CUTTING, MOST_MARKUP - size):
                cuttings.append(markup)
                size += len(markup)
    return scripts, "".join(cuttings)


def _may_say_something(element: Any) -> bool:
    match element.tag:
        case "title":
            return all(outer.tag != "svg" for outer in element.iterancestors())
        case "h1":
            return True
        case "meta":
            return not _WANTED_META.isdisjoint(_meta_names(element)) or _is_wanted_property(element)
        case "link":
            return "canonical" in element.get("rel", "").lower().split()
        case "time":
            return not _stands_elsewhere(element)
    return (element.get("rel") == "author" or _is_wanted_property(element)) and not _stands_elsewhere(element)


def _stands_elsewhere(element: Any) -> bool:
    return any(map(_is_elsewhere, element.iterancestors()))


def _is_elsewhere(element: Any) -> bool:
    return (
        element.tag in _ELSEWHERE
        or _COMMENTS.search(element.get("class", "")) is not None
        or _COMMENTS.search(element.get("id", "")) is not None
    )


def of_the_article(tree: Any) -> Any:
    """A copy of a page's tree without side bars, menus, footers and readers' comments."""
    pruned = deepcopy(tree)
    for element in list(pruned.iter("aside", "nav", "footer", "div", "section", "ol", "ul")):
        if _is_elsewhere(element) and element.getparent() is not None:
            element.drop_tree()
    return pruned


def _meta_names(element: Any) -> list[str]:
    return [name.lower() for key in ("property", "name", "http-equiv") if (name := element.get(key))]


def _is_wanted_property(element: Any) -> bool:
    return not _WANTED_PROPERTIES.isdisjoint(element.get("itemprop", "").lower().split())


class _Cuttings:
    """What was cut out, read by Beautiful Soup and sorted in one pass."""

    def __init__(self, markup: str) -> None:
        from bs4 import BeautifulSoup

        self.titles: list[Tag] = []
        self.headings: list[Tag] = []
        self.times: list[tuple[Tag, bool]] = []
        """``<time>`` elements, and whether a heading stands before them."""
        self.bylines: list[Tag] = []
        self.canonical_links: list[str] = []
        self._meta: dict[str, list[str]] = {}
        self._properties: dict[str, list[Tag]] = {}
        for element in BeautifulSoup(markup, "html.parser").find_all(True):
            for name in _attribute(element, "itemprop").lower().split():
                self._properties.setdefault(name, []).append(element)
            match element.name:
                case "meta":
                    if content := _attribute(element, "content").strip():
                        for name in _meta_names(element):
                            self._meta.setdefault(name, []).append(content)
                case "title":
                    self.titles.append(element)
                case "h1":
                    self.headings.append(element)
                case "time":
                    self.times.append((element, bool(self.headings)))
                case "link":
                    self.canonical_links.append(_attribute(element, "href"))
                case "a" if _attribute(element, "rel") == "author":
                    self.bylines.append(element)

    def metas(self, *names: str) -> list[str]:
        """Contents of the meta elements of these names (lower case), in the order of the names."""
        return [value for name in names for value in self._meta.get(name, ())]

    def meta(self, name: str) -> str:
        """Content of the first meta element of a name, or ''."""
        return next(iter(self._meta.get(name, ())), "")

    def properties(self, *names: str) -> list[Tag]:
        """Elements of these microdata properties (lower case), in the order of the names."""
        return [element for name in names for element in self._properties.get(name, ())]

    @property
    def lang(self) -> str:
        return self.meta("content-language") or self.meta("og:locale")


# ------------------------------------------------------------------ address
def _canonical(url: str, links: list[str], og_url: str) -> str:
    """rel=canonical, or og:url where there is none, when it can be believed; else the fetched address.

    Not believed is another site (anybody could claim anybody's article), and the front page as canonical address of a
    deep one (a common mistake that would make all articles of an outlet one). http is lifted to the https over which
    the page was fetched.
    """
    own = urls.canonical(url)
    for claim in links or ([og_url] if og_url else []):
        try:
            claimed = urls.canonical(claim)
        except Refused:
            continue
        if not urls.same_site(own, claimed) or (_is_front(claimed) and not _is_front(own)):
            continue
        if claimed.startswith("http://") and own.startswith("https://") and urls.host(own) == urls.host(claimed):
            claimed = urls.canonical("https" + claimed[4:])
        return claimed
    return own


def _is_front(url: str) -> bool:
    parts = urlsplit(url)
    return parts.path == "/" and not parts.query


def _join(base: str, link: str) -> str:
    try:
        return urljoin(base, link.strip()) if link else ""
    except ValueError:
        return ""


# ------------------------------------------------------------------ dates
def _dates(article: jsonld.Node, page: _Cuttings) -> Iterator[tuple[DateOrigin, str]]:
    for member in ("datePublished", "dateCreated"):
        if written := jsonld.text(article.get(member)):
            yield "json-ld", written
    for written in page.metas(*_DATE_NAMES):
        yield "meta", written
    for element in (*page.properties("datepublished", "datecreated"), *_times(page)):
        yield "microdata", _date_in(element)


_PUBLISHED = re.compile(r"publi|posted|entry-date|pubdate|created|dateline", re.IGNORECASE)
_MODIFIED = re.compile(r"modif|updat|revis|expire", re.IGNORECASE)


def _times(page: _Cuttings) -> list[Tag]:
    """``<time>`` elements that may say when the page was published, best first: those that say so themselves, then
    the first behind a heading, else the last before it (lists of other news carry dates, too); on a page without a
    heading only a date that is the only one."""
    said: list[Tag] = []
    before: list[Tag] = []
    behind: list[Tag] = []
    for element, heading in page.times:
        marks = " ".join(_attribute(element, name) for name in ("class", "itemprop", "id"))
        if element.has_attr("pubdate") or _PUBLISHED.search(marks):
            said.append(element)
        elif not _MODIFIED.search(marks):
            (behind if heading else before).append(element)
    if page.headings:
        return said + (behind[:1] or before[-1:])
    return said + (before if len({_date_in(element) for element in before}) == 1 else [])


def _date_in(element: Tag) -> str:
    return _attribute(element, "content") or _attribute(element, "datetime") or _text(element)


# ------------------------------------------------------------------ people
_BY = re.compile(r"^(?:(?:written|posted|reported|story|words) )?(?:by|por)\b:?\s+", re.IGNORECASE)
_BETWEEN = re.compile(r"\s*(?:;|/|\||\band\b|\by\b|&|,(?!\s*(?:[JS]r|II|III|IV|M\.?D|Ph\.?D|Esq)\b))\s*", re.IGNORECASE)
_ROLE = re.compile(
    r"\b(?:staff|writer|reporter|editor|correspondent|contributor|columnist|bureau|producer|news ?room|special to"
    r"|photos? by)\b",
    re.IGNORECASE,
)


def _authors(statements: jsonld.Statements, article: jsonld.Node, page: _Cuttings, publisher: str) -> tuple[str, ...]:
    stated = (
        statements.names(article.get("author")) or statements.names(article.get("creator")),
        page.metas(*_AUTHOR_NAMES),
        [*map(_name_in, page.properties("author", "creator")), *map(_text, page.bylines)],
    )
    return next((names for bylines in stated if (names := people(bylines, publisher))), ())


def _name_in(element: Tag) -> str:
    named = element.find_all(attrs={"itemprop": "name"}, limit=1)
    return _attribute(element, "content") or _text(named[0] if named else element)


def people(bylines: Iterable[str], publisher: str = "") -> tuple[str, ...]:
    """The names in bylines: ``"By Ann Doe and Bo Roe, Staff Writers"`` gives ``("Ann Doe", "Bo Roe")``. Addresses,
    roles and the outlet's own name are left out."""
    found: dict[str, str] = {}
    for byline in bylines:
        if "://" in byline:
            continue
        for part in _BETWEEN.split(_BY.sub("", " ".join(byline.split())[:300])):
            name = _BY.sub("", part).strip(" ,-–—|")
            if not any(letter.isalpha() for letter in name) or len(name) > 80 or any(mark in name for mark in "@:<>"):
                continue
            if _ROLE.search(name) or name.casefold() == publisher.casefold():
                continue
            found.setdefault(name.casefold(), name)
    return tuple(found.values())[:20]


# ------------------------------------------------------------------ the rest
def _sections(article: jsonld.Node, page: _Cuttings) -> list[str]:
    value = article.get("articleSection")
    stated = [jsonld.text(one) for one in (value if isinstance(value, list) else [value])[:5]]
    stated += page.metas("article:section", "parsely-section")[:5]
    stated += [_attribute(element, "content") or _text(element) for element in page.properties("articlesection")[:3]]
    stated += [kind for kind in jsonld.types(article) if kind not in ("Article", "NewsArticle", "WebPage")]
    stated += [kind for kind in page.metas("og:type") if kind.lower() not in ("article", "website")]
    return list(_distinct(stated, longest=100))


def _is_free(article: jsonld.Node, page: _Cuttings) -> bool:
    stated = [article.get("isAccessibleForFree")]
    stated += [_attribute(element, "content") for element in page.properties("isaccessibleforfree")]
    return not any(map(jsonld.is_false, stated)) and page.meta("article:content_tier").lower() != "locked"


def _primary(tag: str) -> str:
    found = re.match(r"\s*([A-Za-z]{2,3})(?:[-_]|\s*$)", tag)
    return found[1].lower() if found else ""


def _xml_lang(tree: Any) -> str:
    return str(tree.get("{http://www.w3.org/XML/1998/namespace}lang") or tree.get("xml:lang") or "")


def _without_tags(body: str) -> str:
    if "<" not in body:
        return body
    return re.sub(r"<[^<>]{1,2000}>", " ", re.sub(r"<(?:br|/p|/div|/h\d|/li)\b[^<>]{0,200}>", "\n", body)).strip()


def _attribute(element: Tag, name: str) -> str:
    value = element.get(name)
    return " ".join(value) if isinstance(value, list) else value or ""


def _text(element: Tag) -> str:
    return " ".join(element.get_text(" ").split())


def _distinct(texts: Iterable[str], longest: int) -> tuple[str, ...]:
    cleaned = (" ".join(text[:longest].split()) for text in texts)
    return tuple(dict.fromkeys(text for text in cleaned if text))
