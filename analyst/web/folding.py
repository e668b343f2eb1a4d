"""Folding the copies of a story within a page of results."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from analyst.web.shown import counted
from pipeline.model import Article


@dataclass(frozen=True, slots=True)
class Folded:
    """A story as a list shows it: one article in full, its copies under it."""

    lead: Article
    copies: tuple[Article, ...]

    @property
    def says(self) -> str:
        """``+5 outlets``, or ``+2 copies`` when no other outlet ran it."""
        outlets = {copy.source for copy in self.copies} - {self.lead.source}
        return f"+{counted(len(outlets), 'outlet')}" if outlets else f"+{counted(len(self.copies), 'copy', 'copies')}"


def fold(articles: Iterable[Article]) -> list[Folded]:
    """One entry per story, where its first article stands. The story's original leads when it is among them, else
    the article that came first."""
    stories: dict[str, list[Article]] = {}
    for article in articles:
        stories.setdefault(article.story or article.id, []).append(article)
    folded = []
    for members in stories.values():
        lead = next((member for member in members if not member.copy_of), members[0])
        folded.append(Folded(lead, tuple(member for member in members if member is not lead)))
    return folded
