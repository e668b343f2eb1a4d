"""Whether an Elasticsearch archive agrees with itself: documents with the records they were made from, words, names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from pipeline import errors
from pipeline.archive.elastic.client import Server
from pipeline.archive.elastic.documents import WORDS, document, record_of
from pipeline.archive.elastic.layout import Layout
from pipeline.archive.elastic.scanning import frozen
from pipeline.archive.records import KEYS
from pipeline.archive.references import at_most, dangling
from pipeline.model import Article, R

SAMPLE = 500
"""Articles whose words are looked for: the first by id, which are hashes, so that they are a fair sample."""
_PHRASE = 20
"""Words of each text that are looked for."""


def differences(server: Server, layout: Layout) -> list[str]:
    """One sentence for each difference, none when all is well. The archive should have been refreshed."""
    with ExitStack() as stack:
        views = {kind: stack.enter_context(server.frozen(layout.alias(kind))) for kind in KEYS}
        reader = _Reader(server, views)
        found: list[str] = []
        for kind in KEYS:
            found += at_most(_documents(reader, kind))
        found += at_most(_words(reader))
        return found + at_most(dangling(reader))


@dataclass(frozen=True)
class _Reader:
    """See ``references.Reader``; everything as it was when the views were opened."""

    server: Server
    views: Mapping[type[Any], str]

    def hits(self, kind: type[Any]) -> Iterator[Mapping[str, Any]]:
        return frozen(self.server, self.views[kind])

    def ids(self, kind: type[Any]) -> set[str]:
        return {hit["_id"] for hit in self.hits(kind)}

    def every(self, kind: type[R]) -> Iterator[R]:
        for hit in self.hits(kind):
            try:
                yield record_of(kind, hit)
            except errors.Quarantine:
                continue  # it was told already

    def finds(self, name: str, field: str, words: list[str]) -> bool:
        """Whether an article's words are in the index."""
        query = {"bool": {"filter": [{"term": {"id": name}}, {"match_phrase": {field: " ".join(words)}}]}}
        pit = {"id": self.views[Article], "keep_alive": "5m"}
        answer = self.server.search(None, query=query, size=0, pit=pit, track_total_hits=True)
        return bool(answer["hits"]["total"]["value"])


def _documents(reader: _Reader, kind: type[Any]) -> Iterator[str]:
    for hit in reader.hits(kind):
        try:
            record = record_of(kind, hit)
        except errors.Quarantine as error:
            yield str(error)
            continue
        told = hit["_source"]
        wanted = document(record, told.get("write", ""))
        if record.id != hit["_id"] or any(
            told.get(name) != value for name, value in wanted.items() if name not in (*WORDS, "record")
        ):
            yield f"{kind.KIND} {hit['_id']} is kept under other values than it has"
        elif extra := set(told) - set(wanted):
            yield f"{kind.KIND} {hit['_id']} is kept with {', '.join(sorted(extra))}, which it has not"


def _words(reader: _Reader) -> Iterator[str]:
    for number, article in enumerate(reader.every(Article)):
        if number == SAMPLE:
            return
        made = document(article, "")
        for field in WORDS:
            words = made[field].split()
            if words and not (
                reader.finds(article.id, field, words[:_PHRASE]) and reader.finds(article.id, field, words[-_PHRASE:])
            ):
                yield f"article {article.id} is not found by its {field.replace('_', ' ')}"
