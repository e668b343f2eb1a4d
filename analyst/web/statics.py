"""Styles, scripts and icon, held in memory. Their addresses change with their bytes, so that browsers may keep them for
ever."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from types import MappingProxyType

TYPES = MappingProxyType(
    {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}
)
NAMES = (
    "pico.classless.min.css", "uPlot.min.css", "sanctuary.css", "icon.svg", "uPlot.iife.min.js", "timeline.js",
    "keys.js",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file that never changes under its address."""

    path: str
    body: bytes
    media_type: str
    squeezed: bytes
    """The body as gzip."""


def load() -> Mapping[str, StaticFile]:
    """The files by name."""
    return {name: _read(name) for name in NAMES}


def _read(name: str) -> StaticFile:
    body = (files("analyst.web") / "static" / name).read_bytes()
    path = f"/static/{sha256(body).hexdigest()[:16]}/{name}"
    return StaticFile(path, body, TYPES[name.rpartition(".")[2]], gzip.compress(body, mtime=0))
