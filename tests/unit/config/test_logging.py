from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
from structlog.contextvars import bound_contextvars

from config.logging import QUIET, set_up


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Leaves logging as it was."""
    root = logging.getLogger()
    before = root.handlers[:], root.level, {name: logging.getLogger(name).level for name in QUIET}
    yield
    root.handlers[:], root.level = before[0], before[1]
    for name, level in before[2].items():
        logging.getLogger(name).setLevel(level)


Captured = pytest.CaptureFixture[str]


def test_one_json_document_a_line_where_nobody_looks(capsys: Captured) -> None:
    set_up()
    logging.getLogger("pipeline.flow").info("feed %s: %s", "https://bee.example", "Gone\n\x1b[31m")
    try:
        _ = 1 / 0
    except ZeroDivisionError:
        logging.getLogger("pipeline.flow").exception("it failed")
    first, second = map(json.loads, capsys.readouterr().err.splitlines())
    assert first["event"] == "feed https://bee.example: Gone\n\x1b[31m"
    assert (first["level"], first["timestamp"][-1]) == ("info", "Z")
    assert "ZeroDivisionError: division by zero" in second["exception"]


def test_words_on_a_terminal(capsys: Captured) -> None:
    set_up(json=False)
    logging.getLogger("workers").info("watching 3 feeds")
    told = capsys.readouterr().err
    assert "watching 3 feeds" in told
    assert not told.startswith("{")


@pytest.mark.parametrize("name", QUIET)
def test_libraries_are_quiet(capsys: Captured, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    # A uvicorn that ran in this process without a log of accesses has switched its logger off for good.
    monkeypatch.setattr(logging.getLogger(name), "propagate", True)
    set_up(verbose=True)
    logging.getLogger(name).info("chatter")
    assert capsys.readouterr().err == ""
    logging.getLogger(name).warning("trouble")
    assert "trouble" in capsys.readouterr().err


def test_every_line_carries_the_ids_of_what_is_worked_on(capsys: Captured) -> None:
    set_up()
    with bound_contextvars(entry="e1", feed="f1"):
        logging.getLogger("pipeline.fetch").info("asked")
    logging.getLogger("pipeline.fetch").info("idle")
    first, second = map(json.loads, capsys.readouterr().err.splitlines())
    assert (first["entry"], first["feed"]) == ("e1", "f1")
    assert "entry" not in second


def test_verbose_shows_details(capsys: Captured) -> None:
    set_up()
    logging.getLogger("pipeline").debug("a detail")
    assert capsys.readouterr().err == ""
    set_up(verbose=True)
    logging.getLogger("pipeline").debug("a detail")
    assert "a detail" in capsys.readouterr().err
