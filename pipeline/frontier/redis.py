"""The frontier in Redis, for any number of machines. One Lua script a step; ``lua/common.lua`` says what is kept.

Instants go to the server as whole microseconds, which a sorted set's doubles hold exactly; it is never asked for the
time. What stands under several keys is changed by scripts alone, and every script may run twice.

The server may lose everything at any moment. A mark says that the archive has filled it; the mark is lost with the
rest. Whoever has seen it once claims nothing while it is missing, and a refill during which the data was lost again
leaves no mark. Tokens begin at the time of the claim, so that they grow over any loss.
"""

from __future__ import annotations

import struct
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from itertools import islice
from typing import Any
from uuid import uuid4

from pipeline.errors import Unavailable, UserError
from pipeline.frontier.base import PER_HOST, Backlog, Claim, Due, DueKind, Neighbour
from pipeline.frontier.redis_server import RedisServer

PREFIX = "sanctuary-watch:frontier:"
"""Of all our keys: broker and frontier may share a server."""
TIMEOUT = 10.0
"""Seconds that an answer may take: the longest step takes some hundredths, a busy server some tenths."""
CONNECT_TIMEOUT = 5.0
POSTINGS = 20
"""Articles kept per fingerprint."""
PRINTED = 2
"""A sentence that so many other articles of the host hold is the host's boilerplate."""
BATCH = 500
"""Things per script: a few milliseconds of the server."""
WALK = 5_000
"""Things that one script looks at: some ten milliseconds of the server."""
BUCKETS = 16_384
"""Of things, as in ``lua/common.lua``."""
HASHES = 30_000
"""One article cannot have more."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class RedisFrontier:
    """See ``base.Frontier``. Safe to share between threads; one is enough for a process."""

    def __init__(self, url: str, *, timeout: float = TIMEOUT, connect_timeout: float = CONNECT_TIMEOUT) -> None:
        """Connects to ``redis://`` or ``rediss://[user:password@]host[:port][/database]``; the limits are seconds.
        Raises as ``RedisServer``."""
        self._server = RedisServer(url, PREFIX, timeout=timeout, connect_timeout=connect_timeout)
        self._client: Any = self._server.client
        self._seen = ""
        """The mark of the filling that this process saw last; '' as long as it saw none."""
        self._refilling = threading.local()

    # ------------------------------------------------------------------ due things
    def put(self, kind: DueKind, dues: Iterable[Due]) -> None:
        for some in _batches(dues, BATCH):
            self._server.run("put", kind, *(part for d in some for part in (_packed(d.key), d.host, _micros(d.at))))

    def drop(self, kind: DueKind, keys: Iterable[str]) -> None:
        for some in _batches(keys, BATCH):
            self._server.run("drop", kind, *map(_packed, some))

    def claim(self, kind: DueKind, n: int, lease: timedelta, now: datetime) -> list[Claim]:
        at, until = _micros(now), _micros(now + lease)
        while True:
            filled, more, *fields = self._server.run("claim", kind, n, until, at, PER_HOST, self._seen, WALK)
            self._see(filled)
            found = [
                (int(due), Claim(kind, _unpacked(key), host.decode(), int(token, 16), int(deaths), note))
                for key, host, token, deaths, due, note in zip(*[iter(fields)] * 6, strict=True)
            ]
            if found or not more:
                break
        found.sort(key=lambda pair: (pair[0], pair[1].key))
        return [claim for _, claim in found]

    def begin(self, claim: Claim) -> None:
        self._server.run("begin", claim.kind, _packed(claim.key), f"{claim.token:x}")

    def settle(self, claim: Claim, again_at: datetime | None, note: bytes | None = None) -> bool:
        again = "" if again_at is None else _micros(again_at)
        kept = () if note is None else (note,)
        return bool(self._server.run("settle", claim.kind, _packed(claim.key), f"{claim.token:x}", again, *kept))

    def dues(self, kind: DueKind) -> dict[str, datetime]:
        found: dict[str, datetime] = {}
        for first in range(0, BUCKETS, WALK // 10):
            fields = self._server.run("dues", kind, first, first + WALK // 10 - 1)
            found |= {_unpacked(key): _instant(at) for key, at in zip(*[iter(fields)] * 2, strict=True)}
        return found

    # ------------------------------------------------------------------ notes
    def note(self, kind: str, key: str) -> bytes:
        with self._server.answering():
            note: bytes | None = self._client.hget(f"{PREFIX}note:{kind}", _packed(key))
        return note or b""

    def notes(self, kind: str) -> dict[str, bytes]:
        with self._server.answering():
            return {_unpacked(key): note for key, note in self._client.hscan_iter(f"{PREFIX}note:{kind}", count=BATCH)}

    def set_note(self, kind: str, key: str, note: bytes) -> None:
        with self._server.answering():
            if note:
                self._client.hset(f"{PREFIX}note:{kind}", _packed(key), note)
            else:
                self._client.hdel(f"{PREFIX}note:{kind}", _packed(key))

    # ------------------------------------------------------------------ hosts
    def turn(self, host: str, now: datetime, gap: timedelta) -> datetime:
        return _instant(self._server.run("turn", host, _micros(now), gap // _MICROSECOND))

    def hold(self, host: str, until: datetime) -> None:
        self._server.run("hold", host, _micros(until))

    # ------------------------------------------------------------------ copies
    def printed(self, host: str, article: str, sentences: Sequence[int]) -> set[int]:
        distinct = list(dict.fromkeys(sentences))
        if not distinct:
            return set()
        # One room for all hosts: a host's sentences are hashed with its name.
        salt = int.from_bytes(blake2b(host.encode(), digest_size=8).digest()) >> 1
        prints = _prints([sentence ^ salt for sentence in distinct])
        # One more than PRINTED: the article itself may be among them.
        mine, lists, _ = self._server.run(
            "remember", "sentences", PRINTED + 1, f"{host} {article}", "", _micros(datetime.now(UTC)), prints, "", 0
        )
        return {
            sentence
            for sentence, numbers in zip(distinct, lists, strict=True)
            if sum(number != mine for number in _numbers(numbers)) >= PRINTED
        }

    def post(self, article: str, host: str, fingerprints: Sequence[int], at: datetime) -> list[Neighbour]:
        distinct = list(dict.fromkeys(fingerprints))
        if not distinct:
            return []
        # Who refills posts into a frontier that is not filled; nobody else may miss the copies that were lost.
        seen = "" if self._mark() else self._seen
        answer = self._server.run("remember", "posts", POSTINGS, article, host, _micros(at), _prints(distinct), seen, 1)
        if answer is None:
            raise Unavailable("the frontier has lost its data and waits to be refilled from the archive")
        _, lists, found = answer
        overlaps = Counter(number for numbers in lists for number in _numbers(numbers))
        neighbours = [
            Neighbour(other.decode(), home.decode(), overlaps[number], int(size)) for number, size, other, home in found
        ]
        return sorted(neighbours, key=lambda neighbour: (-neighbour.overlap, neighbour.article))

    def forget(self, before: datetime) -> None:
        for room in ("posts", "sentences"):
            while self._server.run("forget", room, _micros(before), BATCH // 10):
                pass

    # ------------------------------------------------------------------ the whole
    def filled(self) -> bool:
        filled, refilling = self._server.run("filled", uuid4().hex)
        self._refilling.mark = refilling
        self._see(filled)
        return bool(filled)

    def set_filled(self) -> None:
        """Leaves no mark when the data was lost since this thread asked ``filled``: then it must be filled anew."""
        self._see(self._server.run("set_filled", self._mark(), uuid4().hex))
        self._refilling.mark = b""

    def _mark(self) -> bytes:
        """Under which this thread refills; b'' when it does not."""
        mark: bytes = getattr(self._refilling, "mark", b"")
        return mark

    def _see(self, filled: bytes) -> None:
        if filled:
            self._seen = filled.decode()

    def backlog(self, now: datetime) -> Backlog:
        counts: list[Any] = []
        while not counts:  # many leases and holds that are over are ended some at a time
            _, *counts = self._server.run("backlog", _micros(now), WALK)
        feeds, due_feeds, entries, due_entries, leased, next_at = counts
        return Backlog(
            feeds=feeds,
            due_feeds=due_feeds,
            due_entries=due_entries,
            entries=entries,
            leased=leased,
            next_at=_instant(next_at) if next_at else None,
        )

    def health(self) -> str:
        return self._server.health()

    def clear(self) -> None:
        self._server.run("clear")
        with self._server.answering():
            for some in _batches(self._client.scan_iter(match=f"{PREFIX}*", count=BATCH), BATCH):
                self._client.unlink(*some)
            # What was refilled meanwhile has lost a part again.
            self._client.delete(f"{PREFIX}filled", f"{PREFIX}refilling")

    def close(self) -> None:
        self._server.close()


def _micros(at: datetime) -> int:
    return (at - _EPOCH) // _MICROSECOND


def _instant(micros: bytes) -> datetime:
    return _EPOCH + timedelta(microseconds=int(micros))


def _packed(key: str) -> bytes:
    """A key as it is kept: ids, which are hexadecimal, in half their length."""
    if len(key) >= 16 and len(key) % 2 == 0 and set(key) <= _HEXADECIMAL:
        return b"\x00" + bytes.fromhex(key)
    return b"\x01" + key.encode() if key[:1] in ("\x00", "\x01") else key.encode()


def _unpacked(kept: bytes) -> str:
    if kept[:1] == b"\x00":
        return kept[1:].hex()
    return kept.removeprefix(b"\x01").decode()


_HEXADECIMAL = frozenset("0123456789abcdef")


def _prints(hashes: Sequence[int]) -> bytes:
    if len(hashes) > HASHES:
        raise UserError("more hashes than one article can have")
    return struct.pack(f">{len(hashes)}Q", *hashes)


def _numbers(kept: bytes) -> list[bytes]:
    return kept.split(b",") if kept else []


def _batches(items: Iterable[Any], n: int) -> Iterator[tuple[Any, ...]]:
    iterator = iter(items)
    while some := tuple(islice(iterator, n)):
        yield some
