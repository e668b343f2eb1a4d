"""Work for the workshop's tests; a child finds it by name."""

from __future__ import annotations

import ctypes
import os
import re
import resource
import signal
import sys
import time
from typing import Any

from pipeline.errors import Throttled


class Sour(Exception):
    """Cannot be rebuilt from its pickle: it wants two arguments and keeps one."""

    def __init__(self, one: str, two: str) -> None:
        super().__init__(f"{one} and {two}")


def add(one: int, two: int) -> int:
    return one + two


def whole(data: bytes) -> int:
    return len(data)


def pid() -> int:
    return os.getpid()


def throttled() -> None:
    raise Throttled("come later", after=90.0, subject="http://example.org/")


def sour() -> None:
    raise Sour("milk", "lemon")


def leave() -> None:
    sys.exit(3)


def hang() -> None:
    """In C and holding the interpreter's lock, as a pathological regular expression does."""
    re.match(r"(a+)+$", "a" * 64 + "b")


def nap(seconds: float) -> int:
    time.sleep(seconds)
    return os.getpid()


def killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def segfault() -> None:
    ctypes.string_at(0)


def hoard(size: int) -> int:
    return len(bytearray(size))


def much(size: int) -> bytes:
    return bytes(size)


def unpicklable() -> Any:
    return lambda: None


def chatter() -> str:
    """Reads and writes where a child's messages must not go."""
    print("noise")
    return sys.stdin.read()


def survives(number: int) -> str:
    """Sends itself a signal that the whole service may get."""
    os.kill(os.getpid(), number)
    return "alive"


def environment() -> dict[str, str]:
    return dict(os.environ)


def loaded(module: str) -> bool:
    return module in sys.modules


def limits() -> tuple[int, int, int]:
    """Soft limits: address space, CPU seconds beyond those used, core size."""
    used = int(time.process_time())
    return (
        resource.getrlimit(resource.RLIMIT_AS)[0],
        resource.getrlimit(resource.RLIMIT_CPU)[0] - used,
        resource.getrlimit(resource.RLIMIT_CORE)[0],
    )
