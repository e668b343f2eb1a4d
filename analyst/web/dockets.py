"""Docket pages: all places, one place or state, one measure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from analyst.answers.board import ActionLine, MeasureLine, measure_lines
from analyst.answers.dockets import (
    article_ids,
    articles_of,
    change_row,
    docket_page,
    everywhere,
    find,
    reported_since,
    row,
)
from analyst.answers.results import ChangeRow, DocketPlace, DocketState, MeasureBrief, MeasureRow
from analyst.answers.stories import fold
from analyst.answers.text import place_label
from analyst.web import narrowing
from analyst.web.desk import Desk
from analyst.web.listing import copies_said
from analyst.web.naming import full_title, title, title_of
from analyst.web.paging import Pages
from analyst.web.shown import link, partial_date, said, segment, state_name
from pipeline.errors import NotKnown, UserError
from pipeline.model import Measure
from pipeline.policy.docket.owing import NEWS_DAYS
from pipeline.policy.docket.spans import days_old

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
"""Quotes of an action that a list of measures shows at once; those of one place can be unfolded there, those of a state
are read on the measure's own page."""
PLACES = 100
"""Places on a page of all."""
MEASURES = 12
"""Measures on a page of a place or a state."""
WEEK = timedelta(days=7)
CHANGES = 20
"""Changes of the week that are shown."""


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


@dataclass(frozen=True, slots=True)
class Change:
    """What was first reported this week."""

    row: ChangeRow
    name: str
    when: str
    """Of the action: "15 Feb 2017", with the precision that is known; '' when its day is not known."""
    late: bool
    """It was no news any more when it was reported."""


def index(desk: Desk, request: Request) -> Response:
    """All places with measures, as a map and by state, and what changed lately; ``?place=`` leads to one, ``?page=``
    to more of the list."""
    if wanted := request.query_params.get("place", "").strip():
        return RedirectResponse(f"/docket/{segment(wanted)}", 302)
    lines = measure_lines(desk.archive)
    answer, changes = lines.once(everywhere), reported_since(lines, desk.now() - WEEK)
    pages = Pages("/docket", request, len(answer["places"]), PLACES, part="places")
    return desk.page(
        "dockets.html",
        states=grouped(answer["states"], answer["places"], pages.first, pages.end),
        tiles=tiles(answer["states"]),
        measures=answer["measures"],
        pages=pages,
        changes=[_change(action, line) for action, line in changes[:CHANGES]],
        more_changes=max(0, len(changes) - CHANGES),
    )


def grouped(states: Sequence[DocketState], places: Sequence[DocketPlace], first: int, end: int) -> list[StateGroup]:
    """Places by state, of those in this order the ones from ``first`` up to ``end``: the federal level first, then
    states by name, a state before its places."""
    by_state: dict[str, list[DocketPlace]] = {state["state"]: [] for state in states}
    for place in places:
        by_state[place["state"]].append(place)
    groups, at = [], 0
    for state in states:
        of = by_state[state["state"]]
        shown = slice(max(0, first - at), max(0, end - at))
        at += len(of)
        if shown.start < len(of) and shown.stop:
            ordered = sorted(of, key=lambda place, name=state["name"]: (place["place"] != name, place["place"]))  # type: ignore[misc]
            name = state["name"] or "State not known"
            groups.append(StateGroup(state["state"], name, state["measures"], tuple(ordered[shown])))
    return groups


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


def _change(action: ActionLine, line: MeasureLine) -> Change:
    row = change_row(action, line)
    late = days_old(action.date, action.first_reported, action.first_reported) > NEWS_DAYS
    return Change(row, brief_title(row["measure"]), partial_date(action.date) if action.date else "", late)


def brief_title(measure: MeasureBrief) -> str:
    """The title of a measure in a list, with its place."""
    return f"{measure['place']}: {title(measure['instrument'], measure['identifier'], measure['body'])}"


# ------------------------------------------------------------------ one place
def place(desk: Desk, request: Request) -> Response:
    """The measures of a place or of a whole state, page by page. 404 when the label is no place."""
    label = request.path_params["label"]
    at = f"/docket/{segment(label)}"
    try:
        found = docket_page(desk.archive, label, number=Pages.asked(request), n=MEASURES)
    except UserError:
        raise HTTPException(404, f"“{label}” is no place. Write it as “Los Angeles, CA” or “CA”.") from None
    sections = [
        (name, [(measure, title_of(measure), step_links(measure)) for measure in of_place])
        for name, of_place in groupby(found.measures, key=lambda measure: place_label(measure["jurisdiction"]))
    ]
    pages = Pages(at, request, found.total, MEASURES)
    several = found.of_state and bool(pages.says or len(sections) > 1)
    term = narrowing.term("place", label)
    return desk.page(
        "docket.html",
        label=state_name(label.strip()),
        sections=sections,
        count=found.total,
        pages=pages,
        several=several,
        quotes=QUOTES,
        elsewhere={m["id"]: f"/measure/{segment(m['id'])}" if several else "" for m in found.measures},
        search=link("/", q=term) if term else "",
    )


# ------------------------------------------------------------------ one measure
def measure(desk: Desk, request: Request) -> Response:
    """Everything about a measure: stages, votes, dates, all quotes, what was told, and its articles, with ``?action=``
    those that report this one action. A measure that was merged into another leads there; 404 when there is none by
    the id."""
    asked, wanted = request.path_params["id"], request.query_params.get("action", "")
    try:
        docket, known = find(desk.archive, asked)
    except NotKnown:
        raise HTTPException(
            404, "There is no measure by this id. It may have been merged or corrected; see Dockets."
        ) from None
    if known.id != asked:
        return RedirectResponse(link(f"/measure/{segment(known.id)}", action=wanted), 302)
    made = row(known, docket)
    behind = next((action for action in known.actions if action.id == wanted), None)
    articles = articles_of(desk.archive, known, behind)
    return desk.page(
        "measure.html",
        measure=made,
        title=title_of(made),
        full_title=full_title(made),
        topic=known.topic,
        label=known.jurisdiction.label,
        stories=[(story, copies_said(story)) for story in fold(articles)],
        listed=len(articles),
        total=len(article_ids(known)),
        behind=behind,
        related=[(other.id, _short(other)) for other in docket.measures if other.id in known.related],
        stages={action["id"]: said(action["stage"]) for action in made["actions"]},
        links=step_links(made),
        search=link("/", q=narrowing.term("measure", known.id)),
    )


def step_links(measure: MeasureRow) -> dict[str, str]:
    """For each action of a measure where the articles that report it are listed. No search finds just these: an article
    keeps the stages that it told, of whichever measure, and a stage finds those that are compared as equal with it."""
    at = f"/measure/{segment(measure['id'])}"
    return {action["id"]: link(at, action=action["id"]) + "#articles" for action in measure["actions"]}


def _short(other: Measure) -> str:
    return f"{title(other.instrument, other.identifier, other.body)}, {said(other.stage)}"
