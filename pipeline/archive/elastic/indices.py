"""Bringing an archive's indices about, and finding out whether they are what this release needs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from pipeline import errors
from pipeline.archive.elastic.client import MAJOR, Body, Server, whole
from pipeline.archive.elastic.layout import Layout, newer
from pipeline.archive.records import KEYS

MIGRATE = "run: sanctuary-watch archive migrate"


@dataclass(frozen=True, slots=True)
class Index:
    """An index that exists."""

    name: str
    form: str
    """'' when it was not made by this project."""
    aliases: frozenset[str]
    building: bool
    """Made by a migration that has not ended, or ended badly."""


def check_server(server: Server) -> None:
    """Raises ``errors.UserError`` when no Elasticsearch of the right version answers."""
    version = str(server.ask(lambda client: client.info())["version"]["number"])
    if version.partition(".")[0] != str(MAJOR):
        raise errors.UserError(
            f"this server is Elasticsearch {version}; this release needs {MAJOR}", subject=str(server.address)
        )


def survey(server: Server, layout: Layout) -> dict[type[Any], list[Index]]:
    """All indices of each kind, by number."""
    patterns = ",".join(layout.everything(kind) for kind in KEYS)
    found: Body = server.ask(lambda client: client.indices.get(index=patterns, features=["aliases", "mappings"]))
    indices: dict[type[Any], list[Index]] = {kind: [] for kind in KEYS}
    for kind, name in ((kind, name) for kind in KEYS for name in found):
        if layout.number(kind, name) is not None:
            meta = found[name].get("mappings", {}).get("_meta") or {}
            aliases = frozenset(found[name].get("aliases", ()))
            indices[kind].append(Index(name, str(meta.get("form", "")), aliases, bool(meta.get("building"))))
    for kind in KEYS:
        indices[kind].sort(key=lambda index: layout.number(kind, index.name) or 0)
    return indices


def current(indices: list[Index], layout: Layout, kind: type[Any]) -> Index | None:
    """The index behind a kind's alias; None when nothing was ever made. Raises ``errors.UserError`` when the alias is
    gone but an index is there, which a new empty one would hide."""
    behind = [index for index in indices if layout.alias(kind) in index.aliases]
    finished = [index.name for index in indices if not index.building]
    if not behind and finished:
        raise errors.UserError(
            f"the alias {layout.alias(kind)} is missing, but there is {finished[-1]}: point the alias to it",
            subject=str(layout.address),
        )
    return behind[-1] if behind else None


def ensure(server: Server, layout: Layout) -> None:
    """Makes the indices that are missing; many processes may do it at once. Raises ``errors.UserError`` when one was
    made by other rules than this release's."""
    found = survey(server, layout)
    missing = [kind for kind in KEYS if current(found[kind], layout, kind) is None]
    if missing:
        with ThreadPoolExecutor(len(missing)) as pool:  # each waits for its shard to start
            list(pool.map(lambda kind: make(server, layout, kind), missing))
        found = survey(server, layout)
    for kind in KEYS:
        index = current(found[kind], layout, kind)
        if index is None:
            raise errors.Unavailable(f"the index of {kind.KIND} was removed again", subject=str(server.address))
        check_form(index, layout, kind, str(server.address))


def make(server: Server, layout: Layout, kind: type[Any]) -> None:
    """Makes the first index of a kind with its aliases, in one step."""
    aliases: dict[str, Any] = {layout.alias(kind): {}, layout.target(kind): {"is_write_index": True}}
    try:
        server.ask(lambda client: client.indices.create(index=layout.index(kind), aliases=aliases, **layout.body(kind)))
    except errors.UserError as error:
        if "already exists" not in error.reason:
            raise  # else another process was faster


def check_form(index: Index, layout: Layout, kind: type[Any], subject: str) -> None:
    """Raises ``errors.UserError`` when the index has another form than this release's."""
    wanted = layout.form(kind)
    if index.form == wanted and layout.target(kind) in index.aliases:
        return
    if index.form and newer(index.form, wanted):
        raise errors.UserError(
            f"{index.name} was made by a newer release (its form is {index.form}, this release knows {wanted}):"
            " update sanctuary-watch",
            subject=subject,
        )
    if index.form == wanted:
        raise errors.UserError(f"the alias {layout.target(kind)} is missing: point it to {index.name}", subject=subject)
    raise errors.UserError(
        f"{index.name} was made by other rules (its form is {index.form or 'unknown'}, this release's {wanted}):"
        f" {MIGRATE}",
        subject=subject,
    )


def refresh(server: Server, names: str) -> None:
    """What was written before is visible to searches afterwards."""
    whole(server.ask(lambda client: client.indices.refresh(index=names)), str(server.address))
