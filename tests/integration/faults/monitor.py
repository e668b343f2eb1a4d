"""A worker for each queue and a beat, watching the press; and the account of what they came to."""

from __future__ import annotations

import random
import signal
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from config.celery import QUEUES
from pipeline import flow
from pipeline.alerts.subscriptions import subscribe
from pipeline.errors import PipelineError
from pipeline.feeds.opml import read_opml
from pipeline.model import Alert, Entry, Feed
from pipeline.tools import open_tools
from pipeline.watching import watch
from tests.integration.faults.press import Press
from tests.integration.faults.sink import Sink
from tests.integration.fleet import Fleet, Process, wait_until
from tests.integration.program import READER, Outcome, mistold, outcome

LONG_AGO = timedelta(days=1)
"""The reader's subscription is older than any clock here jumps: what was noticed before it began is not told."""
ENDS = ("waiting", "article", "copy", "discard", "quarantine")
PATIENCE = 90.0
"""Seconds for anything that is waited for, on a busy machine."""


@dataclass(frozen=True)
class Scale:
    """How long faults last, and the settings that go with it."""

    outage: float
    """Seconds."""
    settings: Mapping[str, str]
    patience: float
    """Seconds to wait for the end of all work."""


SHORT = Scale(
    4.0,
    {"lease_seconds": "10", "visibility_seconds": "4", "mail_claim_seconds": "5", "sweep_seconds": "2"},
    PATIENCE,
)
"""For every run of the tests."""
LONG = Scale(
    60.0,
    {
        "lease_seconds": "240", "visibility_seconds": "900", "mail_claim_seconds": "300", "sweep_seconds": "60",
        "tick_seconds": "1", "soft_shutdown_seconds": "30", "silence_seconds": "60",
    },
    600.0,
)  # fmt: skip
"""As an operator runs it, but for a sweep every minute instead of every ten."""


@dataclass(frozen=True)
class Account:
    """What a run came to."""

    outcome: Outcome
    """Entries and how they ended, stories, measures, alerts: what is the same in every run."""
    mails: int
    """By Message-ID."""
    seconds: float
    """From the start of the processes."""
    asked: int
    """Feeds and pages asked for, repeated ones too."""
    repeated_mails: int


class Monitor(Fleet):
    """Its processes; ``with`` ends them."""

    def __init__(self, home: Path, press: Press, sink: Sink, scale: Scale = SHORT, **settings: str) -> None:
        super().__init__(
            home,
            smtp_url=sink.url,
            secret_key="a key for tests",
            mail_per_hour="1000",
            **(dict(scale.settings) | settings),
        )
        self.press, self.sink, self.scale = press, sink, scale
        self.workers: dict[str, Process] = {}
        self.beats: list[Process] = []
        self._asked = len(press.requests)
        self._began = time.monotonic()

    def mails(self) -> list[bytes]:
        return self.sink.mails

    def open(self, *, staffed: bool = True) -> None:
        """Watches the press for a reader who wants everything, with a worker for each queue and a beat."""
        with open_tools(self.settings) as tools:
            tools.archive.create(subscribe(READER, now=tools.now() - LONG_AGO))
            for line in read_opml(self.press.opml().encode()):
                if line.title in self.press.watched:
                    watch(tools.archive, tools.frontier, line)
        self._asked = len(self.press.requests)
        self._began = time.monotonic()
        if staffed:
            for queue in QUEUES:
                self.staff(queue)
            self.beats.append(self.beat())

    def staff(self, queue: str) -> Process:
        """Another worker for a queue."""
        self.workers[queue] = self.worker(queue)
        return self.workers[queue]

    def replaced(self, queue: str) -> None:
        """Kills the worker of a queue (-9) and starts another, as a supervisor does."""
        self.workers[queue].kill()
        self.staff(queue)

    # -------------------------------------------------------------- how far it is
    def is_done(self) -> bool:
        """Nothing is left to do, and nothing was lost on the way to it."""
        try:
            with open_tools(self.settings) as tools:
                feeds = tools.archive.count(Feed)
                tools.archive.refresh()
                return bool(
                    feeds
                    and tools.frontier.filled()
                    and len(tools.frontier.dues("feed")) == feeds
                    and flow.is_idle(tools)
                    and tools.archive.count(Entry)
                    and not tools.archive.count(Entry, {"outcome": "waiting"})
                    and not tools.archive.count(Alert, {"state": "waiting"})
                )
        except PipelineError:
            return False

    def finish(self) -> Account:
        """Waits until all is done; every process that runs must be well, and ends in good order."""
        try:
            wait_until(self.is_done, self.scale.patience)
        except AssertionError:
            raise AssertionError(f"{self._told()}\n{self._said()}") from None
        seconds = time.monotonic() - self._began
        running = [process for process in self.processes if process.alive]
        for process in running:
            process.send(signal.SIGTERM)
        for process in running:
            code = process.end()
            # One that had only just been started again may be told to stop before it can listen.
            assert code == 0 or (code == -signal.SIGTERM and not process.said), f"{code}: {process.said}"
        return self.account(seconds)

    def account(self, seconds: float = 0.0) -> Account:
        """As things stand; nothing is told wrongly or twice."""
        with self.archive() as archive:
            archive.refresh()
        found = self.findings()
        sent = [alert for alert in found.alerts if alert["state"] == "sent"]
        assert mistold(replace(found, alerts=sent)) == [], self._said()
        asked = [r for r in self.press.requests[self._asked :] if r.target != "/robots.txt"]
        return Account(outcome(found), len(found.mails), seconds, len(asked), self.sink.repeated)

    def _told(self) -> str:
        """Where it stands, for a failure."""
        try:
            with open_tools(self.settings) as tools:
                backlog = tools.frontier.backlog(tools.now())
                ends = {name: tools.archive.count(Entry, {"outcome": name}) for name in ENDS}
                return f"it never came to an end: {backlog}, {ends}, {len(self.sink.mails)} mails"
        except PipelineError as error:
            return f"it never came to an end: {error}"

    def _said(self) -> str:
        return "\n".join(f"{p.arguments} (alive: {p.alive}):\n{p.said[-3000:]}" for p in self.processes)


def same(account: Account, undisturbed: Account, what: str) -> None:
    """The run came to what an undisturbed one comes to. Tells the figures, for docs/reliability.md."""
    for name, wanted in undisturbed.outcome.items():
        found = account.outcome[name]
        assert found == wanted, f"{what}, {name}: {_difference(found, wanted)}"
    assert account.mails == undisturbed.mails
    print(
        f"{what}: {account.seconds:.0f} s (undisturbed {undisturbed.seconds:.0f} s), asked again"
        f" {account.asked - undisturbed.asked}, mails accepted again {account.repeated_mails}"
    )


def _difference(found: Any, wanted: Any) -> str:
    if not isinstance(found, dict):
        return f"{found}, not {wanted}"
    keys = [key for key in {**found, **wanted} if found.get(key) != wanted.get(key)]
    return "; ".join(f"{key}: {found.get(key)}, not {wanted.get(key)}" for key in keys)


def last(seconds: float) -> None:
    """Lets a fault last: its length is what is tried, nothing is waited for."""
    threading.Event().wait(seconds)


@contextmanager
def seeded(seed: int) -> Iterator[random.Random]:
    """Chance that can be had again."""
    print(f"seed {seed}")
    yield random.Random(seed)


def ends(account: Account) -> dict[str, Any]:
    """Figures of an account that must not be nothing, or the run proves nothing."""
    told = account.outcome
    return {
        "articles": told["ends"]["article"], "copies": told["ends"]["copy"], "measures": len(told["measures"]),
        "mails": account.mails,
    }  # fmt: skip
