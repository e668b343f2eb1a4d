"""The one reader of environment and TOML.

Every setting is one field below; its variable is ``SANCTUARY_WATCH_`` and the name in capitals. A secret may come
from a file instead: the variable with ``_FILE`` behind it names it. A TOML file holds the same names in lower case
(``--config FILE``); the environment wins over it. Unknown keys in the file are errors.
"""

from __future__ import annotations

import ipaddress
import os
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property
from pathlib import Path

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
    secret_key: str = ""
    """Signs unsubscribe links and keyed hashes; made at the first start when not set (``ensure_secret_key``)."""
    contact: str = PROJECT_PAGE
    """Address or URL in the User-Agent."""
    web_listen: str = "127.0.0.1:8050"
    allow_networks: str = ""
    """Networks outside the public internet that the fetcher may reach, comma-separated."""

    def __post_init__(self) -> None:
        _check(self)

    @cached_property
    def networks(self) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
        """``allow_networks``, parsed."""
        return tuple(ipaddress.ip_network(part.strip()) for part in self.allow_networks.split(",") if part.strip())

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
    return Settings(home=Path(home).expanduser().absolute(), **values)


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
    try:
        _ = settings.networks
    except ValueError as error:
        raise BadSetting(f"{PREFIX}ALLOW_NETWORKS: {error}") from None
    host, _, port = settings.web_listen.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise BadSetting(f"{PREFIX}WEB_LISTEN: must be host:port")
    if "@" not in settings.mail_from:
        raise BadSetting(f"{PREFIX}MAIL_FROM: must be an e-mail address")
