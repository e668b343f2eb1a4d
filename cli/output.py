"""How commands answer: a table for eyes, one JSON document or CSV for programs; messages go to standard error."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from analyst.exports.cells import cell

if TYPE_CHECKING:
    from rich.console import Console

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Csv = Annotated[bool, typer.Option("--csv", help="Print rows that a spreadsheet opens.")]

T = TypeVar("T")


def show(
    answer: Mapping[str, Any],
    *,
    as_json: bool,
    human: Callable[[Console], None],
    as_csv: bool = False,
    rows: Sequence[Mapping[str, Any]] = (),
) -> None:
    """Prints an answer in the form asked for: as JSON, as CSV of ``rows``, or by calling ``human`` with a console."""
    if as_json:
        write_json(answer)
    elif as_csv:
        write_csv(rows)
    else:
        human(console())


def write_json(answer: Mapping[str, Any]) -> None:
    """One JSON document on standard output, in ASCII: no encoding can break it, and nothing in it drives a terminal."""
    sys.stdout.write(json.dumps(answer) + "\n")


def console() -> Console:
    """Standard output: plain where it is no terminal, without colour where NO_COLOR says so."""
    from rich.console import Console

    return Console(highlight=False, soft_wrap=not sys.stdout.isatty())


def say(message: str) -> None:
    """A message to the person, on standard error."""
    sys.stderr.write(printable(message) + "\n")


def progress(things: Sequence[T], name: str) -> Iterator[T]:
    """The things one by one, with a bar on standard error where that is a terminal."""
    from rich.console import Console
    from rich.progress import track

    bar = Console(stderr=True)
    yield from track(things, description=name, console=bar, transient=True, disable=not bar.is_terminal)


def write_csv(rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows as CSV with a header. Lists are joined by ``; ``, the values of an object by ``: ``; text that a spreadsheet
    would run is quoted."""
    if not rows:
        return
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(rows[0])
    for row in rows:
        writer.writerow([cell(value) for value in row.values()])


def table(console: Console, columns: Sequence[str], rows: Iterable[Sequence[object]], *, empty: str) -> None:
    """A plain table; ``empty`` is said when there is no row. Text from outside cannot style it."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    made = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        made.add_column(column, overflow="fold")
    for row in rows:
        made.add_row(*(Text("" if value is None else printable(str(value))) for value in row))
    if made.row_count:
        console.print(made)
    else:
        console.print(empty, markup=False)


def printable(text: str) -> str:
    """Text without control characters: what comes from the web must not drive a terminal."""
    return "".join(c if c.isprintable() or c in "\n" else " " for c in text)


def day(instant: str | None) -> str:
    """The day of an instant, for a table."""
    return (instant or "undated")[:10]
