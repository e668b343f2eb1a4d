"""Who is the subject, which finite verb asserts, where a clause begins: the little grammar that acts need.

It works on the tokens and tags of one sentence and knows function words only; the topic's words are tags.
"""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.policy import votes
from pipeline.policy.acts import ACTOR_TAGS, Actor, View
from pipeline.policy.sentences import Sentence

MANY = frozenset({"cities", "counties", "towns", "villages", "states", "localities", "municipalities", "communities",
                  "departments", "agencies", "districts", "universities"})  # fmt: skip
"""Subjects of a roundup: 'these and other cities have passed such laws' is nobody's action."""
REACH = 16
"""Tokens between a verb and its subject, at most."""
MANDATES = ("told", "directed", "authorized", "instructed", "ordered", "asked")
"""A body that told its attorney to sue has decided to sue."""
ASIDES = ("under", "after", "despite", "facing", "amid", "following", "responding", "bowing", "pressed", "citing")
"""What opens a stretch between commas that names somebody else than the subject."""
BREAKS = (";", ":", "\u2014", "?", "!")
MODALS = ("to", "will", "would", "could", "may", "should", "must", "can", "might")
LOCAL_NOUNS = frozenset({"city", "county", "town", "village", "township", "borough", "district", "parish"})


def governor_of(sentence: Sentence, first: int, kind: str = "") -> int:
    """The finite verb that asserts the base form at ``first``: 'voted 5-0 Tuesday to', 'agreed to'."""
    words = sentence.words
    if first == 0:
        return -1
    if words[first - 1] == "to" and kind == "sue":
        for hit_first, hit_last, _ in sentence.hits.get("DRAFTER", ()):
            if hit_last == first - 1:
                near = range(hit_first, max(-1, hit_first - 4), -1)
                told = next((index for index in near if words[index] in MANDATES), -1)
                if told >= 0:
                    return told
    for tag, forms in (("V:vote", ("s", "ed", "past")), ("VOTE_TO", None)):
        for hit_first, hit_last, form in reversed(sentence.hits.get(tag, [])):
            if hit_last > first or first - hit_last > 18:
                continue
            if forms and form not in forms and not (form == "ing" and participle(sentence, hit_first)):
                continue
            if preceded(sentence, hit_first, 2, MODALS) or words[hit_first - 1 : hit_first] == ["on"]:
                continue
            if _follows(sentence, hit_last, first):
                return hit_first
    for hit_first, hit_last, _ in reversed(sentence.hits.get("RESOLVED", [])):
        if _follows(sentence, hit_last - 1, first):
            return hit_first
    return -1


def _follows(sentence: Sentence, after: int, first: int) -> bool:
    """Whether the base form at ``first`` is what was voted: behind the first ``to`` after the vote, or joined to it."""
    words = sentence.words
    for index in range(after, first):
        if words[index] in (";", ":") or _votes_for(sentence, index, first):
            return False
        if words[index] == "on" and words[index + 1] in ("a", "an", "the", "its", "whether", "their"):
            return False  # "voted on a motion to repeal" decides nothing yet
        if words[index] == "to" and not (words[index + 1][:1].isdigit() or words[index + 1] in votes.NUMBER_WORDS):
            between = words[index + 1 : first]
            if len(between) <= 1 and not (between and between[0] == "have"):
                return True
            verb = any(
                hit == index + 1 for tag, hits in sentence.hits.items() if tag.startswith("V:") for hit, _, _ in hits
            )
            joint = words[first - 2] if words[first - 1] == "to" else words[first - 1]
            return verb and joint in ("and", "or", ",") and len(between) < 14
    return False


def _votes_for(sentence: Sentence, at: int, first: int) -> bool:
    """'voted 5-0 for an ordinance that lets people sue': what was voted for is the ordinance."""
    if sentence.words[at] != "for":
        return False
    named = (last for begin, last, _ in sentence.hits.get("INSTR", ()) if at < begin <= at + 4 and last < first)
    return any(sentence.words[last] in ("that", "which") for last in named)


def headline_plural(sentence: Sentence, first: int) -> bool:
    """'Supervisors approve', 'Trustees unanimously declare': the present tense of a headline's plural subject."""
    if sentence.index != 0:
        return False
    ends = [last for tag in ACTOR_TAGS for _, last, _ in sentence.hits.get(tag, ())]
    gap = min((first - last for last in ends if last <= first), default=9)
    before = sentence.words[first - gap - 1 : first - gap]
    adverb = all(word.endswith("ly") for word in sentence.words[first - gap : first])
    return gap <= 1 and adverb and bool(before) and before[0].endswith(("s", "men"))


def participle(sentence: Sentence, token: int) -> bool:
    """'Oneonta's council embraced the status Tuesday, unanimously passing a resolution', 'by adopting one': the clause
    behind a comma tells how the sentence's subject did it, when nothing before it lies ahead."""
    words, at = sentence.words, token - 1
    while at > 0 and words[at].endswith("ly"):
        at -= 1
    if at < 2 or words[at] not in (",", "by"):
        return False
    if any(first < token for tag in ("MODAL", "NEGATION") for first, _, _ in sentence.hits.get(tag, ())):
        return False
    return words[token + 1 : token + 2] != ["no"]


def second_verb(sentence: Sentence, token: int) -> bool:
    """'Gresham declares emergency, bars ICE from its lots': a headline's second verb has the first one's subject."""
    if sentence.index or token < 3 or sentence.words[token - 1] not in (",", "and"):
        return False
    return any(
        form == "s" and first < min(token - 1, 4)
        for tag, hits in sentence.hits.items() if tag.startswith("V:")
        for first, _, form in hits
    )  # fmt: skip


def preceded(sentence: Sentence, token: int, reach: int, words: tuple[str, ...]) -> bool:
    return any(word in words for word in sentence.words[max(0, token - reach) : token])


def actor_of(view: View, sentence: Sentence, governor: int, first: int, last: int, form: str) -> Actor:
    """The subject: the nearest actor or place to the left in the clause; ``by X`` behind a passive; else nobody."""
    words = sentence.words
    left = clause_start(sentence, governor)
    passive = form in ("ed", "pp", "past") and any(
        word in ("was", "were", "been", "being", "is", "are") for word in words[max(0, first - 3) : first]
    )
    best = Actor()
    if form in ("ed", "pp") and words[last : last + 1] == ["by"] and not _measure(words[last + 1 : last + 2]):
        agent = first_actor(view, sentence, last + 1, last + 9)  # of 'a bill on detainers, signed by the governor'
        if agent.tag:
            return agent
    if words[last - 1] == "law" and words[first].startswith(("becom", "becam")):
        return first_actor(view, sentence, last, last + 9)  # of 'became law with the governor's signature'
    if not passive:
        best = nearest_actor(view, sentence, left, _before_aside(sentence, left, governor))
    if words[last - 1] in ("from", "of") or words[last : last + 1] in (["from"], ["at"]):
        giver = first_actor(view, sentence, last, last + 9)  # of 'won support from the council'
        if giver.tag:
            return giver
    if passive or not best.tag:
        for index in range(last, min(len(words), last + 12)):
            if words[index] in ("by", "por"):
                agent = first_actor(view, sentence, index + 1, index + 9)
                if agent.tag:
                    return agent
                break
        if passive:
            return nearest_actor(view, sentence, left, governor)
    return best


def _before_aside(sentence: Sentence, left: int, governor: int) -> int:
    """Where the subject ends: before 'under pressure from the attorney general,' when that stands before the verb."""
    words = sentence.words
    if governor - 2 <= left or words[governor - 1] != ",":
        return governor
    opens = next((at for at in range(governor - 2, max(left, governor - 14), -1) if words[at] == ","), -1)
    aside = opens > left and words[opens + 1] in ASIDES
    return opens if aside else governor


def _measure(word: list[str]) -> bool:
    """Whether ``by`` gives a tally or a margin: 'approved by 5-2', 'by a vote of'."""
    return not word or word[0] in ("a", "an", "unanimous", "voice") or word[0][:1].isdigit()


def actor_at(sentence: Sentence, token: int) -> Actor | None:
    """The actor whose words begin at ``token``."""
    for tag in ACTOR_TAGS:
        for first, last, name in sentence.hits.get(tag, ()):
            if first == token:
                return Actor(tag, name, first, last)
    return None


def nearest_actor(view: View, sentence: Sentence, left: int, right: int) -> Actor:
    best = Actor()
    for actor in _actors(view, sentence):
        if not (left <= actor.first and actor.last <= right and right - actor.last < REACH + 4):
            continue
        if actor.last > best.last or (actor.last == best.last and actor.first < best.first):
            best = actor
    place = Actor()
    for first, last in view.places.get(sentence.index, ()):
        if left <= first and last <= right and right - last < REACH and last > place.last:
            place = Actor("PLACE", "", first, last)
    for index in range(right - 1, max(left, right - 4, best.last, place.last) - 1, -1):
        if sentence.words[index] in MANY:
            return Actor("NOBODY", "", index, index + 1)
    if place.tag and not best.tag and sentence.words[place.first - 1] in ("in", "across"):
        for index in range(place.first - 2, max(left - 1, place.first - 6), -1):
            if sentence.words[index] in MANY:
                return Actor("NOBODY", "", index, index + 1)
    if not best.tag and not place.tag:
        for index in range(right - 1, max(left, right - 5) - 1, -1):
            if sentence.words[index] in LOCAL_NOUNS:
                return Actor("PLACE", "", index, index + 1)
    if not best.tag:
        return place
    # "the council in Washington voted": a body beats the place behind it, unless it stands far off.
    if place.tag and place.first > best.last + 6 and right - place.last <= 2 and best.tag != "COMMITTEE":
        return place
    return best


def _actors(view: View, sentence: Sentence) -> Iterator[Actor]:
    """All of a sentence but words that are a place's here: no union acts in 'the city of Union', no church in 'Falls
    Church'."""
    places = view.places.get(sentence.index, ())
    for tag in ACTOR_TAGS:
        for first, last, name in sentence.hits.get(tag, ()):
            if tag != "NOBODY" or not any(begins <= first and last <= ends for begins, ends in places):
                yield Actor(tag, name, first, last)


def first_actor(view: View, sentence: Sentence, left: int, right: int) -> Actor:
    """The first actor that begins between two tokens, else the first place; ICE is what acts are about."""
    found = [actor for actor in _actors(view, sentence) if left <= actor.first < right and actor.name != "ICE"]
    if found:
        return min(found, key=lambda actor: actor.first)
    for first, last in view.places.get(sentence.index, ()):
        if left <= first < right:
            return Actor("PLACE", "", first, last)
    return Actor()


def clause_start(sentence: Sentence, token: int) -> int:
    words = sentence.words
    for index in range(token - 1, -1, -1):
        if words[index] in BREAKS and index + 1 < token:
            return index + 1
    return 0


def window(sentence: Sentence, token: int) -> int:
    """First token of the verb's own clause: behind the last ``that``, ``which``, ``after``, ``;`` …"""
    words = sentence.words
    stops = {last for _, last, _ in sentence.hits.get("SUBORDINATE", ())}
    for index in range(token, 0, -1):
        if index in stops and index <= token and token - index < 40:
            return index
        if words[index - 1] in BREAKS:
            return index
    return 0
