"""One Elasticsearch for all processes of a test run, whoever of them comes first and leaves last.

Whoever asks first starts a keeper, a process of its own that starts the server and says where it is. Everyone who asks
holds a shared lock on a file for as long as it lives; the keeper waits for an exclusive one, which the kernel grants
when the last of them is gone, however it went, and then takes the server and its data away. The server dies with its
keeper.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
import uuid
from functools import cache
from pathlib import Path

from tests.servers.layout import Missing
from tests.servers.processes import tail

_ROOT = Path(__file__).parents[2]
_ALONE = uuid.uuid4().hex


def shared_url() -> str:
    """The base URL of this run's server, started now if need be.

    :raises Missing: where no server can be had
    """
    outcome, text = _join(Path(tempfile.gettempdir(), f"sanctuary-watch-{os.getuid()}-{_run()}"))
    if outcome == "missing":
        raise Missing(text)
    assert outcome == "url", f"the test run's Elasticsearch could not be started:\n{text}"
    return text


def _run() -> str:
    """A name that all processes of this test run know and no other run has."""
    return os.environ.get("PYTEST_XDIST_TESTRUNUID", _ALONE)


@cache
def _join(folder: Path) -> tuple[str, str]:
    """What the keeper told, as a word and a text."""
    while True:
        folder.mkdir(mode=0o700, exist_ok=True)
        with (folder / "starting").open("w") as starting:
            fcntl.flock(starting, fcntl.LOCK_EX)
            # Held until this process ends; a file object would warn that nobody closes it.
            using = os.open(folder / "using", os.O_RDWR | os.O_CREAT)
            fcntl.flock(using, fcntl.LOCK_SH)
            if not _same(using, folder / "using"):  # the keeper of those before us has just cleared up
                os.close(using)
                continue
            if not (folder / "told").exists():
                _start(folder)
            outcome, _, text = (folder / "told").read_text().partition(" ")
            return outcome, text


def _same(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _start(folder: Path) -> None:
    """Starts the keeper and waits until it has told something."""
    read, write = os.pipe()
    with (folder / "keeper.log").open("ab") as log:
        subprocess.run(
            [sys.executable, "-m", "tests.servers.keeper", str(folder), str(write)],
            cwd=_ROOT,
            pass_fds=[write],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            check=True,
        )
    os.close(write)
    with os.fdopen(read, "rb") as told:
        told.read()
    assert (folder / "told").exists(), f"the keeper has ended:\n{tail(folder / 'keeper.log')}"


def wait_until_unused(folder: Path) -> None:
    """The keeper's side: returns when nobody uses the server any more, and keeps new ones waiting from then on."""
    fcntl.flock(os.open(folder / "using", os.O_RDWR), fcntl.LOCK_EX)


def tell(folder: Path, outcome: str) -> None:
    """The keeper's side: ``url …``, ``missing …`` or ``failed …``, for everyone who asks."""
    (folder / "told.new").write_text(outcome)
    (folder / "told.new").rename(folder / "told")


def clear(folder: Path) -> None:
    """The keeper's side: the run's folder is taken away."""
    shutil.rmtree(folder)
