"""An Elasticsearch in a container, where a Docker engine answers: the command line alone says nothing."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from tests.servers.layout import version

_SETTINGS = {
    "discovery.type": "single-node",
    "xpack.security.enabled": "false",
    "cluster.routing.allocation.disk.threshold_enabled": "false",
    "ES_JAVA_OPTS": "-Xms512m -Xmx512m",
}


def image() -> str:
    """The official image of the version that the jars have too."""
    return f"elasticsearch:{version()}"


def has_image() -> bool:
    """Whether an engine answers and has the image, or could fetch it just now."""
    if shutil.which("docker") is None or not _docker("version", "--format", "{{.Server.Version}}", patience=20):
        return False
    return _docker("image", "inspect", image()) or _docker("pull", "--quiet", image())


@contextmanager
def container() -> Iterator[tuple[str, str]]:
    """Runs one: its base URL, where it will answer soon, and its id. It is removed at the end."""
    environment = [part for pair in _SETTINGS.items() for part in ("--env", "=".join(pair))]
    name = _told("run", "--detach", "--rm", "--publish", "127.0.0.1::9200", *environment, image())
    try:
        yield f"http://{_told('port', name, '9200/tcp').splitlines()[0]}", name
    finally:
        _docker("rm", "--force", name)


def problem(name: str) -> str | None:
    """Why the container will never answer; None while it runs."""
    return None if _docker("container", "inspect", name) else "the container has ended"


def _docker(*arguments: str, patience: float = 900) -> bool:
    try:
        done = subprocess.run(["docker", *arguments], capture_output=True, check=False, timeout=patience)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def _told(*arguments: str) -> str:
    return subprocess.run(["docker", *arguments], capture_output=True, check=True, text=True).stdout.strip()
