"""What became of an address, and whether all is well."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from analyst import answers
from analyst.web.desk import NEVER_KEPT, Desk
from analyst.web.naming import measures_of
from analyst.web.shown import outside
from pipeline.errors import UserError
from pipeline.model import Article

OUTCOMES: Mapping[str, str] = {
    "article": "It is kept as an article.",
    "copy": "It is kept as a copy of a story that another outlet ran.",
    "discard": "It was set aside.",
    "quarantine": "It could not be dealt with and is kept for a person to look at.",
    "unknown": "Nothing final has happened to it.",
}


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


# ------------------------------------------------------------------ health
def status(desk: Desk, request: Request) -> Response:
    """Checks and counts, for eyes."""
    answer = answers.status(desk.archive, desk.frontier, desk.now, desk.settings)
    return desk.page("status.html", answer=answer, now=desk.now(), cache=NEVER_KEPT)
