"""Which jurisdictions a text speaks of, and which of them it is about.

``find`` reads the names (``placenames``), decides in which state each lies (``placestates``, whose table says what each
rule means), gives each its type and its governing body, and weighs them: a name in the headline, in the lead, with its
governing body beside it or repeated is what the text is about; one in a list, in an outlet's name or behind a
preposition is in passing. Nothing here knows what was decided about whom: that is read by ``actions``.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from pipeline import model
from pipeline.policy.places import gazetteer as table
from pipeline.policy.places.gazetteer import fold
from pipeline.policy.places.labels import FEDERAL, parse_label, state_jurisdiction, zone
from pipeline.policy.places.mapping import Map, Mention, family
from pipeline.policy.places.names import read
from pipeline.policy.places.spans import Body, Name, Reading
from pipeline.policy.places.states import CLEAR_MARGIN, CONFIDENCE, NOT_A_UNIVERSITYS, Answer, States, answer
from pipeline.policy.places.words import vocabulary

__all__ = ["FEDERAL", "Body", "Map", "Mention", "bodies", "family", "find", "parse_label", "zone"]

MAX_CHARS = 60_000
"""The text beyond is not read: no account of a vote is longer."""


def bodies(text: str) -> tuple[Body, ...]:
    """The governing bodies named in ``text``, with the jurisdiction types they imply; offsets count within it."""
    return tuple(
        Body(body.start - 2, body.end - 2, body.name, body.types, body.states)  # two line feeds behind no headline
        for body in read("", text[:MAX_CHARS]).bodies
    )


def find(title: str, text: str, *, home: str = "", url: str = "", source: str = "") -> Map:
    """The places in an article.

    ``home`` is the outlet's place as a label ('' when unknown), ``url`` the article's address, ``source`` the
    outlet's name; they decide only where the text does not. A text that speaks of another country has no mentions.
    """
    known = parse_label(home)
    at_home = known or _home_of(source)
    reading = read(title, text[:MAX_CHARS], at_home)
    if _is_foreign(reading, url, source, known):
        return Map(
            bodies=tuple(reading.bodies),
            owners=(-1,) * len(reading.bodies),
            sentences=tuple(reading.words.sentence_starts),
        )
    return _Mapper(reading, at_home, url, _publisher(source, home)).map()


def _is_foreign(reading: Reading, url: str, source: str, home: model.Jurisdiction | None) -> bool:
    vocab, text = vocabulary(), reading.words.text
    ours = home.name if home is not None else ""
    foreign = int("£" in text)
    for said in (text, source):
        if any(phrase in said for phrase in vocab.foreign_phrases):  # rarely; that it is none costs little to see
            # But for Leeds, in the paper of Leeds, Alabama.
            foreign += sum(cue != ours for cue in vocab.foreign_cues.findall(said))
    host = url.split("/")[2] if url.count("/") >= 2 else ""
    foreign += host.endswith(vocab.foreign_domains)
    return bool(foreign) and foreign > len(vocab.home_cues.findall(text))


# ------------------------------------------------------------------ jurisdictions and what the text is about
@dataclass(slots=True)
class _Cluster:
    """What the text says about one jurisdiction."""

    jurisdiction: model.Jurisdiction
    weight: float = 0.0
    mentions: int = 0
    bound: int = 0
    in_title: bool = False
    only_modifies: bool = True
    """Every mention is a state that stands before another place's word ('Texas towns')."""
    first: Mention | None = None


_Identity = tuple[str, str, str]
_LEAD_BODIES = 40
"""Bodies looked at for the headline and lead; more stand there only where a page strings lists together."""


class _Mapper:
    """Makes the ``Map`` of one reading. ``publisher`` is the government that the outlet is."""

    def __init__(
        self, reading: Reading, home: model.Jurisdiction | None, url: str, publisher: model.Jurisdiction | None
    ) -> None:
        self.reading, self.words = reading, reading.words
        self.vocab, self.gaz = vocabulary(), table.gazetteer()
        self.home, self.publisher = home, publisher
        self.spoken_type = self._spoken_type()
        hint = publisher.type if publisher is not None else self.spoken_type
        self.states = States(reading, publisher or home, url, hint)
        self.types = self._types()
        self.townships = {(name.key, self.states.of(name).state) for name in reading.names if name.type == "township"}
        """Names and states that the text calls townships."""
        self.districts = {name.key: name for name in reversed(reading.names) if name.kind == "school_district"}
        """The first school district of each name."""

    def map(self) -> Map:
        mentions, numbers = self._mentions()
        clusters = self._weigh(mentions, numbers)
        main = self._main(clusters)
        index_of = {number: index for index, number in enumerate(numbers)}
        return Map(
            mentions=tuple(mentions),
            main=main.jurisdiction if main is not None else None,
            labels=_labels(clusters, main),
            state_of_text=self.states.best(),
            bodies=tuple(self.reading.bodies),
            owners=tuple(
                index_of.get(self.reading.owners.get(number, -1), -1) for number in range(len(self.reading.bodies))
            ),
            main_mention=main,
            sentences=tuple(self.words.sentence_starts),
            weights=tuple(clusters[_identity(mention.jurisdiction)].weight for mention in mentions),
            passing=tuple(self._in_passing(self.reading.names[number]) for number in numbers),
        )

    # -- types
    def _spoken_type(self) -> str:
        """'the village', 'township residents': the word the text uses for its municipality, where it is no city."""
        words = self.words
        counts = Counter(
            words.keys[index]
            for index in [index for index, key in enumerate(words.keys) if key in _SMALLER]
            if (words.before(index) in _DEFINITE or words.behind(index) in _OFFICIAL)
            and words.behind(index) not in ("hall", "meeting", "of")
        )
        return counts.most_common(1)[0][0] if counts else ""

    def _types(self) -> dict[tuple[str, str], model.JurisdictionType]:
        """Type of every municipality: phrase or body, the table, the text's own word for it, the state's default."""
        types: dict[tuple[str, str], model.JurisdictionType] = {}
        places = [group for group in self.states.groups.values() if group.kind == "place"]
        spoken = self.spoken_type if len(places) <= 3 else ""
        for group in places:
            for name in group.names:
                key = (group.key, self.states.of(name).state)
                bound = (self.reading.bodies[index].types[0] for index in name.bodies)
                said = name.type or next((type_ for type_ in bound if type_ in _NO_CITY), "")
                if said in _NO_CITY:
                    types[key] = said  # type: ignore[assignment]
                elif key not in types:
                    default = self.vocab.default_types.get(key[1], "city")
                    types[key] = self.vocab.types.get(key) or said or spoken or default  # type: ignore[assignment]
        return types

    # -- mentions
    def _mentions(self) -> tuple[list[Mention], list[int]]:
        """Mentions, and for each the number of its name."""
        mentions: list[Mention] = []
        numbers: list[int] = []
        for number, name in enumerate(self.reading.names):
            if name.kind == "agency" or name.against == "foreign" or (name.kind == "state" and name.against):
                continue
            if name.kind in ("place", "county") and not self.states.accepted(name):
                continue
            jurisdiction, decided = self._jurisdiction(name)
            body, span = "", (-1, -1)
            if name.bodies:
                bound = self.reading.bodies[name.bodies[0]]
                body, span = _body_name(bound, jurisdiction), (bound.start, bound.end)
            start, end = self.words.starts[name.first], self.words.ends[name.last]
            mentions.append(Mention(start, end, jurisdiction, decided.rule, decided.confidence, body, *span))
            numbers.append(number)
        return mentions, numbers

    def _jurisdiction(self, name: Name) -> tuple[model.Jurisdiction, Answer]:
        if name.kind == "state":
            return state_jurisdiction(name.state), answer(name.state, name.rule or "named")
        if name.kind == "federal":
            return FEDERAL, answer("US", "named")
        if name.kind == "tribal":
            gazetteer_id = f"tribe:{fold(name.label).replace(' ', '-')}"
            return model.Jurisdiction(name.label, "tribal", name.state, gazetteer_id), answer(name.state, "named")
        if name.kind in ("school_district", "university", "sheriff"):
            return self._institution(name)
        decided = self.states.of(name)
        bound = [self.reading.bodies[index] for index in name.bodies]
        if any(body.types[0] == "school_district" for body in bound):
            return self._district(name, decided)
        if name.kind == "county":
            return self._county(name, decided, bound), decided
        if any(body.types == ("sheriff",) for body in bound):
            return model.Jurisdiction(name.label, "sheriff", decided.state), decided
        return self._municipality(name, decided)

    def _municipality(self, name: Name, decided: Answer) -> tuple[model.Jurisdiction, Answer]:
        place = self.gaz.place(name.key, decided.state) if decided.state else None
        label = place.name if place else name.label
        township = (name.key, decided.state) in self.townships and not label.endswith("Township")
        if township and (place is None or decided.state != "NJ"):
            label, place = f"{label} Township", None  # news in New Jersey leaves the word out, elsewhere it does not
        type_ = self.types.get((name.key, decided.state), "city")
        if place is None and decided.rule == "only":
            decided = answer(decided.state, "pattern")
        return model.Jurisdiction(label, type_, decided.state, place.id if place else "unlisted"), decided

    def _county(self, name: Name, decided: Answer, bound: list[Body]) -> model.Jurisdiction:
        county = self.gaz.county(name.key, decided.state) if decided.state else None
        known = county or next(iter(self.gaz.counties(name.key)), None)
        type_: model.JurisdictionType = "sheriff" if bound and bound[0].types == ("sheriff",) else "county"
        label = known.name if known is not None else name.label
        return model.Jurisdiction(label, type_, decided.state, county.id if county is not None else "unlisted")

    def _district(self, name: Name, decided: Answer) -> tuple[model.Jurisdiction, Answer]:
        """'The Palo Alto school board': the district's own name where the text or a table has it."""
        if name.key in self.districts:
            return self._institution(self.districts[name.key])
        county = self.gaz.county(name.key, decided.state) if name.kind == "county" else None
        place = county.name if county is not None else name.label
        form = self.vocab.district_tradition.get(decided.state, "% School District")
        label = self.vocab.districts.get((fold(place), decided.state)) or form.replace("%", place)
        return model.Jurisdiction(label, "school_district", decided.state), decided

    def _institution(self, name: Name) -> tuple[model.Jurisdiction, Answer]:
        type_: model.JurisdictionType = name.kind  # type: ignore[assignment]
        if name.state:
            return model.Jurisdiction(name.label, type_, name.state), answer(name.state, name.rule or "state-in-phrase")
        for kind in ("place", "county"):
            group = self.states.groups.get((kind, name.key))
            if group is not None:
                decided = self.states.of(group.names[0])
                if type_ == "university" and decided.rule in NOT_A_UNIVERSITYS:
                    break
                return model.Jurisdiction(name.label, type_, decided.state), decided
        decided = self.states.choose(name, "place" if name.key in self.gaz else "county", name.key)
        return model.Jurisdiction(name.label, type_, decided.state), decided

    # -- weights
    def _weigh(self, mentions: list[Mention], numbers: list[int]) -> dict[_Identity, _Cluster]:
        clusters: dict[_Identity, _Cluster] = {}
        for mention, number in zip(mentions, numbers, strict=True):
            name = self.reading.names[number]
            cluster = clusters.setdefault(_identity(mention.jurisdiction), _Cluster(mention.jurisdiction))
            sentence = self.reading.sentence(name)
            modifies = self._only_modifies(name)
            cluster.weight += self._weight(mention, name, sentence, cluster, modifies)
            cluster.mentions += 1
            cluster.bound += bool(name.bodies)
            cluster.in_title = cluster.in_title or sentence == 0
            cluster.only_modifies = cluster.only_modifies and modifies
            if cluster.first is None or (mention.body and not cluster.first.body):
                cluster.first = mention
        self._credit_unbound(clusters)
        return clusters

    def _weight(self, mention: Mention, name: Name, sentence: int, cluster: _Cluster, modifies: bool) -> float:
        weight = 1.0 if not cluster.mentions else 0.5 if cluster.mentions < 6 else 0.0
        if sentence == 0 and not cluster.in_title:
            weight += 4.0
        if cluster.mentions < 3:
            weight += {1: 2.0, 2: 1.0}.get(sentence, 0.0)
        if name.bodies and cluster.bound < 3:
            weight += (1.0 if cluster.bound else 3.0) + (3.0 if sentence == 0 else 0.0)
        if mention.rule == "state-in-phrase" and not cluster.mentions:
            weight += 1.0
        if not name.bodies:
            weight *= 0.2 if name.example else 0.5 if name.listed else 1.0
        if self.words.raw[name.first].isupper() and sentence == 1 and self._opens_text(name):
            weight *= 0.4  # a dateline
        type_ = mention.jurisdiction.type
        if type_ == "state" and not name.bodies:
            return weight * (0.15 if modifies else 0.3 if self._is_its_law(name) else 0.5)
        if type_ == "federal":
            return weight * (0.5 if sentence < 2 else 0.25)
        if type_ in ("university", "sheriff"):
            return weight * (0.5 if sentence == 0 or name.bodies else 0.25)
        if name.against == "part" or ((name.locative or name.inside) and not name.strong):
            return weight * 0.6
        return weight

    def _opens_text(self, name: Name) -> bool:
        return name.first == 0 or self.words.sentence[name.first - 1] == 0

    def _only_modifies(self, name: Name) -> bool:
        """'Texas towns', 'Florida county declares', 'California's 2nd-largest county': another place is meant."""
        if name.kind != "state" or name.bodies:
            return False
        after = self.words.keys[name.last + 1 : name.last + 4]
        if not after or self.words.glue[name.last + 1] not in (" ", ". "):
            return False
        return after[0] in _MODIFIED or any(word in _MODIFIED_FAR for word in after[1:])

    def _in_passing(self, name: Name) -> bool:
        return (name.example and not name.bodies) or self._only_modifies(name)

    def _is_its_law(self, name: Name) -> bool:
        """'California's sanctuary law': the law is spoken of, the state does not act."""
        after = self.words.keys[name.last + 1 : name.last + 5]
        return any(word in ("law", "laws", "lawsuit", "suit") for word in after)

    def _credit_unbound(self, clusters: dict[_Identity, _Cluster]) -> None:
        """A body in headline or lead that stands alone speaks for the likeliest jurisdiction of its kind."""
        state = self.states.best()
        for number, body in enumerate(self.reading.bodies[:_LEAD_BODIES]):
            first, last = self.reading.body_words[number]
            if number in self.reading.owners or self.words.sentence[first] > 2:
                continue
            if body.name in ("Committee", "Voters", "Court"):
                continue
            families = {family(type_) for type_ in body.types}
            fitting = [c for c in clusters.values() if family(c.jurisdiction.type) in families]
            credit = 1.5
            if body.types[0] == "state":
                fitting = [c for c in fitting if c.jurisdiction.state == state] or fitting
                named = self.words.joined(last + 1) or self.words.glue[last + 1 : last + 2] == [". "]
                credit = 5.0 if body.name == "Governor" and named and self.words.caps[last + 1] else 3.0
            if fitting:
                max(fitting, key=lambda c: c.weight).weight += credit

    def _main(self, clusters: dict[_Identity, _Cluster]) -> Mention | None:
        if self.publisher is not None:
            own = next((c for c in clusters.values() if fold(c.jurisdiction.name) == fold(self.publisher.name)), None)
            if own is not None:
                own.weight += 3.0
        local = {c.jurisdiction.state for c in clusters.values() if c.jurisdiction.type not in ("state", "federal")}
        real = [
            cluster
            for cluster in clusters.values()
            if cluster.weight >= 0.4 and not (cluster.only_modifies and cluster.jurisdiction.state in local)
        ]
        if real:
            return max(real, key=lambda c: c.weight).first
        return self._main_unnamed()

    def _main_unnamed(self) -> Mention | None:
        """Whom a text without a place is about: its publisher, its law's place, its state, its outlet's city."""
        found: tuple[model.Jurisdiction | None, str] = (None, "unknown")
        kinds = [body.types[0] for body in self.reading.bodies]
        if self.publisher is not None:
            found = (self.publisher, "home")
        elif self.states.laws:
            found = (parse_label(self.states.laws[0]), "named-law")
        elif "state" in kinds and self.states.best():
            found = (parse_label(self.states.best()), "home")
        elif self.home is not None and any(family(kind) in (family(self.home.type), "sheriff") for kind in kinds):
            found = (self.home, "home")
        elif any(name.kind == "agency" for name in self.reading.names):
            found = (FEDERAL, "agency")
        jurisdiction, rule = found
        return Mention(0, 0, jurisdiction, rule, CONFIDENCE[rule] - 0.2) if jurisdiction is not None else None


_SMALLER = frozenset(("town", "village", "borough", "township"))
_NO_CITY = _SMALLER | {"municipality"}
_DEFINITE = frozenset(("the", "entire", "whole", "this", "welcoming"))
_OFFICIAL = frozenset(("limits", "officials", "residents", "leaders", "police", "employees", "code", "trustees"))
_MODIFIED = frozenset(
    """city cities county counties town towns village villages township townships capital community communities
    sheriff sheriffs school schools university church municipalities localities suburb suburbs""".split()  # noqa: SIM905
)
_MODIFIED_FAR = frozenset(("county", "counties", "town", "towns", "village", "capital", "suburb", "cities"))


def _identity(jurisdiction: model.Jurisdiction) -> _Identity:
    return fold(jurisdiction.name), family(jurisdiction.type), jurisdiction.state


def _labels(clusters: dict[_Identity, _Cluster], main: Mention | None) -> tuple[str, ...]:
    if main is None:
        return ()
    top = max((cluster.weight for cluster in clusters.values()), default=0.0)
    about = [main.jurisdiction]
    for cluster in sorted(clusters.values(), key=lambda c: -c.weight):
        often = cluster.in_title or cluster.bound or cluster.mentions > 1 or cluster.weight >= 0.6 * top
        if often and cluster.weight >= max(1.5, 0.3 * top):
            about.append(cluster.jurisdiction)
    local = [place.label for place in about if place.type not in ("state", "federal")]
    return tuple(dict.fromkeys([*local, *(place.state for place in about if place.state)]))


def _body_name(body: Body, jurisdiction: model.Jurisdiction) -> str:
    """The body as the jurisdiction calls it: a city's 'Council' is its City Council, a county's its County Council."""
    type_ = jurisdiction.type
    if body.name in ("City", "County"):  # its staff
        return ""
    if body.name in ("Council", "City Council") and type_ == "county":
        return "County Council"
    if body.name == "Council":
        named = {"town": "Town Council", "township": "Township Council", "borough": "Borough Council"}
        return named.get(type_, "City Council")
    if body.name == "Board":
        named = {"county": "County Board", "village": "Village Board", "town": "Town Board"}
        return named.get(type_, "School Board" if type_ == "school_district" else "Board")
    if body.name == "Commission":
        return "County Commission" if type_ == "county" else "City Commission"
    if body.name == "Board of Trustees" and type_ == "village":
        return "Village Board"
    if body.name == "Board of County Commissioners":
        if type_ in model.MUNICIPAL:
            return "City Commission"
        return "Commissioners Court" if jurisdiction.state == "TX" else body.name
    return body.name


# ------------------------------------------------------------------ the outlet
_GOVERNMENT = re.compile(
    r"(?:(?:City|Town|Village|Borough|Township|County) of [A-Z][\w.'-]*(?: [A-Z][\w.'-]*){0,3}"
    r"|(?:[A-Z][\w.'-]* ){1,3}(?:County|Parish)(?: Sheriff)?(?=$|[,(]| \())(?:, [A-Z][\w.]*)?"
)


@lru_cache(maxsize=4096)
def _home_of(source: str) -> model.Jurisdiction | None:
    """The place in an outlet's name ('Chicago Tribune', 'ACLU of Massachusetts'), or of a few without one."""
    if not source:
        return None
    vocab, gaz = vocabulary(), table.gazetteer()
    outlet = vocab.outlet_pattern.search(source)
    if outlet is not None:
        return parse_label(vocab.outlets[outlet.group()])
    names = [name for name in read("", source).names if name.kind in ("state", "place", "county")]
    if " State" not in source:  # the Post, the Times: their cities' papers are the nation's
        names = [name for name in names if name.label not in ("Washington", "New York")]
    for name in names:
        if name.state and name.state != "US":
            return parse_label(name.state if name.kind == "state" else f"{name.label}, {name.state}")
    for name in names:
        if name.key in vocab.words or name.key in vocab.surnames:
            continue
        ranked = gaz.places(name.key) if name.kind == "place" else gaz.counties(name.key)
        second = ranked[1].population if len(ranked) > 1 else 0
        if ranked and ranked[0].population >= max(30_000, CLEAR_MARGIN * second):
            return parse_label(f"{ranked[0].name}, {ranked[0].state}")
    return None


@lru_cache(maxsize=4096)
def _publisher(source: str, home: str) -> model.Jurisdiction | None:
    """The government that speaks through an outlet of that name ('City of Yakima', 'Suffolk County Sheriff'), in the
    state of its home where several have it."""
    match = _GOVERNMENT.match(source[:120])
    if match is None:
        return None
    main = find("", match.group() + ".", home=home).main
    return main if main is not None and main.type not in ("state", "federal") else None
