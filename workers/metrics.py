"""Tells Prometheus what this process did."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import ProcessCollector, start_http_server

from config.settings import Settings
from pipeline.errors import UserError
from pipeline.tally import Tally


@contextmanager
def exposed(settings: Settings, tally: Tally) -> Iterator[None]:
    """Answers ``/metrics`` on ``settings.metrics_listen`` while the context lasts; does nothing when that is not set.
    Raises ``UserError`` when the address cannot be had."""
    if not settings.metrics_listen:
        yield
        return
    host, _, port = settings.metrics_listen.rpartition(":")
    ProcessCollector(registry=tally.registry)
    try:
        server, thread = start_http_server(int(port), addr=host.strip("[]"), registry=tally.registry)
    except OSError as error:
        raise UserError(f"metrics: cannot answer there: {error.strerror}", subject=settings.metrics_listen) from None
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
