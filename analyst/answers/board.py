"""All measures in short lines, kept in memory: what overviews, markers and looking up a measure by its id need.

Reading every docket for every page would cost what only the first page needs. A board reads all dockets once (0.4 ms
each, when they hold 60 quotes) and later only those that changed since: a docket's ``moment`` is its last change. It
reads anew from a little before the newest change it has seen, so that neither an archive whose scans lag nor a
worker's clock that is a little off hides anything, and everything once an hour.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

from pipeline.archive.base import Archive, every
from pipeline.model import Direction, Docket, Instrument, Measure, Stage, Vote

OVERLAP = timedelta(minutes=10)
"""So far before the newest known change dockets are read again each time."""
RELOAD = 3_600.0
"""Seconds after which everything is read anew."""


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


class Board:
    """The lines of one archive, brought up to date for each question. Threads may share it."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        """``clock``: seconds, for ``RELOAD``."""
        self._clock = clock
        self._lock = threading.Lock()
        self._dockets: dict[str, tuple[MeasureLine, ...]] = {}
        self._lines: dict[str, MeasureLine] = {}
        self._newest: datetime | None = None
        self._read_at = 0.0

    def lines(self, archive: Archive) -> Mapping[str, MeasureLine]:
        """All measures by id, those that were merged away included. To be asked of one archive only."""
        with self._lock:
            stale = self._newest is None or self._clock() - self._read_at > RELOAD
            if stale or not self._update(archive):
                self._dockets = {}
                self._read_at = self._clock()
                self._read(archive, None)
            return self._lines

    def _update(self, archive: Archive) -> bool:
        """Reads what changed; False when something went away, so that all has to be read."""
        assert self._newest is not None, "there is something to bring up to date"
        self._read(archive, self._newest - OVERLAP)
        return archive.count(Docket) == len(self._dockets)

    def _read(self, archive: Archive, since: datetime | None) -> None:
        changed = False
        for stored in every(archive, Docket, since=since):
            docket = stored.record
            self._newest = max(docket.changed, self._newest or docket.changed)
            lines = tuple(measure_line(measure, docket) for measure in docket.measures)
            if self._dockets.get(docket.id) != lines:
                self._dockets[docket.id] = lines
                changed = True
        if changed or since is None:
            self._lines = {line.id: line for lines in self._dockets.values() for line in lines}


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
    )  # fmt: skip


def latest(measure: Measure) -> str:
    """The date of its latest action, or of the report of one without a date."""
    return max((action.date or action.first_reported.date().isoformat() for action in measure.actions), default="")


_boards: WeakKeyDictionary[Archive, Board] = WeakKeyDictionary()
_lock = threading.Lock()


def measure_lines(archive: Archive) -> Mapping[str, MeasureLine]:
    """All measures of an open archive by id, from its board in this process."""
    with _lock:
        board = _boards.setdefault(archive, Board())
    return board.lines(archive)
