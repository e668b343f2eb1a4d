"""Reading what a form sends."""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable
from urllib.parse import parse_qs

from starlette.exceptions import HTTPException
from starlette.requests import Request

LONGEST = 20_000
"""Bytes."""


async def body(request: Request, longest: int = LONGEST) -> bytes:
    """What was sent, of at most ``longest`` bytes. Raises ``HTTPException`` 413."""
    stream: AsyncIterable[bytes] = request.stream()
    sent = b""
    async for piece in stream:
        sent += piece
        if len(sent) > longest:
            raise HTTPException(413, "That is too much.")
    return sent


def parsed(sent: bytes) -> dict[str, list[str]]:
    """All values of each field that has one. Raises ``HTTPException`` 400."""
    try:
        return parse_qs(sent.decode("utf-8"), max_num_fields=60)
    except ValueError:
        raise HTTPException(400, "This form cannot be read.") from None


async def fields(request: Request, names: Iterable[str]) -> dict[str, str]:
    """The first value of each field, '' where it is missing. Raises ``HTTPException``."""
    given = parsed(await body(request))
    return {name: given.get(name, [""])[0] for name in names}
