"""``python -m demo``: the main job on the small newsroom, from its feeds to the alerts, without the internet.

Runs the very commands that a person would type, in a home folder of its own, and tells what came of them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from rich.console import Console

from analyst import answers
from demo.newsroom import NETWORK, CannotOpen, Newsroom
from demo.show import AlertJSON, FeedJSON, MeasureJSON, Results, WhyJSON
from demo.show import closing as closing_page
from pipeline.archive import open_archive
from pipeline.archive.base import every
from pipeline.frontier import open_frontier
from pipeline.model import Entry, utc_now

HOME = Path("demo-home")
READER = "reader@example.org"
WEB = "127.0.0.1:8050"


def main() -> int:
    """Plays the demo; the exit status of the commands that failed, else 0."""
    console = Console()
    shutil.rmtree(HOME, ignore_errors=True)
    HOME.mkdir()
    keep = os.environ.get("KEEP") == "1"
    try:
        newsroom = Newsroom(datetime.now(UTC))
        newsroom.start()
    except CannotOpen as error:
        console.print(str(error), markup=False)
        return 1
    began = time.monotonic()
    try:
        (HOME / "feeds.opml").write_text(newsroom.opml(), encoding="utf-8")
        console.print(f"{len(newsroom.feeds)} outlets answer on loopback. Watching them:", markup=False)
        for command in (
            ["feeds", "import", str(HOME / "feeds.opml")],
            ["subscriptions", "add", "--to", READER, "--name", "demo"],
            ["run", "--until-idle"],
        ):
            console.print(f"$ {' '.join(['sanctuary-watch', *command])}", style="bold", markup=False)
            status = _run(command, quiet=command[0] != "run")
            if status:
                return status
        seconds = time.monotonic() - began
        console.print(closing_page(_results(seconds, WEB if keep else "")), crop=False)
        if keep:
            return _stay(console)
    finally:
        newsroom.stop()
    return 0


def _environment() -> dict[str, str]:
    return {
        **os.environ,
        "SANCTUARY_WATCH_HOME": str(HOME.absolute()),
        "SANCTUARY_WATCH_ALLOW_NETWORKS": NETWORK,
        "SANCTUARY_WATCH_WEB_LISTEN": WEB,
        "SANCTUARY_WATCH_PUBLIC_URL": f"http://{WEB}",
    }


def _run(command: list[str], *, quiet: bool = False) -> int:
    output = subprocess.DEVNULL if quiet else None
    # Our own program, with arguments from this file.
    return subprocess.run(  # noqa: S603
        [sys.executable, "-m", "cli.main", *command], env=_environment(), stdout=output, check=False
    ).returncode


def _results(seconds: float, web: str) -> Results:
    with (
        closing(open_archive(f"sqlite:///{HOME / 'archive.sqlite3'}")) as archive,
        closing(open_frontier(f"sqlite:///{HOME / 'frontier.sqlite3'}")) as frontier,
    ):
        urls = [s.record.item.link or s.record.url for s in every(archive, Entry)]
        return Results(
            measures=cast("list[MeasureJSON]", answers.docket(archive)["measures"]),
            articles=answers.search(archive, "", limit=1000)["articles"],
            alerts=cast("list[AlertJSON]", answers.alerts(archive)["alerts"]),
            entries=cast("list[WhyJSON]", [answers.why(archive, url) for url in urls]),
            feeds=cast("list[FeedJSON]", answers.feeds(archive, frontier, utc_now)["feeds"]),
            outbox=HOME / "outbox",
            mails=_oldest_first((HOME / "outbox").glob("*.eml")),
            seconds=seconds,
            web=f"http://{web}/" if web else "",
            command=f"SANCTUARY_WATCH_HOME={HOME} .venv/bin/sanctuary-watch",
        )


def _oldest_first(mails: Iterable[Path]) -> list[Path]:
    return sorted(mails, key=lambda path: (path.stat().st_mtime, path.name))


def _stay(console: Console) -> int:
    """Leaves web and monitor running until Ctrl-C."""
    arguments = [[sys.executable, "-m", "cli.main", name] for name in ("web", "run")]
    processes = [subprocess.Popen(command, env=_environment()) for command in arguments]  # noqa: S603
    try:
        while all(process.poll() is None for process in processes):
            threading.Event().wait(0.5)
    except KeyboardInterrupt:
        console.print("stopping", markup=False)
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait(timeout=90)
    return 0


if __name__ == "__main__":
    sys.exit(main())
