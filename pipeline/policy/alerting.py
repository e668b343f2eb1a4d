"""What an account owes the world: the kind of alert, whether it may alert alone, and how sure it is."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.model import AlertKind, Instrument, Jurisdiction, Stage, Vote
from pipeline.policy import direction, identifiers
from pipeline.policy.accounts import LEAD, Account, Context, Weighted
from pipeline.policy.acts import Act
from pipeline.policy.sentences import Sentence

URGES = "alert.urges_others"
"""The rule that an instrument only asks another government to act: it sets no rule of its own."""
ABOUT = frozenset({"that", "which", "to", "for", "on", "about", "under"})
"""What begins the content of an instrument right behind its name."""
SAYING = frozenset({"said", "says", "told", "asked", "according"})
STAGE_ALERTS: dict[str, AlertKind] = {
    "repeal": "repeal", "veto": "veto", "ruling": "ruling", "effective": "stage", "pending": "stage", "reject": "stage",
    "listed": "stage",
}  # fmt: skip


def alert_of(
    context: Context, best: Account, near: Weighted, pointing: direction.Pointing,
    instrument: Instrument | None,
) -> tuple[AlertKind | None, str]:  # fmt: skip
    """The alert the action would raise if its measure is new to the docket, and the rule that took it away."""
    act, family = best.act, best.family
    if best.jurisdiction.type == "federal":
        return None, "alert.federal"
    if family != "adopt":
        return "stage" if act.kind == "challenge" else STAGE_ALERTS[family], ""
    if context.retold and (act.sentence.index > 0 or "RETOLD" in act.sentence.hits) and act.date is None:
        return None, "alert.retold"
    if _urges(act) or _told_as_urging(context, act):
        return None, URGES
    if pointing.direction is None and ("V:urge" in act.sentence.hits or instrument == "proclamation"):
        return None, URGES
    if "CEREMONY" in act.sentence.hits or "CEREMONY" in context.sentences[0].hits:
        return "stage", "alert.ceremony"
    if _another_story(context, best):
        return None, "alert.another_story"
    if _only_immigration(context, act):
        return None, "alert.only_immigration"
    soft = bool(pointing.provisions) and set(pointing.provisions) <= direction.related_only(context.lexicon)
    if soft and not any(sentence.has("SANC", "WELCOME") and "MUNIID" not in sentence.hits for sentence, _ in near):
        return None, "alert.related_only"
    if not pointing.provisions and any(sentence.has("EMERGENCY") for sentence, _ in near):
        return None, "alert.emergency"
    if any(candidate_kind == "reaffirm" for candidate_kind in _kinds(near)) or act.kind == "reaffirm":
        return "reaffirm", ""
    if act.kind == "amend":
        return "amend", ""
    return "new", ""


def _another_story(context: Context, best: Account) -> bool:
    """In a page of many pieces: the sentence names its place and speaks of something else, and whatever speaks of the
    topic names other places."""
    act, own = best.act, best.jurisdiction
    if act.own_topic or act.sentence.index <= 1:
        return False
    elsewhere = False
    for sentence in context.sentences:
        mentions = [m for m in context.map.mentions if sentence.start <= m.start < sentence.end]
        here = any(m.jurisdiction.key == own.key for m in mentions)
        if sentence is act.sentence:
            if not here:
                return False
        elif sentence.index == 0 or sentence.has("ENF", "SANC", "ANTISANC", "WELCOME", "LAW", "G287", "DETAINER"):
            if here:
                return False
            elsewhere = elsewhere or any(m.jurisdiction.type != "federal" for m in mentions)
    return elsewhere


def _only_immigration(context: Context, act: Act) -> bool:
    """Immigrants are honored, counted or taught: title, sentence, and what follows about "the measure" name neither
    enforcement nor a rule about it, whatever is said further down in passing."""
    behind = context.sentences[act.sentence.index + 1 : act.sentence.index + 3]
    own = [act.sentence, *(sentence for sentence in behind if "ANAPHOR" in sentence.hits)]
    told = act.sentence.index == 0 and bool(behind) and "INSTR" in behind[0].hits
    if behind and (told or _left_open(act.sentence)) and _says_what_is_ruled(context, behind[0]):
        own.append(behind[0])
    if "ANAPHOR" in act.sentence.hits and act.sentence.index > 1:
        own.append(context.sentences[act.sentence.index - 1])
    numbered = bool(identifiers.find(context.plain, act.sentence.start, act.sentence.end))
    if act.sentence.index <= 1 or numbered or "ANAPHOR" in act.sentence.hits:
        own.append(context.sentences[0])
    if any(
        sentence.has("ENF", "SANC", "ANTISANC", "WELCOME", "LAW", "G287", "DETAINER", "CONTRACT") for sentence in own
    ):
        return False
    return direction.read(context.lexicon, [(sentence, 1.0) for sentence in own]).direction is None


def _left_open(sentence: Sentence) -> bool:
    """The sentence names an instrument and does not say what it is about: 'approved a package of ordinances'."""
    words = sentence.words
    behind = [words[last : last + 1] for _, last, _ in sentence.hits.get("INSTR", ())]
    return bool(behind) and not any(word and (word[0] in ABOUT or word[0].endswith("ing")) for word in behind)


def _says_what_is_ruled(context: Context, sentence: Sentence) -> bool:
    """'Police there are now barred from being deputized by ICE', behind 'approved a package of ordinances'."""
    provided = {name for name, _, _, provision in direction.point(context.lexicon, sentence) if provision}
    of_topic = "ENF" in sentence.hits or not provided.isdisjoint(direction.of_the_topic_alone(context.lexicon))
    told_by_others = sentence.has("BACKGROUND", "V:consider", "PROPOSED") or not SAYING.isdisjoint(sentence.words)
    return of_topic and bool(provided) and not told_by_others


def _kinds(near: Weighted) -> set[str]:
    return {"reaffirm" for sentence, weight in near if "V:reaffirm" in sentence.hits and (weight >= 1.5)}


def _urges(act: Act) -> bool:
    """'a resolution urging the Legislature to pass ...', 'voted to ask the governor': no rule of its own."""
    hits, words = act.sentence.hits, act.sentence.words
    for first, last, name in hits.get("INSTR", ()):
        if act.kind == "back" and name == "bill" and act.last <= first < act.last + 4 and "MODAL" in hits:
            return True  # 'voted to support a bill that would end the sanctuary law': somebody else's
        if name in ("resolution", "motion") and {"calling", "for"} <= set(words[last : last + 5]):
            return True
    for first, last, form in hits.get("V:urge", ()):
        voted = form == "base" and first > 0 and words[first - 1] == "to" and act.first <= first <= act.last + 12
        if first >= act.first - 2 and (voted or form in ("ing", "s")):
            for tag in ("STATEBODY", "GOVERNOR", "FEDERAL", "CHAMBER", "HIGHER"):
                if any(last <= target < last + 5 and name != "ICE" for target, _, name in hits.get(tag, ())):
                    return True
    return False


def _told_as_urging(context: Context, act: Act) -> bool:
    """'The resolution passed 10-0', behind 'The council called on the Legislature to pass the act'."""
    index = act.sentence.index
    if act.own_topic or index == 0 or "ANAPHOR" not in act.sentence.hits:
        return False
    before = context.sentences[index - 1]
    for first, last, form in before.hits.get("V:urge", ()):
        body = any(first - 4 <= end <= first for _, end, _ in before.hits.get("BODY", ()))
        asked = any(
            last <= target < last + 5 for tag in ("STATEBODY", "GOVERNOR", "FEDERAL", "CHAMBER")
            for target, _, name in before.hits.get(tag, ()) if name != "ICE"
        )  # fmt: skip
        if body and asked and form in ("ed", "past", "s"):
            return True
    return False


def alone(
    context: Context, jurisdiction: Jurisdiction, vote: Vote | None, body: str, stage: Stage, *, dated: bool
) -> tuple[bool, str]:
    """Who may alert alone: news and wire; the adopting body itself; others when they state body or vote, and a day."""
    if context.muted:
        return False, context.muted
    if context.kind in ("index_page", "review", "explainer", "live_blog"):
        return False, f"alone.never_{context.kind}"
    if not jurisdiction.state:
        return False, "alone.state_unknown"
    told = (bool(body) or vote is not None or stage in ("signed", "issued")) and dated
    if context.source_kind in ("news", "wire") and context.kind in ("news", "wire"):
        return True, "alone.news"
    if context.source_kind == "government" and _speaks_for_itself(context.source, jurisdiction):
        return True, "alone.adopting_body"
    if context.kind in ("news", "wire", "press_release", "government_document", "blog", "advocacy", "opinion"):
        return (True, "alone.states_body_and_date") if told else (False, "alone.waits_for_second_source")
    return False, "alone.waits_for_second_source"


def _speaks_for_itself(source: str, jurisdiction: Jurisdiction) -> bool:
    """Whether a government source is the jurisdiction's own: "City of Orange", not "Orange County Sheriff"."""
    others = "county|city" if jurisdiction.type == "state" else "county|parish|state"
    own = rf"\b{re.escape(jurisdiction.name)}\b(?! (?:{others})\b)"
    return re.search(own, source, re.IGNORECASE) is not None


def confidence(
    context: Context, best: Account, members: Sequence[Account], vote: Vote | None, body: str, date: str
) -> float:
    value = 0.5 + 0.2 * (best.confidence - 0.5)
    value += 0.1 if vote is not None else 0.0
    value += 0.1 if body else 0.0
    value += 0.1 if best.act.own_topic else 0.0
    value += 0.05 if len(date) == 10 else 0.0
    value += 0.1 if len(members) > 1 else 0.0
    value -= 0.1 if context.kind in ("opinion", "advocacy", "blog", "explainer", "live_blog", "index_page") else 0.0
    value -= 0.1 if best.act.sentence.index > LEAD else 0.0
    return round(min(0.98, max(0.05, value)), 2)
