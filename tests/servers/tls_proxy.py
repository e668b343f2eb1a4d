"""TLS and credentials before a server that has neither, demanded as a hardened one would.

``with tls_proxy(address, credentials=("elastic", "secret")) as front:`` serves HTTP over TLS; ``tls_relay(address)``
any other protocol. Clients verify the certificate, which is made for ``localhost``, by the authority in
``front.authority``.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Generic, TypeVar

import trustme

from tests.servers.proxies import HttpProxy, Proxy, TcpProxy

P = TypeVar("P", bound=Proxy)


@dataclass(frozen=True)
class Front(Generic[P]):
    """A proxy that speaks TLS, and the file with the certificate of the authority that vouches for it (PEM)."""

    proxy: P
    authority: Path


@contextmanager
def tls_proxy(address: tuple[str, int], credentials: tuple[str, str] | None = None) -> Iterator[Front[HttpProxy]]:
    """Requests must come over TLS and carry the credentials; without them they are answered 401."""
    with _certified() as (context, authority), HttpProxy(address, context, credentials) as proxy:
        yield Front(proxy, authority)


@contextmanager
def tls_relay(address: tuple[str, int]) -> Iterator[Front[TcpProxy]]:
    """Bytes must come over TLS; credentials are the server's affair."""
    with _certified() as (context, authority), TcpProxy(address, context) as proxy:
        yield Front(proxy, authority)


@contextmanager
def _certified() -> Iterator[tuple[ssl.SSLContext, Path]]:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    with TemporaryDirectory() as folder:
        path = Path(folder, "authority.pem")
        authority.cert_pem.write_to_path(str(path))
        yield context, path
