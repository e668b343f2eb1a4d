"""Finds the acts that an article tells of: candidates by verb, tested and vetoed, then their tally and date.

An act is an actor (a council, a governor, voters, a court) with a verb of ``actions.toml`` and an object of the topic.
The verb's form says how it is told (``approves``, ``has approved``, ``voted 7-2 to approve``). Patterns of
``[[special]]`` tell acts in other ways and outrank a verb in the same stretch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.model import Check
from pipeline.policy import dates, direction, relevance, votes
from pipeline.policy.acts import Act, Actor, Told, View, dates_in, quote, verbs_in
from pipeline.policy.fitting import fits
from pipeline.policy.grammar import (
    actor_at,
    actor_of,
    clause_start,
    first_actor,
    governor_of,
    headline_plural,
    nearest_actor,
    participle,
    preceded,
    second_verb,
)
from pipeline.policy.ordering import NEW_ONE
from pipeline.policy.sentences import Sentence
from pipeline.policy.vetoes import veto_of

AHEAD = 3
"""Sentences behind a lead in which it is said what its instrument is about."""
RECORD = 24
"""Tokens of a record's sentence within which its resolving begins: behind one 'whereas'."""
SHORT = 14
"""A short sentence between two on the topic does not lead away from it."""
REPLACED = frozenset((verb, it, "with") for verb in ("replaced", "replacing", "replaces") for it in ("it", "them"))
"""How a body that repeals a policy says that it makes another in its stead."""
ALONE = frozenset({"sign", "issue", "veto"})
"""What the president of a county's board does alone; what else is told of one, the board does."""
PARTICIPLES = frozenset({"adopt", "vote", "repeal", "reject", "sign"})
"""Classes that a participle tells behind the sentence's own verb: 'embraced the status, passing a resolution 7-1'."""
WHATEVER_IS_PLANNED = frozenset({"desk", "hearing"})
"""Classes of patterns that tell a step although what it is about still lies ahead: 'will hold a hearing'."""
RECLASSED = frozenset({"adopt", "vote", "direct", "back", "advance", "sue", "limit", "rule", "require", "declare"})
"""Classes that a special pattern in the same stretch overrules."""
ASIDE = frozenset(
    {"adopt", "vote", "declare", "amend", "repeal", "reaffirm", "reject", "veto", "sign", "refer", "table"}
)
"""Classes whose verb in a relative clause keeps its tally and date to itself."""


def tell(view: View) -> Told:
    """The acts in the order of the text, and the candidates that were turned down."""
    told = Told()
    on_topic = False
    for sentence in view.sentences:
        own = _topic(view, sentence)
        told_by_verb = any(tag.startswith("V:") for tag in sentence.hits)
        if own or (told_by_verb and (on_topic or _named_before_told(view, sentence))):
            _sentence(view, told, sentence, own)
        on_topic = own or (on_topic and (sentence.index <= 1 or len(sentence.words) < SHORT))
    return told


def _named_before_told(view: View, sentence: Sentence) -> bool:
    """A lead gives the instrument by its name alone ('adopted the Safe Streets for Everyone ordinance, 7-2'), or by an
    article below a headline on enforcement ('approved the ordinance 8-1'), and what follows says what it rules.
    Without either it may be any other item of the evening."""
    if sentence.index != 1 or not sentence.has("BODY", "STATEBODY", "VOTERS"):
        return False
    named = any(
        first > 1 and sentence.raw[first - 1][:1].isupper() and sentence.raw[first - 2][:1].isalpha()
        for first, _, name in sentence.hits.get("INSTR", ()) if name not in relevance.NO_RULES
    )  # fmt: skip
    meant = any(last - first > 1 for first, last, _ in sentence.hits.get("ANAPHOR", ()))
    named = named or (meant and "ENF" in view.sentences[0].hits)
    follow = [other for other in view.sentences[2 : 2 + AHEAD] if _topic(view, other)]
    others = any(other.has("INSTR", "V:consider", "PROPOSED", "V:introduce") for other in follow)
    return named and not others and any(direction.point(view.lexicon, other) for other in follow)


def _topic(view: View, sentence: Sentence) -> bool:
    if not sentence.hits:
        return False
    found = relevance.frames(view.lexicon, sentence, immigration=True)
    return bool(set(found) - {"immigration"}) or ("immigration" in found and relevance.ruled(sentence))


def _sentence(view: View, told: Told, sentence: Sentence, own: bool) -> None:
    classes = view.lexicon.table("actions", "classes")
    found: list[Act] = []
    turned_down: list[Act] = []
    for first, last, readings in verbs_in(sentence):
        for kind, form in readings:
            act = _act(view, told, sentence, kind, form, first, last, own) if kind in classes else None
            if act is None:
                continue
            if found and _tells_how(act, found[-1]):
                found.pop()
            veto = veto_of(view, act, form, found)
            if veto is None:
                found.append(act)
            else:
                told.rejected.append(veto)
                turned_down.append(act)
            break
    found = _replaced(_without_governors(found))
    if own or "ANAPHOR" in sentence.hits:
        found += _special(view, sentence, found, own)
    if own and not found and not turned_down:
        found += _by_tally(view, sentence)
    _slots(view, sentence, found, turned_down)
    told.acts += found


def _tells_how(act: Act, before: Act) -> bool:
    """'became a sanctuary state when the governor signed', 'cleared its last hurdle when the council gave it final
    passage': the later clause is the action."""
    if before.by_vote or before.kind not in ("become", "limit", "require", "advance"):
        return False
    between = act.sentence.words[before.last : act.governor]
    return act.kind in ("adopt", "sign", "vote", "override") and any(
        word in ("when", "after", "as") for word in between
    )


def _act(
    view: View, told: Told, sentence: Sentence, kind: str, form: str, first: int, last: int, own: bool
) -> Act | None:
    """The act of one verb, when it asserts something of the topic."""
    end = sentence.ends[last - 1]
    if view.plain[end : end + 1] == "-" and view.plain[end + 1 : end + 2].isalpha():
        return None  # 'sign-ups', 'pass-through': a part of a noun
    governor = first
    opens_title = sentence.index == first == 0 and kind in ("reaffirm", "adopt", "repeal", "amend")
    in_lead = sentence.index <= 2
    if form == "base":
        governor = -1 if kind == "vote" else governor_of(sentence, first, kind)
        if governor < 0 and headline_plural(sentence, first):
            governor, form = first, "s"
        if governor < 0:
            if own and kind in ("adopt", "sign", "limit", "repeal", "require"):
                _note_plan(told, sentence, first, last)
            return None
    elif form == "ing" and not opens_title:
        tells = kind in PARTICIPLES and in_lead
        if not (tells and (participle(sentence, first) or _opens_with(view, sentence, first))):
            return None
    if form == "ing" and first == 1:
        actor = first_actor(view, sentence, last, len(sentence.words))
    elif (form == "ing" and first) or (form == "s" and second_verb(sentence, first)):
        actor = first_actor(view, sentence, 0, first)
    else:
        actor = actor_of(view, sentence, governor, first, last, form)
    if actor.tag == "NOBODY" and sentence.has("BALLOT") and sentence.words[actor.first] == "residents":
        actor = Actor("VOTERS", "Voters", actor.first, actor.last)
    if actor.tag == "NOBODY":
        told.rejected.append(Check("veto.no_government", quote(sentence, first, last)))
        return None
    if actor.tag == "COMMITTEE" and _governs_township(sentence, actor.first):
        actor = Actor("BODY", "Township Committee", actor.first, actor.last)
    if actor.name == "Board President" and kind not in ALONE:
        actor = Actor("BODY", "County Board", actor.first, actor.last)
    if actor.tag == "MAYOR" and "TIEBREAK" in sentence.hits:
        actor = Actor("BODY", "Council", actor.first, actor.last)  # who breaks its tie votes as one of it
    act = Act(sentence, kind, first, last, governor, actor, [f"verb.{kind}.{form}"], governor != first, own)
    if act.by_vote:
        act.rules.append("form.vote_to")
    return act if fits(view, act, form) else None


def _governs_township(sentence: Sentence, committee: int) -> bool:
    """'Morris Township, New Jersey, committee members': the committee of a township of that state is its government."""
    before = sentence.words[max(0, committee - 5) : committee]
    state = " ".join(before).partition("township , ")[2]
    return state in ("new jersey ,", "n.j ,", "nj ,")


def _opens_with(view: View, sentence: Sentence, first: int) -> bool:
    """'In passing the Trust Act 6-1 on Tuesday, the council chose safety': what it did stands before who did it."""
    if first != 1 or sentence.words[0] not in ("in", "by") or sentence.has("MODAL", "NEGATION", "BACKGROUND"):
        return False
    return any(tally.first is not None for tally in votes.tallies(view.plain, sentence.start, sentence.end))


def _note_plan(told: Told, sentence: Sentence, first: int, last: int) -> None:
    if any(hit_last <= first < hit_last + 4 for _, hit_last, _ in sentence.hits.get("MODAL", ())):
        told.rejected.append(Check("veto.modal", quote(sentence, first, last)))
    elif first and sentence.words[first - 1] == "to":
        told.rejected.append(Check("veto.future", quote(sentence, first, last)))


def _special(view: View, sentence: Sentence, acts: list[Act], own: bool) -> Iterator[Act]:
    """Acts of the special patterns; an act of the sentence in the same stretch becomes one instead."""
    for pattern in view.lexicon.patterns("actions", "special"):
        kind, records = pattern.attributes["class"], pattern.attributes.get("only") == "document"
        if (records and not view.document) or (not own and kind not in ("adopt", "final")):
            continue
        if kind == "direct" and "INTO_CODE" in sentence.hits:
            continue  # what is written into the code needs no drafting
        if kind == "refer" and any(act.actor.tag == "VOTERS" for act in acts):
            continue  # what voters did with a ballot question is no way to the ballot
        for first, last in pattern.find(sentence):
            if records and (first > RECORD or any(at < last for at, _, _ in sentence.hits.get("MODAL", ()))):
                continue
            if kind not in WHATEVER_IS_PLANNED and preceded(sentence, first, 3, PLANS):
                continue
            same = [act for act in acts if act.governor <= last and first <= act.last + 4 and act.kind in RECLASSED]
            if same:
                same[0].kind = kind
                same[0].rules.append(f"special.{pattern.id}")
            else:
                actor = actor_at(sentence, first) or nearest_actor(view, sentence, clause_start(sentence, first), first)
                yield Act(sentence, kind, first, last, first, actor, [f"special.{pattern.id}"], False, own)
            break


UNDECIDED = (
    "COMMITTEE", "CHAMBER", "COURT", "NOBODY", "LAW", "INITIAL", "BACKGROUND", "HAD", "PROPOSED",
    "DRAFTING", "DESK", "SPECULATION", "V:reject", "V:table", "V:direct", "V:refer", "V:introduce", "V:consider",
    "V:urge", "V:repeal", "V:veto", "V:advance",
)  # fmt: skip
"""What a sentence must not speak of whose tally alone says that something was adopted."""


def _by_tally(view: View, sentence: Sentence) -> Iterator[Act]:
    """'Aldermen slammed the door on ICE, 8-1': no verb we know, but a body, its tally with more ayes, and a rule."""
    federal = any(name != "ICE" for _, _, name in sentence.hits.get("FEDERAL", ()))
    voted = any(sentence.words[first] != "vote" for first, _, _ in sentence.hits.get("V:vote", ()))
    if sentence.index > 2 or federal or voted or sentence.has(*UNDECIDED):
        return  # what was voted with a verb, that verb's own test has judged
    bodies = sorted(sentence.hits.get("BODY", ()))
    tallies = [t for t in votes.tallies(view.plain, sentence.start, sentence.end) if t.first is not None]
    if not bodies or len(tallies) != 1 or (tallies[0].first or 0) <= (tallies[0].second or 0):
        return
    named = (at for at, _, _ in sentence.hits.get("INSTR", ()) if sentence.starts[at] > tallies[0].start)
    said = min(named, default=len(sentence.words))
    if any(at < said for tag in ("NEGATION", "MODAL") for at, _, _ in sentence.hits.get(tag, ())):
        return  # behind the tally and the instrument they say what it rules: 'under which nobody may help'
    if direction.point(view.lexicon, sentence):
        first, last, name = bodies[0]
        at = min(last, len(sentence.words) - 1)
        yield Act(sentence, "vote", at, at + 1, at, Actor("BODY", name, first, last), ["form.tally_alone"], False, True)


PLANS = ("would", "will", "could", "may", "to", "might")


def _slots(view: View, sentence: Sentence, acts: list[Act], turned_down: Sequence[Act]) -> None:
    """Gives each act its clause, tally and date: what stands between it and its neighbours."""
    if not acts:
        return
    acts.sort(key=lambda act: act.governor)
    all_tallies = votes.tallies(view.plain, sentence.start, sentence.end)
    all_dates = dates_in(view, sentence)
    vetoed = _asides(sentence, acts) + [_own_words(sentence, act, acts) for act in turned_down if act.kind in ASIDE]
    for number, act in enumerate(acts):
        left = sentence.start if number == 0 else _boundary(sentence, acts[number - 1], act)
        right = sentence.end if number + 1 == len(acts) else _boundary(sentence, act, acts[number + 1])
        act.scope = (left, right)
        anchor = sentence.starts[act.governor]
        tallies = [tally for tally in all_tallies if left <= tally.start < right and not _inside(tally.start, vetoed)]
        act.tally = _best_tally(tallies, anchor)
        own_dates = [found for found in all_dates if left <= found.start < right and not _inside(found.start, vetoed)]
        act.date = _best_date(own_dates, anchor, act.kind)


def _own_words(sentence: Sentence, act: Act, acts: Sequence[Act]) -> tuple[int, int]:
    """What stands behind a verb that was turned down is its own: 'rescind the resolution it passed 6-0 on April 3'."""
    words = sentence.words
    later = [other.governor for other in acts if other.governor > act.last]
    stop = min([len(words), *later])
    end = next((index for index in range(act.last, stop) if words[index] in (";", ",", ")", "and", "but")), stop)
    return sentence.starts[act.first], sentence.ends[max(act.last, end) - 1]


def _asides(sentence: Sentence, acts: Sequence[Act]) -> list[tuple[int, int]]:
    """Stretches that tell of something else: relative and 'after' clauses with a verb of their own."""
    spans = []
    words = sentence.words
    verbs = verbs_in(sentence)
    kept = {act.first for act in acts} | {act.governor for act in acts}
    for first, last, readings in verbs:
        if first in kept or not any(form in ("ed", "past", "ing", "pp") and kind in ASIDE for kind, form in readings):
            continue
        if words[first] == "vote":
            continue  # 'after the council's 5-2 vote' tells of the act itself
        opener = next(
            (index for index in range(first, max(-1, first - 8), -1)
             if words[index] in ("which", "after", "that", "who", "when", "since", "had")), -1,
        )  # fmt: skip
        if opener >= 0 and words[opener] == "when" and any(kind == "vote" for kind, _ in readings):
            continue  # as does 'when commissioners voted 5-0'
        if opener < 0 or any(act.governor > opener and act.governor <= first for act in acts):
            continue
        end = next((index for index in range(last, len(words)) if words[index] in (";", ",", ")")), len(words))
        if any(opener < act.governor < end for act in acts):
            continue
        spans.append((sentence.starts[max(0, opener)], sentence.ends[end - 1] if end else sentence.end))
    return spans


def _replaced(acts: list[Act]) -> list[Act]:
    """'rescinded the policy and issued a new one', 'repealed it and replaced it with one': the new one is the news."""
    for act in acts:
        words = act.sentence.words
        behind = {tuple(words[at : at + 3]) for at in range(act.last, len(words) - 2)}
        if act.kind == "repeal" and act.actor.tag == "BODY" and not REPLACED.isdisjoint(behind):
            act.kind = "amend"
            act.rules.append("form.replaced_with")
    renewed = [act for act in acts if act.kind == "issue" and act.sentence.words[act.last : act.last + 3] == NEW_ONE]
    if not renewed:
        return acts
    return [act for act in acts if act.kind != "repeal" or act.actor.first != renewed[0].actor.first]


def _without_governors(acts: list[Act]) -> list[Act]:
    """'voted to repeal' is one act: of acts with one finite verb, the first that was voted stands."""
    kept: list[Act] = []
    for act in acts:
        twin = next((other for other in kept if other.by_vote and other.governor == act.governor), None)
        if act.by_vote and twin is not None:
            if twin.kind in ("repeal", "introduce") and act.kind in ("adopt", "amend"):
                kept[kept.index(twin)] = act  # repeal and replace, introduce and adopt: the new instrument is the news
            continue
        if any(other.kind == "vote" and act.by_vote and act.governor == other.first for other in kept):
            kept = [other for other in kept if not (other.kind == "vote" and other.first == act.governor)]
        kept.append(act)
    return kept


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
