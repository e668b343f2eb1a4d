"""``saved``: searches kept under a name; ``export``: a search as a file."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import context
from cli.asking import Zone
from cli.output import Csv, Json, say, show, table, write_json

if TYPE_CHECKING:
    from rich.console import Console

    from analyst.answers.results import SavedAnswer

app = typer.Typer(help="Searches kept under a name.", no_args_is_help=True)


class Form(StrEnum):
    """Forms of an export."""

    csv = "csv"
    json = "json"
    jsonl = "jsonl"
    rss = "rss"
    ics = "ics"


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="The name to keep it under.")],
    query: Annotated[str, typer.Argument(help="The query.")],
    tz: Zone = "UTC",
    as_json: Json = False,
) -> None:
    """Keeps a search; the same search under the same name is kept once."""
    from analyst.answers.saved import save, saved_row
    from pipeline.model import utc_now

    with context.stores() as stores:
        answer: SavedAnswer = {"saved": [saved_row(save(stores.archive, name, query, zone=tz, now=utc_now()))]}
    show(answer, as_json=as_json, human=lambda console: _print(console, answer))


@app.command("list")
def list_(as_json: Json = False, as_csv: Csv = False) -> None:
    """All saved searches."""
    from analyst import answers

    with context.stores() as stores:
        stores.archive.refresh()
        answer = answers.saved(stores.archive)
    show(answer, as_json=as_json, as_csv=as_csv, rows=answer["saved"], human=lambda console: _print(console, answer))


@app.command("show")
def show_(id: Annotated[str, typer.Argument(help="Its id.")], as_json: Json = False) -> None:
    """One of them."""
    from analyst.answers.saved import saved_row, saved_search

    with context.stores() as stores:
        answer: SavedAnswer = {"saved": [saved_row(saved_search(stores.archive, id))]}
    show(answer, as_json=as_json, human=lambda console: _print(console, answer))


@app.command()
def remove(id: Annotated[str, typer.Argument(help="Its id.")], as_json: Json = False) -> None:
    """Keeps a search no longer."""
    from analyst.answers.saved import saved_row, unsave

    with context.stores() as stores:
        answer: SavedAnswer = {"saved": [saved_row(unsave(stores.archive, id))]}
    show(answer, as_json=as_json, human=lambda console: console.print("removed", markup=False))


def export(
    query: Annotated[str, typer.Argument(help='The query; "" finds all.')] = "",
    form: Annotated[Form, typer.Option("--form", help="The form.")] = Form.csv,
    out: Annotated[Path | None, typer.Option(help="A new file; none: standard output.")] = None,
    saved: Annotated[str, typer.Option(help="Id of a saved search, instead of a query.")] = "",
    bom: Annotated[
        bool, typer.Option("--bom", help="CSV only: a byte order mark, by which Excel knows UTF-8.")
    ] = False,
    tz: Zone = "UTC",
    as_json: Annotated[
        bool, typer.Option("--json", help="As --form json; with --out, what was written instead.")
    ] = False,
) -> None:
    """A whole search as a file: snippets, never full texts, with the query and the time in it."""
    from analyst.answers.saved import saved_search
    from analyst.exports.forms import FORMS, ExportAnswer, summary, write_bom_csv
    from analyst.exports.rows import ask
    from pipeline.errors import UserError
    from pipeline.model import utc_now

    if saved and query:
        raise UserError("either a query or a saved search can be exported, not both")
    if bom and form is not Form.csv:
        raise UserError("a byte order mark is for csv only")
    wanted = Form.json if as_json and out is None else form
    with context.stores() as stores:
        search = saved_search(stores.archive, saved) if saved else None
        result = ask(
            stores.archive,
            search.query if search else query,
            zone=search.zone if search else tz,
            name=search.name if search else "",
            now=utc_now(),
            first=FORMS[wanted.value].first,
            base=stores.settings.pages,
        )
        pieces = (write_bom_csv if bom else FORMS[wanted.value].write)(result)
        if out is None:
            sys.stdout.flush()
            for piece in pieces:
                sys.stdout.buffer.write(piece)
            return
        try:
            with out.open("xb") as file:
                for piece in pieces:
                    file.write(piece)
        except OSError as error:
            raise UserError(f"cannot be written: {error.strerror}", subject=str(out)) from None
        answer: ExportAnswer = {**summary(result), "file": str(out)}
    say(f"Written: {out}")
    if as_json:
        write_json(answer)


def _print(console: Console, answer: SavedAnswer) -> None:
    table(
        console,
        ["id", "name", "query", "time zone"],
        ([row["id"], row["name"], row["query"], row["tz"]] for row in answer["saved"]),
        empty="No search is saved.",
    )
