"""What the analyst's answers cost: ``python -m benchmarks.answers [--articles 100000] [--file archive.sqlite3]``.

Uses the synthetic archive of ``benchmarks.search`` (built unless the file is there) and 3,000 dockets with two
measures each. Prints p50 and p95 in milliseconds of every answer as typed data: what a page or the API needs before
anything is drawn or encoded. Limits: facets and charts p95 under 150 ms up to 20,000 hits and under 500 ms at 100,000,
what a docket page needs under 30 ms. The figures of one run compare; those of two machines do not.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from analyst import answers
from benchmarks._harness import machine, print_table
from benchmarks.search import build, measure
from pipeline.archive import open_archive
from pipeline.archive.base import Archive
from pipeline.archive.query import parse
from pipeline.errors import NotKnown
from pipeline.model import Action, Article, Docket, Evidence, Jurisdiction, Measure, Stage, make_id

QUERIES = ('"welcoming city resolution"', '"sanctuary city"', "sanctuary", "the", "")
DOCKETS = 3_000
STEPS: tuple[Stage, ...] = ("introduced", "adopted", "signed")
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def fill_dockets(archive: Archive) -> None:
    """Two measures in each of many places, three actions each, ten quotes an action."""
    random = Random(5)
    for number in range(DOCKETS):
        where = Jurisdiction(f"City {number}", "city", random.choice(("CA", "TX", "IL", "NY", "WA")))
        measures = tuple(_measure(where, make_id("m", str(number), str(n)), random) for n in range(2))
        archive.create(Docket(where.key, where, NOW - timedelta(minutes=number), measures))


def _measure(where: Jurisdiction, id: str, random: Random) -> Measure:
    day = NOW - timedelta(days=random.randrange(1_000))
    actions = tuple(
        Action(
            id=f"{id}{stage}",
            stage=stage,
            date=(day + timedelta(days=14 * n)).date().isoformat(),
            first_reported=day + timedelta(days=14 * n),
            evidence=tuple(_evidence(f"{id}{stage}{k}", day) for k in range(10)),
            articles=tuple(make_id("article", str(random.randrange(10_000))) for _ in range(12)),
        )
        for n, stage in enumerate(STEPS)
    )
    return Measure(id, where, day, "City Council", "ordinance", f"{day:%y}-{random.randrange(999)}", actions=actions)


def _evidence(name: str, at: datetime) -> Evidence:
    sentence = "The City Council voted 5-2 on Tuesday to adopt an ordinance that limits cooperation. " * 2
    return Evidence(
        make_id("article", name), f"https://paper.example/{name}", "Paper", "news", "news", "A title", sentence, 0,
        len(sentence), ("stage.council-vote",), 0.9, name, True, at,
    )  # fmt: skip


def questions(archive: Archive, query: str) -> dict[str, Callable[[], object]]:
    """By the name of the answer."""
    return {
        "search": lambda: answers.search(archive, query),
        "folded": lambda: answers.search(archive, query, folded=True),
        "timeline": lambda: answers.timeline(archive, query, by="week", zone="America/Chicago"),
        "facets": lambda: answers.facets(archive, query),
        "sources": lambda: answers.sources(archive, query),
        "heatmap": lambda: answers.heatmap(archive, query),
        "compare": lambda: answers.compare(archive, [query, "sanctuary", "287(g)", "immigra*"]),
    }


def docket_questions(archive: Archive) -> dict[str, Callable[[], object]]:
    """What docket pages need."""
    known = make_id("m", "1500", "0")
    place = next(stored.record.jurisdiction.label for stored in archive.scan(Docket, n=1))
    return {
        "all places": lambda: answers.dockets(archive),
        "one place": lambda: answers.docket(archive, place),
        "one measure": lambda: answers.measure(archive, known),
        "an unknown measure": lambda: _unknown(archive),
        "changes": lambda: answers.changes(archive, NOW, days=30),
        "a state, with all evidence": lambda: answers.docket(archive, "CA"),
    }


def _unknown(archive: Archive) -> None:
    with suppress(NotKnown):
        answers.measure(archive, "never")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--file", type=Path, help="kept and used again; default: a temporary one")
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        file: Path = options.file or Path(folder) / "archive.sqlite3"
        known = file.exists()
        archive = open_archive(f"sqlite:///{file.absolute()}")
        if not known:
            build(archive, options.articles)
        if not archive.count(Docket):
            fill_dockets(archive)
        print(f"{machine()}; {archive.count(Article):,} articles, {archive.count(Docket):,} dockets; p50 / p95 in ms")
        compare(archive, options.rounds)
        archive.close()


def compare(archive: Archive, rounds: int) -> None:
    """Prints a line for each query, and one for each question about dockets."""
    begin = time.perf_counter()
    answers.dockets(archive)
    print(f"first look at the dockets: {(time.perf_counter() - begin) * 1000:.0f} ms")
    answers.timeline(archive, "")  # columns are read
    rows = []
    for query in QUERIES:
        figures = [measure(ask, rounds) for ask in questions(archive, query).values()]
        total = archive.search(parse(query), limit=1).total
        rows.append([query or "(everything)", f"{total:,}", *(f"{p50:.0f} / {p95:.0f}" for p50, p95 in figures)])
    print_table(["query", "hits", *questions(archive, "")], rows)
    print_table(
        ["dockets", "p50 / p95"],
        [[name, "{:.1f} / {:.1f}".format(*measure(ask, rounds))] for name, ask in docket_questions(archive).items()],
    )


if __name__ == "__main__":
    main()
