"""Bylines split into names."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pipeline.feeds.text import plain

MAX_AUTHORS = 20
_CAP = 100
"""Code points of one name; what is longer is no name."""

_BY = re.compile(r"(?:by|por|from)[ :]\s*", re.IGNORECASE)
_BETWEEN = re.compile(r"\s*[;|]\s*|\s+(?:and|&|y)\s+|,\s+(?:and\s+)?")
_TITLES = {"jr", "jr.", "sr", "sr.", "ii", "iii", "iv", "md", "m.d.", "phd", "ph.d.", "esq", "esq."}
_ADDRESS = re.compile(r"<?[^\s<>()@]{1,100}@[^\s<>()@]{1,100}>?")


def split_authors(bylines: Iterable[str]) -> tuple[str, ...]:
    """Names in order, each once: "By Ana Ruiz and Lee Park, City News" gives three. "Ruiz, Ana" stays one; an e-mail
    address is no name."""
    names: dict[str, str] = {}
    for byline in bylines:
        line = _ADDRESS.sub(" ", plain(byline, 1_000)) if "@" in byline else plain(byline, 1_000)
        line = line.strip(" ()<>,;")
        if by := _BY.match(line):
            line = line[by.end() :]
        for name in _split(line):
            if name and len(name) <= _CAP and any(map(str.isalpha, name)):
                names.setdefault(name.casefold(), name)
    return tuple(names.values())[:MAX_AUTHORS]


def _split(line: str) -> list[str]:
    parts = [part.strip() for part in _BETWEEN.split(line)]
    if len(parts) == 2 and line.count(",") == 1 and not any(" " in part for part in parts):
        return [line]  # "Ruiz, Ana"
    joined: list[str] = []
    for part in parts:
        if joined and part.lower() in _TITLES:
            joined[-1] += f", {part}"
        else:
            joined.append(part)
    return joined
