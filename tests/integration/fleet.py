"""Workers, beats and webs as processes of their own, on one home folder or on real servers, watching what they say.

    with Fleet(home, broker_url=server.url) as fleet:
        worker = fleet.worker("poll")
        fleet.beat()
        worker.wait_for("working on")
        worker.kill()

The processes end with the ``with`` block, killed if need be.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from analyst import answers
from config.settings import Settings, load
from pipeline.archive import open_archive
from pipeline.archive.base import Archive
from pipeline.frontier import open_frontier
from pipeline.frontier.base import Frontier
from pipeline.heartbeats import Role
from pipeline.model import utc_now
from tests.integration.program import ROOT, Program, left_of
from workers.health import check

STARTS = 30.0
"""Seconds for a process to say what is waited for."""
FAST: Mapping[str, str] = {
    "TICK_SECONDS": "0.2",
    "SWEEP_SECONDS": "2",
    "LEASE_SECONDS": "5",
    "MAIL_CLAIM_SECONDS": "5",
    "VISIBILITY_SECONDS": "3",
    "SOFT_SHUTDOWN_SECONDS": "5",
    "SILENCE_SECONDS": "5",
}
"""Everything in seconds instead of minutes."""


class Process:
    """One process of the fleet. What it says on both streams is kept, line by line."""

    def __init__(self, arguments: tuple[str, ...], environment: Mapping[str, str], *, module: str = "cli.main") -> None:
        self.arguments = arguments
        self.lines: list[str] = []
        self._heard = threading.Condition()
        self._popen = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            env=dict(environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def alive(self) -> bool:
        return self._popen.poll() is None

    @property
    def said(self) -> str:
        """Everything so far."""
        return "".join(self.lines)

    def _listen(self) -> None:
        assert self._popen.stdout
        with self._popen.stdout as stream:
            for line in stream:
                with self._heard:
                    self.lines.append(line)
                    self._heard.notify_all()
        with self._heard:
            self._heard.notify_all()

    def wait_for(self, words: str, seconds: float = STARTS, *, after: int = 0) -> str:
        """The first line with these words, from the line ``after`` on; fails when none comes."""
        end = time.monotonic() + seconds
        with self._heard:
            while True:
                if found := next((line for line in self.lines[after:] if words in line), None):
                    return found
                left = end - time.monotonic()
                assert left > 0, f"{self.arguments} never said {words!r}: {self.said}"
                assert self.alive or self._listener.is_alive(), f"{self.arguments} has ended: {self.said}"
                self._heard.wait(min(left, 0.5))

    def send(self, number: signal.Signals) -> None:
        """Sends it a signal."""
        os.kill(self.pid, number)

    def end(self, seconds: float = 30.0) -> int:
        """Waits until it has ended; its exit status. One that hangs is killed and fails the test."""
        try:
            status = self._popen.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self.arguments} hangs: {self.said}") from None
        self._listener.join(10)
        return status

    def stop(self, seconds: float = 30.0) -> int:
        """SIGTERM, then as ``end``."""
        self.send(signal.SIGTERM)
        return self.end(seconds)

    def kill(self) -> None:
        """``kill -9``, of it alone: its children have to notice."""
        if self.alive:
            self._popen.kill()
        self._popen.wait(10)
        self._listener.join(10)

    def left(self) -> list[int]:
        """Its children that live on."""
        return left_of(self._popen)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Stopped by SIGSTOP until the block ends: it lives and does nothing."""
        self.send(signal.SIGSTOP)
        try:
            yield
        finally:
            self.send(signal.SIGCONT)


class Fleet(Program):
    """Processes that share archive, frontier and broker, and commands on them."""

    def __init__(self, home: Path, **settings: str) -> None:
        """``settings`` by name (``broker_url="redis://…"``), beside those in ``FAST``."""
        super().__init__(home)
        self._settings = {**FAST, **{name.upper(): value for name, value in settings.items()}}
        self.processes: list[Process] = []

    def _environment(self) -> dict[str, str]:
        ours = {f"SANCTUARY_WATCH_{name}": value for name, value in self._settings.items()}
        return {**super()._environment(), **ours}

    def use(self, **settings: str) -> None:
        """Other settings for whatever is started from now on."""
        self._settings |= {name.upper(): value for name, value in settings.items()}

    @contextmanager
    def archive(self) -> Iterator[Archive]:
        """The archive that its settings name, in this process."""
        with closing(open_archive(self.settings.archive)) as archive:
            yield archive

    @contextmanager
    def frontier(self) -> Iterator[Frontier]:
        """The frontier that its settings name, in this process."""
        with closing(open_frontier(self.settings.frontier)) as frontier:
            yield frontier

    @property
    def settings(self) -> Settings:
        """Those of whatever is started from now on."""
        return load(self._environment())

    def counts(self) -> dict[str, int]:
        """What ``status`` counts, well or not."""
        settings = self.settings
        with (
            closing(open_archive(settings.archive)) as archive,
            closing(open_frontier(settings.frontier)) as frontier,
        ):
            return answers.status(archive, frontier, utc_now, settings)["counts"]

    def wrong(self, role: Role, *queues: str) -> str:
        """What a health check of this machine finds wrong with its workers or beats; '' when all is well."""
        return "; ".join(check(self.settings, role, queues))

    def why_not(self, *arguments: str, **settings: str) -> str:
        """The reason that a command gives for ending with 1; '' when it ends with 0."""
        process = self.start(*arguments, "--json", **settings)
        if process.end() == 0:
            return ""
        return str(json.loads(process.said.splitlines()[-1])["error"]["reason"])

    def start(self, *arguments: str, module: str = "cli.main", **settings: str) -> Process:
        """Starts a command; ``settings`` are for it alone. ``module``: another program that takes commands."""
        more = {f"SANCTUARY_WATCH_{name.upper()}": value for name, value in settings.items()}
        process = Process(arguments, {**self._environment(), **more}, module=module)
        self.processes.append(process)
        return process

    def worker(self, *queues: str, **settings: str) -> Process:
        """A worker for some queues; none: for all."""
        return self.start("worker", *(("--queues", ",".join(queues)) if queues else ()), **settings)

    def beat(self, **settings: str) -> Process:
        """A beat."""
        return self.start("beat", **settings)

    def web(self, port: int = 0) -> Process:
        """A web."""
        return self.start("web", "--listen", f"127.0.0.1:{port}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self.processes:
            process.kill()


def wait_until(true: Callable[[], bool], seconds: float = STARTS) -> None:
    """Looks until it is true; fails when it does not become so."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.1)
