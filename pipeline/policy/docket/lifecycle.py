"""Whether an action has a place in a measure's life: after its proposal, before its repeal, within its months.

Local bodies vote a second time within weeks; legislatures sign and override within months; a bill stays alive for a
session of two years. What falls outside is another measure, however alike it sounds: a new law next year is new.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from pipeline.model import Measure, Report
from pipeline.policy.docket.families import ENDINGS, FINAL, is_statewide, phase, stage_family
from pipeline.policy.docket.spans import Span, span_of

SECOND_VOTE = 60
"""Days between two votes (or vote and signature) on one local measure, at most."""
SIGNATURE = 210
"""The same for a state: New York's governor signs in December what passed in June."""
PENDING = 365
"""Days from a proposal to the decision on it, at most."""
SESSION = 730
"""The same for a state, whose sessions may take two years."""
STRAGGLER = 45
"""Days after a first vote within which hearings and amendments are still about the second."""
TAKES_EFFECT = 540
"""Days from adoption to taking effect, at most."""
REVIVAL = 60
"""Days after a failed vote within which the same proposal may come back and pass."""
SLACK = 7
"""Days by which told dates may be out of order."""
DRIFT = 3
"""Days by which a re-published account moves the date of the action it tells."""
_BEGINNINGS = frozenset({"proposed", "directed_drafting", "passed_one_chamber"})
_PASSAGES = frozenset({"passed", "adopted", "approved", "passed_final", "awaiting_signature"})


@dataclass(frozen=True, slots=True)
class Fit:
    """How well an action fits into a measure's life. ``points`` is None when it has no place there."""

    points: float | None
    why: str


@dataclass(slots=True)
class _Life:
    """The spans of what happened to a measure, by what it means for its life."""

    adopted: list[Span] = field(default_factory=list)
    """Votes, signatures, vetoes; for a revising instrument its adoption as amendment or reaffirmation."""
    pending: list[Span] = field(default_factory=list)
    begun: list[Span] = field(default_factory=list)
    """Those of the pending ones that stand at a measure's beginning and never between two votes."""
    failed: list[Span] = field(default_factory=list)
    ended: list[Span] = field(default_factory=list)
    after: list[tuple[str, Span]] = field(default_factory=list)
    final: list[Span] = field(default_factory=list)
    voted: list[Span] = field(default_factory=list)
    signed: list[Span] = field(default_factory=list)
    revising: set[str] = field(default_factory=set)
    """'amend' or 'reaffirm', when that is how its adoption was told."""

    @classmethod
    def of(cls, measure: Measure) -> _Life:
        life = cls()
        for action in measure.actions:
            span = span_of(action.date, action.first_reported, action.first_reported)
            match phase(action.stage):
                case "adoption" | "revision":
                    life.adopted.append(span)
                case "pending":
                    life.pending.append(span)
                    if stage_family(action.stage) in _BEGINNINGS:
                        life.begun.append(span)
                case "end":
                    life.failed.append(span)
                case "after":
                    life.after.append((action.stage, span))
            if action.stage in ENDINGS:
                life.ended.append(span)
            if action.stage in FINAL:
                life.final.append(span)
            if action.stage == "signed":
                life.signed.append(span)
            elif action.stage in _PASSAGES:
                life.voted.append(span)
            life.revising |= {revision(action.stage, action.alert)} - {""}
        return life


def revision(stage: str, alert: str | None) -> str:
    """'amend' or 'reaffirm' when an action revises an earlier measure, by what it would alert as or its stage."""
    if alert in ("amend", "reaffirm"):
        return alert
    return {"amended": "amend", "reaffirmed": "reaffirm"}.get(stage, "")


def fit(measure: Measure, report: Report, span: Span) -> Fit:
    """How well a report, told to have happened within ``span``, fits into the life of a measure."""
    life = _Life.of(measure)
    if not measure.actions:
        return Fit(0.5, "nothing is known of the measure yet")
    statewide = is_statewide(measure.jurisdiction.type)
    votes, months = (SIGNATURE, SESSION) if statewide else (SECOND_VOTE, PENDING)
    kind = revision(report.stage, report.alert)
    if kind and not life.revising:
        return _revision(life, report, span, months)
    if kind and kind not in life.revising and _near(life.adopted, span) > DRIFT:
        return Fit(None, "revised in another way on another day")
    match phase(report.stage):
        case "adoption" | "revision":
            return _adoption(life, report, span, votes, months)
        case "pending":
            return _proposal(life, report, span, months)
        case "end":
            return _failure(life, span, months)
        case "after":
            return _aftermath(life, report, span)


def overlaps(one: Measure, other: Measure) -> bool:
    """Whether two measures of one docket may have lived at the same time: no adoption of one lies further from the
    other's than votes and signatures of one measure do."""
    window = SIGNATURE if is_statewide(one.jurisdiction.type) else SECOND_VOTE
    lives = _Life.of(one), _Life.of(other)
    return all(a.gap(b) <= window for a in lives[0].adopted for b in lives[1].adopted)


def _near(spans: list[Span], span: Span) -> int:
    return min(span.gap(other) for other in spans)


def _close(gap: int, window: int, exact: bool, what: str) -> Fit:
    """Full marks for the same firm day, fewer with distance, none beyond the window."""
    if gap > window:
        return Fit(None, f"{gap} days from {what}, more than the {window} one measure takes")
    if gap == 0:
        return Fit(3.0, f"on the day of {what}") if exact else Fit(2.0, f"may be the day of {what}")
    if gap <= DRIFT:
        return Fit(2.0, f"within {DRIFT} days of {what}")
    return Fit(2.0 - gap / window, f"{gap} days from {what}")


def _exact(spans: list[Span], span: Span) -> bool:
    return span.day and any(other.day and other.gap(span) == 0 for other in spans)


def _adoption(life: _Life, report: Report, span: Span, votes: int, months: int) -> Fit:
    if any(span.first > end.last for end in life.ended):
        return Fit(None, "adopted after its repeal")
    if life.adopted:
        a_vote = stage_family(report.stage) in ("adopted", "passed_first_vote")
        if a_vote and any((span.first - final.last).days > 14 for final in life.final):
            return Fit(None, "voted on after nothing was left to vote on")
        near = _close(_near(life.adopted, span), votes, _exact(life.adopted, span), "its adoption")
        if near.points is not None and report.stage == "signed" and report.alert != "stage":
            if any(voted.first > span.last and voted.gap(span) > SLACK for voted in life.voted):
                return Fit(None, "signed before it was passed")
            if life.signed and _near(life.signed, span) > SLACK:
                return Fit(-5.0, "signed once already")
        return near
    if any((span.first - end.last).days > REVIVAL for end in life.failed):
        return Fit(None, "adopted long after it failed")
    if life.pending:
        if any((begun.first - span.last).days > SLACK for begun in life.begun):
            return Fit(None, "adopted before it was proposed")
        if all((pending.first - span.last).days > STRAGGLER for pending in life.pending):
            return Fit(None, "adopted long before it was pending")
        return _close(_near(life.pending, span), months, False, "its proposal")
    if life.failed:
        return Fit(1.0, "soon after it failed")
    if all((span.first - later.last).days > SLACK for _, later in life.after):
        return Fit(None, "adopted after what only follows an adoption")
    return _before_the_rest(life, span)


def _before_the_rest(life: _Life, span: Span) -> Fit:
    for stage, later in life.after:
        if stage == "effective" and later.gap(span) > TAKES_EFFECT:
            return Fit(None, "adopted too long before it took effect")
    gap = _near([later for _, later in life.after], span)
    return Fit(1.0 if gap <= SESSION else 0.5, f"{gap} days before what followed")


def _proposal(life: _Life, report: Report, span: Span, months: int) -> Fit:
    if any((span.first - end.last).days > 14 for end in life.failed + life.ended):
        return Fit(None, "proposed after the measure's end")
    if life.adopted:
        first = min(life.adopted, key=lambda adopted: adopted.last)
        late = (span.first - first.last).days
        if late > SLACK and stage_family(report.stage) in _BEGINNINGS:
            return Fit(None, "proposed after the measure's adoption")
        if late > STRAGGLER or (late > SLACK and any(final.last < span.first for final in life.final)):
            return Fit(None, "pending after the measure's adoption")
        if late > 0:
            return Fit(0.5, "between two votes")
        return _close(_near(life.adopted, span), months, False, "its adoption")
    if life.pending or life.failed:
        known = life.pending + life.failed
        return _close(_near(known, span), months, _exact(known, span), "its proposal")
    if all(span.first > later.last for _, later in life.after):
        return Fit(None, "proposed after what only follows an adoption")
    gap = _near([later for _, later in life.after], span)
    return Fit(0.8, f"{gap} days before what followed") if gap <= SESSION else Fit(None, "too long before the rest")


def _failure(life: _Life, span: Span, months: int) -> Fit:
    if life.adopted:
        first = min(life.adopted, key=lambda adopted: adopted.first)
        if span.first > first.last:
            return Fit(None, "failed after the measure was adopted")
        return _close(_near(life.adopted, span), REVIVAL, False, "its adoption")
    if life.failed:
        return _close(_near(life.failed, span), 30, _exact(life.failed, span), "its failure")
    if life.pending:
        return _close(_near(life.pending, span), months, False, "its proposal")
    return Fit(None, "failed, yet something followed that only follows an adoption")


def _aftermath(life: _Life, report: Report, span: Span) -> Fit:
    family = stage_family(report.stage)
    if report.stage in ENDINGS and any(end.gap(span) > SECOND_VOTE for end in life.ended):
        return Fit(None, "repealed once already")
    if life.adopted:
        first = min(life.adopted, key=lambda adopted: adopted.first)
        if (first.first - span.last).days > DRIFT:
            return Fit(None, f"{family} before it was adopted")
        gap = _near(life.adopted, span)
        if family == "effective":
            return _close(gap, TAKES_EFFECT, False, "its adoption")
        if any((span.first - end.last).days > SLACK for end in life.ended):
            return Fit(0.2, "after its repeal")
        return Fit(1.3 - min(gap / 3650, 0.8), f"{gap} days after its adoption")
    if life.failed:
        return Fit(None, f"{family}, yet it failed")
    if life.pending:
        gap = _near(life.pending, span)
        return Fit(0.4, f"{gap} days after its proposal") if gap <= SESSION else Fit(None, "long after its proposal")
    return _among_what_followed(life, family, span)


def _among_what_followed(life: _Life, family: str, span: Span) -> Fit:
    twins = [later for stage, later in life.after if stage_family(stage) == family]
    if twins and _near(twins, span) <= DRIFT:
        return Fit(2.0, f"{family} on that day")
    if family == "effective" and twins:
        return Fit(None, "took effect once already")
    gap = _near([later for _, later in life.after], span)
    if gap > 5 * 365:
        return Fit(None, "years from what else followed")
    return Fit(1.0, f"{gap} days from what else followed")


def _revision(life: _Life, report: Report, span: Span, months: int) -> Fit:
    """An amendment of a pending measure is a step of its life; any later one, or a reaffirmation, is an instrument
    of its own. Told of the day of the adoption itself it is another outlet's word for it."""
    known = list(_steps(life))
    if life.adopted and _near(life.adopted, span) <= (1 if span.day else 0):
        return _close(0, 1, _exact(life.adopted, span), "its adoption")
    if phase(report.stage) == "adoption" and any(not one.day and one.gap(span) <= SLACK for one in life.adopted):
        return _close(0, 1, False, "its adoption, whose day nobody told")
    if any(span.first > end.last for end in life.ended + life.failed):
        return Fit(None, "revised after the measure's end")
    if not life.adopted and life.pending:
        return _close(_near(life.pending, span), months, False, "its proposal")
    if report.stage != "amended" or not known:
        return Fit(None, "an instrument of its own")
    if any((span.first - final.last).days > 1 for final in life.final):
        return Fit(None, "amended after nothing was left to vote on")
    first = min(known, key=lambda step: step.last)
    late = (span.first - first.last).days
    if late > STRAGGLER:
        return Fit(None, "amended long after its adoption")
    if late > 0:
        return Fit(1.0, "between two votes")
    gap, window = _near(known, span), months if life.adopted else SESSION
    if gap > window:
        return Fit(None, "amended long before the rest")
    return Fit(1.5 - gap / window, f"{gap} days before the rest")


def _steps(life: _Life) -> Iterator[Span]:
    yield from life.adopted
    if not life.adopted:
        yield from (later for _, later in life.after)
