"""Extraction on real pages keeps its quality (benchmark and scoring: ``benchmarks/extraction.py``)."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.extraction import samples, score
from pipeline.articles.extract import read_page

FLOOR = 0.955
"""What extraction must reach; a bare trafilatura 2.3.1 has .959."""


@pytest.mark.data
def test_text_of_181_pages(data: Path) -> None:
    pages = samples(data / "extraction")
    read = [read_page(page.body, url=page.url) for page in pages]
    found = score((page.truth, one.text) for page, one in zip(pages, read, strict=True))
    assert len(pages) == 181
    assert found.f1 >= FLOOR
    assert found.recall >= 0.975
    assert all(one.title for one in read)


def test_the_score_is_the_benchmarks() -> None:
    truth = "one two three four five six"
    assert score([(truth, truth)]).f1 == 1.0
    half = score([(truth, "one two three four"), ("a b c d", "")])
    assert half.precision == 1.0
    assert half.recall == pytest.approx((1 / 3 + 0) / 2)
    assert score([("a b", "a b"), ("a b c d e", "x y z")]).f1 == pytest.approx(0.5)
