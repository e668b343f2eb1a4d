"""docker-compose.yml and Dockerfile against the Compose specification and against what the program knows."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from typer.main import get_command

from cli.main import app
from config.settings import PREFIX, Settings
from deploy import make_env

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "docker-compose.yml"
ONCE = {"elasticsearch-certificates", "elasticsearch-accounts"}
"""Services that do something and end."""
PACKAGES = re.compile(r"packages = \[(.*)\]")


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    loaded: dict[str, Any] = YAML(typ="safe").load(COMPOSE.read_text())["services"]
    return loaded


def ours(services: dict[str, Any]) -> dict[str, Any]:
    return {name: service for name, service in services.items() if service["image"].startswith("sanctuary-watch:")}


def test_it_keeps_to_the_compose_specification() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(COMPOSE)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_misspelt_key_would_be_found(tmp_path: Path) -> None:
    wrong = tmp_path / "docker-compose.yml"
    wrong.write_text(COMPOSE.read_text().replace("healthcheck:", "healtcheck:"))
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(wrong)]
    assert subprocess.run(command, capture_output=True, timeout=60).returncode == 1


def test_every_service_is_watched_limited_and_confined(services: dict[str, Any]) -> None:
    for name, service in services.items():
        assert "memory" in service["deploy"]["resources"]["limits"], name
        assert re.search(r":[^:]*\d", service["image"]) or service in ours(services).values(), (
            f"{name}: pin its version"
        )
        assert "latest" not in service["image"].replace(":${SANCTUARY_WATCH_VERSION:-latest}", ""), name
        if name in ONCE:
            assert "restart" not in service, name
            continue
        assert service["healthcheck"]["test"], name
        assert service["restart"] == "unless-stopped", name
        assert service["cap_drop"] == ["ALL"], name


def test_nothing_is_published_beyond_this_machine(services: dict[str, Any]) -> None:
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports), ports


def test_what_waits_for_a_server_waits_until_it_is_ready(services: dict[str, Any]) -> None:
    for name, service in services.items():
        for other, how in service.get("depends_on", {}).items():
            wanted = "service_completed_successfully" if other in ONCE else "service_healthy"
            assert how["condition"] == wanted, f"{name} -> {other}"


def test_our_services_run_commands_that_exist_with_settings_that_exist(services: dict[str, Any]) -> None:
    commands = get_command(app).commands  # type: ignore[attr-defined]
    known = {PREFIX + field.name.upper() for field in fields(Settings)}
    assert set(ours(services)) == {"worker-poll", "worker-article", "worker-alert", "beat", "web"}
    for name, service in ours(services).items():
        first, *options = service["command"]
        accepted = {option for parameter in commands[first].params for option in parameter.opts}
        assert {option for option in options if option.startswith("-")} <= accepted, name
        assert set(service["environment"]) <= known, name
        if service["healthcheck"]["test"][:2] == ["CMD", "sanctuary-watch"]:
            asked, *how = service["healthcheck"]["test"][2:]
            assert set(how) <= {option for parameter in commands[asked].params for option in parameter.opts}, name


def test_every_queue_has_a_worker(services: dict[str, Any]) -> None:
    from config.celery import QUEUES

    served = [
        queue
        for service in services.values()
        if service.get("command", [""])[0] == "worker"
        for queue in service["command"][service["command"].index("--queues") + 1].split(",")
    ]
    assert sorted(served) == sorted(QUEUES)


def test_no_secret_stands_in_the_file_and_none_has_a_default() -> None:
    text = COMPOSE.read_text()
    for name in make_env.NAMES:
        assert f"${{{name}:?" in text, f"{name}: without it compose must refuse to start"
        assert f"{name}:-" not in text, f"{name} has a default"


def test_the_image_holds_every_package_of_the_program_and_runs_as_nobody_special() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    packages = re.findall(r'"(\w+)"', PACKAGES.findall((ROOT / "pyproject.toml").read_text())[0])
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    for package in packages:
        assert f"COPY {package} {package}" in dockerfile
        assert f"!{package}" in ignored
    *_, user = re.findall(r"^USER (\S+)$", dockerfile, re.MULTILINE)
    assert user not in ("root", "0")


def test_compose_env_makes_fresh_secrets_once_for_their_owner_only(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    assert make_env.make(first)
    assert make_env.make(second)
    assert first.stat().st_mode & 0o777 == 0o600
    kept = first.read_text()
    assert not make_env.make(first)
    assert first.read_text() == kept
    one, other = (dict(line.split("=") for line in path.read_text().split()) for path in (first, second))
    assert set(one) == set(make_env.NAMES)
    assert all(len(value) >= 32 and value.isalnum() for value in one.values())
    assert not set(one.values()) & set(other.values())


@pytest.mark.parametrize("script", ["certificates.sh", "accounts.sh"])
def test_the_scripts_can_be_read_by_bash(script: str) -> None:
    assert subprocess.run(["bash", "-n", str(ROOT / "deploy" / script)], timeout=20).returncode == 0
