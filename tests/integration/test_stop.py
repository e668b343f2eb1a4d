"""``run`` until it is stopped: cleanly, at once, and beside another one."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from demo.newsroom import Newsroom
from pipeline.frontier import open_frontier
from tests.integration.program import DRIPPING, Program, finish, left_of, mistold


@pytest.fixture
def newsroom() -> Iterator[Newsroom]:
    with Newsroom(datetime.now(UTC)) as made:
        yield made
        assert made.errors == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_asked_to_stop_gives_back_what_it_had(
    tmp_path: Path, newsroom: Newsroom, number: signal.Signals
) -> None:
    program = Program(tmp_path / "home")
    program.watch(newsroom)
    process = program.begin("run")
    assert process.stderr
    for line in process.stderr:  # it says when it has polled one that fails
        if "next try" in line:
            break
    os.kill(process.pid, number)
    _, err = finish(process, 60)
    assert process.returncode == 0, err
    assert f"stopping on {number.name}" in err
    assert "Traceback" not in err
    assert left_of(process) == []
    with closing(open_frontier(f"sqlite:///{program.home / 'frontier.sqlite3'}")) as frontier:
        assert frontier.backlog(datetime.now(UTC) + timedelta(seconds=1)).leased == 0
    assert program.findings().wrong == []


def test_a_run_with_nothing_to_do_stops_at_once(tmp_path: Path) -> None:
    program = Program(tmp_path / "home")
    process = program.begin("run")
    assert process.stderr
    assert "watching 0 feeds" in process.stderr.readline()
    os.kill(process.pid, signal.SIGTERM)
    _, err = finish(process, 20)
    assert process.returncode == 0, err
    assert program.do("run", "--until-idle")["polled"] == 0


def test_two_runs_on_one_home_share_the_work(tmp_path: Path, newsroom: Newsroom) -> None:
    program = Program(tmp_path / "home")
    program.watch(newsroom, but=(DRIPPING,))
    both = [program.begin("run", "--until-idle", "--json") for _ in range(2)]
    told = [finish(process) for process in both]
    assert [process.returncode for process in both] == [0, 0], told
    found = program.findings()
    assert found.wrong == []
    assert {alert["state"] for alert in found.alerts} == {"sent"}
    assert mistold(found) == []
    assert len({(alert["measure"], alert["kind"]) for alert in found.alerts if alert["kind"] == "new"}) == len(
        [alert for alert in found.alerts if alert["kind"] == "new"]
    )
    pages = [(request.outlet, request.target) for request in newsroom.requests if request.target != "/robots.txt"]
    assert len(pages) == len(set(pages)), "nothing is asked for twice"
