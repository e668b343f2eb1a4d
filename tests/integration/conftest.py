"""The newsroom that many tests watch, and what a run comes to that nothing disturbs: made once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from demo.newsroom import Newsroom
from tests.integration.program import DRIPPING, Outcome, Program, outcome


@pytest.fixture(scope="session")
def newsroom() -> Iterator[Newsroom]:
    """The page that never ends is in it: most tests leave its outlet out, as who reads that would be killed over it."""
    with Newsroom(datetime.now(UTC)) as made:
        yield made
        assert made.errors == []


@pytest.fixture(scope="session")
def undisturbed(newsroom: Newsroom, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """What one process comes to, without any server, when nothing disturbs it."""
    program = Program(tmp_path_factory.mktemp("undisturbed") / "home")
    program.watch(newsroom, but=(DRIPPING,))
    program.do("run", "--until-idle")
    return outcome(program.findings())
