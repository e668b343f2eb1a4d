from __future__ import annotations

from collections import namedtuple
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from analyst import answers
from analyst.answers.operations import working
from analyst.answers.results import StatusAnswer
from config.celery import QUEUES
from pipeline import heartbeats
from pipeline.errors import Unreadable
from pipeline.ledger import quarantine
from pipeline.model import Alert, Failure, Feed
from pipeline.tools import Tools
from tests.integration.world import NOW, World, drive

Disk = namedtuple("Disk", "total used free")


def status(tools: Tools) -> StatusAnswer:
    return answers.status(tools.archive, tools.frontier, tools.now, tools.settings)


def ills(tools: Tools) -> list[str]:
    """Names of the checks that fail."""
    return [check["name"] for check in status(tools)["checks"] if not check["ok"]]


def test_all_is_well_after_a_run(tools: Tools) -> None:
    answer = status(tools)
    assert answer["healthy"] is True
    assert "error" not in answer
    assert answer["counts"] == {
        "feeds": 3,
        "feeds_failing": 0,
        "feeds_quiet": 0,
        "entries": 6,
        "entries_waiting": 0,
        "discards": 3,
        "copies": 1,
        "articles": 3,
        "dockets": 2,
        "subscriptions": 1,
        "alerts_waiting": 0,
        "alerts_sent": 2,
        "quarantine": 0,
        "due_feeds": 0,
        "due_entries": 0,
    }


def test_feeds_that_nobody_polls(tools: Tools, world: World) -> None:
    world.later(hours=4)
    assert ills(tools) == ["polling"]
    drive(tools)
    assert ills(tools) == []


@pytest.mark.parametrize(("failing", "ill"), [(0, []), (1, ["feeds"]), (3, ["feeds"])])
def test_feeds_that_fail(tools: Tools, failing: int, ill: list[str]) -> None:
    for stored in tools.archive.scan(Feed)[:failing]:
        tools.archive.replace(replace(stored.record, failure=Failure("Gone", "404", NOW)), stored.version)
    assert ills(tools) == ill
    rows = answers.feeds(tools.archive, tools.frontier, tools.now)["feeds"]
    assert sum(not row["healthy"] for row in rows) == failing


def test_a_mail_that_waits_too_long(tools: Tools, world: World) -> None:
    stored = tools.archive.scan(Alert)[0]
    since = NOW - timedelta(hours=3)
    late = replace(stored.record, state="waiting", created=since, due=since, reason="451 busy")
    tools.archive.replace(late, stored.version)
    answer = status(tools)
    assert answer["error"] == {"class": "Unhealthy", "reason": "mail: 1 are late by hours: 451 busy"}
    assert answer["counts"]["alerts_waiting"] == 1


def test_quarantine_is_no_health(tools: Tools) -> None:
    quarantine(tools, "feed", "f", "https://bee.example/feed", "parse", Unreadable("no feed"))
    assert ills(tools) == ["quarantine"]
    (row,) = answers.quarantine(tools.archive)["quarantine"]
    assert (row["what"], row["key"], row["attempts"]) == ("feed", "f", 1)
    assert row["error"] == {"class": "Unreadable", "reason": "no feed"}
    quarantine(tools, "feed", "f", "https://bee.example/feed", "parse", Unreadable("no feed again"))
    (row,) = answers.quarantine(tools.archive)["quarantine"]
    assert (row["attempts"], row["error"]["reason"]) == (2, "no feed again")


def test_a_disk_that_is_full(tools: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: Disk(2**40, 2**40, 2**20))
    assert ills(tools)[-1] == "disk"


def heartbeat(tools: Tools, name: str, role: heartbeats.Role, **changes: Any) -> None:
    """Writes down that a process works, or what is wrong with it."""
    one = heartbeats.Heartbeat(
        name=name, role=role, host="elsewhere", pid=7, queues=QUEUES, at=tools.now(), since=tools.now(),
        last=dict.fromkeys(QUEUES, tools.now()),
    )  # fmt: skip
    tools.frontier.set_note(heartbeats.KIND, name, replace(one, **changes).to_bytes())


def test_workers_that_nobody_needs_just_now(tools: Tools) -> None:
    """Where worker and beat are one process, cron may start it by the hour."""
    assert working(tools.frontier, tools.settings, tools.now) == {
        "name": "workers", "ok": True, "detail": "0 at work now",
    }  # fmt: skip


def test_queues_that_nobody_serves(tools: Tools) -> None:
    settings = replace(tools.settings, broker_url="redis://queue.example")
    assert "no worker serves the queue 'alert'" in working(tools.frontier, settings, tools.now)["detail"]
    heartbeat(tools, "w", "worker")
    heartbeat(tools, "b", "beat")
    assert working(tools.frontier, settings, tools.now) == {"name": "workers", "ok": True, "detail": "1 at work"}
    heartbeat(tools, "w", "worker", queues=("poll", "article"))
    assert working(tools.frontier, settings, tools.now)["detail"] == "no worker serves the queue 'alert'"


def test_workers_that_do_not_work(tools: Tools, world: World) -> None:
    settings = replace(tools.settings, broker_url="redis://queue.example")
    heartbeat(tools, "w", "worker", trouble="the broker does not answer")
    assert working(tools.frontier, settings, tools.now)["detail"] == "w: the broker does not answer"
    heartbeat(tools, "w", "worker")
    world.later(minutes=2)
    detail = working(tools.frontier, settings, tools.now)["detail"]
    assert detail.startswith("w was last heard of 120 s ago; no worker serves the queue 'poll'")
    heartbeat(tools, "w", "worker", since=NOW, last=dict.fromkeys(QUEUES, NOW))
    told = working(tools.frontier, settings, tools.now)
    assert not told["ok"]
    assert told["detail"].endswith("no beat runs")


def test_an_archive_that_is_ill(tools: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools.archive, "health", lambda: "its index is lost")
    assert status(tools)["error"] == {"class": "Unhealthy", "reason": "archive: its index is lost"}


def test_the_outbox_is_told_newest_first(tools: Tools) -> None:
    stored = tools.archive.scan(Alert)[1]
    tools.archive.replace(replace(stored.record, created=NOW + timedelta(days=1)), stored.version)
    rows = answers.alerts(tools.archive)["alerts"]
    assert rows[0]["id"] == stored.record.id
    assert all("mail" not in row for row in rows), "not the mail itself"


def test_subscriptions_are_told_oldest_first(tools: Tools) -> None:
    (row,) = answers.subscriptions(tools.archive)["subscriptions"]
    assert (row["to"], row["kinds"], row["created"]) == ("reader@example.org", [], "2026-03-05T18:00:00Z")


def test_feeds_are_in_order_of_their_titles(tools: Tools, tmp_path: Path) -> None:
    rows = answers.feeds(tools.archive, tools.frontier, tools.now)["feeds"]
    assert [row["title"] for row in rows] == ["Hill Post", "State Wire", "Valley Bee"]
    assert not any(row["quiet"] for row in rows)
    much_later = answers.feeds(tools.archive, tools.frontier, lambda: NOW + timedelta(days=60))["feeds"]
    assert all(row["quiet"] for row in much_later)
