"""The workshop: what comes back, what ends a child, and that nothing is left behind."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline import workshop
from pipeline.errors import Crashed, Overtime, Quarantine, Retry, Throttled, Unavailable, Unreadable
from pipeline.workshop import Workshop
from tests.unit import chores

ROOT = Path(__file__).parents[2]


@pytest.fixture
def shop() -> Iterator[Workshop]:
    with Workshop(size=1) as one:
        yield one


def gone(pid: int) -> bool:
    """Whether a process has ended (a zombie has)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except FileNotFoundError:
        return True


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.01)


def caught(call: Callable[[], Any]) -> tuple[threading.Thread, list[BaseException]]:
    """The call in a thread of its own, and what it raises."""
    errors: list[BaseException] = []

    def target() -> None:
        try:
            call()
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=target)
    thread.start()
    return thread, errors


# ------------------------------------------------------------------ what comes back
def test_result_and_large_data_cross_both_ways(shop: Workshop) -> None:
    assert shop.run(chores.add, 2, 3) == 5
    assert shop.run(chores.whole, bytes(8_000_000)) == 8_000_000
    assert shop.run(chores.much, 8_000_000) == bytes(8_000_000)
    assert shop.run(chores.pid) != os.getpid()


def test_pipeline_error_comes_through_whole(shop: Workshop) -> None:
    with pytest.raises(Throttled) as error:
        shop.run(chores.throttled)
    assert (error.value.reason, error.value.after, error.value.subject) == ("come later", 90.0, "http://example.org/")


def test_other_exceptions_are_unreadable_with_class_text_and_place(shop: Workshop) -> None:
    pid = shop.run(chores.pid)
    for chore, reason in (
        (chores.sour, r"^Sour: milk and lemon \(at sour, line \d+\)$"),
        (chores.leave, r"^SystemExit: 3 \(at leave"),
        (chores.unpicklable, r"pickle"),
    ):
        with pytest.raises(Unreadable, match=reason) as error:
            shop.run(chore)
        assert isinstance(error.value, Quarantine)
    assert shop.run(chores.pid) == pid, "an exception is no reason to replace the child"


def test_what_cannot_be_handed_over_harms_no_child(shop: Workshop) -> None:
    pid = shop.run(chores.pid)
    with pytest.raises((pickle.PicklingError, AttributeError)):
        shop.run(lambda: 1)
    assert shop.run(chores.pid) == pid


def test_parser_that_prints_or_reads_does_not_disturb(shop: Workshop, capfd: pytest.CaptureFixture[str]) -> None:
    assert shop.run(chores.chatter) == ""
    assert shop.run(chores.add, 1, 1) == 2
    assert capfd.readouterr().out == ""


def test_child_has_its_imports_before_the_first_task() -> None:
    with Workshop(size=1, imports=("colorsys",)) as shop:
        assert shop.run(chores.loaded, "colorsys")
        assert not shop.run(chores.loaded, "wave")


def test_child_knows_no_settings_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANCTUARY_WATCH_SECRET_KEY", "hush")
    monkeypatch.setenv("SOMETHING_ELSE", "kept")
    with Workshop(size=1) as shop:
        found = shop.run(chores.environment)
    assert not [name for name in found if name.startswith("SANCTUARY_WATCH_")]
    assert found["SOMETHING_ELSE"] == "kept"


# ------------------------------------------------------------------ what ends a child
def test_hang_in_c_is_overtime_and_neighbours_finish() -> None:
    with Workshop(size=2) as shop:
        thread, errors = caught(lambda: shop.run(chores.hang, deadline=0.5))
        assert [shop.run(chores.add, number, 1) for number in range(50)] == list(range(1, 51))
        thread.join()
        assert [type(error) for error in errors] == [Overtime]
        assert "0.5 s" in str(errors[0])
        wait_for(lambda: shop._free.qsize() == 2)
        assert len({shop.run(chores.pid) for _ in range(2)}) == 2, "the hanging one was replaced"


def test_waiting_behind_others_does_not_count(shop: Workshop) -> None:
    shop.run(chores.pid)
    thread, errors = caught(lambda: shop.run(chores.hang, deadline=1.0))
    wait_for(lambda: shop._free.empty())
    assert shop.run(chores.add, 1, 2, deadline=0.5) == 3
    thread.join()
    assert isinstance(errors[0], Overtime)


def test_waiting_has_an_end_too(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.run(chores.pid)
    thread, errors = caught(lambda: shop.run(chores.nap, 60.0, deadline=1.0))
    wait_for(lambda: shop._free.empty())
    monkeypatch.setattr(workshop, "PATIENCE", 0.05)
    with pytest.raises(Unavailable, match="free") as error:
        shop.run(chores.add, 1, 2)
    assert isinstance(error.value, Retry)
    thread.join()
    assert isinstance(errors[0], Overtime)


@pytest.mark.parametrize(("chore", "how"), [(chores.killed, "SIGKILL"), (chores.segfault, "SIGSEGV")])
def test_killed_child_is_crashed_and_replaced(shop: Workshop, chore: Callable[[], None], how: str) -> None:
    pid = shop.run(chores.pid)
    with pytest.raises(Crashed, match=how):
        shop.run(chore)
    assert shop.run(chores.pid) != pid


def test_memory_is_limited_and_its_end_is_crashed() -> None:
    with Workshop(size=1, memory=300_000_000) as shop:
        pid = shop.run(chores.pid)
        assert shop.run(chores.hoard, 1_000_000) == 1_000_000
        with pytest.raises(Crashed, match="memory"):
            shop.run(chores.hoard, 400_000_000)
        assert shop.run(chores.pid) != pid


def test_result_without_measure_is_crashed(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Crashed, match="64000"):
        shop.run(chores.much, workshop.ANSWER_CAP + 1)
    monkeypatch.setattr(workshop, "ANSWER_CAP", 1000)
    monkeypatch.setattr(workshop, "LAST_WORDS", 0.1)
    with pytest.raises(Crashed):
        shop.run(chores.much, 10_000)
    monkeypatch.undo()
    assert shop.run(chores.add, 1, 2) == 3


def test_limits_are_set_in_the_child(shop: Workshop) -> None:
    space, cpu, core = shop.run(chores.limits, deadline=10.0)
    assert (space, core) == (1_500_000_000, 0)
    assert 25 <= cpu <= 26


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_for_the_service_do_not_end_a_child(shop: Workshop, number: int) -> None:
    assert shop.run(chores.survives, int(number)) == "alive"


def test_child_is_replaced_after_its_lifetime() -> None:
    with Workshop(size=1, lifetime=3) as shop:
        pids = [shop.run(chores.pid) for _ in range(7)]
        assert [pids.count(pid) for pid in dict.fromkeys(pids)] == [3, 3, 1]
        wait_for(lambda: all(gone(pid) for pid in pids[:6]))


def test_child_that_died_while_idle_is_not_blamed_on_a_task(shop: Workshop) -> None:
    pid = shop.run(chores.pid)
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: gone(pid))
    assert shop.run(chores.add, 1, 2) == 3


def test_child_outlives_the_thread_that_came_first(shop: Workshop) -> None:
    pids: list[int] = []
    thread = threading.Thread(target=lambda: pids.append(shop.run(chores.pid)))
    thread.start()
    thread.join()
    assert [shop.run(chores.pid) for _ in range(3)] == pids * 3


# ------------------------------------------------------------------ starting and closing
def test_child_that_cannot_start_is_unavailable(capfd: pytest.CaptureFixture[str]) -> None:
    with Workshop(size=1, imports=("no_such_module",)) as shop:
        for _ in range(2):
            with pytest.raises(Unavailable, match="ended with status 1"):
                shop.run(chores.add, 1, 2)
    assert "no_such_module" in capfd.readouterr().err


def test_process_that_cannot_be_made_is_unavailable_and_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    real = subprocess.Popen
    refused: list[Any] = []

    def refuse_once(*args: Any, **kwargs: Any) -> Any:
        if not refused:
            refused.append(args)
            raise BlockingIOError(11, "Resource temporarily unavailable")
        return real(*args, **kwargs)

    monkeypatch.setattr(subprocess, "Popen", refuse_once)
    with Workshop(size=1) as shop:
        with pytest.raises(Unavailable, match="temporarily"):
            shop.run(chores.add, 1, 2)
        assert shop.run(chores.add, 1, 2) == 3


def test_close_ends_children_and_running_tasks_and_can_be_repeated() -> None:
    shop = Workshop(size=2)
    pid = shop.run(chores.pid)
    running = [caught(lambda: shop.run(chores.nap, 60.0)) for _ in range(3)]
    wait_for(lambda: shop._free.empty())
    shop.close()
    shop.close()
    for thread, errors in running:
        thread.join()
        assert [type(error) for error in errors] == [Unavailable]
    assert gone(pid)
    with pytest.raises(Unavailable, match="closed"):
        shop.run(chores.pid)


def test_workshop_never_used_starts_nothing() -> None:
    before = threading.active_count()
    with Workshop():
        assert threading.active_count() == before


def script(text: str) -> subprocess.Popen[str]:
    """A process of its own that has the workshop and the chores."""
    head = "import os, threading, time\nfrom pipeline.workshop import Workshop\nfrom tests.unit import chores\n"
    return subprocess.Popen(
        [sys.executable, "-X", "dev", "-W", "error", "-c", head + text],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_process_that_forgets_to_close_ends_quietly() -> None:
    with script("shop = Workshop()\nprint(shop.run(chores.pid), shop.run(chores.nap, 0.0))\n") as process:
        out, err = process.communicate(timeout=60)
        assert (process.returncode, err) == (0, "")
    wait_for(lambda: all(gone(int(pid)) for pid in out.split()))


def test_killed_parent_leaves_no_child_behind() -> None:
    text = (
        "shop = Workshop(size=2)\n"
        "print(*{shop.run(chores.nap, 0.0) for _ in range(2)}, flush=True)\n"
        "for _ in range(2): threading.Thread(target=shop.run, args=(chores.hang,)).start()\n"
        "while not shop._free.empty(): time.sleep(0.01)\n"
        "print('busy', flush=True)\n"
    )
    with script(text) as process:
        assert process.stdout is not None
        pids = [int(word) for word in process.stdout.readline().split()]
        assert process.stdout.readline() == "busy\n"
        assert len(pids) == 2
        assert not any(gone(pid) for pid in pids)
        process.kill()
        process.communicate()
    wait_for(lambda: all(gone(pid) for pid in pids))
