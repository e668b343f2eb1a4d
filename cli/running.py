"""``run`` and ``web``: what goes on until it is stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypedDict

import typer

from cli import context
from cli.output import Json, show, table

if TYPE_CHECKING:
    from rich.console import Console


class RunAnswer(TypedDict):
    """What one run did."""

    polled: int
    failed: int
    articles: int
    copies: int
    discarded: int
    quarantined: int
    measures: int
    alerts: int


def add_to(app: typer.Typer) -> None:
    """Adds these commands to the program."""
    app.command()(run)
    app.command()(web)


def run(
    until_idle: Annotated[bool, typer.Option("--until-idle", help="Do what is due to its end, then exit.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="With --until-idle: poll all feeds, due or not.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="Log details.")] = False,
    as_json: Json = False,
) -> None:
    """Watches: worker and beat in this process, until stopped by Ctrl-C or SIGTERM."""
    from config.logging import set_up
    from workers.embedded import run as run_embedded

    if everything and not until_idle:
        raise typer.BadParameter("--all goes with --until-idle")
    set_up(verbose=verbose)
    tally = run_embedded(context.settings(), until_idle=until_idle, everything=everything).tally
    answer: RunAnswer = {
        "polled": tally["polled"],
        "failed": tally["failed"],
        "articles": tally["article"],
        "copies": tally["copy"],
        "discarded": tally["discard"],
        "quarantined": tally["quarantine"],
        "measures": tally["measure"],
        "alerts": tally["alert"],
    }

    def human(console: Console) -> None:
        table(console, ["this run", ""], answer.items(), empty="")

    show(answer, as_json=as_json, human=human)


def web(
    listen: Annotated[str, typer.Option(metavar="HOST:PORT", help="Where to answer; else the setting.")] = "",
    verbose: Annotated[bool, typer.Option("--verbose", help="Log every request.")] = False,
) -> None:
    """Serves search, docket and why pages until stopped."""
    from dataclasses import replace

    from analyst.web.serve import serve
    from config.logging import set_up

    set_up(verbose=verbose)
    settings = context.settings()
    serve(replace(settings, web_listen=listen) if listen else settings)
