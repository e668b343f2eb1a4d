"""Style and icon: the bytes that were vetted, at addresses that may be kept for ever."""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path

import pytest
from starlette.applications import Starlette

from analyst.web import statics
from tests.unit.analyst.web.calling import call

STATIC = Path(statics.__file__).parent / "static"
TEMPLATES = STATIC.parent / "templates"


def test_vendored_files_are_those_that_were_vetted() -> None:
    listed = re.findall(r"^\| `([^`]+)` .*`([0-9a-f]{64})` \|$", (STATIC / "VENDORED.md").read_text(), re.MULTILINE)
    assert {name for name, _ in listed} == {
        "pico.classless.min.css", "pico.LICENSE.md", "uPlot.iife.min.js", "uPlot.min.css", "uPlot.LICENSE.txt",
    }  # fmt: skip
    for name, digest in listed:
        assert sha256((STATIC / name).read_bytes()).hexdigest() == digest
    own = {"sanctuary.css", "icon.svg", "timeline.js", "keys.js", "VENDORED.md"}
    assert {path.name for path in STATIC.iterdir()} == own | {name for name, _ in listed}


def test_our_own_style_stays_small_and_loads_nothing() -> None:
    style = (STATIC / "sanctuary.css").read_text()
    assert len(style.encode()) <= 12_288
    assert "url(" not in style
    assert "@import" not in style


@pytest.mark.parametrize("name", statics.NAMES)
def test_a_file_is_kept_for_ever(web: Starlette, name: str) -> None:
    file = statics.load()[name]
    answer = call(web, file.path)
    assert answer.status == 200
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"] == file.media_type
    assert answer.text.encode() == file.body
    assert call(web, file.path.replace(file.path.split("/")[2], "0" * 16)).status == 404


def test_nothing_else_is_served_from_the_folder(web: Starlette) -> None:
    for path in ("/static/VENDORED.md", "/static/../app.py", "/static/%2e%2e/app.py", "/static/"):
        assert call(web, path).status == 404


OURS = re.compile(r'<script (?:defer|type="module") src="\{\{ files\["[\w.]+"\]\.path \}\}"></script>')


@pytest.mark.parametrize("template", sorted(TEMPLATES.glob("*.html")), ids=lambda path: path.stem)
def test_templates_keep_to_the_policy(template: Path) -> None:
    text = OURS.sub("", template.read_text())
    assert not re.search(r"<script|\sstyle=|\son\w+=|javascript:|\|\s*safe\b|autoescape", text, re.IGNORECASE)
    assert not re.search(r"(?:src|href|action)=\"(?:https?:)?//", text), "nothing is loaded from elsewhere"


def test_everything_a_page_loads_stays_light(web: Starlette) -> None:
    page = call(web, "/", headers={"accept-encoding": "gzip"})
    assert page.headers["content-encoding"] == "gzip"
    assert len(page.body) + sum(len(file.squeezed) for file in statics.load().values()) < 80_000
