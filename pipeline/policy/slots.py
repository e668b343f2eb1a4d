"""What an action's sentences say of it beyond its stage: instrument, number, body, vote, date, name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from pipeline.model import Instrument, Vote
from pipeline.policy import dates, identifiers, votes
from pipeline.policy.accounts import LEAD, Account, Context, Weighted
from pipeline.policy.acts import Act
from pipeline.policy.sentences import Sentence

DATED = frozenset({"news", "wire", "press_release", "government_document", "advocacy", "blog"})
"""Kinds of articles that tell an action on its day or the next, when they do not say the day."""
OF_PUBLICATION = "date.of_publication"
"""The rule of a date that the text does not tell."""
ESTIMATES = frozenset({OF_PUBLICATION, dates.OF_THE_WEEK})
"""Rules of days that nobody told."""
LOCAL_RULES = frozenset({"ordinance", "resolution", "local_law", "bylaw", "policy", "directive", "executive_order"})
"""Instruments that a local government makes rules with."""
VAGUE = frozenset({"measure", "memo", "funding", "federal_list", "statute", "act"})
"""Words for instruments that are no instrument of their own, or may be anybody's law."""
OF_VOTING = frozenset({"vote", "voted", "passed", "approved", "adopted"})
"""Words beside a body and a tally that say that it is the vote's."""
NEXT_TO = 16
"""Characters between a verb and its day, at most."""
REACH = 16
"""Sentences of a story in which its measure is still described."""
LOOSE_COUNTY_NAMES = frozenset(
    {"Council", "Board", "Commission", "Commissioners", "City Council", "Board of County Commissioners"}
)
"""Names of a county's board that say no more than 'the board' or 'county commissioners'."""
TYPES_OF_COMMISSION = {"city": "City Commission", "township": "Board of Commissioners"}
"""What 'the commissioners' of a place are called, by its type."""
COUNCILS = {
    "city": "City Council", "town": "Town Council", "village": "Village Board", "county": "County Board",
    "borough": "Borough Council", "township": "Township Committee", "school_district": "Board of Education",
}  # fmt: skip


def about(context: Context, members: Sequence[Account]) -> list[tuple[Sentence, float]]:
    """The sentences that tell of the measure, with their weight: its own, the title, the ones that follow its own."""
    weights: dict[int, float] = {}
    if context.single:
        weights = dict.fromkeys(range(1, min(LEAD + 1, len(context.sentences))), 0.4)
    for candidate in members:
        index = candidate.act.sentence.index
        weights[index] = 2.0
        weights[index + 1] = max(weights.get(index + 1, 0.0), 1.0)
        if index == 0:
            weights[2] = max(weights.get(2, 0.0), 0.7)
    weights[0] = max(weights.get(0, 0.0), 1.5)
    for index in context.apart:
        weights.pop(index, None)
    return [(sentence, weights[sentence.index]) for sentence in context.sentences if sentence.index in weights]


def described(context: Context) -> list[tuple[Sentence, float]]:
    """Where a story of one measure says what it does: 'The ordinance prohibits ...', 'Under the resolution, ...'."""
    if not context.single:
        return []
    return [
        (sentence, 0.5)
        for sentence in context.sentences[1:REACH]
        if any(first <= 2 and last - first > 1 for first, last, _ in sentence.hits.get("ANAPHOR", ()))
    ]


def instrument_of(
    context: Context, best: Account, ranked: Sequence[Account], near: Weighted
) -> tuple[Instrument | None, str]:
    """Instrument and number; the number of a law that is fought, urged or merely named is not the measure's."""
    act, tag = best.act, best.act.actor.tag
    state_level = best.jurisdiction.type == "state"
    number = ""
    implied = ""
    files = context.kind == "government_document"
    foreign = act.kind in ("sue", "challenge", "enjoin", "uphold", "strike") and not state_level
    for sentence in [candidate.act.sentence for candidate in ranked] + [sentence for sentence, _ in near]:
        for found in identifiers.find(context.plain, sentence.start, sentence.end, files=files and sentence.index == 0):
            is_bill = found.instrument == "bill" and not found.text.startswith("Bill ")
            if is_bill and not state_level:
                continue
            if not is_bill and state_level and found.instrument in ("ordinance", "resolution"):
                continue
            if not foreign:
                number, implied = found.text, found.instrument
                break
        if number:
            break
    if state_level and not number:
        number = next(
            (name for sentence, _ in near for _, _, name in sentence.hits.get("LAW", ())), ""
        )  # a law named without its number
        number = number[3:] if number[:2] == best.jurisdiction.state else ""
    if best.family == "listed":
        return "federal_list", number
    named = _named_instrument(act, ranked, near)
    if act.kind == "join" or _agrees(act) or _signs_agreements(act):
        return "287g_agreement", number
    if act.kind == "sue":
        return "lawsuit_action", number
    if tag == "VOTERS":
        return "ballot_measure", number
    if best.family == "ruling" and act.kind != "challenge":
        fought = _behind(act)
        return (cast(Instrument, fought) if fought in LOCAL_RULES and not state_level else "court_ruling"), number
    orders = tag in ("OFFICER", "COURT", "BODY") or act.kind == "issue"
    if state_level and not orders and named not in ("order", "executive_order", "directive", "resolution"):
        return ("statute" if best.stage in ("signed", "effective", "became_law_without_signature") else "bill"), number
    if not named and implied:
        named = implied
    if named in ("statute", "bill", "act") and not state_level:
        named = "ordinance"
    if named in ("policy", "") and tag == "BODY" and any(sentence.has("CODIFY", "INTO_CODE") for sentence, _ in near):
        named = "ordinance"
    if named in ("measure", ""):
        named = implied if implied and implied != "bill" else ""
    if named == "order":  # a council's order is a resolution, an executive's is an executive order
        named = "resolution" if tag == "BODY" else "directive" if tag in ("OFFICER", "COURT") else "executive_order"
    if not named and tag in ("MAYOR", "OFFICER", "COURT") and act.kind in ("issue", "sign", "limit", "require"):
        named = "executive_order" if tag == "MAYOR" else "policy" if act.actor.name == "Sheriff" else "directive"
    return (cast(Instrument, named) if named else None), number


def _behind(act: Act) -> str:
    """The instrument's word that follows the verb: what a judge blocks or upholds."""
    hits = act.sentence.hits.get("INSTR", ())
    return next((name for first, _, name in hits if act.last <= first < act.last + 14 and name != "measure"), "")


def _signs_agreements(act: Act) -> bool:
    """'signed agreements Friday giving troopers power under 287(g)': what is signed is told before what it is under."""
    words = act.sentence.words[act.last : act.last + 5]
    named = any(word in ("agreement", "agreements", "memorandum", "pact", "pacts") for word in words)
    return act.kind == "sign" and named and "G287" in act.sentence.hits


def _agrees(act: Act) -> bool:
    """The object is an agreement with ICE itself, not a law about such agreements."""
    hits = act.sentence.hits
    for first, _, _ in hits.get("G287", ()):
        if act.last <= first < act.last + 8 and act.kind in ("sign", "adopt", "vote", "back", "rule", "require"):
            between = range(act.last, first)
            other = [
                f for f, _, name in hits.get("INSTR", ()) if f in between and name not in ("287g_agreement", "measure")
            ]
            against = [f for tag in ("LIMITER", "NEG") for f, _, _ in hits.get(tag, ()) if f in between]
            if not other and not against:
                return True
    return False


def _named_instrument(act: Act, ranked: Sequence[Account], near: Weighted) -> str:
    """The instrument's word nearest behind the verb, else in the other sentences of the action."""
    for candidate in ranked:
        own = candidate.act
        hits = [hit for hit in own.sentence.hits.get("INSTR", []) if not _barred(own, hit[0])]
        behind = [(first - own.last, name) for first, _, name in hits if own.last - 1 <= first < own.last + 14]
        before = [(own.first - last, name) for _, last, name in hits if own.first - 10 <= last <= own.first]
        words = own.sentence.words
        # 'An ordinance that would put its sanctuary policy into the code won approval': the subject, however far.
        subject = [(0, name) for first, last, name in hits if first <= 2 and words[last : last + 1] == ["that"]]
        for _, name in sorted(behind) + (subject if own.first > 2 else []) + sorted(before):
            if name not in VAGUE:
                return name
    for candidate in ranked:
        if pointed := _pointed_at(candidate.act.sentence):
            return pointed
    barred = {
        (own.act.sentence.index, hit[0])
        for own in ranked
        for hit in own.act.sentence.hits.get("INSTR", ())
        if _barred(own.act, hit[0])
    }
    names = [
        name
        for sentence, _ in near
        for first, _, name in sentence.hits.get("INSTR", ())
        if (sentence.index, first) not in barred
    ]
    told = (name for name in names if name not in VAGUE and name != "lawsuit_action")
    pointed_at = (pointed for sentence, _ in near if (pointed := _pointed_at(sentence)))
    if name := next(told, "") or next(pointed_at, ""):
        return name
    return "statute" if "statute" in names or "act" in names else ("measure" if names else "")


def _barred(act: Act, first: int) -> bool:
    """'bar police from joining the 287(g) program': what one is kept from is not the instrument."""
    return act.kind in ("limit", "rule") and "from" in act.sentence.words[act.last : first] and first - act.last < 14


def _pointed_at(sentence: Sentence) -> str:
    """The instrument that 'the ordinance', 'this resolution' names, where the text points back."""
    for _, last, _ in sentence.hits.get("ANAPHOR", ()):
        if sentence.words[last - 1] in LOCAL_RULES:
            return sentence.words[last - 1]
        if sentence.words[last - 1] == "legislation":
            return "ordinance"  # of a state it is told as bill or statute before this is asked
    return ""


def body_of(context: Context, best: Account, ranked: Sequence[Account]) -> str:
    named = [
        candidate.act.actor.name
        for candidate in ranked
        if candidate.act.actor.tag not in ("", "PLACE", "NOBODY") and candidate.act.actor.name != "ICE"
    ]
    if not named and best.jurisdiction.type != "state":
        named = [name for own in context.sentences[: LEAD + 1] for _, _, name in own.hits.get("BODY", [])]
    name = next((name for name in named if name not in ("Council", "Board", "Commission")), named[0] if named else "")
    if best.jurisdiction.type == "county" and name in LOOSE_COUNTY_NAMES:
        return _county_board(context, best.jurisdiction.state, name)
    if best.jurisdiction.type == "tribal" and name in ("Council", "Board"):
        return "Tribal Council"
    if name == "Commission" and best.jurisdiction.type in TYPES_OF_COMMISSION:
        return TYPES_OF_COMMISSION[best.jurisdiction.type]
    if not name and best.jurisdiction.type == "state" and best.stage in ("passed", "passed_final", "veto_overridden"):
        return "Legislature"
    if name in ("Council", "Board", "Commission"):
        specific = COUNCILS.get(best.jurisdiction.type, name)
        return (
            specific
            if name == "Council" or best.jurisdiction.type in ("village", "school_district", "county")
            else name
        )
    return name


def _county_board(context: Context, state: str, name: str) -> str:
    """What a state's counties call the board that a text calls 'the board' or 'commissioners'."""
    table = context.lexicon.table("actors", "county_boards")
    fallback = {"Commission": "Board of Commissioners", "Board of County Commissioners": name}
    return str(table.get(state, fallback.get(name, "County Board")))


def vote_of(best: Account, ranked: Sequence[Account], near: Weighted, context: Context) -> Vote | None:
    """Members for and against: a vote to reject is turned round; tabling and repeal keep their own sides."""
    if best.act.kind == "sign" and best.act.tally is None:
        return None  # nobody votes on a signature: tallies that its story tells are those of the passage
    tallies = [candidate.act.tally for candidate in ranked if candidate.act.tally is not None]
    told = next((tally for tally in tallies if tally.first is not None), tallies[0] if tallies else None)
    if told is None or told.first is None:
        told = _tally_beside(context, ranked) or _tally_of_title(context, best) or told
    if told is None and context.kind == "government_document":
        told = votes.roll(context.plain)
    if told is None:
        return None
    ayes, noes = told.first, told.second
    if best.family == "adopt" and ayes is not None and ayes == noes and not best.act.sentence.has("TIEBREAK"):
        return None  # 'approved it Friday, days after a 3-3 tie': by a tie nothing is adopted
    unanimous = told.unanimous
    if any(tally.unanimous for tally in tallies) and noes in (0, None):
        unanimous = True
    abstain, absent = _away(context, ranked)
    on = "measure"
    if best.family == "reject":
        if best.stage == "failed" and "stage.failed_repeal" in best.notes:
            on = "repeal"
        elif ayes is not None and noes is not None:
            ayes, noes = min(ayes, noes), max(ayes, noes)
    elif best.stage in ("tabled", "postponed"):
        on = "table"
    elif best.family == "repeal":
        on = "repeal"
    elif best.family == "pending":
        on = best.stage
    return Vote(
        ayes=ayes,
        noes=noes,
        abstain=told.abstain if told.abstain is not None else abstain,
        absent=absent,
        unanimous=unanimous,
        on=on,
    )


def _away(context: Context, ranked: Sequence[Account]) -> tuple[int | None, int | None]:
    """Members who abstained and who were absent, as the sentences of the vote or the two behind each tell it."""
    abstain: int | None = None
    absent: int | None = None
    for index in sorted({candidate.act.sentence.index for candidate in ranked}):
        for sentence in context.sentences[index : index + 3]:
            if sentence.index != index and sentence.index in context.busy:
                break
            found = votes.away(context.plain, sentence.start, sentence.end)
            abstain = found[0] if abstain is None else abstain
            absent = found[1] if absent is None else absent
    return abstain, absent


def _tally_of_title(context: Context, best: Account) -> votes.Tally | None:
    """The one tally of a headline that names the body, above a text that tells the vote without it."""
    title = context.sentences[0]
    if not context.single or best.family not in ("adopt", "repeal") or "BODY" not in title.hits:
        return None
    found = [tally for tally in votes.tallies(context.plain, title.start, title.end) if tally.first is not None]
    return found[0] if len(found) == 1 and (found[0].first or 0) > (found[0].second or 0) else None


def _tally_beside(context: Context, ranked: Sequence[Account]) -> votes.Tally | None:
    """The tally of the next sentence, when it tells of the vote only: 'The vote was 6-3', 'Members voted 3-2'; of a
    state's law also 'The Senate agreed to the House's changes, 22-12'."""
    own = {candidate.act.sentence.index for candidate in ranked}
    chambers = ranked[0].jurisdiction.type == "state" and ranked[0].family == "adopt"
    for index in sorted(own):
        for sentence in context.sentences[index + 1 : index + 3]:
            chamber = chambers and "CHAMBER" in sentence.hits
            if sentence.index in own or (sentence.index in context.busy and not chamber):
                continue
            voted = sentence.index == index + 1 and ("V:vote" in sentence.hits or chamber)
            next_but_title = sentence.index == index + 1 or index == 0
            of_body = "BODY" in sentence.hits and not OF_VOTING.isdisjoint(sentence.words)
            voted = voted or (next_but_title and of_body)
            if not {"vote", "tally", "all", "voto"}.intersection(sentence.words[:3]) and not voted:
                continue
            told = votes.tallies(context.plain, sentence.start, sentence.end)
            if chamber and len(told) > 1:  # 'The House vote was 75-24 and the Senate concurred 26-6': the last one
                last = [sentence.starts[first] for first, _, _ in sentence.hits.get("FINAL", ())]
                told = sorted(told, key=lambda tally: min((abs(tally.start - at) for at in last), default=0))
            for tally in told:
                if tally.first is not None or tally.unanimous:
                    return tally
    return None


def date_of(context: Context, best: Account, ranked: Sequence[Account], near: Weighted) -> tuple[str, str]:
    """The action's date as its sentences tell it, else the day of publication when the news is told as today's."""
    for candidate in ranked:
        found = candidate.act.date
        if found is not None and candidate.act.sentence.index <= LEAD + 2:
            return found.iso, found.rule
    for sentence, _ in near:
        days = [
            found for found in dates.find(context.plain, sentence.start, sentence.end, context.published)
            if len(found.iso) == 10 and not found.future
        ]  # fmt: skip
        told = ("HEARING",) if best.stage == "hearing_scheduled" else ()
        days = _of_the_verb(sentence, days, best.act.kind) if len(days) > 1 else days
        if len(days) == 1 and sentence.has("V:vote", "VOTE_TO", "V:adopt", "V:sign", "INSTR", "G287", *told):
            return days[0].iso, f"{days[0].rule}.beside"
    for candidate in ranked:
        left, right = candidate.act.scope
        if day := dates.of_the_week(context.plain[left:right], context.published):
            return day, dates.OF_THE_WEEK
    for sentence, _ in near:
        day = dates.of_the_week(sentence.text, context.published)
        if day and sentence.has("BODY", "INSTR", "V:vote", "V:adopt", "V:become"):
            return day, dates.OF_THE_WEEK
    if any("WEEK" in sentence.hits for sentence, _ in near):
        return "", ""
    fresh = best.act.sentence.index <= 2 and best.family in ("adopt", "reject", "repeal", "veto")
    dated = context.kind in DATED and not context.retold
    if fresh and dated and len(context.published) == 10:
        return context.published, OF_PUBLICATION
    return "", ""


def _of_the_verb(sentence: Sentence, days: Sequence[dates.Found], kind: str) -> list[dates.Found]:
    """Of several days that a sentence tells the one next to the action's own verb: 'a memorandum signed Monday and
    made public Friday'."""
    verbs = [sentence.ends[last - 1] for _, last, _ in sentence.hits.get(f"V:{kind}", ())]
    behind = [(day.start - verb, day) for verb in verbs for day in days if 0 <= day.start - verb < NEXT_TO]
    return [min(behind, key=lambda pair: pair[0])[1]] if behind else []


def topic_of(near: Weighted) -> str:
    """The measure's own words: a named law, else what it calls the place, else what it is about."""
    for tag in ("LAW", "WELCOME", "ANTISANC", "SANC", "G287", "PROPERTY", "DETAINER"):
        for sentence, _ in near:
            for _, _, name in sentence.hits.get(tag, ()):
                return name.lower()
    return ""
