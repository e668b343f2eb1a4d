"""The proxies that make trouble between a program and its server, before small real servers."""

from __future__ import annotations

import base64
import http.client
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest

from tests.servers.elasticsearch import rejects, rejects_bulk, rejects_items
from tests.servers.proxies import HttpProxy, Proxy, TcpProxy
from tests.servers.tls_proxy import tls_proxy, tls_relay
from tests.unit.servers import Server, serving


@pytest.fixture
def echo() -> Iterator[tuple[str, int]]:
    """A server that says what it is told, in capitals."""

    def script(sock: socket.socket) -> None:
        while said := sock.recv(1000):
            sock.sendall(said.upper())

    with serving(raw=script) as server:
        yield server.host, server.port


@pytest.fixture
def web() -> Iterator[Server]:
    """A server of one page, that takes bulk requests too."""
    with serving() as server:
        server.answer("/page", b"a page", X_Elastic_Product="Elasticsearch")
        server.answer("/news/_bulk", b"{}")
        yield server


def call(proxy: Proxy) -> socket.socket:
    return socket.create_connection(("127.0.0.1", proxy.port), timeout=10)


def say(sock: socket.socket, words: bytes) -> bytes:
    sock.sendall(words)
    return sock.recv(1000)


def ask(proxy: HttpProxy, path: str, method: str = "GET", body: bytes = b"") -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=10)
    try:
        connection.request(method, path, body)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


# ------------------------------------------------------------------ bytes
def test_bytes_pass_both_ways(echo: tuple[str, int]) -> None:
    with TcpProxy(echo) as proxy, call(proxy) as line:
        assert say(line, b"one") == b"ONE"
        assert say(line, b"two") == b"TWO"
        line.shutdown(socket.SHUT_WR)
        assert line.recv(1000) == b""


def test_open_connections_are_cut_and_new_ones_pass(echo: tuple[str, int]) -> None:
    with TcpProxy(echo) as proxy, call(proxy) as line:
        assert say(line, b"one") == b"ONE"
        proxy.cut()
        with pytest.raises(ConnectionResetError):
            line.recv(1000)
        with call(proxy) as again:
            assert say(again, b"two") == b"TWO"


def test_a_refusing_proxy_comes_back_on_its_port(echo: tuple[str, int]) -> None:
    with TcpProxy(echo) as proxy, call(proxy) as line:
        assert say(line, b"one") == b"ONE"
        proxy.refuse()
        with pytest.raises(ConnectionResetError):
            line.recv(1000)
        with pytest.raises(ConnectionRefusedError):
            call(proxy)
        proxy.behave()
        with call(proxy) as again:
            assert say(again, b"two") == b"TWO"


def test_a_lost_answer_was_asked_for_all_the_same() -> None:
    heard = []

    def script(sock: socket.socket) -> None:
        heard.append(sock.recv(1000))
        sock.sendall(b"done")

    with serving(raw=script) as server, TcpProxy((server.host, server.port)) as proxy:
        proxy.lose_answers()
        with call(proxy) as line, pytest.raises(ConnectionResetError):
            say(line, b"do it")
    assert heard == [b"do it"]


def test_what_is_late_comes_when_told_to_behave(echo: tuple[str, int]) -> None:
    with TcpProxy(echo) as proxy, call(proxy) as line:
        proxy.slow(3600)
        line.sendall(b"one")
        line.settimeout(0.2)
        with pytest.raises(TimeoutError):
            line.recv(1000)
        line.settimeout(10)
        proxy.behave()
        assert line.recv(1000) == b"ONE"


def test_bytes_over_tls(echo: tuple[str, int]) -> None:
    with tls_relay(echo) as front:
        trusting = ssl.create_default_context(cafile=front.authority)
        with call(front.proxy) as plain, trusting.wrap_socket(plain, server_hostname="localhost") as line:
            assert say(line, b"one") == b"ONE"
            front.proxy.cut()
            with suppress(OSError):  # TLS may get a last word in before the reset
                assert line.recv(1000) == b""
        with call(front.proxy) as plain, pytest.raises(ssl.SSLCertVerificationError):
            ssl.create_default_context().wrap_socket(plain, server_hostname="localhost")


# ------------------------------------------------------------------ requests
def test_requests_pass(web: Server) -> None:
    with HttpProxy((web.host, web.port)) as proxy:
        assert ask(proxy, "/page") == (200, b"a page")
        assert ask(proxy, "/news/_bulk", "POST", b"{}\n") == (200, b"{}")
        assert [(r.method, r.path, r.body) for r in proxy.requests] == [
            ("GET", "/page", b""),
            ("POST", "/news/_bulk", b"{}\n"),
        ]
    assert web.paths() == ["/page", "/news/_bulk"]


def test_too_many_requests(web: Server) -> None:
    with HttpProxy((web.host, web.port)) as proxy:
        proxy.answer(rejects)
        status, body = ask(proxy, "/page")
        assert (status, json.loads(body)["error"]["type"]) == (429, "es_rejected_execution_exception")
        proxy.answer(rejects_bulk)
        assert ask(proxy, "/page")[0] == 200
        assert ask(proxy, "/news/_bulk", "POST")[0] == 429
        proxy.behave()
        assert ask(proxy, "/news/_bulk", "POST")[0] == 200
    assert web.paths() == ["/page", "/news/_bulk"]


def test_every_item_of_a_bulk_request_is_rejected(web: Server) -> None:
    lines = [{"create": {"_index": "news", "_id": "1"}}, {"a": 1}, {"delete": {"_index": "news", "_id": "2"}}]
    with HttpProxy((web.host, web.port)) as proxy:
        proxy.answer(rejects_items)
        status, body = ask(proxy, "/_bulk", "POST", b"".join(json.dumps(line).encode() + b"\n" for line in lines))
    told = json.loads(body)
    assert (status, told["errors"]) == (200, True)
    kept = [(action, item["_id"], item["status"]) for each in told["items"] for action, item in each.items()]
    assert kept == [("create", "1", 429), ("delete", "2", 429)]


def test_an_answer_is_lost_after_the_server_gave_it(web: Server) -> None:
    with HttpProxy((web.host, web.port)) as proxy:
        proxy.lose_answers()
        with pytest.raises((ConnectionResetError, http.client.RemoteDisconnected)):
            ask(proxy, "/page")
    assert web.paths() == ["/page"]


def test_a_late_answer_is_given_up_when_the_proxy_ends(web: Server) -> None:
    with HttpProxy((web.host, web.port)) as proxy:
        proxy.slow(3600)
        errors: list[Exception] = []

        def impatient() -> None:
            try:
                ask(proxy, "/page")
            except (OSError, http.client.HTTPException) as error:
                errors.append(error)

        asking = threading.Thread(target=impatient)
        asking.start()
        while not proxy.requests:
            assert asking.is_alive()
    asking.join(10)
    assert len(errors) == 1


def test_tls_and_credentials_are_demanded(web: Server) -> None:
    with tls_proxy((web.host, web.port), ("reader", "secret")) as front:
        context = ssl.create_default_context(cafile=front.authority)
        statuses = []
        for who in (None, "reader:wrong", "reader:secret"):
            connection = http.client.HTTPSConnection("localhost", front.proxy.port, context=context, timeout=10)
            headers = {"Authorization": f"Basic {base64.b64encode(who.encode()).decode()}"} if who else {}
            connection.request("GET", "/page", headers=headers)
            statuses.append(connection.getresponse().status)
            connection.close()
        assert statuses == [401, 401, 200]
        assert front.proxy.url == f"https://reader:secret@localhost:{front.proxy.port}"
        with pytest.raises((ConnectionResetError, http.client.HTTPException)):
            ask(front.proxy, "/page")
    assert web.paths() == ["/page"]
