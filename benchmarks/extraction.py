"""Text extraction: quality on real pages, and pages per CPU-second beside a bare trafilatura.

    python -m benchmarks.extraction FOLDER [--passes N]

FOLDER holds the article-extraction-benchmark of scrapinghub (MIT): ``html/<id>.html.gz`` and ``ground-truth.json``. The
score is that benchmark's own: runs of four words, each page weighing the same. Both sides of the ratio run in this
process, by turns, and the best pass of each counts: other work on the machine makes a pass slower, never faster.
"""

from __future__ import annotations

import argparse
import gzip
import json
import logging
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from pipeline.articles.extract import read_page

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Sample:
    """One page of the benchmark."""

    url: str
    body: bytes
    truth: str


@dataclass(frozen=True, slots=True)
class Score:
    """Means over pages; ``f1`` is of the means."""

    f1: float
    precision: float
    recall: float


def samples(folder: Path) -> list[Sample]:
    """The pages of the benchmark in ``folder``, in the order of their ids."""
    truth = json.loads((folder / "ground-truth.json").read_text("utf-8"))
    return [
        Sample(
            _address(known["url"]),
            gzip.decompress((folder / "html" / f"{name}.html.gz").read_bytes()),
            known["articleBody"],
        )
        for name, known in sorted(truth.items())
    ]


def score(pairs: Iterable[tuple[str, str]]) -> Score:
    """Scores (true text, extracted text) pairs as the benchmark does: precision and recall of runs of four words per
    page, averaged over the pages that have any extracted, any true ones."""
    precisions, recalls = [], []
    for truth, extracted in pairs:
        true_runs, runs = _runs(truth), _runs(extracted)
        right = sum((true_runs & runs).values())
        if runs:
            precisions.append(right / sum(runs.values()))
        if true_runs:
            recalls.append(right / sum(true_runs.values()))
    precision, recall = fmean(precisions), fmean(recalls)
    return Score(2 * precision * recall / (precision + recall), precision, recall)


def main(arguments: list[str] | None = None) -> None:
    """Prints score and speed."""
    parser = argparse.ArgumentParser(description="Extraction quality and speed on the scrapinghub benchmark.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--passes", type=int, default=5)
    options = parser.parse_args(arguments)
    logging.disable(logging.WARNING)
    import trafilatura

    pages = samples(options.folder)
    found = score((page.truth, read_page(page.body, url=page.url).text) for page in pages)
    ours, bare = _race(
        lambda page: read_page(page.body, url=page.url),
        lambda page: trafilatura.extract(page.body, favor_recall=True),
        pages,
        options.passes,
    )
    print(f"{len(pages)} pages: F1 {found.f1:.4f}, precision {found.precision:.4f}, recall {found.recall:.4f}")
    print(f"whole extraction       {ours:6.1f} pages per CPU-second")
    print(f"bare trafilatura       {bare:6.1f} pages per CPU-second")
    print(f"ratio                  {ours / bare:6.2f}")


def _race(
    ours: Callable[[Sample], object], bare: Callable[[Sample], object], pages: list[Sample], passes: int
) -> tuple[float, float]:
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(passes):
        for work, taken in zip((ours, bare), times, strict=True):
            start = time.process_time()
            for page in pages:
                work(page)
            taken.append(time.process_time() - start)
    return len(pages) / min(times[0]), len(pages) / min(times[1])


def _address(written: str) -> str:
    return written if written.startswith(("http://", "https://")) else f"https://{written}"


def _runs(text: str) -> Counter[tuple[str, ...]]:
    words = _WORD.findall(text)
    return Counter(run for start in range(max(1, len(words) - 3)) if (run := tuple(words[start : start + 4])))


if __name__ == "__main__":
    main()
