"""Celery's tasks: each one line around a function of the flow."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

from celery import Celery

from config.celery import TICK
from pipeline import flow
from pipeline.tools import Tools

TASK_SECONDS = 45.0
"""A task takes up batches for so long, then returns its thread: deadlines are kept in code, since Celery's time
limits do not act on threads."""


class Slots:
    """At most ``n`` of a kind of task at work in this process; a hint that finds none free has nothing to do, as those
    at work go on claiming while anything is due."""

    def __init__(self, n: int) -> None:
        self._free = threading.BoundedSemaphore(n)

    def run(self, work: Callable[[], Any]) -> None:
        """Runs ``work`` in a free slot, or does nothing."""
        if self._free.acquire(blocking=False):
            try:
                work()
            finally:
                self._free.release()


def add_tasks(app: Celery, tools: Tools, *, concurrency: int) -> None:
    """Adds the tasks to an app whose worker has ``concurrency`` threads."""
    half = max(1, concurrency // 2 - 1)  # neither polling nor reading starves the other, and ticks find a thread
    # Not shared: every app of the process would get these tasks, and with them these tools.
    task = partial(app.task, shared=False)
    polls, articles, alerts, sweeps = Slots(half), Slots(half), Slots(1), Slots(1)

    @task(name="poll")
    def poll() -> None:
        polls.run(lambda: flow.poll_due(tools, seconds=TASK_SECONDS))

    @task(name="article")
    def article() -> None:
        articles.run(lambda: flow.take_in_due(tools, seconds=TASK_SECONDS))

    @task(name="alert")
    def alert() -> None:
        alerts.run(lambda: flow.deliver_due(tools))

    @task(name="sweep")
    def sweep() -> None:
        sweeps.run(lambda: flow.sweep(tools))

    @task(name="tick")
    def tick() -> None:
        """Looks what is due and sends as many hints as there may be use for."""
        flow.refill(tools)
        backlog = tools.frontier.backlog(tools.now())
        for hint, due in ((poll, backlog.due_feeds), (article, backlog.due_entries)):
            for _ in range(min(half, -(-due // flow.BATCH))):
                hint.apply_async(queue=hint.name, expires=2 * TICK.total_seconds())
        alert.apply_async(queue="alert", expires=2 * TICK.total_seconds())
