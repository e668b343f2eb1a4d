"""Workers, beat and broker as processes of their own: the newsroom through Celery on Redis."""

from __future__ import annotations

import json
import socket
import ssl
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import trustme

from config.celery import MOST_HINTS, QUEUES
from config.settings import Settings
from demo.newsroom import Newsroom
from pipeline import broker
from pipeline.archive import open_archive
from pipeline.errors import Unavailable
from pipeline.frontier import open_frontier
from pipeline.heartbeats import Role
from pipeline.model import Alert, Article, Docket, Entry, utc_now
from pipeline.survival import MAX_DEATHS
from tests.integration.fleet import Fleet, wait_until
from tests.integration.program import DRIPPING, Outcome, outcome
from tests.servers.proxies import TcpProxy
from tests.servers.redis import RedisProcess, programs, running

pytestmark = pytest.mark.timeout(120)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisProcess]:
    with running(programs()["valkey"], tmp_path_factory.mktemp("redis")) as made:
        yield made


@pytest.fixture
def fleet(tmp_path: Path, server: RedisProcess) -> Iterator[Fleet]:
    """Archive and frontier on this machine, the broker on Redis, empty."""
    with server.client() as client:
        client.flushall()
    with Fleet(tmp_path / "home", broker_url=server.url, mail_per_hour="1000") as made:  # a mail for each alert
        yield made


def settled(fleet: Fleet) -> bool:
    """Whether every feed was polled, nobody holds anything, and nothing waits but what is to be tried later."""
    settings = fleet.settings
    with closing(open_archive(settings.archive)) as archive, closing(open_frontier(settings.frontier)) as frontier:
        backlog = frontier.backlog(utc_now())
        return bool(
            archive.count(Entry)
            and not (backlog.due_feeds or backlog.due_entries or backlog.leased)
            and not archive.count(Article, {"pending": "1"})
            and not archive.count(Docket, {"open": "1"})
            and not archive.count(Alert, {"state": "waiting"})
        )


def came_to(fleet: Fleet, undisturbed: Outcome) -> None:
    """It came to the same end, and every alert was mailed once."""
    found = fleet.findings()
    assert outcome(found) == undisturbed
    assert len(set(found.mails)) == len(found.mails) == len(found.alerts)


def only_dripping(fleet: Fleet, newsroom: Newsroom) -> None:
    """Watches the outlet with the page that never ends, alone."""
    fleet.watch(newsroom, but=tuple(info.title for info in newsroom.feeds if info.title != DRIPPING))


def drips(newsroom: Newsroom) -> int:
    """How often the page that never ends was asked for."""
    path = urlsplit(newsroom.url("endless")).path
    return sum(urlsplit(request.target).path == path for request in newsroom.requests)


def well(fleet: Fleet, *roles: Role) -> bool:
    """Whether health checks of these find nothing wrong."""
    return not any(fleet.wrong(role) for role in roles)


def asked(url: str) -> str:
    """What a page holds; '' when nothing answers there."""
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:
            text: str = answer.read().decode()
    except OSError:
        return ""
    return text


class Deaf(TcpProxy):
    """Passes everything but, when it is deaf, requests for a hint."""

    deaf = False

    def _pass(self, source: socket.socket, target: socket.socket, answers: bool) -> None:
        with suppress(OSError):
            while piece := source.recv(65536):
                if not (self.deaf and b"BRPOP" in piece):
                    target.sendall(piece)
            target.shutdown(socket.SHUT_WR)


def finished(fleet: Fleet) -> None:
    """Waits until the workers are done, stops them, and wakes the aggregators' leads as an idle monitor does."""
    wait_until(lambda: settled(fleet), 60)
    for process in fleet.processes:
        if process.alive:
            assert process.stop() == 0, process.said
    fleet.do("run", "--until-idle")


def test_a_worker_for_each_queue_and_two_beats_do_what_one_process_does(
    fleet: Fleet, newsroom: Newsroom, undisturbed: Outcome
) -> None:
    fleet.watch(newsroom, but=(DRIPPING,))
    fleet.use(lease_seconds="60")  # nothing here is slower, on a busy machine either
    asked = len(newsroom.requests)
    for queue in ("poll", "article", "article", "alert"):
        fleet.worker(queue)
    fleet.beat()
    fleet.beat()
    finished(fleet)
    came_to(fleet, undisturbed)
    pages = [(r.outlet, r.target) for r in newsroom.requests[asked:] if r.target != "/robots.txt"]
    assert len(pages) == len(set(pages)), "nothing is asked for twice"


def test_run_works_on_a_broker_of_its_own_too(fleet: Fleet, newsroom: Newsroom, undisturbed: Outcome) -> None:
    fleet.watch(newsroom, but=(DRIPPING,))
    told = fleet.do("run", "--until-idle")
    assert told["articles"] > 10
    came_to(fleet, undisturbed)


def test_a_worker_that_is_told_to_stop_gives_back_what_it_had(fleet: Fleet, newsroom: Newsroom) -> None:
    only_dripping(fleet, newsroom)
    worker = fleet.worker("poll", "article")
    fleet.beat()
    wait_until(lambda: drips(newsroom) > 0)
    began = time.monotonic()
    assert worker.stop(10) == 0, worker.said
    assert time.monotonic() - began < 5, "the soft shutdown's time"
    assert "stopping on SIGTERM" in worker.said
    assert "Traceback" not in worker.said
    assert worker.left() == [], "no child is left"
    counts = fleet.counts()
    assert (counts["entries_waiting"], counts["quarantine"]) == (counts["due_entries"], 0), "all of it is due again"
    assert counts["due_entries"] > 0, "it was in the middle of them"


def test_what_kills_its_worker_again_and_again_goes_to_quarantine(fleet: Fleet, newsroom: Newsroom) -> None:
    only_dripping(fleet, newsroom)
    fleet.beat()
    fleet.worker("poll")
    for _ in range(MAX_DEATHS):
        seen = drips(newsroom)
        worker = fleet.worker("article")
        wait_until(lambda seen=seen: drips(newsroom) > seen)  # type: ignore[misc]
        worker.kill()
    fleet.worker("article")
    wait_until(lambda: fleet.counts()["quarantine"] == 1)
    (kept,) = fleet.do("quarantine", "list")["quarantine"]
    assert (kept["what"], kept["error"]["class"]) == ("entry", "Crashed")
    assert kept["error"]["reason"] == f"{MAX_DEATHS} workers died over this entry"
    assert kept["url"] in newsroom.url("endless")


def test_a_stopped_process_is_noticed(fleet: Fleet) -> None:
    fleet.use(silence_seconds="2")
    worker, beat = fleet.worker(), fleet.beat()
    wait_until(lambda: well(fleet, "worker", "beat"))
    assert fleet.counts()["feeds"] == 0
    with worker.frozen():
        wait_until(lambda: not well(fleet, "worker"))
        assert "was last heard of" in fleet.why_not("worker", "--check")
        assert well(fleet, "beat")
        assert "no worker serves the queue" in fleet.why_not("status")
    wait_until(lambda: well(fleet, "worker"))
    with beat.frozen():
        wait_until(lambda: not well(fleet, "beat"))
        assert "was last heard of" in fleet.why_not("beat", "--check")
        wait_until(lambda: "does a beat run?" in fleet.wrong("worker"))
        assert worker.alive, "it is not to blame"
    wait_until(lambda: not fleet.wrong("worker", "alert"))
    assert fleet.start("worker", "--check").end() == 0
    fleet.use(frontier_url=f"sqlite:///{fleet.home / 'another.sqlite3'}")
    assert "no worker runs on" in fleet.wrong("worker")


def test_a_worker_that_consumes_no_more_ends_itself(fleet: Fleet, server: RedisProcess) -> None:
    fleet.use(silence_seconds="2")
    with Deaf(("127.0.0.1", server.port)) as proxy:
        worker = fleet.worker(broker_url=f"redis://127.0.0.1:{proxy.port}/0")
        fleet.beat()
        wait_until(lambda: well(fleet, "worker"))
        proxy.deaf = True
        proxy.cut()  # it reconnects, and consumes nothing from then on
        wait_until(lambda: not well(fleet, "worker"))
        assert "although there was something to consume" in fleet.wrong("worker")
        assert worker.end() == 1
        assert "it ends itself, to be started anew" in worker.said
        proxy.deaf = False


def test_workers_and_beat_outlive_the_broker(fleet: Fleet, server: RedisProcess) -> None:
    worker, beat = fleet.worker(), fleet.beat()
    wait_until(lambda: well(fleet, "worker", "beat"))
    server.kill()
    try:
        beat.wait_for("no hints can be sent until the broker answers")
        wait_until(lambda: not well(fleet, "worker"))
        assert "the broker does not answer" in fleet.wrong("worker")
        assert "broker" in fleet.why_not("status")
    finally:
        server.start()
    beat.wait_for("hints are sent again")
    wait_until(lambda: well(fleet, "worker", "beat"))
    assert worker.alive
    assert beat.alive
    assert "Traceback" not in beat.said


def test_queues_stay_short_when_nobody_consumes(fleet: Fleet, server: RedisProcess) -> None:
    fleet.beat(tick_seconds="0.02")
    with server.client() as client:
        # Some queues get a sweep's hint more than others, and are full earlier.
        wait_until(lambda: {client.llen(f"sanctuary-watch:{queue}") for queue in QUEUES} == {MOST_HINTS})
        assert all(key.startswith(b"sanctuary-watch:") for key in client.scan_iter())
    worker = fleet.worker("poll")
    with server.client() as client:
        wait_until(lambda: client.llen("sanctuary-watch:poll") < MOST_HINTS // 2)
        assert client.llen("sanctuary-watch:article") >= MOST_HINTS - 1, "it serves its own queue"
    assert worker.alive


def test_a_broker_behind_tls_has_to_prove_itself(fleet: Fleet, server: RedisProcess, tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(tls)
    with TcpProxy(("127.0.0.1", server.port), tls) as proxy:
        url = f"rediss://localhost:{proxy.port}/0"
        with pytest.raises(Unavailable, match="certificate verify failed"):
            broker.waiting(Settings(home=tmp_path, broker_url=url))
        trusting = f"{url}?ssl_ca_certs={tmp_path / 'ca.pem'}"
        assert set(broker.waiting(Settings(home=tmp_path, broker_url=trusting))) == set(QUEUES)
        fleet.use(broker_url=trusting)
        fleet.worker("alert")
        fleet.beat()
        wait_until(lambda: well(fleet, "worker"))


def test_numbers_for_prometheus(fleet: Fleet) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
    worker = fleet.worker(metrics_listen=listen)
    fleet.beat()
    worker.wait_for("working on")
    wait_until(lambda: 'sanctuary_watch_task_duration_seconds_count{task="alert"}' in asked(f"http://{listen}/metrics"))
    web = fleet.web()
    base = web.wait_for("The web answers at").split()[4]
    wait_until(lambda: well(fleet, "worker"))
    told = asked(f"{base}metrics")
    assert 'sanctuary_watch_workers{queue="alert"} 1.0' in told
    assert 'sanctuary_watch_hints_waiting{queue="poll"}' in told
    assert 'sanctuary_watch_server_up{server="broker"} 1.0' in told
    ready = json.loads(asked(f"{base}readyz"))
    assert [(one["name"], one["ok"]) for one in ready["checks"]] == [
        ("archive", True), ("frontier", True), ("broker", True),
    ]  # fmt: skip


@pytest.mark.parametrize("command", ["worker", "beat"])
def test_memory_is_no_broker_for_many(fleet: Fleet, command: str) -> None:
    fleet.use(broker_url="memory://")
    process = fleet.start(command)
    assert process.end() == 1
    assert "SANCTUARY_WATCH_BROKER_URL" in process.said
    assert "Traceback" not in process.said
