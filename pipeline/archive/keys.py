"""Under which values an article is found and counted: ``source``, ``place``, ``state``, ``kind``, ``lang``,
``measure``, ``stage`` and ``direction``.

A *label* is what an analyst reads in a facet ("Los Angeles, CA"); its *keys* are what she may type for it, folded like
words ("los angeles ca", "los angeles"). Both archives store both, so that a query and a facet mean the same on either:
the count beside a label is the number of articles that ``field:"label"`` finds.

- ``place``: an article about a place of a state is also about the state: ``place:CA`` and ``place:California`` find
  what is about Los Angeles. A place answers to its name without the state, unless that is a state's name.
- ``state`` is the state of the source's home.
- ``stage``: stages that the vocabulary compares as equal count as one, under the name given first below.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from types import MappingProxyType

from pipeline.archive.words import words
from pipeline.model import ARTICLE_KINDS, DIRECTIONS, STAGES, Article

VERSION = 1
"""Stored with every index, beside ``words.VERSION``."""

FIELDS: tuple[str, ...] = ("source", "place", "state", "kind", "lang", "measure", "stage", "direction")

EQUAL_STAGES: tuple[tuple[str, ...], ...] = (
    ("adopted", "passed", "approved", "issued", "passed_final"),
    ("failed", "rejected"),
    ("repealed", "rescinded"),
    ("introduced", "proposed"),
)
"""Stages compared as equal; each group is shown as its first."""

STATES = MappingProxyType(
    {
        "AL": "Alabama", "AK": "Alaska", "AZ": "Arizona", "AR": "Arkansas", "CA": "California", "CO": "Colorado",
        "CT": "Connecticut", "DE": "Delaware", "DC": "District of Columbia", "FL": "Florida", "GA": "Georgia",
        "HI": "Hawaii", "ID": "Idaho", "IL": "Illinois", "IN": "Indiana", "IA": "Iowa", "KS": "Kansas",
        "KY": "Kentucky", "LA": "Louisiana", "ME": "Maine", "MD": "Maryland", "MA": "Massachusetts",
        "MI": "Michigan", "MN": "Minnesota", "MS": "Mississippi", "MO": "Missouri", "MT": "Montana",
        "NE": "Nebraska", "NV": "Nevada", "NH": "New Hampshire", "NJ": "New Jersey", "NM": "New Mexico",
        "NY": "New York", "NC": "North Carolina", "ND": "North Dakota", "OH": "Ohio", "OK": "Oklahoma",
        "OR": "Oregon", "PA": "Pennsylvania", "RI": "Rhode Island", "SC": "South Carolina", "SD": "South Dakota",
        "TN": "Tennessee", "TX": "Texas", "UT": "Utah", "VT": "Vermont", "VA": "Virginia", "WA": "Washington",
        "WV": "West Virginia", "WI": "Wisconsin", "WY": "Wyoming", "AS": "American Samoa", "GU": "Guam",
        "MP": "Northern Mariana Islands", "PR": "Puerto Rico", "VI": "U.S. Virgin Islands", "US": "United States",
    }
)  # fmt: skip
"""Postal codes of the states, the District, the territories, and of the country itself."""

_CODES = MappingProxyType({" ".join(words(name)): code for code, name in STATES.items()})
_SHOWN_AS = MappingProxyType({stage: group[0] for group in EQUAL_STAGES for stage in group})
_EQUALS = MappingProxyType({group[0]: group for group in EQUAL_STAGES})


def fold(value: str) -> str:
    """A value as it is compared: its words, joined by spaces."""
    return " ".join(words(value))


def state_of(place: str) -> str:
    """The postal code a place ends with (``"Los Angeles, CA"``, ``"CA"``, ``"California"``), or ''."""
    if code := _CODES.get(fold(place)):
        return code
    code = place.rpartition(",")[2].strip()
    return code if code in STATES else ""


def labels(article: Article) -> dict[str, tuple[str, ...]]:
    """The labels of an article for each of ``FIELDS``: sorted, without doubles, none of them empty."""
    places: set[str] = set()
    for place in article.places:
        state = state_of(place)
        places |= {state, "" if fold(place) in _CODES else place}
    return {
        "source": _tidy([article.source]),
        "place": _tidy(places),
        "state": _tidy([state_of(article.home)]),
        "kind": _tidy([article.kind]),
        "lang": _tidy([language(article.lang)]),
        "measure": _tidy(article.measures),
        "stage": _tidy(_SHOWN_AS.get(stage, stage) for stage in article.stages),
        "direction": _tidy(article.directions),
    }


@lru_cache(maxsize=10_000)
def keys(field: str, label: str) -> frozenset[str]:
    """What a label of a field answers to, folded. Empty when the label holds no word (it is then only counted)."""
    if field == "place":
        state = state_of(label)
        bare = fold(label.rpartition(",")[0]) if label != state and state else ""
        found = {fold(label), fold(STATES[label]) if label == state and state else "", "" if bare in _CODES else bare}
    elif field == "state":
        found = {fold(label), fold(STATES.get(label, ""))}
    elif field == "stage":
        found = {fold(stage) for stage in _EQUALS.get(label, (label,))}
    else:
        found = {fold(label)}
    return frozenset(found - {""})


def language(tag: str) -> str:
    """The primary subtag of a BCP 47 language tag: ``en-US`` is counted and found as ``en``."""
    return tag.replace("_", "-").partition("-")[0].lower()


VALUES = MappingProxyType({"kind": ARTICLE_KINDS, "stage": STAGES, "direction": DIRECTIONS})
"""The fields whose values are a closed vocabulary."""


def _tidy(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({value for value in values if value}))
