"""A small WebSub hub on loopback, beside the newsroom: subscribes, verifies, fetches what was published and pushes it.

    with Hub() as hub, Newsroom(now, hub=hub) as newsroom:
        newsroom.publish(story)        # the hub fetches the outlet's feed and pushes it to whoever subscribed

What it was asked and what came of it stands in ``events``; ``wait`` waits for more.
"""

from __future__ import annotations

import hmac
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

LEASE = 10 * 86_400
"""Seconds that it grants when nobody asks for less."""
PATIENCE = 30.0
"""Seconds for a subscriber, or an outlet, to answer."""


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Who is pushed what."""

    topic: str
    callback: str
    secret: str
    until: float
    """By ``time.monotonic``."""


class Event(NamedTuple):
    """Something that the hub did."""

    what: str
    """``asked``, ``verified``, ``refused``, ``left``, ``denied`` or ``pushed``."""
    topic: str
    callback: str
    status: int
    """Of the subscriber's answer, 0 when there was none."""


@dataclass
class Hub:
    """Serves between ``start`` and ``stop``, or inside ``with``."""

    host: str = "127.0.0.10"
    lease: int = LEASE
    """Seconds granted at the most."""
    algorithm: str = "sha256"
    subscribers: dict[tuple[str, str], Subscriber] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    refuses: bool = False
    """It answers 503."""
    _server: _Server | None = None
    _threads: list[threading.Thread] = field(default_factory=list)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    @property
    def url(self) -> str:
        """Where it is asked."""
        assert self._server is not None, "it serves"
        return f"http://{self.host}:{self._server.server_address[1]}/"

    def start(self) -> None:
        """Binds a free port and serves."""
        self._server = _Server(self)
        self._run(self._server.serve_forever, 0.05)

    def stop(self) -> None:
        """Ends what is under way."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
        for thread in self._threads:
            thread.join()
        self._threads.clear()

    def __enter__(self) -> Hub:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def wait(self, ready: Callable[[], bool], seconds: float = 30.0) -> bool:
        """Waits until something is so (asked after each event); whether it came to that in time."""
        with self._changed:
            return self._changed.wait_for(ready, seconds)

    def seen(self, what: str, topic: str = "") -> list[Event]:
        """Events of a kind, of one topic or of all."""
        return [event for event in list(self.events) if event.what == what and topic in ("", event.topic)]

    # -------------------------------------------------------------- what it is asked
    def take(self, form: dict[str, str]) -> int:
        """A request to subscribe, to unsubscribe or to publish; the status to answer with. What follows is done in a
        thread of its own, as a hub may."""
        mode, topic, callback = form.get("hub.mode"), form.get("hub.topic", ""), form.get("hub.callback", "")
        if self.refuses:
            return 503
        if mode == "publish":
            self.publish(form.get("hub.url", topic))
            return 204
        if mode not in ("subscribe", "unsubscribe") or not topic or not callback:
            return 400
        self._note("asked", topic, callback, 202)
        self._run(self._verify, dict(form))
        return 202

    def _verify(self, form: dict[str, str]) -> None:
        mode, topic, callback = form["hub.mode"], form["hub.topic"], form["hub.callback"]
        challenge = secrets.token_urlsafe(24)
        lease = min(int(form.get("hub.lease_seconds", self.lease)), self.lease)
        question = {"hub.mode": mode, "hub.topic": topic, "hub.challenge": challenge}
        if mode == "subscribe":
            question["hub.lease_seconds"] = str(lease)
        status, body = _call("GET", f"{callback}?{urlencode(question)}")
        if not 200 <= status < 300 or body != challenge.encode():
            self._note("refused", topic, callback, status)
        elif mode == "subscribe":
            until = time.monotonic() + lease
            self.subscribers[topic, callback] = Subscriber(topic, callback, form.get("hub.secret", ""), until)
            self._note("verified", topic, callback, status)
        else:
            self.subscribers.pop((topic, callback), None)
            self._note("left", topic, callback, status)

    def deny(self, topic: str, reason: str) -> None:
        """Tells the subscribers of a topic that it is not pushed any more."""
        for one in [one for one in self.subscribers.values() if one.topic == topic]:
            del self.subscribers[one.topic, one.callback]
            question = {"hub.mode": "denied", "hub.topic": topic, "hub.reason": reason}
            status, _ = _call("GET", f"{one.callback}?{urlencode(question)}")
            self._note("denied", topic, one.callback, status)

    # -------------------------------------------------------------- what it is told
    def publish(self, topic: str) -> None:
        """Something new stands at a topic: fetches it and pushes it, in a thread of its own."""
        self._run(self._distribute, topic)

    def _distribute(self, topic: str) -> None:
        _, body = _call("GET", topic)
        for one in list(self.subscribers.values()):
            if one.topic == topic and time.monotonic() < one.until:
                self.push(one, body)

    def push(self, to: Subscriber, body: bytes) -> int:
        """Pushes a body to one subscriber, signed; the status of the answer. 410 ends the subscription."""
        signature = hmac.new(to.secret.encode(), body, self.algorithm).hexdigest()
        headers = {
            "Content-Type": "application/rss+xml",
            "Link": f'<{self.url}>; rel="hub", <{to.topic}>; rel="self"',
            "X-Hub-Signature": f"{self.algorithm}={signature}",
        }
        status, _ = _call("POST", to.callback, body, headers)
        if status == 410:
            self.subscribers.pop((to.topic, to.callback), None)
        self._note("pushed", to.topic, to.callback, status)
        return status

    def _note(self, what: str, topic: str, callback: str, status: int) -> None:
        with self._changed:
            self.events.append(Event(what, topic, callback, status))
            self._changed.notify_all()

    def _run(self, work: Callable[..., None], *arguments: Any) -> None:
        thread = threading.Thread(target=work, args=arguments, name="hub", daemon=True)
        self._threads.append(thread)
        thread.start()


def _call(method: str, url: str, body: bytes = b"", headers: dict[str, str] | None = None) -> tuple[int, bytes]:
    """Status and body of the answer; 0 when there was none."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=PATIENCE)
    try:
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request(method, path or "/", body or None, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, HTTPException):
        return 0, b""
    finally:
        connection.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        super().__init__((hub.host, 0), _Handler)

    def server_bind(self) -> None:
        """Without the name look-up of ``HTTPServer``, which waits for a name server when there is no network."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = self.hub.host, self.server_address[1]


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", "0"))
        form = dict(parse_qsl(self.rfile.read(length).decode(), keep_blank_values=True))
        self.send_response(self.server.hub.take(form))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing on standard error: ``Hub.events`` is the log."""
