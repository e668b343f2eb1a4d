"""What the monitor found against what it must have found: one sentence for each difference.

The end-to-end test demands none; the demo may show them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from demo.expected import Expected, ExpectedAction, ExpectedMeasure, same_instrument, same_stage
from demo.show import ActionJSON, AlertJSON, ArticleJSON, MeasureJSON, VoteJSON, WhyJSON, label

REASONS = {
    "irrelevant": ("irrelevant",),
    "lead": ("lead",),
    "gone": ("Gone",),
    "withheld": ("Withheld", "irrelevant"),
    "other_address": ("known address",),
}
"""How the monitor's own reason begins, for each kind. A page that is withheld may be judged by its headline."""


def measures(expected: Expected, found: Sequence[MeasureJSON]) -> list[str]:
    """Measures that are missing, doubled, or not as told. Measures beyond the expected ones are left to ``alerts``."""
    differences: list[str] = []
    for wanted in expected.measures:
        matches = [measure for measure in found if _tells(measure, wanted)]
        if len(matches) > 1:
            differences.append(f"{wanted.key}: {len(matches)} measures tell of it")
        if matches:
            differences += [f"{wanted.key}: {text}" for text in _measure(matches[0], wanted)]
        elif wanted.sure:
            differences.append(f"{wanted.key}: not in the docket")
    return differences


def _tells(measure: MeasureJSON, wanted: ExpectedMeasure) -> bool:
    """It is the wanted measure: evidence of one of its actions comes from one of the pages that tell of it."""
    pages = {page for action in wanted.actions for page in action.evidence}
    shown = {evidence["url"] for action in measure["actions"] for evidence in action["evidence"]}
    return label(measure["jurisdiction"]) in wanted.labels and not pages.isdisjoint(shown)


def _measure(measure: MeasureJSON, wanted: ExpectedMeasure) -> Iterable[str]:
    if measure["jurisdiction"]["type"] not in wanted.types:
        yield f"type is {measure['jurisdiction']['type']}, not {wanted.types[0]}"
    if wanted.bodies and measure["body"] not in wanted.bodies:
        yield f"body is {measure['body']!r}, not {wanted.bodies[0]!r}"
    if not any(same_instrument(measure["instrument"] or "", one) for one in wanted.instruments):
        yield f"instrument is {measure['instrument']}, not {wanted.instruments[0]}"
    if (measure["direction"] or "") not in wanted.directions:
        yield f"direction is {measure['direction']}, not {wanted.directions[0]}"
    if wanted.identifier and measure["identifier"] != wanted.identifier:
        yield f"identifier is {measure['identifier']!r}, not {wanted.identifier!r}"
    for action in wanted.actions:
        yield from _action(measure["actions"], action)


def _action(found: Iterable[ActionJSON], wanted: ExpectedAction) -> Iterable[str]:
    on = "" if wanted.date is None else wanted.date.isoformat()
    staged = [a for a in found if any(same_stage(a["stage"], stage) for stage in wanted.stages)]
    dated = [a for a in staged if not on or a["date"] == on]
    if not dated:
        dates = ", ".join(f"{a['stage']} {a['date']}" for a in found) or "none"
        yield f"no action {wanted.stages[0]} on {on or 'any date'} (found: {dates})"
    elif wanted.votes and not any(_tally(a["vote"]) in wanted.votes for a in dated):
        yield f"{wanted.key}: vote is {_tally(dated[0]['vote'])}, not {wanted.votes[0]}"


def _tally(vote: VoteJSON | None) -> tuple[int | None, int | None]:
    return (vote["for"], vote["against"]) if vote else (None, None)


def alerts(expected: Expected, found: Iterable[AlertJSON], docket: Sequence[MeasureJSON]) -> list[str]:
    """Alerts that are missing, doubled or wrong, for one subscriber to everything."""
    known = {measure["id"]: measure for measure in docket}
    raised = Counter((_owner(known.get(alert["measure"]), expected), alert["kind"]) for alert in found)
    wanted = {(m.key, m.alert): m.sure for m in expected.measures if m.alert}
    differences = [f"{key}: {n} alerts of kind {kind}" for (key, kind), n in raised.items() if n > 1]
    differences += [f"{key}: a false alert of kind {kind}" for key, kind in raised if (key, kind) not in wanted]
    return differences + [f"{key}: no alert of kind {kind}" for (key, kind), sure in wanted.items()
                          if sure and (key, kind) not in raised]  # fmt: skip


def _owner(measure: MeasureJSON | None, expected: Expected) -> str:
    if measure is None:
        return "a measure that is not in the docket"
    own = [wanted.key for wanted in expected.measures if _tells(measure, wanted)]
    return own[0] if own else f"{label(measure['jurisdiction'])} ({measure['stage']})"


def copies(expected: Expected, found: Iterable[ArticleJSON]) -> list[str]:
    """Stories whose copies were not joined, or joined with something else. Addresses in canonical form."""
    by_url = {article["url"]: article for article in found}
    differences: list[str] = []
    for group in expected.copies:
        members = {url: by_url[url] for url in group if url in by_url}
        differences += [f"{url}: is no article" for url in sorted(group - members.keys())]
        if len({article["story"] for article in members.values()}) > 1:
            differences.append(f"{min(group)}: its copies stand in several stories")
        firsts = sum(article["copy_of"] is None for article in members.values())
        if members and firsts != 1:
            differences.append(f"{min(group)}: {firsts} of its pages are the story's article, not one")
        told = {article["story"] for article in members.values()}
        strangers = [url for url, article in by_url.items() if article["story"] in told and url not in group]
        differences += [f"{url}: joined to a story that it is no copy of" for url in strangers]
    return differences


def endings(expected: Expected, found: Mapping[str, WhyJSON]) -> list[str]:
    """Entries that ended otherwise. ``found`` by the feed's address of the item."""
    differences: list[str] = []
    for url, wanted in expected.endings.items():
        why = found.get(url)
        if why is None:
            differences.append(f"{url}: nothing is known of it")
            continue
        ended = "retry" if why["outcome"] == "unknown" and why["steps"] else why["outcome"]
        if ended not in wanted.ends:
            differences.append(f"{url}: ended as {ended} ({why['reason']}), not {wanted.ends[0]}")
        elif ended == "discard" and not why["reason"].startswith(REASONS[wanted.reason]):
            differences.append(f"{url}: put aside because {why['reason']!r}, not as {wanted.reason}")
    return differences
