"""Who may ask: whoever is on this machine may read; everybody else, and whoever wants to change something, shows a key.

A key comes in the Authorization header and nowhere else, since addresses end up in logs, histories and referrers:
as ``Bearer KEY``, or as the password of ``Basic`` (any name), for which browsers and feed readers know to ask. A
browser also sends the latter when a page of others tells it to, so it changes nothing.
"""

from __future__ import annotations

import base64
import ipaddress
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from analyst.api import keys, problems
from analyst.api.limits import Limiter
from pipeline.archive.base import Archive
from pipeline.errors import PipelineError
from pipeline.model import Clock

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

OPEN = ("/unsubscribe/", "/subscribe", "/alerts/", "/bounces/", "/websub/", "/static/", "/sign-in", "/healthz")
"""Need no key: the signed addresses of mails, feeds, bounces and hubs are one themselves, the others tell nothing of
what is not told to everybody who subscribes."""
PROBES = ("/metrics", "/readyz")
"""Need no key from a private network either: a Prometheus or a load balancer asks them. Numbers, no texts."""
_PRIVATE = tuple(
    ipaddress.ip_network(network)
    for network in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7", "fe80::/10")
)
API = "/api/"
FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")
"""A request with one of these came through a server that was asked from elsewhere."""
CHALLENGE = 'Bearer realm="sanctuary-watch", Basic realm="sanctuary-watch", charset="UTF-8"'
NEEDED = "A key is needed from elsewhere than this machine; 'sanctuary-watch keys add' makes one"
WRONG = "This key is not known, or it has been revoked"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks."""

    name: str
    """Id of the key, or the address."""
    keyed: bool = False
    """Has shown a key."""
    may_change: bool = False
    """Has shown a key that may write, in a way that no page of others can make a browser do."""


class Gate:
    """Wraps the application: lets through whoever may read and says who it is (``scope["state"]["caller"]``)."""

    def __init__(
        self, app: ASGIApp, archive: Archive, now: Clock, limiter: Limiter, trusted: Sequence[Network] = ()
    ) -> None:
        """``trusted``: networks whose addresses need no key for reading either."""
        self.app = app
        self._archive = archive
        self._now = now
        self._limiter = limiter
        self._trusted = trusted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(OPEN) or "caller" in scope.get("state", {}):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given = headers.getlist("authorization")
        address = scope["client"][0] if scope.get("client") else ""
        refusal: Response | None = None
        caller = Caller(address)
        if given:
            scheme, text = credentials(given[0] if len(given) == 1 else "")
            try:
                key = await run_in_threadpool(keys.check, self._archive, text, self._now())
            except PipelineError as error:
                refusal = _refusal(scope, problems.of(error), error.reason)
            else:
                if key is None:
                    refusal = self._wrong(scope, address)
                else:
                    caller = Caller(
                        f"key {key.id}", keyed=True, may_change=scheme == "bearer" and "write" in key.scopes
                    )
        elif not is_local(address, headers, (*self._trusted, *_PRIVATE) if scope["path"] in PROBES else self._trusted):
            refusal = _unknown(scope, NEEDED)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        scope.setdefault("state", {})["caller"] = caller
        await self.app(scope, receive, send)

    def _wrong(self, scope: Scope, address: str) -> Response:
        if wait := self._limiter.take(f"wrong keys from {address}"):
            limited = problems.problem(
                429, "Throttled", "Too many wrong keys", {"retry-after": str(math.ceil(wait))}
            )  # fmt: skip
            return _refusal(scope, limited, "Too many wrong keys")
        return _unknown(scope, WRONG)


def credentials(header: str) -> tuple[str, str]:
    """Scheme (``bearer``, ``basic`` or '') and key of an Authorization header."""
    scheme, _, rest = header.partition(" ")
    scheme, rest = scheme.lower(), rest.strip()
    if scheme == "bearer":
        return scheme, rest
    if scheme == "basic":
        try:
            return scheme, base64.b64decode(rest, validate=True).decode("utf-8").partition(":")[2]
        except ValueError:
            pass
    return "", ""


def is_local(address: str, headers: Headers, trusted: Sequence[Network] = ()) -> bool:
    """Whether a request comes from this machine itself or a trusted network, not through a server there that passes
    on what others ask."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    near = found.is_loopback or any(found in network for network in trusted)
    return near and not any(name in headers for name in FORWARDED)


def _unknown(scope: Scope, reason: str) -> Response:
    challenge = {"www-authenticate": CHALLENGE}
    return _refusal(scope, problems.problem(401, "KeyNeeded", reason, challenge), reason)


def _refusal(scope: Scope, refusal: Response, reason: str) -> Response:
    """The problem document for the API, its text for people."""
    if scope["path"].startswith(API):
        return refusal
    headers = {name: refusal.headers[name] for name in ("www-authenticate", "retry-after") if name in refusal.headers}
    return PlainTextResponse(f"{reason}.\n", refusal.status_code, {"cache-control": "no-store", **headers})
