"""Signs the links by which a mail lets its reader leave: no login, not guessable, valid as long as the subscription.

The key for each purpose is made from the one secret, so that a signature for one thing is worth nothing for another.
"""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from pipeline.errors import UserError
from pipeline.model import Subscription

LENGTH = 22
"""Characters of a token: 132 bits. Short, since a long List-Unsubscribe header gets broken by mail software."""


def unsubscribe_token(secret_key: str, subscription: Subscription) -> str:
    """The token that proves a link was mailed to this subscription's address. Raises ``UserError`` without a key."""
    return _sign(secret_key, "unsubscribe", f"{subscription.id}\x1f{subscription.to}")


def may_unsubscribe(secret_key: str, subscription: Subscription, token: str) -> bool:
    """Whether a token is this subscription's; compared in constant time."""
    return _equal(unsubscribe_token(secret_key, subscription), token)


def leave_token(secret_key: str, to: str) -> str:
    """The token that proves a link was mailed to an address: it ends all subscriptions of that address, as a digest
    of several has to. Raises ``UserError`` without a key."""
    return _sign(secret_key, "leave", to.casefold())


def may_leave(secret_key: str, to: str, token: str) -> bool:
    """Whether a token is this address's; compared in constant time."""
    return _equal(leave_token(secret_key, to), token)


def recipient_hash(secret_key: str, to: str) -> str:
    """What stays of an address in the ledger when it is erased: 132 bits that nobody can check a guess by without the
    key. Raises ``UserError`` without a key."""
    return _sign(secret_key, "ledger", to.casefold())


def webhook_key(secret_key: str, subscription: Subscription) -> str:
    """What a subscription's webhook messages are signed with. Raises ``UserError`` without a key."""
    return _sign(secret_key, "webhook", subscription.id)


def feed_token(secret_key: str, subscription: Subscription) -> str:
    """What makes the address of a subscription's feed unguessable. Raises ``UserError`` without a key."""
    return _sign(secret_key, "feed", subscription.id)


def may_read(secret_key: str, subscription: Subscription, token: str) -> bool:
    """Whether a token is that of this subscription's feed; compared in constant time."""
    return _equal(feed_token(secret_key, subscription), token)


def subscription_id(secret_key: str, wish: str) -> str:
    """The id of a wish, of 24 hexadecimal digits, which tells nobody without the key whose it is. Raises ``UserError``
    without a key."""
    return hmac.digest(_key(secret_key, "subscription"), wish.encode(), sha256).hex()[:24]


def bounces_token(secret_key: str) -> str:
    """What makes the address that takes bounces unguessable. Raises ``UserError`` without a key."""
    return _sign(secret_key, "bounces", "")


def may_report(secret_key: str, token: str) -> bool:
    """Whether a token is that of the address that takes bounces; compared in constant time."""
    return _equal(bounces_token(secret_key), token)


def seal(secret_key: str, purpose: str, content: Mapping[str, Any], until: datetime) -> str:
    """Content that can be handed out and comes back as it was, good for one purpose until a time: for an address in a
    mail or a field in a form. It can be read by whoever holds it. Raises ``UserError`` without a key."""
    packed = json.dumps([int(until.timestamp()), content], separators=(",", ":")).encode()
    text = urlsafe_b64encode(packed).decode("ascii").rstrip("=")
    return f"{text}.{_sign(secret_key, purpose, text)}"


def unseal(secret_key: str, purpose: str, sealed: str, now: datetime) -> Mapping[str, Any] | None:
    """The content; None when it was not sealed with this key for this purpose, or its time is over."""
    text, _, signature = sealed.rpartition(".")
    if not text.isascii() or not _equal(_sign(secret_key, purpose, text), signature):
        return None
    until, content = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return content if now.timestamp() < until else None


def bounce_token(secret_key: str, alert: str) -> str:
    """The end of the envelope sender of an alert's mail, by which its bounce proves itself; lower case, since mail
    servers may change that. Raises ``UserError`` without a key."""
    return hmac.digest(_key(secret_key, "bounce"), alert.encode(), sha256).hex()[:12]


def _sign(secret_key: str, purpose: str, text: str) -> str:
    return urlsafe_b64encode(hmac.digest(_key(secret_key, purpose), text.encode(), sha256)).decode("ascii")[:LENGTH]


def _key(secret_key: str, purpose: str) -> bytes:
    if not secret_key:
        raise UserError("SANCTUARY_WATCH_SECRET_KEY is not set")
    return hmac.digest(secret_key.encode(), f"sanctuary-watch/{purpose}".encode(), sha256)


def _equal(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode("utf-8", "replace"))
