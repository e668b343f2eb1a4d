"""The names and governing bodies in a text, before anyone decides which Springfield is meant.

``read`` walks over the words a few times. A run of capitalised words is looked up, the longest first, among the names
that leave no choice (states, aliases, agencies, tribes, federal authorities) and in the gazetteer; school districts,
universities and governments that no table lists are known by their type word. Each **name** carries the evidence that
stands beside it: a state in the same noun phrase, a type word, a governing body, a preposition, and what speaks
against its being a place (a person, a newspaper, a street). Every step is linear in the number of words.
"""

from __future__ import annotations

import re

from pipeline.model import MUNICIPAL, Jurisdiction
from pipeline.policy.places.doubts import weigh
from pipeline.policy.places.gazetteer import Gazetteer, base_name, fold, gazetteer
from pipeline.policy.places.phrases import bind_bodies, join_counties, join_states
from pipeline.policy.places.spans import Body, Name, Reading
from pipeline.policy.places.words import TYPE_WORDS, BodyPhrase, Known, Vocabulary, Words, tokenise, vocabulary

MAX_NAMES = 1_000
"""Names taken up; a page with more is a list, and what it is about stands at its head."""
A_TOWN = 2_500
"""Inhabitants of a town of whose government its state's papers speak without saying where it lies."""
_LONGEST = 6
"""Words in the longest name looked up."""
_DOTTED = frozenset(("st", "fort", "mount", "ste", "w"))
"""Words that may be written with a full stop inside a name."""
_COUNTY = frozenset(("county", "parish", "municipio"))
_CITY_OF_STATE = frozenset(("city", "mayor", "council", "police", "councilmember", "councilman", "schools"))
"""Words behind 'New York' and 'Washington' that make a city of the state's name."""
_CITY_BODIES = frozenset(
    """council councilmember councilmembers councilman councilwoman councilor councilors councillors commission
    commissioners hall attorney manager clerk""".split()  # noqa: SIM905
)


def read(title: str, text: str, home: Jurisdiction | None = None) -> Reading:
    """Names and bodies of an article, bound to each other where they share a noun phrase. ``home`` is its outlet's
    place: it tells which of two names is meant that the same words can spell."""
    reading = Reading(tokenise(title, text))
    vocab, gaz = vocabulary(), gazetteer()
    _find_bodies(reading, vocab)
    _Finder(reading, vocab, gaz, home).run()
    _find_institutions(reading, vocab)
    join_states(reading, vocab)
    join_counties(reading, gaz)
    bind_bodies(reading, vocab)
    if _find_unlisted(reading, vocab):
        join_states(reading, vocab)
        bind_bodies(reading, vocab)
    weigh(reading, vocab, gaz)
    return reading


# ------------------------------------------------------------------ bodies
def _find_bodies(reading: Reading, vocab: Vocabulary) -> None:
    words, table = reading.words, vocab.bodies
    keys = words.keys
    free = 0
    for index in [index for index, key in enumerate(keys) if key in table]:
        if index < free:
            continue
        for entry in table[keys[index]]:
            if _is_body(words, vocab, entry, index):
                last = index + len(entry.words) - 1
                body = Body(words.starts[index], words.ends[last], entry.name, entry.types, entry.states)
                reading.bodies.append(body)
                reading.body_words.append((index, last))
                free = last + 1
                break
    reading.body_starts = frozenset(first for first, _ in reading.body_words)


def _is_body(words: Words, vocab: Vocabulary, entry: BodyPhrase, index: int) -> bool:
    keys, size = words.keys, len(entry.words)
    if size > 1:
        return tuple(keys[index : index + size]) == entry.words and all(
            words.glue[i] in (" ", "-", ". ", "' ") for i in range(index + 1, index + size)
        )
    key = keys[index]
    if key in ("house", "senate", "assembly", "congress", "gov", "cabildo") and not words.caps[index]:
        return False
    after = keys[index + 1] if index + 1 < len(keys) and words.glue[index + 1] in (" ", "-") else ""
    before = keys[index - 1] if index and words.glue[index] in (" ", "-") else ""
    return after not in vocab.not_before.get(key, ()) and before not in vocab.not_after.get(key, ())


# ------------------------------------------------------------------ names by look-up
class _Finder:
    """Looks up runs of capitalised words, the longest first."""

    def __init__(self, reading: Reading, vocab: Vocabulary, gaz: Gazetteer, home: Jurisdiction | None) -> None:
        self.reading, self.words, self.vocab, self.gaz = reading, reading.words, vocab, gaz
        self.home = home
        title = self.words.text[: self.words.title_end]
        self.shouting = title.isupper()

    def run(self) -> None:
        names: list[Name] = []
        keys, caps, possessive = self.words.keys, self.words.caps, self.words.possessive
        index, count = 0, len(keys)
        while index < count and len(names) < MAX_NAMES:
            name = self._at(index) if caps[index] and self._begins(keys[index], possessive[index]) else None
            if name is None:
                index += 1
            else:
                names.append(self._widened(name))
                index = name.last + 1
        self.reading.set_names(names)

    def _widened(self, name: Name) -> Name:
        """'West Goshen Township', 'Ashgrove Falls Town Board': an unlisted name that ends like a listed one."""
        words, before = self.words, name.first - 1
        if name.kind != "place" or name.known or before < 0 or not words.joined(name.first) or not words.caps[before]:
            return name
        behind = name.last + 1
        typed = behind in self.reading.body_starts or words.behind(name.last) in ("township", "twp", "borough")
        headline = words.title_case and words.in_title(before)
        key = words.keys[before]
        postal_only = self.gaz.places(name.key)[0].population == 0
        odd = key in self.vocab.titles or key in self.vocab.given or key in self.vocab.no_name
        same = words.sentence[before] == words.sentence[name.first]
        if not typed or odd or not same or words.possessive[before]:
            return name
        if key not in self.vocab.directions and (headline or not postal_only or key in self.vocab.modifiers):
            return name
        label = words.written(before, name.last)
        return Name(before, name.last, "place", fold(label), label)

    def _begins(self, key: str, possessive: bool) -> bool:
        known = self.vocab.first_words
        return key in known or (possessive and f"{key}s" in known)

    def _at(self, index: int) -> Name | None:
        words, connecting = self.words, self.vocab.connecting
        keys, caps, glue, possessive = words.keys, words.caps, words.glue, words.possessive
        parts, at = [keys[index]], index
        while at + 1 < len(keys) and at - index < _LONGEST - 1:
            between, following = glue[at + 1], at + 1
            if not (between in (" ", "-") or (between == ". " and keys[at] in _DOTTED)):
                break
            if not (caps[following] or keys[following] in connecting):
                break
            if possessive[at]:  # 's inside a name is part of it (Prince George's County), or the name ends here
                parts[-1] += "s"
            at = following
            parts.append(keys[at])
        for size in range(len(parts), 0, -1):
            last = index + size - 1
            if not caps[last]:
                continue
            key = " ".join(parts[:size])
            found = self._look_up(key, index, last)
            if found is None and possessive[last]:
                other = key[:-1] if parts[size - 1] != keys[last] else key + "s"
                found = self._look_up(other, index, last)
            if found is not None:
                return found
        return None

    def _look_up(self, key: str, first: int, last: int) -> Name | None:
        words, gaz, vocab = self.words, self.gaz, self.vocab
        following = words.behind(last) if not words.possessive[last] else ""
        if following in _COUNTY and gaz.is_county(key) and not self._is_headline_case(key, first, last):
            return Name(first, last + 1, "county", key, words.written(first, last + 1))
        behind_its_town = first == last and self._town_before(first)
        for known in () if behind_its_town else vocab.known.get(key, ()):
            if all(not w or w == words.raw[first + i].removesuffix("'s") for i, w in enumerate(known.exact)):
                if self._is_at_home(key, known, first, following):
                    break
                return self._known(first, last, known.kind, known.name, known.state, known.rule, following)
        if key in vocab.demonyms:
            code = vocab.demonyms[key]
            return Name(first, last, "state", key, gaz.states[code].name, code, rule="named", example=True)
        state = self._short_state(first) if first == last else ""
        if state:
            return self._known(first, last, "state", gaz.states[state].name, state, "named", following)
        if key in gaz:
            if (first == last and len(key) < 3) or self._is_new(key, first) or self._is_headline_case(key, first, last):
                return None
            if self._is_citys_body(key, first, last) or self._is_article(key, first, last):
                return None
            return Name(first, last, "place", key, words.written(first, last))
        if gaz.is_county(key) and len(key) > 3:  # 'Mecklenburg' alone
            return Name(first, last, "county", key, words.written(first, last), bare=True)
        return None

    def _known(self, first: int, last: int, kind: str, label: str, state: str, rule: str, following: str) -> Name:
        if kind == "state" and following in _CITY_OF_STATE and label in ("New York", "Washington"):
            kind = "place"
            label, state = ("New York City", "NY") if state == "NY" else ("Washington", "DC")
        elif kind == "place" and following in _COUNTY and self.gaz.county(fold(label), state):
            return Name(first, last + 1, "county", fold(label), f"{label} County", state, rule=rule)
        key = base_name(label) if kind == "county" else fold(label)
        return Name(first, last, kind, key, label, state, rule=rule)

    def _is_at_home(self, key: str, known: Known, first: int, following: str) -> bool:
        """Brooklyn in the paper of Brooklyn, Ohio, Dade County in that of Missouri's; 'the Wyoming City Council' in a
        paper of Michigan, which has such a city, but not Wyoming alone."""
        home = self.home
        if home is None or home.state == known.state:
            return False
        if home.type == known.kind == "county":
            return base_name(home.name) == base_name(key)
        own = home.type in MUNICIPAL and fold(home.name) == key
        if known.kind != "state":
            return own
        of = first > 1 and self.words.keys[first - 1] == "of" and self.words.keys[first - 2] in MUNICIPAL
        citys = of or following == "city" or following in _CITY_BODIES
        return (own and (citys or following in _CITY_OF_STATE)) or (
            citys and self.gaz.place(key, home.state) is not None
        )

    def _is_headline_case(self, key: str, first: int, last: int) -> bool:
        """'Texas City Bans ...', 'Oregon County Looks ...': in a headline the capital may be the headline's."""
        head, _, tail = key.rpartition(" ")
        words = self.words
        if tail == "city" and head in self.gaz.state_codes and head not in ("kansas", "iowa", "oklahoma", "new york"):
            pass
        elif not (key in self.gaz.state_codes and words.behind(last) in _COUNTY):
            return False
        else:
            last += 1
        if not (words.in_title(first) and words.title_case) or last + 1 in self.reading.body_starts:
            return False
        return words.text.find(words.written(first, last), words.title_end) < 0

    def _is_citys_body(self, key: str, first: int, last: int) -> bool:
        """'Denver City Council' is Denver's City Council, not Denver City's: the shorter name's place is far larger, or
        the text names it elsewhere."""
        head, _, tail = key.rpartition(" ")
        if tail != "city" or self.words.behind(last) not in _CITY_BODIES:
            return False
        if self._only_at_home(head, key):
            return True  # Mason's, in a paper of Ohio: Mason City is in Iowa
        if self._only_at_home(key, head):
            return False
        shorter, longer = self.gaz.places(head), self.gaz.places(key)
        text, name = self.words.text, self.words.written(first, last)
        if not shorter or any(name + end in text for end in (".", ",", "'s", " is", " will", " has")):
            return False  # elsewhere without its council: 'in Denver City.'
        if shorter[0].population >= 3 * longer[0].population:
            return True
        town = re.escape(name.rpartition(" ")[0])  # elsewhere without 'City': 'WEBSTER, N.Y. (AP)', 'Webster residents'
        return re.search(rf"(?<![\w-]){town}(?![\w-]| City\b)", text, re.IGNORECASE) is not None

    def _only_at_home(self, key: str, other: str) -> bool:
        """Whether the outlet's state has the one place, and not the other."""
        state = self.home.state if self.home is not None else ""
        return self.gaz.place(key, state) is not None and self.gaz.place(other, state) is None

    def _is_article(self, key: str, first: int, last: int) -> bool:
        """'The Village Board', 'the Village of Skokie': an article, not The Village in Oklahoma. 'The Rock Island City
        Council' is not The Rock's, in Georgia."""
        if not key.startswith("the "):
            return False
        bare, following = key.removeprefix("the "), self.words.behind(last)
        if f"{bare} {following}" in self.gaz or (following in _COUNTY and self.gaz.is_county(bare)):
            return True
        if self._only_at_home(bare, key):
            return True
        told = self.words.glue[last + 1].startswith(",") if last + 1 < len(self.words.keys) else False
        return first + 1 in self.reading.body_starts or (
            key == "the village" and not told and self.words.behind(last) != "city"
        )

    def _town_before(self, index: int) -> bool:
        """'Lafayette, LA, council': a postal code behind a town of that state, whatever else it may stand for."""
        words, code = self.words, self.words.raw[index]
        if not index or code not in self.gaz.states or words.glue[index] != ", " or not words.caps[index - 1]:
            return False
        return self.gaz.place(words.keys[index - 1], code) is not None

    def _is_new(self, key: str, first: int) -> bool:
        """'New Philadelphia mayor' at the head of a sentence, when the rest of the text says 'Philadelphia'."""
        words = self.words
        if not key.startswith("new ") or (first and words.sentence[first - 1] == words.sentence[first]):
            return False
        rest = key.removeprefix("new ")
        if rest not in self.gaz and rest not in self.vocab.known:
            return False
        name = words.written(first, first + key.count(" "))
        return words.text.count(name) == 1 and name.partition(" ")[2] in words.text[words.ends[first] + len(name) :]

    def _short_state(self, index: int) -> str:
        """Postal code of 'Calif.' anywhere, and of 'CA' or 'NJ' where it cannot be a word."""
        words, vocab = self.words, self.vocab
        raw, key = words.raw[index].removesuffix("'s"), words.keys[index]
        behind_comma = index > 0 and words.glue[index] in (", ", " (", ", (")
        if key in vocab.abbreviations and not (raw.isupper() and "." not in raw):
            dotted = raw.endswith(".") or words.text[words.ends[index] : words.ends[index] + 1] == "."
            if raw.endswith(".") or behind_comma or (dotted and key not in _WORDS_WITH_A_STOP):
                return vocab.abbreviations[key]
        if (
            len(raw) == 2
            and raw in self.gaz.states
            and raw not in _NO_SHORT_FORM
            and (behind_comma or raw not in vocab.postal_words)
        ):
            return raw if behind_comma or not (self.shouting and words.in_title(index)) else ""
        return ""


_NO_SHORT_FORM = frozenset(("VI", "AS", "MP", "GU"))
"""Territories whose code is mostly something else."""
_WORDS_WITH_A_STOP = frozenset(("miss", "ill", "mass", "del", "la", "wash", "ind", "ore", "cal", "ala", "mo", "pa"))
"""Abbreviations of states that also end a sentence or begin a name."""


# ------------------------------------------------------------------ school districts and universities
_UNIVERSITIES = frozenset(("university", "universidad", "college"))


def _find_institutions(reading: Reading, vocab: Vocabulary) -> None:
    words = reading.words
    keys, caps = words.keys, words.caps
    found: list[Name] = []
    heads = vocab.school_heads | _UNIVERSITIES
    for index in [index for index, key in enumerate(keys) if key in heads]:
        if not caps[index] or (found and index <= found[-1].last):
            continue
        of_schools = keys[index] in vocab.school_heads
        name = (_district if of_schools else _university)(reading, vocab, index)
        if name is not None and not (found and found[-1].last >= name.first):
            found.append(name)
    if not found:
        return
    swallowed: set[int] = set()
    for name in found:
        inside = {id(n): n for i in range(name.first, name.last + 1) if (n := reading.covered.get(i))}
        inside.update((id(n), n) for n in reading.names if name.first <= n.first and n.last <= name.last)
        swallowed.update(inside)
        name.state = next((n.state for n in inside.values() if n.state not in ("", "US")), "")
        places = [n for n in inside.values() if n.kind in ("place", "county")]
        if places:
            name.key = max(places, key=lambda n: n.last - n.first).key
    kept = [name for name in reading.names if id(name) not in swallowed]
    reading.set_names(sorted([*kept, *found], key=lambda n: n.first))


def _district(reading: Reading, vocab: Vocabulary, index: int) -> Name | None:
    """'Palo Alto Unified', 'Austin ISD', 'Milwaukee Public Schools', 'School District of Philadelphia'."""
    words = reading.words
    for tail in vocab.school_tails:
        last = index + len(tail) - 1
        if tuple(words.keys[index : last + 1]) != tail or not all(words.caps[index : last + 1]):
            continue
        first = _run_start(reading, vocab, index)
        if first < index:
            last = _district_code(words, last)
            label = words.written(first, last)
            if tail == ("unified",):
                label += " School District"
            elif tail in (("isd",), ("usd",)):
                kind = "Independent" if tail == ("isd",) else "Unified"
                label = f"{words.written(first, index - 1)} {kind} School District"
            key = " ".join(words.keys[first:index])
            return Name(first, last, "school_district", key, label, type="school_district")
        if tail == ("school", "district") and words.behind(last) == "of":
            end = _run_end(reading, vocab, last + 2)
            if end >= last + 2:
                key = " ".join(words.keys[last + 2 : end + 1])
                label = words.written(index, end)
                return Name(index, end, "school_district", key, label, type="school_district")
        return None
    return None


def _district_code(words: Words, last: int) -> int:
    """The last word of a district's name with its number: 'Niles School District 71', 'School District U-46'."""
    behind = words.keys[last + 1] if last + 1 < len(words.keys) else ""
    return last + 1 if words.keys[last] == "district" and behind.isdigit() and words.glue[last + 1] == " " else last


def _university(reading: Reading, vocab: Vocabulary, index: int) -> Name | None:
    words = reading.words
    town = reading.covered.get(index)
    if town is not None and town.kind == "place" and town.first < index == town.last and town.key in gazetteer():
        return None  # State College, Pennsylvania
    if words.behind(index) == "of":
        last = _run_end(reading, vocab, index + 2)
        if last >= index + 2:
            key = " ".join(words.keys[index + 2 : last + 1])
            city = index and words.keys[index - 1] in ("city", "state") and words.caps[index - 1]
            first = index - 1 if city else index  # the City University of New York
            return Name(first, last, "university", key, words.written(first, last), type="university")
    first = _run_start(reading, vocab, index)
    if first == index or words.behind(index) in ("avenue", "street", "park"):
        return None
    key = " ".join(words.keys[first:index])
    return Name(first, index, "university", key, words.written(first, index), type="university")


def _run_start(reading: Reading, vocab: Vocabulary, index: int) -> int:
    """First word of the capitalised run that ends before ``index``, at most five words back."""
    words, first = reading.words, index
    headline = words.in_title(index) and words.title_case
    while (
        first > max(0, index - 5)
        and words.glue[first] in (" ", "-", ". ")
        and words.caps[first - 1]
        and words.sentence[first - 1] == words.sentence[index]
        and words.keys[first - 1] not in vocab.no_name
        and not (words.possessive[first - 1] and first < index)
        and not (headline and first < index and first - 1 not in reading.covered)
    ):
        first -= 1
    return first


def _run_end(reading: Reading, vocab: Vocabulary, index: int) -> int:
    """Last word of the capitalised run of at most three that begins at ``index``; ``index - 1`` when none does."""
    words, last = reading.words, index - 1
    known = reading.covered.get(index)
    if known is not None and known.first == index and known.kind in ("state", "place", "county"):
        last = known.last  # 'University of New Mexico': 'new' alone begins no name
        if words.possessive[last]:
            return last
    while last + 1 < len(words.keys) and last - index < 2 and words.caps[last + 1]:
        at = last + 1
        if words.keys[at] in vocab.no_name or at in reading.body_starts:
            break
        if last >= index and words.glue[at] not in (" ", "-", ". "):
            break
        last = at
        if words.possessive[last]:
            break
    return last


# ------------------------------------------------------------------ governments that no table lists
_KINDS_OF_TOWN = frozenset(("town", "village", "township", "twp", "borough"))


def _find_unlisted(reading: Reading, vocab: Vocabulary) -> bool:
    """'Morris Township', 'the town of Cranmoor', 'Pequea Town Board'; whether any was found."""
    words = reading.words
    keys, caps = words.keys, words.caps
    taken = {index for name in reading.names for index in range(name.first, name.stop + 1)}
    made: list[Name] = []

    def make(first: int, last: int, type_: str, stop: int) -> None:
        if first > last or not taken.isdisjoint(range(first, last + 1)):
            return
        if keys[first] in vocab.titles or keys[first] in vocab.given or keys[last] in vocab.no_name:
            return
        label = words.written(first, last)
        made.append(Name(first, stop, "place", fold(label), label, type=type_))
        taken.update(range(first, stop + 1))

    for index in [index for index, key in enumerate(keys) if key in _KINDS_OF_TOWN]:
        key = keys[index]
        if key in ("township", "twp", "borough") and caps[index] and index and index not in taken:
            stop = index - 1 if index in reading.body_starts else index
            make(_run_start(reading, vocab, index), index - 1, TYPE_WORDS[key], stop)
        is_of = key in ("town", "village", "township", "borough") and words.behind(index) == "of"
        if is_of and words.joined(index + 2) and caps[index + 2]:
            last = _run_end(reading, vocab, index + 2)
            make(index + 2, last, TYPE_WORDS[key], last)
    for number, (first, _) in enumerate(reading.body_words):
        body = reading.bodies[number]
        if number in reading.owners or body.name not in vocab.founding_bodies or not first or not caps[first]:
            continue
        if words.glue[first] in (" ", "' ") and caps[first - 1]:
            begin = first - 1 if words.possessive[first - 1] else _run_start(reading, vocab, first)
            type_ = "" if body.types[0] == "school_district" else body.types[0]
            make(begin, first - 1, type_, first - 1)
    if made:
        reading.set_names(sorted([*reading.names, *made], key=lambda name: name.first))
    return bool(made)
