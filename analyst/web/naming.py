"""What the pages call a measure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from analyst.answers.results import MeasureRow
from analyst.answers.text import place_label
from analyst.web.shown import capital, said
from pipeline.archive.base import Archive
from pipeline.model import Article, Docket, Measure


@dataclass(frozen=True, slots=True)
class Named:
    """A measure as a link under an article tells it."""

    id: str
    place: str
    name: str
    stage: str
    """Where it stands now."""

    def told_by(self, article: Article) -> str:
        """The stages that an article reports, and the present one when it is another: "adopted (now signed)"."""
        reports = [report for report in article.reports if report.jurisdiction.label == self.place]
        told = dict.fromkeys(said(report.stage) for report in reports)
        if not told:
            return f"now {self.stage}"
        return ", ".join(told) + ("" if self.stage in told else f" (now {self.stage})")


def title(instrument: str | None, identifier: str | None, body: str | None) -> str:
    """``Ordinance 17-180``, else with whose it is: ``Ordinance of the City Council``."""
    kind = capital(said(instrument)) or "Measure"
    if identifier:
        return f"{kind} {identifier}" if kind.casefold() not in identifier.casefold() else identifier
    return f"{kind} of the {body}" if body else kind


def title_of(row: MeasureRow) -> str:
    """The title of an answer's measure."""
    return title(row["instrument"], row["identifier"], row["body"])


def full_title(row: MeasureRow) -> str:
    """The title with its place before it."""
    return f"{place_label(row['jurisdiction'])}: {title_of(row)}"


def measures_of(archive: Archive, articles: Iterable[Article]) -> dict[str, Named]:
    """The measures that some articles report, by id, read from the dockets these articles name. A measure that was
    corrected away from there is missing."""
    wanted = [article for article in articles if article.measures]
    keys = dict.fromkeys(report.jurisdiction.key for article in wanted for report in article.reports)
    found = {}
    for key in keys:
        if stored := archive.get(Docket, key):
            found.update({measure.id: _named(measure) for measure in stored.record.measures})
    return found


def _named(measure: Measure) -> Named:
    return Named(
        measure.id,
        measure.jurisdiction.label,
        title(measure.instrument, measure.identifier, measure.body),
        said(measure.stage),
    )
