"""Killed at random moments, again and again, the real program comes to the same end as one that nothing disturbed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import threading
from pathlib import Path

import pytest

from demo.newsroom import Newsroom
from tests.integration.program import DRIPPING, Findings, Outcome, Program, finish, left_of, mistold, outcome

pytestmark = pytest.mark.timeout(240)


def kill_at(process: subprocess.Popen[str], chance: random.Random) -> bool:
    """Kills the process some moments after it has begun to work; False when it came to its end before."""
    assert process.stderr
    process.stderr.readline()  # it watches
    began = threading.Event()
    # Not synchronisation: the moment of death is what is varied.
    began.wait(chance.uniform(0.05, 4.0))
    alive = process.poll() is None
    if alive:
        os.kill(process.pid, signal.SIGKILL)
    finish(process)
    return alive


def gone(process: subprocess.Popen[str], seconds: float = 10.0) -> list[int]:
    """What is left of a process's session once its children had time to notice that it is gone."""
    waited = threading.Event()
    for _ in range(int(seconds / 0.1)):
        if not (left := left_of(process)):
            return []
        waited.wait(0.1)
    return left


def killed_and_finished(program: Program, newsroom: Newsroom, seed: int, kills: int) -> Findings:
    """The findings of a program that was killed so many times (or came to its end before)."""
    chance = random.Random(seed)
    program.watch(newsroom, but=(DRIPPING,))
    for _ in range(kills):
        process = program.begin("run", "--until-idle")
        if not kill_at(process, chance):
            break
        assert gone(process) == [], "its children have gone with it"
    program.do("run", "--until-idle")
    return program.findings()


def check(found: Findings, undisturbed: Outcome) -> None:
    """It came to the same end, and nothing was mailed twice."""
    assert outcome(found) == undisturbed
    assert mistold(found) == []


@pytest.mark.parametrize("seed", [1, 2])
def test_killed_now_and_then(tmp_path: Path, newsroom: Newsroom, undisturbed: Outcome, seed: int) -> None:
    found = killed_and_finished(Program(tmp_path / "home"), newsroom, seed, kills=3)
    check(found, undisturbed)


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", range(10, 20))
def test_killed_many_times(tmp_path: Path, newsroom: Newsroom, undisturbed: Outcome, seed: int) -> None:
    found = killed_and_finished(Program(tmp_path / "home"), newsroom, seed, kills=6)
    check(found, undisturbed)
