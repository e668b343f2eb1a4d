"""Mail as ``.eml`` files in a folder: what the embedded default does without a mail server."""

from __future__ import annotations

import os
import re
import unicodedata
from contextlib import suppress
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import SMTP
from email.utils import parsedate_to_datetime
from hashlib import sha256
from pathlib import Path

from pipeline.errors import Unavailable

_LONGEST_SLUG = 60


class Folder:
    """Writes each mail into one file, whole or not at all. Usage: ``Folder(home / "outbox").send(mail, sender, to)``.

    The name tells date and subject and ends in a mark made from the Message-ID: the same mail again replaces its
    file instead of standing there twice.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(self, mail: bytes, sender: str, to: str) -> None:
        """Keeps a mail. Raises ``Unavailable`` when the folder cannot be written to."""
        name, mark = _name(mail)
        temporary = self.folder / f".{mark}.{os.getpid()}.part"
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            earlier = [path for path in self.folder.glob(f"*{mark}.eml") if path.name != name]
            with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(mail)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self.folder / name)
            for path in earlier:
                path.unlink(missing_ok=True)
        except OSError as error:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise Unavailable(f"the outbox folder cannot be written to: {error.strerror}", subject=to) from None


def _name(mail: bytes) -> tuple[str, str]:
    message = message_from_bytes(mail, policy=SMTP)
    mark = sha256(str(message["Message-ID"]).encode()).hexdigest()[:12]
    try:
        moment = parsedate_to_datetime(str(message["Date"])).astimezone(UTC)
    except ValueError:
        moment = datetime.fromtimestamp(0, UTC)
    plain = unicodedata.normalize("NFKD", str(message["Subject"] or "")).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:_LONGEST_SLUG].rstrip("-") or "alert"
    return f"{moment:%Y-%m-%d-%H%M}-{slug}-{mark}.eml", mark
