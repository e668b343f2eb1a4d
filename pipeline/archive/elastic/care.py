"""Health of an Elasticsearch archive, and a copy of it in a file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from itertools import islice
from pathlib import Path

from pipeline import errors
from pipeline.archive.elastic import indices
from pipeline.archive.elastic.client import Server
from pipeline.archive.elastic.documents import record_of
from pipeline.archive.elastic.layout import Layout
from pipeline.archive.elastic.scanning import PAGE, frozen
from pipeline.archive.records import KEYS
from pipeline.model import Record

HIGH_WATERMARK = 90
"""Percent of a node's disk: Elasticsearch's own default for moving data away; at 95 it accepts no writes."""


def health(server: Server, layout: Layout) -> str:
    """'' when well, else one sentence for the operator. Raises what requests raise."""
    indices.check_server(server)
    found = indices.survey(server, layout)
    for kind in KEYS:
        index = indices.current(found[kind], layout, kind)
        if index is None:
            return f"the index of {kind.KIND} records is missing: restart to make it"
        indices.check_form(index, layout, kind, str(server.address))
    return _shards(server, layout) or _blocks(server, layout) or _disks(server)


def _shards(server: Server, layout: Layout) -> str:
    told = server.ask(
        lambda client: client.options(ignore_status=408).cluster.health(index=layout.aliases, level="indices")
    )
    ill = sorted(name for name, index in told.get("indices", {}).items() if index["status"] == "red")
    if ill:
        return f"Elasticsearch is red: {', '.join(ill)} cannot be read or written in whole; is a node gone?"
    if told["status"] == "red":
        return "Elasticsearch is red: a part of the archive cannot be read or written; is a node gone?"
    if told["unassigned_shards"]:
        return (
            f"Elasticsearch is yellow: {told['unassigned_shards']} copies have no node;"
            " another failure may lose data; is a node gone, or are there more replicas than nodes?"
        )
    return ""


def _blocks(server: Server, layout: Layout) -> str:
    told = server.ask(lambda client: client.indices.get_settings(index=layout.aliases, name="index.blocks.*"))
    for name in sorted(told):
        blocks = told[name].get("settings", {}).get("index", {}).get("blocks", {})
        held = sorted(block for block, value in blocks.items() if str(value) == "true")
        if "read_only_allow_delete" in held:
            return f"{name} accepts no writes because a disk of Elasticsearch is nearly full: make room"
        if held:
            return f"{name} is blocked ({', '.join(held)}): a migration is under way, or somebody blocked it"
    return ""


def _disks(server: Server) -> str:
    rows = server.ask(lambda client: client.cat.allocation(format="json", h=["node", "disk.percent", "disk.avail"]))
    for row in rows:
        percent = row.get("disk.percent")
        if percent and int(percent) >= HIGH_WATERMARK:
            return f"the disk of Elasticsearch's node {row['node']} is {percent} % full, {row['disk.avail']} are left"
    return ""


# ------------------------------------------------------------------ backup
def backup(server: Server, layout: Layout, path: Path) -> None:
    """See ``ElasticArchive.backup``. Every kind is read as it was when the backup began."""
    from pipeline.archive.sqlite import SqliteArchive  # here alone: nothing else of Elasticsearch's needs SQLite

    if path.exists():
        raise errors.UserError("this file exists already; a backup does not overwrite", subject=str(path))
    if not path.parent.is_dir():
        raise errors.Unavailable("the backup could not be written: there is no such folder", subject=str(path))
    partial = path.with_name(f"{path.name}.partial")
    _remove(partial)
    try:
        with ExitStack() as stack:
            views = {kind: stack.enter_context(server.frozen(layout.alias(kind))) for kind in KEYS}
            with closing(SqliteArchive(partial)) as copy:
                for kind, view in views.items():
                    records: Iterator[Record] = (record_of(kind, hit) for hit in frozen(server, view))
                    while portion := list(islice(records, PAGE)):
                        copy.create_many(portion)
        partial.replace(path)
    except OSError as error:
        raise errors.Unavailable(f"the backup could not be written: {error}", subject=str(path)) from error
    finally:
        _remove(partial)


def _remove(partial: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        partial.with_name(partial.name + suffix).unlink(missing_ok=True)
