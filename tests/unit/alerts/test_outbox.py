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


# ------------------------------------------------------------------ whose claim
def test_the_claim_of_a_dead_process_is_free_at_once() -> None:
    claimed = outbox.claim(ROW, NOW, by="here/1")
    assert not outbox.is_due(claimed, NOW)
    assert outbox.is_due(claimed, NOW, lambda name: name == "here/1")
    again = outbox.claim(claimed, NOW, by="here/2", dead=lambda name: name == "here/1")
    assert (again.claimed_by, again.attempts) == ("here/2", 2)
    assert outbox.sent(again, NOW).claimed_by == ""


def test_putting_a_row_off_is_no_attempt() -> None:
    later = NOW + timedelta(hours=1)
    assert outbox.release(ROW, later, "quiet") == replace(ROW, due=later, reason="quiet")
    assert outbox.release(outbox.claim(ROW, NOW), later) == replace(ROW, due=later)


def test_a_row_is_due_since_its_last_claim() -> None:
    later = NOW + timedelta(hours=5)
    claimed = outbox.claim(ROW, later)
    assert (claimed.due, claimed.moment) == (later, later), "whoever counts the mails of the last hour finds it"
    assert outbox.sent(claimed, later + timedelta(seconds=3)).moment == later + timedelta(seconds=3)


# ------------------------------------------------------------------ a server that refuses us
def test_one_refusal_of_us_keeps_all_of_its_channel_waiting() -> None:
    refused = outbox.failed(outbox.claim(ROW, NOW), Stopped("535 no"), NOW, DICE)
    other, hook = replace(ROW, id="a2"), replace(ROW, id="a3", channel="webhook")
    assert refused.stopped
    assert outbox.due_now([refused, other, hook], NOW) == [hook]
    assert outbox.due_now([refused, other, hook], refused.due) == [refused, other, hook]


def test_a_refused_row_that_is_put_off_for_another_reason_stops_nobody() -> None:
    refused = outbox.failed(outbox.claim(ROW, NOW), Stopped("535 no"), NOW, DICE)
    quiet, other = outbox.release(refused, NOW + timedelta(hours=9)), replace(ROW, id="a2")
    assert outbox.due_now([quiet, other], NOW) == [other]
    assert refused.due - NOW <= outbox.STOPPED_MOST


def test_a_refusal_while_others_pass_is_that_rows_own() -> None:
    refused = outbox.failed(outbox.claim(ROW, NOW), Stopped("550 5.7.1 no"), NOW, DICE, others_pass=True)
    assert not refused.stopped
    assert outbox.was_refused(refused)
    assert (refused.state, refused.attempts) == ("waiting", 0)


# ------------------------------------------------------------------ digests
LEAD, MEMBER = replace(ROW, id="a0"), outbox.fold(replace(ROW, id="a1"), "a0")
FROZEN = outbox.freeze(LEAD, "<d@x>", "the digest", ["a1"])


def test_a_folded_row_follows_its_digest() -> None:
    assert outbox.follow(MEMBER, LEAD) == MEMBER, "not rendered yet"
    waits = outbox.failed(outbox.claim(FROZEN, NOW), Throttled("451"), NOW, DICE)
    assert outbox.follow(MEMBER, waits) == replace(MEMBER, due=waits.due, reason="451")
    done = outbox.sent(FROZEN, NOW)
    told = outbox.follow(MEMBER, done)
    assert (told.state, told.message_id, told.sent) == ("sent", "<d@x>", NOW)
    given_up = outbox.follow(MEMBER, outbox.suppressed(FROZEN, "550", NOW))
    assert (given_up.state, given_up.reason) == ("suppressed", "550")


@pytest.mark.parametrize("lead", [None, outbox.freeze(LEAD, "<d@x>", "without it"), outbox.suppressed(LEAD, "x", NOW)])
def test_a_row_that_its_digest_does_not_tell_goes_out_by_itself(lead: Alert | None) -> None:
    assert outbox.follow(MEMBER, lead) == replace(MEMBER, folded_into="")


def test_mails_within_the_hour_are_counted_by_message() -> None:
    digest = [replace(outbox.sent(FROZEN, NOW), id=name) for name in ("a0", "a1", "a2")]
    single = replace(outbox.sent(ROW, NOW), message_id="<s@x>")
    under_way = [outbox.claim(replace(ROW, id="b1"), NOW), outbox.freeze(replace(ROW, id="b2"), "<w@x>", "mail")]
    assert outbox.mails_within([*digest, single], NOW) == 2
    assert outbox.mails_within([*digest, single, *under_way, ROW], NOW) == 4
    assert outbox.mails_within([*digest, single], NOW + timedelta(hours=1)) == 0


def test_the_last_digest_of_the_hour() -> None:
    done = outbox.sent(FROZEN, NOW)
    half = NOW + timedelta(minutes=30)
    assert outbox.last_fold([done, ROW], half) == NOW
    assert outbox.last_fold([done], NOW + timedelta(hours=1)) is None
    assert outbox.last_fold([FROZEN], half) == half, "one that waits is as good as sent just now"
    assert outbox.last_fold([ROW], NOW) is None
