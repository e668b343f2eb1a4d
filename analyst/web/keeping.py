"""Saved searches: each with the addresses that other programs read it by."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from analyst import answers
from analyst.answers.saved import LONGEST_NAME, save, unsave
from analyst.exports.forms import offers
from analyst.web.desk import NEVER_KEPT, Desk
from analyst.web.forms import fields
from analyst.web.session import check_form, form_token, may_write
from analyst.web.shown import link, segment
from pipeline.errors import UserError

NOTHING: Mapping[str, str] = MappingProxyType({})


def saved(desk: Desk, request: Request) -> Response:
    """All of them, by name."""
    return _page(desk, request)


def _page(desk: Desk, request: Request, problem: str = "", wanted: Mapping[str, str] = NOTHING) -> Response:
    """``wanted``: what could not be saved because of ``problem``, to be put right."""
    return desk.page(
        "saved.html",
        status=400 if problem else 200,
        cache=NEVER_KEPT,
        rows=[
            (
                row,
                link("/", q=row["query"], tz="" if row["tz"] == "UTC" else row["tz"]),
                [
                    (name, says, link(f"/api/v1/saved/{segment(row['id'])}.{form}", **more))
                    for form, name, says, more in offers()
                ],
            )
            for row in answers.saved(desk.archive)["saved"]
        ],
        problem=problem,
        wanted=wanted,
        longest=LONGEST_NAME,
        token=form_token(desk, request) if may_write(request) else "",
    )


async def change(desk: Desk, request: Request) -> Response:
    """Keeps a search, or (with ``remove``) keeps one no longer. A name that cannot be used, or that another search has,
    is asked for again. Raises ``HTTPException`` for whoever may not."""
    given = await fields(request, ("token", "name", "query", "tz", "remove"))
    if not may_write(request):
        raise HTTPException(403, "Only a key that may write saves searches.")
    check_form(desk, request, given["token"])
    return await run_in_threadpool(_change, desk, request, given)


def _change(desk: Desk, request: Request, given: dict[str, str]) -> Response:
    if given["remove"]:
        unsave(desk.archive, given["remove"])
    else:
        name = " ".join(given["name"].split()).casefold()
        for row in answers.saved(desk.archive)["saved"]:
            if row["name"].casefold() == name and row["query"] != given["query"]:
                other = row["query"] or "everything"
                return _page(desk, request, f"“{row['name']}” is the name of another search already: {other}", given)
        try:
            save(desk.archive, given["name"], given["query"], zone=given["tz"] or "UTC", now=desk.now())
        except UserError as error:
            return _page(desk, request, error.reason, given)
    desk.archive.refresh()
    return RedirectResponse("/saved", 303)
