"""What the tests of the whole ask an archive."""

from __future__ import annotations

from pipeline.archive.base import every
from pipeline.model import Action, Alert, Article, Docket, Entry, Measure, make_id
from pipeline.tools import Tools


def entry(tools: Tools, url: str) -> Entry:
    """The entry of an address."""
    stored = tools.archive.get(Entry, make_id("article", url))
    assert stored, f"no entry of {url}"
    return stored.record


def article(tools: Tools, url: str) -> Article:
    """The article of an address."""
    stored = tools.archive.get(Article, make_id("article", url))
    assert stored, f"no article of {url}"
    return stored.record


def outcomes(tools: Tools) -> dict[str, tuple[str, str]]:
    """Outcome and reason of every entry, by address."""
    return {s.record.url: (s.record.outcome, s.record.reason) for s in every(tools.archive, Entry)}


def told(tools: Tools, url: str) -> str:
    """All steps of an entry in one text."""
    return "\n".join(f"{step.step}: {step.result}" for step in entry(tools, url).steps)


def measures(tools: Tools) -> list[Measure]:
    """All measures that were not merged into others."""
    return [
        measure
        for stored in every(tools.archive, Docket)
        for measure in stored.record.measures
        if not measure.merged_into
    ]


def actions(tools: Tools) -> list[Action]:
    """All their actions."""
    return [action for measure in measures(tools) for action in measure.actions]


def alerts(tools: Tools) -> list[Alert]:
    """All rows of the outbox."""
    return [stored.record for stored in every(tools.archive, Alert)]
