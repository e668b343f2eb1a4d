"""Lays an Elasticsearch server out of its published jars, once per machine and version.

Elastic publishes the server and its HTTP transport as jars. Maven fetches them, this module puts them where the server
looks for its own path and its modules, and compiles the two classes in ``es_node/src``: one starts a node, the other
stands in for what is not published. The folder is kept in the user's cache, named after the version and a hash of
``es_node``, and appears whole or not at all.

What the published jars lack: scripts, ``_reindex``, ``_update_by_query``, ``_delete_by_query``, percolator, ES|QL, ILM,
data streams, security. The archive asks for none of them; credentials and TLS are demanded by ``tls_proxy``.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_cache_path

SOURCES = Path(__file__).with_name("es_node")
JAVA = 21
"""The oldest Java that the server runs on."""
FETCH = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"


class Missing(Exception):
    """A server cannot be had here; the text says what is missing and how to get it."""


@dataclass(frozen=True)
class Layout:
    """A server that is ready to start: the Java and its arguments up to those of ``TestNode``."""

    folder: Path
    java: Path

    def command(self, home: Path, settings: dict[str, str], heap: int, tier: int) -> list[str]:
        """Runs a node on the folder ``home``; ``heap`` in MB, ``tier`` is HotSpot's highest compilation tier (1 starts
        quicker, 4 runs faster)."""
        return [
            str(self.java / "bin/java"),
            f"-Xms{heap}m",
            f"-Xmx{heap}m",
            "-XX:+UseSerialGC",
            f"-XX:TieredStopAtLevel={tier}",
            "--enable-native-access=ALL-UNNAMED,org.elasticsearch.nativeaccess,org.apache.lucene.core",
            "--add-modules=jdk.net,jdk.management.agent,jdk.incubator.vector,ALL-MODULE-PATH",
            f"--module-path={self.folder / 'lib'}",
            f"--class-path={self.folder / 'launcher'}",
            "TestNode",
            str(home.resolve()),
            str(self.folder / "modules"),
            *(f"{name}={value}" for name, value in settings.items()),
        ]


def version() -> str:
    """The version that is laid out: ``9.5.3``."""
    found = re.search("<elasticsearch.version>(.*)</", (SOURCES / "pom.xml").read_text())
    assert found
    return found[1]


def layout(cache: Path | None = None) -> Layout:
    """The server, laid out now unless it was before.

    :param cache: the folder to keep it in; ``sanctuary-watch-tests`` in the user's cache folder when not given
    :raises Missing: without a Java that is new enough, without Maven, or when Maven cannot fetch the jars
    """
    java = _java()
    cache = cache or user_cache_path("sanctuary-watch-tests")
    cache.mkdir(parents=True, exist_ok=True)
    folder = cache / f"elasticsearch-{version()}-{_fingerprint()}"
    with (cache / "layout.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            with tempfile.TemporaryDirectory(dir=cache, prefix="building-") as building:
                made = Path(building, folder.name)
                _lay_out(made, java)
                made.rename(folder)
    return Layout(folder, java)


def _java() -> Path:
    homes = [Path(os.environ[name]) for name in ("ES_JAVA_HOME", "JAVA_HOME") if os.environ.get(name)]
    homes += sorted(Path("/usr/lib/jvm").glob("*"))
    for home in homes:
        if (home / "bin/javac").exists() and _age(home) >= JAVA:
            return home
    raise Missing(
        f"a Java development kit, {JAVA} or newer, is needed: install one (openjdk-{JAVA}-jdk-headless, or Temurin "
        "where the system has none) in /usr/lib/jvm, or let ES_JAVA_HOME name its folder"
    )


def _age(home: Path) -> int:
    """The feature version of the Java in a folder; 0 when that cannot be told."""
    try:
        found = re.search(r'^JAVA_VERSION="(\d+)', (home / "release").read_text(), re.MULTILINE)
    except OSError:
        return 0
    return int(found[1]) if found else 0


def _fingerprint() -> str:
    digest = hashlib.sha256(FETCH.encode())
    for path in (Path(__file__), *sorted(SOURCES.rglob("*"))):
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _lay_out(folder: Path, java: Path) -> None:
    library, transport, own = folder / "lib", folder / "modules/transport-netty4", folder / "modules/stand-ins"
    launcher, classes = folder / "launcher", folder / "classes"
    for each in (library, transport, own, launcher, classes):
        each.mkdir(parents=True)
    if shutil.which("mvn") is None:
        raise Missing("Maven is needed to fetch Elasticsearch: install it (apt-get install maven)")
    environment = (
        os.environ if shutil.which("java") or "JAVA_HOME" in os.environ else os.environ | {"JAVA_HOME": str(java)}
    )
    _run(
        ["mvn", "-B", "-q", "-f", str(SOURCES / "pom.xml"), FETCH, f"-DoutputDirectory={library}"],
        "Maven could not fetch Elasticsearch; it needs the internet the first time, or a mirror in its settings",
        environment,
    )
    # A module's jars must not be on the server's own path too.
    for pattern in ("netty-*.jar", "transport-netty4-*.jar"):
        for jar in library.glob(pattern):
            jar.rename(transport / jar.name)
    with zipfile.ZipFile(transport / f"transport-netty4-{version()}.jar") as archive:
        described = archive.read("META-INF/es-plugins/transport-netty4/plugin-descriptor.properties")
    (transport / "plugin-descriptor.properties").write_bytes(described)
    _run(
        [str(java / "bin/javac"), "-cp", f"{library}/*", "-d", str(classes), *map(str, SOURCES.glob("src/*.java"))],
        "the test node's classes cannot be compiled",
    )
    with zipfile.ZipFile(own / "stand-ins.jar", "w") as archive:
        for compiled in classes.glob("StandIns*.class"):
            archive.write(compiled, compiled.name)
    for compiled in classes.glob("TestNode*.class"):
        compiled.rename(launcher / compiled.name)
    shutil.rmtree(classes)
    (own / "plugin-descriptor.properties").write_text(
        "description=what the published jars lack\n"
        "name=stand-ins\nclassname=StandIns\n"
        f"version={version()}\nelasticsearch.version={version()}\njava.version={JAVA}\n"
    )


def _run(command: list[str], failed: str, environment: os._Environ[str] | dict[str, str] = os.environ) -> None:
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, env=environment
    )
    if done.returncode:
        raise Missing(f"{failed}:\n{done.stdout[-1500:]}")
