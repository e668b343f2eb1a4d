"""Answers as typed results: what the command line prints, the API returns and the web shows."""

from analyst.answers.coverage import charts, compare, heatmap, sources, timeline
from analyst.answers.dockets import changes, docket, dockets, measure
from analyst.answers.find import facets, search
from analyst.answers.operations import alerts, feeds, quarantine, status, subscriptions
from analyst.answers.saved import saved
from analyst.answers.watching import health
from analyst.answers.why import why

__all__ = [
    "alerts", "changes", "charts", "compare", "docket", "dockets", "facets", "feeds", "health", "heatmap", "measure",
    "quarantine", "saved", "search", "sources", "status", "subscriptions", "timeline", "why",
]  # fmt: skip
