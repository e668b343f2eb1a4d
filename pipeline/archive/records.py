"""What both archives keep of a record besides itself, and how they write it down."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from types import MappingProxyType
from typing import Any

from pipeline import errors
from pipeline.archive import keys, words
from pipeline.archive.days import seconds
from pipeline.model import (
    Alert,
    ApiKey,
    Article,
    Docket,
    Entry,
    Feed,
    Quarantined,
    Record,
    Saved,
    Subscription,
    dump,
)

KEYS: MappingProxyType[type[Any], tuple[str, ...]] = MappingProxyType(
    {
        Feed: ("url",),
        Entry: ("outcome", "feed", "source"),
        Article: ("pending", "story", "source"),
        Docket: ("open", "state", "label"),
        Subscription: (),
        Alert: ("state", "subscription", "measure"),
        Quarantined: ("what",),
        Saved: (),
        ApiKey: (),
    }
)
"""Every kind of record, and the names that its ``keys()`` returns."""

RULES = f"words {words.VERSION}, keys {keys.VERSION}"
"""By what an index of articles was made; one made by other rules is built anew."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def packed(record: Record) -> bytes:
    """A record as an archive keeps it. Raises ``errors.Quarantine`` when it cannot be written as UTF-8 JSON."""
    try:
        return dump(record)
    except ValueError as error:
        raise errors.Quarantine(f"the {record.KIND} cannot be stored: {error}", subject=record.id) from None


def published_seconds(record: Article | Entry) -> int | None:
    """What articles are sorted and selected by, and entries counted: whole seconds since 1970 UTC."""
    return None if record.published is None else seconds(record.published)


def microseconds(moment: datetime) -> int:
    """Since 1970 UTC, exactly."""
    return (moment - _EPOCH) // _MICROSECOND


def story_number(article: Article) -> int:
    """64 bits that stand for the story; an article that has not been joined is its own."""
    name = (article.story or article.id).encode()
    return int.from_bytes(blake2b(name, digest_size=8).digest(), "big", signed=True)


def spaced(text: str) -> str:
    """A text as it is indexed: its words with spaces between them."""
    return " ".join(words.words(text))


def checked_keys(kind: type[Any], names: set[str]) -> None:
    """Raises ``ValueError`` on a name that is no key of the kind: an error of the caller."""
    if unknown := names - set(KEYS[kind]):
        raise ValueError(f"the {kind.KIND} has no key {sorted(unknown)[0]!r}; it has {KEYS[kind]}")
