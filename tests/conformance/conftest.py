"""The stores that the conformance suites are run on. A new one is one line here; the tests do not know it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import pytest

from pipeline.archive import open_archive
from pipeline.archive.base import Archive
from pipeline.archive.matching import Document, document
from pipeline.model import Article, Entry
from tests.conformance import corpus
from tests.conformance.elastic import lend, take_back

ArchiveMaker: TypeAlias = Callable[[Path], Archive]

ARCHIVES: dict[str, ArchiveMaker] = {
    "sqlite": lambda folder: open_archive(f"sqlite:///{folder / 'archive.sqlite3'}"),
    "elasticsearch": lend,
}
"""Name -> an empty archive that keeps its files, if any, in a folder of its own."""


@dataclass(frozen=True)
class Library:
    """An archive full of the corpus, and the corpus."""

    archive: Archive
    articles: list[Article]
    entries: list[Entry]
    documents: dict[str, Document]


@pytest.fixture(scope="session", params=list(ARCHIVES))
def archive_maker(request: pytest.FixtureRequest) -> Iterator[ArchiveMaker]:
    """How to make an archive of the kind that is being tested."""
    yield ARCHIVES[request.param]
    take_back()


@pytest.fixture
def archive(archive_maker: ArchiveMaker, tmp_path: Path) -> Iterator[Archive]:
    """An empty archive."""
    made = archive_maker(tmp_path)
    yield made
    made.close()


@pytest.fixture(scope="session")
def library(archive_maker: ArchiveMaker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """An archive full of the corpus; tests only read it."""
    made = archive_maker(tmp_path_factory.mktemp("library"))
    articles = corpus.articles()
    entries = corpus.entries(articles)
    for records in (articles, entries):
        for start in range(0, len(records), 100):
            assert {created.outcome for created in made.create_many(records[start : start + 100])} == {"created"}
    made.refresh()
    yield Library(made, articles, entries, {article.id: document(article) for article in articles})
    made.close()
