"""The story of the monitor, top to bottom: poll a feed, take in an entry, record an article, tell who asked, sweep.

No Celery here: ``workers`` only says when and where each function runs. Every function may run twice, and may be
killed between any two writes: what it had claimed is claimed again, and what it had recorded is found recorded.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial

from structlog.contextvars import bound_contextvars

from pipeline import delivering, pushing, repair
from pipeline.acquire import feed_of, headline, is_lead, lead_target, obtain, take_response
from pipeline.analysis import Analysis
from pipeline.archive.base import Stored, every
from pipeline.articles import copies, urls
from pipeline.dues import due_entry, due_feed
from pipeline.errors import (
    Crashed,
    Discard,
    NotYet,
    Overtime,
    PipelineError,
    Quarantine,
    Retry,
    Throttled,
    Unavailable,
)
from pipeline.feeds import schedule
from pipeline.feeds.note import FeedNote
from pipeline.fetch import FEED_CAP, check
from pipeline.frontier.base import Claim, DueKind
from pipeline.joining import join_dockets, join_story
from pipeline.ledger import change_article, decide, quarantine, redirect, retell, try_later, try_replace, unexpected
from pipeline.model import (
    Alert,
    Article,
    Docket,
    Entry,
    Failure,
    Feed,
    Quarantined,
    Step,
    make_id,
)
from pipeline.survival import MAX_DEATHS, survive
from pipeline.tools import Tools

log = logging.getLogger(__name__)

BATCH = 8
"""Claimed at once: a slow host delays no more than its batch."""
COPY_WINDOW = timedelta(days=30)
AWAY = timedelta(seconds=30)
"""What met a server of ours that did not answer is tried again after it, or after a lease if that is shorter."""
SOON = timedelta(minutes=1)
"""What is due within it only waits for its host's turn; a retry waits longer."""


def _nobody() -> None:
    """Nobody is asked to help."""


# ------------------------------------------------------------------ before anything is claimed
def refill(tools: Tools) -> bool:
    """Fills an empty frontier from the archive: feeds, entries that wait, fingerprints of the last 30 days. Returns
    whether it was empty."""
    if tools.frontier.filled():
        return False
    make_all_due(tools)
    tools.frontier.put("entry", [due_entry(entry, tools.now()) for entry in _waiting(tools)])
    for stored in every(tools.archive, Article, since=tools.now() - COPY_WINDOW):
        article = stored.record
        if article.fingerprints and not article.pending:
            tools.frontier.post(article.id, urls.host(article.url), article.fingerprints, article.first_seen)
    tools.frontier.set_filled()
    return True


def make_all_due(tools: Tools) -> None:
    """Makes every feed due now."""
    now = tools.now()
    tools.frontier.put("feed", [due_feed(stored.record, now) for stored in every(tools.archive, Feed)])


def _waiting(tools: Tools, **where: str) -> Iterator[Entry]:
    tools.archive.refresh(Entry)  # one that was just decided would be taken for lost
    return (stored.record for stored in every(tools.archive, Entry, {"outcome": "waiting", **where}))


# ------------------------------------------------------------------ feeds
def poll_due(tools: Tools, *, seconds: float = 60.0, more: Callable[[], None] = _nobody) -> int:
    """Polls due feeds, a batch at a time, for so long; what a batch does not reach is given back. ``more`` is called
    for each batch that was full: others may help. Returns how many."""
    return _work(tools, "feed", poll, seconds, more)


def poll(tools: Tools, claim: Claim) -> None:
    """Polls one feed: ask it, record what is new, say when next."""
    stored = tools.archive.get(Feed, claim.key)
    if stored is None:
        tools.frontier.settle(claim, None)
        return
    feed, note = stored.record, FeedNote.from_bytes(claim.note)
    try:
        if claim.deaths >= MAX_DEATHS:
            raise Crashed(f"{claim.deaths} workers died over this feed")
        tools.politeness.turn(feed.url)
        heard = pushing.listen(tools, feed, note)
        response = tools.fetcher.get(feed.url, cap=FEED_CAP, headers=schedule.request_headers(note, tools.rng))
        check(response)
        if response.status != 304:
            tools.frontier.begin(claim)
        answer = take_response(tools, feed, heard.unpaced(note), response)
    except NotYet as later:
        tools.frontier.settle(claim, tools.now() + timedelta(seconds=later.after))
        return
    except Unavailable:
        raise
    except PipelineError as error:
        _poll_failed(tools, stored, claim, note, error)
        return
    _keep_health(tools, stored, answer.note, answer.moved)
    next_at = pushing.paced(tools, feed, heard, answer, first=note.last_success is None)
    tools.frontier.settle(claim, next_at, answer.note.to_bytes())
    pushing.heed(tools, feed, heard)
    tools.tally.add("polled")


def _poll_failed(tools: Tools, stored: Stored[Feed], claim: Claim, note: FeedNote, error: PipelineError) -> None:
    now = tools.now()
    if isinstance(error, Throttled):
        tools.politeness.slowed(stored.record.url, error.after)
    if isinstance(error, (Crashed, Overtime)):
        quarantine(tools, "feed", claim.key, stored.record.url, "parse", error)
    note, next_at = schedule.after_failure(note, error, now=now, rng=tools.rng)
    log.info(
        "feed %s: %s: %s; next try %s",
        stored.record.url,
        type(error).__name__,
        error.reason,
        f"{next_at:%d %b %H:%M UTC}",
    )
    failure = Failure(type(error).__name__, error.reason, now)
    if stored.record.failure is None or stored.record.failure.error != failure.error:
        try_replace(tools, replace(stored.record, failure=failure), stored.version)
    tools.frontier.settle(claim, next_at, note.to_bytes())
    tools.tally.add("polled")
    tools.tally.add("failed", reason=type(error).__name__)


def _keep_health(tools: Tools, stored: Stored[Feed], note: FeedNote, moved: str) -> None:
    """Writes the feed's record when its health, title or address changed; a good poll as such changes only the note."""
    feed = stored.record
    title, url = feed.title or note.title, moved or feed.url
    if feed.failure or feed.last_success is None or (title, url) != (feed.title, feed.url):
        healthy = replace(feed, failure=None, title=title, url=url, last_success=note.last_success)
        try_replace(tools, healthy, stored.version)


# ------------------------------------------------------------------ entries
def take_in_due(tools: Tools, *, seconds: float = 60.0, more: Callable[[], None] = _nobody) -> int:
    """Takes in due entries, a batch at a time, for so long; ``more`` as above. Returns how many."""
    return _work(tools, "entry", take_in, seconds, more)


def take_in(tools: Tools, claim: Claim) -> None:
    """Decides one entry: fetch its page, read it, and record it as article or copy, discard it, quarantine it, or
    come again later."""
    stored = tools.archive.get(Entry, claim.key)
    if stored is None or stored.record.outcome != "waiting":
        tools.frontier.settle(claim, None)
        return
    entry = stored.record
    feed = feed_of(tools, entry)
    steps: list[Step] = []
    try:
        if claim.deaths >= MAX_DEATHS:
            raise Crashed(f"{claim.deaths} workers died over this entry")
        tools.frontier.begin(claim)
        if not is_lead(feed, entry):
            _judge(tools, feed, stored, obtain(tools, feed, entry, steps), steps)
        elif own := lead_target(tools, entry):
            steps.append(Step(tools.now(), "lead", f"leads to {own.url}"))
            decide(tools, entry.id, "discard", "lead", steps, article=own.id, known=stored)
        else:
            _judge(tools, feed, stored, headline(tools, feed, entry, steps), steps)
    except NotYet as later:
        tools.frontier.settle(claim, tools.now() + timedelta(seconds=later.after))
        return
    except Unavailable:
        raise
    except Retry as error:
        again_at = try_later(tools, entry, error, steps)
        tools.frontier.settle(claim, again_at)
        return
    except Discard as error:
        decide(tools, entry.id, "discard", f"{type(error).__name__}: {error.reason}", steps, known=stored)
    except Quarantine as error:
        quarantine(tools, "entry", entry.id, entry.url, "take in", error)
        decide(tools, entry.id, "quarantine", f"{type(error).__name__}: {error.reason}", steps, known=stored)
    tools.frontier.settle(claim, None)


def _judge(tools: Tools, feed: Feed, stored: Stored[Entry], analysis: Analysis, steps: list[Step]) -> None:
    """Discards what is not about the topic; creates the article of what is, once, and records it."""
    entry, page, reading = stored.record, analysis.page, analysis.reading
    steps.append(
        Step(tools.now(), "relevance", f"score {reading.score:.2f}; {', '.join(reading.frames) or 'no frame'}")
    )
    if not reading.relevant:
        decide(
            tools, entry.id, "discard", "irrelevant", steps, score=reading.score, published=page.published, known=stored
        )
        return
    url = urls.canonical(page.canonical) if page.canonical else entry.url
    article_id = make_id("article", url) if url else entry.id
    host = urls.host(url) if url else feed.id
    boilerplate = tools.frontier.printed(host, article_id, analysis.sentences)
    article = Article(
        id=article_id,
        url=url,
        title=page.title or entry.item.title,
        text=page.text,
        source=feed.source,
        source_kind=feed.kind,
        home=feed.place,
        feed=feed.id,
        entry=entry.id,
        first_seen=entry.first_seen,
        published=page.published,
        published_origin=page.published_origin,
        published_day_only=page.published_day_only,
        authors=page.authors,
        publisher=page.publisher,
        lang=page.lang,
        kind=reading.kind,
        text_from=analysis.text_from,
        score=reading.score,
        frames=reading.frames,
        places=reading.places,
        reports=reading.reports,
        rejected=reading.rejected,
        fingerprints=copies.fingerprints(page.text, boilerplate, short=analysis.text_from == "page"),
    )
    if version := tools.archive.create(article):
        _record(tools, Stored(article, version), steps, stored)
        return
    known = tools.archive.get(Article, article_id)
    if known and known.record.entry != entry.id:
        if article_id != entry.id:
            decide(
                tools, entry.id, "discard", "known address", steps, article=article_id, published=page.published,
                known=stored,
            )  # fmt: skip
            return
        # Another address of it came first; now its own has come.
        change_article(tools, article_id, lambda a: replace(a, entry=entry.id))
        redirect(tools, known.record.entry, article_id)
    record(tools, article_id, steps)


# ------------------------------------------------------------------ articles
def record(tools: Tools, article_id: str, steps: list[Step] | None = None) -> None:
    """Joins a pending article to its story, takes its reports into each docket, clears it, and ends its entry."""
    stored = tools.archive.get(Article, article_id)
    if stored is not None:
        _record(tools, stored, [] if steps is None else steps)


def _record(tools: Tools, stored: Stored[Article], steps: list[Step], waiting: Stored[Entry] | None = None) -> None:
    """``waiting``: its entry, where that is known."""
    article = stored.record
    with bound_contextvars(article=article.id):
        if article.pending:
            article = join_story(tools, stored).record
            taken = join_dockets(tools, article, steps)
            change_article(tools, article.id, partial(_cleared, taken.measures), taken.article)
            for docket_id in taken.dockets:
                _tell(tools, docket_id)
        decide(
            tools, article.entry, article.outcome, "", steps, article=article.id, published=article.published,
            known=waiting if waiting and waiting.record.id == article.entry else None,
        )  # fmt: skip
        if (latest := tools.archive.get(Article, article.id)) and latest.record.story != article.story:
            retell(tools, latest.record)  # another worker joined its story to an older one meanwhile


def _cleared(measures: tuple[str, ...], article: Article) -> Article:
    """The article with what became of its reports, no longer pending."""
    return replace(
        article,
        measures=measures,
        stages=tuple(dict.fromkeys(report.stage for report in article.reports)),
        directions=tuple(dict.fromkeys(report.direction for report in article.reports if report.direction)),
        pending=False,
    )


# ------------------------------------------------------------------ alerts
def _tell(tools: Tools, docket_id: str, *, carry_on: bool = False) -> None:
    """Expands a docket's open notices. One docket that cannot be told of keeps no other one waiting."""

    def tell() -> None:
        if carry_on:
            repair.carry_on(tools.archive, docket_id, now=tools.now())
        expand_notices(tools, docket_id)

    survive(tools, "docket", docket_id, "", "tell", tell)


def expand_notices(tools: Tools, docket_id: str) -> None:
    """Makes the outbox rows that a docket's open notices owe, then marks the notices done. Raises ``Quarantine``."""
    delivering.expand_notices(tools, docket_id)


def deliver_due(tools: Tools, *, seconds: float = 45.0) -> int:
    """Sends what waits in the outbox and is due, for so long. Returns how many mails were tried."""
    return delivering.deliver_due(tools, at_rest=partial(at_rest, tools), seconds=seconds)


# ------------------------------------------------------------------ what an interruption left behind
def sweep(tools: Tools) -> int:
    """Takes up whatever stayed behind. Returns how much it found."""
    return sweep_feeds(tools) + sweep_articles(tools) + sweep_notices(tools)


def sweep_feeds(tools: Tools) -> int:
    """Refills an empty frontier, makes feeds due that are due nowhere, forgets old fingerprints. Returns what
    was missing: so many feeds, and one more for a frontier that was empty."""
    refilled = refill(tools)
    known = tools.frontier.dues("feed")
    lost = [stored.record for stored in every(tools.archive, Feed) if stored.record.id not in known]
    tools.frontier.put("feed", [due_feed(feed, tools.now()) for feed in lost])
    tools.frontier.forget(tools.now() - COPY_WINDOW)
    return len(lost) + refilled


def sweep_articles(tools: Tools) -> int:
    """Makes waiting entries due that are due nowhere, and records articles that stayed pending."""
    known = tools.frontier.dues("entry")
    lost = [entry for entry in _waiting(tools) if entry.id not in known]
    tools.frontier.put("entry", [due_entry(entry, tools.now()) for entry in lost])
    left = orphans(tools)
    for stored in left:
        article = stored.record
        step = Step(tools.now(), "sweep", "taken up again after an interruption")
        survive(tools, "article", article.id, article.url, "record", partial(record, tools, article.id, [step]))
    return len(lost) + len(left)


def sweep_notices(tools: Tools) -> int:
    """Finishes what dockets still owe: merges that were begun, notices that are open."""
    left = owing(tools)
    for docket_id in left:
        _tell(tools, docket_id, carry_on=True)
    return len(left)


def sweep_hubs(tools: Tools) -> int:
    """Asks hubs of feeds to push, to go on, or to end. Returns how many it asked."""
    return pushing.ask_hubs(tools)


def orphans(tools: Tools) -> list[Stored[Article]]:
    """Pending articles that nobody is working on: their entry's lease is over, and they are not in quarantine."""
    pending = list(every(tools.archive, Article, {"pending": "1"}))
    if not pending:
        return []  # who asks whether all is done asks often, and all that is due is a long list
    at_work = {key for key, at in tools.frontier.dues("entry").items() if at > tools.now()}
    return [
        stored
        for stored in pending
        if stored.record.entry not in at_work
        and tools.archive.get(Quarantined, make_id("quarantine", "article", stored.record.id)) is None
    ]


def owing(tools: Tools) -> list[str]:
    """Ids of the dockets that still owe something and are not in quarantine."""
    return [
        stored.record.id
        for stored in every(tools.archive, Docket, {"open": "1"})
        if tools.archive.get(Quarantined, make_id("quarantine", "docket", stored.record.id)) is None
    ]


def wake_leads(tools: Tools) -> None:
    """Makes the aggregators' items that wait due now: articles have come in since they were last tried."""
    for stored in every(tools.archive, Feed):
        if stored.record.kind == "aggregator":
            waiting = [due_entry(entry, tools.now()) for entry in _waiting(tools, feed=stored.record.id)]
            tools.frontier.put("entry", waiting)


def is_idle(tools: Tools) -> bool:
    """Nothing due now or in a moment, nothing leased, no article pending, no notice open, no mail due."""
    return at_rest(tools) and not delivering.has_due(tools)


def at_rest(tools: Tools) -> bool:
    """Idle, whatever mail there is: no more alerts are about to come."""
    now = tools.now()
    backlog = tools.frontier.backlog(now)
    # What a process left leased when it died is due, although nothing has given it back.
    if backlog.leased or backlog.due_feeds or backlog.due_entries:
        return False
    if backlog.next_at and backlog.next_at < now + SOON:
        return False
    tools.archive.refresh(Article, Docket, Alert)  # what is asked for here and by ``has_due``
    return not (orphans(tools) or owing(tools))


# ------------------------------------------------------------------ at work
def _work(
    tools: Tools, kind: DueKind, do: Callable[[Tools, Claim], None], seconds: float, more: Callable[[], None]
) -> int:
    """Claims and does, until nothing is due or the time is over; gives back what it did not reach."""
    end = time.monotonic() + seconds
    done = 0
    while time.monotonic() < end and not tools.stopping.is_set():
        claims = tools.frontier.claim(kind, BATCH, tools.settings.lease, tools.now())
        if not claims:
            break
        if len(claims) == BATCH:
            more()
        for claim in claims:
            if time.monotonic() >= end or tools.stopping.is_set():
                tools.frontier.settle(claim, tools.now())
                continue
            with bound_contextvars(**{claim.kind: claim.key}):
                _guarded(tools, claim, do)
            done += 1
    return done


def _guarded(tools: Tools, claim: Claim, do: Callable[[Tools, Claim], None]) -> None:
    """One failure stays one failure: a defect of ours goes to quarantine with its error, and the batch goes on."""
    try:
        do(tools, claim)
    except Unavailable as error:
        # A server of ours: it is no death of the claim's. Should this fail too, its lease brings it back.
        log.warning("%s %s waits: %s", claim.kind, claim.key, error)
        tools.frontier.settle(claim, tools.now() + min(AWAY, tools.settings.lease))
    except Exception as error:
        log.exception("%s %s failed unexpectedly", claim.kind, claim.key)
        known: Stored[Entry] | Stored[Feed] | None = (
            tools.archive.get(Entry, claim.key) if claim.kind == "entry" else tools.archive.get(Feed, claim.key)
        )
        quarantine(tools, claim.kind, claim.key, known.record.url if known else "", "unexpected", unexpected(error))
        if claim.kind == "entry":
            decide(tools, claim.key, "quarantine", f"{type(error).__name__}: {error}", [])
            tools.frontier.settle(claim, None)
        else:
            tools.frontier.settle(claim, tools.now() + timedelta(hours=1))
