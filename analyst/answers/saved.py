"""Searches that analysts keep under a name."""

from __future__ import annotations

from datetime import datetime

from analyst.answers.find import checked_zone
from analyst.answers.results import SavedAnswer, SavedRow
from analyst.answers.text import moment
from pipeline.archive.base import Archive, every
from pipeline.archive.query import parse
from pipeline.errors import NotKnown, UserError
from pipeline.model import Saved, make_id

LONGEST_NAME = 100
MOST = 1_000
"""Searches that an archive keeps: more cannot be looked through by a person."""


def saved(archive: Archive) -> SavedAnswer:
    """All saved searches by name."""
    found = sorted((s.record for s in every(archive, Saved)), key=lambda s: (s.name.casefold(), s.id))
    return {"saved": [saved_row(search) for search in found]}


def saved_row(search: Saved) -> SavedRow:
    """A saved search as an answer shows it."""
    return {
        "id": search.id,
        "name": search.name,
        "query": search.query,
        "tz": search.zone,
        "created": moment(search.created),
    }


def saved_search(archive: Archive, id: str) -> Saved:
    """One of them. Raises ``NotKnown``."""
    stored = archive.get(Saved, id)
    if stored is None:
        raise NotKnown("there is no saved search by this id", subject=id)
    return stored.record


def save(archive: Archive, name: str, query: str, *, zone: str = "UTC", now: datetime) -> Saved:
    """Keeps a search under a name; the same search under the same name is kept once. Raises ``QueryError``, and
    ``UserError`` on a name or zone that cannot be used and when there are too many."""
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise UserError(f"a name is 1 to {LONGEST_NAME} printable characters")
    parse(query)
    made = Saved(make_id("saved", name, query), name, query, now, checked_zone(zone))
    if archive.get(Saved, made.id) is None and archive.count(Saved) >= MOST:
        raise UserError(f"{MOST:,} searches are saved already; remove one first")
    if not archive.create(made):
        return saved_search(archive, made.id)
    return made


def unsave(archive: Archive, id: str) -> Saved:
    """Keeps a search no longer. Raises ``NotKnown``."""
    search = saved_search(archive, id)
    archive.delete(Saved, id)
    return search
