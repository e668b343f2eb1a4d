"""``feeds``: which feeds are watched, and how they are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import context
from cli.output import Csv, Json, say, show, table

if TYPE_CHECKING:
    from rich.console import Console

    from analyst.answers.results import FeedRow, FeedsAnswer
    from cli.context import Stores
    from pipeline.feeds.opml import FeedLine

app = typer.Typer(help="Which feeds are watched, and how they are.", no_args_is_help=True)

Place = Annotated[str, typer.Option(help="Home of the outlet: 'Los Angeles, CA', 'CA' or 'US'.")]
Kind = Annotated[str, typer.Option(help="news, wire, government, advocacy, opinion or aggregator.")]
Owner = Annotated[str, typer.Option(help="Who owns the outlet; else what config/owners.csv says of its site.")]


@app.command()
def add(
    url: str,
    place: Place = "",
    kind: Kind = "",
    owner: Owner = "",
    title: Annotated[str, typer.Option(help="The outlet's name; else the feed's own title.")] = "",
    as_json: Json = False,
) -> None:
    """Watches a feed; a known URL is updated. It is polled by the next run."""
    from pipeline.feeds.opml import FeedLine, read_owner

    line = FeedLine(url=url, title=title, place=place, kind=kind, owner=read_owner(owner))
    _watch([line], as_json=as_json)


@app.command("import")
def import_(
    file: Annotated[
        Path,
        typer.Argument(
            allow_dash=True,
            help="OPML, whose outlines may carry place, kind and owner, or CSV; - is OPML on standard input.",
        ),
    ],
    as_json: Json = False,
) -> None:
    """Watches all feeds of an OPML or CSV file."""
    import sys

    from pipeline.errors import UserError
    from pipeline.feeds.opml import read_csv, read_opml

    try:
        data = sys.stdin.buffer.read() if file == Path("-") else file.read_bytes()
        lines = read_csv(data.decode("utf-8-sig")) if file.suffix.lower() == ".csv" else read_opml(data)
    except OSError as error:
        raise UserError(f"cannot be read: {error.strerror}", subject=str(file)) from None
    except UnicodeDecodeError as error:
        raise UserError(f"is not UTF-8 text: {error}", subject=str(file)) from None
    wanted = [line for line in lines if line.enabled]
    _watch(wanted, as_json=as_json)
    off = len(lines) - len(wanted)
    say(f"{len(wanted)} feeds are watched" + (f"; {off} of the file are switched off" if off else ""))


@app.command()
def export(as_json: Json = False) -> None:
    """All feeds as OPML."""
    from pipeline.archive.base import every
    from pipeline.feeds.opml import write_opml
    from pipeline.model import Feed

    with context.stores() as stores:
        opml = write_opml(stored.record for stored in every(stores.archive, Feed))
        answer = _rows(stores, None)
    show(answer, as_json=as_json, human=lambda console: console.out(opml, end="", highlight=False))


@app.command()
def remove(url: str, as_json: Json = False) -> None:
    """Watches a feed no longer; what it brought stays."""
    from pipeline.watching import unwatch

    with context.stores() as stores:
        before = _rows(stores, None)
        gone = unwatch(stores.archive, stores.frontier, url)
    answer: FeedsAnswer = {"feeds": [row for row in before["feeds"] if row["url"] == gone.url]}
    show(answer, as_json=as_json, human=lambda console: console.print(f"no longer watched: {url}", markup=False))


@app.command("list")
def list_(as_json: Json = False, as_csv: Csv = False) -> None:
    """All feeds with their health."""
    with context.stores() as stores:
        answer = _rows(stores, None)
    show(answer, as_json=as_json, as_csv=as_csv, rows=answer["feeds"], human=lambda console: _print(console, answer))


@app.command()
def check(url: str, as_json: Json = False) -> None:
    """Fetches and parses a feed once; records nothing. Exit status 1 when it fails."""
    from cli.checking import check_feed

    answer = check_feed(url)

    def human(console: Console) -> None:
        problem = answer["error"]
        if problem:
            console.print(f"{problem['class']}: {problem['reason']}", style="bold", markup=False)
        table(
            console,
            ["published", "title", "link"],
            ([item["published"] or "undated", item["title"], item["link"]] for item in answer["items"]),
            empty="No items.",
        )

    show(answer, as_json=as_json, human=human)
    if not answer["ok"]:
        raise typer.Exit(1)


def _rows(stores: Stores, urls: set[str] | None) -> FeedsAnswer:
    from analyst import answers
    from pipeline.model import utc_now

    stores.archive.refresh()
    answer = answers.feeds(stores.archive, stores.frontier, utc_now)
    return answer if urls is None else {"feeds": [row for row in answer["feeds"] if row["url"] in urls]}


def _watch(lines: list[FeedLine], *, as_json: bool) -> None:
    from cli.output import progress
    from pipeline.watching import check, watch

    for line in lines:  # all or nothing
        check(line)
    with context.stores() as stores:
        kept = {watch(stores.archive, stores.frontier, line).url for line in progress(lines, "feeds")}
        answer = _rows(stores, kept)
    show(answer, as_json=as_json, human=lambda console: _print(console, answer))


def _print(console: Console, answer: FeedsAnswer) -> None:
    table(
        console,
        ["", "title", "place", "kind", "owner", "last success", "next poll", "error"],
        (
            [
                "ok" if row["healthy"] else ("ILL" if row["error"] else "new"),
                f"{row['title']}\n{row['url']}",
                row["place"],
                row["kind"],
                row["owner"],
                (row["last_success"] or "")[:16].replace("T", " "),
                (row["next_poll"] or "")[:16].replace("T", " "),
                _trouble(row),
            ]
            for row in answer["feeds"]
        ),
        empty="No feeds are watched.",
    )


def _trouble(row: FeedRow) -> str:
    if row["error"]:
        return f"{row['error']['class']}: {row['error']['reason']}"
    return "quiet" if row["quiet"] else ""
