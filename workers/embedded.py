"""Worker and beat in this process: the whole monitor, until it is told to stop or nothing is left to do."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from types import FrameType
from typing import Any

from celery.beat import EmbeddedService

from config.celery import QUEUES
from config.settings import Settings
from pipeline import flow
from pipeline.errors import Unavailable
from pipeline.model import Feed
from pipeline.tools import Tools, open_tools
from workers.app import Threads, make_app
from workers.beat import HintScheduler
from workers.health import Watch
from workers.metrics import exposed
from workers.tasks import Nobody, add_tasks

log = logging.getLogger(__name__)

CONCURRENCY = 16
"""Threads: most of their time they wait for the network."""
LAST_WORDS = 5.0
"""Seconds for the worker to go once everything under way was given back."""
LOOK = 0.1
"""Seconds between looks at whether there is anything left to do, or whether to stop."""


def run(settings: Settings, *, until_idle: bool = False, everything: bool = False) -> Tools:
    """Runs the monitor until SIGTERM or SIGINT, or, with ``until_idle``, until everything due is done, mail included.

    ``everything`` makes all feeds due first. Returns the tools it worked with (closed), for their tally. To be called
    in the main thread. A second run on the same home is safe: both claim from one frontier.
    """
    with open_tools(settings) as tools, _signals() as asked, exposed(settings, tools.tally):
        flow.sweep(tools)
        if everything:
            flow.make_all_due(tools)
        log.info("watching %d feeds", tools.archive.count(Feed))
        with _worker_and_beat(settings, tools) as worker:
            if until_idle:
                _wait_until_idle(tools, worker, asked)
            else:
                while not _asked_to_stop(tools, worker, asked):
                    pass
        return tools


@dataclass
class _Embedded:
    """The worker in its thread."""

    thread: threading.Thread
    stuck: list[str] = field(default_factory=list)
    """Why it has to be started anew."""


def _asked_to_stop(tools: Tools, worker: _Embedded, asked: list[int]) -> bool:
    """Waits a moment. Raises ``Unavailable`` when the worker has gone or is stuck: a supervisor starts the process
    anew, instead of keeping one that does nothing."""
    time.sleep(LOOK)
    if asked:
        log.info("stopping on %s; what is under way goes back", signal.Signals(asked[0]).name)
        tools.stopping.set()
    elif worker.stuck:
        raise Unavailable(worker.stuck[0])
    elif not worker.thread.is_alive():
        raise Unavailable("the worker has stopped")
    return tools.stopping.is_set()


def _wait_until_idle(tools: Tools, worker: _Embedded, asked: list[int]) -> None:
    woken = False
    while not _asked_to_stop(tools, worker, asked):
        if not flow.is_idle(tools):
            continue
        if not woken:
            # Articles have come in since an aggregator's leads were tried.
            flow.wake_leads(tools)
            woken = True
            continue
        if flow.sweep(tools) == 0:
            return


@contextmanager
def _worker_and_beat(settings: Settings, tools: Tools) -> Iterator[_Embedded]:
    stuck: list[str] = []
    with Watch(settings, tools.frontier, "worker", QUEUES, on_stuck=stuck.append) as watch:
        app = make_app(settings)
        threads = add_tasks(app, tools, concurrency=CONCURRENCY, watch=watch)
        app.finalize()
        app.set_default()  # the pool's threads look tasks up in the process's default app
        worker = app.WorkController(
            app=app, hostname=f"embedded@{os.getpid()}", pool=Threads, concurrency=threads,
            without_heartbeat=True, without_mingle=True, without_gossip=True,
        )  # fmt: skip
        thread = threading.Thread(target=worker.start, name="worker", daemon=True)
        # As a process, beat could not reach the in-memory broker.
        beat = EmbeddedService(app, thread=True, scheduler_cls=partial(HintScheduler, watch=Nobody()))
        thread.start()
        beat.start()
        try:
            yield _Embedded(thread, stuck)
        finally:
            _end(tools, worker, beat, thread)


def _end(tools: Tools, worker: Any, beat: Any, thread: threading.Thread) -> None:
    tools.stopping.set()
    tools.fetcher.interrupt()  # what waits for a slow server goes back to the frontier
    beat.stop()
    # What else is under way has so long; then what is being parsed goes back too.
    overdue = threading.Timer(tools.settings.soft_shutdown_seconds, tools.workshop.close)
    overdue.daemon = True
    overdue.start()
    worker.stop()
    thread.join(timeout=tools.settings.soft_shutdown_seconds + LAST_WORDS)
    overdue.cancel()


@contextmanager
def _signals() -> Iterator[list[int]]:
    """The signals to stop that have come. The handler only takes note: it may interrupt anything, a log line being
    written or a lock being taken included. Asked twice, it stops at once."""
    asked: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        if asked:
            raise KeyboardInterrupt
        asked.append(number)

    before = {number: signal.signal(number, note) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
