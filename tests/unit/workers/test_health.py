"""The heartbeat of this process, written to a real frontier and judged."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config.settings import Settings
from pipeline import heartbeats
from pipeline.errors import Unavailable
from pipeline.frontier import open_frontier
from pipeline.frontier.base import Frontier
from pipeline.heartbeats import Heartbeat
from pipeline.processes import own_name
from workers.health import Watch, check

START = datetime(2026, 3, 5, 18, tzinfo=UTC)


class Time:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


@pytest.fixture
def frontier(settings: Settings) -> Iterator[Frontier]:
    with closing(open_frontier(settings.frontier)) as opened:
        yield opened


def beats(frontier: Frontier) -> list[Heartbeat]:
    return heartbeats.read(frontier.notes(heartbeats.KIND))


def fellow(frontier: Frontier, now: datetime) -> None:
    """A worker elsewhere that has just consumed."""
    one = Heartbeat("fellow", "worker", "elsewhere", 1, ("poll",), now, START, {"poll": now})
    frontier.set_note(heartbeats.KIND, "elsewhere/1", one.to_bytes())


def test_what_was_consumed_and_done_is_written_down(settings: Settings, frontier: Frontier) -> None:
    time = Time()
    watch = Watch(settings, frontier, "worker", ("poll", "alert"), now=time)
    watch.heard("poll")
    time.pass_by(2)
    watch.ended("sweep feeds")
    watch.look()
    (own,) = beats(frontier)
    assert (own.role, own.queues, own.pid, own.at) == ("worker", ("poll", "alert"), os.getpid(), time.now)
    assert (own.last, own.done) == ({"poll": START}, {"sweep feeds": time.now})


def test_it_is_kept_while_it_lasts_and_crossed_out_in_the_end(settings: Settings, frontier: Frontier) -> None:
    with Watch(settings, frontier, "worker", ("poll",)) as watch:
        watch.look()
        assert [one.role for one in beats(frontier)] == ["worker"]
    assert frontier.notes(heartbeats.KIND) == {}


def test_a_worker_that_is_passed_over_for_long_is_stuck(settings: Settings, frontier: Frontier) -> None:
    time, stuck = Time(), list[str]()
    watch = Watch(settings, frontier, "worker", ("poll",), now=time, on_stuck=stuck.append)
    watch.heard("poll")
    for _ in range(20):
        time.pass_by(6)
        fellow(frontier, time.now)
        watch.look()
    assert stuck == [], "two minutes are not too long"
    for _ in range(4):
        time.pass_by(6)
        fellow(frontier, time.now)
        watch.look()
    (reason,) = stuck
    assert "although there was something to consume" in reason


def test_a_clock_that_jumps_is_no_reason(settings: Settings, frontier: Frontier) -> None:
    time, stuck = Time(), list[str]()
    watch = Watch(settings, frontier, "worker", ("poll",), now=time, on_stuck=stuck.append)
    watch.heard("poll")
    watch.look()
    time.pass_by(3600)
    fellow(frontier, time.now)
    watch.look()
    watch.heard("poll")
    watch.look()
    assert stuck == []


def test_the_dead_and_the_long_silent_are_forgotten(settings: Settings, frontier: Frontier) -> None:
    time = Time()
    dead = own_name().rpartition("/")[0] + "/4194399:1"
    fellow(frontier, time.now)
    frontier.set_note(heartbeats.KIND, dead, frontier.note(heartbeats.KIND, "elsewhere/1"))
    watch = Watch(settings, frontier, "beat", ("poll",), now=time)
    watch.look()
    assert set(frontier.notes(heartbeats.KIND)) == {own_name(), "elsewhere/1"}, "its process is gone"
    time.pass_by(601)
    watch.look()
    assert set(frontier.notes(heartbeats.KIND)) == {own_name()}


def test_a_frontier_that_is_away_stops_no_heartbeat(settings: Settings, frontier: Frontier) -> None:
    class Away:
        def __getattr__(self, name: str) -> object:
            raise Unavailable("the frontier does not answer")

    with Watch(settings, Away(), "worker", ("poll",)) as watch:  # type: ignore[arg-type]
        watch.look()


def test_a_check_finds_the_processes_of_this_machine(settings: Settings, frontier: Frontier) -> None:
    (reason,) = check(settings, "worker")
    assert "no worker runs on" in reason
    with Watch(settings, frontier, "worker", ("poll", "article")) as watch:
        watch.look()
        (reason,) = check(settings, "worker")
        assert "has not yet seen a hint for the queue 'poll'" in reason
        watch.heard("poll")
        watch.heard("article")
        watch.look()
        assert check(settings, "worker") == check(settings, "worker", ("article",)) == []
        assert "no worker that serves alert runs on" in check(settings, "worker", ("alert",))[0]
        assert "no beat runs on" in check(settings, "beat")[0]
    assert check(settings, "worker") != []
