"""Celery's tasks: each one line around a function of the flow."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection
from functools import partial
from typing import Any, Protocol

from celery import Celery

from config.celery import QUEUES, TASKS
from pipeline import flow
from pipeline.tools import Tools
from workers.app import hint

TASK_SECONDS = 45.0
"""A task takes up batches for so long, then returns its thread: deadlines are kept in code, since Celery's time
limits do not act on threads. What it is at then ends within the fetcher's, the workshop's or the mail server's own."""
SPARE = 2
"""Threads beyond those at work: hints and sweeps always find one, so that a busy worker goes on consuming."""


class Watch(Protocol):
    """Who wants to know what this process consumes and does (``health.Watch``)."""

    def heard(self, queue: str) -> None:
        """A hint was consumed."""

    def ended(self, task: str) -> None:
        """A task was done."""


class Slots:
    """At most ``n`` of a kind of task at work in this process; a hint that finds none free has nothing to do, as those
    at work go on claiming while anything is due."""

    def __init__(self, n: int) -> None:
        self.n = n
        self._free = threading.BoundedSemaphore(n)

    def run(self, work: Callable[[], Any]) -> None:
        """Runs ``work`` in a free slot, or does nothing."""
        if self._free.acquire(blocking=False):
            try:
                work()
            finally:
                self._free.release()


class Nobody:
    """Wants to know nothing."""

    def heard(self, queue: str) -> None:
        """Forgets it."""

    def ended(self, task: str) -> None:
        """Forgets it."""


def add_tasks(
    app: Celery, tools: Tools, *, concurrency: int, queues: Collection[str] = QUEUES, watch: Watch | None = None
) -> int:
    """Adds the tasks to an app whose worker serves ``queues`` and does ``concurrency`` things at once. Returns how
    many threads its pool needs."""
    heavy = [queue for queue in ("poll", "article") if queue in queues]
    share = max(1, concurrency // max(1, len(heavy)))  # neither polling nor reading starves the other
    slots = {task: Slots(share if task in ("poll", "article") else 1) for task in TASKS}
    refills = Slots(1)
    told = watch or Nobody()

    def refilled() -> bool:
        """Nothing is claimed from a frontier that is being refilled."""
        if not tools.frontier.filled():
            refills.run(partial(flow.refill, tools))
        return tools.frontier.filled()

    def recorded() -> int:
        """Articles so far. A copy is one: it may be the second source that an alert waits for."""
        return tools.tally["article"] + tools.tally["copy"]

    def poll() -> None:
        if refilled():
            before = tools.tally["entry"]
            flow.poll_due(tools, seconds=TASK_SECONDS, more=partial(hint, app, "poll"))
            if tools.tally["entry"] != before:  # what is new need not wait for the next tick
                hint(app, "article")

    def article() -> None:
        if refilled():
            before = recorded()
            flow.take_in_due(tools, seconds=TASK_SECONDS, more=partial(hint, app, "article"))
            if recorded() != before:
                hint(app, "alert")

    work: dict[str, Callable[[], object]] = {
        "poll": poll,
        "article": article,
        "alert": partial(flow.deliver_due, tools),
        "sweep feeds": partial(flow.sweep_feeds, tools),
        "sweep articles": partial(flow.sweep_articles, tools),
        "sweep notices": partial(flow.sweep_notices, tools),
        "sweep hubs": partial(flow.sweep_hubs, tools),
    }

    def task(name: str) -> Callable[[], None]:
        def run() -> None:
            told.heard(TASKS[name])
            slots[name].run(lambda: timed(name))

        return run

    def timed(name: str) -> None:
        began = time.monotonic()
        try:
            work[name]()
        finally:
            tools.tally.took(name, time.monotonic() - began)
            told.ended(name)

    for name in TASKS:
        # Not shared: every app of the process would get these tasks, and with them these tools.
        app.task(task(name), name=name, shared=False)
    return sum(slots[task].n for task, queue in TASKS.items() if queue in queues) + SPARE
