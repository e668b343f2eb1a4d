"""Whom the mails in the tests go to, and by which settings they are written."""

from __future__ import annotations

from pathlib import Path

from config.settings import Settings
from pipeline.alerts.subscriptions import subscribe
from tests.unit.policy.builders import at

SETTINGS = Settings(
    home=Path("/nowhere"),
    mail_from="alerts@watch.example.org",
    public_url="https://watch.example.org",
    secret_key="a key",
)
DESK = subscribe(
    "desk@example.org",
    name="California desk",
    places=["CA"],
    kinds=["new", "stage", "correction"],
    now=at("2024-09-01"),
)
