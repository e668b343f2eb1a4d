"""What a person repairs: measures merged, split or corrected, articles forgotten, by compare-and-set.

Each function may run twice. A merge across two dockets writes the intention into the source, then the target, then
the tombstone into the source; ``carry_on`` finishes one that was interrupted.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial

from pipeline.alerts import outbox
from pipeline.archive.base import Archive, every
from pipeline.articles import urls
from pipeline.errors import Conflict, UserError
from pipeline.model import Action, Alert, Article, Audit, Docket, Entry, Measure, R, make_id
from pipeline.policy.docket import correcting, merging, withdrawing
from pipeline.policy.docket.audit import Intention, intentions, with_entry, withdraw_id
from pipeline.policy.docket.owing import NEWS_DAYS


def find(archive: Archive, measure: str, *, withdrawn: bool = False) -> Docket:
    """The docket that holds a measure; with ``withdrawn`` also one that was taken off it. Raises ``UserError`` when
    none does."""
    archive.refresh()
    for stored in every(archive, Docket):
        gone = stored.record.withdrawn if withdrawn else ()
        if any(known.id == measure and not known.merged_into for known in (*stored.record.measures, *gone)):
            return stored.record
    raise UserError("no docket holds this measure", subject=measure)


def merge(archive: Archive, measure: str, into: str, *, why: str, now: datetime) -> Docket:
    """One measure goes into another, of the same or another docket. Returns the docket that holds it now. Raises
    ``UserError``."""
    source, target = find(archive, measure), find(archive, into)
    if source.id == target.id:
        changed = _change(archive, source.id, lambda docket: merging.merge(docket, measure, into, why=why, now=now))
    else:
        _change(archive, source.id, lambda docket: merging.intend(docket, measure, target, into, why=why, now=now))
        changed = carry_on(archive, source.id, now=now) or target
    return changed


def carry_on(archive: Archive, docket_id: str, *, now: datetime) -> Docket | None:
    """Finishes the merges that were begun in a docket; the last target, None when there was nothing to do. One that
    can no longer be done is put to rest on the audit trail."""
    target = None
    stored = archive.get(Docket, docket_id)
    for intention in intentions(stored.record) if stored else []:
        try:
            target = _finish(archive, intention, now)
        except UserError as error:
            _change(
                archive, docket_id, partial(with_entry, entry=Audit(intention.audit, now, f"not merged: {error}", ""))
            )
    return target


def _finish(archive: Archive, intention: Intention, now: datetime) -> Docket:
    source = archive.get(Docket, intention.source)
    if source is None:
        raise UserError("the docket of the merged measure is gone", subject=intention.source)
    target = _change(
        archive,
        intention.target,
        lambda docket: merging.receive(docket, source.record, intention, now=now, news_days=NEWS_DAYS),
    )
    _change(archive, intention.source, lambda docket: merging.bury(docket, intention, now=now))
    point_articles(archive, target)
    return target


def split(
    archive: Archive, measure: str, *, actions: Collection[str], articles: Collection[str], why: str, now: datetime
) -> Docket:
    """Some actions, or what some articles told, become a measure of their own. Raises ``UserError``."""
    fresh = f"{random.SystemRandom().getrandbits(64):016x}"
    return _change(
        archive,
        find(archive, measure).id,
        lambda docket: merging.split(
            docket, measure, actions=actions, articles=articles, why=why, now=now, mint=lambda: fresh
        ),
    )


def correct(
    archive: Archive, measure: str, fields: Mapping[str, str], *, action: str, why: str, now: datetime
) -> Docket:
    """Sets fields of a measure or of its action, whatever later reports tell. Raises ``UserError``."""
    return _change(
        archive,
        find(archive, measure).id,
        lambda docket: correcting.correct(docket, measure, fields, action=action, why=why, now=now),
    )


def retract(archive: Archive, measure: str, *, why: str, now: datetime) -> Docket:
    """Takes a measure that was none off its docket; it keeps its trail. Mail that was not tried yet stays here, and
    who would have got it needs no correction. Raises ``UserError``."""
    docket_id = find(archive, measure, withdrawn=True).id
    correction = withdraw_id(measure)
    for stored in every(archive, Alert, {"measure": measure, "state": "waiting"}):
        row = stored.record
        if row.attempts or row.kind == "correction":
            continue
        try:
            archive.replace(outbox.suppressed(row, "the measure was withdrawn", now), stored.version)
        except Conflict:
            continue  # it is being sent: a correction follows it
        own = make_id("alert", row.subscription, correction)
        unneeded = replace(row, id=own, action=correction, kind="correction", created=now)
        archive.create(outbox.suppressed(unneeded, "the measure was withdrawn before it was told", now))
    return _change(archive, docket_id, lambda docket: withdrawing.withdraw(docket, measure, why=why, now=now))


def _change(archive: Archive, docket_id: str, change: Callable[[Docket], Docket]) -> Docket:
    tries = 0
    while True:
        stored = archive.get(Docket, docket_id)
        if stored is None:
            raise UserError("the docket is gone", subject=docket_id)
        changed = change(stored.record)
        if changed == stored.record:
            return changed
        try:
            archive.replace(changed, stored.version)
        except Conflict:
            tries += 1
            time.sleep(random.uniform(0, 0.02) * tries)  # noqa: S311 - jitter
            continue
        point_articles(archive, changed)
        return changed


def point_articles(archive: Archive, docket: Docket) -> None:
    """Lets the articles name the measures that they are evidence of now."""
    owner: dict[str, list[str]] = {}
    gone = {measure.id for measure in docket.measures if measure.merged_into}
    gone |= {measure.id for measure in docket.withdrawn}
    mine = {measure.id for measure in docket.measures}
    for measure in docket.withdrawn:
        owner |= {article: [] for article in _articles(measure)}
    for measure in docket.measures:
        for article in _articles(measure):
            owner.setdefault(article, []).append(measure.id)
    for article, measures in owner.items():
        while stored := archive.get(Article, article):
            others = [m for m in stored.record.measures if m not in mine | gone]
            wanted = tuple(dict.fromkeys([*others, *measures]))
            if wanted == stored.record.measures:
                break
            try:
                archive.replace(replace(stored.record, measures=wanted), stored.version)
            except Conflict:
                continue


def _articles(measure: Measure) -> list[str]:
    return [] if measure.merged_into else list(dict.fromkeys(a for action in measure.actions for a in action.articles))


def forget(archive: Archive, url: str, *, now: datetime) -> None:
    """Removes an article, its entry and every quotation of it for good; measures keep the facts. Raises ``UserError``
    when nothing is known of the address."""
    key = make_id("article", urls.canonical(url))
    archive.refresh()
    if (stored := archive.get(Article, key)) is not None:
        article = stored.record
        for docket_id in {report.jurisdiction.key for report in article.reports}:
            if archive.get(Docket, docket_id):
                _change(archive, docket_id, partial(_without, article=key, now=now))
        copies = [s.record for s in every(archive, Article, {"story": key}) if s.record.id != key]
        head = min(((copy.first_seen, copy.id) for copy in copies), default=(now, ""))[1]
        for copy in copies:
            _set(archive, Article, copy.id, lambda record: replace(record, story=head))
            if copy.id == head:
                _set(archive, Entry, copy.entry, lambda record: replace(record, outcome="article"))
    for entry in every(archive, Entry):
        if entry.record.article == key and entry.record.id != key:
            _set(archive, Entry, entry.record.id, lambda record: replace(record, article=""))
    if not archive.forget(key):
        raise UserError("nothing is known of this address", subject=url)


def _without(docket: Docket, article: str, now: datetime) -> Docket:
    """The docket without what an article said."""

    def cleared(action: Action) -> Action:
        return replace(
            action,
            articles=tuple(known for known in action.articles if known != article),
            evidence=tuple(piece for piece in action.evidence if piece.article != article),
        )

    def without(measures: tuple[Measure, ...]) -> tuple[Measure, ...]:
        return tuple(replace(known, actions=tuple(cleared(action) for action in known.actions)) for known in measures)

    emptied = replace(docket, measures=without(docket.measures), withdrawn=without(docket.withdrawn))
    if emptied == docket:
        return docket
    return with_entry(emptied, Audit(f"forget:{article}", now, "forgot an article", ""))


def _set(archive: Archive, kind: type[R], id: str, change: Callable[[R], R]) -> None:
    while stored := archive.get(kind, id):
        try:
            archive.replace(change(stored.record), stored.version)
        except Conflict:
            continue
        return
