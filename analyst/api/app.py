"""The application that is mounted at ``/api/v1``."""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from analyst.answers.results import SavedAnswer
from analyst.answers.saved import save, saved_row, saved_search, unsave
from analyst.api import parameters, problems
from analyst.api.document import document
from analyst.api.gate import CHALLENGE, Caller
from analyst.api.limits import Limiter
from analyst.api.problems import Stopped
from analyst.api.table import EXPORT_COST, FEED_COST, QUESTIONS, Question, Service
from analyst.api.wanted import accepts
from analyst.exports import rows
from analyst.exports.forms import FORMS, write_bom_csv
from pipeline.errors import PipelineError, UserError

log = logging.getLogger(__name__)

JSON = "application/json"
DESCRIBED = "/api/v1/openapi.json"
"""Where all of it is described."""
KEPT = "private, no-cache"
"""A client may keep an answer and has to ask whether it is still right (with its ETag)."""
MOST_BODY = 16_384
"""Bytes that a request may bring."""


@dataclass(frozen=True)
class _Api:
    service: Service
    limiter: Limiter

    def admit(self, request: Request, cost: int = 1, media_type: str = JSON) -> Caller:
        """Raises ``Stopped`` for who asks too often, or for a form that we do not have."""
        caller: Caller = request.state.caller
        if wait := self.limiter.take(caller.name, cost):
            after = math.ceil(wait)
            raise Stopped(
                429,
                "Throttled",
                f"{self.limiter.per_minute} requests a minute are answered; ask again in {after} s",
                {"retry-after": str(after)},
            )
        if not accepts(request.headers.getlist("accept"), media_type):
            raise Stopped(406, "NotAcceptable", f"this is answered as {media_type.partition(';')[0]} only")
        return caller


def make_api(service: Service, limiter: Limiter) -> Starlette:
    """The API over stores that the caller opens and closes; to stand behind ``gate.Gate``."""
    api = _Api(service, limiter)
    described = json.dumps(document()).encode() + b"\n"
    app = Starlette(
        routes=[
            *(Route(question.path, partial(_answer, api, question), methods=["GET"]) for question in QUESTIONS[:-2]),
            Route("/saved/{id}.{form}", partial(_export_saved, api), methods=["GET"]),
            Route("/saved/{id}", partial(_saved, api, QUESTIONS[-1]), methods=["GET", "DELETE"]),
            Route("/saved", partial(_saved, api, QUESTIONS[-2]), methods=["GET", "POST"]),
            Route("/export.{form}", partial(_export, api), methods=["GET"]),
            Route("/openapi.json", partial(_described, api, described), methods=["GET"]),
        ],
        exception_handlers={
            Stopped: _stopped,
            HTTPException: _refused,
            PipelineError: _failed,
            Exception: _broken,
        },
    )
    app.router.redirect_slashes = False
    return app


# ------------------------------------------------------------------ reading
def _answer(api: _Api, question: Question, request: Request) -> Response:
    api.admit(request, question.cost)
    asked = parameters.read(question.parameters, request.query_params.multi_items())
    return _tagged(request, _encoded(question.ask(api.service, asked, request.path_params)))


def _described(api: _Api, body: bytes, request: Request) -> Response:
    api.admit(request)
    parameters.read(parameters.Parameters, request.query_params.multi_items())
    return _tagged(request, body)


def _encoded(answer: Any) -> bytes:
    """As the command line prints it."""
    return json.dumps(answer).encode() + b"\n"


def _tagged(request: Request, body: bytes) -> Response:
    """An answer with its ETag, or that the client has it already. The tag is a weak one: what is sent may be gzip."""
    tag = f'W/"{sha256(body).hexdigest()[:32]}"'
    headers = {"etag": tag, "cache-control": KEPT, "vary": "accept, authorization"}
    if matches(request.headers.getlist("if-none-match"), tag):
        return Response(None, 304, headers | {"vary": "accept, authorization, accept-encoding"})
    return Response(body, 200, headers, JSON)


def matches(given: Iterable[str], tag: str) -> bool:
    """Whether If-None-Match names a tag (weak comparison, RFC 9110)."""
    named = [one.strip().removeprefix("W/") for line in given for one in line.split(",")]
    return tag.removeprefix("W/") in named or "*" in named


# ------------------------------------------------------------------ exports
def _export(api: _Api, request: Request) -> Response:
    form = _form(api, request)
    asked = parameters.read(parameters.ExportParameters, request.query_params.multi_items())
    result = rows.ask(
        api.service.archive, asked.q, zone=asked.tz, now=api.service.now(), first=FORMS[form].first,
        base=api.service.settings.pages,
    )  # fmt: skip
    return _written(request, form, result, bom=asked.bom)


def _export_saved(api: _Api, request: Request) -> Response:
    form = _form(api, request)
    asked = parameters.read(parameters.SavedExportParameters, request.query_params.multi_items())
    search = saved_search(api.service.archive, request.path_params["id"])
    result = rows.ask(
        api.service.archive, search.query, zone=search.zone, name=search.name, now=api.service.now(),
        first=FORMS[form].first, base=api.service.settings.pages,
    )  # fmt: skip
    return _written(request, form, result, bom=asked.bom)


def _form(api: _Api, request: Request) -> str:
    form: str = request.path_params["form"]
    if form not in FORMS:
        raise Stopped(404, "NotFound", f"there is no form {form!r}; there are: {', '.join(FORMS)}")
    api.admit(request, EXPORT_COST if FORMS[form].whole else FEED_COST, FORMS[form].media_type)
    return form


def _written(request: Request, form: str, result: rows.Result, *, bom: bool) -> Response:
    if bom and form != "csv":
        raise UserError("a byte order mark is for csv only")
    headers = {"cache-control": "no-store", "vary": "accept, authorization"}
    if FORMS[form].whole:  # a browser saves it; the others are for the programs that read them
        name = f"sanctuary-watch-{result.retrieved:%Y-%m-%d}.{form}"
        headers["content-disposition"] = f'attachment; filename="{name}"'
    if request.method == "HEAD":
        return Response(None, 200, headers, FORMS[form].media_type)
    write = write_bom_csv if bom else FORMS[form].write
    return StreamingResponse(_logged(write(result)), 200, headers, FORMS[form].media_type)


def _logged(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The pieces; an error in the middle ends the connection, by which the client learns that it has not got all."""
    try:
        yield from pieces
    except PipelineError as error:
        log.warning("an export ended in the middle: %s", error)
        raise


# ------------------------------------------------------------------ saved searches
async def _saved(api: _Api, question: Question, request: Request) -> Response:
    if request.method in ("GET", "HEAD"):
        return await run_in_threadpool(_answer, api, question, request)
    caller = api.admit(request)
    if not caller.may_change:
        reason = "only a key that may write changes something, shown as 'Authorization: Bearer KEY'"
        if caller.keyed:
            raise Stopped(403, "NotAllowed", reason)
        raise Stopped(401, "KeyNeeded", reason, {"www-authenticate": CHALLENGE})
    parameters.read(parameters.Parameters, request.query_params.multi_items())
    if request.method == "DELETE":
        gone = await run_in_threadpool(unsave, api.service.archive, request.path_params["id"])
        answer: SavedAnswer = {"saved": [saved_row(gone)]}
        return Response(_encoded(answer), 200, {"cache-control": "no-store"}, JSON)
    wanted = parameters.validated(parameters.NewSaved, await _document(request))
    made = await run_in_threadpool(
        partial(save, api.service.archive, wanted.name, wanted.query, zone=wanted.tz, now=api.service.now())
    )
    answer = {"saved": [saved_row(made)]}
    headers = {"cache-control": "no-store", "location": f"{request.url.path}/{made.id}"}
    return Response(_encoded(answer), 201, headers, JSON)


async def _document(request: Request) -> Any:
    """The JSON that a request brings."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
        raise Stopped(415, "UnsupportedMediaType", f"what is sent has to be {JSON}")
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BODY:
            raise Stopped(413, "TooBig", f"a request may bring {MOST_BODY:,} bytes")
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise UserError("what was sent is no JSON document") from None


# ------------------------------------------------------------------ errors
def _stopped(request: Request, error: Exception) -> Response:
    assert isinstance(error, Stopped), "registered for it"
    return problems.problem(error.status, error.kind, error.reason, error.headers)


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException), "registered for it"
    kind, reason = {
        404: ("NotFound", f"there is nothing at this address; {DESCRIBED} lists what there is"),
        405: ("NotAllowed", f"{request.method} is not possible here"),
    }.get(error.status_code, ("Refused", error.detail))
    return problems.problem(error.status_code, kind, reason, error.headers or {})


def _failed(request: Request, error: Exception) -> Response:
    assert isinstance(error, PipelineError), "registered for it"
    return problems.of(error)


def _broken(request: Request, error: Exception) -> Response:
    return problems.problem(500, "Defect", "the fault is ours and stands in the log")
