"""``subscriptions``: who wants to be told what."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import context
from cli.output import Csv, Json, printable, say, show, table

if TYPE_CHECKING:
    from rich.console import Console

    from analyst.answers.results import SubscriptionsAnswer
    from pipeline.model import Subscription

app = typer.Typer(help="Who wants to be told what.", no_args_is_help=True)


@app.command()
def add(
    to: Annotated[str, typer.Option(help="E-mail address; of a webhook or slack its URL; of a feed nothing.")] = "",
    name: Annotated[str, typer.Option(help="A name to know it by.")] = "",
    places: Annotated[str, typer.Option(help="Places or states, comma-separated; none: everywhere.")] = "",
    directions: Annotated[str, typer.Option(help="limits_cooperation, mandates_cooperation, …; none: all.")] = "",
    kinds: Annotated[str, typer.Option(help="new, amend, stage, repeal, … or every; none: all but stage.")] = "",
    min_confidence: Annotated[float, typer.Option(min=0, max=1, help="What is less sure is not told.")] = 0.5,
    query: Annotated[str, typer.Option(help="A saved search that a report of it must match.")] = "",
    near: Annotated[str, typer.Option(help="A place around which measures are wanted.")] = "",
    miles: Annotated[float, typer.Option(help="How far around it.")] = 0.0,
    when: Annotated[str, typer.Option(help="immediate, hourly, daily or weekly.")] = "immediate",
    at: Annotated[str, typer.Option(help="Time of a daily or weekly digest.")] = "07:00",
    weekday: Annotated[str, typer.Option(help="Day of a weekly digest.")] = "monday",
    zone: Annotated[str, typer.Option(help="Time zone, such as America/Chicago.")] = "UTC",
    quiet: Annotated[str, typer.Option(help="Hours in which nothing is sent: 22:00-07:00.")] = "",
    channel: Annotated[str, typer.Option(help="mail, webhook, slack or feed.")] = "mail",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Shows what it would have sent; adds nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Tells an address from now on; the past is not told."""
    from pipeline.alerts.subscriptions import split, split_places, subscribe
    from pipeline.model import utc_now

    if not to and channel != "feed":
        raise typer.BadParameter("--to is missing")
    subscription = subscribe(
        to=to,
        name=name,
        places=split_places(places),
        directions=split(directions),
        kinds=split(kinds),
        min_confidence=min_confidence,
        query=query,
        near=near,
        miles=miles,
        channel=channel,
        when=when,
        at=at,
        weekday=weekday,
        zone=zone,
        quiet=quiet,
        now=utc_now(),
    )
    _keep([subscription], as_json=as_json, dry_run=dry_run, look_back=True)


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="TOML with [[subscription]] tables.")], as_json: Json = False
) -> None:
    """Adds all subscriptions of a file."""
    from pipeline.alerts.subscriptions import read_file
    from pipeline.errors import UserError
    from pipeline.model import utc_now

    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{file}: cannot be read: {error}") from None
    _keep(list(read_file(text, now=utc_now())), as_json=as_json)


@app.command()
def export(as_json: Json = False) -> None:
    """All subscriptions as a file that import reads, on standard output."""
    from analyst import answers
    from pipeline.alerts.subscriptions import write_file
    from pipeline.archive.base import every
    from pipeline.model import Subscription

    with context.stores() as stores:
        answer = answers.subscriptions(stores.archive)
        known = sorted((s.record for s in every(stores.archive, Subscription)), key=lambda s: (s.created, s.id))
    show(answer, as_json=as_json, human=lambda c: c.print(write_file(known), markup=False, end=""))


@app.command("list")
def list_(as_json: Json = False, as_csv: Csv = False) -> None:
    """All subscriptions."""
    from analyst import answers

    with context.stores() as stores:
        answer = answers.subscriptions(stores.archive)
    show(answer, as_json=as_json, as_csv=as_csv, rows=answer["subscriptions"], human=lambda c: _print(c, answer))


@app.command()
def remove(
    which: Annotated[str, typer.Argument(metavar="ID|ADDRESS", help="One subscription, or all of an address.")],
    as_json: Json = False,
) -> None:
    """Tells a subscription, or all of an address, no longer."""
    from analyst.answers.operations import subscription_row
    from pipeline import subscribing
    from pipeline.model import utc_now

    with context.stores() as stores:
        secret_key = stores.settings.ensure_secret_key().secret_key
        gone = [stored.record for stored in subscribing.find(stores.archive, which)]
        for subscription in gone:
            subscribing.remove(stores.archive, subscription, secret_key=secret_key, now=utc_now())
    answer: SubscriptionsAnswer = {"subscriptions": [subscription_row(subscription) for subscription in gone]}
    show(answer, as_json=as_json, human=lambda c: c.print(f"{len(gone)} removed", markup=False))


@app.command()
def resume(
    which: Annotated[str, typer.Argument(metavar="ID|ADDRESS", help="One subscription, or all of an address.")],
    as_json: Json = False,
) -> None:
    """Tells an address again that a mail server had refused."""
    from analyst.answers.operations import subscription_row
    from pipeline import subscribing

    with context.stores() as stores:
        again = [subscribing.resume(stores.archive, stored) for stored in subscribing.find(stores.archive, which)]
    answer: SubscriptionsAnswer = {"subscriptions": [subscription_row(subscription) for subscription in again]}
    show(answer, as_json=as_json, human=lambda c: _print(c, answer))


@app.command("test")
def try_out(
    which: Annotated[str, typer.Argument(metavar="ID|ADDRESS", help="One subscription, or all of an address.")],
    as_json: Json = False,
) -> None:
    """Sends a message now that says it is a test, by the way that alerts take."""
    from analyst.answers.operations import subscription_row
    from pipeline import subscribing, telling

    with context.tools() as tools:
        found = [stored.record for stored in subscribing.find(tools.archive, which)]
        for subscription in found:
            telling.send_test(tools, subscription)
    answer: SubscriptionsAnswer = {"subscriptions": [subscription_row(subscription) for subscription in found]}
    show(answer, as_json=as_json, human=lambda c: c.print(f"{len(found)} sent", markup=False))


def _keep(wanted: list[Subscription], *, as_json: bool, dry_run: bool = False, look_back: bool = False) -> None:
    """``look_back``: shows what the one wish would have sent."""
    from analyst.answers.operations import subscription_row, would_have_row
    from pipeline import subscribing
    from pipeline.alerts import feeds, hooks
    from pipeline.model import utc_now

    with context.stores() as stores:
        settings = stores.settings.ensure_secret_key()
        would = subscribing.would_have_sent(stores.archive, wanted[0], now=utc_now()) if look_back else []
        kept = (
            wanted
            if dry_run
            else [subscribing.keep(stores.archive, wish, secret_key=settings.secret_key) for wish in wanted]
        )
    answer: SubscriptionsAnswer = {"subscriptions": [subscription_row(subscription) for subscription in kept]}
    if would:
        answer["would_have_sent"] = [would_have_row(one) for one in would]
    for subscription in [] if dry_run else kept:
        if subscription.channel == "webhook":
            say(f"its messages are signed with {hooks.signing_key(settings.secret_key, subscription)}")
        if subscription.channel == "feed":
            say(f"its feed: {feeds.address(subscription, settings)}")
    show(answer, as_json=as_json, human=lambda c: _print_kept(c, answer) if look_back else _print(c, answer))


def _print_kept(console: Console, answer: SubscriptionsAnswer) -> None:
    _print(console, answer)
    would = answer.get("would_have_sent", [])
    console.print(f"In the last 90 days it would have sent {len(would)}; of these nothing is sent.", markup=False)
    for row in would[:10]:
        console.print(f"  {row['reported'][:10]}  {printable(row['subject'])}", markup=False)
    if len(would) > 10:
        console.print(f"  and {len(would) - 10} more", markup=False)


def _print(console: Console, answer: SubscriptionsAnswer) -> None:
    table(
        console,
        ["id", "to", "name", "places", "directions", "kinds", "when", "refused"],
        (
            [
                row["id"],
                row["to"] or row["channel"],
                row["name"],
                (f"{row['miles']:g} miles around {row['near']}" if row["near"] else "")
                or ", ".join(row["places"])
                or "everywhere",
                ", ".join(row["directions"]) or "both ways",
                ", ".join(row["kinds"]) or "all but stage",
                row["when"],
                row["stopped"],
            ]
            for row in answer["subscriptions"]
        ),
        empty="Nobody has subscribed.",
    )
