"""Where days, weeks and months begin in an analyst's time zone, as seconds since 1970 UTC."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pipeline import errors

By: TypeAlias = Literal["day", "week", "month"]

_EPOCH = date(1970, 1, 1)


def zone_info(zone: str) -> ZoneInfo:
    """The zone of an IANA name such as ``America/Los_Angeles``. Raises ``errors.UserError`` for any other text."""
    try:
        return ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise errors.UserError(f"there is no time zone {zone!r}; zones are named like America/Los_Angeles") from None


def seconds(moment: datetime) -> int:
    """Whole seconds since 1970 UTC: the precision at which both archives compare and sort."""
    return int(moment.timestamp() // 1)


@lru_cache(maxsize=4_096)
def instant(day: date, zone: str) -> int:
    """When a day begins in a zone, in seconds since 1970 UTC. Where midnight is skipped, the day begins at the gap."""
    return int(datetime.combine(day, time(), zone_info(zone)).timestamp())


@lru_cache(maxsize=16_384)
def bucket_start(bucket: int, by: By) -> date:
    """The first day of a bucket, which is counted from the one that holds 1970-01-01 (weeks begin on Monday)."""
    if by == "day":
        return _EPOCH + timedelta(days=bucket)
    if by == "week":
        return _EPOCH + timedelta(days=bucket * 7 - 3)  # 1970-01-01 was a Thursday
    return date(1970 + bucket // 12, bucket % 12 + 1, 1)


def bucket_number(day: date, by: By) -> int:
    """The bucket that a day lies in, as ``bucket_start`` counts them."""
    number = (day - _EPOCH).days
    if by == "day":
        return number
    return (number + 3) // 7 if by == "week" else (day.year - 1970) * 12 + day.month - 1
