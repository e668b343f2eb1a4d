"""The tasks on a real worker and beat, in this process, over the in-memory broker."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.celery import QUEUES
from config.settings import Settings
from pipeline import flow
from pipeline.alerts.subscriptions import subscribe
from pipeline.errors import Unavailable
from pipeline.frontier.base import Due
from pipeline.model import Alert, Article, Docket, make_id
from pipeline.tools import Tools
from tests.integration.world import World, small_web
from workers.app import make_app
from workers.embedded import _asked_to_stop, _Embedded, _wait_until_idle, _worker_and_beat
from workers.tasks import add_tasks

PATIENCE = 60.0


@pytest.fixture
def tools(tmp_path: Path) -> Iterator[Tools]:
    """The small web, and one subscriber."""
    world = World(tmp_path, small_web())
    with world.tools() as made:
        world.watch_all(made)
        made.archive.create(subscribe(to="reader@example.org", now=world.now))
        yield made


def test_worker_and_beat_do_the_whole_work(tools: Tools) -> None:
    looked = threading.Event()
    with _worker_and_beat(tools.settings, tools):
        for _ in range(int(PATIENCE / 0.05)):
            if tools.archive.count(Alert, {"state": "sent"}) == 2 and flow.is_idle(tools):
                break
            looked.wait(0.05)
    assert tools.archive.count(Article) == 3
    assert tools.archive.count(Docket) == 2
    assert tools.archive.count(Alert, {"state": "sent"}) == 2
    assert tools.stopping.is_set()
    assert not [thread for thread in threading.enumerate() if thread.name in ("worker", "Beat")]
    assert not list(Path.cwd().glob("celerybeat-schedule*")), "beat keeps no file"


@pytest.mark.parametrize("wait", [_asked_to_stop, _wait_until_idle])
def test_a_worker_that_has_gone_ends_the_run(
    tools: Tools, wait: Callable[[Tools, _Embedded, list[int]], object]
) -> None:
    gone = threading.Thread(target=lambda: None)
    gone.start()
    gone.join()
    with pytest.raises(Unavailable, match="the worker has stopped"):
        wait(tools, _Embedded(gone), [])
    with pytest.raises(Unavailable, match="it consumes nothing"):
        wait(tools, _Embedded(threading.current_thread(), ["it consumes nothing"]), [])
    assert _asked_to_stop(tools, _Embedded(gone), [signal.SIGTERM]), "a worker may go once it was asked to"
    assert tools.stopping.is_set()


@pytest.fixture
def hints(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tasks whose hints were sent, none of which arrives."""
    sent: list[str] = []
    monkeypatch.setattr("workers.tasks.hint", lambda app, task: sent.append(task))
    return sent


def test_a_full_batch_calls_others_to_help(tools: Tools, tmp_path: Path, hints: list[str]) -> None:
    app = make_app(Settings(home=tmp_path))
    add_tasks(app, tools, concurrency=2)
    for n in range(2 * flow.BATCH):
        tools.frontier.put("feed", [Due(f"gone{n}", f"{n}.example", tools.now())])
    app.tasks["poll"]()
    assert hints == ["poll", "poll", "article"], "two batches of feeds were full, and there is something to read"
    hints.clear()
    app.tasks["article"]()
    assert hints == ["alert"], "six entries are no full batch"


def test_a_copy_may_be_the_second_source_that_an_alert_waits_for(
    tools: Tools, tmp_path: Path, hints: list[str]
) -> None:
    app = make_app(Settings(home=tmp_path))
    add_tasks(app, tools, concurrency=2)
    app.tasks["poll"]()
    copied = make_id("article", "https://wire.example/fresno-council")
    for claim in tools.frontier.claim("entry", flow.BATCH, tools.settings.lease, tools.now()):
        if claim.key == copied:
            tools.frontier.settle(claim, tools.now())
        else:
            flow.take_in(tools, claim)
    assert (tools.tally["article"], tools.tally["copy"]) == (2, 0)
    hints.clear()
    app.tasks["article"]()
    assert (tools.tally["article"], tools.tally["copy"]) == (2, 1)
    assert hints == ["alert"]


def test_nobody_is_told_when_there_is_nothing_new(tools: Tools, tmp_path: Path, hints: list[str]) -> None:
    app = make_app(Settings(home=tmp_path))
    add_tasks(app, tools, concurrency=2)
    for task in ("poll", "article", "alert"):
        app.tasks[task]()
    hints.clear()
    flow.make_all_due(tools)
    for task in ("poll", "article", "alert"):
        app.tasks[task]()
    assert hints == []


def test_a_lost_frontier_is_refilled_before_anything_is_claimed(tools: Tools, tmp_path: Path) -> None:
    app = make_app(Settings(home=tmp_path))
    add_tasks(app, tools, concurrency=2)
    tools.frontier.clear()
    app.tasks["article"]()
    assert tools.frontier.filled()
    assert len(tools.frontier.dues("feed")) == 3


@pytest.mark.parametrize(
    ("queues", "concurrency", "threads"),
    [(QUEUES, 16, 8 + 8 + 1 + 4 + 2), (("article",), 16, 16 + 1 + 2), (("alert",), 4, 1 + 1 + 2), (QUEUES, 1, 9)],
)
def test_hints_and_sweeps_always_find_a_thread(
    tools: Tools, tmp_path: Path, queues: tuple[str, ...], concurrency: int, threads: int
) -> None:
    app = make_app(Settings(home=tmp_path))
    assert add_tasks(app, tools, concurrency=concurrency, queues=queues) == threads


def test_what_is_consumed_and_done_is_told(tools: Tools, tmp_path: Path) -> None:
    told: list[str] = []

    class Listener:
        def heard(self, queue: str) -> None:
            told.append(f"heard {queue}")

        def ended(self, task: str) -> None:
            told.append(f"ended {task}")

    app = make_app(Settings(home=tmp_path))
    add_tasks(app, tools, concurrency=2, watch=Listener())
    app.tasks["sweep notices"]()
    assert told == ["heard alert", "ended sweep notices"]
    count = tools.tally.registry.get_sample_value(
        "sanctuary_watch_task_duration_seconds_count", {"task": "sweep notices"}
    )
    assert count == 1


def test_two_apps_of_one_process_work_with_their_own_tools(tools: Tools, tmp_path: Path) -> None:
    first, second = (make_app(Settings(home=tmp_path)) for _ in range(2))
    add_tasks(first, tools, concurrency=2)
    second.finalize()
    assert "poll" in first.tasks
    assert "poll" not in second.tasks


def test_tasks_are_thin(tools: Tools, tmp_path: Path) -> None:
    app = make_app(Settings(home=tmp_path))
    add_tasks(app, tools, concurrency=4)
    for name in ("sweep feeds", "poll", "article", "sweep articles", "sweep notices", "alert"):
        app.tasks[name]()
    assert tools.archive.count(Alert, {"state": "sent"}) == 2
