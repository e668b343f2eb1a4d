"""A machine whose clock jumps by an hour in the middle of its work."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest

from config.celery import QUEUES
from pipeline import heartbeats
from pipeline.model import utc_now
from tests.integration.faults.conftest import Start
from tests.integration.faults.monitor import PATIENCE, Account, Monitor, Scale, same
from tests.integration.faults.press import Press
from tests.integration.faults.shifted import BACK, FORWARD
from tests.integration.fleet import wait_until

pytestmark = pytest.mark.timeout(300)
HOUR = timedelta(hours=1)
HALF_AN_HOUR = HOUR / 2
SHIFTED = "tests.integration.faults.shifted"


def on_one_clock(start: Start, press: Press, scale: Scale) -> Monitor:
    """A monitor of processes whose clocks jump together, in the middle of its work."""
    with press.moment(press.of_page, 8) as moment:
        monitor = start(scale, staffed=False)
        for queue in QUEUES:
            monitor.workers[queue] = monitor.start("0", "worker", "--queues", queue, module=SHIFTED)
        monitor.start("0", "beat", module=SHIFTED)
        moment.wait()
    return monitor


def jump(monitor: Monitor, number: int) -> None:
    """Of all its clocks."""
    for process in monitor.processes:
        os.kill(process.pid, number)


def wait_until_noticed(monitor: Monitor, ahead: timedelta) -> None:
    """Until every process has written its heartbeat by a clock that is so far ahead, give or take half an hour."""

    def noticed() -> bool:
        with monitor.frontier() as frontier:
            beats = heartbeats.read(frontier.notes(heartbeats.KIND))
        here = [one for one in beats if abs(one.at - utc_now() - ahead) < HALF_AN_HOUR]
        return len(here) == len(monitor.processes)

    wait_until(noticed, PATIENCE)
    assert all(process.alive for process in monitor.processes)


def test_an_hour_forward(start: Start, press: Press, undisturbed: Account, scale: Scale) -> None:
    monitor = on_one_clock(start, press, scale)
    jump(monitor, FORWARD)
    wait_until_noticed(monitor, HOUR)
    same(monitor.finish(), undisturbed, "clock an hour forward")


def test_an_hour_back_and_put_right(start: Start, press: Press, undisturbed: Account, scale: Scale) -> None:
    monitor = on_one_clock(start, press, scale)
    jump(monitor, BACK)
    wait_until_noticed(monitor, -HOUR)
    jump(monitor, FORWARD)
    same(monitor.finish(), undisturbed, "clock an hour back, then put right")
