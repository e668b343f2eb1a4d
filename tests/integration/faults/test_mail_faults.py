"""The mail server away, putting off, refusing us, refusing the address."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pipeline.archive.base import every
from pipeline.model import Alert, Subscription
from tests.integration.faults.conftest import Start
from tests.integration.faults.monitor import LONG, PATIENCE, SHORT, Account, Monitor, same
from tests.integration.faults.sink import Sink
from tests.integration.fleet import wait_until

pytestmark = pytest.mark.timeout(300)
Fault = Callable[[Sink], None]
MINUTES = "1200"
"""Seconds: longer than any pause after a first failure."""


def away(sink: Sink) -> None:
    sink.stop()


def says(answer: str) -> Fault:
    def told(sink: Sink) -> None:
        sink.answer = answer

    return told


def well(sink: Sink) -> None:
    sink.answer = None
    sink.stop()
    sink.start()


def rows(monitor: Monitor) -> list[Alert]:
    with monitor.archive() as archive:
        archive.refresh()
        return [stored.record for stored in every(archive, Alert)]


def tried(monitor: Monitor, undisturbed: Account) -> bool:
    """Whether every mail was tried, or is known not to be worth trying."""
    found = rows(monitor)
    return len(found) == undisturbed.mails and all(row.reason for row in found)


FAULTS = {
    "mail server down": away,
    "mail server greylists (451)": says("451 4.7.1 Greylisted, try again later"),
    "mail server refuses us (550 5.7.1)": says("550 5.7.1 Relaying denied"),
}


@pytest.mark.parametrize("what", FAULTS)
def test_it_goes_out_once_all_is_well(start: Start, sink: Sink, undisturbed: Account, what: str) -> None:
    FAULTS[what](sink)
    monitor = start(SHORT)
    wait_until(lambda: tried(monitor, undisturbed) or any(row.stopped for row in rows(monitor)), PATIENCE)
    assert sink.accepted == []
    well(sink)
    monitor.workers["alert"].stop()
    # The next attempt comes after minutes: for this worker they are over.
    monitor.start(MINUTES, "worker", "--queues", "alert", module="tests.integration.faults.shifted")
    same(monitor.finish(), undisturbed, what)


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("what", list(FAULTS)[:2])
def test_it_goes_out_by_itself(start: Start, sink: Sink, undisturbed: Account, what: str) -> None:
    FAULTS[what](sink)
    monitor = start(LONG)
    wait_until(lambda: tried(monitor, undisturbed), PATIENCE)
    well(sink)
    same(monitor.finish(), undisturbed, f"{what}, real pauses")


def test_an_address_that_is_refused_is_told_nothing_more(start: Start, sink: Sink, undisturbed: Account) -> None:
    sink.answer = "550 5.1.1 No such user"
    monitor = start(SHORT)
    wait_until(lambda: [row.state for row in rows(monitor)] == ["suppressed"] * undisturbed.mails, PATIENCE)
    sink.answer = None
    account = monitor.finish()
    assert (account.mails, sink.accepted) == (0, [])
    for name in ("entries", "ends", "stories", "measures", "reports", "wrong"):
        assert account.outcome[name] == undisturbed.outcome[name]
    assert sum(account.outcome["alerts"].values()) == sum(undisturbed.outcome["alerts"].values())
    with monitor.archive() as archive:
        (reader,) = every(archive, Subscription)
        assert "5.1.1" in reader.record.stopped
