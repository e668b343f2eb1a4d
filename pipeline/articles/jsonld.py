"""What a page states about its article in JSON-LD: graphs, arrays, references and broken scripts. Pure.

Schema.org data is written by every content system in its own way and often by hand. So scripts that are not JSON are
mended (comment wrappers, entities, trailing commas) and, failing that, searched for the few members that matter.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Node = Mapping[str, Any]

LONGEST = 500_000
"""Characters of one script that are read; real ones have a few thousand, with the whole body a few ten thousand."""
MOST_NODES = 2_000

_KINDS = frozenset(("BlogPosting", "LiveBlogPosting", "Report", "PressRelease", "SocialMediaPosting", "Statement"))
_NOT_ARTICLES = frozenset(("WebPage", "ItemPage", "CreativeWork", "AboutPage", "FAQPage"))
"""Asked when a page describes no article: some put the article's dates on the page."""
_OTHERS = frozenset(
    (
        "itemListElement", "hasPart", "isPartOf", "mentions", "comment", "comments", "review", "citation", "subjectOf",
        "relatedLink", "isBasedOn", "liveBlogUpdate", "video", "associatedMedia", "breadcrumb", "potentialAction",
    )
)  # fmt: skip
"""Members that hold other articles or parts of this one."""

_WRAPPERS = re.compile(
    r"^(?:<!--|//\s{0,9}<!\[CDATA\[|/\*\s{0,9}<!\[CDATA\[\s{0,9}\*/|<!\[CDATA\[)"
    r"|(?:-->|(?://|/\*)?\s{0,9}\]\]>(?:\s{0,9}\*/)?)$"
)
_TRAILING_COMMA = re.compile(r",(?=\s*[}\]])")
_MEMBER = re.compile(
    r'"(headline|datePublished|dateCreated|articleSection|isAccessibleForFree)"\s*:\s*'
    r'(?:"((?:[^"\\]|\\.){0,2000})"|(true|false))'
)
_AUTHOR = re.compile(r'"author"\s{0,9}:[\[\s]{0,99}\{[^{}]{0,500}?"name"\s*:\s*"((?:[^"\\]|\\.){0,200})"')


class Statements:
    """The nodes of a page's scripts, with references resolved."""

    def __init__(self, scripts: Iterable[str]) -> None:
        self._nodes: list[Node] = []
        self._by_id: dict[str, Node] = {}
        for script in scripts:
            for node in _walk(_load(script[:LONGEST])):
                self._nodes.append(node)
                name = node.get("@id")
                if isinstance(name, str) and len(node) > 1:
                    self._by_id.setdefault(name, node)

    def article(self, addresses: Iterable[str] = ()) -> Node:
        """The node that describes the page's article ({} when none does): of several the one that names one of
        ``addresses`` as its own, else the first with a date, else the first."""
        articles = [node for node in self._nodes if any(is_article(kind) for kind in types(node))]
        if not articles:
            articles = [node for node in self._nodes if _NOT_ARTICLES.intersection(types(node))]
        own = {_plain(address) for address in addresses}
        for node in articles:
            if own.intersection(_plain(address) for address in self._addresses(node)):
                return node
        return next((node for node in articles if text(node.get("datePublished"))), articles[0] if articles else {})

    def resolve(self, value: Any) -> Any:
        """What a value refers to, when it is nothing but a reference."""
        if isinstance(value, Mapping) and isinstance(value.get("@id"), str) and "name" not in value:
            return self._by_id.get(value["@id"], value)
        return value

    def names(self, value: Any) -> list[str]:
        """Names of persons or organisations in a value: text, nodes, references, or a list of them."""
        found = []
        for one in value[:20] if isinstance(value, list) else [value]:
            node = self.resolve(one)
            name = text(node.get("name")) if isinstance(node, Mapping) else text(node)
            if name:
                found.append(name)
        return found

    def _addresses(self, node: Node) -> Iterator[str]:
        for member in ("url", "@id", "mainEntityOfPage"):
            value = node.get(member)
            if isinstance(value, Mapping):
                value = value.get("@id") or value.get("url")
            if isinstance(value, str) and value:
                yield value


def types(node: Node) -> list[str]:
    """The node's types without the vocabulary's address."""
    value = node.get("@type")
    return [str(kind).rsplit("/", 1)[-1] for kind in (value if isinstance(value, list) else [value]) if kind]


def is_article(kind: str) -> bool:
    """Whether a schema.org type is some kind of article."""
    return kind.endswith("Article") or kind in _KINDS


def text(value: Any) -> str:
    """A plain value as text without tags and entities ('' for a node, a list of nodes or nothing)."""
    if isinstance(value, list):
        value = next((one for one in value if one), "")
    if isinstance(value, Mapping):
        value = value.get("@value", "")
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    plain = str(value)
    if "&" in plain:
        plain = html.unescape(plain)
    return plain.strip()


def is_false(value: Any) -> bool:
    """Whether a value says no: false, "False", "http://schema.org/False"."""
    return value is False or (isinstance(value, str) and value.strip().lower().rsplit("/", 1)[-1] in ("false", "no"))


def _plain(address: str) -> str:
    return address.split("#")[0].split("?")[0].removeprefix("https://").removeprefix("http://").rstrip("/")


def _load(script: str) -> Any:
    for mended in _mended(script):
        try:
            return json.loads(mended, strict=False)
        except (ValueError, RecursionError):
            continue
    return _salvage(script)


def _mended(script: str) -> Iterator[str]:
    yield script
    unwrapped = _WRAPPERS.sub("", script.strip().rstrip(";"))
    yield unwrapped
    yield _TRAILING_COMMA.sub("", unwrapped)
    if "&quot;" in unwrapped:
        yield html.unescape(unwrapped)


def _salvage(script: str) -> Any:
    found: dict[str, Any] = {}
    for match in _MEMBER.finditer(script):
        found.setdefault(match[1], _unescape(match[2]) if match[2] is not None else match[3] == "true")
    if author := _AUTHOR.search(script):
        found["author"] = _unescape(author[1])
    return {"@type": "Article", **found} if found else None


def _unescape(text: str) -> str:
    try:
        return str(json.loads(f'"{text}"', strict=False))
    except ValueError:
        return text


def _walk(value: Any) -> Iterator[Node]:
    """Every node that may describe the page, outer ones first."""
    waiting = [value]
    for seen in range(MOST_NODES):
        if seen >= len(waiting):
            return
        one = waiting[seen]
        if isinstance(one, list):
            waiting.extend(one[:MOST_NODES])
        elif isinstance(one, Mapping):
            yield one
            waiting.extend(
                inner for name, inner in one.items() if isinstance(inner, Mapping | list) and name not in _OTHERS
            )
