"""The console script: ``sanctuary-watch``. Commands render answers and call the flow; they decide nothing.

Heavy imports stay inside the commands, so that ``--help`` and completion answer at once.
"""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

import typer

from cli import (
    alerts,
    archive,
    asking,
    comparing,
    context,
    feeds,
    keys,
    measures,
    quarantine,
    running,
    saved,
    subscriptions,
)
from cli.output import say, write_json
from config.settings import BadSetting
from pipeline.errors import PipelineError

app = typer.Typer(
    name="sanctuary-watch",
    help="Watches news feeds for US sanctuary-policy coverage and alerts once for each new ordinance.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for name, group in (
    ("feeds", feeds.app),
    ("subscriptions", subscriptions.app),
    ("alerts", alerts.app),
    ("quarantine", quarantine.app),
    ("measures", measures.app),
    ("archive", archive.app),
    ("saved", saved.app),
    ("keys", keys.app),
):
    app.add_typer(group, name=name)
asking.add_to(app)
comparing.add_to(app, measures.app)
app.command()(saved.export)
running.add_to(app)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"sanctuary-watch {version('sanctuary-watch')}")
        raise typer.Exit


@app.callback()
def root(
    config: Annotated[Path | None, typer.Option(help="A TOML file with settings; the environment wins.")] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Watches news feeds for US sanctuary-policy coverage and alerts once for each new ordinance."""
    context.choose(config)


def main() -> None:
    """Runs the program and exits: 0 done, 1 what was asked about failed, 2 wrong usage or an unreadable query."""
    from pipeline.archive.query import QueryError

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a terminal of another encoding shows what it can
            stream.reconfigure(errors="backslashreplace")
    try:
        try:
            app(prog_name="sanctuary-watch")
        finally:
            sys.stdout.flush()
    except (BadSetting, QueryError) as error:
        _fail(type(error).__name__, str(error), 2)
    except PipelineError as error:
        _fail(type(error).__name__, str(error), 1)
    except BrokenPipeError:
        # The reader of our output has gone: what is left of it must not be written at the interpreter's end either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(1) from None


def _fail(kind: str, reason: str, status: int) -> None:
    if "--json" in sys.argv:
        write_json({"error": {"class": kind, "reason": reason}})
    say(f"sanctuary-watch: {reason}")
    raise SystemExit(status)


if __name__ == "__main__":
    main()
