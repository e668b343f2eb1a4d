"""Links between measures: an instrument that amends or reaffirms, and the one it is about."""

from __future__ import annotations

from dataclasses import replace

from pipeline.model import Action, Docket, Measure
from pipeline.policy.docket.families import phase


def relate(docket: Docket) -> Docket:
    """The docket with each revising measure linked to the one it revises, both ways."""
    live = [measure for measure in docket.measures if not measure.merged_into]
    links = {frozenset((m.id, base)) for m in live if _revises(m) and (base := _base(live, m))}
    related = {m.id: tuple(sorted(set().union(*(link for link in links if m.id in link)) - {m.id})) for m in live}
    measures = tuple(replace(m, related=related.get(m.id, m.related)) for m in docket.measures)
    return docket if measures == docket.measures else replace(docket, measures=measures)


def _base(live: list[Measure], revising: Measure) -> str:
    """The measure that a revising one is about: the latest before it of the same direction that revises none."""
    before = [
        other
        for other in live
        if not _revises(other)
        and _begun(other) < _begun(revising)
        and (other.direction is None or revising.direction is None or other.direction == revising.direction)
    ]
    return max(before, key=_begun).id if before else ""


def _begun(measure: Measure) -> tuple[str, str]:
    return min(map(_day, measure.actions), default=""), measure.id


def _day(action: Action) -> str:
    return action.date or action.first_reported.date().isoformat()


def _revises(measure: Measure) -> bool:
    """Whether what was adopted first is an amendment or a reaffirmation, told as an instrument of its own."""
    adopted = [action for action in measure.actions if phase(action.stage) in ("adoption", "revision")]
    first = min(adopted, key=lambda action: (_day(action), action.id), default=None)
    return first is not None and first.alert in ("amend", "reaffirm")
