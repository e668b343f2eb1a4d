"""Writes: create once, compare-and-set, delete, and what each answer means.

Every document carries the token of the write that stored it. A write that was done although its answer was lost finds
its own token in the document, and is told apart from one that lost to somebody else. Every conflict asks for it: when a
primary shard dies in the middle of a write, Elasticsearch itself sends it to the next, where it may stand already.
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

Verdict: TypeAlias = Literal["created", "exists", "again", "refused", "broken"]
"""``exists``: perhaps this very call wrote it. ``broken``: nothing of this kind can be written."""


def judge(item: Item) -> Verdict:
    """What an answer to ``create`` means."""
    if 200 <= item.status < 300:
        return "created"
    if item.status == 409:
        return "exists"
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
        sent = 0
        while actions:
            items = dict(zip(actions, self._server.bulk(list(actions.values())), strict=True))
            there: dict[int, dict[str, Any]] = {}
            for number, item in items.items():
                verdict = judge(item)
                if verdict == "broken":
                    raise refusal(item.status, item.error, item.reason, self._subject)
                if verdict == "again":
                    continue
                action, record = actions.pop(number), records[number]
                if verdict == "created":
                    outcomes[number] = Created(record.id, "created", version=item.version)
                elif verdict == "exists":
                    there[number] = action
                else:
                    why = f"the {record.KIND} cannot be stored: {item.reason}"
                    outcomes[number] = Created(record.id, "refused", why)
            for number, version in self._ours(there).items():
                outcomes[number] = Created(records[number].id, "created" if version else "exists", version=version)
            if actions and not self._server.pause(sent):
                last = next(item for item in items.values() if lasts(item))
                raise self._not_written(len(actions), len(records), last)
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
        answer, _ = self._server.write(
            lambda client: client.index(
                index=target, id=record.id, document=made, if_seq_no=read[0], if_primary_term=read[1],
                require_alias=True,
            )
        )  # fmt: skip
        if "_seq_no" in answer:
            return version_of(answer)
        stored = get(self._server, self._layout.alias(type(record)), record.id, source_includes=["write"])
        if stored is not None and stored["_source"]["write"] == write:
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

    def _ours(self, actions: Mapping[int, Mapping[str, Any]]) -> dict[int, Version]:
        """The version of each document that stands where these creations wanted to write, '' where it is another's."""
        if not actions:
            return {}
        wanted = [{"_index": a["_index"], "_id": a["_id"], "_source": ["write"]} for a in actions.values()]
        answer = self._server.ask(lambda client: client.mget(docs=wanted))
        found: dict[int, Version] = {}
        for (number, action), there in zip(actions.items(), answer["docs"], strict=True):
            if "error" in there:
                raise errors.Unavailable("Elasticsearch does not tell whose a document is", subject=action["_id"])
            ours = there["found"] and there["_source"]["write"] == action["_source"]["write"]
            found[number] = version_of(there) if ours else ""
        return found

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
