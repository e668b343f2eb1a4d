"""Stories: an article and its copies shown as one.

A story stands in a result where its newest article that matches stands, and nowhere else, so that page after page
shows each story once. Whether an article is that one is decided here, from the articles of its story and with the
definition of a match (``pipeline.archive.matching``): every archive folds alike, and none needs to know how.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from analyst.answers.results import CopyRow, Found
from analyst.answers.text import instant
from pipeline.archive.asking import MAX_LIMIT, checked_limit, cursor_behind
from pipeline.archive.base import Archive, every
from pipeline.archive.days import seconds
from pipeline.archive.highlight import snippet
from pipeline.archive.matching import document, matches
from pipeline.archive.query import Node
from pipeline.model import Article

SNIPPET = 300
"""Characters shown of an article: never its full text."""
MEMBERS = 2_000
"""Articles of the stories of one page that are looked at; a story that has more may stand on two pages."""
COPIES = 50
"""Articles of a story that a row names."""
SPARE = 4
"""One article more for so many is asked for at once, for those that are folded: a second question costs more."""
ROUNDS = 10
"""Pages of the archive that are read for one page of stories; where one story fills them all, a page is short."""


@dataclass(frozen=True, slots=True)
class Story:
    """An article in its place in a result, and the other articles of its story, oldest first."""

    lead: Article
    others: tuple[Article, ...] = ()


@dataclass(frozen=True, slots=True)
class StoryPage:
    """One page of a result whose copies are folded."""

    total: int
    """Articles, copies included."""
    stories: tuple[Story, ...]
    next: str


def search_stories(
    archive: Archive,
    tree: Node | None,
    *,
    sort: Literal["newest", "relevance"] = "newest",
    limit: int = 20,
    after: str = "",
    zone: str = "UTC",
) -> StoryPage:
    """The next stories of a result (see ``Archive.search``)."""
    checked_limit(limit)
    members: dict[str, list[Article]] = {}
    stories: list[Story] = []
    for _ in range(ROUNDS):
        missing = limit - len(stories)
        hits = archive.search(
            tree, sort=sort, limit=min(missing + missing // SPARE + 1, MAX_LIMIT), after=after, zone=zone
        )
        _add_members(archive, members, hits.articles)
        begun, after = after, hits.next
        for number, article in enumerate(hits.articles, 1):
            others = [other for other in members[article.story or article.id] if other.id != article.id]
            if not any(_place(other) > _place(article) and matches(tree, document(other), zone) for other in others):
                stories.append(Story(article, tuple(sorted(others, key=_place))))
            if len(stories) == limit and number < len(hits.articles):
                after = cursor_behind(article, number, sort=sort, after=begun)
                break
        if not after or len(stories) >= limit:
            break
    return StoryPage(hits.total, tuple(stories), after)


def _add_members(archive: Archive, members: dict[str, list[Article]], articles: Iterable[Article]) -> None:
    """Adds the articles of the stories of some articles, asked for at once, to those known by the story's name."""
    new = tuple({article.story or article.id for article in articles} - members.keys())
    members.update({name: [] for name in new})
    if new:
        for stored in islice(every(archive, Article, {"story": new}), MEMBERS):
            members[stored.record.story or stored.record.id].append(stored.record)


def fold(articles: Iterable[Article]) -> list[Story]:
    """Some articles as stories, each where its first article stands. Its original leads when it is there."""
    stories: dict[str, list[Article]] = {}
    for article in articles:
        stories.setdefault(article.story or article.id, []).append(article)
    folded = []
    for members in stories.values():
        lead = next((member for member in members if not member.copy_of), members[0])
        folded.append(Story(lead, tuple(member for member in members if member is not lead)))
    return folded


def _place(article: Article) -> tuple[bool, int, str]:
    """Where an article stands when the newest come first; larger is earlier in the list."""
    published = article.published
    return published is not None, seconds(published) if published else 0, article.id


# ------------------------------------------------------------------ rows
def found(article: Article, tree: Node | None) -> Found:
    """An article as a list shows it."""
    return {
        "id": article.id,
        "url": article.url,
        "title": article.title,
        "source": article.source,
        "published": instant(article.published),
        "undated": article.published is None,
        "story": article.story or article.id,
        "copy_of": article.copy_of,
        "kind": article.kind,
        "places": list(article.places),
        "measures": list(article.measures),
        "snippet": snippet(tree, "body", article.text, around=SNIPPET // 3).text[:SNIPPET],
    }


def found_story(story: Story, tree: Node | None) -> Found:
    """A story as a list shows it."""
    row = found(story.lead, tree)
    row["outlets"] = len({other.source for other in story.others} - {story.lead.source})
    row["copies"] = [copy_row(other) for other in story.others[:COPIES]]
    return row


def story_rows(articles: Sequence[Article]) -> list[Found]:
    """Some articles as rows, one for each story."""
    return [found_story(story, None) for story in fold(articles)]


def copy_row(article: Article) -> CopyRow:
    """Another article of a story."""
    return {
        "id": article.id,
        "url": article.url,
        "title": article.title,
        "source": article.source,
        "published": instant(article.published),
    }
