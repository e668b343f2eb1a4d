"""Who owns the sources of an answer, by the feeds that are watched; kept in memory for a minute."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from weakref import WeakKeyDictionary

from analyst.answers.results import SourcesAnswer
from pipeline.archive.base import Archive, every
from pipeline.feeds.owners import owner_of
from pipeline.model import Feed

KEPT = 60.0
"""Seconds for which owners are kept: reading a thousand feeds costs as much as a page of sources does (15 to 50 ms)."""


def by_source(feeds: Iterable[Feed]) -> dict[str, str]:
    """The owner of each source that has one. Feeds of one name that name several owners are several outlets, of which
    nobody can tell whose an article is: such a source has none."""
    found: dict[str, set[str]] = {}
    for feed in feeds:
        if owner := owner_of(feed):
            found.setdefault(feed.source, set()).add(owner)
    return {source: owners.pop() for source, owners in found.items() if len(owners) == 1}


class Owners:
    """The owners of one archive's sources. Threads may share it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """``clock``: seconds, for ``KEPT``."""
        self._clock = clock
        self._lock = threading.Lock()
        self._known: Mapping[str, str] = MappingProxyType({})
        self._until: float | None = None

    def read(self, archive: Archive) -> Mapping[str, str]:
        """Owners by source, of at most a minute ago. To be asked of one archive only."""
        with self._lock:
            now = self._clock()
            if self._until is None or now >= self._until:
                self._known = MappingProxyType(by_source(stored.record for stored in every(archive, Feed)))
                self._until = now + KEPT
            return self._known


_owners: WeakKeyDictionary[Archive, Owners] = WeakKeyDictionary()
_lock = threading.Lock()


def owners(archive: Archive) -> Mapping[str, str]:
    """Owners by source of an open archive, as this process keeps them. Sources whose feed is no longer watched, or that
    nobody knows the owner of, are not in it."""
    with _lock:
        kept = _owners.setdefault(archive, Owners())
    return kept.read(archive)


def shared(answer: SourcesAnswer) -> list[tuple[str, int]]:
    """The owners of more than one source of an answer, and of how many; most first."""
    counts = Counter(row["owner"] for row in answer["sources"] if row["owner"])
    return sorted(((name, n) for name, n in counts.items() if name and n > 1), key=lambda pair: (-pair[1], pair[0]))


def said(answer: SourcesAnswer) -> str:
    """How many sources, and whose: "38 sources of 12 owners (5 of unknown owner, each counted as one)"."""
    total, unknown = len(answer["sources"]), answer["unknown_owners"]
    if unknown == total:
        return f"{_counted(total, 'source')}; of none the owner is known" if total else _counted(0, "source")
    line = f"{_counted(total, 'source')} of {_counted(answer['owners'], 'owner')}"
    if unknown:
        line += f" ({unknown:,} of unknown owner" + (", each counted as one)" if unknown > 1 else ", counted as one)")
    return line


def _counted(number: int, one: str) -> str:
    return f"{number:,} {one}{'' if number == 1 else 's'}"
