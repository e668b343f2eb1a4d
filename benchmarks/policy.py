"""The policy room: articles of 600 words per CPU-second, and what its gazetteer and lexicons cost at the start.

    python -m benchmarks.policy [--articles N] [--passes N]

Three sorts of articles, put together from the texts of ``tests/quality/data``: without a word of the topic, irrelevant
but with words of it (immigration news, other sanctuaries), and relevant (one account of a vote, the rest filler, as
news stories are). Beside each stands what a bare pass over the same text costs in the same run: ``re`` finding all
words, and ``words()``, by which the archive splits a text. All run in this process by turns and the best pass of each
counts: other work on the machine makes a pass slower, never faster. The start is measured in processes of its own.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks._harness import machine, print_table
from pipeline.archive.words import words
from pipeline.model import Reading
from pipeline.policy import read, relevance
from pipeline.policy.lexicon import lexicon

DATA = Path(__file__).parents[1] / "tests" / "quality" / "data"
WORDS = 600
TARGETS = {"without a word of the topic": 300, "irrelevant, with words of it": 300, "relevant": 60}
"""Articles per CPU-second."""
START_MS, START_MB = 300, 60

Article = tuple[str, str]

_WORD = re.compile(r"\w+")
_START = """
import json, resource, time
from pathlib import Path

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1e6

import pipeline.policy.reading
before, began = resident(), time.process_time()
from pipeline.policy.lexicon import lexicon
from pipeline.policy.places.gazetteer import gazetteer
lexicon()
gazetteer()
loaded = time.process_time() - began
pipeline.policy.reading.read(
    "Denver bars help to ICE", "The Denver City Council voted 10-2 on Monday to bar help to ICE."
)
print(json.dumps([loaded * 1000, (time.process_time() - began) * 1000, resident() - before]))
"""


def articles(n: int) -> dict[str, list[Article]]:
    """``n`` articles of ``WORDS`` words of each sort, always the same ones."""
    written = [json.loads(line) for line in (DATA / "everyday.jsonl").read_text("utf-8").splitlines()]
    histories: list[dict[str, Any]] = tomllib.loads((DATA / "histories.toml").read_text("utf-8"))["history"]
    told = [(report["title"], report["text"]) for history in histories for report in history["report"]]
    texts = [(row["title"], row["text"]) for row in written if row["about"] != "spanish"]
    plain = [text for text in texts if not relevance.gate(lexicon(), " ".join(text))]
    near = [text for text in texts if relevance.gate(lexicon(), " ".join(text)) and not read(*text).relevant]
    dice = random.Random(600)
    return {
        "without a word of the topic": [_article(dice, dice.choice(plain), plain, plain) for _ in range(n)],
        "irrelevant, with words of it": list(islice(_irrelevant(dice, near, plain), n)),
        "relevant": [_article(dice, dice.choice(told), near, plain) for _ in range(n)],
    }


def _irrelevant(dice: random.Random, near: Sequence[Article], plain: Sequence[Article]) -> Iterator[Article]:
    while True:
        article = _article(dice, dice.choice(near), near, plain)
        if not read(*article).relevant:
            yield article


def _article(dice: random.Random, lead: Article, near: Sequence[Article], plain: Sequence[Article]) -> Article:
    """The lead, then sentences of which one in ten speaks of the topic in passing."""
    parts = [lead[1]]
    while sum(len(part.split()) for part in parts) < WORDS:
        parts.append(dice.choice(near if dice.random() < 0.1 else plain)[1])
    return lead[0], "\n".join(parts)


def rate(passes: int, batch: Sequence[Article], work: Callable[[str, str], object]) -> str:
    """Articles per CPU-second of the fastest of some passes."""
    taken = []
    for _ in range(passes):
        began = time.process_time()
        for title, text in batch:
            work(title, text)
        taken.append(time.process_time() - began)
    return f"{len(batch) / min(taken):,.0f}"


def measure(passes: int, told: dict[str, list[Article]]) -> Iterator[tuple[str, ...]]:
    """A row for each sort: articles per CPU-second of reading, ``words()`` and ``re``, and how many were relevant."""
    for name, batch in told.items():
        relevant = sum(_read(title, text).relevant for title, text in batch)
        yield (
            name,
            rate(passes, batch, _read),
            str(TARGETS[name]),
            rate(passes, batch, lambda title, text: words(f"{title} {text}")),
            rate(passes, batch, lambda title, text: _WORD.findall(f"{title} {text}")),
            f"{relevant}/{len(batch)}",
        )


def _read(title: str, text: str) -> Reading:
    return read(title, text, published="2026-03-05")


def start(passes: int) -> tuple[float, float, float]:
    """Milliseconds until both are loaded, until a first article is read, and megabytes: the best of fresh processes."""
    runs = [
        json.loads(subprocess.run([sys.executable, "-c", _START], capture_output=True, check=True).stdout)
        for _ in range(passes)
    ]
    loaded, first, size = (min(column) for column in zip(*runs, strict=True))
    return loaded, first, size


def main() -> None:
    parser = argparse.ArgumentParser(description="How fast the policy room reads, and what its start costs.")
    parser.add_argument("--articles", type=int, default=200, help="articles of each sort")
    parser.add_argument("--passes", type=int, default=5)
    options = parser.parse_args()
    print(machine())
    rows = measure(options.passes, articles(options.articles))
    print_table((f"{WORDS} words, per CPU-second", "read", "target", "words()", "re", "relevant"), rows)
    loaded, first, size = start(options.passes)
    print(f"\nstart: {loaded:.0f} ms CPU (target {START_MS}), first article after {first:.0f} ms,", end=" ")
    print(f"{size:.1f} MB (target {START_MB})")


if __name__ == "__main__":
    main()
