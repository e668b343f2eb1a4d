"""The one reader of environment and TOML.

Every setting is one field below; its variable is ``SANCTUARY_WATCH_`` and the name in capitals. A secret may come
from a file instead: the variable with ``_FILE`` behind it names it. A TOML file holds the same names in lower case
(``--config FILE``); the environment wins over it. Unknown keys in the file are errors.
"""

from __future__ import annotations

import ipaddress
import os
import re
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import platformdirs

PREFIX = "SANCTUARY_WATCH_"
PROJECT_PAGE = "https://pypi.org/project/sanctuary-watch/"
SECRETS = ("archive_url", "frontier_url", "broker_url", "smtp_url", "secret_key")
"""Never shown in full."""


class BadSetting(ValueError):
    """A setting cannot be used; the message names the variable and says what is allowed."""


@dataclass(frozen=True)
class Settings:
    """All that can be configured, already checked. Made by ``load``; tests may make one by hand."""

    home: Path
    """Folder of the embedded default: archive, frontier, ``outbox/*.eml``."""
    archive_url: str = ""
    """``sqlite:///FILE`` or ``elasticsearch+http(s)://[user:password@]host:port[/prefix]``; '': SQLite in the home."""
    frontier_url: str = ""
    """``sqlite:///FILE`` or ``redis(s)://…``; '': SQLite in the home folder."""
    broker_url: str = "memory://"
    smtp_url: str = ""
    """``smtp://[user:password@]host:port`` or ``smtps://…``, ``?starttls=required``; '': ``.eml`` files."""
    mail_from: str = "sanctuary-watch@localhost"
    public_url: str = ""
    """Where the web answers; '': mails carry no links to it and no one-click unsubscribe header."""
    websub: str = "on"
    """'on': hubs that feeds name are asked to push to ``public_url``; 'off', or no public URL: none is."""
    secret_key: str = ""
    """Signs unsubscribe links and keyed hashes; made at the first start when not set (``ensure_secret_key``)."""
    mail_per_hour: int = 10
    """Mails to one address within an hour; what is beyond comes together in one digest."""
    bounce_domain: str = ""
    """Domain of the envelope senders, one for each mail, by which bounces are told apart; '': ``mail_from``."""
    contact: str = PROJECT_PAGE
    """Address or URL in the User-Agent."""
    web_listen: str = "127.0.0.1:8050"
    web_trusted: str = ""
    """Networks beside this machine itself whose addresses may read the web without a key, comma-separated."""
    api_per_minute: int = 120
    """Requests to the API that one key, or one address without a key, may make in a minute."""
    allow_networks: str = ""
    """Networks outside the public internet that the fetcher may reach, comma-separated."""
    metrics_listen: str = ""
    """``host:port`` where a worker, a beat or a run tells Prometheus what its process did; '': nowhere."""
    tick_seconds: float = 1.0
    """Between two looks at what is due."""
    sweep_seconds: float = 600.0
    """Between two sweeps for what an interruption left behind."""
    lease_seconds: float = 240.0
    """How long a claimed batch of feeds or entries belongs to its worker. Longer than a batch may take: its deadlines
    together, rarely all used up; what ends later is settled by its successor."""
    mail_claim_seconds: float = 300.0
    """How long one attempt at a mail may take: longer than the transport's own time limits together."""
    visibility_seconds: float = 900.0
    """After so long a hint that nobody acknowledged is handed out again: longer than any task."""
    soft_shutdown_seconds: float = 30.0
    """What is under way when a worker is told to stop has so long to end; then it goes back."""
    silence_seconds: float = 60.0
    """A worker or beat that was not heard of, or consumed nothing, for so long is ill."""

    def __post_init__(self) -> None:
        _check(self)

    @cached_property
    def networks(self) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
        """``allow_networks``, parsed."""
        return _networks(self.allow_networks)

    @cached_property
    def trusted(self) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
        """``web_trusted``, parsed."""
        return _networks(self.web_trusted)

    @property
    def pushes(self) -> bool:
        """Whether hubs are asked to push, and can."""
        return self.websub == "on" and bool(self.public_url)

    @property
    def pages(self) -> str:
        """Where the web's pages are, without a slash at the end: its public address, else where it listens."""
        return self.public_url.rstrip("/") or f"http://{self.web_listen}"

    @property
    def lease(self) -> timedelta:
        """``lease_seconds``."""
        return timedelta(seconds=self.lease_seconds)

    @property
    def mail_claim(self) -> timedelta:
        """``mail_claim_seconds``."""
        return timedelta(seconds=self.mail_claim_seconds)

    @property
    def tick(self) -> timedelta:
        """``tick_seconds``."""
        return timedelta(seconds=self.tick_seconds)

    @property
    def silence(self) -> timedelta:
        """``silence_seconds``."""
        return timedelta(seconds=self.silence_seconds)

    @property
    def archive(self) -> str:
        """The archive's URL with the default filled in."""
        return self.archive_url or f"sqlite:///{self.home / 'archive.sqlite3'}"

    @property
    def frontier(self) -> str:
        """The frontier's URL with the default filled in."""
        return self.frontier_url or f"sqlite:///{self.home / 'frontier.sqlite3'}"

    @property
    def outbox(self) -> Path:
        """Folder of ``.eml`` files when no SMTP server is configured."""
        return self.home / "outbox"

    def ensure_home(self) -> None:
        """Makes the home folder, readable by its owner only."""
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)

    def ensure_secret_key(self) -> Settings:
        """Settings with a secret key: the configured one, else the one kept in the home folder, made on first use."""
        if self.secret_key:
            return self
        self.ensure_home()
        path = self.home / "secret_key"
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(32))
        except FileExistsError:
            pass
        return replace(self, secret_key=path.read_text().strip())


def load(environ: Mapping[str, str] | None = None, config: Path | None = None) -> Settings:
    """Settings from the environment over a TOML file over the defaults.

    Raises ``BadSetting`` on an unknown key in the file, an unreadable file, or a value that cannot be used.
    """
    environ = os.environ if environ is None else environ
    names = {field.name for field in fields(Settings)}
    values: dict[str, str] = {}
    if config is not None:
        values |= _read_toml(config, names)
    for name in sorted(names):
        variable = PREFIX + name.upper()
        file = environ.get(variable + "_FILE", "")
        if name in SECRETS and file:
            try:
                values[name] = Path(file).read_text().strip()
            except OSError as error:
                raise BadSetting(f"{variable}_FILE: cannot read {file}: {error.strerror}") from None
        if environ.get(variable):
            values[name] = environ[variable]
    home = values.pop("home", "") or platformdirs.user_data_dir("sanctuary-watch", appauthor=False)
    typed: dict[str, Any] = {name: _typed(name, value) for name, value in values.items()}
    return Settings(home=Path(home).expanduser().absolute(), **typed)


_SECONDS = frozenset(field.name for field in fields(Settings) if field.name.endswith("_seconds"))


_WHOLE = {"mail_per_hour": 1_000, "api_per_minute": 100_000}
"""Settings that are whole numbers from 1 on, and the most each may be."""


def _networks(text: str) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    return tuple(ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip())


def _typed(name: str, value: str) -> str | float | int:
    if most := _WHOLE.get(name):
        if not value.strip().isdecimal() or not 1 <= int(value) <= most:
            raise BadSetting(f"{PREFIX}{name.upper()}: must be a whole number from 1 to {most}")
        return int(value)
    return _seconds(name, value) if name in _SECONDS else value


def _seconds(name: str, value: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise BadSetting(f"{PREFIX}{name.upper()}: must be a number of seconds") from None


def _read_toml(path: Path, names: set[str]) -> dict[str, str]:
    try:
        table = tomllib.loads(path.read_text())
    except OSError as error:
        raise BadSetting(f"{path}: cannot be read: {error.strerror}") from None
    except tomllib.TOMLDecodeError as error:
        raise BadSetting(f"{path}: {error}") from None
    if unknown := sorted(set(table) - names):
        raise BadSetting(f"{path}: unknown setting {unknown[0]!r}; known are {', '.join(sorted(names))}")
    return {
        name: ", ".join(map(str, value)) if isinstance(value, list) else str(value) for name, value in table.items()
    }


def _check(settings: Settings) -> None:
    allowed = {
        "archive_url": ("sqlite:///", "elasticsearch+http://", "elasticsearch+https://"),
        "frontier_url": ("sqlite:///", "redis://", "rediss://"),
        "broker_url": ("memory://", "redis://", "rediss://"),
        "smtp_url": ("smtp://", "smtps://"),
        "public_url": ("http://", "https://"),
    }
    for name, starts in allowed.items():
        value = getattr(settings, name)
        if value and not value.startswith(starts):
            raise BadSetting(f"{PREFIX}{name.upper()}: must begin with {' or '.join(starts)}")
    for name in ("allow_networks", "web_trusted"):
        try:
            _networks(getattr(settings, name))
        except ValueError as error:
            raise BadSetting(f"{PREFIX}{name.upper()}: {error}") from None
    for name in ("web_listen", "metrics_listen"):
        listen = getattr(settings, name)
        host, _, port = listen.rpartition(":")
        if (listen or name == "web_listen") and (not host or not port.isdigit() or int(port) > 65535):
            raise BadSetting(f"{PREFIX}{name.upper()}: must be host:port")
    for name in _SECONDS:
        if not 0.01 <= getattr(settings, name) <= 7 * 86400:
            raise BadSetting(f"{PREFIX}{name.upper()}: must be a number of seconds, at least 0.01 and at most a week")
    if settings.bounce_domain and not re.fullmatch(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", settings.bounce_domain):
        raise BadSetting(f"{PREFIX}BOUNCE_DOMAIN: must be a domain")
    if settings.websub not in ("on", "off"):
        raise BadSetting(f"{PREFIX}WEBSUB: must be on or off")
    if "@" not in settings.mail_from:
        raise BadSetting(f"{PREFIX}MAIL_FROM: must be an e-mail address")
