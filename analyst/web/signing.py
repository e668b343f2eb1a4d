"""Signing in with a key: a form that takes it once, and a signed cookie that stands for it afterwards.

The cookie names the key and not its secret, is out of reach of scripts and of other sites, and is good for nothing
once the key is revoked. It opens the pages; the API keeps to its header.
"""

from __future__ import annotations

from datetime import timedelta
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from analyst.api import keys
from analyst.api.gate import API, OPEN, Caller, is_local
from analyst.api.limits import Limiter
from analyst.web.desk import NEVER_KEPT, Desk
from analyst.web.forms import fields
from analyst.web.session import caller_of, check_form, check_origin, form_token
from analyst.web.shown import counted
from pipeline.alerts.tokens import seal, unseal
from pipeline.errors import PipelineError
from pipeline.model import ApiKey

COOKIE = "sanctuary_watch"
SIGNED_IN_FOR = timedelta(days=30)
SIGN_IN = "/sign-in"
WRONG = "This key is not known, or it has been revoked."


class SignIn:
    """Wraps the gate: says which key a cookie stands for, and leads a browser that has none to the form."""

    def __init__(self, app: ASGIApp, desk: Desk) -> None:
        self.app = app
        self._desk = desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] != "http" or (path.startswith((*OPEN, API)) and path != SIGN_IN):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        caller: Caller | None = None
        if "authorization" not in headers and (value := _cookie(headers)):
            try:
                caller = await run_in_threadpool(self._known, value)
            except PipelineError:  # the page that is asked for says so itself, or asks for a key
                caller = None
        if caller is not None:
            scope.setdefault("state", {})["caller"] = caller
        elif self._has_to_sign_in(scope, headers):
            wanted = path + (f"?{scope['query_string'].decode('latin-1')}" if scope["query_string"] else "")
            answer = RedirectResponse(f"{SIGN_IN}?{urlencode({'next': wanted})}", 303, {"cache-control": NEVER_KEPT})
            await answer(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _known(self, value: str) -> Caller | None:
        settings, now = self._desk.settings, self._desk.now()
        content = unseal(settings.secret_key, "sign in", value, now)
        stored = self._desk.archive.get(ApiKey, str(content["key"])) if content else None
        if stored is None:
            return None
        return Caller(f"key {stored.record.id}", keyed=True, may_change="write" in stored.record.scopes)

    def _has_to_sign_in(self, scope: Scope, headers: Headers) -> bool:
        if scope["path"] == SIGN_IN or scope["method"] != "GET" or "authorization" in headers:
            return False
        address = scope["client"][0] if scope.get("client") else ""
        return "text/html" in headers.get("accept", "") and not is_local(
            address, headers, self._desk.settings.trusted
        )  # fmt: skip


def _cookie(headers: Headers) -> str:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""


# ------------------------------------------------------------------ the form
async def sign_in(desk: Desk, limiter: Limiter, request: Request) -> Response:
    """GET shows the form, or who is signed in; POST takes a key, or signs out."""
    if request.method != "POST":
        return _form(desk, request, request.query_params.get("next", ""))
    check_origin(request)
    given = await fields(request, ("token", "key", "next", "out"))
    if given["out"]:
        check_form(desk, request, given["token"])
        answer: Response = RedirectResponse(SIGN_IN, 303, {"cache-control": NEVER_KEPT})
        answer.delete_cookie(COOKIE, httponly=True, samesite="strict", secure=_secure(desk))
        return answer
    address = request.client.host if request.client else ""
    key = await run_in_threadpool(keys.check, desk.archive, given["key"].strip(), desk.now())
    if key is None:
        if limiter.take(f"wrong keys from {address}"):
            return _form(desk, request, given["next"], "Too many wrong keys. Try again in some minutes.", 429)
        return _form(desk, request, given["next"], WRONG, 403)
    answer = RedirectResponse(_own(given["next"]), 303, {"cache-control": NEVER_KEPT})
    value = seal(desk.settings.secret_key, "sign in", {"key": key.id}, desk.now() + SIGNED_IN_FOR)
    answer.set_cookie(
        COOKIE, value, max_age=int(SIGNED_IN_FOR.total_seconds()), httponly=True, samesite="strict",
        secure=_secure(desk),
    )  # fmt: skip
    return answer


def _form(desk: Desk, request: Request, wanted: str, problem: str = "", status: int = 200) -> Response:
    caller = caller_of(request)
    return desk.page(
        "sign_in.html",
        status=status,
        cache=NEVER_KEPT,
        signed_in=caller.name if caller.keyed else "",
        may_change=caller.may_change,
        days=counted(SIGNED_IN_FOR.days, "day"),
        token=form_token(desk, request) if caller.keyed else "",
        next=_own(wanted) if wanted else "",
        problem=problem,
    )


def _secure(desk: Desk) -> bool:
    return desk.settings.public_url.startswith("https://")


def _own(wanted: str) -> str:
    """A path of ours; the first page for anything else."""
    ours = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and wanted.isprintable()
    return wanted if ours else "/"
