"""The archive in Elasticsearch 9; ``archive.py`` is its face."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

from pipeline.archive.elastic import migration
from pipeline.archive.elastic.address import read_address
from pipeline.archive.elastic.archive import ElasticArchive
from pipeline.archive.elastic.client import Server
from pipeline.archive.elastic.layout import Layout


def open_url(url: str) -> ElasticArchive:
    """The archive of ``elasticsearch+http(s)://[user:password@]host:port[,host:port…][/prefix]``; see ``address``."""
    return ElasticArchive(read_address(url))


def migrate_url(url: str, tell: Callable[[str], None]) -> dict[str, int]:
    """Brings an archive to this release's form; records of each kind whose index was built anew. See ``migration``."""
    address = read_address(url)
    with closing(Server(address)) as server:
        return {done.kind: done.records for done in migration.migrate(server, Layout(address), tell)}
