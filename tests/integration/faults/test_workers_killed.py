"""Workers and beats killed by ``kill -9`` in the middle of a task."""

from __future__ import annotations

import pytest

from config.celery import QUEUES
from tests.integration.faults.conftest import Start
from tests.integration.faults.monitor import PATIENCE, Account, Scale, ends, last, same, seeded
from tests.integration.faults.press import Press
from tests.integration.faults.sink import Sink

pytestmark = pytest.mark.timeout(300)


def test_an_undisturbed_run_has_something_to_lose(undisturbed: Account) -> None:
    assert undisturbed.outcome["wrong"] == []
    assert min(ends(undisturbed).values()) >= 3, ends(undisturbed)
    assert undisturbed.repeated_mails == 0


def test_a_poller_killed_while_it_waits_for_a_feed(
    start: Start, press: Press, undisturbed: Account, scale: Scale
) -> None:
    with press.moment(press.of_feed, 3) as moment:
        monitor = start(scale)
        moment.wait()
        monitor.replaced("poll")
    same(monitor.finish(), undisturbed, "poll worker killed")


def test_a_reader_killed_while_it_waits_for_a_page(
    start: Start, press: Press, undisturbed: Account, scale: Scale
) -> None:
    with press.moment(press.of_page, 8) as moment:
        monitor = start(scale)
        moment.wait()
        monitor.replaced("article")
    same(monitor.finish(), undisturbed, "article worker killed")


@pytest.mark.parametrize("seed", [1, 2])
def test_a_reader_killed_at_some_moments(start: Start, press: Press, undisturbed: Account, seed: int) -> None:
    with seeded(seed) as chance:
        monitor = start()
        for _ in range(2):
            with press.moment(press.of_page, chance.randint(1, 6)) as moment:
                moment.wait()
            last(chance.uniform(0.0, 1.5))  # it reads the page, or writes down what it read
            monitor.replaced("article")
        same(monitor.finish(), undisturbed, f"article worker killed twice, seed {seed}")


def test_a_mailer_killed_between_acceptance_and_mark(
    start: Start, sink: Sink, undisturbed: Account, scale: Scale
) -> None:
    monitor = start(scale)
    sink.after(2, lambda: monitor.workers["alert"].kill())
    sink.wait_until(lambda: len(sink.accepted) == 2, PATIENCE)
    monitor.workers["alert"].end()
    monitor.staff("alert")
    account = monitor.finish()
    assert account.repeated_mails == 1, "under the same Message-ID"
    same(account, undisturbed, "alert worker killed")


def test_a_beat_killed(start: Start, press: Press, undisturbed: Account, scale: Scale) -> None:
    with press.moment(press.of_page, 3) as moment:
        monitor = start(scale)
        moment.wait()
        monitor.beats[0].kill()
    monitor.beats.append(monitor.beat())
    same(monitor.finish(), undisturbed, "beat killed")


def test_everything_killed_at_once(start: Start, press: Press, undisturbed: Account, scale: Scale) -> None:
    with press.moment(press.of_page, 10) as moment:
        monitor = start(scale)
        moment.wait()
        for process in monitor.processes:
            process.kill()
    for queue in QUEUES:
        monitor.staff(queue)
    monitor.beat()
    same(monitor.finish(), undisturbed, "everything killed at once")
