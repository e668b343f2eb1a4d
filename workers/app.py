"""The Celery app, and how a hint is sent."""

from __future__ import annotations

import logging

from celery import Celery, signals
from celery.concurrency.thread import TaskPool
from kombu.exceptions import OperationalError

from config.celery import MOST_HINTS, TASKS, celery_config
from config.settings import Settings
from pipeline.broker import length
from pipeline.errors import UserError

log = logging.getLogger(__name__)


@signals.setup_logging.connect
def _leave_logging_alone(**_: object) -> None:
    """Celery sets up no logging of its own when somebody answers this signal: the program has."""


class Threads(TaskPool):
    """Celery's threads pool. Cancelling a task ends nothing: a thread cannot be ended, and our tasks keep their
    deadlines themselves. (Celery's own raises instead, in the middle of a reconnect or a shutdown.)"""

    def terminate_job(self, pid: int, signal: object = None) -> None:
        """Leaves it."""


def make_app(settings: Settings) -> Celery:
    """A Celery app configured for these settings, without tasks yet (see ``tasks.add_tasks``)."""
    app = Celery("sanctuary-watch", set_as_current=False, fixups=[])
    app.conf.update(celery_config(settings))
    return app


def send_hint(app: Celery, task: str) -> None:
    """Sends a hint, unless its queue is full of them. Raises kombu's and the transport's errors.

    Each time through the app's pool, whose producers are made anew on a connection that lives: the channel of one
    that is kept stays dead when the broker was lost in the middle of a send.
    """
    queue = TASKS[task]
    with app.producer_or_acquire() as producer:
        if length(producer.channel, queue) < MOST_HINTS:
            app.send_task(task, queue=queue, producer=producer, retry=False)


def hint(app: Celery, task: str) -> None:
    """As ``send_hint``; nothing is sent when the broker is gone: the next tick says the same."""
    transport = app.connection_for_write().transport
    try:
        send_hint(app, task)
    except (OperationalError, *transport.connection_errors, *transport.channel_errors, OSError) as error:
        log.debug("no hint of %s: %s", task, error)


def demand_server(settings: Settings) -> None:
    """Raises ``UserError`` when the broker lies in the memory of one process."""
    if settings.broker_url == "memory://":
        raise UserError(
            "workers and beats need a broker that all of them reach: set SANCTUARY_WATCH_BROKER_URL to redis://…, "
            "or use 'run', which is worker and beat in one process"
        )
