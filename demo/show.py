"""What the demo says at its end: measures, alerts, copies, discards with reasons, and what to type next.

Pure: the JSON of the commands goes in, something that rich can print comes out. Titles and reasons come
from outside and are shown as text, never read as markup.
"""

from __future__ import annotations

import shlex
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NotRequired, TypedDict
from urllib.parse import urlsplit

from rich import box
from rich.console import Group, RenderableType
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

EXAMPLES = 2
"""So many entries stand as examples beside a reason."""
STYLES = {"limits_cooperation": "cyan", "mandates_cooperation": "magenta"}
"""Two colours of one weight: neither direction is the good one."""


class JurisdictionJSON(TypedDict):
    """Who is bound."""

    name: str
    type: str
    state: str


VoteJSON = TypedDict(
    "VoteJSON",
    {"for": int | None, "against": int | None, "abstain": int | None, "absent": int | None, "unanimous": bool | None},
)


class EvidenceJSON(TypedDict):
    """A sentence and where it stands."""

    url: str
    sentence: str


class ActionJSON(TypedDict):
    """One action of ``docket``."""

    id: NotRequired[str]
    stage: str
    date: str | None
    date_precision: str | None
    vote: VoteJSON | None
    evidence: list[EvidenceJSON]
    articles: list[str]


class MeasureJSON(TypedDict):
    """One measure of ``docket``."""

    id: str
    jurisdiction: JurisdictionJSON
    body: str | None
    instrument: str | None
    identifier: str | None
    direction: str | None
    provisions: list[str]
    stage: str
    actions: list[ActionJSON]


class ArticleJSON(TypedDict):
    """One article of ``search``."""

    id: str
    url: str
    title: str
    source: str
    story: str
    copy_of: str | None


class AlertJSON(TypedDict):
    """One alert of ``alerts list``."""

    id: str
    measure: str
    action: NotRequired[str]
    kind: str
    state: str


class StepJSON(TypedDict):
    """One step of ``why``."""

    at: str
    step: str
    result: str


class WhyJSON(TypedDict):
    """One answer of ``why``."""

    url: str
    outcome: str
    reason: str
    steps: list[StepJSON]


class FeedJSON(TypedDict):
    """One feed of ``feeds list``, as far as it is shown."""

    url: str
    title: str
    healthy: bool
    error: Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class Results:
    """Everything that the closing page tells of."""

    measures: Sequence[MeasureJSON]
    articles: Sequence[ArticleJSON]
    alerts: Sequence[AlertJSON]
    entries: Sequence[WhyJSON]
    """One for every entry; those that became articles or copies are counted only."""
    feeds: Sequence[FeedJSON]
    outbox: Path
    mails: Sequence[Path]
    """The ``.eml`` files."""
    seconds: float
    """From the first request to the last mail."""
    web: str = ""
    """Where the web answers, when it runs."""
    command: str = "sanctuary-watch"
    """How the command is called from where the reader stands."""


def label(jurisdiction: JurisdictionJSON) -> str:
    """``Los Angeles, CA``; a state and the federal level are their own name."""
    if jurisdiction["type"] in ("state", "federal") or not jurisdiction["state"]:
        return jurisdiction["name"]
    return f"{jurisdiction['name']}, {jurisdiction['state']}"


def words(value: str | None) -> str:
    """A word of the vocabulary as people write it: ``287(g) agreement``, ``limits cooperation``."""
    return (value or "").replace("287g", "287(g)").replace("_", " ")


def tally(vote: VoteJSON | None) -> str:
    """``13-0``, ``unanimous`` without figures, or ''."""
    if vote is None:
        return ""
    if vote["for"] is None or vote["against"] is None:
        return "unanimous" if vote["unanimous"] else ""
    return f"{vote['for']}-{vote['against']}"


def measures_table(measures: Iterable[MeasureJSON]) -> Table:
    """The docket: a row for each action, the measure's own columns on its first row, latest measure on top."""
    table = _table("What happened", "Where", "Measure", "Direction", "Action", "Vote", "Date", "Told by")
    table.columns[-1].justify = "right"
    ordered = sorted(measures, key=lambda m: (_latest(m), label(m["jurisdiction"])), reverse=True)
    for measure in ordered:
        direction = measure["direction"] or ""
        lead = [
            Text(label(measure["jurisdiction"]), "bold"),
            Text(" ".join(filter(None, (words(measure["instrument"]), measure["identifier"])))),
            Text(words(direction).removesuffix(" cooperation"), STYLES.get(direction, "")),
        ]
        for action in sorted(measure["actions"], key=lambda a: a["date"] or ""):
            table.add_row(
                *lead,
                Text(words(action["stage"])),
                Text(tally(action["vote"])),
                Text(_day(action["date"])),
                Text(str(len(action["articles"]))),
            )
            lead = [Text(), Text(), Text()]
    return table


def _day(iso: str | None) -> str:
    """``9 Nov`` of a full date, else the date as far as it is known: a narrow terminal has no room for more."""
    if not iso or len(iso) < len("2026-11-09"):
        return iso or "undated"
    return f"{date.fromisoformat(iso):%-d %b}"


def _latest(measure: MeasureJSON) -> str:
    return max((action["date"] or "" for action in measure["actions"]), default="")


def alerts_table(alerts: Iterable[AlertJSON], measures: Iterable[MeasureJSON]) -> Table:
    """What subscribers were told, with the sentence that proves it."""
    table = _table("Who was told", "Kind", "Measure", "State", "Because")
    known = {measure["id"]: measure for measure in measures}
    for alert in alerts:
        measure = known.get(alert["measure"])
        table.add_row(
            Text(words(alert["kind"])),
            Text(label(measure["jurisdiction"]) if measure else alert["measure"], "bold"),
            Text(alert["state"], "green" if alert["state"] == "sent" else ""),
            Text(_proof(measure, alert) if measure else "", overflow="ellipsis", no_wrap=True),
        )
    return table


def _proof(measure: MeasureJSON, alert: AlertJSON) -> str:
    """The sentence behind the action that was told; a correction is about none."""
    told = [action for action in measure["actions"] if action.get("id") == alert.get("action")] or measure["actions"]
    sentences = [evidence["sentence"] for action in told for evidence in action["evidence"]]
    return " ".join(sentences[0].split()) if sentences else ""


def copies_table(articles: Sequence[ArticleJSON]) -> Table:
    """Stories that more than one outlet ran."""
    table = _table("Who ran the same story", "Story", "First", "Copies")
    by_story: dict[str, list[ArticleJSON]] = defaultdict(list)
    for article in articles:
        by_story[article["story"] or article["id"]].append(article)
    for story in sorted(by_story.values(), key=len, reverse=True):
        firsts = [article for article in story if not article["copy_of"]]
        copies = [article["source"] for article in story if article["copy_of"]]
        if copies and firsts:
            table.add_row(Text(firsts[0]["title"]), Text(firsts[0]["source"]), Text(", ".join(sorted(copies))))
    return table


def discards_table(entries: Iterable[WhyJSON]) -> Table:
    """Why entries came to nothing: each reason, how often, and examples."""
    table = _table("What was put aside, and why", "Reason", "Entries", "For example")
    table.columns[1].justify = "right"
    by_reason: dict[tuple[str, str], list[str]] = defaultdict(list)
    for entry in entries:
        if entry["outcome"] not in ("article", "copy"):
            waits = entry["outcome"] == "unknown"
            by_reason["waits for another try" if waits else entry["outcome"], _reason(entry)].append(entry["url"])
    for (outcome, reason), urls in sorted(by_reason.items(), key=lambda found: (-len(found[1]), found[0])):
        shown = "\n".join(_short(url) for url in sorted(urls)[:EXAMPLES])
        table.add_row(Text(f"{outcome}: {reason}" if reason else outcome), Text(str(len(urls))), Text(shown))
    return table


def _reason(entry: WhyJSON) -> str:
    """The reason without what is particular to one entry, so that like entries are counted together."""
    reason = entry["reason"] or (entry["steps"][-1]["result"] if entry["steps"] else "")
    return reason.split(" (")[0].split(":")[0].strip()


def _short(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.hostname or ''}{parts.path}"


def feeds_table(feeds: Iterable[FeedJSON]) -> Table:
    """Feeds that could not be read."""
    table = _table("Feeds that could not be read", "Outlet", "Error", "Reason")
    for feed in feeds:
        if not feed["healthy"]:
            error = feed["error"] or {}
            table.add_row(Text(feed["title"]), Text(error.get("class", "")), Text(error.get("reason", "")))
    return table


def summary(results: Results) -> Text:
    """One paragraph of figures."""
    ends = [entry["outcome"] for entry in results.entries]
    articles, copies, discards = (ends.count(kind) for kind in ("article", "copy", "discard"))
    others = len(ends) - articles - copies - discards
    sent = sum(alert["state"] == "sent" for alert in results.alerts)
    text = Text()
    feeds, entries = _count(len(results.feeds), "feed"), _count(len(ends), "entry", "entries")
    text.append(f"{feeds}, {entries} in {results.seconds:.0f} seconds: ", "bold")
    text.append(f"{_count(articles, 'article')}, {_count(copies, 'copy', 'copies')}, ")
    text.append(f"{_count(discards, 'discard')}, {others} unfinished; ")
    text.append(f"{_count(len(results.measures), 'measure')}, {_count(len(results.alerts), 'alert')} ({sent} sent).")
    return text


def next_steps(results: Results) -> Group:
    """Where the mails lie and what to type next."""
    mails = Text()
    lie = "lies" if len(results.mails) == 1 else "lie"
    mails.append(f"{_count(len(results.mails), 'mail')} {lie} in ", "bold")
    mails.append(str(results.outbox))
    if results.mails:
        mails.append(f"\nThe first one: {results.mails[0].name}")
    lines: list[RenderableType] = [mails, Text("Now try:", "bold")]
    irrelevant = next((entry["url"] for entry in results.entries if entry["outcome"] == "discard"), "URL")
    for arguments in (
        "search '\"sanctuary city\" AND place:CA'",
        'docket "Los Angeles, CA"',
        "timeline sanctuary --by week",
        "sources sanctuary --by first",
        f"why {shlex.quote(irrelevant)}",
    ):
        # To be copied: never broken, however narrow the terminal.
        lines.append(Text(f"  {results.command} {arguments}", "cyan", no_wrap=True, overflow="ignore"))
    if results.web:
        lines.append(Text(f"or open {results.web} (Ctrl-C ends the demo)", "bold"))
    return Group(*lines)


def closing(results: Results) -> Group:
    """The whole closing page."""
    tables = (
        measures_table(results.measures),
        alerts_table(results.alerts, results.measures),
        copies_table(results.articles),
        discards_table(results.entries),
        feeds_table(results.feeds),
    )
    parts: list[RenderableType] = [Rule("sanctuary-watch demo"), summary(results)]
    parts += [part for table in tables if table.row_count for part in (Text(), table)]
    return Group(*parts, Text(), next_steps(results))


def _count(n: int, one: str, many: str = "") -> str:
    return f"{n} {one if n == 1 else many or one + 's'}"


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table
