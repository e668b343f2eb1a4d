"""What speaks for and against a name's being a place: prepositions, lists, persons, newspapers, streets, words."""

from __future__ import annotations

from pipeline.policy.places.gazetteer import Gazetteer
from pipeline.policy.places.spans import Name, Reading
from pipeline.policy.places.words import Vocabulary, Words

_EXAMPLES = frozenset(("like", "including", "following", "alongside", "unlike"))
_GENERAL = frozenset(("Board", "Commission", "Committee", "President", "Superintendent"))
_OF_PEOPLE = _GENERAL | {"Council", "Board of Supervisors", "Board of County Commissioners", "City Council"}
"""Bodies that, named by one word alone, make no place of a word, or of a person's name."""


_OFFICES = frozenset({"the village", "the city", "the town", "the county", "the township", "the borough"})
"""'The Village Board' is somewhere else's board, though Oklahoma has a town of that name."""


def weigh(reading: Reading, vocab: Vocabulary, gaz: Gazetteer) -> None:
    """Notes on every name what speaks for it (preposition, cue, list) and against it (``Name.against``)."""
    words = reading.words
    keys = words.keys
    people = _people(reading, vocab)
    listed = _lists(reading)
    for position, name in enumerate(reading.names):
        name.listed = position in listed
        before = words.before(name.first) if name.first and not words.caps[name.first - 1] else ""
        name.locative, name.inside = before in vocab.locative, before in vocab.inside
        following = words.keys[name.last + 1] if name.last + 1 < len(words.keys) else ""
        if following and words.glue[name.last + 1] not in (" ", "-", "' "):
            following = ""
        name.cue = following in vocab.cues
        headline = words.title_case and words.in_title(name.first)
        if name.kind == "state" and following in vocab.organisations and words.caps[name.last + 1] and not name.bodies:
            name.against = "organisation"  # 'New York Times', 'Texas Tribune'
        if name.key == "washington" and name.kind == "state" and _is_person(reading, vocab, name, headline):
            name.against = "person"
        if name.key in _OFFICES:
            name.against = "word"
            continue
        if name.kind not in ("place", "county") or name.against not in ("", "part"):
            continue
        if following and words.caps[name.last + 1] and not name.bodies and not name.phrase_last > 0:
            _weigh_behind(reading, vocab, name, following, headline)
        if name.known or name.against not in ("", "part"):
            continue
        if not headline and not name.strong and _is_acronym(words, name):
            name.against = "organisation"
            continue
        single = name.first == name.last
        is_word = name.key in vocab.words or name.key in vocab.organisations
        person = _is_person(reading, vocab, name, headline)
        if single and not person and name.bodies:
            _unbind(reading, name, keys[name.first] in people, is_word)
        if person or (single and keys[name.first] in people and not name.strong):
            name.against = "person"
        elif single and is_word:
            name.against = "word"
        elif single and name.key in vocab.surnames:
            name.against = "surname"
        elif name.key in gaz.abroad:
            name.against = "abroad"


def _unbind(reading: Reading, name: Name, is_person: bool, is_word: bool) -> None:
    """'Securities and Exchange Commission', 'Morrison's supervisor': such a body makes no place of a word or person."""
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
    elif not (headline or name.known or name.cue or name.first < name.last or behind in reading.body_starts):
        neighbour = reading.covered.get(behind)
        given = name.key in vocab.given or name.key in vocab.given_words or name.key in vocab.given_cities
        if given and (neighbour is None or neighbour.first == neighbour.last) and following not in vocab.modifiers:
            name.against = "person" if neighbour is None or neighbour.kind != "state" else name.against
        elif neighbour is None and following not in vocab.modifiers:
            name.against = name.against or "part"


def _is_acronym(words: Words, name: Name) -> bool:
    """'BART' in running text; a dateline at the head of the text is none."""
    first = name.first
    opens = first == 0 or words.sentence[first - 1] == 0
    return words.raw[first].isupper() and words.sentence[first] > 0 and not (opens and words.sentence[first] == 1)


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
