"""Polling beside the ``reader`` library: ``python -m benchmarks.polling [--feeds 1000] [--rounds 3]``.

Feeds on loopback, each on its own address, are polled and their entries recorded, by this project's flow (archive and
frontier in SQLite, the guarded fetcher, the workshop's children; pages are not fetched, so entries stay waiting) and
by ``reader``'s ``update_feeds``, in turn, from the same server. Three kinds of rounds, all after a first one that finds
everything new: the server answers 304; it sends the same body without validators; it sends a body with one new item.

Figures are feeds per CPU-second of the process and its children, the server's left out. The bodies are those in the
folder ``feeds`` of ``SANCTUARY_WATCH_TEST_DATA``, made-up ones when it is not set. Needs the extra ``bench`` and Linux.
"""

from __future__ import annotations

import argparse
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from unittest.mock import patch

from benchmarks._harness import cpu_seconds, machine, middle, print_table
from benchmarks._newsstand import Answers, Newsstand, newsstand
from config.settings import Settings
from pipeline import flow
from pipeline.model import Entry, Feed, make_id, utc_now
from pipeline.tools import Tools, open_tools
from workers import embedded

THREADS = embedded.CONCURRENCY // 2 - 1
"""As many as the embedded worker lets poll."""
TARGETS = {"304": 2.5, "same body": 15.0, "one new item": 5.0}
"""How many times ``reader``'s feeds per CPU-second."""


@dataclass
class Contender:
    """Somebody who polls all feeds once when asked to."""

    name: str
    poll: Callable[[], float]
    """Returns the CPU seconds it took."""
    count: Callable[[], int]
    """Entries recorded so far."""
    rates: dict[str, list[float]] = field(default_factory=lambda: {kind: [] for kind in TARGETS})
    """Feeds per CPU-second, one for each round."""
    new: dict[str, int] = field(default_factory=dict)
    """Entries that a round of a kind recorded."""


def main() -> None:
    """Prints a line for each contender and the ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--alone", action="store_true", help="only this project's flow, in threads: for profiling")
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    data = os.environ.get("SANCTUARY_WATCH_TEST_DATA")
    print(machine())
    with TemporaryDirectory() as home, ExitStack() as stack:
        stand = stack.enter_context(newsstand(options.feeds, Path(data) / "feeds" if data else None))
        contenders = [_ours("flow in threads", _in_threads, Path(home) / "threads", stand, stack)]
        if not options.alone:
            contenders.append(_reader(Path(home) / "reader.sqlite", stand, stack))
        _race(stand, contenders, options.rounds)
        if not options.alone:
            # Alone: a worker is never quite idle.
            celery = _ours("flow by Celery", _by_celery, Path(home) / "celery", stand, stack)
            _race(stand, [celery], options.rounds)
            contenders.insert(1, celery)
    _print(contenders)


def _race(stand: Newsstand, contenders: list[Contender], rounds: int) -> None:
    """Everybody polls everything for the first time, then once in each kind of round, ``rounds`` times."""
    stand.tell(Answers())
    first = {contender.name: len(stand.urls) / contender.poll() for contender in contenders}
    for contender in contenders:
        print(f"first poll of {contender.name}: {first[contender.name]:.1f} feeds, {contender.count():,} entries")
    edition = 0
    for _ in range(rounds):
        for kind in TARGETS:
            edition += kind == "one new item"
            stand.tell(Answers(edition, validators=kind != "same body"))
            for contender in contenders:
                before = contender.count()
                contender.rates[kind].append(len(stand.urls) / contender.poll())
                contender.new[kind] = contender.count() - before


def _print(contenders: list[Contender]) -> None:
    print("feeds per CPU-second, median (range); entries that one round recorded")
    print_table(
        ["", *TARGETS, *(f"new: {kind}" for kind in TARGETS)],
        [
            [
                contender.name,
                *(middle(contender.rates[kind]) for kind in TARGETS),
                *(f"{contender.new[kind]:,}" for kind in TARGETS),
            ]
            for contender in contenders
        ],
    )
    *ours, theirs = contenders
    if ours:
        rows = [["target", *(f"{target:.1f}" for target in TARGETS.values())]]
        for contender in ours:
            ratios = (median(contender.rates[kind]) / median(theirs.rates[kind]) for kind in TARGETS)
            rows.append([f"{contender.name} / {theirs.name}", *(f"{ratio:.1f}" for ratio in ratios)])
        print()
        print_table(["ratio of the medians", *TARGETS], rows)


# ------------------------------------------------------------------ this project
Drive = Callable[[Tools], AbstractContextManager[Callable[[], None]]]
"""Makes ready to poll; gives a function that polls all feeds, which are due, and returns when that is done."""


def _ours(name: str, drive: Drive, home: Path, stand: Newsstand, stack: ExitStack) -> Contender:
    """This project with all feeds watched."""
    tools = stack.enter_context(open_tools(Settings(home=home, allow_networks="127.0.0.0/8")))
    now = utc_now()
    tools.archive.create_many([Feed(id=make_id("feed", url), url=url, added=now) for url in stand.urls])

    poll = stack.enter_context(drive(tools))

    def once() -> float:
        polled, before = tools.tally["polled"], cpu_seconds(without={stand.pid})
        flow.make_all_due(tools)
        poll()
        taken = cpu_seconds(without={stand.pid}) - before
        if tools.tally["polled"] - polled != len(stand.urls) or tools.tally["failed"]:
            raise SystemExit(f"{tools.tally['polled'] - polled} feeds were polled, {tools.tally['failed']} failed")
        return taken

    return Contender(name, once, lambda: tools.archive.count(Entry))


@contextmanager
def _in_threads(tools: Tools) -> Iterator[Callable[[], None]]:
    def poll() -> None:
        threads = [
            threading.Thread(target=flow.poll_due, args=(tools,), kwargs={"seconds": 600}) for _ in range(THREADS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    yield poll


@contextmanager
def _by_celery(tools: Tools) -> Iterator[Callable[[], None]]:
    """The embedded worker and beat as they are, but for the pages: nobody asks for them."""

    def poll() -> None:
        end = tools.tally["polled"] + tools.archive.count(Feed)
        while tools.tally["polled"] < end:
            time.sleep(embedded.LOOK)

    with patch.object(flow, "take_in_due", lambda tools, seconds: 0), embedded._worker_and_beat(tools.settings, tools):
        yield poll


# ------------------------------------------------------------------ the other
def _reader(file: Path, stand: Newsstand, stack: ExitStack) -> Contender:
    from reader import make_reader

    reader = stack.enter_context(closing(make_reader(str(file))))
    for url in stand.urls:
        reader.add_feed(url)

    def once() -> float:
        before = cpu_seconds(without={stand.pid})
        reader.update_feeds(scheduled=False)
        return cpu_seconds(without={stand.pid}) - before

    return Contender("reader", once, lambda: reader.get_entry_counts().total or 0)


if __name__ == "__main__":
    main()
