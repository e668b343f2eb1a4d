"""The meaning of a query, in Python: what both archives must find, what subscriptions and highlighting use.

``matches`` is the definition; the archives' own searches are compared with it in the conformance suite.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.archive.days import instant, seconds
from pipeline.archive.keys import keys, labels
from pipeline.archive.query import And, Days, Key, Node, Not, Or, Text
from pipeline.archive.words import words
from pipeline.model import Article


@dataclass(frozen=True, slots=True)
class Document:
    """An article as a query sees it."""

    texts: Mapping[str, Sequence[str]]
    """The words of ``title`` and ``body``."""
    keys: Mapping[str, frozenset[str]]
    """For each of ``keys.FIELDS`` what the article answers to."""
    published: int | None
    """Seconds since 1970 UTC."""


def document(article: Article) -> Document:
    """What a query sees of an article; worth keeping when many queries are asked of it."""
    return Document(
        texts={"title": words(article.title), "body": words(article.text)},
        keys={
            field: frozenset(key for label in values for key in keys(field, label))
            for field, values in labels(article).items()
        },
        published=None if article.published is None else seconds(article.published),
    )


def matches(node: Node | None, document: Document, zone: str = "UTC") -> bool:
    """Whether a query finds a document; days are those of the zone. Raises ``errors.UserError`` on an unknown zone."""
    match node:
        case None:
            return True
        case And(kids):
            return all(matches(kid, document, zone) for kid in kids)
        case Or(kids):
            return any(matches(kid, document, zone) for kid in kids)
        case Not(kid):
            return not matches(kid, document, zone)
        case Key(field, value, prefix):
            return any(key.startswith(value) if prefix else key == value for key in document.keys[field])
        case Days(first, end):
            at = document.published
            return at is not None and not ((first and at < instant(first, zone)) or (end and at >= instant(end, zone)))
        case Text(field=field):
            return any(find(node, document.texts[name]) for name in ([field] if field else ("title", "body")))


def find(text: Text, words: Sequence[str]) -> set[int]:
    """The positions, in a list of words, of all words that make a Text true there; empty when it is not."""
    return _find_near(text, words) if text.near is not None else _find_phrase(text, words)


def sought(node: Node | None) -> list[Text]:
    """The texts a query looks for, those that it excludes left out."""
    match node:
        case Text():
            return [node]
        case And(kids) | Or(kids):
            return [text for kid in kids for text in sought(kid)]
        case Not(Not(kid)):
            return sought(kid)
    return []


def _find_phrase(text: Text, words: Sequence[str]) -> set[int]:
    tail, length = text.words[-1], len(text.words)
    if length == 1:
        return {at for at, word in enumerate(words) if word == tail or (text.prefix and word.startswith(tail))}
    found: set[int] = set()
    for at in _positions(text.words[0], words, len(words) - length + 1):
        last = words[at + length - 1]
        ends_well = last == tail or (text.prefix and last.startswith(tail))
        if ends_well and tuple(words[at : at + length - 1]) == text.words[:-1]:
            found.update(range(at, at + length))
    return found


def _positions(word: str, words: Sequence[str], end: int) -> Iterator[int]:
    """Where a word stands before ``end``."""
    at = -1
    for _ in range(words.count(word)):
        at = words.index(word, at + 1)
        if at >= end:
            return
        yield at


def _find_near(text: Text, words: Sequence[str]) -> set[int]:
    wanted, allowed = set(text.words), text.near or 0
    latest: dict[str, int] = {}
    found: set[int] = set()
    for at, word in enumerate(words):
        if word in wanted:
            latest[word] = at
            if len(latest) == len(wanted) and at - min(latest.values()) + 1 - len(wanted) <= allowed:
                found.update(latest.values())
    return found
