"""The real program before a real SMTP server: killed between acceptance and mark, greylisted, refused."""

from __future__ import annotations

import os
import signal
import ssl
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiosmtpd.controller import Controller

from pipeline import delivering
from pipeline.alerts.subscriptions import subscribe
from pipeline.archive.base import every
from pipeline.model import Alert, utc_now
from tests.integration import owed
from tests.integration.program import Program, finish
from tests.integration.test_smtp import free_port, only_desk
from tests.integration.world import Web, World

READER = "reader@example.org"
TOWNS = owed.TOWNS[:4]


class Deadly:
    """Accepts mail; once it accepted the n-th one it kills who brought it, before it can know."""

    def __init__(self, kill_at: int = 0) -> None:
        self.mails: list[tuple[bytes, str]] = []
        self.senders: list[str] = []
        self.rcpt: list[str] = []
        self.kill_at = kill_at
        self.victim = 0

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, to: str, options: list[str]) -> str:
        if self.rcpt:
            return self.rcpt.pop(0)
        envelope.rcpt_tos.append(to)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.mails.append((envelope.content, envelope.rcpt_tos[0]))
        self.senders.append(envelope.mail_from)
        if len(self.mails) == self.kill_at:
            os.kill(self.victim, signal.SIGKILL)
        return "250 accepted"


@contextmanager
def serving(inbox: Deadly, **options: Any) -> Iterator[int]:
    """An SMTP server on loopback. Yields its port."""
    port = free_port()
    controller = Controller(inbox, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


class Mailing(Program):
    """The program, with a mail server."""

    def __init__(self, home: Path, **environment: str) -> None:
        super().__init__(home)
        self.more = environment
        self.vouchers = ""

    def _environment(self) -> dict[str, str]:
        more = {f"SANCTUARY_WATCH_{name}": value for name, value in self.more.items()}
        return super()._environment() | more | ({"SSL_CERT_FILE": self.vouchers} if self.vouchers else {})


def owe(home: Path) -> None:
    """Rows for a reader: four towns have adopted an ordinance just now."""
    world = World(home, Web({}), now=utc_now())
    with world.tools() as tools:
        tools.archive.create(subscribe(READER, now=world.now))
        owed.adopt(tools, TOWNS, world.now)
        for docket in owed.dockets(tools):
            delivering.expand_notices(tools, docket)


def sent(program: Program) -> Counter[str]:
    with program.archive() as archive:
        return Counter(stored.record.state for stored in every(archive, Alert))


def test_killed_between_acceptance_and_mark(tmp_path: Path) -> None:
    owe(tmp_path)
    inbox = Deadly(kill_at=2)
    with serving(inbox) as port:
        program = Mailing(tmp_path, SMTP_URL=f"smtp://127.0.0.1:{port}", SECRET_KEY="a key for tests")
        process = program.begin("run", "--until-idle")
        inbox.victim = process.pid
        finish(process)
        assert process.returncode == -signal.SIGKILL
        assert sent(program) == {"sent": 1, "waiting": 3}
        program.do("run", "--until-idle")  # at once: whoever held the claim is dead
    assert sent(program) == {"sent": 4}
    repeated = Counter(message_from_bytes(mail)["Message-ID"] for mail, _ in inbox.mails)
    assert sorted(repeated.values()) == [1, 1, 1, 2]
    assert inbox.mails[1] == inbox.mails[2], "the same message, byte for byte"
    assert owed.told(inbox.mails) == {(READER, town): 1 for town in TOWNS}


@pytest.mark.parametrize("trusted", [True, False])
def test_tls_with_authentication_goes_to_whom_somebody_vouches_for(tmp_path: Path, trusted: bool) -> None:
    owe(tmp_path)
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    vouchers = tmp_path / "authorities.pem"
    (authority if trusted else trustme.CA()).cert_pem.write_to_path(vouchers)
    inbox = Deadly()
    with serving(
        inbox, require_starttls=True, authenticator=only_desk, auth_required=True, tls_context=context
    ) as port:
        url = f"smtp://desk:s3cret%2F%3A%40@localhost:{port}?starttls=required"
        program = Mailing(tmp_path, SMTP_URL=url, SECRET_KEY="a key for tests")
        program.vouchers = str(vouchers)
        program.do("run", "--until-idle")
        out, _ = finish(program.begin("status", "--json"))
    assert len(inbox.mails) == (4 if trusted else 0)
    assert sent(program) == ({"sent": 4} if trusted else {"waiting": 4})
    assert ("certificate is not trusted" in out) is not trusted


@pytest.mark.parametrize(
    ("answer", "states", "tried"),
    [("451 4.7.1 greylisted", {"sent": 3, "waiting": 1}, 3), ("550 5.1.1 no such user", {"suppressed": 4}, 0)],
)
def test_refusals(tmp_path: Path, answer: str, states: dict[str, int], tried: int) -> None:
    owe(tmp_path)
    inbox = Deadly()
    inbox.rcpt = [answer]
    with serving(inbox) as port:
        program = Mailing(
            tmp_path, SMTP_URL=f"smtp://127.0.0.1:{port}", SECRET_KEY="a key for tests", BOUNCE_DOMAIN="b.example.org"
        )
        program.do("run", "--until-idle")
    assert sent(program) == states
    assert len(inbox.mails) == tried
    assert len(set(inbox.senders)) == tried
    assert all(sender.startswith("bounces+") and sender.endswith("@b.example.org") for sender in inbox.senders)
