"""The web over a small made-up archive, really served on loopback, and a real browser before it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser

from analyst.web.app import make_app
from analyst.web.serve import address
from config.settings import Settings
from pipeline.alerts.tokens import unsubscribe_token
from pipeline.archive import open_archive
from pipeline.archive.base import Archive
from pipeline.frontier import open_frontier
from tests.unit.analyst.web.library import NOW
from tests.unit.analyst.web.stock import SUBSCRIPTION, fill
from tests.web.workspace import chromium

KEY = "a secret of the tests"


@dataclass(frozen=True)
class Site:
    """What is served."""

    base: str
    archive: Archive

    @property
    def unsubscribe(self) -> str:
        """The path in a mail to the library's subscriber."""
        return f"unsubscribe/{SUBSCRIPTION.id}/{unsubscribe_token(KEY, SUBSCRIPTION)}"


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    settings = Settings(home=tmp_path_factory.mktemp("home"), secret_key=KEY)
    with (
        closing(open_archive(settings.archive)) as archive,
        closing(open_frontier(settings.frontier)) as frontier,
        closing(socket.socket()) as listener,
    ):
        fill(archive, frontier)
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        app = make_app(settings, archive, frontier, now=lambda: NOW)
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", ws="none"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield Site(address(listener), archive)
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Ends with these tests: while Playwright runs, no other test in this thread may run an event loop of its own."""
    with chromium() as started:
        yield started


@pytest.fixture(scope="session")
def screenshots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the pictures are left (``--basetemp`` says where that is)."""
    return tmp_path_factory.mktemp("screenshots", numbered=False)
