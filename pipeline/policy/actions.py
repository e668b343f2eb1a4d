"""From acts to reports: which jurisdiction, body and instrument, one report for one action, and whether it may alert.

Several sentences tell of one action: they are merged by jurisdiction and family of stages, the best of them is the
evidence, and what one leaves open (tally, date, number) another fills.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, cast

from pipeline.model import AlertKind, ArticleKind, Check, Instrument, Jurisdiction, Report, SourceKind, Stage, Vote
from pipeline.policy import dates, direction, identifiers, places, stages, votes
from pipeline.policy.lexicon import Lexicon
from pipeline.policy.sentences import Sentence
from pipeline.policy.stages import Act, Actor

Family = Literal["adopt", "reject", "pending", "repeal", "veto", "ruling", "effective", "listed"]

UNITED_STATES = Jurisdiction("United States", "federal", "US", "US")
LEAD = 3
"""Sentences after the title in which a news story tells its news."""
STATE_ACTORS = frozenset({"STATEBODY", "CHAMBER", "GOVERNOR"})
EXECUTIVES = frozenset({"GOVERNOR", "MAYOR", "OFFICER", "FEDERAL"})
STAGE_ALERTS: dict[str, AlertKind] = {
    "repeal": "repeal", "veto": "veto", "ruling": "ruling", "effective": "stage", "pending": "stage", "reject": "stage",
    "listed": "stage",
}  # fmt: skip
LOCAL_WORDS = frozenset(
    ["city", "county", "town", "village", "township", "borough", "parish", "council", "commissioners", "supervisors", "mayor", "sheriff", "sheriffs", "cities", "counties", "towns", "district", "school", "board", "trustees", "aldermen", "selectmen", "suburb", "community"]
)
COUNCILS = {
    "city": "City Council", "town": "Town Council", "village": "Village Board", "county": "County Board",
    "borough": "Borough Council", "township": "Township Committee", "school_district": "Board of Education",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Context:
    """What is known of the article as a whole."""

    lexicon: Lexicon
    plain: str
    sentences: Sequence[Sentence]
    map: places.Map
    published: str
    """Local date, as far as known."""
    kind: ArticleKind
    source_kind: SourceKind
    source: str
    muted: str = ""
    retold: bool = False
    single: bool = False
    """All acts are of one place: whatever the lead says is said of it."""
    """The article says of itself that it looks back (anniversary, explainer, history)."""


@dataclass(slots=True)
class Candidate:
    """An act with its jurisdiction and what it makes of the measure."""

    act: Act
    jurisdiction: Jurisdiction
    stage: Stage
    family: Family
    confidence: float
    """Of the place."""
    notes: list[str] = field(default_factory=list)


def report(context: Context, told: stages.Told) -> tuple[list[Report], list[Check]]:
    """The reports of an article, in the order of their evidence, and the candidates that were turned down."""
    rejected = list(told.rejected)
    candidates: list[Candidate] = []
    for act in told.acts:
        found = _candidates(context, act)
        if not found:
            rejected.append(Check("place.none", f"{act.kind}: no jurisdiction for {_quoted(act)}"))
        candidates += found
    candidates = _title_yields(candidates)
    context = replace(context, single=len({candidate.jurisdiction.key for candidate in candidates}) == 1)
    groups: dict[tuple[str, Family], list[Candidate]] = {}
    for candidate in candidates:
        groups.setdefault((candidate.jurisdiction.key, candidate.family), []).append(candidate)
    made: list[tuple[int, Report]] = []
    for (place, family), members in groups.items():
        others = {name: group for (key, name), group in groups.items() if key == place and name != family}
        veto = _outranked(family, members, others)
        if veto is not None:
            rejected.append(veto)
            continue
        best = max(members, key=lambda candidate: _strength(candidate.act))
        made.append((best.act.sentence.start, _made(context, best, members)))
    made.sort(key=lambda pair: pair[0])
    return [item for _, item in made], rejected


def _title_yields(candidates: list[Candidate]) -> list[Candidate]:
    """A headline that names a place otherwise than its text ('New Philadelphia mayor') takes the text's place."""
    told: dict[Family, set[str]] = {}
    for candidate in candidates:
        if 0 < candidate.act.sentence.index <= LEAD:
            told.setdefault(candidate.family, set()).add(candidate.jurisdiction.key)
    kept = []
    for candidate in candidates:
        places_of_text = told.get(candidate.family)
        if candidate.act.sentence.index == 0 and places_of_text and candidate.jurisdiction.key not in places_of_text:
            if len(places_of_text) == 1:
                twin = next(c for c in candidates if c.jurisdiction.key in places_of_text)
                candidate = replace(
                    candidate, jurisdiction=twin.jurisdiction, notes=[*candidate.notes, "place.title_yields"]
                )
            else:
                continue
        kept.append(candidate)
    return kept


# ------------------------------------------------------------------ place and stage of one act
def _candidates(context: Context, act: Act) -> list[Candidate]:
    where = _jurisdictions(context, act)
    stage, family, notes = _stage(context, act)
    made = []
    for jurisdiction, confidence, rule in where:
        made.append(Candidate(act, jurisdiction, stage, family, confidence, [*notes, rule]))
    return made


def _jurisdictions(context: Context, act: Act) -> list[tuple[Jurisdiction, float, str]]:
    actor, sentence, where = act.actor, act.sentence, context.map
    if actor.tag == "FEDERAL" and act.kind in ("sign", "issue", "list", "adopt", "challenge"):
        if act.kind != "challenge":
            return [(UNITED_STATES, 0.9, "place.federal")]
    if actor.tag == "PLACE":
        listed = _listed(context, act)
        if len(listed) > 1 and act.tally is None and act.date is None and not act.by_vote:
            return []  # a roundup of places, not an action of each
        if len(listed) > 1:
            return [(mention.jurisdiction, mention.confidence, f"place.list.{mention.rule}") for mention in listed]
    anchor = sentence.starts[actor.first] if actor.first >= 0 else sentence.starts[act.governor]
    if actor.tag == "STATEBODY" and sentence.words[actor.first] in ("lawmakers", "legislators", "leaders"):
        local = where.near(anchor)
        if local is not None and local.jurisdiction.type not in ("state", "federal"):
            if 0 <= actor.first - sentence.token_at(local.end) <= 3 and local.end <= anchor:
                act.actor = Actor("BODY", "Council", actor.first, actor.last)
                return [(local.jurisdiction, local.confidence, f"place.{local.rule}")]
    types: tuple[str, ...] = ("state",) if actor.tag in STATE_ACTORS else ()
    mention = where.near(anchor, types)
    if mention is not None and not types and mention.jurisdiction.type == "state" and _stands_for_local(act, mention):
        local = _local_of(context, mention.jurisdiction.state)
        return [(local, 0.75, "place.named_in_text")] if local is not None else []
    if mention is not None and (not types or mention.jurisdiction.type in types):
        return [(mention.jurisdiction, mention.confidence, f"place.{mention.rule}")]
    if types:
        code = where.state_of_text or (mention.jurisdiction.state if mention is not None else "")
        state = places.parse_label(code) if code and code != "US" else None
        return [(state, 0.7, "place.state_of_text")] if state is not None else []
    if mention is not None:
        return [(mention.jurisdiction, mention.confidence, f"place.{mention.rule}")]
    return [(where.main, 0.6, "place.main")] if where.main is not None else []


def _stands_for_local(act: Act, mention: places.Mention) -> bool:
    """'California city approves', 'NM county votes': the state only says where the unnamed city is."""
    sentence = act.sentence
    behind = sentence.token_at(mention.end)
    return any(word in LOCAL_WORDS for word in sentence.words[behind : max(behind + 2, act.governor)][:6])


def _local_of(context: Context, state: str) -> Jurisdiction | None:
    """The local government of ``state`` that the article is about, as far as it names one."""
    main = context.map.main
    if main is not None and main.type not in ("state", "federal") and main.state == state:
        return main
    for mention in context.map.mentions:
        if mention.jurisdiction.type not in ("state", "federal") and mention.jurisdiction.state == state:
            return mention.jurisdiction
    return None


def _listed(context: Context, act: Act) -> list[places.Mention]:
    """'Newport Beach, Orange and Westminster voted': every place of the list that is the subject."""
    sentence = act.sentence
    stop = sentence.ends[act.actor.last - 1]
    found: list[places.Mention] = []
    mentions = [m for m in context.map.mentions if sentence.start <= m.start and m.end <= sentence.end]
    for mention in sorted(mentions, key=lambda item: -item.start):
        if mention.end > stop + 1:
            continue
        if not found:
            if mention.end >= stop - 1:
                found.append(mention)
            continue
        between = context.plain[mention.end : found[-1].start].strip(" ,").lower()
        if between in ("", "and", "&") and mention.jurisdiction.type == found[-1].jurisdiction.type:
            if mention.jurisdiction.key not in {own.jurisdiction.key for own in found}:
                found.append(mention)
        else:
            break
    return found[::-1]


def _stage(context: Context, act: Act) -> tuple[Stage, Family, list[str]]:
    """The stage the act brings its measure to; the rules that moved it from the verb's own."""
    entry = context.lexicon.table("actions", "classes").get(
        act.kind, {"stage": "awaiting_signature", "family": "pending"}
    )
    stage, family = cast(Stage, entry["stage"]), cast(Family, entry["family"])
    sentence, tag = act.sentence, act.actor.tag
    if family != "adopt":
        if act.kind == "reject" and _about_repeal(act):
            return "failed", "reject", ["stage.failed_repeal"]
        if family == "repeal" and tag == "VOTERS":
            return "repealed", "repeal", []
        return stage, family, []
    if act.kind in ("override", "unsigned"):
        return stage, family, []
    in_scope = _in_scope(act, "INITIAL")
    if in_scope and not _in_scope(act, "FINAL"):
        return "first_reading", "pending", ["stage.initial"]
    if act.kind == "sign" or tag in EXECUTIVES:
        if act.kind in ("sign", "adopt", "become"):
            return "signed", "adopt", []
        return ("issued" if act.kind == "issue" else "signed"), "adopt", []
    if tag == "COMMITTEE":
        return "committee", "pending", ["stage.committee"]
    if tag == "CHAMBER":
        if sentence.has("DESK") or _in_scope(act, "FINAL") or _both_chambers(sentence):
            return "passed", "adopt", ["stage.last_chamber"]
        return "passed_one_chamber", "pending", ["stage.one_chamber"]
    if tag == "STATEBODY" or tag == "VOTERS":
        return "passed", family, []
    if any(own.has("FIRSTVOTE") for own in context.sentences[: LEAD + 3]) and "FINAL" not in sentence.hits:
        return "passed_first_vote", "adopt", ["stage.second_vote_due"]
    if _in_scope(act, "FINAL"):
        return "passed_final", "adopt", ["stage.final"]
    return stage, family, []


def _both_chambers(sentence: Sentence) -> bool:
    names = {name for _, _, name in sentence.hits.get("CHAMBER", ())}
    return len(names) > 1 and "both" in sentence.words


def _in_scope(act: Act, tag: str) -> bool:
    left, right = act.scope
    starts = act.sentence.starts
    return any(left <= starts[first] < right for first, _, _ in act.sentence.hits.get(tag, ()))


def _about_repeal(act: Act) -> bool:
    """'rejected a motion to repeal', 'failed to rescind': what failed is the repeal, the policy stays."""
    hits = act.sentence.hits.get("V:repeal", ())
    words = act.sentence.words
    return any(act.last <= first < act.last + 9 and form in ("base", "ing") for first, _, form in hits) or any(
        word in ("repeal", "rescission", "reversal") for word in words[max(0, act.first - 5) : act.last + 7]
    )


# ------------------------------------------------------------------ which of several accounts stands
def _outranked(family: Family, members: Sequence[Candidate], others: dict[Family, list[Candidate]]) -> Check | None:
    """A title that overstates yields to its text, background yields to the news."""
    in_text = [candidate for candidate in members if 0 < candidate.act.sentence.index <= LEAD]
    leading = {
        name: [candidate for candidate in group if candidate.act.sentence.index <= LEAD]
        for name, group in others.items()
    }
    if family == "adopt" and not in_text and any(candidate.act.sentence.index == 0 for candidate in members):
        for name in ("pending", "reject"):
            lower = [candidate for candidate in leading.get(name, ()) if candidate.act.sentence.index > 0]  # type: ignore[call-overload]
            if lower:
                return Check("veto.lower_stage", f"the text says {lower[0].stage}")
    if family == "adopt" and not any(candidate.act.sentence.index <= LEAD for candidate in members):
        for name in ("repeal", "veto", "ruling", "effective", "reject", "pending"):
            if leading.get(name):  # type: ignore[call-overload]
                return Check("veto.background", f"the news is {leading[name][0].stage}")  # type: ignore[index]
    if family == "repeal" and not in_text and leading.get("adopt"):
        return Check("merge.stronger_stage", "repealed and replaced")
    if family == "pending":
        stronger = [name for name in ("adopt", "reject", "repeal", "veto") if leading.get(name)]  # type: ignore[call-overload]
        text_adopts = [c for name in stronger for c in leading[name] if c.act.sentence.index > 0]  # type: ignore[index]
        own_text = [candidate for candidate in members if 0 < candidate.act.sentence.index <= LEAD]
        if stronger and (text_adopts or not own_text):
            return Check("merge.stronger_stage", f"{members[0].stage} beside {leading[stronger[0]][0].stage}")  # type: ignore[index]
    if family in ("effective", "listed") and leading.get("adopt"):
        return Check("merge.stronger_stage", "effective beside its adoption")
    if family not in ("adopt", "reject", "repeal", "veto") and not any(c.act.sentence.index <= LEAD for c in members):
        return Check("position.late", f"{members[0].stage} told late in the text only")
    if family == "reject" and not any(c.act.sentence.index <= LEAD for c in members):
        return Check("position.late", "told late in the text only")
    return None


def _strength(act: Act) -> float:
    """How well a sentence proves its action: tally, body, date, own words of the topic; early rather than late."""
    value = 0.0
    if act.tally is not None:
        value += 2.0 if act.tally.first is not None else 1.0
    if act.actor.tag not in ("", "PLACE"):
        value += 1.5
    elif act.actor.tag:
        value += 0.6
    value += 1.2 if act.own_topic else 0.0
    value += 0.8 if act.date is not None else 0.0
    value += 0.7 if act.by_vote or act.kind in ("adopt", "sign", "vote", "repeal", "veto", "reject") else 0.0
    value += 0.4 if act.sentence.index else 0.0
    return value - 0.25 * max(0, act.sentence.index - 1)


# ------------------------------------------------------------------ one report
def _made(context: Context, best: Candidate, members: Sequence[Candidate]) -> Report:
    act, jurisdiction, stage = best.act, best.jurisdiction, best.stage
    ranked = sorted(members, key=lambda candidate: -_strength(candidate.act))
    stage = _finest(stage, ranked)
    near = _about(context, members)
    pointing = direction.read(context.lexicon, near)
    instrument, number = _instrument(context, best, ranked, near)
    body = _body(context, best, ranked)
    vote = _vote(best, ranked, near, context)
    date, date_rule = _date(context, best, ranked, near)
    way = pointing.direction
    rules = dict.fromkeys([*act.rules, *best.notes, *pointing.rules])
    if best.family == "repeal" and way is not None:
        way = "mandates_cooperation" if way == "limits_cooperation" else "limits_cooperation"
        rules.setdefault("direction.repeal_turns")
    if instrument == "lawsuit_action" or "V:sue" in act.sentence.hits:
        if jurisdiction.type not in ("state", "federal") and act.kind == "sue":
            instrument = "lawsuit_action"
    if date_rule:
        rules.setdefault(date_rule)
    alert, why = _alert(context, best, near, pointing, instrument)
    confidence = _confidence(context, best, members, vote, body, date)
    alertable, who = _alertable(context, jurisdiction, vote, body, stage, date)
    rules.setdefault(who)
    if why:
        rules.setdefault(why)
    return Report(
        jurisdiction=jurisdiction,
        stage=stage,
        instrument=instrument,
        sentence=act.sentence.text.strip(),
        start=act.sentence.start,
        end=act.sentence.end,
        body=body,
        identifier=number,
        vote=vote,
        date=date,
        direction=way,
        provisions=pointing.provisions,
        alertable=alertable and alert is not None,
        alert=alert,
        rules=tuple(rules),
        vetoes=tuple(Check(f"veto.{name}", "checked, does not apply") for name in stages.VETOES),
        confidence=confidence,
        topic=_topic(near),
    )


def _finest(stage: Stage, ranked: Sequence[Candidate]) -> Stage:
    """Of equal stages in one family the more telling: final or first vote before plain adoption, a signature last."""
    told = [candidate.stage for candidate in ranked if candidate.act.sentence.index <= LEAD]
    for finer in ("veto_overridden", "signed", "issued", "passed_final", "passed_first_vote"):
        if finer in told and stage in ("adopted", "approved", "passed", "passed_final", "passed_first_vote"):
            return cast(Stage, finer)
    return stage


def _about(context: Context, members: Sequence[Candidate]) -> list[tuple[Sentence, float]]:
    """The sentences that tell of the measure, with their weight: its own, the title, the ones that follow its own."""
    weights: dict[int, float] = {}
    if context.single:
        weights = {index: 0.4 for index in range(1, min(LEAD + 1, len(context.sentences)))}
    for candidate in members:
        index = candidate.act.sentence.index
        weights[index] = 2.0
        weights[index + 1] = max(weights.get(index + 1, 0.0), 1.0)
        if index == 0:
            weights[2] = max(weights.get(2, 0.0), 0.7)
    weights[0] = max(weights.get(0, 0.0), 1.5)
    return [(sentence, weights[sentence.index]) for sentence in context.sentences if sentence.index in weights]


def _instrument(
    context: Context, best: Candidate, ranked: Sequence[Candidate], near: Sequence[tuple[Sentence, float]]
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
    named = _named_instrument(act, ranked, near)
    if act.kind == "join" or _agrees(act):
        return "287g_agreement", number
    if act.kind == "sue":
        return "lawsuit_action", number
    if tag == "VOTERS":
        return "ballot_measure", number
    if best.family == "ruling" and act.kind != "challenge":
        return "court_ruling", number
    if state_level and named not in ("executive_order", "directive", "resolution"):
        return ("statute" if best.stage in ("signed", "effective", "became_law_without_signature") else "bill"), number
    if not named and implied:
        named = implied
    if named in ("statute", "bill", "act") and not state_level:
        named = "ordinance"
    if named in ("measure", ""):
        named = implied if implied and implied != "bill" else ""
    if not named and tag in ("MAYOR", "OFFICER") and act.kind in ("issue", "sign", "limit", "require"):
        named = "executive_order"
    return (cast(Instrument, named) if named else None), number


def _agrees(act: Act) -> bool:
    """The object is an agreement with ICE itself, not a law about such agreements."""
    hits = act.sentence.hits
    for first, _, _ in hits.get("G287", ()):
        if act.last <= first < act.last + 8 and act.kind in ("sign", "adopt", "vote", "back", "rule", "require"):
            between = range(act.last, first)
            other = [f for f, _, name in hits.get("INSTR", ()) if f in between and name not in ("287g_agreement", "measure")]
            against = [f for tag in ("LIMITER", "NEG") for f, _, _ in hits.get(tag, ()) if f in between]
            if not other and not against:
                return True
    return False


def _named_instrument(act: Act, ranked: Sequence[Candidate], near: Sequence[tuple[Sentence, float]]) -> str:
    """The instrument's word nearest behind the verb, else in the other sentences of the action."""
    for candidate in ranked:
        own = candidate.act
        hits = own.sentence.hits.get("INSTR", [])
        behind = [(first - own.last, name) for first, _, name in hits if own.last - 1 <= first < own.last + 14]
        before = [(own.first - last, name) for _, last, name in hits if own.first - 10 <= last <= own.first]
        for _, name in sorted(behind) + sorted(before):
            if name not in ("measure", "memo", "funding", "federal_list", "statute", "act"):
                return name
    names = [name for sentence, _ in near for _, _, name in sentence.hits.get("INSTR", ())]
    for name in names:
        if name not in ("measure", "memo", "funding", "federal_list", "statute", "act", "lawsuit_action"):
            return name
    return "statute" if "statute" in names or "act" in names else ("measure" if names else "")


def _body(context: Context, best: Candidate, ranked: Sequence[Candidate]) -> str:
    named = [candidate.act.actor.name for candidate in ranked if candidate.act.actor.tag not in ("", "PLACE", "NOBODY")]
    if not named and best.jurisdiction.type != "state":
        named = [name for own in context.sentences[: LEAD + 1] for _, _, name in own.hits.get("BODY", [])]
    name = next((name for name in named if name not in ("Council", "Board", "Commission")), named[0] if named else "")
    if best.jurisdiction.type == "county" and name in (
        "Council",
        "Board",
        "Commission",
        "Commissioners",
        "City Council",
    ):
        return _county_board(context, best.jurisdiction.state, name)
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
    return str(table.get(state, "Board of Commissioners" if name == "Commission" else "County Board"))


def _vote(
    best: Candidate, ranked: Sequence[Candidate], near: Sequence[tuple[Sentence, float]], context: Context
) -> Vote | None:
    """Members for and against the measure: a vote to reject is turned round; tabling and repeal keep their own sides."""
    tallies = [candidate.act.tally for candidate in ranked if candidate.act.tally is not None]
    told = next((tally for tally in tallies if tally.first is not None), tallies[0] if tallies else None)
    if told is None or told.first is None:
        told = _tally_beside(context, ranked) or told
    if told is None:
        return None
    ayes, noes = told.first, told.second
    unanimous = told.unanimous
    if any(tally.unanimous for tally in tallies) and noes in (0, None):
        unanimous = True
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
    return Vote(ayes=ayes, noes=noes, abstain=told.abstain, unanimous=unanimous, on=on)


def _tally_beside(context: Context, ranked: Sequence[Candidate]) -> votes.Tally | None:
    """The tally of a sentence that tells of the vote only: 'The vote was 6-3.' behind the action's."""
    own = {candidate.act.sentence.index for candidate in ranked}
    for index in sorted(own):
        for sentence in context.sentences[index + 1 : index + 3]:
            if sentence.index in own or not (sentence.words[:1] == ["the"] and "vote" in sentence.words[:4] or "vote" in sentence.words[:2]):
                continue
            for tally in votes.tallies(context.plain, sentence.start, sentence.end):
                if tally.first is not None or tally.unanimous:
                    return tally
    return None


def _date(
    context: Context, best: Candidate, ranked: Sequence[Candidate], near: Sequence[tuple[Sentence, float]]
) -> tuple[str, str]:
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
        if len(days) == 1 and sentence.has("V:vote", "V:adopt", "V:sign", "INSTR"):
            return days[0].iso, f"{days[0].rule}.beside"
    if any("WEEK" in sentence.hits for sentence, _ in near):
        return "", ""
    fresh = best.act.sentence.index <= 2 and best.family in ("adopt", "reject", "repeal", "veto")
    if (
        fresh
        and len(context.published) == 10
        and context.kind in ("news", "wire", "press_release", "government_document")
    ):
        if not context.retold:
            return context.published, "date.of_publication"
    return "", ""


def _alert(
    context: Context, best: Candidate, near: Sequence[tuple[Sentence, float]], pointing: direction.Pointing,
    instrument: Instrument | None,
) -> tuple[AlertKind | None, str]:  # fmt: skip
    """The alert the action would raise if its measure is new to the docket, and the rule that took it away."""
    act, family = best.act, best.family
    if best.jurisdiction.type == "federal":
        return None, "alert.federal"
    if family != "adopt":
        return STAGE_ALERTS[family], ""
    if context.retold and act.sentence.index > 0 and act.date is None:
        return None, "alert.retold"
    if _urges(act):
        return None, "alert.urges_others"
    if "CEREMONY" in act.sentence.hits or "CEREMONY" in context.sentences[0].hits:
        return "stage", "alert.ceremony"
    soft = set(pointing.provisions) <= {"municipal_id", "legal_defense_fund"} and bool(pointing.provisions)
    if soft and not any(sentence.has("SANC", "WELCOME") and "MUNIID" not in sentence.hits for sentence, _ in near):
        return None, "alert.related_only"
    if any(sentence.has("EMERGENCY") for sentence, _ in near):
        return None, "alert.emergency"
    if any(candidate_kind == "reaffirm" for candidate_kind in _kinds(near)) or act.kind == "reaffirm":
        return "reaffirm", ""
    if act.kind == "amend":
        return "amend", ""
    return "new", ""


def _kinds(near: Sequence[tuple[Sentence, float]]) -> set[str]:
    return {"reaffirm" for sentence, weight in near if "V:reaffirm" in sentence.hits and (weight >= 1.5)}


def _urges(act: Act) -> bool:
    """'a resolution urging the Legislature to pass ...', 'voted to ask the governor': no rule of its own."""
    hits, words = act.sentence.hits, act.sentence.words
    for first, last, form in hits.get("V:urge", ()):
        voted = form == "base" and first > 0 and words[first - 1] == "to" and act.first <= first <= act.last + 12
        if first >= act.first - 2 and (voted or form in ("ing", "s")):
            for tag in ("STATEBODY", "GOVERNOR", "FEDERAL", "CHAMBER", "HIGHER"):
                if any(last <= target < last + 5 and name != "ICE" for target, _, name in hits.get(tag, ())):
                    return True
    return False


def _alertable(
    context: Context, jurisdiction: Jurisdiction, vote: Vote | None, body: str, stage: Stage, date: str
) -> tuple[bool, str]:
    """DOMAIN's rule who may alert alone: news and wire; the adopting body itself; others with body or vote, and date."""
    if context.muted:
        return False, context.muted
    if context.kind in ("index_page", "review", "explainer", "live_blog"):
        return False, f"alone.never_{context.kind}"
    if not jurisdiction.state:
        return False, "alone.state_unknown"
    told = (bool(body) or vote is not None or stage in ("signed", "issued")) and len(date) == 10
    if context.source_kind in ("news", "wire") and context.kind in ("news", "wire"):
        return True, "alone.news"
    if context.source_kind == "government" and jurisdiction.name.casefold() in context.source.casefold():
        return True, "alone.adopting_body"
    if context.kind in ("news", "wire", "press_release", "government_document", "blog", "advocacy", "opinion"):
        return (True, "alone.states_body_and_date") if told else (False, "alone.waits_for_second_source")
    return False, "alone.waits_for_second_source"


def _confidence(
    context: Context, best: Candidate, members: Sequence[Candidate], vote: Vote | None, body: str, date: str
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


def _topic(near: Sequence[tuple[Sentence, float]]) -> str:
    """The measure's own words: a named law, else what it calls the place, else what it is about."""
    for tag in ("LAW", "WELCOME", "ANTISANC", "SANC", "G287", "PROPERTY", "DETAINER"):
        for sentence, _ in near:
            for _, _, name in sentence.hits.get(tag, ()):
                return name.lower()
    return ""


def _quoted(act: Act) -> str:
    return act.sentence.text[:120]
