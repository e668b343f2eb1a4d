"""The real feeds of the measuring data, as texts."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from pathlib import Path


def entries(data: Path) -> Iterator[tuple[str, str]]:
    """Title and text of every item of every feed."""
    import feedparser

    for path in sorted((data / "feeds").glob("*.xml.gz")):
        for entry in feedparser.parse(gzip.decompress(path.read_bytes())).entries:
            content = entry.get("content") or [{}]
            body = content[0].get("value") or entry.get("summary") or ""
            yield entry.get("title", ""), re.sub(r"<[^>]{0,2000}>", " ", body)
