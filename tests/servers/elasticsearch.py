"""A real Elasticsearch for the tests.

``elasticsearch_url()``
    The base URL of a server that the whole test run shares, started by whoever asks first (4 s). It is, in this order:
    what ``SANCTUARY_WATCH_TEST_ELASTICSEARCH_URL`` names; a container, where a Docker engine answers; a node laid out
    from published jars (``layout``). Where none can be had, the test is skipped and says what is missing.
``own_archive_url(server=None)``
    ``with own_archive_url() as url:`` an archive's URL with a prefix that nobody else uses; its indices are removed at
    the end. ``server`` is another base URL, such as a proxy's or a ``Node``'s.
``Node``, ``one_node(folder)``, ``three_nodes(folder)``
    Nodes of a test's own, to stop, kill, freeze and start again on their data. They always come from the jars.
``rejects``, ``rejects_bulk``, ``rejects_items``
    How an Elasticsearch that has too much to do answers, for ``proxies.HttpProxy.answer``.

From a shell: ``python -m tests.servers.elasticsearch prepare`` fetches what the tests will need, and
``python -m tests.servers.elasticsearch run`` runs a node until Ctrl-C and prints the variable to set, which spares
repeated test runs the start.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from elasticsearch import Elasticsearch

from tests.servers import docker, sharing
from tests.servers.layout import Layout, Missing, layout
from tests.servers.processes import end, free_port, start_bound, tail
from tests.servers.proxies import Answer, Request

VARIABLE = "SANCTUARY_WATCH_TEST_ELASTICSEARCH_URL"
PATIENCE = 90.0
"""Seconds within which a node must answer: twenty times what it takes on an idle machine."""


def elasticsearch_url() -> str:
    """The base URL (``http://host:port``) of the server that this test run shares; a skip where there is none."""
    if url := os.environ.get(VARIABLE):
        return url.rstrip("/")
    try:
        return sharing.shared_url()
    except Missing as reason:
        pytest.skip(f"no Elasticsearch: {reason}. Or let {VARIABLE} name a server")


@contextmanager
def own_archive_url(server: str | None = None) -> Iterator[str]:
    """``elasticsearch+http://host:port/prefix`` for an archive of one's own, whose indices are removed at the end.

    :param server: a base URL; the shared server's when not given
    """
    base = server or elasticsearch_url()
    prefix = f"test-{uuid.uuid4().hex[:12]}"
    try:
        yield f"elasticsearch+{base}/{prefix}"
    finally:
        with Elasticsearch(base) as client:
            # By name: a server forbids the deletion of "test-*" unless it is told otherwise.
            for name in client.indices.get_alias(index=f"{prefix}*", expand_wildcards="all"):
                client.indices.delete(index=name)


# ------------------------------------------------------------------ nodes of a test's own
class Node:
    """One Elasticsearch node, its data in the folder ``home``. It dies with the thread that started it."""

    def __init__(
        self,
        home: Path,
        *,
        server: Layout,
        settings: dict[str, str] | None = None,
        heap: int = 512,
        tier: int = 1,
    ) -> None:
        """
        :param settings: further node settings; a single node when they do not name a cluster
        :param heap: MB
        :param tier: HotSpot's highest compilation tier: 1 starts in 3 s, 4 in 4 s and is faster in the long run
        """
        self.home = home
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = home / "node.log"
        self._server, self._heap, self._tier = server, heap, tier
        self._settings = {
            "node.name": home.name,
            "cluster.name": f"tests-{uuid.uuid4().hex[:8]}",
            "network.host": "127.0.0.1",
            "http.port": str(self.port),
            "transport.port": str(free_port()),
            "cluster.routing.allocation.disk.threshold_enabled": "false",
            **(settings or {"discovery.type": "single-node"}),
        }
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self, *, wait: bool = True) -> None:
        """Starts the node, on the data it had; returns when it answers unless told not to wait."""
        assert not self.running
        self.home.mkdir(parents=True, exist_ok=True)
        self._process = start_bound(self._server.command(self.home, self._settings, self._heap, self._tier), self.log)
        if wait:
            self.wait()

    def wait(self, nodes: int = 1) -> None:
        """Until it answers, belongs to a cluster of at least so many nodes, and every primary shard is there."""
        wait_for(self.url, self._problem, nodes)

    def stop(self) -> None:
        """Ends it the way an operator does (SIGTERM); also one that is frozen."""
        if self._process:
            end(self._process)

    def kill(self) -> None:
        """SIGKILL: nothing is closed, as when a machine fails."""
        if self._process:
            self._process.kill()
            self._process.wait()

    def freeze(self) -> None:
        """SIGSTOP: it keeps its connections and answers nothing; every thread of it stands when this returns."""
        self._signal(signal.SIGSTOP)
        assert self._process
        os.waitid(os.P_PID, self._process.pid, os.WSTOPPED)

    def thaw(self) -> None:
        """SIGCONT."""
        self._signal(signal.SIGCONT)

    def restart(self) -> None:
        """Stops it, unless it is dead already, and starts it on the same data and port."""
        self.stop()
        self.start()

    def block_writes(self, blocked: bool, indices: str = "*") -> None:
        """Sets or lifts the block that a server puts on its indices when its disk is full."""
        with self.client() as client:
            client.indices.put_settings(
                index=indices, settings={"index.blocks.read_only_allow_delete": True if blocked else None}
            )

    def client(self) -> Elasticsearch:
        """The official client on this node alone; to be closed."""
        return Elasticsearch(self.url)

    def _signal(self, number: signal.Signals) -> None:
        assert self._process
        self._process.send_signal(number)

    def _problem(self) -> str | None:
        return None if self.running else tail(self.log)


@contextmanager
def one_node(folder: Path, **options: Any) -> Iterator[Node]:
    """A node that answers, its data in a new folder ``node`` of the folder given; ``options`` are ``Node``'s."""
    node = Node(folder / "node", server=own_layout(), **options)
    try:
        node.start()
        yield node
    finally:
        node.kill()


@contextmanager
def three_nodes(folder: Path, heap: int = 256) -> Iterator[list[Node]]:
    """A cluster of three nodes that answer, each able to be its master, so that one may die."""
    server = own_layout()
    names = ["n1", "n2", "n3"]
    transports = [str(free_port()) for _ in names]
    common = {
        "cluster.name": f"tests-{uuid.uuid4().hex[:8]}",
        "cluster.initial_master_nodes": ",".join(names),
        "discovery.seed_hosts": ",".join(f"127.0.0.1:{port}" for port in transports),
    }
    nodes = [
        Node(folder / name, server=server, heap=heap, settings={**common, "transport.port": port})
        for name, port in zip(names, transports, strict=True)
    ]
    try:
        for node in nodes:
            node.start(wait=False)
        for node in nodes:
            node.wait(len(nodes))
        yield nodes
    finally:
        for node in nodes:
            node.kill()


def own_layout() -> Layout:
    """The server out of its jars; skips the test where it cannot be had."""
    try:
        return layout()
    except Missing as reason:
        pytest.skip(f"no Elasticsearch node of the test's own: {reason}")


def wait_for(url: str, problem: Callable[[], str | None], nodes: int = 1) -> None:
    """Until the server answers that it is ready.

    :param problem: tells why it will never answer, or None
    :raises AssertionError: when it will not, or has not after ``PATIENCE`` seconds
    """
    until = time.monotonic() + PATIENCE
    address = urlsplit(url)
    path = f"/_cluster/health?wait_for_status=yellow&wait_for_nodes=ge({nodes})&timeout=10s"
    while time.monotonic() < until:
        connection = http.client.HTTPConnection(address.netloc, timeout=15)
        with suppress(OSError, http.client.HTTPException):
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            if answer.status == http.HTTPStatus.OK:
                connection.close()
                return
        connection.close()
        if (told := problem()) is not None:
            raise AssertionError(f"Elasticsearch has ended: {told}")
        time.sleep(0.05)
    raise AssertionError(f"Elasticsearch at {url} has not answered for {PATIENCE:.0f} s")


# ------------------------------------------------------------------ what an overloaded server says
_REJECTED = {"type": "es_rejected_execution_exception", "reason": "rejected execution: queue capacity reached"}
_HEADERS = {"Content-Type": "application/json", "X-Elastic-Product": "Elasticsearch"}


def rejects(request: Request) -> Answer | None:
    """Every request is answered 429."""
    body = {"error": {**_REJECTED, "root_cause": [_REJECTED]}, "status": 429}
    return Answer(429, _HEADERS, json.dumps(body).encode())


def rejects_bulk(request: Request) -> Answer | None:
    """Bulk requests as a whole are answered 429, all others pass."""
    return rejects(request) if _is_bulk(request) else None


def rejects_items(request: Request) -> Answer | None:
    """Bulk requests are answered 200 with a 429 for each of their items, all others pass."""
    if not _is_bulk(request):
        return None
    items = []
    lines = iter(request.body.splitlines())
    for line in lines:
        ((action, about),) = json.loads(line).items()
        if action != "delete":
            next(lines)
        items.append(
            {action: {"_index": about.get("_index"), "_id": about.get("_id"), "status": 429, "error": _REJECTED}}
        )
    return Answer(200, _HEADERS, json.dumps({"took": 1, "errors": True, "items": items}).encode())


def _is_bulk(request: Request) -> bool:
    return urlsplit(request.path).path.endswith("/_bulk")


# ------------------------------------------------------------------ from a shell
_STOP = {signal.SIGINT, signal.SIGTERM}


def main(arguments: list[str]) -> int:
    """``prepare`` or ``run``; the exit status. ``prepare`` fails only where tests may not be skipped."""
    match arguments:
        case ["prepare"]:
            if os.environ.get(VARIABLE) or docker.has_image():
                return 0
            try:
                layout()
            except Missing as reason:
                print(
                    f"The tests of Elasticsearch cannot run: {reason}. Or let {VARIABLE} name a server.",
                    file=sys.stderr,
                )
                return 1 if os.environ.get("SANCTUARY_WATCH_TEST_FORBID_SKIPS") else 0
            return 0
        case ["run"]:
            with tempfile.TemporaryDirectory() as folder, one_node(Path(folder), tier=4) as node:
                signal.pthread_sigmask(signal.SIG_BLOCK, _STOP)
                print(f"export {VARIABLE}={node.url}", flush=True)
                signal.sigwait(_STOP)
            return 0
    print("usage: python -m tests.servers.elasticsearch prepare|run", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
