"""A measure and what happened to it in plain, neutral words: the same for subject line, HTML and plain text.

Nothing is judged: directions and stages are said as the vocabulary says them, names as the measure's own. What comes
from outside (names, titles, sentences) passes through ``clean``, so that no control or direction-changing character
reaches a header or a reader.
"""

from __future__ import annotations

import re
from datetime import date
from urllib.parse import urlsplit

from pipeline.model import Action, AlertKind, Direction, Instrument, Measure, Vote
from pipeline.policy.docket.families import instrument_family

LONGEST_TITLE = 150
LONGEST_SENTENCE = 600
LONGEST_URL = 2000

_NOUNS: dict[Instrument, str] = {
    "local_law": "local law",
    "executive_order": "executive order",
    "ballot_measure": "ballot measure",
    "287g_agreement": "287(g) agreement",
    "detention_contract": "detention contract",
    "lawsuit_action": "legal action",
    "court_ruling": "court ruling",
    "federal_list": "federal list",
    "budget_rider": "budget provision",
    "statute": "law",
}
_DIRECTIONS: dict[Direction, str] = {
    "limits_cooperation": "Limits cooperation with federal immigration enforcement",
    "mandates_cooperation": "Requires cooperation with federal immigration enforcement",
    "mixed": "Limits cooperation with federal immigration enforcement in part and requires it in part",
    "symbolic_only": "Takes a position on federal immigration enforcement; sets no rule of its own",
}
_AIMS: dict[Direction | None, str] = {
    "limits_cooperation": "limiting cooperation with federal immigration enforcement",
    "mandates_cooperation": "requiring cooperation with federal immigration enforcement",
    "mixed": "on cooperation with federal immigration enforcement",
    "symbolic_only": "on federal immigration enforcement",
    None: "on federal immigration enforcement",
}
_PROVISIONS: dict[str, str] = {
    "detention_contract": "Provides for a contract for immigration detention",
    "data_sharing_limits": "Limits what data may be shared with immigration authorities",
    "honor_detainers": "Requires that immigration detainers be honored",
    "judicial_warrant_required": "Requires a judge's warrant",
    "legal_defense_fund": "Pays for legal defense in immigration cases",
    "municipal_id": "Provides local identification cards",
    "no_287g": "Forbids or ends agreements under section 287(g)",
    "no_city_personnel": "Keeps its employees out of immigration enforcement",
    "no_city_property": "Keeps its property out of immigration enforcement",
    "no_city_resources": "Keeps its money and resources out of immigration enforcement",
    "no_detainers_without_warrant": "Nobody is held for immigration authorities without a judge's warrant",
    "no_detention_contracts": "Forbids or ends contracts for immigration detention",
    "no_jail_access": "Limits the access of immigration agents to its jails",
    "no_registries": "Forbids registries by religion or origin",
    "no_release_notification": "Release dates are not given to immigration authorities",
    "no_status_inquiry": "Its employees do not ask about immigration status",
    "officer_masks": "Sets rules for masks or identification of officers",
    "opposes_detention_site": "Opposes a site for immigration detention",
    "penalties": "Sets penalties",
    "require_287g": "Requires an agreement under section 287(g)",
    "require_cooperation": "Requires cooperation with immigration authorities",
    "reporting": "Requires records or reports of contacts with immigration authorities",
    "sanctuary_ban": "Forbids sanctuary policies",
    "serve_warrants": "Lets its officers serve immigration warrants",
    "sensitive_locations": "Protects places such as schools, courts or hospitals",
}
_SAYS_NO = re.compile(r"\banti-|\bnon-?sanctuary|\bnot an? |\bban\b|\brule of law\b|\blaw and order\b")
_BAN = re.compile(r"(?:a |the )?ban on (sanctuary .+)", re.IGNORECASE)
_NAMES = re.compile(
    r"\bwelcoming\b|\b(trust|values) act\b|\bice[- ](free|out)\b|\bfreedom city\b|\bcity of refuge\b"
    r"|\bseparation ordinance\b|\bsafe (haven|city|county|community|communities|harbor|zone)\b"
    r"|\bsanctuary (city|county|state|town|village|campus|school)\b"
)
"""Names that such measures give themselves."""
_VERBS: dict[str, str] = {
    "passed_first_vote": "passes {what} on first vote",
    "passed": "passes {what}",
    "approved": "approves {what}",
    "issued": "issues {what}",
    "signed": "enacts {what}",
    "became_law_without_signature": "enacts {what} without signature",
    "veto_overridden": "enacts {what} over a veto",
}
_HAPPENED: dict[str, str] = {
    "proposed": "is proposed",
    "introduced": "is introduced",
    "directed_drafting": "is to be drafted",
    "committee": "is voted on in committee",
    "first_reading": "has its first reading",
    "passed_first_vote": "passes its first vote",
    "hearing_scheduled": "is set for a hearing",
    "hearing": "has a hearing",
    "discussed": "is discussed",
    "tabled": "is tabled",
    "postponed": "is postponed",
    "continued": "is continued to a later meeting",
    "referred": "is referred",
    "withdrawn": "is withdrawn",
    "passed_one_chamber": "passes one chamber",
    "passed": "passes",
    "awaiting_signature": "awaits signature",
    "adopted": "is adopted",
    "approved": "is approved",
    "issued": "is issued",
    "passed_final": "passes its final vote",
    "failed": "fails",
    "rejected": "is rejected",
    "signed": "is signed",
    "became_law_without_signature": "becomes law without signature",
    "vetoed": "is vetoed",
    "veto_overridden": "becomes law over a veto",
    "effective": "takes effect",
    "amended": "is amended",
    "reaffirmed": "is reaffirmed",
    "repealed": "is repealed",
    "rescinded": "is rescinded",
    "expired": "expires",
    "challenged": "is challenged in court",
    "enjoined": "is blocked in court",
    "upheld": "is upheld in court",
    "struck_down": "is struck down in court",
    "listed": "is put on a list",
    "delisted": "is taken off a list",
}

_LAST_WORDS = frozenset({
    "ordinance", "resolution", "act", "law", "bill", "policy", "order", "directive", "agreement", "measure",
})  # fmt: skip
"""A name that ends so names its kind already."""

_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f\ud800-\udfff]"
)
_SPACE = re.compile(r"[\s\u2028\u2029]+")


def clean(text: str, longest: int = LONGEST_TITLE) -> str:
    """Foreign text as one line that can do no harm: no control, direction-changing or invisible characters; cut at a
    word with an ellipsis when longer than ``longest`` code points."""
    plain = _SPACE.sub(" ", _UNSEEN.sub("", text)).strip()
    if len(plain) <= longest:
        return plain
    cut = plain[: longest - 1]
    return (cut.rpartition(" ")[0] or cut).rstrip(" ,;:.–-") + "…"


def web_link(url: str) -> str:
    """A foreign address if it is one of the web's that a reader may follow, else ''."""
    if len(url) > LONGEST_URL or _UNSEEN.search(url) or _SPACE.search(url):
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in ("http", "https") and parts.hostname else ""


# ------------------------------------------------------------------ the measure
def noun(instrument: Instrument | None) -> str:
    """What kind of thing a measure is."""
    return "measure" if instrument is None else _NOUNS.get(instrument, instrument.replace("_", " "))


def name_of(measure: Measure) -> str:
    """A measure's own name with its kind ("sanctuary city ordinance"), where it has one that cannot be misread; else
    what it does ("law banning sanctuary policies")."""
    kind, number, topic = noun(measure.instrument), clean(measure.identifier, 60), clean(measure.topic, 80)
    if measure.instrument == "287g_agreement":
        return kind
    if measure.instrument in ("lawsuit", "lawsuit_action"):
        return f"{kind} over cooperation with federal immigration enforcement"
    if banned := _BAN.match(topic):
        return f"{kind} banning {banned[1]}"
    if _is_own_name(topic, measure.direction):
        told = kind in topic.casefold() or topic.casefold().split()[-1] in _LAST_WORDS
        return topic if told else f"{topic} {kind}"
    if number:
        kind = number if kind.split()[0] in number.casefold() else f"{kind} {number}"
    if measure.direction == "mandates_cooperation" and "sanctuary_ban" in measure.provisions:
        return f"{kind} banning sanctuary policies"
    return f"{kind} {_AIMS[measure.direction]}"


def _is_own_name(topic: str, direction: Direction | None) -> bool:
    """Whether a topic names the measure itself. "Sanctuary policies" may be what is banned: such words do for a measure
    that limits cooperation only, and one that mandates it must say no to them in its name."""
    folded = topic.casefold()
    if direction == "mandates_cooperation":
        return bool(_SAYS_NO.search(folded))
    if _SAYS_NO.search(folded):
        return False
    return bool(_NAMES.search(folded)) or (direction == "limits_cooperation" and "sanctuary" in folded)


def direction(measure: Measure) -> str:
    """The direction as a clause; '' when it was not told."""
    return _DIRECTIONS[measure.direction] if measure.direction else ""


# ------------------------------------------------------------------ what happened
def subject_line(measure: Measure, action: Action | None, kind: AlertKind) -> str:
    """What a mail is about, in one line: ``"Los Angeles, CA adopts sanctuary city ordinance (13-0)"``."""
    where, what = clean(measure.jurisdiction.label, 80), name_of(measure)
    if kind == "correction" or action is None:
        return clean(f"Correction: {where}, {what}")
    match kind:
        case "new":
            line = f"{where} {_adoption(measure, action, what)}"
        case "amend":
            line = f"{where} amends {what}"
        case "reaffirm":
            line = f"{where} reaffirms {what}"
        case "repeal" if action.stage in ("repealed", "rescinded"):
            line = f"{where} {'repeals' if action.stage == 'repealed' else 'rescinds'} {what}"
        case _:
            line = f"{where}: {what} {happened(action)}"
    voted = tally(action.vote)
    return clean(f"{line} ({voted})" if voted else line)


def _adoption(measure: Measure, action: Action, what: str) -> str:
    if measure.instrument == "ballot_measure":
        return f"voters approve {what}"
    if measure.instrument == "287g_agreement" and action.stage in ("signed", "issued"):
        return f"signs {what}"
    if measure.instrument == "lawsuit_action":
        return f"approves {what}"
    if action.stage == "signed" and measure.instrument and instrument_family(measure.instrument) == "directive":
        return f"issues {what}"
    return _VERBS.get(action.stage, "adopts {what}").format(what=what)


def happened(action: Action) -> str:
    """What happened to the measure: ``"takes effect"``."""
    return _HAPPENED[action.stage]


def tally(vote: Vote | None) -> str:
    """A vote in brackets' length: ``13-0``, ``unanimous``, or '' when it was not told."""
    if vote is None:
        return ""
    if vote.ayes is not None and vote.noes is not None:
        return f"{vote.ayes}-{vote.noes}"
    return "unanimous" if vote.unanimous else ""


def vote_in_full(vote: Vote | None) -> str:
    """A vote with all that was told: ``13-0, unanimous, 2 absent``."""
    if vote is None:
        return ""
    parts = [f"{vote.ayes}-{vote.noes}"] if vote.ayes is not None and vote.noes is not None else []
    if not parts and vote.ayes is not None:
        parts.append(f"{vote.ayes} for")
    if not parts and vote.noes is not None:
        parts.append(f"{vote.noes} against")
    parts += ["unanimous"] if vote.unanimous else []
    parts += [f"{vote.abstain} abstaining"] if vote.abstain else []
    parts += [f"{vote.absent} absent"] if vote.absent else []
    parts += [f"on: {clean(vote.on, 40)}"] if parts and vote.on != "measure" else []
    return ", ".join(parts)


def day(text: str) -> str:
    """A date as far as known, for a reader in the United States: ``Tuesday, November 19, 2024``, ``November 2024``."""
    if len(text) == 10:
        moment = date.fromisoformat(text)
        return f"{moment:%A, %B} {moment.day}, {moment.year}"
    if len(text) == 7:
        return f"{date.fromisoformat(text + '-01'):%B %Y}"
    return text


def short_day(moment: date) -> str:
    """``Nov 20, 2024``."""
    return f"{moment:%b} {moment.day}, {moment.year}"


def provision(id: str) -> str:
    """A provision in plain words."""
    return _PROVISIONS.get(id, clean(id.replace("_", " ").capitalize()))
