"""Who may ask, and how it is shown."""

from __future__ import annotations

import base64
import json
import logging
from datetime import timedelta
from ipaddress import ip_network

import pytest
from starlette.applications import Starlette
from starlette.datastructures import Headers

from analyst.api import keys
from analyst.api.gate import credentials, is_local
from analyst.web.app import make_app
from config.settings import Settings
from pipeline.archive.base import Archive
from pipeline.errors import UserError
from pipeline.frontier.base import Frontier
from pipeline.model import ApiKey
from tests.unit.analyst.api.conftest import error_of
from tests.unit.analyst.web.calling import Answer, call
from tests.unit.analyst.web.library import NOW

ELSEWHERE = {"x-forwarded-for": "203.0.113.7"}
"""What a server on this machine adds when it passes on what others ask."""


def bearer(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}", **ELSEWHERE}


def basic(key: str, name: str = "") -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{name}:{key}".encode()).decode(), **ELSEWHERE}


@pytest.mark.parametrize("path", ["/api/v1/search", "/api/v1/openapi.json", "/api/v1/nowhere"])
def test_from_elsewhere_the_api_needs_a_key(web: Starlette, reader: str, path: str) -> None:
    answer = call(web, path, headers=ELSEWHERE)
    assert error_of(answer)[:2] == (401, "KeyNeeded")
    assert answer.headers["www-authenticate"].startswith("Bearer ")
    for shown in (bearer(reader), basic(reader), basic(reader, "anna")):
        assert call(web, path, headers=shown).status in (200, 404)


@pytest.mark.parametrize("path", ["/", "/docket", "/feeds", "/status", "/nowhere", "/api", "/metrics"])
def test_so_do_pages_and_a_browser_asks_for_it(web: Starlette, reader: str, path: str) -> None:
    answer = call(web, path, headers=ELSEWHERE)
    assert answer.status == 401
    assert "Basic " in answer.headers["www-authenticate"]
    assert answer.headers["content-type"].startswith("text/plain")
    assert call(web, path, headers=basic(reader)).status in (200, 404)


@pytest.mark.parametrize("path", ["/healthz", "/unsubscribe/sub1/token"])
def test_some_addresses_need_none(web: Starlette, path: str) -> None:
    assert call(web, path, headers=ELSEWHERE).status in (200, 404)


@pytest.mark.parametrize(
    "header",
    [
        "Bearer", "Bearer ", "Bearer nonsense", "Basic", "Basic ***", "Basic bm9uc2Vuc2U=", "Digest x", "",
        "Bearer sw_00000000_" + "A" * 43, "bearer  x",
    ],
)  # fmt: skip
def test_a_key_that_is_none_is_refused_on_this_machine_too(web: Starlette, header: str) -> None:
    assert error_of(call(web, "/api/v1/search", headers={"authorization": header}))[:2] == (401, "KeyNeeded")


def test_a_key_in_the_address_is_none(web: Starlette, reader: str) -> None:
    assert call(web, f"/api/v1/search?key={reader}", headers=ELSEWHERE).status == 401
    assert call(web, f"/api/v1/search?key={reader}").status == 400


def test_a_revoked_key_is_refused_at_once(web: Starlette, archive: Archive) -> None:
    key, text = keys.mint("gone", ("read",), NOW)
    archive.create(key)
    assert call(web, "/api/v1/saved", headers=bearer(text)).status == 200
    keys.revoke(archive, "gone")
    assert call(web, "/api/v1/saved", headers=bearer(text)).status == 401


def test_a_browser_cannot_be_made_to_change_something(web: Starlette, writer: str) -> None:
    """A page of others makes it send what it knows as Basic, never a bearer's key."""

    def post(headers: dict[str, str]) -> Answer:
        given = {**headers, "content-type": "application/json"}
        return call(web, "/api/v1/saved", method="POST", headers=given, body=b'{"name": "x", "query": "x"}')

    assert error_of(post(basic(writer)))[:2] == (403, "NotAllowed")
    made = post(bearer(writer))
    assert made.status == 201
    saved = json.loads(made.text)["saved"][0]["id"]
    assert call(web, f"/api/v1/saved/{saved}", method="DELETE", headers=bearer(writer)).status == 200


def test_guessing_keys_is_slowed_down(settings: Settings, archive: Archive, frontier: Frontier) -> None:
    few = Settings(home=settings.home, secret_key="s", api_per_minute=3)
    web = make_app(few, archive, frontier, now=lambda: NOW)
    asked = [call(web, "/api/v1/saved", headers=bearer("wrong")) for _ in range(5)]
    assert [answer.status for answer in asked] == [401, 401, 401, 429, 429]
    assert int(asked[-1].headers["retry-after"]) > 0


def test_no_key_stands_in_the_log(web: Starlette, reader: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        call(web, "/api/v1/search", headers=bearer(reader))
        call(web, "/api/v1/search", headers=basic(reader))
        call(web, "/api/v1/search", headers=bearer(reader + "x"))
    assert caplog.records
    secret = reader[12:]
    assert all(secret not in record.getMessage() for record in caplog.records)


def test_the_secret_is_kept_nowhere(archive: Archive, reader: str) -> None:
    stored = archive.get(ApiKey, reader[3:11])
    assert stored
    assert reader[12:] not in repr(stored.record)
    assert len(stored.record.digest) == 64


@pytest.mark.parametrize("name", ["", " ", "a" * 101, "a\x1bb"])
def test_a_name_that_cannot_be_used(name: str) -> None:
    with pytest.raises(UserError):
        keys.mint(name, ("read",), NOW)


def test_keys_differ() -> None:
    texts = {keys.mint("k", ("read",), NOW + timedelta(seconds=n))[1] for n in range(50)}
    assert len(texts) == 50
    assert all(len(text) == 55 for text in texts)


@pytest.mark.parametrize(
    ("address", "headers", "local"),
    [
        ("127.0.0.1", {}, True),
        ("::1", {}, True),
        ("172.18.0.1", {}, True),
        ("172.33.0.1", {}, False),
        ("203.0.113.7", {}, False),
        ("", {}, False),
        ("testclient", {}, False),
        ("127.0.0.1", {"x-forwarded-for": "127.0.0.1"}, False),
        ("127.0.0.1", {"forwarded": "for=1.2.3.4"}, False),
        ("172.18.0.1", {"via": "1.1 proxy"}, False),
        ("fe80::1%eth0", {}, False),
    ],
)
def test_what_this_machine_is(address: str, headers: dict[str, str], local: bool) -> None:
    assert is_local(address, Headers(headers), (ip_network("172.16.0.0/12"),)) is local


def test_credentials() -> None:
    assert credentials("Bearer abc") == ("bearer", "abc")
    assert credentials("BEARER  abc ") == ("bearer", "abc")
    assert credentials("Basic " + base64.b64encode(b"anna:k:ey").decode()) == ("basic", "k:ey")
    assert credentials("Basic /w==") == ("", "")
    assert credentials("Token abc") == ("", "")
