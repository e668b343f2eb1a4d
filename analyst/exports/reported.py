"""The measures that an article reports, in words: where, what, and what happened to it when, by which vote."""

from __future__ import annotations

from dataclasses import dataclass

from analyst.answers.board import ActionLine, Lines, MeasureLine
from analyst.answers.text import vote_said
from pipeline.model import Article
from pipeline.shown import tally


@dataclass(frozen=True, slots=True)
class Reported:
    """A measure as an article tells of it; '' where something is not known."""

    measure: str
    """The id that the article has."""
    place: str = ""
    name: str = ""
    stage: str = ""
    date: str = ""
    """``YYYY[-MM[-DD]]``."""
    vote: str = ""

    def __str__(self) -> str:
        """``Port Ellery, CA: ordinance 25-118, adopted 2025-11-11 (11-0)``."""
        said = " ".join(filter(None, (self.stage.replace("_", " "), self.date)))
        named = ", ".join(filter(None, (f"{self.place}: {self.name}", said)))
        return f"{named} ({self.vote})" if self.vote else named


def reported(lines: Lines, article: Article) -> list[Reported]:
    """For each measure of an article, in its order: the last of its actions that the article tells of, else the last
    one. Of a measure that was merged away, what took its place."""
    return [_of(measure, lines.get(measure), lines, article) for measure in article.measures]


def name_of(line: MeasureLine) -> str:
    """``ordinance 25-118``, or ``ordinance of the City Council`` where it has no number."""
    kind = (line.instrument or "measure").replace("_", " ")
    if line.identifier:
        return f"{kind} {line.identifier}"
    return f"{kind} of the {line.body}" if line.body else kind


def _of(id: str, line: MeasureLine | None, lines: Lines, article: Article) -> Reported:
    if line is not None and line.merged_into:
        line = lines.get(line.merged_into, line)
    if line is None:
        return Reported(id)
    told = {report.stage for report in article.reports if report.jurisdiction.label == line.place}
    last = line.actions[-1] if line.actions else None
    action = next((one for one in reversed(line.actions) if one.stage in told), last)
    return Reported(id, line.place, name_of(line), *_happened(action))


def _happened(action: ActionLine | None) -> tuple[str, str, str]:
    return ("", "", "") if action is None else (action.stage, action.date, vote_said(tally(action.vote)))
