"""What kind of article this is, what kind of source, and whether the text may speak for itself.

Cues are data (``config/topic/kinds.toml``); the source's kind decides when no cue does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import cast

from pipeline.model import ArticleKind, SourceKind
from pipeline.policy.lexicon import Lexicon
from pipeline.policy.sentences import folded

LEAD_CHARS = 400
TEXT_CHARS = 6_000
"""Cues of the text are looked for in its beginning only."""

PRIOR: dict[str, ArticleKind] = {
    "news": "news", "wire": "wire", "government": "government_document", "advocacy": "advocacy", "opinion": "opinion",
    "aggregator": "news",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kind:
    """The kind and the rule that decided ('kind.source' when the source's kind did)."""

    kind: ArticleKind
    rule: str
    muted: str = ""
    """The rule that forbids this text to alert alone; '' when none does."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of an article in which cues are looked for."""

    text: str
    folded: bytes

    @classmethod
    def of(cls, text: str) -> _Part:
        return cls(text, folded(text))


@dataclass(frozen=True, slots=True)
class _Regex:
    """A regex, and strings one of which stands in whatever it matches: to look for these is far cheaper."""

    pattern: re.Pattern[str]
    needles: tuple[bytes, ...]

    @classmethod
    def of(cls, source: str) -> _Regex:
        return cls(
            re.compile(source, re.I | re.M if source.startswith("^") else re.I), tuple(map(folded, needles(source)))
        )

    def found_in(self, part: _Part) -> bool:
        text = part.folded
        return any(needle in text for needle in self.needles) and self.pattern.search(part.text) is not None


_PIECE = re.compile(
    r"""(?P<choice>\((?!\?)[^()\\\[\]{}.?*+^$]+\)) (?![?*+{])             # (one|another)
      | (?P<plain>(?:(?:\\[^\w\s]|[^\\()\[\]{}.?*+^$|])(?![?*+{]))+)      # characters as they stand, or escaped
      | \((?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*\) | \[[^]]*\] | \{[^}]*\} | \\. | .  # what says nothing for sure""",
    re.VERBOSE | re.DOTALL,
)


def needles(source: str) -> tuple[str, ...]:
    """Strings in lower case one of which stands in every match of a regex; ``("",)`` when none can be told.

    Of what a match must hold one after the other, plain characters and plain alternatives, the one whose shortest
    string is longest.
    """
    best: tuple[str, ...] = ("",)
    for piece in _PIECE.finditer(source):
        if piece[0] == "|":  # alternatives of the whole
            return ("",)
        if piece["choice"]:
            strings = tuple(piece["choice"][1:-1].lower().split("|"))
        else:
            strings = (re.sub(r"\\(.)", r"\1", piece["plain"] or "").lower(),)
        if min(map(len, strings)) > min(map(len, best)):
            best = strings
    return best


@dataclass(frozen=True, slots=True)
class _Cue:
    id: str
    kind: str
    where: tuple[str, ...]
    least: int
    regexes: tuple[_Regex, ...]

    def holds(self, parts: Mapping[str, _Part]) -> bool:
        found = 0
        for regex in self.regexes:
            if any(regex.found_in(parts[where]) for where in self.where if parts[where].text):
                found += 1
                if found >= self.least:
                    return True
        return False


@cache
def _cues(lexicon: Lexicon, group: str) -> tuple[_Cue, ...]:
    rows = lexicon.tables.get("kinds", {}).get(group, ())
    return tuple(
        _Cue(
            row.get("id", f"{group}.{row.get('kind', '')}"),
            row.get("kind", ""),
            tuple(row.get("in", ("text",))),
            row.get("least", 1),
            tuple(_Regex.of(source) for source in row["any"]),
        )
        for row in rows
    )


def kind_of(lexicon: Lexicon, title: str, text: str, *, section: str, source_kind: SourceKind) -> Kind:
    """The article's kind by its cues, else by its source."""
    places = {"title": title.lstrip(), "lead": text[:LEAD_CHARS], "text": text[:TEXT_CHARS], "section": section}
    parts = {name: _Part.of(place) for name, place in places.items()}
    muted = next((cue.id for cue in _cues(lexicon, "mute") if cue.holds(parts)), "")
    for cue in _cues(lexicon, "kind"):
        if cue.holds(parts):
            if cue.kind == "opinion" and cue.least > 1 and source_kind in ("wire", "government"):
                continue
            if cue.kind == "wire" and source_kind not in ("news", "wire"):
                continue
            return Kind(cast(ArticleKind, cue.kind), cue.id, muted)
    return Kind(PRIOR[source_kind], "kind.source", muted)


def source_kind_of(lexicon: Lexicon, outlet: str) -> SourceKind:
    """A source's kind by its name, for texts whose feed is not known; 'news' when the name tells nothing."""
    parts = {"text": _Part.of(outlet)}
    for cue in _cues(lexicon, "source"):
        if cue.holds(parts):
            return cast(SourceKind, cue.kind)
    return "news"
