"""How the feeds are, and lists of them as OPML, out and in."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from analyst import answers
from analyst.web.desk import NEVER_KEPT, Desk
from analyst.web.forms import uploaded
from analyst.web.paging import Pages
from analyst.web.session import check_form, check_origin, form_token, may_write
from analyst.web.shown import distance, link, outside
from pipeline.archive.base import every
from pipeline.errors import UserError
from pipeline.feeds.opml import FeedLine, Unusable, read_outlines, write_opml
from pipeline.model import Feed
from pipeline.watching import watch_all

PER_PAGE = 200
FEED_STATES: Mapping[str, str] = {
    "failing": "failing",
    "quiet": "quiet",
    "new": "not polled yet",
    "well": "well",
}
"""In the order in which they are listed: what needs a person first."""
LONGEST = 1_000_000
"""Bytes of a list that is sent here."""
MOST = 1_000
"""Feeds of it: they are taken up while the browser waits."""
TOO_LONG = (
    f"That is more than a list may have here, which is {LONGEST // 1_000_000} MB with {MOST:,} feeds. "
    "“sanctuary-watch feeds import FILE” takes lists of any length."
)
BECAME: Mapping[str, str] = {
    "refused": "refused",
    "added": "added",
    "changed": "known, now as the list says",
    "known": "known already",
    "off": "switched off in the list",
}
"""What became of an outline, in the order in which it is told."""
_DECLARED = re.compile(r"\A(\s*)<\?xml\s[^>]*\?>")


def due_said(due: str | None, now: datetime) -> str:
    """When a feed is polled next: "in 12 min", "overdue by 3 h", "not planned"."""
    if due is None:
        return "not planned"
    says = distance(due, now)
    return f"overdue by {says.removesuffix(' ago')}" if says.endswith(" ago") else "now" if says == "just now" else says


def feeds(desk: Desk, request: Request) -> Response:
    """All feeds against their own habit, those that need a person first; the states and big places that none of them
    watches; and, for whoever may change something, a form that takes a list of feeds."""
    return _page(desk, request)


def _page(desk: Desk, request: Request, problem: str = "", given: str = "", status: int = 200) -> Response:
    answer = answers.health(desk.archive, desk.frontier, desk.now)
    rows = answer["feeds"]
    counts = Counter[str](row["state"] for row in rows)
    wanted = request.query_params.get("state", "")
    wanted = wanted if wanted in FEED_STATES else ""
    chosen = [row for row in rows if not wanted or row["state"] == wanted]
    now = desk.now()
    pages = Pages("/feeds", request, len(chosen), PER_PAGE, state=wanted)
    return desk.page(
        "feeds.html",
        status=status,
        rows=[(row, outside(row["url"]), due_said(row["next_poll"], now)) for row in chosen[pages.first : pages.end]],
        pages=pages,
        total=len(rows),
        states=[(name, says, counts[name], link("/feeds", state=name)) for name, says in FEED_STATES.items()],
        says=FEED_STATES,
        wanted=wanted,
        blind_states=answer["states"],
        blind_places=answer["places"],
        now=now,
        token=form_token(desk, request) if may_write(request) else "",
        problem=problem,
        given=given,
        most=MOST,
        cache=NEVER_KEPT,
    )


# ------------------------------------------------------------------ lists of feeds
def opml(desk: Desk, request: Request) -> Response:
    """All feeds as OPML 2.0, which ``feeds import`` and feed readers read."""
    text = write_opml(stored.record for stored in every(desk.archive, Feed))
    return Response(
        text,
        headers={
            "content-type": "text/x-opml; charset=utf-8",
            "content-disposition": 'attachment; filename="sanctuary-watch.opml"',
            "cache-control": NEVER_KEPT,
        },
    )


async def take_list(desk: Desk, request: Request) -> Response:
    """Watches the feeds of an OPML file, or of the text of one, and tells of each outline what became of it. Raises
    ``HTTPException`` for whoever may not."""
    if not may_write(request):
        raise HTTPException(403, "Only a key that may write adds feeds.")
    check_origin(request)
    try:
        given = await uploaded(request, ("token", "file", "text"), LONGEST)
    except HTTPException as error:
        if error.status_code != 413:
            raise
        return await run_in_threadpool(_page, desk, request, TOO_LONG, "", 413)
    check_form(desk, request, given["token"].decode())
    return await run_in_threadpool(_take, desk, request, given["file"], given["text"].decode())


def _take(desk: Desk, request: Request, file: bytes, text: str) -> Response:
    try:
        lines = _lines(file, text)
    except UserError as error:
        return _page(desk, request, f"Nothing was added: {error.reason}.", text, 400)
    if len(lines) > MOST:
        return _page(desk, request, TOO_LONG, "", 413)
    listed = watch_all(desk.archive, desk.frontier, lines, now=desk.now)
    desk.archive.refresh(Feed)
    counts = Counter[str](one.became for one in listed)
    order = list(BECAME)
    return desk.page(
        "feeds_listed.html",
        cache=NEVER_KEPT,
        added=counts["added"],
        others=[(says, counts[name]) for name, says in BECAME.items() if counts[name] and name != "added"],
        rows=[(one, outside(one.url)) for one in sorted(listed, key=lambda one: order.index(one.became))],
        says=BECAME,
    )


def _lines(file: bytes, text: str) -> list[FeedLine | Unusable]:
    """The outlines of a file, or of what was pasted. Raises ``UserError``."""
    if bool(file.strip()) == bool(text.strip()):
        raise UserError("choose a file or paste its text, and not both" if file else "there was no file and no text")
    # What was pasted is Unicode already, whatever encoding it says that it had.
    lines = read_outlines(file or _DECLARED.sub(r"\1", text).encode())
    if not lines:
        raise UserError("there is no outline with an xmlUrl in it")
    return lines
