"""What a client says that it takes: the headers ``Accept`` and ``Accept-Encoding``."""

from __future__ import annotations

from collections.abc import Iterable


def accepts(given: Iterable[str], media_type: str) -> bool:
    """Whether an Accept header lets a media type through; none lets everything."""
    quality = _qualities(given)
    if not quality:
        return True
    wanted = media_type.partition(";")[0]
    for name in (wanted, f"{wanted.partition('/')[0]}/*", "*/*"):  # the most exact one counts
        if name in quality:
            return quality[name] > 0
    return False


def takes_gzip(given: Iterable[str]) -> bool:
    """Whether an Accept-Encoding header lets gzip through; none does not."""
    quality = _qualities(given)
    return quality.get("gzip", quality.get("*", 0.0)) > 0


def _qualities(given: Iterable[str]) -> dict[str, float]:
    """The names in a list with qualities (RFC 9110, 12.4.2), in lower case; what is no number counts as 1."""
    quality: dict[str, float] = {}
    for one in ",".join(given).split(","):
        name, *rest = (part.strip().lower() for part in one.split(";"))
        if name:
            q = next((part[2:] for part in rest if part.startswith("q=")), "1")
            quality[name] = float(q) if q.replace(".", "", 1).isdecimal() else 1.0
    return quality
