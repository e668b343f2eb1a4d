"""Results as lines: escaped, highlighted, with their copies and the measures that they report."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from analyst.answers.find import SNIPPET
from analyst.answers.stories import Story
from analyst.web.naming import Named, measures_of
from analyst.web.shown import counted, outside
from pipeline.archive.base import Archive
from pipeline.archive.highlight import highlight
from pipeline.archive.query import Node
from pipeline.model import Article

COPIES = 50
"""Copies of a story that a list names."""


@dataclass(frozen=True, slots=True)
class Line:
    """An article in a list of results."""

    article: Article
    url: str
    """'' when the address may not become a link."""
    title: Markup
    excerpt: Markup
    measures: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A story in a list: one article in full, the others under it."""

    lead: Line
    copies: tuple[Line, ...]
    says: str
    """``+6 outlets``."""
    left_out: int
    """Copies that are not named."""


def entries(archive: Archive, tree: Node | None, stories: tuple[Story, ...]) -> list[Entry]:
    """The stories of a page of results as a list shows them."""
    names = measures_of(archive, [story.lead for story in stories])

    def line(article: Article, *, excerpt: bool) -> Line:
        return Line(
            article=article,
            url=outside(article.url),
            # Escaped by ``highlight``.
            title=Markup(highlight(tree, "title", article.title or "(without a title)")),  # noqa: S704
            excerpt=Markup(highlight(tree, "body", article.text, around=SNIPPET // 2) if excerpt else ""),  # noqa: S704
            measures=tuple(names[measure] for measure in article.measures if measure in names),
        )

    return [
        Entry(
            line(story.lead, excerpt=True),
            tuple(line(copy, excerpt=False) for copy in story.others[:COPIES]),
            copies_said(story),
            max(0, len(story.others) - COPIES),
        )
        for story in stories
    ]


def copies_said(story: Story) -> str:
    """``+5 outlets``, or ``+2 copies`` when no other outlet ran it."""
    outlets = {copy.source for copy in story.others} - {story.lead.source}
    return f"+{counted(len(outlets), 'outlet')}" if outlets else f"+{counted(len(story.others), 'copy', 'copies')}"
