"""WebSub (W3C, 2018): which hub a feed names, what to ask of it and when, and whether a push is genuine. Pure.

A push is a hint: it says "look at this feed now" and nothing in it is believed. So all that is kept here may be lost
with the frontier. The address that a hub calls proves itself (it is signed with the monitor's secret key and names the
feed) and the secret that a hub signs with is made from that address: a subscription that the frontier has forgotten
still pushes, until its lease is over or the feed, which is polled anew then, is subscribed again.

Three small notes for each feed that names a hub, each with one writer: ``Offer`` (the poll of the feed), ``Standing``
(whoever asks the hub or is asked by it) and ``Pushed`` (whoever takes pushes). Instants are aware and in UTC.
"""

from __future__ import annotations

import hmac
import re
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import Any, Literal, TypeVar
from urllib.parse import urlencode

from pipeline.errors import UserError
from pipeline.feeds.parsed import web_link

LEASE = timedelta(days=10)
"""Asked for; the hub decides. What W3C's recommendation names as a good default."""
LONGEST_LEASE = timedelta(days=30)
RENEW_AT = 0.8
"""Of the lease."""
FIRST_WAIT = timedelta(minutes=10)
LONGEST_WAIT = timedelta(days=1)
"""A hub that does not answer, or does not verify, is asked again after ten minutes, then twice as long each time."""
DENIED_WAIT = timedelta(days=7)
FAREWELLS = 3
"""So often a hub is asked to end a subscription; then its lease does."""

GAP = timedelta(seconds=10)
"""Between two polls of one feed that pushes lead to, when there are many of them ..."""
AT_ONCE = 3
"""... but so many follow each other at once: an outlet that puts out two stories within seconds is no flood."""
AGAIN = timedelta(minutes=1)
"""A push that led to nothing new: caches may not have noticed yet, so the feed is looked at once more."""
NEAR = timedelta(minutes=10)
"""News within so long after a push came with it."""
SLOWER = 4
"""Polls of a feed whose pushes work are so many times farther apart ..."""
SLOWEST = timedelta(hours=3)
"""... but because of pushes never more than this."""

CHALLENGE_CAP = 4_096
"""Characters of ``hub.challenge``."""
ALGORITHMS = ("sha512", "sha384", "sha256", "sha1")
"""Of signatures, the strongest first; sha1 counts when a push brings no other."""

_TOKEN = re.compile(r"([0-9a-f]{24})-([0-9a-f]{8})-([A-Za-z0-9_-]{22})")
_LINK = re.compile(r"<([^<>]*)>((?:\s*;\s*[\w!#$&+.^`|~*-]+(?:\s?=\s?(?:\"(?:[^\"\\]|\\.)*\"|[^\s\";,]*))?)*)")
_REL = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^\s\";,]*))", re.IGNORECASE)

Wish = Literal["subscribe", "unsubscribe"]


# ------------------------------------------------------------------ what is kept
@dataclass(frozen=True, slots=True)
class Offer:
    """What a feed says about its pushes, and whether they are worth something."""

    hub: str = ""
    """'' when it names none any more."""
    topic: str = ""
    """The address under which the hub knows the feed."""
    told: datetime | None = None
    """When a push last led to something new."""
    missed: datetime | None = None
    """When a poll last found something new of which no push had told."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How we stand with a hub about one feed."""

    callback: str
    hub: str
    topic: str
    wish: Wish
    pending: bool = False
    """The wish has been told to the hub, which has not yet asked back."""
    asked: int = 0
    """How often since the hub last confirmed."""
    again: datetime | None = None
    """Not to be asked before."""
    granted: datetime | None = None
    until: datetime | None = None
    """End of the lease; None: no subscription."""
    trouble: str = ""
    """Why there is none, in a sentence."""

    def live(self, now: datetime) -> bool:
        """Whether the hub pushes."""
        return self.until is not None and now < self.until


@dataclass(frozen=True, slots=True)
class Pushed:
    """What came from the hub."""

    at: datetime
    """Of the last genuine push."""
    due: datetime
    """When the feed was last made due by one."""
    paid: datetime | None = None
    """The polls that pushes have led to so far, at one in ``GAP``, last until then."""


N = TypeVar("N", bound=Offer | Standing | Pushed)


@cache
def _adapter(kind: Any) -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(kind)


def to_bytes(note: Offer | Standing | Pushed) -> bytes:
    """As the frontier keeps it."""
    kind: Any = type(note)
    data: bytes = _adapter(kind).dump_json(note, exclude_defaults=True)
    return data


def from_bytes(kind: type[N], data: bytes) -> N | None:
    """The note of ``to_bytes``; None of b'' and of what cannot be read: then it is as if it were lost."""
    if not data:
        return None
    made: Any = kind
    try:
        note: N = _adapter(made).validate_json(data)
    except ValueError:
        return None
    return note


# ------------------------------------------------------------------ discovery
def offered(link_header: str, hub: str, self_url: str, url: str) -> Offer:
    """The hub and the topic of a feed: from its ``Link`` headers (joined by commas), which count more, else from its
    body (``hub`` and ``self_url`` as parsed). ``url`` is where it was fetched, the topic of a feed that names none."""
    links = _links(link_header, url)
    hub = links.get("hub") or hub
    return Offer(hub, (links.get("self") or self_url or url) if hub else "")


def _links(header: str, base: str) -> dict[str, str]:
    """The first http(s) address of each relation in a ``Link`` header (RFC 8288), relations in lower case."""
    found: dict[str, str] = {}
    for target, parameters in _LINK.findall(header[:8_192]):
        rel = _REL.search(parameters)
        link = web_link(target, base) if rel else ""
        if rel and link:
            for name in (rel[1] or rel[2]).lower().split():
                found.setdefault(name, link)
    return found


# ------------------------------------------------------------------ addresses and secrets
def token_of(secret_key: str, feed: str, offer: Offer | Standing) -> str:
    """The last part of the address at which a hub reaches us about a feed (its id): the same for the same hub and
    topic, of which 132 bits cannot be guessed. Raises ``UserError`` without a secret key."""
    about = sha256(f"{offer.hub}\x1f{offer.topic}".encode()).hexdigest()[:8]
    return f"{feed}-{about}-{_sign(secret_key, f'callback/{feed}/{about}')[:22]}"


def feed_of(secret_key: str, token: str) -> str | None:
    """The id of the feed that a token is about; None when we did not make it. Raises ``UserError`` without a key."""
    found = _TOKEN.fullmatch(token)
    if found is None:
        return None
    feed, about, signature = found.groups()
    return feed if hmac.compare_digest(_sign(secret_key, f"callback/{feed}/{about}")[:22], signature) else None


def secret_of(secret_key: str, token: str) -> str:
    """What the hub signs its pushes to this token's address with: 43 bytes. Raises ``UserError`` without a key."""
    return _sign(secret_key, f"secret/{token}").rstrip("=")


def _sign(secret_key: str, text: str) -> str:
    if not secret_key:
        raise UserError("SANCTUARY_WATCH_SECRET_KEY is not set")
    key = hmac.digest(secret_key.encode(), b"sanctuary-watch/websub", sha256)
    return urlsafe_b64encode(hmac.digest(key, text.encode(), sha256)).decode("ascii")


# ------------------------------------------------------------------ asking the hub
def next_step(
    offer: Offer | None, standing: Standing | None, *, watched: bool, callback: str, now: datetime
) -> Wish | Literal["forget"] | None:
    """What to ask of a feed's hub now; ``forget``: nothing is left to be asked or known; None: nothing for now.
    ``callback`` is the address at which the hub should reach us for this offer."""
    if not watched:
        if standing is None or not (standing.live(now) or standing.pending):
            return "forget"
        if standing.wish == "unsubscribe":
            if not _may_ask(standing, now):
                return None
            return "forget" if standing.asked >= FAREWELLS else "unsubscribe"
        return "unsubscribe"
    if offer is None:  # the feed names no hub any more: what is left runs out
        return "forget" if standing is not None and not standing.live(now) else None
    if standing is None or standing.callback != callback or standing.wish != "subscribe":
        return "subscribe"
    return "subscribe" if now >= renewal(standing, now) and _may_ask(standing, now) else None


def renewal(standing: Standing, now: datetime) -> datetime:
    """When a subscription has to be renewed: at 80 % of its lease, now when there is none."""
    if standing.granted is None or standing.until is None:
        return now
    return standing.granted + RENEW_AT * (standing.until - standing.granted)


def _may_ask(standing: Standing, now: datetime) -> bool:
    return standing.again is None or now >= standing.again


def asking(offer: Offer | None, before: Standing | None, wish: Wish, callback: str, now: datetime) -> Standing:
    """The standing while the hub is asked: about what the feed offers, or, to take leave, about what stands."""
    if before is not None and (wish == "unsubscribe" or before.callback == callback):
        kept = before if before.wish == wish else replace(before, wish=wish, asked=0)
    else:
        assert offer is not None, "only what is offered is subscribed to"
        kept = Standing(callback, offer.hub, offer.topic, wish)
    wait = min(FIRST_WAIT * 2 ** min(kept.asked, 10), LONGEST_WAIT)
    return replace(kept, pending=True, asked=kept.asked + 1, again=now + wait)


def form(standing: Standing, secret: str) -> bytes:
    """The body of the request to the hub, ``application/x-www-form-urlencoded``."""
    fields = {"hub.callback": standing.callback, "hub.mode": standing.wish, "hub.topic": standing.topic}
    if standing.wish == "subscribe":
        fields |= {"hub.lease_seconds": str(int(LEASE.total_seconds())), "hub.secret": secret}
    return urlencode(fields).encode("ascii")


def troubled(standing: Standing, reason: str, now: datetime, *, after: float = 0.0) -> Standing:
    """The hub could not be asked, or refused; ``after`` are seconds that it wants to be left alone. A subscription that
    is still there stays."""
    wait = now + timedelta(seconds=min(after, DENIED_WAIT.total_seconds()))
    return replace(standing, pending=False, trouble=reason, again=max(standing.again or wait, wait))


# ------------------------------------------------------------------ asked by the hub
def confirm(standing: Standing, question: Mapping[str, str], now: datetime) -> Standing | None:
    """The standing after a hub asked whether we want to be pushed to (``hub.topic``, ``hub.lease_seconds``), to be
    answered with its challenge; None when we do not. A question that was answered before is answered again, and changes
    nothing: the answer may have been lost."""
    if standing.wish != "subscribe" or question.get("hub.topic") != standing.topic:
        return None
    if not standing.pending:
        return standing if standing.live(now) else None
    given = question.get("hub.lease_seconds", "")
    lease = timedelta(seconds=int(given)) if given.isdecimal() and len(given) <= 9 else LEASE
    until = now + min(lease, LONGEST_LEASE)
    return replace(standing, pending=False, asked=0, again=None, granted=now, until=until, trouble="")


def denied(standing: Standing, question: Mapping[str, str], now: datetime) -> Standing | None:
    """The standing after a hub said that it does not push this topic (any more); None when that is not ours."""
    if question.get("hub.topic") != standing.topic:
        return None
    reason = " ".join(question.get("hub.reason", "").split())[:200]
    trouble = f"the hub denies it{': ' if reason else ''}{reason}"
    return replace(standing, pending=False, asked=0, again=now + DENIED_WAIT, until=None, trouble=trouble)


# ------------------------------------------------------------------ pushes
class Signature:
    """Checks a push piece by piece, so that nobody's body has to be held.

    ``headers`` are the values of X-Hub-Signature (``sha256=…``), of which the strongest that we know counts.
    """

    def __init__(self, headers: Iterable[str], secret: str) -> None:
        given: dict[str, str] = {}
        for part in (part for header in headers for part in header.split(",")):
            method, _, value = part.strip().partition("=")
            given.setdefault(method.lower(), value.strip().lower())
        self.method = next((method for method in ALGORITHMS if method in given), "")
        """'' when the push is not signed in a way that we know."""
        self._given = given.get(self.method, "")
        self._made = hmac.new(secret.encode(), digestmod=self.method) if self.method else None

    def feed(self, piece: bytes) -> None:
        """The next piece of the body."""
        if self._made is not None:
            self._made.update(piece)

    def genuine(self) -> bool:
        """Whether the whole body was signed with the secret; compared in constant time."""
        if self._made is None:
            return False
        return hmac.compare_digest(self._made.hexdigest().encode(), self._given.encode("utf-8", "replace"))


def take(pushed: Pushed | None, now: datetime) -> tuple[Pushed, datetime | None]:
    """A genuine push: what to keep, and when to poll the feed. None when a poll to come answers it already: a flood of
    pushes leads to ``AT_ONCE`` polls and then to one in ``GAP``."""
    if pushed is not None and pushed.due > now:
        return replace(pushed, at=now), None
    paid = max(now, pushed.paid or pushed.due + GAP) if pushed else now
    due = max(now, paid - (AT_ONCE - 1) * GAP)
    return Pushed(now, due, paid + GAP), due


def answers_push(pushed: Pushed | None, last_poll: datetime | None) -> bool:
    """Whether a poll that begins now is the first one after a push."""
    return pushed is not None and (last_poll is None or pushed.at > last_poll)


def learn(offer: Offer, pushed: Pushed | None, *, hinted: bool, new: int, now: datetime) -> Offer:
    """What a poll says about the worth of pushes: ``new`` items were found, after a push (``hinted``) or without."""
    if not new:
        return offer
    if hinted or (pushed is not None and now - pushed.at <= NEAR):
        return replace(offer, told=now)
    return replace(offer, missed=now)


def trusted(offer: Offer, standing: Standing | None, now: datetime) -> bool:
    """Whether pushes work: the subscription lives, one led to something new, and since then nothing came without."""
    if standing is None or not standing.live(now) or offer.told is None:
        return False
    return offer.missed is None or offer.missed < offer.told


def pace(next_at: datetime, now: datetime, *, hinted: bool, new: int, trust: bool) -> datetime:
    """When to poll next, instead of ``next_at``."""
    if hinted and not new:
        return min(next_at, now + AGAIN)
    if trust:
        return max(next_at, min(now + SLOWER * (next_at - now), now + SLOWEST))
    return next_at
