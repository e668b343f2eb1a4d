"""What became of things: entries decided or put off, articles changed, errors kept. Nothing goes without a reason.

Every change is compare-and-set of one whole record; a change that lost is tried again on what is there by then. Who has
just read or written the record hands it in as ``known``, which saves reading it again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from pipeline.archive.base import Archive, Stored
from pipeline.dues import due_entry, due_feed
from pipeline.errors import Conflict, PipelineError, Quarantine, Retry, Throttled
from pipeline.frontier.base import Frontier
from pipeline.model import (
    Alert,
    Article,
    Audit,
    Clock,
    Docket,
    Entry,
    Feed,
    Outcome,
    Quarantined,
    Record,
    Step,
    make_id,
    utc_now,
)
from pipeline.policy.docket.audit import intentions, with_entry
from pipeline.tools import Tools

PAUSES = (timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1), timedelta(hours=4), timedelta(hours=12))
"""Between attempts at a page; after the last one the feed's own words have to do."""
MOST_STEPS = 40
"""An entry keeps its first and its latest steps."""


def try_replace(tools: Tools, record: Record, version: str) -> bool:
    """Compare-and-set; False when somebody else was first."""
    try:
        tools.archive.replace(record, version)
    except Conflict:
        return False
    return True


def decide(
    tools: Tools,
    entry_id: str,
    outcome: Outcome,
    reason: str,
    steps: list[Step],
    *,
    article: str = "",
    score: float | None = None,
    published: datetime | None = None,
    known: Stored[Entry] | None = None,
) -> None:
    """Ends an entry: its outcome, reason and steps stay, what its feed said of it does not."""
    step = Step(tools.now(), "outcome", f"{outcome}: {reason}" if reason else outcome)

    def change(entry: Entry) -> Entry:
        kept = replace(entry.item, summary="", content="")
        if outcome == "quarantine":
            kept = entry.item  # a retry needs it
        return replace(
            entry,
            outcome=outcome,
            reason=reason,
            article=article or entry.article,
            score=entry.score if score is None else score,
            published=published or entry.published,
            item=kept,
            steps=_joined(entry.steps, [*steps, step]),
        )

    if change_entry(tools, entry_id, change, known):
        tools.tally.add(outcome, reason=reason.partition(":")[0])


def redirect(tools: Tools, entry_id: str, article: str) -> None:
    """Says of a decided entry that it was another address of the article, whose own entry has come since."""
    _decide_anew(tools, entry_id, "discard", "known address", article)


def retell(tools: Tools, article: Article) -> None:
    """Says of the entry of an article whether it is a copy, when its story was joined to another one after the entry
    was decided."""
    if (stored := tools.archive.get(Entry, article.entry)) and stored.record.outcome in ("article", "copy"):
        _decide_anew(tools, article.entry, article.outcome, "", article.id)


def _decide_anew(tools: Tools, entry_id: str, outcome: Outcome, reason: str, article: str) -> None:
    step = Step(tools.now(), "outcome", f"{outcome}: {reason}" if reason else outcome)
    while (stored := tools.archive.get(Entry, entry_id)) and stored.record.outcome != outcome:
        told = replace(stored.record, outcome=outcome, reason=reason, article=article)
        if try_replace(tools, replace(told, steps=_joined(told.steps, [step])), stored.version):
            tools.tally.add(stored.record.outcome, -1)
            tools.tally.add(outcome, reason=reason)
            return


def try_later(tools: Tools, entry: Entry, error: Retry, steps: list[Step]) -> datetime:
    """Writes down a failed attempt and says when to try again."""
    now = tools.now()
    if isinstance(error, Throttled):
        tools.politeness.slowed(entry.url, error.after)
    pause = PAUSES[min(entry.attempts, len(PAUSES) - 1)] * tools.rng.uniform(0.9, 1.1)
    again_at = now + max(pause, timedelta(seconds=error.after))
    step = Step(now, "later", f"{type(error).__name__}: {error.reason}; next try at {again_at:%Y-%m-%dT%H:%M:%SZ}")
    change_entry(tools, entry.id, lambda e: replace(e, attempts=e.attempts + 1, steps=_joined(e.steps, [*steps, step])))
    return again_at


def change_entry(tools: Tools, id: str, change: Callable[[Entry], Entry], known: Stored[Entry] | None = None) -> bool:
    """Compare-and-set of an entry that waits; False when it is decided already or gone."""
    while stored := known or tools.archive.get(Entry, id):
        known = None
        if stored.record.outcome != "waiting":
            return False
        if try_replace(tools, change(stored.record), stored.version):
            return True
    return False


def _joined(steps: tuple[Step, ...], more: Iterable[Step]) -> tuple[Step, ...]:
    joined = (*steps, *more)
    return joined if len(joined) <= MOST_STEPS else (*joined[:4], *joined[4 - MOST_STEPS :])


def change_article(
    tools: Tools, id: str, change: Callable[[Article], Article], known: Stored[Article] | None = None
) -> Stored[Article]:
    """Compare-and-set of an article, which is returned as it then is; nothing is written when nothing changes. Raises
    ``Quarantine`` when it is gone."""
    while True:
        stored = known or tools.archive.get(Article, id)
        known = None
        if stored is None:
            raise Quarantine("the article vanished while it was recorded", subject=id)
        changed = change(stored.record)
        if changed == stored.record:
            return stored
        with suppress(Conflict):
            return Stored(changed, tools.archive.replace(changed, stored.version))


def quarantine(tools: Tools, what: str, key: str, url: str, step: str, error: PipelineError) -> None:
    kept_id = make_id("quarantine", what, key)
    kept = Quarantined(
        id=kept_id,
        what=what,  # type: ignore[arg-type]
        key=key,
        url=url,
        step=step,
        error=type(error).__name__,
        reason=error.reason,
        at=tools.now(),
    )
    while not tools.archive.create(kept):
        stored = tools.archive.get(Quarantined, kept_id)
        if stored and try_replace(tools, replace(kept, attempts=stored.record.attempts + 1), stored.version):
            return


def unexpected(error: Exception) -> Quarantine:
    """A defect of ours as what it leads to; what is quarantined already stays as it is."""
    return error if isinstance(error, Quarantine) else Quarantine(f"{type(error).__name__}: {error}")


def retry_quarantined(archive: Archive, frontier: Frontier, kept: Quarantined, *, now: Clock = utc_now) -> None:
    """Takes a thing out of quarantine: an entry and a mail wait again, a feed is due, a pending article and a docket
    are taken up by the next sweep. What has ended otherwise meanwhile stays as it ended."""
    at = now()
    if kept.what == "entry":
        _wait_again(archive, frontier, kept.key, at)
    elif kept.what == "alert":
        _owe_again(archive, kept.key, at)
    elif kept.what == "feed" and (feed := archive.get(Feed, kept.key)):
        frontier.put("feed", [due_feed(feed.record, at)])
    archive.delete(Quarantined, kept.id)


def _wait_again(archive: Archive, frontier: Frontier, entry_id: str, at: datetime) -> None:
    while (stored := archive.get(Entry, entry_id)) and stored.record.outcome in ("quarantine", "waiting"):
        steps = _joined(stored.record.steps, [Step(at, "retry", "taken out of quarantine")])
        waiting = replace(stored.record, outcome="waiting", reason="", attempts=0, steps=steps)
        try:
            archive.replace(waiting, stored.version)
        except Conflict:
            continue
        frontier.put("entry", [due_entry(waiting, at)])
        return


def _owe_again(archive: Archive, alert_id: str, at: datetime) -> None:
    while (stored := archive.get(Alert, alert_id)) and stored.record.state == "suppressed":
        try:
            archive.replace(replace(stored.record, state="waiting", reason="", attempts=0, due=at), stored.version)
        except Conflict:
            continue
        return


def drop_quarantined(archive: Archive, kept: Quarantined, *, now: Clock = utc_now) -> None:
    """Gives a thing up for good: an entry and a mail stay as they ended and a feed is polled when it is due, an article
    stays without being taken into any docket, and what a docket still owed is owed no more."""
    if kept.what == "article":
        _leave_out(archive, kept.key)
    elif kept.what == "docket":
        _let_off(archive, kept.key, now())
    archive.delete(Quarantined, kept.id)


def _leave_out(archive: Archive, article_id: str) -> None:
    while (stored := archive.get(Article, article_id)) and stored.record.pending:
        try:
            archive.replace(
                replace(stored.record, pending=False, story=stored.record.story or article_id), stored.version
            )
        except Conflict:
            continue
        return


def _let_off(archive: Archive, docket_id: str, at: datetime) -> None:
    why = "dropped from quarantine"
    while stored := archive.get(Docket, docket_id):
        docket = stored.record
        notices = tuple(n if n.done else replace(n, done=True, muted=n.muted or why) for n in docket.notices)
        changed = replace(docket, notices=notices, changed=at)
        for intention in intentions(docket):
            changed = with_entry(changed, Audit(intention.audit, at, f"not merged: {why}", ""))
        try:
            archive.replace(changed, stored.version)
        except Conflict:
            continue
        return
