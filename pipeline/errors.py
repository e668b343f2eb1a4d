"""What can go wrong between a feed and an alert. The class says what happens next.

    PipelineError
    ├── Retry        try again later, at the earliest after ``after`` seconds
    │   ├── Unreachable     no name, no route, refused, reset, bad TLS
    │   ├── TooSlow         the total deadline passed
    │   ├── NotYet          the host's turn has not come; nothing was asked of it
    │   ├── Throttled       429 or 503: the host asked us to wait
    │   └── Unavailable     a server of our own (archive, frontier, mail) does not answer
    ├── Discard      an orderly end: recorded with its reason, never tried again
    │   ├── Refused         the guard refused the address (scheme, port, network, credentials)
    │   ├── TooBig          more bytes than the cap, or stacked encodings
    │   ├── Gone            404 or 410
    │   └── Withheld        401, 402, 403, 451, robots.txt: the page is not for us
    ├── Quarantine   kept with its error for a person
    │   ├── Unreadable      the bytes are not what they should be
    │   ├── Overtime        parsing exceeded its deadline in the workshop
    │   └── Crashed         parsing killed its child process (memory, signal)
    └── UserError    what was asked for cannot be done as asked; shown to the person, exit status 1
        ├── Conflict        somebody else changed the record first (compare-and-set)
        └── NotKnown        nothing is kept under that id or name

Every error survives pickling, so that it can cross from a workshop child into the worker.
"""

from __future__ import annotations

from typing import Any


class PipelineError(Exception):
    """Base of all expected failures.

    ``reason`` is one sentence for a person; ``subject`` is the id or URL of what failed ('' when the
    caller knows it better).
    """

    def __init__(self, reason: str, *, subject: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.subject = subject

    def __str__(self) -> str:
        return f"{self.reason} ({self.subject})" if self.subject else self.reason

    def __reduce__(self) -> tuple[Any, ...]:
        return (_rebuild, (type(self), self.reason, self.subject, self.__dict__))

    def as_json(self) -> dict[str, str]:
        """``{"class", "reason"}`` as the ``error`` objects of docs/commands.md."""
        return {"class": type(self).__name__, "reason": str(self)}


def _rebuild(kind: type[PipelineError], reason: str, subject: str, state: dict[str, Any]) -> PipelineError:
    error = kind.__new__(kind)
    Exception.__init__(error, reason)
    error.reason, error.subject = reason, subject
    error.__dict__.update(state)
    return error


class Retry(PipelineError):
    """Try again later; ``after`` is the least number of seconds to wait (0: the caller's own back-off decides)."""

    def __init__(self, reason: str, *, after: float = 0.0, subject: str = "") -> None:
        super().__init__(reason, subject=subject)
        self.after = after


class Unreachable(Retry):
    """The host could not be reached: name resolution, connection, TLS or protocol failed."""


class TooSlow(Retry):
    """The total deadline of one request passed."""


class NotYet(Retry):
    """The host's turn has not come: nothing was asked of it, so this is no failure of it."""


class Throttled(Retry):
    """The server asked us to slow down (429, 503 with or without Retry-After)."""


class Unavailable(Retry):
    """A server of our own (archive, frontier, broker, mail) does not answer."""


class Discard(PipelineError):
    """An orderly end: the reason is recorded and the item is not tried again."""


class Refused(Discard):
    """The guard refused the address before a byte was sent."""


class TooBig(Discard):
    """The body exceeds its cap after decoding, or its encodings are stacked."""


class Gone(Discard):
    """The page does not exist (404, 410)."""


class Withheld(Discard):
    """The page exists but is not for us: 401, 402, 403, 451 or robots.txt."""


class Quarantine(PipelineError):
    """Kept, with its error, until a person looks."""


class Unreadable(Quarantine):
    """The bytes are not what they should be (no feed, no page)."""


class Overtime(Quarantine):
    """Parsing did not end within its deadline; its child process was replaced."""


class Crashed(Quarantine):
    """Parsing killed its child process (memory limit or signal)."""


class UserError(PipelineError):
    """What was asked for cannot be done as asked."""


class NotKnown(UserError):
    """Nothing is kept under the id or name that was asked for."""


class Conflict(UserError):
    """Compare-and-set lost: the record has another version by now."""
