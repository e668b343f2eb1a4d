"""The Elasticsearch that the tests run on: shared, a test's own, a cluster. It leaves nothing behind."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from elasticsearch import ApiError, Elasticsearch

from tests.servers import layout
from tests.servers.elasticsearch import elasticsearch_url, one_node, own_archive_url, own_layout, three_nodes
from tests.servers.layout import Missing

ROOT = Path(__file__).parents[2]
ASK = """
import sys
from tests.servers.elasticsearch import elasticsearch_url
print(elasticsearch_url(), flush=True)
sys.stdin.read()
"""

Asker = Callable[[], "subprocess.Popen[str]"]


@pytest.fixture
def asker() -> Iterator[Asker]:
    """Starts processes of one test run that ask for its server, print where it is, and stay until their input ends."""
    own_layout()
    ours = {name: value for name, value in os.environ.items() if name != "SANCTUARY_WATCH_TEST_ELASTICSEARCH_URL"}
    environment = {**ours, "PYTEST_XDIST_TESTRUNUID": uuid.uuid4().hex}
    started: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        started.append(
            subprocess.Popen(
                [sys.executable, "-c", ASK],
                cwd=ROOT, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            )
        )  # fmt: skip
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def server_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def answers(url: str) -> bool:
    with Elasticsearch(url, max_retries=0) as client:
        return client.ping()


def test_the_shared_server_is_an_elasticsearch_and_an_archive_leaves_nothing_behind() -> None:
    with Elasticsearch(elasticsearch_url()) as client:
        assert client.info()["version"]["number"].startswith("9.")
        with own_archive_url() as url:
            prefix = url.rpartition("/")[2]
            client.indices.create(index=f"{prefix}-articles-1", aliases={f"{prefix}-articles": {}})
            assert list(client.indices.get(index=f"{prefix}*")) == [f"{prefix}-articles-1"]
        assert list(client.indices.get(index=f"{prefix}*")) == []


def test_processes_of_a_run_share_a_server_until_the_last_is_killed(asker: Asker) -> None:
    first, second = asker(), asker()
    url = server_of(first)
    assert server_of(second) == url
    first.kill()
    first.wait()
    assert answers(url)
    second.kill()
    second.wait()
    while answers(url):
        pass
    assert server_of(asker()) != ""


def test_a_node_is_stopped_killed_and_frozen(tmp_path: Path) -> None:
    with one_node(tmp_path, heap=256) as node, node.client() as client:
        assert client.index(index="news", id="1", document={"a": 1}, refresh=True)["result"] == "created"
        node.kill()
        assert not node.running
        node.start()
        assert client.get(index="news", id="1")["_source"] == {"a": 1}
        node.freeze()
        assert not client.options(request_timeout=0.5, max_retries=0).ping()
        node.thaw()
        assert client.ping()
        node.block_writes(True)
        with pytest.raises(ApiError) as blocked:
            client.options(max_retries=0).index(index="news", id="2", document={"a": 2})
        assert blocked.value.status_code == 429
        node.block_writes(False)
        node.restart()
        assert client.index(index="news", id="2", document={"a": 2})["result"] == "created"


def test_a_node_dies_with_its_process(tmp_path: Path) -> None:
    script = (
        "import pathlib, sys; from tests.servers.elasticsearch import one_node\n"
        "with one_node(pathlib.Path(sys.argv[1]), heap=256) as node:\n"
        "    node.freeze(); print(node._process.pid, flush=True); sys.stdin.read()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)],
        cwd=ROOT,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout
    pid = int(process.stdout.readline())
    os.kill(pid, 0)
    process.kill()
    process.communicate()
    while Path(f"/proc/{pid}").exists() and Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "Z":
        pass


def test_a_cluster_outlives_one_of_its_nodes(tmp_path: Path) -> None:
    with three_nodes(tmp_path) as nodes, Elasticsearch([node.url for node in nodes], retry_on_timeout=True) as client:
        client.indices.create(index="news", settings={"number_of_replicas": 1, "number_of_shards": 3})
        client.cluster.health(wait_for_status="green", timeout="60s")
        nodes[0].kill()
        nodes[1].wait(2)
        written = client.index(index="news", id="1", document={"a": 1}, timeout="60s")
        assert written["result"] == "created"


# ------------------------------------------------------------------ where it cannot be had
def test_without_a_java_that_is_new_enough_it_says_how_to_get_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layout, "JAVA", 999)
    with pytest.raises(Missing, match="Java development kit, 999 or newer"):
        layout.layout(tmp_path)


def test_without_maven_it_says_so_and_leaves_no_half_of_a_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Missing, match="install it"):
        layout.layout(tmp_path / "cache")
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["layout.lock"]
