"""What every page needs: the stores it asks, the clock, and the templates it is written with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse, StreamingResponse

from analyst.answers.text import place_label
from analyst.web import chart, shown, statics
from config.settings import Settings
from pipeline.archive.base import Archive
from pipeline.frontier.base import Frontier
from pipeline.model import Clock

KEPT = "private, no-cache"
"""A page is asked for again each time it is opened; going back does not ask."""
NEVER_KEPT = "no-store"
SENT = Markup("<!-- -->")
"""Written by a template where what stands before it is to be sent at once."""


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
    made.filters.update(share=chart.share, marked=chart.title)
    made.globals.update(
        link=shown.link,
        counted=shown.counted,
        distance=shown.distance,
        place_label=place_label,
        files=files,
        sent=SENT,
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

    def stream(self, template: str, *, cache: str = KEPT, **values: object) -> StreamingResponse:
        """A page that is sent in pieces, each as soon as it is made (see ``SENT``)."""
        made = self._templates.get_template(template).generate(**values)
        return StreamingResponse(_pieces(made), 200, {"cache-control": cache}, "text/html; charset=utf-8")


def _pieces(made: Iterator[str]) -> Iterator[str]:
    held: list[str] = []
    for text in made:
        held.append(text)
        if text == SENT:
            yield "".join(held)
            held = []
    yield "".join(held)
