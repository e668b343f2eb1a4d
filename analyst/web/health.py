"""For machines: does the process live, can it answer, and what do archive, frontier and broker hold.

What the processes *did* (by reason, and how long it took) each of them tells itself, see docs/metrics.md.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from analyst import answers
from analyst.answers.operations import answering
from analyst.answers.watching import feed_state
from analyst.web.desk import Desk
from config.celery import QUEUES
from pipeline import broker, heartbeats
from pipeline.archive.base import every
from pipeline.errors import PipelineError
from pipeline.model import Alert, Article, Docket, Entry, Quarantined, Subscription

PREFIX = "sanctuary_watch_"
KEPT = 10.0
"""Seconds that numbers are kept: several Prometheus servers cost no more than one."""
KEPT_LONG = 60.0
"""Those for which every feed has to be looked at."""
OUTCOMES = ("waiting", "article", "copy", "discard", "quarantine")
ALERT_STATES = ("waiting", "sent", "suppressed")
QUARANTINED = ("feed", "entry", "article", "docket", "alert")


def healthz(desk: Desk, request: Request) -> Response:
    """The process lives."""
    return PlainTextResponse("ok\n")


def readyz(desk: Desk, request: Request) -> Response:
    """Archive, frontier and broker answer; 503 and what is wrong when not."""
    checks = answering(desk.archive, desk.frontier, desk.settings)
    ready = all(check["ok"] for check in checks)
    return JSONResponse({"ready": ready, "checks": checks}, 200 if ready else 503)


class Metrics:
    """``/metrics``. One for each application: it keeps numbers for some seconds."""

    def __init__(self, desk: Desk, *counted: Collector) -> None:
        """``counted``: what this process counts itself."""
        self._registry = CollectorRegistry()
        for counter in counted:
            self._registry.register(counter)
        for read, kept in ((stores, KEPT), (feeds, KEPT_LONG)):
            self._registry.register(_Kept(lambda read=read: list(read(desk)), kept))  # type: ignore[misc]

    def answer(self, request: Request) -> Response:
        """All numbers in Prometheus' text format."""
        return Response(generate_latest(self._registry), media_type=CONTENT_TYPE_LATEST)


class _Kept(Collector):
    """Numbers that are read anew after ``kept`` seconds, by one thread."""

    def __init__(self, read: Callable[[], list[Metric]], kept: float) -> None:
        self._read = read
        self._kept = kept
        self._lock = threading.Lock()
        self._found: list[Metric] = []
        self._until = 0.0

    def collect(self) -> Iterable[Metric]:
        with self._lock:
            if time.monotonic() >= self._until:
                self._found = self._read()
                self._until = time.monotonic() + self._kept
            return self._found

    def describe(self) -> Iterable[Metric]:
        return ()  # nothing is read before somebody asks


# ------------------------------------------------------------------ numbers
def stores(desk: Desk) -> Iterator[Metric]:
    """What the three servers hold. Of one that does not answer only that."""
    up = _gauge("server_up", "Whether a server of ours answers.", "server")
    for server, read in (("archive", archive), ("frontier", frontier), ("broker", hints)):
        try:
            yield from list(read(desk))
        except PipelineError:
            up.add_metric([server], 0)
        else:
            up.add_metric([server], 1)
    yield up


def archive(desk: Desk) -> Iterator[Metric]:
    """Counts of the record."""
    count = desk.archive.count
    entries = _gauge("entries", "Entries, by what became of them.", "outcome")
    for outcome in OUTCOMES:
        entries.add_metric([outcome], count(Entry, {"outcome": outcome}))
    yield entries
    yield _single("articles", "Articles, copies included.", count(Article))
    yield _single("articles_pending", "Articles not yet taken into every docket.", count(Article, {"pending": "1"}))
    yield _single("dockets", "Jurisdictions with measures.", count(Docket))
    yield _single("dockets_owing", "Dockets with notices that are open.", count(Docket, {"open": "1"}))
    yield _single("subscriptions", "Subscriptions.", count(Subscription))
    alerts = _gauge("alerts", "Rows of the outbox, by state.", "state")
    for state in ALERT_STATES:
        alerts.add_metric([state], count(Alert, {"state": state}))
    yield alerts
    created = [stored.record.created for stored in every(desk.archive, Alert, {"state": "waiting"})]
    yield _single("oldest_waiting_alert_seconds", "Age of the oldest alert that waits.", _age(created, desk.now()))
    kept = _gauge("quarantined", "What is in quarantine, by kind.", "what")
    for what in QUARANTINED:
        kept.add_metric([what], count(Quarantined, {"what": what}))
    yield kept


def frontier(desk: Desk) -> Iterator[Metric]:
    """What is due and leased, and who works."""
    now = desk.now()
    backlog = desk.frontier.backlog(now)
    due = _gauge("due", "What is due and not leased.", "kind")
    due.add_metric(["feed"], backlog.due_feeds)
    due.add_metric(["entry"], backlog.due_entries)
    yield due
    yield _single("leased", "Feeds and entries that a worker holds.", backlog.leased)
    entries = desk.frontier.dues("entry").values()
    yield _single("oldest_due_entry_seconds", "For how long the oldest due entry has waited.", _age(entries, now))
    beats = heartbeats.alive(heartbeats.read(desk.frontier.notes(heartbeats.KIND)), now, desk.settings.silence)
    workers = _gauge("workers", "Workers that were heard of lately, by the queue they serve.", "queue")
    idle = _gauge("idle_seconds", "How long no worker has consumed anything, by queue.", "queue")
    for queue in QUEUES:
        serving = [one for one in beats if one.role == "worker" and queue in one.queues]
        workers.add_metric([queue], len(serving))
        if serving:
            idle.add_metric([queue], max(0.0, min(one.idle(queue, now).total_seconds() for one in serving)))
    yield workers
    yield idle
    yield _single("beats", "Beats that were heard of lately.", sum(one.role == "beat" for one in beats))


def hints(desk: Desk) -> Iterator[Metric]:
    """Hints that wait in the broker. Nothing when it lies in another process's memory."""
    waiting = _gauge("hints_waiting", "Hints that wait in the broker, by queue.", "queue")
    for queue, length in broker.waiting(desk.settings).items():
        waiting.add_metric([queue], length)
    yield waiting


def feeds(desk: Desk) -> Iterator[Metric]:
    """Health of the feeds."""
    try:
        states = Counter(
            feed_state(failing=row["error"] is not None, polled=row["last_success"] is not None, quiet=row["quiet"])
            for row in answers.feeds(desk.archive, desk.frontier, desk.now)["feeds"]
        )
        oldest = _age(desk.frontier.dues("feed").values(), desk.now())
    except PipelineError:
        return  # server_up tells
    gauge = _gauge("feeds", "Feeds, by health.", "state")
    for state in ("well", "quiet", "failing", "new"):
        gauge.add_metric([state], states[state])
    yield gauge
    yield _single("oldest_due_feed_seconds", "For how long the feed that is due longest has waited.", oldest)


def _age(instants: Iterable[datetime], now: datetime) -> float:
    return max(0.0, (now - min(instants, default=now)).total_seconds())


def _gauge(name: str, says: str, label: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(PREFIX + name, says, labels=[label])


def _single(name: str, says: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(PREFIX + name, says, value=value)
