"""The application: which page is at which address, and what is said when one cannot be shown."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route

from analyst.answers.board import keep_lines
from analyst.api.app import DESCRIBED, make_api
from analyst.api.gate import Gate
from analyst.api.limits import Limiter
from analyst.api.table import Service
from analyst.api.wanted import takes_gzip
from analyst.web import (
    comparing,
    dockets,
    feeding,
    health,
    keeping,
    leaving,
    pushes,
    records,
    searching,
    signing,
    sourcing,
    timing,
)
from analyst.web.desk import NEVER_KEPT, Desk
from analyst.web.guard import HEADERS, Guard, names_of
from analyst.web.squeezing import Squeeze
from analyst.web.statics import StaticFile
from analyst.web.subscribing import Reception
from config.settings import Settings
from pipeline.alerts import open_transport
from pipeline.archive.base import Archive
from pipeline.errors import PipelineError, Retry, UserError
from pipeline.frontier.base import Frontier
from pipeline.model import Clock, utc_now

Page = Callable[[Desk, Request], Response]

PAGES: tuple[tuple[str, Page], ...] = (
    ("/", searching.search),
    ("/timeline", timing.table),
    ("/sources", sourcing.sources),
    ("/compare", comparing.compare),
    ("/compare/table", comparing.table),
    ("/docket", dockets.index),
    ("/docket/{label:path}", dockets.place),
    ("/measure/{id}", dockets.measure),
    ("/why", records.why),
    ("/feeds", feeding.feeds),
    ("/feeds.opml", feeding.opml),
    ("/status", records.status),
    ("/healthz", health.healthz),
    ("/readyz", health.readyz),
)
"""All of these only read."""
FOR_EVER = "public, max-age=31536000, immutable"


def make_app(
    settings: Settings,
    archive: Archive,
    frontier: Frontier,
    *,
    now: Clock = utc_now,
    hint: Callable[[], None] = pushes.nobody,
) -> Starlette:
    """The web over two stores that the caller opens and closes. ``settings`` must hold the secret key (see
    ``Settings.ensure_secret_key``). ``hint`` tells a worker that a feed is due. Pages are made in Starlette's
    threads."""
    keep_lines(archive, settings.archive, frontier)
    desk = Desk(settings, archive, frontier, now)
    limiter = Limiter(settings.api_per_minute)
    reception = Reception(desk, open_transport(settings))
    hubs = pushes.Hubs(desk, hint)
    app = Starlette(
        routes=[
            *(Route(path, partial(page, desk), methods=["GET"]) for path, page in PAGES),
            Route("/saved", partial(keeping.saved, desk), methods=["GET"]),
            Route("/saved", partial(keeping.change, desk), methods=["POST"]),
            Route("/feeds", partial(feeding.take_list, desk), methods=["POST"]),
            Route("/sign-in", partial(signing.sign_in, desk, limiter), methods=["GET", "POST"]),
            Route("/metrics", health.Metrics(desk, hubs.pushes).answer, methods=["GET"]),
            Route("/unsubscribe/{subscription}/{token}", partial(leaving.unsubscribe, desk), methods=["GET", "POST"]),
            Route("/subscribe", reception.subscribe, methods=["GET", "POST"]),
            Route("/subscribe/confirm/{sealed}", reception.confirm, methods=["GET", "POST"]),
            Route("/alerts/{subscription}/{file}", reception.feed, methods=["GET"]),
            Route("/bounces/{token}", reception.bounced, methods=["POST"]),
            Route("/websub/{token}", hubs.called, methods=["GET", "POST"]),
            *(
                Route(path, lambda _: RedirectResponse(DESCRIBED, 302), methods=["GET"])
                for path in ("/api/v1", "/api/v1/")
            ),
            Mount("/api/v1", make_api(Service(settings, archive, frontier, now), limiter)),
            *(Route(file.path, partial(_static, file)) for file in desk.files.values()),
        ],
        middleware=[
            Middleware(Guard, names=names_of(settings.web_listen, settings.public_url)),
            Middleware(Squeeze),
            Middleware(signing.SignIn, desk=desk),
            Middleware(Gate, archive=archive, now=now, limiter=limiter, trusted=settings.trusted),
        ],
        exception_handlers={
            HTTPException: partial(_refused, desk),
            PipelineError: partial(_failed, desk),
            Exception: partial(_broken, desk),
        },
    )
    app.router.redirect_slashes = False
    return app


def _static(file: StaticFile, request: Request) -> Response:
    headers = {"cache-control": FOR_EVER, "content-type": file.media_type, "vary": "accept-encoding"}
    if takes_gzip(request.headers.getlist("accept-encoding")):
        return Response(file.squeezed, headers={**headers, "content-encoding": "gzip"})
    return Response(file.body, headers=headers)


def _refused(desk: Desk, request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException), "registered for it"
    heading, advice = {
        404: ("Not found", "There is no such page. Begin with a search."),
        405: ("Not possible", "This page can only be opened, not changed."),
    }.get(error.status_code, ("Not possible", ""))
    own = advice if error.detail == HTTPStatus(error.status_code).phrase else error.detail
    response = _error(desk, error.status_code, heading, own)
    response.headers.update(error.headers or {})
    return response


def _failed(desk: Desk, request: Request, error: Exception) -> Response:
    assert isinstance(error, PipelineError), "registered for it"
    if isinstance(error, UserError):
        return _error(desk, 400, "That cannot be done", error.reason)
    if isinstance(error, Retry):
        response = _error(
            desk, 503, "Not available just now", f"{error.reason}. Nothing is lost; try again in a few seconds."
        )
        response.headers["retry-after"] = "10"
        return response
    return _error(desk, 500, "This page could not be made", error.reason)


def _broken(desk: Desk, request: Request, error: Exception) -> Response:
    """Made outside the guard, so it brings its headers itself. The error goes to the log, not to the reader."""
    response = _error(
        desk, 500, "This page could not be made", "The fault is ours and stands in the log. Other pages still work."
    )
    response.headers.update(HEADERS)
    return response


def _error(desk: Desk, status: int, heading: str, advice: str) -> Response:
    return desk.page("error.html", status=status, cache=NEVER_KEPT, heading=heading, advice=advice)
