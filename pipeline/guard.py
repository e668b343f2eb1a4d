"""Which URLs and addresses may be fetched at all. Pure: nothing is looked up or opened here."""

from __future__ import annotations

import ipaddress
import re
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from urllib.parse import quote, urldefrag, urljoin, urlsplit

from pipeline.errors import Refused, Unreachable

URL_CAP = 2048
"""Bytes of a URL."""

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

# Beyond what ``is_global`` refuses: carrier-grade NAT, protocol assignments (Python 3.11 calls 192.0.0.8 global), 6to4
# relays, multicast, 6to4, Teredo, NAT64, documentation, site-local and IPv4-compatible addresses. The transition
# ranges carry an IPv4 address that somebody's gateway would unwrap, so they are closed as a whole.
_CLOSED: tuple[Network, ...] = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "224.0.0.0/3",
        "::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2002::/16", "3fff::/20", "fc00::/7",
        "fe80::/10", "fec0::/10", "ff00::/8",
    )
)  # fmt: skip
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f-\xa0\\\u2028\u2029\u3000\ufeff]")
_HOST = re.compile(r"(?!-)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*")
_NUMBER = re.compile(r"\d+|0x[0-9a-f]*")
_SAFE = "".join(chr(code) for code in range(0x21, 0x7F))


@dataclass(frozen=True, slots=True)
class Target:
    """A URL taken apart and found acceptable; ``host`` is ASCII, lower-case, an IPv6 address without brackets."""

    scheme: str
    host: str
    port: int
    path: bytes
    """Path and query, percent-encoded."""
    authority: bytes
    """Value of the Host header."""
    literal: Address | None
    """The host, when it is an address; an IPv4 address mapped into IPv6 is the IPv4 address."""


@lru_cache(maxsize=4096)  # the pace, the robots and the request itself each ask for the same one
def parse(url: str) -> Target:
    """A URL taken apart. Raises Refused for anything but plain http and https: other schemes, credentials,
    backslashes, blanks and control characters, over 2 KB, or a host that is neither a name nor an address in its
    usual spelling (``127.1``, ``0x7f.1``, ``2130706433`` and the like)."""
    try:
        if len(url) > URL_CAP or len(url.encode()) > URL_CAP:
            raise Refused(f"the URL is longer than {URL_CAP} bytes")
        if _FORBIDDEN.search(url):
            raise Refused("the URL contains a blank, a control character or a backslash")
        parts = urlsplit(url)
        scheme, port, name = parts.scheme, parts.port, parts.hostname or ""
    except ValueError as error:
        raise Refused(f"not a URL: {error}") from None
    if scheme not in ("http", "https"):
        raise Refused(f"scheme {scheme!r}: only http and https are fetched")
    if "@" in parts.netloc:
        raise Refused("the URL carries credentials")
    if port == 0:
        raise Refused("port 0")
    if "[" in parts.netloc and ":" not in name:
        raise Refused(f"not an IPv6 address: {name!r}")
    host, literal = _host(name)
    usual = 443 if scheme == "https" else 80
    shown = f"[{host}]" if ":" in host else host
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(
        scheme=scheme,
        host=host,
        port=port or usual,
        path=(path if path.isascii() else quote(path, safe=_SAFE)).encode(),
        authority=(shown if port in (None, usual) else f"{shown}:{port}").encode(),
        literal=literal,
    )


def public(address: Address) -> bool:
    """Whether an address belongs to the public internet; an IPv4 address inside IPv6 counts as itself."""
    inner = unwrap(address)
    return inner.is_global and not any(inner in network for network in _CLOSED)


def follow(base: str, location: str) -> str:
    """The URL a redirect leads to, without its fragment. Servers send raw UTF-8 and blanks; both are read as meant."""
    with suppress(UnicodeDecodeError):  # latin-1 it is, then
        location = location.encode("latin-1").decode()
    location = location.strip().replace(" ", "%20")
    if not location:
        raise Unreachable("a redirect that leads nowhere")
    try:
        return urldefrag(urljoin(base, location))[0]
    except ValueError as error:
        raise Refused(f"a redirect to what is not a URL: {error}") from None


def _host(name: str) -> tuple[str, Address | None]:
    """A host in ASCII, lower-case, without the root's dot, and the address it spells. Raises Refused."""
    if ":" in name:
        literal = None if "%" in name else literal_of(name)
        if literal is None:
            raise Refused(f"not an IPv6 address: {name!r}")
        return name, literal
    host = name
    if not name.isascii():
        try:
            host = name[:256].encode("idna").decode().lower()
        except UnicodeError:
            raise Refused(f"not a host name: {name!r}") from None
    host = host.removesuffix(".")
    if len(host) > 253 or not _HOST.fullmatch(host):
        raise Refused(f"not a host name: {name!r}")
    literal = literal_of(host)
    if literal is None and _NUMBER.fullmatch(host.rpartition(".")[2]):
        raise Refused(f"not an IPv4 address in its usual spelling: {name!r}")
    return host, literal


def literal_of(host: str) -> Address | None:
    """The address that a host spells, None for a name."""
    if not (host[-1:].isdigit() or ":" in host):
        return None
    try:
        return unwrap(ipaddress.ip_address(host))
    except ValueError:
        return None


def unwrap(address: Address) -> Address:
    """The IPv4 address that an IPv4-mapped IPv6 address is connected to."""
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address
