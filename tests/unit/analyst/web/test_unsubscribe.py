"""Leaving by the link in a mail."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from starlette.applications import Starlette

from analyst.web.app import make_app
from config.settings import Settings
from pipeline.alerts.tokens import unsubscribe_token
from pipeline.archive import open_archive
from pipeline.archive.base import Archive
from pipeline.frontier import open_frontier
from pipeline.model import Subscription
from tests.unit.analyst.web.calling import call
from tests.unit.analyst.web.library import NOW
from tests.unit.analyst.web.stock import SUBSCRIPTION

KEY = "a secret of the tests"
PATH = f"/unsubscribe/{SUBSCRIPTION.id}/{unsubscribe_token(KEY, SUBSCRIPTION)}"


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[tuple[Starlette, Archive]]:
    settings = Settings(home=tmp_path, secret_key=KEY)
    with closing(open_archive(settings.archive)) as archive, closing(open_frontier(settings.frontier)) as frontier:
        archive.create(SUBSCRIPTION)
        yield make_app(settings, archive, frontier, now=lambda: NOW), archive


def subscribed(archive: Archive) -> bool:
    return archive.get(Subscription, SUBSCRIPTION.id) is not None


def test_opening_the_link_changes_nothing(stores: tuple[Starlette, Archive]) -> None:
    web, archive = stores
    answer = call(web, PATH)
    assert answer.status == 200
    assert '<form method="post"' in answer.text
    assert PATH in answer.text
    assert "r…@mail.example" in answer.text
    assert SUBSCRIPTION.to not in answer.text, "a forwarded mail does not tell the address"
    assert answer.headers["cache-control"] == "no-store"
    assert call(web, PATH, method="HEAD").status == 200
    assert subscribed(archive)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"List-Unsubscribe=One-Click", "application/x-www-form-urlencoded"),
        (b'--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n',
         "multipart/form-data; boundary=x"),
        (b"", "application/octet-stream"),
    ],
)  # fmt: skip
def test_one_click_is_enough(stores: tuple[Starlette, Archive], body: bytes, content_type: str) -> None:
    web, archive = stores
    answer = call(web, PATH, method="POST", body=body, headers={"content-type": content_type})
    assert answer.status == 200, "RFC 8058: no redirect"
    assert "You are unsubscribed" in answer.text
    assert not subscribed(archive)


def test_a_second_click_tells_nothing_new(stores: tuple[Starlette, Archive]) -> None:
    web, _ = stores
    call(web, PATH, method="POST")
    again, wrong = call(web, PATH, method="POST"), call(web, "/unsubscribe/nobody/x", method="POST")
    assert (again.status, again.text) == (wrong.status, wrong.text)
    assert "nothing more is to be done" in again.text


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("token", ["x", PATH[-22:-1], f"{PATH[-22:]}x", PATH[-22:].swapcase(), "é", "%00"])
def test_a_wrong_token_is_not_found(stores: tuple[Starlette, Archive], method: str, token: str) -> None:
    web, archive = stores
    answer = call(web, f"/unsubscribe/{SUBSCRIPTION.id}/{token}", method=method)
    assert answer.status == 404
    assert answer.text == call(web, "/unsubscribe/nobody/x", method=method).text, "no hint which half is wrong"
    assert subscribed(archive)


def test_a_token_of_another_key_is_worth_nothing(stores: tuple[Starlette, Archive]) -> None:
    web, archive = stores
    foreign = unsubscribe_token("another secret", SUBSCRIPTION)
    assert call(web, f"/unsubscribe/{SUBSCRIPTION.id}/{foreign}", method="POST").status == 404
    assert subscribed(archive)
