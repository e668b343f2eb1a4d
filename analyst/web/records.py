"""What became of an address, how the feeds are, and whether all is well."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from analyst import answers
from analyst.answers.results import FeedRow
from analyst.web.desk import NEVER_KEPT, Desk
from analyst.web.naming import measures_of
from analyst.web.shown import link, outside
from pipeline.archive.base import every
from pipeline.errors import UserError
from pipeline.feeds.opml import write_opml
from pipeline.model import Article, Feed

OUTCOMES: Mapping[str, str] = {
    "article": "It is kept as an article.",
    "copy": "It is kept as a copy of a story that another outlet ran.",
    "discard": "It was set aside.",
    "quarantine": "It could not be dealt with and is kept for a person to look at.",
    "unknown": "Nothing final has happened to it.",
}
PER_PAGE = 200
FEED_STATES: Mapping[str, str] = {
    "failing": "failing",
    "quiet": "quiet",
    "new": "not polled yet",
    "well": "well",
}
"""In the order in which they are listed: what needs a person first."""


def why(desk: Desk, request: Request) -> Response:
    """The story of an address, step by step; an empty form without one."""
    url = request.query_params.get("url", "").strip()
    if not url:
        return desk.page("why.html", url="", answer=None, problem="")
    try:
        answer = answers.why(desk.archive, url)
    except UserError as error:
        return desk.page("why.html", status=400, url=url, answer=None, problem=error.reason)
    stored = desk.archive.get(Article, answer["article"]) if "article" in answer else None
    article = stored.record if stored else None
    names = measures_of(desk.archive, [article]) if article else {}
    return desk.page(
        "why.html",
        url=url,
        problem="",
        answer=answer,
        meaning=OUTCOMES[answer["outcome"]],
        article=article,
        href=outside(article.url) if article else outside(url),
        measures=[names[key] for key in article.measures if key in names] if article else [],
    )


# ------------------------------------------------------------------ feeds
def feed_state(row: FeedRow) -> str:
    """Which of ``FEED_STATES`` a feed is in."""
    if row["error"]:
        return "failing"
    if row["last_success"] is None:
        return "new"
    return "quiet" if row["quiet"] else "well"


def feeds(desk: Desk, request: Request) -> Response:
    """All feeds against their own habit, those that need a person first; the states and big places that none of them
    watches."""
    answer = answers.health(desk.archive, desk.frontier, desk.now)
    rows = answer["feeds"]
    counts = Counter[str](row["state"] for row in rows)
    wanted = request.query_params.get("state", "")
    wanted = wanted if wanted in FEED_STATES else ""
    chosen = [row for row in rows if not wanted or row["state"] == wanted]
    number = request.query_params.get("page", "1")
    page = max(1, int(number)) if number.isdecimal() and len(number) < 6 else 1
    return desk.page(
        "feeds.html",
        rows=[(row, outside(row["url"])) for row in chosen[(page - 1) * PER_PAGE : page * PER_PAGE]],
        total=len(rows),
        states=[(name, says, counts[name], link("/feeds", state=name)) for name, says in FEED_STATES.items()],
        says=FEED_STATES,
        wanted=wanted,
        blind_states=answer["states"],
        blind_places=answer["places"],
        now=desk.now(),
        before=link("/feeds", state=wanted, page=str(page - 1)) if page > 1 else "",
        after=link("/feeds", state=wanted, page=str(page + 1)) if page * PER_PAGE < len(chosen) else "",
        cache=NEVER_KEPT,
    )


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


# ------------------------------------------------------------------ health
def status(desk: Desk, request: Request) -> Response:
    """Checks and counts, for eyes."""
    answer = answers.status(desk.archive, desk.frontier, desk.now, desk.settings)
    return desk.page("status.html", answer=answer, now=desk.now(), cache=NEVER_KEPT)
