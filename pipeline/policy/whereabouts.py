"""Whose act it is: from an actor's words and the map of the text to a jurisdiction."""

from __future__ import annotations

from dataclasses import replace

from pipeline.model import Jurisdiction
from pipeline.policy import places, votes
from pipeline.policy.accounts import LEAD, Account, Context, Family
from pipeline.policy.acts import Act, Actor

UNITED_STATES = Jurisdiction("United States", "federal", "US", "US")
LOCAL_ACTORS = frozenset({"BODY", "MAYOR", "OFFICER", "COMMITTEE", "VOTERS", "STATEBODY", "CHAMBER", "GOVERNOR"})
STATE_ACTORS = frozenset({"STATEBODY", "CHAMBER", "GOVERNOR"})
_LOCAL = """city county town village township borough parish council commissioners supervisors mayor sheriff sheriffs
cities counties towns district school board trustees aldermen selectmen suburb community capital"""
LOCAL_WORDS = frozenset(_LOCAL.split())
"""Behind a state's name they mean an unnamed place in it: 'California city', 'Michigan's capital'."""


SEVERAL = frozenset({"councils", "boards", "commissions", "legislatures", "mayors"})
"""Behind a place's name they mean several governments in it, not its own."""
_TO_TALLY = frozenset({"by", "in", "on", "with", "a", "an", "vote", "margin", "of"})


def each_with_its_tally(context: Context, act: Act) -> list[tuple[places.Mention, votes.Tally]]:
    """'Two councils adopted resolutions: Hemet's by 4-1 and Murrieta's by 3-2': the places of a sentence that tells
    each one's tally; empty when it does not tell of two."""
    sentence = act.sentence
    found = votes.tallies(context.plain, sentence.start, sentence.end)
    tallies = [tally for tally in found if tally.first is not None]
    if len(tallies) < 2:
        return []
    pairs: list[tuple[places.Mention, votes.Tally]] = []
    for mention in context.map.mentions:
        if not (sentence.start <= mention.start and mention.end <= sentence.end):
            continue
        behind = sentence.token_at(mention.end - 1) + 1
        for tally in tallies:
            between = sentence.words[behind : sentence.token_at(tally.start)]
            if tally.start >= mention.end and len(between) <= 5 and _TO_TALLY.issuperset(between):
                pairs.append((mention, tally))
                break
    return pairs if len({mention.jurisdiction.key for mention, _ in pairs}) > 1 else []


def jurisdictions(context: Context, act: Act) -> list[tuple[Jurisdiction, float, str]]:
    actor, sentence, where = act.actor, act.sentence, context.map
    if actor.tag == "FEDERAL" and act.kind in ("sign", "issue", "list", "adopt"):
        return [(UNITED_STATES, 0.9, "place.federal")]
    if actor.tag == "PLACE":
        listed = _listed(context, act)
        perfect = sentence.words[act.governor - 1 : act.governor] == ["have"]
        if len(listed) > 1 and act.tally is None and (act.date is None or perfect) and not act.by_vote:
            return []  # a roundup of places, not an action of each
        if len(listed) > 1:
            return [(mention.jurisdiction, mention.confidence, f"place.list.{mention.rule}") for mention in listed]
        if any(word in SEVERAL for word in sentence.words[actor.last : act.governor]):
            return []  # 'two county city councils voted': which ones, another sentence tells
    anchor = sentence.starts[actor.first] if actor.first >= 0 else sentence.starts[act.governor]
    local = _local_lawmakers(context, act, anchor)
    if local is not None:
        county = local.jurisdiction.type == "county"
        act.actor = Actor("BODY", "County Legislature" if county else "Council", actor.first, actor.last)
        return [(local.jurisdiction, local.confidence, f"place.{local.rule}")]
    if best := _fought(context, act):
        return [(best.jurisdiction, best.confidence, f"place.{best.rule}")]
    types: tuple[str, ...] = ("state",) if actor.tag in STATE_ACTORS or _of_all_courts(act) else ()
    if actor.tag == "STATEBODY" and _makes_local_law(act):
        passed = _local_of(context, where.state_of_text)  # no state makes a local law
        return [(passed, 0.75, "place.named_in_text")] if passed is not None else []
    mention = where.near(anchor, types)
    if mention is not None and not types and mention.jurisdiction.type == "state" and _stands_for_local(act, mention):
        named = _local_of(context, mention.jurisdiction.state)
        return [(named, 0.75, "place.named_in_text")] if named is not None else []
    if mention is not None and mention.jurisdiction.type == "federal" and actor.tag in LOCAL_ACTORS:
        mention = None  # 'county boards in five states': no government of the United States
    if mention is not None and (schools := _of_its_schools(context, act, mention)) is not None:
        return [(schools.jurisdiction, schools.confidence, "place.school_district")]
    if mention is not None and (seated := _of_its_seat(context, act, mention)) is not None:
        return [(seated.jurisdiction, seated.confidence, "place.seat_of_county")]
    if mention is not None and (not types or mention.jurisdiction.type in types):
        return [(mention.jurisdiction, mention.confidence, f"place.{mention.rule}")]
    if types:
        code = where.state_of_text or (mention.jurisdiction.state if mention is not None else "")
        state = places.parse_label(code) if code and code != "US" else None
        return [(state, 0.7, "place.state_of_text")] if state is not None else []
    if mention is not None:
        return [(mention.jurisdiction, mention.confidence, f"place.{mention.rule}")]
    if where.main is None or (where.main.type == "federal" and actor.tag in LOCAL_ACTORS):
        return []
    return [(where.main, 0.6, "place.main")]


def _of_all_courts(act: Act) -> bool:
    """A chief justice or a court system rules over the courthouses of a state."""
    return act.actor.tag == "COURT" and any(
        first == act.actor.first and level == "state" for first, _, level in act.sentence.hits.get("BENCH", ())
    )


def _local_lawmakers(context: Context, act: Act, anchor: int) -> places.Mention | None:
    """'Aurora, Colorado, lawmakers voted', 'The Erie County, New York, Legislature': not the state's legislature."""
    actor, sentence = act.actor, act.sentence
    if actor.tag != "STATEBODY":
        return None
    word = sentence.words[actor.first]
    if word not in ("lawmakers", "legislators", "leaders", "legislature"):
        return None
    near = [
        m
        for m in context.map.mentions
        if sentence.start <= m.start < sentence.end
        and (
            (m.end <= anchor and actor.first - sentence.token_at(m.end) <= 5 and not _dateline(context, m.end, anchor))
            or (sentence.words[actor.last] == "in" and sentence.token_at(m.start) == actor.last + 1)
        )
    ]
    kinds = ("county",) if word == "legislature" else None
    return next(
        (
            m
            for m in near
            if (m.jurisdiction.type in kinds if kinds else m.jurisdiction.type not in ("state", "federal"))
        ),
        None,
    )


def _makes_local_law(act: Act) -> bool:
    """'Lawmakers voted 8-1 for Local Law 2': the first instrument behind the verb."""
    behind = min((hit for hit in act.sentence.hits.get("INSTR", ()) if hit[0] >= act.last), default=None)
    return behind is not None and behind[2] == "local_law" and behind[0] - act.last < 9


def _dateline(context: Context, end: int, anchor: int) -> bool:
    """'RALEIGH, N.C. — Republican legislators': where it was written, not whose legislators."""
    return any(mark in context.plain[end:anchor] for mark in ("\u2014", " - ", "--"))


def _of_its_seat(context: Context, act: Act, mention: places.Mention) -> places.Mention | None:
    """'Montgomery County commissioners formalize a policy', of which the text says 'commissioners in Norristown': the
    county that the headline names, not the town in which its board sits."""
    actor, sentence = act.actor, act.sentence
    in_it = sentence.words[actor.last : actor.last + 1] == ["in"] and sentence.token_at(mention.start) == actor.last + 1
    if actor.name != "Commission" or mention.jurisdiction.type != "city" or not in_it:
        return None
    title = context.sentences[0]
    return next(
        (
            own
            for own in context.map.mentions
            if own.end <= title.end
            and own.jurisdiction.type == "county"
            and own.jurisdiction.state == mention.jurisdiction.state
        ),
        None,
    )


def _of_its_schools(context: Context, act: Act, mention: places.Mention) -> places.Mention | None:
    """'Winooski becomes the first sanctuary school district', of which the text says 'school board members in
    Winooski': the district of the town's name."""
    words = act.sentence.words
    told = any(words[at : at + 2] == ["school", "district"] for at in range(act.last, len(words)))
    if act.kind != "become" or not told or mention.jurisdiction.type in ("state", "federal", "school_district"):
        return None
    name, state = mention.jurisdiction.name, mention.jurisdiction.state
    return next(
        (
            own
            for own in context.map.mentions
            if own.jurisdiction.type == "school_district"
            and own.jurisdiction.state == state
            and own.jurisdiction.name.startswith(name)
        ),
        None,
    )


def _fought(context: Context, act: Act) -> places.Mention | None:
    """Whose measure a suit or a ruling is about: the place behind the verb, not the one that sues."""
    if act.kind not in ("challenge", "enjoin", "strike", "uphold"):
        return None
    verb, end = act.sentence.starts[act.first], act.sentence.end
    behind = [m for m in context.map.mentions if verb <= m.start < end and m.jurisdiction.type != "federal"]
    return behind[0] if behind else None


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


def title_yields(candidates: list[Account]) -> list[Account]:
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


def county_of_its_sheriff(candidates: list[Account]) -> list[Account]:
    """'The sheriff has signed the agreement, and the county board approved it': one agreement, which is the county's
    as soon as its board acts on it."""
    boards: dict[str, Jurisdiction] = {}
    for candidate in candidates:
        own = candidate.jurisdiction
        if candidate.family == "adopt" and candidate.act.actor.tag == "BODY" and own.type in ("county", "sheriff"):
            county = own if own.type == "county" else places.parse_label(own.label)
            if county is not None and county.type == "county":
                boards.setdefault(own.label, county)
    return [
        replace(
            candidate,
            jurisdiction=boards[candidate.jurisdiction.label],
            notes=[*candidate.notes, "place.county_of_its_sheriff"],
        )
        if candidate.family == "adopt"
        and candidate.jurisdiction.type == "sheriff"
        and candidate.jurisdiction.label in boards
        and candidate.act.sentence.has("G287", "CONTRACT", "ANAPHOR")
        else candidate
        for candidate in candidates
    ]
