"""More of the analyst's commands: facets, compare, heatmap, dockets, measures show, changes, health."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from cli import context
from cli.asking import By, Query, Zone, print_docket
from cli.output import Csv, Json, day, printable, show, table

if TYPE_CHECKING:
    from rich.console import Console

    from analyst.answers.results import MeasureBrief


class Field(StrEnum):
    """What a result can be counted by."""

    place = "place"
    stage = "stage"
    direction = "direction"
    source = "source"
    kind = "kind"
    state = "state"
    lang = "lang"
    measure = "measure"


def add_to(app: typer.Typer, measures: typer.Typer) -> None:
    """Adds these commands to the program, one of them to its group ``measures``."""
    for command in (facets, compare, heatmap, dockets, changes, health):
        app.command()(command)
    measures.command("show")(measure)


def facets(
    query: Query,
    field: Annotated[
        list[Field] | None, typer.Option(help="What to count by; may be given again. None: all but measure.")
    ] = None,
    n: Annotated[int, typer.Option("--n", min=1, max=200, help="Values of each field.")] = 20,
    tz: Zone = "UTC",
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """What a result can be narrowed to: the most frequent values of its fields."""
    from analyst import answers
    from analyst.answers.find import FACETS

    with context.asking() as stores:
        asked = [one.value for one in field] if field else FACETS
        answer = answers.facets(stores.archive, query, asked, n=n, zone=tz)
    rows = [
        {"field": name, "value": value["value"], "articles": value["articles"]}
        for name, values in answer["facets"].items()
        for value in values
    ]

    def human(console: Console) -> None:
        table(
            console,
            ["field", "value", "articles"],
            ([row["field"], row["value"], row["articles"]] for row in rows),
            empty="Nothing found.",
        )

    show(answer, as_json=as_json, as_csv=as_csv, rows=rows, human=human)


def compare(
    queries: Annotated[list[str], typer.Argument(metavar="QUERY…", help="Up to four queries.")],
    by: Annotated[By, typer.Option(help="Width of a bucket; weeks begin on Monday.")] = By.week,
    tz: Zone = "UTC",
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Several queries on one timeline, by their share of what the same sources published."""
    from analyst import answers

    with context.asking() as stores:
        answer = answers.compare(stores.archive, queries, by=by.value, zone=tz)
    rows = [
        {"start": bucket["start"], "query": query, **count}
        for bucket in answer["buckets"]
        for query, count in zip(queries, bucket["counts"], strict=True)
    ]

    def human(console: Console) -> None:
        table(
            console,
            [by.value, *queries],
            (
                [bucket["start"], *(f"{count['stories']} ({count['share']:.1%})" for count in bucket["counts"])]
                for bucket in answer["buckets"]
            ),
            empty="Nothing found that has a date.",
        )

    show(answer, as_json=as_json, as_csv=as_csv, rows=rows, human=human)


def heatmap(
    query: Query,
    by: Annotated[By, typer.Option(help="Width of a bucket; weeks begin on Monday.")] = By.week,
    n: Annotated[int, typer.Option("--n", min=1, max=20, help="Sources: those with most articles.")] = 10,
    tz: Zone = "UTC",
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Who covered it when."""
    from analyst import answers

    with context.asking() as stores:
        answer = answers.heatmap(stores.archive, query, by=by.value, n=n, zone=tz)
    rows = [
        {"source": row["source"], "start": start, "articles": count}
        for row in answer["sources"]
        for start, count in zip(answer["starts"], row["counts"], strict=True)
    ]

    def human(console: Console) -> None:
        shades = " ░▒▓█"
        most = max((count for row in answer["sources"] for count in row["counts"]), default=0)
        table(
            console,
            ["source", "articles", f"{answer['starts'][0]} … {answer['starts'][-1]}" if answer["starts"] else ""],
            (
                [
                    row["source"],
                    row["articles"],
                    "".join(shades[-(-4 * count // most) if most else 0] for count in row["counts"]),
                ]
                for row in answer["sources"]
            ),
            empty="Nothing found.",
        )

    show(answer, as_json=as_json, as_csv=as_csv, rows=rows, human=human)


# ------------------------------------------------------------------ measures
def measure_name(brief: MeasureBrief) -> str:
    """``Reno, NV: ordinance 17-180``."""
    what = (brief["instrument"] or "measure").replace("_", " ")
    return f"{brief['place']}: {what} {brief['identifier']}" if brief["identifier"] else f"{brief['place']}: {what}"


def dockets(as_json: Json = False, as_csv: Csv = False) -> None:
    """Where there are measures, and which way they go."""
    from analyst import answers

    with context.asking() as stores:
        answer = answers.dockets(stores.archive)
    rows = [{**row, "latest": row["latest"]["id"]} for row in answer["places"]]

    def human(console: Console) -> None:
        table(
            console,
            ["place", "measures", "directions", "latest", ""],
            (
                [
                    row["place"],
                    row["measures"],
                    ", ".join(f"{way.replace('_', ' ')} {count}" for way, count in row["directions"].items()),
                    row["latest"]["latest"],
                    f"{measure_name(row['latest'])} {row['latest']['stage'].replace('_', ' ')}",
                ]
                for row in answer["places"]
            ),
            empty="No measure is known.",
        )

    show(answer, as_json=as_json, as_csv=as_csv, rows=rows, human=human)


def measure(
    id: Annotated[str, typer.Argument(metavar="MEASURE", help="Its id, as docket shows it.")], as_json: Json = False
) -> None:
    """Everything about one measure: stages, votes, dates, all quotes, the articles."""
    from analyst import answers

    with context.asking() as stores:
        answer = answers.measure(stores.archive, id)

    def human(console: Console) -> None:
        if answer["merged_from"]:
            console.print(f"{id} was merged into this one:", markup=False)
        print_docket(console, {"measures": [answer["measure"]]})
        console.print(f"\n{answer['total']} articles:", markup=False)
        for found in answer["articles"]:
            others = found.get("outlets", 0)
            more = f" (+{others} outlet{'s' if others > 1 else ''})" if others else ""
            line = f"  {day(found['published']):10}  {found['source']}: {found['title']}{more}"
            console.print(printable(line), markup=False)

    show(answer, as_json=as_json, human=human)


def changes(
    days: Annotated[int, typer.Option(min=1, max=366, help="How far back.")] = 7,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """What changed in the dockets lately, latest report first."""
    from analyst import answers
    from analyst.answers.text import vote_said
    from pipeline.model import utc_now

    with context.asking() as stores:
        answer = answers.changes(stores.archive, utc_now(), days=days)
    rows = [
        {
            "reported": row["reported"],
            "measure": row["measure"]["id"],
            "name": measure_name(row["measure"]),
            "direction": row["measure"]["direction"],
            "stage": row["stage"],
            "date": row["date"],
            "vote": vote_said(row["vote"]),
            "articles": row["articles"],
            "first": row["first"],
        }
        for row in answer["changes"]
    ]

    def human(console: Console) -> None:
        table(
            console,
            ["reported", "measure", "stage", "date", "vote", ""],
            (
                [day(str(row["reported"])), row["name"], row["stage"], row["date"], row["vote"],
                 "new" if row["first"] else ""]
                for row in rows
            ),
            empty=f"Nothing was reported since {answer['since']}.",
        )  # fmt: skip

    show(answer, as_json=as_json, as_csv=as_csv, rows=rows, human=human)


# ------------------------------------------------------------------ feeds
def health(as_json: Json = False, as_csv: Csv = False) -> None:
    """How the feeds are, each against its own habit, and the states and big places where nobody looks."""
    from analyst import answers
    from pipeline.model import utc_now

    with context.asking() as stores:
        answer = answers.health(stores.archive, stores.frontier, utc_now)

    def human(console: Console) -> None:
        table(
            console,
            ["", "feed", "last success", "items a week", "usually", "usual gap, h", "silent, h", "error"],
            (
                [
                    row["state"],
                    row["title"] or row["url"],
                    (row["last_success"] or "never")[:16].replace("T", " "),
                    *(
                        "unknown" if known is None else known
                        for known in (row["items_per_week"], row["usual_per_week"], row["usual_gap_hours"])
                    ),
                    row["silent_hours"],
                    row["error"]["reason"] if row["error"] else "",
                ]
                for row in answer["feeds"]
            ),
            empty="No feed is watched.",
        )
        blind = [state["state"] for state in answer["states"]]
        console.print(f"No healthy feed at home in {len(blind)} states: {', '.join(blind) or '-'}", markup=False)
        places = [place["place"] for place in answer["places"]]
        console.print(f"None in {len(places)} big places: {'; '.join(places) or '-'}", markup=False)

    show(answer, as_json=as_json, as_csv=as_csv, rows=answer["feeds"], human=human)
