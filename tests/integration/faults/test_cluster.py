"""One node of three killed while the monitor works and a writer writes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from elasticsearch import Elasticsearch

from pipeline.archive import open_archive
from pipeline.errors import Unavailable
from pipeline.model import Quarantined, make_id, utc_now
from tests.integration.faults.conftest import Start
from tests.integration.faults.monitor import PATIENCE, Account, Scale, same, seeded
from tests.integration.faults.press import Press
from tests.integration.fleet import wait_until
from tests.servers.elasticsearch import Node, three_nodes

pytestmark = pytest.mark.timeout(400)
ENOUGH = 20
"""Writes before the node is killed, and after it."""


@pytest.fixture
def nodes(tmp_path: Path) -> Iterator[list[Node]]:
    with three_nodes(tmp_path) as made:
        yield made


class Writer:
    """Creates records through our archive, one after another, and knows which were acknowledged."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.acknowledged: list[str] = []
        self.failed = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._write)

    def _write(self) -> None:
        with closing(open_archive(self._url)) as archive:
            n = 0
            while not self._over.is_set():
                n += 1
                key = make_id("quarantine", "feed", f"{n}")
                kept = Quarantined(
                    key, "feed", f"{n}", url="", step="parse", error="E", reason="", attempts=1, at=utc_now()
                )
                try:
                    assert archive.create(kept)
                except Unavailable:
                    self.failed += 1
                else:
                    self.acknowledged.append(key)

    def __enter__(self) -> Writer:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        self._thread.join(PATIENCE)


@pytest.mark.parametrize("seed", [1])
def test_one_of_three_nodes_killed(
    start: Start, press: Press, nodes: list[Node], undisturbed: Account, scale: Scale, seed: int
) -> None:
    hosts = [node.url.removeprefix("http://") for node in nodes]
    url = f"elasticsearch+http://{','.join(hosts)}"
    with seeded(seed) as chance, press.moment(press.of_page, 8) as moment:
        monitor = start(scale, archive_url=f"{url}/watch?replicas=1&shards=3")
        with (
            closing(open_archive(f"{url}/writer?replicas=1&shards=3")),
            Elasticsearch(nodes[0].url, request_timeout=70) as client,
        ):
            assert client.cluster.health(wait_for_status="green", timeout="60s")["status"] == "green"
        with Writer(f"{url}/writer?replicas=1&shards=3") as writer:
            moment.wait()
            moment.over()
            wait_until(lambda: len(writer.acknowledged) >= ENOUGH, PATIENCE)
            chance.choice(nodes).kill()
            before = len(writer.acknowledged)
            wait_until(lambda: len(writer.acknowledged) >= before + ENOUGH, PATIENCE)
        same(monitor.finish(), undisturbed, "one of three nodes killed")
        with closing(open_archive(f"{url}/writer")) as archive:
            lost = [key for key in writer.acknowledged if archive.get(Quarantined, key) is None]
        assert lost == []
        print(f"{len(writer.acknowledged)} writes acknowledged, {writer.failed} failed meanwhile, none lost")
