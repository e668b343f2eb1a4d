"""What this process did: counted for the answer of a run, and as metrics for Prometheus."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta

from prometheus_client import CollectorRegistry, Histogram
from prometheus_client import Counter as Total

TASK_SECONDS = (0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 120, 300)
LATENCY_SECONDS = (60, 120, 300, 600, 1800, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 86400, 3 * 86400)


class Tally:
    """Counts from many threads. ``registry`` holds the metrics (docs/metrics.md)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()
        self.registry = CollectorRegistry()
        self._events = Total(
            "sanctuary_watch_events",
            "What this process did: feeds polled and failed, entries by outcome and reason, measures, alerts.",
            ["event", "reason"],
            registry=self.registry,
        )
        self._tasks = Histogram(
            "sanctuary_watch_task_duration_seconds",
            "How long this process worked on a Celery task.",
            ["task"],
            buckets=TASK_SECONDS,
            registry=self.registry,
        )
        self._latency = Histogram(
            "sanctuary_watch_alert_latency_seconds",
            "From the first report of an action (published, else first seen) until the mail server accepted the alert.",
            ["kind"],
            buckets=LATENCY_SECONDS,
            registry=self.registry,
        )

    def add(self, what: str, n: int = 1, *, reason: str = "") -> None:
        """Counts ``n`` more of ``what``. ``reason``: a short one of a fixed set, '' when there is none."""
        with self._lock:
            self._counts[what] += n
        if n > 0:  # what turns out to be something else later happened all the same
            self._events.labels(what, reason).inc(n)

    def took(self, task: str, seconds: float) -> None:
        """A Celery task was at work for so long."""
        self._tasks.labels(task).observe(seconds)

    def told(self, kind: str, latency: timedelta) -> None:
        """An alert of a kind went out so long after the first report."""
        self._latency.labels(kind).observe(latency.total_seconds())

    def __getitem__(self, what: str) -> int:
        return self._counts[what]
