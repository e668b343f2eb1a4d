"""Whether the records that others name are there, on either archive."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Protocol

from pipeline.model import Alert, Article, Docket, Entry, R

AT_MOST = 20
"""Sentences about one kind of difference."""


class Reader(Protocol):
    """All records of a kind, those that cannot be read left out, and the ids of all."""

    def every(self, kind: type[R]) -> Iterator[R]: ...
    def ids(self, kind: type[Any]) -> set[str]: ...


def dangling(reader: Reader) -> Iterator[str]:
    """A sentence for each name of something that is not there."""
    articles, entries, dockets = reader.ids(Article), reader.ids(Entry), reader.ids(Docket)
    measures: set[str] = set()
    for docket in reader.every(Docket):
        for measure in docket.measures:
            measures |= {measure.id, f"{docket.id}:{measure.id}"}
            for name in {name for action in measure.actions for name in action.articles} - articles:
                yield f"measure {measure.id} names article {name}, which is not there"
    for article in reader.every(Article):
        if article.story and article.story not in articles:
            yield f"article {article.id} belongs to story {article.story}, which is not there"
        if article.entry not in entries:
            yield f"article {article.id} came from entry {article.entry}, which is not there"
        for name in sorted(set(article.measures) - measures):
            yield f"article {article.id} reports measure {name}, which is not there"
    for entry in reader.every(Entry):
        if entry.article and entry.article not in articles:
            yield f"entry {entry.id} became article {entry.article}, which is not there"
    for alert in reader.every(Alert):
        if alert.docket not in dockets:
            yield f"alert {alert.id} is about docket {alert.docket}, which is not there"


def at_most(sentences: Iterable[str]) -> list[str]:
    """The first ``AT_MOST`` sentences, and one that says when there are more."""
    found = list(islice(sentences, AT_MOST + 1))
    return [*found[:AT_MOST], f"and more like: {found[AT_MOST]}"] if len(found) > AT_MOST else found
