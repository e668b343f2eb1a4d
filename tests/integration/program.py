"""The real program in processes of its own, watching the demo newsroom over HTTP on loopback."""

from __future__ import annotations

import email
import email.policy
import json
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from analyst import answers
from analyst.answers.results import AlertRow, Found
from cli import main
from demo.newsroom import NETWORK, Newsroom
from demo.show import FeedJSON, MeasureJSON, WhyJSON, label
from pipeline.archive import open_archive
from pipeline.archive.base import Archive, every
from pipeline.frontier import open_frontier
from pipeline.frontier.base import Frontier
from pipeline.model import Entry, utc_now

ROOT = Path(main.__file__).parents[1]
READER = "reader@example.org"
PATIENCE = 110.0
"""Seconds after which a process is taken to hang."""
DRIPPING = "Gulf Coast Tribune"
"""The outlet with the page that never ends."""
Outcome = dict[str, Any]


@dataclass(frozen=True)
class Findings:
    """What stands in a home folder, as the commands would tell it."""

    measures: list[MeasureJSON]
    articles: list[Found]
    alerts: list[AlertRow]
    entries: dict[str, WhyJSON]
    """By the address under which the feed names the item."""
    feeds: list[FeedJSON]
    wrong: list[str]
    """Differences that ``archive verify`` finds."""
    mails: list[bytes]
    """The mails in the outbox folder."""


class Program:
    """One home folder, and commands on it."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        """Starts a command in a session of its own; both its streams are pipes."""
        return subprocess.Popen(
            [sys.executable, "-m", "cli.main", *arguments],
            cwd=ROOT,
            env=self._environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def do(self, *arguments: str) -> Any:
        """Runs a command to its end, which must be well; its JSON."""
        process = self.begin(*arguments, "--json")
        out, err = finish(process)
        assert process.returncode == 0, err
        return json.loads(out)

    def _environment(self) -> dict[str, str]:
        ours = {name: value for name, value in os.environ.items() if not name.startswith("SANCTUARY_WATCH_")}
        return {
            **ours,
            "SANCTUARY_WATCH_HOME": str(self.home),
            "SANCTUARY_WATCH_ALLOW_NETWORKS": NETWORK,
            # A mail for each alert: what is folded into a digest, or waits for an hour, depends on who was first.
            "SANCTUARY_WATCH_MAIL_PER_HOUR": "1000",
        }

    @contextmanager
    def archive(self) -> Iterator[Archive]:
        """The archive, in this process."""
        with closing(open_archive(f"sqlite:///{self.home / 'archive.sqlite3'}")) as archive:
            yield archive

    @contextmanager
    def frontier(self) -> Iterator[Frontier]:
        """The frontier, in this process."""
        with closing(open_frontier(f"sqlite:///{self.home / 'frontier.sqlite3'}")) as frontier:
            yield frontier

    def mails(self) -> list[bytes]:
        """Those that went out, as they stand in the outbox folder."""
        return [path.read_bytes() for path in sorted((self.home / "outbox").glob("*.eml"))]

    def findings(self) -> Findings:
        """What was found so far."""
        with self.archive() as archive, self.frontier() as frontier:
            urls = [s.record.item.link or s.record.url for s in every(archive, Entry)]
            return Findings(
                measures=cast("list[MeasureJSON]", answers.docket(archive)["measures"]),
                articles=answers.search(archive, "", limit=1000)["articles"],
                alerts=answers.alerts(archive)["alerts"],
                entries={url: cast("WhyJSON", answers.why(archive, url)) for url in urls},
                feeds=cast("list[FeedJSON]", answers.feeds(archive, frontier, utc_now)["feeds"]),
                wrong=archive.verify(),
                mails=self.mails(),
            )

    def watch(self, newsroom: Newsroom, *, but: tuple[str, ...] = ()) -> None:
        """Watches the newsroom's feeds and subscribes a reader to everything. ``but`` are titles of feeds left out."""
        self.home.mkdir(parents=True, exist_ok=True)
        lines = newsroom.opml().splitlines(keepends=True)
        opml = self.home / "feeds.opml"
        opml.write_text("".join(line for line in lines if not any(f'title="{title}"' in line for title in but)))
        self.do("feeds", "import", str(opml))
        self.do("subscriptions", "add", "--to", READER)


def outcome(found: Findings) -> Outcome:
    """What stands there in the end, without ids of chance and instants. Which of several copies came first may depend
    on when a process died."""
    places = {measure["id"]: label(measure["jurisdiction"]) for measure in found.measures}
    return {
        "entries": {
            url: (why["outcome"].replace("copy", "article"), re.sub(r"next try at \S+", "", why["reason"]))
            for url, why in found.entries.items()
        },
        "ends": Counter(why["outcome"] for why in found.entries.values()),
        "stories": len({article["story"] for article in found.articles}),
        "measures": sorted(
            (label(measure["jurisdiction"]), str(measure["instrument"]), measure["stage"], len(measure["actions"]))
            for measure in found.measures
        ),
        "reports": sorted(
            (label(measure["jurisdiction"]), action["stage"], len(action["articles"]))
            for measure in found.measures
            for action in measure["actions"]
        ),
        "alerts": Counter((places[alert["measure"]], alert["kind"], alert["state"]) for alert in found.alerts),
        "wrong": found.wrong,
    }


def mistold(found: Findings) -> list[str]:
    """Alerts that no mail tells, mails that tell nobody's alert, and mails that are there twice: a sentence each. A
    mail that several alerts name is a digest, and has a line for each."""
    mails = [email.message_from_bytes(mail, policy=email.policy.default) for mail in found.mails]
    known = {str(mail["Message-ID"]): mail for mail in mails}
    files = Counter(str(mail["Message-ID"]) for mail in mails)
    wrong = [f"{n} files are the mail {name}" for name, n in files.items() if n > 1]
    places = {measure["id"]: label(measure["jurisdiction"]) for measure in found.measures}
    told: dict[str, list[str]] = {}
    for alert in found.alerts:
        told.setdefault(str(alert["message_id"]), []).append(places[alert["measure"]])
    wrong += [f"the mail {name} is there for no alert" for name in known.keys() - told.keys()]
    for name, labels in told.items():
        if name not in known:
            wrong.append(f"no mail {name} tells of {labels}")
            continue
        body = known[name].get_body(("plain",))
        text = " ".join(body.get_content().split()) if body else ""
        if len(labels) > 1 and not text.startswith(f"{len(labels)} alerts "):
            wrong.append(f"the mail {name} does not tell {len(labels)} alerts: {text[:40]}")
        wrong += [f"the mail {name} does not tell of {place}" for place in labels if place not in text]
    return wrong


def finish(process: subprocess.Popen[str], seconds: float = PATIENCE) -> tuple[str, str]:
    """Waits for a process; one that hangs is killed with all its children, and the test fails."""
    try:
        return process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        out, err = process.communicate()
        raise AssertionError(f"{process.args!r} hangs: {out} {err}") from None


def left_of(process: subprocess.Popen[str]) -> list[int]:
    """Ids of processes of its session that live on, itself apart. Reads /proc."""
    left = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        state, session = fields[0], int(fields[3])
        if session == process.pid and state != "Z" and int(folder.name) != process.pid:
            left.append(int(folder.name))
    return left
