"""``alerts``: the outbox, and what a mail looks like."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import context
from cli.output import Csv, Json, printable, say, show, table

if TYPE_CHECKING:
    from rich.console import Console

    from analyst.answers.results import AlertsAnswer

app = typer.Typer(help="The outbox, and what a mail looks like.", no_args_is_help=True)


@app.command("list")
def list_(as_json: Json = False, as_csv: Csv = False) -> None:
    """All alerts, newest first."""
    from analyst import answers

    with context.stores() as stores:
        answer = answers.alerts(stores.archive)
    show(answer, as_json=as_json, as_csv=as_csv, rows=answer["alerts"], human=lambda console: _print(console, answer))


@app.command()
def preview(
    measure: Annotated[
        str, typer.Argument(metavar="[MEASURE]", help="A measure's id; else the newest that told.")
    ] = "",
    out: Annotated[Path, typer.Option(help="The folder to write to.")] = Path("preview"),
    to: Annotated[str, typer.Option(help="The address in the mail.")] = "reader@example.org",
    as_json: Json = False,
) -> None:
    """Writes the mail of a measure as .eml, .html and .txt; sends and records nothing."""
    from analyst.answers.operations import alert_row
    from pipeline import previews

    with context.stores() as stores:
        alert, mail = previews.preview(stores.archive, stores.settings.ensure_secret_key(), measure, to=to)
    out.mkdir(parents=True, exist_ok=True)
    paths = [out / f"{alert.measure}.{ending}" for ending in ("eml", "html", "txt")]
    for path, content in zip(paths, (mail.text_form, mail.html, mail.text), strict=True):
        path.write_bytes(content.encode())
    answer: AlertsAnswer = {"alerts": [alert_row(alert)]}
    say("\n".join(map(str, paths)))
    show(answer, as_json=as_json, human=lambda console: console.print(printable(mail.text), markup=False))


def _print(console: Console, answer: AlertsAnswer) -> None:
    table(
        console,
        ["created", "kind", "measure", "state", "sent", "reason"],
        (
            [
                row["created"][:16].replace("T", " "),
                row["kind"],
                row["measure"],
                row["state"],
                (row["sent"] or "")[:16].replace("T", " "),
                row["reason"],
            ]
            for row in answer["alerts"]
        ),
        empty="Nothing was owed to anybody yet.",
    )
