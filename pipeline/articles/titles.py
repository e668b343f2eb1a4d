"""Titles: the outlet's name taken off, the best of several chosen, two compared. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

LONGEST = 1_000
"""Characters of a title that are looked at."""
LEAST_WORDS_OF_A_TRUNCATED_TITLE = 6
"""A shorter beginning ("Council passes sanctuary ordinance") opens too many different headlines."""

_SEPARATOR = re.compile(r"(?:\s+[-–—|•·»]+\s+|\s+::\s+|\s*\|\s*)")
_PIPES = frozenset("|•·»:")
_WORD = re.compile(r"[^\W_]+")
_APOSTROPHES = dict.fromkeys(map(ord, "'’‘ʼ`´"))
_ELLIPSIS = re.compile(r" ?(?:\.{3}|…|\[…\]|\[\.\.\.\])$")
_SMALL_WORDS = frozenset(("of", "the", "and", "for", "in", "on", "at", "de", "del", "la", "el", "las", "los", "&"))
_LONGEST_NAME = 6
"""Words in the name of an outlet, at most, when it has to be guessed ("The Star-Ledger of New Jersey")."""


def words(title: str) -> list[str]:
    """The words of a title for comparing: case, punctuation and apostrophes gone."""
    return _WORD.findall(title.casefold().translate(_APOSTROPHES))


def bare(title: str, outlet: str = "") -> str:
    """A title without the outlet's name behind (or before) it: ``"A vote | The Paper"`` gives ``"A vote"``.

    With ``outlet`` (its name, or the first part of its host) only what names that outlet goes. Without, a short last
    part that looks like a name goes: in capitals, and what is left still has three words before a pipe, four before
    a dash.
    """
    return _bare(_plain(title), (outlet,) if outlet else ())


def same_title(a: str, b: str) -> bool:
    """Whether two titles head the same article: for joining an aggregator's lead to the outlet's own article.

    They do when their words are equal, with or without an outlet's name behind one of them, or when one is the
    beginning of the other: at least six words, of which the last may be cut off before an ellipsis. A name is never
    taken off both: "Vote on the sanctuary law fails - Salem" is not the vote of another city.
    """
    a, b = _plain(a), _plain(b)
    words_of_a, words_of_b = words(a), words(b)
    if not words_of_a or not words_of_b:
        return False
    if words_of_a == words_of_b or words(bare(a)) == words_of_b or words_of_a == words(bare(b)):
        return True
    return _begins(a, b) or _begins(b, a)


def choose(stated: Iterable[str], headings: Iterable[str], outlets: Sequence[str]) -> str:
    """The title of a page.

    ``stated`` are the titles its markup states, best first (JSON-LD, Open Graph, ``<title>``); ``headings`` its h1s.
    What readers see wins: the first h1 that says what the markup says, else the first stated title that is not cut
    short, else the only h1. ``outlets`` are names of the outlet, to be taken off. '' when there is nothing.
    """
    titles = [form for title in stated if (form := _bare(_plain(title), outlets))]
    seen = [form for title in headings if (form := _bare(_plain(title), outlets))]
    for heading in seen:
        if any(_says_the_same(heading, title) for title in titles):
            return heading
    for title in titles:
        if not any(_begins(title, other) and len(other) > len(title) for other in titles + seen):
            return title
    return seen[0] if len(seen) == 1 else ""


def _plain(title: str) -> str:
    return " ".join(title[:LONGEST].split())


def _bare(title: str, outlets: Sequence[str]) -> str:
    for _ in range(3):
        separators = list(_SEPARATOR.finditer(title))
        if not separators:
            break
        first, last = separators[0], separators[-1]
        head, tail = title[: last.start()], title[last.end() :]
        if head and (_names(tail, outlets) if outlets else _may_be_a_name(head, last[0], tail)):
            title = head
        elif outlets and title[first.end() :] and any(words(title[: first.start()]) == words(name) for name in outlets):
            title = title[first.end() :]
        else:
            break
    return title.strip()


def _names(tail: str, outlets: Sequence[str]) -> bool:
    """Whether a part of a title is the outlet's name: equal to a name of it, part of it, or spelled out
    (``latimes`` for "Los Angeles Times")."""
    letters = "".join(words(tail))
    if not letters:
        return True
    for outlet in outlets:
        name = "".join(words(outlet))
        if not name:
            continue
        shorter, longer = sorted((letters, name), key=len)
        if shorter == longer or (len(shorter) >= 4 and shorter in longer and 2 * len(shorter) >= len(longer)):
            return True
        if 3 <= len(name) < len(letters) and _looks_like_a_name(tail) and _abbreviates(name, letters):
            return True
    return False


def _abbreviates(short: str, long: str) -> bool:
    """Whether the letters of ``short`` stand in ``long`` in that order, both beginning alike."""
    rest = iter(long)
    return short[0] == long[0] and all(letter in rest for letter in short)


def _looks_like_a_name(text: str) -> bool:
    parts = text.split()
    if len(parts) > _LONGEST_NAME or not any(part[0].isupper() or "." in part for part in parts):
        return False
    return all(part.casefold() in _SMALL_WORDS or not part[0].islower() or "." in part for part in parts)


def _may_be_a_name(head: str, separator: str, tail: str) -> bool:
    least = 3 if separator.strip()[:1] in _PIPES else 4
    return len(words(head)) >= least and _looks_like_a_name(tail)


def _begins(short: str, long: str) -> bool:
    """Whether ``short`` is the beginning of ``long``, cut off at or inside a word."""
    cut = _ELLIPSIS.search(short)
    a, b = words(short[: cut.start()] if cut else short), words(long)
    if not LEAST_WORDS_OF_A_TRUNCATED_TITLE <= len(a) <= len(b):
        return False
    return a[:-1] == b[: len(a) - 1] and (
        a[-1] == b[len(a) - 1] or (cut is not None and b[len(a) - 1].startswith(a[-1]))
    )


def _says_the_same(heading: str, title: str) -> bool:
    a, b = words(heading), words(title)
    if not a or not b:
        return False
    if a == b:
        return True
    common = len(set(a) & set(b))
    return common >= 3 and 2 * common > len(set(a) | set(b))
