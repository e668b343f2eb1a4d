"""Which question is asked where: the one list that routes, OpenAPI document and tests are made from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from analyst import answers
from analyst.answers import results
from analyst.answers.saved import saved_row, saved_search
from analyst.api import parameters as p
from config.settings import Settings
from pipeline.archive.base import Archive
from pipeline.frontier.base import Frontier
from pipeline.model import Clock


@dataclass(frozen=True)
class Service:
    """What every question needs: the stores it asks, and the clock."""

    settings: Settings
    archive: Archive
    frontier: Frontier
    now: Clock


@dataclass(frozen=True, slots=True)
class Question:
    """A path, what may be asked there, and what comes back."""

    path: str
    summary: str
    parameters: type[p.Parameters]
    answer: type[Any]
    ask: Callable[[Service, Any, Mapping[str, str]], Any]
    """Service, parameters and the parts of the path in; the answer out."""
    cost: int = 1
    """Tokens (see ``limits``): how much work it is."""


QUESTIONS: tuple[Question, ...] = (
    Question(
        "/search", "Articles that match a query", p.SearchParameters, results.SearchAnswer,
        lambda s, a, _: answers.search(
            s.archive, a.q, sort=a.sort, limit=a.limit, after=a.after, zone=a.tz, folded=a.fold
        ),
    ),
    Question(
        "/facets", "The most frequent values in a result", p.FacetsParameters, results.FacetsAnswer,
        lambda s, a, _: answers.facets(s.archive, a.q, a.field, n=a.n, zone=a.tz),
    ),
    Question(
        "/timeline", "Coverage over time", p.TimelineParameters, results.TimelineAnswer,
        lambda s, a, _: answers.timeline(s.archive, a.q, by=a.by, zone=a.tz),
    ),
    Question(
        "/compare", "Up to four queries on one timeline", p.CompareParameters, results.CompareAnswer,
        lambda s, a, _: answers.compare(s.archive, a.q, by=a.by, zone=a.tz), cost=4,
    ),
    Question(
        "/sources", "Who covered it", p.SourcesParameters, results.SourcesAnswer,
        lambda s, a, _: answers.sources(s.archive, a.q, by=a.by, zone=a.tz),
    ),
    Question(
        "/heatmap", "Who covered it when", p.HeatmapParameters, results.HeatmapAnswer,
        lambda s, a, _: answers.heatmap(s.archive, a.q, by=a.by, n=a.n, zone=a.tz), cost=10,
    ),
    Question(
        "/docket", "The measures of a place with their evidence", p.DocketParameters, results.DocketAnswer,
        lambda s, a, _: answers.docket(s.archive, a.place), cost=2,
    ),
    Question(
        "/dockets", "Where there are measures, and which way they go", p.Parameters, results.DocketsAnswer,
        lambda s, _, __: answers.dockets(s.archive),
    ),
    Question(
        "/measures/{id}", "Everything about one measure", p.Parameters, results.MeasureAnswer,
        lambda s, _, path: answers.measure(s.archive, path["id"]),
    ),
    Question(
        "/changes", "What changed in the dockets lately", p.ChangesParameters, results.ChangesAnswer,
        lambda s, a, _: answers.changes(s.archive, s.now(), days=a.days),
    ),
    Question(
        "/why", "What became of an address", p.WhyParameters, results.WhyAnswer,
        lambda s, a, _: answers.why(s.archive, a.url),
    ),
    Question(
        "/health", "How the feeds are, and where nobody looks", p.Parameters, results.HealthAnswer,
        lambda s, _, __: answers.health(s.archive, s.frontier, s.now), cost=2,
    ),
    Question(
        "/status", "Whether all is well", p.Parameters, results.StatusAnswer,
        lambda s, _, __: answers.status(s.archive, s.frontier, s.now, s.settings), cost=2,
    ),
    Question(
        "/saved", "Saved searches", p.Parameters, results.SavedAnswer,
        lambda s, _, __: answers.saved(s.archive),
    ),
    Question(
        "/saved/{id}", "A saved search", p.Parameters, results.SavedAnswer,
        lambda s, _, path: {"saved": [saved_row(saved_search(s.archive, path["id"]))]},
    ),
)  # fmt: skip
"""All of these only read."""
EXPORT_COST = 10
FEED_COST = 2
"""Of RSS and iCalendar, which readers ask for again and again."""
