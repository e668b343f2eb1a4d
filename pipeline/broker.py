"""How many hints wait in the broker's queues, and so whether it answers.

Only asks. Who sends and who consumes is the workers' business.
"""

from __future__ import annotations

from typing import Any

from kombu.connection import Connection

from config.celery import QUEUES, celery_config, transport_options
from config.settings import Settings
from pipeline.errors import Unavailable

PATIENCE = 5.0
"""Seconds that the broker may be silent when it is asked."""


def waiting(settings: Settings) -> dict[str, int]:
    """Hints that wait, by queue. Nothing for ``memory://``, whose queues no other process can see.

    Raises ``Unavailable`` when the broker does not answer.
    """
    if settings.broker_url == "memory://":
        return {}
    config = celery_config(settings)
    options = transport_options(settings) | {"socket_timeout": PATIENCE, "socket_connect_timeout": PATIENCE}
    made: Any = Connection  # it has no types
    with made(config["broker_url"], ssl=config["broker_use_ssl"], transport_options=options) as connection:
        try:
            with connection.channel() as channel:
                return {queue: length(channel, queue) for queue in QUEUES}
        except (*connection.connection_errors, *connection.channel_errors, OSError) as error:
            raise Unavailable(f"the broker does not answer: {error}", subject=connection.as_uri()) from error


def length(channel: Any, queue: str) -> int:
    """Hints that wait in a queue, asked on a kombu channel that is open already."""
    count: int = channel.queue_declare(queue=queue).message_count
    return count
