"""``archive copy``: moves the record from one archive into another."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Annotated, NotRequired, TypedDict

import typer

from cli import context
from cli.output import Json, say, show, table

if TYPE_CHECKING:
    from rich.console import Console

    from analyst.answers.results import Problem
    from pipeline.archive.copying import Report, Told


class CopyAnswer(TypedDict):
    """What was done, per kind of record, and what is not the same in both."""

    counts: dict[str, int]
    source: dict[str, int]
    created: dict[str, int]
    replaced: dict[str, int]
    removed: dict[str, int]
    different: dict[str, int]
    differences: list[str]
    changed: bool
    error: NotRequired[Problem]


def copy(
    source: Annotated[str, typer.Option("--from", help="URL of the archive to copy; none: the one in use.")] = "",
    target: Annotated[str, typer.Option("--to", help="URL of the archive to fill; none: the one in use.")] = "",
    replace: Annotated[
        bool, typer.Option("--replace", help="Makes what differs in the target as it is in the source.")
    ] = False,
    remove: Annotated[bool, typer.Option("--remove", help="Removes from the target what the source has not.")] = False,
    sample: Annotated[
        bool, typer.Option("--sample", help="Compares a sample of entries and articles, not every one.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Copies an archive into another and compares the two; interrupted, the same command goes on."""
    from pipeline.archive import copying, open_archive
    from pipeline.errors import UserError

    chosen = context.settings()
    chosen.ensure_home()
    here, there = source or chosen.archive, target or chosen.archive
    if reason := copying.nothing_to_copy(here, there):
        raise UserError(reason)
    with closing(open_archive(here)) as one, closing(open_archive(there)) as other, _bar() as told:
        report = copying.copy(
            one, other, copying.Choices(replace, remove), check="sample" if sample else "all", told=told
        )
    answer = _answer(report)
    show(answer, as_json=as_json, human=lambda console: _print(console, answer))
    if report.changed:
        say(
            "Records were changed while they were copied. Stop what writes to the two archives and run the same again"
            " with --replace --remove: only what has changed is written."
        )
    if answer["differences"]:
        raise typer.Exit(1)


def _answer(report: Report) -> CopyAnswer:
    answer: CopyAnswer = {
        "counts": report.target,
        "source": report.source,
        "created": report.created,
        "replaced": report.replaced,
        "removed": report.removed,
        "different": report.different,
        "differences": report.differences,
        "changed": report.changed,
    }
    if report.differences:
        many = sum(report.different.values())
        answer["error"] = {"class": "Differences", "reason": f"{many} found, first: {report.differences[0]}"}
    return answer


def _print(console: Console, answer: CopyAnswer) -> None:
    columns = {
        "source": answer["source"],
        "target": answer["counts"],
        "created": answer["created"],
        "replaced": answer["replaced"],
        "removed": answer["removed"],
        "different": answer["different"],
    }
    rows = [(kind, *(column[kind] for column in columns.values())) for kind in answer["counts"]]
    table(console, ["kind", *columns], rows, empty="")
    for difference in answer["differences"]:
        console.print(difference, markup=False)
    if answer["differences"]:
        console.print("--replace and --remove make the target like the source.", markup=False)
    else:
        console.print("No difference was found.", markup=False)


@contextmanager
def _bar() -> Iterator[Told]:
    """A bar on standard error for what is being done, where that is a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

    errors = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as progress:
        shown: dict[str, TaskID] = {}

        def told(what: str, done: int, of: int) -> None:
            if what not in shown:
                for task in shown.values():
                    progress.remove_task(task)
                shown.clear()
                shown[what] = progress.add_task(what)
            progress.update(shown[what], completed=done, total=of)

        yield told
