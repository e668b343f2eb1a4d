"""When two names mean the same law: numbers ("SB 54", "S.B. 54", "Council Bill 17-940") and titles ("TRUST Act").

The same number is not the same law in another session; the years are ``matching``'s business, not this module's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Verdict = Literal["same", "different", "other chamber", "unknown"]

_KINDS: tuple[tuple[str, str], ...] = (
    (r"SENATE (?:BILL|INVOICE)|SB|S", "sb"),
    (r"HOUSE (?:BILL|INVOICE)|HB|H", "hb"),
    (r"ASSEMBLY BILL|AB|A", "ab"),
    (r"SENATE FILE|SF", "sf"),
    (r"HOUSE FILE|HF", "hf"),
    (r"LEGISLATIVE DOCUMENT|LD", "ld"),
    (r"LEGISLATIVE BILL|LB", "lb"),
    (r"(?:EXPEDITED |COUNCIL |TOWN )*BILL|CB|INT(?:RO(?:DUCTION)?)?", "bill"),
    (r"ORDINANCE|ORD", "ordinance"),
    (r"LOCAL LAW|LL", "local law"),
    (r"(?:POLICY )?RESOLUTION|RESO?|R", "resolution"),
    (r"EXECUTIVE ORDER|EO", "order"),
    (r"(?:EXECUTIVE |MAYORAL )?DIRECTIVE|ED", "directive"),
    (r"PROPOSITION|PROP|(?:BALLOT )?MEASURE|QUESTION|INITIATIVE", "ballot"),
    (r"ACT", "act"),
    (r"", "file"),
)
_CHAMBERS = frozenset({"sb", "hb", "ab", "sf", "hf", "ld", "lb"})
_CODES = re.compile(r"^(?:CHAPTER|CH|SECTION|RCW|ORS|NRS|TITLE|ARTICLE|\d+ U S C)\b")
_NUMBERED = re.compile(r"^(?P<kind>[A-Z ]*?)[ -]*(?:(?:NO|NUMBER|NUM)\b)?[ -]*(?P<number>\d[\dA-Z-]*)$")
_SPLIT = re.compile(r"\s*(?:/|;|&|\band\b|,(?!\d{3}))\s*", re.IGNORECASE)
_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")
_APPOSITIONS = frozenset(
    ["", "the", "known as", "known as the", "called", "called the", "dubbed", "dubbed the", "or", "or the"]
)
"""What may stand between two names of one law."""
_FILLERS = frozenset([
    "a", "an", "the", "of", "for", "to", "in", "on", "and", "or", "by", "with", "from", "at", "as", "its", "their",
    "new", "city", "county", "town", "state", "local", "federal", "act", "bill", "law", "ordinance", "resolution",
    "policy", "order", "directive", "measure", "council", "board", "commission",
])  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Name:
    kind: str
    numbers: frozenset[int] = frozenset()
    words: frozenset[str] = frozenset()


def compare_identifiers(one: str, other: str) -> Verdict:
    """Whether two identifiers mean the same law of one jurisdiction.

    Either may list several ("HB 444/SB 245" are companions); one in common is enough. 'different' only when both
    are numbers of the same series; 'other chamber' when both are bills but of different chambers, which may be
    companions. A title against a number is 'unknown'.
    """
    verdicts = {_compare(a, b) for a in _parse(one) for b in _parse(other)}
    ordered: tuple[Verdict, ...] = ("same", "different", "other chamber")
    for verdict in ordered:
        if verdict in verdicts:
            return verdict
    return "unknown"


def is_number(identifier: str) -> bool:
    """Whether an identifier is a number of a series, not a title."""
    return any(name.numbers for name in _parse(identifier))


def mentions(text: str, identifier: str) -> bool:
    """Whether a text names the law: its number however spelt, or its title."""
    words = _spaced(text)
    return any(f" {part} " in words for part in (_spaced(piece).strip() for piece in _SPLIT.split(identifier)) if part)


def side_by_side(text: str, one: str, other: str) -> bool:
    """Whether a text names two laws as one: "SB 31, the TRUST Act", "HB 444/SB 245", "Ordinance 7 (Bill 12)"; not "HB
    511 and SB 62"."""
    if not one or not other or compare_identifiers(one, other) == "different":
        return False
    words = _spaced(text)
    places = [_found(words, one), _found(words, other)]
    for first in places[0]:
        for second in places[1]:
            (_, end), (start, _) = sorted((first, second))
            if end <= start and words[end:start].strip() in _APPOSITIONS:
                return True
    return False


def _found(words: str, identifier: str) -> list[tuple[int, int]]:
    parts = [part for part in (_spaced(piece) for piece in _SPLIT.split(identifier)) if part.strip()]
    return [
        (match.start() + 1, match.start() + len(part) - 1)
        for part in parts
        for match in re.finditer(f"(?={re.escape(part)})", words)
    ]


def distinctive_words(text: str, *ignored: str) -> frozenset[str]:
    """The words of a topic that could tell one measure from another; those of ``ignored`` texts are left out."""
    return frozenset(_WORD.findall(text.casefold())) - _FILLERS - _words(ignored)


def overlap(one: frozenset[str], other: frozenset[str]) -> float | None:
    """Share of the smaller set found in the other; None when either is empty."""
    if not one or not other:
        return None
    return len(one & other) / min(len(one), len(other))


def _words(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(word for text in texts for word in _WORD.findall(text.casefold()))


def _spaced(text: str) -> str:
    joined = re.sub(r"(?<=\b[A-Za-z])\.(?=[A-Za-z]\b)", "", text)
    parted = re.sub(r"(?<=[a-z])(?=\d)", " ", joined.casefold())
    return " " + " ".join(_WORD.findall(parted)) + " "


@lru_cache(maxsize=4096)
def _parse(identifier: str) -> tuple[_Name, ...]:
    return tuple(_parse_one(part) for part in _SPLIT.split(identifier) if part.strip())


def _parse_one(text: str) -> _Name:
    plain = re.sub(r"(?<=\d),(?=\d{3})", "", text.upper())
    plain = " ".join(re.sub(r"[.#]|\bN\.?S\b\.?$", " ", re.sub(r"\b([A-Z])\.(?=[A-Z]\b)", r"\1", plain)).split())
    plain = plain.replace("–", "-").strip(" -")
    if (match := _NUMBERED.match(plain)) and not _CODES.match(plain):
        kind = re.sub(r"(?<=\w) [A-Z]$", "", match["kind"].strip())
        for pattern, name in _KINDS:
            if re.fullmatch(pattern, kind):
                return _Name(name, numbers=_numbers(match["number"]))
    return _Name("title", words=distinctive_words(text) or _words([text]))


def _numbers(text: str) -> frozenset[int]:
    """``17-0940`` is {17, 940}: a series' year may be left out or written in full."""
    parts = [int(part) for part in re.findall(r"\d+", text)]
    if len(parts) > 1:
        parts = [part % 100 if 1900 <= part < 2100 else part for part in parts]
    return frozenset(parts)


def _compare(one: _Name, other: _Name) -> Verdict:
    if one.kind == other.kind == "title":
        return "same" if one.words <= other.words or other.words <= one.words else "unknown"
    if "title" in (one.kind, other.kind):
        return "unknown"
    alike = one.numbers <= other.numbers or other.numbers <= one.numbers
    if one.kind == other.kind and one.kind != "file":
        return "same" if alike else "different"
    if one.kind in _CHAMBERS and other.kind in _CHAMBERS:
        return "other chamber"
    if "file" in (one.kind, other.kind) or {one.kind, other.kind} <= {"bill", "ordinance", "act", "local law"}:
        return "same" if alike else "unknown"
    return "unknown"
