"""Keys to the web and its API: made, told apart, checked. No accounts: a key is a name, scopes and a date.

A key is ``sw_``, eight digits that name it, ``_`` and 256 random bits. The archive keeps the SHA-256 of the whole, so
that who reads the archive cannot use it; guessing 256 bits needs no slower hash.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

from analyst.answers.results import KeyRow, KeysAnswer
from analyst.answers.text import instant, moment
from pipeline.archive.base import Archive, every
from pipeline.errors import Conflict, NotKnown, UserError
from pipeline.model import ApiKey, KeyScope

LONGEST_NAME = 100
USED_EVERY = timedelta(hours=1)
"""How exactly the last use is kept: each request would be a write otherwise."""
_KEY = re.compile(r"sw_([0-9a-f]{8})_[A-Za-z0-9_-]{43}", re.ASCII)
_NOBODY = sha256(b"no key").hexdigest()


def mint(name: str, scopes: Sequence[KeyScope], now: datetime) -> tuple[ApiKey, str]:
    """A new key and its secret text, which is nowhere else. Raises ``UserError`` on a name that cannot be used."""
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise UserError(f"a name is 1 to {LONGEST_NAME} printable characters")
    known_as = secrets.token_hex(4)
    text = f"sw_{known_as}_{secrets.token_urlsafe(32)}"
    return ApiKey(known_as, name, _digest(text), now, tuple(scopes)), text


def check(archive: Archive, text: str, now: datetime) -> ApiKey | None:
    """The key that a text is; None when it is none, or none any more. Takes as long either way."""
    found = _KEY.fullmatch(text)
    stored = archive.get(ApiKey, found[1] if found else "00000000")
    digest = stored.record.digest if stored else _NOBODY
    if not hmac.compare_digest(digest, _digest(text)) or stored is None:
        return None
    key = stored.record
    if key.last_used is None or now - key.last_used >= USED_EVERY:
        hour = now.replace(minute=0, second=0, microsecond=0)
        try:
            archive.replace(replace(key, last_used=max(hour, key.created)), stored.version)
        except Conflict:  # somebody else has noted it, or revoked the key a moment ago
            return key if archive.get(ApiKey, key.id) else None
    return key


def row(key: ApiKey) -> KeyRow:
    """A key as an answer shows it."""
    return {
        "id": key.id,
        "name": key.name,
        "scopes": list(key.scopes),
        "created": moment(key.created),
        "last_used": instant(key.last_used),
    }


def listed(archive: Archive) -> KeysAnswer:
    """All keys, oldest first."""
    found = sorted((s.record for s in every(archive, ApiKey)), key=lambda key: (key.created, key.id))
    return {"keys": [row(key) for key in found]}


def revoke(archive: Archive, which: str) -> list[ApiKey]:
    """Removes a key by its id, or all of a name; they are good for nothing from now on. Raises ``NotKnown``."""
    gone = [s.record for s in every(archive, ApiKey) if which in (s.record.id, s.record.name)]
    if not gone:
        raise NotKnown("there is no such key", subject=which)
    for key in gone:
        archive.delete(ApiKey, key.id)
    return gone


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "replace")).hexdigest()
