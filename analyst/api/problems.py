"""What is said when a question cannot be answered: problem documents (RFC 9457) with ``class`` and ``reason``."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import NotRequired

from starlette.responses import Response
from typing_extensions import TypedDict

from pipeline.archive.query import QueryError
from pipeline.errors import NotKnown, PipelineError, Retry, UserError

MEDIA_TYPE = "application/problem+json"
PATIENCE = 10.0
"""Seconds after which to ask again when a server of ours does not say."""

Error = TypedDict("Error", {"class": str, "reason": str, "position": NotRequired[int]})


class ProblemAnswer(TypedDict):
    """Why a question was not answered."""

    type: str
    title: str
    status: int
    detail: str
    error: Error
    """As the command line tells it; ``position`` is the 0-based character of a query that cannot be read."""


class Stopped(Exception):
    """A request that cannot be answered, for a reason of HTTP's."""

    def __init__(self, status: int, kind: str, reason: str, headers: Mapping[str, str] = MappingProxyType({})) -> None:
        super().__init__(reason)
        self.status = status
        self.kind = kind
        self.reason = reason
        self.headers = headers


def problem(
    status: int,
    kind: str,
    reason: str,
    headers: Mapping[str, str] = MappingProxyType({}),
    *,
    position: int | None = None,
) -> Response:
    """A problem document as an answer."""
    error: Error = {"class": kind, "reason": reason}
    if position is not None:
        error["position"] = position
    document: ProblemAnswer = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": reason,
        "error": error,
    }
    return Response(
        json.dumps(document).encode() + b"\n",
        status,
        {"cache-control": "no-store", **headers},
        MEDIA_TYPE,
    )


def of(error: PipelineError) -> Response:
    """What an error of the pipeline is over HTTP."""
    kind = type(error).__name__
    if isinstance(error, QueryError):
        return problem(400, kind, str(error), position=error.position)
    if isinstance(error, NotKnown):
        return problem(404, kind, str(error))
    if isinstance(error, UserError):
        return problem(400, kind, str(error))
    if isinstance(error, Retry):
        return problem(503, kind, error.reason, {"retry-after": str(math.ceil(error.after or PATIENCE))})
    return problem(500, kind, error.reason)
