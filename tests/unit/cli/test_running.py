"""``worker`` and ``beat``: what they refuse, and what a health check is told."""

from __future__ import annotations

import pytest

from tests.unit.cli.conftest import Program
from tests.unit.cli.shapes import PROBLEM, misfits

HEALTH = {"healthy": bool, "wrong": [str], "error": PROBLEM}


def test_a_queue_that_is_none(program: Program) -> None:
    told = program("worker", "--queues", "poll,pages", status=2).err
    assert "no queue 'pages'; there are poll, article, alert" in " ".join(told.replace("│", " ").split())
    program("worker", "--concurrency", "0", status=2)


@pytest.mark.parametrize("command", ["worker", "beat"])
def test_memory_is_no_broker_for_many(program: Program, command: str) -> None:
    assert "SANCTUARY_WATCH_BROKER_URL" in program(command, status=1).err


@pytest.mark.parametrize("command", [("worker",), ("worker", "--queues", "alert"), ("beat",)])
def test_a_check_where_nothing_runs(program: Program, command: tuple[str, ...]) -> None:
    told = program(*command, "--check", "--json", status=1).json
    assert misfits(told, HEALTH) == []
    assert not told["healthy"]
    (reason,) = told["wrong"]
    assert told["error"] == {"class": "Unhealthy", "reason": reason}
    assert reason.startswith(f"no {command[0]}")
    assert reason in " ".join(program(*command, "--check", status=1).out.split())


def test_a_check_of_servers_that_are_away(program: Program) -> None:
    told = program("worker", "--check", status=1, env={"SANCTUARY_WATCH_BROKER_URL": "redis://127.0.0.1:1"}).out
    assert "the broker does not answer" in told
