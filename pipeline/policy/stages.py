"""Who did what: the acts that a sentence asserts, and those it only plans, denies or remembers.

An act is an actor (a council, a governor, voters, a court) with a verb of ``actions.toml`` and an object of the topic.
The verb's form says how it is told (``approves``, ``has approved``, ``voted 7-2 to approve``); vetoes turn a candidate
down: modality, future, condition, negation, the past of another story, a verb that only qualifies a noun.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pipeline.model import Check
from pipeline.policy import dates, direction, identifiers, relevance, votes
from pipeline.policy.lexicon import Lexicon
from pipeline.policy.sentences import Sentence

VETOES = ("modal", "future", "condition", "negation", "background", "subordinate")
ACTOR_TAGS = (
    "BODY", "STATEBODY", "CHAMBER", "COMMITTEE", "GOVERNOR", "MAYOR", "OFFICER", "VOTERS", "COURT", "FEDERAL", "NOBODY",
)  # fmt: skip
OBJECT_TAGS = ("SANC", "SANC_WEAK", "ANTISANC", "WELCOME", "LAW", "INSTR", "G287", "ANAPHOR", "CONTRACT", "SANC_WORD")
PRONOUNS = frozenset({"it", "they", "he", "she", "which", "who"})
LOCAL_NOUNS = frozenset({"city", "county", "town", "village", "township", "borough", "district", "parish"})
REACH = 16
"""Tokens between a verb and its subject, at most."""


@dataclass(slots=True)
class Actor:
    """Who acts: the tag and canonical name of the word that names it, or a place ('PLACE'), or nobody ('')."""

    tag: str = ""
    name: str = ""
    first: int = -1
    last: int = -1


@dataclass(slots=True)
class Act:
    """One act as one sentence tells it."""

    sentence: Sentence
    kind: str
    """The verb's class in ``actions.toml``."""
    first: int
    last: int
    """Tokens of the verb."""
    governor: int
    """Token of the finite verb: of 'voted' in 'voted 5-2 to repeal'."""
    actor: Actor
    rules: list[str] = field(default_factory=list)
    by_vote: bool = False
    own_topic: bool = False
    """The sentence itself speaks of the topic; else it is the object that points back."""
    scope: tuple[int, int] = (0, 0)
    """Offsets of the clause, up to the next act."""
    tally: votes.Tally | None = None
    tally_of_other: bool = False
    date: dates.Found | None = None


@dataclass(slots=True)
class Told:
    """All that a text tells of acts."""

    acts: list[Act] = field(default_factory=list)
    rejected: list[Check] = field(default_factory=list)


class Reader:
    """Finds acts in the sentences of one article.

    ``places`` gives for a sentence the token spans of its places; ``published`` is the local publication date;
    ``document``: the text is a government's own record, whose numbered instruments speak as adopted.
    """

    def __init__(
        self, lexicon: Lexicon, plain: str, sentences: Sequence[Sentence],
        places: dict[int, list[tuple[int, int]]], published: str, *, document: bool = False,
    ) -> None:  # fmt: skip
        self.lexicon = lexicon
        self.plain = plain
        self.sentences = sentences
        self.places = places
        self.published = published
        self.document = document
        self.classes: frozenset[str] = frozenset(lexicon.table("actions", "classes"))
        self.told = Told()

    def read(self) -> Told:
        """The acts in the order of the text."""
        previous_topic = False
        for sentence in self.sentences:
            own = self._topic(sentence)
            if any(tag.startswith("V:") for tag in sentence.hits) and (own or previous_topic):
                self._sentence(sentence, own)
            previous_topic = own or (previous_topic and sentence.index > 1 and len(sentence.words) < 14)
            if sentence.index == 0:
                previous_topic = previous_topic or own
        return self.told

    # ------------------------------------------------------------------ one sentence
    def _topic(self, sentence: Sentence) -> bool:
        found = relevance.frames(self.lexicon, sentence, immigration=True)
        return bool(set(found) - {"immigration"}) or (
            "immigration" in found and sentence.has("INSTR", "V:vote", "V:adopt")
        )

    def _sentence(self, sentence: Sentence, own: bool) -> None:
        verbs = _verbs(sentence)
        found: list[Act] = []
        for first, last, readings in verbs:
            for kind, form in readings:
                if kind not in self.classes:
                    continue
                act = self._act(sentence, kind, form, first, last, own)
                if act is None:
                    continue
                if (
                    found
                    and found[-1].kind in ("become", "limit", "require")
                    and not found[-1].by_vote
                    and self._tells_how(act, found[-1])
                ):
                    found.pop()
                veto = self._veto(act, form, found)
                if veto is not None:
                    self.told.rejected.append(veto)
                    break
                found.append(act)
                break
        found = _without_governors(found)
        found += self._special(sentence, found, own)
        self._slots(sentence, found)
        self.told.acts += found

    def _tells_how(self, act: Act, before: Act) -> bool:
        """'became a sanctuary state when the governor signed': the later clause is the action."""
        between = act.sentence.words[before.last : act.governor]
        return act.kind in ("adopt", "sign", "vote", "override") and any(
            word in ("when", "after", "as") for word in between
        )

    def _act(self, sentence: Sentence, kind: str, form: str, first: int, last: int, own: bool) -> Act | None:
        words = sentence.words
        governor, by_vote = first, False
        if form == "base":
            if kind == "vote":
                return None
            governor, by_vote = self._governor(sentence, first, kind)
            if governor < 0:
                modal = self._near_left(sentence, "MODAL", first, 4)
                if own and modal >= 0 and kind in ("adopt", "sign", "limit", "repeal", "require"):
                    self._reject("veto.modal", sentence, first, last)
                elif (
                    own
                    and first
                    and words[first - 1] == "to"
                    and kind in ("adopt", "sign", "repeal", "limit", "become")
                ):
                    self._reject("veto.future", sentence, first, last)
                return None
        elif form == "ing":
            if not (sentence.index == 0 and first == 0 and kind in ("reaffirm", "adopt", "repeal", "amend")):
                return None
        actor = self._actor(sentence, governor, first, last, form)
        if actor is None:
            return None
        act = Act(sentence, kind, first, last, governor, actor, [f"verb.{kind}.{form}"], by_vote, own)
        if by_vote:
            act.rules.append("form.vote_to")
        return act if self._fits(act, form) else None

    def _governor(self, sentence: Sentence, first: int, kind: str = "") -> tuple[int, bool]:
        """The finite verb that asserts the base form at ``first``: 'voted 5-0 Tuesday to', 'agreed to'."""
        words = sentence.words
        if first == 0:
            return -1, False
        if words[first - 1] == "to" and kind == "sue":
            for hit_first, hit_last, _ in sentence.hits.get("DRAFTER", ()):
                if hit_last == first - 1:
                    told = next((i for i in range(hit_first, max(-1, hit_first - 4), -1)
                                 if words[i] in ("told", "directed", "authorized", "instructed", "ordered", "asked")), -1)  # fmt: skip
                    if told >= 0:
                        return told, True
        barred = ("to", "will", "would", "could", "may", "should", "must", "can", "might")
        for tag, forms in (("V:vote", ("s", "ed", "past")), ("VOTE_TO", None)):
            for hit_first, hit_last, form in reversed(sentence.hits.get(tag, [])):
                if hit_last > first or first - hit_last > 18 or (forms and form not in forms):
                    continue
                if self._near_left_any(sentence, hit_first, 2, barred) or words[hit_first - 1 : hit_first] == ["on"]:
                    continue
                if self._follows(sentence, hit_last, first):
                    return hit_first, True
        for hit_first, hit_last, _ in reversed(sentence.hits.get("RESOLVED", [])):
            if self._follows(sentence, hit_last - 1, first):
                return hit_first, True
        return -1, False

    def _follows(self, sentence: Sentence, after: int, first: int) -> bool:
        """Whether the base form at ``first`` is what was voted: behind the first ``to`` after the vote, or joined to it."""
        words = sentence.words
        for index in range(after, first):
            if words[index] in (";", ":"):
                return False
            if words[index] == "to" and not (words[index + 1].isdigit() or words[index + 1] in votes.NUMBER_WORDS):
                between = words[index + 1 : first]
                if len(between) <= 1 and not (between and between[0] == "have"):
                    return True
                verb = any(
                    hit == index + 1
                    for tag, hits in sentence.hits.items()
                    if tag.startswith("V:")
                    for hit, _, _ in hits
                )
                return verb and words[first - 1] in ("and", "or", "to") and len(between) < 14
        return False

    def _near_left(self, sentence: Sentence, tag: str, token: int, reach: int) -> int:
        for first, last, _ in reversed(sentence.hits.get(tag, [])):
            if last <= token and token - last < reach:
                return first
        return -1

    def _near_left_any(self, sentence: Sentence, token: int, reach: int, words: tuple[str, ...]) -> bool:
        return any(word in words for word in sentence.words[max(0, token - reach) : token])

    # ------------------------------------------------------------------ who
    def _actor(self, sentence: Sentence, governor: int, first: int, last: int, form: str) -> Actor | None:
        """The subject: the nearest actor or place to the left in the clause; ``by X`` behind a passive; else nobody."""
        words = sentence.words
        left = self._clause_start(sentence, governor)
        passive = form in ("ed", "pp", "past") and any(
            word in ("was", "were", "been", "being", "is", "are") for word in words[max(0, first - 3) : first]
        )
        best = Actor()
        if not passive:
            best = self._nearest(sentence, left, governor)
        if passive or not best.tag:
            for index in range(last, min(len(words), last + 12)):
                if words[index] in ("by", "por"):
                    agent = self._first_actor(sentence, index + 1, index + 9)
                    if agent.tag:
                        return agent
                    break
            if passive:
                return self._nearest(sentence, left, governor)
        return best

    def _nearest(self, sentence: Sentence, left: int, right: int) -> Actor:
        best = Actor()
        for tag in ACTOR_TAGS:
            for first, last, name in sentence.hits.get(tag, ()):
                if left <= first and last <= right and right - last < REACH + 4:
                    if last > best.last or (last == best.last and first < best.first):
                        best = Actor(tag, name, first, last)
        place = Actor()
        for first, last in self.places.get(sentence.index, ()):
            if left <= first and last <= right and right - last < REACH and last > place.last:
                place = Actor("PLACE", "", first, last)
        if not best.tag and not place.tag:
            for index in range(right - 1, max(left, right - 5) - 1, -1):
                if sentence.words[index] in LOCAL_NOUNS:
                    return Actor("PLACE", "", index, index + 1)
        if not best.tag:
            return place
        # "the council in Washington voted": a body beats a place behind it; "the city council's vote; Lansing rescinds" does not.
        if place.tag and place.first > best.last + 6 and right - place.last <= 2 and best.tag != "COMMITTEE":
            return place
        return best

    def _first_actor(self, sentence: Sentence, left: int, right: int) -> Actor:
        found = [
            Actor(tag, name, first, last)
            for tag in ACTOR_TAGS
            for first, last, name in sentence.hits.get(tag, ())
            if left <= first < right
        ]
        if found:
            return min(found, key=lambda actor: actor.first)
        for first, last in self.places.get(sentence.index, ()):
            if left <= first < right:
                return Actor("PLACE", "", first, last)
        return Actor()

    def _clause_start(self, sentence: Sentence, token: int) -> int:
        words = sentence.words
        for index in range(token - 1, -1, -1):
            if words[index] in (";", ":", "\u2014", "?", "!") and index + 1 < token:
                return index + 1
        return 0

    # ------------------------------------------------------------------ does the verb say something of the topic
    def _fits(self, act: Act, form: str) -> bool:
        sentence, kind, actor = act.sentence, act.kind, act.actor
        if actor.tag == "NOBODY":
            self._reject("veto.no_government", sentence, act.first, act.last)
            return False
        right = self._objects(act, OBJECT_TAGS)
        title = sentence.index == 0
        checker = getattr(self, f"_fits_{kind}", None)
        if checker is not None:
            return bool(checker(act, form, right, title))
        return bool(right) and bool(actor.tag)

    def _objects(self, act: Act, tags: tuple[str, ...]) -> set[str]:
        """Tags to the right of the verb within reach, and to the left when the verb has no object there (passives)."""
        hits = act.sentence.hits
        found = {tag for tag in tags for first, _, _ in hits.get(tag, ()) if act.last - 1 <= first < act.last + 26}
        if not found:
            found = {tag for tag in tags for _, last, _ in hits.get(tag, ()) if act.first - 14 <= last <= act.first}
        if not found and identifiers.find(self.plain, act.sentence.start, act.sentence.end):
            found = {"INSTR"}
        return found

    def _anchored(self, act: Act, objects: set[str]) -> bool:
        """The object is of the topic: named in the sentence, or a pronoun or 'the ordinance' after a sentence on it."""
        return act.own_topic or bool(objects & {"ANAPHOR", "INSTR"})

    def _fits_adopt(self, act: Act, form: str, objects: set[str], title: bool) -> bool:
        tag = act.actor.tag
        if tag in ("COURT", "OFFICER") and "G287" not in act.sentence.hits:
            return False
        if tag == "FEDERAL" and act.actor.name == "ICE":
            return False
        if not objects and not act.by_vote:
            words = act.sentence.words
            pronoun = act.first > 0 and words[act.first - 1] in PRONOUNS
            return pronoun or (act.own_topic and bool(direction.point(self.lexicon, act.sentence)) and bool(tag))
        if not tag and not title and not objects & {"INSTR", "LAW", "ANAPHOR", "WELCOME", "SANC"}:
            return False
        return self._anchored(act, objects)

    def _fits_vote(self, act: Act, form: str, objects: set[str], title: bool) -> bool:
        words = act.sentence.words
        if act.actor.tag in ("COURT", "FEDERAL") or (words[act.first] == "vote" and not title):
            return False
        after = words[act.last : act.last + 9]
        if any(
            act.last <= first < act.last + 14 and self._governor(act.sentence, first)[0] == act.first
            for tag in act.sentence.hits
            if tag.startswith("V:") and tag != "V:vote"
            for first, _, form_ in act.sentence.hits[tag]
            if form_ == "base"
        ):
            return False
        if "against" in after and not ("favor" in after or "for" in after):
            act.kind = "reject"
            return self._anchored(act, objects) and bool(act.actor.tag)
        if after[:1] in (["on"], ["whether"], ["by"]) or "whether" in after:
            return False
        far = words[act.last : act.last + 16]
        if "for" in far and any(act.last + far.index("for") < first <= act.last + far.index("for") + 4 for first, _, _ in act.sentence.hits.get("INSTR", ())):
            return self._anchored(act, objects) and bool(act.actor.tag)
        if "for" in after[:7] or "favor" in after[:7] or "yes" in after[:5] or "approval" in after:
            return self._anchored(act, objects) and bool(act.actor.tag)
        if "to" in after and act.own_topic and bool(act.actor.tag):
            named = act.sentence.hits
            unknown = next(
                (index for index in range(act.last, min(len(words), act.last + 9)) if words[index] == "to"), -1
            )
            if unknown >= 0 and not any(
                first == unknown + 1 for tag in named if tag.startswith("V:") for first, _, _ in named[tag]
            ):
                return bool(direction.point(self.lexicon, act.sentence)) and not act.sentence.has("DRAFTING")
        return False

    def _fits_back(self, act: Act, form: str, objects: set[str], title: bool) -> bool:
        if act.actor.tag not in ("BODY", "STATEBODY", "CHAMBER", "COMMITTEE", "PLACE"):
            return False
        if act.by_vote:
            return bool(objects) or act.own_topic
        return "INSTR" in objects and bool(votes.tallies(self.plain, act.sentence.start, act.sentence.end))

    def _fits_declare(self, act: Act, form: str, objects: set[str], title: bool) -> bool:
        if not act.actor.tag or act.actor.tag in ("COURT", "FEDERAL"):
            return False
        near = {
            tag for tag in ("SANC", "ANTISANC", "WELCOME", "SANC_WORD")
            for first, _, _ in act.sentence.hits.get(tag, ()) if act.last <= first < act.last + 14
        }  # fmt: skip
        return bool(near) and act.own_topic and "PROPOSED" not in act.sentence.hits

    def _fits_become(self, act: Act, form: str, objects: set[str], title: bool) -> bool:
        near = {
            tag for tag in ("SANC", "ANTISANC", "WELCOME")
            for first, _, _ in act.sentence.hits.get(tag, ()) if act.last <= first < act.last + 9
        }  # fmt: skip
        return bool(near) and act.own_topic and (act.by_vote or (title and act.actor.tag in ("PLACE", "BODY")) or
                                                 (act.actor.tag == "PLACE" and form in ("past", "ed") and act.sentence.index < 3))  # fmt: skip

    def _fits_limit(self, act: Act, form: str, objects: set[str], title: bool) -> bool:
        tag = act.actor.tag
        if tag not in ("BODY", "STATEBODY", "GOVERNOR", "MAYOR", "OFFICER", "PLACE", "VOTERS"):
            return False
        pointed = [name for name, *_ in direction.point(self.lexicon, act.sentence) if not name.startswith("sign.sanc")]
        strong = bool(pointed) and act.own_topic
        if act.by_vote:
            return strong or (act.own_topic and act.sentence.has("ENF", "SANC", "WELCOME", "G287"))
        gap = act.first - act.actor.last
        between = act.sentence.words[act.actor.last : act.first]
        if not strong or gap > 4 or any(word in ("of", "in", "for", "to", "'s", ",") for word in between):
            return False
        if self._instrument_between(act):
            return False
        if title:
            return form in ("s", "ed", "past")
        return form in ("ed", "past") and act.sentence.index < 4 and tag != "PLACE"

    _fits_require = _fits_limit

    def _fits_rule(self, act: Act, form: str, objects: set[str], title: bool) -> bool:
        return act.by_vote and self._fits_limit(act, form, objects, title)

    def _instrument_between(self, act: Act) -> bool:
        return any(act.actor.last <= first < act.first for first, _, _ in act.sentence.hits.get("INSTR", ()))

    def _fits_join(self, act: Act, form: str, objects: set[str], title: bool) -> bool:
        return bool(objects & {"G287", "CONTRACT"}) or (
            "INSTR" in objects
            and any(name in ("287g_agreement", "lawsuit_action") for _, _, name in act.sentence.hits["INSTR"])
        )

    def _fits_sign(self, act: Act, form: str, objects: set[str], title: bool) -> bool:
        tag = act.actor.tag
        if "G287" in act.sentence.hits:
            return tag not in ("COURT", "VOTERS")
        if tag not in ("GOVERNOR", "MAYOR", "FEDERAL", "OFFICER"):
            return False
        return self._anchored(act, objects) and bool(objects)

    def _fits_issue(self, act: Act, form: str, objects: set[str], title: bool) -> bool:
        if act.actor.tag not in ("GOVERNOR", "MAYOR", "OFFICER", "FEDERAL"):
            return False
        near = {
            name for first, _, name in act.sentence.hits.get("INSTR", ()) if act.last <= first < act.last + 9
        }  # fmt: skip
        if act.actor.name == "Sheriff" and "policy" in near and act.own_topic:
            return True
        announced = any(
            act.sentence.words[act.first] == word
            for word in ("announce", "announces", "announced", "release", "released", "releases")
        )
        return act.own_topic and bool(near & {"executive_order", "directive", "proclamation"}) and not announced

    def _fits_reject(self, act: Act, form: str, objects: set[str], title: bool) -> bool:
        if act.actor.tag in ("COURT", "FEDERAL", "OFFICER"):
            return False
        words = act.sentence.words
        if (
            words[act.last : act.last + 1] == ["to"]
            or (words[act.first].startswith(("den", "declin", "refus"))
            and not objects & {"INSTR", "ANAPHOR"})
        ):
            return (
                act.by_vote
                and bool(objects)
                and words[act.first].startswith("den") is False
                and words[act.last : act.last + 1] != ["to"]
            )
        if (
            not act.by_vote
            and self._instrument_before(act)
            and not words[act.first].startswith(("fail", "die", "fall", "fell", "fizz"))
        ):
            return form in ("ed", "past") and any(
                word in ("was", "were", "been") for word in words[max(0, act.first - 3) : act.first]
            )
        return bool(objects) and self._anchored(act, objects)

    def _instrument_before(self, act: Act) -> bool:
        """The instrument itself is the subject: 'Resolution 12 rejects the use of county money'."""
        return not act.actor.tag or any(
            act.actor.last <= first and last <= act.first for first, last, _ in act.sentence.hits.get("INSTR", ())
        )

    def _fits_table(self, act: Act, form: str, objects: set[str], title: bool) -> bool:
        if act.actor.tag in ("COURT", "FEDERAL"):
            return False
        return bool(objects & {"INSTR", "ANAPHOR", "SANC", "WELCOME", "LAW"})

    def _fits_direct(self, act: Act, form: str, objects: set[str], title: bool) -> bool:
        if act.actor.tag not in ("BODY", "PLACE", "STATEBODY", "COMMITTEE"):
            return False
        surface = " ".join(act.sentence.words[act.first : act.last])
        if surface in (
            "direct",
            "directs",
            "directed",
            "instruct",
            "instructs",
            "instructed",
            "task",
            "tasks",
            "tasked",
        ):
            return act.own_topic and any(
                act.last <= first < act.last + 6 for first, _, _ in act.sentence.hits.get("DRAFTER", ())
            )
        return act.own_topic

    def _fits_advance(self, act: Act, form: str, objects: set[str], title: bool) -> bool:
        return bool(objects) and act.own_topic

    def _fits_introduce(self, act: Act, form: str, objects: set[str], title: bool) -> bool:
        return "INSTR" in objects and act.own_topic

    def _fits_consider(self, act: Act, form: str, objects: set[str], title: bool) -> bool:
        return bool(objects & {"INSTR", "SANC", "WELCOME", "ANAPHOR", "LAW"}) and act.own_topic

    def _fits_repeal(self, act: Act, form: str, objects: set[str], title: bool) -> bool:
        if act.actor.tag in ("COURT", "FEDERAL") or (not act.actor.tag and not title):
            return False
        return self._anchored(act, objects) and bool(objects)

    def _fits_veto(self, act: Act, form: str, objects: set[str], title: bool) -> bool:
        return act.actor.tag in ("GOVERNOR", "MAYOR", "PLACE", "FEDERAL") and self._anchored(act, objects)

    def _fits_override(self, act: Act, form: str, objects: set[str], title: bool) -> bool:
        words = act.sentence.words
        return any(word.startswith("veto") for word in words[act.last : act.last + 14]) and act.actor.tag != "COURT"

    def _fits_amend(self, act: Act, form: str, objects: set[str], title: bool) -> bool:
        if act.actor.tag not in ("BODY", "STATEBODY", "PLACE", "MAYOR", "GOVERNOR"):
            return False
        return (
            bool(objects & {"SANC", "WELCOME", "LAW", "INSTR"})
            and act.own_topic
            and (act.by_vote or form in ("s", "ed", "past"))
        )

    def _fits_reaffirm(self, act: Act, form: str, objects: set[str], title: bool) -> bool:
        if act.actor.tag not in ("BODY", "STATEBODY", "PLACE", "MAYOR", "GOVERNOR", "") or (
            not act.actor.tag and not title
        ):
            return False
        return bool(objects & {"SANC", "WELCOME", "LAW", "INSTR", "SANC_WORD"}) and act.own_topic

    def _fits_sue(self, act: Act, form: str, objects: set[str], title: bool) -> bool:
        if act.actor.tag in ("BODY", "PLACE") and (act.by_vote or title):
            return act.own_topic
        return False

    def _fits_challenge(self, act: Act, form: str, objects: set[str], title: bool) -> bool:
        if act.by_vote or form == "base":
            return False
        return (
            act.own_topic
            and bool(objects & {"SANC", "WELCOME", "LAW", "INSTR"})
            and act.actor.tag not in ("COURT", "BODY")
        )

    def _fits_court(self, act: Act, form: str, objects: set[str], title: bool) -> bool:
        return act.actor.tag == "COURT" and act.own_topic

    _fits_enjoin = _fits_uphold = _fits_strike = _fits_court

    def _fits_effect(self, act: Act, form: str, objects: set[str], title: bool) -> bool:
        subject = {
            tag for tag in ("INSTR", "LAW", "SANC", "WELCOME", "ANTISANC")
            for _, last, _ in act.sentence.hits.get(tag, ()) if act.first - 12 <= last <= act.first
        }  # fmt: skip
        return bool(subject) and act.own_topic

    def _fits_list(self, act: Act, form: str, objects: set[str], title: bool) -> bool:
        if act.actor.tag != "FEDERAL":
            return False
        return (
            any(word in ("list", "lists", "report") for word in act.sentence.words[act.last : act.last + 10])
            and act.own_topic
        )

    # ------------------------------------------------------------------ vetoes
    def _veto(self, act: Act, form: str, before: Sequence[Act]) -> Check | None:
        """The veto that turns ``act`` down, or None; those that were checked are noted in its rules by ``actions``."""
        sentence, words = act.sentence, act.sentence.words
        token = act.governor
        start = self._window(sentence, token)
        for first, last, _ in sentence.hits.get("MODAL", ()):
            if start <= first and last <= token and token - last <= 4 and not self._verb_between(sentence, last, token):
                return self._check("veto.modal", sentence, act)
        for first, last, _ in sentence.hits.get("FUTURE", ()):
            if last <= token <= last + (0 if words[first:last] == ["to"] else 3) and first >= start - 1:
                if words[last - 1] in ("if", "whether", "unless", "until", "before"):
                    return self._check("veto.condition", sentence, act)
                return self._check("veto.future", sentence, act)
        if start and words[start - 1] in ("if", "whether", "unless", "until", "before", "how"):
            return self._check("veto.condition", sentence, act)
        for first, last, _ in sentence.hits.get("NEGATION", ()):
            if max(start, token - 3) <= first and last <= token and act.kind != "reject":
                return self._check("veto.negation", sentence, act)
        if form in ("ed", "past", "pp"):
            be = [word for word in words[max(start, token - 3) : token] if word in ("be", "being")]
            if be:
                return self._check("veto.modal", sentence, act)
        for first, last, _ in sentence.hits.get("HAD", ()):
            if max(start, token - 4) <= first and last <= token:
                return self._check("veto.background", sentence, act)
        if self._in_the_past(act):
            return self._check("veto.background", sentence, act)
        if before and act.kind not in ("effect",) and self._subordinate(act, before[-1], form):
            return self._check("veto.subordinate", sentence, act)
        if not before and form in ("ed", "pp") and self._reduced_relative(act):
            return self._check("veto.subordinate", sentence, act)
        return None

    def _window(self, sentence: Sentence, token: int) -> int:
        """First token of the verb's own clause: behind the last ``that``, ``which``, ``after``, ``;`` …"""
        words = sentence.words
        stops = {last for _, last, _ in sentence.hits.get("SUBORDINATE", ())}
        for index in range(token, 0, -1):
            if index in stops and index <= token and token - index < 40:
                return index
            if words[index - 1] in (";", ":", "\u2014", "?", "!"):
                return index
        return 0

    def _verb_between(self, sentence: Sentence, left: int, right: int) -> bool:
        return any(
            left <= first and last <= right and form in ("s", "ed", "past")
            for tag, hits in sentence.hits.items()
            if tag.startswith("V:")
            for first, last, form in hits
        )

    def _in_the_past(self, act: Act) -> bool:
        """The clause dates itself well before the publication, or says 'previously', 'first passed', 'years ago'."""
        sentence = act.sentence
        start, end = self._clause(act)
        words = sentence.words
        if start > 1 and words[start - 1] in ("after", "since") and words[start - 2].rstrip("s") in ("year", "month", "decade"):
            return True
        for first, last, _ in sentence.hits.get("BACKGROUND", ()):
            if start <= first < end:
                return True
        if len(self.published) < 4:
            return False
        own_year = int(self.published[:4])
        left = sentence.starts[start] if start < len(sentence.starts) else sentence.start
        right = sentence.ends[end - 1] if end else sentence.end
        for found in self._dates(sentence):
            if left <= found.start < right and not found.future:
                if found.rule == "date.year" and int(found.iso) < own_year and not self._qualifies_noun(found):
                    if not (own_year - int(found.iso) == 1 and self.published[5:7] == "01"):
                        return True
                elif found.rule != "date.year" and _months_before(found.iso, self.published) > 2:
                    return True
        return False

    def _qualifies_noun(self, found: dates.Found) -> bool:
        """'a 2017 resolution' dates the resolution, not the verb."""
        return (
            not self.plain[found.start : found.end]
            .lower()
            .startswith(("in ", "of ", "since ", "from ", "by ", "during ", "back ", "en "))
        )

    def _clause(self, act: Act) -> tuple[int, int]:
        words = act.sentence.words
        start = self._window(act.sentence, act.governor)
        end = len(words)
        for index in range(act.last, len(words)):
            if words[index] in (";", "\u2014") or (
                words[index] in ("which", "who", "after", "nine") and index > act.last
            ):
                end = index
                break
        return start, end

    def _dates(self, sentence: Sentence) -> list[dates.Found]:
        cached: list[dates.Found] | None = sentence.memo.get("dates")
        if cached is None:
            cached = dates.find(self.plain, sentence.start, sentence.end, self.published)
            sentence.memo["dates"] = cached
        return cached

    def _subordinate(self, act: Act, main: Act, form: str) -> bool:
        """A later verb of the sentence counts only when it is joined by a coordinator and has a subject of its own."""
        if act.by_vote and main.governor == act.governor:
            return False
        words = act.sentence.words
        between = words[main.last : act.governor]
        if ";" in between:
            return False
        opener = [
            word
            for word in between
            if word
            in ("that", "which", "who", "after", "since", "when", "because", "by", "under", "than", "before", "despite")
        ]
        if opener:
            own_clause = self._window(act.sentence, act.governor)
            reopened = (
                any(word in ("and", "but", ",") for word in words[max(own_clause, main.last) : act.actor.first + 1])
                and act.actor.first > main.last
            )
            return not reopened
        coordinated = any(word in ("and", "but", "while", ",", "then") for word in between)
        return not coordinated or (form in ("ed", "pp") and act.actor.first < main.last and not _adjacent_and(between))

    def _reduced_relative(self, act: Act) -> bool:
        """'a law passed in 2014 limits', 'the resolution approved by the county': the participle qualifies a noun."""
        if act.by_vote or act.first == 0:
            return False
        sentence, words = act.sentence, act.sentence.words
        noun = any(last == act.first for _, last, _ in sentence.hits.get("INSTR", ()))
        if not noun or words[act.first - 1] in PRONOUNS:
            return False
        finite_after = any(
            act.last < first and form in ("s", "past", "ed") and first - act.last > 1
            for tag, hits in sentence.hits.items() if tag.startswith("V:") or tag == "MODAL"
            for first, _, form in [(hit[0], hit[1], "s" if tag == "MODAL" else hit[2]) for hit in hits]
        )  # fmt: skip
        has_determiner = any(word in ("a", "an", "the", "its") for word in words[max(0, act.first - 6) : act.first])
        return finite_after and has_determiner

    def _check(self, rule: str, sentence: Sentence, act: Act) -> Check:
        return Check(rule, f"{act.kind}: {_quote(sentence, act.governor, act.last)}")

    def _reject(self, rule: str, sentence: Sentence, first: int, last: int) -> None:
        self.told.rejected.append(Check(rule, _quote(sentence, first, last)))

    # ------------------------------------------------------------------ acts told in other ways; slots
    def _special(self, sentence: Sentence, acts: list[Act], own: bool) -> Iterator[Act]:
        """Patterns of ``[[special]]`` outrank what the verbs said in the same stretch."""
        if not own:
            return
        for pattern in self.lexicon.patterns("actions", "special"):
            if pattern.attributes.get("only") == "document" and not self.document:
                continue
            for first, last in pattern.find(sentence):
                if pattern.attributes.get("only") == "document" and (first > 8 or "MODAL" in sentence.hits):
                    continue
                if (
                    self._near_left_any(sentence, first, 3, ("would", "will", "could", "may", "to", "might"))
                    and pattern.attributes["class"] != "desk"
                ):
                    continue
                for act in acts:
                    if (
                        act.governor <= last
                        and first <= act.last + 4
                        and act.kind
                        in ("adopt", "vote", "direct", "back", "advance", "sue", "limit", "rule", "require", "declare")
                    ):
                        act.kind = pattern.attributes["class"]
                        act.rules.append(f"special.{pattern.id}")
                        break
                else:
                    actor = self._nearest(sentence, self._clause_start(sentence, first), first)
                    yield Act(
                        sentence,
                        pattern.attributes["class"],
                        first,
                        last,
                        first,
                        actor,
                        [f"special.{pattern.id}"],
                        False,
                        own,
                    )
                break

    def _slots(self, sentence: Sentence, acts: list[Act]) -> None:
        """Gives each act its clause, tally and date: what stands between it and its neighbours."""
        if not acts:
            return
        acts.sort(key=lambda act: act.governor)
        all_tallies = votes.tallies(self.plain, sentence.start, sentence.end)
        all_dates = [found for found in self._dates(sentence)]
        vetoed = self._vetoed_spans(sentence, acts)
        for number, act in enumerate(acts):
            left = sentence.start if number == 0 else _boundary(sentence, acts[number - 1], act)
            right = sentence.end if number + 1 == len(acts) else _boundary(sentence, act, acts[number + 1])
            act.scope = (left, right)
            anchor = sentence.starts[act.governor]
            tallies = [
                tally for tally in all_tallies if left <= tally.start < right and not _inside(tally.start, vetoed)
            ]
            act.tally = _best_tally(tallies, anchor)
            act.tally_of_other = bool(all_tallies) and act.tally is None
            own_dates = [
                found for found in all_dates if left <= found.start < right and not _inside(found.start, vetoed)
            ]
            act.date = _best_date(own_dates, anchor, act.kind)

    def _vetoed_spans(self, sentence: Sentence, acts: Sequence[Act]) -> list[tuple[int, int]]:
        """Stretches of the sentence that tell of something else: relative clauses and 'after' clauses with a verb of their own."""
        spans = []
        words = sentence.words
        verbs = _verbs(sentence)
        kept = {act.first for act in acts} | {act.governor for act in acts}
        for first, last, readings in verbs:
            if first in kept or not any(
                form in ("ed", "past", "ing", "pp")
                and kind
                in (
                    "adopt",
                    "vote",
                    "declare",
                    "amend",
                    "repeal",
                    "reaffirm",
                    "reject",
                    "veto",
                    "sign",
                    "refer",
                    "table",
                )
                for kind, form in readings
            ):
                continue
            opener = next(
                (index for index in range(first, max(-1, first - 8), -1)
                 if words[index] in ("which", "after", "that", "who", "when", "since", "had")), -1,
            )  # fmt: skip
            if opener < 0 or any(act.governor > opener and act.governor <= first for act in acts):
                continue
            end = next((index for index in range(last, len(words)) if words[index] in (";", ",", ")")), len(words))
            if any(opener < act.governor < end for act in acts):
                continue
            spans.append((sentence.starts[max(0, opener)], sentence.ends[end - 1] if end else sentence.end))
        return spans


def _verbs(sentence: Sentence) -> list[tuple[int, int, list[tuple[str, str]]]]:
    """``(first, last, [(class, form)])`` in the order of the sentence."""
    cached: list[tuple[int, int, list[tuple[str, str]]]] | None = sentence.memo.get("verbs")
    if cached is not None:
        return cached
    found: dict[tuple[int, int], list[tuple[str, str]]] = {}
    for tag, hits in sentence.hits.items():
        if tag.startswith("V:"):
            for first, last, form in hits:
                found.setdefault((first, last), []).append((tag[2:], form))
    result = [(first, last, readings) for (first, last), readings in sorted(found.items())]
    sentence.memo["verbs"] = result
    return result


def _without_governors(acts: list[Act]) -> list[Act]:
    """'voted to repeal' is one act: of acts with one finite verb, the first that was voted stands."""
    kept: list[Act] = []
    for act in acts:
        twin = next((other for other in kept if other.by_vote and other.governor == act.governor), None)
        if act.by_vote and twin is not None:
            if twin.kind == "repeal" and act.kind in ("adopt", "amend"):
                kept[kept.index(twin)] = act  # repeal and replace: the new instrument is the news
            continue
        if any(other.kind == "vote" and act.by_vote and act.governor == other.first for other in kept):
            kept = [other for other in kept if not (other.kind == "vote" and other.first == act.governor)]
        kept.append(act)
    return kept


def _adjacent_and(between: Sequence[str]) -> bool:
    return bool(between) and between[-1] in ("and", "then", "but")


def _boundary(sentence: Sentence, one: Act, other: Act) -> int:
    """Offset between two acts of a sentence: before the later one's subject, else its verb."""
    first = other.actor.first if one.last <= other.actor.first < other.governor else other.governor
    return sentence.starts[first]


def _inside(offset: int, spans: Sequence[tuple[int, int]]) -> bool:
    return any(first <= offset < last for first, last in spans)


def _best_tally(tallies: Sequence[votes.Tally], anchor: int) -> votes.Tally | None:
    """The nearest tally with numbers; a word like 'unanimous' fills what it leaves open."""
    numbers = [tally for tally in tallies if tally.first is not None]
    words = [tally for tally in tallies if tally.first is None]
    if numbers:
        return min(numbers, key=lambda tally: abs(tally.start - anchor))
    return min(words, key=lambda tally: abs(tally.start - anchor)) if words else None


def _best_date(found: Sequence[dates.Found], anchor: int, kind: str) -> dates.Found | None:
    usable = [
        item for item in found if item.rule != "date.year" and (not item.future or kind in ("consider", "effect"))
    ]
    if not usable:
        return None
    return min(usable, key=lambda item: (len(item.iso) < 10, abs(item.start - anchor)))


def _months_before(iso: str, published: str) -> int:
    """Whole months from ``iso`` to ``published`` (0 when either lacks a month)."""
    if len(iso) < 7 or len(published) < 7:
        return 0 if iso[:4] >= published[:4] else 12 * (int(published[:4]) - int(iso[:4]) - 1)
    return (int(published[:4]) - int(iso[:4])) * 12 + int(published[5:7]) - int(iso[5:7])


def _quote(sentence: Sentence, first: int, last: int) -> str:
    left = sentence.starts[max(0, first - 4)] - sentence.start
    right = sentence.ends[min(len(sentence.ends), last + 6) - 1] - sentence.start
    return sentence.text[left:right]
