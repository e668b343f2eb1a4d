"""The program in this process, on a home folder of its own: arguments and environment in, streams and status out."""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cli import main
from pipeline.alerts.subscriptions import subscribe
from tests.integration.world import World, drive, small_web


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output: one JSON document in one line and nothing else."""
        assert self.out.endswith("\n")
        assert self.out.count("\n") == 1, self.out
        return json.loads(self.out)


Program = Callable[..., Ran]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An empty home folder."""
    return tmp_path / "home"


@pytest.fixture
def program(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Program:
    """``program("feeds", "list", "--json", status=0)``: runs the console script's entry with these arguments and checks
    its exit status. ``stdin`` are bytes, ``env`` further variables."""
    for name in list(os.environ):
        if name.startswith("SANCTUARY_WATCH_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("SANCTUARY_WATCH_HOME", str(home))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.delenv("FORCE_COLOR", raising=False)

    def run(*arguments: str, status: int = 0, stdin: bytes = b"", env: dict[str, str] | None = None) -> Ran:
        with monkeypatch.context() as patch:
            patch.setattr(sys, "argv", ["sanctuary-watch", *arguments])
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
            for name, value in (env or {}).items():
                patch.setenv(name, value)
            capsys.readouterr()
            with pytest.raises(SystemExit) as ended:
                main.main()
        told = capsys.readouterr()
        ran = Ran(int(ended.value.code or 0), told.out, told.err)
        assert ran.status == status, ran
        return ran

    return run


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder after a run over the small web: two measures, told to one subscriber, a copy, three discards."""
    folder = tmp_path_factory.mktemp("finished") / "home"
    world = World(folder, small_web())
    with world.tools() as tools:
        world.watch_all(tools)
        tools.archive.create(subscribe(to="reader@example.org", now=world.now))
        drive(tools)
    return folder


@pytest.fixture
def filled(finished: Path, home: Path) -> Path:
    """A copy of ``finished`` to work in."""
    shutil.copytree(finished, home)
    return home
