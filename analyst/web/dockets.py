"""Docket pages: all places, one place or state, one measure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from analyst import answers
from analyst.answers.board import latest
from analyst.answers.dockets import find, row
from analyst.answers.results import DocketPlace, DocketsAnswer, DocketState, MeasureBrief, MeasureRow
from analyst.answers.stories import fold
from analyst.answers.text import place_label
from analyst.web import narrowing
from analyst.web.desk import Desk
from analyst.web.listing import copies_said
from analyst.web.naming import full_title, title, title_of
from analyst.web.shown import link, said, segment, state_name
from pipeline.archive.base import Archive, every
from pipeline.errors import NotKnown, UserError
from pipeline.model import Article, Docket, Measure

GRID = (
    ".. .. .. .. .. .. .. .. .. .. .. ME",
    "AK .. .. .. .. .. .. .. .. .. VT NH",
    ".. WA ID MT ND MN IL WI MI NY RI MA",
    ".. OR NV WY SD IA IN OH PA NJ CT ..",
    ".. CA UT CO NE MO KY WV VA MD DE ..",
    ".. .. AZ NM KS AR TN NC SC DC .. ..",
    ".. .. .. .. OK LA MS AL GA .. .. ..",
    "HI .. .. .. TX .. .. .. .. FL .. ..",
)
"""The states about where they lie."""
QUOTES = 3
"""Quotes of an action that a list of measures shows; the measure's own page shows all."""
ARTICLES = 100
"""Articles of a measure that its page lists; a search leads to the rest."""


# ------------------------------------------------------------------ all places
@dataclass(frozen=True, slots=True)
class Tile:
    """A state on the map of tiles."""

    code: str
    name: str
    column: int
    row: int
    measures: int
    way: str
    """``limits``, ``mandates``, ``both``, ``other`` or '' (no measures)."""
    says: str


@dataclass(frozen=True, slots=True)
class StateGroup:
    """The places of a state."""

    code: str
    name: str
    measures: int
    places: tuple[DocketPlace, ...]


def index(desk: Desk, request: Request) -> Response:
    """All places with measures, as a map and by state, and what changed lately; ``?place=`` leads to one."""
    if wanted := request.query_params.get("place", "").strip():
        return RedirectResponse(f"/docket/{segment(wanted)}", 302)
    answer = answers.dockets(desk.archive)
    return desk.page(
        "dockets.html",
        states=grouped(answer),
        tiles=tiles(answer["states"]),
        measures=answer["measures"],
        changes=[
            (change, brief_title(change["measure"])) for change in answers.changes(desk.archive, desk.now())["changes"]
        ],
    )


def grouped(answer: DocketsAnswer) -> list[StateGroup]:
    """Places by state; the federal level first, then states by name, a state before its places."""
    by_state: dict[str, list[DocketPlace]] = {}
    for place in answer["places"]:
        by_state.setdefault(place["state"], []).append(place)
    return [
        StateGroup(
            state["state"],
            state["name"] or "State not known",
            state["measures"],
            tuple(sorted(by_state[state["state"]], key=lambda p: (p["place"] != state["name"], p["place"]))),
        )
        for state in answer["states"]
    ]


def tiles(states: Sequence[DocketState]) -> list[Tile]:
    """Every state at its place in a grid of equal tiles, so that small ones can be seen."""
    known = {state["state"]: state for state in states}
    made = []
    for down, line in enumerate(GRID):
        for column, code in enumerate(line.split()):
            if code == "..":
                continue
            state = known.get(code)
            directions = state["directions"] if state else {}
            told = ", ".join(
                f"{n} {said(way) if way != 'unknown' else 'of unknown direction'}" for way, n in directions.items()
            )
            made.append(
                Tile(
                    code, state_name(code), column + 1, down + 1, state["measures"] if state else 0, _way(directions),
                    f"{state_name(code)}: {told or 'no measure'}",
                )
            )  # fmt: skip
    return made


def _way(directions: Mapping[str, int]) -> str:
    limits, mandates = directions.get("limits_cooperation"), directions.get("mandates_cooperation")
    if (limits and mandates) or directions.get("mixed"):
        return "both"
    return "limits" if limits else "mandates" if mandates else "other" if directions else ""


def brief_title(measure: MeasureBrief) -> str:
    """The title of a measure in a list, with its place."""
    return f"{measure['place']}: {title(measure['instrument'], measure['identifier'], measure['body'])}"


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
    asked = request.path_params["id"]
    try:
        docket, known = find(desk.archive, asked)
    except NotKnown:
        raise HTTPException(
            404, "There is no measure by this id. It may have been merged or corrected; see Dockets."
        ) from None
    if known.id != asked:
        return RedirectResponse(f"/measure/{segment(known.id)}", 302)
    made = row(known, docket)
    articles = _articles(desk.archive, known)
    return desk.page(
        "measure.html",
        measure=made,
        title=title_of(made),
        full_title=full_title(made),
        topic=known.topic,
        label=known.jurisdiction.label,
        stories=[(story, copies_said(story)) for story in fold(articles)],
        total=len({article for action in known.actions for article in action.articles}),
        related=[(other.id, _short(other)) for other in docket.measures if other.id in known.related],
        stages={action["id"]: said(action["stage"]) for action in made["actions"]},
        links=step_links(made),
        search=search_link(known.id),
    )


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
