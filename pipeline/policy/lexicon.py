"""``config/topic/*.toml`` in memory: terms with tags, verbs with their forms, patterns over tags.

All that the policy room knows about its topic stands in those files; ``docs/lexicon.md`` tells how to change them.

* A **term** is a phrase, found word by word, the longest first. ``(a|b)`` stands for either, ``(a|)`` for a or
  nothing. A word of a term that has a capital letter must be written so in the text (``ICE``, ``Trust Act``), unless
  the whole headline is in capitals. Hyphens count as spaces. A term whose tags are all ``soft`` hides no other term.
* A **verb** is given once (``approve``); its forms are made here, an irregular one lists five
  (``undo undoes undid undone undoing``). It is found under the tag ``V:class`` with the form as its name.
* A **pattern** is a list of tags (``A|B`` for either, ``=word`` for a word) that must follow each other in one
  sentence with at most ``gap`` tokens between two of them, and none of the tags in ``unless`` within its span or just
  before it.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from pipeline.policy.sentences import Sentence

TOPIC = Path(__file__).parents[2] / "config" / "topic"

_GROUP = re.compile(r"\(([^()]*)\)")
_WORDS = re.compile(r"287g|(?:[A-Za-z]\.){2,}|\d+|[^\W\d_]+(?:'[^\W\d_]+)*")

BEFORE = 3
"""Tokens before a pattern in which ``unless`` is looked for: 'will no longer honor' does not honor."""

MOST_STARTS = 40
"""Places of one sentence in which a pattern may begin; no real sentence has more."""

Entry = tuple[tuple[str, ...], tuple[str | None, ...] | None, tuple[tuple[str, str], ...]]


@dataclass(frozen=True, slots=True)
class Pattern:
    """A rule over tags; ``sign`` and ``attributes`` mean what its file says."""

    id: str
    seq: tuple[tuple[str, ...], ...]
    gap: int = 4
    unless: tuple[str, ...] = ()
    attributes: Mapping[str, Any] = field(default_factory=dict)

    def find(self, sentence: Sentence) -> Iterator[tuple[int, int]]:
        """Token spans ``(first, last + 1)`` where the pattern holds, at most one for each place it can begin."""
        hits = sentence.hits
        present: frozenset[str] | None = sentence.memo.get("present")
        if present is None:
            present = sentence.memo["present"] = frozenset((*hits, *(f"={word}" for word in sentence.words)))
        for alternatives in self.seq:
            if present.isdisjoint(alternatives):
                return
        parts = [_spans(sentence, alternatives) for alternatives in self.seq]
        starts = [[first for first, _ in spans] for spans in parts]
        for begin, end in parts[0][:MOST_STARTS]:
            stop = end
            for spans, firsts in zip(parts[1:], starts[1:], strict=True):
                index = bisect_left(firsts, stop)
                if index == len(firsts) or firsts[index] > stop + self.gap:
                    break
                stop = spans[index][1]
            else:
                if ";" in sentence.words[begin:stop]:
                    continue
                if self.unless and begin and sentence.words[begin - 1] == "from":
                    continue  # 'bars cities from entering into agreements': what one is kept from is not done
                if any(begin - BEFORE <= first < stop for tag in self.unless for first, _, _ in hits.get(tag, ())):
                    continue
                yield begin, stop


def _spans(sentence: Sentence, alternatives: tuple[str, ...]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for tag in alternatives:
        if tag[0] == "=":
            word = tag[1:]
            found += [(index, index + 1) for index, own in enumerate(sentence.words) if own == word]
        else:
            found += [(first, last) for first, last, _ in sentence.hits.get(tag, ())]
    return sorted(found) if len(alternatives) > 1 else found


class Lexicon:
    """Terms by their first word, patterns by group, and the plain tables of the files.

    ``tables`` holds every file's content by file name. Raises ``ValueError`` naming file and rule when a rule cannot
    be used.
    """

    def __init__(self, tables: Mapping[str, Mapping[str, Any]]) -> None:
        self.tables = tables
        names = (name.lower() for law in tables.get("laws", {}).get("law", ()) for name in law["names"])
        self.gate = (*tables.get("terms", {}).get("gate", ()), *names)
        """Words without which no article is read further, in lower case: ``gate`` of terms.toml and named laws."""
        self.soft = frozenset(tag for table in tables.values() for tag in table.get("soft", ()))
        self._entries: dict[str, list[Entry]] = {}
        self._patterns: dict[tuple[str, str], tuple[Pattern, ...]] = {}
        merged: dict[tuple[tuple[str, ...], tuple[str | None, ...] | None], list[tuple[str, str]]] = {}
        for name, table in tables.items():
            for phrase, tag, value in _terms(name, table):
                words = tuple(_WORDS.findall(phrase))
                if not words:
                    raise ValueError(f"{name}.toml: empty term for {tag}")
                folded = tuple(_fold(word) for word in words)
                cased = tuple(word if word != word.lower() else None for word in words)
                key = (folded, cased if any(cased) else None)
                merged.setdefault(key, [])
                if (tag, value) not in merged[key]:
                    merged[key].append((tag, value))
        for (folded, case), payload in merged.items():
            self._entries.setdefault(folded[0], []).append((folded, case, tuple(payload)))
        for entries in self._entries.values():
            entries.sort(key=lambda entry: (-len(entry[0]), entry[1] is None))

    def tag(self, sentence: Sentence) -> Sentence:
        """Fills ``sentence.hits``, leftmost longest."""
        words, raw, entries = sentence.words, sentence.raw, self._entries
        hits, length, index = sentence.hits, len(words), 0
        while index < length:
            step = 1
            candidates = entries.get(words[index])
            if candidates is not None:
                behind = words[index + 1] if index + 1 < length else ""
                for folded, case, payload in candidates:
                    size = len(folded)
                    if size > 1 and (behind != folded[1] or tuple(words[index : index + size]) != folded):
                        continue
                    if case is not None and not sentence.caps and not _same_case(case, raw, index):
                        continue
                    hard = False
                    for tag, value in payload:
                        hits.setdefault(tag, []).append((index, index + size, value))
                        hard = hard or tag not in self.soft
                    if hard:
                        if size > 1:
                            self._soft_inside(sentence, index + 1, index + size)
                        step = size
                        break
            index += step
        return sentence

    def _soft_inside(self, sentence: Sentence, start: int, stop: int) -> None:
        """Soft terms inside a longer one: 'gave final approval' still says that it was final."""
        words = sentence.words
        for index in range(start, stop):
            for folded, case, payload in self._entries.get(words[index], ()):
                end = index + len(folded)
                if case is None and end <= stop and tuple(words[index:end]) == folded:
                    for tag, value in payload:
                        if tag in self.soft:
                            sentence.hits.setdefault(tag, []).append((index, end, value))

    def patterns(self, name: str, group: str) -> tuple[Pattern, ...]:
        """The patterns of ``[[group]]`` in ``name.toml``, in the file's order."""
        key = (name, group)
        if key not in self._patterns:
            self._patterns[key] = _patterns(name, group, self.tables.get(name, {}).get(group, ()))
        return self._patterns[key]

    def table(self, name: str, key: str) -> Any:
        """What ``key`` holds in ``name.toml``; raises ``KeyError`` when the file lacks it."""
        return self.tables[name][key]


def _same_case(case: tuple[str | None, ...], raw: list[str], index: int) -> bool:
    for offset, word in enumerate(case):
        if word is not None:
            own = raw[index + offset]
            if own != word and not (own.startswith(word) and own[len(word) :] in ("'s", "s'")):
                return False
    return True


def _fold(word: str) -> str:
    folded = word.lower()
    if folded.endswith("'s"):
        return folded[:-2]
    return folded[:-1] if folded.endswith(".") else folded


def _patterns(name: str, group: str, rows: Iterable[Mapping[str, Any]]) -> tuple[Pattern, ...]:
    made = []
    for row in rows:
        rest = {key: value for key, value in row.items() if key not in ("id", "seq", "gap", "unless")}
        if not row.get("id") or not row.get("seq"):
            raise ValueError(f"{name}.toml: a pattern of {group} lacks id or seq: {dict(row)}")
        seq = tuple(tuple(part.split("|")) for part in row["seq"])
        made.append(Pattern(row["id"], seq, row.get("gap", 4), tuple(row.get("unless", ())), rest))
    return tuple(made)


def _terms(name: str, table: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """``(phrase, tag, value)`` of ``[terms]``, ``[values.TAG]``, ``[[law]]`` and ``[verbs]``."""
    for tag, phrases in table.get("terms", {}).items():
        for phrase in phrases:
            for plain in expand(phrase):
                yield plain, tag, plain
    for tag, values in table.get("values", {}).items():
        for value, phrases in values.items():
            for phrase in phrases:
                for plain in expand(phrase):
                    yield plain, tag, value
    for law in table.get("law", ()):
        for phrase in law["names"]:
            yield phrase, "LAW", law["id"]
            yield phrase, "LAW+" if law["sign"] > 0 else "LAW-", law["id"]
        for number in law["numbers"]:
            yield number, "LAWNUMBER", law["id"]
            yield number, "LAW+" if law["sign"] > 0 else "LAW-", law["id"]
    for kind, verbs in table.get("verbs", {}).items():
        for verb in verbs:
            for form, surface in inflect(verb):
                for plain in expand(surface):
                    yield plain, f"V:{kind}", form


def expand(phrase: str) -> Iterator[str]:
    """``"safe (city|haven)"`` to each of its readings."""
    match = _GROUP.search(phrase)
    if match is None:
        yield " ".join(phrase.split())
        return
    for choice in match.group(1).split("|"):
        yield from expand(phrase[: match.start()] + choice + phrase[match.end() :])


def inflect(verb: str) -> Iterator[tuple[str, str]]:
    """``(form, surface)`` of an English verb: base, s, past, pp (or ed for both), ing.

    ``verb`` is its base, perhaps with a particle (``vote down``), or five forms; ``=form word`` names one form of a
    word that is no regular verb. A doubled last letter is written ``ban+``.
    """
    if verb.startswith("="):
        form, surface = verb[1:].split(" ", 1)
        yield form, surface
        return
    if "," in verb:
        for form, surface in zip(("base", "s", "past", "pp", "ing"), verb.split(","), strict=True):
            yield form, surface.strip()
        return
    base, _, particle = verb.partition(" ")
    tail = f" {particle}" if particle else ""
    double = base.endswith("+")
    base = base.rstrip("+")
    stem = base + base[-1] if double else base
    if base.endswith("e"):
        past, gerund = base + "d", base[:-1] + "ing"
    elif base.endswith("y") and base[-2] not in "aeiou":
        past, gerund = base[:-1] + "ied", base + "ing"
    else:
        past, gerund = stem + "ed", stem + "ing"
    if base.endswith("y") and base[-2] not in "aeiou":
        third = base[:-1] + "ies"
    elif base.endswith(("s", "sh", "ch", "x", "z")):
        third = base + "es"
    else:
        third = base + "s"
    for form, surface in (("base", base), ("s", third), ("ed", past), ("ing", gerund)):
        yield form, surface + tail


@cache
def lexicon() -> Lexicon:
    """The lexicon of ``config/topic``, read once in a process."""
    return read_topic(TOPIC)


def read_topic(folder: Path) -> Lexicon:
    """The lexicon in ``folder``. Raises ``ValueError`` on a rule that cannot be used."""
    tables = {path.stem: tomllib.loads(path.read_text()) for path in sorted(folder.glob("*.toml"))}
    return Lexicon({name: table for name, table in tables.items() if name != "places"})
