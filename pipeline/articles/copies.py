"""Copies: wire stories, syndication and re-publication told from articles that merely resemble each other. Pure.

A text becomes a set of fingerprints by winnowing (Schleimer, Wilkerson, Aiken 2003): every run of ``RUN`` words is
hashed, and of every ``WINDOW`` neighbouring hashes the least is kept, so two texts that share ``RUN + WINDOW - 1``
words in a row share a fingerprint wherever they stand. An article of 600 words has about 70. Before that, sentences
which the same host printed in other articles (appeals, calendars, biographies) are left out: that decides more than
the method does.

Two articles are copies when they share at least ``LEAST_OVERLAP`` fingerprints and at least ``CONTAINED`` of the
smaller set: outlets cut wire stories, and a first half has a Jaccard of one half at best. Articles of one host need
a Jaccard of ``SAME_HOST``: series, live blogs and daily lists of one outlet are not copies of each other. On 7,100
local-news articles with 128 hand-labelled pairs, containment of runs finds 98 % of the pairs (94 % of the truncated
ones), and 86 % of what it joins is one; without the filter precision is .15 to .35.

Hashes are 63 bits, not negative, and the same in every process and on every machine: they are stored.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from functools import lru_cache
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from pipeline.frontier.base import Neighbour

RUN = 5
"""Words in a run."""
WINDOW = 16
"""Neighbouring runs of which one is kept."""
LEAST_OVERLAP = 4
CONTAINED = 0.5
SAME_HOST = 0.8
SHORT = 25
"""Texts with fewer words are copies only when equal."""
TELLING = 8
"""Texts with fewer words ("Watch the video above.") have no fingerprint: being equal says nothing."""

_WORD = re.compile(r"\w+")
_SENTENCE = re.compile(r"[^\n.!?]*(?:[.!?](?![\s\"'”’)\]])[^\n.!?]*)*[.!?]*[\"'”’)\]]*")
_63_BITS = np.uint64((1 << 63) - 1)
_FACTORS = np.array(
    [0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93, 0xA0761D6478BD642F],
    dtype=np.uint64,
)
"""Odd, one for each place in a run: the order of the words counts."""


def sentences(text: str) -> list[tuple[int, str]]:
    """The sentences of a text with a hash each; what has no words is left out. Two sentences that differ in case,
    spaces or punctuation have one hash."""
    found = []
    for match in _SENTENCE.finditer(text):
        if words := _WORD.findall(match[0].lower()):
            found.append((_hash(" ".join(words)), match[0].strip()))
    return found


def fingerprints(text: str, leave_out: Collection[int] = (), *, short: bool = True) -> tuple[int, ...]:
    """The fingerprints of a text, sorted and distinct, without the sentences whose hash is in ``leave_out``.

    A text that keeps fewer than ``SHORT`` words, or too few fingerprints ever to reach ``LEAST_OVERLAP``, has a single
    one of its whole. Under ``SHORT`` words it has none when ``short`` is False (a feed's summary), and under
    ``TELLING`` words never.
    """
    if leave_out:
        text = "\n".join(sentence for number, sentence in sentences(text) if number not in leave_out)
    words = _WORD.findall(text.lower())
    if len(words) < TELLING or (len(words) < SHORT and not short):
        return ()
    winnowed = _winnow(words) if len(words) >= SHORT else ()
    return winnowed if len(winnowed) >= LEAST_OVERLAP else (_hash("\x1f".join(words)),)


def copies(size: int, host: str, neighbours: Iterable[Neighbour]) -> list[str]:
    """Ids of the neighbours that are copies of an article with ``size`` fingerprints on ``host``, in their order."""
    return [neighbour.article for neighbour in neighbours if _is_copy(size, host, neighbour)]


def _is_copy(size: int, host: str, other: Neighbour) -> bool:
    if size == other.size == other.overlap == 1:
        return True
    if other.overlap < LEAST_OVERLAP:
        return False
    if other.host == host:
        return other.overlap >= SAME_HOST * (size + other.size - other.overlap)
    return other.overlap >= CONTAINED * min(size, other.size)


def _winnow(words: list[str]) -> tuple[int, ...]:
    hashes = np.fromiter(map(_word_hash, words), dtype=np.uint64, count=len(words))
    runs = _mixed(np.lib.stride_tricks.sliding_window_view(hashes, RUN) @ _FACTORS)
    return tuple(np.unique(_least(runs, min(WINDOW, len(runs)))).tolist())


def _least(values: npt.NDArray[np.uint64], window: int) -> npt.NDArray[np.uint64]:
    """The least of every ``window`` neighbours, from the least of every 2, 4, 8 ..."""
    width = 1
    while width < window:
        step = min(width, window - width)
        values = np.minimum(values[:-step], values[step:])
        width += step
    return values


def _mixed(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """A finalizer (as in MurmurHash3), so that the least of several values is a random one; then 63 bits."""
    values = (values ^ (values >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    values = (values ^ (values >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
    return (values ^ (values >> np.uint64(33))) & _63_BITS


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "replace"), digest_size=8).digest()) >> 1


@lru_cache(maxsize=1 << 16)
def _word_hash(word: str) -> int:
    # A newspaper's language has some ten thousand words: nearly every one is known from the article before.
    return _hash(word)
