"""The archive in Elasticsearch: records as whole documents, the analyst's questions as searches and aggregations.

A write is acknowledged by every copy of its shard that is in step before the call returns; reading by id sees it at
once, ``scan`` and questions after ``refresh`` or the index's refresh interval. A version is a document's sequence
number and primary term. Nothing here needs scripts, or changes documents by query.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Literal

from pipeline import errors
from pipeline.archive.asking import TIME_LIMIT, checked_facets, checked_limit
from pipeline.archive.base import Charts, Created, Hits, Stored, Version, Where
from pipeline.archive.days import By
from pipeline.archive.elastic import care, indices, paging, scanning
from pipeline.archive.elastic.address import Address
from pipeline.archive.elastic.client import PAUSES, TIMEOUT, Server, whole
from pipeline.archive.elastic.counting import Counter, Wanted
from pipeline.archive.elastic.documents import record_of, stored
from pipeline.archive.elastic.layout import Layout
from pipeline.archive.elastic.selection import select
from pipeline.archive.elastic.verification import differences
from pipeline.archive.elastic.writing import Writer, get
from pipeline.archive.query import Node
from pipeline.model import Article, Entry, R, Record

log = logging.getLogger(__name__)


class ElasticArchive:
    """See ``base.Archive``."""

    def __init__(
        self,
        address: Address,
        *,
        layout: Layout | None = None,
        time_limit: float = TIME_LIMIT,
        timeout: float = TIMEOUT,
        pauses: Sequence[float] = PAUSES,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Makes the indices that are missing; ten processes may do it at once.

        ``time_limit``: seconds a question may take; ``timeout``: seconds any request may take; ``pauses``: seconds
        before each repetition of a write that found no server, or a busy one. Raises ``errors.UserError`` when the
        server is no Elasticsearch 9, refuses the user, or holds indices made by other rules (which ``archive
        migrate`` brings up to date), ``errors.Unavailable`` when it does not answer.
        """
        self.server = Server(address, timeout=timeout, pauses=pauses, sleep=sleep)
        self.layout = layout or Layout(address)
        self._writer = Writer(self.server, self.layout)
        self._time_limit = f"{max(1, round(time_limit * 1000))}ms"
        self._counter = Counter(self.server, self.layout.alias(Article), self.layout.alias(Entry), self._time_limit)
        self._written = False
        try:
            indices.check_server(self.server)
            indices.ensure(self.server, self.layout)
        except BaseException:
            self.server.close()
            raise

    # ------------------------------------------------------------------ records
    def get(self, kind: type[R], id: str) -> Stored[R] | None:
        found = get(self.server, self.layout.alias(kind), id)
        return None if found is None else stored(kind, found)

    def create(self, record: Record) -> Version | None:
        (created,) = self.create_many([record])
        if created.outcome == "refused":
            raise errors.Quarantine(created.reason, subject=record.id)
        return created.version or None

    def create_many(self, records: Sequence[Record]) -> list[Created]:
        self._written = True
        return self._writer.create_many(records)

    def replace(self, record: Record, version: Version) -> Version:
        self._written = True
        return self._writer.replace(record, version)

    def delete(self, kind: type[R], id: str) -> bool:
        self._written = True
        return self._writer.delete(kind, id)

    def scan(
        self,
        kind: type[R],
        where: Where | None = None,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        after: str = "",
        n: int = 500,
    ) -> list[Stored[R]]:
        query = scanning.condition(kind, where or {}, since, until)
        return [stored(kind, hit) for hit in scanning.scan(self.server, self.layout.alias(kind), query, after, n)]

    def count(self, kind: type[R], where: Where | None = None) -> int:
        query, alias = scanning.condition(kind, where or {}), self.layout.alias(kind)
        answer = self.server.ask(lambda client: client.count(index=alias, query=query))
        counted: int = whole(answer, str(self.layout.address))["count"]
        return counted

    # ------------------------------------------------------------------ questions
    def search(
        self,
        query: Node | None,
        *,
        sort: Literal["newest", "relevance"] = "newest",
        limit: int = 20,
        after: str = "",
        zone: str = "UTC",
    ) -> Hits:
        page = paging.newest if sort == "newest" else paging.best
        selected = select(query, zone)
        return page(self.server, self.layout.alias(Article), selected, checked_limit(limit), after, self._time_limit)

    def charts(
        self,
        query: Node | None,
        *,
        by: By = "day",
        timeline: bool = False,
        sources: bool = False,
        heat: int = 0,
        facets: Mapping[str, int] | None = None,
        zone: str = "UTC",
    ) -> Charts:
        wanted = Wanted(by, zone, timeline, sources, heat, checked_facets(facets))
        return self._counter.charts(select(query, zone), wanted)

    # ------------------------------------------------------------------ care
    def health(self) -> str:
        try:
            return care.health(self.server, self.layout)
        except errors.PipelineError as error:
            return str(error)

    def refresh(self, *kinds: type[Record]) -> None:
        if kinds:
            indices.refresh(self.server, ",".join(self.layout.alias(kind) for kind in kinds))
            return
        indices.refresh(self.server, self.layout.aliases)
        self._written = False

    def close(self) -> None:
        """What was written is visible to whoever asks next, if the server still answers."""
        if self._written:
            with suppress(errors.PipelineError):
                self.refresh()
        self.server.close()

    def verify(self) -> list[str]:
        """What is wrong, one sentence each. Everything that is made from a record is compared with it, for all
        records; whether an article's words are found, for ``verification.SAMPLE`` of them."""
        self.refresh()
        return differences(self.server, self.layout)

    def backup(self, path: Path) -> None:
        """Writes all records into a new SQLite archive, as they are at the beginning, while others go on working.
        Raises ``errors.UserError`` when the file exists."""
        self.refresh()
        care.backup(self.server, self.layout, path)

    def forget(self, id: str) -> bool:
        """Removes an article and the entries of its address; False when nothing is known by that id. Interrupted, it
        can be repeated: the article, which names its entry, goes last."""
        found = get(self.server, self.layout.alias(Article), id)
        entries = {id} | ({record_of(Article, found).entry} if found else set())
        gone = [self.delete(Entry, entry) for entry in entries]
        gone.append(self.delete(Article, id))
        return any(gone)
