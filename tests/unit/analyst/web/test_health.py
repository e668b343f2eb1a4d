"""What machines are told: numbers for Prometheus, of whatever answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette

from analyst.web.app import make_app
from analyst.web.desk import Desk
from analyst.web.health import Metrics
from config.settings import Settings
from pipeline.archive.base import Archive
from pipeline.errors import Unavailable
from pipeline.frontier.base import Due, Frontier
from pipeline.model import Article, Entry
from tests.unit.analyst.web.calling import call
from tests.unit.analyst.web.library import NOW


def numbers(text: str) -> dict[tuple[str, str], float]:
    """By name and the value of its label ('' without one)."""
    return {
        (sample.name.removeprefix("sanctuary_watch_"), next(iter(sample.labels.values()), "")): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_numbers_of_the_stores(web: Starlette, settings: Settings, archive: Archive, frontier: Frontier) -> None:
    frontier.put("entry", [Due("e-late", "paper.example", NOW - timedelta(minutes=5))])
    try:
        answer = call(make_app(settings, archive, frontier, now=lambda: NOW), "/metrics")
    finally:
        frontier.drop("entry", ["e-late"])
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    found = numbers(answer.text)
    assert found["articles", ""] == archive.count(Article) > 0
    assert sum(found["entries", o] for o in ("waiting", "article", "copy", "discard", "quarantine")) == archive.count(
        Entry
    )
    assert found["server_up", "archive"] == found["server_up", "frontier"] == 1
    assert (found["due", "entry"], found["oldest_due_entry_seconds", ""]) == (1, 300)
    assert found["workers", "poll"] == 0
    assert sum(found["feeds", state] for state in ("well", "quiet", "failing", "new")) > 0
    assert all(name.startswith("sanctuary_watch_") for name in answer.text.split("# HELP ")[1:])


def test_numbers_are_kept_for_a_moment(settings: Settings, archive: Archive, frontier: Frontier) -> None:
    asked: list[str] = []

    class Counted:
        def __getattr__(self, name: str) -> object:
            asked.append(name)
            return getattr(archive, name)

    web = make_app(settings, Counted(), frontier, now=lambda: NOW)  # type: ignore[arg-type]
    first = call(web, "/metrics").text
    n = len(asked)
    assert call(web, "/metrics").text == first
    assert len(asked) == n


def test_a_server_that_is_away_is_one_of_the_numbers(settings: Settings, frontier: Frontier) -> None:
    class Away:
        def __getattr__(self, name: str) -> object:
            raise Unavailable("the archive is away")

    desk = Desk(replace(settings, broker_url="redis://127.0.0.1:1"), Away(), frontier, lambda: NOW)  # type: ignore[arg-type]
    found = numbers(bytes(Metrics(desk).answer(None).body).decode())  # type: ignore[arg-type]
    assert found["server_up", "archive"] == found["server_up", "broker"] == 0
    assert found["server_up", "frontier"] == 1
    assert ("articles", "") not in found


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_nobody_keeps_them(settings: Settings, archive: Archive, frontier: Frontier, path: str) -> None:
    assert call(make_app(settings, archive, frontier), path).headers["cache-control"] == "no-store"
