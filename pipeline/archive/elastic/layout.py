"""Names, mappings and settings of the indices: what should be, worked out without asking a server.

Every kind of record has an index of its own, ``{prefix}-{kind}-v{form}-{number}``, behind two aliases:
``{prefix}-{kind}`` to read and ``{prefix}-{kind}-v{form}`` to write. The *form* is the version of the mapping
(``schema`` in ``config/elasticsearch/{kind}.json``) and, for articles, of the rules for words and keys: a process that
works by other rules than the index was made by writes to an alias that is not there, and fails instead of damaging it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from pipeline.archive import keys, words
from pipeline.archive.elastic.address import Address
from pipeline.archive.records import KEYS
from pipeline.model import Article

REFRESH = "1s"
"""How soon a write is seen by ``scan`` and searches, unless a kind's own settings or the address say otherwise. Entries
are written most and asked for least: whoever needs the latest of them refreshes first."""
FOLDER = Path(__file__).parents[3] / "config" / "elasticsearch"


@dataclass(frozen=True)
class Layout:
    """The indices of one archive."""

    address: Address
    rules: tuple[int, int] = (words.VERSION, keys.VERSION)
    """Versions of the rules for words and for keys."""

    def form(self, kind: type[Any]) -> str:
        """The version of a kind's index: ``1``, or ``1.1.1`` for articles."""
        schema = (_config(kind.KIND)["schema"],)
        return ".".join(map(str, (*schema, *self.rules) if kind is Article else schema))

    def alias(self, kind: type[Any]) -> str:
        """What is read."""
        return f"{self.address.prefix}-{kind.KIND}"

    def target(self, kind: type[Any]) -> str:
        """The alias that is written to."""
        return f"{self.alias(kind)}-v{self.form(kind)}"

    def index(self, kind: type[Any], number: int = 1) -> str:
        """The name of an index itself."""
        return f"{self.target(kind)}-{number:06}"

    def number(self, kind: type[Any], index: str) -> int | None:
        """The number in an index's name, whatever its form; None when it is no index of that kind."""
        found = re.fullmatch(re.escape(self.alias(kind)) + r"-v[0-9.]+-(\d{6})", index, re.ASCII)
        return int(found[1]) if found else None

    def everything(self, kind: type[Any]) -> str:
        """A pattern of the names of all indices of a kind."""
        return f"{self.alias(kind)}-v*"

    @property
    def aliases(self) -> str:
        """All that is read, as one argument of a request."""
        return ",".join(self.alias(kind) for kind in KEYS)

    def body(self, kind: type[Any]) -> dict[str, Any]:
        """Mappings and settings, as the request that makes an index wants them."""
        config = _config(kind.KIND)
        replicas = self.address.replicas
        copies: dict[str, Any] = (
            {"index.auto_expand_replicas": "0-1"} if replicas is None else {"index.number_of_replicas": replicas}
        )
        refresh = self.address.refresh
        return {
            "mappings": {**config["mappings"], "_meta": {"form": self.form(kind)}},
            "settings": {
                "index.refresh_interval": REFRESH,
                **config["settings"],
                "index.number_of_shards": self.address.shards,
                **({"index.refresh_interval": refresh} if refresh else {}),
                **copies,
            },
        }


def newer(form: str, known: str) -> bool:
    """Whether an index's form is one that this release cannot know yet."""
    return any(int(one) > int(other) for one, other in zip(form.split("."), known.split("."), strict=False))


@lru_cache
def _config(kind: str) -> dict[str, Any]:
    config: dict[str, Any] = json.loads((FOLDER / f"{kind}.json").read_text("utf-8"))
    return config
