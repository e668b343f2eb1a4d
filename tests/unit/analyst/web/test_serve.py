"""The server itself: where it binds, and how it stops."""

from __future__ import annotations

import gc
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from analyst.api.keys import mint
from analyst.web.serve import address, check_guarded, listening, make_ready, serve
from config.settings import Settings
from pipeline.archive import open_archive
from pipeline.archive.base import Archive
from pipeline.errors import Unavailable, UserError

ROOT = Path(__file__).parents[4]


@pytest.mark.parametrize(
    ("listen", "expected"),
    [
        ("127.0.0.1:8050", ("127.0.0.1", 8050)),
        ("127.3.2.1:80", ("127.3.2.1", 80)),
        ("localhost:8050", ("127.0.0.1", 8050)),
        ("[::1]:8050", ("::1", 8050)),
    ],
)
def test_loopback_needs_no_key(listen: str, expected: tuple[str, int], archive: Archive) -> None:
    assert listening(listen) == expected
    check_guarded(expected[0], Settings(home=Path("unused")), archive)


@pytest.mark.parametrize("listen", ["0.0.0.0:8050", "[::]:8050", "192.168.1.2:80", "[::ffff:8.8.8.8]:80"])
def test_without_keys_nobody_else_is_answered(listen: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="this machine only"):
        serve(Settings(home=tmp_path / "home", web_listen=listen))


@pytest.mark.parametrize("listen", ["watch.example:8050", "*:80"])
def test_a_name_is_no_address_to_listen_at(listen: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="listens at an address"):
        serve(Settings(home=tmp_path / "home", web_listen=listen))
    assert not (tmp_path / "home").exists(), "refused before anything is made"


def test_with_a_key_or_a_trusted_network_others_are_answered(tmp_path: Path) -> None:
    with closing(open_archive(f"sqlite:///{tmp_path / 'archive.sqlite3'}")) as archive:
        check_guarded("0.0.0.0", Settings(home=tmp_path, web_trusted="172.16.0.0/12"), archive)
        key, _ = mint("desk", ("read",), datetime(2026, 1, 1, tzinfo=UTC))
        archive.create(key)
        check_guarded("0.0.0.0", Settings(home=tmp_path), archive)


def test_an_address_for_a_browser() -> None:
    with closing(socket.socket()) as four, closing(socket.socket(socket.AF_INET6)) as six:
        four.bind(("127.0.0.1", 0))
        six.bind(("::1", 0))
        assert address(four) == f"http://127.0.0.1:{four.getsockname()[1]}/"
        assert address(six) == f"http://[::1]:{six.getsockname()[1]}/"


def test_a_port_that_is_taken_is_said_so(tmp_path: Path) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(UserError, match="cannot answer there"):
            serve(Settings(home=tmp_path, web_listen=listen))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_answers_and_stops_cleanly(number: signal.Signals, tmp_path: Path) -> None:
    code = (
        "from pathlib import Path; from analyst.web.serve import serve; from config.settings import Settings; "
        f"serve(Settings(home=Path({str(tmp_path)!r}), web_listen='127.0.0.1:0')); print('stopped')"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SANCTUARY_WATCH_")}
    with subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as server:  # fmt: skip
        try:
            assert server.stderr is not None
            said = server.stderr.readline()
            assert said.startswith("The web answers at http://127.0.0.1:"), said
            with urllib.request.urlopen(f"{said.split()[4]}healthz", timeout=20) as answer:
                assert answer.read() == b"ok\n"
                assert answer.headers["content-security-policy"].startswith("default-src 'none'")
                assert "server" not in answer.headers
            server.send_signal(number)
            out, err = server.communicate(timeout=20)
        finally:
            server.kill()
    assert (server.returncode, out, err) == (0, "stopped\n", "")
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


def test_an_archive_that_does_not_answer_yet_is_no_reason_not_to_start() -> None:
    class Gone:
        def scan(self, *args: object, **options: object) -> list[object]:
            raise Unavailable("gone")

    frozen = gc.get_freeze_count()
    make_ready(Gone())  # type: ignore[arg-type]
    assert gc.get_freeze_count() == frozen, "it is tried by whoever asks first"
