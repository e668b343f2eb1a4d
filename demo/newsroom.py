"""A small newsroom on loopback: a couple of dozen outlets over real HTTP, each on its own 127.0.0.x.

    with Newsroom(now) as newsroom:
        Path("feeds.opml").write_text(newsroom.opml())
        newsroom.url("la-first-ledger")    # http://127.0.0.11:41234/2024-11-19/council-sanctuary-ordinance-vote

Everything it serves follows from ``now`` and the port. It answers conditional requests, compresses where the outlet
does, forwards, refuses, and in one place never stops sending until ``stop`` is called.
"""

from __future__ import annotations

import gzip
import socket
import sys
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from types import TracebackType
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from xml.sax.saxutils import quoteattr

from demo import feeds, pages
from demo.hub import Hub
from demo.stories import Outlet, Story, of_outlet, outlets, stories

NETWORK = "127.0.0.0/8"
"""What ``SANCTUARY_WATCH_ALLOW_NETWORKS`` must hold for a monitor of this newsroom."""
MOVED_TO = "/current-feed.xml"
"""Where the feed of the outlet that moved is now."""
RETRY_AFTER = 600
"""Seconds that the busy outlet asks for."""
TRACKING = "?utm_source=rss&utm_medium=feed&utm_campaign=headlines"
DRIP = b"<p>The view is clear.</p>\n"
DRIP_SECONDS = 0.2
PORT_TRIALS = 40
IDLE_SECONDS = 30.0
"""A connection on which nothing happens is closed after that."""


class CannotOpen(OSError):
    """The newsroom's addresses cannot be bound; the message says what to do."""


@dataclass(frozen=True, slots=True)
class FeedInfo:
    """One feed of the newsroom, as an OPML outline tells it."""

    url: str
    title: str
    place: str
    kind: str


class Request(NamedTuple):
    """One request that was answered."""

    outlet: str
    method: str
    target: str
    """Path and query as asked for."""
    status: int
    conditional: bool
    """It carried If-None-Match or If-Modified-Since."""


@dataclass(frozen=True, slots=True)
class Resource:
    """What stands at a path."""

    body: bytes = b""
    content_type: str = "text/html; charset=utf-8"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    etag: str = ""
    modified: datetime | None = None
    gzip: bool = False
    endless: bool = False


class Newsroom:
    """All outlets. Serves between ``start`` and ``stop``, or inside ``with``."""

    def __init__(self, now: datetime, port: int = 0, hub: Hub | None = None) -> None:
        """``now``: an aware datetime, the end of the four weeks that are told. ``port``: one for all addresses,
        0 for a free one. ``hub``: what every feed names as its hub; it serves already."""
        self.now = now
        self.port = port
        self.hub = hub
        self.stories: dict[str, Story] = stories(now)
        self.requests: list[Request] = []
        """What was asked for so far, oldest first."""
        self.errors: list[str] = []
        """Faults of the newsroom itself (not of its callers); empty when all is well."""
        self.stopping = threading.Event()
        self._servers: list[_Server] = []
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Binds every address and begins to serve. Raises ``CannotOpen`` when the addresses cannot be had."""
        self._servers = self._bind()
        for server in self._servers:
            server.resources = self._resources(server.outlet)
            thread = threading.Thread(target=server.serve_forever, args=(0.05,), name=f"newsroom-{server.outlet.id}")
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """Ends every connection, the endless one included, and frees the addresses. Twice does no harm."""
        self.stopping.set()
        for server in self._servers:
            server.shutdown()
        for server in self._servers:
            server.hang_up()
            server.server_close()
        for thread in self._threads:
            thread.join()
        self._servers, self._threads = [], []

    def __enter__(self) -> Newsroom:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def publish(self, story: Story) -> None:
        """From now on the story stands in its outlet's feed, with its page; the hub is told."""
        self.stories[story.id] = story
        for server in self._servers:
            if server.outlet is story.outlet:
                server.resources = self._resources(server.outlet)
        if self.hub is not None:
            self.hub.publish(self.feed_url(story.outlet.id))

    # -------------------------------------------------------------- addresses
    def base(self, outlet: Outlet | str) -> str:
        """Root URL of an outlet (or of the one with that id), without a slash at its end."""
        known = outlets()[outlet] if isinstance(outlet, str) else outlet
        return f"http://{known.host}:{self.port}"

    def url(self, story: str) -> str:
        """The page of the story with this id."""
        told = self.stories[story]
        return self.base(told.outlet) + told.path

    def link(self, story: str) -> str:
        """The address under which its feed names the story: with tracking parameters, or one that redirects."""
        told = self.stories[story]
        return self.base(told.outlet) + (told.via or told.path) + (TRACKING if told.outlet.tracking else "")

    def feed_url(self, outlet: str) -> str:
        """The feed of the outlet with this id."""
        return self.base(outlet) + outlets()[outlet].feed

    @property
    def feeds(self) -> list[FeedInfo]:
        """Every feed, in the order of the addresses."""
        return [FeedInfo(self.feed_url(o.id), o.name, o.place, o.kind) for o in outlets().values()]

    def opml(self) -> str:
        """The subscription list: one outline a feed, with the home ``place`` and the ``kind`` of its outlet."""
        lines = [
            f'    <outline type="rss" text={quoteattr(info.title)} title={quoteattr(info.title)} '
            f"xmlUrl={quoteattr(info.url)} place={quoteattr(info.place)} kind={quoteattr(info.kind)}/>"
            for info in self.feeds
        ]
        head = (
            '<?xml version="1.0" encoding="utf-8"?>\n<opml version="2.0">\n  <head><title>Demo newsroom</title></head>'
        )
        return head + "\n  <body>\n" + "\n".join(lines) + "\n  </body>\n</opml>\n"

    # -------------------------------------------------------------- what stands where
    def _bind(self) -> list[_Server]:
        for _ in range(PORT_TRIALS if self.port == 0 else 1):
            bound: list[_Server] = []
            port = self.port
            try:
                for outlet in outlets().values():
                    bound.append(_Server(self, outlet, port))
                    port = bound[0].server_address[1]
            except OSError as error:
                for server in bound:
                    server.server_close()
                reason = error
            else:
                self.port = port
                return bound
        raise CannotOpen(
            f"cannot listen on 127.0.0.11 and up ({reason.strerror}). Linux answers on all of 127.0.0.0/8; "
            "macOS needs an alias each: sudo ifconfig lo0 alias 127.0.0.11 up"
        ) from reason

    def _resources(self, outlet: Outlet) -> dict[str, Resource]:
        """Everything the outlet serves, by path."""
        base = self.base(outlet)
        told = of_outlet(self.stories.values(), outlet)
        page = f"text/html; charset={outlet.charset}"
        made = {
            "/": Resource(pages.front(outlet, base, told), page, gzip=outlet.gzip),
            "/robots.txt": Resource(_robots(outlet), "text/plain; charset=utf-8"),
        }
        for story in told:
            made[story.path] = self._page(story, base, told, page)
            if story.via:
                made[story.via] = Resource(status=302, headers={"Location": base + story.path})
        return made | self._feed(outlet, base, told)

    def _page(self, story: Story, base: str, told: list[Story], content_type: str) -> Resource:
        if story.page == "gone":
            return Resource(pages.gone(story.outlet, base), content_type, status=404)
        if story.page == "endless":
            return Resource(pages.front(story.outlet, base, told), content_type, endless=True)
        canonical = self.url(story.of or story.id)
        return Resource(pages.article(story, base, told, canonical), content_type, gzip=story.outlet.gzip)

    def _feed(self, outlet: Outlet, base: str, told: list[Story]) -> dict[str, Resource]:
        at = urlsplit(outlet.feed).path
        if outlet.fault == "busy":
            return {at: Resource(b"busy\n", "text/plain", 503, {"Retry-After": str(RETRY_AFTER)})}
        if outlet.fault == "hopeless":
            return {at: Resource(pages.front(outlet, base, told), f"text/html; charset={outlet.charset}")}
        items = [feeds.Item(story, self.link(story.id), self._source(story)) for story in told]
        newest = told[0].published.astimezone(UTC)
        body = feeds.body(outlet, base, items, newest)
        feed = Resource(
            body,
            f"{feeds.CONTENT_TYPES[outlet.format]}; charset={outlet.charset}",
            etag=f'W/"{sha256(body).hexdigest()[:20]}"' if "etag" in outlet.validators else "",
            modified=newest if "modified" in outlet.validators else None,
            gzip=outlet.gzip,
            headers={"Link": f'<{self.hub.url}>; rel="hub", <{base}{outlet.feed}>; rel="self"'} if self.hub else {},
        )
        if outlet.fault == "moved":
            return {at: Resource(status=301, headers={"Location": base + MOVED_TO}), MOVED_TO: feed}
        return {at: feed}

    def _source(self, story: Story) -> str:
        """Where the outlet behind an aggregator's item is at home."""
        return self.base(self.stories[story.lead_of].outlet) if story.lead_of else story.source_url


def _robots(outlet: Outlet) -> bytes:
    rules = f"Disallow: {outlet.disallow}" if outlet.disallow else "Disallow:"
    return f"User-agent: *\n{rules}\n".encode()


class _Server(ThreadingHTTPServer):
    """One outlet's server. Knows its open connections, so that it can hang up."""

    daemon_threads = False
    block_on_close = True
    request_queue_size = 64

    def __init__(self, newsroom: Newsroom, outlet: Outlet, port: int) -> None:
        self.newsroom = newsroom
        self.outlet = outlet
        self.resources: dict[str, Resource] = {}
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__((outlet.host, port), _Handler)

    def server_bind(self) -> None:
        """Without the name look-up of ``HTTPServer``, which waits for a name server when there is no network."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = self.outlet.host, self.server_address[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """Shuts every open connection down; its handler then ends by itself."""
        with self._lock:
            for connection in self._open:
                _shut(connection)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that went away is no fault; anything else is noted in ``Newsroom.errors``."""
        error = sys.exception()
        if not isinstance(error, ConnectionError | TimeoutError):
            self.newsroom.errors.append(f"{self.outlet.id}: {error!r}")


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # the other side was faster


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "newsroom"
    sys_version = ""
    timeout = IDLE_SECONDS
    server: _Server

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        found = self.server.resources.get(path)
        if found is None:
            newsroom, outlet = self.server.newsroom, self.server.outlet
            missing = pages.gone(outlet, newsroom.base(outlet))
            found = Resource(missing, f"text/html; charset={outlet.charset}", status=404)
        if found.endless:
            self._log(found.status)
            self._drip(found)
        elif self._unchanged(found):
            self._log(304)
            self.send_response(304)
            self._validators(found)
            self.end_headers()
        else:
            self._log(found.status)
            self._send(found)

    do_HEAD = do_GET  # noqa: N815 - the name is http.server's

    def _send(self, found: Resource) -> None:
        body = found.body
        self.send_response(found.status)
        if body:
            self.send_header("Content-Type", found.content_type)
        for name, value in found.headers.items():
            self.send_header(name, value)
        if found.gzip:
            self.send_header("Vary", "Accept-Encoding")
            if "gzip" in self.headers.get("Accept-Encoding", ""):
                body = gzip.compress(body, mtime=0)
                self.send_header("Content-Encoding", "gzip")
        self._validators(found)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def _validators(self, found: Resource) -> None:
        if found.etag:
            self.send_header("ETag", found.etag)
        if found.modified:
            self.send_header("Last-Modified", format_datetime(found.modified, usegmt=True))

    def _unchanged(self, found: Resource) -> bool:
        """RFC 9110 13.2.2: If-None-Match decides when present, else If-Modified-Since."""
        if found.status != 200:
            return False
        tags = self.headers.get("If-None-Match")
        if tags is not None:
            offered = {tag.strip().removeprefix("W/") for tag in tags.split(",")}
            return bool(found.etag) and found.etag.removeprefix("W/") in offered
        since = self.headers.get("If-Modified-Since")
        if since is None or found.modified is None:
            return False
        try:
            return found.modified.replace(microsecond=0) <= parsedate_to_datetime(since)
        except (TypeError, ValueError):
            return False

    def _drip(self, found: Resource) -> None:
        """A body without end: a few bytes now and then until the newsroom stops or the caller goes."""
        self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Type", found.content_type)
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(found.body)
            while not self.server.newsroom.stopping.wait(DRIP_SECONDS):
                self.wfile.write(DRIP)

    def _log(self, status: int) -> None:
        conditional = "If-None-Match" in self.headers or "If-Modified-Since" in self.headers
        self.server.newsroom.requests.append(
            Request(self.server.outlet.id, self.command, self.path, status, conditional)
        )

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing on standard error: ``Newsroom.requests`` is the log."""


def asked_for(requests: Iterable[Request], outlet: str) -> list[str]:
    """Targets that were asked of one outlet, in order."""
    return [request.target for request in requests if request.outlet == outlet]
