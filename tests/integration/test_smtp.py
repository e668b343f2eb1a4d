"""Mail to a real SMTP server in this process: TLS, authentication, refusals, silence, and a death before the mark."""

from __future__ import annotations

import random
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from config.settings import Settings
from pipeline.alerts import open_transport, outbox
from pipeline.alerts.notices import expand
from pipeline.alerts.outbox import AddressRefused, Stopped
from pipeline.alerts.render import render
from pipeline.alerts.smtp import Rejected, Server
from pipeline.alerts.subscriptions import subscribe
from pipeline.errors import Throttled, TooSlow, Unreachable
from tests.unit.policy.builders import at, join_all, report, tally, told

SENDER = "sanctuary-watch <alerts@watch.example.org>"
TO = "desk@example.org"
MAIL = (
    b"From: alerts@watch.example.org\r\nTo: desk@example.org\r\nSubject: x\r\nMessage-ID: <a@b>\r\n\r\n.dots\r\nEnd\r\n"
)


class Inbox:
    """Keeps what is accepted; answers RCPT and DATA as it was told to, one answer after the other."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, list[str], bytes]] = []
        self.rcpt: list[str] = []
        self.data: list[str] = []
        self.callers: set[tuple[str, int]] = set()
        """Whose connections brought recipients."""

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, to: str, options: list[str]) -> str:
        self.callers.add(session.peer)
        if self.rcpt:
            return self.rcpt.pop(0)
        envelope.rcpt_tos.append(to)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.data:
            return self.data.pop(0)
        self.mails.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
        return "250 accepted"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trusting(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest.fixture
def certificate(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    return context


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def only_desk(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    right = isinstance(data, LoginPassword) and (data.login, data.password) == (b"desk", b"s3cret/:@")
    return AuthResult(success=right, handled=False)


Start = Callable[..., tuple[Inbox, int]]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts an SMTP server on loopback; returns its inbox and port."""
    with ExitStack() as stack:

        def begin(**options: Any) -> tuple[Inbox, int]:
            inbox, port = Inbox(), free_port()
            controller = Controller(inbox, hostname="127.0.0.1", port=port, **options)
            controller.start()
            stack.callback(controller.stop)
            return inbox, port

        yield begin


@contextmanager
def scripted(*lines: bytes, before: Sequence[Sequence[bytes]] = ()) -> Iterator[int]:
    """A server that says these lines, one for each it reads (the first at once), then nothing more. Yields its port.
    Those who connect ``before`` are told other lines and then hung up on."""
    listener = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def talk() -> None:
        for said in (*before, lines):
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as heard:
                for i, line in enumerate(said):
                    if i and not heard.readline():
                        return
                    connection.sendall(line)
                if said is lines:
                    over.wait(20)

    thread = threading.Thread(target=talk)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        over.set()
        listener.close()
        thread.join()


def test_plain_to_this_machine(start: Start) -> None:
    inbox, port = start()
    Server.from_url(f"smtp://127.0.0.1:{port}").send(MAIL, SENDER, TO)
    assert inbox.mails == [("alerts@watch.example.org", [TO], MAIL.rstrip(b"\r\n") + b"\r\n")]


def test_starttls_and_authentication(start: Start, certificate: ssl.SSLContext, trusting: ssl.SSLContext) -> None:
    inbox, port = start(tls_context=certificate, require_starttls=True, authenticator=only_desk, auth_required=True)
    server = Server.from_url(f"smtp://desk:s3cret%2F%3A%40@localhost:{port}?starttls=required")
    replace(server, context=trusting).send(MAIL, SENDER, TO)
    assert len(inbox.mails) == 1
    with pytest.raises(Stopped, match="authentication failed: 535"):
        replace(server, context=trusting, password="guess").send(MAIL, SENDER, TO)
    with pytest.raises(Stopped, match="530"):
        replace(server, context=trusting, user="").send(MAIL, SENDER, TO)
    assert len(inbox.mails) == 1


def test_implicit_tls(start: Start, certificate: ssl.SSLContext, trusting: ssl.SSLContext) -> None:
    inbox, port = start(ssl_context=certificate)
    replace(Server.from_url(f"smtps://localhost:{port}"), context=trusting).send(MAIL, SENDER, TO)
    assert len(inbox.mails) == 1


def test_a_certificate_nobody_vouches_for_stops_the_mail(start: Start, certificate: ssl.SSLContext) -> None:
    inbox, port = start(tls_context=certificate, require_starttls=True)
    with pytest.raises(Stopped, match="certificate is not trusted"):
        Server.from_url(f"smtp://localhost:{port}?starttls=required").send(MAIL, SENDER, TO)
    assert inbox.mails == []


def test_a_certificate_of_another_host_stops_the_mail(
    start: Start, authority: trustme.CA, trusting: ssl.SSLContext
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("mail.example.org").configure_cert(context)
    inbox, port = start(ssl_context=context)
    with pytest.raises(Stopped, match="certificate is not trusted"):
        replace(Server.from_url(f"smtps://localhost:{port}"), context=trusting).send(MAIL, SENDER, TO)
    assert inbox.mails == []


def test_demanded_tls_that_is_not_offered_stops_the_mail(start: Start) -> None:
    inbox, port = start()
    with pytest.raises(Stopped, match="STARTTLS"):
        Server.from_url(f"smtp://127.0.0.1:{port}?starttls=required").send(MAIL, SENDER, TO)
    assert inbox.mails == []


def test_greylisting_then_acceptance(start: Start) -> None:
    inbox, port = start()
    inbox.rcpt = ["451 4.7.1 greylisted, try again"]
    server = Server.from_url(f"smtp://127.0.0.1:{port}")
    with pytest.raises(Throttled, match=r"451 4\.7\.1 greylisted"):
        server.send(MAIL, SENDER, TO)
    server.send(MAIL, SENDER, TO)
    assert len(inbox.mails) == 1


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("550 5.1.1 no such user here", AddressRefused),
        ("550 5.7.26 sender is not authenticated", Stopped),
        ("450 4.2.1 mailbox busy", Throttled),
    ],
)
def test_refused_recipients(start: Start, answer: str, kind: type[Exception]) -> None:
    inbox, port = start()
    inbox.rcpt = [answer]
    with pytest.raises(kind, match=answer[4:9]):
        Server.from_url(f"smtp://127.0.0.1:{port}").send(MAIL, SENDER, TO)
    assert inbox.mails == []


@pytest.mark.parametrize(
    ("answer", "kind"),
    [("554 5.6.0 malformed", Rejected), ("554 5.7.1 looks like spam", Stopped), ("452 4.3.1 no space", Throttled)],
)
def test_refused_messages(start: Start, answer: str, kind: type[Exception]) -> None:
    inbox, port = start()
    inbox.data = [answer]
    with pytest.raises(kind, match=answer[4:9]):
        Server.from_url(f"smtp://127.0.0.1:{port}").send(MAIL, SENDER, TO)
    assert inbox.mails == []


def test_nobody_there_silence_and_a_broken_line() -> None:
    with pytest.raises(Unreachable):
        Server.from_url(f"smtp://127.0.0.1:{free_port()}").send(MAIL, SENDER, TO)
    with scripted() as port, pytest.raises(TooSlow):
        replace(Server.from_url(f"smtp://127.0.0.1:{port}"), timeout=0.2).send(MAIL, SENDER, TO)
    with scripted(b"220 hello\r\n", b"250 fine\r\n", b"250 ok\r\n") as port, pytest.raises(TooSlow):
        replace(Server.from_url(f"smtp://127.0.0.1:{port}"), timeout=0.2).send(MAIL, SENDER, TO)
    with scripted(b"554 no service for you\r\n") as port, pytest.raises(Stopped, match="turns us away: 554"):
        replace(Server.from_url(f"smtp://127.0.0.1:{port}"), timeout=2).send(MAIL, SENDER, TO)
    with scripted(b"421 busy\r\n") as port, pytest.raises(Throttled, match="421"):
        replace(Server.from_url(f"smtp://127.0.0.1:{port}"), timeout=2).send(MAIL, SENDER, TO)


def test_a_server_that_says_a_little_now_and_then_for_ever() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    gone = threading.Event()

    def drip() -> None:
        connection, _ = listener.accept()
        with connection, suppress(OSError):
            while True:
                connection.sendall(b"220-not yet\r\n2")
                connection.sendall(b"20-")
                if gone.wait(0.05):
                    return

    thread = threading.Thread(target=drip)
    thread.start()
    try:
        port = listener.getsockname()[1]
        with pytest.raises(TooSlow, match=r"longer than 0\.5 s in all"):
            replace(Server.from_url(f"smtp://127.0.0.1:{port}"), deadline=0.5).send(MAIL, SENDER, TO)
    finally:
        gone.set()
        thread.join()
        listener.close()


def test_a_server_that_hangs_after_accepting_has_accepted() -> None:
    lines = (b"220 hello\r\n", b"250 fine\r\n", b"250 sender\r\n", b"250 recipient\r\n", b"354 go on\r\n")
    # The seven lines of the mail and its dot are read one by one; only the dot is answered.
    silent = (b"",) * 7
    with scripted(*lines, *silent, b"250 accepted\r\n") as port:
        replace(Server.from_url(f"smtp://127.0.0.1:{port}"), timeout=0.5).send(MAIL, SENDER, TO)


# ------------------------------------------------------------------ several mails over one connection
def test_the_mails_of_a_session_share_a_connection(
    start: Start, certificate: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    inbox, port = start(tls_context=certificate, require_starttls=True, authenticator=only_desk, auth_required=True)
    url = f"smtp://desk:s3cret%2F%3A%40@localhost:{port}?starttls=required"
    with replace(Server.from_url(url), context=trusting).session() as session:
        for _ in range(3):
            session.send(MAIL, SENDER, TO)
    assert len(inbox.mails) == 3
    assert len(inbox.callers) == 1


def test_a_session_in_which_nothing_is_sent_connects_to_nobody() -> None:
    with Server.from_url(f"smtp://127.0.0.1:{free_port()}").session():
        pass


@pytest.mark.parametrize(
    ("rcpt", "data", "kind"),
    [
        (["550 5.1.1 no such user"], [], AddressRefused),
        (["451 4.7.1 greylisted"], [], Throttled),
        ([], ["554 5.6.0 malformed"], Rejected),
    ],
)
def test_a_refusal_leaves_the_connection_to_the_next_mail(
    start: Start, rcpt: list[str], data: list[str], kind: type[Exception]
) -> None:
    inbox, port = start()
    with Server.from_url(f"smtp://127.0.0.1:{port}").session() as session:
        session.send(MAIL, SENDER, TO)
        inbox.rcpt, inbox.data = rcpt, data
        with pytest.raises(kind):
            session.send(MAIL, SENDER, TO)
        session.send(MAIL, SENDER, TO)
    assert len(inbox.mails) == 2
    assert all(recipients == [TO] for _, recipients, _ in inbox.mails)
    assert len(inbox.callers) == 1


@pytest.mark.parametrize("where", ["rcpt", "data"])
def test_a_server_that_wants_no_more_on_this_connection_is_called_again(start: Start, where: str) -> None:
    inbox, port = start()
    with Server.from_url(f"smtp://127.0.0.1:{port}").session() as session:
        session.send(MAIL, SENDER, TO)
        setattr(inbox, where, ["421 4.7.0 enough for one connection"])
        session.send(MAIL, SENDER, TO)
        assert len(inbox.mails) == 2
        assert len(inbox.callers) == 2
        inbox.rcpt = ["421 4.3.2 shutting down"] * 2
        with pytest.raises(Throttled, match="421"):
            session.send(MAIL, SENDER, TO)


FIRST = (b"220 hello\r\n", b"250 fine\r\n", b"250 sender\r\n", b"250 recipient\r\n", b"354 go on\r\n",
         *[b""] * 7, b"250 accepted\r\n")  # fmt: skip
"""A conversation in which ``MAIL`` is accepted: its seven lines and the dot are read one by one."""


def test_a_server_that_hung_up_between_two_mails_is_called_again() -> None:
    with (
        scripted(*FIRST, before=[FIRST]) as port,
        replace(Server.from_url(f"smtp://127.0.0.1:{port}"), timeout=0.5).session() as session,
    ):
        session.send(MAIL, SENDER, TO)
        session.send(MAIL, SENDER, TO)


def test_a_line_that_breaks_in_the_middle_of_a_mail_leaves_it_open_whether_it_was_accepted() -> None:
    broken = (*FIRST, b"250 sender\r\n", b"250 recipient\r\n", b"354 go on\r\n")
    with (
        scripted(*FIRST, before=[broken]) as port,
        replace(Server.from_url(f"smtp://127.0.0.1:{port}"), timeout=0.5).session() as session,
    ):
        session.send(MAIL, SENDER, TO)
        with pytest.raises(Unreachable, match="broke off"):
            session.send(MAIL, SENDER, TO)
        session.send(MAIL, SENDER, TO)


def test_what_cannot_be_said_to_a_server_spoils_no_other_mail(start: Start) -> None:
    inbox, port = start()
    with Server.from_url(f"smtp://127.0.0.1:{port}").session() as session:
        with pytest.raises(UnicodeEncodeError):
            session.send(MAIL, SENDER, "jürgen@example.org")
        session.send(MAIL, SENDER, TO)
    assert [recipients for _, recipients, _ in inbox.mails] == [[TO]]


def test_a_death_between_acceptance_and_mark_repeats_the_same_message(start: Start, tmp_path: Path) -> None:
    inbox, port = start()
    settings = Settings(home=tmp_path, smtp_url=f"smtp://127.0.0.1:{port}", mail_from="alerts@watch.example.org")
    transport = open_transport(settings)
    desk = subscribe(TO, now=at("2024-11-01"))
    docket, _ = join_all(told(report("adopted", "2024-11-19", vote=tally(13, 0), topic="sanctuary city ordinance")))
    now = at("2024-11-20T16:00")
    (row,) = expand(docket.notices[0], docket, [desk], now)

    claimed = outbox.claim(row, now)
    mail = render(claimed, docket, desk, settings=settings, now=now)
    kept = outbox.freeze(claimed, mail.message_id, mail.text_form)
    transport.send(kept.mail.encode("ascii"), settings.mail_from, desk.to)
    # The worker dies here: the row still stands as it was claimed.
    later = now + outbox.CLAIM
    assert not outbox.is_due(kept, now)
    again = outbox.claim(kept, later)
    transport.send(again.mail.encode("ascii"), settings.mail_from, desk.to)
    done = outbox.sent(again, later)

    assert (done.state, done.attempts) == ("sent", 2)
    first, second = (message_from_bytes(content, policy=default) for _, _, content in inbox.mails)
    assert first["Message-ID"] == second["Message-ID"] == mail.message_id
    assert inbox.mails[0] == inbox.mails[1]
    assert first["Subject"] == "Los Angeles, CA adopts sanctuary city ordinance (13-0)"


def test_a_refused_row_tells_why_and_a_greylisted_one_is_sent_once(start: Start) -> None:
    inbox, port = start()
    server = Server.from_url(f"smtp://127.0.0.1:{port}")
    desk = subscribe(TO, now=at("2024-11-01"))
    docket, _ = join_all(told(report("adopted", "2024-11-19")))
    now = at("2024-11-20T16:00")
    (row,) = expand(docket.notices[0], docket, [desk], now)
    inbox.rcpt = ["451 4.7.1 greylisted", "550 5.1.1 unknown"]
    answers = []
    for _ in range(2):
        row = outbox.claim(row, now)
        with pytest.raises((Throttled, AddressRefused)) as caught:
            server.send(MAIL, SENDER, TO)
        row = outbox.failed(row, caught.value, now, random.Random(1))
        answers.append((row.state, row.reason))
        now = row.due
    assert answers == [
        ("waiting", "not now: 451 4.7.1 greylisted"),
        ("suppressed", "refused for good: 550 5.1.1 unknown"),
    ]
