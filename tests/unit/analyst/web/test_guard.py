"""Whom the web answers, and what a browser may do with its pages."""

from __future__ import annotations

import logging

import pytest
from starlette.applications import Starlette

from analyst.web.app import make_app
from analyst.web.guard import HEADERS, is_ours, names_of
from config.settings import Settings
from pipeline.archive.base import Archive
from pipeline.errors import Unavailable
from pipeline.frontier.base import Frontier
from tests.unit.analyst.web.calling import call
from tests.unit.analyst.web.library import NOW

NAMES = names_of("127.0.0.1:8050", "https://Watch.Example/base")


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1:8050", "127.0.0.1", "127.8.9.1:1", "localhost", "LOCALHOST:8050", "localhost.:8050", "[::1]:8050",
        "[::1]", "watch.example", "watch.example:443", "WATCH.example.",
    ],
)  # fmt: skip
def test_our_names(host: str) -> None:
    assert is_ours(host, NAMES)


@pytest.mark.parametrize(
    "host",
    [
        "", "evil.example", "evil.example:8050", "127.0.0.1.evil.example", "localhost.evil.example", "0.0.0.0",
        "192.168.1.4", "watch.example@evil.example", "evil.example/watch.example", "watch.example:8050:1", "[::1",
        "watch.example evil", "::1", "10.0.0.1:8050", "evil.example#localhost", "[::2]:8050",
    ],
)  # fmt: skip
def test_names_of_others(host: str) -> None:
    assert not is_ours(host, NAMES)


@pytest.mark.parametrize("host", ["web:8050", "10.0.0.5:8050", "web.internal", "[fd00::5]:8050"])
def test_machines_beside_us_may_use_any_name_that_nobody_can_register(web: Starlette, host: str) -> None:
    for path in ("/metrics", "/readyz", "/healthz"):
        assert call(web, path, host=host).status == 200
        assert call(web, path, host="rebound.example").status == 421
    assert call(web, "/", host=host).status == 421


def test_another_host_learns_nothing(web: Starlette) -> None:
    answer = call(web, "/?q=sanctuary", host="rebound.example:8050")
    assert answer.status == 421
    assert "sanctuary" not in answer.text.lower().replace("sanctuary_watch_public_url", "")
    assert call(web, "/", host=None).status == 421


ALL = ("/", "/?q=((", "/sources", "/docket", "/docket/CA", "/measure/m-ellery", "/why", "/feeds", "/status",
       "/healthz", "/readyz", "/metrics", "/nowhere", "/measure/none", "/unsubscribe/sub1/wrong",
       "/?tz=Mars")  # fmt: skip


@pytest.mark.parametrize("path", ALL)
def test_every_answer_is_guarded(web: Starlette, path: str) -> None:
    answer = call(web, path)
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert answer.headers["cache-control"]
    assert "set-cookie" not in answer.headers
    assert answer.error is None


def test_the_policy_lets_only_our_own_scripts_run() -> None:
    policy = HEADERS["content-security-policy"]
    assert policy.startswith("default-src 'none';")
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    for part in ("style-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"):
        assert part in policy


@pytest.mark.parametrize("path", [path for path in ALL if not path.startswith("/unsubscribe")])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_pages_only_read(web: Starlette, path: str, method: str) -> None:
    answer = call(web, path, method=method)
    assert answer.status in ((400,) if (method, path) == ("POST", "/feeds") else (404, 405)), "a form has to be one"
    assert answer.headers["content-security-policy"]


def test_a_head_has_no_body(web: Starlette) -> None:
    assert call(web, "/docket", method="HEAD").status == 200


class Broken:
    """An archive that fails in a way nobody foresaw, or that does not answer."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __getattr__(self, name: str) -> object:
        raise self.error


def broken(settings: Settings, frontier: Frontier, error: Exception) -> Starlette:
    archive: Archive = Broken(error)  # type: ignore[assignment]
    return make_app(settings, archive, frontier, now=lambda: NOW)


def test_a_fault_of_ours_is_a_page_and_tells_nothing(settings: Settings, frontier: Frontier) -> None:
    answer = call(broken(settings, frontier, RuntimeError("the inner secret")), "/")
    assert answer.status == 500
    assert "inner secret" not in answer.text
    assert "<h1>" in answer.text
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert isinstance(answer.error, RuntimeError), "the server logs it"


def test_a_store_that_does_not_answer_is_said_so(settings: Settings, frontier: Frontier) -> None:
    web = broken(settings, frontier, Unavailable("the archive is locked by another process"))
    answer = call(web, "/docket")
    assert answer.status == 503
    assert answer.headers["retry-after"] == "10"
    assert "the archive is locked by another process" in answer.text
    ready = call(web, "/readyz")
    assert ready.status == 503
    assert "the archive is locked by another process" in ready.text
    assert call(web, "/healthz").status == 200


def test_tokens_are_not_logged(web: Starlette, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        call(web, "/unsubscribe/sub1/some-token")
        call(web, "/docket/CA")
    told = [record.getMessage() for record in caplog.records if record.name == "analyst.web.guard"]
    assert told == ["GET /unsubscribe/… 404", "GET /docket/CA 200"]
