"""Claiming due feeds on Redis: ``python -m benchmarks.claiming [--feeds 1000000] [--claims 200000]``.

A server of its own, with the append-only file as in production, is filled with feeds whose turns are spread over an
hour. It prints what they take in memory, by part; then an hour later feeds are claimed in batches of 500 and of 8, each
batch settled before the next, and in the same run by the plain peer: one script that reads the first of a sorted set
and gives them a later time (no hosts, no leases, no tokens, no counts). The ratio says what our rules cost.

Two thirds of the hosts have one feed; the others have more, some of them hundreds. A claim is a client's and the
server's work, one after the other: claims per second are given by the clock, and by the processor time of both, which
is what the clock shows on a machine that does nothing else. Needs the extra ``test`` (it brings the server).
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import redis

from benchmarks._harness import machine, print_table
from pipeline.feeds.note import HASH_SIZE, FeedNote
from pipeline.frontier.base import Claim, Due
from pipeline.frontier.redis import PREFIX, RedisFrontier
from pipeline.model import make_id
from tests.servers.redis import programs, running

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
LEASE = timedelta(minutes=4)
TARGET_RATE, TARGET_MEMORY = 20_000, 150.0
"""Claims a second in batches; MB for a million feeds."""
LARGE, SMALL = 500, 8
ITEMS = 30
"""Of a feed that is noted."""
PLAIN = """
local keys = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])
for _, key in ipairs(keys) do redis.call('ZADD', KEYS[1], ARGV[3], key) end
return keys
"""
PARTS = {"due:": "due set", "leased:": "leases", "thing:": "hosts and tokens", "home:": "index by host"}


@dataclass
class Rate:
    """Claims of one contender in batches of one size."""

    claims: int
    seconds: float
    """Of the clock."""
    cpu: float
    """Processor seconds of the client and of the server's main thread."""
    settling: float
    """Seconds of the clock spent on settling, apart."""


def main() -> None:
    """Prints memory by part, then claims per second of both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=1_000_000)
    parser.add_argument("--claims", type=int, default=200_000, help="in batches of 500; a tenth of it in batches of 8")
    parser.add_argument("--program", choices=sorted(programs()), default="valkey")
    options = parser.parse_args()
    print(machine())
    with (
        TemporaryDirectory() as folder,
        running(programs()[options.program], Path(folder), appendfsync="everysec") as server,
        closing(RedisFrontier(server.url)) as frontier,
        closing(server.client()) as client,
    ):
        told: dict[str, Any] = client.info("server")
        print(f"server {told.get('valkey_version') or told['redis_version']} ({options.program})")
        _fill(client, frontier, options.feeds)
        _notes(client, frontier, min(options.feeds, 20_000))
        _claiming(client, frontier, options.feeds, min(options.claims, options.feeds // 3))


def feeds(n: int) -> Iterator[Due]:
    """``n`` feeds, the same ones every time: a host has at least k feeds with a chance of k ** -1.5, at most 500."""
    dice = Random(4)
    made = host = 0
    while made < n:
        host += 1
        for _ in range(min(int((1 - dice.random()) ** (-1 / 1.5)), 500, n - made)):
            at = START + timedelta(microseconds=dice.randrange(3_600_000_000))
            yield Due(make_id("feed", str(made)), f"www.newspaper{host}.example", at)
            made += 1


# ------------------------------------------------------------------ memory
def _fill(client: redis.Redis, frontier: RedisFrontier, n: int) -> None:
    empty, began = _used(client), time.perf_counter()
    frontier.put("feed", feeds(n))
    taken = time.perf_counter() - began
    used = _used(client) - empty
    hosts = len({due.host for due in feeds(n)})
    print(f"\n{n:,} feeds of {hosts:,} hosts put in {taken:.1f} s ({n / taken:,.0f} a second)")
    rows = [[name, *_sized(size, n)] for name, size in _parts(client).items()]
    rows.append(["due set and leases, all", *_sized(used, n)])
    target = f"target for a million feeds: under {TARGET_MEMORY:.0f} MB"
    print_table(["memory", "MB", "bytes a feed"], rows)
    print(target)


def _parts(client: redis.Redis) -> dict[str, int]:
    """Bytes by part, as the server counts them for its keys; the table of all keys' names comes on top."""
    sizes = dict.fromkeys(PARTS.values(), 0)
    for keys in _batches(client.scan_iter(match=f"{PREFIX}*", count=1000), 1000):
        asking = client.pipeline(transaction=False)
        for key in keys:
            asking.memory_usage(key, samples=200)
        for key, size in zip(keys, asking.execute(), strict=True):
            for start, name in PARTS.items():
                if key.decode().startswith(PREFIX + start):
                    sizes[name] += size or 0
    return sizes


def _notes(client: redis.Redis, frontier: RedisFrontier, n: int) -> None:
    """What a feed's note takes, without and with the hashes of its items; measured on ``n`` feeds."""
    dice = Random(5)
    rows = []
    for name, items in (("validators and health", 0), (f"and the hashes of {ITEMS} items", ITEMS)):
        empty = _used(client)
        for due in islice(feeds(n), n):
            hashes = tuple(f"{dice.getrandbits(64):0{HASH_SIZE}x}" for _ in range(items))
            note = FeedNote(
                etag=f'"{dice.getrandbits(64):x}"', last_modified="Sun, 01 Mar 2026 11:14:02 GMT",
                body_hash=f"{dice.getrandbits(64):016x}", hashes=hashes, interval=1800.0, polls=400, due=due.at,
                last_poll=START, last_success=START, last_new=START, last_full=START, title="The Daily Newspaper",
                items_per_week=40.123456789012, usual_per_week=38.123456789012, counted_since=START, habit=9000.0,
            )  # fmt: skip
            frontier.set_note("sample", due.key, note.to_bytes())
        rows.append([name, *_sized(_used(client) - empty, n)])
        client.delete(f"{PREFIX}note:sample")
    print(f"\nnotes, measured on {n:,} feeds")
    print_table(["apart from the due set", "MB", "bytes a feed"], rows)


def _used(client: redis.Redis) -> int:
    told: dict[str, Any] = client.info("memory")
    # Not what waits to be written to clients or to the append-only file.
    return int(told["used_memory_dataset"]) + int(told.get("mem_overhead_db_hashtable_rehashing", 0)) + _names(client)


def _names(client: redis.Redis) -> int:
    """Bytes of the table of all keys."""
    stats: dict[str, Any] = client.memory_stats()
    tables = stats.get("db.0") or {}
    if isinstance(tables, list):
        tables = dict(zip(tables[::2], tables[1::2], strict=True))
    return sum(int(size) for size in tables.values())


def _sized(size: int, n: int) -> tuple[str, str]:
    return f"{size / 1e6:.1f}", f"{size / n:.0f}"


# ------------------------------------------------------------------ speed
def _claiming(client: redis.Redis, frontier: RedisFrontier, n: int, claims: int) -> None:
    now = START + HOUR
    for some in _batches(feeds(n), 1000):
        client.zadd("plain", {due.key: int(due.at.timestamp() * 1e6) for due in some})
    script = client.register_script(PLAIN)
    far = int((now + 2 * HOUR).timestamp() * 1e6)

    def plain(size: int) -> list[Any]:
        found: list[Any] = script(["plain"], [int(now.timestamp() * 1e6), size, far])
        return found

    def ours(size: int) -> list[Claim]:
        return frontier.claim("feed", size, LEASE, now)

    def settle(found: list[Claim]) -> None:
        for claim in found:
            frontier.settle(claim, now + HOUR)

    rows = []
    for size, wanted in ((LARGE, claims), (SMALL, claims // 10)):
        rate, peer = _rate(client, ours, settle, size, wanted), _rate(client, plain, lambda _: None, size, wanted)
        figures = [
            rate.claims / rate.seconds,
            rate.claims / rate.cpu,
            peer.claims / peer.seconds,
            peer.claims / peer.cpu,
        ]
        ratio = figures[1] / figures[3]
        settled = f"{rate.claims / rate.settling:,.0f}"
        rows.append([f"{size}", *(f"{figure:,.0f}" for figure in figures), f"{ratio:.2f}", settled])
    print()
    print_table(
        ["claims in batches of", "by clock", "by CPU", "peer by clock", "by CPU", "CPU ratio", "settled, one by one"],
        rows,
    )
    print(f"target in large batches: {TARGET_RATE:,} claims/s")

    began = time.perf_counter()
    backlog = frontier.backlog(now)
    print(f"\nbacklog: {backlog.due_feeds:,} due, in {(time.perf_counter() - began) * 1e3:.2f} ms")
    empty = _used(client)
    held = sum(len(ours(LARGE)) for _ in range(20))
    print(f"a live lease takes {(_used(client) - empty) / max(held, 1):.0f} bytes more ({held:,} leases)")
    client.slowlog_reset()
    began = time.perf_counter()
    frontier.clear()
    print(f"cleared in {time.perf_counter() - began:.1f} s, longest command {_longest(client) * 1e3:.0f} ms")


def _rate(
    client: redis.Redis, claim: Callable[[int], list[Any]], settle: Callable[[Any], None], size: int, wanted: int
) -> Rate:
    rate = Rate(0, 0.0, 0.0, 0.0)
    while rate.claims < wanted:
        spent, began = _spent(client), time.perf_counter()
        found = claim(size)
        claimed = time.perf_counter()
        rate.cpu += _spent(client) - spent
        before = time.perf_counter()
        settle(found)
        rate.seconds += claimed - began
        rate.settling += time.perf_counter() - before
        if not found:
            raise SystemExit(f"nothing more to claim after {rate.claims:,}")
        rate.claims += len(found)
    return rate


def _spent(client: redis.Redis) -> float:
    """Processor seconds of this process and of the server's main thread."""
    told: dict[str, Any] = client.info("cpu")
    server = told["used_cpu_sys_main_thread"] + told["used_cpu_user_main_thread"]
    return time.process_time() + float(server)


def _longest(client: redis.Redis) -> float:
    """Seconds of the slowest command so far, as the server's slow log has it."""
    entries: list[dict[str, Any]] = client.slowlog_get(1000)
    return max((entry["duration"] / 1e6 for entry in entries), default=0.0)


def _batches(items: Any, n: int) -> Iterator[tuple[Any, ...]]:
    iterator = iter(items)
    while some := tuple(islice(iterator, n)):
        yield some


if __name__ == "__main__":
    main()
