"""What became of an address, how the feeds are, and whether all is well."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from analyst import answers
from analyst.answers.results import FeedRow
from analyst.web.desk import NEVER_KEPT, Desk
from analyst.web.naming import measures_of
from analyst.web.shown import link, outside
from pipeline.errors import PipelineError, UserError
from pipeline.model import Article

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
    """All feeds, those that need a person first."""
    rows = answers.feeds(desk.archive, desk.frontier, desk.now)["feeds"]
    counts = Counter(map(feed_state, rows))
    wanted = request.query_params.get("state", "")
    wanted = wanted if wanted in FEED_STATES else ""
    order = list(FEED_STATES)
    chosen = [row for row in rows if not wanted or feed_state(row) == wanted]
    chosen.sort(key=lambda row: order.index(feed_state(row)))
    number = request.query_params.get("page", "1")
    page = max(1, int(number)) if number.isdecimal() and len(number) < 6 else 1
    shown = chosen[(page - 1) * PER_PAGE : page * PER_PAGE]
    return desk.page(
        "feeds.html",
        rows=[(row, feed_state(row), outside(row["url"])) for row in shown],
        total=len(rows),
        states=[(name, says, counts[name], link("/feeds", state=name)) for name, says in FEED_STATES.items()],
        says=FEED_STATES,
        wanted=wanted,
        now=desk.now(),
        before=link("/feeds", state=wanted, page=str(page - 1)) if page > 1 else "",
        after=link("/feeds", state=wanted, page=str(page + 1)) if page * PER_PAGE < len(chosen) else "",
        cache=NEVER_KEPT,
    )


# ------------------------------------------------------------------ health
def status(desk: Desk, request: Request) -> Response:
    """Checks and counts, for eyes."""
    answer = answers.status(desk.archive, desk.frontier, desk.now, desk.settings.home)
    return desk.page("status.html", answer=answer, now=desk.now(), cache=NEVER_KEPT)


def healthz(desk: Desk, request: Request) -> Response:
    """The process answers."""
    return PlainTextResponse("ok\n")


def readyz(desk: Desk, request: Request) -> Response:
    """Archive and frontier answer too; 503 and what is wrong when not."""
    try:
        ill = desk.archive.health()
        desk.frontier.backlog(desk.now())
    except PipelineError as error:
        ill = error.reason
    return PlainTextResponse(f"{ill}\n", 503) if ill else PlainTextResponse("ready\n")
