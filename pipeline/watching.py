"""Which feeds are watched: add, update, remove. The archive is the record; the frontier is told when to begin."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal, cast

from pipeline.archive.base import Archive, Stored
from pipeline.articles import urls
from pipeline.dues import due_feed
from pipeline.errors import Conflict, Refused, UserError
from pipeline.feeds.opml import FeedLine, Unusable
from pipeline.frontier.base import Frontier
from pipeline.model import SOURCE_KINDS, Clock, Feed, SourceKind, make_id, utc_now
from pipeline.policy.places import parse_label


@dataclass(frozen=True, slots=True)
class Listed:
    """What became of a line of a list of feeds."""

    url: str
    title: str
    became: Literal["added", "changed", "known", "off", "refused"]
    """``changed``: known, and now as the line says; ``off``: the list names it, switched off."""
    reason: str = ""
    """Why it was refused."""


def watch(archive: Archive, frontier: Frontier, line: FeedLine, *, now: Clock = utc_now) -> Feed:
    """Watches a feed from now on; of a known one it changes what the line says (title, place, kind, owner).

    Raises as ``check``.
    """
    return _watched(archive, frontier, line, now)[0]


def watch_all(
    archive: Archive, frontier: Frontier, lines: Iterable[FeedLine | Unusable], *, now: Clock = utc_now
) -> list[Listed]:
    """Watches the feeds of a list, each by itself: what cannot be watched keeps none of the others out. What became of
    each line, in their order."""
    return [_listed(archive, frontier, line, now) for line in lines]


def _listed(archive: Archive, frontier: Frontier, line: FeedLine | Unusable, now: Clock) -> Listed:
    if isinstance(line, Unusable):
        return Listed(line.url, line.title, "refused", line.reason)
    if not line.enabled:
        return Listed(line.url, line.title, "off")
    try:
        feed, became = _watched(archive, frontier, line, now)
    except (UserError, Refused) as error:
        return Listed(line.url, line.title, "refused", error.reason)
    return Listed(line.url, feed.title, became)


def _watched(
    archive: Archive, frontier: Frontier, line: FeedLine, now: Clock
) -> tuple[Feed, Literal["added", "changed", "known"]]:
    check(line)
    while True:
        stored = find(archive, line.url)
        feed = stored.record if stored else Feed(id=make_id("feed", line.url), url=line.url, added=now())
        wanted = replace(
            feed,
            title=line.title or feed.title,
            place=line.place or feed.place,
            kind=cast(SourceKind, line.kind or feed.kind),
            owner=line.owner or feed.owner,
        )
        try:
            if stored is None:
                if not archive.create(wanted):
                    continue
            elif wanted != feed:
                archive.replace(wanted, stored.version)
        except Conflict:
            continue
        if stored is None:
            frontier.put("feed", [due_feed(wanted, now())])
            return wanted, "added"
        return wanted, "known" if wanted == feed else "changed"


def check(line: FeedLine) -> None:
    """Whether a line can be watched. Raises ``UserError`` on an unknown kind or place, ``Refused`` when the URL is no
    web address."""
    urls.host(urls.canonical(line.url))
    if line.kind and line.kind not in SOURCE_KINDS:
        raise UserError(f"{line.kind!r} is no kind of source; kinds are {', '.join(SOURCE_KINDS)}", subject=line.url)
    if line.place and parse_label(line.place) is None:
        raise UserError(f"{line.place!r} is no place; write 'Los Angeles, CA', 'CA' or 'US'", subject=line.url)


def unwatch(archive: Archive, frontier: Frontier, url: str) -> Feed:
    """Watches a feed no longer; what it brought stays. Raises ``UserError`` when there is no such feed."""
    stored = find(archive, url)
    if stored is None:
        raise UserError("no such feed is watched", subject=url)
    archive.delete(Feed, stored.record.id)
    frontier.drop("feed", [stored.record.id])
    return stored.record


def find(archive: Archive, url: str) -> Stored[Feed] | None:
    """The feed that was added under this URL, or has moved there."""
    return archive.get(Feed, make_id("feed", url)) or next(iter(archive.scan(Feed, {"url": url}, n=1)), None)
