"""Signing in with a key, for browsers: a cookie that says which key was shown, and forms that are good only from here.

The cookie is signed and names the key, not its secret; it ends when the key is revoked. Whoever is on this machine
needs no key. A form that changes something carries a sealed token of the same caller and comes from our own origin.
"""

from __future__ import annotations

import hmac
import ipaddress
import secrets
from datetime import timedelta
from hashlib import sha256
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request

from analyst.api.gate import Caller
from analyst.web.desk import Desk
from pipeline.alerts.tokens import seal, unseal

FORM_GOOD_FOR = timedelta(hours=12)


def caller_of(request: Request) -> Caller:
    """Who asks, as the gate found out."""
    caller: Caller = request.scope.get("state", {}).get("caller") or Caller("")
    return caller


def may_write(request: Request) -> bool:
    """Whether a form of this caller may change something: with a key that may write, or on this machine itself."""
    caller = caller_of(request)
    return caller.may_change or (not caller.keyed and _is_loopback(caller.name))


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def form_token(desk: Desk, request: Request) -> str:
    """What a form has to send back. It is another one in each answer: what compression tells of one by its length is
    worth nothing for the next."""
    content = {"for": caller_of(request).name, "once": secrets.token_hex(8)}
    return seal(desk.settings.secret_key, "page form", content, desk.now() + FORM_GOOD_FOR)


def check_form(desk: Desk, request: Request, token: str) -> None:
    """Raises ``HTTPException`` for a form that was not made here for this caller, or that another site sent."""
    check_origin(request)
    content = unseal(desk.settings.secret_key, "page form", token, desk.now())
    if content is None or not hmac.compare_digest(_digest(content.get("for", "")), _digest(caller_of(request).name)):
        raise HTTPException(403, "This form had become too old, or is not yours. Open the page again and repeat.")


def check_origin(request: Request) -> None:
    """Raises ``HTTPException`` when a browser says that another site sent this."""
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site", "same-origin")
    ours = origin is None or urlsplit(origin).netloc.casefold() == request.headers.get("host", "").casefold()
    if not ours or site not in ("same-origin", "none"):
        raise HTTPException(403, "This form was sent from another site.")


def _digest(text: str) -> bytes:
    return sha256(text.encode()).digest()
