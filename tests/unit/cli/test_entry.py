"""The program as such: help, completion, exit statuses, settings, streams."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import typer.main

from cli import main
from pipeline.errors import UserError
from tests.unit.cli.conftest import Program
from tests.unit.cli.shapes import FAILED, misfits

ROOT = Path(main.__file__).parents[1]
HEAVY = {"celery", "kombu", "trafilatura", "lxml", "pydantic", "starlette", "jinja2", "sqlite3", "httpcore2", "numpy"}


def commands() -> list[tuple[str, ...]]:
    """The words of every command."""
    found: list[tuple[str, ...]] = []

    def walk(command: object, words: tuple[str, ...]) -> None:
        children = getattr(command, "commands", None)
        if children is None:
            found.append(words)
        for name, child in (children or {}).items():
            walk(child, (*words, name))

    walk(typer.main.get_command(main.app), ())
    return found


def test_every_command_of_the_interface_is_there() -> None:
    promised = {
        *("run", "search", "timeline", "sources", "docket", "why", "explain", "eval", "status", "web"),
        *(f"feeds {name}" for name in ("add", "import", "export", "remove", "list", "check")),
        *(f"subscriptions {name}" for name in ("add", "import", "list", "remove")),
        *(f"quarantine {name}" for name in ("list", "show", "retry", "drop")),
        *(f"measures {name}" for name in ("merge", "split", "correct")),
        *(f"alerts {name}" for name in ("list", "preview")),
        *(f"archive {name}" for name in ("verify", "backup", "migrate", "forget")),
    }
    assert promised <= {" ".join(words) for words in commands()}


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_every_command_explains_itself(program: Program, words: tuple[str, ...]) -> None:
    ran = program(*words, "--help")
    assert f"Usage: sanctuary-watch {' '.join(words)}" in " ".join(ran.out.split())
    assert ran.err == ""
    if words != ("web",):
        assert "--json" in ran.out


def test_help_and_completion_import_nothing_heavy() -> None:
    code = (
        "import sys, typer.main\nfrom cli import main\n"
        "typer.main.get_command(main.app)\n"
        "print(*{name.split('.')[0] for name in sys.modules})"
    )
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not HEAVY & set(told.stdout.split())


def test_the_console_script_is_this_program() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["scripts"] == {"sanctuary-watch": "cli.main:main"}


def test_no_command_is_wrong_usage(program: Program) -> None:
    program(status=2)
    program("feeds", status=2)
    assert "No such command" in program("fedes", status=2).err


def test_version(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.metadata.version", lambda name: f"0 of {name}")
    assert program("--version").out == "sanctuary-watch 0 of sanctuary-watch\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_for(shell: str, program: Program) -> None:
    # Typer asks which shell it runs in, unless its tests tell it not to.
    env = {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    script = program("--show-completion", shell, env=env).out
    assert "_SANCTUARY_WATCH_COMPLETE" in script
    assert "--install-completion" in program("--help").out


def test_completion_completes(program: Program) -> None:
    env = {"_SANCTUARY_WATCH_COMPLETE": "complete_bash", "COMP_WORDS": "sanctuary-watch s", "COMP_CWORD": "1"}
    assert program(env=env).out.split() == ["search", "sources", "status", "subscriptions", "saved"]


def test_what_failed_is_told_in_json_and_in_words(program: Program) -> None:
    ran = program("docket", "Nowhere at all", "--json", status=1)
    assert misfits(ran.json, FAILED) == []
    assert ran.json["error"]["class"] == "UserError"
    assert "is no place" in ran.json["error"]["reason"]
    assert ran.err.startswith("sanctuary-watch: ")
    plain = program("docket", "Nowhere at all", status=1)
    assert (plain.out, plain.err) == ("", ran.err)


def test_a_query_that_cannot_be_read(program: Program) -> None:
    ran = program("search", "fresno AND", "--json", status=2)
    assert ran.json["error"]["class"] == "QueryError"
    assert "at character 11" in ran.json["error"]["reason"], "it says where"
    assert program("timeline", 'title:"open', status=2).out == ""


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ARCHIVE_URL", "mysql://localhost"),
        ("FRONTIER_URL", "file:///tmp/x"),
        ("BROKER_URL", "amqp://localhost"),
        ("SMTP_URL", "http://localhost"),
        ("WEB_LISTEN", "8050"),
        ("ALLOW_NETWORKS", "10.0.0.0/33"),
        ("MAIL_FROM", "nobody"),
    ],
)
def test_a_bad_setting(program: Program, name: str, value: str) -> None:
    ran = program("feeds", "list", "--json", status=2, env={f"SANCTUARY_WATCH_{name}": value})
    assert ran.json["error"]["class"] == "BadSetting"
    assert name in ran.json["error"]["reason"]


def test_settings_from_a_file(program: Program, tmp_path: Path) -> None:
    config, other = tmp_path / "settings.toml", tmp_path / "other"
    config.write_text(f'archive_url = "sqlite:///{other / "a.sqlite3"}"\n')
    program("--config", str(config), "feeds", "add", "https://bee.example/feed")
    assert (other / "a.sqlite3").exists()
    assert program("feeds", "list", "--json").json == {"feeds": []}, "another archive"
    config.write_text("colour = 'red'\n")
    assert "unknown setting 'colour'" in program("--config", str(config), "feeds", "list", status=2).err


def test_a_store_that_is_not_built_in(program: Program, tmp_path: Path) -> None:
    folder = tmp_path / "a folder"
    folder.mkdir()
    ran = program("feeds", "list", "--json", status=1, env={"SANCTUARY_WATCH_ARCHIVE_URL": f"sqlite:///{folder}"})
    assert misfits(ran.json, FAILED) == []


def test_messages_cannot_drive_the_terminal(program: Program) -> None:
    ran = program("docket", "\x1b]0;owned\x07\u202e", "--json", status=1)
    assert ran.err.isascii()
    assert "\x1b" not in ran.out + ran.err


def test_the_reader_of_our_output_may_go(filled: Path) -> None:
    env = {**os.environ, "SANCTUARY_WATCH_HOME": str(filled)}
    command = [sys.executable, "-m", "cli.main", "search", "", "--json"]
    with subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 1


def test_errors_of_any_kind_end_with_status_1(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(prog_name: str) -> None:
        raise UserError("no\ttabs", subject=prog_name)

    monkeypatch.setattr(main, "app", fail)
    reason = "no\ttabs (sanctuary-watch)"
    assert program("--json", status=1).json == {"error": {"class": "UserError", "reason": reason}}
