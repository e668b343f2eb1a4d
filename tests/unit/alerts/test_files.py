"""Mail as files: whole or not at all, one per Message-ID, a name that tells what it is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from config.settings import Settings
from pipeline.alerts import open_transport
from pipeline.alerts.files import Folder
from pipeline.alerts.smtp import Server
from pipeline.errors import Unavailable


def mail(subject: str = "Los Angeles, CA adopts sanctuary city ordinance (13-0)", name: str = "a") -> bytes:
    head = f"Date: Wed, 20 Nov 2024 15:00:00 +0000\r\nSubject: {subject}\r\nMessage-ID: <{name}@example.org>\r\n"
    return f"{head}\r\nHello\r\n".encode()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_mail_is_a_file_named_by_date_and_subject(tmp_path: Path) -> None:
    outbox = tmp_path / "outbox"
    Folder(outbox).send(mail(), "a@example.org", "b@example.org")
    (name,) = names(outbox)
    assert name.startswith("2024-11-20-1500-los-angeles-ca-adopts-sanctuary-city-ordinance-13-0-")
    assert name.endswith(".eml")
    assert (outbox / name).read_bytes() == mail()
    assert (outbox / name).stat().st_mode & 0o777 == 0o600
    assert outbox.stat().st_mode & 0o777 == 0o700


def test_the_same_message_again_does_not_double(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.send(mail(), "a@example.org", "b@example.org")
    folder.send(mail(), "a@example.org", "b@example.org")
    folder.send(mail("Another subject"), "a@example.org", "b@example.org")
    assert len(names(tmp_path)) == 1
    assert "another-subject" in names(tmp_path)[0]
    folder.send(mail(name="b"), "a@example.org", "b@example.org")
    assert len(names(tmp_path)) == 2


@pytest.mark.parametrize(
    ("subject", "part"),
    [
        ("=?utf-8?q?Do=C3=B1a_Ana_County?=", "-dona-ana-county-"),
        ("../../etc/passwd", "-etc-passwd-"),
        ("", "-alert-"),
        ("x" * 300, "-" + "x" * 60 + "-"),
        ("=?utf-8?b?55av5a6i?=", "-alert-"),
    ],
)
def test_names_are_safe(tmp_path: Path, subject: str, part: str) -> None:
    Folder(tmp_path).send(mail(subject), "a@example.org", "b@example.org")
    (name,) = names(tmp_path)
    assert part in name
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-.")


def test_a_broken_date_still_has_a_name(tmp_path: Path) -> None:
    Folder(tmp_path).send(b"Subject: x\r\nMessage-ID: <a@b>\r\nDate: soon\r\n\r\n", "a@example.org", "b@example.org")
    assert names(tmp_path)[0].startswith("1970-01-01-0000-x-")


def test_a_folder_that_cannot_be_written_is_unavailable_and_leaves_no_half_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Unavailable, match="cannot be written"):
        Folder(tmp_path / "file" / "outbox").send(mail(), "a@example.org", "b@example.org")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Unavailable, match="No space left"):
        Folder(tmp_path / "outbox").send(mail(), "a@example.org", "b@example.org")
    assert names(tmp_path / "outbox") == []


def test_the_configured_way_out(tmp_path: Path) -> None:
    assert isinstance(open_transport(Settings(home=tmp_path)), Folder)
    assert isinstance(open_transport(Settings(home=tmp_path, smtp_url="smtp://mail.example.org")), Server)
