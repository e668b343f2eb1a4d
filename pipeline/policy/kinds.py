"""What kind of article this is, what kind of source, and whether the text may speak for itself.

Cues are data (``config/topic/kinds.toml``); the source's kind decides when no cue does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import cast

from pipeline.model import ArticleKind, SourceKind
from pipeline.policy.lexicon import Lexicon

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
class _Cue:
    id: str
    kind: str
    where: tuple[str, ...]
    least: int
    regexes: tuple[re.Pattern[str], ...]

    def holds(self, parts: dict[str, str]) -> bool:
        found = 0
        for regex in self.regexes:
            if any(regex.search(parts[where]) for where in self.where if parts[where]):
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
            tuple(re.compile(regex, re.I | re.M if regex.startswith("^") else re.I) for regex in row["any"]),
        )
        for row in rows
    )


def kind_of(lexicon: Lexicon, title: str, text: str, *, section: str, source_kind: SourceKind) -> Kind:
    """The article's kind by its cues, else by its source."""
    parts = {"title": title.lstrip(), "lead": text[:LEAD_CHARS], "text": text[:TEXT_CHARS], "section": section}
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
    for cue in _cues(lexicon, "source"):
        if cue.holds({"text": outlet}):
            return cast(SourceKind, cue.kind)
    return "news"
