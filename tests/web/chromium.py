"""A real Chromium, driven through its own debugging pipe: no driver, no port, no package."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from tests.conftest import BROWSER


def executable() -> str:
    """Where Chromium is. Tests that need it are deselected where there is none (``tests/conftest.py``)."""
    assert BROWSER, "these tests need Chromium"
    return BROWSER


class Tab:
    """One page of the browser."""

    def __init__(self, read: int, write: int) -> None:
        self._read, self._write = read, write
        self._buffer = b""
        self._last = 0
        self._events: list[dict[str, Any]] = []
        self._session = ""
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")

    def send(self, method: str, **parameters: object) -> dict[str, Any]:
        """A command of the DevTools protocol, and its result."""
        self._last += 1
        message: dict[str, Any] = {"id": self._last, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._receive()
            if answer.get("id") == self._last:
                assert "error" not in answer, (method, answer["error"])
                result: dict[str, Any] = answer["result"]
                return result
            self._events.append(answer)

    def wait(self, event: str) -> None:
        """Until an event has come since the last ``open``."""
        while not any(each.get("method") == event for each in self._events):
            self._events.append(self._receive())

    def problems(self) -> list[str]:
        """What the browser complained of since the last ``open``: policy violations, failed requests, exceptions."""
        told = []
        for event in self._events:
            if event.get("method") == "Log.entryAdded":
                told.append(event["params"]["entry"]["text"])
            elif event.get("method") in ("Runtime.exceptionThrown", "Page.javascriptDialogOpening"):
                told.append(json.dumps(event["params"]))
            elif event.get("method") == "Network.loadingFailed":
                told.append(event["params"]["errorText"])
        return told

    def requests(self) -> list[str]:
        """The addresses asked for since the last ``open``."""
        return [e["params"]["request"]["url"] for e in self._events if e.get("method") == "Network.requestWillBeSent"]

    def open(self, url: str) -> None:
        """Goes to an address and waits until everything is loaded."""
        self._events = []
        self.send("Page.navigate", url=url)
        self.wait("Page.loadEventFired")

    def after(self, action: str, event: str = "Page.loadEventFired") -> None:
        """Runs a script that makes the page go somewhere, and waits until that is loaded, or for another event."""
        self._events = []
        self.evaluate(action)
        self.wait(event)

    def evaluate(self, script: str) -> Any:
        """The value of an expression in the page. The page's policy binds the page, not us."""
        result = self.send("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    def size(self, width: int, height: int) -> None:
        """The size of the window."""
        self.send(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )

    def scheme(self, scheme: Literal["light", "dark"]) -> None:
        """What the reader prefers."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.send("Emulation.setEmulatedMedia", features=features)

    def key(self, key: str, text: str = "") -> None:
        """Presses a key."""
        code = {"Tab": 9, "Enter": 13}.get(key, 0)
        for kind in ("keyDown", "keyUp"):
            self.send(
                "Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code,
                **({"text": text} if text and kind == "keyDown" else {}),
            )  # fmt: skip

    def screenshot(self, path: Path) -> None:
        """The whole page as PNG."""
        shot = self.send("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(shot["data"]))

    def _receive(self) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            piece = os.read(self._read, 1 << 20)
            assert piece, "Chromium has ended"
            self._buffer += piece
        message, _, self._buffer = self._buffer.partition(b"\0")
        answer: dict[str, Any] = json.loads(message)
        return answer


def _high(pipe: tuple[int, int]) -> tuple[int, int]:
    """The two ends of a pipe as descriptors that are not in the way of 3 and 4."""
    one, other = (fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in pipe)
    for end in pipe:
        os.close(end)
    return one, other


@contextmanager
def browser(folder: Path) -> Iterator[Tab]:
    """A Chromium without a window, whose profile lies in the folder and which reaches loopback only."""
    program = executable()
    (commands, write), (read, answers) = _high(os.pipe()), _high(os.pipe())
    arguments = [
        program, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-extensions",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", f"--user-data-dir={folder}",
        "--remote-debugging-pipe",
    ]  # fmt: skip
    # Chromium reads commands from descriptor 3 and answers on descriptor 4: a Python puts them there and becomes it.
    become = f"import os, sys; os.dup2({commands}, 3); os.dup2({answers}, 4); os.execv(sys.argv[1], sys.argv[1:])"
    with subprocess.Popen(
        [sys.executable, "-c", become, *arguments],
        pass_fds=(commands, answers), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        os.close(commands)
        os.close(answers)
        try:
            yield Tab(read, write)
        finally:
            os.close(write)
            os.close(read)
            process.terminate()
