"""Two measures that a later account tells to be one: a bill and its companion, a law's title and its number.

Outlets name one law in part: one by the House bill, one by the Senate's. Until an account names both side by side
nothing tells that they are one; then the docket unites them as an analyst would, with an entry on its audit trail.
"""

from __future__ import annotations

from datetime import datetime

from pipeline.model import Article, Docket, Measure, Report
from pipeline.policy.docket import merging
from pipeline.policy.docket.families import compare_instruments
from pipeline.policy.docket.lifecycle import overlaps
from pipeline.policy.docket.naming import compare_identifiers, side_by_side
from pipeline.policy.docket.owing import founding_notice


def bind(docket: Docket, measure: str, report: Report, article: Article, *, now: datetime, news_days: int) -> Docket:
    """The docket after a report joined ``measure``, united with whatever other measure its sentence shows to be the
    same one. What an analyst split stays split."""
    parted = {entry.id.split(":")[1] for entry in docket.audit if entry.id.startswith("split:")}
    for other in docket.measures:
        one = next(known for known in docket.measures if known.id == measure)
        if other.id == measure or other.merged_into or {other.id, measure} & parted:
            continue
        if not side_by_side(report.sentence, one.identifier, other.identifier) or not _may_be_one(one, other):
            continue
        kept, moved = sorted((one, other), key=lambda known: _rank(docket, known))
        why = f"named side by side: {report.sentence} ({article.url})"
        docket = merging.merge(docket, moved.id, kept.id, why=why, now=now, news_days=news_days)
        measure = kept.id
    return docket


def _may_be_one(one: Measure, other: Measure) -> bool:
    if compare_identifiers(one.identifier, other.identifier) == "different":
        return False
    if compare_instruments(one.instrument, other.instrument, one.jurisdiction.type) == "apart":
        return False
    if {one.direction, other.direction} == {"limits_cooperation", "mandates_cooperation"}:
        return False
    return overlaps(one, other)


def _rank(docket: Docket, measure: Measure) -> tuple[bool, datetime, str]:
    """The measure that somebody was told of stays, else the older one."""
    notice = founding_notice(docket, measure.id)
    return notice is None or bool(notice.muted), measure.created, measure.id
