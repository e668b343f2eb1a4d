"""WebSub over real HTTP: the newsroom's feeds name a hub, the hub calls the web, a push leads to a poll."""

from __future__ import annotations

import http.client
import logging
import random
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
import uvicorn

from analyst.web.app import make_app
from config.settings import Settings
from demo.hub import Hub, Subscriber
from demo.newsroom import NETWORK, Newsroom, asked_for
from demo.stories import Story
from pipeline import flow, pushing
from pipeline.archive import open_archive
from pipeline.errors import Refused
from pipeline.feeds import websub
from pipeline.feeds.opml import FeedLine
from pipeline.feeds.websub import Offer, Standing
from pipeline.fetch import Fetcher
from pipeline.frontier import open_frontier
from pipeline.model import Entry, Feed, make_id
from pipeline.politeness import Politeness
from pipeline.tools import Tools
from pipeline.watching import unwatch, watch
from tests.integration.fleet import Fleet, wait_until
from tests.integration.world import Here, Outbox
from tests.servers.processes import free_port

NOW = datetime.now(UTC).replace(microsecond=0)
OUTLET = "ledger"


def story_of(newsroom: Newsroom, name: str, at: datetime) -> Story:
    """One more story of the outlet, about nothing much."""
    like = next(story for story in newsroom.stories.values() if story.outlet.id == OUTLET and story.page == "article")
    return replace(
        like,
        id=name,
        title=f"Library opens {name} reading room",
        path=f"/today/{name}",
        paragraphs=("The library opened a reading room on Monday.", "Children may bring their own books."),
        summary="",
        published=at,
        via="",
        of="",
        proves=(),
    )


class Site:
    """A monitor of one outlet and its web, on real stores and real HTTP, with a clock that is moved by hand."""

    def __init__(self, home: Path, hub: Hub, newsroom: Newsroom, stack: ExitStack) -> None:
        self.hub, self.newsroom = hub, newsroom
        self.now = NOW
        self.hinted = threading.Event()
        listener = stack.enter_context(closing(socket.create_server(("127.0.0.1", 0))))
        port = listener.getsockname()[1]
        self.settings = Settings(
            home=home, secret_key="a key for tests", allow_networks=NETWORK, public_url=f"http://127.0.0.1:{port}"
        )
        archive = stack.enter_context(closing(open_archive(self.settings.archive)))
        frontier = stack.enter_context(closing(open_frontier(self.settings.frontier)))
        fetcher = Fetcher(contact="https://example.org", networks=self.settings.networks)
        self.tools = Tools(
            settings=self.settings,
            archive=archive,
            frontier=frontier,
            fetcher=fetcher,
            politeness=Politeness(frontier, fetcher, now=lambda: self.now),
            workshop=Here(),  # type: ignore[arg-type]
            transport=Outbox(),
            now=lambda: self.now,
            rng=random.Random(1),
        )
        self.feed = watch(archive, frontier, FeedLine(url=newsroom.feed_url(OUTLET), kind="news"), now=lambda: self.now)
        self.topic = self.feed.url
        app = make_app(self.settings, archive, frontier, now=lambda: self.now, hint=self.hinted.set)
        server = uvicorn.Server(
            uvicorn.Config(app, log_config=None, log_level="warning", access_log=False, lifespan="off")
        )
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()

        def end() -> None:
            server.should_exit = True
            thread.join()

        stack.callback(end)

    # -------------------------------------------------------------- what happens
    def poll(self) -> int:
        """Polls what is due; how many entries are known then."""
        flow.poll_due(self.tools)
        return self.tools.archive.count(Entry)

    def subscribe(self) -> Subscriber:
        """Finds the hub and subscribes to it."""
        self.poll()
        before = len(self.hub.seen("verified"))
        assert flow.sweep_hubs(self.tools) == 1
        assert self.hub.wait(lambda: len(self.hub.seen("verified")) == before + 1)
        return self.hub.subscribers[self.topic, self.callback]

    def publish(self, name: str) -> None:
        """Publishes a story, and waits until the hub has pushed it."""
        before = len(self.hub.seen("pushed"))
        self.newsroom.publish(story_of(self.newsroom, name, self.now))
        assert self.hub.wait(lambda: len(self.hub.seen("pushed")) > before)

    def later(self, **delta: float) -> None:
        self.now += timedelta(**delta)

    # -------------------------------------------------------------- what is so
    @property
    def callback(self) -> str:
        offer = self.note(Offer)
        assert offer is not None
        return pushing.callback_of(self.settings, self.feed.id, offer)

    def note(self, kind: type[websub.N]) -> websub.N | None:
        name = {Offer: pushing.OFFER, Standing: pushing.STANDING, websub.Pushed: pushing.PUSHED}[kind]
        return websub.from_bytes(kind, self.tools.frontier.note(name, self.feed.id))

    def standing(self) -> Standing:
        found = self.note(Standing)
        assert found is not None
        return found

    @property
    def due(self) -> datetime:
        return self.tools.frontier.dues("feed")[self.feed.id]

    def call(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, str, dict[str, str]]:
        """Calls the web as anybody might; ``_`` in a header's name stands for ``-``."""
        parts = urlsplit(self.settings.public_url)
        with closing(http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=20)) as connection:
            connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
            answer = connection.getresponse()
            return answer.status, answer.read().decode(), {name.lower(): text for name, text in answer.getheaders()}

    def ask(self, **question: str) -> tuple[int, str]:
        """Asks as a hub would."""
        query = urlencode({f"hub.{name}": value for name, value in question.items()})
        return self.call("GET", f"{urlsplit(self.callback).path}?{query}")[:2]


@pytest.fixture
def hub() -> Iterator[Hub]:
    with Hub() as made:
        yield made


@contextmanager
def opened(home: Path, hub: Hub) -> Iterator[Site]:
    with Newsroom(NOW, hub=hub) as newsroom, ExitStack() as stack:
        yield Site(home, hub, newsroom, stack)
        assert newsroom.errors == []


@pytest.fixture
def site(tmp_path: Path, hub: Hub) -> Iterator[Site]:
    with opened(tmp_path, hub) as made:
        yield made


# ------------------------------------------------------------------ subscribing
def test_a_feed_that_names_a_hub_is_subscribed_and_a_push_leads_to_a_poll(site: Site) -> None:
    subscriber = site.subscribe()
    assert subscriber.callback.startswith(site.settings.public_url + "/websub/")
    assert site.standing().until == site.now + websub.LEASE
    assert flow.sweep_hubs(site.tools) == 0, "once"

    entries = site.poll()
    site.later(minutes=5)
    assert site.due > site.now
    site.publish("east")
    assert site.due == site.now
    assert site.hinted.wait(20), "a worker is told"
    assert site.poll() == entries + 1


def test_pushes_that_work_slow_polling_down_and_one_that_is_missing_ends_that(site: Site) -> None:
    site.subscribe()
    site.later(minutes=5)
    before = site.due
    site.publish("east")
    site.poll()
    assert before - NOW < timedelta(hours=1.2)
    assert site.due - site.now == websub.SLOWEST
    offer = site.note(Offer)
    assert offer is not None
    assert offer.told == site.now

    site.newsroom.hub = None  # its address stays in the feed that is served already
    site.newsroom.publish(story_of(site.newsroom, "west", site.now))
    site.later(hours=4)
    entries = site.tools.archive.count(Entry)
    assert site.poll() == entries + 1, "polling never stops"
    assert site.due - site.now < timedelta(hours=1.2)


def test_a_push_with_nothing_new_is_looked_into_once_more(site: Site) -> None:
    subscriber = site.subscribe()
    site.later(minutes=5)
    assert site.hub.push(subscriber, b"<rss/>") == 202
    entries = site.poll()
    assert site.due - site.now == websub.AGAIN
    site.later(minutes=1)
    assert site.poll() == entries
    assert site.due - site.now > timedelta(minutes=10)


def test_a_push_in_the_midst_of_a_poll_is_not_lost(site: Site) -> None:
    subscriber = site.subscribe()
    site.later(hours=2)
    get = site.tools.fetcher.get

    def meanwhile(*given: object, **named: object) -> object:
        answer = get(*given, **named)  # type: ignore[arg-type]
        assert site.hub.push(subscriber, b"<rss/>") == 202
        return answer

    site.tools.fetcher.get = meanwhile  # type: ignore[method-assign,assignment]
    (claim,) = site.tools.frontier.claim("feed", 1, timedelta(minutes=1), site.now)
    flow.poll(site.tools, claim)
    assert site.due == site.now


def test_a_lease_is_renewed_before_it_ends_under_the_same_address(site: Site) -> None:
    first = site.subscribe()
    site.later(days=7.9)
    assert flow.sweep_hubs(site.tools) == 0
    site.later(days=0.1)
    assert flow.sweep_hubs(site.tools) == 1
    assert site.hub.wait(lambda: len(site.hub.seen("verified")) == 2)
    assert site.standing().until == site.now + websub.LEASE
    (again,) = site.hub.subscribers.values()
    assert (again.callback, again.secret) == (first.callback, first.secret)


def test_a_hub_that_denies_leaves_the_feed_to_polling(site: Site) -> None:
    site.subscribe()
    site.hub.deny(site.topic, "no room")
    assert site.standing().trouble == "the hub denies it: no room"
    assert not site.standing().live(site.now)
    assert flow.sweep_hubs(site.tools) == 0
    site.later(days=7)
    assert flow.sweep_hubs(site.tools) == 1


def test_a_hub_that_is_away_is_asked_again_and_once_for_all_its_feeds(site: Site) -> None:
    line = FeedLine(url=site.newsroom.feed_url("wire"))
    other = watch(site.tools.archive, site.tools.frontier, line, now=lambda: site.now)
    site.hub.refuses = True
    site.poll()
    assert flow.sweep_hubs(site.tools) == 1
    notes = site.tools.frontier.notes(pushing.STANDING)
    assert len(notes) == 1
    assert set(notes) < {site.feed.id, other.id}
    (standing,) = (websub.from_bytes(Standing, note) for note in notes.values())
    assert standing is not None
    assert (standing.trouble, standing.pending) == ("the server answered 503", False)
    site.hub.refuses = False
    assert flow.sweep_hubs(site.tools) == 1, "the other one"
    assert site.hub.wait(lambda: len(site.hub.seen("verified")) == 1)
    site.later(minutes=10)
    assert flow.sweep_hubs(site.tools) == 1


def test_a_feed_that_is_removed_is_unsubscribed(site: Site) -> None:
    site.subscribe()
    unwatch(site.tools.archive, site.tools.frontier, site.feed.url)
    assert flow.sweep_hubs(site.tools) == 1
    assert site.hub.wait(lambda: bool(site.hub.seen("left")))
    assert site.hub.subscribers == {}
    for kind in (pushing.OFFER, pushing.STANDING, pushing.PUSHED):
        assert site.tools.frontier.notes(kind) == {}


def test_nothing_is_asked_without_an_address_or_when_it_is_switched_off(tmp_path: Path, hub: Hub) -> None:
    with opened(tmp_path, hub) as site:
        for settings in (replace(site.settings, public_url=""), replace(site.settings, websub="off")):
            tools = replace(site.tools, settings=settings)
            flow.make_all_due(tools)
            flow.poll_due(tools)
            assert flow.sweep_hubs(tools) == 0
        assert site.tools.archive.count(Entry) > 0
    assert hub.events == []


def test_a_hub_inside_our_network_is_not_asked(site: Site) -> None:
    site.poll()
    guarded = replace(site.tools, fetcher=Fetcher(contact="https://example.org"))
    assert flow.sweep_hubs(guarded) == 1
    assert "not part of the public internet" in site.standing().trouble
    assert site.hub.events == []
    assert site.tools.tally["hub failed"] == 1
    with pytest.raises(Refused):
        guarded.fetcher.post(site.hub.url, b"")


# ------------------------------------------------------------------ the frontier may be lost
def test_a_lost_frontier_loses_no_push_and_is_subscribed_anew(site: Site) -> None:
    site.subscribe()
    callback = site.callback
    site.tools.frontier.clear()
    flow.refill(site.tools)
    site.poll()
    site.later(minutes=5)
    site.publish("east")
    assert site.due == site.now, "the address proves itself"
    assert site.callback == callback
    assert flow.sweep_hubs(site.tools) == 1
    assert site.hub.wait(lambda: len(site.hub.seen("verified")) == 2)
    assert len(site.hub.subscribers) == 1


# ------------------------------------------------------------------ what others try
def test_a_forged_push_is_dropped_and_counted(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    subscriber = site.subscribe()
    site.later(minutes=5)
    due, path = site.due, urlsplit(subscriber.callback).path
    with caplog.at_level(logging.WARNING):
        assert site.hub.push(replace(subscriber, secret="guessed"), b"<rss/>") == 202
        assert site.call("POST", path, b"<rss/>")[0] == 202
    assert site.due == due
    assert "it is forged" in caplog.text
    assert subscriber.callback.rpartition("/")[2] not in caplog.text, "the address is a key"
    told = site.call("GET", "/metrics")[1]
    assert 'sanctuary_watch_pushes_total{result="forged"} 1.0' in told
    assert 'sanctuary_watch_pushes_total{result="unsigned"} 1.0' in told


def test_a_flood_leads_to_few_polls(site: Site) -> None:
    subscriber = site.subscribe()
    site.later(minutes=5)
    before = len(asked_for(site.newsroom.requests, OUTLET))
    for _ in range(20):
        assert site.hub.push(subscriber, b"<rss/>") == 202
        site.poll()
    assert len(asked_for(site.newsroom.requests, OUTLET)) == before + websub.AT_ONCE
    site.later(seconds=websub.GAP.total_seconds())
    site.poll()
    assert len(asked_for(site.newsroom.requests, OUTLET)) == before + websub.AT_ONCE + 1


def test_an_endless_push_is_cut_off(site: Site) -> None:
    subscriber = site.subscribe()
    due = site.due
    assert site.hub.push(subscriber, b" " * 10_000_001) in (413, 0)
    assert site.due == due


@pytest.mark.parametrize("token", ["x", "0" * 24 + "-" + "0" * 8 + "-" + "A" * 22, "%2e%2e", "a/b"])
def test_an_address_that_never_was(site: Site, token: str) -> None:
    for method in ("GET", "POST"):
        assert site.call(method, f"/websub/{token}")[0] == 404


def test_an_address_that_is_no_longer_wanted(site: Site) -> None:
    subscriber = site.subscribe()
    old = pushing.callback_of(site.settings, site.feed.id, Offer("https://old.example/", site.topic))
    assert site.call("POST", urlsplit(old).path, b"x")[0] == 410
    site.tools.archive.delete(Feed, site.feed.id)
    assert site.hub.push(subscriber, b"<rss/>") == 410
    assert site.hub.subscribers == {}
    assert site.call("PUT", urlsplit(subscriber.callback).path)[0] == 405


def test_who_asks_what_was_not_asked_for_gets_no_yes(site: Site) -> None:
    site.poll()
    assert site.ask(mode="subscribe", topic=site.topic, challenge="c")[0] == 404, "nothing was asked for"
    site.subscribe()
    assert site.ask(mode="subscribe", topic="https://other.example/", challenge="c")[0] == 404
    assert site.ask(mode="unsubscribe", topic=site.topic, challenge="c")[0] == 404
    assert site.ask(mode="denied", topic="https://other.example/", challenge="c")[0] == 404
    assert site.ask(challenge="c")[0] == 404
    assert site.ask(mode="subscribe", topic=site.topic, challenge="c" * 5_000)[0] == 400
    assert site.standing().live(site.now)


def test_a_challenge_comes_back_as_plain_text_without_a_key(site: Site) -> None:
    site.subscribe()
    query = urlencode({"hub.mode": "subscribe", "hub.topic": site.topic, "hub.challenge": "<script>&</script>"})
    status, body, headers = site.call("GET", f"{urlsplit(site.callback).path}?{query}", X_Forwarded_For="203.0.113.7")
    assert (status, body) == (200, "<script>&</script>")
    assert headers["content-type"].startswith("text/plain")
    assert headers["x-content-type-options"] == "nosniff"


# ------------------------------------------------------------------ the whole program
@pytest.mark.timeout(180)
def test_the_program_reads_at_once_what_a_hub_tells_it(tmp_path: Path, hub: Hub) -> None:
    listen = f"127.0.0.1:{free_port()}"
    fleet = Fleet(tmp_path / "home", public_url=f"http://{listen}", web_listen=listen, allow_networks=NETWORK)
    with Newsroom(NOW, hub=hub) as newsroom:
        topic = newsroom.feed_url(OUTLET)
        fleet.do("feeds", "add", topic)
        with fleet:
            fleet.start("web").wait_for("The web answers")
            fleet.start("run")
            assert hub.wait(lambda: bool(hub.seen("verified", topic)), 90)
            story = story_of(newsroom, "north", datetime.now(UTC))
            newsroom.publish(story)
            assert hub.wait(lambda: bool(hub.seen("pushed", topic)))
            wanted = make_id("article", newsroom.base(OUTLET) + story.path)
            with fleet.archive() as archive:
                # Polling would find it in a quarter of an hour at the earliest.
                wait_until(lambda: archive.get(Entry, wanted) is not None)
