"""A loopback server that misbehaves on request, for the fetcher's tests.

Each path is a script: a function that gets the accepted socket (the request already read) and writes what it likes.
Everything it starts ends with the ``with`` block.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Script = Callable[[socket.socket], None]


@dataclass
class Server:
    """``url`` + path is what to fetch; ``requests`` are the heads received so far, as text."""

    host: str
    port: int
    scripts: dict[str, Script]
    stopped: threading.Event
    requests: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def paths(self) -> list[str]:
        """The paths asked for, in order."""
        return [head.split(" ", 2)[1] for head in self.requests]

    def answer(self, path: str, body: bytes = b"", status: str = "200 OK", **headers: str) -> None:
        """Serves a well-behaved answer; ``_`` in a header's name stands for ``-``."""
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        head = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
        self.scripts[path] = lambda sock: sock.sendall(head + body)

    def moved(self, path: str, to: str, status: int = 302) -> None:
        """Serves a redirect."""
        self.answer(path, status=f"{status} Moved", Location=to)

    def repeat(self, path: str, start: bytes, again: bytes, pause: float = 0.0) -> None:
        """Serves a beginning and then the same bytes until the other side has had enough."""

        def script(sock: socket.socket) -> None:
            sock.sendall(start)
            while not self.stopped.wait(pause) if pause else not self.stopped.is_set():
                sock.sendall(again)

        self.scripts[path] = script


@contextmanager
def serving(host: str = "127.0.0.1", tls: ssl.SSLContext | None = None, raw: Script | None = None) -> Iterator[Server]:
    """A server on a free port of a loopback address; ``raw`` takes over each connection before anything is read."""
    listener = socket.create_server((host, 0), backlog=128)
    server = Server(host, listener.getsockname()[1], {}, threading.Event())
    threads: list[threading.Thread] = []

    def attend(sock: socket.socket) -> None:
        with suppress(OSError), sock:
            sock.settimeout(10)
            if raw is not None:
                raw(sock)
                return
            with tls.wrap_socket(sock, server_side=True) if tls else sock as line:
                head = b""
                while b"\r\n\r\n" not in head and (data := line.recv(65536)):
                    head += data
                server.requests.append(head.decode("latin-1"))
                server.scripts[head.split(b" ", 2)[1].decode()](line)

    def accept() -> None:
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            threads.append(threading.Thread(target=attend, args=(sock,), daemon=True))
            threads[-1].start()

    acceptor = threading.Thread(target=accept, daemon=True)
    acceptor.start()
    try:
        yield server
    finally:
        server.stopped.set()
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for thread in (acceptor, *threads):
            thread.join(15)
