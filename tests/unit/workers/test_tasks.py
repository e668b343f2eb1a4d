"""The tasks on a real worker and beat, in this process, over the in-memory broker."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.settings import Settings
from pipeline import flow
from pipeline.alerts.subscriptions import subscribe
from pipeline.errors import Unavailable
from pipeline.model import Alert, Article, Docket
from pipeline.tools import Tools
from tests.integration.world import World, small_web
from workers.app import make_app
from workers.embedded import _asked_to_stop, _wait_until_idle, _worker_and_beat
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
    tools: Tools, wait: Callable[[Tools, threading.Thread, list[int]], object]
) -> None:
    gone = threading.Thread(target=lambda: None)
    gone.start()
    gone.join()
    with pytest.raises(Unavailable, match="the worker has stopped"):
        wait(tools, gone, [])
    assert _asked_to_stop(tools, gone, [signal.SIGTERM]), "a worker may go once it was asked to"
    assert tools.stopping.is_set()


def test_tick_sends_as_many_hints_as_there_may_be_use_for(tools: Tools, tmp_path: Path) -> None:
    app = make_app(Settings(home=tmp_path))
    add_tasks(app, tools, concurrency=16)
    sent: list[tuple[str, str]] = []
    for name in ("poll", "article", "alert"):
        app.tasks[name].apply_async = lambda name=name, queue="", **_: sent.append((name, queue))
    app.tasks["tick"]()
    assert sent == [("poll", "poll"), ("alert", "alert")], "three feeds are one batch"
    flow.poll_due(tools)
    sent.clear()
    app.tasks["tick"]()
    assert sent == [("article", "article"), ("alert", "alert")]


def test_tick_fills_a_lost_frontier(tools: Tools, tmp_path: Path) -> None:
    app = make_app(Settings(home=tmp_path))
    add_tasks(app, tools, concurrency=2)
    tools.frontier.clear()
    for name in ("poll", "article", "alert"):
        app.tasks[name].apply_async = lambda **_: None
    app.tasks["tick"]()
    assert len(tools.frontier.dues("feed")) == 3


def test_two_apps_of_one_process_work_with_their_own_tools(tools: Tools, tmp_path: Path) -> None:
    first, second = (make_app(Settings(home=tmp_path)) for _ in range(2))
    add_tasks(first, tools, concurrency=2)
    second.finalize()
    assert "poll" in first.tasks
    assert "poll" not in second.tasks


def test_tasks_are_thin(tools: Tools, tmp_path: Path) -> None:
    app = make_app(Settings(home=tmp_path))
    add_tasks(app, tools, concurrency=4)
    for name in ("poll", "article", "sweep", "alert"):
        app.tasks[name]()
    assert tools.archive.count(Alert, {"state": "sent"}) == 2
