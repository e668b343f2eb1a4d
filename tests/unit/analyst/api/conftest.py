"""The API, within the application that serves it, over a small made-up archive."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
from starlette.applications import Starlette

from analyst.answers.saved import save
from analyst.api.keys import mint
from analyst.web.app import make_app
from config.settings import Settings
from pipeline.archive import open_archive
from pipeline.archive.base import Archive
from pipeline.frontier import open_frontier
from pipeline.frontier.base import Frontier
from tests.unit.analyst.web.calling import Answer, call
from tests.unit.analyst.web.library import NOW
from tests.unit.analyst.web.stock import fill

Ask = Callable[..., Answer]


@pytest.fixture(scope="package")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(home=tmp_path_factory.mktemp("home"), secret_key="a secret of the tests", api_per_minute=100_000)


@pytest.fixture(scope="package")
def archive(settings: Settings) -> Iterator[Archive]:
    with closing(open_archive(settings.archive)) as opened:
        yield opened


@pytest.fixture(scope="package")
def frontier(settings: Settings) -> Iterator[Frontier]:
    with closing(open_frontier(settings.frontier)) as opened:
        yield opened


@pytest.fixture(scope="package")
def web(settings: Settings, archive: Archive, frontier: Frontier) -> Starlette:
    """The web over the filled library and one saved search."""
    fill(archive, frontier)
    save(archive, "Ellery", "ellery", now=NOW)
    return make_app(settings, archive, frontier, now=lambda: NOW)


@pytest.fixture
def ask(web: Starlette) -> Ask:
    """``ask("/search?q=x")``: the answer at a path of the API; ``key`` is shown as a bearer's."""

    def asked(path: str, *, key: str = "", headers: dict[str, str] | None = None, **more: Any) -> Answer:
        given = {"authorization": f"Bearer {key}"} if key else {}
        return call(web, f"/api/v1{path}", headers={**given, **(headers or {})}, **more)

    return asked


@pytest.fixture
def reader(archive: Archive) -> str:
    """A key that may read."""
    key, text = mint("reader", ("read",), NOW)
    archive.create(key)
    return text


@pytest.fixture
def writer(archive: Archive) -> str:
    """A key that may write too."""
    key, text = mint("writer", ("read", "write"), NOW)
    archive.create(key)
    return text


def error_of(answer: Answer) -> tuple[int, str, str]:
    """Status, class and reason of a problem document, which must be a right one."""
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    document = json.loads(answer.text)
    assert document["type"] == "about:blank"
    assert document["status"] == answer.status
    assert document["detail"] == document["error"]["reason"]
    return answer.status, document["error"]["class"], document["error"]["reason"]
