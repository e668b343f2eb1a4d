"""The board: what it reads, and what one process leaves to the next."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from analyst.answers.board import COUNTED, FEW, OVERLAP, SLICE, Board, Lines, Shelf
from pipeline.archive import open_archive
from pipeline.archive.base import Archive, Stored
from pipeline.errors import Unavailable
from pipeline.frontier import open_frontier
from pipeline.frontier.base import Frontier
from pipeline.model import Action, Docket, Jurisdiction, Measure

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
MANY = FEW + 50


class Counted:
    """An archive that tells how many dockets were read by ``scan``."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self.read = 0

    def scan(self, *args: Any, **options: Any) -> list[Stored[Any]]:
        found = self._archive.scan(*args, **options)
        self.read += len(found)
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self._archive, name)

    def took(self) -> int:
        """Dockets read since it was asked last."""
        read, self.read = self.read, 0
        return read


@dataclass
class Desk:
    """An archive with many dockets, a frontier, and the time."""

    archive: Any
    frontier: Frontier
    now: datetime = AT
    ticks: float = 0.0

    def board(self, archive: str = "sqlite:////one") -> Board:
        """That of a new process."""
        return Board(Shelf(self.frontier, archive), clock=lambda: self.ticks, now=lambda: self.now)

    def change(self, number: int, stage: str, changed: datetime) -> None:
        stored = self.archive.get(Docket, docket(number).id)
        (measure,) = stored.record.measures
        action = replace(measure.actions[0], stage=stage)
        self.archive.replace(
            replace(stored.record, measures=(replace(measure, actions=(action,)),), changed=changed), stored.version
        )


def docket(number: int) -> Docket:
    where = Jurisdiction(f"City {number:03}", "city", "CA")
    action = Action(f"a{number}", "adopted", "2026-02-28", AT)
    measure = Measure(f"m{number}", where, AT, actions=(action,))
    return Docket(where.key, where, AT - timedelta(days=1, minutes=number), (measure,))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with (
        closing(open_archive(f"sqlite:///{tmp_path / 'archive.sqlite3'}")) as archive,
        closing(open_frontier(f"sqlite:///{tmp_path / 'frontier.sqlite3'}")) as frontier,
    ):
        archive.create_many([docket(number) for number in range(MANY)])
        yield Desk(Counted(archive), frontier)


def test_a_look_reads_only_what_changed(desk: Desk) -> None:
    board = desk.board()
    first = board.lines(desk.archive)
    assert (len(first), desk.archive.took()) == (MANY, MANY)
    again = board.lines(desk.archive)
    assert again is first, "what is made of it need not be made again"
    assert desk.archive.took() <= 1, "however many changed shortly before the last change, once that is long ago"
    desk.change(7, "signed", desk.now)
    assert board.lines(desk.archive)["m7"].stage == "signed"
    assert first["m7"].stage == "adopted", "who has lines keeps them"
    assert desk.archive.took() == 2


def test_a_clock_that_is_a_little_behind_hides_nothing(desk: Desk) -> None:
    board = desk.board()
    desk.change(1, "signed", AT)
    board.lines(desk.archive)
    for number, seconds in ((2, 0), (3, 500), (4, 599)):
        desk.ticks = seconds
        board.lines(desk.archive)
        desk.change(number, "signed", AT - OVERLAP + timedelta(seconds=seconds))
        assert board.lines(desk.archive)[f"m{number}"].stage == "signed"


def test_what_changed_shortly_before_the_last_change_is_not_read_for_ever(desk: Desk) -> None:
    for number in range(40):
        desk.change(number, "signed", AT - timedelta(seconds=number))
    board = desk.board()
    board.lines(desk.archive)
    desk.archive.took()
    board.lines(desk.archive)
    assert desk.archive.took() == 40
    desk.ticks = OVERLAP.total_seconds()
    board.lines(desk.archive)
    desk.archive.took()
    board.lines(desk.archive)
    assert desk.archive.took() == 1
    desk.now += timedelta(days=1)
    another = desk.board()
    another.lines(desk.archive)
    desk.archive.took()
    another.lines(desk.archive)
    assert desk.archive.took() == 1 + SLICE, "nor by another process, the day after"


def test_a_new_process_begins_with_what_the_last_one_saw(desk: Desk) -> None:
    desk.board().lines(desk.archive)
    desk.archive.took()
    desk.now += timedelta(days=1)
    desk.change(3, "vetoed", desk.now)
    lines = desk.board().lines(desk.archive)
    assert (len(lines), lines["m3"].stage) == (MANY, "vetoed")
    assert lines["m4"] == desk.board().lines(desk.archive)["m4"]
    assert desk.archive.took() <= 2 * (2 + SLICE), "it read what changed, and a first slice"


def test_what_was_kept_is_checked_slice_by_slice(desk: Desk) -> None:
    desk.board().lines(desk.archive)
    desk.change(MANY - 1, "repealed", AT - timedelta(days=300))  # as in an archive that was taken back from a backup
    board = desk.board()
    assert board.lines(desk.archive)[f"m{MANY - 1}"].stage == "adopted"
    for _ in range(MANY // SLICE + 1):
        lines = board.lines(desk.archive)
    assert lines[f"m{MANY - 1}"].stage == "repealed"
    desk.archive.took()
    board.lines(desk.archive)
    assert desk.archive.took() <= 1, "and then no more, for an hour"


def test_what_went_away_leads_to_a_look_at_everything(desk: Desk) -> None:
    board = desk.board()
    board.lines(desk.archive)
    board.lines(desk.archive)
    desk.archive.delete(Docket, docket(5).id)
    desk.ticks += COUNTED
    assert "m5" not in board.lines(desk.archive)
    assert "m5" not in desk.board().lines(desk.archive)


def test_lines_of_another_archive_or_another_form_are_none(desk: Desk) -> None:
    desk.board("elasticsearch+https://elastic:secret@search:9200/one").lines(desk.archive)
    desk.archive.took()
    (key,) = desk.frontier.notes("board")
    desk.board("elasticsearch+https://elastic:other@search:9200/one").lines(desk.archive)
    assert desk.archive.took() <= 2 + SLICE, "a new password does not make another archive"
    desk.board("elasticsearch+https://search:9200/two").lines(desk.archive)
    assert desk.archive.took() == MANY
    for spoilt in (b"x", b"x\x9c"):
        desk.frontier.set_note("board", key, spoilt)
        assert len(desk.board("elasticsearch+https://search:9200/one").lines(desk.archive)) == MANY
        assert desk.archive.took() == MANY


def test_a_frontier_that_does_not_answer_keeps_nobody_waiting(desk: Desk) -> None:
    class Gone:
        def note(self, kind: str, key: str) -> bytes:
            raise Unavailable("gone")

        def set_note(self, kind: str, key: str, note: bytes) -> None:
            raise Unavailable("gone")

    board = Board(Shelf(Gone(), "sqlite:////one"), now=lambda: AT)  # type: ignore[arg-type]
    assert len(board.lines(desk.archive)) == MANY


def test_what_is_made_of_lines_is_made_once() -> None:
    asked = []

    def count(lines: Lines) -> int:
        asked.append(len(lines))
        return len(lines)

    lines = Lines()
    assert (lines.once(count), lines.once(count)) == (0, 0)
    assert asked == [0]
