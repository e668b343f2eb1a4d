"""Feeds that push: asking their hubs to (WebSub), answering what hubs ask, and what a push leads to.

Everything kept lies in the frontier and may be lost (see ``pipeline.feeds.websub``). A push is a hint: it makes its
feed due at once, and what is new is found by polling it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, NamedTuple

from config.settings import Settings
from pipeline.acquire import Answer
from pipeline.archive.base import Archive
from pipeline.dues import due_feed
from pipeline.errors import Discard, NotYet, PipelineError, Retry
from pipeline.feeds import websub
from pipeline.feeds.note import FeedNote
from pipeline.feeds.parsed import web_link
from pipeline.feeds.websub import Offer, Pushed, Standing
from pipeline.fetch import check
from pipeline.frontier.base import Frontier
from pipeline.model import Feed
from pipeline.tools import Tools

log = logging.getLogger(__name__)

OFFER, STANDING, PUSHED = "hub", "websub", "pushed"
"""Kinds of the frontier's notes, by id of the feed."""
PATH = "/websub/"
"""Where the web answers hubs."""
ASK_SECONDS = 10.0
"""For one hub to answer."""
FORM = "application/x-www-form-urlencoded"


# ------------------------------------------------------------------ asking hubs
def ask_hubs(tools: Tools, *, seconds: float = 45.0) -> int:
    """Subscribes where a feed names a hub and we are not subscribed, renews, and takes leave for feeds that are no
    longer watched, for so long; the rest waits for the next call. Returns how many hubs were asked."""
    if not tools.settings.pushes:
        return 0
    end = time.monotonic() + seconds
    asked = 0
    silent: set[str] = set()
    offers, standings = tools.frontier.notes(OFFER), tools.frontier.notes(STANDING)
    for feed in sorted(offers.keys() | standings.keys()):
        if time.monotonic() >= end or tools.stopping.is_set():
            break
        offer = websub.from_bytes(Offer, offers.get(feed, b""))
        standing = websub.from_bytes(Standing, standings.get(feed, b""))
        watched = tools.archive.get(Feed, feed) is not None
        callback = callback_of(tools.settings, feed, offer) if offer else ""
        step = websub.next_step(offer, standing, watched=watched, callback=callback, now=tools.now())
        if step == "forget":
            _forget(tools.frontier, feed)
        elif step is not None:
            asks = websub.asking(offer, standing, step, callback, tools.now())
            if asks.hub not in silent:
                asked += 1
                if not _ask(tools, feed, asks):
                    silent.add(asks.hub)
    return asked


def callback_of(settings: Settings, feed: str, offer: Offer) -> str:
    """The address at which a feed's hub reaches us."""
    return f"{settings.public_url.rstrip('/')}{PATH}{websub.token_of(settings.secret_key, feed, offer)}"


def _ask(tools: Tools, feed: str, standing: Standing) -> bool:
    """Asks one hub; False when it is of no use to ask it about another feed just now."""
    # Kept before: some hubs ask back before they answer.
    tools.frontier.set_note(STANDING, feed, websub.to_bytes(standing))
    try:
        _hand_over(tools, standing)
    except NotYet:
        return False  # the program ends
    except PipelineError as error:
        log.info("hub %s of feed %s: %s: %s", standing.hub, feed, type(error).__name__, error.reason)
        tools.tally.add("hub failed", reason=type(error).__name__)
        after = error.after if isinstance(error, Retry) else 0.0
        # It may have asked back before it failed: what it was told then stands.
        left = websub.from_bytes(Standing, tools.frontier.note(STANDING, feed)) or standing
        if left.pending:
            left = websub.troubled(left, error.reason, tools.now(), after=after)
            tools.frontier.set_note(STANDING, feed, websub.to_bytes(left))
        return not isinstance(error, Retry)
    tools.tally.add("hub asked", reason=standing.wish)
    return True


def _hand_over(tools: Tools, standing: Standing) -> None:
    """Posts a wish, along one redirect that keeps the method (WebSub, 5.1). Raises what the fetcher and ``check``
    raise."""
    secret = websub.secret_of(tools.settings.secret_key, standing.callback.rpartition("/")[2])
    body, url = websub.form(standing, secret), standing.hub
    for _ in range(2):
        answer = tools.fetcher.post(url, body, headers={"Content-Type": FORM}, deadline=ASK_SECONDS)
        if answer.status not in (307, 308):
            break
        url = web_link(answer.headers.get("location", ""), url)
    if 300 <= answer.status < 400:
        raise Discard(f"the hub answered {answer.status}")
    check(answer, tools.now())


def _forget(frontier: Frontier, feed: str) -> None:
    for kind in (OFFER, STANDING, PUSHED):
        frontier.set_note(kind, feed, b"")


# ------------------------------------------------------------------ asked by hubs
class Door(NamedTuple):
    """Who is called, when a hub calls."""

    state: Literal["open", "gone", "unknown"]
    """``gone``: the address was ours, but its feed is no longer watched, has another hub by now, or pushes are off."""
    id: str = ""
    """The feed's."""
    feed: Feed | None = None
    """None unless the address is open."""
    standing: Standing | None = None


def door(archive: Archive, frontier: Frontier, settings: Settings, token: str) -> Door:
    """What stands behind the address with this token. Raises ``Unavailable``."""
    id_ = websub.feed_of(settings.secret_key, token)
    if id_ is None:
        return Door("unknown")
    standing = websub.from_bytes(Standing, frontier.note(STANDING, id_))
    if standing is not None and standing.callback.rpartition("/")[2] != token:
        return Door("gone", id_)
    stored = archive.get(Feed, id_)
    if stored is None or not settings.pushes:
        return Door("gone", id_, None, standing)
    return Door("open", id_, stored.record, standing)


def answer_hub(frontier: Frontier, called: Door, question: Mapping[str, str], now: datetime) -> bool:
    """A hub asks whether we mean what it was told, or says that it will not push. Whether the answer is yes; what it
    comes to is kept."""
    mode, standing = question.get("hub.mode", ""), called.standing
    if called.state == "gone" and mode == "unsubscribe":
        if standing is not None:
            _forget(frontier, called.id)
        return True
    if called.feed is None or standing is None or mode not in ("subscribe", "denied"):
        return False
    after = websub.denied(standing, question, now) if mode == "denied" else websub.confirm(standing, question, now)
    if after is None:
        return False
    if after != standing:
        frontier.set_note(STANDING, called.id, websub.to_bytes(after))
        log.info("hub %s of feed %s: %s", standing.hub, called.id, after.trouble or f"pushes until {after.until}")
    return True


def take_push(frontier: Frontier, feed: Feed, now: datetime) -> bool:
    """A genuine push: its feed is due now, or as soon as pushes may lead to a poll again. Whether it made a
    difference."""
    pushed, due = websub.take(websub.from_bytes(Pushed, frontier.note(PUSHED, feed.id)), now)
    # Before the feed is due: whoever has it leased just now looks for this when it has settled.
    frontier.set_note(PUSHED, feed.id, websub.to_bytes(pushed))
    if due is None:
        return False
    frontier.put("feed", [due_feed(feed, due)])
    return True


# ------------------------------------------------------------------ what pushes mean for polling
@dataclass(frozen=True, slots=True)
class Heard:
    """What was known of a feed's pushes when its poll began."""

    offer: Offer | None = None
    pushed: Pushed | None = None
    hinted: bool = False
    """The poll is the first one after a push."""

    def unpaced(self, note: FeedNote) -> FeedNote:
        """The note for a poll that is to leave the feed's interval as it is, when a push led to it: what it finds tells
        how soon hubs push, not how often to poll."""
        return replace(note, due=None) if self.hinted else note


def listen(tools: Tools, feed: Feed, note: FeedNote) -> Heard:
    """To be asked before a feed is polled."""
    if not tools.settings.pushes:
        return Heard()
    offer = websub.from_bytes(Offer, tools.frontier.note(OFFER, feed.id))
    if offer is None:
        return Heard()
    pushed = websub.from_bytes(Pushed, tools.frontier.note(PUSHED, feed.id))
    return Heard(offer, pushed, websub.answers_push(pushed, note.last_poll))


def paced(tools: Tools, feed: Feed, heard: Heard, answer: Answer, *, first: bool) -> datetime:
    """When to poll a feed next after this answer. Keeps what the answer says of its hub and of the worth of its pushes;
    a ``first`` one, to which everything is new, says nothing of that."""
    next_at, found, new = answer.next_at, answer.offer, answer.new
    if not tools.settings.pushes:
        return next_at
    now = tools.now()
    offer = heard.offer
    if found is not None and (offer is None or (offer.hub, offer.topic) != (found.hub, found.topic)):
        offer = found
    if offer is None or (heard.offer is None and not offer.hub):
        return next_at
    if not first:
        offer = websub.learn(offer, heard.pushed, hinted=heard.hinted, new=new, now=now)
    if offer != heard.offer:
        tools.frontier.set_note(OFFER, feed.id, websub.to_bytes(offer) if offer.hub else b"")
    standing = websub.from_bytes(Standing, tools.frontier.note(STANDING, feed.id))
    trust = websub.trusted(offer, standing, now)
    return websub.pace(next_at, now, hinted=heard.hinted, new=new, trust=trust)


def heed(tools: Tools, feed: Feed, heard: Heard) -> None:
    """To be asked after a poll was settled: a push that came in its midst found the feed leased, and may be about what
    the poll has not seen yet."""
    if heard.offer is None:
        return
    pushed = websub.from_bytes(Pushed, tools.frontier.note(PUSHED, feed.id))
    if pushed is not None and pushed != heard.pushed:
        tools.frontier.put("feed", [due_feed(feed, max(pushed.due, tools.now()))])
