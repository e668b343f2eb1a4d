"""Reading what a form sends."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Collection, Iterable
from urllib.parse import parse_qs

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

LONGEST = 20_000
"""Bytes."""
DRAINED = 64_000_000
"""Of what is too long so much is read and thrown away: a browser shows an answer only to what it has sent."""


async def body(request: Request, longest: int = LONGEST) -> bytes:
    """What was sent, of at most ``longest`` bytes. Raises ``HTTPException`` 413."""
    stream: AsyncIterable[bytes] = request.stream()
    sent, length = bytearray(), 0
    async for piece in stream:
        length += len(piece)
        if length <= longest:
            sent += piece
        elif length > DRAINED:
            break
    if length > longest:
        raise HTTPException(413, "That is too much.")
    return bytes(sent)


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


async def uploaded(request: Request, names: Collection[str], longest: int) -> dict[str, bytes]:
    """What a form with a file holds (``multipart/form-data``) of at most ``longest`` bytes in all: each field, or file,
    as bytes, b"" where it is missing. Raises ``HTTPException``."""
    sent = await body(request, longest)

    async def once() -> AsyncGenerator[bytes, None]:
        yield sent

    try:
        form = await MultiPartParser(
            request.headers, once(), max_files=len(names), max_fields=len(names), max_part_size=longest
        ).parse()
    except (MultiPartException, ValueError, KeyError):
        raise HTTPException(400, "This form cannot be read.") from None
    try:
        given = {name: form.get(name) for name in names}
        return {
            name: await value.read() if isinstance(value, UploadFile) else (value or "").encode()
            for name, value in given.items()
        }
    finally:
        await form.close()
