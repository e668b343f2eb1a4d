"""The frontier in a real Redis that is killed, loses its data, or stops answering."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config.settings import Settings
from pipeline import flow
from pipeline.errors import Unavailable
from pipeline.feeds.opml import FeedLine
from pipeline.frontier import open_frontier
from pipeline.frontier.base import Due
from pipeline.frontier.redis import RedisFrontier
from pipeline.tools import open_tools
from pipeline.watching import watch
from tests.servers.redis import RedisProcess, programs, running

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LEASE = timedelta(minutes=2)


@pytest.fixture(params=sorted(programs()))
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RedisProcess]:
    with running(programs()[request.param], tmp_path / "redis") as server:
        yield server


def due(key: str) -> Due:
    return Due(key, f"{key}.example", NOW)


def test_killed_and_started_again_it_has_lost_nothing(server: RedisProcess) -> None:
    with closing(open_frontier(server.url)) as frontier:
        frontier.set_filled()
        frontier.put("feed", [due("a"), due("b")])
        frontier.set_note("feed", "b", b"note")
        (claim,) = frontier.claim("feed", 1, LEASE, NOW)
        frontier.begin(claim)
        server.kill()
        with pytest.raises(Unavailable, match=f"Redis at 127.0.0.1:{server.port} cannot be reached"):
            frontier.claim("feed", 1, LEASE, NOW)
        server.start()
        assert frontier.filled()
        assert [(c.key, c.note) for c in frontier.claim("feed", 9, LEASE, NOW)] == [("b", b"note")]
        (again, _) = frontier.claim("feed", 9, LEASE, NOW + LEASE)
        assert (again.key, again.deaths) == ("a", 1)
        assert again.token > claim.token
        assert not frontier.settle(claim, NOW)
        assert frontier.settle(again, NOW + LEASE)


def test_what_was_lost_is_refilled_from_the_archive(server: RedisProcess, tmp_path: Path) -> None:
    with open_tools(Settings(home=tmp_path / "home", frontier_url=server.url)) as tools:
        flow.refill(tools)
        for i in range(20):
            watch(tools.archive, tools.frontier, FeedLine(url=f"https://n{i}.example/feed"))
        later = tools.now() + LEASE
        old = tools.frontier.claim("feed", 5, LEASE, later)
        assert len(old) == 5
        server.kill()
        server.lose_data()
        server.start()
        # A worker under way ends its poll, and puts in what it found.
        assert not tools.frontier.settle(old[0], later, b"note")
        tools.frontier.put("entry", [due("new")])
        assert tools.frontier.claim("entry", 9, LEASE, later) == []
        with pytest.raises(Unavailable, match="lost its data"):
            tools.frontier.post("article", "h.example", [1, 2, 3], NOW)
        flow.refill(tools)
        assert tools.frontier.post("article", "h.example", [1, 2, 3], NOW) == []
        assert not tools.frontier.settle(old[1], later)
        again = tools.frontier.claim("feed", 99, LEASE, later + LEASE)
        assert len(again) == 20
        assert all(claim.note == b"" for claim in again)
        assert min(claim.token for claim in again) > max(claim.token for claim in old)
        assert [claim.key for claim in tools.frontier.claim("entry", 9, LEASE, later)] == ["new"]


def test_a_loss_during_the_refilling_leaves_it_empty(server: RedisProcess) -> None:
    with closing(open_frontier(server.url)) as frontier, server.client() as client:
        assert not frontier.filled()
        frontier.put("feed", [due("a")])
        client.flushall()
        frontier.put("feed", [due("b")])
        frontier.set_filled()
        assert not frontier.filled()
        frontier.put("feed", [due("a"), due("b")])
        frontier.set_filled()
        assert frontier.filled()


def test_of_two_who_refill_one_is_enough(server: RedisProcess) -> None:
    with closing(open_frontier(server.url)) as one, closing(open_frontier(server.url)) as other:
        assert not one.filled()
        assert not other.filled()
        one.put("feed", [due("a")])
        one.set_filled()
        other.put("feed", [due("a")])
        other.set_filled()
        assert one.filled()
        assert other.filled()
        assert one.backlog(NOW).feeds == 1


def test_a_frozen_server_is_given_up_in_time_and_taken_up_again(server: RedisProcess) -> None:
    with closing(RedisFrontier(server.url, timeout=0.5, connect_timeout=0.5)) as frontier:
        frontier.put("feed", [due("a")])
        with server.frozen():
            began = time.monotonic()
            with pytest.raises(Unavailable, match=r"did not answer within 0\.5 s"):
                frontier.claim("feed", 1, LEASE, NOW)
            assert time.monotonic() - began < 10, "far from the minutes that a hanging socket takes"
        # What was asked before may have been done: then its lease brings it back.
        assert [claim.key for claim in frontier.claim("feed", 1, LEASE, NOW + LEASE)] == ["a"]


CLAIMER = textwrap.dedent("""
    import sys
    from datetime import datetime, timedelta
    from pipeline.frontier import open_frontier
    frontier = open_frontier(sys.argv[1])
    now = datetime.fromisoformat(sys.argv[2])
    print("ready", flush=True)
    sys.stdin.readline()
    while claims := frontier.claim("feed", 50, timedelta(hours=1), now):
        for claim in claims:
            print(claim.key, claim.token)
            assert frontier.settle(claim, now + timedelta(hours=1))
""")


def test_two_processes_claim_everything_once(server: RedisProcess) -> None:
    with closing(open_frontier(server.url)) as frontier:
        frontier.put("feed", [Due(f"{i:024x}", f"h{i // 3}.example", NOW) for i in range(10_000)])
        claimers = [
            subprocess.Popen(
                [sys.executable, "-c", CLAIMER, server.url, NOW.isoformat()],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(2)
        ]
        for claimer in claimers:
            assert claimer.stdout
            assert claimer.stdout.readline() == "ready\n"
        for claimer in claimers:
            assert claimer.stdin
            claimer.stdin.write("go\n")
            claimer.stdin.flush()
        shares = [claimer.communicate(timeout=100)[0].split() for claimer in claimers]
        assert all(claimer.returncode == 0 for claimer in claimers)
        keys, tokens = ([word for share in shares for word in share[at::2]] for at in (0, 1))
        assert sorted(keys) == [f"{i:024x}" for i in range(10_000)]
        assert len(set(tokens)) == 10_000
        assert all(shares), "both had a part in it"
        assert frontier.backlog(NOW).leased == 0
