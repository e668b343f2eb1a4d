"""Which state each name lies in: the order of evidence of docs/domain.md, and which names are places at all.

=================  =====================================================================================  ==========
rule               evidence                                                                               confidence
=================  =====================================================================================  ==========
named              the name leaves no choice: a state, a tribe, 'NYC', the federal government             .98
agency             an agency of one place: LAPD, LAUSD                                                    .95
state-in-phrase    a state in the same noun phrase: 'Oak Park, Illinois', 'the Cook County Board in ...'  .98
dateline           the dateline names it with its state                                                   .97
stand-alone        one of the cities that news writes without a state, not overruled above                .95
headline-state     the headline names exactly one of the states that have it                              .92
county-of          its county (or a city of the county) is named, and that one's state is known           .92
named-law          the text names a law of one of the states that have it                                 .90
only               the gazetteer knows it in one state only                                               .90
frequent-state     the state named most and nearest, counting other places of the text                    .85
home               the outlet's home, or a section of the article's address                               .75
body               its kind of governing body exists in one of the candidate states only                  .80
population         at least three times as many people as the next one                                    .60-.85
pattern            in no table: known by its type word or body, the state from the context                .60
unknown            nothing decides: the state is said to be ''                                            .30
=================  =====================================================================================  ==========
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field

from pipeline import model
from pipeline.policy.places.gazetteer import County, Place, base_name, fold, gazetteer, kilometres
from pipeline.policy.places.names import A_TOWN
from pipeline.policy.places.spans import Name, Reading
from pipeline.policy.places.words import vocabulary

CLEAR_MARGIN = 3.0
"""The largest place of a name must be this many times the next to be meant without any context."""
COUNTY_MARGIN = 5.0
"""The same for counties, whose population here is only a lower bound."""
_FEW = 300
"""Inhabitants a place is taken to have when the gazetteer does not say."""
_ENOUGH = 200
"""Pieces of evidence after which more change nothing: a page of lists."""
_TWIN_KM, _NEAR_KM = 60.0, 80.0
"""How near to the outlet a small namesake of a big city must lie to be meant."""

CONFIDENCE = {
    "named": 0.98, "agency": 0.95, "state-in-phrase": 0.98, "dateline": 0.97, "stand-alone": 0.95,
    "headline-state": 0.92, "county-of": 0.92, "named-law": 0.9, "only": 0.9, "body": 0.8, "frequent-state": 0.85,
    "home": 0.75, "population": 0.75, "pattern": 0.6, "unknown": 0.3,
}  # fmt: skip

_CONSOLIDATED = frozenset(
    (("san francisco", "CA"), ("denver", "CO"), ("philadelphia", "PA"), ("honolulu", "HI"), ("new orleans", "LA"))
)
"""Cities that are their own county: 'supervisors' and 'sheriff' there are the city's."""
_STATE_CAPITAL_WORDS = frozenset(("albany", "hochul", "cuomo", "statewide", "legislature"))
_FEDERAL_WORDS = frozenset(("trump", "congress", "federal", "homeland", "president", "pentagon"))
_DATELINE = re.compile(r"([A-Z][A-Z .'-]{2,30}[A-Z.])(?:, ([A-Z][A-Za-z. ]{1,14}))? ?(?:\([^()\n]{2,30}\) ?)?-")


NOT_A_UNIVERSITYS = frozenset({"population", "only", "pattern", "body"})
"""Rules that tell where a town of some name is; a university of that name may be a person's."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The state of a name ('' when unknown) and the rule that gave it."""

    state: str
    rule: str
    confidence: float


def answer(state: str, rule: str) -> Answer:
    return Answer(state, rule, CONFIDENCE[rule])


@dataclass(slots=True)
class Group:
    """All mentions of one name, as a place or as a county."""

    kind: str
    key: str
    names: list[Name] = field(default_factory=list)
    candidates: tuple[Place | County, ...] = ()

    @property
    def states(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(candidate.state for candidate in self.candidates))

    @property
    def largest(self) -> int:
        return max((candidate.population for candidate in self.candidates), default=0)


class States:
    """Decides the names of one reading. ``home`` is the outlet's place, ``url`` the article's address."""

    def __init__(self, reading: Reading, home: model.Jurisdiction | None, url: str, hint: str = "") -> None:
        self.reading, self.home, self.url, self.hint = reading, home, url, hint
        self.vocab, self.gaz = vocabulary(), gazetteer()
        self.keys = frozenset(reading.words.keys)
        self.laws = self._laws()
        self._named_states = {name.state for name in reading.names if name.state}
        self.groups = self._groups()
        self.evidence: list[tuple[str, int, float]] = []
        """State, sentence, weight."""
        self.title_states: dict[str, float] = defaultdict(float)
        self.answers: dict[int, Answer] = {}
        """By ``id`` of the name."""
        self._counties: set[str] = set()
        self._gather()
        self._settle_new_york_and_washington()
        self._resolve()

    def of(self, name: Name) -> Answer:
        """What was decided for a name."""
        found = self.answers.get(id(name))
        return found or answer(name.state, (name.rule or "state-in-phrase") if name.state else "unknown")

    def accepted(self, name: Name) -> bool:
        """Whether a place or county is taken to be one."""
        return id(name) in self.answers

    def best(self) -> str:
        """The state that most of the evidence speaks for, the headline's twice; '' without any."""
        weight: dict[str, float] = defaultdict(float)
        for state, where, strength in self.evidence:
            weight[state] += strength * (2.0 if where == 0 else 1.0)
        for found in {id(a): a for a in self.answers.values()}.values():
            if found.state and found.confidence >= CONFIDENCE["pattern"]:
                weight[found.state] += 0.5
        if self.home is not None and self.home.state not in ("", "US"):
            weight[self.home.state] += 0.4
        return max(weight, key=lambda state: weight[state]) if weight else ""

    def choose(self, name: Name, kind: str, key: str) -> Answer:
        """The state of a name that is no place itself but lies in one: a school district, a university."""
        candidates: tuple[Place | County, ...] = self.gaz.places(key) if kind == "place" else self.gaz.counties(key)
        decided = self._choose(Group(kind, key, [name], candidates))
        if name.kind == "university" and decided.rule in NOT_A_UNIVERSITYS:
            return answer("", "unknown")  # its name need not be its place's
        return decided

    # -- what there is
    def _laws(self) -> list[str]:
        """Places whose laws the text names."""
        text = self.reading.words.text.lower()
        return [
            place
            for phrases, place in self.vocab.laws
            if phrases[0] in text and all(_has(text, phrase) for phrase in phrases)
        ]

    @property
    def law_states(self) -> frozenset[str]:
        return frozenset(place.rpartition(", ")[2] for place in self.laws)

    def _groups(self) -> dict[tuple[str, str], Group]:
        groups: dict[tuple[str, str], Group] = {}
        named = {name.key for name in self.reading.names if name.kind == "county" and not name.bare}
        for name in self.reading.names:
            if name.kind in ("place", "county"):
                if name.kind == "place" and self._is_the_countys(name, named):
                    name.kind = "county"
                group = groups.setdefault((name.kind, name.key), Group(name.kind, name.key))
                group.names.append(name)
        for group in groups.values():
            find = self.gaz.places if group.kind == "place" else self.gaz.counties
            group.candidates = find(group.key)
            strong = any(name.strong and name.against not in ("person", "foreign") for name in group.names)
            strong = strong or (group.kind == "county" and group.key in named)
            group.names = [name for name in group.names if self._accepts(name, group, strong)]
        return {key: group for key, group in groups.items() if group.names}

    def _is_the_countys(self, name: Name, named: set[str]) -> bool:
        """'San Diego supervisors' are the county's, 'the Essex commissioners' when the text names the county."""
        bound = [self.reading.bodies[index] for index in name.bodies]
        if not bound or name.type in model.MUNICIPAL or not self.gaz.is_county(name.key):
            return False
        if name.state and self.gaz.county(name.key, name.state) is None:
            return False
        first = next(iter(self.gaz.places(name.key)), None)
        if (name.key, name.state or (first.state if first else "")) in _CONSOLIDATED:
            return False
        if any(body.types[0] in model.MUNICIPAL for body in bound):
            return False
        only = any(body.types in (("county",), ("sheriff",)) for body in bound)
        says = not self.keys.isdisjoint(("county", "counties", "county's"))
        return only or (any(body.types[0] == "county" for body in bound) and (name.key in named or says))

    def _accepts(self, name: Name, group: Group, strong: bool) -> bool:
        """Whether a name is a place: what stands beside it, else its size and what speaks against it."""
        if name.against in ("foreign", "street", "organisation"):
            return False
        if name.against == "person":
            return bool(name.state or name.type)
        if name.strong or strong:
            return True
        several_words = name.last > name.first
        if group.kind == "county":
            if not name.bare:
                return True
            if name.against:
                return False
            counties = not self.keys.isdisjoint(("county", "counties", "sheriff", "sheriffs", "parish"))
            return counties and (name.cue or name.locative or name.listed or name.example or len(group.candidates) == 1)
        if name.against == "abroad" and name.cue and self.home is not None:
            return self.home.state in group.states  # 'Kingston lawmakers', in a paper of New York
        if name.against in ("word", "abroad"):
            return False
        if name.against == "surname":
            return name.inside and group.largest >= 15_000
        if name.against == "part":
            return group.largest >= (50_000 if several_words else 250_000)
        if name.cue:
            return group.largest > 0
        if name.inside:
            return group.largest > 1_000
        if name.locative:
            here = not self._named_states.isdisjoint(group.states)
            return group.largest >= (1 if here else 15_000)
        if self.reading.words.in_title(name.first):
            return group.largest >= 15_000 or (several_words and group.largest > 0)
        return group.largest >= (5_000 if several_words else 50_000)

    # -- evidence of states
    def _note(self, state: str, sentence: int, weight: float) -> None:
        if state and state != "US" and len(self.evidence) < _ENOUGH:
            self.evidence.append((state, sentence, weight))
            if sentence == 0:
                self.title_states[state] += weight

    def _gather(self) -> None:
        for name in self.reading.names:
            sentence = self.reading.sentence(name)
            ambiguous = name.kind == "state" and name.label in ("Washington", "New York")
            if ambiguous and (name.against or not self._is_plain_state(name)):
                continue
            if name.against in ("foreign", "person"):
                continue
            if name.state:
                self._note(name.state, sentence, 0.4 if name.against == "organisation" else 1.0)
            elif name.kind == "place" and name.against in ("", "part") and name.key in self.vocab.stand_alone:
                self._note(self.vocab.stand_alone[name.key], sentence, 0.8)
        for state in self.law_states:
            self._note(state, 1, 1.5)
        for group in self.groups.values():
            plain = [n for n in group.names if not n.state and n.against == ""]
            if len(group.states) == 1 and group.largest >= 20_000 and plain:
                self._note(group.states[0], self.reading.sentence(plain[0]), 0.7)

    def _is_plain_state(self, name: Name) -> bool:
        """'New York's Assembly', 'Washington Gov.', 'N.Y.', 'Washington state'."""
        words = self.reading.words
        if words.written(name.first, name.last) not in (name.label, name.label.upper()):
            return True
        if any("state" in self.reading.bodies[index].types for index in name.bodies):
            return True
        following = words.keys[name.last + 1 : name.last + 4]
        return bool(following) and (following[0] == "state" or not {"gov", "governor"}.isdisjoint(following))

    def _settle_new_york_and_washington(self) -> None:
        """The two names that are a state's and a city's, where nothing beside them says which."""
        seen = {state for state, _, _ in self.evidence}
        home = self.home or model.Jurisdiction("", "city", "")
        for name in self.reading.names:
            if name.kind != "state" or name.label not in ("Washington", "New York"):
                continue
            if name.against or self._is_plain_state(name):
                continue
            if name.label == "New York":
                city = home.name == "New York City" or any(n.label == "New York City" for n in self.reading.names)
                if (city and self.keys.isdisjoint(_STATE_CAPITAL_WORDS)) or self._is_dateline(name):
                    name.kind, name.key, name.label = "place", "new york city", "New York City"
                    self.answers[id(name)] = answer("NY", "frequent-state")
            elif self._is_dateline(name):
                name.against = "part"
                continue
            elif "WA" not in seen and home.state != "WA":
                federal = not self.keys.isdisjoint(_FEDERAL_WORDS)
                if name.inside or federal or home.state == "DC":
                    name.against = "part"  # the capital as a name for the government in it
                    continue
            self._note(name.state, self.reading.sentence(name), 1.0)

    def _is_dateline(self, name: Name) -> bool:
        """'WASHINGTON (AP) - ...'"""
        words = self.reading.words
        begins = name.first == 0 or words.sentence[name.first - 1] == 0
        return begins and words.sentence[name.first] == 1 and words.raw[name.first].isupper()

    # -- deciding
    def _resolve(self) -> None:
        open_groups = [group for group in self.groups.values() if not self._from_phrase(group)]
        for group in self.groups.values():
            if group.kind == "county":
                self._note_counties(group)
        for group in sorted(open_groups, key=lambda group: group.kind == "place"):
            decided = self._choose(group)
            for name in group.names:
                self.answers.setdefault(id(name), decided)
            if group.kind == "county":
                self._note_counties(group)

    def _note_counties(self, group: Group) -> None:
        for name in group.names:
            found = self.answers.get(id(name))
            county = self.gaz.county(group.key, found.state) if found is not None and found.state else None
            if county is not None:
                self._counties.add(county.fips)

    def _from_phrase(self, group: Group) -> bool:
        """Rules 'named', 'agency' and 'state-in-phrase'; whether they decide the whole group."""
        said: dict[str, str] = {}
        for name in group.names:
            name.state = name.state or self._state_around(name, group)
            if name.state:
                said.setdefault(name.state, name.rule or "state-in-phrase")
        if not said:
            return False
        latest = next(iter(said))
        for name in group.names:
            latest = name.state or latest
            self.answers[id(name)] = answer(latest, said[latest])
        return True

    def _state_around(self, name: Name, group: Group) -> str:
        """'The Effingham County Board in Illinois', 'Oregon's Columbia County'."""
        reading, words = self.reading, self.reading.words
        last = max([name.stop, *(reading.body_words[index][1] for index in name.bodies)])
        if words.behind(last) in ("in", "of"):
            state = reading.covered.get(last + 2)
            if state is not None and state.kind == "state":
                unlisted = bool(name.type or name.bodies) and state.state in self.vocab.small_government_states
                return state.state if unlisted or state.state in group.states else ""
        state = reading.covered.get(name.first - 1)
        if state is None or state.kind != "state" or state.state not in group.states or not words.joined(name.first):
            return ""
        return state.state if words.possessive[state.last] or group.kind == "county" else ""

    def _choose(self, group: Group) -> Answer:
        allowed = self._allowed(group)
        stated = self._from_dateline(group)
        if stated is not None:
            return stated
        stand_alone = self.vocab.stand_alone.get(group.key, "") if group.kind == "place" else ""
        if stand_alone:
            twin = self._twin_at_home(group, stand_alone)
            return answer(twin, "home") if twin else answer(stand_alone, "stand-alone")
        insisted = self._elsewhere(group)
        if insisted or not group.states:
            state = insisted or self._nearest_state(group, tuple(self.gaz.states))
            if not state and self.home is not None and self.home.state != "US":
                state = self.home.state
            return answer(state, "pattern" if state else "unknown")
        titled = [state for state in allowed if self.title_states.get(state)]
        if len(titled) == 1:
            return answer(titled[0], "headline-state")
        county = self._from_county(group, allowed)
        if county:
            return answer(county, "county-of")
        laws = self.law_states & set(allowed)
        if len(laws) == 1:
            return answer(next(iter(laws)), "named-law")
        if len(group.states) == 1:
            return answer(group.states[0], "only")
        frequent = self._nearest_state(group, allowed)
        if frequent:
            return answer(frequent, "frequent-state")
        at_home = self._from_home(group, allowed)
        if at_home:
            return answer(at_home, "home")
        if len(allowed) == 1:
            return answer(allowed[0], "body")
        return self._from_population(group, allowed)

    def _allowed(self, group: Group) -> tuple[str, ...]:
        """The candidate states that have the kind of body, or of government, that the text gives the place."""
        allowed = group.states
        village = self.hint == "village"
        if len(self.groups) == 1 and not any(name.bodies for name in group.names):
            for body in self.reading.bodies[:_ENOUGH]:  # the only place of the text: its body may stand apart
                allowed = tuple(state for state in allowed if not body.states or state in body.states) or allowed
        for name in group.names:
            # Of what kind of town its trustees are, the board of a district or a university does not tell.
            for index in name.bodies if name.kind in ("place", "county") else ():
                body = self.reading.bodies[index]
                allowed = tuple(state for state in allowed if not body.states or state in body.states) or allowed
                village = village or body.types[0] == "village"
            village = village or name.type == "village"
        if village and group.kind == "place":
            listed = tuple(state for state in allowed if self.vocab.types.get((group.key, state)) == "village")
            allowed = listed or tuple(s for s in allowed if s in self.vocab.village_states) or allowed
        return allowed

    def _from_dateline(self, group: Group) -> Answer | None:
        words = self.reading.words
        match = _DATELINE.match(words.text, words.title_end + 2)
        if match is None or match.group(2) is None or fold(match.group(1)) != group.key:
            return None
        key = fold(match.group(2))
        state = self.vocab.abbreviations.get(key) or self.gaz.state_codes.get(key, "")
        return answer(state, "dateline") if state else None

    def _twin_at_home(self, group: Group, stand_alone: str) -> str:
        """State of a small town near the outlet with a great city's name ('Boston', N.Y., in a Buffalo paper)."""
        if self.home is None or self.home.state == stand_alone:
            return ""
        twin = next((c for c in group.candidates if c.state == self.home.state), None)
        outlet = self.gaz.place(fold(self.home.name), self.home.state)
        bound = any(name.bodies or name.type for name in group.names)
        near = twin is not None and outlet is not None and kilometres(twin, outlet) < _TWIN_KM
        return self.home.state if bound and near else ""

    def _elsewhere(self, group: Group) -> str:
        """A state that headline or law insist on although no such place is listed there: its towns mostly are not."""
        if group.kind != "place" or group.largest >= 30_000:
            return ""
        if not any(name.type or name.bodies for name in group.names):
            return ""
        insisted = [*self.title_states, *sorted(self.law_states)]
        if any(state in group.states for state in insisted):
            return ""
        return next((state for state in insisted if state in self.vocab.small_government_states), "")

    def _from_county(self, group: Group, allowed: tuple[str, ...]) -> str:
        """A city by its county, a county by its cities."""
        found: set[str] = set()
        if group.kind == "place":
            found = {c.state for c in group.candidates if isinstance(c, Place) and c.county in self._counties}
        else:
            fips = {c.fips: c.state for c in group.candidates if isinstance(c, County)}
            for other in self.groups.values():
                if other.kind != "place" or other.key == group.key:
                    continue
                decided = self.answers.get(id(other.names[0]))
                sure = decided.state if decided is not None else self.vocab.stand_alone.get(other.key, "")
                place = self.gaz.place(other.key, sure) if sure else None
                if place is not None and place.county in fips:
                    found.add(place.state)
        found &= set(allowed)
        return found.pop() if len(found) == 1 else ""

    def _nearest_state(self, group: Group, allowed: tuple[str, ...]) -> str:
        """The state with the most evidence, nearness counted; '' when none has twice the next."""
        places = sorted({self.reading.sentence(name) for name in group.names})[:4]
        weight: dict[str, float] = defaultdict(float)
        for state, where, strength in self.evidence:
            if state in allowed:
                distance = min(abs(where - place) for place in places)
                weight[state] += strength / (1 + 0.15 * min(distance, 20))
        ranked = sorted(weight.items(), key=lambda item: -item[1])
        if not ranked or (len(ranked) > 1 and ranked[0][1] < 2 * ranked[1][1]):
            return ""
        return ranked[0][0]

    def _from_home(self, group: Group, allowed: tuple[str, ...]) -> str:
        path = f"/{self.url.partition('://')[2].partition('/')[2].lower()}/"
        sections = [state for state in allowed if self._is_section(state, path)]
        if len(sections) == 1:
            return sections[0]
        if self.home is None or self.home.state not in allowed:
            return ""
        if (self.home.type == "county") == (group.kind == "county") and base_name(self.home.name) == group.key:
            return self.home.state  # its own name, however many greater ones there are
        here = next(c for c in group.candidates if c.state == self.home.state)
        largest = max(group.candidates, key=lambda c: c.population)
        bound = any(name.bodies or name.type for name in group.names)
        if bound and here.population >= A_TOWN:
            return self.home.state  # papers say the state of another one, unless its name stands alone
        if largest.population > max(100_000, 20 * max(here.population, 500)):
            outlet = self.gaz.place(fold(self.home.name), self.home.state)
            return self.home.state if outlet is not None and kilometres(outlet, here) < _NEAR_KM else ""
        return self.home.state

    def _is_section(self, state: str, path: str) -> bool:
        """'/us/az/phoenix/', '/nj/', '/illinois/oakpark/'; '/la/' and '/in/' alone say nothing."""
        name = self.gaz.states[state].name.lower().replace(" ", "-")
        code = f"/{state.lower()}/"
        return f"/{name}/" in path or f"/us{code}" in path or (code in path and state not in self.vocab.postal_words)

    def _from_population(self, group: Group, allowed: tuple[str, ...]) -> Answer:
        by_state: dict[str, int] = {}
        for candidate in sorted(group.candidates, key=lambda c: -c.population):
            if candidate.state in allowed:
                by_state.setdefault(candidate.state, candidate.population)
        (state, first), (_, second) = list(by_state.items())[:2]
        margin = first / max(second, _FEW)
        if margin < (CLEAR_MARGIN if group.kind == "place" else COUNTY_MARGIN):
            return answer("", "unknown")
        return Answer(state, "population", 0.85 if margin >= 10 else 0.75 if margin >= 5 else 0.6)


def _has(text: str, phrase: str) -> bool:
    """Whether a phrase stands in the text with word ends around it."""
    at = text.find(phrase)
    while at >= 0:
        end = at + len(phrase)
        if (at == 0 or not text[at - 1].isalnum()) and (end == len(text) or not text[end].isalnum()):
            return True
        at = text.find(phrase, at + 1)
    return False
