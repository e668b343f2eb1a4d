"""A record as a document of Elasticsearch and back.

``record`` is the record exactly as the SQLite archive keeps it (UTF-8 JSON, a text that Elasticsearch does not look
into), so that nothing is rounded or reordered on the way; everything else is made from it, to be asked for. ``write``
says which write stored the document, so that a repeated request recognises its own work.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline import errors
from pipeline.archive import keys
from pipeline.archive.base import Stored, Version
from pipeline.archive.records import microseconds, packed, published_seconds, spaced, story_number
from pipeline.model import Article, Entry, R, Record, load

WORDS = ("title_words", "body_words")
"""Left out of what Elasticsearch gives back, so that no text is kept twice."""


def document(record: Record, write: str) -> dict[str, Any]:
    """Raises ``errors.Quarantine`` when the record cannot be written as UTF-8 JSON."""
    made: dict[str, Any] = {
        "id": record.id,
        "moment": microseconds(record.moment),
        "record": packed(record).decode(),
        "write": write,
    }
    if where := dict(record.keys()):
        made["where"] = where
    if isinstance(record, Article | Entry) and (published := published_seconds(record)) is not None:
        made["published"] = published
    if isinstance(record, Article):
        made["story"] = story_number(record)
        labels = keys.labels(record)
        made["label"] = {field: list(texts) for field, texts in labels.items() if texts}
        made["key"] = {
            field: sorted({key for text in texts for key in keys.keys(field, text)})
            for field, texts in labels.items()
            if texts
        }
        made["title_words"], made["body_words"] = spaced(record.title), spaced(record.text)
    return made


def record_of(kind: type[R], found: Mapping[str, Any]) -> R:
    """The record in what Elasticsearch gave back. Raises ``errors.Quarantine`` when it is none."""
    try:
        return load(kind, found["_source"]["record"])
    except (ValueError, KeyError, TypeError) as error:
        reason = str(error).splitlines()[0]
        raise errors.Quarantine(f"the stored {kind.KIND} cannot be read: {reason}", subject=found["_id"]) from None


def stored(kind: type[R], found: Mapping[str, Any]) -> Stored[R]:
    """Record and version."""
    return Stored(record_of(kind, found), version_of(found))


def version_of(found: Mapping[str, Any]) -> Version:
    """The version in what Elasticsearch tells of a document."""
    return f"{found['_seq_no']}.{found['_primary_term']}"


def read_version(version: Version) -> tuple[int, int] | None:
    """Sequence number and primary term; None when the version cannot be one of Elasticsearch's."""
    number, _, term = version.partition(".")
    if not (number.isascii() and number.isdigit() and term.isascii() and term.isdigit()):
        return None
    return int(number), int(term)
