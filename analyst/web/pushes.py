"""What hubs ask and bring (WebSub): the address that each feed's hub calls, with GET to be sure and with POST to push.

A push is a hint: its body is read for its signature alone, and what is new is found by polling the feed. What cannot be
believed is dropped with a 2xx, as the recommendation has it, so that trying tells nothing.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterable, Callable
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, Counter
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from analyst.web.desk import Desk
from pipeline import pushing
from pipeline.feeds import websub
from pipeline.fetch import FEED_CAP
from pipeline.pushing import Door

log = logging.getLogger(__name__)

NOT_OURS = "There is no such page."
GONE = "This feed is no longer wanted here."


def _counter() -> Counter:
    return Counter(
        "sanctuary_watch_pushes",
        "Pushes from hubs, by what came of them: polled, folded, unsigned, forged, unknown, gone, too big.",
        ["result"],
        registry=CollectorRegistry(),
    )


def nobody() -> None:
    """Nobody is told: the next tick finds what is due."""


@dataclass(frozen=True)
class Hubs:
    """What these addresses need beside the desk. ``hint`` tells a worker that a feed is due, where one can be told."""

    desk: Desk
    hint: Callable[[], None] = nobody
    pushes: Counter = field(default_factory=_counter)

    async def called(self, request: Request) -> Response:
        """GET: a hub wants to be sure that we mean it; 404 when we do not. POST: a push; 404 and 410 when the address
        never was, or is no longer, a feed's."""
        token = request.path_params["token"]
        called = await run_in_threadpool(self._door, token)
        if request.method == "POST":
            return await self._pushed(request, called, token)
        return await run_in_threadpool(self._asked, request, called)

    def _door(self, token: str) -> Door:
        return pushing.door(self.desk.archive, self.desk.frontier, self.desk.settings, token)

    def _asked(self, request: Request, called: Door) -> Response:
        question = dict(request.query_params)
        challenge = question.get("hub.challenge", "")
        if len(challenge) > websub.CHALLENGE_CAP:
            raise HTTPException(400, "That is too much.")
        if not pushing.answer_hub(self.desk.frontier, called, question, self.desk.now()):
            raise HTTPException(404, NOT_OURS)
        return PlainTextResponse(challenge)

    async def _pushed(self, request: Request, called: Door, token: str) -> Response:
        if called.feed is None:
            self.pushes.labels(called.state).inc()
            raise HTTPException(404, NOT_OURS) if called.state == "unknown" else HTTPException(410, GONE)
        signature = websub.Signature(
            request.headers.getlist("x-hub-signature"), websub.secret_of(self.desk.settings.secret_key, token)
        )
        size = 0
        stream: AsyncIterable[bytes] = request.stream()
        async for piece in stream:
            size += len(piece)
            if size > FEED_CAP:
                self.pushes.labels("too big").inc()
                log.warning("a push for %s is over %d bytes", called.feed.url, FEED_CAP)
                raise HTTPException(413, "That is too much.")
            signature.feed(piece)
        if not signature.genuine():
            result = "forged" if signature.method else "unsigned"
            self.pushes.labels(result).inc()
            log.warning("a push for %s is dropped: it is %s", called.feed.url, result)
            return Response(status_code=202)
        due = await run_in_threadpool(pushing.take_push, self.desk.frontier, called.feed, self.desk.now())
        self.pushes.labels("polled" if due else "folded").inc()
        return Response(status_code=202, background=BackgroundTask(self.hint) if due else None)
