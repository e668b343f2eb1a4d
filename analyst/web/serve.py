"""``sanctuary-watch web``: runs the web until it is told to stop; beyond this machine only when keys guard it."""

from __future__ import annotations

import gc
import ipaddress
import logging
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from types import FrameType

import uvicorn

from analyst.answers.board import measure_lines
from analyst.web.app import make_app
from analyst.web.pushes import nobody
from config.settings import Settings
from pipeline.archive import open_archive
from pipeline.archive.base import Archive
from pipeline.errors import PipelineError, UserError
from pipeline.frontier import open_frontier
from pipeline.model import ApiKey
from pipeline.policy.places import parse_label

log = logging.getLogger(__name__)

PATIENCE = 5
"""Seconds that a request under way may take when the web is told to stop."""


def serve(settings: Settings, hint: Callable[[], None] = nobody) -> None:
    """Answers on ``settings.web_listen`` until SIGTERM or SIGINT, then returns. Says the address on standard error
    once it answers there. ``hint`` tells a worker that a feed is due.

    Raises ``UserError`` when that is no address, is taken, or can be reached from elsewhere although nothing says who
    may read there, and what opening the stores raises.
    """
    host, port = listening(settings.web_listen)
    settings.ensure_home()
    settings = settings.ensure_secret_key()
    with (
        closing(open_archive(settings.archive)) as archive,
        closing(open_frontier(settings.frontier)) as frontier,
    ):
        check_guarded(host, settings, archive)
        with closing(_bound(host, port)) as listener:
            app = make_app(settings, archive, frontier, hint=hint)
            server = uvicorn.Server(
                uvicorn.Config(
                    app,
                    log_config=None,
                    log_level="warning",
                    access_log=False,  # addresses hold queries and unsubscribe tokens
                    server_header=False,
                    proxy_headers=False,
                    lifespan="off",
                    ws="none",
                    timeout_graceful_shutdown=PATIENCE,
                )
            )
            with _stopped_by_signals(server), _made_ready(archive):
                sys.stderr.write(f"The web answers at {address(listener)} (Ctrl-C stops it)\n")
                sys.stderr.flush()
                server.run(sockets=[listener])


def make_ready(archive: Archive) -> None:
    """Reads once what every process of the web reads once (places by name, the lines of the dockets) and takes it out
    of Python's search for garbage, which would look through all of it again and again, 60 ms each time, while somebody
    waits for a page."""
    try:
        parse_label("CA")
        measure_lines(archive)
    except PipelineError as error:  # whoever opens a page is told
        log.info("not ready yet: %s", error)
        return
    gc.collect()
    gc.freeze()


@contextmanager
def _made_ready(archive: Archive) -> Iterator[None]:
    """Does so while the first reader is still on her way."""
    thread = threading.Thread(target=make_ready, args=(archive,), name="make ready")
    thread.start()
    try:
        yield
    finally:
        thread.join()  # before the archive is closed


def listening(listen: str) -> tuple[str, int]:
    """Host (an address) and port of ``host:port``. Raises ``UserError`` when it is no address."""
    name, _, port = listen.rpartition(":")
    name = name.removeprefix("[").removesuffix("]")
    if name == "localhost":
        return "127.0.0.1", int(port)
    try:
        ipaddress.ip_address(name)
    except ValueError:
        raise UserError(
            "the web listens at an address, such as 127.0.0.1:8050, or at localhost", subject=listen
        ) from None
    return name, int(port)


def check_guarded(host: str, settings: Settings, archive: Archive) -> None:
    """Raises ``UserError`` when others than this machine can reach the web and nothing says who may read there."""
    if ipaddress.ip_address(host).is_loopback or settings.trusted:
        return
    archive.refresh()
    if not archive.count(ApiKey):
        raise UserError(
            "without keys the web answers on this machine only, at 127.0.0.1, [::1] or localhost: everybody who "
            "reaches it could read everything. 'sanctuary-watch keys add NAME' makes a key",
            subject=settings.web_listen,
        )


def address(listener: socket.socket) -> str:
    """The address of a bound socket, for a browser."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}/" if listener.family == socket.AF_INET6 else f"http://{host}:{port}/"


def _bound(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen()  # whoever is told the address may come at once
    except OSError as error:
        listener.close()
        raise UserError(f"cannot answer there: {error.strerror or error}", subject=f"{host}:{port}") from None
    return listener


@contextmanager
def _stopped_by_signals(server: uvicorn.Server) -> Iterator[None]:
    """uvicorn stops at SIGTERM and SIGINT and then raises them again; here they have done their work. One that comes
    before uvicorn listens to them is not lost either."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        server.should_exit = True

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
