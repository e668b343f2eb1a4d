"""Unsubscribe tokens: short, bound to key, subscription and address."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.alerts.subscriptions import subscribe
from pipeline.alerts.tokens import may_unsubscribe, unsubscribe_token
from pipeline.errors import UserError
from tests.unit.policy.builders import at

ONE = subscribe("a@example.org", now=at("2024-11-01"))


def test_a_token_opens_only_its_own_door() -> None:
    token = unsubscribe_token("key", ONE)
    assert len(token) <= 32
    assert token.replace("-", "").replace("_", "").isalnum()
    assert may_unsubscribe("key", ONE, token)
    assert not may_unsubscribe("key", ONE, token[:-1])
    assert not may_unsubscribe("key", ONE, "")
    assert not may_unsubscribe("key", ONE, "ü" * 22)
    assert not may_unsubscribe("another", ONE, token)
    assert not may_unsubscribe("key", replace(ONE, to="b@example.org"), token)
    assert not may_unsubscribe("key", replace(ONE, id="f" * 24), token)


def test_without_a_key_nothing_is_signed() -> None:
    with pytest.raises(UserError, match="SANCTUARY_WATCH_SECRET_KEY"):
        unsubscribe_token("", ONE)
