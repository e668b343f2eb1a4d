"""The analyst's commands: search, timeline, sources, docket, why, status, explain, eval."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from cli import context
from cli.output import Csv, Json, day, printable, show, table

if TYPE_CHECKING:
    from rich.console import Console

    from analyst.answers.results import DocketAnswer


class Sort(StrEnum):
    """Order of results."""

    newest = "newest"
    relevance = "relevance"


class By(StrEnum):
    """Width of a bucket."""

    day = "day"
    week = "week"
    month = "month"


class Order(StrEnum):
    """Order of sources."""

    most = "count"
    share = "share"
    first = "first"


Query = Annotated[
    str, typer.Argument(help='For example: \'"sanctuary city" AND place:CA since:2025-01\'. "" finds all.')
]
Zone = Annotated[str, typer.Option("--tz", help="The analyst's time zone, an IANA name.")]


OWNERS = 10
"""Owners of several sources that are named."""


def add_to(app: typer.Typer) -> None:
    """Adds these commands to the program."""
    for command in (search, timeline, sources, docket, why, status, explain, evaluate):
        app.command(name="eval" if command is evaluate else None)(command)


def search(
    query: Query,
    sort: Annotated[Sort, typer.Option(help="Newest first, or best match first.")] = Sort.newest,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Articles on one page.")] = 20,
    after: Annotated[str, typer.Option(help="The cursor 'next' of the page before.")] = "",
    tz: Zone = "UTC",
    fold: Annotated[bool, typer.Option("--fold", help="One row for each story, with its copies.")] = False,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Articles that match a query."""
    from analyst import answers

    with context.asking() as stores:
        answer = answers.search(stores.archive, query, sort=sort.value, limit=limit, after=after, zone=tz, folded=fold)

    def human(console: Console) -> None:
        for found in answer["articles"]:
            about = ", ".join([*found["places"], found["kind"].replace("_", " ")])
            console.print(printable(f"{day(found['published']):10}  {found['source']}  ({about})"), markup=False)
            others = found.get("outlets", 0)
            copied = f" (+{others} outlet{'s' if others > 1 else ''})" if others else ""
            copied = " (copy)" if found["copy_of"] and not fold else copied
            console.print(printable(f"            {found['title']}{copied}"), style="bold", markup=False)
            console.print(printable(f"            {found['url']}"), style="dim", markup=False, soft_wrap=True)
        shown = len(answer["articles"])
        console.print(f"{shown} {'stories of' if fold else 'of'} {answer['total']} articles", markup=False)
        if answer["next"]:
            console.print(f"more: --after {answer['next']}", markup=False)

    rows = [{key: value for key, value in found.items() if key != "copies"} for found in answer["articles"]]
    show(answer, as_json=as_json, as_csv=as_csv, rows=rows, human=human)


def timeline(
    query: Query,
    by: Annotated[By, typer.Option(help="Width of a bucket; weeks begin on Monday.")] = By.day,
    tz: Zone = "UTC",
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Coverage over time: articles, stories (copies folded), and their share of all that the same sources published."""
    from analyst import answers

    with context.asking() as stores:
        answer = answers.timeline(stores.archive, query, by=by.value, zone=tz)

    def human(console: Console) -> None:
        most = max((bucket["stories"] for bucket in answer["buckets"]), default=0)
        table(
            console,
            [by.value, "articles", "stories", "share", ""],
            (
                [
                    bucket["start"],
                    bucket["articles"],
                    bucket["stories"],
                    f"{bucket['share']:.1%}",
                    "█" * round(24 * bucket["stories"] / most) if most else "",
                ]
                for bucket in answer["buckets"]
            ),
            empty="Nothing found that has a date.",
        )
        if answer["undated"]:
            console.print(f"{answer['undated']} articles have no date.", markup=False)
        for gap in answer["gaps"]:
            console.print(
                f"{gap['first']} to {gap['last']}: the feeds brought {gap['coverage']} entries, usually {gap['usual']} "
                f"a {by.value}",
                markup=False,
            )
        for mark in answer["markers"]:
            what = (mark["instrument"] or "measure").replace("_", " ")
            name = f"{what} {mark['identifier']}" if mark["identifier"] else what
            line = f"{mark['date']}  {mark['place']}: {name} {mark['stage'].replace('_', ' ')}"
            console.print(printable(line), markup=False)

    show(answer, as_json=as_json, as_csv=as_csv, rows=answer["buckets"], human=human)


def sources(
    query: Query,
    by: Annotated[Order, typer.Option(help="Most articles, largest share of their own output, or first to report.")] = (
        Order.most
    ),
    tz: Zone = "UTC",
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Who covered it, and of how many owners they are."""
    from analyst import answers
    from analyst.answers.owners import said, shared

    with context.asking() as stores:
        answer = answers.sources(stores.archive, query, by=by.value, zone=tz)

    def human(console: Console) -> None:
        table(
            console,
            ["source", "owner", "articles", "stories", "share", "first", "last"],
            (
                [
                    row["source"],
                    row["owner"],
                    row["articles"],
                    row["stories"],
                    f"{row['share']:.1%}",
                    (row["first"] or "undated")[:16].replace("T", " "),
                    (row["last"] or "undated")[:16].replace("T", " "),
                ]
                for row in answer["sources"]
            ),
            empty="Nothing found.",
        )
        if answer["sources"]:
            console.print(said(answer), markup=False)
        for name, count in shared(answer)[:OWNERS]:
            console.print(printable(f"{count:6}  {name}"), markup=False)

    show(answer, as_json=as_json, as_csv=as_csv, rows=answer["sources"], human=human)


def docket(
    place: Annotated[str, typer.Argument(help="'Los Angeles, CA', a state such as 'CA', or nothing for all.")] = "",
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Measures with their stages, votes, dates and the sentences that prove them."""
    from analyst import answers
    from analyst.answers.text import place_label, vote_said

    with context.asking() as stores:
        answer = answers.docket(stores.archive, place)
    rows = [
        {
            "place": place_label(measure["jurisdiction"]),
            "measure": measure["id"],
            "instrument": measure["instrument"],
            "identifier": measure["identifier"],
            "direction": measure["direction"],
            "stage": action["stage"],
            "date": action["date"],
            "vote": vote_said(action["vote"]),
            "sentence": action["evidence"][0]["sentence"] if action["evidence"] else "",
            "url": action["evidence"][0]["url"] if action["evidence"] else "",
        }
        for measure in answer["measures"]
        for action in measure["actions"]
    ]

    show(answer, as_json=as_json, as_csv=as_csv, rows=rows, human=lambda console: print_docket(console, answer))


def print_docket(console: Console, answer: DocketAnswer) -> None:
    """Measures for eyes."""
    from analyst.answers.text import place_label, vote_said

    if not answer["measures"]:
        console.print("No measure is known there.", markup=False)
    for measure in answer["measures"]:
        name = f"{place_label(measure['jurisdiction'])}: {(measure['instrument'] or 'measure').replace('_', ' ')}"
        if measure["identifier"]:
            name += f" {measure['identifier']}"
        console.print(f"\n{printable(name)}", style="bold", markup=False)
        facts = [measure["body"], (measure["direction"] or "").replace("_", " "), *measure["provisions"]]
        console.print("  " + "; ".join(printable(fact).replace("_", " ") for fact in facts if fact), markup=False)
        console.print(f"  id {measure['id']}", style="dim", markup=False)
        for action in measure["actions"]:
            vote = vote_said(action["vote"])
            line = f"  {action['date'] or 'undated':10}  {action['stage'].replace('_', ' ')}" + (
                f", {vote}" if vote else ""
            )
            told = len(action["articles"])
            console.print(f"{line}  ({told} article{'s' if told != 1 else ''})", markup=False)
            if action["evidence"]:
                quote = action["evidence"][0]
                console.print(f"      “{printable(quote['sentence'])}”", markup=False)
                console.print(
                    f"      {printable(quote['source'])}, {printable(quote['url'])}", style="dim", markup=False
                )


def why(url: Annotated[str, typer.Argument(help="The address of an article.")], as_json: Json = False) -> None:
    """What became of a URL, step by step."""
    from analyst import answers

    with context.asking() as stores:
        answer = answers.why(stores.archive, url)

    def human(console: Console) -> None:
        reason = f": {answer['reason']}" if answer["reason"] else ""
        console.print(printable(f"{answer['outcome']}{reason}"), style="bold", markup=False)
        if "found" in answer:
            console.print(printable(f"known as {answer['found']}"), markup=False)
        table(
            console,
            ["at", "step", "result"],
            ([step["at"], step["step"], step["result"]] for step in answer["steps"]),
            empty="Nothing has happened to it.",
        )

    show(answer, as_json=as_json, human=human)


def status(as_json: Json = False) -> None:
    """Whether all is well; exit status 1 when it is not."""
    from analyst import answers
    from pipeline.model import utc_now

    with context.asking() as stores:
        answer = answers.status(stores.archive, stores.frontier, utc_now, stores.settings)

    def human(console: Console) -> None:
        table(
            console,
            ["", "check", "detail"],
            (["ok" if check["ok"] else "ILL", check["name"], check["detail"]] for check in answer["checks"]),
            empty="",
        )
        table(console, ["count", ""], answer["counts"].items(), empty="")

    show(answer, as_json=as_json, human=human)
    if not answer["healthy"]:
        raise typer.Exit(1)


def explain(
    what: Annotated[str, typer.Argument(metavar="FILE|URL|-", help="HTML or plain text; '-' reads standard input.")],
    as_json: Json = False,
) -> None:
    """What the monitor reads in an article, and why. Records nothing."""
    from cli.explaining import explain as explained
    from cli.explaining import print_explanation

    answer = explained(what)
    show(answer, as_json=as_json, human=lambda console: print_explanation(console, answer))


def evaluate(
    cases: Annotated[str, typer.Argument(metavar="CASES.jsonl", help="Labelled cases, one JSON object a line.")],
    as_json: Json = False,
) -> None:
    """Scores the recognition of policy actions on labelled cases."""
    from cli.evaluating import evaluate as evaluated
    from cli.evaluating import print_evaluation

    answer = evaluated(cases)
    show(answer, as_json=as_json, human=lambda console: print_evaluation(console, answer))
