"""Getting hold of things: what a feed's answer holds, and the page behind an entry, or what stands in for it."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from hashlib import blake2b
from typing import NamedTuple

from pipeline.analysis import Analysis, analyse_item, analyse_page
from pipeline.archive.query import Text
from pipeline.archive.words import words
from pipeline.articles import titles, urls
from pipeline.dues import due_entry
from pipeline.errors import Discard, Quarantine, Retry, Withheld
from pipeline.feeds import schedule, websub
from pipeline.feeds.note import FeedNote
from pipeline.feeds.parse import ParsedFeed, parse_feed
from pipeline.feeds.websub import Offer
from pipeline.fetch import PAGE_CAP, Response, check
from pipeline.ledger import PAUSES, quarantine
from pipeline.model import Article, Entry, Feed, Item, Step, make_id
from pipeline.tools import Tools

log = logging.getLogger(__name__)

LEAD_PATIENCE = timedelta(hours=48)
"""So long an aggregator's item waits for the outlet's own article."""
LEAD_PAUSE = timedelta(hours=2)
REDIRECTORS = ("news.google.com",)
"""Hosts whose links lead on by script: an item of theirs is a lead, whatever its feed is called."""
_MAX_AGE = re.compile(r"\bmax-age\s*=\s*\"?(\d{1,9})", re.IGNORECASE)


class Answer(NamedTuple):
    """What a feed's answer comes to."""

    note: FeedNote
    next_at: datetime
    moved: str
    """The address to adopt, '' when it has not moved for good."""
    new: int = 0
    """Entries that are new."""
    offer: Offer | None = None
    """Its hub, as the body or the headers beside it name one; None when there was no other body than last time."""


def take_response(tools: Tools, feed: Feed, note: FeedNote, response: Response) -> Answer:
    """Records what is new in a feed's answer and works out when to come again. Raises ``Quarantine`` when the body
    cannot be read."""
    now = tools.now()
    headers = response.headers
    etag, last_modified, floor = headers.get("etag", ""), headers.get("last-modified", ""), max_age(headers)
    self_url, new, offer = "", 0, None
    unchanged = response.status == 304  # which has no body to look at
    body_hash = note.body_hash if unchanged else blake2b(response.body, digest_size=12).hexdigest()
    if unchanged or body_hash == note.body_hash:
        note, next_at = schedule.after_unchanged(
            note,
            now=now,
            full=not unchanged,
            floor=floor,
            etag=etag,
            last_modified=last_modified,
            rng=tools.rng,
        )
    else:
        reader = partial(
            parse_feed, url=response.url, content_type=headers.get("content-type", ""), seen=frozenset(note.hashes)
        )
        parsed = tools.workshop.run(reader, response.body)
        self_url = parsed.self_url
        offer = websub.offered(headers.get("link", ""), parsed.hub, self_url, response.url)
        new = _enter(tools, feed, parsed, now)
        # Only now: an item is marked seen after its entry stands in the archive.
        note, next_at = schedule.after_success(
            note,
            now=now,
            new=new,
            total=parsed.total,
            etag=etag,
            last_modified=last_modified,
            body_hash=body_hash,
            hashes=parsed.hashes,
            floor=max(filter(None, (floor, parsed.ttl)), default=None),
            rng=tools.rng,
            title=parsed.title,
            newest=max((item.published for item in parsed.items if item.published), default=None),
        )
    note, moved = schedule.adopt_move(note, response.permanent, now, url=feed.url, self_url=self_url)
    return Answer(note, next_at, moved, new, offer)


def max_age(headers: Mapping[str, str]) -> timedelta | None:
    """``Cache-Control: max-age``, when it is there and not zero."""
    found = _MAX_AGE.search(headers.get("cache-control", ""))
    return timedelta(seconds=int(found[1])) if found and int(found[1]) else None


def _enter(tools: Tools, feed: Feed, parsed: ParsedFeed, now: datetime) -> int:
    """Records the items as entries and makes them due; returns how many were new."""
    named = feed if feed.title else replace(feed, title=parsed.title)
    entries = {entry.id: entry for entry in (enter(named, item, now) for item in parsed.items)}
    new = 0
    dues = []
    for created in tools.archive.create_many(list(entries.values())):
        entry = entries[created.id]
        if created.outcome == "refused":
            log.error("the archive refuses entry %s (%s): %s", entry.id, entry.url, created.reason)
            quarantine(tools, "entry", entry.id, entry.url, "enter", Quarantine(created.reason))
        elif created.outcome == "created":
            new += 1
            dues.append(due_entry(entry, now))
        else:
            known = tools.archive.get(Entry, entry.id)
            if known and known.record.outcome == "waiting":
                dues.append(due_entry(known.record, now))
    tools.frontier.put("entry", dues)
    tools.tally.add("entry", new)
    return new


def enter(feed: Feed, item: Item, now: datetime) -> Entry:
    """The entry that an item of a feed makes."""
    try:
        url = urls.canonical(item.link) if item.link else ""
    except Discard:
        url = ""  # not a web address: the item is read from the feed alone
    return Entry(
        id=make_id("article", url) if url else make_id("article", feed.id, item.id or item.title),
        url=url,
        feed=feed.id,
        source=feed.source,
        first_seen=now,
        item=item,
        published=item.published,
        steps=(Step(now, "seen", f"in {feed.source}"),),
    )


def feed_of(tools: Tools, entry: Entry) -> Feed:
    stored = tools.archive.get(Feed, entry.feed)
    if stored is None:  # removed since: the entry is still worth reading
        return Feed(id=entry.feed, url=entry.url, added=entry.first_seen, title=entry.source)
    return stored.record if stored.record.title else replace(stored.record, title=entry.source)


def obtain(tools: Tools, feed: Feed, entry: Entry, steps: list[Step]) -> Analysis:
    """The page, read; or what the feed says where the page cannot be had."""
    if not entry.url:
        steps.append(Step(tools.now(), "page", "the item has no link; its feed's own text is read"))
        return tools.workshop.run(analyse_item, entry.item, entry.url, feed)
    if entry.attempts > len(PAUSES):
        return _own_words(tools, feed, entry, steps, "the page could not be had")

    def may_follow(url: str) -> None:
        # A redirect is part of one visit: the robots of its target are asked, the target's turn is not.
        if url != entry.url:
            tools.politeness.robots(url)

    try:
        tools.politeness.admit(entry.url)
        response = tools.fetcher.get(entry.url, cap=PAGE_CAP, permit=may_follow)
        check(response)
    except Withheld as error:
        return _own_words(tools, feed, entry, steps, error.reason)
    via = f" by way of {len(response.hops)} redirect(s)" if response.hops else ""
    steps.append(Step(tools.now(), "page", f"HTTP {response.status}, {len(response.body)} bytes{via}"))
    analysis = tools.workshop.run(
        analyse_page, response.body, response.url, response.headers.get("content-type", ""), entry.item, feed
    )
    origin = f"dated by {analysis.page.published_origin}" if analysis.page.published else "undated"
    steps.append(
        Step(tools.now(), "text", f"{len(analysis.page.text.split())} words from the {analysis.text_from}, {origin}")
    )
    return analysis


def _own_words(tools: Tools, feed: Feed, entry: Entry, steps: list[Step], why: str) -> Analysis:
    analysis = tools.workshop.run(analyse_item, entry.item, entry.url, feed)
    if analysis.text_from == "headline" and not analysis.page.title:
        raise Quarantine(f"{why}, and its feed says nothing of it", subject=entry.url)
    steps.append(Step(tools.now(), "page", f"{why}; the {analysis.text_from}'s own words are read"))
    return analysis


def is_lead(feed: Feed, entry: Entry) -> bool:
    """Whether an item only points to another outlet's article."""
    return feed.kind == "aggregator" or (bool(entry.url) and urls.host(entry.url) in REDIRECTORS)


def lead_target(tools: Tools, entry: Entry) -> Article | None:
    """The outlet's own article that an aggregator's item leads to: the same title within 48 hours."""
    title = titles.bare(entry.item.title, entry.item.source_title)
    start = tuple(words(title)[:8])
    if not start:
        return None
    at = entry.published or entry.first_seen
    for article in tools.archive.search(Text(start, "title"), limit=20).articles:
        near = abs((article.published or article.first_seen) - at) <= LEAD_PATIENCE
        if near and article.feed != entry.feed and titles.same_title(title, article.title):
            return article
    return None


def headline(tools: Tools, feed: Feed, entry: Entry, steps: list[Step]) -> Analysis:
    """An aggregator's item whose own article did not come in time: its headline is all there is. However old the item
    is, it is tried twice: the outlet's own feed may be polled a moment later."""
    if not entry.attempts or tools.now() - (entry.published or entry.first_seen) < LEAD_PATIENCE:
        raise Retry("waits for the outlet's own article", after=LEAD_PAUSE.total_seconds())
    steps.append(Step(tools.now(), "lead", "the outlet's own article did not come; the headline is kept"))
    title = titles.bare(entry.item.title, entry.item.source_title)
    return tools.workshop.run(analyse_item, replace(entry.item, title=title, summary="", content=""), entry.url, feed)
