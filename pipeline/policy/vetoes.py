"""Vetoes: what turns a candidate act down. Each is checked for every act, and named in what is shown.

``modal`` would, may, will pass; ``future`` is set to vote; ``condition`` if passed, whether to pass; ``negation`` did
not pass; ``background`` had passed, first passed in 2014; ``subordinate`` a law passed by another body, or a verb that
only explains the sentence's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from pipeline.model import Check
from pipeline.policy import dates, votes
from pipeline.policy.acts import PRONOUNS, Act, View, dates_in, quote, verbs_in
from pipeline.policy.grammar import LOCAL_NOUNS, window
from pipeline.policy.sentences import Sentence

VETOES = ("modal", "future", "condition", "negation", "background", "subordinate")
PAST_ACTS = frozenset({"adopt", "amend", "declare", "reject", "repeal", "sign", "veto", "vote"})
APPLYING = frozenset(
    {"working", "acting", "operating", "serving", "deputies", "officers", "held", "arrested", "trained"}
)
"""Who or what stands before 'under an agreement' when the agreement is at work."""
REPORTING = frozenset({
    "said", "says", "announced", "announces", "confirmed", "reported", "told", "wrote", "means", "so", "shows", "noted",
    "vote", "decision", "news", "word", "agreed", "showed", "learned",
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
})  # fmt: skip
"""What stands before a 'that' which opens no clause about a noun: 'said Tuesday that the council voted'."""
RELATIVES = frozenset({"who", "whose", "which"})
DETERMINERS = frozenset({"the", "its", "his", "her", "their", "that"})
DECIDED = frozenset({"adopt", "amend", "back", "declare", "direct"})
"""Classes that 'decided not to' denies; not to cooperate, to join or to renew is a decision of its own."""
HOUR = 5
"""Tokens of 'By 7:20 p.m.'"""
LAST_DAYS = 7
"""Days within which what a clause dates is the article's news."""
OLD_MONTHS = 2
"""An action dated more than so many months before the publication is told as background."""


def veto_of(view: View, act: Act, form: str, before: Sequence[Act]) -> Check | None:
    """The veto that turns ``act`` down, or None; those that were checked are noted in its rules by ``actions``."""
    sentence, words = act.sentence, act.sentence.words
    token = act.governor
    start = window(sentence, token)
    belongs = _of_its_instrument(act, form)
    if belongs >= 0:
        if not _news(view, sentence, belongs):
            return _check("veto.background", sentence, act)
        start = max(start, belongs)
    if _relative(act, start) and not _news(view, sentence, start) and not _headline_tells(view, act):
        return _check("veto.background", sentence, act)
    if _within_subject(act, start, form):
        return _check("veto.subordinate", sentence, act)
    if _gives_a_reason(act, start) and not _news(view, sentence, start):
        return _check("veto.background", sentence, act)
    if sentence.index == 0 and words[:1] == ["how"] and form in ("ed", "past"):
        return _check("veto.background", sentence, act)  # 'How Oregon became the first sanctuary state'
    voted = words[act.governor + 1 : act.first] if act.by_vote else []
    if (act.kind in DECIDED and "not" in voted) or "short" in voted:
        return _check("veto.negation", sentence, act)  # 'one short of the six needed to override'
    for first, last, _ in sentence.hits.get("MODAL", ()):
        if _names(sentence, first):
            continue
        if start <= first and last <= token and token - last <= 4 and not _verb_between(sentence, last, token):
            return _check("veto.modal", sentence, act)
    for first, last, _ in sentence.hits.get("FUTURE", ()):
        if last <= token <= last + (0 if words[first:last] == ["to"] else 3) and first >= start - 1:
            if words[last - 1] in ("if", "whether", "unless", "until", "before"):
                return _check("veto.condition", sentence, act)
            return _check("veto.future", sentence, act)
    if start and words[start - 1] in ("if", "whether", "unless", "until", "before", "how"):
        return _check("veto.condition", sentence, act)
    for first, last, _ in sentence.hits.get("NEGATION", ()):
        if words[first] == "without" and last < token:
            continue  # 'agents without a warrant won ...': it denies what it stands before
        if max(start, token - 3) <= first and last <= token and act.kind != "reject":
            return _check("veto.negation", sentence, act)
    if form in ("ed", "past", "pp"):
        be = [word for word in words[max(start, token - 3) : token] if word in ("be", "being")]
        if be:
            return _check("veto.modal", sentence, act)
    for first, last, _ in sentence.hits.get("HAD", ()):
        if max(start, token - 4) <= first and last <= token and not _had_by_then(view, act, start, before):
            return _check("veto.background", sentence, act)
    if _in_the_past(view, act):
        return _check("veto.background", sentence, act)
    if before and act.kind not in ("effect",) and _subordinate(act, before[-1], form):
        return _check("veto.subordinate", sentence, act)
    if form in ("ed", "pp") and (_of_what_is_applied(act) or _aside(view, act)):
        return _check("veto.background", sentence, act)
    if not before and form in ("ed", "pp") and _reduced_relative(act) and not _dated(view, act):
        return _check("veto.subordinate", sentence, act)
    return None


def _of_its_instrument(act: Act, form: str) -> int:
    """'a resolution the board adopted', 'the agreement his rival signed': where a clause begins that belongs to the
    instrument before its subject; -1 when the verb stands in none."""
    words, hits = act.sentence.words, act.sentence.hits
    if form not in ("ed", "past") or not {"has", "have"}.isdisjoint(words[max(0, act.governor - 2) : act.governor]):
        return -1  # 'under a bill the governor has signed' tells of today
    named = {last for tag in ("INSTR", "G287") for _, last, _ in hits.get(tag, ())}
    named |= {last for first, last, _ in hits.get("ANAPHOR", ()) if last - first > 1}
    for at in range(act.governor - 1, max(0, act.governor - 9), -1):
        if words[at] in (",", ";", ":", "\u2014") or act.governor - at > 7:
            return -1
        if words[at] in DETERMINERS and at in named:
            return at
    return -1


def _relative(act: Act, start: int) -> bool:
    """'members who voted to bar ICE', 'whose board voted 4-3 in August': a clause about a noun before it."""
    words = act.sentence.words
    if not start or start > act.governor or "," in words[start : act.governor]:
        return False
    if words[start - 1] in RELATIVES:
        return True
    named = {last for tag in ("INSTR", "G287", "SANC", "BODY") for _, last, _ in act.sentence.hits.get(tag, ())}
    subject = start <= act.actor.first <= start + 1 and words[start - 2] not in REPORTING
    return words[start - 1] == "that" and (start - 1 in named or subject)


def _headline_tells(view: View, act: Act) -> bool:
    """'Landry signs bill', above a lead whose clause says 'which Gov. Jeff Landry signed': what the headline tells of
    the same person is the news."""
    title, words = view.sentences[0], act.sentence.words
    by_name = act.sentence.raw[act.governor - 1][:1].isupper() and words[act.governor - 1] in title.words[:3]
    told = any(form in ("s", "base") for _, _, form in title.hits.get(f"V:{act.kind}", ()))
    return act.sentence.index == 1 and by_name and told


def _within_subject(act: Act, start: int, form: str) -> bool:
    """'A resolution declaring it a city that backs the law failed 3-3': the verb right behind 'that' belongs to the
    noun before it, within the subject of the sentence's own verb."""
    sentence, words = act.sentence, act.sentence.words
    if start != act.governor or form not in ("s", "ed", "past") or words[max(0, start - 1)] != "that":
        return False
    if start < 2 or words[start - 2] in REPORTING or _verb_between(sentence, 0, start - 1):
        return False
    return any(
        first > act.last and told in ("ed", "past") and kind in PAST_ACTS
        for first, _, readings in verbs_in(sentence)
        for kind, told in readings
        if words[first - 1] not in ("that", "which", "who", "to", "it", "and")
    )


def _gives_a_reason(act: Act, start: int) -> bool:
    """'declared the agreement void because the chief signed it alone': what came before the news."""
    return start > 0 and act.sentence.words[start - 1] == "because"


def _news(view: View, sentence: Sentence, first: int) -> bool:
    """The clause that begins at a token tells its own day of the last week, or of 'the resolution' its tally alone."""
    start = sentence.starts[first]
    days = [found.iso for found in dates_in(view, sentence) if start <= found.start and not found.future]
    if (
        not days
        and sentence.words[first - 1] == "which"
        and sentence.words[:1] == ["the"]
        and "WEEK" not in sentence.hits
    ):
        return any(last in (first - 1, first - 2) for _, last, _ in sentence.hits.get("ANAPHOR", ())) and any(
            tally.start > start for tally in votes.tallies(view.plain, sentence.start, sentence.end)
        )
    return any(len(day) == 10 and _days_before(day, view.published) <= LAST_DAYS for day in days)


def _had_by_then(view: View, act: Act, start: int, before: Sequence[Act]) -> bool:
    """'By 7:20 p.m. Monday the council had voted 6-0': a lead that tells its news by the hour, with the day."""
    words = act.sentence.words
    opens = start == 0 or (start < HOUR and words[0] == "by")
    lead = act.sentence.index == 1 or (act.sentence.index == 2 and not view.sentences[1].has("ENF", "INSTR", "ANAPHOR"))
    return lead and opens and not before and bool(act.actor.tag) and _news_of(view, act.sentence)


def _news_of(view: View, sentence: Sentence) -> bool:
    days = [found.iso for found in dates_in(view, sentence) if not found.future and len(found.iso) == 10]
    return bool(days) and all(_days_before(day, view.published) <= LAST_DAYS for day in days)


def _names(sentence: Sentence, token: int) -> bool:
    """Will County is no plan and May 5 no permission."""
    behind = sentence.words[token + 1 : token + 2]
    return sentence.raw[token][:1].isupper() and bool(behind) and (behind[0].isdigit() or behind[0] in LOCAL_NOUNS)


def _verb_between(sentence: Sentence, left: int, right: int) -> bool:
    return any(
        left <= first and last <= right and form in ("s", "ed", "past")
        for tag, hits in sentence.hits.items()
        if tag.startswith("V:")
        for first, last, form in hits
    )


def _in_the_past(view: View, act: Act) -> bool:
    """The clause dates itself well before the publication, or says 'previously', 'first passed', 'years ago'."""
    sentence = act.sentence
    start, end = _clause(act)
    words = sentence.words
    if (
        start > 1
        and words[start - 1] in ("after", "since")
        and words[start - 2].rstrip("s") in ("year", "month", "decade")
    ):
        return True
    for first, last, _ in sentence.hits.get("BACKGROUND", ()):
        if start <= first and last <= end:
            return True
    left = sentence.starts[start] if start < len(sentence.starts) else sentence.start
    right = sentence.ends[end - 1] if end else sentence.end
    within = [found for found in dates_in(view, sentence) if left <= found.start < right and not found.future]
    if len(view.published) < 4:
        # News does not name its own year: 'approved 41-8 in 2021' looks back, whenever it was written.
        return any(found.rule == "date.year" and not _qualifies_noun(view, found) for found in within)
    own_year = int(view.published[:4])
    for found in within:
        if found.rule == "date.year" and int(found.iso) < own_year and not _qualifies_noun(view, found):
            if not (own_year - int(found.iso) == 1 and view.published[5:7] == "01"):
                return True
        elif found.rule != "date.year" and _months_before(found.iso, view.published) > OLD_MONTHS:
            return not _old_news(view, act, found)
    return False


def _old_news(view: View, act: Act, found: dates.Found) -> bool:
    """An old story under a new date: its lead itself dates, to the day, what its headline tells. It keeps that date."""
    told = view.sentences[0].hits if view.sentences else {}
    return act.sentence.index == 1 and len(found.iso) == 10 and f"V:{act.kind}" in told


def _qualifies_noun(view: View, found: dates.Found) -> bool:
    """'a 2017 resolution' dates the resolution, not the verb."""
    return (
        not view.plain[found.start : found.end]
        .lower()
        .startswith(("in ", "of ", "since ", "from ", "by ", "during ", "back ", "en "))
    )


def _clause(act: Act) -> tuple[int, int]:
    """Tokens of the verb's own clause; the next verb of the past begins another ('the act, first passed in 2014')."""
    words = act.sentence.words
    start = window(act.sentence, act.governor)
    if start and words[start - 1] in RELATIVES and words[act.governor - 1] == ",":
        start = act.governor  # behind ', which had voted 6-1 in June,'
    others = (
        first for first, _, readings in verbs_in(act.sentence) if first > act.last and any(map(_tells_past, readings))
    )
    end = min(others, default=len(words))
    for index in range(act.last + 1, end):
        if words[index] in (";", "\u2014", "which", "who", "after", "nine") or words[index] in PRONOUNS:
            return start, index
    return start, end


def _tells_past(reading: tuple[str, str]) -> bool:
    return reading[0] in PAST_ACTS and reading[1] in ("ed", "past", "pp")


def _subordinate(act: Act, main: Act, form: str) -> bool:
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
        own_clause = window(act.sentence, act.governor)
        reopened = (
            any(word in ("and", "but", ",") for word in words[max(own_clause, main.last) : act.actor.first + 1])
            and act.actor.first > main.last
        )
        return not reopened
    coordinated = any(word in ("and", "but", "while", ",", "then") for word in between)
    return not coordinated or (form in ("ed", "pp") and act.actor.first < main.last and not _adjacent_and(between))


def _reduced_relative(act: Act) -> bool:
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


def _of_what_is_applied(act: Act) -> bool:
    """'Deputies working under an agreement approved by the board arrested 30 people': the rule is applied, not made."""
    words = act.sentence.words
    named = any(last == act.first for tag in ("INSTR", "G287") for _, last, _ in act.sentence.hits.get(tag, ()))
    at = next((at for at in range(act.first - 2, max(0, act.first - 7), -1) if words[at] == "under"), 0)
    return named and words[at - 1] in APPLYING


def _aside(view: View, act: Act) -> bool:
    """'the new law, passed over objections, is no reason': told between commas, without a day or a tally."""
    sentence, words = act.sentence, act.sentence.words
    opens = act.first > 1 and words[act.first - 1] == "," and act.actor.last < act.first
    named = any(last == act.first - 1 for _, last, _ in sentence.hits.get("INSTR", ()))
    if not (opens and named and sentence.index) or "," not in words[act.last : act.last + 9] or _dated(view, act):
        return False
    return not votes.tallies(view.plain, sentence.start, sentence.end)


def _dated(view: View, act: Act) -> bool:
    """'A resolution approved Dec. 8 reaffirms ...': the participle tells the action, and its day."""
    words = act.sentence.words
    stop = next((at for at in range(act.last, min(len(words), act.last + 14)) if words[at] in (",", ";", "that")), 0)
    reach = act.sentence.ends[(stop or min(len(words), act.last + 14)) - 1]
    verb = act.sentence.starts[act.first]
    return any(len(found.iso) == 10 and verb < found.start < reach for found in dates_in(view, act.sentence))


def _check(rule: str, sentence: Sentence, act: Act) -> Check:
    return Check(rule, f"{act.kind}: {quote(sentence, act.governor, act.last)}")


def _adjacent_and(between: Sequence[str]) -> bool:
    return bool(between) and between[-1] in ("and", "then", "but")


def _days_before(iso: str, published: str) -> int:
    """Days from a full date to the publication; many when that is no full date."""
    if len(published) < 10:
        return LAST_DAYS + 1
    return (date.fromisoformat(published) - date.fromisoformat(iso)).days


def _months_before(iso: str, published: str) -> int:
    """Whole months from ``iso`` to ``published`` (0 when either lacks a month)."""
    if len(iso) < 7 or len(published) < 7:
        return 0 if iso[:4] >= published[:4] else 12 * (int(published[:4]) - int(iso[:4]) - 1)
    return (int(published[:4]) - int(iso[:4])) * 12 + int(published[5:7]) - int(iso[5:7])
