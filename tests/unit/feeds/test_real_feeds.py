"""The pruned way against the whole body, on real feeds of many makers."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from pipeline.feeds import pieces
from pipeline.feeds.parse import parse_feed

NOW = datetime(2026, 11, 26, tzinfo=UTC)


@pytest.mark.data
def test_pruned_reads_what_the_whole_body_gives(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = json.loads((data / "feeds" / "index.json").read_text())
    rng = Random(20)
    identical, pruned, total, undated = 0, 0, 0, 0
    different = []
    for name, url in sorted(index.items()):
        body = gzip.decompress((data / "feeds" / f"{name}.xml.gz").read_bytes())
        first = parse_feed(body, url=url, now=NOW)
        with monkeypatch.context() as patch:
            patch.setattr(pieces, "cut", lambda body, head: None)
            whole = parse_feed(body, url=url, now=NOW)
        hashes = list(dict.fromkeys(first.hashes))
        new = set(rng.sample(hashes, min(3, len(hashes))))
        part = parse_feed(body, url=url, now=NOW, seen=frozenset(hashes) - new)
        expected = tuple(item for hash_, item in zip(hashes, whole.items, strict=True) if hash_ in new)
        channel = (whole.title, whole.hub, whole.self_url, whole.ttl, whole.form, whole.total)
        same = part.items == expected and first.items == whole.items
        if same and channel == (part.title, part.hub, part.self_url, part.ttl, part.form, part.total):
            identical += 1
        else:
            different.append(url)
        pruned += not part.whole
        total += whole.total
        undated += sum(item.published is None for item in whole.items)
    assert identical >= 86, different
    assert pruned >= 85  # of one feed a broken item is among the new ones
    assert total == 3300
    assert undated == 7  # of one feed without any date
