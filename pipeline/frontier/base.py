"""What is due and leased. It may be lost at any moment: the archive refills it.

A *due* thing (kind ``feed`` or ``entry``) has a key, a host and a time. ``claim`` hands it out with a lease and a
fencing token; ``settle`` gives it back with the time of its next turn, unless the lease went to somebody else
meanwhile. A claim that is never settled is claimed again once its lease is over (on SQLite at once when its process
is gone); when its work had begun (``begin``), that counts as a death.

Instants are aware datetimes in UTC; ``now`` is always passed in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

DueKind = Literal["feed", "entry"]

PER_HOST = 2
"""At most so many live leases per host and kind: two requests at once per host."""


@dataclass(frozen=True, slots=True)
class Due:
    """Something that will be due."""

    key: str
    host: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Claim:
    """A lease on one due thing."""

    kind: DueKind
    key: str
    host: str
    token: int
    """Grows with every claim of the key; an older token is stale."""
    deaths: int
    """How many leases on it ended in the middle of the work since it was last settled."""
    note: bytes
    """What ``settle`` or ``set_note`` last kept under (kind, key); b'' when nothing."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """An earlier article that shares fingerprints with the one posted."""

    article: str
    host: str
    overlap: int
    """Fingerprints in common."""
    size: int
    """Fingerprints that the earlier article has."""


@dataclass(frozen=True, slots=True)
class Backlog:
    """Counts of the frontier, for status and for knowing when a run is idle. What waits for the end of its host's
    hold is not due."""

    feeds: int
    """All feeds known here."""
    due_feeds: int
    due_entries: int
    entries: int
    """Entries that wait, due or not."""
    leased: int
    next_at: datetime | None
    """When the next thing that is not leased comes due."""


class Frontier(Protocol):
    """Two implementations: SQLite and Redis. The conformance suite defines the details."""

    def put(self, kind: DueKind, dues: Iterable[Due]) -> None:
        """Adds what is unknown; of something known keeps the earlier time (a live lease stays as it is)."""

    def drop(self, kind: DueKind, keys: Iterable[str]) -> None:
        """Forgets dues, their leases and their notes."""

    def claim(self, kind: DueKind, n: int, lease: timedelta, now: datetime) -> list[Claim]:
        """Up to ``n`` due things, earliest first, leased until ``now + lease``; passes over hosts that are held
        or already have ``PER_HOST`` live leases of this kind. A frontier that has been seen filled and is empty now
        hands out nothing before it is filled again, even what came in since."""

    def begin(self, claim: Claim) -> None:
        """Notes that the work on a claim begins: should its lease end unsettled, that is a death. What else of its
        batch a dying worker had claimed is not to blame."""

    def settle(self, claim: Claim, again_at: datetime | None, note: bytes | None = None) -> bool:
        """Ends a lease: due again at ``again_at``, or forgotten (None). ``note`` replaces the note. False when the
        claim is stale, and then nothing is changed."""

    def note(self, kind: str, key: str) -> bytes:
        """A note, b'' when there is none. Other rooms may keep notes of other kinds (robots.txt)."""

    def notes(self, kind: str) -> dict[str, bytes]:
        """All notes of a kind, by key."""

    def set_note(self, kind: str, key: str, note: bytes) -> None:
        """Keeps a note; an empty one is none."""

    def dues(self, kind: DueKind) -> dict[str, datetime]:
        """When everything of a kind is next due, leased or not, by key."""

    def turn(self, host: str, now: datetime, gap: timedelta) -> datetime:
        """Books the host's next request: returns ``now`` and reserves ``gap`` after it, or the later instant at
        which to come again (nothing is booked then). Holds count; one process or many."""

    def hold(self, host: str, until: datetime) -> None:
        """No request to the host before ``until`` (Retry-After). The later of two holds wins."""

    def printed(self, host: str, article: str, sentences: Sequence[int]) -> set[int]:
        """Of the sentence hashes of one article those that the host printed in two or more *other* articles;
        remembers this article's. Running it twice for one article counts once."""

    def post(self, article: str, host: str, fingerprints: Sequence[int], at: datetime) -> list[Neighbour]:
        """Inserts an article's fingerprints and looks up the others' in one atomic step, so that of two
        simultaneous copies at least one sees the other. Posting again changes nothing but looks up anew.
        A fingerprint keeps its first 20 articles. Best overlap first; never the article itself."""

    def forget(self, before: datetime) -> None:
        """Drops fingerprints and sentences that were posted before the instant."""

    def filled(self) -> bool:
        """Whether ``set_filled`` was called since the frontier was last empty."""

    def set_filled(self) -> None:
        """The archive has refilled this frontier."""

    def backlog(self, now: datetime) -> Backlog:
        """Counts at ``now``."""

    def health(self) -> str:
        """What an operator should know of the store, in one sentence; '' when there is nothing. Raises
        ``Unavailable`` when it does not answer."""

    def clear(self) -> None:
        """Forgets everything, as if lost."""

    def close(self) -> None:
        """Lets go of files and connections."""
