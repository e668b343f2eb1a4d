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

from pipeline import repair
from pipeline.acquire import feed_of, headline, is_lead, lead_target, obtain, take_response
from pipeline.alerts import notices, outbox
from pipeline.alerts.render import render
from pipeline.analysis import Analysis
from pipeline.archive.base import Stored, every
from pipeline.articles import copies, urls
from pipeline.dues import due_entry, due_feed
from pipeline.errors import (
    Conflict,
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
from pipeline.ledger import change_article, decide, quarantine, redirect, try_later, try_replace, unexpected
from pipeline.model import (
    Alert,
    Article,
    Docket,
    Entry,
    Failure,
    Feed,
    Outcome,
    Quarantined,
    Step,
    Subscription,
    make_id,
)
from pipeline.policy.docket.owing import resolve
from pipeline.tools import Tools

log = logging.getLogger(__name__)

BATCH = 8
"""Claimed at once: a slow host delays no more than its batch."""
LEASE = timedelta(minutes=4)
"""Longer than a batch may take: BATCH times the fetcher's and the workshop's deadline, rarely all slow at once;
what ends later is settled by its successor."""
MAX_DEATHS = 5
"""So many workers may die over one thing before it goes to quarantine: more than an unlucky hour of restarts."""
COPY_WINDOW = timedelta(days=30)
SOON = timedelta(minutes=1)
"""What is due within it only waits for its host's turn; a retry waits longer."""


# ------------------------------------------------------------------ before anything is claimed
def refill(tools: Tools) -> None:
    """Fills an empty frontier from the archive: feeds, entries that wait, fingerprints of the last 30 days."""
    if tools.frontier.filled():
        return
    make_all_due(tools)
    tools.frontier.put("entry", [due_entry(entry, tools.now()) for entry in _waiting(tools)])
    for stored in every(tools.archive, Article, since=tools.now() - COPY_WINDOW):
        article = stored.record
        if article.fingerprints and not article.pending:
            tools.frontier.post(article.id, urls.host(article.url), article.fingerprints, article.first_seen)
    tools.frontier.set_filled()


def make_all_due(tools: Tools) -> None:
    """Makes every feed due now."""
    now = tools.now()
    tools.frontier.put("feed", [due_feed(stored.record, now) for stored in every(tools.archive, Feed)])


def _waiting(tools: Tools, **where: str) -> Iterator[Entry]:
    return (stored.record for stored in every(tools.archive, Entry, {"outcome": "waiting", **where}))


# ------------------------------------------------------------------ feeds
def poll_due(tools: Tools, *, seconds: float = 60.0) -> int:
    """Polls due feeds, a batch at a time, for so long; what a batch does not reach is given back. Returns how many."""
    return _work(tools, "feed", poll, seconds)


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
        response = tools.fetcher.get(feed.url, cap=FEED_CAP, headers=schedule.request_headers(note, tools.rng))
        check(response)
        if response.status != 304:
            tools.frontier.begin(claim)
        answer = take_response(tools, feed, note, response)
    except NotYet as later:
        tools.frontier.settle(claim, tools.now() + timedelta(seconds=later.after))
        return
    except Unavailable:
        raise
    except PipelineError as error:
        _poll_failed(tools, stored, claim, note, error)
        return
    _keep_health(tools, stored, answer.note, answer.moved)
    tools.frontier.settle(claim, answer.next_at, answer.note.to_bytes())
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
    tools.tally.add("failed")


def _keep_health(tools: Tools, stored: Stored[Feed], note: FeedNote, moved: str) -> None:
    """Writes the feed's record when its health, title or address changed; a good poll as such changes only the note."""
    feed = stored.record
    title, url = feed.title or note.title, moved or feed.url
    if feed.failure or feed.last_success is None or (title, url) != (feed.title, feed.url):
        healthy = replace(feed, failure=None, title=title, url=url, last_success=note.last_success)
        try_replace(tools, healthy, stored.version)


# ------------------------------------------------------------------ entries
def take_in_due(tools: Tools, *, seconds: float = 60.0) -> int:
    """Takes in due entries, a batch at a time, for so long. Returns how many."""
    return _work(tools, "entry", take_in, seconds)


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
            _judge(tools, feed, entry, obtain(tools, feed, entry, steps), steps)
        elif own := lead_target(tools, entry):
            steps.append(Step(tools.now(), "lead", f"leads to {own.url}"))
            decide(tools, entry.id, "discard", "lead", steps, article=own.id)
        else:
            _judge(tools, feed, entry, headline(tools, feed, entry, steps), steps)
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
        decide(tools, entry.id, "discard", f"{type(error).__name__}: {error.reason}", steps)
    except Quarantine as error:
        quarantine(tools, "entry", entry.id, entry.url, "take in", error)
        decide(tools, entry.id, "quarantine", f"{type(error).__name__}: {error.reason}", steps)
    tools.frontier.settle(claim, None)


def _judge(tools: Tools, feed: Feed, entry: Entry, analysis: Analysis, steps: list[Step]) -> None:
    """Discards what is not about the topic; creates the article of what is, once, and records it."""
    page, reading = analysis.page, analysis.reading
    steps.append(
        Step(tools.now(), "relevance", f"score {reading.score:.2f}; {', '.join(reading.frames) or 'no frame'}")
    )
    if not reading.relevant:
        decide(tools, entry.id, "discard", "irrelevant", steps, score=reading.score, published=page.published)
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
    if not tools.archive.create(article):
        known = tools.archive.get(Article, article_id)
        if known and known.record.entry != entry.id:
            if article_id != entry.id:
                decide(tools, entry.id, "discard", "known address", steps, article=article_id, published=page.published)
                return
            # Another address of it came first; now its own has come.
            change_article(tools, article_id, lambda a: replace(a, entry=entry.id))
            redirect(tools, known.record.entry, article_id)
    record(tools, article_id, steps)


# ------------------------------------------------------------------ articles
def record(tools: Tools, article_id: str, steps: list[Step] | None = None) -> None:
    """Joins a pending article to its story, takes its reports into each docket, clears it, and ends its entry."""
    steps = [] if steps is None else steps
    stored = tools.archive.get(Article, article_id)
    if stored is None:
        return
    article = stored.record
    if article.pending:
        article = join_story(tools, article)
        touched, measures = join_dockets(tools, article, steps)
        change_article(
            tools,
            article_id,
            lambda a: replace(
                a,
                measures=measures,
                stages=tuple(dict.fromkeys(report.stage for report in a.reports)),
                directions=tuple(dict.fromkeys(report.direction for report in a.reports if report.direction)),
                pending=False,
            ),
        )
        for docket_id in touched:
            _tell(tools, docket_id)
    outcome: Outcome = "copy" if article.copy_of else "article"
    decide(tools, article.entry, outcome, "", steps, article=article_id, published=article.published)


# ------------------------------------------------------------------ alerts
def _tell(tools: Tools, docket_id: str, *, carry_on: bool = False) -> None:
    """Expands a docket's open notices. One docket that cannot be told of keeps no other one waiting."""
    try:
        if carry_on:
            repair.carry_on(tools.archive, docket_id, now=tools.now())
        expand_notices(tools, docket_id)
    except Unavailable:
        raise
    except Exception as error:
        log.exception("the notices of docket %s cannot be expanded", docket_id)
        quarantine(tools, "docket", docket_id, "", "tell", unexpected(error))


def expand_notices(tools: Tools, docket_id: str) -> None:
    """Makes the outbox rows that a docket's open notices owe, create-once, then marks the notices done.

    Raises ``Quarantine`` when a notice's measure is not there or the archive refuses a row: the notices stay open.
    """
    while True:
        stored = tools.archive.get(Docket, docket_id)
        if stored is None:
            return
        open_notices = [notice for notice in stored.record.notices if not notice.done]
        if not open_notices:
            return
        subscriptions = [other.record for other in every(tools.archive, Subscription)]
        rows = [
            row for notice in open_notices for row in notices.expand(notice, stored.record, subscriptions, tools.now())
        ]
        for created in tools.archive.create_many(rows):
            if created.outcome == "refused":
                raise Quarantine(f"the archive refuses alert {created.id}: {created.reason}", subject=docket_id)
        told = {notice.id for notice in open_notices}
        closed = tuple(replace(n, done=True) if n.id in told else n for n in stored.record.notices)
        if try_replace(tools, replace(stored.record, notices=closed), stored.version):
            return


def deliver_due(tools: Tools) -> int:
    """Sends what waits in the outbox and is due. Returns how many were tried."""
    tried = 0
    for stored in every(tools.archive, Alert, {"state": "waiting"}):
        if outbox.is_due(stored.record, tools.now()):
            tried += deliver(tools, stored)
    return tried


def deliver(tools: Tools, stored: Stored[Alert]) -> bool:
    """Claims one row, renders and freezes its mail at the first attempt, hands it over, marks it sent.

    False when somebody else has the row. A crash after the server accepted the mail and before the mark repeats
    the same message under the same Message-ID.
    """
    try:
        row = outbox.claim(stored.record, tools.now())
        version = tools.archive.replace(row, stored.version)
        subscription = tools.archive.get(Subscription, row.subscription)
        if subscription is None:
            tools.archive.replace(outbox.suppressed(row, "the subscription was removed", tools.now()), version)
            return True
        if not row.mail:
            row = _rendered(tools, row, subscription.record)
            version = tools.archive.replace(row, version)
    except Conflict:
        return False
    except Unavailable:
        raise
    except Exception as error:  # one mail that cannot be written keeps no other one waiting
        log.exception("alert %s cannot be rendered", row.id)
        kept = unexpected(error)
        quarantine(tools, "alert", row.id, "", "render", kept)
        try_replace(tools, outbox.suppressed(row, kept.reason, tools.now()), version)
        return True
    try:
        tools.transport.send(row.mail.encode("ascii"), tools.settings.mail_from, subscription.record.to)
    except PipelineError as error:
        log.warning("alert %s to %s: %s: %s", row.id, subscription.record.id, type(error).__name__, error.reason)
        done = outbox.failed(row, error, tools.now(), tools.rng)
    else:
        done = outbox.sent(row, tools.now())
        tools.tally.add("alert")
    try_replace(tools, done, version)
    return True


def _rendered(tools: Tools, row: Alert, subscription: Subscription) -> Alert:
    docket = _docket_of(tools, row)
    stories = {
        evidence.story for action in notices.measure_of(docket, row.measure).actions for evidence in action.evidence
    }
    before = every(tools.archive, Alert, {"measure": row.measure, "subscription": subscription.id, "state": "sent"})
    mail = render(
        row,
        docket,
        subscription,
        settings=tools.settings,
        now=tools.now(),
        story_sizes={story: tools.archive.count(Article, {"story": story}) for story in stories},
        thread=[s.record.message_id for s in sorted(before, key=lambda s: s.record.sent or s.record.created)],
    )
    return outbox.freeze(row, mail.message_id, mail.text_form)


def _docket_of(tools: Tools, row: Alert) -> Docket:
    """The docket that holds the alert's measure now: an analyst may have moved it since."""
    docket_id = row.docket
    for _ in range(10):
        stored = tools.archive.get(Docket, docket_id)
        if stored is None:
            break
        home, _ = resolve(stored.record, row.measure)
        if home == docket_id:
            return stored.record
        docket_id = home
    raise Quarantine("the docket of this alert is gone", subject=row.id)


# ------------------------------------------------------------------ what an interruption left behind
def sweep(tools: Tools) -> int:
    """Takes up what stayed behind: an empty frontier, waiting entries that are not due anywhere, pending articles,
    open notices, old fingerprints. Returns how much it found."""
    refill(tools)
    found = 0
    known = tools.frontier.dues("entry")
    lost = [entry for entry in _waiting(tools) if entry.id not in known]
    tools.frontier.put("entry", [due_entry(entry, tools.now()) for entry in lost])
    found += len(lost)
    for stored in orphans(tools):
        found += 1
        try:
            record(tools, stored.record.id, [Step(tools.now(), "sweep", "taken up again after an interruption")])
        except Unavailable:
            raise
        except Exception as error:
            log.exception("article %s cannot be recorded", stored.record.id)
            quarantine(tools, "article", stored.record.id, stored.record.url, "record", unexpected(error))
    for docket_id in owing(tools):
        found += 1
        _tell(tools, docket_id, carry_on=True)
    tools.frontier.forget(tools.now() - COPY_WINDOW)
    return found


def orphans(tools: Tools) -> list[Stored[Article]]:
    """Pending articles that nobody is working on: their entry's lease is over, and they are not in quarantine."""
    at_work = {key for key, at in tools.frontier.dues("entry").items() if at > tools.now()}
    return [
        stored
        for stored in every(tools.archive, Article, {"pending": "1"})
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
    now = tools.now()
    backlog = tools.frontier.backlog(now)
    # What a process left leased when it died is due, although nothing has given it back.
    if backlog.leased or backlog.due_feeds or backlog.due_entries:
        return False
    if backlog.next_at and backlog.next_at < now + SOON:
        return False
    tools.archive.refresh()
    return not (
        orphans(tools)
        or owing(tools)
        or any(outbox.is_due(stored.record, now) for stored in every(tools.archive, Alert, {"state": "waiting"}))
    )


# ------------------------------------------------------------------ at work
def _work(tools: Tools, kind: DueKind, do: Callable[[Tools, Claim], None], seconds: float) -> int:
    """Claims and does, until nothing is due or the time is over; gives back what it did not reach."""
    end = time.monotonic() + seconds
    done = 0
    while time.monotonic() < end and not tools.stopping.is_set():
        claims = tools.frontier.claim(kind, BATCH, LEASE, tools.now())
        if not claims:
            break
        for claim in claims:
            if time.monotonic() >= end or tools.stopping.is_set():
                tools.frontier.settle(claim, tools.now())
                continue
            _guarded(tools, claim, do)
            done += 1
    return done


def _guarded(tools: Tools, claim: Claim, do: Callable[[Tools, Claim], None]) -> None:
    """One failure stays one failure: a defect of ours goes to quarantine with its error, and the batch goes on."""
    try:
        do(tools, claim)
    except Unavailable as error:
        # A server of ours: the claim's lease brings it back, and it is no death of the claim's.
        log.warning("%s %s waits: %s", claim.kind, claim.key, error)
        tools.frontier.settle(claim, tools.now() + timedelta(seconds=30))
    except Exception as error:
        log.exception("%s %s failed unexpectedly", claim.kind, claim.key)
        known: Stored[Entry] | Stored[Feed] | None = (
            tools.archive.get(Entry, claim.key) if claim.kind == "entry" else tools.archive.get(Feed, claim.key)
        )
        quarantine(tools, claim.kind, claim.key, known.record.url if known else "", "unexpected", unexpected(error))
        if claim.kind == "entry":
            decide(tools, claim.key, "quarantine", str(unexpected(error)), [])
            tools.frontier.settle(claim, None)
        else:
            tools.frontier.settle(claim, tools.now() + timedelta(hours=1))
