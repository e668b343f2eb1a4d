"""Counting many instants by day, week or month of a time zone at once.

Equals asking ``zoneinfo`` for every instant (midnight gaps and half-hour zones included), but asks it once per change
of the clock instead of once per article.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from pipeline.archive.days import By, zone_info

_DAY = 86_400
_STEP = 6 * 3_600
"""Seconds between two looks at a zone's offset; no zone has changed its clock twice within so short a time."""
_FIRST_YEAR, _LAST_YEAR = 1000, 8999
"""Outside, an offset is taken as that of the nearest of these years."""


def buckets(moments: NDArray[np.int64], by: By, zone: str) -> NDArray[np.int64]:
    """The bucket of each instant (seconds since 1970 UTC), numbered as ``days.bucket_start`` reads it: consecutive
    buckets have consecutive numbers. Raises ``errors.UserError`` on an unknown zone."""
    local = _local_days(moments, zone)
    if by == "day":
        return local
    if by == "week":
        return (local + 3) // 7
    return local.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


def _local_days(moments: NDArray[np.int64], zone: str) -> NDArray[np.int64]:
    info = zone_info(zone)
    if not len(moments) or zone == "UTC":
        return moments // _DAY
    first, last = (
        min(max(int(edge.astype("datetime64[s]").astype("datetime64[Y]").astype(int)) + 1970, _FIRST_YEAR), _LAST_YEAR)
        for edge in (moments.min(), moments.max())
    )
    changes = [change for year in range(first, last + 1) for change in _changes(info, year)]
    starts, offsets = (np.array(column, np.int64) for column in zip(*changes, strict=True))
    starts[0] = np.iinfo(np.int64).min
    return (moments + offsets[np.searchsorted(starts, moments, side="right") - 1]) // _DAY


@lru_cache(maxsize=2_048)
def _changes(info: ZoneInfo, year: int) -> tuple[tuple[int, int], ...]:
    """The offset from UTC (seconds) at the beginning of a UTC year and from each of its changes on."""
    begin, end = (int(datetime(edge, 1, 1, tzinfo=UTC).timestamp()) for edge in (year, year + 1))
    found = [(begin, _offset(info, begin))]
    for low in range(begin, end, _STEP):
        offset = _offset(info, low + _STEP)
        if offset != found[-1][1]:
            found.append((_change(info, low, low + _STEP), offset))
    return tuple(found)


def _change(info: ZoneInfo, low: int, high: int) -> int:
    """The first instant in (low, high] with the offset of ``high``."""
    after = _offset(info, high)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _offset(info, middle) == after else (middle, high)
    return high


def _offset(info: ZoneInfo, moment: int) -> int:
    offset = datetime.fromtimestamp(moment, info).utcoffset()
    assert offset is not None, "a zone always knows its offset"
    return int(offset.total_seconds())
