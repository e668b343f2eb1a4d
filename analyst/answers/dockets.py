"""Measures: of a place with all their evidence, one by its id, where there are any, and what changed lately."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from analyst.answers.board import MeasureLine, latest, measure_lines
from analyst.answers.results import (
    ActionRow,
    ChangesAnswer,
    DocketAnswer,
    DocketPlace,
    DocketsAnswer,
    DocketState,
    MeasureAnswer,
    MeasureBrief,
    MeasureRow,
    Place,
    Tally,
)
from analyst.answers.stories import story_rows
from analyst.answers.text import moment
from pipeline.archive.base import Archive, every
from pipeline.archive.keys import STATES
from pipeline.errors import NotKnown, UserError
from pipeline.model import Action, Article, Docket, Jurisdiction, Measure, Vote
from pipeline.policy.places import parse_label

ARTICLES = 100
"""Articles of a measure that its answer looks at; a search for the measure finds the rest."""
MOST_DAYS = 366
"""Of changes."""


# ------------------------------------------------------------------ a place
def docket(archive: Archive, place: str = "") -> DocketAnswer:
    """The measures of a place (``"Los Angeles, CA"``), of all places of a state (``"CA"``) or of all. Newest action
    first. A place that the gazetteer cannot read may be a docket's own label. Raises ``UserError`` when it is none."""
    where = {}
    if place:
        wanted = parse_label(place)
        if wanted is not None and wanted.type in ("state", "federal"):
            where = {"state": wanted.state}
        elif wanted is not None and archive.count(Docket, {"label": wanted.label}):
            where = {"label": wanted.label}
        else:
            where = {"label": " ".join(place.split())}
            if wanted is None and not archive.count(Docket, where):
                raise UserError(f"{place!r} is no place; write it as 'Los Angeles, CA' or 'CA'")
    rows = [
        (latest(measure), row(measure, stored.record))
        for stored in every(archive, Docket, where)
        for measure in stored.record.measures
        if not measure.merged_into
    ]
    return {"measures": [made for _, made in sorted(rows, key=lambda pair: (pair[0], pair[1]["id"]), reverse=True)]}


# ------------------------------------------------------------------ one measure
def measure(archive: Archive, id: str) -> MeasureAnswer:
    """Everything about a measure; of one that was merged into another, about that one. Raises ``NotKnown``."""
    of, known = find(archive, id)
    ids = list(dict.fromkeys(article for action in known.actions for article in action.articles))
    found = [stored.record for key in ids[:ARTICLES] if (stored := archive.get(Article, key))]
    found.sort(key=lambda article: (article.published or article.first_seen, article.id))
    lines = measure_lines(archive)
    return {
        "measure": row(known, of),
        "merged_from": None if known.id == id else id,
        "total": len(ids),
        "articles": story_rows(found),
        "related": [brief(lines[other]) for other in known.related if other in lines],
    }


def find(archive: Archive, id: str) -> tuple[Docket, Measure]:
    """A measure and its docket; of one that was merged away, those of the one that took its place. Raises
    ``NotKnown``."""
    lines, wanted, seen = measure_lines(archive), id, set[str]()
    while wanted in lines and lines[wanted].merged_into and wanted not in seen:
        seen.add(wanted)
        wanted = lines[wanted].merged_into
    stored = archive.get(Docket, lines[wanted].docket) if wanted in lines else None
    for known in stored.record.measures if stored else ():
        if stored and known.id == wanted:
            return stored.record, known
    raise NotKnown("there is no measure by this id; it may have been merged or corrected", subject=id)


# ------------------------------------------------------------------ everywhere
def dockets(archive: Archive) -> DocketsAnswer:
    """Where there are measures: states by name (the federal level first), places newest action first."""
    lines = [line for line in measure_lines(archive).values() if not line.merged_into]
    lines.sort(key=lambda line: (line.latest, line.id), reverse=True)
    by_place: dict[str, list[MeasureLine]] = {}
    by_state: dict[str, list[MeasureLine]] = {}
    for line in lines:
        by_place.setdefault(line.place, []).append(line)
        by_state.setdefault(line.state, []).append(line)
    return {
        "measures": len(lines),
        "states": sorted(
            (_state(code, of) for code, of in by_state.items()), key=lambda row: (row["state"] != "US", row["name"])
        ),
        "places": [_place(label, of) for label, of in by_place.items()],
    }


def _state(code: str, lines: list[MeasureLine]) -> DocketState:
    return {
        "state": code,
        "name": STATES.get(code, code),
        "places": len({line.place for line in lines}),
        "measures": len(lines),
        "directions": _directions(lines),
    }


def _place(label: str, lines: list[MeasureLine]) -> DocketPlace:
    newest = lines[0]
    return {
        "place": label,
        "type": newest.type,
        "state": newest.state,
        "measures": len(lines),
        "directions": _directions(lines),
        "latest": brief(newest),
    }


def _directions(lines: Iterable[MeasureLine]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for line in lines:
        way = line.direction or "unknown"
        counts[way] = counts.get(way, 0) + 1
    return dict(sorted(counts.items()))


def changes(archive: Archive, now: datetime, *, days: int = 7) -> ChangesAnswer:
    """The actions that were first reported in the last days, latest first."""
    if not 1 <= days <= MOST_DAYS:
        raise UserError(f"changes go back 1 to {MOST_DAYS} days, not {days}")
    since = now - timedelta(days=days)
    found = [
        (action, line)
        for line in measure_lines(archive).values()
        if not line.merged_into
        for action in line.actions
        if action.first_reported >= since
    ]
    found.sort(key=lambda pair: (pair[0].first_reported, pair[0].id), reverse=True)
    return {
        "since": since.date().isoformat(),
        "changes": [
            {
                "reported": moment(action.first_reported),
                "stage": action.stage,
                "date": action.date or None,
                "vote": tally(action.vote),
                "articles": action.articles,
                "first": action.first_reported == min(each.first_reported for each in line.actions),
                "measure": brief(line),
            }
            for action, line in found
        ],
    }


# ------------------------------------------------------------------ rows
def brief(line: MeasureLine) -> MeasureBrief:
    """A measure in a list."""
    return {
        "id": line.id,
        "place": line.place,
        "state": line.state,
        "body": line.body or None,
        "instrument": line.instrument,
        "identifier": line.identifier or None,
        "direction": line.direction,
        "stage": line.stage,
        "latest": line.latest,
    }


def row(measure: Measure, of: Docket) -> MeasureRow:
    """A measure as an answer shows it."""
    return {
        "id": measure.id,
        "jurisdiction": place_of(measure.jurisdiction),
        "body": measure.body or None,
        "instrument": measure.instrument,
        "identifier": measure.identifier or None,
        "direction": measure.direction,
        "provisions": list(measure.provisions),
        "stage": measure.stage,
        "related": list(measure.related),
        "actions": [
            action_row(action) for action in sorted(measure.actions, key=lambda a: (a.date or "9", a.first_reported))
        ],
        "notices": [
            {
                "kind": notice.kind,
                "action": notice.action,
                "opened": moment(notice.opened),
                "done": notice.done,
                "muted": notice.muted,
            }
            for notice in of.notices
            if notice.measure == measure.id
        ],
    }


def place_of(jurisdiction: Jurisdiction) -> Place:
    """Name, type and state."""
    return {"name": jurisdiction.name, "type": jurisdiction.type, "state": jurisdiction.state}


def action_row(action: Action) -> ActionRow:
    """An action as an answer shows it."""
    return {
        "id": action.id,
        "stage": action.stage,
        "date": action.date or None,
        "date_precision": action.date_precision or None,
        "vote": tally(action.vote),
        "confidence": action.confidence,
        "evidence": [
            {
                "url": evidence.url,
                "sentence": evidence.sentence,
                "source": evidence.source,
                "confidence": evidence.confidence,
                "rules": list(evidence.rules),
            }
            for evidence in action.evidence
        ],
        "articles": list(action.articles),
    }


def tally(vote: Vote | None) -> Tally | None:
    """A vote under its public names."""
    if vote is None:
        return None
    return {
        "for": vote.ayes,
        "against": vote.noes,
        "abstain": vote.abstain,
        "absent": vote.absent,
        "unanimous": vote.unanimous,
    }
