"""A test that cannot run is a gap: said where it is allowed, a failure where it is not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TESTS = {
    "test_itself": "import pytest\ndef test_it(): pytest.skip('no server here')\n",
    "test_by_fixture": "import pytest\n@pytest.fixture\ndef it(): pytest.skip('no server')\ndef test_it(it): pass\n",
    "test_as_module": "import pytest\npytest.skip('no server', allow_module_level=True)\n",
}


@pytest.mark.parametrize(
    ("environment", "status", "told"),
    [
        ({}, 0, ["3 skipped", "3 NOT TESTED", "no server"]),
        ({"SANCTUARY_WATCH_TEST_FORBID_SKIPS": "1"}, 1, ["1 failed, 2 errors", "no server", "makes this a failure"]),
    ],
    ids=["allowed", "forbidden"],
)
def test_a_skip(environment: dict[str, str], status: int, told: list[str], tmp_path: Path) -> None:
    for name, text in TESTS.items():
        (tmp_path / f"{name}.py").write_text(text)
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("SANCTUARY_WATCH_", "PYTEST_"))}
    command = [sys.executable, "-m", "pytest", "-ra", "-p", "no:cacheprovider", "-p", "tests.conftest"]
    ran = subprocess.run(
        [*command, "--continue-on-collection-errors", "-c", os.devnull, "--rootdir", tmp_path, tmp_path],
        cwd=ROOT, env={**ours, **environment}, capture_output=True, text=True, check=False, timeout=100,
    )  # fmt: skip
    assert ran.returncode == status, ran.stdout
    assert [words for words in told if words not in ran.stdout] == []
