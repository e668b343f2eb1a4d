"""Answers as gzip for whoever takes it, each piece of a streamed one as soon as it is made.

What is compressed can be guessed at by its length, where a page holds a secret beside what a stranger put into its
address (BREACH). Pages hold one secret, the token of a form, and that is another one in each answer (see
``session.form_token``). Addresses that are keys themselves are answered as they are.
"""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from analyst.api.wanted import takes_gzip
from analyst.web.guard import SECRET_PATHS

SMALLEST = 1_000
"""Bytes of an answer that is compressed when it comes in one piece: less fits into one packet as it is."""
LEVEL = 6
"""Level 9 takes twice the time for one part in a hundred."""


class Squeeze:
    """Wraps the application. Starlette's middleware ends each piece so that it can be read before the next is there,
    and compresses long ones in a thread; it does not look at qualities (``gzip;q=0``)."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._gzip = GZipMiddleware(app, SMALLEST, LEVEL)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(SECRET_PATHS):
            await self.app(scope, receive, send)
            return
        if not takes_gzip(Headers(scope=scope).getlist("accept-encoding")):
            others = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
            scope = {**scope, "headers": others}  # or it would be taken for a yes
        await self._gzip(scope, receive, send)
