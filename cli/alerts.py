"""``alerts``: the outbox, and what a mail looks like."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypedDict

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
    digest: Annotated[bool, typer.Option("--digest", help="A digest of the latest measures instead.")] = False,
    as_json: Json = False,
) -> None:
    """Writes the mail of a measure as .eml, .html and .txt; sends and records nothing."""
    from analyst.answers.operations import alert_row
    from pipeline import previews

    with context.stores() as stores:
        settings = stores.settings.ensure_secret_key()
        if digest:
            alerts, mail = previews.preview_digest(stores.archive, settings, to=to)
        else:
            alert, mail = previews.preview(stores.archive, settings, measure, to=to)
            alerts = [alert]
    out.mkdir(parents=True, exist_ok=True)
    name = "digest" if digest else alerts[0].measure
    paths = [out / f"{name}.{ending}" for ending in ("eml", "html", "txt")]
    for path, content in zip(paths, (mail.text_form, mail.html, mail.text), strict=True):
        path.write_bytes(content.encode())
    answer: AlertsAnswer = {"alerts": [alert_row(alert) for alert in alerts]}
    say("\n".join(map(str, paths)))
    show(answer, as_json=as_json, human=lambda console: console.print(printable(mail.text), markup=False))


class BounceRow(TypedDict):
    """One report of a mail that did not arrive, or was not wanted."""

    recipient: str
    status: str
    reason: str
    subscription: str | None
    """Whose mail it was, when that was stopped."""


class BouncesAnswer(TypedDict):
    """What was read."""

    read: int
    bounces: list[BounceRow]


@app.command()
def bounces(
    file: Annotated[
        str, typer.Argument(metavar="FILE|-", help="A Maildir folder, an mbox file or one message; - for stdin.")
    ],
    as_json: Json = False,
) -> None:
    """Reads bounces and complaints: what cannot arrive is sent there no longer."""
    from pipeline import subscribing
    from pipeline.alerts.bounces import read_report
    from pipeline.model import utc_now

    answer: BouncesAnswer = {"read": 0, "bounces": []}
    with context.stores() as stores:
        settings = stores.settings.ensure_secret_key()
        for data in _messages(file):
            answer["read"] += 1
            if (bounce := read_report(data, settings)) is None:
                continue
            stopped = subscribing.take_bounce(stores.archive, bounce, now=utc_now())
            row: BounceRow = {
                "recipient": bounce.recipient,
                "status": bounce.status,
                "reason": bounce.reason,
                "subscription": stopped.id if stopped else None,
            }
            answer["bounces"].append(row)
    show(answer, as_json=as_json, human=lambda console: _print_bounces(console, answer))


class BouncesAddress(TypedDict):
    """Where bounces can be posted."""

    url: str


@app.command("bounces-address")
def bounces_address(as_json: Json = False) -> None:
    """Tells where a mail server or provider posts bounces and complaints; a secret."""
    from pipeline.alerts.bounces import hand_in_url

    settings = context.settings()
    settings.ensure_home()
    answer: BouncesAddress = {"url": hand_in_url(settings.ensure_secret_key())}
    show(answer, as_json=as_json, human=lambda console: console.print(answer["url"], markup=False, soft_wrap=True))


def _messages(file: str) -> Iterator[bytes]:
    """The messages in a Maildir, an mbox file, a file of one message, or standard input."""
    import mailbox
    import tempfile
    from contextlib import closing

    from pipeline.errors import UserError

    path = Path(file)
    if file != "-" and not path.exists():
        raise UserError(f"{file}: there is no such file")
    if path.is_dir():
        if not (path / "new").is_dir():
            raise UserError(f"{file}: is no Maildir, which has a folder 'new'")
        yield from (message.as_bytes() for message in mailbox.Maildir(path, create=False))
        return
    data = sys.stdin.buffer.read() if file == "-" else path.read_bytes()
    if not data.startswith(b"From "):
        yield data
        return
    with tempfile.NamedTemporaryFile() as copy:
        copy.write(data)
        copy.flush()
        with closing(mailbox.mbox(copy.name)) as box:
            yield from (message.as_bytes() for message in box)


def _print_bounces(console: Console, answer: BouncesAnswer) -> None:
    table(
        console,
        ["recipient", "status", "stopped", "reason"],
        (
            [row["recipient"], row["status"], row["subscription"] or "nothing", row["reason"]]
            for row in answer["bounces"]
        ),
        empty=f"{answer['read']} messages, none of them about a mail of ours.",
    )


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
