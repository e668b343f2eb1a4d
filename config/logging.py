"""One line of log per thing that happened: for eyes on a terminal, JSON elsewhere.

Whoever works on something binds its id (``structlog.contextvars.bound_contextvars(feed=…)``): every line of its thread
carries it until then, whichever module wrote it. The keys are ``feed``, ``entry``, ``article``, ``docket``, ``alert``.
"""

from __future__ import annotations

import logging
import sys

import structlog

QUIET = (
    "celery",
    "kombu",
    "amqp",
    "pebble",
    "httpcore2",
    "trafilatura",
    "htmldate",
    "asyncio",
    "uvicorn.access",
    "elastic_transport",
)
"""Libraries whose everyday messages are not ours to show."""


def set_up(*, verbose: bool = False, json: bool | None = None) -> None:
    """Sends all logging to standard error; ``json`` defaults to 'not a terminal'. Times are UTC, RFC 3339."""
    as_json = not sys.stderr.isatty() if json is None else json
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,  # the ids of what is worked on
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: structlog.types.Processor = (
        structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer()
    )
    last: list[structlog.types.Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer]
    if as_json:
        last.insert(1, structlog.processors.format_exc_info)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=last))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.DEBUG if verbose else logging.INFO)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
