"""What every frontier must do. A new back end adds a line to ``BACKENDS`` and nothing else."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.frontier import open_frontier
from pipeline.frontier.base import Due, Frontier
from tests.servers.redis import programs, running

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LEASE = timedelta(minutes=2)
SECOND = timedelta(seconds=1)

BACKENDS = ["sqlite", *programs()]


@pytest.fixture(scope="module", params=BACKENDS)
def new_url(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[Path], str]]:
    """Makes an empty frontier's URL; one that lives in files has them in the folder."""
    if request.param == "sqlite":
        yield lambda folder: f"sqlite:///{folder / 'frontier.sqlite3'}"
        return
    with running(programs()[request.param], tmp_path_factory.mktemp(request.param), appendfsync="no") as server:

        def emptied(_folder: Path) -> str:
            with server.client() as client:
                client.flushall()
            return server.url

        yield emptied


@pytest.fixture
def url(new_url: Callable[[Path], str], tmp_path: Path) -> str:
    return new_url(tmp_path)


@pytest.fixture
def frontier(url: str) -> Iterator[Frontier]:
    frontier = open_frontier(url)
    yield frontier
    frontier.close()


def due(key: str, host: str = "", at: datetime = NOW) -> Due:
    return Due(key, host or f"{key}.example", at)


class TestClaims:
    def test_earliest_first_and_only_what_is_due(self, frontier: Frontier) -> None:
        frontier.put("feed", [due("b", at=NOW - SECOND), due("a", at=NOW), due("later", at=NOW + SECOND)])
        assert [claim.key for claim in frontier.claim("feed", 10, LEASE, NOW)] == ["b", "a"]
        assert frontier.claim("feed", 10, LEASE, NOW) == []

    def test_no_more_than_asked_for(self, frontier: Frontier) -> None:
        frontier.put("feed", [due(f"f{i}") for i in range(9)])
        assert len(frontier.claim("feed", 4, LEASE, NOW)) == 4
        assert len(frontier.claim("feed", 9, LEASE, NOW)) == 5

    def test_kinds_are_apart(self, frontier: Frontier) -> None:
        frontier.put("feed", [due("x")])
        assert frontier.claim("entry", 10, LEASE, NOW) == []
        frontier.put("entry", [due("x")])
        assert [claim.kind for claim in frontier.claim("entry", 10, LEASE, NOW)] == ["entry"]

    def test_put_keeps_the_earlier_time(self, frontier: Frontier) -> None:
        frontier.put("feed", [due("a", at=NOW + 10 * SECOND), due("b", at=NOW)])
        frontier.put("feed", [due("a", at=NOW), due("b", at=NOW + 10 * SECOND)])
        assert {claim.key for claim in frontier.claim("feed", 10, LEASE, NOW)} == {"a", "b"}

    def test_put_leaves_a_live_lease_alone(self, frontier: Frontier) -> None:
        frontier.put("feed", [due("a")])
        (claim,) = frontier.claim("feed", 1, LEASE, NOW)
        frontier.put("feed", [due("a")])
        assert frontier.claim("feed", 1, LEASE, NOW) == []
        assert frontier.settle(claim, NOW + LEASE)

    def test_settled_is_due_again_when_said(self, frontier: Frontier) -> None:
        frontier.put("feed", [due("a")])
        (claim,) = frontier.claim("feed", 1, LEASE, NOW)
        assert frontier.settle(claim, NOW + 5 * SECOND, b"kept")
        assert frontier.claim("feed", 1, LEASE, NOW + 4 * SECOND) == []
        (again,) = frontier.claim("feed", 1, LEASE, NOW + 5 * SECOND)
        assert (again.note, again.deaths) == (b"kept", 0)
        assert again.token > claim.token

    def test_settled_for_good_is_forgotten(self, frontier: Frontier) -> None:
        frontier.put("entry", [due("a")])
        (claim,) = frontier.claim("entry", 1, LEASE, NOW)
        assert frontier.settle(claim, None)
        assert frontier.claim("entry", 1, LEASE, NOW + 2 * LEASE) == []
        assert frontier.backlog(NOW).entries == 0
        assert not frontier.settle(claim, NOW)

    def test_a_lease_that_ends_in_the_middle_of_the_work_is_a_death(self, frontier: Frontier) -> None:
        frontier.put("feed", [due("a"), due("b")])
        now, deaths = NOW, []
        for _ in range(3):
            claims = frontier.claim("feed", 2, LEASE, now)
            deaths.append([claim.deaths for claim in claims])
            frontier.begin(claims[0])
            assert frontier.claim("feed", 2, LEASE, now + LEASE - SECOND) == []
            now += LEASE
        assert deaths == [[0, 0], [1, 0], [2, 0]]
        frontier.settle(frontier.claim("feed", 1, LEASE, now)[0], now)
        assert [claim.deaths for claim in frontier.claim("feed", 2, LEASE, now)] == [0, 0]

    def test_a_stale_claim_settles_nothing(self, frontier: Frontier) -> None:
        frontier.put("feed", [due("a")])
        (old,) = frontier.claim("feed", 1, LEASE, NOW)
        (new,) = frontier.claim("feed", 1, LEASE, NOW + LEASE)
        assert not frontier.settle(old, NOW, b"stale")
        assert frontier.note("feed", "a") == b""
        assert frontier.settle(new, NOW + LEASE, b"fresh")
        assert not frontier.settle(new, NOW), "a claim settles once"
        assert frontier.note("feed", "a") == b"fresh"

    def test_drop_forgets(self, frontier: Frontier) -> None:
        frontier.put("feed", [due("a"), due("b")])
        frontier.set_note("feed", "a", b"note")
        frontier.drop("feed", ["a"])
        assert [claim.key for claim in frontier.claim("feed", 9, LEASE, NOW)] == ["b"]
        assert frontier.note("feed", "a") == b""

    def test_two_at_once_per_host(self, frontier: Frontier) -> None:
        frontier.put("entry", [due(f"e{i}", "one.example", NOW - SECOND) for i in range(5)] + [due("x", "two.example")])
        claims = frontier.claim("entry", 9, LEASE, NOW)
        assert [claim.key for claim in claims] == ["e0", "e1", "x"]
        assert frontier.claim("entry", 9, LEASE, NOW) == []
        frontier.settle(claims[0], None)
        assert [claim.key for claim in frontier.claim("entry", 9, LEASE, NOW)] == ["e2"]

    def test_instants_are_kept_to_the_microsecond(self, frontier: Frontier) -> None:
        at = NOW + timedelta(microseconds=1)
        frontier.put("feed", [due("a", at=at)])
        assert frontier.dues("feed") == {"a": at}
        assert frontier.claim("feed", 1, LEASE, NOW) == []
        assert [claim.key for claim in frontier.claim("feed", 1, LEASE, at)] == ["a"]
        assert frontier.dues("feed") == {"a": at + LEASE}

    def test_what_waited_for_its_host_comes_before_what_was_due_later(self, frontier: Frontier) -> None:
        frontier.put("entry", [due(f"e{i}", "one.example", NOW - (9 - i) * SECOND) for i in range(6)])
        frontier.put("entry", [due("x", at=NOW - 5 * SECOND), due("y", at=NOW)])
        first = frontier.claim("entry", 2, LEASE, NOW - 5 * SECOND)
        assert [claim.key for claim in first] == ["e0", "e1"]
        assert [claim.key for claim in frontier.claim("entry", 1, LEASE, NOW)] == ["x"]
        for claim in first:
            frontier.settle(claim, None)
        assert [claim.key for claim in frontier.claim("entry", 9, LEASE, NOW)] == ["e2", "e3", "y"]
        assert [claim.key for claim in frontier.claim("entry", 9, LEASE, NOW + LEASE)] == ["e4", "e5", "x", "y"]

    def test_a_thing_moves_to_another_host(self, frontier: Frontier) -> None:
        frontier.put("feed", [due(key, "old.example") for key in "abc"])
        claims = frontier.claim("feed", 9, LEASE, NOW)
        frontier.put("feed", [due("c", "new.example", NOW + SECOND)])
        assert frontier.dues("feed")["c"] == NOW
        frontier.hold("old.example", NOW + LEASE)
        (moved,) = frontier.claim("feed", 9, LEASE, NOW)
        assert (moved.key, moved.host) == ("c", "new.example")
        assert all(frontier.settle(claim, NOW) for claim in [*claims, moved])
        assert frontier.backlog(NOW).due_feeds == 1

    def test_a_lease_that_is_over_may_still_be_settled_until_it_is_claimed(self, frontier: Frontier) -> None:
        frontier.put("entry", [due(key, "h.example") for key in "abc"])
        claims = frontier.claim("entry", 2, LEASE, NOW)
        backlog = frontier.backlog(NOW + LEASE)
        assert (backlog.due_entries, backlog.leased) == (3, 0)
        assert frontier.settle(claims[0], None)
        assert [claim.key for claim in frontier.claim("entry", 9, LEASE, NOW + LEASE)] == ["c", "b"]
        assert not frontier.settle(claims[1], None)

    def test_dues_tell_times(self, frontier: Frontier) -> None:
        frontier.put("feed", [due("a", at=NOW), due("b", at=NOW + SECOND)])
        assert frontier.dues("feed") == {"a": NOW, "b": NOW + SECOND}

    def test_many_threads_claim_everything_once(self, url: str, frontier: Frontier) -> None:
        frontier.put("feed", [due(f"f{i}") for i in range(400)])
        other = open_frontier(url)

        def claimer(mine: Frontier) -> list[str]:
            keys: list[str] = []
            while claims := mine.claim("feed", 7, LEASE, NOW):
                keys += [claim.key for claim in claims]
                assert all(mine.settle(claim, NOW + LEASE) for claim in claims)
            return keys

        with ThreadPoolExecutor(8) as pool:
            found = [key for keys in pool.map(claimer, [frontier, other] * 4) for key in keys]
        other.close()
        assert sorted(found) == sorted(f"f{i}" for i in range(400))


class TestNotes:
    def test_notes_of_any_kind(self, frontier: Frontier) -> None:
        assert frontier.note("robots", "https://a.example") == b""
        frontier.set_note("robots", "https://a.example", b"\x00\xff")
        frontier.set_note("robots", "https://b.example", b"b")
        frontier.set_note("robots", "https://b.example", b"b2")
        assert frontier.notes("robots") == {"https://a.example": b"\x00\xff", "https://b.example": b"b2"}
        frontier.set_note("robots", "https://a.example", b"")
        assert frontier.notes("robots") == {"https://b.example": b"b2"}, "an empty note is none"

    def test_a_claim_brings_its_note(self, frontier: Frontier) -> None:
        frontier.set_note("feed", "a", b"hello")
        frontier.put("feed", [due("a"), due("b")])
        assert {claim.key: claim.note for claim in frontier.claim("feed", 9, LEASE, NOW)} == {"a": b"hello", "b": b""}


class TestHosts:
    GAP = timedelta(seconds=5)

    def test_turns_keep_the_gap(self, frontier: Frontier) -> None:
        assert frontier.turn("a.example", NOW, self.GAP) == NOW
        assert frontier.turn("a.example", NOW + SECOND, self.GAP) == NOW + self.GAP
        assert frontier.turn("b.example", NOW + SECOND, self.GAP) == NOW + SECOND
        assert frontier.turn("a.example", NOW + self.GAP, self.GAP) == NOW + self.GAP

    def test_hold_counts_and_the_later_wins(self, frontier: Frontier) -> None:
        frontier.hold("a.example", NOW + 60 * SECOND)
        frontier.hold("a.example", NOW + 30 * SECOND)
        assert frontier.turn("a.example", NOW, self.GAP) == NOW + 60 * SECOND
        assert frontier.turn("a.example", NOW, timedelta(0)) == NOW + 60 * SECOND
        assert frontier.turn("a.example", NOW + 60 * SECOND, timedelta(0)) == NOW + 60 * SECOND

    def test_no_gap_books_nothing(self, frontier: Frontier) -> None:
        assert frontier.turn("a.example", NOW, timedelta(0)) == NOW
        assert frontier.turn("a.example", NOW, timedelta(0)) == NOW

    def test_claims_pass_over_held_and_booked_hosts(self, frontier: Frontier) -> None:
        frontier.put("entry", [due("a", "held.example"), due("b", "booked.example"), due("c", "free.example")])
        frontier.hold("held.example", NOW + 9 * SECOND)
        frontier.turn("booked.example", NOW, self.GAP)
        assert [claim.key for claim in frontier.claim("entry", 9, LEASE, NOW)] == ["c"]
        assert [claim.key for claim in frontier.claim("entry", 9, LEASE, NOW + 9 * SECOND)] == ["a", "b"]

    def test_one_turn_among_many_threads(self, frontier: Frontier) -> None:
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: frontier.turn("a.example", NOW, self.GAP), range(40)))
        assert answers.count(NOW) == 1


class TestCopies:
    def test_posting_finds_who_was_there(self, frontier: Frontier) -> None:
        assert frontier.post("a", "one.example", [1, 2, 3, 4], NOW) == []
        assert frontier.post("b", "two.example", [3, 4, 5], NOW)[0].article == "a"
        found = frontier.post("c", "three.example", [2, 3, 4, 9], NOW)
        assert [(n.article, n.host, n.overlap, n.size) for n in found] == [
            ("a", "one.example", 3, 4),
            ("b", "two.example", 2, 3),
        ]

    def test_posting_twice_is_once(self, frontier: Frontier) -> None:
        frontier.post("a", "one.example", [1, 2], NOW)
        frontier.post("a", "one.example", [1, 2], NOW)
        (found,) = frontier.post("b", "two.example", [1, 2], NOW)
        assert found.overlap == 2
        assert [n.article for n in frontier.post("a", "one.example", [1, 2], NOW)] == ["b"]

    def test_a_fingerprint_keeps_its_first_twenty(self, frontier: Frontier) -> None:
        for i in range(30):
            frontier.post(f"a{i:02}", "h.example", [7], NOW)
        assert [n.article for n in frontier.post("z", "z.example", [7], NOW)] == [f"a{i:02}" for i in range(20)]

    def test_large_hashes(self, frontier: Frontier) -> None:
        big = 2**63 - 1
        frontier.post("a", "h.example", [big, 0], NOW)
        assert frontier.post("b", "h.example", [big], NOW)[0].overlap == 1
        assert frontier.post("c", "h.example", [], NOW) == []

    def test_forget_drops_the_old(self, frontier: Frontier) -> None:
        frontier.post("old", "h.example", [1], NOW - timedelta(days=31))
        frontier.post("new", "h.example", [1], NOW)
        frontier.forget(NOW - timedelta(days=30))
        assert [n.article for n in frontier.post("x", "h.example", [1], NOW)] == ["new"]

    def test_of_two_simultaneous_copies_one_sees_the_other(self, frontier: Frontier) -> None:
        prints = random.Random(3).sample(range(2**62), 50)
        for pair in range(20):
            barrier = threading.Barrier(2)

            def poster(name: str, offset: int = pair * 100, gate: threading.Barrier = barrier) -> bool:
                gate.wait()
                return bool(frontier.post(name, f"{name}.example", [p + offset for p in prints], NOW))

            with ThreadPoolExecutor(2) as pool:
                saw = list(pool.map(poster, [f"left{pair}", f"right{pair}"]))
            assert sum(saw) == 1

    def test_sentences_printed_before(self, frontier: Frontier) -> None:
        assert frontier.printed("h.example", "a", [1, 2]) == set()
        assert frontier.printed("h.example", "a", [1, 2]) == set(), "the same article counts once"
        assert frontier.printed("h.example", "b", [1, 3]) == set()
        assert frontier.printed("h.example", "c", [1, 3, 4, 4]) == {1}
        assert frontier.printed("other.example", "d", [1]) == set()


class TestTheWhole:
    def test_backlog(self, frontier: Frontier) -> None:
        frontier.put("feed", [due("a"), due("b", at=NOW + SECOND)])
        frontier.put("entry", [due("x"), due("y", at=NOW + 2 * SECOND)])
        frontier.claim("feed", 1, LEASE, NOW)
        backlog = frontier.backlog(NOW)
        assert (backlog.feeds, backlog.due_feeds, backlog.entries, backlog.due_entries, backlog.leased) == (
            2,
            0,
            2,
            1,
            1,
        )
        assert backlog.next_at == NOW
        assert frontier.backlog(NOW + LEASE).due_feeds == 2

    def test_what_waits_for_a_hold_is_not_due(self, frontier: Frontier) -> None:
        frontier.put("entry", [due("a", "held.example"), due("b", "booked.example")])
        frontier.hold("held.example", NOW + LEASE)
        frontier.turn("booked.example", NOW, LEASE)
        assert frontier.backlog(NOW).due_entries == 1
        assert frontier.backlog(NOW + LEASE).due_entries == 2

    def test_what_comes_in_during_a_hold_waits_for_its_end(self, frontier: Frontier) -> None:
        frontier.put("feed", [due("a", "h.example"), due("later", "h.example", NOW + 2 * LEASE)])
        frontier.put("entry", [due("x", "h.example")])
        (claim,) = frontier.claim("feed", 1, LEASE, NOW)
        frontier.hold("h.example", NOW + LEASE)
        frontier.settle(claim, NOW)
        frontier.put("entry", [due("y", "h.example")])
        held = frontier.backlog(NOW)
        assert (held.feeds, held.due_feeds, held.entries, held.due_entries) == (2, 0, 2, 0)
        assert held.next_at == NOW + LEASE
        assert frontier.claim("entry", 9, LEASE, NOW + LEASE - SECOND) == []
        over = frontier.backlog(NOW + LEASE)
        assert (over.due_feeds, over.due_entries) == (1, 2)
        assert [claim.key for claim in frontier.claim("entry", 9, LEASE, NOW + LEASE)] == ["x", "y"]

    def test_a_healthy_store_has_nothing_to_say(self, frontier: Frontier) -> None:
        assert frontier.health() == ""

    def test_after_a_loss_nothing_is_handed_out_before_it_is_filled_again(self, frontier: Frontier) -> None:
        frontier.set_filled()
        frontier.put("feed", [due("a")])
        (old,) = frontier.claim("feed", 1, LEASE, NOW)
        frontier.clear()
        assert not frontier.settle(old, NOW, b"stale")
        frontier.put("feed", [due("a"), due("b")])
        assert frontier.claim("feed", 9, LEASE, NOW) == []
        assert not frontier.filled()
        frontier.put("feed", [due("a"), due("b")])
        frontier.set_filled()
        found = frontier.claim("feed", 9, LEASE, NOW)
        assert [(claim.key, claim.note, claim.deaths) for claim in found] == [("a", b"", 0), ("b", b"", 0)]

    def test_filled_until_lost(self, frontier: Frontier) -> None:
        assert not frontier.filled()
        frontier.set_filled()
        frontier.put("feed", [due("a")])
        frontier.post("a", "h.example", [1], NOW)
        frontier.hold("a.example", NOW + LEASE)
        assert frontier.filled()
        frontier.clear()
        assert not frontier.filled()
        assert frontier.backlog(NOW).feeds == 0
        assert frontier.post("b", "h.example", [1], NOW) == []

    def test_what_was_kept_outlives_a_reopening(self, url: str, frontier: Frontier) -> None:
        frontier.put("feed", [due("a")])
        frontier.set_note("feed", "a", b"n")
        frontier.close()
        again = open_frontier(url)
        assert [claim.note for claim in again.claim("feed", 1, LEASE, NOW)] == [b"n"]
        again.close()
