"""The outbox at work: bursts, digests, quiet hours, refusals, and processes that die while they hand over."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from analyst.answers import operations
from pipeline import delivering, flow, repair
from pipeline.alerts.outbox import AddressRefused, Stopped
from pipeline.alerts.smtp import Server
from pipeline.alerts.subscriptions import subscribe
from pipeline.archive.base import every
from pipeline.errors import Retry
from pipeline.model import Alert, Docket, Subscription
from pipeline.tools import Tools
from tests.integration.owed import TOWNS, adopt, dockets, lines, mistold, rows, told
from tests.integration.test_copies import together
from tests.integration.test_crash import Fuse, Killed
from tests.integration.test_smtp import Inbox, free_port
from tests.integration.world import NOW, Web, World
from tests.unit.policy.builders import article, at, join_all, place, report, tally

READER = "reader@example.org"
MINUTE = timedelta(minutes=1)


def world_of(home: Path, *towns: str, **wish: Any) -> World:
    """One subscriber to everything, and towns that have adopted an ordinance; rows are made, none is sent."""
    world = World(home, Web({}), now=NOW)
    with world.tools() as tools:
        tools.archive.create(replace(subscribe(READER, now=world.now), **wish))
        owe(tools, world, *towns)
    return world


def owe(tools: Tools, world: World, *towns: str) -> None:
    """More towns have adopted one."""
    adopt(tools, towns, world.now)
    for docket in dockets(tools):
        delivering.expand_notices(tools, docket)


def deliver(world: World) -> int:
    """One round of a process that starts."""
    with world.tools() as tools:
        return flow.deliver_due(tools)


def states(world: World) -> Counter[str]:
    with world.tools() as tools:
        return Counter(row.state for row in rows(tools))


def check(world: World) -> None:
    """Nothing was told twice, and what was sent was told."""
    with world.tools() as tools:
        assert mistold(tools, world.outbox.mails) == []


# ------------------------------------------------------------------ bursts
def test_what_is_beyond_the_limit_comes_in_one_digest_that_says_so(tmp_path: Path) -> None:
    world = world_of(tmp_path, *TOWNS[:25])
    assert deliver(world) == 11
    assert states(world) == {"sent": 25}
    assert [len(lines(mail)) for mail, _ in world.outbox.mails] == [1] * 10 + [15]
    assert world.outbox.subjects()[-1].startswith("15 alerts at once: Springfield")
    assert b"More than 10 mails would have come to you within an hour" in world.outbox.mails[-1][0]
    check(world)
    assert deliver(world) == 0


def test_after_a_digest_the_next_one_waits_an_hour(tmp_path: Path) -> None:
    world = world_of(tmp_path, *TOWNS[:12])
    deliver(world)
    for n, town in enumerate(TOWNS[20:24]):
        world.later(minutes=5)
        with world.tools() as tools:
            owe(tools, world, town)
        assert deliver(world) == 0, n
    with world.tools() as tools:
        waiting = [row for row in rows(tools) if row.state == "waiting"]
        assert {row.due for row in waiting} == {NOW + timedelta(hours=1)}
        assert {row.reason for row in waiting} == {"more than 10 mails within an hour: waits for the next digest"}
        assert flow.is_idle(tools), "what waits for a later digest holds no run"
    world.later(minutes=41)
    assert deliver(world) == 4, "the hour is over: each is a mail of its own again"
    assert states(world) == {"sent": 16}
    check(world)


def test_the_limit_is_a_setting_and_of_an_address_not_a_subscription(tmp_path: Path) -> None:
    world = World(tmp_path, Web({}), now=NOW)
    world.settings = replace(world.settings, mail_per_hour=2)
    with world.tools() as tools:
        for to, name in ((READER, "one"), ("Reader@Example.org", "two"), ("other@example.org", "")):
            tools.archive.create(subscribe(to, name=name, now=world.now))
        owe(tools, world, *TOWNS[:3])
    assert deliver(world) == 2 + 1 + 2 + 1
    assert states(world) == {"sent": 9}
    digest = next(mail for mail, to in world.outbox.mails if to.lower() == READER and len(lines(mail)) > 1)
    assert len(set(lines(digest))) == len(lines(digest)), "what both subscriptions are owed is told once"


def test_a_surplus_waits_while_more_is_to_come_but_not_for_ever(tmp_path: Path) -> None:
    world = world_of(tmp_path, *TOWNS[:12])
    with world.tools() as tools:
        assert delivering.deliver_due(tools, at_rest=lambda: False) == 10
        assert delivering.deliver_due(tools, at_rest=lambda: False) == 0
        assert not flow.is_idle(tools), "a run does not end before"
        world.later(minutes=5)
        assert delivering.deliver_due(tools, at_rest=lambda: False) == 1
    assert states(world) == {"sent": 12}
    check(world)


def test_a_hundred_in_one_digest_stay_under_100_kilobytes(tmp_path: Path) -> None:
    world = world_of(tmp_path)
    world.settings = replace(world.settings, mail_per_hour=1, public_url="https://watch.example.org")
    with world.tools() as tools:
        owe(tools, world, *(f"Springfield {n}" for n in range(102)))
    deliver(world)
    assert [len(lines(mail)) for mail, _ in world.outbox.mails] == [1, 100]
    assert len(world.outbox.mails[1][0]) < 100_000
    assert states(world) == {"sent": 101, "waiting": 1}
    world.later(hours=1)
    deliver(world)
    assert states(world) == {"sent": 102}
    check(world)


# ------------------------------------------------------------------ digests that were asked for
def test_a_daily_digest_goes_out_at_the_readers_time(tmp_path: Path) -> None:
    world = world_of(tmp_path, *TOWNS[:3], rhythm="daily", at="07:00", zone="America/Chicago")
    assert deliver(world) == 0
    world.later(hours=19)  # 13:00 UTC, 07:00 in Chicago
    assert deliver(world) == 1
    assert world.outbox.subjects() == [
        "3 alerts in your digest: Springfield 1, IL adopts sanctuary city ordinance (5-2); and 2 more"
    ]
    assert states(world) == {"sent": 3}
    check(world)
    with world.tools() as tools:
        owe(tools, world, TOWNS[4])
    world.later(hours=24)
    assert deliver(world) == 1
    assert world.outbox.subjects()[-1].startswith("Springfield 5, IL adopts"), "a digest of one is the alert itself"


def test_a_refusal_of_us_that_meets_quiet_hours_holds_up_nobody_else(tmp_path: Path) -> None:
    world = world_of(tmp_path, TOWNS[0], quiet="18:10-07:00")
    world.outbox.fail = Stopped("535 authentication failed")
    assert deliver(world) == 1
    world.outbox.fail = None
    world.later(minutes=20)
    with world.tools() as tools:
        tools.archive.create(subscribe("other@example.org", now=world.now))
        owe(tools, world, TOWNS[1])
        assert flow.deliver_due(tools) == 1, "the mail server has been mended; it is quiet for the one that was refused"
        owe(tools, world, TOWNS[2])
        assert flow.deliver_due(tools) == 1
    world.now = NOW + timedelta(hours=13)
    assert deliver(world) == 3
    assert states(world) == {"sent": 5}


def test_quiet_hours_hold_back_what_was_refused_before_them_too(tmp_path: Path) -> None:
    world = world_of(tmp_path, TOWNS[0], quiet="19:00-07:00")
    world.outbox.fail = Retry("451 greylisted")
    assert deliver(world) == 1
    world.outbox.fail = None
    world.now = NOW + timedelta(hours=1, minutes=30)
    assert deliver(world) == 0
    world.now = NOW + timedelta(hours=13)  # 07:00
    assert deliver(world) == 1
    assert states(world) == {"sent": 1}


# ------------------------------------------------------------------ refusals
def test_a_server_that_refuses_us_is_asked_once_and_status_tells(tmp_path: Path) -> None:
    world = world_of(tmp_path, *TOWNS[:5])
    world.outbox.fail = Stopped("535 authentication failed")
    assert deliver(world) == 1
    with world.tools() as tools:
        assert [row.attempts for row in rows(tools)] == [0] * 5, "nothing is burned"
        assert flow.is_idle(tools)
        answer = operations.status(tools.archive, tools.frontier, tools.now, tools.settings)
        mail = next(check for check in answer["checks"] if check["name"] == "mail")
        assert not answer["healthy"]
        assert mail["detail"].startswith("stopped: the mail server refuses us: 535 authentication failed")
    world.later(minutes=10)
    assert deliver(world) == 0, "slowly"
    world.later(minutes=10)
    assert deliver(world) == 1
    world.outbox.fail = None
    world.later(minutes=20)
    assert deliver(world) == 5
    assert states(world) == {"sent": 5}
    with world.tools() as tools:
        answer = operations.status(tools.archive, tools.frontier, tools.now, tools.settings)
        assert next(check for check in answer["checks"] if check["name"] == "mail")["ok"]


class Refusing:
    """Refuses one address in some way, takes the rest."""

    def __init__(self, outbox: Any, to: str, error: Exception) -> None:
        self.outbox, self.to, self.error = outbox, to, error
        self.refused = 0

    def send(self, mail: bytes, sender: str, to: str) -> None:
        """Accepts or refuses."""
        if to == self.to:
            self.refused += 1
            raise self.error
        self.outbox.send(mail, sender, to)


def refusing(world: World, to: str, error: Exception) -> Refusing:
    refuses = Refusing(world.outbox, to, error)
    world.wrap = lambda store, name: refuses if name == "transport" else store
    return refuses


def test_one_address_that_is_refused_by_policy_does_not_stop_the_others(tmp_path: Path) -> None:
    world = world_of(tmp_path)
    refuses = refusing(world, "bad@example.org", Stopped("550 5.7.1 not from you"))
    with world.tools() as tools:
        tools.archive.create(subscribe("bad@example.org", now=NOW - MINUTE))
        owe(tools, world, *TOWNS[:3])
    for _ in range(4):
        deliver(world)
        world.later(minutes=20)
    assert len(world.outbox.mails) == 3
    with world.tools() as tools:
        owe(tools, world, TOWNS[5])
    deliver(world)
    assert len(world.outbox.mails) == 4, "new mail is not held up"
    assert refuses.refused >= 3
    with world.tools() as tools:
        bad = [row for row in rows(tools) if row.state == "waiting"]
        assert {row.attempts for row in bad} == {0}


def test_an_address_that_does_not_exist_is_told_nothing_more_until_it_is_resumed(tmp_path: Path) -> None:
    world = world_of(tmp_path)
    refuses = refusing(world, READER, AddressRefused("refused for good: 550 5.1.1 no such user"))
    with world.tools() as tools:
        owe(tools, world, *TOWNS[:3])
    assert deliver(world) == 1
    assert refuses.refused == 1, "the others of this address are not tried"
    deliver(world)
    with world.tools() as tools:
        assert {row.state for row in rows(tools)} == {"suppressed"}
        (found,) = every(tools.archive, Subscription)
        assert found.record.stopped == "refused for good: 550 5.1.1 no such user"
        owe(tools, world, TOWNS[4])
        flow.deliver_due(tools)
        assert refuses.refused == 1
        row = next(row for row in rows(tools) if row.measure == "m-Springfield-5")
        assert row.reason == ("nothing goes to this address since 2026-03-05: refused for good: 550 5.1.1 no such user")
        answer = operations.status(tools.archive, tools.frontier, tools.now, tools.settings)
        assert next(check for check in answer["checks"] if check["name"] == "addresses")["detail"] == (
            "1 subscription is told nothing: its address is refused; see 'subscriptions list'"
        )
        tools.archive.replace(replace(found.record, stopped="", stopped_at=None), found.version)
        world.wrap = lambda store, name: store
    with world.tools() as tools:
        owe(tools, world, TOWNS[6])
        assert flow.deliver_due(tools) == 1


def test_an_error_that_nobody_foresaw_is_one_failed_attempt_of_one_mail(tmp_path: Path) -> None:
    world = world_of(tmp_path)
    refusing(world, READER, ZeroDivisionError("by zero"))
    with world.tools() as tools:
        tools.archive.create(subscribe("other@example.org", now=NOW))
        owe(tools, world, *TOWNS[:2])
    assert deliver(world) == 4
    assert len(world.outbox.mails) == 2
    with world.tools() as tools:
        failed = [row for row in rows(tools) if row.state == "waiting"]
        assert [(row.attempts, row.reason) for row in failed] == [(1, "ZeroDivisionError: by zero")] * 2


# ------------------------------------------------------------------ deaths
def test_what_a_dead_process_had_claimed_is_free_at_once(tmp_path: Path) -> None:
    world = world_of(tmp_path, TOWNS[0])
    dies = (
        "import sys, os, pathlib\n"
        "from datetime import datetime\n"
        "from pipeline.archive import open_archive\n"
        "from pipeline.archive.base import every\n"
        "from pipeline.alerts import outbox\n"
        "from pipeline.model import Alert\n"
        "from pipeline.processes import own_name\n"
        "archive = open_archive(sys.argv[1])\n"
        "(stored,) = every(archive, Alert)\n"
        "archive.replace(outbox.claim(stored.record, datetime.fromisoformat(sys.argv[2]), by=own_name()),"
        " stored.version)\n"
        "os._exit(9)\n"
    )
    command = [sys.executable, "-c", dies, world.settings.archive, world.now.isoformat()]
    assert subprocess.run(command, check=False).returncode == 9
    with world.tools() as tools:
        (row,) = rows(tools)
        assert row.claimed_until is not None
        assert row.claimed_until > world.now
        assert flow.deliver_due(tools) == 1
        (row,) = rows(tools)
        assert (row.state, row.attempts) == ("sent", 2)


def test_what_another_machine_had_claimed_is_free_after_the_lease(tmp_path: Path) -> None:
    world = world_of(tmp_path, TOWNS[0])
    world.settings = replace(world.settings, mail_claim_seconds=90.0)
    with world.tools() as tools:
        (stored,) = every(tools.archive, Alert)
        elsewhere = replace(stored.record, claimed_by="elsewhere/x/1:1", claimed_until=world.now + 1.5 * MINUTE)
        tools.archive.replace(elsewhere, stored.version)
        assert flow.deliver_due(tools) == 0
        world.later(seconds=89)
        assert flow.deliver_due(tools) == 0
        world.later(seconds=1)
        assert flow.deliver_due(tools) == 1


def five_owed(home: Path) -> World:
    """Five towns and a limit of two mails an hour: two mails, and a digest of three."""
    world = world_of(home)
    world.settings = replace(world.settings, mail_per_hour=2)
    with world.tools() as tools:
        owe(tools, world, *TOWNS[:5])
    return world


def deliver_with(world: World, fuse: Fuse) -> bool:
    """A round, until it is killed; whether it was."""
    world.wrap = fuse.wrap
    try:
        deliver(world)
    except Killed:
        return True
    finally:
        world.wrap = lambda store, name: store
    return False


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_killed_at_every_write_of_a_digest(tmp_path: Path, after: bool, subtests: pytest.Subtests) -> None:
    counted = Fuse(None)
    assert not deliver_with(five_owed(tmp_path / "undisturbed"), counted)
    assert counted.count > 15
    for n in range(1, counted.count + 1):
        world = five_owed(tmp_path / str(n))
        fuse = Fuse(n, after=after)
        assert deliver_with(world, fuse)
        for _ in range(4):
            world.later(minutes=31)
            deliver(world)
        with subtests.test(msg=f"{'after' if after else 'before'} write {n}: {fuse.where}"):
            assert states(world) == {"sent": 5}
            assert told(world.outbox.mails) == {(READER, town): 1 for town in TOWNS[:5]}
            check(world)


def test_a_row_whose_digest_is_gone_goes_out_by_itself(tmp_path: Path) -> None:
    world = world_of(tmp_path, TOWNS[0])
    with world.tools() as tools:
        (stored,) = every(tools.archive, Alert)
        tools.archive.replace(replace(stored.record, folded_into="gone"), stored.version)
        assert flow.deliver_due(tools) == 0
        assert flow.deliver_due(tools) == 1
        assert flow.is_idle(tools)


# ------------------------------------------------------------------ what a round costs
class Counting:
    """An archive that counts the alerts it is made to read by ``scan``."""

    def __init__(self, archive: Any) -> None:
        self.archive, self.read = archive, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.archive, name)

    def scan(self, kind: Any, *args: Any, **kwargs: Any) -> Any:
        """As ``Archive.scan``."""
        found = self.archive.scan(kind, *args, **kwargs)
        self.read += len(found) if kind is Alert else 0
        return found


def test_a_round_reads_what_is_due_and_not_what_waits_for_a_later_day(tmp_path: Path) -> None:
    world = world_of(tmp_path, *TOWNS[:30], rhythm="weekly", zone="America/Chicago")
    with world.tools() as tools:
        archive = Counting(tools.archive)
        counted = replace(tools, archive=archive)
        assert flow.deliver_due(counted) == 0
        assert flow.is_idle(counted)
        assert archive.read == 0
        tools.archive.create(subscribe("other@example.org", now=world.now))
        owe(tools, world, TOWNS[40])
        assert flow.deliver_due(counted) == 1
        assert 0 < archive.read <= 5
    assert states(world) == {"waiting": 31, "sent": 1}


def test_the_mails_of_last_week_are_not_read_to_count_those_of_the_hour(tmp_path: Path) -> None:
    world = world_of(tmp_path)
    world.settings = replace(world.settings, mail_per_hour=100)
    with world.tools() as tools:
        owe(tools, world, *TOWNS[:40])
        assert flow.deliver_due(tools) == 40
        world.later(hours=2)
        owe(tools, world, TOWNS[41])
        archive = Counting(tools.archive)
        assert flow.deliver_due(replace(tools, archive=archive)) == 1
        assert archive.read <= 5


def test_a_round_connects_to_the_mail_server_once(tmp_path: Path) -> None:
    inbox = Inbox()
    server = Controller(inbox, hostname="127.0.0.1", port=free_port())
    server.start()
    try:
        world = world_of(tmp_path, *TOWNS[:8])
        with world.tools() as tools:
            way = Server.from_url(f"smtp://127.0.0.1:{server.port}")
            assert flow.deliver_due(replace(tools, transport=way)) == 8
    finally:
        server.stop()
    assert len(inbox.mails) == 8
    assert len(inbox.callers) == 1
    assert states(world) == {"sent": 8}


# ------------------------------------------------------------------ a clock that is put back
def test_who_subscribed_before_the_clock_was_put_back_is_told(tmp_path: Path) -> None:
    world = world_of(tmp_path)
    world.later(hours=-1)
    with world.tools() as tools:
        owe(tools, world, TOWNS[0])
        assert flow.deliver_due(tools) == 1
        world.later(minutes=30)
        owe(tools, world, TOWNS[1])
        world.later(hours=1)
        owe(tools, world, TOWNS[2])
        assert flow.deliver_due(tools) == 2
    assert told(world.outbox.mails) == {(READER, town): 1 for town in TOWNS[:3]}


def test_a_clock_that_is_put_back_brings_no_old_news(tmp_path: Path) -> None:
    world = World(tmp_path, Web({}), now=NOW)
    with world.tools() as tools:
        owe(tools, world, TOWNS[0])
        world.later(minutes=30)
        tools.archive.create(subscribe(READER, now=world.now))
        world.later(minutes=-10)
        owe(tools, world, TOWNS[1])
        assert flow.deliver_due(tools) == 1
    assert told(world.outbox.mails) == {(READER, TOWNS[1]): 1}


# ------------------------------------------------------------------ several workers
def test_many_workers_keep_the_limit_together_and_tell_each_once(tmp_path: Path) -> None:
    world = world_of(tmp_path, *TOWNS[:30])
    with world.tools() as tools:
        for _ in range(3):
            together(6, lambda _: flow.deliver_due(tools))
    sizes = sorted(len(lines(mail)) for mail, _ in world.outbox.mails)
    assert sum(size == 1 for size in sizes) <= 10
    assert len(sizes) <= 11
    check(world)
    for _ in range(3):
        world.later(hours=1)
        deliver(world)
    assert states(world) == {"sent": 30}
    assert set(told(world.outbox.mails).values()) == {1}


# ------------------------------------------------------------------ what follows a first mail
def test_stages_and_corrections_answer_the_first_mail(tmp_path: Path) -> None:
    world = World(tmp_path, Web({}), now=NOW)
    where = place("Reno", "NV")
    first = report("passed_first_vote", "2026-03-04", where=where, vote=tally(5, 2), topic="sanctuary city ordinance")
    later = report("passed_final", "2026-03-18", where=where, vote=tally(4, 3), topic="sanctuary city ordinance")
    with world.tools() as tools:
        stages = subscribe(READER, kinds=["new", "stage", "correction"], now=at("2026-03-01"))
        tools.archive.create(stages)
        tools.archive.create(subscribe("new@example.org", now=at("2026-03-01")))
        docket, _ = join_all([(first, article(first, published="2026-03-05"))], now=NOW)
        tools.archive.create(docket)
        delivering.expand_notices(tools, docket.id)
        assert flow.deliver_due(tools) == 2
        world.later(days=14)
        known = tools.archive.get(Docket, docket.id)
        assert known is not None
        final = article(later, published="2026-03-19", source="Other Paper", name="final")
        joined, _ = join_all([(later, final)], known.record, now=world.now)
        tools.archive.replace(joined, known.version)
        delivering.expand_notices(tools, docket.id)
        assert flow.deliver_due(tools) == 1, "a later stage is for whoever asked for it"
        measure = joined.measures[0].id
        fields = {"identifier": "Bill 7"}
        repair.correct(tools.archive, measure, fields, action="", why="read the agenda", now=world.now)
        delivering.expand_notices(tools, docket.id)
        assert flow.deliver_due(tools) == 2, "both were told of the measure"
    mails = [message_from_bytes(mail, policy=default) for mail, to in world.outbox.mails if to == READER]
    assert [str(mail["Subject"]) for mail in mails] == [
        "Reno, NV passes sanctuary city ordinance on first vote (5-2)",
        "Reno, NV: sanctuary city ordinance passes its final vote (4-3)",
        "Correction: Reno, NV, sanctuary city ordinance",
    ]
    root = str(mails[0]["Message-ID"])
    assert mails[0]["References"] is None
    assert [str(mail["In-Reply-To"]) for mail in mails[1:]] == [root, root]
    assert str(mails[2]["References"]).split() == [root, str(mails[1]["Message-ID"])]
    body = mails[2].get_body(("plain",))
    assert body is not None
    text = " ".join(body.get_content().split())
    assert "identifier not told → Bill 7" in text
    assert "read the agenda" in text
