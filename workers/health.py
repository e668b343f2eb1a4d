"""Writes down what this process consumes and does, and judges by it whether work flows (see ``pipeline.heartbeats``).

A supervisor restarts what has ended, seldom what is merely ill. So a worker that finds itself stuck ends itself; one
that cannot even do that (stopped, hung, cut off) falls silent, and whoever asks ``check`` is told.
"""

from __future__ import annotations

import logging
import os
import platform
import threading
from collections.abc import Callable, Collection, Mapping
from contextlib import ExitStack, closing
from datetime import datetime
from types import TracebackType
from typing import Self

from config.settings import Settings
from pipeline import broker, heartbeats
from pipeline.archive import open_archive
from pipeline.errors import PipelineError, Unavailable
from pipeline.frontier import open_frontier
from pipeline.frontier.base import Frontier
from pipeline.heartbeats import Heartbeat, Role
from pipeline.model import Clock, utc_now
from pipeline.processes import is_dead, own_name

log = logging.getLogger(__name__)

LOOKS = 10
"""Looks within the time after which silence counts."""
SURE = 2
"""Looks, one after another, that must find a worker stuck: the clock may have jumped before the first one."""


class Watch:
    """The heartbeat of this process, in a thread of its own while used as a context manager.

    ``queues``: those that it serves or, a beat, fills. ``on_stuck`` is called, with the reason, when it consumes
    nothing any more although it could.
    """

    def __init__(
        self,
        settings: Settings,
        frontier: Frontier,
        role: Role,
        queues: Collection[str],
        *,
        on_stuck: Callable[[str], None] = lambda _: None,
        now: Clock = utc_now,
    ) -> None:
        self._settings = settings
        self._frontier = frontier
        self._role = role
        self._queues = tuple(queues)
        self._on_stuck = on_stuck
        self._now = now
        self._key = own_name()
        self._name = f"{role} {','.join(queues)} on {platform.node()} (process {os.getpid()})"
        self._last: dict[str, datetime] = {}
        self._done: dict[str, datetime] = {}
        self._since = now()
        self._waited: Mapping[str, int] = {}
        self._trouble = ""
        self._found_stuck = 0
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def heard(self, queue: str) -> None:
        """A hint was consumed from a queue (by a beat: sent to it)."""
        self._last[queue] = self._now()

    def ended(self, task: str) -> None:
        """A task was done, well or not."""
        self._done[task] = self._now()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed.set()
        self._thread.join(timeout=10)
        try:
            self._frontier.set_note(heartbeats.KIND, self._key, b"")  # it ends in good order
        except Unavailable:
            log.info("the heartbeat stays behind: the frontier does not answer")

    def _run(self) -> None:
        while True:
            try:
                self.look()
            except Exception:
                log.exception("the heartbeat failed; it goes on")
            if self._closed.wait(self._settings.silence_seconds / LOOKS):
                return

    def look(self) -> None:
        """Looks at the broker, writes the heartbeat, and judges this worker by everybody's."""
        was_in_trouble, self._trouble, waiting = self._trouble, "", {}
        try:
            waiting = broker.waiting(self._settings)
        except Unavailable as error:
            self._trouble = error.reason
        if was_in_trouble and not self._trouble:
            self._since = self._now()
        own = self._described(waiting)
        self._waited = waiting
        try:
            self._frontier.set_note(heartbeats.KIND, self._key, own.to_bytes())
            notes = self._frontier.notes(heartbeats.KIND)
            self._forget(notes)
        except Unavailable as error:
            log.warning("the heartbeat cannot be written: %s", error)
            return
        if self._role == "worker" and not self._trouble:
            self._judge(own, heartbeats.read(notes))

    def _described(self, waiting: Mapping[str, int]) -> Heartbeat:
        return Heartbeat(
            name=self._name,
            role=self._role,
            host=platform.node(),
            pid=os.getpid(),
            queues=self._queues,
            at=self._now(),
            since=self._since,
            last=dict(self._last),
            done=dict(self._done),
            waiting={queue: min(n, self._waited.get(queue, 0)) for queue, n in waiting.items()},
            trouble=self._trouble,
        )

    def _forget(self, notes: Mapping[str, bytes]) -> None:
        """Those that are known to be gone, or were silent for long."""
        for key, note in notes.items():
            beat = Heartbeat.from_bytes(note)
            if key != self._key and (is_dead(key) or beat is None or self._now() - beat.at > heartbeats.GONE):
                self._frontier.set_note(heartbeats.KIND, key, b"")

    def _judge(self, own: Heartbeat, beats: list[Heartbeat]) -> None:
        reason = heartbeats.stuck(own, beats, self._now(), 2 * self._settings.silence, self._settings.tick)
        self._found_stuck = self._found_stuck + 1 if reason else 0
        if self._found_stuck == SURE:
            log.critical("%s: it ends itself, to be started anew", reason)
            self._on_stuck(reason)


def check(settings: Settings, role: Role, queues: Collection[str] = (), *, now: Clock = utc_now) -> list[str]:
    """What keeps the workers or beats of this machine (or container) from working, a sentence each; nothing when all
    is well: one runs, the servers answer, and hints were consumed lately. ``queues``: only those that serve them all.
    """
    wrong = []
    with ExitStack() as stack:
        try:
            if role == "worker" and (ill := stack.enter_context(closing(open_archive(settings.archive))).health()):
                wrong.append(f"the archive: {ill}")
        except PipelineError as error:
            wrong.append(str(error))
        try:
            broker.waiting(settings)
        except Unavailable as error:
            wrong.append(str(error))
        try:
            notes = stack.enter_context(closing(open_frontier(settings.frontier))).notes(heartbeats.KIND)
        except PipelineError as error:
            return [*wrong, str(error)]
    beats = heartbeats.read({key: note for key, note in notes.items() if not is_dead(key)})
    here = [one for one in beats if (one.role, one.host) == (role, platform.node()) and set(queues) <= set(one.queues)]
    if not here:
        which = f" that serves {', '.join(queues)}" if queues else ""
        wrong.append(f"no {role}{which} runs on {platform.node()}, or it could not yet say so")
    told = (heartbeats.ill(one, beats, now(), settings.silence, settings.tick) for one in here)
    return wrong + [reason for reason in told if reason]
