"""``run``, ``worker``, ``beat`` and ``web``: what goes on until it is stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, NotRequired, TypedDict

import typer

from cli import context
from cli.output import Json, show, table

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

    from analyst.answers.results import Problem
    from config.settings import Settings
    from pipeline.heartbeats import Role


class RunAnswer(TypedDict):
    """What one run did."""

    polled: int
    failed: int
    articles: int
    copies: int
    discarded: int
    quarantined: int
    measures: int
    alerts: int


class HealthAnswer(TypedDict):
    """What keeps the processes of this machine from working."""

    healthy: bool
    wrong: list[str]
    error: NotRequired[Problem]


def add_to(app: typer.Typer) -> None:
    """Adds these commands to the program."""
    app.command()(run)
    app.command()(worker)
    app.command()(beat)
    app.command()(web)


def run(
    until_idle: Annotated[bool, typer.Option("--until-idle", help="Do what is due to its end, then exit.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="With --until-idle: poll all feeds, due or not.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="Log details.")] = False,
    as_json: Json = False,
) -> None:
    """Watches: worker and beat in this process, whatever the broker, until stopped by Ctrl-C or SIGTERM."""
    from config.logging import set_up
    from workers.embedded import run as run_embedded

    if everything and not until_idle:
        raise typer.BadParameter("--all goes with --until-idle")
    set_up(verbose=verbose)
    tally = run_embedded(context.settings(), until_idle=until_idle, everything=everything).tally
    answer: RunAnswer = {
        "polled": tally["polled"],
        "failed": tally["failed"],
        "articles": tally["article"],
        "copies": tally["copy"],
        "discarded": tally["discard"],
        "quarantined": tally["quarantine"],
        "measures": tally["measure"],
        "alerts": tally["alert"],
    }

    def human(console: Console) -> None:
        table(console, ["this run", ""], answer.items(), empty="")

    show(answer, as_json=as_json, human=human)


def worker(
    queues: Annotated[
        str, typer.Option(metavar="QUEUE,…", help="What it serves: poll, article, alert; else all.")
    ] = "",
    concurrency: Annotated[int, typer.Option(min=1, max=512, help="Things it does at once: threads.")] = 16,
    check: Annotated[
        bool, typer.Option("--check", help="Start nothing: exit with 0 when the workers of this machine work.")
    ] = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="Log details.")] = False,
    as_json: Json = False,
) -> None:
    """A worker for production, until stopped: any number of them, on any machine."""
    from config.celery import QUEUES
    from config.logging import set_up

    served = [queue.strip() for queue in queues.split(",") if queue.strip()]
    if unknown := [queue for queue in served if queue not in QUEUES]:
        raise typer.BadParameter(f"no queue {unknown[0]!r}; there are {', '.join(QUEUES)}")
    if check:
        _tell_health("worker", served, as_json=as_json)
        return
    from workers.worker import work

    set_up(verbose=verbose)
    if not work(context.settings(), served or QUEUES, concurrency):
        raise typer.Exit(1)


def beat(
    check: Annotated[
        bool, typer.Option("--check", help="Start nothing: exit with 0 when the beat of this machine ticks.")
    ] = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="Log details.")] = False,
    as_json: Json = False,
) -> None:
    """Beat for production, until stopped: tells the workers, at each tick, to look what is due."""
    from config.logging import set_up

    if check:
        _tell_health("beat", [], as_json=as_json)
        return
    from workers.beat import beat as run_beat

    set_up(verbose=verbose)
    run_beat(context.settings())


def _tell_health(role: Role, queues: list[str], *, as_json: bool) -> None:
    from workers.health import check

    wrong = check(context.settings(), role, queues)
    answer: HealthAnswer = {"healthy": not wrong, "wrong": wrong}
    if wrong:
        answer["error"] = {"class": "Unhealthy", "reason": "; ".join(wrong)}
    show(answer, as_json=as_json, human=lambda console: console.print("\n".join(wrong) or "All is well.", markup=False))
    if wrong:
        raise typer.Exit(1)


def _poll_hint(settings: Settings) -> Callable[[], None]:
    """Tells the workers that a feed is due; nobody where the broker lies in another process's memory."""
    if settings.broker_url == "memory://":
        return lambda: None
    from functools import partial

    from workers.app import hint, make_app

    return partial(hint, make_app(settings), "poll")


def web(
    listen: Annotated[str, typer.Option(metavar="HOST:PORT", help="Where to answer; else the setting.")] = "",
    verbose: Annotated[bool, typer.Option("--verbose", help="Log every request.")] = False,
) -> None:
    """Serves search, docket and why pages until stopped."""
    from dataclasses import replace

    from analyst.web.serve import serve
    from config.logging import set_up

    set_up(verbose=verbose)
    settings = context.settings()
    serve(replace(settings, web_listen=listen) if listen else settings, _poll_hint(settings))
