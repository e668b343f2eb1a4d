"""Two workers for each queue and two beats, on one archive in Elasticsearch, which decides by compare-and-set alone."""

from __future__ import annotations

import pytest

from config.celery import QUEUES
from tests.integration.faults.conftest import Start, patient
from tests.integration.faults.monitor import SHORT, Account, Scale, same
from tests.servers.elasticsearch import own_archive_url
from tests.servers.redis import RedisProcess

pytestmark = pytest.mark.timeout(300)


def test_two_of_everything(start: Start, server: RedisProcess, undisturbed: Account, scale: Scale) -> None:
    with own_archive_url() as url:
        monitor = start(scale, archive_url=url, **(patient(server) if scale is SHORT else {}))
        for queue in QUEUES:
            monitor.staff(queue)
        monitor.beats.append(monitor.beat())
        account = monitor.finish()
    same(account, undisturbed, "two of everything, on Elasticsearch")
    assert account.asked == undisturbed.asked, "nothing is asked for twice"
    assert account.repeated_mails == 0
