"""What subscriptions may ask for beside mail at once: searches, circles, webhooks, feeds; and how they end."""

from __future__ import annotations

import hmac
import ipaddress
import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from pipeline import delivering, flow, subscribing, telling
from pipeline.alerts import hooks
from pipeline.alerts.bounces import Bounce
from pipeline.alerts.outbox import AddressRefused
from pipeline.alerts.subscriptions import subscribe
from pipeline.archive.base import every
from pipeline.errors import UserError
from pipeline.fetch import Fetcher
from pipeline.model import Alert, Docket, Subscription
from pipeline.tools import Tools
from tests.integration.asking import alerts, article
from tests.integration.owed import TOWNS, adopt, dockets, rows
from tests.integration.test_news import BEE, world_of
from tests.integration.world import FRESNO, NOW, TYLER, Web, World, drive
from tests.unit.policy.builders import article as written
from tests.unit.policy.builders import at, join_all, place, report
from tests.unit.servers import Server, serving

KEY = "a key for tests"


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as started:
        yield started


def hooked(home: Path, server: Server, channel: str) -> World:
    """A world whose one subscriber is a program on loopback, told of one town."""
    world = World(home, Web({}), now=NOW)
    with world.tools() as tools:
        tools.archive.create(subscribe(f"{server.url}/hook", channel=channel, now=world.now))
        adopt(tools, TOWNS[:1], world.now)
        for docket in dockets(tools):
            delivering.expand_notices(tools, docket)
    return world


def deliver(world: World, *, allowed: bool = True) -> int:
    networks = [ipaddress.ip_network("127.0.0.0/8")] if allowed else []
    with closing(Fetcher(contact="https://example.org", networks=networks)) as fetcher, world.tools() as tools:
        return flow.deliver_due(replace(tools, fetcher=fetcher))


def row_of(world: World) -> Alert:
    with world.tools() as tools:
        (row,) = rows(tools)
        return row


# ------------------------------------------------------------------ webhooks
def test_a_webhook_gets_signed_json_once(tmp_path: Path, server: Server) -> None:
    world = hooked(tmp_path, server, "webhook")
    server.answer("/hook", status="503 Busy")
    assert deliver(world) == 1
    assert (row_of(world).state, row_of(world).reason) == ("waiting", "the receiver answers 503")
    server.answer("/hook", b"ok")
    world.later(minutes=2)
    assert deliver(world) == 1
    assert row_of(world).state == "sent"
    assert deliver(world) == 0
    first, second = (request.partition("\r\n\r\n") for request in server.requests)
    assert first[2] == second[2], "frozen: the same body again"
    assert second[0].startswith("POST /hook HTTP/1.1\r\n")
    fields = dict(line.split(": ", 1) for line in second[0].split("\r\n")[1:])
    assert fields["Content-Type"] == "application/json"
    event = json.loads(second[2])
    assert (event["id"], event["type"], event["place"]) == (fields["X-Alert-Id"], "measure.new", "Springfield 1, IL")
    stamp, signature = (part.split("=", 1)[1] for part in fields["X-Signature"].split(","))
    key = hooks.signing_key(KEY, subscribe(f"{server.url}/hook", channel="webhook", now=NOW))
    assert hmac.new(key.encode(), f"{stamp}.{second[2]}".encode(), sha256).hexdigest() == signature
    assert int(stamp) == int(world.now.timestamp())


def test_a_webhook_on_the_inside_is_not_reached(tmp_path: Path, server: Server) -> None:
    world = hooked(tmp_path, server, "webhook")
    assert deliver(world, allowed=False) == 1
    row = row_of(world)
    assert row.state == "suppressed"
    assert "not part of the public internet" in row.reason
    assert server.requests == []


def test_a_webhook_that_is_gone_is_told_nothing_more(tmp_path: Path, server: Server) -> None:
    world = hooked(tmp_path, server, "webhook")
    server.answer("/hook", status="410 Gone")
    deliver(world)
    assert row_of(world).state == "suppressed"
    with world.tools() as tools:
        (stored,) = every(tools.archive, Subscription)
        assert stored.record.stopped == "the receiver answers 410: gone for good"


def test_slack_gets_its_own_form(tmp_path: Path, server: Server) -> None:
    world = hooked(tmp_path, server, "slack")
    server.answer("/hook", b"ok")
    assert deliver(world) == 1
    message = json.loads(server.requests[0].partition("\r\n\r\n")[2])
    assert message["text"].startswith("*Springfield 1, IL adopts sanctuary city ordinance (5-2)*\n")


def test_a_stopped_mail_server_stops_no_webhook(tmp_path: Path, server: Server) -> None:
    world = hooked(tmp_path, server, "webhook")
    server.answer("/hook", b"ok")
    with world.tools() as tools:
        (stored,) = every(tools.archive, Alert)
        stopped = replace(stored.record, id="0" * 24, channel="mail", stopped=True, due=NOW + timedelta(minutes=9))
        tools.archive.create(stopped)
    assert deliver(world) == 1


def test_a_test_message_goes_the_same_way_and_is_not_recorded(tmp_path: Path, server: Server) -> None:
    world = World(tmp_path, Web({}), now=NOW)
    server.answer("/hook", b"ok")
    with world.tools() as tools, closing(
        Fetcher(contact="x@example.org", networks=[ipaddress.ip_network("127.0.0.0/8")])
    ) as fetcher:  # fmt: skip
        tools = replace(tools, fetcher=fetcher)
        for to, channel in ((f"{server.url}/hook", "webhook"), ("a@example.org", "mail")):
            telling.send_test(tools, subscribe(to, channel=channel, now=NOW))
        with pytest.raises(UserError, match="a feed is read"):
            telling.send_test(tools, subscribe("", name="f", channel="feed", now=NOW))
        assert rows(tools) == []
    assert json.loads(server.requests[0].partition("\r\n\r\n")[2])["type"] == "test"
    assert world.outbox.subjects() == ["Test: alerts will come this way"]


def test_a_feed_is_read_and_nothing_is_sent(tmp_path: Path) -> None:
    world = World(tmp_path, Web({}), now=NOW)
    with world.tools() as tools:
        reader = subscribe("", name="feed", channel="feed", now=NOW)
        tools.archive.create(reader)
        adopt(tools, TOWNS[:2], world.now)
        for docket in dockets(tools):
            delivering.expand_notices(tools, docket)
        flow.deliver_due(tools)
        assert {row.state for row in rows(tools)} == {"sent"}
        told = telling.told_of(tools.archive, reader, settings=tools.settings)
    assert sorted(one.facts["subject"][:13] for one in told) == ["Springfield 1", "Springfield 2"]
    assert world.outbox.mails == []


# ------------------------------------------------------------------ wishes
@pytest.mark.parametrize(
    ("wish", "places"),
    [
        ({"query": "training"}, ["Smith County"]),
        ({"query": "source:Bee detainer"}, ["Smith County"]),
        ({"query": "nobody wrote this"}, []),
        ({"query": "stage:adopted AND place:CA"}, ["Fresno"]),
        ({"near": "Clovis, CA", "miles": 20}, ["Fresno"]),
        ({"near": "Los Angeles, CA", "miles": 50}, []),
        ({"near": "Tyler, TX", "miles": 30}, ["Smith County"]),
        ({"near": "Clovis, CA", "miles": 20, "places": ["TX"]}, []),
    ],
)
def test_saved_searches_and_circles(tmp_path: Path, wish: dict[str, Any], places: list[str]) -> None:
    world = world_of(tmp_path, FRESNO, TYLER)
    with world.tools() as tools:
        tools.archive.create(subscribe("asks@example.org", **wish, now=world.now))
        drive(tools)
    subjects = zip(world.outbox.mails, world.outbox.subjects(), strict=True)
    told = [subject.split(",")[0] for (_, to), subject in subjects if to == "asks@example.org"]
    assert sorted(told) == sorted(places)


def test_what_a_subscription_would_have_sent_and_that_none_of_it_is_sent(tmp_path: Path) -> None:
    world = world_of(tmp_path, FRESNO, TYLER, at=timedelta(days=60))
    with world.tools() as tools:
        drive(tools)
        assert world.outbox.mails == [], "old news when it was found"
        everything = subscribe("new@example.org", now=tools.now())
        would = subscribing.would_have_sent(tools.archive, everything, now=tools.now())
        assert sorted(one.docket.jurisdiction.label for one in would) == ["Fresno, CA", "Smith County, TX"]
        texas = replace(everything, places=("TX",))
        assert len(subscribing.would_have_sent(tools.archive, texas, now=tools.now())) == 1
        assert subscribing.would_have_sent(tools.archive, everything, now=tools.now() + timedelta(days=31)) == []
        subscribing.keep(tools.archive, everything, secret_key=KEY)
        drive(tools)
    assert world.outbox.mails == [], "it is armed silently"


def test_the_same_wish_again_changes_when_and_how_sure_and_nothing_else(tmp_path: Path) -> None:
    world = World(tmp_path, Web({}), now=NOW)
    with world.tools() as tools:
        wish = subscribe("a@example.org", now=NOW)
        kept = subscribing.keep(tools.archive, wish, secret_key=KEY)
        assert kept.id != wish.id, "an id that tells nobody whose it is"
        again = subscribe("a@example.org", min_confidence=0.9, when="daily", now=NOW + timedelta(days=1))
        changed = subscribing.keep(tools.archive, again, secret_key=KEY)
        assert (changed.id, changed.created) == (kept.id, NOW)
        assert (changed.min_confidence, changed.rhythm) == (0.9, "daily")
        older = subscribe("b@example.org", now=NOW)
        tools.archive.create(older)  # as releases before kept it
        assert subscribing.keep(tools.archive, older, secret_key=KEY).id == older.id
        assert tools.archive.count(Subscription) == 2


def test_removal_erases_the_address_and_keeps_the_ledger(tmp_path: Path) -> None:
    world = World(tmp_path, Web({}), now=NOW)
    with world.tools() as tools:
        kept = subscribing.keep(tools.archive, subscribe("gone@example.org", now=NOW), secret_key=KEY)
        adopt(tools, TOWNS[:2], world.now)
        for docket in dockets(tools):
            delivering.expand_notices(tools, docket)
        first, second = every(tools.archive, Alert)
        tools.archive.replace(
            replace(second.record, due=NOW + timedelta(hours=1), mail="To: gone@example.org"), second.version
        )
        flow.deliver_due(tools)
        subscribing.remove(tools.archive, kept, secret_key=KEY, now=NOW)
        left = rows(tools)
        assert sorted((row.state, row.reason) for row in left) == [
            ("sent", ""), ("suppressed", "the subscription was removed"),
        ]  # fmt: skip
        assert all(len(row.recipient) == 22 for row in left)
        assert first.record.recipient == left[0].recipient
        stored = b"".join(path.read_bytes() for path in tmp_path.glob("archive.sqlite3*") if path.is_file())
        assert all("gone@example.org" not in str(row) for row in left)
        assert stored
        again = subscribing.keep(tools.archive, subscribe("gone@example.org", now=NOW + timedelta(1)), secret_key=KEY)
        assert again.id == kept.id
        drive(tools)
    assert len(world.outbox.mails) == 1, "whoever comes back is not told again"


def test_removal_erases_the_address_from_what_mail_servers_said(tmp_path: Path) -> None:
    world = World(tmp_path, Web({}), now=NOW)
    world.outbox.fail = AddressRefused("refused for good: 550 5.1.1 <Gone@Example.org>: no such user")
    with world.tools() as tools:
        kept = subscribing.keep(tools.archive, subscribe("gone@example.org", now=NOW), secret_key=KEY)
        adopt(tools, TOWNS[:1], world.now)
        for docket in dockets(tools):
            delivering.expand_notices(tools, docket)
        flow.deliver_due(tools)
        subscribing.remove(tools.archive, kept, secret_key=KEY, now=NOW)
        (row,) = rows(tools)
        assert row.reason == "refused for good: 550 5.1.1 <…>: no such user"


def test_a_bounce_stops_the_address_and_removes_nothing(tmp_path: Path) -> None:
    world = World(tmp_path, Web({}), now=NOW)
    with world.tools() as tools:
        for name in ("one", "two"):
            tools.archive.create(subscribe("a@example.org", name=name, now=NOW))
        tools.archive.create(subscribe("b@example.org", now=NOW))
        adopt(tools, TOWNS[:1], world.now)
        for docket in dockets(tools):
            delivering.expand_notices(tools, docket)
        flow.deliver_due(tools)
        row = next(row for row in rows(tools) if row.subscription != subscribe("b@example.org", now=NOW).id)
        soft = Bounce(row.id, "", "a@example.org", "4.2.2", "full")
        assert subscribing.take_bounce(tools.archive, soft, now=NOW) is None
        foreign = Bounce("", row.message_id, "b@example.org", "5.1.1", "not theirs to report")
        assert subscribing.take_bounce(tools.archive, foreign, now=NOW) is None
        hard = Bounce("", row.message_id, "A@example.org", "5.1.1", "returned: 550")
        assert subscribing.take_bounce(tools.archive, hard, now=NOW) is not None
        stopped = {s.record.to: s.record.stopped for s in every(tools.archive, Subscription)}
        assert stopped == {"a@example.org": "returned: 550", "b@example.org": ""}
        for stored in subscribing.find(tools.archive, "a@example.org"):
            subscribing.resume(tools.archive, stored)
        assert {s.record.stopped for s in every(tools.archive, Subscription)} == {""}


# ------------------------------------------------------------------ how sure
def joined(tools: Tools, *, source: str, kind: str = "news", story: str = "", sentence: str = "") -> None:
    """One more account of a vote in Reno, taken into its docket."""
    where = place("Reno", "NV")
    told = report("adopted", "2026-03-04", where=where, confidence=0.7, alertable=kind == "news", sentence=sentence)
    whole = written(told, published="2026-03-05", source=source, kind=kind, name=source)  # type: ignore[arg-type]
    known = tools.archive.get(Docket, where.key)
    docket, _ = join_all([(told, replace(whole, story=story))], known.record if known else None, now=NOW)
    if known is None:
        tools.archive.create(docket)
    else:
        tools.archive.replace(docket, known.version)
    for name in dockets(tools):
        delivering.expand_notices(tools, name)
    flow.deliver_due(tools)


def test_what_is_not_sure_enough_waits_for_a_second_independent_source(tmp_path: Path) -> None:
    world = World(tmp_path, Web({}), now=NOW)
    with world.tools() as tools:
        tools.archive.create(subscribe("careful@example.org", min_confidence=0.8, now=at("2026-03-01")))
        joined(tools, source="A", story="s", sentence="The council of Reno adopted the ordinance on Wednesday night.")
        assert world.outbox.mails == []
        joined(tools, source="B", story="s", sentence="The council of Reno adopted the ordinance on Wednesday night.")
        assert world.outbox.mails == [], "a copy is the same source"
        joined(tools, source="City PR", kind="press_release", sentence="Reno's council is proud to have adopted it.")
        assert world.outbox.mails == [], "a release confirms nobody else's account"
        joined(tools, source="C", sentence="I saw the councillors of Reno vote, five to two, for the ordinance.")
        assert len(world.outbox.mails) == 1
        joined(tools, source="D", sentence="Reno is a sanctuary city now, its mayor said after the vote on Wednesday.")
        assert len(world.outbox.mails) == 1, "later reports add sources and mail nothing"


def test_alerts_of_a_real_run_name_their_channel(tmp_path: Path) -> None:
    world = world_of(tmp_path, FRESNO)
    with world.tools() as tools:
        drive(tools)
        (row,) = alerts(tools)
        assert (row.channel, len(row.recipient), row.mail) == ("mail", 22, "")
        assert article(tools, f"{BEE}/0").measures
