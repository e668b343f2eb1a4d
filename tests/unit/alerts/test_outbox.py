"""The outbox as a machine of states: claims, pauses that grow, an end after 48 hours, loud refusals that wait."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from pipeline.alerts import outbox
from pipeline.alerts.outbox import CLAIM, PAUSES, STOPPED, Stopped
from pipeline.alerts.smtp import Rejected
from pipeline.errors import Conflict, PipelineError, Quarantine, Retry, Throttled, Unreachable, UserError
from pipeline.model import Alert
from tests.unit.policy.builders import at

NOW = at("2024-11-20")
ROW = Alert("a1", "s1", "d1", "m1", "x1", "new", NOW, NOW)
DICE = random.Random(1)


def test_a_row_is_due_once_its_time_has_come_and_nobody_holds_it() -> None:
    assert outbox.is_due(ROW, NOW)
    assert not outbox.is_due(ROW, NOW - timedelta(seconds=1))
    claimed = outbox.claim(ROW, NOW)
    assert (claimed.attempts, claimed.claimed_until) == (1, NOW + CLAIM)
    assert not outbox.is_due(claimed, NOW)
    assert outbox.is_due(claimed, NOW + CLAIM)
    for state in ("sent", "suppressed"):
        assert not outbox.is_due(replace(ROW, state=state), NOW)


def test_a_claim_is_refused_while_another_holds() -> None:
    with pytest.raises(Conflict):
        outbox.claim(outbox.claim(ROW, NOW), NOW + timedelta(minutes=1))
    again = outbox.claim(outbox.claim(ROW, NOW), NOW + CLAIM)
    assert again.attempts == 2


def test_a_mail_is_frozen_once() -> None:
    frozen = outbox.freeze(ROW, "<a@b>", "first")
    assert outbox.freeze(frozen, "<c@d>", "second") == frozen
    assert (frozen.message_id, frozen.mail) == ("<a@b>", "first")


def test_sent() -> None:
    done = outbox.sent(replace(outbox.claim(ROW, NOW), reason="451 later"), NOW)
    assert (done.state, done.sent, done.reason, done.claimed_until) == ("sent", NOW, "", None)


def test_pauses_grow_to_48_hours_and_then_it_is_given_up() -> None:
    row, now, waited = ROW, NOW, []
    while row.state == "waiting":
        row = outbox.failed(outbox.claim(row, now), Throttled("451 greylisted"), now, random.Random(3))
        if row.state == "waiting":
            waited.append(row.due - now)
            now = row.due
    assert len(waited) == len(PAUSES)
    assert waited == sorted(waited)
    assert all(0.9 <= pause / planned <= 1.1 for pause, planned in zip(waited, PAUSES, strict=True))
    assert timedelta(hours=40) < now - NOW < timedelta(hours=53)
    assert sum(PAUSES, timedelta()) < timedelta(hours=48)
    assert row.state == "suppressed"
    assert row.reason == "given up after 10 attempts in 48 hours: 451 greylisted"


def test_the_servers_own_wish_is_kept() -> None:
    row = outbox.failed(outbox.claim(ROW, NOW), Throttled("later", after=7200), NOW, DICE)
    assert row.due == NOW + timedelta(hours=2)


@pytest.mark.parametrize("error", [Rejected("550 no such user"), Quarantine("cannot be rendered"), UserError("no key")])
def test_what_is_for_good_is_suppressed_with_its_reason(error: PipelineError) -> None:
    row = outbox.failed(outbox.claim(ROW, NOW), error, NOW, DICE)
    assert (row.state, row.reason, row.claimed_until) == ("suppressed", error.reason, None)


def test_a_server_that_refuses_us_stops_the_mail_but_gives_nothing_up() -> None:
    row, now = ROW, NOW
    for _ in range(500):
        row = outbox.failed(outbox.claim(row, now), Stopped("535 bad password"), now, DICE)
        assert row.state == "waiting"
        assert timedelta(minutes=13) < row.due - now < timedelta(minutes=17)
        now = row.due
    assert row.attempts == 0
    assert row.reason == "the mail server refuses us: 535 bad password"
    assert timedelta(minutes=15) == STOPPED
    assert outbox.failed(outbox.claim(row, now), Unreachable("gone"), now, DICE).attempts == 1


def test_reasons_are_one_line_and_not_endless() -> None:
    row = outbox.failed(outbox.claim(ROW, NOW), Retry("a\n" + "b" * 2000), NOW, DICE)
    assert row.reason.startswith("a bbb")
    assert len(row.reason) == 500


def test_stopped_crosses_processes() -> None:
    import pickle

    error = pickle.loads(pickle.dumps(Stopped("no", after=5, subject="a@b")))
    assert isinstance(error, Stopped)
    assert (error.reason, error.after, error.subject) == ("no", 5, "a@b")
