"""Reads what mail servers report later: bounces (RFC 3464) and complaints (RFC 5965), back to the alert they are about.

With a bounce domain every mail has an envelope sender of its own, whose signature proves that a report is about it.
Without one, the Message-ID in the returned part does: nobody but the recipient knows it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import default
from email.utils import parseaddr
from hmac import compare_digest
from typing import cast

from config.settings import Settings
from pipeline.alerts.tokens import bounce_token, bounces_token
from pipeline.errors import UserError

_SENDER = re.compile(r"bounces\+([0-9a-f]{24})-([0-9a-f]{12})@", re.IGNORECASE)
_TO = ("To", "Delivered-To", "X-Original-To", "Envelope-To")
LONGEST = 2_000_000
"""Bytes of a report; what is longer is none."""


def hand_in_url(settings: Settings) -> str:
    """Where the web takes reports that are posted to it. It is a secret: whoever knows it may hand one in. Raises
    ``UserError`` without a public URL or a secret key."""
    if not settings.public_url:
        raise UserError("SANCTUARY_WATCH_PUBLIC_URL is not set: nobody outside knows where the web answers")
    return f"{settings.public_url.rstrip('/')}/bounces/{bounces_token(settings.secret_key)}"


@dataclass(frozen=True, slots=True)
class Bounce:
    """What a report says. One of ``alert`` and ``message_id`` is set."""

    alert: str
    """Id of the row whose envelope sender it came to, proved; '' when it came otherwise."""
    message_id: str
    """Of the mail that is returned."""
    recipient: str
    status: str
    """``5.1.1``; 'complaint' when its reader called it spam."""
    reason: str

    @property
    def for_good(self) -> bool:
        """Whether nothing will ever arrive there, or nothing is wanted there."""
        return self.status.startswith("5.") or self.status == "complaint"


def envelope_sender(row: str, settings: Settings) -> str:
    """Whom the bounce of a row's mail goes to."""
    if not settings.bounce_domain:
        return parseaddr(settings.mail_from)[1]
    return f"bounces+{row}-{bounce_token(settings.secret_key, row)}@{settings.bounce_domain}"


def read_report(data: bytes, settings: Settings) -> Bounce | None:
    """The report in a message; None when it is none that can be traced to a mail of ours."""
    if len(data) > LONGEST:
        return None
    message = message_from_bytes(data, policy=default)
    alert = _proved(message, settings)
    returned = _returned(message)
    message_id = " ".join(str(returned["Message-ID"]).split()) if returned and returned["Message-ID"] else ""
    if not alert and not message_id:
        return None
    for part in message.walk():
        kind = part.get_content_type()
        if kind == "message/delivery-status":
            return _delivery(part, alert, message_id)
        if kind == "message/feedback-report":
            recipient = str(returned["To"] or "") if returned else ""
            return Bounce(alert, message_id, parseaddr(recipient)[1], "complaint", "its reader called it spam")
    return None


def _proved(message: Message, settings: Settings) -> str:
    for name in _TO:
        for value in message.get_all(name, []):
            found = _SENDER.search(str(value))
            if found and settings.secret_key:
                row, token = found[1].lower(), found[2].lower()
                if compare_digest(bounce_token(settings.secret_key, row), token):
                    return row
    return ""


def _returned(message: Message) -> Message | None:
    """The head of the mail that is returned, whole or not."""
    for part in message.walk():
        kind = part.get_content_type()
        if kind == "message/rfc822" and part.is_multipart():
            return cast(Message, part.get_payload(0))
        if kind in ("text/rfc822-headers", "message/rfc822-headers"):
            content = cast(EmailMessage, part).get_payload(decode=True)
            return message_from_bytes(content if isinstance(content, bytes) else b"", policy=default)
    return None


def _delivery(part: Message, alert: str, message_id: str) -> Bounce | None:
    """The first recipient that failed. The part holds blocks of fields, the first one about the whole message."""
    blocks = part.get_payload()
    for block in blocks if isinstance(blocks, list) else []:
        if not isinstance(block, Message) or not block["Action"]:
            continue
        if str(block["Action"]).strip().lower() != "failed":
            continue
        recipient = str(block["Original-Recipient"] or block["Final-Recipient"] or "").rpartition(";")[2].strip()
        status = str(block["Status"] or "").split(" ")[0].strip()
        said = " ".join(str(block["Diagnostic-Code"] or "").split()) or status
        return Bounce(alert, message_id, recipient, status, f"returned: {said}"[:300])
    return None
