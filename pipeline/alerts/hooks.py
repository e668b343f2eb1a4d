"""Alerts as messages to a program: JSON with a signature, or the form that Slack and its likes take.

The body is made at the first attempt and frozen like a mail. It is signed at each attempt, as the signature covers the
time: ``X-Signature: t=UNIX_SECONDS,v1=HEX`` where HEX is HMAC-SHA256 of ``t.body``. Who receives it compares, refuses
what is older than five minutes, and remembers ``X-Alert-Id``, which stays the same when a message is repeated.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any, Protocol

from pipeline.alerts.outbox import AddressRefused
from pipeline.alerts.tokens import webhook_key
from pipeline.errors import Retry, Throttled
from pipeline.model import Alert, Docket, Subscription


class Answer(Protocol):
    """What a server said."""

    @property
    def status(self) -> int: ...


def signing_key(secret_key: str, subscription: Subscription) -> str:
    """The key that a subscription's messages are signed with, as its owner has to know it."""
    return webhook_key(secret_key, subscription)


def body(row: Alert, docket: Docket, facts: Mapping[str, Any]) -> str:
    """The message of a row, in ASCII; ``facts`` as ``render.facts_of`` gives them."""
    return json.dumps(_slack(facts) if row.channel == "slack" else event(row, docket, facts))


def event(row: Alert, docket: Docket, facts: Mapping[str, Any]) -> dict[str, Any]:
    """An alert as data: the same facts as in a mail."""
    quote = facts["quote"]
    return {
        "id": row.id,
        "type": f"measure.{row.kind}",
        "time": f"{row.created:%Y-%m-%dT%H:%M:%SZ}",
        "subscription": row.subscription,
        "measure": row.measure,
        "action": row.action,
        "subject": facts["subject"],
        "place": docket.jurisdiction.label,
        "facts": {label.lower(): value for label, value in facts["rows"]},
        "provisions": facts["provisions"],
        "evidence": quote and {"sentence": quote.sentence, "source": quote.outlet, "url": quote.url},
        "changed": facts["audit"],
        "docket": facts["links"].docket or None,
    }


def _slack(facts: Mapping[str, Any]) -> dict[str, Any]:
    quote = facts["quote"]
    lines = [f"*{_plain(facts['subject'])}*"]
    lines += [_plain(" · ".join(v for label, v in facts["rows"] if label in ("Date", "Body", "Vote", "Direction")))]
    if facts["audit"]:
        lines.append(_plain(f"What changed in our records: {facts['audit']['what']}"))
    if quote:
        lines.append(f">{_plain(quote.sentence)}")
        lines.append(f"<{_link(quote.url)}|{_plain(quote.outlet)}>" if quote.url else _plain(quote.outlet))
    if facts["links"].docket:
        lines.append(f"<{_link(facts['links'].docket)}|Docket>")
    return {"text": "\n".join(lines)}


def _plain(text: str) -> str:
    """Text in which nothing is a link, a mention or markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("@", "@\u200b")


def _link(url: str) -> str:
    return url.replace("|", "%7C").replace(">", "%3E").replace("<", "%3C")


def greeting(subscription: Subscription, *, now: datetime) -> str:
    """A message that says it is a test."""
    said = "This is a test of sanctuary-watch: alerts will come this way."
    if subscription.channel == "slack":
        return json.dumps({"text": said})
    at = f"{now:%Y-%m-%dT%H:%M:%SZ}"
    return json.dumps({"id": "test", "type": "test", "time": at, "subscription": subscription.id, "subject": said})


def headers(body: bytes, key: str, *, id: str, now: datetime) -> dict[str, str]:
    """What goes with a message: its type, its id, its signature as of now."""
    at = str(int(now.timestamp()))
    signature = hmac.new(key.encode(), at.encode() + b"." + body, sha256).hexdigest()
    return {"Content-Type": "application/json", "X-Alert-Id": id, "X-Signature": f"t={at},v1={signature}"}


def judge(answer: Answer) -> None:
    """Returns when the message was taken. Raises ``AddressRefused`` on 410, else ``Retry``: a receiver is broken for a
    while more often than for good, and it is given up after two days anyway."""
    if 200 <= answer.status < 300:
        return
    if answer.status == 410:
        raise AddressRefused("the receiver answers 410: gone for good")
    if answer.status in (429, 503):
        raise Throttled(f"the receiver answers {answer.status}")
    raise Retry(f"the receiver answers {answer.status}")
