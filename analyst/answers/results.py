"""The answers as data: what ``--json`` prints and the web shows. Keys may be added, none renamed.

Times are RFC 3339 in UTC, dates ISO 8601 as far as known.
"""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

Problem = TypedDict("Problem", {"class": str, "reason": str})


class Found(TypedDict):
    """An article in a list."""

    id: str
    url: str
    title: str
    source: str
    published: str | None
    undated: bool
    story: str
    copy_of: str | None
    kind: str
    places: list[str]
    measures: list[str]
    snippet: str
    """At most 300 characters around the words sought."""


class SearchAnswer(TypedDict):
    """One page of a search."""

    query: str
    total: int
    articles: list[Found]
    next: str | None


class Bucket(TypedDict):
    """One day, week or month."""

    start: str
    articles: int
    stories: int
    coverage: int
    share: float


class TimelineAnswer(TypedDict):
    """Counts over time."""

    query: str
    by: str
    buckets: list[Bucket]
    undated: int


class SourceRow(TypedDict):
    """One outlet of a result."""

    source: str
    articles: int
    stories: int
    share: float
    first: str | None
    last: str | None


class SourcesAnswer(TypedDict):
    """Who covered it."""

    query: str
    sources: list[SourceRow]


class Place(TypedDict):
    """A jurisdiction."""

    name: str
    type: str
    state: str


Tally = TypedDict(
    "Tally",
    {"for": int | None, "against": int | None, "abstain": int | None, "absent": int | None, "unanimous": bool | None},
)


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


class StepRow(TypedDict):
    """One thing that happened to an entry."""

    at: str
    step: str
    result: str


class WhyAnswer(TypedDict):
    """What became of a URL."""

    url: str
    outcome: Literal["article", "copy", "discard", "quarantine", "unknown"]
    reason: str
    steps: list[StepRow]
    article: NotRequired[str]
    score: NotRequired[float]


class FeedRow(TypedDict):
    """One feed and its health."""

    url: str
    title: str
    place: str
    kind: str
    healthy: bool
    last_success: str | None
    next_poll: str | None
    error: Problem | None
    quiet: bool


class FeedsAnswer(TypedDict):
    """All feeds."""

    feeds: list[FeedRow]


class SubscriptionRow(TypedDict):
    """Who wants to be told what."""

    id: str
    name: str
    to: str
    places: list[str]
    directions: list[str]
    kinds: list[str]
    min_confidence: float
    created: str


class SubscriptionsAnswer(TypedDict):
    """All subscriptions."""

    subscriptions: list[SubscriptionRow]


class AlertRow(TypedDict):
    """One row of the outbox."""

    id: str
    subscription: str
    measure: str
    action: str
    kind: str
    state: str
    reason: str
    attempts: int
    message_id: str | None
    created: str
    sent: str | None


class AlertsAnswer(TypedDict):
    """The outbox."""

    alerts: list[AlertRow]


class QuarantineRow(TypedDict):
    """Something kept with its error."""

    id: str
    what: str
    key: str
    url: str
    step: str
    error: Problem
    attempts: int
    at: str


class QuarantineAnswer(TypedDict):
    """What is in quarantine."""

    quarantine: list[QuarantineRow]


class CheckRow(TypedDict):
    """One check of the operator's view."""

    name: str
    ok: bool
    detail: str


class StatusAnswer(TypedDict):
    """How the monitor is."""

    healthy: bool
    checks: list[CheckRow]
    counts: dict[str, int]
    error: NotRequired[Problem]
    """When it is not healthy: what is wrong, in one line."""
