"""What several accounts of one action are worth together: which are independent, how sure they make it.

Copies of one story are one account, and so are two pieces of one outlet and two pieces that quote the same sentence
(a story's id may be learnt after the docket took the report in). A press or government release confirms nobody
else's account unless it is the adopting body's own record; index pages and reviews never do (docs/domain.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pipeline.model import Evidence

AT_MOST = 20
"""Pieces of evidence kept for an action."""
CERTAIN = 0.99
"""No number of accounts makes more than this."""
SECOND_ACCOUNT = 0.5
"""Weight of each further independent account: half of what it would be alone."""

_KIND_ORDER = ("news", "wire", "government_document", "live_blog", "explainer", "press_release")
_RELEASES = frozenset({"press_release", "government_document"})
_NEVER = frozenset({"index_page", "review"})


def rank(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """The best pieces first, at most ``AT_MOST``: one of each account before any copy, whatever the order given.

    Better is: credible by itself, of a reporting kind, surer, earlier.
    """
    ordered = sorted(evidence, key=_merit)
    groups = _accounts(ordered)
    firsts = [group[0] for group in groups]
    rest = [piece for piece in ordered if piece not in firsts]
    return tuple((firsts + rest)[:AT_MOST])


def confidence(evidence: Sequence[Evidence]) -> float:
    """Between 0 and ``CERTAIN``: the best account's, or that of the accounts that confirm each other: the best of
    them raised by up to two others."""
    alone = max((piece.confidence for piece in evidence), default=0.0)
    doubt = 1.0
    for i, weight in enumerate(sorted((max(map(_weight, group)) for group in sources(evidence)), reverse=True)[:3]):
        doubt *= 1.0 - (weight if i == 0 else SECOND_ACCOUNT * weight)
    return round(min(max(alone, 1.0 - doubt), CERTAIN), 3)


def credible(evidence: Sequence[Evidence]) -> bool:
    """Whether an action may alert: one account that may alone, or two independent ones."""
    if any(piece.alertable for piece in evidence):
        return True
    return sum(any(map(_confirms, group)) for group in sources(evidence)) >= 2


def sources(evidence: Sequence[Evidence]) -> list[list[Evidence]]:
    """Evidence by account, the best first; the pieces behind the first of a group are its copies."""
    return _accounts(sorted(evidence, key=_merit))


def _merit(piece: Evidence) -> tuple[object, ...]:
    order = _KIND_ORDER.index(piece.kind) if piece.kind in _KIND_ORDER else len(_KIND_ORDER)
    return (not piece.alertable, order, -piece.confidence, piece.at, piece.article, piece.start)


def _confirms(piece: Evidence) -> bool:
    if piece.kind in _NEVER:
        return False
    return piece.alertable or not (piece.kind in _RELEASES or piece.source_kind == "government")


def _weight(piece: Evidence) -> float:
    return piece.confidence if _confirms(piece) else 0.0


def _accounts(ordered: Sequence[Evidence]) -> list[list[Evidence]]:
    """Groups of pieces that go back to one account, in the given order of their best."""
    groups: list[list[Evidence]] = []
    marks: list[set[tuple[str, str]]] = []
    for piece in ordered:
        own = {("story", piece.story), ("source", piece.source.casefold())}
        if len(piece.sentence.split()) >= 6:
            own.add(("sentence", " ".join(piece.sentence.casefold().split())))
        joined = [i for i, known in enumerate(marks) if known & own]
        if not joined:
            groups.append([piece])
            marks.append(own)
            continue
        first = joined[0]
        groups[first].append(piece)
        marks[first] |= own
        for i in reversed(joined[1:]):
            groups[first] += groups.pop(i)
            marks[first] |= marks.pop(i)
    return [sorted(group, key=_merit) for group in groups]
