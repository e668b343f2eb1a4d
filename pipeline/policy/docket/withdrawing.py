"""A measure that was none: a person takes it off the docket, and what is told of it later stays off.

It keeps its actions and evidence under ``Docket.withdrawn``, so that the trail can be followed and another account of
the same thing is known for what it is. An account of another day is judged afresh: what was only talked about in
March may be adopted in April.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from pipeline.model import Article, Audit, Docket, Measure, Report
from pipeline.policy.docket.audit import with_entry, withdraw_id
from pipeline.policy.docket.matching import evidence_of, same_action, same_measure
from pipeline.policy.docket.merging import correction, describe, live_measure
from pipeline.policy.docket.owing import resolve, told
from pipeline.policy.docket.relating import relate
from pipeline.policy.docket.taking import evidence, take


def withdraw(docket: Docket, measure: str, *, why: str, now: datetime) -> Docket:
    """The docket without a measure that was none; open notices of it are muted, and who was told of it is owed a
    correction. Done twice it changes nothing. Raises ``UserError`` when the docket has no such measure."""
    if any(known.id == measure for known in docket.withdrawn):
        return docket
    known = live_measure(docket, measure)
    notices = tuple(
        replace(n, done=True, muted="withdrawn")
        if not n.done and resolve(docket, n.measure) == (docket.id, measure)
        else n
        for n in docket.notices
    )
    entry = Audit(withdraw_id(measure), now, f"withdrew {describe(known)}: there is no such measure", why)
    docket = replace(
        docket,
        measures=tuple(m for m in docket.measures if m.id != measure),
        withdrawn=(*docket.withdrawn, replace(known, related=())),
        notices=notices,
    )
    docket = relate(with_entry(docket, entry))
    return correction(docket, known, entry) if told(docket, measure) else docket


def holds(docket: Docket, report: Report, article: Article) -> bool:
    """Whether this very report was withdrawn."""
    place = (article.id, report.start, report.end, report.sentence)
    return any(
        place == (piece.article, piece.start, piece.end, piece.sentence)
        for measure in docket.withdrawn
        for piece in evidence_of(measure)
    )


def home(docket: Docket, live: str, report: Report, article: Article) -> Measure | None:
    """The withdrawn measure that a report is about: the one that it was led to by a tombstone (``live`` is its id), or
    of which it tells an action that the live measure it would join does not have."""
    for measure in docket.withdrawn:
        if measure.id == live:
            return measure
    here = next((measure for measure in docket.measures if measure.id == live), None)
    if here is not None and _tells(here, report, article):
        return None
    for measure in docket.withdrawn:
        if _tells(measure, report, article) and same_measure(measure, report, article).same:
            return measure
    return None


def _tells(measure: Measure, report: Report, article: Article) -> bool:
    return any(same_action(action, report, article, measure.instrument) > 0 for action in measure.actions)


def absorb(docket: Docket, measure: Measure, report: Report, article: Article, *, now: datetime) -> Docket:
    """The docket with one more account of a withdrawn measure; nobody is told."""
    taken, _, _ = take(docket, measure, report, article, evidence(report, article))
    withdrawn = tuple(taken if known.id == measure.id else known for known in docket.withdrawn)
    return replace(docket, withdrawn=withdrawn, changed=now)
