"""``quarantine``: what could not be dealt with, kept with its error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli import context
from cli.output import Csv, Json, show, table

if TYPE_CHECKING:
    from rich.console import Console

    from analyst.answers.results import QuarantineAnswer
    from cli.context import Stores
    from pipeline.model import Quarantined

app = typer.Typer(help="What could not be dealt with, kept with its error.", no_args_is_help=True)
Id = Annotated[str, typer.Argument(metavar="ID", help="As 'quarantine list' shows it.")]


@app.command("list")
def list_(as_json: Json = False, as_csv: Csv = False) -> None:
    """All that is in quarantine, newest first."""
    from analyst import answers

    with context.stores() as stores:
        answer = answers.quarantine(stores.archive)
    show(answer, as_json=as_json, as_csv=as_csv, rows=answer["quarantine"], human=lambda c: _print(c, answer))


@app.command("show")
def show_(id: Id, as_json: Json = False) -> None:
    """One quarantined thing."""
    with context.stores() as stores:
        _answer([_get(stores, id)], as_json=as_json)


@app.command()
def retry(id: Id, as_json: Json = False) -> None:
    """Takes it out of quarantine and tries it again, as if it were new."""
    from pipeline.ledger import retry_quarantined

    with context.stores() as stores:
        kept = _get(stores, id)
        retry_quarantined(stores.archive, stores.frontier, kept)
        _answer([kept], as_json=as_json)


@app.command()
def drop(id: Id, as_json: Json = False) -> None:
    """Gives it up for good and forgets the error."""
    from pipeline.ledger import drop_quarantined

    with context.stores() as stores:
        kept = _get(stores, id)
        drop_quarantined(stores.archive, kept)
        _answer([kept], as_json=as_json)


def _get(stores: Stores, id: str) -> Quarantined:
    from pipeline.errors import UserError
    from pipeline.model import Quarantined

    stored = stores.archive.get(Quarantined, id)
    if stored is None:
        raise UserError("nothing in quarantine has this id", subject=id)
    return stored.record


def _answer(kept: list[Quarantined], *, as_json: bool) -> None:
    from analyst.answers.operations import quarantine_row

    answer: QuarantineAnswer = {"quarantine": [quarantine_row(one) for one in kept]}
    show(answer, as_json=as_json, human=lambda console: _print(console, answer))


def _print(console: Console, answer: QuarantineAnswer) -> None:
    table(
        console,
        ["id", "what", "step", "error", "attempts", "at"],
        (
            [
                row["id"],
                f"{row['what']} {row['url'] or row['key']}",
                row["step"],
                f"{row['error']['class']}: {row['error']['reason']}",
                row["attempts"],
                row["at"],
            ]
            for row in answer["quarantine"]
        ),
        empty="Quarantine is empty.",
    )
