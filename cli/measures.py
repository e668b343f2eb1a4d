"""``measures``: an analyst's repairs of the docket, with an audit trail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli import context
from cli.output import Json, show

if TYPE_CHECKING:
    from rich.console import Console

    from pipeline.model import Docket

app = typer.Typer(help="Repairs of the docket: merge, split, correct.", no_args_is_help=True)

Why = Annotated[str, typer.Option(help="The reason, for the audit trail.")]
MeasureId = Annotated[str, typer.Argument(metavar="MEASURE", help="A measure's id, as 'docket' shows it.")]


@app.command()
def merge(
    measure: MeasureId,
    into: Annotated[str, typer.Argument(metavar="INTO", help="The measure it is really part of.")],
    why: Why = "",
    as_json: Json = False,
) -> None:
    """Two measures become one; who was told of both is told of the merge, nobody is told of a new measure again."""
    from pipeline import repair
    from pipeline.model import utc_now

    with context.stores() as stores:
        docket = repair.merge(stores.archive, measure, into, why=why, now=utc_now())
    _show(docket, {into}, as_json=as_json)


@app.command()
def split(
    measure: MeasureId,
    action: Annotated[list[str] | None, typer.Option(help="An action's id; may be given again.")] = None,
    article: Annotated[list[str] | None, typer.Option(help="An article's id; may be given again.")] = None,
    why: Why = "",
    as_json: Json = False,
) -> None:
    """Actions, or what articles told, leave a measure and become one of their own."""
    from pipeline import repair
    from pipeline.model import utc_now

    with context.stores() as stores:
        before = {known.id for known in repair.find(stores.archive, measure).measures}
        docket = repair.split(
            stores.archive, measure, actions=action or [], articles=article or [], why=why, now=utc_now()
        )
    _show(docket, {measure} | {known.id for known in docket.measures} - before, as_json=as_json)


@app.command()
def correct(
    measure: MeasureId,
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="FIELD=VALUE; may be given again; an empty value clears.")
    ] = None,
    action: Annotated[str, typer.Option(help="An action's id, when a field of it is meant.")] = "",
    retract: Annotated[
        bool, typer.Option("--retract", help="It is no measure at all: off the docket with it.")
    ] = False,
    why: Why = "",
    as_json: Json = False,
) -> None:
    """Sets fields, and keeps them so whatever later reports tell, or takes a measure that is none off the docket; who
    was told is told of the correction."""
    from pipeline import repair
    from pipeline.errors import UserError
    from pipeline.model import utc_now

    fields = {}
    if retract == bool(set_):
        raise typer.BadParameter("write either --set FIELD=VALUE or --retract")
    if retract and (action or not why):
        raise typer.BadParameter("--retract is for a whole measure and needs --why")
    for pair in set_ or []:
        name, equals, value = pair.partition("=")
        if not equals:
            raise UserError("write --set FIELD=VALUE", subject=pair)
        fields[name.strip()] = value.strip()
    with context.stores() as stores:
        if retract:
            docket = repair.retract(stores.archive, measure, why=why, now=utc_now())
        else:
            docket = repair.correct(stores.archive, measure, fields, action=action, why=why, now=utc_now())
    _show(docket, {measure}, as_json=as_json)


def _show(docket: Docket, measures: set[str], *, as_json: bool) -> None:
    from analyst.answers.dockets import row
    from analyst.answers.results import DocketAnswer
    from cli.asking import print_docket

    answer: DocketAnswer = {"measures": [row(measure, docket) for measure in docket.measures if measure.id in measures]}

    def human(console: Console) -> None:
        print_docket(console, answer)
        for entry in docket.audit[-1:]:
            console.print(f"\n{entry.what}", markup=False)

    show(answer, as_json=as_json, human=human)
