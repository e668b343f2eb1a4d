"""Is this report about that measure? Points for and against, each with its reason, so that a person can check.

A measure is matched, never keyed: identifier, instrument, vote, direction and name are attributes that outlets tell
in part and differently. What rules a match out (two numbers of one series, a place outside the
measure's life, the same article telling both) rules it out whatever else agrees.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.model import Action, Article, Direction, Evidence, Instrument, Measure, Report, Vote
from pipeline.policy.docket.families import (
    ENDINGS,
    JUDICIAL,
    compare_instruments,
    compare_stages,
    phase,
    signed_or_voted,
)
from pipeline.policy.docket.lifecycle import DRIFT, fit
from pipeline.policy.docket.naming import compare_identifiers, distinctive_words, mentions, overlap
from pipeline.policy.docket.spans import Span, span_of

_EXECUTIVE_WORDS = ("mayor", "governor", "executive", "president", "sheriff", "chief", "attorney general", "manager")
SIGNED = frozenset({"signed", "vetoed", "became_law_without_signature"})
"""Stages at which an executive acts on what a body has passed."""

_PLAIN = frozenset({"passed", "adopted", "approved", "signed"})
"""Adoption told without a word of another vote before or after it."""

_ORDERS = frozenset({"executive_order", "directive"})
"""What an executive decides alone; a policy may be a board's as well."""

Point = tuple[float | None, str]
"""Points for (or, negative, against) one measure, and why; None rules the match out."""


@dataclass(frozen=True, slots=True)
class Match:
    """The answer of ``same_measure``: joined when ``score`` is above 0. ``reasons`` read like "+3.0 same number"."""

    same: bool
    score: float
    reasons: tuple[str, ...]


def same_measure(measure: Measure, report: Report, article: Article) -> Match:
    """Whether a report of an article is about a measure of the same docket, and why."""
    span = when(report, article)
    place = fit(measure, report, span)
    points = [(place.points, place.why), *_compared(measure, report, article, span)]
    if all(value is not None for value, _ in points):
        points += _told_apart(measure, report, article)
    reasons = tuple(f"{'no' if value is None else f'{value:+.1f}'} {why}" for value, why in points if value != 0)
    known = [value for value, _ in points if value is not None]
    if len(known) < len(points):
        return Match(False, float("-inf"), reasons)
    return Match(sum(known) > 0, sum(known), reasons)


def when(report: Report, article: Article) -> Span:
    """The days on which the reported action may have happened."""
    return span_of(report.date, article.published, article.first_seen)


def same_action(action: Action, report: Report, article: Article, instrument: Instrument | None) -> float:
    """How surely a report tells an action of its measure; 0 when it does not.

    Same or akin stage and compatible dates. Between a vote and a signature only one firm day counts as one event,
    and not when the same article tells both.
    """
    span, known = when(report, article), span_of(action.date, action.first_reported, action.first_reported)
    gap = span.gap(known)
    firm = span.day and known.day
    likeness = compare_stages(action.stage, report.stage, report.instrument or instrument)
    if gap > (DRIFT if firm and _compare_votes(action.vote, report.vote) != "different" else 1 if firm else 0):
        return 0.0
    near = 1.0 / (1 + gap) + (1.0 if firm else 0.0)
    if likeness == "same":
        return 2.0 + near
    told_here = any(evidence.article == article.id for evidence in action.evidence)
    if told_here or (likeness == "apart" and not (firm and gap == 0 and signed_or_voted(action.stage, report.stage))):
        return 0.0
    return near


def tells_apart(one: Report, other: Report, first: Article, second: Article) -> bool:
    """Whether two reports of one docket, in one article, are two measures: at one stage of life on one day, but with
    another number, instrument, direction, tally or name."""
    if phase(one.stage) != phase(other.stage) or when(one, first).gap(when(other, second)) > 0:
        return False
    if compare_stages(one.stage, other.stage, one.instrument) == "apart":
        return False
    if _compare_votes(one.vote, other.vote) == "different":
        return True
    if compare_identifiers(one.identifier, other.identifier) in ("different", "other chamber"):
        return True
    if _opposed(one.direction, other.direction):
        return True
    return _name_overlap(one.topic, other.topic, one) == 0.0 or (
        compare_instruments(one.instrument, other.instrument, one.jurisdiction.type) in ("akin", "apart")
    )


def _compared(measure: Measure, report: Report, article: Article, span: Span) -> Iterator[Point]:
    name = _name_overlap(measure.topic, report.topic, report)
    yield from _identifiers(measure, report, article, name)
    yield from _instruments(measure, report, name)
    yield from _votes(measure, report, span)
    if report.stage not in ENDINGS:
        if _opposed(measure.direction, report.direction) and not _disputed(measure, report):
            again = report.stage in _PLAIN and _on_another_day(measure, span)
            yield (-6.0, "the opposite decision on another day") if again else (-4.0, "the opposite direction")
        elif measure.direction and measure.direction == report.direction:
            yield 0.5, "the same direction"
    yield from _bodies(measure, report)
    if name is not None:
        yield (1.0, "much the same name") if name >= 0.5 else (0.0, "") if name else (-0.5, "another name")
    yield from _subjects(measure, report, span, name)


def _disputed(measure: Measure, report: Report) -> bool:
    """Whether an account of the measure tells the report's direction too: one that was misread may be the surest, and
    whoever reads it right then tells of no other measure."""
    return any(piece.direction == report.direction for piece in evidence_of(measure))


def _identifiers(measure: Measure, report: Report, article: Article, name: float | None) -> Iterator[Point]:
    match compare_identifiers(measure.identifier, report.identifier):
        case "same":
            yield 6.0, "the same number or title"
            return
        case "different":
            yield None, f"{report.identifier} is not {measure.identifier}"
            return
        case "other chamber":
            companion = (name is not None and name >= 0.5) or set(measure.provisions) & set(report.provisions)
            yield (-3.0, "a bill of the other chamber") if companion else (-6.0, "another bill of the other chamber")
    told = f"{article.title} {report.sentence}"
    if measure.identifier and mentions(told, measure.identifier):
        yield 4.0, f"the report names {measure.identifier}"
        return
    earlier = (f"{piece.title} {piece.sentence}" for piece in evidence_of(measure))
    if report.identifier and any(mentions(text, report.identifier) for text in earlier):
        yield 4.0, f"an earlier report names {report.identifier}"


def _instruments(measure: Measure, report: Report, name: float | None) -> Iterator[Point]:
    if report.stage in JUDICIAL and report.instrument in ("lawsuit", "court_ruling"):
        return
    match compare_instruments(measure.instrument, report.instrument, measure.jurisdiction.type):
        case "same":
            yield 1.0, "the same instrument"
        case "akin":
            yield -1.5, f"{report.instrument}, not {measure.instrument}"
            if name == 0.0:
                yield -3.0, "another instrument with another name"
        case "apart":
            yield None, f"{report.instrument} is not {measure.instrument}"
        case "unknown":
            return


def _votes(measure: Measure, report: Report, span: Span) -> Iterator[Point]:
    for action in measure.actions:
        if compare_stages(action.stage, report.stage, report.instrument) == "apart":
            continue
        if span.gap(span_of(action.date, action.first_reported, action.first_reported)) > DRIFT:
            continue
        match _compare_votes(action.vote, report.vote):
            case "same":
                split = bool(report.vote and report.vote.ayes and report.vote.noes)
                yield (3.0, "the same split vote") if split else (1.0, "the same unanimous vote")
                return
            case "different" if phase(report.stage) == "pending" or _near_miss(action.vote, report.vote):
                yield -2.0, "a tally that may be misheard"
                return
            case "different":
                yield -4.0, "another tally on that day"
                return


def _subjects(measure: Measure, report: Report, span: Span, name: float | None) -> Iterator[Point]:
    """What they rule. One vote is told by different provisions; on another day, with no word of a second vote, other
    provisions are another measure: a body that closed its lots to agents bans their masks three weeks later."""
    if not measure.provisions or not report.provisions:
        return
    if set(measure.provisions) & set(report.provisions):
        yield 0.5, "a provision in common"
        return
    adopted = [action for action in measure.actions if phase(action.stage) == "adoption"]
    plain = {report.stage, *(action.stage for action in adopted)} <= _PLAIN
    if plain and _on_another_day(measure, span) and (name is None or name < 0.5):
        yield -5.0, "other provisions on another day"
    else:
        yield -0.25, "no provision in common"


def _on_another_day(measure: Measure, span: Span) -> bool:
    """Whether the measure was adopted, and every account of that tells of another day than ``span``."""
    adopted = [action for action in measure.actions if phase(action.stage) == "adoption"]
    return bool(adopted) and all(
        span.gap(span_of(action.date, action.first_reported, action.first_reported)) > DRIFT for action in adopted
    )


def _bodies(measure: Measure, report: Report) -> Iterator[Point]:
    if not measure.body or not report.body:
        return
    if distinctive_words(measure.body) & distinctive_words(report.body) or measure.body == report.body:
        yield 0.5, "the same body"
    elif _adopted(measure, report) and (
        _own_order(report.instrument, report.body, measure.body)
        or _own_order(measure.instrument, measure.body, report.body)
    ):
        yield -6.0, "an executive's own order, not a vote"
    elif (
        phase(report.stage) == "adoption"
        and report.stage not in SIGNED
        and is_executive(measure.body) != is_executive(report.body)
    ):
        yield -1.0, f"{report.body}, not {measure.body}"


def _adopted(measure: Measure, report: Report) -> bool:
    """Whether both tell of an adoption: a court that blocks an order is another body, and the same measure."""
    return phase(report.stage) == "adoption" and any(phase(action.stage) == "adoption" for action in measure.actions)


def _own_order(instrument: Instrument | None, body: str, other: str) -> bool:
    """Whether one account tells of an order by an executive and the other of a body's vote: nobody votes on an order,
    and the mayor who signs one some days after the council's ordinance does not sign the ordinance."""
    return instrument in _ORDERS and is_executive(body) and not is_executive(other)


def _told_apart(measure: Measure, report: Report, article: Article) -> Iterator[Point]:
    """An article that tells two measures of one night tells that they are two.

    The one that is in the measure already keeps it; while neither is, the one that fits better gets it.
    """
    own = (report.start, report.end, report.sentence)
    here = {(told.start, told.end, told.sentence) for told in evidence_of(measure) if told.article == article.id}
    for other in article.reports:
        if other == report or other.jurisdiction.key != report.jurisdiction.key:
            continue
        if not tells_apart(report, other, article, article):
            continue
        place = (other.start, other.end, other.sentence)
        if place != own and place in here:
            yield None, "the same article tells it as another measure"
        elif _likeness(measure, other, article) > _likeness(measure, report, article):
            yield -4.0, "another report of the same article fits better"


def _likeness(measure: Measure, report: Report, article: Article) -> float:
    place = fit(measure, report, when(report, article))
    points = [(place.points, place.why), *_compared(measure, report, article, when(report, article))]
    return sum(float("-inf") if value is None else value for value, _ in points)


def evidence_of(measure: Measure) -> Iterator[Evidence]:
    """All evidence of a measure."""
    return (evidence for action in measure.actions for evidence in action.evidence)


def _name_overlap(one: str, other: str, report: Report) -> float | None:
    ignored = (report.jurisdiction.name, report.body)
    return overlap(distinctive_words(one, *ignored), distinctive_words(other, *ignored))


def is_executive(body: str) -> bool:
    """Whether one person, not a body, acts: a mayor, a governor, a sheriff."""
    return any(word in body.casefold() for word in _EXECUTIVE_WORDS)


def _opposed(one: Direction | None, other: Direction | None) -> bool:
    return {one, other} == {"limits_cooperation", "mandates_cooperation"}


def _compare_votes(one: Vote | None, other: Vote | None) -> str:
    """'same' or 'different' when both are told, else ''. "Unanimous" without numbers differs only from a split."""
    if one is None or other is None:
        return ""
    if one.ayes is not None and other.ayes is not None and one.noes is not None and other.noes is not None:
        return "same" if (one.ayes, one.noes) == (other.ayes, other.noes) else "different"
    match _is_unanimous(one), _is_unanimous(other):
        case True, True:
            return "same"
        case (True, False) | (False, True):
            return "different"
    return ""


def _near_miss(one: Vote | None, other: Vote | None) -> bool:
    """Whether two tallies differ by one member on one side: somebody left early, or was misheard."""
    if one is None or other is None or None in (one.ayes, one.noes, other.ayes, other.noes):
        return False
    return abs((one.ayes or 0) - (other.ayes or 0)) + abs((one.noes or 0) - (other.noes or 0)) == 1


def _is_unanimous(vote: Vote) -> bool | None:
    return vote.unanimous if vote.noes is None else vote.noes == 0
