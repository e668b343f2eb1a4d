"""What follows from what workers and beats wrote down about themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pipeline import heartbeats
from pipeline.heartbeats import Heartbeat, Role

NOW = datetime(2026, 3, 5, 18, tzinfo=UTC)
SECOND = timedelta(seconds=1)
SILENCE = 60 * SECOND


def beat(name: str, *queues: str, role: Role = "worker", idle: int = 1, heard: int = 1, waiting: int = 0) -> Heartbeat:
    """A process that consumed from its queues ``idle`` seconds ago and wrote ``heard`` seconds ago."""
    last = dict.fromkeys(queues, NOW - idle * SECOND)
    return Heartbeat(
        name=name, role=role, host="one", pid=1, queues=queues, at=NOW - heard * SECOND, since=NOW - 3600 * SECOND,
        last=last, done={"poll": NOW}, waiting=dict.fromkeys(queues, waiting),
    )  # fmt: skip


def ill(one: Heartbeat, *others: Heartbeat) -> str:
    return heartbeats.ill(one, [one, *others], NOW, SILENCE, SECOND)


def stuck(one: Heartbeat, *others: Heartbeat) -> str:
    return heartbeats.stuck(one, [one, *others], NOW, SILENCE, SECOND)


def test_it_survives_being_written_down() -> None:
    one = replace(beat("a", "poll", "alert", waiting=3), trouble="the broker does not answer")
    assert Heartbeat.from_bytes(one.to_bytes()) == one


@pytest.mark.parametrize("note", [b"", b"{}", b"[1]", b"\xff", b'{"name": 1}'])
def test_what_is_no_heartbeat_is_none(note: bytes) -> None:
    assert Heartbeat.from_bytes(note) is None
    assert heartbeats.read({"key": note}) == []


def test_who_consumes_is_well() -> None:
    assert ill(beat("a", "poll", "article")) == ""


def test_who_has_not_consumed_yet_is_not_ready() -> None:
    new = replace(beat("a", "poll", "alert"), last={"poll": NOW}, since=NOW)
    assert ill(new) == "a has not yet seen a hint for the queue 'alert'"
    assert stuck(new) == ""


def test_who_writes_nothing_is_silent() -> None:
    assert ill(beat("a", "poll", heard=61)) == "a was last heard of 61 s ago"
    assert heartbeats.alive([beat("a", heard=61), beat("b")], NOW, SILENCE) == [beat("b")]


def test_what_it_cannot_reach_is_said() -> None:
    assert ill(replace(beat("a", "poll"), trouble="the broker is away")) == "a: the broker is away"


def test_stuck_while_hints_wait() -> None:
    one = beat("a", "poll", idle=61, waiting=1)
    assert stuck(one) == ill(one)
    assert "although there was something to consume" in stuck(one)


def test_stuck_while_others_consume() -> None:
    assert "from the queue 'article' for 61 s" in stuck(beat("a", "article", idle=61), beat("b", "article"))
    assert not stuck(beat("a", "article", idle=61), beat("b", "poll")), "another queue says nothing about this one"


def test_starved_when_nobody_gets_anything() -> None:
    one, other = beat("a", "poll", idle=61), beat("b", "poll", idle=61)
    assert stuck(one, other) == ""
    assert ill(one, other).endswith("nobody else has: does a beat run?")


def test_one_of_many_waits_longer_for_its_turn() -> None:
    many = [beat(f"b{n}", "poll") for n in range(30)]
    assert stuck(beat("a", "poll", idle=200), *many) == ""
    assert stuck(beat("a", "poll", idle=311), *many)


def test_what_could_not_be_consumed_is_not_held_against_it() -> None:
    back = replace(beat("a", "poll", idle=300, waiting=5), since=NOW - 10 * SECOND)
    assert ill(back) == "", "the broker came back ten seconds ago"


def test_a_beat_that_sends_nothing() -> None:
    assert ill(beat("b", "poll", "alert", role="beat")) == ""
    assert "has sent nothing to the queue 'poll'" in ill(beat("b", "poll", role="beat", idle=61))
    assert stuck(beat("b", "poll", role="beat", idle=61, waiting=1)) == ""
