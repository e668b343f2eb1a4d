"""Bounces and complaints, and which mail they are about."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from config.settings import Settings
from pipeline.alerts.bounces import Bounce, envelope_sender, read_report

ROW = "0123456789abcdef01234567"
SETTINGS = Settings(
    home=Path("/nowhere"), mail_from="Watch <alerts@example.org>", secret_key="a key", bounce_domain="b.example.org"
)
PLAIN = replace(SETTINGS, bounce_domain="")


def report(to: str, *, action: str = "failed", status: str = "5.1.1", head: str = "") -> bytes:
    """A delivery status notification as mail servers write it."""
    return f"""\
From: MAILER-DAEMON@mx.example.net
To: {to}
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I'm sorry to have to inform you.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; reader@example.net
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 <reader@example.net>:
 no such user

--b
Content-Type: text/rfc822-headers

From: alerts@example.org
To: reader@example.net
{head}
--b--
""".replace("\n", "\r\n").encode()


def test_a_report_to_a_mails_own_sender_is_proved_by_its_signature() -> None:
    sender = envelope_sender(ROW, SETTINGS)
    assert sender.startswith(f"bounces+{ROW}-")
    assert sender.endswith("@b.example.org")
    assert len(sender.partition("@")[0]) <= 64
    bounce = read_report(report(f"<{sender.upper()}>"), SETTINGS)
    assert bounce == Bounce(
        ROW, "", "reader@example.net", "5.1.1", "returned: smtp; 550 5.1.1 <reader@example.net>: no such user"
    )
    assert bounce.for_good


def test_a_forged_one_proves_nothing() -> None:
    forged = f"bounces+{ROW}-000000000000@b.example.org"
    assert read_report(report(forged), SETTINGS) is None
    assert read_report(report(envelope_sender(ROW, replace(SETTINGS, secret_key="another"))), SETTINGS) is None


def test_without_a_bounce_domain_the_returned_message_id_tells() -> None:
    assert envelope_sender(ROW, PLAIN) == "alerts@example.org"
    bounce = read_report(report("alerts@example.org", head=f"Message-ID: <{ROW}@example.org>\n"), PLAIN)
    assert bounce is not None
    assert (bounce.alert, bounce.message_id) == ("", f"<{ROW}@example.org>")


def test_what_only_takes_long_is_not_for_good() -> None:
    sender = envelope_sender(ROW, SETTINGS)
    full = read_report(report(sender, status="4.2.2"), SETTINGS)
    assert full is not None
    assert not full.for_good
    assert read_report(report(sender, action="delayed", status="4.4.1"), SETTINGS) is None


def test_a_complaint_is_for_good() -> None:
    sender = envelope_sender(ROW, SETTINGS)
    data = report(sender, head=f"Message-ID: <{ROW}@example.org>\n").decode()
    start, end = data.index("Content-Type: message/delivery-status"), data.index("--b\r\nContent-Type: text/rfc822")
    part = "Content-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nVersion: 1\r\n\r\n"
    bounce = read_report((data[:start] + part + data[end:]).encode(), SETTINGS)
    assert bounce == Bounce(ROW, f"<{ROW}@example.org>", "reader@example.net", "complaint", "its reader called it spam")
    assert bounce.for_good


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xfe", b"To: alerts@example.org\r\n\r\nI am on holiday.\r\n", b"x" * 2_000_001]
)
def test_other_mail_is_no_report(data: bytes) -> None:
    assert read_report(data, SETTINGS) is None
