"""Mails about a subscription itself: the one that asks whether its address wants it, and the test."""

from __future__ import annotations

from datetime import datetime

from config.settings import Settings
from pipeline.alerts import words
from pipeline.alerts.message import Mail, compose, written
from pipeline.alerts.render import Links
from pipeline.alerts.subscriptions import in_words
from pipeline.model import Subscription, make_id


def render_test(subscription: Subscription, *, settings: Settings, now: datetime) -> Mail:
    """The mail by which an operator sees that alerts arrive."""
    return _note(
        "Test: alerts will come this way",
        ["This is a test. Alerts of this subscription will come to this address."],
        subscription,
        settings=settings,
        now=now,
        leave=Links.leaving(subscription, settings),
    )


def render_confirmation(wish: Subscription, link: str, *, settings: Settings, now: datetime) -> Mail:
    """The mail that asks an address whether it wants what somebody asked for on its behalf. Without an answer nothing
    comes of it."""
    return _note(
        "Please confirm: alerts on sanctuary policy",
        [
            "Somebody, we hope you, asked for alerts to this address. If you want them, open the page below and "
            "confirm there; it works for two days.",
            "If not, do nothing: no further mail comes.",
        ],
        wish,
        settings=settings,
        now=now,
        button=("Confirm this subscription", link),
    )


def _note(
    subject: str,
    paragraphs: list[str],
    subscription: Subscription,
    *,
    settings: Settings,
    now: datetime,
    button: tuple[str, str] = ("", ""),
    leave: str = "",
) -> Mail:
    facts = {
        "subject": subject,
        "paragraphs": paragraphs,
        "button": button[0],
        "link": button[1],
        "name": words.clean(subscription.name),
        "asked": in_words(subscription),
        "leave": leave,
    }
    text, html = written("note", facts)
    own = make_id("note", subject, subscription.id, now.isoformat())
    return compose(subject, text, html, id=own, to=subscription.to, settings=settings, now=now, leave=leave)
