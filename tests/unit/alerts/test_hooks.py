"""Messages to programs: the same facts, a signature, and text that can do no harm."""

from __future__ import annotations

import hmac
import json
from hashlib import sha256
from types import SimpleNamespace
from typing import Any

import pytest

from pipeline.alerts import hooks
from pipeline.alerts.notices import expand
from pipeline.alerts.outbox import AddressRefused
from pipeline.alerts.render import facts_of
from pipeline.alerts.subscriptions import subscribe
from pipeline.errors import Retry, Throttled
from tests.unit.alerts.samples import SETTINGS
from tests.unit.alerts.test_render import NOW, VOTE
from tests.unit.policy.builders import at, join_all, told


def written(channel: str, **report: Any) -> tuple[str, dict[str, Any]]:
    """The body of an alert by a channel, and as what it is read."""
    reader = subscribe("https://hooks.example.org/x", channel=channel, now=at("2024-09-01"))
    from dataclasses import replace

    docket, _ = join_all(told(replace(VOTE, **report)))
    (row,) = expand(docket.notices[0], docket, [reader], NOW)
    text = hooks.body(row, docket, facts_of(row, docket, reader, settings=SETTINGS))
    return text, json.loads(text)


def test_the_facts_as_data() -> None:
    text, event = written("webhook")
    assert text.isascii()
    assert event["type"] == "measure.new"
    assert event["subject"] == "Los Angeles, CA adopts sanctuary city ordinance (13-0)"
    assert event["place"] == "Los Angeles, CA"
    assert event["facts"]["vote"] == "13-0, unanimous"
    assert event["evidence"]["sentence"] == VOTE.sentence
    assert event["docket"] == "https://watch.example.org/docket/Los%20Angeles%2C%20CA"


def test_nothing_foreign_is_markup_in_slack() -> None:
    _, message = written("slack", sentence="<!channel> @here *bold* <http://evil.example|good> voted & adopted it.")
    assert message["text"].startswith("*Los Angeles, CA adopts")
    assert "<!channel>" not in message["text"]
    assert "<http://evil" not in message["text"]
    assert "@here" not in message["text"]


def test_a_signature_covers_the_time_and_the_body() -> None:
    headers = hooks.headers(b"{}", "key", id="a1", now=at("2024-11-20T16:00"))
    wanted = hmac.new(b"key", b"1732118400.{}", sha256).hexdigest()
    assert headers["X-Signature"] == f"t=1732118400,v1={wanted}"
    assert headers["X-Alert-Id"] == "a1"


@pytest.mark.parametrize(
    ("status", "kind"),
    [(410, AddressRefused), (429, Throttled), (503, Throttled), (500, Retry), (404, Retry), (301, Retry)],
)
def test_what_follows_from_an_answer(status: int, kind: type[Exception]) -> None:
    with pytest.raises(kind) as caught:
        hooks.judge(SimpleNamespace(status=status))
    assert type(caught.value) is kind
    hooks.judge(SimpleNamespace(status=204))
