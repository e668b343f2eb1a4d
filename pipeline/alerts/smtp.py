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
from collections.abc import Iterator
from contextlib import contextmanager, suppress
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
CLOSING = 421
"""The server ends the connection, whatever was asked."""
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
        with self.session() as session:
            session.send(mail, sender, to)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """One connection for several mails, closed at the end."""
        session = Session(self)
        try:
            yield session
        finally:
            session.close()


class Session:
    """Hands mails to one server, over one connection for as long as the server keeps it. For one thread."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._connection: smtplib.SMTP | None = None

    def send(self, mail: bytes, sender: str, to: str) -> None:
        """As ``Server.send``. A connection that the server has ended since the mail before is opened anew: that says
        nothing of this mail."""
        with self._bounded(self._server.deadline) as late:
            try:
                self._converse(mail, parseaddr(sender)[1], to, late)
            except (smtplib.SMTPException, ssl.SSLError, OSError) as error:
                if late.is_set():
                    raise TooSlow(
                        f"the mail server took longer than {self._server.deadline:g} s in all", subject=to
                    ) from None
                raise explained(error, to) from None

    def close(self) -> None:
        """Says good-bye; whatever goes wrong now, the mails' fate is decided. Further calls do nothing."""
        if self._connection is None:
            return
        with self._bounded(self._server.timeout):
            try:
                self._connection.quit()
            except (smtplib.SMTPException, OSError):
                self._connection.close()
        self._connection = None

    def _converse(self, mail: bytes, sender: str, to: str, late: threading.Event) -> None:
        kept = self._connection is not None
        begun = False
        try:
            connection = self._connection or self._connected(sender.rpartition("@")[2] or "localhost")
            _announce(connection, len(mail), sender, to)
            begun = True
            _hand_over(connection, mail)
        except (smtplib.SMTPException, OSError) as error:
            if (code := _code(error)) and code != CLOSING:
                self._forget_mail()
                raise
            self.close()
            # Once the mail itself is under way, a line that broke may have brought its acceptance.
            over = late.is_set() or (code != CLOSING and (begun or _is_timeout(error)))
            if over or not kept:
                raise
            self._converse(mail, sender, to, late)
        except BaseException:
            self.close()  # in the middle of a mail it is no good for another one
            raise

    def _connected(self, own_name: str) -> smtplib.SMTP:
        server = self._server
        made: Any = (
            smtplib.SMTP_SSL(local_hostname=own_name, timeout=server.timeout, context=self._context())
            if server.implicit_tls
            else smtplib.SMTP(local_hostname=own_name, timeout=server.timeout)
        )
        made._host = server.host  # whom a certificate must name; smtplib notes it only when it connects at once
        connection: smtplib.SMTP = made
        self._connection = connection  # before it is open: the greeting is within the deadline too
        try:
            code, said = connection.connect(server.host, server.port)
            if code != 220:
                raise smtplib.SMTPConnectError(code, said)
            if server.starttls:
                connection.starttls(context=self._context())
            if server.user:
                connection.login(server.user, server.password)
            connection.ehlo_or_helo_if_needed()
        except (smtplib.SMTPException, OSError):
            self.close()  # one that is half open is no good for another mail
            raise
        return connection

    def _context(self) -> ssl.SSLContext:
        return self._server.context or ssl.create_default_context()

    def _forget_mail(self) -> None:
        """After a refusal the next mail begins anew, on this connection if the server lets it."""
        try:
            if self._connection is not None and self._connection.rset()[0] == 250:
                return
        except (smtplib.SMTPException, OSError):
            pass  # it is closed next
        self.close()

    @contextmanager
    def _bounded(self, seconds: float) -> Iterator[threading.Event]:
        """Ends whatever the connection waits for after so long, and sets the event. A time-out of the socket is none of
        the conversation: one byte now and then would last for ever."""
        late = threading.Event()
        cut = threading.Timer(seconds, self._cut, [late])
        cut.daemon = True
        cut.start()
        try:
            yield late
        finally:
            cut.cancel()

    def _cut(self, late: threading.Event) -> None:
        """The TLS layer is left alone: another thread is in it."""
        late.set()
        if self._connection is not None and self._connection.sock is not None:
            with suppress(OSError):
                socket.socket.shutdown(self._connection.sock, socket.SHUT_RDWR)


def _announce(connection: smtplib.SMTP, size: int, sender: str, to: str) -> None:
    code, said = connection.mail(sender, [f"size={size}"] if connection.has_extn("size") else [])
    if code != 250:
        raise smtplib.SMTPSenderRefused(code, said, sender)
    code, said = connection.rcpt(to)
    if code not in (250, 251):
        raise smtplib.SMTPRecipientsRefused({to: (code, said)})


def _hand_over(connection: smtplib.SMTP, mail: bytes) -> None:
    code, said = connection.data(mail)
    if code != 250:
        raise smtplib.SMTPDataError(code, said)


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


def _code(error: Exception) -> int:
    """What the server answered; 0 when it did not."""
    match error:
        case smtplib.SMTPRecipientsRefused():
            return next(code for code, _ in error.recipients.values())
        case smtplib.SMTPResponseException():
            return error.smtp_code
    return 0


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
