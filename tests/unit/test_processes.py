"""Processes and their names: what is gone is known here, and nothing is known of elsewhere."""

from __future__ import annotations

import subprocess
import sys

from pipeline.processes import is_dead, own_mark, own_name, runs


def test_this_process_runs() -> None:
    assert runs(own_mark())
    assert own_name().endswith(own_mark())
    assert not is_dead(own_name())


def test_a_process_that_ended_is_dead() -> None:
    code = "from pipeline.processes import own_name; print(own_name())"
    name = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    assert is_dead(name)
    assert not runs(name.rpartition("/")[2])


def test_a_process_id_that_is_used_again_is_another_process() -> None:
    pid, _, started = own_mark().partition(":")
    assert not runs(f"{pid}:{int(started) + 1}")
    assert runs(pid), "a system that does not tell the start leaves it open"


def test_of_other_machines_nothing_is_known() -> None:
    assert not is_dead("elsewhere/boot/999999:1")
    assert not is_dead("")
