"""Writes: create once, compare-and-set, delete, and what each answer means.

Every document carries the token of the write that stored it. A request that is repeated because its answer was lost
finds its own token in the document, and is told apart from one that lost to somebody else.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias

from pipeline import errors
from pipeline.archive.base import Created, Version
from pipeline.archive.elastic.client import Item, Server, lasts, refusal
from pipeline.archive.elastic.documents import document, read_version, version_of
from pipeline.archive.elastic.layout import Layout
from pipeline.model import Record

Verdict: TypeAlias = Literal["created", "exists", "ask", "again", "refused", "broken"]
"""``ask``: it exists, and may be what this very call wrote. ``broken``: nothing of this kind can be written."""


def judge(item: Item, *, repeated: bool) -> Verdict:
    """What an answer to ``create`` means. ``repeated``: the same was sent before, and its answer was lost."""
    if 200 <= item.status < 300:
        return "created"
    if item.status == 409:
        return "ask" if repeated else "exists"
    if lasts(item):
        return "again"
    if item.status in (401, 403, 404):
        return "broken"
    return "refused"


def token() -> str:
    """One for each write."""
    return secrets.token_hex(8)


class Writer:
    """Writes to one archive."""

    def __init__(self, server: Server, layout: Layout) -> None:
        self._server = server
        self._layout = layout
        self._subject = str(layout.address)

    def create_many(self, records: Sequence[Record]) -> list[Created]:
        """See ``Archive.create_many``. Raises ``errors.Unavailable`` when some could not be written although they
        were sent again and again: what was written stays, and creating them all once more is harmless."""
        outcomes: list[Created | None] = [None] * len(records)
        write = token()
        actions: dict[int, dict[str, Any]] = {}
        for number, record in enumerate(records):
            try:
                actions[number] = self._creation(record, f"{write}-{number}")
            except errors.Quarantine as error:
                outcomes[number] = Created(record.id, "refused", error.reason)
        repeated, sent = False, 0
        while actions:
            numbers = list(actions)
            items, missed = self._server.bulk(list(actions.values()))
            for number, item in zip(numbers, items, strict=True):
                verdict = judge(item, repeated=repeated)
                if verdict == "broken":
                    raise refusal(item.status, item.error, item.reason, self._subject)
                if verdict != "again":
                    outcomes[number] = self._outcome(records[number], actions.pop(number), verdict, item)
            if actions and not self._server.pause(sent):
                last = next(item for item in items if lasts(item))
                raise self._not_written(len(actions), len(records), last)
            repeated |= missed
            sent += 1
        return [outcome for outcome in outcomes if outcome]

    def replace(self, record: Record, version: Version) -> Version:
        """See ``Archive.replace``."""
        write = token()
        made = document(record, write)
        read = read_version(version)
        if read is None:
            raise errors.Conflict(f"somebody else changed the {record.KIND} first", subject=record.id)
        target = self._layout.target(type(record))
        answer, repeated = self._server.write(
            lambda client: client.index(
                index=target, id=record.id, document=made, if_seq_no=read[0], if_primary_term=read[1],
                require_alias=True,
            )
        )  # fmt: skip
        if "_seq_no" in answer:
            return version_of(answer)
        stored = self._stored(type(record), record.id)
        if repeated and stored is not None and stored["_source"]["write"] == write:
            return version_of(stored)
        if stored is None:
            raise errors.Conflict(f"the {record.KIND} is gone", subject=record.id)
        raise errors.Conflict(f"somebody else changed the {record.KIND} first", subject=record.id)

    def delete(self, kind: type[Any], id: str) -> bool:
        """See ``Archive.delete``."""
        target = self._layout.target(kind)
        answer, repeated = self._server.write(lambda client: client.delete(index=target, id=id))
        return answer.get("result") == "deleted" or repeated

    # ------------------------------------------------------------------ inside
    def _creation(self, record: Record, write: str) -> dict[str, Any]:
        return {
            "_op_type": "create",
            "_index": self._layout.target(type(record)),
            "_id": record.id,
            "_source": document(record, write),
        }

    def _outcome(self, record: Record, action: Mapping[str, Any], verdict: Verdict, item: Item) -> Created:
        if verdict == "refused":
            return Created(record.id, "refused", f"the {record.KIND} cannot be stored: {item.reason}")
        if verdict == "ask":
            stored = self._stored(type(record), record.id)
            ours = stored is not None and stored["_source"]["write"] == action["_source"]["write"]
            verdict = "created" if ours else "exists"
        return Created(record.id, "created" if verdict == "created" else "exists")

    def _stored(self, kind: type[Any], id: str) -> Mapping[str, Any] | None:
        return get(self._server, self._layout.alias(kind), id, source_includes=["write"])

    def _not_written(self, left: int, asked: int, item: Item) -> errors.PipelineError:
        why = refusal(item.status, item.error, item.reason, "") if item.status else None
        told = why.reason if why else item.reason or "Elasticsearch does not answer"
        return errors.Unavailable(f"{left} of {asked} records were not written: {told}", subject=self._subject)


def get(server: Server, index: str, id: str, **more: Any) -> Mapping[str, Any] | None:
    """A document by id as it is now, whatever searches see; None when there is none. ``more``: of the request."""
    if not id or len(id.encode()) > 512:
        return None  # no such id can be stored
    found: Mapping[str, Any] = server.find(lambda client: client.get(index=index, id=id, **more))
    return found if found.get("found") else None
