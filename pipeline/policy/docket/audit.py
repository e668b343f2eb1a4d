"""The trail of what people changed in a docket, and what follows from it for later reports.

An audit entry's id says what was done to what (``merge:…``, ``intend:…``, ``split:…``, ``correct:…``,
``withdraw:…``), so that doing the same again is seen as done, and a field that a person set stays set whatever later
reports tell.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from pipeline.model import Audit, Docket, make_id


@dataclass(frozen=True, slots=True)
class Intention:
    """A merge into another docket that was begun in the source's: ``measure`` goes ``into`` the other's measure."""

    source: str
    measure: str
    target: str
    into: str
    why: str
    at: datetime

    @property
    def audit(self) -> str:
        """Id of the audit entry that both dockets get when it is done."""
        return merge_id(self.source, self.measure, self.target, self.into)


def merge_id(source: str, measure: str, target: str, into: str) -> str:
    """Id of the entry for a merge of ``source:measure`` into ``target:into``."""
    return f"merge:{source}:{measure}:{target}:{into}"


def intend_id(source: str, measure: str, target: str, into: str) -> str:
    """Id of the entry that announces a merge across dockets."""
    return f"intend:{source}:{measure}:{target}:{into}"


def split_id(measure: str, chosen: Iterable[str]) -> str:
    """Id of the entry for taking the chosen actions or articles out of a measure."""
    return f"split:{measure}:{make_id('split', *sorted(chosen))}"


def correct_id(docket: Docket, measure: str, action: str, fields: Iterable[str]) -> str:
    """Id of the next entry for correcting fields of a measure, or of its action."""
    start = f"correct:{measure}:{action}:{'+'.join(sorted(fields))}:"
    return f"{start}{1 + sum(entry.id.startswith(start) for entry in docket.audit)}"


def withdraw_id(measure: str) -> str:
    """Id of the entry for taking a measure off the docket."""
    return f"withdraw:{measure}"


def has(docket: Docket, entry: str) -> bool:
    """Whether that was done already."""
    return any(known.id == entry for known in docket.audit)


def with_entry(docket: Docket, entry: Audit) -> Docket:
    """The docket with one more entry on its trail."""
    return replace(docket, audit=(*docket.audit, entry), changed=entry.at)


def intentions(docket: Docket) -> list[Intention]:
    """The merges into other dockets that were begun here and are not done: a sweep carries them on."""
    found = []
    for entry in docket.audit:
        what, _, rest = entry.id.partition(":")
        if what == "intend":
            source, measure, target, into = rest.split(":")
            intention = Intention(source, measure, target, into, entry.why, entry.at)
            if not has(docket, intention.audit):
                found.append(intention)
    return found


def pinned(docket: Docket, measure: str, action: str = "") -> frozenset[str]:
    """Fields of a measure (or of its action) that a person set: reports no longer change them."""
    start = f"correct:{measure}:{action}:"
    return frozenset(
        field
        for entry in docket.audit
        if entry.id.startswith(start)
        for field in entry.id.removeprefix(start).split(":")[0].split("+")
    )
