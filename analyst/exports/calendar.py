"""The dated actions of the measures that a search reports, as an iCalendar file (RFC 5545)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING

from analyst.answers.board import ActionLine, MeasureLine, measure_lines
from analyst.answers.text import moment, vote_said
from analyst.exports.reported import name_of
from analyst.exports.rows import Result
from pipeline.shown import tally

if TYPE_CHECKING:
    from icalendar import Event

MEASURES = 1_000
"""Those that most articles of the result report."""
_FULL = len("2026-01-31")


def write(result: Result) -> Iterator[bytes]:
    """A day for each action whose date is known to the day."""
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", "-//sanctuary-watch//dockets//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", f"sanctuary-watch: {result.name or result.query or 'everything'}")
    calendar.add("x-wr-caldesc", f"Query: {result.query or '(all)'}. Retrieved {moment(result.retrieved)}.")
    lines = measure_lines(result.archive)
    reported = result.archive.charts(result.tree, facets={"measure": MEASURES}, zone=result.zone).facets["measure"]
    known = [lines[facet.value] for facet in reported if facet.value in lines]
    days = sorted(
        (action.date, line.place, action.id, action, line)
        for line in known
        if not line.merged_into
        for action in line.actions
        if len(action.date) == _FULL
    )
    for *_, action, line in days:
        calendar.add_component(_event(action, line))
    yield calendar.to_ical()


def _event(action: ActionLine, line: MeasureLine) -> Event:
    from icalendar import Event

    day = date.fromisoformat(action.date)
    event = Event()
    event.add("uid", f"{line.id}.{action.id}@sanctuary-watch")
    event.add("dtstamp", action.first_reported)
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))
    event.add("summary", _plain(f"{line.place}: {name_of(line)} {action.stage.replace('_', ' ')}"))
    told = [vote_said(tally(action.vote)), line.body, (line.direction or "").replace("_", " "), f"measure {line.id}"]
    event.add("description", _plain("; ".join(filter(None, told))))
    event.add("transp", "TRANSPARENT")
    return event


def _plain(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text)
