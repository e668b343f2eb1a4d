"""Proxies on loopback that stand before a server and make trouble when told.

``TcpProxy`` passes bytes of any protocol (Redis, SMTP); ``HttpProxy`` passes requests, so that it can also answer in
the server's stead and demand credentials. Both may speak TLS to their clients. Every change of behaviour takes effect
at once, for connections that are open too::

    with TcpProxy(("127.0.0.1", 6379)) as proxy:   # proxy.port is where clients connect
        proxy.refuse()                             # the port is closed, open connections are cut
        proxy.behave()                             # as if nothing had been
"""

from __future__ import annotations

import base64
import http.client
import os
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from types import TracebackType
from typing import Any, Self, TypeAlias

_PIECE = 65536
_CLOSED = (OSError, ValueError)
"""What comes of using a socket that another thread has closed; a TLS socket says ValueError."""
_RESET = struct.pack("ii", 1, 0)
"""SO_LINGER of zero seconds: closing sends RST instead of FIN, as when a machine vanishes."""


@dataclass(frozen=True)
class Request:
    """An HTTP request that has come in whole."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """What a proxy says in the server's stead."""

    status: int
    headers: Mapping[str, str]
    body: bytes


Responder: TypeAlias = Callable[[Request], Answer | None]
"""None passes the request on."""


class Proxy:
    """What both have in common: a port, its connections, and how they behave."""

    def __init__(self, target: tuple[str, int], tls: ssl.SSLContext | None = None) -> None:
        """
        :param target: host and port of the server
        :param tls: demanded of the clients; the server is always spoken to in the clear
        """
        self.target = target
        self.port = 0
        self.accepted = 0
        """Connections accepted so far."""
        self._tls = tls
        self._lock = threading.Lock()
        self._listener: socket.socket | None = None
        self._open: set[socket.socket] = set()
        self._threads: set[threading.Thread] = set()
        self._delay = 0.0
        self._loses = False
        self._changed = threading.Event()

    def __enter__(self) -> Self:
        self._listen()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.refuse()
        with self._lock:
            threads = list(self._threads)
        for thread in threads:
            thread.join(15)

    # -------------------------------------------------------------- what it may be told
    def behave(self) -> None:
        """Passes everything, at once."""
        self._behave(0.0, loses=False)

    def slow(self, seconds: float) -> None:
        """Every answer (for TCP: every piece of one) comes so many seconds late."""
        self._behave(seconds, loses=False)

    def lose_answers(self) -> None:
        """Passes what the client says, and cuts the connection when the server answers: the client cannot know whether
        it was done."""
        self._behave(0.0, loses=True)

    def cut(self) -> None:
        """Resets the connections that are open; new ones are welcome."""
        with self._lock:
            cut, self._open = self._open, set()
        for sock in cut:
            _reset(sock)

    def refuse(self) -> None:
        """Closes the port and resets the connections, until told to ``behave``."""
        listener, self._listener = self._listener, None
        if listener is not None:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        self.cut()
        self._changed.set()

    def _behave(self, delay: float, *, loses: bool) -> None:
        changed, self._changed = self._changed, threading.Event()
        self._delay, self._loses = delay, loses
        changed.set()
        if self._listener is None:
            self._listen()

    # -------------------------------------------------------------- connections
    def _listen(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self.port), backlog=128)
        self.port = self._listener.getsockname()[1]
        self._thread(self._accept, self._listener)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            self.accepted += 1
            self._keep(sock)
            if self._listener is not listener:
                self.cut()
            self._thread(self._welcome, sock)

    def _welcome(self, sock: socket.socket) -> None:
        with suppress(*_CLOSED):
            if self._tls:
                sock.settimeout(10)
                plain, sock = sock, self._tls.wrap_socket(sock, server_side=True)
                with self._lock:  # its descriptor has moved
                    self._open.discard(plain)
                self._keep(sock)
                sock.settimeout(None)
            self._attend(sock)
        self._drop(sock)

    def _attend(self, sock: socket.socket) -> None:
        """Serves one connection to its end."""
        raise NotImplementedError

    def _delayed(self) -> None:
        """Waits as long as answers are to be late; not longer than this behaviour lasts."""
        if delay := self._delay:
            self._changed.wait(delay)

    def _keep(self, sock: socket.socket) -> None:
        with self._lock:
            self._open.add(sock)

    def _drop(self, sock: socket.socket) -> None:
        with self._lock:
            self._open.discard(sock)
        sock.close()

    def _thread(self, work: Callable[..., None], *arguments: Any) -> threading.Thread:
        def run() -> None:
            try:
                work(*arguments)
            finally:
                self._threads.discard(threading.current_thread())

        thread = threading.Thread(target=run, daemon=True)
        with self._lock:  # whoever ends finds none that was not started
            self._threads.add(thread)
            thread.start()
        return thread


class TcpProxy(Proxy):
    """Passes bytes in both directions."""

    def _attend(self, sock: socket.socket) -> None:
        server = socket.create_connection(self.target, timeout=10)
        server.settimeout(None)
        self._keep(server)
        answering = self._thread(self._pass, server, sock, True)
        self._pass(sock, server, False)
        answering.join()
        self._drop(server)

    def _pass(self, source: socket.socket, target: socket.socket, answers: bool) -> None:
        with suppress(*_CLOSED):
            while piece := source.recv(_PIECE):
                if answers:
                    self._delayed()
                    if self._loses:
                        _reset(target)
                        break
                target.sendall(piece)
        with self._lock:
            lives = target in self._open  # one that is cut must not end in good order first
        if lives:
            with suppress(*_CLOSED):
                target.shutdown(socket.SHUT_WR)


class HttpProxy(Proxy):
    """Passes requests and answers whole."""

    def __init__(
        self,
        target: tuple[str, int],
        tls: ssl.SSLContext | None = None,
        credentials: tuple[str, str] | None = None,
    ) -> None:
        """
        :param credentials: user and password that every request must carry (basic authentication); others get 401
        """
        super().__init__(target, tls)
        self.credentials = credentials
        self.requests: list[Request] = []
        """Those that had the credentials, in the order in which they came."""
        self._responder: Responder | None = None
        self._twice = False

    @property
    def url(self) -> str:
        """The base URL, with the credentials."""
        who = f"{self.credentials[0]}:{self.credentials[1]}@" if self.credentials else ""
        return f"{'https' if self._tls else 'http'}://{who}localhost:{self.port}"

    def behave(self) -> None:
        self._responder = None
        self._twice = False
        super().behave()

    def answer(self, responder: Responder) -> None:
        """Answers in the server's stead wherever the function gives an answer."""
        self._responder = responder

    def ask_twice(self) -> None:
        """Sends every request twice and passes on the second answer, as a cluster may that lost a node in between."""
        self._twice = True

    def _attend(self, sock: socket.socket) -> None:
        with _Upstream(self.target) as upstream:
            _Handler(sock, self, upstream)

    def respond(self, request: Request, upstream: _Upstream) -> Answer | None:
        """The answer to a request; None cuts the connection."""
        if self.credentials and not _carries(request, self.credentials):
            return Answer(401, {"WWW-Authenticate": 'Basic realm="tests"', "X-Elastic-Product": "Elasticsearch"}, b"")
        self.requests.append(request)
        responder = self._responder
        answer = responder(request) if responder else None
        if answer is None:
            if self._twice:
                upstream.ask(request)
            answer = upstream.ask(request)
        self._delayed()
        return None if self._loses else answer


class _Upstream:
    """One connection to the server, made anew when the server has closed it."""

    def __init__(self, target: tuple[str, int]) -> None:
        self._connection = http.client.HTTPConnection(*target, timeout=120)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._connection.close()

    def ask(self, request: Request) -> Answer | None:
        """The server's answer; None when it gave none."""
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _OWN}
        try:
            self._connection.request(request.method, request.path, request.body, headers)
            response = self._connection.getresponse()
            body = response.read()
        except (OSError, http.client.HTTPException):
            self._connection.close()
            return None
        told = {name: value for name, value in response.getheaders() if name.lower() not in _OWN}
        return Answer(response.status, told, body)


_OWN = {"connection", "transfer-encoding", "content-length", "keep-alive", "authorization"}
"""Headers that are between two neighbours."""


class _Handler(BaseHTTPRequestHandler):
    """Reads requests from one connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def __init__(self, sock: socket.socket, proxy: HttpProxy, upstream: _Upstream) -> None:
        self._proxy, self._upstream = proxy, upstream
        super().__init__(sock, sock.getpeername(), None)  # type: ignore[arg-type] # only its threads use the server

    def _any(self) -> None:
        request = Request(self.command, self.path, dict(self.headers), self._body())
        answer = self._proxy.respond(request, self._upstream)
        if answer is None:
            _reset(self.connection)
            self.close_connection = True
            return
        self.send_response_only(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if self.command != "HEAD":
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _any  # noqa: N815 - the base class looks for these names

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        pieces = []
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            pieces.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return b"".join(pieces)

    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing: the tests look at ``requests``."""


def _carries(request: Request, credentials: tuple[str, str]) -> bool:
    expected = "Basic " + base64.b64encode(":".join(credentials).encode()).decode()
    return {name.lower(): value for name, value in request.headers.items()}.get("authorization") == expected


def _reset(sock: socket.socket) -> None:
    with suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        # Wakes the thread that reads from it. A TLS socket's own method would make it forget its TLS first.
        socket.socket.shutdown(sock, socket.SHUT_RD)
        os.close(sock.detach())  # close() would wait until the handler's file on it is closed too
