"""Work that nobody has claimed, on things that may kill whoever works on them.

A feed or an entry is claimed, and its claim tells how many workers died over it. What a sweep takes up (a pending
article, a docket that owes something) has no claim; so the attempt is written down before it begins and crossed out
when it has ended, however it ended. What remains written down are deaths.

The notes lie in the frontier: losing them means that counting begins anew.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Literal

from structlog.contextvars import bound_contextvars

from pipeline.errors import Crashed, Unavailable
from pipeline.ledger import quarantine, unexpected
from pipeline.tools import Tools

log = logging.getLogger(__name__)

MAX_DEATHS = 5
"""So many workers may die over one thing before it goes to quarantine: more than an unlucky hour of restarts."""
KIND = "attempt"
"""The frontier's kind of note."""


def survive(
    tools: Tools, what: Literal["article", "docket"], key: str, url: str, step: str, do: Callable[[], object]
) -> None:
    """Does it. What fails, or killed ``MAX_DEATHS`` workers, goes to quarantine with its error instead of keeping
    others waiting. Raises ``Unavailable`` when a server of ours does not answer: the next sweep tries again."""
    note = f"{what} {key}"
    with bound_contextvars(**{what: key}):
        deaths = int(tools.frontier.note(KIND, note) or 0)
        if deaths >= MAX_DEATHS:
            quarantine(tools, what, key, url, step, Crashed(f"{deaths} workers died over this {what}"))
        else:
            tools.frontier.set_note(KIND, note, str(deaths + 1).encode())
            try:
                do()
            except Unavailable:
                tools.frontier.set_note(KIND, note, b"")
                raise
            except Exception as error:
                log.exception("%s %s: the step %r failed", what, key, step)
                quarantine(tools, what, key, url, step, unexpected(error))
        tools.frontier.set_note(KIND, note, b"")
