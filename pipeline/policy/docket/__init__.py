"""Joins a report into its jurisdiction's docket: a new measure, a new action of a known one, or more evidence.

Pure: the caller reads the docket from the archive and writes the answer back by compare-and-set, so that of two
workers with a report each one sees the other's measure. The same report again changes nothing; the order of arrival
changes nothing as far as the accounts allow it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from pipeline.model import Action, Article, Docket, Evidence, Measure, Report
from pipeline.policy.docket import binding, credence, withdrawing
from pipeline.policy.docket.audit import pinned
from pipeline.policy.docket.families import compare_stages, signed_or_voted, stage_family
from pipeline.policy.docket.matching import Match, same_action, same_measure, when
from pipeline.policy.docket.naming import compare_identifiers
from pipeline.policy.docket.owing import NEWS_DAYS, owe, resolve
from pipeline.policy.docket.relating import relate
from pipeline.policy.docket.spans import span_of
from pipeline.policy.docket.taking import Change, blank, evidence, put, take


@dataclass(frozen=True, slots=True)
class Joined:
    """What became of a report.

    ``docket`` is to be written unless it equals the one that was read. ``measure`` is '' when the report tells of
    one that was withdrawn. ``elsewhere`` is ``"docket id:measure id"``
    when an analyst moved the measure to another docket: nothing was changed here, join the report there with
    ``into``.
    """

    docket: Docket
    measure: str
    action: str
    change: Change
    elsewhere: str = ""


def join(
    docket: Docket | None,
    report: Report,
    article: Article,
    *,
    now: datetime,
    news_days: int = NEWS_DAYS,
    mint: Callable[[], str],
    into: str = "",
) -> Joined:
    """Takes one report of an article into the docket of its jurisdiction.

    ``docket`` is None for a jurisdiction's first. ``mint`` makes a fresh id for a new measure. ``into`` names the
    measure when a tombstone in another docket has decided already. An action is news for ``news_days`` days.
    """
    docket = docket or Docket(id=report.jurisdiction.key, jurisdiction=report.jurisdiction, changed=now)
    piece = evidence(report, article)
    if known := _known(docket, report, article):
        measure, action = known
        renamed = _renamed(docket, measure, action, piece, now)
        return Joined(renamed, measure.id, action.id, "known" if renamed is docket else "new evidence")
    if withdrawing.holds(docket, report, article):
        return Joined(docket, "", "", "known")
    home, name = resolve(docket, into) if into else _home(docket, report, article)
    if home != docket.id:
        return Joined(docket, name, "", "known", elsewhere=f"{home}:{name}")
    if gone := withdrawing.home(docket, name, report, article):
        return Joined(withdrawing.absorb(docket, gone, report, article, now=now), "", "", "new evidence")
    measure = next((m for m in docket.measures if m.id == name), None) or blank(docket, report, now, mint)
    taken, action, change = take(docket, measure, report, article, piece)
    if change == "known":
        return Joined(docket, measure.id, action.id, change)
    changed = relate(put(docket, taken, now))
    changed = owe(changed, taken, action, now=now, news_days=news_days)
    bound = binding.bind(changed, taken.id, report, article, now=now, news_days=news_days)
    _, name = resolve(bound, taken.id)
    return Joined(bound, name, _action_of(bound, name, action, article), change)


def explain(docket: Docket, report: Report, article: Article) -> list[tuple[str, Match]]:
    """How a report compares with each measure of a docket, the best first: for a person who asks why it was joined
    as it was."""
    return sorted(
        ((measure.id, same_measure(measure, report, article)) for measure in docket.measures),
        key=lambda pair: (-pair[1].score, pair[0]),
    )


# ------------------------------------------------------------------ where it belongs
def _home(docket: Docket, report: Report, article: Article) -> tuple[str, str]:
    """(docket id, measure id) of the best match, tombstones followed; an empty measure id when none is good enough.

    Of equally good ones the measure with the nearest action is taken, then the older one: an order that does not
    depend on the order of arrival more than the measures do.
    """
    best: tuple[float, float, datetime, str] | None = None
    for measure in docket.measures:
        match = same_measure(measure, report, article)
        if match.same:
            span = when(report, article)
            near = min(
                (span.gap(span_of(a.date, a.first_reported, a.first_reported)) for a in measure.actions), default=0
            )
            key = (-match.score, float(near), measure.created, measure.id)
            best = key if best is None else min(best, key)
    return resolve(docket, best[3]) if best else (docket.id, _united(docket, report, article))


def _united(docket: Docket, report: Report, article: Article) -> str:
    """The measure that others were merged into and that holds the reported action: whoever merged them knew that
    their accounts differ, and what is told of one of them again is no new measure."""
    merged = {resolve(docket, measure.id) for measure in docket.measures if measure.merged_into}
    for measure in docket.measures:
        if (docket.id, measure.id) not in merged or _opposed(measure, report):
            continue
        if any(same_action(action, report, article, measure.instrument) > 0 for action in measure.actions):
            return measure.id
    return ""


def _opposed(measure: Measure, report: Report) -> bool:
    if compare_identifiers(measure.identifier, report.identifier) == "different":
        return True
    return {measure.direction, report.direction} == {"limits_cooperation", "mandates_cooperation"}


def _known(docket: Docket, report: Report, article: Article) -> tuple[Measure, Action] | None:
    """The measure and action that hold this very report already.

    One sentence may tell two actions ("passed and signed") or two measures ("an ordinance and a resolution"): what
    another report of the sentence fits better is that one's.
    """
    twins = [r for r in article.reports if r != report and (r.start, r.end) == (report.start, report.end)]
    held: list[tuple[int, str, Measure, Action]] = []
    for measure in docket.measures:
        for action in () if measure.merged_into else measure.actions:
            how = _how_held(action, report, article, "stage" in pinned(docket, measure.id, action.id))
            if how is None or (how > 0 and any(stage_family(r.stage) == stage_family(action.stage) for r in twins)):
                continue
            if not any(_fits_better(measure, twin, report, article) for twin in twins):
                held.append((how, action.id, measure, action))
    return min(held, key=lambda found: found[:2])[2:] if held else None


def _fits_better(measure: Measure, twin: Report, report: Report, article: Article) -> bool:
    if twin.jurisdiction.key != report.jurisdiction.key or stage_family(twin.stage) != stage_family(report.stage):
        return False
    return same_measure(measure, twin, article).score > same_measure(measure, report, article).score


def _how_held(action: Action, report: Report, article: Article, corrected: bool) -> int | None:
    """0 when the action holds the report under the same stage, 1 under another word for it (any other when a person
    corrected the stage), None when it does not."""
    likeness = compare_stages(action.stage, report.stage, report.instrument)
    if not corrected and likeness == "apart" and not signed_or_voted(action.stage, report.stage):
        return None
    how = 0 if likeness == "same" else 1
    pieces = [piece for piece in action.evidence if piece.article == article.id]
    if any((p.start, p.end, p.sentence) == (report.start, report.end, report.sentence) for p in pieces):
        return how
    dropped = not pieces and article.id in action.articles and len(action.evidence) == credence.AT_MOST
    return how if dropped and likeness == "same" else None


def _renamed(docket: Docket, measure: Measure, action: Action, piece: Evidence, now: datetime) -> Docket:
    """The docket with the story of a known piece as it is now: an earlier copy may have turned up since."""
    pieces = tuple(
        replace(known, story=piece.story) if known.article == piece.article else known for known in action.evidence
    )
    if pieces == action.evidence:
        return docket
    better = replace(action, evidence=credence.rank(pieces), confidence=credence.confidence(pieces))
    actions = tuple(better if other.id == action.id else other for other in measure.actions)
    return put(docket, replace(measure, actions=actions), now)


def _action_of(docket: Docket, measure: str, action: Action, article: Article) -> str:
    """The id that an action has after its measure was united with another one."""
    held = next((known.actions for known in docket.measures if known.id == measure), ())
    if any(known.id == action.id for known in held):
        return action.id
    same = (a.id for a in held if article.id in a.articles and compare_stages(a.stage, action.stage, None) != "apart")
    return next(same, action.id)
