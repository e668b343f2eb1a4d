"""Text to sentences of tokens, with offsets kept.

Offsets count code points into ``title + "\\n\\n" + text`` and stay true because normalising replaces one code point by
exactly one other. A token is a word, a number or a punctuation mark that can end a clause; quotes and hyphens between
words are no tokens, so that ``'sanctuary' city``, ``"sanctuary city"`` and ``anti-sanctuary`` all read as their words.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate
from typing import Any

SEPARATOR = "\n\n"
"""What stands between title and text in everything that counts offsets."""

MAX_CHARS = 60_000
"""Reading stops here: no account of a vote is longer, a page that strings pieces together may be."""

MAX_SENTENCE = 1_200
"""A run of text without a full stop (menus, tables) is cut, so that no rule sees a 'sentence' of a whole page."""

MAX_STAMP = 80
"""A line that dates a page is no longer than this."""

_PLAIN = {
    "‘": "'", "’": "'", "‛": "'", "′": "'", "´": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "–": "-",
    "‒": "-", "−": "-", "‐": "-", "‑": "-", "―": "\u2014", "\u00a0": " ", "\u202f": " ", "\u2009": " ",
    "\u200b": " ", "\t": " ", "\r": " ", "\u2028": "\n", "\u2029": "\n",
}  # fmt: skip
"""None of the plain ones is replaced in turn: the order is of no account."""

_TOKEN = re.compile(
    r"(287\s?[(-]?[gG]\)?(?![a-zA-Z])|(?:[A-Z]\.){2,}|\d+(?:[.,]\d+)*|[^\W\d_]+(?:'[^\W\d_]+)*|[.,;:()!?\u2014%$£/#])"
)
_BOUNDARY = re.compile(r"([.!?])[\"')\]]{0,3}\s+(?=[\"'(\[¿¡#]{0,3}[A-Z0-9ÁÉÍÓÚÑ])|\n\s*|\s[|•·]\s")
_LAST_WORD = re.compile(r"([^\s\"'(\[]{1,16})$")
_STAMP = re.compile(
    r"""\s*
    (?:(?:(?:last|first|originally)\s+)?(?:posted|published|updated|modified|created|issued|date|publicado|actualizado)
       (?:\s+(?:on|at|el))?\s*:?)?\s*
    (?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b[.,]*\s*)?
    (?:(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s+\d{1,2},?\s+\d{4}
       |\d{1,2}/\d{1,2}/\d{2,4}|\d{4}-\d\d-\d\d)
    (?:[\s,|@-]*(?:at\s+)?\d{1,2}:\d\d(?::\d\d)?\s*(?:[ap]\.?m\.?)?\s*(?:[a-z]{2,4})?)?\s*[.|]?\s*
    |\s*for\s+immediate\s+release\W*""",
    re.I | re.X,
)
"""A line that only says when the page appeared, or a release's formula: no sentence of the story."""

_TITLES = "gov sen rep reps sens lt col gen sgt capt maj dr mr mrs ms jr sr st ste hon rev prof pres supt asst atty del"
_MONTHS_AND_DAYS = (
    "jan feb mar apr jun jul aug sept sep oct nov dec mon tue tues wed thu thur thurs fri sat sun a.m p.m"
)
_STATES = """ala ariz ark calif colo conn del fla ga ill ind kan kans ky la md mass mich minn miss mo mont neb nev
okla ore pa penn tenn tex vt va wash wis wyo u.s d.c n.y n.j n.c s.c n.h n.m n.d s.d r.i w.va"""
_OTHERS = "ft mt no nos res ord art sec ch vs v etc inc co corp dept dist ave blvd rd"
_ABBREVIATIONS = frozenset(f"{_TITLES} {_MONTHS_AND_DAYS} {_STATES} {_OTHERS}".split())
"""Words whose full stop ends no sentence: titles, months, AP state abbreviations, streets."""
_MAY_END = "a.m p.m u.s d.c inc co jr sun sat art del miss"
_SENTENCE_ENDERS = frozenset(_MAY_END.split())
"""Those of them that may end one all the same, when the next word cannot follow them."""
_NEW_SENTENCE = "The It A An In On But And That This They He She We Its Their Members Council"
_AFTER_ENDER = frozenset(_NEW_SENTENCE.split())


@dataclass(slots=True)
class Sentence:
    """One sentence, headline or line.

    ``words`` are folded (lower case, possessive ``'s`` gone), ``raw`` as written; ``starts`` and ``ends`` are offsets
    into the whole. ``hits`` maps a tag to what the lexicon found, in order (see ``lexicon.Hit``).
    """

    index: int
    """0 is the title; the text's sentences count from 1."""
    start: int
    end: int
    text: str
    words: list[str] = field(default_factory=list)
    raw: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    hits: dict[str, list[tuple[int, int, str]]] = field(default_factory=dict)
    caps: bool = False
    """Written in capitals: case tells nothing."""
    memo: dict[str, Any] = field(default_factory=dict)
    """What other modules worked out about this sentence, so that they do it once."""

    def has(self, *tags: str) -> bool:
        """Whether the lexicon found any of ``tags``."""
        hits = self.hits
        return any(tag in hits for tag in tags)

    def token_at(self, offset: int) -> int:
        """Index of the token at or after ``offset``."""
        return bisect_left(self.ends, offset + 1)


def normalise(text: str) -> str:
    """Typographic quotes, dashes and spaces as plain ones; same length, code point by code point."""
    for fancy, plain in _PLAIN.items():  # a tenth of the time of str.translate: most of them do not occur
        text = text.replace(fancy, plain)
    return text


def folded(text: str) -> bytes:
    """ASCII in lower case, one byte for each code point, ``?`` for what has no ASCII letter: quick to search.

    The letters that case folding makes an i, s or k are taken for it, as a regex does that ignores case.
    """
    if not text.isascii():
        for letter, plain in (("ı", "i"), ("İ", "i"), ("ſ", "s"), ("\u212a", "k")):
            text = text.replace(letter, plain)
    return text.encode("ascii", "replace").lower()


def whole(title: str, text: str) -> str:
    """What all offsets of an article count into."""
    return title + SEPARATOR + text


def split(plain: str, title_length: int) -> Iterator[tuple[int, int]]:
    """Spans ``(start, end)`` of the sentences of a normalised whole; the first is the title, empty if there is none.

    A line break ends a sentence whatever stands before it; lines that only date the page are left out.
    """
    yield 0, title_length
    start = title_length + len(SEPARATOR)
    stop = min(len(plain), start + MAX_CHARS)
    position = start
    for match in _BOUNDARY.finditer(plain, start, stop):
        if match.group(1) == "." and "\n" not in match.group() and _abbreviates(plain, match):
            continue
        end = match.start() + (1 if match.group(1) else 0)
        yield from _cut(plain, position, end)
        position = match.end()
    yield from _cut(plain, position, stop)


def _cut(plain: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The span in pieces of at most ``MAX_SENTENCE``; nothing for a line that is furniture of the page."""
    if end - start < MAX_STAMP and _STAMP.fullmatch(plain, start, end):
        return
    while end - start > MAX_SENTENCE:
        yield start, start + MAX_SENTENCE
        start += MAX_SENTENCE
    if end > start:
        yield start, end


def _abbreviates(plain: str, match: re.Match[str]) -> bool:
    """Whether the full stop at ``match`` belongs to an abbreviation or an initial."""
    before = _LAST_WORD.search(plain, max(0, match.start() - 17), match.start())
    if before is None:
        return False
    word = before.group(1)
    if word[-1].isupper() and (len(word) == 1 or word[-2] == "."):
        return word not in ("U.S", "D.C", "U.N") or not _starts_anew(plain, match)
    folded = word.lower()
    if folded not in _ABBREVIATIONS:
        return False
    if folded == "no":
        return plain[match.end() : match.end() + 1].isdigit()
    return folded not in _SENTENCE_ENDERS or not _starts_anew(plain, match)


def _starts_anew(plain: str, match: re.Match[str]) -> bool:
    """Whether the word behind a full stop cannot follow an abbreviation."""
    return plain[match.end() : match.end() + 12].split(" ", 1)[0] in _AFTER_ENDER


def tokenise(plain: str, index: int, start: int, end: int) -> Sentence:
    """The sentence at ``plain[start:end]`` with its tokens, still without hits."""
    text = plain[start:end]
    pieces = _TOKEN.split(text)  # what stands before the first token, that token, what stands between, ...
    offsets = list(accumulate(map(len, pieces), initial=start))
    raw = pieces[1::2]
    written = [token for token in raw if len(token) > 1 and token.isalpha()]
    caps = len(written) > 3 and sum(map(str.isupper, written)) * 10 >= len(written) * 8
    return Sentence(
        index, start, end, text, list(map(_folded, raw)), raw, offsets[1:-1:2], offsets[2:-1:2], caps=caps
    )  # fmt: skip


@lru_cache(maxsize=1 << 14)
def _folded(token: str) -> str:
    folded = token.lower()
    if folded.endswith("'s"):
        return folded[:-2]
    if folded.startswith("287"):
        return "287g" if "g" in folded else folded
    if len(folded) > 2 and folded[-1] == "." and folded[1] == ".":
        return folded[:-1]
    return folded
