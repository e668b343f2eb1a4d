"""``archive migrate``: an index of another form is built anew beside the old one, through our own reader and writer.

Of each kind whose index has another form than this release's:

1. A new index is made beside it, without copies and without refreshing, and filled in passes: both are read in order
   of id, and what differs is written again (each document says from which version of the old one it was made), until a
   pass finds little. Whoever writes goes on writing meanwhile.
2. The old index is blocked for writing. Writers are told that the archive is unavailable and try again later; nothing
   is lost. A last pass takes over what came in between.
3. Both are counted and a sample is compared. Then, in one step, the aliases point to the new index. The old one is
   kept, blocked, for whoever wants to go back.

When something fails before the aliases moved, the new index is removed and the old one unblocked. What a killed
migration left is removed by the next one. Processes of the old release cannot write to the new index (see ``layout``)
and fail until they are restarted with the new release, which does not start before the migration is done.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pipeline import errors
from pipeline.archive.elastic import indices
from pipeline.archive.elastic.client import CHUNK, Server, lasts, refusal, whole
from pipeline.archive.elastic.documents import document, record_of, version_of
from pipeline.archive.elastic.indices import Index
from pipeline.archive.elastic.layout import Layout, newer
from pipeline.archive.elastic.scanning import page_of
from pipeline.archive.records import KEYS

log = logging.getLogger(__name__)

SAMPLE = 500
"""Documents that are compared before the aliases move: the first by id."""
FEW = 500
"""So many differences may be left for the last pass, during which writers wait."""
PASSES = 20
"""After so many passes the last one is made although much is still changing."""
_IDS = 5_000
_EVERYTHING: dict[str, Any] = {"match_all": {}}


@dataclass(frozen=True, slots=True)
class Migrated:
    """What was done for one kind."""

    kind: str
    old: str
    new: str
    records: int


def migrate(server: Server, layout: Layout, tell: Callable[[str], None] = log.info) -> list[Migrated]:
    """Brings all indices to this release's form; those that have it are left alone, those that are missing are made.

    ``tell`` is given a sentence about each step. Raises ``errors.UserError`` when an index is of a newer release,
    ``errors.Unavailable`` when the server does not answer (nothing is changed then).
    """
    indices.check_server(server)
    found = indices.survey(server, layout)
    done = []
    for kind in KEYS:
        for ruin in found[kind]:
            if ruin.building:
                tell(f"removed: {ruin.name}, which an earlier migration did not finish")
                _remove(server, ruin.name)
        old = indices.current(found[kind], layout, kind)
        if old is None or (old.form == layout.form(kind) and layout.target(kind) in old.aliases):
            continue
        if old.form and newer(old.form, layout.form(kind)):
            indices.check_form(old, layout, kind, str(server.address))
        numbers = [layout.number(kind, index.name) or 0 for index in found[kind]]
        done.append(_Rebuild(server, layout, kind, old, layout.index(kind, max(numbers) + 1), tell).run())
    indices.ensure(server, layout)
    return done


@dataclass(frozen=True)
class _Rebuild:
    """One index anew."""

    server: Server
    layout: Layout
    kind: type[Any]
    old: Index
    new: str
    tell: Callable[[str], None]

    @property
    def building(self) -> str:
        """An alias of the new index while it is being built: what is written through it cannot bring about an index
        by accident, should another migration have removed ours."""
        return f"{self.new}-building"

    def run(self) -> Migrated:
        self.tell(f"{self.old.name} (form {self.old.form or 'unknown'}) is being built anew as {self.new}")
        self._make()
        try:
            for _ in range(PASSES):
                if (changed := self._catch_up()) <= FEW:
                    break
                self.tell(f"{self.new}: {changed:,} records taken over")
            try:
                self._block()
                self._catch_up()
                self._finish()
                records = self._compare()
                self._swap()
            except BaseException:
                self._unblock()
                raise
        except BaseException:
            _remove(self.server, self.new)
            raise
        self.tell(f"{self.new}: {records:,} records, in use; {self.old.name} is kept")
        return Migrated(self.kind.KIND, self.old.name, self.new, records)

    # ------------------------------------------------------------------ steps
    def _make(self) -> None:
        body = self.layout.body(self.kind)
        settings = {name: value for name, value in body["settings"].items() if name not in _LATER}
        settings |= {"index.number_of_replicas": 0, "index.refresh_interval": "-1"}
        mappings = {**body["mappings"], "_meta": {**body["mappings"]["_meta"], "building": True}}
        self.server.ask(
            lambda client: client.indices.create(
                index=self.new, mappings=mappings, settings=settings, aliases={self.building: {}}
            )
        )

    def _catch_up(self) -> int:
        """Makes the new index equal to the old one as it is now; returns how many documents differed."""
        indices.refresh(self.server, f"{self.old.name},{self.new}")
        changed = 0
        portion: list[str] = []
        for name in self._differing():
            portion.append(name)
            changed += 1
            if len(portion) == CHUNK:
                self._take_over(portion)
                portion = []
        if portion:
            self._take_over(portion)
        return changed

    def _differing(self) -> Iterator[str]:
        """Ids of which the new index has another version than the old one, or only one of both has a document."""
        old = self._versions(self.old.name, lambda hit: version_of(hit))
        new = self._versions(self.new, lambda hit: str(hit["_source"]["write"]))
        left, right = next(old, None), next(new, None)
        while left or right:
            if left and right and left[0] == right[0]:
                if left[1] != right[1]:
                    yield left[0]
                left, right = next(old, None), next(new, None)
            elif left and (not right or left[0] < right[0]):
                yield left[0]
                left = next(old, None)
            elif right:
                yield right[0]
                right = next(new, None)

    def _versions(self, index: str, read: Callable[[Mapping[str, Any]], str]) -> Iterator[tuple[str, str]]:
        """Id and version of all documents, in order of id."""
        after = ""
        while True:
            page = page_of(self.server, index, _EVERYTHING, after=after, size=_IDS, source=["write"])
            yield from ((hit["_id"], read(hit)) for hit in page)
            if len(page) < _IDS:
                return
            after = page[-1]["_id"]

    def _take_over(self, names: list[str]) -> None:
        found = self.server.ask(lambda client: client.mget(index=self.old.name, ids=names))["docs"]
        actions = []
        for hit in found:
            if "error" in hit:
                raise errors.Unavailable(f"{self.old.name} cannot be read: {hit['error']}", subject=hit["_id"])
            action: dict[str, Any] = {"_op_type": "delete", "_index": self.building, "_id": hit["_id"]}
            if hit["found"]:
                source = document(record_of(self.kind, hit), version_of(hit))
                action |= {"_op_type": "index", "_source": source}
            actions.append(action)
        sent = 0
        while actions:
            items = self.server.bulk(actions)
            again = []
            for action, item in zip(actions, items, strict=True):
                if lasts(item):
                    again.append(action)
                elif not (200 <= item.status < 300 or (item.status == 404 and action["_op_type"] == "delete")):
                    raise refusal(item.status, item.error, item.reason, str(action["_id"]), errors.UserError)
            actions = again
            if actions and not self.server.pause(sent):
                raise errors.Unavailable(f"{len(actions)} records could not be written", subject=self.new)
            sent += 1

    def _finish(self) -> None:
        """Gives the new index its proper settings; its copies follow while it is in use already."""
        wanted = self.layout.body(self.kind)["settings"]
        later = {name: value for name, value in wanted.items() if name in _LATER}
        mappings = self.layout.body(self.kind)["mappings"]
        self.server.ask(lambda client: client.indices.put_settings(index=self.new, settings=later))
        self.server.ask(lambda client: client.indices.put_mapping(index=self.new, meta=mappings["_meta"]))
        indices.refresh(self.server, f"{self.old.name},{self.new}")

    def _compare(self) -> int:
        """Raises ``errors.UserError`` when the new index does not hold what the old one does; else how many."""
        counts = [self._count(name) for name in (self.old.name, self.new)]
        if counts[0] != counts[1]:
            raise errors.UserError(f"{self.new} holds {counts[1]:,} records, not {counts[0]:,}", subject=self.old.name)
        samples = [
            [(hit["_id"], hit["_source"]["record"]) for hit in page_of(
                self.server, name, _EVERYTHING, after="", size=SAMPLE)]
            for name in (self.old.name, self.new)
        ]  # fmt: skip
        if samples[0] != samples[1]:
            raise errors.UserError(f"{self.new} holds other records than the old index", subject=self.old.name)
        return counts[1]

    def _count(self, index: str) -> int:
        counted: int = whole(self.server.ask(lambda client: client.count(index=index)), index)["count"]
        return counted

    def _swap(self) -> None:
        """Lets all aliases point to the new index, in one step."""
        actions: list[dict[str, Any]] = [
            {"remove": {"index": self.old.name, "alias": alias}} for alias in sorted(self.old.aliases)
        ]
        actions += [
            {"add": {"index": self.new, "alias": self.layout.alias(self.kind)}},
            {"add": {"index": self.new, "alias": self.layout.target(self.kind), "is_write_index": True}},
            {"remove": {"index": self.new, "alias": self.building}},
        ]
        self.server.ask(lambda client: client.indices.update_aliases(actions=actions))

    def _block(self) -> None:
        """No write is under way any more when this returns."""
        self.server.ask(lambda client: client.indices.add_block(index=self.old.name, block="write"))

    def _unblock(self) -> None:
        settings = {"index.blocks.write": None}
        self.server.ask(lambda client: client.indices.put_settings(index=self.old.name, settings=settings))


_LATER = ("index.number_of_replicas", "index.auto_expand_replicas", "index.refresh_interval")
"""Settings that would only cost time while an index is being built."""


def _remove(server: Server, index: str) -> None:
    server.ask(lambda client: client.indices.delete(index=index, ignore_unavailable=True))
