"""Measures and the dockets they stand in."""

from __future__ import annotations

# pydantic makes schemas of these only, as long as Python 3.11 is supported.
from typing_extensions import TypedDict

from analyst.answers.results.articles import Found
from pipeline.shown import Place, Tally


class Quote(TypedDict):
    """A sentence that states an action."""

    url: str
    sentence: str
    source: str
    confidence: float
    rules: list[str]


class ActionRow(TypedDict):
    """One action of a measure."""

    id: str
    stage: str
    date: str | None
    date_precision: str | None
    vote: Tally | None
    confidence: float
    evidence: list[Quote]
    articles: list[str]


class NoticeRow(TypedDict):
    """What a measure owed the world."""

    kind: str
    action: str
    opened: str
    done: bool
    muted: str


class MeasureRow(TypedDict):
    """One measure."""

    id: str
    jurisdiction: Place
    body: str | None
    instrument: str | None
    identifier: str | None
    direction: str | None
    provisions: list[str]
    stage: str
    related: list[str]
    actions: list[ActionRow]
    notices: list[NoticeRow]


class DocketAnswer(TypedDict):
    """The measures of a place, a state or everywhere."""

    measures: list[MeasureRow]


class MeasureBrief(TypedDict):
    """A measure in a list."""

    id: str
    place: str
    state: str
    body: str | None
    instrument: str | None
    identifier: str | None
    direction: str | None
    stage: str
    latest: str
    """Date of its latest action, or of the report of one without a date."""


class MeasureAnswer(TypedDict):
    """Everything about one measure."""

    measure: MeasureRow
    merged_from: str | None
    """The id that was asked for, when that measure was merged into this one."""
    total: int
    """Articles that report it."""
    articles: list[Found]
    """One for each story, oldest first."""
    related: list[MeasureBrief]


class DocketPlace(TypedDict):
    """A jurisdiction in the overview."""

    place: str
    type: str
    state: str
    measures: int
    directions: dict[str, int]
    latest: MeasureBrief


class DocketState(TypedDict):
    """A state in the overview, its places included; ``US`` is the federal level."""

    state: str
    name: str
    places: int
    measures: int
    directions: dict[str, int]


class DocketsAnswer(TypedDict):
    """Where there are measures, and which way they go. A direction that nobody told counts as ``unknown``."""

    measures: int
    states: list[DocketState]
    places: list[DocketPlace]


class ChangeRow(TypedDict):
    """An action that was first reported lately."""

    reported: str
    stage: str
    date: str | None
    vote: Tally | None
    articles: int
    first: bool
    """Nothing was known of the measure before."""
    measure: MeasureBrief


class ChangesAnswer(TypedDict):
    """What changed in the dockets, latest report first."""

    since: str
    changes: list[ChangeRow]
