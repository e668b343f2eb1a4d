"""Elasticsearch as this project speaks to it: one client per process, requests that are repeated when that may help,
errors in the project's words. The only module that knows the client library.

A request is repeated after growing pauses when the server was not reached, did not answer in time (once), or answered
429, 502, 503 or 504. After any of these but 429 it is not known whether a write was done: the caller is told that it
was repeated, and asks. Every message names the servers without credentials.
"""

from __future__ import annotations

import os
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeAlias

from elasticsearch import ApiError, Elasticsearch, UnsupportedProductError
from elasticsearch.exceptions import ConnectionTimeout, SerializationError, SSLError, TransportError
from elasticsearch.helpers import streaming_bulk

from pipeline import errors
from pipeline.archive.base import Version
from pipeline.archive.elastic.address import Address
from pipeline.archive.elastic.documents import version_of

TIMEOUT = 20.0
"""Seconds that one request may take."""
PAUSES = (0.2, 0.5, 1.0, 2.0, 4.0)
"""Seconds before each repetition of a write; a question is repeated ``ASKED_AGAIN`` times."""
ASKED_AGAIN = 2
CHUNK = 500
"""Documents of one bulk request: more or fewer were not faster."""
CHUNK_BYTES = 10 << 20
MAJOR = 9
"""Of the server: the client of this release speaks to no other."""
CONNECTIONS = 32
"""To each server; more threads than that wait for each other."""

Body: TypeAlias = Any
Call: TypeAlias = Callable[[Elasticsearch], Any]

_REPEAT = frozenset({429, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Item:
    """What the server said of one document of a bulk request. ``status`` 0: nothing."""

    status: int
    reason: str = ""
    error: str = ""
    version: Version = ""
    """Of a document that was written."""


class Server:
    """A cluster, by the addresses of one or more of its nodes. Threads may share it; a forked child connects anew."""

    def __init__(
        self,
        address: Address,
        *,
        timeout: float = TIMEOUT,
        pauses: Sequence[float] = PAUSES,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.address = address
        self.timeout = timeout
        self.pauses = tuple(pauses)
        self._sleep = sleep
        self._lock = threading.Lock()
        self._client: tuple[int, Elasticsearch] | None = None

    # ------------------------------------------------------------------ requests
    def ask(self, call: Call) -> Body:
        """The answer to a question. Raises ``errors.Unavailable`` and ``errors.UserError``."""
        body, _ = self._request(call, self.pauses[:ASKED_AGAIN])
        return body

    def find(self, call: Call) -> Body:
        """As ``ask``, of something that may not be there: then the answer is ``{"status": 404}``. (The library's own
        way, ``options(ignore_status=404)``, makes a new client each time: a tenth of a worker's time.)"""
        body, _ = self._request(lambda client: _answered(call, client), self.pauses[:ASKED_AGAIN])
        return body

    def write(self, call: Call) -> tuple[Body, bool]:
        """The answer to a write, and whether it may have been done before (the request was repeated). Answers with
        one of the statuses 404 and 409 are answers too: ``{"status": 409}``. Raises as ``ask`` and, when the server
        refuses what was to be written, ``errors.Quarantine``."""
        return self._request(lambda client: _answered(call, client), self.pauses, refused=errors.Quarantine)

    def search(self, index: str | None, **body: Any) -> Body:
        """The answer to a search, a whole one: raises ``errors.Unavailable`` when a part of the index did not answer
        (``index`` None: the body names a point in time)."""
        named: dict[str, Any] = {} if index is None else {"index": index, "allow_partial_search_results": False}
        return whole(self.ask(lambda client: client.search(**named, **body)), str(self.address))

    def bulk(self, actions: Sequence[dict[str, Any]]) -> list[Item]:
        """Sends each action once; what became of each, in order. Items without an answer (status 0) may have been done
        all the same."""
        items: list[Item] = []
        done = streaming_bulk(
            self._connected(), actions, chunk_size=CHUNK, max_chunk_bytes=CHUNK_BYTES, max_retries=0,
            raise_on_error=False, raise_on_exception=False, require_alias=True,
        )  # fmt: skip
        try:
            items.extend(_item(answer) for _, answer in done)
        except (TransportError, SerializationError) as error:
            if _untrusted(error):
                raise translated(error, str(self.address)) from error
            items += [Item(0, str(translated(error, str(self.address)).reason))] * (len(actions) - len(items))
        return items

    def pause(self, number: int) -> bool:
        """Waits before the repetition of that number (from 0); False when there are no more."""
        if number >= len(self.pauses):
            return False
        self._sleep(self.pauses[number])
        return True

    def close(self) -> None:
        """Closes the connections of this process; the next request opens new ones."""
        with self._lock:
            if self._client and self._client[0] == os.getpid():
                self._client[1].close()
            self._client = None

    # ------------------------------------------------------------------ frozen views
    @contextmanager
    def frozen(self, index: str, keep_alive: str = "5m") -> Iterator[str]:
        """The id of a point in time of an index, closed at the end."""
        opened = self.ask(lambda client: client.open_point_in_time(index=index, keep_alive=keep_alive))
        try:
            yield opened["id"]
        finally:
            with suppress(errors.PipelineError):  # it ends by itself
                self.ask(lambda client: client.close_point_in_time(id=opened["id"]))

    # ------------------------------------------------------------------ inside
    def _connected(self) -> Elasticsearch:
        with self._lock:
            if self._client is None or self._client[0] != os.getpid():
                self._client = (os.getpid(), self._connect())
            return self._client[1]

    def _connect(self) -> Elasticsearch:
        address = self.address
        ca: dict[str, Any] = {"ca_certs": str(address.ca)} if address.ca else {}
        try:
            return Elasticsearch(
                list(address.hosts),
                basic_auth=(address.user, address.password) if address.user else None,
                **ca,
                request_timeout=self.timeout,
                http_compress=address.compress,
                max_retries=0,
                retry_on_timeout=False,
                connections_per_node=CONNECTIONS,
                opaque_id=f"sanctuary-watch-{os.getpid()}-{secrets.token_hex(3)}",
            )
        except OSError as error:  # ssl.SSLError among them: the file holds no certificate
            raise errors.UserError(f"the file {address.ca} cannot be used: {error}") from None

    def _request(
        self, call: Call, pauses: Sequence[float], refused: type[errors.PipelineError] = errors.UserError
    ) -> tuple[Body, bool]:
        repeated, timeouts, number = False, 0, 0
        while True:
            try:
                answer = call(self._connected())
                return getattr(answer, "body", answer), repeated
            except (ApiError, TransportError, SerializationError) as error:
                timeouts += isinstance(error, ConnectionTimeout)
                if number == len(pauses) or timeouts > 1 or not _worth_repeating(error):
                    raise translated(error, str(self.address), refused) from error
                repeated |= getattr(error, "status_code", 0) != 429
                self._sleep(pauses[number])
                number += 1


# ------------------------------------------------------------------ answers
def whole(body: Body, subject: str) -> Body:
    """The answer, if all parts of the index gave theirs in time; else raises ``errors.Unavailable``."""
    shards = body.get("_shards", {})
    if shards.get("failed"):
        raise errors.Unavailable(
            f"{shards['failed']} of {shards.get('total')} parts of an index did not answer", subject=subject
        )
    if body.get("timed_out"):
        raise errors.Unavailable("Elasticsearch ran out of time: narrow the query, or ask again later",
                                 subject=subject)  # fmt: skip
    return body


def _answered(call: Call, client: Elasticsearch) -> Body:
    try:
        return call(client)
    except ApiError as error:
        if error.status_code == 409 or (error.status_code == 404 and "error" not in _dictionary(error)):
            return {"status": error.status_code}
        raise


def _item(answer: dict[str, Any]) -> Item:
    (told,) = answer.values()
    error = told.get("exception")
    if isinstance(error, ApiError):
        kind, reason = told_error(error)
        return Item(error.status_code, reason, kind)
    problem = told.get("error") or {}
    if not isinstance(problem, dict):
        return Item(told.get("status", 500), str(problem))
    cause = problem.get("caused_by") or {}
    reason = "; ".join(part for part in (problem.get("reason"), cause.get("reason")) if part)
    version = version_of(told) if "_seq_no" in told else ""
    return Item(told.get("status", 500), reason, problem.get("type", ""), version)


# ------------------------------------------------------------------ errors
def told_error(error: ApiError) -> tuple[str, str]:
    """Type and reason of an error as the server told it; '' for what it did not tell."""
    problem = _dictionary(error).get("error")
    if not isinstance(problem, dict):
        return "", str(problem or "")
    causes = problem.get("root_cause") or [problem]
    return str(problem.get("type", "")), str(causes[0].get("reason") or problem.get("reason", ""))


def translated(
    error: Exception, subject: str, refused: type[errors.PipelineError] = errors.UserError
) -> errors.PipelineError:
    """An error of the client library in the project's words: what happens next. ``refused``: for what the server
    will never accept."""
    if isinstance(error, UnsupportedProductError):
        return errors.UserError("this server is no Elasticsearch (others that resemble it cannot serve)",
                                subject=subject)  # fmt: skip
    if isinstance(error, ApiError):
        return refusal(error.status_code, *told_error(error), subject, refused)
    if _untrusted(error):
        return errors.UserError(
            "the server's certificate is not trusted: name its authority's file, …?ca=FILE", subject=subject
        )
    if isinstance(error, ConnectionTimeout):
        return errors.Unavailable("Elasticsearch does not answer in time", subject=subject)
    if isinstance(error, SerializationError):
        return errors.Unavailable("what answers there is no Elasticsearch, or not a whole one", subject=subject)
    return errors.Unavailable("Elasticsearch does not answer", subject=subject)


def refusal(
    status: int, kind: str, reason: str, subject: str, refused: type[errors.PipelineError] = errors.UserError
) -> errors.PipelineError:
    """What an answer with an error status means."""
    told = f" ({reason})" if reason else ""
    if kind == "cluster_block_exception":
        return errors.Unavailable(blocked(reason), subject=subject)
    if status == 401 or status == 403:
        return errors.UserError(
            "Elasticsearch refuses this user: check name and password, and what the user may do", subject=subject
        )
    if status == 400 and kind == "media_type_header_exception":
        return errors.UserError(f"this server is no Elasticsearch {MAJOR}: update the server", subject=subject)
    if status == 404 and "require_alias" in reason:
        return errors.UserError(
            f"the archive was brought to another release's form, or an alias of it is gone: restart this process{told}",
            subject=subject,
        )
    if status == 404:
        return errors.UserError(f"an index of the archive, or its alias, is missing{told}", subject=subject)
    if status == 429:
        return errors.Unavailable(f"Elasticsearch has more to do than it can{told}", subject=subject)
    if status >= 500 or status == 408:
        return errors.Unavailable(f"Elasticsearch cannot answer now{told}", subject=subject)
    return refused(f"Elasticsearch does not accept this{told or f': HTTP {status}'}", subject=subject)


def blocked(reason: str) -> str:
    """A sentence for the operator about an index that may not be written to; nothing is lost, work waits."""
    if "read-only / allow delete" in reason or "disk" in reason:
        return "the disk of Elasticsearch is nearly full, so that it accepts no writes: make room, and work goes on"
    return f"the archive may not be written to at present ({reason or 'it is blocked'})"


def lasts(item: Item) -> bool:
    """Whether a document was not written for a reason that passes."""
    return item.status in (0, 408, 429) or item.status >= 500 or item.error == "cluster_block_exception"


def _worth_repeating(error: Exception) -> bool:
    if isinstance(error, ApiError):
        kind, _ = told_error(error)
        return error.status_code in _REPEAT and kind != "cluster_block_exception"
    return not _untrusted(error)


def _untrusted(error: Exception) -> bool:
    return isinstance(error, SSLError) and "CERTIFICATE_VERIFY_FAILED" in error.message


def _dictionary(error: ApiError) -> dict[str, Any]:
    return error.body if isinstance(error.body, dict) else {}
