"""The press, the servers and the undisturbed run that every fault is compared with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.integration.faults.monitor import LONG, SHORT, Account, Monitor, Scale
from tests.integration.faults.press import Press
from tests.integration.faults.sink import Sink
from tests.servers.redis import RedisProcess, programs, running

Start = Callable[..., Monitor]


def patient(server: RedisProcess) -> dict[str, str]:
    """Settings of a run in which no lease ends before its work, however busy the machine."""
    return {"broker_url": server.url, "frontier_url": server.url, "lease_seconds": "60", "visibility_seconds": "60"}


@pytest.fixture(scope="session")
def press() -> Iterator[Press]:
    made = Press(datetime.now(UTC))
    with made:
        yield made
        assert made.errors == []


SCALES = [
    pytest.param(SHORT, id="short"),
    pytest.param(LONG, id="long", marks=[pytest.mark.long, pytest.mark.timeout(1800)]),
]


@pytest.fixture(params=SCALES)
def scale(request: pytest.FixtureRequest) -> Scale:
    """In seconds, and as an operator runs it."""
    found: Scale = request.param
    return found


@pytest.fixture(scope="session")
def undisturbed(press: Press, tmp_path_factory: pytest.TempPathFactory) -> Account:
    """What a run comes to that nothing disturbs."""
    folder = tmp_path_factory.mktemp("undisturbed")
    with (
        running(programs()["valkey"], folder / "redis") as server,
        Sink() as sink,
        Monitor(folder / "home", press, sink, SHORT, **patient(server)) as monitor,
    ):
        monitor.open()
        return monitor.finish()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisProcess]:
    """A Redis that a test may do anything to."""
    with running(programs()["valkey"], tmp_path / "redis") as made:
        yield made


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as made:
        yield made


@pytest.fixture
def start(tmp_path: Path, press: Press, sink: Sink, server: RedisProcess) -> Iterator[Start]:
    """Starts a monitor: worker per queue and beat, on Redis, SQLite as its archive unless told otherwise. What it
    started is ended whatever becomes of the test."""
    with ExitStack() as stack:

        def begin(scale: Scale = SHORT, *, staffed: bool = True, **settings: str) -> Monitor:
            urls = {"broker_url": server.url, "frontier_url": server.url}
            monitor = stack.enter_context(Monitor(tmp_path / "home", press, sink, scale, **(urls | settings)))
            monitor.open(staffed=staffed)
            return monitor

        yield begin
