"""The answers as data: what ``--json`` prints and the web shows. Keys may be added, none renamed.

Times are RFC 3339 in UTC, dates ISO 8601 as far as known.
"""

from __future__ import annotations

from typing import Literal, NotRequired

# pydantic makes schemas of these only, as long as Python 3.11 is supported.
from typing_extensions import TypedDict

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
    outlets: NotRequired[int]
    """Where copies are folded: how many other outlets ran the story."""
    copies: NotRequired[list[CopyRow]]
    """Where copies are folded: the other articles of the story, oldest first, at most 50."""


class CopyRow(TypedDict):
    """Another article of a story."""

    id: str
    url: str
    title: str
    source: str
    published: str | None


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


class Marker(TypedDict):
    """A day on which a measure that the result reports changed its stage."""

    date: str
    stage: str
    measure: str
    place: str
    instrument: str | None
    identifier: str | None
    direction: str | None


class Gap(TypedDict):
    """Buckets in a row in which the feeds brought far less than they usually do."""

    first: str
    last: str
    """Start of the last of these buckets."""
    coverage: int
    usual: int
    """The median of all buckets."""


class TimelineAnswer(TypedDict):
    """Counts over time."""

    query: str
    by: str
    tz: str
    buckets: list[Bucket]
    undated: int
    markers: list[Marker]
    gaps: list[Gap]


class FacetValue(TypedDict):
    """A value, and how many articles of the result have it."""

    value: str
    articles: int


class FacetsAnswer(TypedDict):
    """The most frequent values of some fields in a result."""

    query: str
    facets: dict[str, list[FacetValue]]


class ComparedQuery(TypedDict):
    """One of the compared queries."""

    query: str
    articles: int
    """Dated ones."""
    undated: int


class Count(TypedDict):
    """What one query has in one bucket."""

    articles: int
    stories: int
    coverage: int
    share: float


class ComparedBucket(TypedDict):
    """One day, week or month, with a count for each query in their order."""

    start: str
    counts: list[Count]


class CompareAnswer(TypedDict):
    """Several queries on one timeline."""

    by: str
    tz: str
    queries: list[ComparedQuery]
    buckets: list[ComparedBucket]


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


class HeatRow(TypedDict):
    """Articles of one outlet, one number for each bucket."""

    source: str
    articles: int
    """All, undated ones included."""
    counts: list[int]


class HeatmapAnswer(TypedDict):
    """Who covered it when."""

    query: str
    by: str
    tz: str
    starts: list[str]
    sources: list[HeatRow]


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


class FeedHealthRow(TypedDict):
    """One feed, and what it brings against its habit."""

    url: str
    title: str
    place: str
    kind: str
    state: Literal["failing", "quiet", "new", "well"]
    last_success: str | None
    next_poll: str | None
    error: Problem | None
    failing_since: str | None
    failures: int
    """Failed polls in a row."""
    last_new: str | None
    items_per_week: float
    """New items, over about the last two weeks."""
    usual_gap_hours: float | None
    """How far apart polls that bring something usually are; null: not known yet."""
    silent_hours: float | None
    """How long nothing new has come."""


class BlindState(TypedDict):
    """A state without a healthy feed at home in it."""

    state: str
    name: str
    feeds: int


class BlindPlace(TypedDict):
    """A big place without a healthy feed of its own."""

    place: str
    population: int
    feeds: int


class HealthAnswer(TypedDict):
    """How the feeds are, and where nobody looks."""

    feeds: list[FeedHealthRow]
    """What needs a person first."""
    states: list[BlindState]
    places: list[BlindPlace]
    """Biggest first."""


class SavedRow(TypedDict):
    """A search kept under a name."""

    id: str
    name: str
    query: str
    tz: str
    created: str


class SavedAnswer(TypedDict):
    """Saved searches."""

    saved: list[SavedRow]


class KeyRow(TypedDict):
    """A key to the web and its API, without its secret."""

    id: str
    name: str
    scopes: list[str]
    created: str
    last_used: str | None
    """To the hour."""
    key: NotRequired[str]
    """The key itself, told once, when it is made."""


class KeysAnswer(TypedDict):
    """Keys."""

    keys: list[KeyRow]


class SubscriptionRow(TypedDict):
    """Who wants to be told what."""

    id: str
    name: str
    to: str
    places: list[str]
    directions: list[str]
    kinds: list[str]
    min_confidence: float
    query: str
    near: str
    miles: float
    channel: str
    when: str
    at: str
    weekday: str
    zone: str
    quiet: str
    stopped: str
    """Why nothing goes to its address any more."""
    created: str


class WouldHaveRow(TypedDict):
    """An alert that a subscription would have been sent."""

    measure: str
    action: str
    kind: str
    reported: str
    subject: str


class SubscriptionsAnswer(TypedDict):
    """All subscriptions."""

    subscriptions: list[SubscriptionRow]
    would_have_sent: NotRequired[list[WouldHaveRow]]
    """Of one that is added: in the last 90 days."""


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
