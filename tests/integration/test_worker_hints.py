"""A hint that cannot be sent keeps no work from being done."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import Celery

from config.celery import MOST_HINTS, QUEUES
from config.settings import Settings
from pipeline import broker
from tests.servers.redis import RedisProcess, programs, running
from workers import app as worker_app
from workers.app import hint, make_app
from workers.beat import HintScheduler


class Heard:
    """Takes note of every queue that was heard of."""

    def __init__(self) -> None:
        self.queues: list[str] = []

    def heard(self, queue: str) -> None:
        self.queues.append(queue)

    def ended(self, task: str) -> None:
        raise AssertionError(f"nothing works here on {task!r}")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisProcess]:
    with running(programs()["valkey"], tmp_path / "redis") as made:
        yield made


@pytest.fixture
def settings(tmp_path: Path, server: RedisProcess) -> Settings:
    return Settings(home=tmp_path, broker_url=server.url)


@pytest.fixture
def app(settings: Settings) -> Iterator[Celery]:
    made = make_app(settings)
    yield made
    made.close()


def test_a_queue_takes_so_many_and_no_more(app: Celery, settings: Settings) -> None:
    for _ in range(MOST_HINTS + 20):
        hint(app, "sweep articles")
    assert broker.waiting(settings) == {"poll": 0, "article": MOST_HINTS, "alert": 0}


def test_a_broker_that_is_full(app: Celery, settings: Settings, server: RedisProcess) -> None:
    hint(app, "poll")
    with server.client() as client:
        client.config_set("maxmemory", "1mb")
        hint(app, "poll")
        client.config_set("maxmemory", "0")
    hint(app, "poll")
    assert broker.waiting(settings)["poll"] == 2


def test_a_broker_that_goes_and_comes_back(app: Celery, settings: Settings, server: RedisProcess) -> None:
    hint(app, "alert")
    server.kill()
    hint(app, "alert")
    server.start()
    hint(app, "alert")
    assert broker.waiting(settings)["alert"] == 2


def test_a_broker_that_goes_in_the_middle_of_a_hint(
    app: Celery, settings: Settings, server: RedisProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = Heard()
    scheduler = HintScheduler(app, watch=watch)

    def lose_broker(channel: object, queue: str) -> int:
        count = broker.length(channel, queue)
        if server.alive:
            server.kill()
        return count

    def send_all() -> list[str]:
        watch.queues.clear()
        for entry in scheduler.schedule.values():
            scheduler.apply_entry(entry)
        return sorted(watch.queues)

    every = send_all()
    assert sorted(set(every)) == sorted(QUEUES)
    with monkeypatch.context() as patched:
        patched.setattr(worker_app, "length", lose_broker)
        assert send_all() == []
    assert send_all() == []
    server.start()
    assert send_all() == every
    assert broker.waiting(settings) == {queue: 2 * every.count(queue) for queue in QUEUES}
