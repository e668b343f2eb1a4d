"""Whether work flows: what workers and beats write down about themselves, and what follows from it. Pure.

A process that lives is not a process that works. So each one notes when it last consumed a hint, queue by queue, where
every process can read it, and is judged by that:

- **silent**: it has written nothing for a while. It is dead, stopped, or cannot reach the frontier.
- **stuck**: it has consumed nothing for a while although hints wait or others of its queue consume. It has to be
  started anew.
- **new**: it has not consumed anything yet.
- **starved**: it has consumed nothing for a while, and nobody else has either: nothing is sent. The beat is to blame.

Hints are shared out in turn, about one a tick: with n workers on a queue, each gets one in n ticks. What counts as "a
while" grows with them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

KIND = "heartbeat"
"""The frontier's kind of note."""
GONE = timedelta(minutes=10)
"""A process that was silent for so long has been replaced or is wanted no more: it is forgotten."""
ROUNDS = 10
"""Turns that a worker may be passed over."""

Role = Literal["worker", "beat"]


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """One process as it described itself. Instants are aware, UTC."""

    name: str
    role: Role
    host: str
    pid: int
    queues: tuple[str, ...]
    at: datetime
    since: datetime
    """Since when it could have worked: its start, or when the broker came back."""
    last: Mapping[str, datetime] = field(default_factory=dict)
    """When it last consumed (a beat: sent) a hint, by queue."""
    done: Mapping[str, datetime] = field(default_factory=dict)
    """When it last ended a task, by task."""
    waiting: Mapping[str, int] = field(default_factory=dict)
    """Hints that waited, by queue, at its last two looks: the smaller number."""
    trouble: str = ""
    """What it cannot reach."""

    def to_bytes(self) -> bytes:
        """As a note."""
        plain = {
            "name": self.name, "role": self.role, "host": self.host, "pid": self.pid, "queues": self.queues,
            "at": self.at.isoformat(), "since": self.since.isoformat(), "last": _told(self.last),
            "done": _told(self.done), "waiting": dict(self.waiting), "trouble": self.trouble,
        }  # fmt: skip
        return json.dumps(plain).encode()

    @classmethod
    def from_bytes(cls, note: bytes) -> Heartbeat | None:
        """What a note says; None when it is none, or another release's."""
        try:
            plain = json.loads(note)
            return cls(
                name=plain["name"],
                role=plain["role"],
                host=plain["host"],
                pid=plain["pid"],
                queues=tuple(plain["queues"]),
                at=datetime.fromisoformat(plain["at"]),
                since=datetime.fromisoformat(plain["since"]),
                last={queue: datetime.fromisoformat(at) for queue, at in plain["last"].items()},
                done={task: datetime.fromisoformat(at) for task, at in plain["done"].items()},
                waiting=plain["waiting"],
                trouble=plain["trouble"],
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            return None

    def idle(self, queue: str, now: datetime) -> timedelta:
        """How long it has consumed nothing from a queue although it could."""
        return now - max(self.last.get(queue, self.since), self.since)


def _told(instants: Mapping[str, datetime]) -> dict[str, str]:
    return {name: at.isoformat() for name, at in instants.items()}


def read(notes: Mapping[str, bytes]) -> list[Heartbeat]:
    """Every process, by name."""
    found = (Heartbeat.from_bytes(note) for note in notes.values())
    return sorted((one for one in found if one), key=lambda one: one.name)


def alive(beats: Iterable[Heartbeat], now: datetime, silence: timedelta) -> list[Heartbeat]:
    """Those that were heard of lately."""
    return [one for one in beats if now - one.at <= silence]


def stuck(one: Heartbeat, beats: Iterable[Heartbeat], now: datetime, silence: timedelta, tick: timedelta) -> str:
    """Why a worker has to be started anew, in one sentence; '' when it has not."""
    return _judged(one, beats, now, silence, tick)[0]


def ill(one: Heartbeat, beats: Iterable[Heartbeat], now: datetime, silence: timedelta, tick: timedelta) -> str:
    """What is wrong with a worker or beat, in one sentence; '' when all is well."""
    if now - one.at > silence:
        return f"{one.name} was last heard of {_ago(now - one.at)} ago"
    if one.trouble:
        return f"{one.name}: {one.trouble}"
    is_stuck, is_starved = _judged(one, beats, now, silence, tick)
    untouched = next((queue for queue in one.queues if queue not in one.last), "")
    is_new = f"{one.name} has not yet seen a hint for the queue {untouched!r}" if untouched else ""
    return is_stuck or is_starved or is_new


def _judged(
    one: Heartbeat, beats: Iterable[Heartbeat], now: datetime, silence: timedelta, tick: timedelta
) -> tuple[str, str]:
    living = alive(beats, now, silence)
    is_starved = ""
    for queue in one.queues:
        idle = one.idle(queue, now)
        if one.role == "beat":
            if idle > silence:
                is_starved = f"{one.name} has sent nothing to the queue {queue!r} for {_ago(idle)}"
            continue
        fellows = [other for other in living if other.role == "worker" and queue in other.queues]
        limit = max(silence, ROUNDS * tick * len(fellows))
        if idle <= limit:
            continue
        served = any(other.name != one.name and other.idle(queue, now) < limit for other in fellows if other.last)
        what = f"{one.name} has consumed nothing from the queue {queue!r} for {_ago(idle)}"
        if one.waiting.get(queue) or served:
            return f"{what} although there was something to consume", ""
        is_starved = f"{what}, and nobody else has: does a beat run?"
    return "", is_starved


def _ago(time: timedelta) -> str:
    return f"{time.total_seconds():.0f} s"
