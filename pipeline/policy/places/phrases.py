"""What stands beside a name in its noun phrase: a state, a county, a governing body."""

from __future__ import annotations

from pipeline import model
from pipeline.policy.places.gazetteer import Gazetteer, fold
from pipeline.policy.places.spans import Body, Name, Reading
from pipeline.policy.places.words import TYPE_WORDS, Vocabulary

_STATE_NAMED_CITIES = frozenset(
    ("Wyoming", "Oregon", "Delaware", "Indiana", "Nevada", "Virginia", "California", "Florida", "Washington")
)
"""States whose name is also a city's in another state that a vote may come from ('Wyoming, Michigan')."""
_COUNTIES = frozenset(("counties", "parishes"))
_NUMBERS = frozenset(("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "several"))
_LINKS = frozenset(("of", "in", "for", "from", "at", "de", "del"))
_BETWEEN = frozenset(("the", "city", "county", "of", "town", "village", "la", "de", "ciudad", "condado"))
"""Words that may stand between a body's 'of' and the place."""
_PERSONS = frozenset(("Mayor", "Governor", "Sheriff", "County Executive", "Attorney General"))
"""Bodies whose holder's name may stand behind them: 'Mayor Ana Ruiz of Salem'."""


# ------------------------------------------------------------------ states and counties beside a name
def join_states(reading: Reading, vocab: Vocabulary) -> None:
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
        if keys[after : after + 1] in (["township"], ["twp"], ["borough"]) and words.caps[after]:
            after += 1  # 'Roxbury Township, New Jersey'
        if after >= len(keys) or glue[after] not in (", ", " (", ","):
            continue
        follower = names[position] if position < len(names) and names[position].first == after else None
        abroad = keys[after] in vocab.foreign_places or " ".join(keys[after : after + 2]) in vocab.foreign_places
        if abroad and (follower is None or follower.kind != "state"):
            name.against, name.rule = "foreign", ""
            continue
        if follower is None:
            continue
        if name.label == "Washington" and follower.state == "DC":
            name.kind, name.key, name.state, name.phrase_last = "place", "washington", "DC", follower.last
            position += 1
            continue
        if follower.kind == "county" and not follower.bare and name.kind == "place":
            state = names[position + 1] if position + 1 < len(names) else None
            if state is not None and state.first == follower.last + 1 and _is_state_of(vocab, follower, state):
                name.state = state.state
            continue
        if _is_state_of(vocab, name, follower) and _may_join(reading, vocab, name, follower):
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


def _may_join(reading: Reading, vocab: Vocabulary, name: Name, state: Name) -> bool:
    if name.kind == "state":  # 'Wyoming, Michigan, council' but not 'Oregon, Washington and Idaho'
        after = reading.words.keys[state.last + 1 : state.last + 4]
        city = any(word in vocab.cues or word in ("commission", "commissioners") for word in after)
        if city:
            name.rule = ""
        return city
    words, behind = reading.words, state.last + 1
    if state.label in ("New York", "Washington") and words.joined(behind) and words.caps[behind]:
        return behind in reading.body_starts  # 'Tribune, New York Daily News'
    return not (name.rule and name.state not in ("", state.state))


def join_counties(reading: Reading, gaz: Gazetteer) -> None:
    """'Columbia and Umatilla counties', 'counties including Tarrant', 'County of Yolo', 'Morris Township'."""
    words = reading.words
    keys, caps = words.keys, words.caps
    for index in [index for index, key in enumerate(keys) if key in _COUNTIES]:
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
            name.type = TYPE_WORDS[following]
            if name.last + 1 not in reading.body_starts:
                name.last += 1
                reading.covered[name.last] = name
        elif two_before:
            name.type = TYPE_WORDS.get(two_before, "")


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
def bind_bodies(reading: Reading, vocab: Vocabulary) -> None:
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
    around = reading.covered.get(first)
    if around is not None and around.first < first:  # the 'County' of 'Cook County Board' is in both
        return by_stop.get(around.last)
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
        return any(
            type_ in model.MUNICIPAL or type_ in ("county", "sheriff", "school_district") for type_ in body.types
        )
    if name.kind == "county":
        return not {"county", "sheriff", "school_district"}.isdisjoint(body.types)
    return name.kind in body.types
