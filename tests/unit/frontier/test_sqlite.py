"""What only the SQLite frontier promises: leases of dead processes, and a file that may be lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.errors import UserError
from pipeline.frontier import open_frontier
from pipeline.frontier.base import Due

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_the_lease_of_a_killed_process_is_free_at_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'f.sqlite3'}"
    program = textwrap.dedent(f"""
        import sys, time
        from datetime import UTC, datetime, timedelta
        from pipeline.frontier import open_frontier
        frontier = open_frontier({url!r})
        now = datetime.fromisoformat({NOW.isoformat()!r})
        claims = frontier.claim("feed", 1, timedelta(hours=9), now)
        frontier.begin(claims[0])
        print(len(claims), flush=True)
        time.sleep(60)
    """)
    frontier = open_frontier(url)
    frontier.put("feed", [Due("a", "a.example", NOW)])
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "1\n"
        assert frontier.claim("feed", 1, timedelta(minutes=1), NOW) == []
        assert frontier.backlog(NOW).leased == 1
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        assert frontier.backlog(NOW).leased == 0
        (claim,) = frontier.claim("feed", 1, timedelta(minutes=1), NOW)
    assert claim.deaths == 1
    frontier.close()


@pytest.mark.parametrize("content", [b"this is no database" * 100, b""])
def test_a_file_that_cannot_be_read_is_thrown_away(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "f.sqlite3"
    path.write_bytes(content)
    frontier = open_frontier(f"sqlite:///{path}")
    assert not frontier.filled()
    frontier.put("feed", [Due("a", "a.example", NOW)])
    assert len(frontier.claim("feed", 1, timedelta(minutes=1), NOW)) == 1
    frontier.close()


def test_another_kind_of_url_is_refused() -> None:
    with pytest.raises(UserError, match="sqlite:///FILE"):
        open_frontier("postgres://user:secret@db.example/x")
