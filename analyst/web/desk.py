"""What every page needs: the stores it asks, the clock, and the templates it is written with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

from analyst.answers.text import place_label
from analyst.web import shown, statics
from config.settings import Settings
from pipeline.archive.base import Archive
from pipeline.frontier.base import Frontier
from pipeline.model import Clock

KEPT = "private, no-cache"
"""A page is asked for again each time it is opened; going back does not ask."""
NEVER_KEPT = "no-store"


def templates(files: Mapping[str, statics.StaticFile]) -> Environment:
    """The templates. Whatever they write is escaped and made visible (see ``shown.visible``) in this one place."""
    made = Environment(
        loader=PackageLoader("analyst.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: shown.visible(value) if isinstance(value, str) else "" if value is None else value,
    )
    made.filters.update(shown.FILTERS)
    made.globals.update(
        link=shown.link, counted=shown.counted, distance=shown.distance, place_label=place_label, files=files
    )
    return made


@dataclass(frozen=True)
class Desk:
    """Handed to every page."""

    settings: Settings
    archive: Archive
    frontier: Frontier
    now: Clock
    files: Mapping[str, statics.StaticFile] = field(default_factory=statics.load)
    _templates: Environment = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_templates", templates(self.files))

    def page(self, template: str, *, status: int = 200, cache: str = KEPT, **values: object) -> HTMLResponse:
        """A page as an answer. ``values`` are the template's."""
        text = self._templates.get_template(template).render(**values)
        return HTMLResponse(text, status, {"cache-control": cache})
