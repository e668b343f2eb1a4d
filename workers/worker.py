"""A worker for production: Celery's own worker program, in a process of its own, for some queues or all.

Told to stop, it takes up nothing more, and what waits for a slow server goes back to the frontier at once. What else is
under way has ``soft_shutdown_seconds`` to end; then the workshop is closed, which gives back what is being parsed. And
should anything hang even so, the process ends all the same, as if it were killed: that loses nothing.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from queue import SimpleQueue

from celery import signals
from celery.apps.worker import Worker

from config.settings import Settings
from pipeline.tools import Tools, open_tools
from workers.app import Threads, demand_server, make_app
from workers.health import Watch
from workers.metrics import exposed
from workers.tasks import add_tasks

log = logging.getLogger(__name__)

LAST_WORDS = 5.0
"""Seconds, after all that, before the process is ended from within."""


def work(settings: Settings, queues: Collection[str], concurrency: int) -> bool:
    """Works until SIGTERM or SIGINT, in the main thread. False when it ended for another reason: it found itself stuck,
    or Celery gave up.

    Raises ``UserError`` when the broker is in memory, ``Unavailable`` when archive or frontier do not answer at the
    start.
    """
    demand_server(settings)
    stuck: list[str] = []

    def end(reason: str) -> None:
        stuck.append(reason)
        os.kill(os.getpid(), signal.SIGTERM)

    with (
        open_tools(settings) as tools,
        exposed(settings, tools.tally),
        Watch(settings, tools.frontier, "worker", queues, on_stuck=end) as watch,
        _stopping(tools) as asked,
    ):
        app = make_app(settings)
        threads = add_tasks(app, tools, concurrency=concurrency, queues=queues, watch=watch)
        app.finalize()
        app.set_default()  # the pool's threads look tasks up in the process's default app
        worker = Worker(
            app=app, hostname=f"{'-'.join(queues)}@{os.getpid()}", queues=list(queues), pool=Threads,
            concurrency=threads, quiet=True, without_heartbeat=True, without_mingle=True, without_gossip=True,
        )  # fmt: skip
        log.info("working on %s, %d things at once", ", ".join(queues), concurrency)
        worker.start()
        return bool(asked) and not stuck


@contextmanager
def _stopping(tools: Tools) -> Iterator[list[str]]:
    """Ends what is under way when Celery is told to stop; gives the signals that came.

    Celery tells it from within its signal handler, which may have interrupted anything: there it is only noted.
    """
    told: SimpleQueue[str | None] = SimpleQueue()
    asked: list[str] = []
    ended = threading.Event()

    def note(sig: str = "", **_: object) -> None:
        asked.append(sig)
        told.put(sig)

    def stop() -> None:
        if (sig := told.get()) is None:
            return
        log.info("stopping on %s; what is under way goes back", sig)
        tools.stopping.set()
        tools.fetcher.interrupt()
        if ended.wait(tools.settings.soft_shutdown_seconds):
            return
        log.warning("what is being parsed goes back too")
        tools.workshop.close()
        if not ended.wait(LAST_WORDS):
            log.critical("something hangs: the process ends now")
            os._exit(1)

    signals.worker_shutting_down.connect(note)
    thread = threading.Thread(target=stop, name="stopper", daemon=True)
    thread.start()
    try:
        yield asked
    finally:
        signals.worker_shutting_down.disconnect(note)
        tools.stopping.set()
        ended.set()
        told.put(None)
        thread.join(timeout=LAST_WORDS)
