"""The answers as data: what ``--json`` prints and the web shows. Keys may be added, none renamed.

Times are RFC 3339 in UTC, dates ISO 8601 as far as known.
"""

from analyst.answers.results.articles import (
    Bucket,
    CompareAnswer,
    ComparedBucket,
    ComparedQuery,
    CopyRow,
    Count,
    FacetsAnswer,
    FacetValue,
    Found,
    Gap,
    HeatmapAnswer,
    HeatRow,
    Marker,
    SearchAnswer,
    SourceRow,
    SourcesAnswer,
    TimelineAnswer,
)
from analyst.answers.results.dockets import (
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
    NoticeRow,
    Quote,
)
from analyst.answers.results.monitor import (
    AlertRow,
    AlertsAnswer,
    BlindPlace,
    BlindState,
    CheckRow,
    FeedHealthRow,
    FeedRow,
    FeedsAnswer,
    HealthAnswer,
    KeyRow,
    KeysAnswer,
    Problem,
    QuarantineAnswer,
    QuarantineRow,
    SavedAnswer,
    SavedRow,
    StatusAnswer,
    StepRow,
    SubscriptionRow,
    SubscriptionsAnswer,
    WhyAnswer,
    WouldHaveRow,
)

__all__ = [
    "ActionRow", "AlertRow", "AlertsAnswer", "BlindPlace", "BlindState", "Bucket", "ChangeRow", "ChangesAnswer",
    "CheckRow", "CompareAnswer", "ComparedBucket", "ComparedQuery", "CopyRow", "Count", "DocketAnswer",
    "DocketPlace", "DocketState", "DocketsAnswer", "FacetValue", "FacetsAnswer", "FeedHealthRow", "FeedRow",
    "FeedsAnswer", "Found", "Gap", "HealthAnswer", "HeatRow", "HeatmapAnswer", "KeyRow", "KeysAnswer", "Marker",
    "MeasureAnswer", "MeasureBrief", "MeasureRow", "NoticeRow", "Problem", "QuarantineAnswer", "QuarantineRow",
    "Quote", "SavedAnswer", "SavedRow", "SearchAnswer", "SourceRow", "SourcesAnswer", "StatusAnswer", "StepRow",
    "SubscriptionRow", "SubscriptionsAnswer", "TimelineAnswer", "WhyAnswer", "WouldHaveRow",
]  # fmt: skip
