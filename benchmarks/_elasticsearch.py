"""An Elasticsearch for the benchmarks: the one that is named, or a node that is started for them."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from elasticsearch import Elasticsearch

from pipeline.archive.elastic.archive import ElasticArchive
from pipeline.archive.records import KEYS
from tests.servers.elasticsearch import one_node


@contextmanager
def server_url(given: str, heap: int = 1024) -> Iterator[str]:
    """``elasticsearch+http(s)://host:port``: what is given, else that of a node of ours (with all optimisations of its
    Java, ``heap`` MB), which ends with the context."""
    if given:
        yield given.rstrip("/")
        return
    with TemporaryDirectory() as folder:
        try:
            node = one_node(Path(folder), tier=4, heap=heap)
            with node as started:
                yield f"elasticsearch+{started.url}"
        except pytest.skip.Exception as reason:
            raise SystemExit(str(reason)) from None


def new_prefix() -> str:
    """Of an archive that nobody else has."""
    return f"bench-{secrets.token_hex(4)}"


def without_cache(archive: ElasticArchive) -> None:
    """Lets the server count anew each time, as it must where articles arrive every second."""
    settings = {"index.requests.cache.enable": False}
    archive.server.ask(lambda client: client.indices.put_settings(index=archive.layout.aliases, settings=settings))


def remove(archive: ElasticArchive) -> None:
    """Deletes the indices of an archive."""
    patterns = ",".join(archive.layout.everything(kind) for kind in KEYS)

    def delete(client: Elasticsearch) -> None:
        for name in client.indices.get(index=patterns):  # by name: a server may forbid to delete by pattern
            client.indices.delete(index=name)

    archive.server.ask(delete)
