"""All measures in short lines, kept in memory: what overviews, markers and looking up a measure by its id need.

Reading every docket for every page would cost what only the first page needs. A board reads all dockets once (0.4 ms
each, when they hold 60 quotes) and later only those that changed since: a docket's ``moment`` is its last change. It
reads anew from a little before the newest change it has seen, until that has stood for a while, so that neither an
archive whose scans lag nor a worker's clock that is a little off hides anything; and once an hour everything, a slice
with each look, so that none of them waits for it.

A process need not read every docket at its first look either: the lines that an earlier one had are kept in the
frontier (see ``Shelf``), brought up to date as at any look, and checked against the dockets slice by slice. A frontier
that has lost them costs the first look what it took to begin with.
"""

from __future__ import annotations

import logging
import threading
import time
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from pipeline.archive.base import Archive, Stored, every
from pipeline.errors import PipelineError
from pipeline.frontier.base import Frontier
from pipeline.model import Clock, Direction, Docket, Instrument, Measure, Stage, Vote, make_id, utc_now

log = logging.getLogger(__name__)

T = TypeVar("T")

OVERLAP = timedelta(minutes=10)
"""So far before the newest known change dockets are read again, less the time for which it has been known: what
changed before it has had that time to show up."""
LONG_AGO = timedelta(hours=12)
"""A newest change that is older has been there for longer than ``OVERLAP``, whoever's clock is off."""
RELOAD = 3_600.0
"""Seconds after which everything is read anew."""
COUNTED = 5.0
"""Seconds for which the number of dockets is taken to hold: what is new or changed is read without it, and that one
went away (forgotten, or in another archive) may show a moment later."""
SLICE = 5
"""Dockets that a look reads anew while everything is (2 ms)."""
FEW = 200
"""Dockets up to which nothing is kept in the frontier: they are read in a tenth of a second. Beyond, the lines are kept
again when those of so many have changed."""


@dataclass(frozen=True, slots=True)
class ActionLine:
    """An action without its evidence."""

    id: str
    stage: Stage
    date: str
    first_reported: datetime
    vote: Vote | None
    articles: int


@dataclass(frozen=True, slots=True)
class MeasureLine:
    """A measure without its evidence."""

    id: str
    docket: str
    place: str
    type: str
    state: str
    body: str
    instrument: Instrument | None
    identifier: str
    direction: Direction | None
    stage: str
    latest: str
    """The date of its latest action, or of the report of one without a date."""
    actions: tuple[ActionLine, ...]
    merged_into: str
    """Id of the measure that took its place, or ''."""
    filed: str
    """The label under which its docket is found."""


class Lines(dict[str, MeasureLine]):
    """All measures by id, those that were merged away included. Made anew when something has changed, and never changed
    itself: what is made of it holds as long as it does."""

    def __init__(self, lines: Iterable[MeasureLine] = ()) -> None:
        super().__init__((line.id, line) for line in lines)
        self._made: dict[Callable[[Lines], Any], Any] = {}

    def once(self, make: Callable[[Lines], T]) -> T:
        """What a function makes of the lines, made once. Not to be changed."""
        if make not in self._made:
            self._made[make] = make(self)
        made: T = self._made[make]
        return made


# ------------------------------------------------------------------ kept for the next process
@dataclass(frozen=True, slots=True)
class Snapshot:
    """The lines of all dockets as some process saw them."""

    newest: datetime
    dockets: dict[str, tuple[MeasureLine, ...]]
    form: Literal[1] = 1
    """Grows when ``MeasureLine`` changes: lines of another form are not read."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where the lines of an archive lie between two processes: a note in the frontier, about 150 bytes a measure."""

    frontier: Frontier
    archive: str
    """Its URL: lines of another archive are none of ours."""

    def load(self) -> Snapshot | None:
        """What was kept last; None when there is nothing that can be used."""
        try:
            note = self.frontier.note("board", self._key())
            snapshot: Snapshot | None = _adapter().validate_json(zlib.decompress(note)) if note else None
        except (PipelineError, ValueError, zlib.error) as error:
            log.info("the dockets are read anew: what was kept of them cannot be used: %s", error)
            return None
        return snapshot

    def save(self, snapshot: Snapshot) -> None:
        """Keeps lines. A frontier that does not take them is one that has lost them."""
        try:
            self.frontier.set_note("board", self._key(), zlib.compress(_adapter().dump_json(snapshot), 1))
        except PipelineError as error:
            log.info("the lines of the dockets could not be kept: %s", error)

    def _key(self) -> str:
        parts = urlsplit(self.archive)
        return make_id("board", parts.scheme, parts.netloc.rpartition("@")[2], parts.path)


@cache
def _adapter() -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(Snapshot)


# ------------------------------------------------------------------ the board
class Board:
    """The lines of one archive, brought up to date for each question. Threads may share it."""

    def __init__(
        self, shelf: Shelf | None = None, *, clock: Callable[[], float] = time.monotonic, now: Clock = utc_now
    ) -> None:
        """``clock``: seconds, for ``RELOAD`` and ``OVERLAP``; ``now``: for ``LONG_AGO``."""
        self._shelf = shelf
        self._clock = clock
        self._now = now
        self._lock = threading.Lock()
        self._dockets: dict[str, tuple[MeasureLine, ...]] = {}
        self._lines = Lines()
        self._newest: datetime | None = None
        """The newest change that is known."""
        self._known_at = 0.0
        """Since when."""
        self._looked_at = 0.0
        """When the last look that saw everything began."""
        self._read_at = 0.0
        self._counted_at = -COUNTED
        """When the dockets were counted last."""
        self._next: str | None = None
        """While everything is read anew: the docket after which to go on."""
        self._unkept = 0
        """Dockets whose lines have changed since the lines were kept."""

    def lines(self, archive: Archive) -> Lines:
        """All measures by id, those that were merged away included. To be asked of one archive only."""
        with self._lock:
            before = self._unkept
            if self._newest is None:
                self._begin()
            if self._newest is None or not self._update(archive):
                self._read_everything(archive)
            else:
                self._read_slice(archive)
            if self._unkept != before:
                self._lines = Lines(line for lines in self._dockets.values() for line in lines)
                self._keep()
            return self._lines

    def _begin(self) -> None:
        """Takes over what an earlier process saw; what it could not know is found slice by slice."""
        if self._shelf and (kept := self._shelf.load()):
            self._dockets, self._newest = dict(kept.dockets), kept.newest
            self._known_at = self._looked_at = self._clock()
            self._lines = Lines(line for lines in self._dockets.values() for line in lines)
            self._next = ""

    def _update(self, archive: Archive) -> bool:
        """Reads what changed; False when something went away, so that all has to be read."""
        assert self._newest is not None, "there is something to bring up to date"
        begun = self._clock()
        self._take(every(archive, Docket, since=self._newest - self._overlap(self._newest)))
        self._looked_at = begun
        if begun - self._counted_at < COUNTED:
            return True
        self._counted_at = begun
        if (count := archive.count(Docket)) > len(self._dockets):  # one was made between the two questions
            self._take(every(archive, Docket, since=self._newest - self._overlap(self._newest)))
            count = archive.count(Docket)
        return count == len(self._dockets)

    def _read_everything(self, archive: Archive) -> None:
        self._newest = self._next = None
        self._read_at = self._looked_at = self._clock()
        self._dockets = {}
        self._unkept += 1  # what went away changes the lines too
        self._take(every(archive, Docket))

    def _overlap(self, newest: datetime) -> timedelta:
        if self._now() - newest > LONG_AGO:
            return timedelta(0)
        return max(timedelta(0), OVERLAP - timedelta(seconds=max(0.0, self._looked_at - self._known_at)))

    def _read_slice(self, archive: Archive) -> None:
        if self._next is None and self._clock() - self._read_at > RELOAD:
            self._next = ""
        if self._next is not None:
            page = archive.scan(Docket, after=self._next, n=SLICE)
            self._take(page)
            self._next = page[-1].record.id if len(page) == SLICE else None
            self._read_at = self._clock()

    def _take(self, found: Iterable[Stored[Docket]]) -> None:
        for stored in found:
            docket = stored.record
            if self._newest is None or docket.changed > self._newest:
                self._newest, self._known_at = docket.changed, self._clock()
            lines = tuple(measure_line(measure, docket) for measure in docket.measures)
            if self._dockets.get(docket.id) != lines:
                self._dockets[docket.id] = lines
                self._unkept += 1

    def _keep(self) -> None:
        if self._shelf and self._newest and self._unkept > max(FEW, len(self._dockets) // 20):
            self._shelf.save(Snapshot(self._newest, self._dockets))
            self._unkept = 0


def measure_line(measure: Measure, of: Docket) -> MeasureLine:
    """A measure of a docket in short."""
    actions = sorted(measure.actions, key=lambda action: (action.date or "9", action.first_reported))
    return MeasureLine(
        id=measure.id,
        docket=of.id,
        place=measure.jurisdiction.label,
        type=measure.jurisdiction.type,
        state=measure.jurisdiction.state,
        body=measure.body,
        instrument=measure.instrument,
        identifier=measure.identifier,
        direction=measure.direction,
        stage=measure.stage,
        latest=latest(measure),
        actions=tuple(
            ActionLine(
                action.id, action.stage, action.date, action.first_reported, action.vote, len(action.articles)
            )
            for action in actions
        ),
        merged_into=measure.merged_into.rpartition(":")[2],
        filed=of.jurisdiction.label,
    )  # fmt: skip


def latest(measure: Measure) -> str:
    """The date of its latest action, or of the report of one without a date."""
    return max((action.date or action.first_reported.date().isoformat() for action in measure.actions), default="")


# ------------------------------------------------------------------ of this process
_boards: WeakKeyDictionary[Archive, Board] = WeakKeyDictionary()
_lock = threading.Lock()


def keep_lines(archive: Archive, url: str, frontier: Frontier) -> None:
    """Lets this process begin with the lines that an earlier one kept in the frontier, and keep its own there. Both
    stores are the caller's, and open as long as the archive is asked; ``url`` is the archive's."""
    with _lock:
        _boards[archive] = Board(Shelf(frontier, url))


def measure_lines(archive: Archive) -> Lines:
    """All measures of an open archive by id, from its board in this process."""
    with _lock:
        board = _boards.setdefault(archive, Board())
    return board.lines(archive)
