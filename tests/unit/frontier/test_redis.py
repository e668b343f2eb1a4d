"""What only the frontier in Redis promises: which servers it takes, what it says of them, and that it behaves as the
one in SQLite whatever comes in which order. Every server is a real one, but for those that are no Redis."""

from __future__ import annotations

import random
import socket
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.errors import Unavailable, UserError
from pipeline.frontier import open_frontier
from pipeline.frontier.base import Claim, Due, DueKind, Frontier
from pipeline.frontier.redis import PREFIX, RedisFrontier, _packed, _unpacked
from tests.servers.redis import RedisProcess, programs, running
from tests.unit.servers import serving

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LEASE = timedelta(minutes=2)
SECOND = timedelta(seconds=1)


@pytest.fixture(scope="module", params=sorted(programs()))
def program(request: pytest.FixtureRequest) -> Path:
    return programs()[request.param]


@pytest.fixture(scope="module")
def shared(program: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisProcess]:
    with running(program, tmp_path_factory.mktemp("redis"), appendfsync="no") as server:
        yield server


@pytest.fixture
def server(shared: RedisProcess) -> Iterator[RedisProcess]:
    """The module's server, empty and as it was started."""
    with shared.client() as client:
        before = client.config_get("*")
        client.flushall()
        yield shared
        client.replicaof("NO", "ONE")
        for name in ("maxmemory", "maxmemory-policy", "appendonly"):
            client.config_set(name, before[name])


# ------------------------------------------------------------------ the same as SQLite
@pytest.mark.parametrize("seed", range(12))
def test_it_behaves_as_the_frontier_in_sqlite(server: RedisProcess, tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    with (
        closing(open_frontier(server.url)) as redis,
        closing(open_frontier(f"sqlite:///{tmp_path / 'f.sqlite3'}")) as sqlite,
    ):
        walk = Walk(dice, (redis, sqlite))
        for _ in range(10):
            for _ in range(20):
                walk.step()
            walk.compare_all()


class Walk:
    """Does the same at random to two frontiers, and compares what they answer."""

    def __init__(self, dice: random.Random, both: tuple[Frontier, Frontier]) -> None:
        self.dice = dice
        self.both = both
        self.now = NOW
        self.pairs: list[tuple[Claim, Claim]] = []

    def step(self) -> None:
        act = self.dice.choice([self.put, self.claim, self.claim, self.settle, self.settle, self.settle, self.host])
        act(self.dice.choice(("feed", "entry")))
        self.now += timedelta(milliseconds=self.dice.choice((0, 1, 700, 5_000, 90_000)))
        self.compare()

    def some_time(self) -> datetime:
        return self.now + timedelta(microseconds=self.dice.randrange(-60_000_000, 60_000_000))

    def some_host(self) -> str:
        return f"h{min(int(self.dice.expovariate(0.5)), 9)}.example"

    def put(self, kind: DueKind) -> None:
        dues = [
            Due(f"{self.dice.randrange(40):024x}", self.some_host(), self.some_time())
            for _ in range(self.dice.randrange(12))
        ]
        for frontier in self.both:
            frontier.put(kind, dues)
        if self.dice.random() < 0.2:
            keys = [f"{self.dice.randrange(40):024x}" for _ in range(3)]
            for frontier in self.both:
                frontier.drop(kind, keys)

    def claim(self, kind: DueKind) -> None:
        # All of it: of two that came due at the same instant either may be first.
        ours, theirs = (frontier.claim(kind, 50, LEASE, self.now) for frontier in self.both)
        assert [(c.key, c.host, c.deaths, c.note) for c in ours] == [(c.key, c.host, c.deaths, c.note) for c in theirs]
        self.pairs += zip(ours, theirs, strict=True)
        for pair in self.pairs:
            if self.dice.random() < 0.2:
                for frontier, claim in zip(self.both, pair, strict=True):
                    frontier.begin(claim)

    def settle(self, _kind: DueKind) -> None:
        if not self.pairs:
            return
        pair = self.dice.choice(self.pairs[-20:])
        again = self.dice.choice((None, self.some_time()))
        note = self.dice.choice((None, b"", b"note"))
        ours, theirs = (frontier.settle(claim, again, note) for frontier, claim in zip(self.both, pair, strict=True))
        assert ours == theirs

    def host(self, _kind: DueKind) -> None:
        host, gap = self.some_host(), timedelta(seconds=self.dice.choice((0, 5)))
        if self.dice.random() < 0.3:
            until = self.some_time()
            for frontier in self.both:
                frontier.hold(host, until)
        ours, theirs = (frontier.turn(host, self.now, gap) for frontier in self.both)
        assert ours == theirs

    def compare(self) -> None:
        ours, theirs = (frontier.backlog(self.now) for frontier in self.both)
        counts = ("feeds", "due_feeds", "entries", "due_entries", "leased")
        assert [getattr(ours, name) for name in counts] == [getattr(theirs, name) for name in counts]
        if not (ours.due_feeds or ours.due_entries):
            assert ours.next_at == theirs.next_at

    def compare_all(self) -> None:
        for kind in ("feed", "entry"):
            assert self.both[0].dues(kind) == self.both[1].dues(kind)
            assert {k: v for k, v in self.both[1].notes(kind).items() if v} == self.both[0].notes(kind)


# ------------------------------------------------------------------ copies
def test_old_articles_leave_nothing_behind(server: RedisProcess) -> None:
    with closing(open_frontier(server.url)) as frontier, server.client() as client:
        frontier.post("old", "h.example", range(50), NOW - 40 * LEASE)
        frontier.post("old", "h.example", range(20, 80), NOW)
        frontier.printed("h.example", "old", [1, 2, 3])
        frontier.forget(datetime.now(UTC) + SECOND)
        assert sorted(client.keys()) == sorted(f"{PREFIX}{room}:last".encode() for room in ("posts", "sentences"))


def test_a_host_of_many_things_is_held_as_a_whole(server: RedisProcess) -> None:
    with closing(open_frontier(server.url)) as frontier, server.client() as client:
        frontier.put("entry", [Due(f"{i:024x}", "large.example", NOW) for i in range(200)])
        frontier.put("entry", [Due("x", "other.example", NOW)])
        frontier.hold("large.example", NOW + LEASE)
        assert frontier.backlog(NOW).due_entries == 1
        frontier.drop("entry", [f"{i:024x}" for i in range(150)])
        assert frontier.backlog(NOW + LEASE).due_entries == 51
        frontier.drop("entry", [*(f"{i:024x}" for i in range(150, 200)), "x"])
        assert client.keys() == [f"{PREFIX}count".encode()]


@pytest.mark.parametrize("key", ["a", "00ff" * 6, "00FF" * 6, "abc", "\x00ab", "\x01", "é" * 9, "https://a.example"])
def test_keys_come_back_as_they_were(key: str) -> None:
    assert _unpacked(_packed(key)) == key


# ------------------------------------------------------------------ a server shared with others
def test_clearing_leaves_the_keys_of_others(server: RedisProcess) -> None:
    with closing(open_frontier(server.url)) as frontier, server.client() as client:
        client.set("celery", "a message")
        frontier.put("feed", [Due(f"f{i}", f"h{i}.example", NOW) for i in range(1000)])
        frontier.post("a", "h.example", [1, 2], NOW)
        frontier.set_filled()
        frontier.clear()
        assert client.keys() == [b"celery"]


def test_scripts_are_loaded_again_when_the_server_forgot_them(server: RedisProcess) -> None:
    with closing(open_frontier(server.url)) as frontier, server.client() as client:
        frontier.put("feed", [Due("a", "a.example", NOW)])
        client.script_flush()
        frontier.put("feed", [Due("b", "b.example", NOW)])
        assert len(frontier.claim("feed", 9, LEASE, NOW)) == 2


# ------------------------------------------------------------------ servers that cannot serve
def test_what_an_operator_should_know(server: RedisProcess) -> None:
    with closing(open_frontier(server.url)) as frontier, server.client() as client:
        assert frontier.health() == ""
        client.config_set("maxmemory-policy", "allkeys-lru")
        assert "it should be noeviction" in frontier.health()
        client.config_set("appendonly", "no")
        assert frontier.health().startswith(f"Redis at 127.0.0.1:{server.port} may throw keys away")
        assert "appendonly no" in frontier.health()


def test_no_memory_left(server: RedisProcess) -> None:
    with closing(open_frontier(server.url)) as frontier, server.client() as client:
        frontier.put("feed", [Due("a", "a.example", NOW)])
        (claim,) = frontier.claim("feed", 1, LEASE, NOW)
        client.config_set("maxmemory", 1)
        with pytest.raises(Unavailable, match="no memory left"):
            frontier.put("feed", [Due("b", "b.example", NOW)])
        with pytest.raises(Unavailable, match="no memory left"):
            frontier.set_note("feed", "b", b"note")
        assert frontier.backlog(NOW).feeds == 1
        client.config_set("maxmemory", 0)
        assert frontier.settle(claim, NOW)


def test_a_replica_takes_no_changes(server: RedisProcess) -> None:
    with closing(open_frontier(server.url)) as frontier, server.client() as client:
        client.replicaof("127.0.0.1", "1")
        with pytest.raises(Unavailable, match="replica"):
            frontier.put("feed", [Due("a", "a.example", NOW)])


def test_a_wrong_password_is_said_and_never_shown(program: Path, tmp_path: Path) -> None:
    with running(program, tmp_path / "r", requirepass="right/secret") as server:
        place = f"127.0.0.1:{server.port}"
        with pytest.raises(UserError, match=f"Redis at {place} does not take") as caught:
            open_frontier(f"redis://:wrongsecret@{place}/0")
        assert "wrongsecret" not in str(caught.value)
        with pytest.raises(UserError, match="does not take"):
            open_frontier(f"redis://{place}/0")
        with closing(open_frontier(f"redis://:right%2Fsecret@{place}/0")) as frontier, server.client() as client:
            assert not frontier.filled()
            client.config_set("requirepass", "changed")
            client.client_kill_filter(skipme=True)
            with pytest.raises(Unavailable, match="does not take") as lost:
                frontier.filled()
            assert "secret" not in str(lost.value)


def test_a_server_that_is_loading_is_waited_for(program: Path, tmp_path: Path) -> None:
    with running(program, tmp_path / "r", appendonly="no") as server:
        with server.client() as client:
            client.mset({f"key{i}": "x" * 100 for i in range(4000)})
            client.save()
        server.kill()
        server.settings |= {"key-load-delay": "1000", "loading-process-events-interval-bytes": "1024"}
        server.start(wait=False)
        reasons: list[str] = []
        while not reasons or "cannot be reached" in reasons[-1]:  # until it listens
            with pytest.raises(Unavailable) as caught:
                open_frontier(server.url)
            reasons.append(caught.value.reason)
        assert "still loading" in reasons[-1]


def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(Unavailable, match=f"Redis at 127.0.0.1:{port} cannot be reached"):
        open_frontier(f"redis://user:secret@127.0.0.1:{port}/0")


def test_no_such_database(server: RedisProcess) -> None:
    with pytest.raises(UserError, match="no such database"):
        open_frontier(f"redis://127.0.0.1:{server.port}/99")


def test_what_is_no_redis() -> None:
    def speak(sock: socket.socket) -> None:
        while sock.recv(4096):
            sock.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with serving(raw=speak) as other, pytest.raises(UserError, match="is no Redis"):
        RedisFrontier(f"redis://127.0.0.1:{other.port}/0", timeout=2)


def test_one_that_is_too_old() -> None:
    def speak(sock: socket.socket) -> None:
        while asked := sock.recv(4096):
            sock.sendall(b"+OK\r\n" * asked.count(b"SETINFO"))
            sock.sendall(b"+PONG\r\n" * asked.count(b"PING"))
            if b"INFO\r\n$6\r\nserver" in asked:
                sock.sendall(b"$22\r\nredis_version:5.0.14\r\n\r\n")

    with serving(raw=speak) as other, pytest.raises(UserError, match=r"is 5\.0\.14; at least 7\.0 is needed"):
        RedisFrontier(f"redis://127.0.0.1:{other.port}/0", timeout=2)


@pytest.mark.parametrize(
    "url", ["redis://h:port/0", "redis://u:secret@h/0?socket_timeout=x", "redis://u:secret@h:99999/0"]
)
def test_a_url_that_cannot_be_used(url: str) -> None:
    with pytest.raises(UserError) as caught:
        open_frontier(url)
    assert "secret" not in str(caught.value)
