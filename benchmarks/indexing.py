"""What our archive adds to Elasticsearch: ``python -m benchmarks.indexing [--articles 10000] [--url URL]``.

Two comparisons in one run, the server the same (``--url elasticsearch+http://host:port``, else a node is started):

1. Writing synthetic articles with ``create_many`` against a bare ``streaming_bulk`` of the same documents, prepared
   beforehand; batches take turns. Splitting texts into words is counted apart, since it is the tokenising that the
   server need not do. Limit: at least 0.85 of the bare rate.
2. Timeline, sources and first page of a query against the same searches and aggregations sent by hand. Limit: at most
   1.3 times their time.
"""

from __future__ import annotations

import argparse
import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any

from elasticsearch import Elasticsearch
from elasticsearch.helpers import streaming_bulk

from benchmarks import _elasticsearch, _harness
from benchmarks.search import BATCH, articles
from pipeline.archive.elastic.address import read_address
from pipeline.archive.elastic.archive import ElasticArchive
from pipeline.archive.elastic.client import CHUNK, CHUNK_BYTES
from pipeline.archive.elastic.documents import document
from pipeline.archive.query import parse
from pipeline.archive.records import spaced
from pipeline.model import Article, Entry

WRITING_LIMIT = 0.85
ASKING_LIMIT = 1.3
ZONE = "America/Los_Angeles"
QUERIES = ("sanctuary", '"sanctuary city"', "287(g)", "the")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--url", default="", help="elasticsearch+http(s)://[user:password@]host:port, without a prefix")
    options = parser.parse_args()
    print(_harness.machine())
    with _elasticsearch.server_url(options.url) as server, new_archive(server) as ours, new_archive(server) as bare:
        written = compare_writing(ours, bare, options.articles)
        _elasticsearch.without_cache(ours)
        asked = compare_asking(ours, options.rounds)
    print(f"writing: {written:.2f} of the bare rate, limit {WRITING_LIMIT}")
    print(f"asking: {asked:.2f} times the time by hand, limit {ASKING_LIMIT}")


@contextmanager
def new_archive(server: str) -> Iterator[ElasticArchive]:
    """An archive of its own, removed at the end."""
    archive = ElasticArchive(read_address(f"{server}/{_elasticsearch.new_prefix()}?replicas=0"))
    try:
        yield archive
    finally:
        _elasticsearch.remove(archive)
        archive.server.close()


# ------------------------------------------------------------------ writing
def compare_writing(ours: ElasticArchive, bare: ElasticArchive, count: int) -> float:
    """Prints both rates; returns ours as a share of the bare one."""
    client = Elasticsearch(list(bare.layout.address.hosts), request_timeout=60)
    target = bare.layout.target(Article)
    seconds = {"ours": 0.0, "bare": 0.0, "words": 0.0, "prepared": 0.0}
    made = articles(count)
    number = 0
    while batch := list(itertools.islice(made, BATCH)):
        records = [article for article, _ in batch]
        begin = time.perf_counter()
        for article in records:
            spaced(article.title), spaced(article.text)
        seconds["words"] += time.perf_counter() - begin
        begin = time.perf_counter()
        prepared = [document(article, "bare") for article in records]
        seconds["prepared"] += time.perf_counter() - begin

        def write_ours(records: list[Article] = records) -> None:
            assert {created.outcome for created in ours.create_many(records)} == {"created"}

        def write_bare(prepared: list[dict[str, Any]] = prepared) -> None:
            actions = (
                {"_op_type": "create", "_index": target, "_id": each["id"], "_source": each} for each in prepared
            )
            done = streaming_bulk(client, actions, chunk_size=CHUNK, max_chunk_bytes=CHUNK_BYTES, raise_on_error=False)
            assert all(ok for ok, _ in done)

        turns: list[tuple[str, Callable[[], None]]] = [("ours", write_ours), ("bare", write_bare)]
        for name, write in turns if number % 2 else turns[::-1]:
            begin = time.perf_counter()
            write()
            seconds[name] += time.perf_counter() - begin
        ours.create_many([entry for _, entries in batch for entry in entries])
        number += 1
    client.close()
    ours.refresh()
    without_words = seconds["ours"] - seconds["words"]
    _harness.print_table(
        ["writing", "seconds", "articles/s"],
        [
            ["bare streaming_bulk of prepared documents", f"{seconds['bare']:.1f}", f"{count / seconds['bare']:.0f}"],
            ["create_many", f"{seconds['ours']:.1f}", f"{count / seconds['ours']:.0f}"],
            ["  of it words()", f"{seconds['words']:.1f}", ""],
            ["  of it the rest of preparing", f"{seconds['prepared'] - seconds['words']:.1f}", ""],
            ["create_many without words()", f"{without_words:.1f}", f"{count / without_words:.0f}"],
        ],
    )
    return seconds["bare"] / without_words


# ------------------------------------------------------------------ asking
def compare_asking(archive: ElasticArchive, rounds: int) -> float:
    """Prints the time of each query both ways; returns the worst ratio of the medians."""
    client = Elasticsearch(list(archive.layout.address.hosts), request_timeout=60)
    rows, ratios = [], []
    for query in QUERIES:
        times: dict[str, list[float]] = {"ours": [], "by hand": []}
        turns: list[tuple[str, Callable[[], None]]] = [
            ("ours", lambda query=query: ask(archive, query)),  # type: ignore[misc]
            ("by hand", lambda query=query: ask_by_hand(client, archive, query)),  # type: ignore[misc]
        ]
        for number in range(rounds + 2):
            for name, question in turns if number % 2 else turns[::-1]:
                begin = time.perf_counter()
                question()
                if number > 1:  # the first two warm up
                    times[name].append((time.perf_counter() - begin) * 1000)
        ratios.append(median(times["ours"]) / median(times["by hand"]))
        rows.append([query, _harness.middle(times["by hand"]), _harness.middle(times["ours"]), f"{ratios[-1]:.2f}"])
    client.close()
    _harness.print_table(["timeline + sources + first page, ms", "by hand", "ours", "ratio"], rows)
    return max(ratios)


def ask(archive: ElasticArchive, query: str) -> None:
    """What the search page asks, without facets."""
    tree = parse(query)
    archive.search(tree, limit=20, zone=ZONE)
    archive.charts(tree, timeline=True, sources=True, zone=ZONE)


def ask_by_hand(client: Elasticsearch, archive: ElasticArchive, query: str) -> None:
    """The same in Elasticsearch's own words."""
    words = " ".join({"287(g)": "287 g"}.get(query, query.strip('"')).split())
    texts: list[dict[str, Any]] = [
        {"match_phrase": {field: {"query": words, "boost": boost}}}
        for field, boost in (("title_words", 8), ("body_words", 1))
    ]
    found: dict[str, Any] = {"dis_max": {"queries": texts}}
    articles_alias, entries_alias = archive.layout.alias(Article), archive.layout.alias(Entry)
    newest: list[Any] = [{"published": {"order": "desc", "missing": "_last"}}, {"id": "desc"}]
    client.search(index=articles_alias, query=found, size=21, sort=newest, track_total_hits=True)
    days: dict[str, Any] = {
        "field": "published", "calendar_interval": "day", "time_zone": ZONE, "format": "uuuu-MM-dd", "min_doc_count": 1,
    }  # fmt: skip
    stories = {"stories": {"cardinality": {"field": "story", "precision_threshold": 10_000}}}
    of_source = {**stories, "first": {"min": {"field": "published"}}, "last": {"max": {"field": "published"}}}
    counted = client.search(
        index=articles_alias, query=found, size=0, track_total_hits=False,
        aggs={
            "dates": {"date_histogram": days, "aggs": stories},
            "undated": {"missing": {"field": "published"}},
            "sources": {"terms": {"field": "where.source", "size": 5_000}, "aggs": of_source},
        },
    )["aggregations"]  # fmt: skip
    names = [bucket["key"] for bucket in counted["sources"]["buckets"]]
    buckets = counted["dates"]["buckets"]
    covered = {"gte": buckets[0]["key"] // 1000, "lt": buckets[-1]["key"] // 1000 + 86_400, "format": "epoch_second"}
    client.search(
        index=entries_alias, query={"terms": {"where.source": names}}, size=0, track_total_hits=False,
        aggs={
            "covered": {"filter": {"range": {"published": covered}}, "aggs": {"dates": {"date_histogram": days}}},
            "sources": {"terms": {"field": "where.source", "size": len(names)}},
        },
    )  # fmt: skip


if __name__ == "__main__":
    main()
