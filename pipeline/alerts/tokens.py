"""Signs the links by which a mail lets its reader leave: no login, not guessable, valid as long as the subscription.

The key for each purpose is made from the one secret, so that a signature for one thing is worth nothing for another.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from hashlib import sha256

from pipeline.errors import UserError
from pipeline.model import Subscription

LENGTH = 22
"""Characters of a token: 132 bits. Short, since a long List-Unsubscribe header gets broken by mail software."""


def unsubscribe_token(secret_key: str, subscription: Subscription) -> str:
    """The token that proves a link was mailed to this subscription's address. Raises ``UserError`` without a key."""
    return _sign(secret_key, "unsubscribe", f"{subscription.id}\x1f{subscription.to}")


def may_unsubscribe(secret_key: str, subscription: Subscription, token: str) -> bool:
    """Whether a token is this subscription's; compared in constant time."""
    return hmac.compare_digest(unsubscribe_token(secret_key, subscription).encode(), token.encode("utf-8", "replace"))


def _sign(secret_key: str, purpose: str, text: str) -> str:
    if not secret_key:
        raise UserError("SANCTUARY_WATCH_SECRET_KEY is not set")
    key = hmac.digest(secret_key.encode(), f"sanctuary-watch/{purpose}".encode(), sha256)
    return urlsafe_b64encode(hmac.digest(key, text.encode(), sha256)).decode("ascii")[:LENGTH]
