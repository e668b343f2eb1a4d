"""What a result can be narrowed to: the values of each facet with their counts, and where their links lead.

Where something of a facet is chosen already, its other values are counted in the result without that choice and are
offered beside it ("CA or TX"); what is left out can be taken back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from analyst import answers
from analyst.answers.results import FacetValue
from analyst.web import narrowing
from analyst.web.asking import MORE, Asked
from analyst.web.narrowing import Piece
from analyst.web.shown import said, state_name
from pipeline.archive.base import Archive

FACETS: Mapping[str, tuple[str, str]] = {
    "place": ("Place", "places"),
    "stage": ("Stage", "stages"),
    "direction": ("Direction", "directions"),
    "source": ("Source", "sources"),
    "kind": ("Kind of article", "kinds"),
    "state": ("Home of the source", "homes"),
    "lang": ("Language", "languages"),
}
"""The fields, with the heading and the plural of each."""
PER_FACET = 8
COUNTED = PER_FACET + 1
"""Values that are asked for: whether there are more than are shown."""
MOST = 200
"""Values of a facet that is unfolded to all."""
OPEN_FACETS = ("place", "stage", "direction", "source")
"""Unfolded when the page opens."""
LANGUAGES: Mapping[str, str] = {
    "en": "English", "es": "Spanish", "fr": "French", "de": "German", "pt": "Portuguese", "zh": "Chinese",
    "vi": "Vietnamese", "ko": "Korean", "tl": "Tagalog", "ar": "Arabic", "ru": "Russian",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Choice:
    """A value of a facet with what its links lead to ('' when they cannot)."""

    label: str
    articles: int | None
    """None: not counted."""
    add: str = ""
    exclude: str = ""
    remove: str = ""
    without: bool = False
    """It is left out at present; ``remove`` takes that back."""
    beside: bool = False
    """``add`` wants it beside what is chosen: either will do."""


@dataclass(frozen=True, slots=True)
class FacetShown:
    """A facet with its values."""

    field: str
    name: str
    open: bool
    choices: tuple[Choice, ...]
    more: str
    """Where all values are shown; '' when they are, or when there are no more."""
    fewer: str
    """Where only the most frequent ones are shown; '' when they are."""
    plural: str


def facets(archive: Archive, asked: Asked, found: Mapping[str, Sequence[FacetValue]]) -> Iterator[FacetShown]:
    """``found``: the ``COUNTED`` most frequent values of each facet in the result. Facets of which something is chosen,
    and the one of which all is asked for, are counted with a question each. Raises as ``answers.facets``."""
    at = partial(_at, asked)
    for field, (name, plural) in FACETS.items():
        wanted, unwanted = narrowing.chosen(asked.query, field), narrowing.excluded(asked.query, field)
        group = wanted[0] if len(wanted) == 1 else None
        beyond = narrowing.swapped(asked.query, group[0], "") if group else None
        all_of_it = asked.more == field
        values = found[field]
        if beyond is not None or all_of_it:
            around = asked.query if beyond is None else beyond
            answer = answers.facets(
                archive, replace(asked, query=around).whole, (field,), n=MOST if all_of_it else COUNTED, zone=asked.zone
            )
            values = answer["facets"][field]
        here = {value["value"]: value["articles"] for value in found[field]}
        there = {value["value"]: value["articles"] for value in values}
        taken = [
            *_taken(asked, field, wanted, here | there, at, without=False),
            *_taken(asked, field, unwanted, {}, at, without=True),
        ]
        known = {label for _, labels in wanted for label in labels}
        others = [value for value in values if value["value"] not in known]
        shown = others if all_of_it else others[:PER_FACET]
        offered = [_offered(asked, field, value, group if beyond is not None else None) for value in shown]
        if taken or offered:
            part = f"#facet-{field}"
            yield FacetShown(
                field=field,
                name=name,
                open=field in OPEN_FACETS or bool(taken) or all_of_it,
                choices=(*taken, *offered),
                more=asked.at(**{MORE: field}) + part if len(others) > len(shown) else "",
                fewer=asked.at(**{MORE: ""}) + part if all_of_it and len(others) > PER_FACET else "",
                plural=plural if len(values) < MOST else f"{MOST} {plural}",
            )


def taken(asked: Asked, field: str, at: Callable[[str], str]) -> list[Choice]:
    """What a query has chosen of a field, and what it leaves out; ``at``: the page of another query."""
    return [
        *_taken(asked, field, narrowing.chosen(asked.query, field), {}, at, without=False),
        *_taken(asked, field, narrowing.excluded(asked.query, field), {}, at, without=True),
    ]


def _taken(
    asked: Asked,
    field: str,
    groups: Iterable[tuple[Piece, list[str]]],
    counts: Mapping[str, int],
    at: Callable[[str], str],
    *,
    without: bool,
) -> Iterator[Choice]:
    """What is chosen, or left out, each with a link that takes it back."""
    for piece, labels in groups:
        for label in labels:
            rest = narrowing.either(field, [other for other in labels if other != label])
            back = None
            if rest or len(labels) == 1:
                back = narrowing.swapped(asked.query, piece, f"-{rest}" if rest and without else rest)
            if back is not None:
                yield Choice(said_as(field, label), counts.get(label), remove=at(back), without=without)


def _offered(asked: Asked, field: str, value: FacetValue, group: tuple[Piece, list[str]] | None) -> Choice:
    """What is not chosen: beside what is (``group``), or as the first of the facet."""
    label = value["value"]
    term = narrowing.term(field, label)
    if group is None:
        more, less = ((narrowing.added(asked.query, one) or None) if term else None for one in (term, f"-{term}"))
        return Choice(said_as(field, label), value["articles"], add=_at(asked, more), exclude=_at(asked, less))
    piece, labels = group
    both = narrowing.either(field, [*labels, label])
    query = narrowing.swapped(asked.query, piece, both) if both else None
    return Choice(said_as(field, label), value["articles"], add=_at(asked, query), beside=True)


def _at(asked: Asked, query: str | None) -> str:
    """The page of another query, '' without one; a facet whose values are all shown stays so."""
    return "" if query is None else asked.at(q=query, **{MORE: asked.more})


def said_as(field: str, value: str) -> str:
    """A facet's value for a reader."""
    if field in ("stage", "direction", "kind"):
        return said(value)
    if field == "lang":
        return LANGUAGES.get(value, value)
    return state_name(value) if field in ("state", "place") else value
