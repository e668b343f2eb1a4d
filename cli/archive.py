"""``archive``: check it, back it up, bring it up to date, copy it, forget an address."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NotRequired, TypedDict

import typer

from cli import context, copying
from cli.output import Json, say, show, table

if TYPE_CHECKING:
    from rich.console import Console

    from analyst.answers.results import Problem
    from pipeline.archive.base import Archive

app = typer.Typer(help="The record: check, back up, migrate, copy, forget.", no_args_is_help=True)


class ArchiveAnswer(TypedDict):
    """Counts per kind of record, and what is wrong or was changed."""

    counts: dict[str, int]
    differences: list[str]
    migrated: NotRequired[dict[str, int]]
    """Records of each kind that were written anew, of ``migrate``."""
    error: NotRequired[Problem]


@app.command()
def verify(as_json: Json = False) -> None:
    """Checks that index and records agree; exit status 1 when they do not."""
    with context.stores() as stores:
        answer = _answer(stores.archive, stores.archive.verify())
    _show(answer, as_json=as_json, well="All is as it should be.")
    if answer["differences"]:
        raise typer.Exit(1)


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="A new file.")],
    as_json: Json = False,
) -> None:
    """Writes a consistent copy of the archive while it is in use."""
    with context.stores() as stores:
        stores.archive.backup(file)
        answer = _answer(stores.archive, [])
    _show(answer, as_json=as_json, well=f"Written: {file}")


@app.command()
def migrate(as_json: Json = False) -> None:
    """Brings the archive to this release's form; the old one is kept beside it."""
    from pipeline.archive import migrate_archive

    chosen = context.settings()
    chosen.ensure_home()
    migrated = migrate_archive(chosen.archive, say)
    with context.stores() as stores:
        answer = _answer(stores.archive, [])
    answer["migrated"] = migrated
    _show(answer, as_json=as_json, well="The archive has this release's form.")


app.command()(copying.copy)


@app.command()
def forget(url: str, as_json: Json = False) -> None:
    """Removes an article, its entry and every quotation of it for good."""
    from pipeline.model import utc_now
    from pipeline.repair import forget as forget_article

    with context.stores() as stores:
        forget_article(stores.archive, url, now=utc_now())
        answer = _answer(stores.archive, [])
    _show(answer, as_json=as_json, well=f"Forgotten: {url}")


def _answer(archive: Archive, differences: list[str]) -> ArchiveAnswer:
    from pipeline.model import RECORDS

    archive.refresh()
    answer: ArchiveAnswer = {
        "counts": {kind.KIND: archive.count(kind) for kind in RECORDS},
        "differences": differences,
    }
    if differences:
        answer["error"] = {"class": "Differences", "reason": f"{len(differences)} found, first: {differences[0]}"}
    return answer


def _show(answer: ArchiveAnswer, *, as_json: bool, well: str) -> None:
    def human(console: Console) -> None:
        table(console, ["kind", "records"], answer["counts"].items(), empty="")
        for difference in answer["differences"]:
            console.print(difference, markup=False)
        if not answer["differences"]:
            console.print(well, markup=False)

    show(answer, as_json=as_json, human=human)
