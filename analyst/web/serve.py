"""``sanctuary-watch web``: runs the web on loopback until it is told to stop."""

from __future__ import annotations

import ipaddress
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from types import FrameType

import uvicorn

from analyst.web.app import make_app
from config.settings import Settings
from pipeline.archive import open_archive
from pipeline.errors import UserError
from pipeline.frontier import open_frontier

PATIENCE = 5
"""Seconds that a request under way may take when the web is told to stop."""


def serve(settings: Settings) -> None:
    """Answers on ``settings.web_listen`` until SIGTERM or SIGINT, then returns. Says the address on standard error
    once it answers there.

    Raises ``UserError`` when that is no loopback address or is taken, and what opening the stores raises.
    """
    host, port = loopback(settings.web_listen)
    settings.ensure_home()
    settings = settings.ensure_secret_key()
    with (
        closing(open_archive(settings.archive)) as archive,
        closing(open_frontier(settings.frontier)) as frontier,
        closing(_bound(host, port)) as listener,
    ):
        server = uvicorn.Server(
            uvicorn.Config(
                make_app(settings, archive, frontier),
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
        with _stopped_by_signals(server):
            sys.stderr.write(f"The web answers at {address(listener)} (Ctrl-C stops it)\n")
            sys.stderr.flush()
            server.run(sockets=[listener])


def loopback(listen: str) -> tuple[str, int]:
    """Host (an address) and port of ``host:port``. Raises ``UserError`` unless only this machine can reach it: there
    are no keys yet, so whoever reaches the web may read everything."""
    name, _, port = listen.rpartition(":")
    name = name.removeprefix("[").removesuffix("]")
    if name == "localhost":
        return "127.0.0.1", int(port)
    try:
        if ipaddress.ip_address(name).is_loopback:
            return name, int(port)
    except ValueError:
        pass
    raise UserError(
        "the web answers on this machine only, at 127.0.0.1, [::1] or localhost: it has no keys yet, so everybody who "
        "reaches it could read everything. Put a server that asks for a password before it",
        subject=listen,
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
