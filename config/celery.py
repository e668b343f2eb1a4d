"""Celery's configuration, every value with its reason.

A message is a hint: it may be lost, late or doubled, and nothing depends on it. What is due, leased or owed lives in
the frontier and the archive.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from config.settings import Settings

TICK = timedelta(seconds=1)
"""How often it is looked what is due. A hint is older than two ticks only when workers are busy: it expires."""
SWEEP = timedelta(minutes=10)

QUEUES = ("poll", "article", "alert")


def celery_config(settings: Settings) -> dict[str, Any]:
    """The configuration of the app for these settings, as Celery's lower-case keys."""
    return {
        # A bare memory:// makes the transport complain that it has no host.
        "broker_url": "memory://localhost/" if settings.broker_url == "memory://" else settings.broker_url,
        # With its default of one second the in-memory transport crawls; 20 ms give over a thousand tasks a second.
        "broker_transport_options": {"polling_interval": 0.02},
        "broker_connection_retry_on_startup": True,
        # Acknowledged when done, so that what dies with a worker is handed out again ...
        "task_acks_late": True,
        # ... a bounded number of times: rejecting instead would loop for ever over what kills its worker.
        "task_retry_on_worker_lost": True,
        "task_reject_on_worker_lost": False,
        # Results are in the archive; nobody waits for a task.
        "task_ignore_result": True,
        "task_serializer": "json",
        "accept_content": ["json"],
        # A misspelt queue is an error, not a queue that nobody reads.
        "task_create_missing_queues": False,
        "task_queues": {name: {"exchange": name, "routing_key": name} for name in QUEUES},
        "task_default_queue": "poll",
        # Held back in a worker, a hint would wait behind long tasks while other workers idle.
        "worker_prefetch_multiplier": 1,
        # The application configures logging itself.
        "worker_hijack_root_logger": False,
        "worker_redirect_stdouts": False,
        # Nothing here asks workers anything from outside.
        "worker_enable_remote_control": False,
        "worker_send_task_events": False,
        "beat_max_loop_interval": TICK.total_seconds(),
        "beat_schedule": {
            "tick": {
                "task": "tick",
                "schedule": TICK,
                "options": {"queue": "poll", "expires": 2 * TICK.total_seconds()},
            },
            "sweep": {"task": "sweep", "schedule": SWEEP, "options": {"queue": "alert"}},
        },
        "timezone": "UTC",
    }
