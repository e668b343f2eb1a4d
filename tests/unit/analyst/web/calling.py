"""Asks an ASGI application one question, without a server and without a client library."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit

from starlette.types import ASGIApp, Message


@dataclass
class Answer:
    """What came back."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    pieces: list[bytes] = field(default_factory=list)
    """As they were sent."""
    error: Exception | None = None
    """What the application raised after it had answered."""

    @property
    def body(self) -> bytes:
        return b"".join(self.pieces)

    @property
    def text(self) -> str:
        return self.body.decode()


def call(
    app: ASGIApp,
    path: str,
    *,
    method: str = "GET",
    host: str | None = "127.0.0.1:8050",
    body: bytes = b"",
    headers: dict[str, str] | None = None,
    parameters: Mapping[str, str] = MappingProxyType({}),
    client: str = "127.0.0.1",
    into: Answer | None = None,
) -> Answer:
    """The answer to a request for a path with query parameters, filled into ``into`` as it comes. Raises what the
    application raises unanswered."""
    parts = urlsplit(path)
    query = "&".join(filter(None, (parts.query, urlencode(parameters))))
    given = {**({"host": host} if host is not None else {}), **(headers or {})}
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(parts.path),
        "raw_path": parts.path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in given.items()],
        "client": (client, 50_000),
        "server": ("127.0.0.1", 8050),
    }
    answer = into or Answer()
    sent = False

    async def receive() -> Message:
        nonlocal sent
        if sent:  # whoever asks again waits for the client to go away, which it does not
            await asyncio.Event().wait()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = {name.decode(): value.decode("latin-1") for name, value in message["headers"]}
        else:
            answer.pieces.append(message.get("body", b"") if method != "HEAD" else b"")  # as servers do

    async def ask() -> None:
        await app(scope, receive, send)

    try:
        asyncio.run(ask())
    except Exception as error:
        if not answer.status:
            raise
        answer.error = error
    return answer
