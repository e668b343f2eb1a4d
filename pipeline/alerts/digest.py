"""Several alerts in one mail: a subscriber's hourly, daily or weekly digest, or what a burst had too much of.

Each alert is told with the same words as in a mail of its own; the first ones with their proof, all of them with their
subject line, so that a digest of a hundred stays under 100 KB.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from config.settings import Settings
from pipeline.alerts import timing, words
from pipeline.alerts.message import Mail, compose, written
from pipeline.alerts.render import Links, facts_of
from pipeline.alerts.subscriptions import in_words
from pipeline.alerts.tokens import leave_token
from pipeline.model import Alert, Docket, Subscription, make_id

MOST = 100
"""Alerts in one digest."""
IN_FULL = 20
"""Alerts that are told with quote, vote and date; of the others the subject line."""
_ORDER = ("new", "amend", "reaffirm", "repeal", "ruling", "veto", "stage", "correction")


@dataclass(frozen=True, slots=True)
class Item:
    """One alert of a digest, with the docket and the subscription it is about."""

    alert: Alert
    docket: Docket
    subscription: Subscription


def digest_id(lead: str) -> str:
    """What the Message-ID of the digest that a row carries is made from."""
    return make_id("digest", lead)


def render_digest(
    lead: str,
    items: Sequence[Item],
    *,
    settings: Settings,
    now: datetime,
    story_sizes: Mapping[str, int] | None = None,
    over: int = 0,
) -> Mail:
    """The mail of the row ``lead`` that tells all ``items`` (one address, at least one item).

    ``over``: the limit of mails an hour that these alerts were beyond; 0 for a digest that was asked for. What two
    subscriptions are both owed is told once. Raises ``Quarantine`` as ``render`` does.
    """
    ordered = sorted(items, key=lambda item: (_ORDER.index(item.alert.kind), item.docket.jurisdiction.label))
    told: dict[tuple[str, ...], dict[str, Any]] = {}
    for item in ordered:
        about = (item.docket.id, item.alert.kind, item.alert.measure, item.alert.action)
        if about not in told:
            told[about] = _line(item, settings, story_sizes)
    subscriptions = list({item.subscription.id: item.subscription for item in ordered}.values())
    leave = _leave(subscriptions, settings)
    lines = list(told.values())
    subject = _subject(lines, over)
    facts = {
        "subject": subject,
        "over": over,
        "full": lines[:IN_FULL],
        "short": lines[IN_FULL:],
        "asked": [(words.clean(one.name), in_words(one)) for one in subscriptions],
        "rhythm": "" if over else timing.in_words(subscriptions[0]),
        "leave": leave,
        "ids": ", ".join(one.id for one in subscriptions),
    }
    text, html = written("digest", facts)
    to = subscriptions[0].to
    return compose(subject, text, html, id=digest_id(lead), to=to, settings=settings, now=now, leave=leave)


def _line(item: Item, settings: Settings, story_sizes: Mapping[str, int] | None) -> dict[str, Any]:
    facts = facts_of(item.alert, item.docket, item.subscription, settings=settings, story_sizes=story_sizes)
    shown = dict(facts["rows"])
    return {
        "subject": facts["subject"],
        "facts": [shown[name] for name in ("Date", "Body", "Vote", "Direction") if name in shown],
        "audit": facts["audit"],
        "quote": facts["quote"],
        "more": len(facts["others"]) + facts["unnamed"],
        "label": facts["label"],
        "docket": facts["links"].docket,
    }


def _subject(lines: Sequence[Mapping[str, Any]], over: int) -> str:
    first = lines[0]["subject"]
    if len(lines) == 1:
        return words.clean(first)
    kind = "at once" if over else "in your digest"
    return words.clean(f"{len(lines)} alerts {kind}: {words.clean(first, 90)}; and {len(lines) - 1} more")


def _leave(subscriptions: Sequence[Subscription], settings: Settings) -> str:
    """The page that ends what this digest comes from: one subscription, or all of the address."""
    base = settings.public_url.rstrip("/")
    if not base:
        return ""
    first = subscriptions[0]
    if len(subscriptions) == 1:
        return Links.leaving(first, settings)
    return f"{base}/unsubscribe/{first.id}/{leave_token(settings.secret_key, first.to)}"
