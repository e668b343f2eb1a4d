"""How often one key, or one address without a key, may ask: a bucket of tokens each, refilled steadily."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

KNOWN = 10_000
"""Callers remembered; the one that has not asked for longest is forgotten first, which gives it a full bucket."""


class Limiter:
    """For one process. Threads may share it."""

    def __init__(self, per_minute: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        """``per_minute``: tokens that come back in a minute, and the most that a caller can save up."""
        self.per_minute = per_minute
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, caller: str, cost: int = 1) -> float:
        """0 when the caller may go on; else the seconds after which it may (nothing is taken then)."""
        now = self._clock()
        rate = self.per_minute / 60
        with self._lock:
            tokens, at = self._buckets.pop(caller, (float(self.per_minute), now))
            tokens = min(float(self.per_minute), tokens + (now - at) * rate)
            cost = min(cost, self.per_minute)
            enough = tokens >= cost
            self._buckets[caller] = (tokens - cost if enough else tokens, now)
            while len(self._buckets) > KNOWN:
                self._buckets.popitem(last=False)
        return 0.0 if enough else (cost - tokens) / rate
