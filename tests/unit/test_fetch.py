"""The guard: what it refuses, what it bounds, and what it lets through. Loopback only; no name is really looked up."""

from __future__ import annotations

import gzip
import io
import ipaddress
import socket
import ssl
import threading
import tracemalloc
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import trustme

from pipeline import decoding, fetch
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
from pipeline.fetch import Fetcher, Response, check, retry_after
from pipeline.guard import parse, public
from tests.unit.servers import Server, serving

HERE = (ipaddress.ip_network("127.0.0.1/32"),)
CAP = 100_000
MEGABYTE = 1 << 20


class Names:
    """A resolver: answers from a script, one row per lookup (the last one for ever), and counts."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers, self.asked = list(answers), []  # type: ignore[var-annotated]

    def __call__(self, host: str, port: int, type: int = 0) -> list[Any]:
        self.asked.append(host)
        rows = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if not rows:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [(socket.AF_INET6 if ":" in ip else socket.AF_INET, type, 6, "", (ip, port)) for ip in rows]


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


@pytest.fixture
def fetcher() -> Fetcher:
    return Fetcher(contact="mailto:desk@example.org", networks=HERE, resolve=Names([]))


def outside(resolve: Any = None) -> Fetcher:
    """A fetcher without lifted networks."""
    return Fetcher(contact="x", resolve=resolve or Names([]))


# ------------------------------------------------------------------ a plain fetch
def test_get_returns_status_lower_case_headers_and_body(server: Server, fetcher: Fetcher) -> None:
    server.answer("/a?b=c", b"hello", ETag='"v1"', X_Twice="1", Set_Cookie="id=1")
    response = fetcher.get(f"{server.url}/a?b=c#part", cap=CAP)
    assert (response.status, response.body, response.headers["etag"]) == (200, b"hello", '"v1"')
    assert (response.url, response.permanent, response.hops) == (f"{server.url}/a?b=c#part", "", ())
    assert "set-cookie" not in response.headers


def test_request_names_us_asks_for_gzip_and_carries_validators_verbatim(server: Server, fetcher: Fetcher) -> None:
    server.answer("/", status="304 Not Modified")
    odd = 'W/"caf\xe9"'
    response = fetcher.get(server.url, cap=CAP, headers={"If-None-Match": odd, "Accept": "application/rss+xml"})
    lines = server.requests[0].split("\r\n")
    assert response.status == 304
    assert lines[0] == "GET / HTTP/1.1"
    assert f"Host: 127.0.0.1:{server.port}" in lines
    assert f"User-Agent: {fetcher.user_agent}" in lines
    assert fetcher.user_agent.startswith("sanctuary-watch/")
    assert fetcher.user_agent.endswith(" (+mailto:desk@example.org)")
    assert "Accept-Encoding: gzip" in lines
    assert f"If-None-Match: {odd}" in lines
    assert [line for line in lines if line.startswith("Accept:")] == ["Accept: application/rss+xml"]
    assert not any(line.startswith("Cookie") for line in lines)


def test_contact_cannot_smuggle_a_header() -> None:
    with pytest.raises(ValueError, match="printable"):
        Fetcher(contact="a\r\nCookie: b")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("If-None-Match", '"a"\r\nCookie: b'),
        ("If-None-Match", '"a"\nCookie: b'),
        ("If-None-Match", '"a"\r'),
        ("If-None-Match", "a\0b"),
        ("If-None-Match", ' "a"'),
        ("If-None-Match", '"a" '),
        ("If-None Match", '"a"'),
        ("If-None-Match: x\r\nCookie", "b"),
        ("", "b"),
    ],
)
def test_validator_cannot_smuggle_a_header(server: Server, fetcher: Fetcher, name: str, value: str) -> None:
    server.answer("/", b"asked all the same")
    with pytest.raises(Unreachable):
        fetcher.get(server.url, cap=CAP, headers={name: value})
    assert not server.requests


@pytest.mark.parametrize("path", [b"", b"/a b", b"/a\r\nCookie: b", b"/\xc3\xa9", b"/\0"])
def test_path_cannot_smuggle_a_line(path: bytes) -> None:
    with pytest.raises(Unreachable):
        fetch._written(b"GET", replace(parse("http://a.example/"), path=path), [(b"Host", b"a.example")])


def test_proxies_of_the_environment_are_ignored(server: Server, fetcher: Fetcher, monkeypatch: Any) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    server.answer("/", b"direct")
    assert fetcher.get(server.url, cap=CAP).body == b"direct"


def test_body_of_an_error_is_not_read(server: Server, fetcher: Fetcher) -> None:
    server.repeat("/", b"HTTP/1.1 404 Not Found\r\n\r\n", b"x", pause=0.05)
    response = fetcher.get(server.url, cap=CAP, deadline=5)
    assert (response.status, response.body) == (404, b"")


def test_answer_sent_before_the_request_was_read_is_taken(fetcher: Fetcher) -> None:
    def hasty(sock: socket.socket) -> None:
        sock.sendall(b"HTTP/1.1 503 Busy\r\nRetry-After: 90\r\nContent-Length: 0\r\n\r\n")
        sock.recv(65536)

    with serving(raw=hasty) as server, pytest.raises(Throttled) as caught:
        check(fetcher.get(server.url, cap=CAP))
    assert caught.value.after == 90


@pytest.mark.parametrize(
    ("head", "status", "headers"),
    [
        (b"HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\n\r\n", 304, {"etag": '"a"'}),
        (b"HTTP/1.0 304\r\n\r\n", 304, {}),
        (b"HTTP/1.1 404 Nicht da \xfc\r\nX:\t a  b \r\nx: c\r\nY:\r\n\r\n<p>", 404, {"x": "a  b, c", "y": ""}),
        (b"HTTP/1.1 204 \r\nSet-Cookie: a\r\n\r\n", 204, {}),
        (b"HTTP/1.1 500 No\r\nContent-Length: 05\r\nTransfer-Encoding: chunked\r\n\r\n", 500,
         {"content-length": "05", "transfer-encoding": "chunked"}),
        (b"HTTP/1.1 301 Moved\r\nLocation: /\xe9\r\n\r\n", 301, {"location": "/\xe9"}),
    ],
)  # fmt: skip
def test_ordinary_head_without_body_is_read_at_once(head: bytes, status: int, headers: dict[str, str]) -> None:
    assert fetch.brief(head) == (status, headers)
    assert all(fetch.brief(head[:end]) is None for end in range(head.index(b"\r\n\r\n") + 4))


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 304 Not Modified\r\n\r\n",
        b"HTTP/1.1 101 Switching\r\n\r\n",
        b"HTTP/1.1 600 Odd\r\n\r\n",
        b"HTTP/1.1 3040 Odd\r\n\r\n",
        b"HTTP/2.0 304 Not Modified\r\n\r\n",
        b"ICY 304 Not Modified\r\n\r\n",
        b"\r\nHTTP/1.1 304 Not Modified\r\n\r\n",
        b"HTTP/1.1 304 Not Modified\nETag: a\n\n",
        b"HTTP/1.1 304 Not Modified\r\nETag: a\n\r\n",
        b"HTTP/1.1 304 Not Modified\r\nETag: a\r\n b\r\n\r\n",
        b"HTTP/1.1 304 Not Modified\r\nETag : a\r\n\r\n",
        b"HTTP/1.1 304 Not Modified\r\nETag\r\n\r\n",
        b"HTTP/1.1 304 Not Modified\r\n: a\r\n\r\n",
        b"HTTP/1.1 304 Not Modified\r\nETag: a\0\r\n\r\n",
        b"HTTP/1.1 304 Not Modified\r\nETag: a\rb\r\n\r\n",
        b"HTTP/1.1 404 No\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
        b"HTTP/1.1 404 No\r\nContent-Length: -5\r\n\r\n",
        b"HTTP/1.1 404 No\r\nContent-Length:\r\n\r\n",
        b"HTTP/1.1 404 No\r\nContent-Length: " + b"1" * 21 + b"\r\n\r\n",
        b"HTTP/1.1 404 No\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        b"HTTP/1.1 404 No\r\nTransfer-Encoding: CHUNKED\r\n\r\n",
        b"HTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
    ],
)
def test_head_with_anything_unusual_is_left_to_the_client(head: bytes) -> None:
    assert fetch.brief(head) is None


def test_head_that_only_the_client_reads_is_taken(server: Server, fetcher: Fetcher) -> None:
    head = b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 304 Not Modified\nETag: a\r\n b\n\n"
    server.scripts["/"] = lambda sock: sock.sendall(head)
    response = fetcher.get(server.url, cap=CAP)
    assert (response.status, response.headers, len(server.requests)) == (304, {"etag": "a b"}, 1)


def test_many_threads_share_one_fetcher(server: Server, fetcher: Fetcher) -> None:
    for number in range(64):
        server.answer(f"/{number}", b"%d" % number * 1000)
    bodies: dict[int, bytes] = {}

    def one(number: int) -> None:
        bodies[number] = fetcher.get(f"{server.url}/{number}", cap=CAP).body

    threads = [threading.Thread(target=one, args=(number,)) for number in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert bodies == {number: b"%d" % number * 1000 for number in range(64)}


# ------------------------------------------------------------------ encodings and size
def test_gzip_and_both_kinds_of_deflate_are_decoded(server: Server, fetcher: Fetcher) -> None:
    text = b"sanctuary " * 500
    bare = zlib.compressobj(wbits=-15)
    server.answer("/gzip", gzip.compress(text), Content_Encoding="GZIP")
    server.answer("/members", gzip.compress(text) + gzip.compress(b"more") + b"\0\0\0", Content_Encoding="x-gzip")
    server.answer("/zlib", zlib.compress(text), Content_Encoding="deflate")
    server.answer("/bare", bare.compress(text) + bare.flush(), Content_Encoding="deflate")
    server.answer("/named", text, Content_Encoding="identity, utf-8")
    server.answer("/empty", b"", Content_Encoding="gzip")
    for path, want in [
        ("gzip", text), ("members", text + b"more"), ("zlib", text), ("bare", text), ("named", text), ("empty", b""),
    ]:  # fmt: skip
        assert fetcher.get(f"{server.url}/{path}", cap=CAP).body == want, path


def test_body_of_exactly_the_cap_passes_and_one_more_does_not(server: Server, fetcher: Fetcher) -> None:
    for name, size in (("fits", CAP), ("over", CAP + 1)):
        server.answer(f"/{name}", b"x" * size)
        server.answer(f"/{name}.gz", gzip.compress(b"x" * size), Content_Encoding="gzip")
    assert len(fetcher.get(f"{server.url}/fits", cap=CAP).body) == CAP
    assert len(fetcher.get(f"{server.url}/fits.gz", cap=CAP).body) == CAP
    for path in ("over", "over.gz"):
        with pytest.raises(TooBig, match=str(CAP)):
            fetcher.get(f"{server.url}/{path}", cap=CAP)
        assert len(fetcher.get(f"{server.url}/{path}", cap=CAP, cut=True).body) == CAP


def bomb(size: int) -> bytes:
    """gzip of that many NULs."""
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", compresslevel=9) as file:
        for _ in range(size // MEGABYTE):
            file.write(bytes(MEGABYTE))
    return out.getvalue()


def test_bomb_costs_the_cap_and_not_more(server: Server, fetcher: Fetcher) -> None:
    server.answer("/", bomb(64 * MEGABYTE), Content_Encoding="gzip")
    tracemalloc.start()
    with pytest.raises(TooBig):
        fetcher.get(server.url, cap=CAP)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2 * MEGABYTE


def test_double_nested_and_unknown_encodings_are_refused(server: Server, fetcher: Fetcher) -> None:
    server.answer("/double", gzip.compress(bomb(8 * MEGABYTE)), Content_Encoding="gzip, gzip")
    server.answer("/nested", b"x", Content_Encoding=", ".join(["gzip"] * 60))
    server.answer("/brotli", b"x", Content_Encoding="br")
    for path in ("double", "nested"):
        with pytest.raises(TooBig, match="stacked"):
            fetcher.get(f"{server.url}/{path}", cap=CAP)
    with pytest.raises(Unreachable, match="'br'"):
        fetcher.get(f"{server.url}/brotli", cap=CAP)


def test_encoding_in_two_header_lines_is_stacked(server: Server, fetcher: Fetcher) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\ncontent-encoding: gzip\r\nContent-Length: 1\r\n\r\nx"
    server.scripts["/"] = lambda sock: sock.sendall(head)
    with pytest.raises(TooBig, match="stacked"):
        fetcher.get(server.url, cap=CAP)


def test_false_and_torn_gzip_are_faults_that_may_pass(server: Server, fetcher: Fetcher) -> None:
    server.answer("/false", b"<rss/>", Content_Encoding="gzip")
    server.answer("/torn", gzip.compress(b"x" * 999)[:-9], Content_Encoding="gzip")
    for path in ("false", "torn"):
        with pytest.raises(Unreachable, match="compressed"):
            fetcher.get(f"{server.url}/{path}", cap=CAP)


def test_row_of_tiny_gzip_members_is_refused(server: Server, fetcher: Fetcher) -> None:
    server.answer("/", gzip.compress(b"") * 200, Content_Encoding="gzip")
    with pytest.raises(TooBig, match="members"):
        fetcher.get(server.url, cap=CAP)


def test_endless_body_is_stopped(server: Server, fetcher: Fetcher) -> None:
    server.repeat("/", b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 10_000)
    with pytest.raises(TooBig):
        fetcher.get(server.url, cap=CAP)


def test_endless_rows_of_tiny_chunks_are_stopped(server: Server, fetcher: Fetcher, monkeypatch: Any) -> None:
    monkeypatch.setattr(decoding, "PIECES_CAP", 2_000)
    server.repeat("/", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n" * 500)
    with pytest.raises(TooBig, match="pieces"):
        fetcher.get(server.url, cap=CAP)


def test_announced_length_beyond_the_cap_is_refused_unread(server: Server, fetcher: Fetcher) -> None:
    server.scripts["/"] = lambda sock: sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n")
    with pytest.raises(TooBig, match="99999999"):
        fetcher.get(server.url, cap=CAP)


def test_body_shorter_than_announced_is_a_fault_that_may_pass(server: Server, fetcher: Fetcher) -> None:
    server.scripts["/"] = lambda sock: sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort")
    with pytest.raises(Unreachable, match="protocol"):
        fetcher.get(server.url, cap=CAP)


# ------------------------------------------------------------------ time and headers
@pytest.mark.parametrize(
    ("start", "again"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\nX-Slow: ", b"x"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        (b"", b""),
    ],
    ids=["body", "headers", "chunks", "silence"],
)
def test_drip_ends_with_the_deadline(server: Server, fetcher: Fetcher, start: bytes, again: bytes) -> None:
    server.repeat("/", start, again, pause=0.02)
    with pytest.raises(TooSlow):
        fetcher.get(server.url, cap=CAP, deadline=0.25)


def test_an_interruption_ends_what_is_under_way(server: Server, fetcher: Fetcher) -> None:
    server.repeat("/", b"HTTP/1.1 200 OK\r\n\r\n", b"x", pause=0.02)
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(fetcher.get, server.url, cap=CAP, deadline=60)
        while not fetcher._lines:
            assert not answer.done()
        fetcher.interrupt()
        with pytest.raises(NotYet, match="stopping"):
            answer.result(timeout=30)
    with pytest.raises(NotYet, match="stopping"):
        fetcher.get(server.url, cap=CAP)


@pytest.mark.parametrize(
    "again", [b"X-More: yes\r\n", b"HTTP/1.1 103 Early Hints\r\n\r\n"], ids=["headers", "interim responses"]
)
def test_endless_head_is_stopped(server: Server, fetcher: Fetcher, again: bytes) -> None:
    start = b"HTTP/1.1 200 OK\r\n" if again.startswith(b"X") else b""
    server.repeat("/", start, again * 500)
    with pytest.raises((TooBig, Unreachable)):
        fetcher.get(server.url, cap=CAP, deadline=20)


def test_deadline_covers_the_lookup() -> None:
    release = threading.Event()

    def stuck(host: str, port: int, type: int = 0) -> list[Any]:
        release.wait(20)
        return []

    with pytest.raises(TooSlow, match="lookup"):
        outside(stuck).get("http://slow.example/", cap=CAP, deadline=0.1)
    release.set()


def test_lookups_that_never_end_do_not_pile_up(monkeypatch: Any) -> None:
    monkeypatch.setattr(fetch, "LOOKUPS", 1)
    release, entered = threading.Event(), threading.Event()

    def stuck(host: str, port: int, type: int = 0) -> list[Any]:
        entered.set()
        release.wait(20)
        return []

    fetcher = outside(stuck)
    with pytest.raises(TooSlow, match="did not end"):
        fetcher.get("http://one.example/", cap=CAP, deadline=0.1)
    assert entered.is_set()
    with pytest.raises(TooSlow, match="too many"):
        fetcher.get("http://two.example/", cap=CAP, deadline=0.1)
    release.set()


def test_deadline_is_one_for_all_redirects(server: Server) -> None:
    now = [0.0]
    fetcher = Fetcher(contact="x", networks=HERE, monotonic=lambda: now[0])

    def later(sock: socket.socket) -> None:
        now[0] += 4
        sock.sendall(b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n")

    server.scripts["/"] = later
    with pytest.raises(TooSlow):
        fetcher.get(server.url, cap=CAP, deadline=10)
    assert len(server.requests) == 3


def test_time_spent_in_permit_is_not_counted(server: Server) -> None:
    now = [0.0]
    fetcher = Fetcher(contact="x", networks=HERE, monotonic=lambda: now[0])
    server.answer("/", b"ok")

    def permit(url: str) -> None:
        now[0] += 60

    assert fetcher.get(server.url, cap=CAP, deadline=5, permit=permit).body == b"ok"


# ------------------------------------------------------------------ redirects
def test_redirects_are_followed_and_told(server: Server, fetcher: Fetcher) -> None:
    server.moved("/a", "/b", 301)
    server.moved("/b", f"{server.url}/c#top", 308)
    server.moved("/c", "d", 307)
    server.moved("/d", f"//127.0.0.1:{server.port}/e", 301)
    server.answer("/e", b"end")
    asked: list[str] = []
    response = fetcher.get(f"{server.url}/a", cap=CAP, permit=asked.append)
    way = [f"{server.url}/{name}" for name in "abcde"]
    assert (response.url, response.hops, response.body) == (way[-1], tuple(way[:-1]), b"end")
    assert response.permanent == f"{server.url}/c", "the chain of permanent ones breaks at the first temporary one"
    assert asked == way


def test_temporary_redirect_first_means_nothing_is_permanent(server: Server, fetcher: Fetcher) -> None:
    server.moved("/a", "/b", 302)
    server.moved("/b", "/c", 301)
    server.answer("/c")
    assert fetcher.get(f"{server.url}/a", cap=CAP).permanent == ""


def test_redirect_loop_ends_after_five(server: Server, fetcher: Fetcher) -> None:
    server.moved("/", "/")
    with pytest.raises(Refused, match="more than 5"):
        fetcher.get(server.url, cap=CAP)
    assert len(server.requests) == 6


def test_redirect_into_the_inside_is_not_followed(server: Server, fetcher: Fetcher) -> None:
    with serving("127.0.0.2") as inside:
        inside.answer("/secret", b"secret")
        server.moved("/", f"{inside.url}/secret")
        with pytest.raises(Refused, match=r"127\.0\.0\.2") as caught:
            fetcher.get(server.url, cap=CAP)
        assert inside.requests == []
    assert caught.value.subject == f"{inside.url}/secret"


@pytest.mark.parametrize(
    "to",
    ["file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "http://user:pw@127.0.0.1/", "/\\evil.example",
     "http://[::1", "http://127.1/", "data:text/plain,x"],
)  # fmt: skip
def test_redirect_to_what_is_not_fetched_is_refused(server: Server, fetcher: Fetcher, to: str) -> None:
    server.moved("/", to)
    with pytest.raises(Refused):
        fetcher.get(server.url, cap=CAP)
    assert len(server.requests) == 1


def test_redirect_with_blanks_and_raw_utf8_is_read_as_meant(server: Server, fetcher: Fetcher) -> None:
    server.moved("/", " /caf\xc3\xa9 menu ")
    server.answer("/caf%C3%A9%20menu", b"found")
    assert fetcher.get(server.url, cap=CAP).body == b"found"


def test_redirect_without_target_is_a_fault(server: Server, fetcher: Fetcher) -> None:
    server.answer("/", status="302 Found")
    with pytest.raises(Unreachable, match="nowhere"):
        fetcher.get(server.url, cap=CAP)


def test_what_permit_raises_comes_through_before_anything_is_sent(server: Server, fetcher: Fetcher) -> None:
    server.moved("/open", "/closed")

    def permit(url: str) -> None:
        if url.endswith("/closed"):
            raise Withheld("robots.txt says no")

    with pytest.raises(Withheld) as caught:
        fetcher.get(f"{server.url}/open", cap=CAP, permit=permit)
    assert caught.value.subject == f"{server.url}/closed"
    assert server.paths() == ["/open"]


# ------------------------------------------------------------------ addresses
SPECIAL = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1",
    "192.0.0.1", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.7", "203.0.113.9",
    "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1",
    "64:ff9b::a00:1", "64:ff9b:1::1", "100::1", "2001::1", "2001:0:7f00:1::", "2001:db8::1", "2002:7f00:1::",
    "2002:a00:1::1", "3fff::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1", "ff0e::1",
]  # fmt: skip
ORDINARY = ["1.1.1.1", "93.184.215.14", "2606:4700:4700::1111", "2a00:1450:4001:80b::200e", "::ffff:1.1.1.1"]


@pytest.mark.parametrize("address", SPECIAL)
def test_special_address_is_refused_by_name_and_as_a_literal(address: str) -> None:
    literal = f"http://[{address}]/" if ":" in address else f"http://{address}/"
    names = Names([address])
    assert not public(ipaddress.ip_address(address))
    with pytest.raises(Refused):
        outside().get(literal, cap=CAP)
    with pytest.raises(Refused, match="public internet"):
        outside(names).get("http://trap.example/", cap=CAP)
    assert names.asked == ["trap.example"]


@pytest.mark.parametrize("address", ORDINARY)
def test_ordinary_address_is_public(address: str) -> None:
    assert public(ipaddress.ip_address(address))


def test_one_closed_address_among_public_ones_refuses_the_host() -> None:
    with pytest.raises(Refused, match=r"10\.0\.0\.1"):
        outside(Names(["93.184.215.14", "10.0.0.1"])).get("http://mixed.example/", cap=CAP)


def test_rebinding_meets_one_lookup_and_the_checked_address(server: Server) -> None:
    names = Names(["127.0.0.1"], ["127.0.0.2"])
    fetcher = Fetcher(contact="x", networks=HERE, resolve=names)
    with serving("127.0.0.2") as inside:
        server.moved("/", "/again")
        server.answer("/again", b"the checked one")
        inside.answer("/again", b"the other one")
        assert fetcher.lifted("rebind.example")
        response = fetcher.get(f"http://rebind.example:{server.port}/", cap=CAP)
        assert (response.body, inside.requests) == (b"the checked one", [])
    assert names.asked == ["rebind.example"]
    assert f"Host: rebind.example:{server.port}" in server.requests[0]


def test_lookup_is_forgotten_after_a_while_and_after_a_failed_connection(server: Server) -> None:
    now, names = [0.0], Names(["127.0.0.1"])
    fetcher = Fetcher(contact="x", networks=HERE, resolve=names, monotonic=lambda: now[0])
    server.answer("/", b"ok")
    url = f"http://named.example:{server.port}/"
    for at, lookups in ((0.0, 1), (100.0, 1), (121.0, 2)):
        now[0] = at
        fetcher.get(url, cap=CAP)
        assert len(names.asked) == lookups
    with pytest.raises(Unreachable, match="no connection"):
        fetcher.get("http://named.example:1/", cap=CAP)
    fetcher.get(url, cap=CAP)
    assert len(names.asked) == 3


def test_next_address_is_tried_when_the_first_does_not_answer(server: Server) -> None:
    names = Names(["127.0.0.3", "127.0.0.1"])
    fetcher = Fetcher(contact="x", networks=[ipaddress.ip_network("127.0.0.0/8")], resolve=names)
    server.answer("/", b"second")
    assert fetcher.get(f"http://two.example:{server.port}/", cap=CAP).body == b"second"


def test_name_without_address_is_unreachable() -> None:
    with pytest.raises(Unreachable, match="Name or service not known"):
        outside().get("http://nowhere.example/", cap=CAP)


@pytest.mark.parametrize("port", [22, 25, 6379, 8080, 9200])
def test_other_ports_are_for_lifted_networks_only(port: int) -> None:
    with pytest.raises(Refused, match=f"port {port}"):
        outside().get(f"http://1.1.1.1:{port}/", cap=CAP)


def test_lifted_means_every_address_and_only_with_networks() -> None:
    fetcher = Fetcher(contact="x", networks=HERE, resolve=Names(["127.0.0.1", "127.0.0.2"]))
    assert fetcher.lifted("127.0.0.1")
    assert not fetcher.lifted("127.0.0.2")
    assert not fetcher.lifted("both.example")
    names = Names(["127.0.0.1"])
    assert not outside(names).lifted("any.example")
    assert names.asked == []
    lost = Names([])
    fetcher = Fetcher(contact="x", networks=HERE, resolve=lost)
    assert not fetcher.lifted("lost.example")
    assert not fetcher.lifted("lost.example")
    assert lost.asked == ["lost.example"], "remembered"
    fetcher.close()
    assert not fetcher.lifted("lost.example")
    assert len(lost.asked) == 2


def test_lifted_ipv4_network_covers_the_address_mapped_into_ipv6() -> None:
    fetcher = Fetcher(contact="x", networks=HERE)
    assert fetcher.lifted("::ffff:127.0.0.1")
    assert not fetcher.lifted("::ffff:127.0.0.2")


# ------------------------------------------------------------------ URLs
@pytest.mark.parametrize(
    "url",
    [
        "http://127.1/", "http://0x7f.1/", "http://2130706433/", "http://017700000001/", "http://0177.0.0.1/",
        "http://127.0.0.01/", "http://0x7f000001/", "http://127.0.0.1.1/", "http://1.1.1.256/", "http://0x8.8.8.8/",
        "http://\uff11\uff12\uff17.0.0.1/", "http://127\u30020\u30020\u30021/", "http://localhost/", "http://127.0.0.1./",
    ],
)  # fmt: skip
def test_odd_spellings_of_addresses_are_refused(url: str) -> None:
    with pytest.raises(Refused):
        outside(Names(["127.0.0.1"])).get(url, cap=CAP)


@pytest.mark.parametrize(
    "url",
    [
        "", "feed", "//example.org/", "file:///etc/passwd", "ftp://example.org/", "javascript:alert(1)",
        "http://", "http:///path", "http://user@example.org/", "http://user:pw@example.org/", "http://@example.org/",
        "http://internal\\@example.org/", "http://example.org\\.evil.example/", "http://exam ple.org/",
        "http://example.org/a b", "http://example.org/a\nb", "http://example.org/\x00", "http://example.org/\x7f",
        "http://example.org\t/", " http://example.org/", "http://example.org/\u2028", "http://example.org/\ud800",
        "http://example.org:0/", "http://example.org:99999/", "http://example.org:x/", "http://[::1", "http://[v1.x]/",
        "http://[fe80::1%25eth0]/", "http://exam%70le.org/", "http://a..b/", "http://-a.example/", "http://.example/",
        f"http://{'a' * 64}.example/", f"http://{'a.' * 130}example/", "http://example.org/" + "x" * 2048,
        "http://example.org/" + "\u00e9" * 1020, "http://\u2488.example/",
    ],
)  # fmt: skip
def test_what_is_not_a_plain_web_address_is_refused_before_any_lookup(url: str) -> None:
    names = Names(["93.184.215.14"])
    with pytest.raises(Refused):
        outside(names).get(url, cap=CAP)
    assert names.asked == []


def test_parse_takes_a_url_apart() -> None:
    target = parse("HTTPS://B\u00fccher.Example:443/caf\u00e9?q=\u00fc&r=%2F#x")
    assert (target.scheme, target.host, target.port) == ("https", "xn--bcher-kva.example", 443)
    assert target.path == b"/caf%C3%A9?q=%C3%BC&r=%2F"
    assert target.authority == b"xn--bcher-kva.example"
    assert parse("http://example.org.").host == "example.org"
    assert parse("http://[2606:4700::1]:8080?x").authority == b"[2606:4700::1]:8080"
    assert parse("http://[2606:4700::1]?x").path == b"/?x"
    assert parse("http://under_score.example/").host == "under_score.example"


# ------------------------------------------------------------------ TLS
@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def over_tls(authority: trustme.CA, name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


def trusting(authority: trustme.CA) -> Fetcher:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return Fetcher(contact="x", networks=HERE, resolve=Names(["127.0.0.1"]), ssl_context=context)


def test_https_is_fetched_under_its_name(authority: trustme.CA) -> None:
    with serving(tls=over_tls(authority, "news.example")) as server:
        server.answer("/", b"private")
        assert trusting(authority).get(f"https://news.example:{server.port}/", cap=CAP).body == b"private"


def test_certificate_of_another_name_or_unknown_authority_is_an_error(authority: trustme.CA) -> None:
    with serving(tls=over_tls(authority, "other.example")) as server:
        url = f"https://news.example:{server.port}/"
        with pytest.raises(Unreachable, match=r"certificate of news\.example.*mismatch"):
            trusting(authority).get(url, cap=CAP)
        with pytest.raises(Unreachable, match="certificate of news"):
            Fetcher(contact="x", networks=HERE, resolve=Names(["127.0.0.1"])).get(url, cap=CAP)
        assert server.requests == []


def test_plain_http_behind_https_is_an_error(authority: trustme.CA) -> None:
    def plain(sock: socket.socket) -> None:
        sock.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        sock.recv(65536)

    with serving(raw=plain) as server, pytest.raises(Unreachable, match="TLS with"):
        trusting(authority).get(f"https://127.0.0.1:{server.port}/", cap=CAP, deadline=5)


@pytest.mark.parametrize("drip", [b"", b"\x16\x03\x03\x40\x00\x02" + bytes(20_000)], ids=["silence", "drip"])
def test_handshake_ends_with_the_deadline(authority: trustme.CA, drip: bytes) -> None:
    stop = threading.Event()

    def dawdle(sock: socket.socket) -> None:
        for byte in drip or b"\0" * 1000:
            if stop.wait(0.02):
                return
            if drip:
                sock.sendall(bytes([byte]))

    with serving(raw=dawdle) as server:
        with pytest.raises(TooSlow, match="handshake"):
            trusting(authority).get(f"https://127.0.0.1:{server.port}/", cap=CAP, deadline=0.3)
        stop.set()


# ------------------------------------------------------------------ by status
NOW = datetime(2024, 11, 26, 10, 0, tzinfo=UTC)


def answered(status: int, **headers: str) -> Response:
    return Response("http://example.org/", status, {k.replace("_", "-"): v for k, v in headers.items()}, b"", "", ())


@pytest.mark.parametrize("status", [200, 201, 204, 206, 304])
def test_check_passes_success_and_unchanged(status: int) -> None:
    check(answered(status))


@pytest.mark.parametrize(
    ("status", "kind"),
    [(404, Gone), (410, Gone), (401, Withheld), (402, Withheld), (403, Withheld), (451, Withheld), (400, Discard),
     (418, Discard), (300, Discard), (429, Throttled), (503, Throttled), (500, Retry), (502, Retry), (504, Retry),
     (599, Retry), (408, Retry), (425, Retry)],
)  # fmt: skip
def test_check_raises_by_status(status: int, kind: type[PipelineError]) -> None:
    with pytest.raises(kind, match=str(status)) as caught:
        check(answered(status))
    assert type(caught.value) is kind


@pytest.mark.parametrize(
    ("value", "after"),
    [("", 0), ("soon", 0), ("0", 60), ("120", 120), ("99999999", 7 * 86400), ("9" * 400, 7 * 86400),
     ("Tue, 26 Nov 2024 10:30:00 GMT", 1800), ("Mon, 25 Nov 2024 10:00:00 GMT", 60)],
)  # fmt: skip
def test_retry_after_is_clamped(value: str, after: float) -> None:
    for status in (429, 503, 500):
        with pytest.raises(Retry) as caught:
            check(answered(status, retry_after=value), NOW)
        assert caught.value.after == after


def test_retry_after_reads_seconds_and_dates() -> None:
    assert retry_after({}, NOW) is None
    assert retry_after({"retry-after": "-5"}, NOW) is None
    assert retry_after({"retry-after": " 2.5 "}, NOW) == 2.5
    assert retry_after({"retry-after": "Tue, 26 Nov 2024 10:00:30 -0000"}, NOW) == 30
    assert retry_after({"retry-after": "Tue, 26 Nov 2024 09:00:00 GMT"}, NOW) == 0


# ------------------------------------------------------------------ handing over
def test_a_post_carries_its_body_and_follows_nothing(server: Server, fetcher: Fetcher) -> None:
    server.answer("/hook", b"taken")
    answer = fetcher.post(f"{server.url}/hook", b"{}", headers={"Content-Type": "application/json"})
    assert (answer.status, answer.body) == (200, b"taken")
    head, _, body = server.requests[0].partition("\r\n\r\n")
    assert head.startswith("POST /hook HTTP/1.1\r\n")
    assert "Content-Length: 2" in head
    assert body == "{}"
    server.moved("/away", f"{server.url}/hook", 307)
    assert fetcher.post(f"{server.url}/away", b"{}").status == 307
    assert server.paths() == ["/hook", "/away"]


def test_a_post_is_guarded_like_everything(server: Server) -> None:
    with closing(Fetcher(contact="https://example.org")) as closed, pytest.raises(Refused, match="public internet"):
        closed.post(f"{server.url}/hook", b"{}")
    assert server.requests == []


def test_the_answer_to_a_post_is_cut(server: Server, fetcher: Fetcher) -> None:
    server.answer("/long", b"x" * 100_000)
    assert len(fetcher.post(f"{server.url}/long", b"").body) <= fetch.ANSWER_CAP
