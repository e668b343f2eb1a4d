"""Redis, broker and frontier in one, killed with and without its data, away, and silent."""

from __future__ import annotations

import pytest

from tests.integration.faults.conftest import Start
from tests.integration.faults.monitor import Account, Monitor, Scale, last, same
from tests.integration.faults.press import Press
from tests.servers.redis import RedisProcess

pytestmark = pytest.mark.timeout(300)


def at_work(start: Start, press: Press, scale: Scale) -> Monitor:
    """A monitor that has read some pages and has others before it."""
    with press.moment(press.of_page, 8) as moment:
        monitor = start(scale)
        moment.wait()
    return monitor


def test_killed_with_its_data(
    start: Start, press: Press, server: RedisProcess, undisturbed: Account, scale: Scale
) -> None:
    monitor = at_work(start, press, scale)
    server.kill()
    server.start()
    same(monitor.finish(), undisturbed, "Redis killed")


def test_killed_without_its_data(
    start: Start, press: Press, server: RedisProcess, undisturbed: Account, scale: Scale
) -> None:
    monitor = at_work(start, press, scale)
    server.kill()
    server.lose_data()
    server.start()
    same(monitor.finish(), undisturbed, "Redis killed, its data lost")


def test_away(start: Start, press: Press, server: RedisProcess, undisturbed: Account, scale: Scale) -> None:
    monitor = at_work(start, press, scale)
    server.kill()
    last(scale.outage)
    assert "Redis" in monitor.wrong("worker")
    server.start()
    same(monitor.finish(), undisturbed, f"Redis away for {scale.outage:.0f} s")


def test_silent(start: Start, press: Press, server: RedisProcess, undisturbed: Account, scale: Scale) -> None:
    monitor = at_work(start, press, scale)
    with server.frozen():
        last(scale.outage)
    same(monitor.finish(), undisturbed, f"Redis silent for {scale.outage:.0f} s")
