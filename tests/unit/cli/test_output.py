"""How commands answer: tables, CSV, JSON, and text from outside in all of them."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from rich.console import Console

from analyst.exports.cells import cell
from cli import output
from tests.unit.cli.conftest import Program


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＠"])
def test_a_cell_is_no_formula(start: str) -> None:
    assert cell(f"{start}HYPERLINK(1)") == f"'{start}HYPERLINK(1)"
    assert cell([f"{start}a", "b"]) == f"'{start}a; b"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        (True, "true"),
        (False, "false"),
        (-3, "-3"),
        (0.25, "0.25"),
        ("plain", "plain"),
        (["one", "two"], "one; two"),
        ([], ""),
        ({"class": "Gone", "reason": "404"}, "Gone: 404"),
    ],
)
def test_cells(value: object, shown: str) -> None:
    assert cell(value) == shown


def test_csv_has_a_heading(capsys: pytest.CaptureFixture[str]) -> None:
    output.write_csv([{"a": 'say "hi"', "b": "x,y"}, {"a": "=1", "b": None}])
    assert capsys.readouterr().out == 'a,b\n"say ""hi""","x,y"\n\'=1,\n'


def test_csv_of_nothing_is_empty(capsys: pytest.CaptureFixture[str]) -> None:
    output.write_csv([])
    assert capsys.readouterr().out == ""


def test_json_is_ascii(capsys: pytest.CaptureFixture[str]) -> None:
    output.write_json({"title": "é\u202e\udcff\x1b"})
    told = capsys.readouterr().out
    assert told == '{"title": "\\u00e9\\u202e\\udcff\\u001b"}\n'


def test_tables_are_plain_text_whatever_stands_in_them() -> None:
    file = io.StringIO()
    console = Console(file=file, width=60, force_terminal=True, color_system="standard")
    output.table(console, ["name"], [["[bold red]x[/] \x1b[2J\x9b1m\u202eevil"]], empty="")
    lines = [line.rstrip() for line in file.getvalue().splitlines()]
    assert any("[bold red]x[/]  [2J 1m evil" in line for line in lines)


def test_an_empty_table_says_so() -> None:
    file = io.StringIO()
    output.table(Console(file=file), ["name"], [], empty="Nothing [there].")
    assert file.getvalue() == "Nothing [there].\n"


def test_day() -> None:
    assert output.day("2026-03-05T18:00:00Z") == "2026-03-05"
    assert output.day(None) == "undated"


def test_no_color(program: Program, filled: Path) -> None:
    env = {"FORCE_COLOR": "1", "TERM": "xterm-256color", "NO_COLOR": "1"}
    codes = {
        int(code) for run in re.findall(r"\x1b\[([\d;]*)m", program("docket", env=env).out) for code in run.split(";")
    }
    assert codes <= {0, 1, 2}, "bold and dim are no colours"
    assert "\x1b" not in program("docket").out


def test_no_escape_codes_where_there_is_no_terminal(program: Program, filled: Path) -> None:
    for command in (["docket"], ["search", ""], ["feeds", "list"], ["status"]):
        told = program(*command, status=1 if command == ["status"] else 0).out
        assert told
        assert "\x1b" not in told


def test_progress_hands_everything_on(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(output.progress([1, 2, 3], "feeds")) == [1, 2, 3]
    assert capsys.readouterr().out == ""
