"""The measures of a place, with their actions, votes and evidence."""

from __future__ import annotations

from analyst.answers.results import ActionRow, DocketAnswer, MeasureRow, Place, Tally
from analyst.answers.text import moment
from pipeline.archive.base import Archive, every
from pipeline.errors import UserError
from pipeline.model import Action, Docket, Jurisdiction, Measure, Vote
from pipeline.policy.places import parse_label


def docket(archive: Archive, place: str = "") -> DocketAnswer:
    """The measures of a place (``"Los Angeles, CA"``), of all places of a state (``"CA"``) or of all. Newest action
    first. Raises ``UserError`` when the place cannot be read."""
    where = {}
    if place:
        wanted = parse_label(place)
        if wanted is None:
            raise UserError(f"{place!r} is no place; write it as 'Los Angeles, CA' or 'CA'")
        where = {"state": wanted.state} if wanted.type in ("state", "federal") else {"label": wanted.label}
    rows = [
        (latest(measure), row(measure, stored.record))
        for stored in every(archive, Docket, where)
        for measure in stored.record.measures
        if not measure.merged_into
    ]
    return {"measures": [made for _, made in sorted(rows, key=lambda pair: (pair[0], pair[1]["id"]), reverse=True)]}


def latest(measure: Measure) -> str:
    """The date of its latest action, or of the report of one without a date."""
    return max((action.date or action.first_reported.date().isoformat() for action in measure.actions), default="")


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
