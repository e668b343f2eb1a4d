"""A machine whose clock jumps by an hour in the middle of its work."""

from __future__ import annotations

import signal
from datetime import timedelta

import pytest

from config.celery import QUEUES
from pipeline import heartbeats
from pipeline.model import utc_now
from tests.integration.faults.conftest import Start
from tests.integration.faults.monitor import PATIENCE, Account, Monitor, same
from tests.integration.faults.press import Press
from tests.integration.fleet import wait_until

pytestmark = pytest.mark.timeout(300)
HALF_AN_HOUR = timedelta(minutes=30)
SHIFTED = "tests.integration.faults.shifted"


def on_one_clock(start: Start, press: Press) -> Monitor:
    """A monitor of processes whose clocks jump together, in the middle of its work."""
    with press.moment(press.of_page, 8) as moment:
        monitor = start(staffed=False)
        for queue in QUEUES:
            monitor.workers[queue] = monitor.start("0", "worker", "--queues", queue, module=SHIFTED)
        monitor.start("0", "beat", module=SHIFTED)
        moment.wait()
    return monitor


def jump(monitor: Monitor, number: signal.Signals) -> None:
    for process in monitor.processes:
        process.send(number)


def test_an_hour_forward(start: Start, press: Press, undisturbed: Account) -> None:
    monitor = on_one_clock(start, press)
    jump(monitor, signal.SIGUSR1)
    same(monitor.finish(), undisturbed, "clock an hour forward")


def all_noticed(monitor: Monitor) -> bool:
    """Whether every process has written its heartbeat by a clock that is behind."""
    with monitor.frontier() as frontier:
        beats = heartbeats.read(frontier.notes(heartbeats.KIND))
    return len(beats) == len(monitor.processes) and all(utc_now() - one.at > HALF_AN_HOUR for one in beats)


def test_an_hour_back_and_put_right(start: Start, press: Press, undisturbed: Account) -> None:
    monitor = on_one_clock(start, press)
    jump(monitor, signal.SIGUSR2)
    wait_until(lambda: all_noticed(monitor), PATIENCE)
    assert all(process.alive for process in monitor.processes)
    jump(monitor, signal.SIGUSR1)
    same(monitor.finish(), undisturbed, "clock an hour back, then put right")
