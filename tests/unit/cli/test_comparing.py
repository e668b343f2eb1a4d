"""Every answer of the API is one command, and its JSON the same document; what the commands say to eyes."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette

from analyst.answers.board import FEW, Board
from analyst.answers.saved import save
from analyst.api.table import QUESTIONS
from analyst.web.app import make_app
from config.settings import Settings
from pipeline.archive import open_archive
from pipeline.frontier import open_frontier
from pipeline.model import Docket, Jurisdiction
from tests.unit.analyst.web.calling import call
from tests.unit.analyst.web.library import NOW
from tests.unit.analyst.web.stock import fill
from tests.unit.cli.conftest import Program

SAME: list[tuple[str, str, list[str]]] = [
    ("/search", "?q=sanctuary&limit=3", ["search", "sanctuary", "--limit", "3"]),
    ("/search", "?q=ellery&sort=relevance&fold=true&tz=Asia/Tokyo",
     ["search", "ellery", "--sort", "relevance", "--fold", "--tz", "Asia/Tokyo"]),
    ("/facets", "?q=sanctuary", ["facets", "sanctuary"]),
    ("/facets", "?field=measure&field=place&n=2", ["facets", "", "--field", "measure", "--field", "place", "--n", "2"]),
    ("/timeline", "?q=sanctuary", ["timeline", "sanctuary"]),
    ("/timeline", "?by=week&tz=America/Denver", ["timeline", "", "--by", "week", "--tz", "America/Denver"]),
    ("/compare", "?q=sanctuary&q=place:TX", ["compare", "sanctuary", "place:TX"]),
    ("/sources", "?by=share&tz=Asia/Tokyo", ["sources", "", "--by", "share", "--tz", "Asia/Tokyo"]),
    ("/heatmap", "?q=sanctuary&n=3&by=day", ["heatmap", "sanctuary", "--n", "3", "--by", "day"]),
    ("/docket", "?place=CA", ["docket", "CA"]),
    ("/docket", "", ["docket"]),
    ("/dockets", "", ["dockets"]),
    ("/measures/{id}", "", ["measures", "show", "m-ellery"]),
    ("/changes", "?days=30", ["changes", "--days", "30"]),
    ("/why", "?url=https://dunmoredispatch.example/x", ["why", "https://dunmoredispatch.example/x"]),
    ("/health", "", ["health"]),
    ("/status", "", ["status"]),
    ("/saved", "", ["saved", "list"]),
    ("/saved/{id}", "", ["saved", "show", "SAVED"]),
]  # fmt: skip


@pytest.fixture
def stocked(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Starlette, str]]:
    """The web over the home folder's stores, filled, and the id of a saved search. Now is ``NOW`` for all."""
    settings = Settings(home=home, secret_key="a secret of the tests")
    settings.ensure_home()
    monkeypatch.setattr("pipeline.model.utc_now", lambda: NOW)
    with closing(open_archive(settings.archive)) as archive, closing(open_frontier(settings.frontier)) as frontier:
        fill(archive, frontier)
        saved = save(archive, "Ellery", "ellery", now=NOW)
        yield make_app(settings, archive, frontier, now=lambda: NOW), saved.id


def test_every_answer_of_the_api_is_a_command_with_the_same_document(
    program: Program, stocked: tuple[Starlette, str]
) -> None:
    web, saved = stocked
    for path, asked, command in SAME:
        at = path.replace("{id}", "m-ellery" if "measures" in path else saved)
        answer = call(web, f"/api/v1{at}{asked}")
        assert answer.status == 200, (at, answer.text)
        printed = program(*[saved if word == "SAVED" else word for word in command], "--json")
        if path == "/status":  # how much of the disk is free changes between the two
            assert _without_disk(printed.json) == _without_disk(json.loads(answer.text))
        else:
            assert printed.out == answer.text, command
    assert {path for path, _, _ in SAME} == {question.path for question in QUESTIONS}


def test_a_command_begins_with_what_an_earlier_one_kept_of_many_dockets(
    program: Program, stocked: tuple[Starlette, str], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    towns = [Jurisdiction(f"Town {number}", "town", "WI") for number in range(FEW)]
    with closing(open_archive(Settings(home=home).archive)) as archive:
        archive.create_many([Docket(town.key, town, NOW) for town in towns])
    first = program("dockets", "--json").out
    monkeypatch.setattr(Board, "_read_everything", lambda *_: pytest.fail("all dockets were read again"))
    assert program("dockets", "--json").out == first


def _without_disk(status: dict[str, Any]) -> dict[str, Any]:
    return {**status, "checks": [check for check in status["checks"] if check["name"] != "disk"]}


def test_an_export_is_the_apis_file(program: Program, stocked: tuple[Starlette, str], tmp_path: Path) -> None:
    web, saved = stocked
    for form in ("csv", "json", "jsonl", "rss", "ics"):
        file = call(web, f"/api/v1/export.{form}?q=ellery").text
        assert program("export", "ellery", "--form", form).out == file
        program("export", "--saved", saved, "--form", form, "--out", str(tmp_path / form))
        assert (tmp_path / form).read_bytes().decode() == call(web, f"/api/v1/saved/{saved}.{form}").text
    assert program("export", "ellery", "--json").json["total"] == 8
    told = program("export", "ellery", "--out", str(tmp_path / "more"), "--json").json
    assert (told["query"], told["total"], told["file"]) == ("ellery", 8, str(tmp_path / "more"))
    assert program("export", "ellery", "--bom").out.startswith("\ufeffid,published")
    assert "exists" in program("export", "x", "--out", str(tmp_path / "csv"), status=1).err
    assert "csv only" in program("export", "x", "--bom", "--form", "rss", status=1).err
    assert "not both" in program("export", "x", "--saved", saved, status=1).err
    program("export", "(", status=2)


def test_in_words(program: Program, stocked: tuple[Starlette, str]) -> None:
    assert "Port Ellery, CA" in program("facets", "ellery").out
    assert "% )" not in program("compare", "ellery", "place:TX").out
    assert "█" in program("heatmap", "").out
    assert "limits cooperation 1" in program("dockets").out
    told = program("measures", "show", "m-ellery").out
    assert "Port Ellery, CA: ordinance Ordinance No. 25-118" in told
    assert "Port Ellery Beacon: Mayor signs sanctuary ordinance" in told
    assert "no measure by this id" in program("measures", "show", "nothing", status=1).err
    assert "Texas: bill H.B. 9010" in program("changes", "--days", "30").out
    told = program("health").out
    assert "failing" in told
    assert "No healthy feed at home in 49 states" in told or "states: " in told
    assert "outlet" in program("search", "ellery", "--fold").out
    assert "ordinance Ordinance No. 25-118 adopted" in program("timeline", "ellery").out


def test_as_rows(program: Program, stocked: tuple[Starlette, str]) -> None:
    for command in (["facets", ""], ["compare", "a", "b"], ["heatmap", ""], ["dockets"], ["changes", "--days", "60"],
                    ["health"], ["saved", "list"], ["search", "ellery", "--fold"]):  # fmt: skip
        rows = list(csv.DictReader(io.StringIO(program(*command, "--csv").out)))
        assert rows or command[0] == "compare"
        assert all(None not in row for row in rows)


def test_searches_are_saved(program: Program, home: Path) -> None:
    (made,) = program("saved", "add", "Jails", "detainer", "--tz", "America/Chicago", "--json").json["saved"]
    assert (made["name"], made["query"], made["tz"]) == ("Jails", "detainer", "America/Chicago")
    assert program("saved", "list", "--json").json["saved"] == [made]
    assert "Jails" in program("saved", "list").out
    assert program("saved", "remove", made["id"], "--json").json["saved"] == [made]
    assert program("saved", "show", made["id"], "--json", status=1).json["error"]["class"] == "NotKnown"
    assert "No search is saved." in program("saved", "list").out
    program("saved", "add", "x", "(", status=2)


def test_a_key_is_shown_once(program: Program, home: Path) -> None:
    ran = program("keys", "add", "newsroom")
    secret = ran.out.strip()
    assert "only time" in ran.err
    (row,) = program("keys", "list", "--json").json["keys"]
    assert (row["name"], row["scopes"], row["last_used"]) == ("newsroom", ["read"], None)
    assert secret not in program("keys", "list").out
    (other,) = program("keys", "add", "desk", "--write", "--json").json["keys"]
    assert other["key"].startswith(f"sw_{other['id']}_")
    assert other["scopes"] == ["read", "write"]
    assert secret[12:].encode() not in b"".join(path.read_bytes() for path in home.iterdir() if path.is_file())
    assert program("keys", "revoke", "newsroom", "--json").json["keys"][0]["id"] == row["id"]
    assert program("keys", "revoke", other["id"]).out == "revoked\n"
    assert program("keys", "revoke", other["id"], "--json", status=1).json["error"]["class"] == "NotKnown"
    assert "There is no key" in program("keys", "list").out
