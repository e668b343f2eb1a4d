"""Celery's configuration, every value with its reason.

A message is a hint: it may be lost, late or doubled, and nothing depends on it. It says only "look what is due"; what
is due, leased or owed lives in the frontier and the archive. So a hint never grows old either, and needs no expiry,
which would compare the clocks of two machines.

Each queue has its own tick and its own sweep: when all workers of one kind are gone, the others go on.
"""

from __future__ import annotations

import ssl
from typing import Any

from config.settings import Settings

QUEUES = ("poll", "article", "alert")
TASKS = {
    "poll": "poll",
    "article": "article",
    "alert": "alert",
    "sweep feeds": "poll",
    "sweep articles": "article",
    "sweep notices": "alert",
    "sweep hubs": "poll",
}
"""The queue of every task."""
MOST_HINTS = 100
"""Nobody adds to a queue in which so many wait: workers are slow or gone, and one hint says as much as a thousand."""


def celery_config(settings: Settings) -> dict[str, Any]:
    """The configuration of the app for these settings, as Celery's lower-case keys."""
    secure = settings.broker_url.startswith("rediss://")
    return {
        # A bare memory:// makes the transport complain that it has no host.
        "broker_url": "memory://localhost/" if settings.broker_url == "memory://" else settings.broker_url,
        # Without it, kombu takes rediss:// to mean TLS with no certificate checked. Options in the URL go before.
        "broker_use_ssl": {"ssl_cert_reqs": ssl.CERT_REQUIRED} if secure else None,
        "broker_transport_options": transport_options(settings),
        # A worker that starts before its broker waits for it ...
        "broker_connection_retry_on_startup": True,
        # ... and through an outage of any length; the heartbeat tells whoever has to know.
        "broker_connection_max_retries": None,
        # By default a thread that finds no free connection waits for ever.
        "broker_pool_acquire_timeout": 30,
        # Acknowledged when done, so that what dies with a worker is handed out again ...
        "task_acks_late": True,
        # ... also after an error: it would come again, and what to do again is decided in the archive.
        "task_acks_on_failure": True,
        # Of prefork children only; kept so that a change of the pool loses nothing: a bounded number of times ...
        "task_retry_on_worker_lost": True,
        # ... as rejecting instead would loop for ever over what kills its worker.
        "task_reject_on_worker_lost": False,
        # Results are in the archive; nobody waits for a task.
        "task_ignore_result": True,
        # Nothing that a message can make a worker execute.
        "task_serializer": "json",
        "accept_content": ["json"],
        # A misspelt queue is an error, not a queue that nobody reads.
        "task_create_missing_queues": False,
        "task_queues": {name: {"exchange": name, "routing_key": name} for name in QUEUES},
        "task_routes": {task: {"queue": queue} for task, queue in TASKS.items()},
        "task_default_queue": "poll",
        # Held back in a worker, a hint would wait behind long tasks while other workers idle.
        "worker_prefetch_multiplier": 1,
        # A lost connection cannot acknowledge any more; the coming default. A thread cannot be ended, see Threads.
        "worker_cancel_long_running_tasks_on_connection_loss": True,
        # After SIGQUIT (and SIGTERM under REMAP_SIGTERM): so long for what is under way, then it is given back.
        "worker_soft_shutdown_timeout": settings.soft_shutdown_seconds,
        # It sleeps through the whole time-out; nothing is held back here (no ETA, no prefetch), so an idle worker ends.
        "worker_enable_soft_shutdown_on_idle": False,
        # The application configures logging itself.
        "worker_hijack_root_logger": False,
        "worker_redirect_stdouts": False,
        # Nothing here asks workers anything through the broker: a process that answers pings may still not consume.
        "worker_enable_remote_control": False,
        "worker_send_task_events": False,
        # The heartbeat falls silent when a beat ticks no more; this would be a second way, and a second connection.
        "beat_enable_remote_control": False,
        "beat_max_loop_interval": settings.tick_seconds,
        # A few fixed entries, not one for each feed: what is due is the frontier's business.
        "beat_schedule": {
            task: {
                "task": task,
                "schedule": settings.sweep_seconds if task.startswith("sweep") else settings.tick_seconds,
                "options": {"queue": queue},
            }
            for task, queue in TASKS.items()
        },
        "timezone": "UTC",
    }


def transport_options(settings: Settings) -> dict[str, Any]:
    """What kombu's transport is told, for workers, beats and whoever counts the hints that wait."""
    if settings.broker_url == "memory://":
        # With its default of one second the in-memory transport crawls; 20 ms give over a thousand tasks a second.
        return {"polling_interval": 0.02}
    return {
        # Hints of a worker that died come back after it. Longer than any task, or tasks would be handed out twice.
        "visibility_timeout": settings.visibility_seconds,
        # Looked for so often ...
        "unacked_restore_interval": min(10.0, settings.visibility_seconds),
        # ... each time, not each tenth: else it may be a hundred seconds more.
        "unacked_restore_throttle": 1,
        # By default none: a publish to a server that hangs would hang for ever.
        "socket_timeout": 30.0,
        "socket_connect_timeout": 5.0,
        # Whoever sends a hint does not wait for a broker that is away (by default some six seconds): a tick comes soon.
        "max_retries": 0,
        # Connections that a firewall forgot are noticed by the kernel ...
        "socket_keepalive": True,
        # ... and half-open ones, on which a worker would wait for ever, by the transport.
        "health_check_interval": 25,
        # So that a Redis database may be shared; with a colon, as its tools group keys by it.
        "global_keyprefix": "sanctuary-watch:",
    }
