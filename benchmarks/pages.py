"""From a fetched page to an archived article: ``python -m benchmarks.pages [FOLDER] [--passes 5]``.

FOLDER holds the pages of the article-extraction-benchmark (see ``benchmarks.extraction``); the default is the folder
``extraction`` of ``SANCTUARY_WATCH_TEST_DATA``. Every page is the page of one waiting entry. The flow takes them in as
ever (extraction, dates and authors, relevance, policy, copies, docket, index, outcome; archive and frontier in SQLite),
but for two things: pages come from memory, and are parsed in this process, as the other side does it. The gate is
held open by a lead sentence on an adopted ordinance, of another city for each page, put before each text when the
policy in it is read: so nearly every page is relevant and brings an action.

The other side is a bare ``trafilatura.extract(favor_recall=True)`` on the same pages in the same process, in turn.
Figures are pages per CPU-second. Needs Linux.
"""

from __future__ import annotations

import argparse
import logging
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import cycle
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from benchmarks._harness import cpu_seconds, machine, middle
from benchmarks.extraction import Sample, samples
from config.settings import Settings
from pipeline import flow, policy
from pipeline.acquire import enter
from pipeline.archive.base import every
from pipeline.dues import due_entry
from pipeline.fetch import Response
from pipeline.model import Article, Docket, Entry, Feed, Item, Reading, make_id, utc_now
from pipeline.tools import open_tools

TARGET = 0.55
CITIES = (
    "Fresno", "Oakland", "Sacramento", "Stockton", "Boulder", "Denver", "Aurora", "Chicago", "Boston", "Worcester",
    "Seattle", "Tacoma", "Spokane", "Houston", "Dallas", "Austin", "Tampa", "Orlando", "Miami", "Newark",
)  # fmt: skip


def main() -> None:
    """Prints both speeds and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    data = os.environ.get("SANCTUARY_WATCH_TEST_DATA")
    parser.add_argument("folder", type=Path, nargs="?" if data else None, default=Path(data or "") / "extraction")
    parser.add_argument("--passes", type=int, default=5)
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    import trafilatura

    pages = samples(options.folder)
    print(machine())
    ours: list[float] = []
    bare: list[float] = []
    with _gate_open():
        came = _take_in(pages)[1]  # a first pass of each, not counted: imports, tables, caches
        _bare(pages, trafilatura.extract)
        for _ in range(options.passes):
            ours.append(len(pages) / _take_in(pages)[0])
            bare.append(len(pages) / _bare(pages, trafilatura.extract))
    print(f"{len(pages)} pages: {came}")
    print("pages per CPU-second, median (range)")
    print(f"page to archived article   {middle(ours)}")
    print(f"bare trafilatura           {middle(bare)}")
    ratio = median(mine / other for mine, other in zip(ours, bare, strict=True))
    print(f"ratio                      {ratio:.2f}, target {TARGET:.2f}")


def _bare(pages: Sequence[Sample], extract: Callable[..., Any]) -> float:
    before = cpu_seconds()
    for page in pages:
        extract(page.body, favor_recall=True)
    return cpu_seconds() - before


def _take_in(pages: Sequence[Sample]) -> tuple[float, str]:
    """CPU seconds for taking in all pages into a new archive, and what became of the entries."""
    now = utc_now()
    feed = Feed(id=make_id("feed", "bench"), url="https://feed.example/", added=now, title="Bench")
    entries = [enter(feed, Item(id=page.url, title="", link=page.url), now) for page in pages]
    web = {entry.url: page.body for entry, page in zip(entries, pages, strict=True)}
    with TemporaryDirectory() as home, open_tools(Settings(home=Path(home))) as opened:
        tools = replace(opened, fetcher=_Memory(web), politeness=_NoWait(), workshop=_Here())  # type: ignore[arg-type]
        tools.archive.create(feed)
        tools.archive.create_many(entries)
        tools.frontier.put("entry", [due_entry(entry, now) for entry in entries])
        before = cpu_seconds()
        flow.take_in_due(tools, seconds=600)
        taken = cpu_seconds() - before
        outcomes = Counter(stored.record.outcome for stored in every(tools.archive, Entry))
        reports = sum(bool(stored.record.reports) for stored in every(tools.archive, Article))
        measures = sum(len(stored.record.measures) for stored in every(tools.archive, Docket))
    told = ", ".join(f"{count} {outcome}" for outcome, count in outcomes.most_common())
    return taken, f"{told}; {reports} with an action, {measures} measures"


@contextmanager
def _gate_open() -> Iterator[None]:
    """Every text begins with a sentence that makes it relevant."""
    cities = cycle(CITIES)

    def read(title: str, text: str, **others: Any) -> Reading:
        lead = (
            f"The {next(cities)} City Council voted 5-2 on Tuesday to adopt a sanctuary ordinance that bars city "
            "employees from helping federal immigration enforcement."
        )
        return policy_read(title, f"{lead}\n\n{text}", **others)

    policy_read = policy.read
    with patch.object(policy, "read", read):
        yield


class _Memory:
    """The pages, as a fetcher answers."""

    def __init__(self, web: Mapping[str, bytes]) -> None:
        self._web = web

    def get(self, url: str, **_: Any) -> Response:
        return Response(url, 200, {"content-type": "text/html"}, self._web[url], "", ())


class _NoWait:
    """Nobody is kept waiting, everything is allowed."""

    def admit(self, url: str) -> None: ...


class _Here:
    """A workshop in this process."""

    def run(self, function: Callable[..., Any], *args: Any) -> Any:
        return function(*args)


if __name__ == "__main__":
    main()
