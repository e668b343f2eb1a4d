"""Bodies as servers send them, decoded within bounds: a compressed bomb costs the cap and not more. Pure."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence

from pipeline.errors import TooBig, Unreachable

PIECES_CAP = 50_000
"""Body pieces (chunks) of one response: about a second of parsing. One-byte chunks cost far more time than bytes."""
MEMBERS_CAP = 100
"""Concatenated gzip members of one body."""


def decode(pieces: Iterable[bytes], codings: Sequence[str], cap: int, cut: bool) -> bytes:
    """The decoded body. Raises TooBig beyond ``cap`` (unless ``cut``) and for stacked encodings, Unreachable for an
    encoding that was not asked for or data that is not what it claims."""
    if len(codings) > 1:
        raise TooBig(f"stacked encodings: {', '.join(codings)[:100]}")
    if not codings:
        unpack = None
    elif codings[0] in ("gzip", "x-gzip"):
        unpack = _Inflater(gzip=True)
    elif codings[0] == "deflate":
        unpack = _Inflater(gzip=False)
    else:
        raise Unreachable(f"the body is encoded as {codings[0][:40]!r}, which was not asked for")
    body = bytearray()
    for count, piece in enumerate(pieces):
        body += piece if unpack is None else unpack.feed(piece, cap + 1 - len(body))
        if len(body) > cap:
            if cut:
                return bytes(body[:cap])
            raise TooBig(f"the body is longer than {cap} bytes")
        if count == PIECES_CAP:
            raise TooBig(f"the body comes in more than {PIECES_CAP} pieces")
    if unpack is not None and not unpack.complete:
        raise Unreachable("the compressed body ends early")
    return bytes(body)


class _Inflater:
    """Inflates piece by piece. gzip bodies may consist of several members; what follows the last is ignored."""

    def __init__(self, *, gzip: bool) -> None:
        self._bits = 16 + zlib.MAX_WBITS if gzip else 0
        self._engine = zlib.decompressobj(self._bits) if gzip else None
        self._members = 1
        self._idle = True

    @property
    def complete(self) -> bool:
        """Whether the data so far is whole; an empty body is."""
        return self._idle or (self._engine is not None and self._engine.eof)

    def feed(self, data: bytes, room: int) -> bytes:
        """What ``data`` adds, at most ``room`` (> 0) bytes: when it is as many, there may be more."""
        out = b""
        while data and len(out) < room:
            if self._engine is None:
                # "deflate" should have zlib's header; some servers send the bare stream (RFC 9110, 8.4.1.2).
                wrapped = data[0] & 0x0F == 8
                self._engine = zlib.decompressobj(zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS)
            if self._engine.eof:
                if not self._bits or data[:1] != b"\x1f":
                    break
                self._members += 1
                if self._members > MEMBERS_CAP:
                    raise TooBig(f"the body has more than {MEMBERS_CAP} gzip members")
                self._engine = zlib.decompressobj(self._bits)
            self._idle = False
            try:
                out += self._engine.decompress(data, room - len(out))
            except zlib.error as error:
                raise Unreachable(f"the compressed body cannot be read: {error}") from error
            data = self._engine.unused_data
        return out
