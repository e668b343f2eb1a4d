"""What the server's answers mean."""

from __future__ import annotations

import pytest

from pipeline import errors
from pipeline.archive.elastic.client import Item, lasts, refusal, whole
from pipeline.archive.elastic.writing import Verdict, judge

BLOCK = "cluster_block_exception"


@pytest.mark.parametrize(
    ("item", "verdict"),
    [
        (Item(201), "created"),
        (Item(200), "created"),
        (Item(409, "version conflict", "version_conflict_engine_exception"), "exists"),
        (Item(429, "queue capacity reached", "es_rejected_execution_exception"), "again"),
        (Item(429, "disk usage exceeded flood-stage", BLOCK), "again"),
        (Item(403, "index write (api)", BLOCK), "again"),
        (Item(503, "no shard available"), "again"),
        (Item(500), "again"),
        (Item(408), "again"),
        (Item(0, "Elasticsearch does not answer"), "again"),
        (Item(400, "failed to parse", "document_parsing_exception"), "refused"),
        (Item(413), "refused"),
        (Item(404, "no such index", "index_not_found_exception"), "broken"),
        (Item(403, "unauthorized", "security_exception"), "broken"),
        (Item(401), "broken"),
    ],
)
def test_every_item_of_a_bulk_request_is_sorted(item: Item, verdict: Verdict) -> None:
    assert judge(item) == verdict


@pytest.mark.parametrize(
    ("status", "kind", "reason", "error", "sentence"),
    [
        (401, "security_exception", "failed", errors.UserError, "check name and password"),
        (403, "security_exception", "denied", errors.UserError, "what the user may do"),
        (403, BLOCK, "index write (api)", errors.Unavailable, "may not be written to at present"),
        (429, BLOCK, "TOO_MANY_REQUESTS/12/disk usage exceeded", errors.Unavailable, "make room"),
        (403, BLOCK, "FORBIDDEN/12/index read-only / allow delete (api)", errors.Unavailable, "make room"),
        (429, "es_rejected_execution_exception", "queue", errors.Unavailable, "more to do than it can"),
        (400, "media_type_header_exception", "Accept version", errors.UserError, "no Elasticsearch 9"),
        (404, "index_not_found_exception", "no such index [x]", errors.UserError, "missing"),
        (404, "index_not_found_exception", "[require_alias] request flag is [true]", errors.UserError, "restart"),
        (503, "", "", errors.Unavailable, "cannot answer now"),
        (504, "timeout_exception", "", errors.Unavailable, "cannot answer now"),
        (400, "parsing_exception", "unknown query", errors.UserError, "does not accept this .unknown query."),
    ],
)
def test_an_error_says_what_happens_next(
    status: int, kind: str, reason: str, error: type[errors.PipelineError], sentence: str
) -> None:
    told = refusal(status, kind, reason, "http://host:9200/news")
    assert type(told) is error
    assert told.subject == "http://host:9200/news"
    with pytest.raises(error, match=sentence):
        raise told


def test_what_a_server_will_never_write_is_quarantined() -> None:
    told = refusal(400, "document_parsing_exception", "too long", "", errors.Quarantine)
    assert type(told) is errors.Quarantine


def test_a_block_lasts_and_a_refusal_does_not() -> None:
    assert lasts(Item(403, "", BLOCK))
    assert not lasts(Item(403, "", "security_exception"))


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ({"_shards": {"total": 3, "failed": 1}, "timed_out": False}, "1 of 3 parts"),
        ({"_shards": {"total": 3, "failed": 0}, "timed_out": True}, "ran out of time"),
    ],
)
def test_half_an_answer_is_none(answer: dict[str, object], sentence: str) -> None:
    with pytest.raises(errors.Unavailable, match=sentence):
        whole(answer, "")


def test_a_whole_answer_is_handed_on() -> None:
    answer = {"_shards": {"total": 3, "failed": 0}, "timed_out": False}
    assert whole(answer, "") is answer
