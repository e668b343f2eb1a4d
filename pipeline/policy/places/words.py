"""The words of a text, and what ``config/topic/places.toml`` knows about words.

``tokenise`` cuts a text once; everything after it works on word numbers. ``vocabulary`` is the file made ready for
looking up: phrases by their folded key, bodies by their first word, sets of words.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import accumulate
from operator import sub
from typing import get_args

from pipeline import model
from pipeline.policy.places.gazetteer import fold, gazetteer, rows, tables

TYPE_WORDS: dict[str, model.JurisdictionType] = {
    "city": "city", "town": "town", "village": "village", "township": "township", "twp": "township",
    "borough": "borough", "municipality": "municipality", "ciudad": "city", "pueblo": "town", "hamlet": "town",
}  # fmt: skip
"""Words before 'of' or behind a name that say what kind of municipality it is."""

_PLAIN = tuple(zip("’‘‛ʼ´`“”–—‒―‐‑\u00a0\u202f\u2009\t\r", "''''''\"\"------     ", strict=True))
_TOKEN = re.compile(r"((?:[A-Z]\.){2,}(?:'s\b)?|[^\W_]{1,60}(?:'[^\W_]{1,60})*)")
_SHORT = {"saint": "st", "ft": "fort", "mt": "mount"}


@dataclass(frozen=True, slots=True)
class Known:
    """A name that leaves no choice."""

    kind: str
    """'state', 'place', 'county', 'federal', 'agency', 'tribal', 'school_district', 'university', 'sheriff'."""
    name: str
    state: str
    rule: str
    exact: tuple[str, ...]
    """For each word how it must be written; '' where a capital letter is enough."""


@dataclass(frozen=True, slots=True)
class BodyPhrase:
    """A line of the table of governing bodies."""

    words: tuple[str, ...]
    name: str
    types: tuple[model.JurisdictionType, ...]
    states: tuple[str, ...]


@dataclass(frozen=True)
class Vocabulary:
    """``places.toml`` made ready for looking up; the comments of the file say what each table is for."""

    first_words: frozenset[str]
    """First words of all names that can be looked up."""
    known: dict[str, tuple[Known, ...]]
    postal_words: frozenset[str]
    abbreviations: dict[str, str]
    """Folded abbreviation of a state to its postal code ('calif' to 'CA')."""
    demonyms: dict[str, str]
    stand_alone: dict[str, str]
    words: frozenset[str]
    surnames: frozenset[str]
    given: frozenset[str]
    given_words: frozenset[str]
    given_cities: frozenset[str]
    titles: frozenset[str]
    organisations: frozenset[str]
    streets: frozenset[str]
    connecting: frozenset[str]
    locative: frozenset[str]
    inside: frozenset[str]
    modifiers: frozenset[str]
    adjectives: frozenset[str]
    cues: frozenset[str]
    directions: frozenset[str]
    no_name: frozenset[str]
    school_tails: tuple[tuple[str, ...], ...]
    school_heads: frozenset[str]
    founding_bodies: frozenset[str]
    foreign_places: frozenset[str]
    foreign_phrases: tuple[str, ...]
    foreign_cues: re.Pattern[str]
    """Any of ``foreign_phrases`` as words of their own, but for counties of the name (Bradford County)."""
    home_cues: re.Pattern[str]
    foreign_domains: tuple[str, ...]
    bodies: dict[str, tuple[BodyPhrase, ...]]
    not_before: dict[str, frozenset[str]]
    not_after: dict[str, frozenset[str]]
    laws: tuple[tuple[tuple[str, ...], str], ...]
    districts: dict[tuple[str, str], str]
    district_tradition: dict[str, str]
    types: dict[tuple[str, str], model.JurisdictionType]
    default_types: dict[str, model.JurisdictionType]
    village_states: frozenset[str]
    small_government_states: frozenset[str]
    outlets: dict[str, str]
    outlet_pattern: re.Pattern[str]


@cache
def vocabulary() -> Vocabulary:
    """The tables, read once in a process. Raises ``ValueError`` on an unknown jurisdiction type in the file."""
    table, gaz = tables(), gazetteer()
    bodies: dict[str, list[BodyPhrase]] = {}
    for phrases, name, types, *states in rows(table["bodies"]):
        for phrase in _split(phrases):
            keys = tuple(word_key(word)[0] for word in words_of(phrase))
            only = tuple(states[0].split()) if states else ()
            bodies.setdefault(keys[0], []).append(BodyPhrase(keys, name, _types(types), only))
    abbreviations = {fold(state.abbreviation): state.code for state in gaz.states.values()}
    for code, names in rows(table["state_abbreviations"]):
        abbreviations |= {fold(name): code for name in _split(names)}
    laws = tuple(
        (tuple(part.strip().lower() for part in phrases.split("&")), place) for phrases, place in rows(table["laws"])
    )
    tails = tuple(tuple(row[0].split()) for row in rows(table["school_tails"]))
    known = _known()
    demonyms = {
        form: state.code
        for state in gaz.states.values()
        for demonym in state.demonyms
        for form in (fold(demonym), fold(demonym) + "s")
    }
    lookups = [*gaz.keys(), *known, *demonyms, *abbreviations, *(code.lower() for code in gaz.states)]
    return Vocabulary(
        first_words=frozenset(name.partition(" ")[0] for name in lookups),
        known=known,
        postal_words=_set("postal_words"),
        abbreviations=abbreviations,
        demonyms=demonyms,
        stand_alone={fold(name): code for name, code in (row[0].split(", ") for row in rows(table["stand_alone"]))},
        words=_set("words") - _set("words_that_are_towns"),
        surnames=_set("surnames"),
        given=_set("given_names"),
        given_words=_set("given_names_that_are_words"),
        given_cities=_set("given_names_that_are_cities"),
        titles=_set("titles"),
        organisations=_set("organisations"),
        streets=_set("streets"),
        connecting=_set("connecting"),
        locative=_set("locative"),
        inside=_set("inside"),
        modifiers=_set("modifiers"),
        adjectives=_set("adjectives"),
        cues=_set("cues"),
        directions=_set("directions"),
        no_name=_set("no_name"),
        school_tails=tails,
        school_heads=frozenset(tail[0] for tail in tails),
        founding_bodies=frozenset(row[0] for row in rows(table["founding_bodies"])),
        foreign_places=frozenset(fold(name) for name in _split(table["foreign_places"])),
        foreign_phrases=tuple(_split(table["foreign_cues"])),
        foreign_cues=_any_of(_split(table["foreign_cues"]), but_not=" (?:County|Parish)"),
        home_cues=_any_of([*_split(table["home_cues"]), *(state.name for state in gaz.states.values())]),
        foreign_domains=tuple(table["foreign_domains"].split()),
        bodies={first: tuple(sorted(found, key=lambda b: -len(b.words))) for first, found in bodies.items()},
        not_before={head: frozenset(after.split()) for head, after in rows(table["not_a_body"])},
        not_after={head: frozenset(before.split()) for head, before in rows(table["not_a_body_after"])},
        laws=laws,
        districts={
            (fold(name), code): district
            for label, district in rows(table["districts"])
            for name, _, code in [label.rpartition(", ")]
        },
        district_tradition={code: form for codes, form in rows(table["district_tradition"]) for code in codes.split()},
        types={
            (fold(name), code): _types(type_)[0]
            for head, names in rows(table["types_by_state"])
            for code, type_ in [head.split()]
            for name in _split(names)
        },
        default_types={
            code: _types(type_)[0] for code, type_ in (row[0].split() for row in rows(table["default_types"]))
        },
        village_states=_set("village_states"),
        small_government_states=_set("small_government_states"),
        outlets={name: home for names, home in rows(table["outlets"]) for name in _split(names)},
        outlet_pattern=_any_of(
            sorted((name for names, _ in rows(table["outlets"]) for name in _split(names)), key=len, reverse=True)
        ),
    )


def _known() -> dict[str, tuple[Known, ...]]:
    table, gaz = tables(), gazetteer()
    known: dict[str, list[Known]] = {}

    def add(phrase: str, kind: str, name: str, state: str, rule: str = "named") -> None:
        words = words_of(phrase)
        exact = tuple(word if len(word) > 1 and word.upper() == word else "" for word in words)
        key = " ".join(word_key(word)[0] + ("s" if word_key(word)[2] else "") for word in words)
        known.setdefault(key, []).append(Known(kind, name, state, rule, exact))

    for state in gaz.states.values():
        add(state.name, "state", state.name, state.code)
    for code, names in rows(table["state_names"]):
        for name in _split(names):
            add(name, "state", gaz.states[code].name, code)
    for names, label in rows(table["aliases"]):
        name, _, code = label.rpartition(", ")
        kind = "state" if not name else "county" if name.endswith(" County") else "place"
        for alias in _split(names):
            add(alias, kind, name or gaz.states[code].name, code)
    for names, label, type_ in rows(table["agencies"]):
        name, _, code = label.rpartition(", ")
        for alias in _split(names):
            add(alias, type_ or "place", name, code, "agency")
    for names, code in rows(table["tribes"]):
        for alias in _split(names):
            add(alias, "tribal", _split(names)[0], code)
    for block, kind in (("federal_acts", "federal"), ("federal_agencies", "agency")):
        for alias in _split(table[block]):
            add(alias, kind, "United States", "US")
    return {key: tuple(entries) for key, entries in known.items()}


def _set(key: str) -> frozenset[str]:
    return frozenset(tables()[key].split())


def _split(block: str) -> list[str]:
    return [part.strip() for part in block.replace("\n", " ").split(",") if part.strip()]


def _any_of(phrases: Iterable[str], *, but_not: str = "") -> re.Pattern[str]:
    """Any of the phrases as words of their own, where ``but_not``, an expression, does not follow."""
    ends = rf"(?!\w|{but_not})" if but_not else r"(?!\w)"
    return re.compile(r"(?<!\w)(?:" + "|".join(re.escape(phrase) for phrase in phrases) + ")" + ends)


def _types(names: str) -> tuple[model.JurisdictionType, ...]:
    """Jurisdiction types from a column of the file; 'muni' stands for all municipal ones."""
    types: dict[model.JurisdictionType, None] = {}
    for name in names.split():
        wanted = model.MUNICIPAL if name == "muni" else tuple(t for t in get_args(model.JurisdictionType) if t == name)
        if not wanted:
            raise ValueError(f"places.toml: {name!r} is no jurisdiction type")
        types |= dict.fromkeys(wanted)
    return tuple(types)


# ------------------------------------------------------------------ words and sentences
def words_of(phrase: str) -> list[str]:
    """The words of a phrase as ``tokenise`` would cut them."""
    return _TOKEN.findall(_plain(phrase))


def _plain(text: str) -> str:
    """Quotes, dashes and spaces made plain, at the same length."""
    for fancy, plain in _PLAIN:  # a tenth of the time of str.translate: most of them do not occur
        text = text.replace(fancy, plain)
    return text


@lru_cache(maxsize=1 << 15)
def word_key(raw: str) -> tuple[str, bool, int]:
    """``(key, capitalised, length of a possessive ending)`` of a word; the key is folded and has no ending."""
    if raw.isalnum() and raw.isascii():  # nearly every word
        key = raw.lower()
        return _SHORT.get(key, key), raw[0].isupper(), 0
    ending = 2 if raw[-2:] in ("'s", "'S") else 0
    stem = raw[:-ending] if ending else raw
    key = stem.lower() if stem.isascii() else fold(stem)
    if not key.isalnum():
        key = key.replace("'", "").replace(".", "")
    return _SHORT.get(key, key), raw[:1].isupper(), ending


@dataclass(frozen=True, slots=True)
class Words:
    """A text cut into words; lists run in parallel, one item a word."""

    text: str
    """As long as the original, quotes and dashes made plain."""
    title_end: int
    raw: list[str]
    keys: list[str]
    starts: list[int]
    ends: list[int]
    """Offset behind the word, a possessive ending left out."""
    glue: list[str]
    """What stands before the word."""
    caps: list[bool]
    possessive: list[bool]
    sentence: list[int]
    """Number of the word's sentence; the headline is 0, the text begins with 1."""
    sentence_starts: list[int]
    title_case: bool
    """The headline writes most of its words with a capital, so that a capital says nothing there."""

    def written(self, first: int, last: int) -> str:
        """The words ``first`` to ``last`` as they stand in the text, on one line."""
        return " ".join(self.text[self.starts[first] : self.ends[last]].split())

    def in_title(self, index: int) -> bool:
        return self.starts[index] < self.title_end

    def joined(self, index: int) -> bool:
        """Whether word ``index`` follows the one before it in the same phrase, nothing but a space between."""
        return index < len(self.keys) and self.glue[index] == " "

    def behind(self, index: int) -> str:
        """Key of the word right behind word ``index``, '' when something else stands between."""
        return self.keys[index + 1] if self.joined(index + 1) else ""

    def before(self, index: int) -> str:
        """Key of the word right before word ``index``, '' when something else stands between."""
        return self.keys[index - 1] if index and self.glue[index] == " " else ""


def tokenise(title: str, text: str) -> Words:
    """The words of ``title + "\\n\\n" + text`` with their offsets and sentences."""
    whole = _plain(f"{title}\n\n{text}")
    pieces = _TOKEN.split(whole)  # what stands before the first word, that word, what stands between, ...
    offsets = [0, *accumulate(map(len, pieces))]
    raw, glue = pieces[1::2], pieces[:-1:2]
    starts, stops = offsets[1:-1:2], offsets[2:-1:2]
    read = [word_key(word) for word in raw]
    keys = [key for key, _, _ in read]
    caps = [cap for _, cap, _ in read]
    possessive = [ending > 0 for _, _, ending in read]
    ends = list(map(sub, stops, [ending for _, _, ending in read]))
    first = bisect_right(starts, len(title))
    borders = [first]
    abbreviated = _abbreviated()
    for index in [index for index, between in enumerate(glue) if between != " " and index]:
        between = glue[index]
        if between == "' " and raw[index - 1][-1] in "sS":
            possessive[index - 1] = True
        elif index != first:
            last = raw[index - 1]
            short = keys[index - 1] in abbreviated or (len(last) == 1 and caps[index - 1])
            if _ends_sentence(between, caps[index], short):
                borders.append(index)
    borders.sort()
    sentence: list[int] = []
    for number, (begin, end) in enumerate(zip([0, *borders], [*borders, len(raw)], strict=True)):
        sentence += [number] * (end - begin)
    sentence_starts = [0, *(starts[index] if index != first else len(title) + 2 for index in borders)]
    head = [word for word in raw[:first] if len(word) > 3]
    title_case = len(head) > 2 and sum(word[0].isupper() for word in head[1:]) >= 0.75 * (len(head) - 1)
    return Words(
        whole, len(title), raw, keys, starts, ends, glue, caps, possessive, sentence, sentence_starts, title_case
    )  # fmt: skip


@cache
def _abbreviated() -> frozenset[str]:
    return _set("abbreviated")


def _ends_sentence(between: str, cap: bool, abbreviation: bool) -> bool:
    if "\n" in between:
        return True
    if not cap or not ("." in between or "!" in between or "?" in between):
        return False
    return not (abbreviation and between.strip() == ".")
