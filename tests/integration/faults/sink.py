"""A mail server of the tests' own that keeps what it accepts, and refuses, puts off or goes away when told."""

from __future__ import annotations

import email
import threading
from collections import defaultdict
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller

from tests.servers.processes import free_port


class Sink:
    """An SMTP server on loopback, always on the same port; it runs between ``start`` and ``stop``, or in ``with``."""

    def __init__(self) -> None:
        self.port = free_port()
        self.accepted: list[bytes] = []
        """Every mail that was accepted, as often as it was."""
        self.answer: str | None = None
        """What every recipient is answered with; None: welcome."""
        self.refusals = 0
        self._changed = threading.Condition()
        self._after: dict[int, Callable[[], None]] = {}
        self._controller: Controller | None = None

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def mails(self) -> list[bytes]:
        """What a reader sees: a mail that was accepted again under its Message-ID is the same mail."""
        by_id = self._by_id()
        changed = [name for name, bodies in by_id.items() if len(set(bodies)) > 1]
        assert not changed, f"two different mails have the Message-ID {changed}"
        return [bodies[0] for bodies in by_id.values()]

    @property
    def repeated(self) -> int:
        """How many were accepted again."""
        return len(self.accepted) - len(self._by_id())

    def _by_id(self) -> dict[str, list[bytes]]:
        found = defaultdict(list)
        for mail in self.accepted:
            found[str(email.message_from_bytes(mail)["Message-ID"])].append(mail)
        return found

    def after(self, n: int, do: Callable[[], None]) -> None:
        """Does something once the n-th mail from now on was accepted, before whoever brought it is told so."""
        self._after[len(self.accepted) + n] = do

    def wait_until(self, true: Callable[[], bool], seconds: float) -> None:
        """Until mails or refusals make it true; fails when they do not in time."""
        with self._changed:
            assert self._changed.wait_for(true, seconds), f"{len(self.accepted)} mails, {self.refusals} refusals"

    def start(self) -> None:
        """Answers from now on."""
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def stop(self) -> None:
        """Closes the port; no harm when it is closed already."""
        controller, self._controller = self._controller, None
        if controller:
            controller.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, to: str, options: list[str]) -> str:
        if self.answer:
            with self._changed:
                self.refusals += 1
                self._changed.notify_all()
            return self.answer
        envelope.rcpt_tos.append(to)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        with self._changed:
            self.accepted.append(envelope.content)
            do = self._after.pop(len(self.accepted), None)
            self._changed.notify_all()
        if do:
            do()
        return "250 accepted"
