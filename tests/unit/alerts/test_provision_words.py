"""Every provision that a rule can find has plain words."""

from __future__ import annotations

import tomllib
from pathlib import Path

from pipeline.alerts.words import _PROVISIONS, provision

RULES = Path(__file__).parents[3] / "config" / "topic" / "provisions.toml"


def test_every_provision_has_words() -> None:
    found = {rule["id"] for rule in tomllib.loads(RULES.read_text())["provision"] if not rule["id"].startswith("sign.")}
    assert found == set(_PROVISIONS)


def test_an_unknown_one_is_shown_as_it_is() -> None:
    assert provision("no_drones") == "No drones"
