"""``subscriptions``: who wants to be told what."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import context
from cli.output import Csv, Json, show, table

if TYPE_CHECKING:
    from rich.console import Console

    from analyst.answers.results import SubscriptionsAnswer
    from pipeline.model import Subscription

app = typer.Typer(help="Who wants to be told what.", no_args_is_help=True)


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(";" if ";" in text else ",") if part.strip()]


def _places(text: str) -> list[str]:
    """``CA,Austin, TX`` holds two places: a state's postal code after a comma belongs to the place before it, unless
    that is a state itself."""
    parts, places = _listed(text), list[str]()
    for part in parts:
        state = len(part) == 2 and part.isupper()
        if state and places and "," not in places[-1] and len(places[-1]) > 2:
            places[-1] += f", {part}"
        else:
            places.append(part)
    return places


@app.command()
def add(
    to: Annotated[str, typer.Option(help="E-mail address.")],
    name: Annotated[str, typer.Option(help="A name to know it by.")] = "",
    places: Annotated[str, typer.Option(help="Places or states, comma-separated; none: everywhere.")] = "",
    directions: Annotated[str, typer.Option(help="limits_cooperation, mandates_cooperation, …; none: all.")] = "",
    kinds: Annotated[str, typer.Option(help="new, amend, reaffirm, stage, repeal, …; none: all but stage.")] = "",
    min_confidence: Annotated[float, typer.Option(min=0, max=1, help="What is less sure is not told.")] = 0.5,
    as_json: Json = False,
) -> None:
    """Tells an address from now on; the past is not told."""
    from pipeline.alerts.subscriptions import subscribe
    from pipeline.model import utc_now

    subscription = subscribe(
        to=to,
        name=name,
        places=_places(places),
        directions=_listed(directions),
        kinds=_listed(kinds),
        min_confidence=min_confidence,
        now=utc_now(),
    )
    _keep([subscription], as_json=as_json)


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
    from pipeline.archive.base import every
    from pipeline.errors import UserError
    from pipeline.model import Subscription

    with context.stores() as stores:
        gone = [s.record for s in every(stores.archive, Subscription) if which in (s.record.id, s.record.to)]
        if not gone:
            raise UserError("no such subscription", subject=which)
        for subscription in gone:
            stores.archive.delete(Subscription, subscription.id)
    answer: SubscriptionsAnswer = {"subscriptions": [subscription_row(subscription) for subscription in gone]}
    show(answer, as_json=as_json, human=lambda c: c.print(f"{len(gone)} removed", markup=False))


def _keep(wanted: list[Subscription], *, as_json: bool) -> None:
    from analyst.answers.operations import subscription_row
    from pipeline.model import Subscription

    with context.stores() as stores:
        for subscription in wanted:
            # The same wish again changes what else it says (its confidence); since when it is told stays.
            stored = stores.archive.get(Subscription, subscription.id)
            if stored is None:
                stores.archive.create(subscription)
            else:
                stores.archive.replace(replace(subscription, created=stored.record.created), stored.version)
    answer: SubscriptionsAnswer = {"subscriptions": [subscription_row(subscription) for subscription in wanted]}
    show(answer, as_json=as_json, human=lambda c: _print(c, answer))


def _print(console: Console, answer: SubscriptionsAnswer) -> None:
    table(
        console,
        ["id", "to", "name", "places", "directions", "kinds"],
        (
            [
                row["id"],
                row["to"],
                row["name"],
                ", ".join(row["places"]) or "everywhere",
                ", ".join(row["directions"]) or "both ways",
                ", ".join(row["kinds"]) or "all but stage",
            ]
            for row in answer["subscriptions"]
        ),
        empty="Nobody has subscribed.",
    )
