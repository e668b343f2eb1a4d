"""What holds for every request and every answer: whom we answer, and what a browser may do with a page."""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger(__name__)

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}
"""No script runs but our own files, nothing is loaded from elsewhere, no page of others may frame ours, and no address
(it holds the query) is told to the outlets linked to. To ourselves it is, or a browser would not say of a form that it
came from here."""
PROBES = ("/healthz", "/readyz", "/metrics")
"""What machines ask by an address or the name of a service, such as a Prometheus in a container beside ours."""
SECRET_PATHS = ("/unsubscribe/", "/subscribe/confirm/", "/alerts/", "/bounces/", "/websub/")
"""Their addresses are keys: they are not logged."""


def names_of(listen: str, public_url: str) -> frozenset[str]:
    """The host names, beside loopback addresses, under which we answer."""
    given = ("localhost", _host(listen), urlsplit(public_url).hostname or "")
    return frozenset(name for name in given if name)


def is_unregistered(host: str) -> bool:
    """Whether a Host header is an address, or a name that nobody can register (``web``, ``web.internal``), as machines
    beside us use them. No page of others has such a name, so nothing can be read through a browser by it."""
    name = _host(host)
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return bool(name) and ("." not in name or name.endswith((".internal", ".local", ".localhost")))
    return True


def is_ours(host: str, names: Iterable[str]) -> bool:
    """Whether a Host header names us. A page elsewhere whose name was pointed at this machine (DNS rebinding) does
    not, and so learns nothing."""
    name = _host(host)
    if name in names:
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _host(given: str) -> str:
    """The name in ``name[:port]``, in lower case and without brackets; '' when there is none."""
    if not given or set(given) & set("@/\\?# \t"):
        return ""
    try:
        parts = urlsplit(f"//{given}")
        _ = parts.port
    except ValueError:
        return ""
    return (parts.hostname or "").rstrip(".")


class Guard:
    """Wraps the application. A request for another host gets 421; every answer gets ``HEADERS``."""

    def __init__(self, app: ASGIApp, names: frozenset[str]) -> None:
        self.app = app
        self.names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                headers.setdefault("cache-control", "no-store")
                log.debug("%s %s %s", scope["method"], _loggable(scope["path"]), message["status"])
            await send(message)

        hosts = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
        known = len(hosts) == 1 and (
            is_ours(hosts[0], self.names) or (scope["path"] in PROBES and is_unregistered(hosts[0]))
        )
        if known:
            await self.app(scope, receive, send_guarded)
        else:
            refusal = PlainTextResponse(
                "This is not an address of this monitor. Set SANCTUARY_WATCH_PUBLIC_URL to the address under which it "
                "is to answer.\n",
                421,
            )
            await refusal(scope, receive, send_guarded)


def _loggable(path: str) -> str:
    for secret in SECRET_PATHS:
        if path.startswith(secret):
            return f"{secret}…"
    return path
