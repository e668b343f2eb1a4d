"""The shape of the project, read from its imports: one way between rooms, one door to the network.

Nothing is imported here; every module is read as text, imports inside functions included.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("config", "pipeline", "workers", "analyst", "cli", "demo")

# What a module of a room may import of the project: whole rooms, or single modules.
ALLOWED = {
    "config": ("config",),
    "pipeline": ("config", "pipeline"),
    "workers": ("config", "pipeline", "workers"),
    "analyst": ("config", "pipeline", "analyst"),
    "cli": ROOMS,
    "demo": ("demo", "pipeline.model"),
    # The demo's own console script.
    "demo.__main__": ROOMS,
}

# Whatever can open a connection to the outside, or is a function that does so behind a harmless module's name.
OUTSIDE = (
    "aiohttp", "asyncio.open_connection", "curl_cffi", "elastic_transport", "elasticsearch", "ftplib", "http.client",
    "http.server", "httpcore", "httpcore2", "httplib2", "httpx", "httpx2", "hishel", "niquests", "pycurl", "requests",
    "smtplib", "socket.create_connection", "socket.getaddrinfo", "telnetlib", "trafilatura.downloads",
    "trafilatura.fetch_response", "trafilatura.fetch_url", "trafilatura.spider", "trafilatura.sitemaps",
    "trafilatura.feeds", "htmldate.utils.fetch_url", "urllib.request", "urllib.robotparser", "urllib3", "websocket",
    "websockets", "xmlrpc.client",
)  # fmt: skip
DOORS = {
    "pipeline/fetch.py": ("httpcore2", "socket.getaddrinfo"),
    "pipeline/archive/elastic/client.py": ("elasticsearch", "elastic_transport"),
    "pipeline/alerts/smtp.py": ("smtplib",),
    "demo/hub.py": ("http.server", "http.client"),
}
DEMO_DOORS = ("http.server",)

# A module that imports one of these, or imports such a module, does input and output: a shell.
SHELL_MARKS = ("elasticsearch", "httpcore2", "kombu", "redis", "smtplib", "socket", "sqlite3", "subprocess")
# The rooms of the pipeline that are a single module. Whatever else lies directly in it tells the story: the flow and
# the chapters it is told in. They alone bring rooms together.
SINGLE = (
    "pipeline.errors", "pipeline.model", "pipeline.broker", "pipeline.decoding", "pipeline.fetch", "pipeline.guard",
    "pipeline.heartbeats", "pipeline.politeness", "pipeline.processes", "pipeline.shown",
    "pipeline.tally", "pipeline.workshop",
)  # fmt: skip


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def sources() -> dict[str, Path]:
    """All modules of the project's rooms, by name."""
    return {module_name(path): path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))}


def imported(text: str, module: str = "", package: bool = False) -> set[str]:
    """Dotted names that a module imports, anywhere in it: ``from a import b`` gives a and a.b."""
    found: set[str] = set()
    base = module.split(".") if package else module.split(".")[:-1]
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = base[: len(base) - node.level + 1] if node.level else []
            source = ".".join([*above, *([node.module] if node.module else [])])
            found.add(source)
            found.update(f"{source}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "__import__")):
            found.update(
                word.value for word in node.args if isinstance(word, ast.Constant) and isinstance(word.value, str)
            )
    return found


def spelled(text: str) -> set[str]:
    """Dotted names that occur in a module's code: ``a.b.c()`` gives a.b.c and a.b."""
    return {ast.unparse(node) for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Attribute)}


def within(name: str, roots: Iterable[str]) -> bool:
    """Whether a dotted name is one of the roots or inside it."""
    return any(name == root or name.startswith(root + ".") for root in roots)


def doors(path: str) -> tuple[str, ...]:
    return DOORS.get(path, DEMO_DOORS if path.startswith("demo/") else ())


def outside_names(path: str, names: set[str]) -> list[str]:
    """What a module uses to reach the network although it must not."""
    return sorted(name for name in names if within(name, OUTSIDE) and not within(name, doors(path)))


def forbidden_rooms(module: str, names: set[str]) -> list[str]:
    """What a module imports of the project against the direction."""
    allowed = ALLOWED.get(module, ALLOWED[module.split(".")[0]])
    return sorted(
        name
        for name in names
        if within(name, (*ROOMS, "tests", "benchmarks"))
        and not within(name, allowed)
        and name not in package_of(allowed)
    )


def package_of(modules: Iterable[str]) -> set[str]:
    """``from pipeline import model`` also names ``pipeline``; that alone reaches nothing."""
    return {module.rpartition(".")[0] for module in modules}


def room_of(module: str) -> str:
    """``pipeline.archive`` of ``pipeline.archive.sqlite``; a module directly in pipeline is its own room."""
    return ".".join(module.split(".")[:2])


def shells(uses: dict[str, set[str]]) -> set[str]:
    """Modules of the pipeline that do input and output, or import one that does."""
    found = {module for module, names in uses.items() if any(within(name, SHELL_MARKS) for name in names)}
    while more := {module for module, names in uses.items() if names & found} - found:
        found |= more
    return found


def tells_the_story(module: str) -> bool:
    return module.count(".") == 1 and module not in SINGLE and sources()[module].stem != "__init__"


def joined(uses: dict[str, set[str]], module: str) -> set[str]:
    """Other rooms of the pipeline whose shells a module imports."""
    return {room_of(name) for name in uses[module] & shells(uses)} - {room_of(module)}


USES = {name: imported(path.read_text(), name, path.stem == "__init__") for name, path in sources().items()}
PIPELINE = {module: names for module, names in USES.items() if module.startswith("pipeline.")}
IN_ROOMS = sorted(module for module in PIPELINE if not tells_the_story(module))


@pytest.mark.parametrize("module", sorted(USES))
def test_only_the_fetcher_reaches_the_outside(module: str) -> None:
    path = sources()[module]
    names = USES[module] | spelled(path.read_text())
    assert outside_names(path.relative_to(ROOT).as_posix(), names) == []


@pytest.mark.parametrize("module", sorted(USES))
def test_imports_point_one_way(module: str) -> None:
    assert forbidden_rooms(module, USES[module]) == []


@pytest.mark.parametrize("module", IN_ROOMS)
def test_a_room_of_the_pipeline_does_not_know_the_story(module: str) -> None:
    assert sorted(name for name in PIPELINE[module] & set(PIPELINE) if tells_the_story(name)) == []


@pytest.mark.parametrize("module", IN_ROOMS)
def test_only_the_story_joins_the_shells_of_several_rooms(module: str) -> None:
    assert len(joined(PIPELINE, module)) <= 1


def test_every_room_has_modules() -> None:
    assert {name.split(".")[0] for name in USES} == set(ROOMS)


# ------------------------------------------------------------------ the rules themselves
@pytest.mark.parametrize(
    "text",
    [
        "import requests", "import httpx2 as h", "def f():\n    import urllib3", "from urllib import request",
        "import urllib.request", "import urllib\nurllib.request.urlopen('x')", "from http import client",
        "from trafilatura import fetch_url", "import trafilatura\ntrafilatura.fetch_url('x')",
        "from trafilatura.downloads import fetch_response", "import socket\nsocket.create_connection(('x', 1))",
        "from socket import create_connection", "import importlib\nimportlib.import_module('aiohttp')",
        "__import__('httpx')", "from smtplib import SMTP", "import httpcore2", "import http.server",
    ],
)  # fmt: skip
def test_a_way_out_is_noticed(text: str) -> None:
    assert outside_names("pipeline/feeds/parse.py", imported(text) | spelled(text))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("pipeline/fetch.py", "import httpcore2, socket\nsocket.getaddrinfo"),
        ("pipeline/archive/elastic/client.py", "from elasticsearch import Elasticsearch"),
        ("pipeline/alerts/smtp.py", "import smtplib"),
        ("demo/newsroom.py", "from http.server import ThreadingHTTPServer"),
        (
            "pipeline/feeds/parse.py",
            "from urllib.parse import urlsplit\nimport trafilatura\nfrom http import HTTPStatus",
        ),
    ],
)
def test_a_door_is_open_to_its_owner(path: str, text: str) -> None:
    assert outside_names(path, imported(text) | spelled(text)) == []


@pytest.mark.parametrize(
    ("module", "text", "wrong"),
    [
        ("config.settings", "from pipeline.model import Feed", True),
        ("pipeline.flow", "from workers import app", True),
        ("pipeline.flow", "from config.settings import load", False),
        ("pipeline.feeds.parse", "from ..model import Feed", False),
        ("pipeline.feeds.parse", "from ...workers import app", True),
        ("workers.tasks", "from analyst.answers import search", True),
        ("analyst.web", "import workers.app", True),
        ("analyst.web", "from cli import main", True),
        ("cli.main", "import workers, analyst, demo, pipeline, config", False),
        ("demo.newsroom", "from pipeline import model", False),
        ("demo.newsroom", "from pipeline.model import Feed", False),
        ("demo.newsroom", "from pipeline.fetch import Fetcher", True),
        ("pipeline.flow", "from tests.unit import servers", True),
    ],
)
def test_direction_is_noticed(module: str, text: str, wrong: bool) -> None:
    assert bool(forbidden_rooms(module, imported(text, module))) is wrong


def test_shells_are_found_through_their_imports() -> None:
    uses = {
        "pipeline.fetch": imported("import httpcore2"),
        "pipeline.politeness": imported("from pipeline.fetch import Fetcher"),
        "pipeline.archive.sqlite": imported("import sqlite3"),
        "pipeline.archive.base": imported("from pipeline.model import Record"),
    }
    assert shells(uses) == {"pipeline.fetch", "pipeline.politeness", "pipeline.archive.sqlite"}
    assert joined(uses | {"pipeline.flow": set(uses)}, "pipeline.flow") == {
        "pipeline.fetch", "pipeline.politeness", "pipeline.archive",
    }  # fmt: skip
