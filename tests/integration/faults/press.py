"""The part of the demo newsroom that the faults are tried on, and moments in which it is being asked for something."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from demo.newsroom import Newsroom, Request
from demo.stories import outlets

WATCHED = ("ledger", "wire", "inland", "courier", "puget", "welcome")
"""Outlets whose stories are told in copies, make measures and raise alerts; nothing of them is tried later."""
HELD = 120.0
"""Seconds after which whoever asks is answered, should a test forget it."""

Which = Callable[[Request], bool]


class Moment:
    """A request that is being made; it is answered once ``over``."""

    def __init__(self, which: Which, n: int) -> None:
        self._which, self._left = which, n
        self._lock = threading.Lock()
        self._come, self._over = threading.Event(), threading.Event()

    def saw(self, request: Request) -> None:
        """Holds the n-th request that is meant."""
        with self._lock:
            self._left -= self._which(request)
            mine = self._left == 0 and not self._come.is_set()
            if mine:
                self._come.set()
        if mine:
            self._over.wait(HELD)

    def wait(self, seconds: float = 90.0) -> None:
        """Until it has come; fails when it does not."""
        assert self._come.wait(seconds), "nobody asked for it"

    def over(self) -> None:
        """Whoever asks is answered."""
        self._over.set()


class _Requests(list[Request]):
    """What was asked for, shown to moments before it is answered."""

    def __init__(self) -> None:
        super().__init__()
        self.moments: list[Moment] = []

    def append(self, request: Request) -> None:
        super().append(request)
        for moment in list(self.moments):
            moment.saw(request)


class Press(Newsroom):
    """Those outlets of the newsroom."""

    def __init__(self, now: datetime) -> None:
        super().__init__(now)
        self._seen = _Requests()
        self.requests = self._seen

    @property
    def watched(self) -> frozenset[str]:
        """Titles of the feeds that are watched."""
        return frozenset(outlets()[name].name for name in WATCHED)

    @contextmanager
    def moment(self, which: Which, n: int = 1) -> Iterator[Moment]:
        """The n-th request of a kind from now on. It is not answered before the block ends or says so."""
        moment = Moment(which, n)
        self._seen.moments.append(moment)
        try:
            yield moment
        finally:
            self._seen.moments.remove(moment)
            moment.over()

    def of_feed(self, request: Request) -> bool:
        """Whether a feed is asked for."""
        return request.target == outlets()[request.outlet].feed

    def of_page(self, request: Request) -> bool:
        """Whether an article's page is asked for."""
        return request.target != "/robots.txt" and not self.of_feed(request)
