"""What the operator asks: feeds, subscriptions, the outbox, quarantine, and whether all is well."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta

from analyst.answers.results import (
    AlertRow,
    AlertsAnswer,
    CheckRow,
    FeedRow,
    FeedsAnswer,
    QuarantineAnswer,
    QuarantineRow,
    StatusAnswer,
    SubscriptionRow,
    SubscriptionsAnswer,
    WouldHaveRow,
)
from analyst.answers.text import instant, moment
from config.celery import QUEUES
from config.settings import Settings
from pipeline import broker, heartbeats
from pipeline.alerts import outbox, timing
from pipeline.alerts.notices import measure_of
from pipeline.alerts.words import subject_line
from pipeline.archive.base import Archive, every
from pipeline.errors import PipelineError
from pipeline.feeds import schedule
from pipeline.feeds.note import FeedNote
from pipeline.feeds.owners import owner_of
from pipeline.frontier.base import Frontier
from pipeline.model import Alert, Article, Clock, Docket, Entry, Feed, Quarantined, Subscription
from pipeline.processes import is_dead
from pipeline.subscribing import WouldHave

OVERDUE = timedelta(hours=2)
"""A feed that is due for longer is polled by nobody: a cron job that runs every hour is well."""
ILL_SHARE = 0.25
"""More failing feeds than this share are not the feeds' fault, or need a person."""
LITTLE_DISK = 500 * 2**20


def feeds(archive: Archive, frontier: Frontier, now: Clock) -> FeedsAnswer:
    """Every feed with its health. The frontier's note knows it best; when that is lost, the archive's record does."""
    notes, dues = frontier.notes("feed"), frontier.dues("feed")
    rows = []
    for stored in every(archive, Feed):
        feed = stored.record
        note = FeedNote.from_bytes(notes.get(feed.id, b""))
        last = max(filter(None, (feed.last_success, note.last_success)), default=None)
        row: FeedRow = {
            "url": feed.url,
            "title": feed.title,
            "place": feed.place,
            "kind": feed.kind,
            "owner": owner_of(feed),
            "healthy": feed.failure is None and last is not None,
            "last_success": instant(last),
            "next_poll": instant(dues.get(feed.id)),
            "error": {"class": feed.failure.error, "reason": feed.failure.reason} if feed.failure else None,
            "quiet": schedule.gone_quiet(note, now()),
        }
        rows.append(row)
    return {"feeds": sorted(rows, key=lambda row: (row["title"].casefold(), row["url"]))}


def subscription_row(subscription: Subscription) -> SubscriptionRow:
    """A subscription as an answer shows it."""
    return {
        "id": subscription.id,
        "name": subscription.name,
        "to": subscription.to,
        "places": list(subscription.places),
        "directions": list(subscription.directions),
        "kinds": list(subscription.kinds),
        "min_confidence": subscription.min_confidence,
        "query": subscription.query,
        "near": subscription.near,
        "miles": subscription.miles,
        "channel": subscription.channel,
        "when": subscription.rhythm,
        "at": subscription.at,
        "weekday": timing.WEEKDAYS[subscription.weekday],
        "zone": subscription.zone,
        "quiet": subscription.quiet,
        "stopped": subscription.stopped,
        "created": moment(subscription.created),
    }


def would_have_row(one: WouldHave) -> WouldHaveRow:
    """An alert that would have been sent, as an answer shows it."""
    measure = measure_of(one.docket, one.notice.measure)
    action = next(action for action in measure.actions if action.id == one.notice.action)
    return {
        "measure": one.notice.measure,
        "action": one.notice.action,
        "kind": one.notice.kind,
        "reported": moment(one.at),
        "subject": subject_line(measure, action, one.notice.kind),
    }


def subscriptions(archive: Archive) -> SubscriptionsAnswer:
    """All subscriptions, oldest first."""
    found = sorted((s.record for s in every(archive, Subscription)), key=lambda s: (s.created, s.id))
    return {"subscriptions": [subscription_row(subscription) for subscription in found]}


def alert_row(alert: Alert) -> AlertRow:
    """A row of the outbox as an answer shows it."""
    return {
        "id": alert.id,
        "subscription": alert.subscription,
        "measure": alert.measure,
        "action": alert.action,
        "kind": alert.kind,
        "state": alert.state,
        "reason": alert.reason,
        "attempts": alert.attempts,
        "message_id": alert.message_id or None,
        "created": moment(alert.created),
        "sent": instant(alert.sent),
    }


def alerts(archive: Archive) -> AlertsAnswer:
    """The outbox, newest first."""
    found = sorted((s.record for s in every(archive, Alert)), key=lambda a: (a.created, a.id), reverse=True)
    return {"alerts": [alert_row(alert) for alert in found]}


def quarantine_row(kept: Quarantined) -> QuarantineRow:
    """A quarantined thing as an answer shows it."""
    return {
        "id": kept.id,
        "what": kept.what,
        "key": kept.key,
        "url": kept.url,
        "step": kept.step,
        "error": {"class": kept.error, "reason": kept.reason},
        "attempts": kept.attempts,
        "at": moment(kept.at),
    }


def quarantine(archive: Archive) -> QuarantineAnswer:
    """What is in quarantine, newest first."""
    found = sorted((s.record for s in every(archive, Quarantined)), key=lambda q: (q.at, q.id), reverse=True)
    return {"quarantine": [quarantine_row(kept) for kept in found]}


def answering(archive: Archive, frontier: Frontier, settings: Settings) -> list[CheckRow]:
    """Whether our servers answer and are well: archive, frontier and, where it is one, the broker."""

    def ask(name: str, ask: Callable[[], object]) -> CheckRow:
        try:
            ill = ask()
        except PipelineError as error:
            ill = error.reason
        return _check(name, not ill, str(ill or "answers"))

    checks = [ask("archive", archive.health), ask("frontier", frontier.health)]
    if settings.broker_url != "memory://":
        checks.append(ask("broker", lambda: broker.waiting(settings) and None))
    return checks


def working(frontier: Frontier, settings: Settings, now: Clock) -> CheckRow:
    """Whether work flows, as workers and beats tell it. Where worker and beat are one process, none has to run now: it
    may be started by the hour."""
    at = now()
    beats = heartbeats.read({key: note for key, note in frontier.notes(heartbeats.KIND).items() if not is_dead(key)})
    living = heartbeats.alive(beats, at, settings.silence)
    workers = [one for one in living if one.role == "worker"]
    ills = [heartbeats.ill(one, beats, at, settings.silence, settings.tick) for one in beats]
    if settings.broker_url == "memory://":
        return _check("workers", not any(ills), next(filter(None, ills), f"{len(workers)} at work now"))
    unserved = [queue for queue in QUEUES if not any(queue in one.queues for one in workers)]
    ills += [f"no worker serves the queue {queue!r}" for queue in unserved]
    if not any(other.role == "beat" for other in living) and any("does a beat run?" in ill for ill in ills):
        ills.append("no beat runs")
    told = [ill for ill in ills if ill]
    return _check("workers", not told, "; ".join(told[:5]) or f"{len(workers)} at work")


def status(archive: Archive, frontier: Frontier, now: Clock, settings: Settings) -> StatusAnswer:
    """Counts, and checks that each say what is wrong in one sentence."""
    at = now()
    all_feeds = feeds(archive, frontier, now)["feeds"]
    failing = [row for row in all_feeds if row["error"]]
    quiet = [row for row in all_feeds if row["quiet"]]
    overdue = [due for due in frontier.dues("feed").values() if at - due > OVERDUE]
    waiting = [s.record for s in every(archive, Alert, {"state": "waiting"})]
    stopped = [alert for alert in waiting if alert.stopped]
    late = [alert for alert in waiting if outbox.is_late(alert, at)]
    refused = sum(bool(stored.record.stopped) for stored in every(archive, Subscription))
    free = shutil.disk_usage(settings.home).free
    kept = archive.count(Quarantined)
    backlog = frontier.backlog(at)
    checks = [
        *answering(archive, frontier, settings),
        working(frontier, settings, now),
        _check(
            "polling", not overdue, f"{len(overdue)} feeds are overdue: does a monitor run?" if overdue else "on time"
        ),
        _check(
            "feeds",
            len(failing) <= ILL_SHARE * len(all_feeds),
            f"{len(failing)} of {len(all_feeds)} fail" + (f", first {failing[0]['url']}" if failing else ""),
        ),
        _check("quiet feeds", True, f"{len(quiet)} bring less than is their habit"),
        _check("quarantine", not kept, f"{kept} kept; see 'quarantine list'" if kept else "empty"),
        _check(
            "mail",
            not (stopped or late),
            f"stopped: {stopped[0].reason}"
            if stopped
            else f"{len(late)} are late by hours: {late[0].reason or 'not tried'}"
            if late
            else f"{len(waiting)} wait",
        ),
        _check(
            "addresses",
            True,
            f"{refused} subscription{'s are' if refused > 1 else ' is'} told nothing: its address is refused; see "
            "'subscriptions list'"
            if refused
            else "none is refused",
        ),
        _check("disk", free > LITTLE_DISK, f"{free // 2**20} MB free"),
    ]
    ill = "; ".join(f"{check['name']}: {check['detail']}" for check in checks if not check["ok"])
    answer: StatusAnswer = {
        "healthy": not ill,
        "checks": checks,
        "counts": {
            "feeds": len(all_feeds),
            "feeds_failing": len(failing),
            "feeds_quiet": len(quiet),
            "entries": archive.count(Entry),
            "entries_waiting": archive.count(Entry, {"outcome": "waiting"}),
            "discards": archive.count(Entry, {"outcome": "discard"}),
            "copies": archive.count(Entry, {"outcome": "copy"}),
            "articles": archive.count(Article),
            "dockets": archive.count(Docket),
            "subscriptions": archive.count(Subscription),
            "alerts_waiting": len(waiting),
            "alerts_sent": archive.count(Alert, {"state": "sent"}),
            "quarantine": kept,
            "due_feeds": backlog.due_feeds,
            "due_entries": backlog.due_entries,
        },
    }
    if ill:
        answer["error"] = {"class": "Unhealthy", "reason": ill}
    return answer


def _check(name: str, ok: bool, detail: str) -> CheckRow:
    return {"name": name, "ok": ok, "detail": detail}
