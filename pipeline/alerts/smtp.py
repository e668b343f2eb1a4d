"""Mail by SMTP: TLS verified, every refusal told as what follows from it.

| the server says | it becomes | so the row |
|---|---|---|
| 4xx, silence, no connection | ``Throttled``, ``TooSlow``, ``Unreachable`` | is tried again later |
| 5xx about the recipient | ``AddressRefused`` | is suppressed, and so is whatever goes to that address later |
| 5xx about the message | ``Rejected`` | is suppressed |
| 5xx about us: authentication, policy (enhanced code 5.7.x), sender, TLS | ``Stopped`` | waits, loudly |
"""

from __future__ import annotations

import ipaddress
import re
import smtplib
import socket
import ssl
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from email.utils import parseaddr
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from pipeline.alerts.outbox import AddressRefused, Stopped
from pipeline.errors import Discard, PipelineError, Throttled, TooSlow, Unreachable, UserError

TIMEOUT = 20.0
"""Seconds a server may be silent at any step."""
DEADLINE = 120.0
"""Seconds for one mail in all, whatever a server does."""
_ABOUT_US = frozenset({530, 534, 535, 538, 550, 553, 554})
_AUTHENTICATION = frozenset({530, 534, 535, 538})


class Rejected(Discard):
    """The mail server refused this message for good."""


@dataclass(frozen=True)
class Server:
    """One mail server. Usage: ``Server.from_url("smtps://user:secret@mail.example.org").send(mail, sender, to)``."""

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    implicit_tls: bool = False
    starttls: bool = True
    timeout: float = TIMEOUT
    deadline: float = DEADLINE
    context: ssl.SSLContext | None = field(default=None, repr=False)
    """How certificates are verified; None: by the system's authorities."""

    @classmethod
    def from_url(cls, url: str) -> Server:
        """``smtp://[user:password@]host[:port][?starttls=required|off]`` or ``smtps://…``.

        ``smtp`` means STARTTLS (port 587); only to this machine itself it is left out, unless demanded. ``off`` leaves
        it out elsewhere too, for a catcher of mails on a private network, and goes with no password. ``smtps`` is TLS
        from the first byte (port 465). Raises ``UserError`` on a URL that cannot be used.
        """
        parts = urlsplit(url)
        options = parse_qs(parts.query, keep_blank_values=True)
        try:
            port = parts.port
        except ValueError:
            port = -1
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname or port == -1 or parts.path not in ("", "/"):
            raise UserError("SANCTUARY_WATCH_SMTP_URL: must be smtp://[user:password@]host:port or smtps://…")
        if options not in ({}, {"starttls": ["required"]}, {"starttls": ["off"]}):
            raise UserError("SANCTUARY_WATCH_SMTP_URL: the only options are ?starttls=required and ?starttls=off")
        bare = options == {"starttls": ["off"]}
        if bare and (parts.username or parts.password or parts.scheme == "smtps"):
            raise UserError("SANCTUARY_WATCH_SMTP_URL: ?starttls=off goes with no password and not with smtps://")
        implicit = parts.scheme == "smtps"
        return cls(
            host=parts.hostname,
            port=port or (465 if implicit else 587),
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            implicit_tls=implicit,
            starttls=not implicit and not bare and (bool(options) or not _is_this_machine(parts.hostname)),
        )

    def send(self, mail: bytes, sender: str, to: str) -> None:
        """Hands a mail over; returns once the server accepted it. Raises as the table above says."""
        envelope = parseaddr(sender)[1]
        connection = self._made(envelope.rpartition("@")[2] or "localhost")
        # A time-out of the socket is none of the conversation: one byte now and then would last for ever.
        late = threading.Event()
        cut = threading.Timer(self.deadline, _cut, [connection, late])
        cut.daemon = True
        cut.start()
        try:
            self._converse(connection, mail, envelope, to)
        except (smtplib.SMTPException, ssl.SSLError, OSError) as error:
            if late.is_set():
                raise TooSlow(f"the mail server took longer than {self.deadline:g} s in all", subject=to) from None
            raise explained(error, to) from None
        finally:
            cut.cancel()

    def _converse(self, connection: smtplib.SMTP, mail: bytes, sender: str, to: str) -> None:
        try:
            code, said = connection.connect(self.host, self.port)
            if code != 220:
                raise smtplib.SMTPConnectError(code, said)
            if self.starttls:
                connection.starttls(context=self._context())
            if self.user:
                connection.login(self.user, self.password)
            connection.sendmail(sender, [to], mail)
        finally:
            _hang_up(connection)

    def _made(self, own_name: str) -> smtplib.SMTP:
        """A connection that is not open yet, so that its greeting is within the deadline too."""
        made: Any = (
            smtplib.SMTP_SSL(local_hostname=own_name, timeout=self.timeout, context=self._context())
            if self.implicit_tls
            else smtplib.SMTP(local_hostname=own_name, timeout=self.timeout)
        )
        made._host = self.host  # whom a certificate must name; smtplib notes it only when it connects at once
        connection: smtplib.SMTP = made
        return connection

    def _context(self) -> ssl.SSLContext:
        return self.context or ssl.create_default_context()


def explained(error: Exception, to: str) -> PipelineError:
    """What follows from an error of ``smtplib``, ``ssl`` or the socket."""
    match error:
        case smtplib.SMTPRecipientsRefused():
            code, text = error.recipients.get(to, (550, b""))
            return _refused(code, text, to, AddressRefused)
        case smtplib.SMTPSenderRefused() if error.smtp_code >= 500 and error.smtp_code != 552:
            return Stopped(f"the sender is refused: {_said(error.smtp_code, error.smtp_error)}", subject=to)
        case smtplib.SMTPConnectError() | smtplib.SMTPHeloError() if error.smtp_code >= 500:
            return Stopped(f"the server turns us away: {_said(error.smtp_code, error.smtp_error)}", subject=to)
        case smtplib.SMTPAuthenticationError() if error.smtp_code >= 500:
            return Stopped(f"authentication failed: {_said(error.smtp_code, error.smtp_error)}", subject=to)
        case smtplib.SMTPResponseException():
            return _refused(error.smtp_code, error.smtp_error, to, Rejected)
        case smtplib.SMTPNotSupportedError():
            return Stopped(f"the server cannot do what is asked of it: {error}", subject=to)
        case ssl.SSLCertVerificationError():
            return Stopped(f"the server's certificate is not trusted: {error}", subject=to)
        case smtplib.SMTPServerDisconnected() | TimeoutError() if _is_timeout(error):
            return TooSlow("the mail server did not answer in time", subject=to)
        case smtplib.SMTPServerDisconnected():
            return Unreachable(f"the mail server broke off: {error}", subject=to)
    return Unreachable(f"the mail server cannot be reached: {getattr(error, 'strerror', None) or error}", subject=to)


def _is_timeout(error: Exception) -> bool:
    """``smtplib`` tells a read that timed out as a disconnection, and only its context tells why."""
    return isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError)


def _refused(code: int, text: bytes | str, to: str, kind: type[Discard]) -> PipelineError:
    """``kind`` is what a refusal for good is about; the enhanced code knows it better (5.1: the address)."""
    said = _said(code, text)
    if not 500 <= code < 600:
        return Throttled(f"not now: {said}", subject=to)
    told = said.partition(" ")[2]
    if code in _AUTHENTICATION or (code in _ABOUT_US and re.match(r"5\.7\.\d", told)):
        return Stopped(said, subject=to)
    kind = AddressRefused if re.match(r"5\.1\.\d", told) else kind
    return kind(f"refused for good: {said}", subject=to)


def _said(code: int, text: bytes | str) -> str:
    plain = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return f"{code} {' '.join(plain.split())}"


def _cut(connection: smtplib.SMTP, late: threading.Event) -> None:
    """Ends whatever a connection waits for. The TLS layer is left alone: another thread is in it."""
    late.set()
    if connection.sock is not None:
        with suppress(OSError):
            socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)


def _hang_up(connection: smtplib.SMTP) -> None:
    """Says good-bye; whatever goes wrong now, the mail's fate is decided."""
    try:
        connection.quit()
    except (smtplib.SMTPException, OSError):
        connection.close()


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
