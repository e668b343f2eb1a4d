"""A subscription's alerts as a feed to read: Atom (RFC 4287) and JSON Feed 1.1, at an address that nobody can guess.

An alert is in its feed as soon as it is owed; nothing is sent. Ids never change, so that a reader shows each once.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any
from xml.etree import ElementTree

from config.settings import Settings
from pipeline.alerts.tokens import feed_token
from pipeline.model import Alert, Subscription

MOST = 50
"""Alerts in a feed, the latest."""
_ATOM = "http://www.w3.org/2005/Atom"


@dataclass(frozen=True, slots=True)
class Told:
    """An alert and what it tells (``render.facts_of``)."""

    alert: Alert
    facts: dict[str, Any]


def address(subscription: Subscription, settings: Settings, ending: str = "atom") -> str:
    """Where a subscription's feed is; a path where no public address is set."""
    base = settings.public_url.rstrip("/")
    return f"{base}/alerts/{subscription.id}/{feed_token(settings.secret_key, subscription)}.{ending}"


def atom(subscription: Subscription, told: Sequence[Told], settings: Settings) -> bytes:
    """The feed in Atom."""
    feed = ElementTree.Element("feed", xmlns=_ATOM)
    _text(feed, "id", f"urn:sanctuary-watch:subscription:{subscription.id}")
    _text(feed, "title", title(subscription))
    _text(feed, "updated", _time(max((one.alert.created for one in told), default=subscription.created)))
    ElementTree.SubElement(_sub(feed, "author"), "name").text = "sanctuary-watch"
    ElementTree.SubElement(feed, "link", rel="self", href=address(subscription, settings))
    for one in told:
        entry = _sub(feed, "entry")
        _text(entry, "id", f"urn:sanctuary-watch:alert:{one.alert.id}")
        _text(entry, "title", one.facts["subject"])
        _text(entry, "updated", _time(one.alert.created))
        if link := _link(one):
            ElementTree.SubElement(entry, "link", href=link)
        content = _sub(entry, "content")
        content.set("type", "html")
        content.text = _html(one)
    body: bytes = ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True)
    return body


def json_feed(subscription: Subscription, told: Sequence[Told], settings: Settings) -> bytes:
    """The feed as JSON Feed 1.1."""
    items = [
        {
            "id": one.alert.id,
            "title": one.facts["subject"],
            "date_published": _time(one.alert.created),
            "content_html": _html(one),
            **({"url": link} if (link := _link(one)) else {}),
            "_sanctuary": {"kind": one.alert.kind, "measure": one.alert.measure, "action": one.alert.action},
        }
        for one in told
    ]
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": title(subscription),
        "feed_url": address(subscription, settings, "json"),
        "items": items,
    }
    return json.dumps(feed).encode()


def title(subscription: Subscription) -> str:
    """What the feed is called."""
    return subscription.name or "Sanctuary-policy alerts"


def _html(one: Told) -> str:
    quote = one.facts["quote"]
    facts = "".join(f"<li>{escape(label)}: {escape(value)}</li>" for label, value in one.facts["rows"])
    said = ""
    if quote:
        outlet = escape(quote.outlet)
        source = f'<a href="{escape(quote.url)}">{outlet}</a>' if quote.url else outlet
        said = f"<blockquote>{escape(quote.sentence)} ({source}, {escape(quote.day)})</blockquote>"
    changed = f"<p>What changed: {escape(one.facts['audit']['what'])}</p>" if one.facts["audit"] else ""
    return f"{changed}<ul>{facts}</ul>{said}"


def _link(one: Told) -> str:
    quote = one.facts["quote"]
    link: str = one.facts["links"].docket or (quote.url if quote else "")
    return link


def _sub(parent: ElementTree.Element, name: str) -> ElementTree.Element:
    return ElementTree.SubElement(parent, name)


def _text(parent: ElementTree.Element, name: str, text: str) -> None:
    _sub(parent, name).text = text


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
