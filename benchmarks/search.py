"""How fast a big archive answers: ``python -m benchmarks.search [--articles 100000]``, with ``--file archive.sqlite3``
for a file that is kept, with ``--elasticsearch`` for a node that is started, or ``--url URL`` for any archive.

Builds an archive of synthetic articles (about 600 words each, word frequencies as in English, three years, 400
sources, 600 places) unless it is there already, asks each question many times, in turn, and prints what it took in
milliseconds: the newest 20 with total and snippets as the search page needs them (limit: p95 under 60 ms on SQLite,
100 ms on Elasticsearch), its charts (days, sources and places in one question; limit: p95 under 150 ms up to 20,000
hits, beyond under 500 ms on SQLite and 1 s on Elasticsearch), then timeline, sources, facets and heat map alone. The
figures of one run compare; those of two machines do not.
"""

from __future__ import annotations

import argparse
import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from pipeline.archive import open_archive
from pipeline.archive.base import Archive
from pipeline.archive.highlight import highlight
from pipeline.archive.query import parse
from pipeline.model import STAGES, Article, Entry, Item, make_id

LIMIT_MS = {"sqlite": 60.0, "elasticsearch": 100.0}
"""p95 of a first page."""
CHARTS_LIMIT_MS = {"sqlite": (150.0, 500.0), "elasticsearch": (150.0, 1_000.0)}
"""p95 of the charts, up to so many hits and beyond."""
CHARTS_HITS = 20_000
WARM_UP = 10
"""Rounds that are not counted: a node that was just filled still merges, and compiles what it is asked first."""
BATCH = 500
QUERIES = (
    "sanctuary",
    '"sanctuary city"',
    "287(g)",
    '"welcoming city resolution"',
    "immigra*",
    "the",
    "",
    'place:"City 17, CA" sanctuary',
    "sanctuary place:CA since:2025-01",
    '("sanctuary city" OR 287(g)) -gun kind:news',
    '"council ordinance"~8',
    'NOT sanctuary',
)  # fmt: skip
TOPICS = (
    (0.15, "sanctuary"), (0.06, "sanctuary city"), (0.05, "287(g)"), (0.002, "welcoming city resolution"),
    (0.2, "city council"), (0.1, "ordinance"), (0.2, "immigration"), (0.1, "immigrants"), (0.03, "gun"),
)  # fmt: skip
STATES = ("CA", "TX", "IL", "NY", "WA", "FL", "AZ", "CO", "NJ", "MA", "OR", "GA")
FIRST_DAY = datetime(2023, 1, 1, tzinfo=UTC)
DAYS = 1_095


def articles(count: int) -> Iterator[tuple[Article, list[Entry]]]:
    """Synthetic articles in order of publication, each with its entry and two that became nothing."""
    random = Random(7)
    vocabulary = [
        *["the", "of", "to", "and", "a", "in", "for", "is", "on", "that", "by", "this", "with", "it", "as"],
        *(_word(random) for _ in range(60_000)),
    ]
    weights = list(itertools.accumulate(1 / (rank + 2.7) for rank in range(len(vocabulary))))
    stories: list[str] = []
    for number in range(count):
        body = random.choices(vocabulary, cum_weights=weights, k=random.randint(300, 900))
        for share, topic in TOPICS:
            if random.random() < share:
                for _ in range(random.randint(1, 4)):
                    body.insert(random.randrange(len(body)), topic)
        name = make_id("article", str(number))
        copied = stories and random.random() < 0.3
        story = random.choice(stories[-200:]) if copied else name
        stories.append(story)
        source = int(random.triangular(0, 400, 20))
        published = FIRST_DAY + timedelta(days=DAYS * number / count, seconds=random.randrange(3600))
        state = random.choice(STATES)
        article = Article(
            id=name,
            url=f"https://paper{source}.example/{number}",
            title=" ".join(body[:9]).capitalize(),
            text=_paragraphs(body),
            source=f"Paper {source}",
            source_kind="news",
            home=STATES[source % len(STATES)],
            feed=make_id("feed", str(source)),
            entry=name,
            first_seen=published,
            published=None if random.random() < 0.03 else published,
            lang="en",
            kind=random.choice(("news", "news", "news", "wire", "opinion")),
            places=(f"City {random.randrange(50)}, {state}",),
            stages=(random.choice(STAGES),) if random.random() < 0.2 else (),
            directions=("limits_cooperation",) if random.random() < 0.2 else (),
            fingerprints=tuple(random.getrandbits(63) for _ in range(40)),
            story=story,
            pending=False,
        )
        yield article, [_entry(article, which) for which in range(3)]


def build(archive: Archive, count: int) -> None:
    """Fills an empty archive and tells how long writing took."""
    writing = 0.0
    made = articles(count)
    while batch := list(itertools.islice(made, BATCH)):
        begin = time.perf_counter()
        archive.create_many([entry for _, entries in batch for entry in entries])
        archive.create_many([article for article, _ in batch])
        writing += time.perf_counter() - begin
    print(f"{count:,} articles and {3 * count:,} entries written in {writing:.0f} s")


def measure(ask: Callable[[], object], rounds: int) -> tuple[float, float]:
    """p50 and p95 of the time of a question, in milliseconds."""
    times = []
    for _ in range(rounds):
        begin = time.perf_counter()
        ask()
        times.append((time.perf_counter() - begin) * 1000)
    times.sort()
    return times[len(times) // 2], times[min(len(times) - 1, int(len(times) * 0.95))]


def page(archive: Archive, query: str) -> int:
    """What the search page asks first: newest 20, total, highlighted titles and snippets."""
    tree = parse(query)
    hits = archive.search(tree, limit=20)
    for article in hits.articles:
        highlight(tree, "title", article.title)
        highlight(tree, "body", article.text, around=120)
    return hits.total


def charts(archive: Archive, query: str) -> None:
    """What the search page asks next: days, sources, places."""
    archive.charts(parse(query), timeline=True, sources=True, facets={"place": 20}, zone="America/Los_Angeles")


def read_options(says: str, *, rounds: int) -> argparse.Namespace:
    """The command line of a benchmark that asks an archive: ``articles``, ``rounds`` and where the archive is."""
    parser = argparse.ArgumentParser(description=says, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--file", type=Path, help="kept and used again; default: a temporary one")
    parser.add_argument("--elasticsearch", action="store_true", help="on an Elasticsearch node started for this")
    parser.add_argument("--url", default="", help="of an archive that is kept and used again")
    return parser.parse_args()


@contextmanager
def filled(options: argparse.Namespace) -> Iterator[tuple[Archive, str]]:
    """The archive that is asked for, filled with articles unless it is already, and its URL. One on Elasticsearch
    counts anew each time."""
    with ExitStack() as stack:
        url = _url(options, stack)
        archive = open_archive(url)
        stack.callback(archive.close)
        if not archive.count(Article):
            build(archive, options.articles)
            archive.refresh()
        if kind_of(url) == "elasticsearch":
            from benchmarks._elasticsearch import without_cache

            without_cache(archive)  # type: ignore[arg-type] # told by its URL
        yield archive, url


def kind_of(url: str) -> str:
    """``sqlite`` or ``elasticsearch``."""
    return "sqlite" if url.startswith("sqlite") else "elasticsearch"


def main() -> None:
    options = read_options(str(__doc__), rounds=40)
    with filled(options) as (archive, url):
        kind = kind_of(url)
        print(f"{archive.count(Article):,} articles on {kind}; p50 / p95 in ms")
        slowest, slowest_charts = compare(archive, options.rounds)
        print(f"newest 20 + total + snippets: slowest p95 {slowest:.1f} ms, limit {LIMIT_MS[kind]:.0f} ms")
        limits = zip(("up to 20,000 hits", "beyond"), CHARTS_LIMIT_MS[kind], slowest_charts, strict=True)
        for what, limit, p95 in limits:
            print(f"days + sources + places, {what}: slowest p95 {p95:.1f} ms, limit {limit:.0f} ms")


def _url(options: argparse.Namespace, stack: ExitStack) -> str:
    if options.url:
        return str(options.url)
    if options.elasticsearch:
        from benchmarks._elasticsearch import new_prefix, server_url

        return f"{stack.enter_context(server_url(''))}/{new_prefix()}?replicas=0"
    file = options.file or Path(stack.enter_context(TemporaryDirectory())) / "archive.sqlite3"
    return f"sqlite:///{file.absolute()}"


def compare(archive: Archive, rounds: int) -> tuple[float, tuple[float, float]]:
    """Prints a line for each query; returns the slowest p95 of a first page, and those of the charts of results up to
    ``CHARTS_HITS`` and of larger ones."""
    facets = dict.fromkeys(("source", "kind", "place", "state", "stage", "direction", "lang"), 20)
    zone = "America/Los_Angeles"
    begin = time.perf_counter()
    archive.charts(None, timeline=True)
    print(f"first count of the process: {(time.perf_counter() - begin) * 1000:.0f} ms")
    cold = [measure(partial(ask, archive, query), 1)[1] for query in QUERIES for ask in (page, charts)]
    for _ in range(WARM_UP):
        for query in QUERIES:
            page(archive, query)
            charts(archive, query)
    print(f"each page and its charts once, before the warm-up: at most {max(cold):.0f} ms")
    head = ("newest page", "charts", "best page", "timeline", "sources", "facets", "heat map")
    print(f"{'query':48}{'hits':>9}{''.join(f'{name:>15}' for name in head)}")
    slowest, slowest_charts = 0.0, [0.0, 0.0]
    for query in QUERIES:
        tree = parse(query)
        first = measure(partial(page, archive, query), rounds)
        hits = archive.search(tree, limit=1).total
        others = [
            measure(partial(charts, archive, query), rounds),
            *(
                measure(ask, max(5, rounds // 4))
                for ask in (
                    lambda tree=tree: archive.search(tree, sort="relevance"),
                    lambda tree=tree: archive.charts(tree, by="week", timeline=True, zone=zone),
                    lambda tree=tree: archive.charts(tree, sources=True),
                    lambda tree=tree: archive.charts(tree, facets=facets),
                    lambda tree=tree: archive.charts(tree, by="week", heat=12, zone=zone),
                )
            ),
        ]
        slowest = max(slowest, first[1])
        large = hits > CHARTS_HITS
        slowest_charts[large] = max(slowest_charts[large], others[0][1])
        figures = "".join(f"{f'{p50:.1f} / {p95:.1f}':>15}" for p50, p95 in (first, *others))
        print(f"{query or '(everything)':48}{hits:>9,}{figures}")
    return slowest, (slowest_charts[0], slowest_charts[1])


def _word(random: Random) -> str:
    return "".join(random.choice("bcdfglmnprstv") + random.choice("aeiou") for _ in range(random.randint(2, 4)))


def _paragraphs(body: list[str]) -> str:
    return ".\n\n".join(" ".join(body[start : start + 60]) for start in range(0, len(body), 60)) + "."


def _entry(article: Article, which: int) -> Entry:
    name = article.id if which == 0 else make_id("entry", article.id, str(which))
    return Entry(
        id=name, url=f"{article.url}/{which}", feed=article.feed, source=article.source, first_seen=article.first_seen,
        item=Item(id=name, title=article.title, link=article.url), published=article.published,
        outcome="article" if which == 0 else "discard", reason="" if which == 0 else "irrelevant",
    )  # fmt: skip


if __name__ == "__main__":
    main()
