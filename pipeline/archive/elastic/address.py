"""``elasticsearch+http(s)://[user:password@]host:port[,host:port…][/prefix][?options]``: where an archive lies and how
its indices are made. Options: ``ca``, ``compress``, ``refresh``, ``replicas`` and ``shards``; see ``Address``."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from pipeline import errors

PREFIX = "sanctuary-watch"
"""Of all names, when the URL has none."""
SCHEMES = ("elasticsearch+http", "elasticsearch+https")
_FORM = "elasticsearch+http(s)://[user:password@]host:port[/prefix]"
_PORT = 9200


@dataclass(frozen=True)
class Address:
    """What a URL says."""

    hosts: tuple[str, ...]
    """``http(s)://host:port``, without credentials."""
    prefix: str = PREFIX
    user: str = ""
    password: str = field(default="", repr=False)
    ca: Path | None = None
    """PEM file of the authority that signed the servers' certificates; None: the system's."""
    replicas: int | None = None
    """Copies of each index; None: one when there are two nodes or more."""
    shards: int = 1
    refresh: str | None = None
    """How soon a write is seen by ``scan`` and searches; None: as is best for each kind (see ``layout``)."""
    compress: bool = False
    """Whether requests are compressed: worth it over a slow line only, since it costs as much as making the documents
    (0.15 CPU seconds for 500 articles, from 4.8 to 1.2 MB)."""

    def __str__(self) -> str:
        """For messages: without credentials."""
        return f"{', '.join(self.hosts)}/{self.prefix}"


def read_address(url: str) -> Address:
    """Raises ``errors.UserError``, which never shows the password, when something in the URL cannot be used."""
    scheme, _, rest = url.partition("://")
    if scheme not in SCHEMES:
        raise errors.UserError(f"an Elasticsearch archive is named {_FORM}")
    place, _, _ = re.split(r"([/?#])", rest + "/", maxsplit=1)
    credentials, at, hosts = place.rpartition("@")
    user, _, password = credentials.partition(":")
    parts = urlsplit(f"//-{rest[len(place) :]}")
    prefix = parts.path.strip("/") or PREFIX
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,99}", prefix):
        raise errors.UserError(
            f"{prefix!r} cannot begin the names of indices: small letters, digits, - and _ can, 100 at most"
        )
    if at and not user:
        raise errors.UserError(f"an Elasticsearch archive is named {_FORM}: a password needs a user")
    options = _options(parts.query)
    transport = scheme.partition("+")[2]
    ca = Path(options["ca"]) if options.get("ca") else None
    if ca and (transport != "https" or not ca.is_file()):
        raise errors.UserError(f"ca={ca}: " + ("there is no such file" if transport == "https" else "needs https"))
    return Address(
        hosts=tuple(f"{transport}://{_host(host)}" for host in hosts.split(",")),
        prefix=prefix,
        user=unquote(user),
        password=unquote(password),
        ca=ca,
        replicas=_number(options, "replicas", 0, 10),
        shards=_number(options, "shards", 1, 100) or 1,
        refresh=_interval(options),
        compress=_truth(options, "compress"),
    )


def _host(text: str) -> str:
    found = re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?", text.strip())
    if not found or int(found[2] or _PORT) > 65535:
        raise errors.UserError(f"{text!r} is no host:port; an Elasticsearch archive is named {_FORM}")
    return f"{found[1]}:{found[2] or _PORT}"


def _options(query: str) -> dict[str, str]:
    options = {name: values[-1] for name, values in parse_qs(query, keep_blank_values=True).items()}
    known = ("ca", "compress", "refresh", "replicas", "shards")
    if unknown := sorted(set(options) - set(known)):
        raise errors.UserError(f"the archive's URL has no option {unknown[0]!r}; it has {', '.join(known)}")
    return options


def _number(options: dict[str, str], name: str, low: int, high: int) -> int | None:
    text = options.get(name)
    if text is None:
        return None
    if not re.fullmatch(r"\d{1,3}", text, re.ASCII) or not low <= int(text) <= high:
        raise errors.UserError(f"{name}={text}: a number from {low} to {high} is expected")
    return int(text)


def _truth(options: dict[str, str], name: str) -> bool:
    text = options.get(name, "false")
    if text not in ("true", "false"):
        raise errors.UserError(f"{name}={text}: true or false is expected")
    return text == "true"


def _interval(options: dict[str, str]) -> str | None:
    text = options.get("refresh")
    if text is not None and not re.fullmatch(r"[1-9]\d{0,5}(ms|s)", text, re.ASCII):
        raise errors.UserError(f"refresh={text}: a time such as 1s or 500ms is expected")
    return text
