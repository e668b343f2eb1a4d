"""The guarded fetcher: every outgoing HTTP request of the project passes here, and only here.

``Fetcher.get`` refuses addresses outside the public internet, connects to exactly the address it has checked, and
bounds time, bytes, headers and redirects in one place. One connection per request: a feed is asked every quarter of
an hour at most and pages of a host are seconds apart, so idle connections would be held for nothing.

What the guard holds, and why it is done by hand:

- A name is looked up once per request chain and *every* address it yields must pass; the socket is opened to the
  checked address, so a second answer of the name server (DNS rebinding) never matters.
- ``deadline`` is a total: each read, write, connect and handshake gets only what is left of it. A read timeout alone
  lets one byte per second keep a worker for ever.
- Bodies are inflated piece by piece up to the cap; a compressed bomb costs the cap and not more.
- Redirects are followed by hand, at most ``REDIRECTS``, each checked like a first request.
- No cookies, no proxy from the environment, no credentials in URLs.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property, lru_cache
from importlib.metadata import PackageNotFoundError, version
from queue import Empty, SimpleQueue
from typing import Any, Literal

import httpcore2

from pipeline.decoding import decode
from pipeline.errors import (
    Discard,
    Gone,
    NotYet,
    PipelineError,
    Refused,
    Retry,
    Throttled,
    TooBig,
    TooSlow,
    Unreachable,
    Withheld,
)
from pipeline.guard import Address, Network, Target, follow, literal_of, parse, public, unwrap
from pipeline.model import utc_now

PAGE_CAP = 5_000_000
"""Decoded bytes of a page."""
FEED_CAP = 10_000_000
"""Decoded bytes of a feed."""
ANSWER_CAP = 16 * 1024
"""Decoded bytes of the answer to a POST that are looked at."""
ROBOTS_CAP = 512 * 1024
"""Decoded bytes of a robots.txt; RFC 9309 asks to parse at least 500 KiB."""

REDIRECTS = 5
HEAD_CAP = 256 * 1024
"""Bytes read before the response's headers are complete, interim (1xx) responses included. The parser itself gives up
on 100 KiB of one unfinished header block; this also bounds an endless row of finished interim ones."""
CONNECT = 5.0
"""Seconds for one address to accept a connection."""
ADDRESSES = 4
"""Addresses of one host that are tried."""
REMEMBERED = 120.0
"""Seconds for which a lookup is kept."""
LOOKUPS = 128
"""Name lookups that may be under way at once, those whose request has given up included."""
RETRY_AFTER = (60.0, 7 * 86400.0)
"""Bounds of Retry-After in seconds."""
PIECE = 64 * 1024
"""Bytes read at once."""

_MOVED = frozenset((301, 302, 303, 307, 308))
_FOR_EVER = frozenset((301, 308))
_PORTS = (80, 443)
# Values that servers put into Content-Encoding although nothing is encoded.
_PLAIN = frozenset(("", "identity", "none", "binary", "utf-8"))
_TOKEN = rb"[-!#$%&'*+.^_`|~0-9a-zA-Z]+"
_SENT = re.compile(_TOKEN + rb": (?:[^\x00\s]+(?:[ \t]+[^\x00\s]+)*)?")
"""A header line that may be sent (RFC 9110, 5.5): nothing in it can begin another one."""
_VISIBLE = re.compile(rb"[\x21-\x7e]+")
_BRIEF = re.compile(
    rb"HTTP/1\.[01] (204|[345][0-9][0-9])(?: [\t\x20-\x7e\x80-\xff]*)?\r\n"
    rb"((?:" + _TOKEN + rb":[\t\x20-\x7e\x80-\xff]*\r\n)*)\r\n"
)
"""The whole head of an answer whose body is not read."""


@dataclass(frozen=True, slots=True)
class Response:
    """What a server answered. ``body`` is decoded, at most ``cap`` bytes, and b'' unless the status is 2xx."""

    url: str
    """Final URL after redirects; the asked one, letter for letter, when there were none."""
    status: int
    headers: Mapping[str, str]
    """Lower-case names; repeated headers joined by a comma; Set-Cookie left out. Values are latin-1, so that a
    validator sent back is the same bytes."""
    body: bytes
    permanent: str
    """Where an unbroken chain of 301 and 308 from the asked URL leads; '' when the first answer was something else."""
    hops: tuple[str, ...]
    """URLs passed before the final one."""


class Fetcher:
    """Fetches with GET and hands over with POST, through the guard. Safe to share between threads; make one a process.

    ``contact`` is the address or URL shown in the User-Agent. ``networks`` are reachable although they are not part
    of the public internet, and on any port. ``resolve`` is called as ``socket.getaddrinfo(host, port, type=…)``.
    ``ssl_context`` defaults to the system's trust store.
    """

    def __init__(
        self,
        *,
        contact: str,
        networks: Sequence[Network] = (),
        resolve: Callable[..., Any] = socket.getaddrinfo,
        ssl_context: ssl.SSLContext | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.user_agent = f"sanctuary-watch/{_version()} (+{contact})"
        if not self.user_agent.isascii() or not self.user_agent.isprintable():
            raise ValueError(f"contact must be printable ASCII: {contact!r}")
        self._standing = [
            (b"User-Agent", self.user_agent.encode()),
            (b"Accept", b"*/*"),
            (b"Accept-Encoding", b"gzip"),
            (b"Connection", b"close"),
        ]
        self._networks = tuple(networks)
        self._resolve = resolve
        self._monotonic = monotonic
        self._ssl_context = ssl_context
        self._verdict = lru_cache(maxsize=4096)(self._judge)
        self._found: dict[str, tuple[float, tuple[Address, ...]]] = {}
        self._lifted: dict[str, tuple[float, bool]] = {}
        self._lines: set[_Line] = set()
        self._interrupted = False
        self._lookups = threading.BoundedSemaphore(LOOKUPS)

    def get(
        self,
        url: str,
        *,
        cap: int,
        deadline: float = 20.0,
        headers: Mapping[str, str] | None = None,
        permit: Callable[[str], None] | None = None,
        cut: bool = False,
    ) -> Response:
        """The answer to a GET, after at most five redirects, whatever its status (``check`` raises by status).

        ``cap``: decoded bytes of the body; ``cut`` drops what is beyond instead of raising. ``deadline``: seconds for
        everything, redirects included, but for the time spent in ``permit``. ``headers`` go with every hop.
        ``permit(url)`` is called before each request, redirect hops included; what it raises passes through.

        Raises Refused (scheme, host, port, network, credentials, too many redirects), TooBig, TooSlow, Unreachable.
        The error's subject is the redirect hop that failed, '' for the asked URL itself.
        """
        end = self._monotonic() + deadline
        extra = _encode(headers) if headers else []
        hops: list[str] = []
        permanent, unbroken = "", True
        here = url
        try:
            while True:
                target = parse(here)
                if self._interrupted:
                    raise NotYet("the program is stopping")
                if permit is not None:
                    asked = self._monotonic()
                    permit(here)
                    end += self._monotonic() - asked
                status, head, body = self._request(target, extra, end, cap, cut)
                if self._interrupted:  # a body without a length looks whole when its line is cut
                    raise NotYet("the program is stopping")
                if status not in _MOVED:
                    return Response(here, status, head, body, permanent, tuple(hops))
                if len(hops) == REDIRECTS:
                    raise Refused(f"more than {REDIRECTS} redirects")
                hops.append(here)
                here = follow(here, head.get("location", ""))
                unbroken = unbroken and status in _FOR_EVER
                permanent = here if unbroken else permanent
        except PipelineError as error:
            if self._interrupted:
                raise NotYet("the program is stopping") from error
            if here != url and not error.subject:
                error.subject = here
            raise

    def post(
        self, url: str, body: bytes, *, headers: Mapping[str, str] | None = None, deadline: float = 20.0
    ) -> Response:
        """The answer to a POST of ``body``, whatever its status; a redirect is one, and not followed. What the answer
        says beyond its status is cut at a few kilobytes. Raises as ``get``."""
        end = self._monotonic() + deadline
        if self._interrupted:
            raise NotYet("the program is stopping")
        target = parse(url)
        status, head, said = self._request(target, _encode(headers or {}), end, ANSWER_CAP, True, body)
        if self._interrupted:
            raise NotYet("the program is stopping")
        return Response(url, status, head, said, "", ())

    def interrupt(self) -> None:
        """Ends the requests that are under way and refuses further ones: ``get`` raises NotYet from now on."""
        self._interrupted = True
        for line in list(self._lines):
            line.hang_up()

    def lifted(self, host: str) -> bool:
        """Whether all addresses of a host lie in ``networks``; remembered for a few minutes. False when it has none."""
        if not self._networks:
            return False
        known = self._lifted.get(host)
        now = self._monotonic()
        if known is not None and known[0] > now:
            return known[1]
        try:
            addresses = self._addresses(host, literal_of(host), 80, now + CONNECT)
            answer = all(self._verdict(address) == "lifted" for address in addresses)
        except Retry:
            answer = False
        _remember(self._lifted, host, (now + REMEMBERED, answer))
        return answer

    def close(self) -> None:
        """Forgets remembered lookups; nothing else outlives a request."""
        self._found.clear()
        self._lifted.clear()

    # -------------------------------------------------------------- one request
    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """One context for all requests, made for the first that needs it: reading the trust store takes 20 ms."""
        context = self._ssl_context or httpcore2.default_ssl_context()
        context.set_alpn_protocols(["http/1.1"])
        return context

    def _request(
        self,
        target: Target,
        extra: list[tuple[bytes, bytes]],
        end: float,
        cap: int,
        cut: bool,
        content: bytes | None = None,
    ) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of one request, a POST when there is ``content``, without following anything."""
        names = {name.lower() for name, _ in extra}
        standing = [pair for pair in self._standing if pair[0].lower() not in names] if names else self._standing
        headers = [(b"Host", target.authority), *standing, *extra]
        if content is not None:
            headers.append((b"Content-Length", b"%d" % len(content)))
        method = b"GET" if content is None else b"POST"
        written = _written(method, target, headers) + (content or b"")
        line = _Line(self._connect(target, end), end, self._monotonic)
        self._lines.add(line)
        try:
            if (answer := brief(line.ask(written))) is not None:
                return *answer, b""
            url = httpcore2.URL(scheme=target.scheme, host=target.host, port=target.port, target=target.path)
            request = httpcore2.Request(method, url, headers=headers, content=content)
            response = httpcore2.HTTP11Connection(url.origin, line).handle_request(request)
            head = _headers(response.headers)
            if not 200 <= response.status < 300 or response.status == 204:
                return response.status, head, b""
            codings = [name for part in head.get("content-encoding", "").split(",")
                       if (name := part.strip().lower()) not in _PLAIN]  # fmt: skip
            length = head.get("content-length", "")
            if length.isdecimal() and int(length) > cap and not cut:
                raise TooBig(f"the body has {length} bytes, the cap is {cap}")
            # Chunk headers may take as much again as the data; beyond that they are an attack.
            line.room = 2 * cap + HEAD_CAP
            assert isinstance(response.stream, Iterable)
            return response.status, head, decode(response.stream, codings, cap, cut)
        except httpcore2.ProtocolError as error:
            raise Unreachable(f"{target.host} broke the protocol: {error}") from error
        finally:
            self._lines.discard(line)
            line.close()

    def _connect(self, target: Target, end: float) -> socket.socket:
        """A connected socket to a checked address, inside TLS for https."""
        addresses = self._addresses(target.host, target.literal, target.port, end)
        for address in addresses:
            verdict = self._verdict(address)
            if verdict == "closed":
                raise Refused(f"{target.host} is at {address}, which is not part of the public internet")
            if verdict == "public" and target.port not in _PORTS:
                raise Refused(f"port {target.port} of {target.host}: only 80 and 443 are fetched from")
        sock = self._open(target, addresses, end)
        if target.scheme == "http":
            return sock
        try:
            sock.settimeout(self._left(end))
            return self._tls.wrap_socket(sock, server_hostname=target.host)
        except TimeoutError:
            raise TooSlow(f"the TLS handshake with {target.host} did not end in time") from None
        except ssl.SSLCertVerificationError as error:
            raise Unreachable(f"the certificate of {target.host} is not accepted: {error.verify_message}") from error
        except (OSError, ValueError) as error:
            # ValueError: a name that TLS cannot carry as a server name.
            why = getattr(error, "reason", None) or getattr(error, "strerror", None) or error
            raise Unreachable(f"TLS with {target.host} failed: {why}") from error
        finally:
            sock.close()  # without effect once TLS has taken the descriptor over

    def _open(self, target: Target, addresses: Sequence[Address], end: float) -> socket.socket:
        """Tries the addresses in the resolver's order."""
        why = "no address"
        for address in addresses[:ADDRESSES]:
            family = socket.AF_INET if address.version == 4 else socket.AF_INET6
            left = self._left(end)
            try:
                sock = socket.socket(family, socket.SOCK_STREAM)
            except OSError as error:
                why = f"{address}: {error.strerror}"
                continue
            try:
                sock.settimeout(min(left, CONNECT))
                sock.connect((str(address), target.port))
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            except TimeoutError:
                why = f"{address} did not answer within {min(left, CONNECT):.0f} s"
                sock.close()
            except OSError as error:
                why = f"{address}: {error.strerror}"
                sock.close()
            else:
                return sock
        self._found.pop(target.host, None)
        self._left(end)
        raise Unreachable(f"no connection to {target.host}: {why}")

    def _left(self, end: float) -> float:
        left = end - self._monotonic()
        if left <= 0:
            raise TooSlow("the deadline passed")
        return left

    # -------------------------------------------------------------- addresses
    def _judge(self, address: Address) -> Literal["lifted", "public", "closed"]:
        if any(address in network for network in self._networks):
            return "lifted"
        return "public" if public(address) else "closed"

    def _addresses(self, host: str, literal: Address | None, port: int, end: float) -> tuple[Address, ...]:
        """All addresses of a host, unchecked. Raises TooSlow or Unreachable."""
        if literal is not None:
            return (literal,)
        known = self._found.get(host)
        if known is not None and known[0] > self._monotonic():
            return known[1]
        addresses = self._look_up(host, port, end)
        _remember(self._found, host, (self._monotonic() + REMEMBERED, addresses))
        return addresses

    def _look_up(self, host: str, port: int, end: float) -> tuple[Address, ...]:
        """Asks the resolver in a thread of its own: ``getaddrinfo`` knows no timeout, the deadline has to hold
        nevertheless. A lookup that outlives its request ends with the resolver's own patience."""
        answers: SimpleQueue[Any] = SimpleQueue()

        def work() -> None:
            try:
                answers.put(self._resolve(host, port, type=socket.SOCK_STREAM))
            except Exception as error:  # handed to the waiting thread, which raises it
                answers.put(error)
            finally:
                self._lookups.release()

        if not self._lookups.acquire(timeout=self._left(end)):
            raise TooSlow(f"{host} could not be looked up: too many lookups are waiting")
        try:
            threading.Thread(target=work, name="lookup", daemon=True).start()
        except RuntimeError:
            self._lookups.release()
            raise
        try:
            answer = answers.get(timeout=self._left(end))
        except Empty:
            raise TooSlow(f"the lookup of {host} did not end in time") from None
        if isinstance(answer, OSError | UnicodeError):
            raise Unreachable(f"{host} has no address: {getattr(answer, 'strerror', None) or answer}") from answer
        if isinstance(answer, Exception):
            raise answer
        found = dict.fromkeys(unwrap(ipaddress.ip_address(str(row[4][0]).partition("%")[0])) for row in answer)
        if not found:
            raise Unreachable(f"{host} has no address")
        return tuple(found)


class _Line(httpcore2.NetworkStream):
    """A socket whose reads and writes end with the total deadline and whose reads are counted.

    The request goes out by ``ask``, which reads what comes first. To the client that reads the rest it is a line on
    which that has yet to happen: what it writes is dropped, and its first read gives what ``ask`` gave.
    """

    def __init__(self, sock: socket.socket, end: float, monotonic: Callable[[], float]) -> None:
        self._sock, self._end, self._monotonic = sock, end, monotonic
        self._first: bytes | None = None
        self.room = HEAD_CAP

    def ask(self, request: bytes) -> bytes:
        """Sends the request; the first bytes of the answer, b'' when the server hung up."""
        self._arm()
        try:
            self._sock.sendall(request)
        except TimeoutError:
            raise TooSlow("the deadline passed while sending") from None
        except OSError:
            pass  # a server may answer and close before it has read the request
        self._first = self._receive(PIECE)
        return self._first

    def _arm(self) -> None:
        left = self._end - self._monotonic()
        if left <= 0:
            raise TooSlow("the deadline passed")
        self._sock.settimeout(left)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if self._first is None:
            return self._receive(max_bytes)
        first, self._first = self._first, None
        return first

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        assert self._first is not None, "the request is all that is ever sent"

    def _receive(self, max_bytes: int) -> bytes:
        self._arm()
        try:
            data = self._sock.recv(max_bytes)
        except TimeoutError:
            raise TooSlow("the deadline passed while reading") from None
        except OSError as error:
            raise Unreachable(f"the connection broke: {error.strerror or error}") from error
        self.room -= len(data)
        if self.room < 0:
            raise TooBig("headers or chunks without end")
        return data

    def hang_up(self) -> None:
        """Wakes whoever reads or writes, from another thread."""
        with suppress(OSError):
            # Below TLS: its own state belongs to the thread that uses it.
            socket.socket.shutdown(self._sock, socket.SHUT_RDWR)

    def close(self) -> None:
        self._sock.close()


# ------------------------------------------------------------------ pure parts
def check(response: Response, now: datetime | None = None) -> None:
    """Passes 2xx and 304; raises by status otherwise.

    429 and 503: Throttled; 404 and 410: Gone; 401, 402, 403 and 451: Withheld; 408, 425 and 5xx: Retry (the fault may
    pass); everything else: Discard. ``after`` is Retry-After within one minute to seven days, 0 without the header.
    ``now`` (aware) only matters for a Retry-After that is a date; default: the real clock.
    """
    status = response.status
    if 200 <= status < 300 or status == 304:
        return
    reason = f"the server answered {status}"
    if status in (429, 503) or status >= 500 or status in (408, 425):
        asked = retry_after(response.headers, now or utc_now())
        after = 0.0 if asked is None else min(max(asked, RETRY_AFTER[0]), RETRY_AFTER[1])
        raise (Throttled if status in (429, 503) else Retry)(reason, after=after)
    if status in (404, 410):
        raise Gone(reason)
    if status in (401, 402, 403, 451):
        raise Withheld(reason)
    raise Discard(reason)


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds from ``now`` (aware) that a Retry-After header asks to wait, not negative; None when there is none or
    it cannot be read. It is a number of seconds or an HTTP date (RFC 9110, 10.2.3)."""
    value = headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", value):
        return float(value)
    try:
        when = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp() - now.timestamp())


def _version() -> str:
    try:
        return version("sanctuary-watch")
    except PackageNotFoundError:  # run from a checkout that is not installed
        return "0"


def _encode(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("ascii"), value.encode("latin-1")) for name, value in headers.items()]


def _written(method: bytes, target: Target, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """The head of the request as it is sent. Raises Unreachable for a path or a header that cannot be."""
    if _VISIBLE.fullmatch(target.path) is None:
        raise Unreachable(f"{target.host} cannot be asked for {target.path[:100]!r}")
    lines = [b"%b %b HTTP/1.1" % (method, target.path)]
    for pair in headers:
        line = b"%b: %b" % pair
        if _SENT.fullmatch(line) is None:
            raise Unreachable(f"{target.host} cannot be sent the header {line[:100]!r}")
        lines.append(line)
    return b"\r\n".join([*lines, b"", b""])


def brief(data: bytes) -> tuple[int, dict[str, str]] | None:
    """Status and headers, when the data begin with the complete head of an answer whose body does not matter and there
    is nothing unusual in it: 204, 3xx, 4xx or 5xx in HTTP/1.0 or 1.1, no folded lines, no doubtful or repeated length.
    None for all else, which is left to the client: most answers are a 304, and it takes ten times as long over one."""
    found = _BRIEF.match(data)
    if found is None:
        return None
    pairs = (line.partition(b":") for line in found[2].split(b"\r\n")[:-1])
    headers = _headers((name, value.strip(b" \t")) for name, _, value in pairs)
    length, coding = headers.get("content-length", "0"), headers.get("transfer-encoding", "chunked")
    usual = length.isdecimal() and len(length) <= 20 and coding == "chunked"
    return (int(found[1]), headers) if usual else None


def _headers(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for key, value in raw:
        name, text = key.decode("latin-1").lower(), value.decode("latin-1")
        headers[name] = f"{headers[name]}, {text}" if name in headers else text
    headers.pop("set-cookie", None)
    return headers


def _remember(store: dict[str, Any], key: str, value: Any) -> None:
    """Keeps a value; a store that has grown large starts anew, which costs no more than a few lookups."""
    if len(store) >= 10_000:
        store.clear()
    store[key] = value
