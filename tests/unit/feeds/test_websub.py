"""WebSub's decisions: what a feed offers, what a hub is asked and when, and which pushes count."""

from __future__ import annotations

import hmac
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from urllib.parse import parse_qs

import pytest

from pipeline.errors import UserError
from pipeline.feeds import websub
from pipeline.feeds.websub import Offer, Pushed, Signature, Standing

NOW = datetime(2026, 3, 5, 18, 0, tzinfo=UTC)
KEY = "a key for tests"
FEED = "0123456789abcdef01234567"
OFFER = Offer("https://hub.example/", "https://bee.example/feed")
TOKEN = websub.token_of(KEY, FEED, OFFER)
CALLBACK = f"https://watch.example/websub/{TOKEN}"
QUESTION = {"hub.mode": "subscribe", "hub.topic": OFFER.topic, "hub.lease_seconds": "1000"}


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def asked(standing: Standing | None = None, now: datetime = NOW) -> Standing:
    return websub.asking(OFFER, standing, "subscribe", CALLBACK, now)


def granted() -> Standing:
    standing = websub.confirm(asked(), QUESTION, NOW)
    assert standing is not None
    return standing


def step(standing: Standing | None, at: datetime = NOW, *, watched: bool = True) -> str | None:
    return websub.next_step(OFFER, standing, watched=watched, callback=CALLBACK, now=at)


# ------------------------------------------------------------------ discovery
@pytest.mark.parametrize(
    ("header", "hub", "topic"),
    [
        ("", "https://in.example/body", "https://self.example/"),
        ('<https://hub.example/>; rel="hub"', "https://hub.example/", "https://self.example/"),
        ('<https://hub.example/>; rel="hub", </own>; rel=self', "https://hub.example/", "https://bee.example/own"),
        ("<//hub.example/a,b>;title=\"x; y, z\" ; rel='hub'", "https://in.example/body", "https://self.example/"),
        ('<//hub.example/a,b>;title="x; y, z" ; rel="nofollow HUB"', "https://hub.example/a,b", "https://self.example/"),
        ("<https://one.example/>; rel=hub, <https://two.example/>; rel=hub", "https://one.example/",
         "https://self.example/"),
        ("<file:///etc/passwd>; rel=hub", "https://in.example/body", "https://self.example/"),
        ("<https://hub.example/>; rel=preload", "https://in.example/body", "https://self.example/"),
        ("<<<;;;,,, rel=hub", "https://in.example/body", "https://self.example/"),
    ],
)  # fmt: skip
def test_headers_count_more_than_the_body(header: str, hub: str, topic: str) -> None:
    found = websub.offered(header, "https://in.example/body", "https://self.example/", "https://bee.example/feed")
    assert (found.hub, found.topic) == (hub, topic)


def test_a_feed_without_a_hub_offers_nothing_and_one_without_an_address_of_its_own_is_known_by_ours() -> None:
    assert websub.offered("", "", "https://self.example/", "https://bee.example/feed") == Offer()
    assert websub.offered("", OFFER.hub, "", OFFER.topic) == OFFER


def test_a_hostile_header_takes_no_time() -> None:
    websub.offered("<a>;x" + " " * 100_000 + "<b>;" * 10_000, "", "", "https://bee.example/feed")


# ------------------------------------------------------------------ addresses and secrets
def test_an_address_proves_itself_and_names_its_feed() -> None:
    assert websub.feed_of(KEY, TOKEN) == FEED
    assert websub.feed_of("another key", TOKEN) is None
    for wrong in ("", "x", TOKEN[:-1] + ("A" if TOKEN[-1] != "A" else "B"), "f" + TOKEN[1:], TOKEN + "\n"):
        assert websub.feed_of(KEY, wrong) is None
    assert websub.token_of(KEY, FEED, replace(OFFER, hub="https://other.example/")) != TOKEN
    with pytest.raises(UserError):
        websub.token_of("", FEED, OFFER)


def test_each_subscription_has_a_secret_of_its_own() -> None:
    other = websub.token_of(KEY, FEED, replace(OFFER, topic="https://bee.example/other"))
    secrets = {websub.secret_of(key, token) for key in (KEY, "another key") for token in (TOKEN, other)}
    assert len(secrets) == 4
    assert all(32 <= len(secret.encode()) < 200 for secret in secrets)


def test_notes_come_back_as_they_were_kept() -> None:
    for note in (OFFER, Offer(), granted(), asked(), Pushed(NOW, NOW), Pushed(NOW, NOW, NOW)):
        assert websub.from_bytes(type(note), websub.to_bytes(note)) == note
    assert websub.from_bytes(Offer, b"") is None
    assert websub.from_bytes(Standing, b'{"callback": 1}') is None


# ------------------------------------------------------------------ asking
def test_a_hub_is_told_what_the_recommendation_wants() -> None:
    fields = {name: value for name, (value,) in parse_qs(websub.form(asked(), "secret").decode()).items()}
    assert fields == {
        "hub.mode": "subscribe", "hub.topic": OFFER.topic, "hub.callback": CALLBACK, "hub.lease_seconds": "864000",
        "hub.secret": "secret",
    }  # fmt: skip
    leaving = websub.asking(None, granted(), "unsubscribe", "", NOW)
    assert "secret" not in websub.form(leaving, "secret").decode()


def test_a_feed_that_names_a_hub_is_subscribed_once() -> None:
    assert step(None) == "subscribe"
    assert step(asked()) is None, "it has not yet asked back"
    assert step(granted()) is None


def test_a_lease_is_renewed_at_four_fifths() -> None:
    assert step(granted(), after(799)) is None
    assert step(granted(), after(800)) == "subscribe"
    renewing = asked(granted(), after(800))
    assert renewing.live(after(999)), "it goes on while the hub is asked"
    assert step(renewing, after(801)) is None
    again = websub.confirm(renewing, QUESTION, after(805))
    assert again is not None
    assert again.until == after(1805)


def test_a_hub_that_does_not_answer_is_asked_ever_less_often() -> None:
    standing, at, waits = None, NOW, []
    for _ in range(12):
        standing = asked(standing, at)
        assert standing.again is not None
        waits.append(standing.again - at)
        at = standing.again
        assert step(standing, at - timedelta(seconds=1)) is None
        assert step(standing, at) == "subscribe"
    assert waits[0] == timedelta(minutes=10)
    assert all(later == min(2 * wait, timedelta(days=1)) for wait, later in pairwise(waits))
    assert waits[-1] == timedelta(days=1)


def test_a_hub_that_wants_to_be_left_alone_is() -> None:
    troubled = websub.troubled(asked(), "the server answered 503", NOW, after=7200)
    assert troubled.again == after(7200)
    assert websub.troubled(asked(), "no route", NOW).again == after(600)
    assert websub.troubled(asked(granted()), "no route", NOW).live(after(999)), "what there is stays"


def test_another_hub_topic_or_address_of_ours_means_another_subscription() -> None:
    moved = websub.next_step(OFFER, granted(), watched=True, callback="https://new.example/websub/x", now=NOW)
    assert moved == "subscribe"
    fresh = websub.asking(OFFER, granted(), "subscribe", "https://new.example/websub/x", NOW)
    assert (fresh.until, fresh.asked) == (None, 1)


def test_a_feed_that_names_no_hub_any_more_is_left_to_run_out() -> None:
    def alone(at: datetime) -> str | None:
        return websub.next_step(None, granted(), watched=True, callback="", now=at)

    assert (alone(NOW), alone(after(1001))) == (None, "forget")


def test_leave_is_taken_of_the_hub_of_a_feed_that_is_gone() -> None:
    assert step(None, watched=False) == "forget"
    assert step(granted(), after(1001), watched=False) == "forget", "it ended by itself"
    assert step(granted(), watched=False) == "unsubscribe"
    standing, at = granted(), NOW
    for _ in range(websub.FAREWELLS):
        assert step(standing, at, watched=False) == "unsubscribe"
        standing = websub.asking(OFFER, standing, "unsubscribe", CALLBACK, at)
        assert step(standing, at, watched=False) is None
        assert standing.again is not None
        at = standing.again
    assert step(replace(standing, until=at + timedelta(days=1)), at, watched=False) == "forget"
    assert step(standing, at) == "subscribe", "it is watched again"


# ------------------------------------------------------------------ asked
def test_a_hub_gets_no_yes_to_what_was_not_asked_for() -> None:
    assert websub.confirm(asked(), QUESTION | {"hub.topic": "https://bee.example/other"}, NOW) is None
    assert websub.confirm(asked(), {"hub.mode": "subscribe"}, NOW) is None
    assert websub.confirm(replace(asked(), pending=False), QUESTION, NOW) is None
    leaving = websub.asking(OFFER, granted(), "unsubscribe", CALLBACK, NOW)
    assert websub.confirm(leaving, QUESTION, NOW) is None


def test_a_question_may_be_repeated_and_changes_nothing_then() -> None:
    assert websub.confirm(granted(), QUESTION | {"hub.lease_seconds": "9"}, after(10)) == granted()


@pytest.mark.parametrize(
    ("given", "days"), [("86400", 1), ("", 10), ("-5", 10), ("soon", 10), ("999999999", 30), ("9" * 30, 10)]
)
def test_how_long_a_hub_grants(given: str, days: int) -> None:
    standing = websub.confirm(asked(), QUESTION | {"hub.lease_seconds": given}, NOW)
    assert standing is not None
    assert standing.until == NOW + timedelta(days=days)


def test_a_denied_subscription_is_tried_again_after_a_week() -> None:
    question = {"hub.mode": "denied", "hub.topic": OFFER.topic, "hub.reason": "you\r\nare not  wanted"}
    standing = websub.denied(granted(), question, NOW)
    assert standing is not None
    assert not standing.live(NOW)
    assert standing.trouble == "the hub denies it: you are not wanted"
    assert step(standing, NOW + timedelta(days=6.9)) is None
    assert step(standing, NOW + timedelta(days=7)) == "subscribe"
    assert websub.denied(granted(), question | {"hub.topic": "x"}, NOW) is None


# ------------------------------------------------------------------ signatures
def signed(method: str, body: bytes = b"news", secret: str = "secret") -> str:
    return f"{method}={hmac.new(secret.encode(), body, method).hexdigest()}"


def genuine(*headers: str, body: tuple[bytes, ...] = (b"ne", b"ws")) -> bool:
    signature = Signature(headers, "secret")
    for piece in body:
        signature.feed(piece)
    return signature.genuine()


@pytest.mark.parametrize("method", websub.ALGORITHMS)
def test_a_genuine_push(method: str) -> None:
    assert genuine(signed(method))
    assert genuine(signed(method).upper().replace(method.upper(), method))
    assert not genuine(signed(method), body=(b"news", b"!"))
    assert not genuine(signed(method, secret="another"))
    assert not genuine(signed(method)[:-1])
    assert not genuine(f"{method}=\xff")


def test_a_push_without_a_signature_that_we_know() -> None:
    for headers in ((), ("",), ("md5=1234",), ("sha256",), ("=",)):
        assert not genuine(*headers)


def test_sha1_counts_only_when_there_is_nothing_else() -> None:
    assert genuine(signed("sha1"))
    assert genuine(f"{signed('sha1')}, {signed('sha256')}")
    assert not genuine(signed("sha1"), signed("sha256", secret="another"))


# ------------------------------------------------------------------ pushes
def polls_after(*seconds: float) -> list[datetime]:
    """When a feed is polled after pushes at these seconds."""
    pushed, polls = None, []
    for second in seconds:
        pushed, due = websub.take(pushed, after(second))
        assert pushed.at == after(second)
        if due is not None:
            polls.append(due)
    return polls


def test_a_flood_of_pushes_is_few_polls() -> None:
    polls = polls_after(*(tenth / 10 for tenth in range(601)))  # a minute
    assert polls[0] == NOW
    later = polls[websub.AT_ONCE :]
    assert all(second - first >= websub.GAP for first, second in pairwise(later))
    assert len(later) <= 8
    assert polls[-1] >= after(60), "a poll follows the last push"


def test_a_second_story_moments_after_the_first_does_not_wait() -> None:
    assert polls_after(0, 4, 7) == [NOW, after(4), after(7)]
    assert polls_after(0, 4, 7, 8) == [NOW, after(4), after(7), after(10)]
    assert polls_after(0, 4, 7, 60, 61, 62) == [NOW, after(4), after(7), after(60), after(61), after(62)]
    assert polls_after(*range(0, 60, 10)) == [after(10 * n) for n in range(6)], "one in ten seconds never waits"


def test_a_note_of_an_earlier_release_is_understood() -> None:
    note = websub.from_bytes(Pushed, b'{"at": "2026-03-05T18:00:00Z", "due": "2026-03-05T18:00:00Z"}')
    assert note == Pushed(NOW, NOW)
    assert websub.take(note, after(4)) == (Pushed(after(4), after(4), after(20)), after(4))


def test_a_push_after_a_pause_is_heeded_at_once() -> None:
    assert websub.take(Pushed(NOW, NOW), after(3600))[1] == after(3600)


def test_the_first_poll_after_a_push_answers_it() -> None:
    assert not websub.answers_push(None, NOW)
    assert websub.answers_push(Pushed(NOW, NOW), None)
    assert websub.answers_push(Pushed(NOW, NOW), after(-1))
    assert not websub.answers_push(Pushed(NOW, NOW), after(1))


# ------------------------------------------------------------------ what pushes are worth
def test_pushes_are_trusted_while_nothing_comes_without_them() -> None:
    def trusted(offer: Offer, at: datetime = NOW) -> bool:
        return websub.trusted(offer, granted(), at)

    assert not trusted(OFFER), "none has come yet"
    told = websub.learn(OFFER, Pushed(NOW, NOW), hinted=True, new=1, now=NOW)
    assert trusted(told)
    assert not trusted(told, after(1001)), "the lease is over"
    assert not websub.trusted(told, None, NOW)
    assert websub.learn(told, None, hinted=False, new=0, now=after(10)) == told, "a poll that finds nothing"
    near = websub.learn(told, Pushed(NOW, NOW), hinted=False, new=2, now=after(300))
    assert trusted(near), "a second item, moments after"
    missed = websub.learn(told, Pushed(NOW, NOW), hinted=False, new=1, now=after(900))
    assert not trusted(missed)
    assert trusted(websub.learn(missed, Pushed(after(950), NOW), hinted=True, new=1, now=after(950)))


@pytest.mark.parametrize(
    ("minutes", "paced"), [(15, 60), (30, 120), (60, 180), (24 * 60, 24 * 60), (200, 200)], ids=lambda x: f"{x} min"
)
def test_polling_goes_on_at_a_slower_pace(minutes: int, paced: int) -> None:
    planned = NOW + timedelta(minutes=minutes)
    assert websub.pace(planned, NOW, hinted=True, new=1, trust=True) == NOW + timedelta(minutes=paced)
    assert websub.pace(planned, NOW, hinted=False, new=0, trust=False) == planned


def test_a_push_that_led_to_nothing_is_looked_into_once_more() -> None:
    assert websub.pace(after(3600), NOW, hinted=True, new=0, trust=True) == after(60)
    assert websub.pace(after(30), NOW, hinted=True, new=0, trust=True) == after(30)


def test_the_token_is_one_part_of_a_path() -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]+", TOKEN)
