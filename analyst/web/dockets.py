"""Docket pages: all places, one place or state, one measure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, groupby

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from analyst import answers
from analyst.answers.dockets import latest, row
from analyst.answers.results import ActionRow, MeasureRow
from analyst.answers.text import place_label
from analyst.web import narrowing
from analyst.web.desk import Desk
from analyst.web.folding import fold
from analyst.web.naming import full_title, title, title_of
from analyst.web.shown import link, said, segment, state_name
from pipeline.archive.base import Archive, every
from pipeline.archive.query import parse
from pipeline.errors import UserError
from pipeline.model import Article, Docket, Measure

QUOTES = 3
"""Quotes of an action that a list of measures shows; the measure's own page shows all."""
ARTICLES = 100
"""Articles of a measure that its page lists; a search leads to the rest."""


# ------------------------------------------------------------------ all places
@dataclass(frozen=True, slots=True)
class PlaceLine:
    """A place in the index: how many measures it has, and where they stand."""

    label: str
    measures: int
    directions: tuple[tuple[str, int], ...]
    latest: MeasureRow
    last: ActionRow


@dataclass(frozen=True, slots=True)
class StateGroup:
    """The places of a state."""

    code: str
    name: str
    measures: int
    places: tuple[PlaceLine, ...]


def index(desk: Desk, request: Request) -> Response:
    """All places with measures, by state; ``?place=`` leads to one."""
    if wanted := request.query_params.get("place", "").strip():
        return RedirectResponse(f"/docket/{segment(wanted)}", 302)
    groups = grouped(answers.docket(desk.archive)["measures"])
    return desk.page("dockets.html", states=groups, measures=sum(group.measures for group in groups))


def grouped(measures: Sequence[MeasureRow]) -> list[StateGroup]:
    """Measures (newest action first) by state and place; the federal level first, then states by name."""

    def state(measure: MeasureRow) -> tuple[bool, str, str]:
        code = measure["jurisdiction"]["state"]
        return code != "US", state_name(code), code

    def label(measure: MeasureRow) -> str:
        return place_label(measure["jurisdiction"])

    groups = []
    for (_, name, code), of_state in groupby(sorted(measures, key=state), key=state):
        rows = list(of_state)
        own = state_name(code)
        ordered = sorted(rows, key=lambda measure: (label(measure) != own, label(measure)))
        places = tuple(_place_line(place, list(of_place)) for place, of_place in groupby(ordered, key=label))
        groups.append(StateGroup(code, name or "State not known", len(rows), places))
    return groups


def _place_line(label: str, measures: Sequence[MeasureRow]) -> PlaceLine:
    counts: dict[str, int] = {}
    for measure in measures:
        if measure["direction"]:
            counts[measure["direction"]] = counts.get(measure["direction"], 0) + 1
    newest = measures[0]
    return PlaceLine(label, len(measures), tuple(sorted(counts.items())), newest, last_action(newest))


def last_action(measure: MeasureRow) -> ActionRow:
    """The action that gave a measure its stage. A measure always has one."""
    return next(action for action in reversed(measure["actions"]) if action["stage"] == measure["stage"])


# ------------------------------------------------------------------ one place
def place(desk: Desk, request: Request) -> Response:
    """The measures of a place or of a whole state. 404 when the label is no place."""
    label = request.path_params["label"]
    measures = _measures_at(desk.archive, label)
    if measures is None:
        raise HTTPException(404, f"“{label}” is no place. Write it as “Los Angeles, CA” or “CA”.")
    shown = state_name(label.strip())
    sections = [
        (name, [(measure, title_of(measure), step_links(measure)) for measure in of_place])
        for name, of_place in groupby(_by_place(measures), key=lambda measure: place_label(measure["jurisdiction"]))
    ]
    term = narrowing.term("place", label)
    return desk.page(
        "docket.html",
        label=shown,
        sections=sections,
        count=len(measures),
        quotes=QUOTES,
        search=link("/", q=term) if term else "",
    )


def _measures_at(archive: Archive, label: str) -> list[MeasureRow] | None:
    """None when the label is neither a place as the gazetteer writes it nor a docket's own name."""
    try:
        if found := answers.docket(archive, label)["measures"]:
            return found
        readable = True
    except UserError:
        readable = False
    own = [
        (latest(measure), row(measure, stored.record))
        for stored in every(archive, Docket, {"label": label})
        for measure in stored.record.measures
        if not measure.merged_into
    ]
    if own or readable:
        return [made for _, made in sorted(own, key=lambda pair: (pair[0], pair[1]["id"]), reverse=True)]
    return None


def _by_place(measures: Iterable[MeasureRow]) -> list[MeasureRow]:
    """States before their places; within a place the newest action first (the order they come in)."""
    return sorted(
        measures, key=lambda m: (m["jurisdiction"]["type"] not in ("state", "federal"), place_label(m["jurisdiction"]))
    )


# ------------------------------------------------------------------ one measure
def measure(desk: Desk, request: Request) -> Response:
    """Everything about a measure: stages, votes, dates, all quotes, the articles, what was told. A measure that was
    merged into another leads there; 404 when there is none by the id."""
    found = find(desk.archive, request.path_params["id"])
    if found is None:
        raise HTTPException(404, "There is no measure by this id. It may have been merged or corrected; see Dockets.")
    docket, known = found
    if known.merged_into:
        return RedirectResponse(f"/measure/{segment(known.merged_into.rpartition(':')[2])}", 302)
    made = row(known, docket)
    articles = _articles(desk.archive, known)
    return desk.page(
        "measure.html",
        measure=made,
        title=title_of(made),
        full_title=full_title(made),
        topic=known.topic,
        label=known.jurisdiction.label,
        stories=fold(articles),
        total=len({article for action in known.actions for article in action.articles}),
        related=[(other.id, _short(other)) for other in docket.measures if other.id in known.related],
        stages={action["id"]: said(action["stage"]) for action in made["actions"]},
        links=step_links(made),
        search=search_link(known.id),
    )


def find(archive: Archive, id: str) -> tuple[Docket, Measure] | None:
    """A measure and its docket: by the articles that report it (fast), else by looking through all dockets."""
    term = narrowing.term("measure", id)
    if not term:
        return None
    hits = archive.search(parse(term), limit=3).articles
    keys = dict.fromkeys(report.jurisdiction.key for article in hits for report in article.reports)
    likely = (stored for key in keys if (stored := archive.get(Docket, key)))
    for stored in chain(likely, every(archive, Docket)):
        for known in stored.record.measures:
            if known.id == id:
                return stored.record, known
    return None


def search_link(measure_id: str, stage: str = "") -> str:
    """The search for the articles of a measure, or for those that report a stage of it."""
    term = narrowing.term("measure", measure_id)
    return link("/", q=f"{term} stage:{stage}" if stage else term)


def step_links(measure: MeasureRow) -> dict[str, str]:
    """For each action of a measure the search for its articles."""
    return {action["id"]: search_link(measure["id"], action["stage"]) for action in measure["actions"]}


def _articles(archive: Archive, of: Measure) -> list[Article]:
    """Its articles, oldest first: undated ones by when they were seen."""
    ids = list(dict.fromkeys(article for action in of.actions for article in action.articles))[:ARTICLES]
    found = [stored.record for key in ids if (stored := archive.get(Article, key))]
    return sorted(found, key=lambda article: (article.published or article.first_seen, article.id))


def _short(other: Measure) -> str:
    return f"{title(other.instrument, other.identifier, other.body)}, {said(other.stage)}"
