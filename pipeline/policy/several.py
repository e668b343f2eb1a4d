"""Several measures of one night in one article: "voted 8-1 to adopt an ordinance … also passed a resolution, 9-0".

Most sentences that tell of a vote tell of the same one again. Only where a sentence says that it is another ("also",
"separately") and tells another tally or another instrument, it is.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.policy.accounts import Account
from pipeline.policy.acts import Act

_ANOTHER = frozenset({"also", "separately", "another", "second", "too", "additionally", "likewise", "companion"})
_ADOPTING = frozenset({"adopt", "vote", "back", "declare", "limit", "rule", "require", "join"})
_REACH = 4
"""Tokens before and behind the verb among which such a word must stand."""
_VAGUE = frozenset({"measure", "funding", "memo", "287g_agreement"})


def parted(members: Sequence[Account]) -> list[list[Account]]:
    """The accounts of each measure, of accounts of one place that tell of one kind of action. A sentence that tells
    neither tally nor instrument of its own goes with the account before it."""
    ordered = sorted(members, key=lambda account: account.act.sentence.index)
    groups: list[list[Account]] = []
    for account in ordered:
        if groups and not _is_another(account, groups[-1]):
            groups[-1].append(account)
        else:
            groups.append([account])
    return groups


def _is_another(account: Account, before: Sequence[Account]) -> bool:
    act = account.act
    told = [other.act for other in before if other.act.sentence.index]
    if not told or act.kind not in _ADOPTING or not act.own_topic or act.sentence in [one.sentence for one in told]:
        return False
    near = act.sentence.words[max(0, act.governor - _REACH) : act.last + _REACH]
    if _ANOTHER.isdisjoint(near):
        return False
    tallies = {(one.tally.first, one.tally.second) for one in told if one.tally and one.tally.first is not None}
    own = (act.tally.first, act.tally.second) if act.tally and act.tally.first is not None else None
    instruments = {name for one in told for name in _instruments(one)}
    return (own is not None and bool(tallies) and own not in tallies) or (
        bool(instruments) and bool(_instruments(act)) and instruments.isdisjoint(_instruments(act))
    )


def _instruments(act: Act) -> set[str]:
    return {name for _, _, name in act.sentence.hits.get("INSTR", ()) if name not in _VAGUE}
