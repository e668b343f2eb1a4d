"""``feeds check``: one guarded fetch and parse of a feed, recording nothing."""

from __future__ import annotations

from functools import partial
from typing import NotRequired, TypedDict

from analyst.answers.results import Problem
from analyst.answers.text import instant
from cli import context


class ItemRow(TypedDict):
    """One item of the feed."""

    id: str
    title: str
    link: str
    published: str | None


class CheckAnswer(TypedDict):
    """What a feed answered."""

    url: str
    ok: bool
    http_status: int | None
    error: Problem | None
    items: list[ItemRow]
    feeds: NotRequired[list[str]]
    """When the URL is a web page: the feeds it names."""


def check_feed(url: str) -> CheckAnswer:
    """Fetches and parses a feed once. A page that is no feed is searched for the feeds it names."""
    from pipeline.errors import PipelineError, Unreadable
    from pipeline.feeds.discovery import find_feeds
    from pipeline.feeds.parse import parse_feed
    from pipeline.fetch import FEED_CAP, Fetcher, check
    from pipeline.workshop import Workshop

    answer: CheckAnswer = {"url": url, "ok": False, "http_status": None, "error": None, "items": []}
    settings = context.settings()
    fetcher = Fetcher(contact=settings.contact, networks=settings.networks)
    try:
        with Workshop(size=1) as workshop:
            response = fetcher.get(url, cap=FEED_CAP)
            answer["http_status"] = response.status
            check(response)
            try:
                content_type = response.headers.get("content-type", "")
                parsed = workshop.run(partial(parse_feed, url=response.url, content_type=content_type), response.body)
            except Unreadable:
                answer["feeds"] = workshop.run(find_feeds, response.body, response.url)
                raise
    except PipelineError as error:
        kind = type(error).__name__
        reason = error.reason
        if answer.get("feeds"):
            reason += "; it names these feeds: " + " ".join(answer["feeds"])
        answer["error"] = {"class": kind, "reason": reason}
        return answer
    finally:
        fetcher.close()
    answer["ok"] = True
    answer["items"] = [
        {"id": item.id, "title": item.title, "link": item.link, "published": instant(item.published)}
        for item in parsed.items
    ]
    return answer
