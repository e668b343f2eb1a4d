"""Articles and entries for the tests of the archive."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from pipeline.model import Article, Entry, Item, make_id

AT = datetime(2025, 3, 1, 12, tzinfo=UTC)


def article(name: str = "one", **more: Any) -> Article:
    """An article with an id made of its name."""
    known_as = make_id("article", name)
    given: dict[str, Any] = {
        "id": known_as, "url": f"https://news.example/{name}", "title": "Council approves sanctuary ordinance",
        "text": "The city council of Examplia voted 5-2 for a sanctuary city ordinance.", "source": "Harbor Courier",
        "source_kind": "news", "home": "Los Angeles, CA", "feed": "f", "entry": known_as, "first_seen": AT,
        "published": AT, "lang": "en",
    }  # fmt: skip
    return Article(**(given | more))


def entry(name: str = "one", **more: Any) -> Entry:
    """The entry of the article of that name."""
    given: dict[str, Any] = {
        "id": make_id("article", name), "url": f"https://news.example/{name}", "feed": "f", "source": "Harbor Courier",
        "first_seen": AT, "item": Item(id=name, title=name), "published": AT,
    }  # fmt: skip
    return Entry(**(given | more))
