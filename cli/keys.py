"""``keys``: who may ask the web and its API from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli import context
from cli.output import Csv, Json, say, show, table

if TYPE_CHECKING:
    from rich.console import Console

    from analyst.answers.results import KeysAnswer
    from pipeline.model import KeyScope

app = typer.Typer(help="Keys to the web and its API.", no_args_is_help=True)


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="Who or what it is for.")],
    write: Annotated[bool, typer.Option("--write", help="It may change saved searches too.")] = False,
    as_json: Json = False,
) -> None:
    """Makes a key and shows it once; only a hash of it is kept."""
    from analyst.api.keys import mint, row
    from pipeline.errors import Conflict
    from pipeline.model import utc_now

    scopes: tuple[KeyScope, ...] = ("read", "write") if write else ("read",)
    with context.stores() as stores:
        key, text = mint(name, scopes, utc_now())
        if not stores.archive.create(key):
            raise Conflict("there is a key by this id already; once more makes another")
    answer: KeysAnswer = {"keys": [{**row(key), "key": text}]}

    def human(console: Console) -> None:
        console.print(text, markup=False, soft_wrap=True)
        say("This is the only time that it is shown. Send it as 'Authorization: Bearer KEY'.")

    show(answer, as_json=as_json, human=human)


@app.command("list")
def list_(as_json: Json = False, as_csv: Csv = False) -> None:
    """All keys, without their secrets."""
    from analyst.api.keys import listed

    with context.stores() as stores:
        stores.archive.refresh()
        answer = listed(stores.archive)
    show(answer, as_json=as_json, as_csv=as_csv, rows=answer["keys"], human=lambda console: _print(console, answer))


@app.command()
def revoke(
    which: Annotated[str, typer.Argument(metavar="ID|NAME", help="One key, or all of a name.")], as_json: Json = False
) -> None:
    """Takes a key back: the next request with it is refused."""
    from analyst.api.keys import revoke as revoked
    from analyst.api.keys import row

    with context.stores() as stores:
        stores.archive.refresh()
        answer: KeysAnswer = {"keys": [row(key) for key in revoked(stores.archive, which)]}
    show(answer, as_json=as_json, human=lambda console: console.print("revoked", markup=False))


def _print(console: Console, answer: KeysAnswer) -> None:
    table(
        console,
        ["id", "name", "scopes", "created", "last used"],
        (
            [row["id"], row["name"], ", ".join(row["scopes"]), row["created"], row["last_used"] or "never"]
            for row in answer["keys"]
        ),
        empty="There is no key: the web answers on this machine only.",
    )
