"""A real Elasticsearch stopped, full, slow and read-only under a monitor at work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

from tests.integration.faults.conftest import Start
from tests.integration.faults.monitor import LONG, Account, Monitor, Scale, last, same
from tests.integration.faults.press import Press
from tests.servers.elasticsearch import Node, one_node, own_archive_url, rejects
from tests.servers.proxies import HttpProxy

pytestmark = pytest.mark.timeout(300)
Work = Callable[[], Monitor]


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with one_node(tmp_path_factory.mktemp("elasticsearch"), tier=4) as made:
        yield made


@pytest.fixture
def proxy(node: Node) -> Iterator[HttpProxy]:
    """In front of the node."""
    if not node.running:
        node.start()
    address = urlsplit(node.url)
    with HttpProxy((str(address.hostname), address.port or 0)) as made:
        yield made


@contextmanager
def at_work(start: Start, press: Press, node: Node, proxy: HttpProxy, scale: Scale) -> Iterator[Monitor]:
    """A monitor with its archive behind the proxy, in the middle of its work."""
    with own_archive_url(node.url) as url, press.moment(press.of_page, 8) as moment:
        monitor = start(scale, archive_url=url.replace(node.url, proxy.url))
        moment.wait()
        moment.over()
        yield monitor


def test_stopped(start: Start, press: Press, node: Node, proxy: HttpProxy, undisturbed: Account, scale: Scale) -> None:
    with at_work(start, press, node, proxy, scale) as monitor:
        node.stop()
        last(scale.outage)
        assert "Elasticsearch" in monitor.wrong("worker")
        node.start()
        same(monitor.finish(), undisturbed, f"Elasticsearch stopped for {scale.outage:.0f} s")


def test_more_to_do_than_it_can(
    start: Start, press: Press, node: Node, proxy: HttpProxy, undisturbed: Account, scale: Scale
) -> None:
    with at_work(start, press, node, proxy, scale) as monitor:
        proxy.answer(rejects)
        last(scale.outage)
        proxy.behave()
        same(monitor.finish(), undisturbed, f"Elasticsearch answers 429 for {scale.outage:.0f} s")


def test_slow(start: Start, press: Press, node: Node, proxy: HttpProxy, undisturbed: Account, scale: Scale) -> None:
    late = 25.0 if scale is LONG else 1.0  # beyond the time limit of a request, and within
    with at_work(start, press, node, proxy, scale) as monitor:
        proxy.slow(late)
        last(scale.outage)
        proxy.behave()
        same(monitor.finish(), undisturbed, f"Elasticsearch answers {late:.0f} s late for {scale.outage:.0f} s")


def test_read_only(
    start: Start, press: Press, node: Node, proxy: HttpProxy, undisturbed: Account, scale: Scale
) -> None:
    with at_work(start, press, node, proxy, scale) as monitor:
        node.block_writes(True)
        last(scale.outage)
        assert "full" in monitor.wrong("worker")
        node.block_writes(False)
        same(monitor.finish(), undisturbed, f"Elasticsearch read-only for {scale.outage:.0f} s")
