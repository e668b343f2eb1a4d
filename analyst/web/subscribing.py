"""The form by which a person subscribes, the page behind the mail that asks whether it was her, and her feeds.

Nothing is kept before the address has confirmed: the wish travels in the signed address of the mail. How often mail is
asked for is bounded for each address, for each caller and over all, in this process; a form is good only when it came
from here, lately, and from the same site.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from analyst.answers.operations import would_have_row
from analyst.web import forms
from analyst.web.desk import NEVER_KEPT, Desk
from analyst.web.session import check_origin
from analyst.web.shown import masked
from pipeline import subscribing, telling
from pipeline.alerts import Transport, bounces, feeds, timing
from pipeline.alerts.subscriptions import in_words, split_places, subscribe
from pipeline.alerts.tokens import may_read, may_report, recipient_hash, seal, unseal
from pipeline.errors import PipelineError, UserError
from pipeline.model import ALERT_KINDS, DIRECTIONS, RHYTHMS, Subscription

CONFIRM_WITHIN = timedelta(days=2)
FORM_GOOD_FOR = timedelta(hours=12)
SHOWN = 10
"""Alerts of the last 90 days that are shown by their subject."""
NOT_VALID = "This link is not valid, or it is older than two days. Subscribe again to get a new one."
_ONE = ("to", "name", "places", "near", "miles", "query", "min_confidence", "when", "at", "weekday", "zone", "quiet")
_MANY = ("directions", "kinds")


@dataclass
class Door:
    """Bounds how often something may be done within a span of time; remembers in this process only."""

    remembered: int = 10_000
    _passed: OrderedDict[str, deque[datetime]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def lets(self, who: str, most: int, span: timedelta, now: datetime) -> bool:
        """Whether ``who`` has passed less than ``most`` times within the span; passes then."""
        with self._lock:
            times = self._passed.setdefault(who, deque(maxlen=most))
            self._passed.move_to_end(who)
            while len(self._passed) > self.remembered:
                self._passed.popitem(last=False)
            if len(times) == most and times[0] > now - span:
                return False
            times.append(now)
            return True


@dataclass(frozen=True)
class Reception:
    """What these pages need beside the desk."""

    desk: Desk
    transport: Transport
    door: Door = field(default_factory=Door)

    # -------------------------------------------------------------- the form
    async def subscribe(self, request: Request) -> Response:
        """GET shows the form, for the search ``q`` if there is one; POST checks it, shows what it would have sent, and
        mails the address a question."""
        if request.method != "POST":
            return await run_in_threadpool(self._form, {"query": request.query_params.get("q", "")}, "")
        check_origin(request)
        given = _fields(await forms.body(request))
        caller = request.client.host if request.client else ""
        return await run_in_threadpool(self._asked, given, caller)

    def _form(self, given: Mapping[str, Any], problem: str, status: int = 200) -> Response:
        now = self.desk.now()
        return self.desk.page(
            "subscribe.html",
            status=status,
            cache=NEVER_KEPT,
            here="/subscribe",
            problem=problem,
            given=dict.fromkeys(_ONE, "") | {key: [] for key in _MANY} | dict(given),
            directions=DIRECTIONS,
            kinds=ALERT_KINDS,
            rhythms=RHYTHMS,
            weekdays=timing.WEEKDAYS,
            token=seal(self.desk.settings.secret_key, "form", {}, now + FORM_GOOD_FOR),
        )

    def _asked(self, given: Mapping[str, Any], caller: str) -> Response:
        settings, now = self.desk.settings, self.desk.now()
        if unseal(settings.secret_key, "form", str(given.get("token", "")), now) is None:
            return self._form(given, "This form had become too old. Please send it again.", 400)
        try:
            wish = _wish(given, now)
        except UserError as error:
            return self._form(given, error.reason, 400)
        mark = recipient_hash(settings.secret_key, wish.to)
        day = timedelta(days=1)
        if not (
            self.door.lets(f"from {caller}", 10, timedelta(hours=1), now)
            and self.door.lets(f"to {mark}", 3, day, now)
            and self.door.lets("all", 300, day, now)
        ):
            return self._form(given, "Too many were asked for just now. Please try again tomorrow.", 429)
        would = subscribing.would_have_sent(self.desk.archive, wish, now=now)
        sealed = seal(settings.secret_key, "confirm", _kept(given), now + CONFIRM_WITHIN)
        try:
            telling.ask_to_confirm(
                self.transport, wish, f"{settings.pages}/subscribe/confirm/{sealed}", settings=settings, now=now
            )
        except PipelineError:
            return self._form(given, "No mail can be sent just now. Please try again in an hour.", 503)
        return self.desk.page(
            "subscribe_asked.html",
            cache=NEVER_KEPT,
            address=masked(wish.to),
            asked=in_words(wish),
            number=len(would),
            would=[would_have_row(one) for one in would[:SHOWN]],
        )

    # -------------------------------------------------------------- the answer to the mail
    def confirm(self, request: Request) -> Response:
        """GET shows what was asked for and changes nothing, for mail scanners open links too; POST keeps it, from now
        on: nothing of the past is sent. The signed address is the authority, so the body is not read."""
        settings, now = self.desk.settings, self.desk.now()
        content = unseal(settings.secret_key, "confirm", request.path_params["sealed"], now)
        if content is None:
            raise HTTPException(404, NOT_VALID)
        wish = _wish(content, now)
        if request.method == "POST":
            kept = subscribing.keep(self.desk.archive, wish, secret_key=settings.secret_key)
            if kept.stopped:  # the mail with this link has arrived
                for stored in subscribing.find(self.desk.archive, kept.id):
                    subscribing.resume(self.desk.archive, stored)
        return self.desk.page(
            "subscribe_confirm.html",
            cache=NEVER_KEPT,
            done=request.method == "POST",
            address=masked(wish.to),
            asked=in_words(wish),
            path=request.url.path,
        )

    # -------------------------------------------------------------- what programs read and write
    def feed(self, request: Request) -> Response:
        """A subscription's feed, as Atom or JSON Feed. 404 when the address proves nothing."""
        token, _, ending = request.path_params["file"].rpartition(".")
        found = self.desk.archive.get(Subscription, request.path_params["subscription"])
        settings = self.desk.settings
        if found is None or ending not in ("atom", "json") or not may_read(settings.secret_key, found.record, token):
            raise HTTPException(404, "There is no such feed.")
        told = telling.told_of(self.desk.archive, found.record, settings=settings)
        write = feeds.atom if ending == "atom" else feeds.json_feed
        kind = "application/atom+xml" if ending == "atom" else "application/feed+json"
        return Response(
            write(found.record, told, settings), headers={"content-type": kind, "cache-control": "private, max-age=300"}
        )

    async def bounced(self, request: Request) -> Response:
        """Takes a bounce or complaint as a mail server got it, the whole message as the body; answers 204 whatever it
        was, 404 when the address proves nothing."""
        if not may_report(self.desk.settings.secret_key, request.path_params["token"]):
            raise HTTPException(404, "There is no such page.")
        data = await forms.body(request, bounces.LONGEST)
        await run_in_threadpool(self._take, data)
        return Response(status_code=204)

    def _take(self, data: bytes) -> None:
        if bounce := bounces.read_report(data, self.desk.settings):
            subscribing.take_bounce(self.desk.archive, bounce, now=self.desk.now())


def _fields(body: bytes) -> dict[str, Any]:
    """What a form says: one value of each field, all of those that may be chosen several times."""
    given = forms.parsed(body)
    one = {name: given[name][0] for name in (*_ONE, "token") if name in given}
    return one | {name: given[name] for name in _MANY if name in given}


def _kept(given: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in given.items() if value and key != "token"}


def _wish(given: Mapping[str, Any], now: datetime) -> Subscription:
    """Raises ``UserError``."""
    texts = {key: given[key] for key in ("name", "near", "query", "when", "at", "weekday", "zone", "quiet")
             if given.get(key)}  # fmt: skip
    numbers: dict[str, Any]
    try:
        numbers = {key: float(given[key]) for key in ("miles", "min_confidence") if given.get(key)}
    except ValueError:
        raise UserError("miles and confidence are numbers") from None
    return subscribe(
        str(given.get("to", "")),
        places=split_places(str(given.get("places", ""))),
        directions=given.get("directions", ()),
        kinds=given.get("kinds", ()),
        **texts,
        **numbers,
        now=now,
    )
