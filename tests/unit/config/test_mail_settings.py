"""Settings of the mails: a limit that is a number, and a domain that is one."""

from __future__ import annotations

import pytest

from config.settings import BadSetting, load


def test_they_are_read() -> None:
    found = load({"SANCTUARY_WATCH_MAIL_PER_HOUR": "25", "SANCTUARY_WATCH_BOUNCE_DOMAIN": "bounces.example.org"})
    assert (found.mail_per_hour, found.bounce_domain) == (25, "bounces.example.org")
    assert (load({}).mail_per_hour, load({}).bounce_domain) == (10, "")


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("MAIL_PER_HOUR", "0", "a whole number from 1 to 1000"),
        ("MAIL_PER_HOUR", "1001", "a whole number from 1 to 1000"),
        ("MAIL_PER_HOUR", "2.5", "a whole number from 1 to 1000"),
        ("MAIL_PER_HOUR", "many", "a whole number from 1 to 1000"),
        ("BOUNCE_DOMAIN", "a@example.org", "must be a domain"),
        ("BOUNCE_DOMAIN", "example.org\nBcc: x", "must be a domain"),
    ],
)
def test_what_cannot_be_used_says_what_is_allowed(name: str, value: str, problem: str) -> None:
    with pytest.raises(BadSetting, match=f"SANCTUARY_WATCH_{name}: .*{problem}"):
        load({f"SANCTUARY_WATCH_{name}": value})
