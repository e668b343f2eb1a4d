"""What became of an address, and whether all is well."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from starlette.requests import Request
from starlette.responses import Response

from analyst import answers
from analyst.web.desk import NEVER_KEPT, Desk
from analyst.web.naming import measures_of
from analyst.web.shown import link, outside
from pipeline.errors import UserError
from pipeline.model import Article

OUTCOMES: Mapping[str, str] = {
    "article": "It is kept as an article.",
    "copy": "It is kept as a copy of a story that another outlet ran.",
    "discard": "It was set aside.",
    "quarantine": "It could not be dealt with and is kept for a person to look at.",
    "unknown": "Nothing final has happened to it.",
}

_WORD = re.compile(r"[^\W\d_]{4,}")
FEWEST_WORDS, MOST_WORDS = 2, 6
"""Of an address, by which an article is sought: short ones say little, and a title has more than its address."""


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
        by_words=by_words(url) if answer["outcome"] == "unknown" else "",
        href=outside(article.url if article else answer.get("found", url)),
        measures=[names[key] for key in article.measures if key in names] if article else [],
    )


def by_words(url: str) -> str:
    """The search for the words by which an address calls its article, as most do ("/2025/11/council-adopts-ordinance");
    '' where there are too few to find anything by."""
    parts = unquote(urlsplit(url if "://" in url else f"https://{url}").path).split("/")
    words = max((_WORD.findall(part.partition(".")[0]) for part in parts), key=len)
    return link("/", q=" ".join(words[:MOST_WORDS])) if len(words) >= FEWEST_WORDS else ""


# ------------------------------------------------------------------ health
def status(desk: Desk, request: Request) -> Response:
    """Checks and counts, for eyes."""
    answer = answers.status(desk.archive, desk.frontier, desk.now, desk.settings)
    return desk.page("status.html", answer=answer, now=desk.now(), cache=NEVER_KEPT)
