"""Measures: of a place with all their evidence, one by its id, where there are any, and what changed lately."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile

from analyst.answers.board import ActionLine, Lines, MeasureLine, latest, measure_lines
from analyst.answers.results import (
    ActionRow,
    ChangeRow,
    ChangesAnswer,
    DocketAnswer,
    DocketPlace,
    DocketsAnswer,
    DocketState,
    MeasureAnswer,
    MeasureBrief,
    MeasureRow,
)
from analyst.answers.stories import story_rows
from analyst.answers.text import moment
from pipeline.archive.base import Archive, Stored, every
from pipeline.archive.keys import STATES, keys
from pipeline.archive.query import Key
from pipeline.errors import NotKnown, UserError
from pipeline.model import Action, Article, Docket, Measure
from pipeline.policy.places import parse_label
from pipeline.shown import place_of, tally

ARTICLES = 100
"""Articles of a measure that its answer looks at; a search for the measure finds the rest."""
MOST_DAYS = 366
"""Of changes."""


# ------------------------------------------------------------------ a place
def docket(archive: Archive, place: str = "") -> DocketAnswer:
    """The measures of a place (``"Los Angeles, CA"``), of all places of a state (``"CA"``) or of all. Newest action
    first. A place that the gazetteer cannot read may be a docket's own label. Raises ``UserError`` when it is none."""
    state = _whole_state(place)
    if place and not state:
        return {"measures": _newest(_dockets_of(archive, place))}
    return {"measures": _newest(every(archive, Docket, {"state": state} if state else None))}


@dataclass(frozen=True, slots=True)
class DocketPage:
    """Some of the measures of a place."""

    total: int
    measures: tuple[MeasureRow, ...]
    of_state: bool = False
    """They are those of a state and of all places in it."""


def docket_page(archive: Archive, place: str, *, number: int, n: int) -> DocketPage:
    """A page of ``n`` measures of a place or state (0 is the first page, beyond the last one is the last), reading no
    dockets but theirs. What concerns a whole state comes before its places, a place's newest action first. Raises as
    ``docket``."""
    state = _whole_state(place)
    if not state:
        own = _newest(_dockets_of(archive, place))
        first = min(number, last(len(own), n)) * n
        return DocketPage(len(own), tuple(own[first : first + n]))
    lines = measure_lines(archive).once(_by_state).get(state, [])
    first = min(number, last(len(lines), n)) * n
    wanted = lines[first : first + n]
    filed = tuple({line.filed for line in wanted})
    rows = {made["id"]: made for _, made in _rows(every(archive, Docket, {"label": filed}))} if filed else {}
    return DocketPage(len(lines), tuple(rows[line.id] for line in wanted if line.id in rows), of_state=True)


def last(total: int, n: int) -> int:
    """The number of the last page, from 0."""
    return max(0, (total - 1) // n)


def _by_state(lines: Lines) -> dict[str, list[MeasureLine]]:
    """In the order of ``docket_page``."""
    found: dict[str, list[MeasureLine]] = {}
    for line in sorted(lines.once(_in_order), key=lambda line: (line.type not in ("state", "federal"), line.place)):
        found.setdefault(line.state, []).append(line)
    return found


def _whole_state(place: str) -> str:
    """The code of the state that a place is; '' when it is another, or none."""
    wanted = parse_label(place)
    return wanted.state if wanted is not None and wanted.type in ("state", "federal") else ""


def _dockets_of(archive: Archive, place: str) -> list[Stored[Docket]]:
    """Those of a place that is no state: one, as a rule. Raises ``UserError`` when it is no place."""
    wanted, own = parse_label(place), " ".join(place.split())
    for label in dict.fromkeys([wanted.label, own] if wanted else [own]):
        if found := list(every(archive, Docket, {"label": label})):
            return found
    if wanted is None:
        raise UserError(f"{place!r} is no place; write it as 'Los Angeles, CA' or 'CA'")
    return []


def _rows(found: Iterable[Stored[Docket]]) -> Iterator[tuple[str, MeasureRow]]:
    """The measures that some dockets list, each with the date of its latest action."""
    for stored in found:
        for measure in stored.record.measures:
            if not measure.merged_into:
                yield latest(measure), row(measure, stored.record)


def _newest(found: Iterable[Stored[Docket]]) -> list[MeasureRow]:
    """The same, newest action first."""
    rows = sorted(_rows(found), key=lambda pair: (pair[0], pair[1]["id"]), reverse=True)
    return [made for _, made in rows]


# ------------------------------------------------------------------ one measure
def measure(archive: Archive, id: str) -> MeasureAnswer:
    """Everything about a measure; of one that was merged into another, about that one. Raises ``NotKnown``."""
    lines = measure_lines(archive)
    of, known = _find(archive, lines, id)
    return {
        "measure": row(known, of),
        "merged_from": None if known.id == id else id,
        "total": len(article_ids(known)),
        "articles": story_rows(articles_of(archive, known)),
        "related": [brief(lines[other]) for other in known.related if other in lines],
    }


def article_ids(of: Measure) -> list[str]:
    """The articles that report a measure, each once."""
    return list(dict.fromkeys(article for action in of.actions for article in action.articles))


def articles_of(archive: Archive, of: Measure, behind: Action | None = None) -> list[Article]:
    """The first ``ARTICLES`` of them, or of those that report one action, oldest first: undated ones by when they were
    seen. One question finds most of them; those that it does not (they came a moment ago, or the measure is another by
    now) are asked for one by one."""
    ids = (list(behind.articles) if behind else article_ids(of))[:ARTICLES]
    named = min(keys("measure", of.id), default="")
    hits = archive.search(Key("measure", named), limit=ARTICLES).articles if named and len(ids) > 1 else ()
    known = {article.id: article for article in hits}
    for key in ids:
        if key not in known and (stored := archive.get(Article, key)):
            known[key] = stored.record
    found = [known[key] for key in ids if key in known]
    return sorted(found, key=lambda article: (article.published or article.first_seen, article.id))


def find(archive: Archive, id: str) -> tuple[Docket, Measure]:
    """A measure and its docket; of one that was merged away, those of the one that took its place. Raises
    ``NotKnown``."""
    return _find(archive, measure_lines(archive), id)


def _find(archive: Archive, lines: Lines, id: str) -> tuple[Docket, Measure]:
    wanted, seen = id, set[str]()
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
    """Where there are measures: states by name (the federal level first), places newest action first. Made once for
    each state of the board: not to be changed."""
    return measure_lines(archive).once(everywhere)


def _in_order(lines: Lines) -> list[MeasureLine]:
    """Those that were not merged away, newest action first."""
    listed = [line for line in lines.values() if not line.merged_into]
    return sorted(listed, key=lambda line: (line.latest, line.id), reverse=True)


def everywhere(lines: Lines) -> DocketsAnswer:
    """``dockets`` of what a board knows; to be made by ``Lines.once``."""
    by_place: dict[str, list[MeasureLine]] = {}
    for line in lines.once(_in_order):
        by_place.setdefault(line.place, []).append(line)
    return {
        "measures": len(lines.once(_in_order)),
        "states": sorted(
            (_state(code, of) for code, of in lines.once(_by_state).items()),
            key=lambda row: (row["state"] != "US", row["name"]),
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
    return {
        "since": since.date().isoformat(),
        "changes": [change_row(action, line) for action, line in reported_since(measure_lines(archive), since)],
    }


def reported_since(lines: Lines, since: datetime) -> list[tuple[ActionLine, MeasureLine]]:
    """The actions that were first reported at an instant or later, with their measures; latest first."""
    return list(takewhile(lambda pair: pair[0].first_reported >= since, lines.once(_by_report)))


def change_row(action: ActionLine, line: MeasureLine) -> ChangeRow:
    """An action among what changed."""
    return {
        "reported": moment(action.first_reported),
        "stage": action.stage,
        "date": action.date or None,
        "vote": tally(action.vote),
        "articles": action.articles,
        "first": action.first_reported == min(each.first_reported for each in line.actions),
        "measure": brief(line),
    }


def _by_report(lines: Lines) -> list[tuple[ActionLine, MeasureLine]]:
    """All actions, latest report first."""
    found = [(action, line) for line in lines.once(_in_order) for action in line.actions]
    return sorted(found, key=lambda pair: (pair[0].first_reported, pair[0].id), reverse=True)


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
