"""How the monitor is and what it keeps: what became of a URL, feeds, saved searches, keys, subscriptions, alerts,
quarantine.
"""

from __future__ import annotations

from typing import Literal, NotRequired

# pydantic makes schemas of these only, as long as Python 3.11 is supported.
from typing_extensions import TypedDict

Problem = TypedDict("Problem", {"class": str, "reason": str})


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
    found: NotRequired[str]
    """The spelling of the URL under which it is known, when that is another one."""


class FeedRow(TypedDict):
    """One feed and its health."""

    url: str
    title: str
    place: str
    kind: str
    owner: str
    """As the operator said, else as config/owners.csv has it; "" when nobody knows."""
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
    owner: str
    """As in ``FeedRow``."""
    state: Literal["failing", "quiet", "new", "well"]
    last_success: str | None
    next_poll: str | None
    error: Problem | None
    failing_since: str | None
    failures: int
    """Failed polls in a row."""
    last_new: str | None
    items_per_week: float | None
    """New items, over about the last two weeks; null: watched for less than a day."""
    usual_per_week: float | None
    """The same over about three months; null: watched for less than four weeks."""
    usual_gap_hours: float | None
    """How far apart polls that bring something usually are; null: not known yet."""
    silent_hours: float | None
    """How long nothing new has come."""
    quiet_after_hours: float
    """How long that may last before the feed counts as quiet: by its usual gap, three weeks as long as that is not
    known."""


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
