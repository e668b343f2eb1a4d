"""A report under its public names: what ``explain`` and ``eval`` print of an action, written in one place.

What is not told is null, never an empty string; lists are empty when there is nothing in them.
"""

from __future__ import annotations

from typing import TypedDict

from pipeline.model import Check, Report
from pipeline.shown import Place, Tally, place_of, tally


class Proof(TypedDict):
    """The sentence that states the action; offsets count code points into title, two line feeds, text."""

    sentence: str
    start: int
    end: int


class Checked(TypedDict):
    """A rule that was looked at, and what came of it."""

    rule: str
    why: str


class ShownAction(TypedDict):
    """One action as an article tells it."""

    jurisdiction: Place
    gazetteer: str
    """The jurisdiction's id in the gazetteer, or ``unlisted``."""
    body: str | None
    instrument: str | None
    identifier: str | None
    stage: str
    alertable: bool
    alert: str | None
    vote: Tally | None
    vote_on: str | None
    """What the vote was on: ``measure``, ``repeal``, ``table`` or a stage before adoption."""
    date: str | None
    date_precision: str | None
    direction: str | None
    provisions: list[str]
    evidence: Proof
    rules: list[str]
    vetoes: list[Checked]
    confidence: float


def action(report: Report) -> ShownAction:
    """The report for a program or a person."""
    return {
        "jurisdiction": place_of(report.jurisdiction),
        "gazetteer": report.jurisdiction.gazetteer,
        "body": report.body or None,
        "instrument": report.instrument,
        "identifier": report.identifier or None,
        "stage": report.stage,
        "alertable": report.alertable,
        "alert": report.alert,
        "vote": tally(report.vote),
        "vote_on": report.vote.on if report.vote is not None else None,
        "date": report.date or None,
        "date_precision": report.date_precision or None,
        "direction": report.direction,
        "provisions": list(report.provisions),
        "evidence": {"sentence": report.sentence, "start": report.start, "end": report.end},
        "rules": list(report.rules),
        "vetoes": checks(report.vetoes),
        "confidence": report.confidence,
    }


def checks(found: tuple[Check, ...]) -> list[Checked]:
    """Rules with their reasons."""
    return [{"rule": check.rule, "why": check.why} for check in found]
