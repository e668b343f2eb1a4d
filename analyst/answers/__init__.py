"""Answers as typed results: what the command line prints, the API returns and the web shows."""

from analyst.answers.dockets import docket
from analyst.answers.find import search, sources, timeline
from analyst.answers.operations import alerts, feeds, quarantine, status, subscriptions
from analyst.answers.why import why

__all__ = ["alerts", "docket", "feeds", "quarantine", "search", "sources", "status", "subscriptions", "timeline", "why"]
