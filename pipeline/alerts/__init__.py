"""From a notice to a mail that its reader trusts: subscriptions, notices, outbox, rendering, and the way out."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from config.settings import Settings


class Transport(Protocol):
    """Hands mails over: an SMTP server (``smtp.Server``), or a folder of files (``files.Folder``)."""

    def send(self, mail: bytes, sender: str, to: str) -> None:
        """Returns once the mail is accepted. Raises ``Retry`` (later, ``outbox.Stopped`` when an operator has to act)
        or ``Discard`` (never)."""


def lasting(transport: Transport) -> AbstractContextManager[Transport]:
    """The same way out for several mails in a row, used by one thread: an SMTP server is connected to once."""
    from pipeline.alerts.smtp import Server

    return transport.session() if isinstance(transport, Server) else nullcontext(transport)


def open_transport(settings: Settings) -> Transport:
    """The configured way out. Raises ``UserError`` when the SMTP URL cannot be used."""
    from pipeline.alerts.files import Folder
    from pipeline.alerts.smtp import Server

    return Server.from_url(settings.smtp_url) if settings.smtp_url else Folder(settings.outbox)
