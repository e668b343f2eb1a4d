"""Saved searches: each with the addresses that other programs read it by."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from analyst import answers
from analyst.answers.saved import save, unsave
from analyst.exports.forms import FORMS
from analyst.web.desk import NEVER_KEPT, Desk
from analyst.web.forms import fields
from analyst.web.session import check_form, form_token, may_write
from analyst.web.shown import link, segment


def saved(desk: Desk, request: Request) -> Response:
    """All of them, by name."""
    return desk.page(
        "saved.html",
        cache=NEVER_KEPT,
        rows=[
            (
                row,
                link("/", q=row["query"], tz="" if row["tz"] == "UTC" else row["tz"]),
                [(form, says.says, f"/api/v1/saved/{segment(row['id'])}.{form}") for form, says in FORMS.items()],
            )
            for row in answers.saved(desk.archive)["saved"]
        ],
        token=form_token(desk, request) if may_write(request) else "",
    )


async def change(desk: Desk, request: Request) -> Response:
    """Keeps a search, or (with ``remove``) keeps one no longer. Raises ``HTTPException`` for whoever may not."""
    given = await fields(request, ("token", "name", "query", "tz", "remove"))
    if not may_write(request):
        raise HTTPException(403, "Only a key that may write saves searches.")
    check_form(desk, request, given["token"])
    await run_in_threadpool(_change, desk, given)
    return RedirectResponse("/saved", 303)


def _change(desk: Desk, given: dict[str, str]) -> None:
    if given["remove"]:
        unsave(desk.archive, given["remove"])
    else:
        save(desk.archive, given["name"], given["query"], zone=given["tz"] or "UTC", now=desk.now())
    desk.archive.refresh()
