"""What analysts wait for: ``python -m benchmarks.answers [--articles 100000]``, with ``--file archive.sqlite3`` for a
file that is kept, with ``--elasticsearch`` for a node that is started, or ``--url URL`` for any archive.

Uses the synthetic archive of ``benchmarks.search`` (built unless it is there) with 3,000 dockets of two measures and
1,000 feeds. Prints p50 and p95 in milliseconds:

- of every page as the application makes it, from the request to the last byte, without a network or a browser. A search
  page comes in two pieces, the results and what follows them, which are told apart. Limits of p95: results 100 ms;
  timeline and facets 150 ms up to 20,000 hits and 500 ms beyond; a docket page 30 ms. Also told: for how long our
  process had a processor, which a busy machine changes less; what a page weighs as gzip sends it, with scripts and
  styles (limit 80 KB).
- of the first look at the dockets, by a process that finds nothing of an earlier one and by one that does.
- of every answer as typed data: what a page or the API needs before anything is drawn or encoded.

The figures of one run compare; those of two machines do not.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote, unquote, urlencode

from starlette.types import ASGIApp, Message

from analyst import answers
from analyst.answers.find import FACETS
from analyst.web.app import make_app
from analyst.web.serve import make_ready
from analyst.web.statics import load
from benchmarks._harness import machine, print_table
from benchmarks.search import BATCH, CHARTS_HITS, articles, filled, kind_of, measure, read_options
from config.settings import Settings
from pipeline.archive.base import Archive
from pipeline.archive.query import parse
from pipeline.errors import NotKnown
from pipeline.feeds.note import FeedNote
from pipeline.frontier import open_frontier
from pipeline.frontier.base import Due, Frontier
from pipeline.model import Action, Article, Direction, Docket, Evidence, Feed, Jurisdiction, Measure, Stage, make_id

QUERIES = ('"welcoming city resolution"', '"sanctuary city"', "sanctuary", "the", "")
DOCKETS = 3_000
FEEDS = 1_000
HOMES = ("CA", "TX", "IL", "NY", "WA")
OPENED = 20
"""Measures whose articles are there too: those whose pages are opened, in turn."""
STEPS: tuple[Stage, ...] = ("introduced", "adopted", "signed")
WAYS: tuple[Direction, ...] = ("limits_cooperation", "mandates_cooperation")
NOW = datetime(2026, 1, 1, tzinfo=UTC)
RESULTS_MS = 100.0
CHARTS_MS = (150.0, 500.0)
"""Up to ``CHARTS_HITS`` and beyond."""
DOCKET_MS = 30.0
WEIGHT_KB = 80.0


# ------------------------------------------------------------------ what is asked about
def fill_dockets(archive: Archive) -> None:
    """Two measures in each of many places, three actions each, ten quotes and twelve articles an action."""
    random = Random(5)
    texts = articles(OPENED * len(STEPS) * 12)
    dockets: list[Docket] = []
    for number in range(DOCKETS):
        where = Jurisdiction(f"City {number}", "city", random.choice(HOMES))
        measures = tuple(_measure(where, make_id("m", str(number), str(n)), random) for n in range(2))
        dockets.append(Docket(where.key, where, NOW - timedelta(minutes=number), measures))
    for start in range(0, DOCKETS, BATCH):
        archive.create_many(dockets[start : start + BATCH])
    for docket in dockets[:: DOCKETS // OPENED]:
        told = docket.measures[0]
        ids = [article for action in told.actions for article in action.articles]
        archive.create_many(
            [
                replace(article, id=key, entry=key, story=key, url=f"https://paper.example/{key}", measures=(told.id,))
                for key, (article, _) in zip(ids, islice(texts, len(ids)), strict=True)
            ]
        )


def _measure(where: Jurisdiction, id: str, random: Random) -> Measure:
    day = NOW - timedelta(days=random.randrange(28, 1_028))
    actions = tuple(
        Action(
            id=f"{id}{stage}",
            stage=stage,
            date=(day + timedelta(days=14 * n)).date().isoformat(),
            first_reported=day + timedelta(days=14 * n),
            evidence=tuple(_evidence(f"{id}{stage}{k}", day) for k in range(10)),
            articles=tuple(make_id("article", f"{id}{stage}{k}") for k in range(12)),
        )
        for n, stage in enumerate(STEPS)
    )
    number, direction = f"{day:%y}-{random.randrange(999)}", random.choice(WAYS)
    return Measure(id, where, day, "City Council", "ordinance", number, direction=direction, actions=actions)


def _evidence(name: str, at: datetime) -> Evidence:
    sentence = (
        f"The City Council voted 5-2 on Tuesday to adopt an ordinance that limits cooperation, {name} reports. " * 2
    )
    return Evidence(
        make_id("article", name), f"https://paper.example/{name}", "Paper", "news", "news", "A title", sentence, 0,
        len(sentence), ("stage.council-vote",), 0.9, name, True, at,
    )  # fmt: skip


def fill_feeds(archive: Archive, frontier: Frontier) -> None:
    """Feeds that were polled for a while."""
    random = Random(6)
    places = ("Fresno, CA", "TX", "Chicago, IL", "Albany, NY", "Seattle, WA", "US")
    feeds = [
        Feed(
            id=make_id("feed", str(number)), url=f"https://paper{number}.example/feed", added=NOW - timedelta(days=90),
            title=f"Paper {number}", place=random.choice(places),
            last_success=NOW - timedelta(minutes=random.randrange(90)),
        )
        for number in range(FEEDS)
    ]  # fmt: skip
    archive.create_many(feeds)
    frontier.put(
        "feed", [Due(feed.id, f"paper{n}.example", NOW + timedelta(minutes=n)) for n, feed in enumerate(feeds)]
    )
    for feed in feeds:
        new = NOW - timedelta(hours=random.randrange(48))
        note = FeedNote(
            last_success=feed.last_success, last_new=new, items_per_week=random.random() * 60, habit=20_000.0
        )
        frontier.set_note("feed", feed.id, note.to_bytes())


def opened(archive: Archive) -> list[Docket]:
    """Those whose first measure's articles are there."""
    numbers = range(0, DOCKETS, DOCKETS // OPENED)
    labels = tuple(f"City {number}, {state}" for number in numbers for state in HOMES)
    return [stored.record for stored in archive.scan(Docket, {"label": labels})]


# ------------------------------------------------------------------ pages
@dataclass(frozen=True, slots=True)
class Took:
    """One page: milliseconds to the end of its first piece, and from there to its end; those for which this process
    had a processor; what was sent."""

    first: float
    rest: float
    cpu: float
    body: bytes

    @property
    def whole(self) -> float:
        return self.first + self.rest


async def open_page(app: ASGIApp, path: str) -> Took:
    """Asks the application for a path, as a server does. Ends the program when it is not there."""
    at, _, query = path.partition("?")
    scope: dict[str, Any] = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": unquote(at), "raw_path": at.encode(), "query_string": query.encode(), "root_path": "",
        "headers": [(b"host", b"127.0.0.1:8050"), (b"accept", b"text/html"), (b"accept-encoding", b"gzip")],
        "client": ("127.0.0.1", 50_000), "server": ("127.0.0.1", 8050),
    }  # fmt: skip
    body = bytearray()
    asked, first = False, 0.0

    async def receive() -> Message:
        nonlocal asked
        if asked:  # whoever asks again waits for the client to go away
            await asyncio.Event().wait()
        asked = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        nonlocal first
        if message["type"] == "http.response.start" and message["status"] != 200:
            raise SystemExit(f"{path}: {message['status']}")
        body.extend(message.get("body", b""))
        if body and not first:
            first = time.perf_counter()

    begin, cpu = time.perf_counter(), time.process_time()
    await app(scope, receive, send)
    end, cpu = time.perf_counter(), time.process_time() - cpu
    return Took((first - begin) * 1000, (end - first) * 1000, cpu * 1000, bytes(body))


def measured(app: ASGIApp, paths: Sequence[str], rounds: int) -> list[Took]:
    """The pages at some paths in turn, opened so often; each once before that, uncounted."""

    async def all_of_them() -> list[Took]:
        for path in paths:
            await open_page(app, path)
        return [await open_page(app, path) for path in islice(cycle(paths), rounds)]

    return asyncio.run(all_of_them())


def p95(times: Iterable[float]) -> float:
    """Of some milliseconds."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]


def told(times: Sequence[float], limit: float = 0.0) -> str:
    """``p50 / p95``, with a mark when it is over its limit."""
    mark = "" if not limit else " over" if p95(times) > limit else " ok"
    return f"{sorted(times)[len(times) // 2]:.1f} / {p95(times):.1f}{mark}"


def weight(page: Took, styles: float) -> str:
    """KB as sent, with what every page loads."""
    whole = len(page.body) / 1000 + styles
    return f"{whole:.0f}{' over' if whole > WEIGHT_KB else ''}"


def pages(app: ASGIApp, archive: Archive, rounds: int) -> None:
    """Prints a line for each query, and one for each of the other pages."""
    styles = sum(len(file.squeezed) for file in load().values() if file.path.endswith((".css", ".js"))) / 1000
    rows = []
    for query in QUERIES:
        total = archive.search(parse(query), limit=1).total
        found = measured(app, [f"/?{urlencode({'q': query})}" if query else "/"], rounds)
        limit = CHARTS_MS[total > CHARTS_HITS]
        rows.append(
            [
                query or "(everything)",
                f"{total:,}",
                told([page.first for page in found], RESULTS_MS),
                told([page.rest for page in found], limit),
                told([page.cpu for page in found]),
                weight(found[-1], styles),
            ]
        )
    limits = f"limits {RESULTS_MS:.0f}; {CHARTS_MS[0]:.0f} to {CHARTS_HITS:,} hits, {CHARTS_MS[1]:.0f}"
    print_table([f"search pages ({limits})", "hits", "results", "timeline and facets", "CPU", "KB"], rows)
    print()
    rows = []
    for name, (paths, limit) in other_pages(archive).items():
        found = measured(app, paths, rounds)
        times, cpu = [page.whole for page in found], [page.cpu for page in found]
        rows.append([name, told(times, limit), told(cpu), weight(found[-1], styles)])
    print_table([f"other pages (limit of dockets {DOCKET_MS:.0f})", "whole", "CPU", "KB"], rows)


def other_pages(archive: Archive) -> Mapping[str, tuple[list[str], float]]:
    """By name: the paths that are opened in turn, and the limit in milliseconds (0: none)."""
    dockets = opened(archive)
    return {
        "docket of a place": ([f"/docket/{quote(one.jurisdiction.label, safe='')}" for one in dockets], DOCKET_MS),
        "docket of a state": (["/docket/CA", "/docket/TX?page=2", "/docket/IL?page=9"], DOCKET_MS),
        "a measure": ([f"/measure/{one.measures[0].id}" for one in dockets], DOCKET_MS),
        "all dockets": (["/docket", "/docket?page=3"], DOCKET_MS),
        "sources": ([f"/sources?{urlencode({'q': query})}" for query in QUERIES[:1]], 0.0),
        "sources of everything": (["/sources"], 0.0),
        "feeds": (["/feeds", "/feeds?page=3"], 0.0),
        "status": (["/status"], 0.0),
    }


# ------------------------------------------------------------------ answers
def questions(archive: Archive, query: str) -> dict[str, Callable[[], object]]:
    """By the name of the answer."""
    return {
        "search": lambda: answers.search(archive, query),
        "folded": lambda: answers.search(archive, query, folded=True),
        "timeline": lambda: answers.timeline(archive, query, by="week", zone="America/Chicago"),
        "facets": lambda: answers.facets(archive, query),
        "timeline + facets": lambda: answers.charts(archive, query, FACETS, by="week", zone="America/Chicago"),
        "sources": lambda: answers.sources(archive, query),
        "heatmap": lambda: answers.heatmap(archive, query),
        "compare": lambda: answers.compare(archive, [query, "sanctuary", "287(g)", "immigra*"]),
    }


def docket_questions(archive: Archive) -> dict[str, Callable[[], object]]:
    """What docket pages need."""
    docket = opened(archive)[0]
    return {
        "all places": lambda: answers.dockets(archive),
        "one place": lambda: answers.docket(archive, docket.jurisdiction.label),
        "one measure": lambda: answers.measure(archive, docket.measures[0].id),
        "an unknown measure": lambda: _unknown(archive),
        "changes": lambda: answers.changes(archive, NOW, days=30),
        "a state, with all evidence": lambda: answers.docket(archive, "CA"),
    }


def _unknown(archive: Archive) -> None:
    with suppress(NotKnown):
        answers.measure(archive, "never")


def compare(archive: Archive, rounds: int) -> None:
    """Prints a line for each query, and one for each question about dockets."""
    rows = []
    for query in QUERIES:
        figures = [measure(ask, rounds) for ask in questions(archive, query).values()]
        total = archive.search(parse(query), limit=1).total
        rows.append([query or "(everything)", f"{total:,}", *(f"{p50:.0f} / {p95:.0f}" for p50, p95 in figures)])
    print_table(["answers", "hits", *questions(archive, "")], rows)
    print()
    print_table(
        ["answers about dockets", "p50 / p95"],
        [[name, "{:.1f} / {:.1f}".format(*measure(ask, rounds))] for name, ask in docket_questions(archive).items()],
    )


def main() -> None:
    options = read_options(str(__doc__), rounds=40)
    with (
        TemporaryDirectory() as home,
        filled(options) as (archive, url),
        closing(open_frontier(f"sqlite:///{Path(home).absolute() / 'frontier.sqlite3'}")) as frontier,
    ):
        if not archive.count(Docket):
            fill_dockets(archive)
        fill_feeds(archive, frontier)
        archive.refresh()
        print(
            f"{machine()}; {archive.count(Article):,} articles on {kind_of(url)}, {archive.count(Docket):,} dockets,"
            f" {archive.count(Feed):,} feeds; p50 / p95 in ms"
        )
        settings = Settings(home=Path(home), archive_url=url, secret_key="a secret of the benchmarks")
        looks = []
        for _ in range(2):  # each as in a new process: an application begins with a board of its own
            app = make_app(settings, archive, frontier, now=lambda: NOW)
            looks.append(asyncio.run(open_page(app, "/docket")).whole)
        print("first look at the dockets: {:.0f} ms; in a process after another {:.0f} ms".format(*looks))
        make_ready(archive)
        asyncio.run(open_page(app, "/"))  # columns are read
        print()
        pages(app, archive, options.rounds)
        print()
        compare(archive, max(5, options.rounds // 4))


if __name__ == "__main__":
    main()
