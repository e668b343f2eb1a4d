"""Two workers for each queue and two beats, on one archive in Elasticsearch, which decides by compare-and-set alone."""

from __future__ import annotations

import pytest

from config.celery import QUEUES
from tests.integration.faults.conftest import Start, patient
from tests.integration.faults.monitor import Account, same
from tests.integration.faults.sink import Sink
from tests.servers.elasticsearch import own_archive_url
from tests.servers.redis import RedisProcess

pytestmark = pytest.mark.timeout(300)


def test_two_of_everything(start: Start, server: RedisProcess, sink: Sink, undisturbed: Account) -> None:
    with own_archive_url() as url:
        monitor = start(archive_url=url, **patient(server))
        for queue in QUEUES:
            monitor.staff(queue)
        monitor.beats.append(monitor.beat())
        account = monitor.finish()
    same(account, undisturbed, "two of everything, on Elasticsearch")
    assert account.asked == undisturbed.asked, "nothing is asked for twice"
    assert account.repeated_mails == 0
