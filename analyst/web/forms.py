"""Reading what a form sends."""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable
from urllib.parse import parse_qs

from starlette.exceptions import HTTPException
from starlette.requests import Request

LONGEST = 20_000
"""Bytes."""


async def fields(request: Request, names: Iterable[str]) -> dict[str, str]:
    """The first value of each field, '' where it is missing. Raises ``HTTPException``."""
    stream: AsyncIterable[bytes] = request.stream()
    body = b""
    async for piece in stream:
        body += piece
        if len(body) > LONGEST:
            raise HTTPException(413, "That is too much.")
    try:
        given = parse_qs(body.decode("utf-8"), max_num_fields=60)
    except ValueError:
        raise HTTPException(400, "This form cannot be read.") from None
    return {name: given.get(name, [""])[0] for name in names}
