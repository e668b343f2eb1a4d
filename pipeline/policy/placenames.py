"""The names and governing bodies in a text, before anyone decides which Springfield is meant.

``read`` walks over the words a few times. A run of capitalised words is looked up, the longest first, among the names
that leave no choice (states, aliases, agencies, tribes, federal authorities) and in the gazetteer; school districts,
universities and governments that no table lists are known by their type word. Each **name** carries the evidence that
stands beside it: a state in the same noun phrase, a type word, a governing body, a preposition, and what speaks
against its being a place (a person, a newspaper, a street). Every step is linear in the number of words.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from pipeline import model
from pipeline.policy.gazetteer import Gazetteer, base_name, fold, gazetteer
from pipeline.policy.placewords import MUNICIPAL, BodyPhrase, Vocabulary, Words, tokenise, vocabulary

_LONGEST = 6
"""Words in the longest name looked up."""
_ALIKE = frozenset(("st", "fort", "mount", "ste", "w"))
"""Words that may be written with a full stop inside a name."""
_TYPE_WORDS: dict[str, model.JurisdictionType] = {
    "city": "city", "town": "town", "village": "village", "township": "township", "twp": "township",
    "borough": "borough", "municipality": "municipality", "ciudad": "city", "pueblo": "town", "hamlet": "town",
}  # fmt: skip
_COUNTY = frozenset(("county", "parish", "municipio"))
_COUNTIES = frozenset(("counties", "parishes"))
_LINKS = frozenset(("of", "in", "for", "from", "at", "de", "del"))
_BETWEEN = frozenset(("the", "city", "county", "of", "town", "village", "la", "de", "ciudad", "condado"))
_PERSONS = frozenset(("Mayor", "Governor", "Sheriff", "County Executive", "Attorney General"))
"""Bodies whose holder's name may stand behind them: 'Mayor Ana Ruiz of Salem'."""
_EXAMPLES = frozenset(("like", "including", "following", "alongside", "unlike"))
_NUMBERS = frozenset(("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "several"))
_CITY_OF_STATE = frozenset(("city", "mayor", "council", "police", "councilmember", "councilman", "schools"))
_CITY_BODIES = frozenset(
    """council councilmember councilmembers councilman councilwoman councilor councilors councillors commission
    commissioners hall attorney manager clerk""".split()  # noqa: SIM905
)
_STATE_NAMED_CITIES = frozenset(
    ("Wyoming", "Oregon", "Delaware", "Indiana", "Nevada", "Virginia", "California", "Florida", "Washington")
)
"""States whose name is also a city's in another state that a vote may come from ('Wyoming, Michigan')."""


@dataclass(frozen=True, slots=True)
class Body:
    """A governing body or executive named in a text."""

    start: int
    end: int
    name: str
    """Canonical: 'City Council', 'Board of Supervisors', 'Mayor', 'Voters', 'Sheriff', 'Legislature', ..."""
    types: tuple[model.JurisdictionType, ...]
    """Jurisdiction types it can belong to, the likeliest first."""
    states: tuple[str, ...] = ()
    """The only states that have it, where that is known."""


@dataclass(slots=True, eq=False)
class Name:
    """One name in a text with the evidence beside it; first and last are numbers of words."""

    first: int
    last: int
    kind: str
    """As ``placewords.Known.kind``."""
    key: str
    """Folded base name, for the gazetteer."""
    label: str
    """The name as it is written or, where it is known by another, as it is called."""
    state: str = ""
    """Postal code said in the same noun phrase, or belonging to the name."""
    type: str = ""
    """Type word beside a place: 'town of', 'Township'."""
    rule: str = ""
    """'named' or 'agency' for a name that leaves no choice."""
    phrase_last: int = -1
    """Last word of a state behind the name."""
    bare: bool = False
    """A county's name without its type word: 'Mecklenburg'."""
    against: str = ""
    """Why it may be no place: 'person', 'organisation', 'street', 'word', 'surname', 'abroad', 'part', 'foreign'."""
    locative: bool = False
    """Behind a preposition of place."""
    cue: bool = False
    """Before a word of government or of people."""
    listed: bool = False
    """In a list of three or more."""
    example: bool = False
    """Behind 'such as', 'including', 'like': not what the sentence is about."""
    bodies: list[int] = field(default_factory=list)
    """Numbers of the bodies bound to it in the same noun phrase."""

    @property
    def known(self) -> bool:
        return bool(self.rule)

    @property
    def strong(self) -> bool:
        """Whether what stands beside it makes it a government or a located place."""
        return bool(self.rule or self.state or self.type or self.bodies)

    @property
    def stop(self) -> int:
        """Last word of its noun phrase."""
        return max(self.last, self.phrase_last)


class Reading:
    """Words, names and bodies of one text."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self.names: list[Name] = []
        self.bodies: list[Body] = []
        self.body_words: list[tuple[int, int]] = []
        """First and last word of each body."""
        self.owners: dict[int, int] = {}
        """Number of a body to the number of the name in the same noun phrase."""
        self.covered: dict[int, Name] = {}
        """Word to the name that it is part of."""
        self.body_starts: frozenset[int] = frozenset()

    def set_names(self, names: list[Name]) -> None:
        """Takes ``names`` in the order of the text."""
        self.names = names
        self.covered = {index: name for name in names for index in range(name.first, name.last + 1)}

    def sentence(self, name: Name) -> int:
        return self.words.sentence[name.first]


def read(title: str, text: str) -> Reading:
    """Names and bodies of an article, bound to each other where they share a noun phrase."""
    reading = Reading(tokenise(title, text))
    vocab, gaz = vocabulary(), gazetteer()
    _find_bodies(reading, vocab)
    _Finder(reading, vocab, gaz).run()
    _find_institutions(reading, vocab)
    _join_states(reading, vocab)
    _join_counties(reading, gaz)
    _bind_bodies(reading, vocab)
    if _find_unlisted(reading, vocab):
        _join_states(reading, vocab)
        _bind_bodies(reading, vocab)
    _weigh(reading, vocab, gaz)
    return reading


# ------------------------------------------------------------------ bodies
def _find_bodies(reading: Reading, vocab: Vocabulary) -> None:
    words, table = reading.words, vocab.bodies
    keys = words.keys
    count, index = len(keys), 0
    while index < count:
        entries = table.get(keys[index])
        step = 1
        for entry in entries or ():
            if _is_body(words, vocab, entry, index):
                last = index + len(entry.words) - 1
                body = Body(words.starts[index], words.ends[last], entry.name, entry.types, entry.states)
                reading.bodies.append(body)
                reading.body_words.append((index, last))
                step = len(entry.words)
                break
        index += step
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

    def __init__(self, reading: Reading, vocab: Vocabulary, gaz: Gazetteer) -> None:
        self.reading, self.words, self.vocab, self.gaz = reading, reading.words, vocab, gaz
        title = self.words.text[: self.words.title_end]
        self.shouting = title.isupper()

    def run(self) -> None:
        names: list[Name] = []
        keys, caps, possessive = self.words.keys, self.words.caps, self.words.possessive
        index, count = 0, len(keys)
        while index < count:
            name = self._at(index) if caps[index] and self._begins(keys[index], possessive[index]) else None
            if name is None:
                index += 1
            else:
                names.append(name)
                index = name.last + 1
        self.reading.set_names(names)

    def _begins(self, key: str, possessive: bool) -> bool:
        known = self.vocab.first_words
        return key in known or (possessive and f"{key}s" in known)

    def _at(self, index: int) -> Name | None:
        words, connecting = self.words, self.vocab.connecting
        keys, caps, glue, possessive = words.keys, words.caps, words.glue, words.possessive
        parts, at = [keys[index]], index
        while at + 1 < len(keys) and at - index < _LONGEST - 1:
            between, following = glue[at + 1], at + 1
            if not (between in (" ", "-") or (between == ". " and keys[at] in _ALIKE)):
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
        for known in vocab.known.get(key, ()):
            if all(not w or w == words.raw[first + i].removesuffix("'s") for i, w in enumerate(known.exact)):
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
            if self._is_citys_body(key, first, last):
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
        """'Denver City Council' is Denver's City Council, not Denver City's: the shorter name's place is far larger."""
        head, _, tail = key.rpartition(" ")
        if tail != "city" or self.words.behind(last) not in _CITY_BODIES:
            return False
        shorter, longer = self.gaz.places(head), self.gaz.places(key)
        if not shorter or shorter[0].population < 3 * longer[0].population:
            return False
        name = self.words.written(first, last)
        return not any(
            self.words.text.startswith(name, at) and not self.words.text.startswith(" Co", at + len(name))
            for at in (self.words.text.find(name + end) for end in (".", ",", "'", " is", " will", " ha"))
            if at >= 0
        )

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
        if len(raw) == 2 and raw in self.gaz.states and raw not in _NO_SHORT_FORM and (behind_comma or raw not in vocab.postal_words):
            return raw if behind_comma or not (self.shouting and words.in_title(index)) else ""
        return ""


_NO_SHORT_FORM = frozenset(("VI", "AS", "MP", "GU"))
"""Territories whose code is mostly something else."""
_WORDS_WITH_A_STOP = frozenset(("miss", "ill", "mass", "del", "la", "wash", "ind", "ore", "cal", "ala", "mo", "pa"))
"""Abbreviations of states that also end a sentence or begin a name."""


# ------------------------------------------------------------------ school districts and universities
def _find_institutions(reading: Reading, vocab: Vocabulary) -> None:
    words = reading.words
    keys, caps = words.keys, words.caps
    found: list[Name] = []
    for index, key in enumerate(keys):
        if not caps[index] or (found and index <= found[-1].last):
            continue
        name: Name | None = None
        if key in vocab.school_heads:
            name = _district(reading, vocab, index)
        elif key in ("university", "universidad", "college"):
            name = _university(reading, vocab, index)
        if name is not None and not (found and found[-1].last >= name.first):
            found.append(name)
    if not found:
        return
    swallowed: set[int] = set()
    for name in found:
        inside = {id(n): n for i in range(name.first, name.last + 1) if (n := reading.covered.get(i))}
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


def _university(reading: Reading, vocab: Vocabulary, index: int) -> Name | None:
    words = reading.words
    if words.behind(index) == "of":
        last = _run_end(reading, vocab, index + 2)
        if last >= index + 2:
            key = " ".join(words.keys[index + 2 : last + 1])
            return Name(index, last, "university", key, words.written(index, last), type="university")
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


# ------------------------------------------------------------------ states and counties beside a name
def _join_states(reading: Reading, vocab: Vocabulary) -> None:
    """'Oak Park, Illinois', 'Lansing, Mich.', 'Edison (NJ)', 'Oak Park, Cook County, Ill.'; 'London, Ontario'."""
    words, names = reading.words, reading.names
    keys, glue = words.keys, words.glue
    kept: list[Name] = []
    position = 0
    while position < len(names):
        name = names[position]
        kept.append(name)
        position += 1
        if name.phrase_last > 0 or (name.kind == "state" and name.label not in _STATE_NAMED_CITIES):
            continue
        after = name.last + 1
        if after >= len(keys) or glue[after] not in (", ", " (", ","):
            continue
        follower = names[position] if position < len(names) and names[position].first == after else None
        if keys[after] in vocab.foreign_places or " ".join(keys[after : after + 2]) in vocab.foreign_places:
            if follower is None or follower.kind != "state":
                name.against, name.rule = "foreign", ""
                continue
        if follower is None:
            continue
        if follower.kind == "county" and not follower.bare and name.kind == "place":
            state = names[position + 1] if position + 1 < len(names) else None
            if state is not None and state.first == follower.last + 1 and _is_state_of(vocab, follower, state):
                name.state = state.state
            continue
        if _is_state_of(vocab, name, follower) and _may_join(reading, name, follower):
            name.kind = "place" if name.kind == "state" else name.kind
            name.key = fold(name.label) if name.rule and name.kind == "place" else name.key
            name.state, name.phrase_last = follower.state, follower.last
            position += 1
    reading.set_names(kept)


def _is_state_of(vocab: Vocabulary, name: Name, state: Name) -> bool:
    """Whether a state behind a comma belongs to ``name``, or is the next of a list ('Boston, New York and Chicago')."""
    if state.kind != "state" or state.key in vocab.demonyms or name.bare:
        return False
    if state.label not in ("New York", "Washington"):
        return True
    home = vocab.stand_alone.get(fold(name.label), "")
    return not (home and home != state.state)


def _may_join(reading: Reading, name: Name, state: Name) -> bool:
    if name.kind == "state":  # 'Wyoming, Michigan, council' but not 'Oregon, Washington and Idaho'
        after = reading.words.keys[state.last + 1 : state.last + 4]
        city = any(word in vocabulary().cues or word in ("commission", "commissioners") for word in after)
        if name.label == "Washington":
            city = city or state.state == "DC"
        if city:
            name.rule = ""
        return city
    words, behind = reading.words, state.last + 1
    if state.label in ("New York", "Washington") and words.joined(behind) and words.caps[behind]:
        return behind in reading.body_starts  # 'Tribune, New York Daily News'
    return not (name.rule and name.state not in ("", state.state))


def _join_counties(reading: Reading, gaz: Gazetteer) -> None:
    """'Columbia and Umatilla counties', 'counties including Tarrant', 'County of Yolo', 'Morris Township'."""
    words = reading.words
    keys, caps = words.keys, words.caps
    for index, key in enumerate(keys):
        if key in _COUNTIES:
            _list_before(reading, gaz, index)
            _list_behind(reading, gaz, index)
    for name in reading.names:
        if name.kind != "place" or name.type:
            continue
        before = words.before(name.first)
        two_before = keys[name.first - 2] if name.first > 1 and before in ("of", "de") else ""
        following = words.behind(name.last)
        if two_before in ("county", "condado") and gaz.is_county(name.key):
            name.kind, name.type = "county", "county"
        elif following in ("township", "twp", "borough") and caps[name.last + 1]:
            name.type = _TYPE_WORDS[following]
            if name.last + 1 not in reading.body_starts:
                name.last += 1
                reading.covered[name.last] = name
        elif two_before:
            name.type = _TYPE_WORDS.get(two_before, "")


def _list_before(reading: Reading, gaz: Gazetteer, index: int) -> None:
    words, at, idle = reading.words, index - 1, 0
    while at >= 0 and idle < 6 and words.sentence[at] == words.sentence[index]:
        name = reading.covered.get(at)
        if name is not None and name.kind in ("place", "county") and not name.state and gaz.is_county(name.key):
            name.kind, name.type, name.bare = "county", "county", False
            at, idle = name.first - 1, 0
        elif name is not None and name.kind == "state":
            at = name.first - 1
        elif words.keys[at] in ("and", "or", "other", "y") or words.keys[at] in _NUMBERS or words.keys[at].isdigit():
            at, idle = at - 1, idle + 1
        else:
            return


def _list_behind(reading: Reading, gaz: Gazetteer, index: int) -> None:
    words, at = reading.words, index + 1
    if words.keys[at : at + 2] == ["such", "as"]:
        at += 2
    elif at < len(words.keys) and words.keys[at] in ("including", "like"):
        at += 1
    else:
        return
    while at < len(words.keys) and words.glue[at] in (" ", ", "):
        name = reading.covered.get(at)
        if name is not None and name.kind in ("place", "county") and not name.state and gaz.is_county(name.key):
            name.kind, name.type, name.bare = "county", "county", False
            at = name.last + 1
        elif words.keys[at] in ("and", "or"):
            at += 1
        else:
            return


# ------------------------------------------------------------------ bodies in the same noun phrase
def _bind_bodies(reading: Reading, vocab: Vocabulary) -> None:
    names = reading.names
    by_stop = {name.last: number for number, name in enumerate(names)}
    by_stop |= {name.phrase_last: number for number, name in enumerate(names) if name.phrase_last > 0}
    by_first = {name.first: number for number, name in enumerate(names)}
    reading.owners.clear()
    for name in names:
        name.bodies.clear()
    for index, (first, last) in enumerate(reading.body_words):
        body = reading.bodies[index]
        owner = _owner_before(reading, vocab, by_stop, first)
        if owner is None or not _may_own(names[owner], body):
            owner = _owner_behind(reading, by_first, body, last)
            if owner is not None and names[owner].kind == "state" and not _may_own(names[owner], body):
                owner = None
            if owner is not None and names[owner].kind == "state":
                owner = _place_behind(reading, by_first, owner, body)
        if owner is not None and _may_own(names[owner], body):
            names[owner].bodies.append(index)
            reading.owners[index] = owner


def _owner_before(reading: Reading, vocab: Vocabulary, by_stop: dict[int, int], first: int) -> int | None:
    words, at = reading.words, first - 1
    for _ in range(4):
        if at < 0 or words.sentence[at] != words.sentence[first]:
            return None
        between = words.glue[at + 1]
        owner = by_stop.get(at)
        if owner is not None:
            closed = reading.names[owner].phrase_last > 0 and between in (", ", ") ", "), ")
            return owner if closed or between in (" ", "' ", ". ", "-") else None
        if between not in (" ", "-", "' ") or words.keys[at] not in vocab.adjectives:
            return None
        at -= 1
    return None


def _owner_behind(reading: Reading, by_first: dict[int, int], body: Body, last: int) -> int | None:
    words, at = reading.words, last + 1
    if body.name in _PERSONS:
        limit = at + 3
        while at < min(limit, len(words.keys)) and words.caps[at] and words.glue[at] in (" ", ". "):
            at += 1
    if not words.joined(at) or words.keys[at] not in _LINKS:
        return None
    at += 1
    for _ in range(4):
        if not words.joined(at):
            return None
        if at in by_first:
            return by_first[at]
        if words.keys[at] not in _BETWEEN:
            return None
        at += 1
    return None


def _place_behind(reading: Reading, by_first: dict[int, int], owner: int, body: Body) -> int:
    """'Voters in Oregon's Columbia County': the county's, not the state's."""
    state = reading.names[owner]
    following = by_first.get(state.last + 1)
    if following is None or not reading.words.possessive[state.last] or not reading.words.joined(state.last + 1):
        return owner
    return following if _may_own(reading.names[following], body) else owner


def _may_own(name: Name, body: Body) -> bool:
    if name.kind == "place":
        return any(type_ in MUNICIPAL or type_ in ("county", "sheriff", "school_district") for type_ in body.types)
    if name.kind == "county":
        return not {"county", "sheriff", "school_district"}.isdisjoint(body.types)
    return name.kind in body.types


# ------------------------------------------------------------------ governments that no table lists
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

    for index, key in enumerate(keys):
        if key in ("township", "twp", "borough") and caps[index] and index and index not in taken:
            stop = index - 1 if index in reading.body_starts else index
            make(_run_start(reading, vocab, index), index - 1, _TYPE_WORDS[key], stop)
        if key in ("town", "village", "township", "borough") and words.behind(index) == "of":
            if words.joined(index + 2) and caps[index + 2]:
                last = _run_end(reading, vocab, index + 2)
                make(index + 2, last, _TYPE_WORDS[key], last)
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


# ------------------------------------------------------------------ what speaks for and against a place
def _weigh(reading: Reading, vocab: Vocabulary, gaz: Gazetteer) -> None:
    words = reading.words
    keys = words.keys
    people = _people(reading, vocab)
    listed = _lists(reading)
    for position, name in enumerate(reading.names):
        name.listed = position in listed
        name.locative = words.before(name.first) in vocab.locative and not words.caps[name.first - 1]
        following = words.keys[name.last + 1] if name.last + 1 < len(words.keys) else ""
        if following and words.glue[name.last + 1] not in (" ", "-", "' "):
            following = ""
        name.cue = following in vocab.cues
        if name.kind not in ("place", "county") or name.against not in ("", "part"):
            continue
        headline = words.title_case and words.in_title(name.first)
        if following and words.caps[name.last + 1] and not name.bodies and not name.phrase_last > 0:
            _weigh_behind(reading, vocab, name, following, headline)
        if name.known or name.against not in ("", "part"):
            continue
        single = name.first == name.last
        person = _is_person(reading, vocab, name, headline)
        if single and not person and name.bodies:
            _unbind(reading, name, keys[name.first] in people, name.key in vocab.words or name.key in vocab.organisations)
        if person or (single and keys[name.first] in people and not name.strong):
            name.against = "person"
        elif single and (name.key in vocab.words or name.key in vocab.organisations):
            name.against = "word"
        elif single and name.key in vocab.surnames:
            name.against = "surname"
        elif name.key in gaz.abroad:
            name.against = "abroad"


_GENERAL = frozenset(("Board", "Commission", "Committee", "President", "Superintendent"))
_OF_PEOPLE = _GENERAL | {"Council", "Board of Supervisors", "Board of County Commissioners", "City Council"}


def _unbind(reading: Reading, name: Name, is_person: bool, is_word: bool) -> None:
    """'Securities and Exchange Commission', 'Morrison's supervisor': such a body makes no place of a word or a person."""
    weak = _OF_PEOPLE if is_person else _GENERAL if is_word else frozenset()
    if weak and all(
        reading.bodies[index].name in weak and reading.body_words[index][0] == reading.body_words[index][1]
        for index in name.bodies
    ):
        for index in name.bodies:
            del reading.owners[index]
        name.bodies.clear()


def _weigh_behind(reading: Reading, vocab: Vocabulary, name: Name, following: str, headline: bool) -> None:
    """A capitalised word behind the name: a street's, a newspaper's, or one that makes another name of it."""
    words, behind = reading.words, name.last + 1
    if words.possessive[name.last] or words.glue[behind] != " ":
        return
    if following in vocab.streets:
        name.against = "street"
    elif following in vocab.organisations:
        name.against = "organisation"
    elif not headline and not name.known and name.first == name.last and not name.cue:
        if behind not in reading.covered and behind not in reading.body_starts and following not in vocab.modifiers:
            given = name.key in vocab.given or name.key in vocab.given_words or name.key in vocab.given_cities
            name.against = "person" if given else name.against or "part"


def _is_person(reading: Reading, vocab: Vocabulary, name: Name, headline: bool) -> bool:
    """A title, a given name or an initial stands right before the name; else notes that it is part of another name."""
    words, before = reading.words, name.first - 1
    if before < 0 or not words.caps[before] or words.sentence[before] != words.sentence[name.first]:
        return False
    if words.possessive[before] or words.glue[name.first] not in (" ", ". "):
        return False
    key = words.keys[before]
    neighbour = reading.covered.get(before)
    if neighbour is not None and neighbour.kind == "state":
        return False
    initial = len(words.raw[before]) == 1 and words.glue[name.first] == ". "
    given = key in vocab.given or (key in vocab.given_words and not headline)
    if initial or given or (key in vocab.titles and not (headline and name.last > name.first)):
        return True
    starts_sentence = before == 0 or words.sentence[before - 1] != words.sentence[before]
    if not headline and not starts_sentence and key not in vocab.modifiers and neighbour is None:
        name.against = name.against or "part"
    return False


def _people(reading: Reading, vocab: Vocabulary) -> set[str]:
    """Words that are part of a person's name somewhere in the text: behind a title or a given name."""
    words = reading.words
    keys, caps, glue = words.keys, words.caps, words.glue
    people: set[str] = set()
    for index, key in enumerate(keys):
        if not caps[index] or (key not in vocab.titles and key not in vocab.given):
            continue
        reach = 1 if words.title_case and words.in_title(index) else 3
        at = index + 1
        while at < len(keys) and at <= index + reach and caps[at] and glue[at] in (" ", ". "):
            people.add(keys[at])
            at += 1
    return people


def _lists(reading: Reading) -> set[int]:
    """Numbers of the names that stand in a list of three or more; notes those behind 'such as', 'including', 'like'."""
    keys, names = reading.words.keys, reading.names
    listed: set[int] = set()
    chain: list[int] = []
    for position, name in enumerate(names):
        name.example = name.example or keys[max(0, name.first - 2) : name.first] == ["such", "as"]
        name.example = name.example or (name.first > 0 and keys[name.first - 1] in _EXAMPLES)
        if chain and _follows_in_list(reading, names[chain[-1]], name):
            name.example = name.example or names[chain[-1]].example
            chain.append(position)
            if len(chain) == 3:
                listed.update(chain)
            elif len(chain) > 3:
                listed.add(position)
        else:
            chain = [position]
    return listed


def _follows_in_list(reading: Reading, one: Name, other: Name) -> bool:
    words, gap = reading.words, other.first - one.stop
    if gap not in (1, 2) or words.sentence[one.stop] != words.sentence[other.first]:
        return False
    if gap == 2:
        return words.keys[other.first - 1] in ("and", "or", "y") and words.glue[other.first] == " "
    return words.glue[other.first] == ", "
