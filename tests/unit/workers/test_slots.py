from __future__ import annotations

import threading

import pytest

from workers.tasks import Slots


def test_so_many_at_once_and_no_more() -> None:
    slots = Slots(2)
    entered, leave = threading.Semaphore(0), threading.Event()
    done: list[str] = []

    def work() -> None:
        entered.release()
        assert leave.wait(10)
        done.append("work")

    threads = [threading.Thread(target=slots.run, args=(work,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    assert entered.acquire(timeout=10)
    assert entered.acquire(timeout=10)
    slots.run(lambda: done.append("a third"))
    assert done == [], "a hint that finds no slot does nothing"
    leave.set()
    for thread in threads:
        thread.join(10)
    slots.run(lambda: done.append("later"))
    assert done == ["work", "work", "later"]


def test_a_slot_is_free_again_after_an_error() -> None:
    slots = Slots(1)

    def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        slots.run(fail)
    done: list[bool] = []
    slots.run(lambda: done.append(True))
    assert done == [True]
