"""Writes ``.env`` for docker-compose.yml: fresh passwords and keys, readable by its owner only. Never overwrites."""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path

NAMES = (
    "ELASTIC_PASSWORD",
    "KIBANA_PASSWORD",
    "REDIS_PASSWORD",
    "ARCHIVE_PASSWORD",
    "SANCTUARY_WATCH_SECRET_KEY",
)
"""What docker-compose.yml refuses to start without."""


def make(path: Path) -> bool:
    """Makes the file; False when it is there already."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "w") as file:
        # Letters and digits only: the passwords stand in URLs and in JSON.
        file.writelines(f"{name}={secrets.token_hex(24)}\n" for name in NAMES)
    return True


if __name__ == "__main__":
    made = make(Path(".env"))
    sys.stderr.write(".env: made\n" if made else ".env: is there already, nothing changed\n")
