"""Killed at any write boundary, the monitor loses nothing and mails nothing twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.alerts.subscriptions import subscribe
from pipeline.archive.base import every
from pipeline.model import Alert, Article, Docket, Entry
from tests.integration.world import World, drive, small_web

WRITES = {
    "archive": {"create", "create_many", "replace", "delete"},
    "frontier": {
        "put",
        "claim",
        "begin",
        "settle",
        "set_note",
        "turn",
        "hold",
        "printed",
        "post",
        "forget",
        "set_filled",
    },
    "transport": {"send"},
}


class Killed(BaseException):
    """The process is gone: nothing after this line happens."""


class Fuse:
    """Burns with every write and kills before or after the n-th one."""

    def __init__(self, at: int | None, *, after: bool = False) -> None:
        self.at, self.after, self.count = at, after, 0
        self.where = ""

    def wrap(self, store: Any, name: str) -> Any:
        """A store whose writes burn the fuse."""
        return _Fused(store, name, self)

    def burn(self, what: str, write: Callable[[], Any]) -> Any:
        """One write."""
        self.count += 1
        if self.count == self.at:
            self.where = what
            if self.after:
                write()
            raise Killed(what)
        return write()


class _Fused:
    def __init__(self, store: Any, name: str, fuse: Fuse) -> None:
        self._store, self._name, self._fuse = store, name, fuse

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)
        if name not in WRITES[self._name]:
            return found
        return lambda *args, **kwargs: self._fuse.burn(f"{self._name}.{name}", lambda: found(*args, **kwargs))


def outcome(world: World) -> dict[str, Any]:
    """What stands in the archive in the end, without ids of chance and instants."""
    with world.tools() as tools:
        archive = tools.archive
        measures = [
            (docket.record.jurisdiction.label, measure.instrument, [action.stage for action in measure.actions])
            for docket in every(archive, Docket)
            for measure in docket.record.measures
        ]
        return {
            # Which of two copies came first may depend on when the process died.
            "entries": sorted(
                (s.record.url, s.record.outcome.replace("copy", "article"), s.record.reason)
                for s in every(archive, Entry)
            ),
            "outcomes": Counter(s.record.outcome for s in every(archive, Entry)),
            "articles": sorted(
                (s.record.url, s.record.pending, len(s.record.measures)) for s in every(archive, Article)
            ),
            "stories": len({s.record.story for s in every(archive, Article)}),
            "measures": sorted(measures, key=str),
            "evidence": sorted(
                (action.stage, len(action.articles), len(action.evidence))
                for docket in every(archive, Docket)
                for measure in docket.record.measures
                for action in measure.actions
            ),
            "alerts": Counter((s.record.kind, s.record.state) for s in every(archive, Alert)),
            "open": archive.count(Docket, {"open": "1"}),
            "mails": sorted(set(world.outbox.subjects())),
        }


def start(home: Path) -> World:
    """A world with its feeds and one subscriber."""
    world = World(home, small_web())
    with world.tools() as tools:
        world.watch_all(tools)
        tools.archive.create(subscribe(to="reader@example.org", now=world.now))
    return world


def run_with(world: World, fuse: Fuse) -> bool:
    """Runs until idle or until killed; True when killed."""
    world.wrap = fuse.wrap
    try:
        with world.tools() as tools:
            drive(tools)
    except Killed:
        return True
    finally:
        world.wrap = lambda store, name: store
    return False


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, dict[str, Any]]:
    """How many writes a run takes that nothing disturbs, and what it comes to."""
    world = start(tmp_path_factory.mktemp("undisturbed"))
    fuse = Fuse(None)
    assert not run_with(world, fuse)
    return fuse.count, outcome(world)


def test_an_undisturbed_run_finds_what_is_there(undisturbed: tuple[int, dict[str, Any]]) -> None:
    writes, found = undisturbed
    assert writes > 40
    assert found["outcomes"] == {"article": 2, "copy": 1, "discard": 3}
    assert [stages for _, _, stages in found["measures"]] == [["adopted"], ["adopted"]]
    assert found["alerts"] == {("new", "sent"): 2}
    assert len(found["mails"]) == 2


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_killed_at_every_write(
    tmp_path: Path, undisturbed: tuple[int, dict[str, Any]], after: bool, subtests: pytest.Subtests
) -> None:
    writes, wanted = undisturbed
    for n in range(1, writes + 1):
        world = start(tmp_path / str(n))
        fuse = Fuse(n, after=after)
        killed = run_with(world, fuse)
        world.later(minutes=5)  # the leases of the dead are over
        with world.tools() as tools:
            drive(tools)
        with subtests.test(msg=f"{'after' if after else 'before'} write {n}: {fuse.where}"):
            assert killed
            assert outcome(world) == wanted
            repeated = Counter(world.outbox.ids())
            # Only the crash between the server's acceptance and the mark repeats a mail, under its old Message-ID.
            assert len(repeated) == 2
            assert max(repeated.values()) == 1 or (after and fuse.where == "transport.send") or "replace" in fuse.where


def test_killed_again_and_again(tmp_path: Path, undisturbed: tuple[int, dict[str, Any]]) -> None:
    """Each life gets a few writes further; in the end everything is there, once."""
    _, wanted = undisturbed
    world = start(tmp_path)
    lives = 0
    while run_with(world, Fuse(9 + lives % 5)):
        lives += 1
        world.later(minutes=5)
        assert lives < 200
    assert lives > 3
    assert outcome(world) == wanted


def test_a_lost_frontier_costs_a_poll_and_nothing_else(tmp_path: Path, undisturbed: tuple[int, dict[str, Any]]) -> None:
    _, wanted = undisturbed
    world = start(tmp_path)
    with world.tools() as tools:
        drive(tools)
        tools.frontier.clear()
        asked = len(world.web.asked)
        drive(tools)
        assert [url for url in world.web.asked[asked:] if not url.endswith("/feed")] == [], "no page is read again"
        assert len(world.web.asked) == asked + 3
    assert outcome(world) == wanted
    assert len(world.outbox.mails) == 2
