"""Child processes that never outlive the tests, and ports for them."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
from pathlib import Path

_BOUND = """
import ctypes, os, signal, sys
parent, program = int(sys.argv[1]), sys.argv[2:]
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)
if os.getppid() != parent:
    sys.exit("the parent has ended")
os.execvp(program[0], program)
"""
# 1 is PR_SET_PDEATHSIG. It survives exec, so a Python sets it and becomes the program.


def start_bound(command: list[str], log: Path, env: dict[str, str] | None = None) -> subprocess.Popen[bytes]:
    """Starts a program that the kernel kills when the thread that started it ends, however it ends, even while the
    program is stopped (Linux; elsewhere it lives on when this process is killed). So start it from a thread that lives
    as long as the program shall.

    It has a session of its own (Ctrl-C does not reach it) and no input; what it prints is added to the file ``log``.
    """
    with log.open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-S", "-c", _BOUND, str(os.getpid()), *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env=env,
        )


def end(process: subprocess.Popen[bytes], patience: float = 30.0) -> None:
    """Asks a process to end (SIGTERM, after SIGCONT) and kills it when it has not within ``patience`` seconds."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGCONT)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
    process.wait()


def tail(log: Path, lines: int = 30) -> str:
    """The last lines of a log, for an error."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:]) if log.exists() else ""


def free_port() -> int:
    """A port of loopback on which nobody listens.

    From below the range that outgoing connections take theirs from, so that a server which is restarted finds its own
    port free.
    """
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
