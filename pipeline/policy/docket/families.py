"""Which words of the vocabulary mean the same, and where a stage stands in a measure's life.

Outlets say passed, adopted or approved of one vote, and statute or act of one law. The vocabulary (docs/commands.md)
names what is compared as equal; this module is that table, and the coarser one of phases that the docket orders
actions by.
"""

from __future__ import annotations

from typing import Literal

from pipeline.model import Instrument, JurisdictionType, Stage

Phase = Literal["pending", "adoption", "end", "after", "revision"]
Likeness = Literal["same", "akin", "apart", "unknown"]

_STAGE_FAMILY: dict[str, str] = {
    "passed": "adopted",
    "approved": "adopted",
    "issued": "adopted",
    "passed_final": "adopted",
    "rejected": "failed",
    "rescinded": "repealed",
    "introduced": "proposed",
}
_INSTRUMENT_FAMILY: dict[str, str] = {
    "bill": "statute",
    "act": "statute",
    "local_law": "ordinance",
    "bylaw": "ordinance",
    "motion": "resolution",
    "proclamation": "resolution",
    "executive_order": "directive",
    "policy": "directive",
}
_PHASE: dict[str, Phase] = {
    **dict.fromkeys(
        ("passed_first_vote", "passed", "adopted", "approved", "issued", "passed_final", "awaiting_signature",
         "signed", "became_law_without_signature", "veto_overridden", "vetoed"), "adoption",
    ),
    **dict.fromkeys(("failed", "rejected", "withdrawn"), "end"),
    **dict.fromkeys(
        ("effective", "repealed", "rescinded", "expired", "challenged", "enjoined", "upheld", "struck_down", "listed",
         "delisted"), "after",
    ),
    **dict.fromkeys(("amended", "reaffirmed"), "revision"),
}  # fmt: skip

FINAL: frozenset[str] = frozenset(
    {"passed_final", "signed", "became_law_without_signature", "veto_overridden", "effective"}
)
"""Stages after which nothing is left to vote on."""
JUDICIAL: frozenset[str] = frozenset({"challenged", "enjoined", "upheld", "struck_down"})
"""Stages at which the instrument told is often the suit, not the measure it is about."""
ENDINGS: frozenset[str] = frozenset({"repealed", "rescinded", "expired"})
"""Stages that end a measure in force; their direction is that of the ending, not of the measure."""
_VOTES: frozenset[str] = frozenset({"adopted", "passed_first_vote", "amended", "reaffirmed"})
_SIGNATURES: frozenset[str] = frozenset({"signed", "became_law_without_signature", "veto_overridden"})

_MORE_SPECIFIC: tuple[str, ...] = (
    "amended", "reaffirmed", "veto_overridden", "became_law_without_signature", "signed", "passed_first_vote",
    "passed_final", "adopted", "passed", "approved", "issued", "rescinded", "repealed", "rejected", "failed",
    "introduced", "proposed",
)  # fmt: skip
_EXECUTIVE: frozenset[str] = frozenset({"directive", "executive_order"})
_LOCAL_LAWS: frozenset[str] = frozenset({"bill", "act", "statute"})
_AKIN: frozenset[frozenset[str]] = frozenset(
    frozenset(pair)
    for pair in (
        ("ordinance", "resolution"),
        ("ordinance", "policy"),
        ("resolution", "policy"),
        ("ordinance", "ballot_measure"),
        ("resolution", "ballot_measure"),
        ("statute", "resolution"),
        ("statute", "ballot_measure"),
        ("statute", "budget_rider"),
        ("ordinance", "budget_rider"),
        ("funding", "ordinance"),
        ("funding", "resolution"),
        ("funding", "statute"),
        ("memo", "policy"),
        ("memo", "directive"),
        ("287g_agreement", "resolution"),
        ("detention_contract", "resolution"),
        ("lawsuit", "court_ruling"),
    )
)
"""Instruments that outlets take for one another; joined only when something else speaks for it."""


def stage_family(stage: str) -> str:
    """The word that stands for all stages compared as equal: passed, approved and issued are 'adopted'."""
    return _STAGE_FAMILY.get(stage, stage)


def instrument_family(instrument: str) -> str:
    """The word that stands for all instruments compared as equal: bill and act are 'statute'."""
    return _INSTRUMENT_FAMILY.get(instrument, instrument)


def phase(stage: str) -> Phase:
    """Where a stage stands in a measure's life; everything before a decision is 'pending'."""
    return _PHASE.get(stage, "pending")


def is_statewide(kind: JurisdictionType) -> bool:
    """Whether a legislature with sessions and a signature makes the laws (its measures take months, not weeks)."""
    return kind in ("state", "federal")


def compare_instruments(one: Instrument | None, other: Instrument | None, kind: JurisdictionType) -> Likeness:
    """Whether two instruments can be one measure's.

    A local bill or act is what other places call an ordinance. A mayor's order is never the council's ordinance,
    though a board's policy may be its resolution.
    """
    if one is None or other is None:
        return "unknown"
    first, second = _plain(one, kind), _plain(other, kind)
    if instrument_family(first) == instrument_family(second):
        return "same"
    if frozenset((_broad(first), _broad(second))) in _AKIN:
        return "akin"
    return "apart"


def _plain(instrument: str, kind: JurisdictionType) -> str:
    return "ordinance" if instrument in _LOCAL_LAWS and not is_statewide(kind) else instrument


def _broad(instrument: str) -> str:
    """The family, but a board's policy apart from orders of an executive."""
    if instrument == "policy":
        return "policy"
    return "directive" if instrument in _EXECUTIVE else instrument_family(instrument)


def compare_stages(one: str, other: str, instrument: Instrument | None) -> Likeness:
    """Whether two stages can be one action: 'same' by the vocabulary, 'akin' when outlets tell one event so.

    A first vote is often told as approval, an amending ordinance as passed, and an order is issued by signing it.
    A bill's passage and its signature are 'apart' here: they are two days.
    """
    first, second = stage_family(one), stage_family(other)
    if first == second:
        return "same"
    if first in _VOTES and second in _VOTES:
        return "akin"
    pair = {first, second}
    if pair == {"signed", "adopted"} and instrument is not None and instrument_family(instrument) == "directive":
        return "akin"
    return "apart"


def signed_or_voted(one: str, other: str) -> bool:
    """Whether one stage is a vote and the other what an executive did with it: one event only on one firm day."""
    first, second = stage_family(one), stage_family(other)
    return (first in _VOTES and second in _SIGNATURES) or (second in _VOTES and first in _SIGNATURES)


def more_specific(one: Stage, other: Stage) -> Stage:
    """The stage that says more, of two that tell one action: whatever the order of arrival, the same answer."""
    return min(one, other, key=lambda stage: (_rank(stage), stage))


def _rank(stage: str) -> int:
    return _MORE_SPECIFIC.index(stage) if stage in _MORE_SPECIFIC else len(_MORE_SPECIFIC)
