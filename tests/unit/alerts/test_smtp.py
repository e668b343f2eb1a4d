"""SMTP without a server: which URL means what, and what follows from what a server may say."""

from __future__ import annotations

import smtplib
import ssl

import pytest

from pipeline.alerts.outbox import AddressRefused, Stopped
from pipeline.alerts.smtp import Rejected, Server, explained
from pipeline.errors import Throttled, TooSlow, Unreachable, UserError


@pytest.mark.parametrize(
    ("url", "host", "port", "implicit", "starttls"),
    [
        ("smtp://mail.example.org", "mail.example.org", 587, False, True),
        ("smtp://mail.example.org:25?starttls=required", "mail.example.org", 25, False, True),
        ("smtps://mail.example.org", "mail.example.org", 465, True, False),
        ("smtp://localhost:1025", "localhost", 1025, False, False),
        ("smtp://127.0.0.7:1025", "127.0.0.7", 1025, False, False),
        ("smtp://[::1]:1025/", "::1", 1025, False, False),
        ("smtp://mailpit:1025?starttls=off", "mailpit", 1025, False, False),
        ("smtp://localhost:1025?starttls=required", "localhost", 1025, False, True),
    ],
)
def test_urls(url: str, host: str, port: int, implicit: bool, starttls: bool) -> None:
    server = Server.from_url(url)
    assert (server.host, server.port, server.implicit_tls, server.starttls) == (host, port, implicit, starttls)


def test_user_and_password_are_unquoted_and_never_shown() -> None:
    server = Server.from_url("smtps://desk%40example.org:p%2Fw%3A1@mail.example.org")
    assert (server.user, server.password) == ("desk@example.org", "p/w:1")
    assert "p/w" not in repr(server)


@pytest.mark.parametrize(
    "url",
    [
        "http://mail.example.org", "smtp://", "smtp://:25", "smtp://mail.example.org:notaport", "smtp://x:99999",
        "smtp://mail.example.org/path", "smtp://mail.example.org?starttls=no",
        "smtp://desk:secret@mail.example.org?starttls=off", "smtps://mail.example.org?starttls=off", "smtp://mail.example.org?tls=none",
    ],
)  # fmt: skip
def test_urls_that_cannot_be_used(url: str) -> None:
    with pytest.raises(UserError, match="SANCTUARY_WATCH_SMTP_URL"):
        Server.from_url(url)


TO = "a@example.org"


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (smtplib.SMTPRecipientsRefused({TO: (451, b"4.7.1 greylisted")}), Throttled, "451 4.7.1 greylisted"),
        (smtplib.SMTPRecipientsRefused({TO: (550, b"5.1.1 no such user")}), AddressRefused, "550 5.1.1 no such user"),
        (smtplib.SMTPRecipientsRefused({TO: (550, b"5.7.26 unauthenticated")}), Stopped, "550 5.7.26"),
        (smtplib.SMTPRecipientsRefused({TO: (554, b"5.7.1 relaying denied")}), Stopped, "relaying denied"),
        (smtplib.SMTPRecipientsRefused({TO: (530, b"5.7.0 authenticate first")}), Stopped, "530"),
        (smtplib.SMTPRecipientsRefused({TO: (552, b"5.2.2 mailbox full")}), AddressRefused, "mailbox full"),
        (smtplib.SMTPRecipientsRefused({}), AddressRefused, "550"),
        (smtplib.SMTPSenderRefused(553, b"5.1.8 bad sender", "s"), Stopped, "the sender is refused: 553"),
        (smtplib.SMTPSenderRefused(552, b"5.3.4 too big", "s"), Rejected, "too big"),
        (smtplib.SMTPSenderRefused(451, b"later", "s"), Throttled, "451 later"),
        (smtplib.SMTPDataError(554, b"5.6.0 malformed"), Rejected, "malformed"),
        (smtplib.SMTPDataError(550, b"5.1.1 nobody here"), AddressRefused, "nobody here"),
        (smtplib.SMTPDataError(554, b"5.7.1 spam"), Stopped, "spam"),
        (smtplib.SMTPDataError(452, b"4.3.1 disk full"), Throttled, "disk full"),
        (smtplib.SMTPConnectError(554, b"no service here"), Stopped, "turns us away"),
        (smtplib.SMTPConnectError(421, b"busy"), Throttled, "421 busy"),
        (smtplib.SMTPHeloError(501, b"bad name"), Stopped, "turns us away"),
        (smtplib.SMTPAuthenticationError(535, b"5.7.8 no"), Stopped, "authentication failed: 535 5.7.8 no"),
        (smtplib.SMTPAuthenticationError(454, b"4.7.0 later"), Throttled, "454 4.7.0 later"),
        (smtplib.SMTPNotSupportedError("STARTTLS extension not supported"), Stopped, "STARTTLS"),
        (smtplib.SMTPServerDisconnected("Connection unexpectedly closed"), Unreachable, "broke off"),
        (ssl.SSLCertVerificationError(1, "unable to get local issuer"), Stopped, "not trusted"),
        (ssl.SSLError(1, "wrong version number"), Unreachable, "wrong version"),
        (TimeoutError(), TooSlow, "in time"),
        (ConnectionRefusedError(111, "Connection refused"), Unreachable, "Connection refused"),
        (OSError("Name or service not known"), Unreachable, "Name or service not known"),
    ],
)
def test_what_follows_from_what_the_server_says(error: Exception, kind: type[Exception], words: str) -> None:
    answer = explained(error, TO)
    assert type(answer) is kind
    assert words in answer.reason
    assert answer.subject == TO
