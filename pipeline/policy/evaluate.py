"""Scores the policy room on labelled cases: relevance, alerts per event, fields. The labels are used to score only.

A case is a dict with ``id``, ``headline``, ``summary``, ``outlet``, ``published`` and, where they are to be scored, the
labels of docs/domain.md (``is_relevant``, ``is_new_ordinance_event``, ``event_key``, ``jurisdiction``, ``body``,
``instrument``, ``stage``, ``vote``, ``action_date``, ``direction``, ``identifier``, ``evidence``). ``evaluate`` builds
the JSON of ``eval`` in docs/commands.md; keys beyond that page are breakdowns for a person.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any, Protocol

from pipeline.model import AlertKind, Article, Docket, Reading, Report, SourceKind, make_id
from pipeline.policy import docket, identifiers, kinds, reading, shown
from pipeline.policy.lexicon import lexicon

Case = Mapping[str, Any]

FOUNDING: tuple[AlertKind, ...] = ("new", "amend", "reaffirm")
"""Alerts that ``alerted`` counts."""
CONFIDENCE = 0.5
"""A subscription's default."""
NO_GUARD = 1_000_000
"""``news_days`` for a case without a date: nothing is old."""
FIELDS = ("jurisdiction", "type", "body", "instrument", "stage", "vote", "date", "direction", "identifier")
EQUAL_STAGES = (
    {"passed", "adopted", "approved", "issued", "passed_final"}, {"failed", "rejected"}, {"repealed", "rescinded"},
    {"proposed", "introduced"},
)  # fmt: skip
EQUAL_INSTRUMENTS = (
    {"statute", "bill", "act"}, {"ordinance", "local_law", "bylaw"}, {"resolution", "motion", "proclamation"},
    {"directive", "executive_order", "policy"},
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Raised:
    """An alert that taking in a report raised for a subscriber to everything."""

    kind: AlertKind
    measure: str
    place: str
    """Label of the jurisdiction."""


class Join(Protocol):
    """Takes one report into the dockets; gives the alerts that this raised, each once."""

    def __call__(self, report: Report, article: Article, *, now: datetime, news_days: int) -> Iterable[Raised]: ...


@dataclass(slots=True)
class Dockets:
    """The real docket rules over dockets in memory: a ``Join``."""

    news_days: int = 30
    dockets: dict[str, Docket] = field(default_factory=dict)
    told: set[tuple[str, str]] = field(default_factory=set)
    minted: int = 0

    def __call__(self, report: Report, article: Article, *, now: datetime, news_days: int) -> Iterable[Raised]:
        key, into = report.jurisdiction.key, ""
        joined = docket.join(
            self.dockets.get(key), report, article, now=now, news_days=news_days, mint=self._mint, into=into
        )
        self.dockets[key] = joined.docket
        raised = []
        for notice in joined.docket.notices:
            name = (notice.id, notice.kind)
            if not notice.muted and notice.confidence >= CONFIDENCE and name not in self.told:
                self.told.add(name)
                raised.append(Raised(notice.kind, notice.measure, report.jurisdiction.label))
        return raised

    def _mint(self) -> str:
        self.minted += 1
        return f"m{self.minted}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one case."""

    case: Case
    reading: Reading
    raised: tuple[Raised, ...]

    @property
    def alerted(self) -> int:
        return sum(alert.kind in FOUNDING for alert in self.raised)


def held_out(case: Case) -> bool:
    """Whether rules are never tuned on a case: SHA-256 of its event (else of its own id) divides by 5."""
    name = case.get("event_key") or case["id"]
    return int(sha256(str(name).encode()).hexdigest(), 16) % 5 == 0


def evaluate(
    cases: Sequence[Case], *, join: Join | None = None, news_days: int = 30,
    read: Callable[..., Reading] = reading.read,
) -> dict[str, Any]:  # fmt: skip
    """The figures of ``eval`` for ``cases``; ``join`` defaults to the docket's own rules, empty at the start."""
    outcomes = run(cases, join=join or Dockets(), news_days=news_days, read=read)
    return score(outcomes)


def run(
    cases: Sequence[Case], *, join: Join, news_days: int = 30, read: Callable[..., Reading] = reading.read
) -> list[Outcome]:
    """Takes the cases in, ordered by ``published`` as text (missing last), then as given."""
    ordered = sorted(cases, key=lambda case: (not case.get("published"), str(case.get("published") or "")))
    return [_take_in(case, join, news_days, read) for case in ordered]


def _take_in(case: Case, join: Join, news_days: int, read: Callable[..., Reading]) -> Outcome:
    title, text = str(case.get("headline") or ""), str(case.get("summary") or "")
    outlet, published = str(case.get("outlet") or ""), str(case.get("published") or "")
    source_kind = kinds.source_kind_of(lexicon(), outlet)
    found = read(
        title, text, published=published or None, source=outlet, source_kind=source_kind, url=case.get("url") or ""
    )
    raised: list[Raised] = []
    for report in found.reports:
        now = moment(published, report.date)
        article = article_of(case, found, source_kind, now)
        raised += join(report, article, now=now, news_days=news_days if published else NO_GUARD)
    return Outcome(case, found, tuple(raised))


def article_of(case: Case, found: Reading, source_kind: SourceKind, now: datetime) -> Article:
    """The case as an article of its outlet."""
    return Article(
        id=make_id("article", str(case["id"])),
        url=str(case.get("url") or f"https://case.invalid/{case['id']}"),
        title=str(case.get("headline") or ""),
        text=str(case.get("summary") or ""),
        source=str(case.get("outlet") or ""),
        source_kind=source_kind,
        home="",
        feed="",
        entry="",
        first_seen=now,
        published=now,
        published_day_only=True,
        kind=found.kind,
        places=found.places,
        reports=found.reports,
        story=make_id("article", str(case["id"])),
    )


def moment(published: str, action: str) -> datetime:
    """*Now* for a report: the case's date; of an imprecise one the moment of its span that is nearest the action."""
    first, last = _span(published)
    told, _ = _span(action)
    day = min(max(told, first), last) if action and published else (first if published else (told if action else first))
    return datetime(day.year, day.month, day.day, 18, tzinfo=UTC)


def _span(iso: str) -> tuple[date, date]:
    if len(iso) >= 10:
        day = date.fromisoformat(iso[:10])
        return day, day
    if len(iso) == 7:
        year, month = int(iso[:4]), int(iso[5:])
        return date(year, month, 1), date(year, month, monthrange(year, month)[1])
    if len(iso) == 4:
        return date(int(iso), 1, 1), date(int(iso), 12, 31)
    return date(2000, 1, 1), date(2000, 1, 1)


# ------------------------------------------------------------------ figures
def score(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """The JSON of ``eval``: figures by look-alike and direction, alerts per case, the misses of every field."""
    events, misses = _events(outcomes)
    values, counts, wrong = _fields(outcomes)
    return {
        "relevance": _relevance(outcomes),
        "events": events,
        "fields": values,
        "field_counts": counts,
        "field_misses": wrong,
        "alerts": _alerts(outcomes),
        "by_direction": {
            name: _direction(outcomes, name, misses) for name in ("limits_cooperation", "mandates_cooperation")
        },
        "by_confuser": _confusers(outcomes),
        "cases": [_shown(outcome) for outcome in outcomes],
    }


def _ratio(part: int, of: int) -> float:
    return round(part / of, 4) if of else 1.0


def _relevance(outcomes: Iterable[Outcome]) -> dict[str, Any]:
    labelled = [outcome for outcome in outcomes if outcome.case.get("is_relevant") is not None]
    hits = sum(o.reading.relevant and o.case["is_relevant"] for o in labelled)
    false = [str(o.case["id"]) for o in labelled if o.reading.relevant and not o.case["is_relevant"]]
    missed = [str(o.case["id"]) for o in labelled if not o.reading.relevant and o.case["is_relevant"]]
    precision, recall = _ratio(hits, hits + len(false)), _ratio(hits, hits + len(missed))
    f1 = round(2 * precision * recall / (precision + recall), 4) if precision + recall else 0.0
    return {"precision": precision, "recall": recall, "f1": f1, "false": false, "missed": missed}


def _truth(outcome: Outcome) -> bool:
    return bool(outcome.case.get("is_new_ordinance_event"))


def _event(outcome: Outcome) -> str:
    return str(outcome.case.get("event_key") or outcome.case["id"])


def _own(outcome: Outcome) -> list[Raised]:
    """The founding alerts of a case that tell of the labelled place; all of them when no place is labelled."""
    founding = [alert for alert in outcome.raised if alert.kind in FOUNDING]
    place = outcome.case.get("jurisdiction")
    if not place or not place.get("name"):
        return founding
    own = [alert for alert in founding if _same_name(alert.place.rsplit(",", 1)[0], place["name"])]
    told = any(_same_name(report.jurisdiction.name, place["name"]) for report in outcome.reading.reports)
    return own if own or told else founding[:1]


def _place_of(case: Case) -> str:
    place = case.get("jurisdiction") or {}
    return f"{_words(place.get('name') or '')}|{place.get('state')}"


def _credited(outcomes: Sequence[Outcome]) -> dict[str, str]:
    """Place to event, for places that only one true event is labelled with: a case may tell another case's event."""
    events: dict[str, set[str]] = {}
    for outcome in outcomes:
        if _truth(outcome):
            events.setdefault(_place_of(outcome.case), set()).add(_event(outcome))
    return {place: next(iter(keys)) for place, keys in events.items() if len(keys) == 1}


def _events(outcomes: Sequence[Outcome]) -> tuple[dict[str, Any], set[str]]:
    credited = _credited(outcomes)
    truth: dict[str, int] = {}
    false: list[str] = []
    beside: list[str] = []
    labelled = [outcome for outcome in outcomes if outcome.case.get("is_new_ordinance_event") is not None]
    for outcome in labelled:
        if _truth(outcome):
            own = _own(outcome)
            truth[_event(outcome)] = truth.get(_event(outcome), 0) + len(own)
            others = [alert for alert in outcome.raised if alert.kind in FOUNDING and alert not in own]
            for alert in others:
                name, _, state = alert.place.rpartition(", ")
                event = credited.get(f"{_words(name)}|{state}")
                if event:
                    truth[event] = truth.get(event, 0) + 1
            if others:
                beside.append(str(outcome.case["id"]))
        elif outcome.alerted:
            false.append(str(outcome.case["id"]))
    missed = sorted(key for key, count in truth.items() if not count)
    doubled = sorted(key for key, count in truth.items() if count > 1)
    found = len(truth) - len(missed)
    return {
        "precision": _ratio(found, found + len(false)),
        "recall": _ratio(found, len(truth)),
        "found": found,
        "missed": missed,
        "false": false,
        "doubled": doubled,
        "beside": beside,
    }, set(missed)


def _alerts(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Per case: would this account alone, with empty dockets, raise an alert? Counted from its reports."""
    labelled = [outcome for outcome in outcomes if outcome.case.get("is_new_ordinance_event") is not None]
    alone = [outcome for outcome in labelled if any(_founding(report) for report in outcome.reading.reports)]
    hits = sum(_truth(outcome) for outcome in alone)
    false = [str(outcome.case["id"]) for outcome in alone if not _truth(outcome)]
    missed = [str(o.case["id"]) for o in labelled if _truth(o) and o not in alone]
    return {
        "precision": _ratio(hits, len(alone)),
        "recall": _ratio(hits, hits + len(missed)),
        "false": false,
        "missed": missed,
    }


def _founding(report: Report) -> bool:
    return report.alertable and report.alert in FOUNDING


def _direction(outcomes: Sequence[Outcome], name: str, missed: set[str]) -> dict[str, Any]:
    own = [outcome for outcome in outcomes if outcome.case.get("direction") == name]
    truth = {_event(outcome) for outcome in own if _truth(outcome)}
    false = [str(outcome.case["id"]) for outcome in own if not _truth(outcome) and outcome.alerted]
    found = len(truth - missed)
    return {
        "events": len(truth),
        "recall": _ratio(found, len(truth)),
        "precision": _ratio(found, found + len(false)),
        "relevance_recall": _ratio(sum(o.reading.relevant for o in own), len(own)),
    }


def _confusers(outcomes: Sequence[Outcome]) -> dict[str, dict[str, int]]:
    """Irrelevant cases by the other sense that the reader named, and how many of each passed as relevant."""
    table: dict[str, dict[str, int]] = {}
    for outcome in outcomes:
        if outcome.case.get("is_relevant") is False:
            named = [
                check.rule.partition(".")[2] for check in outcome.reading.rejected if check.rule.startswith("confuser.")
            ]
            row = table.setdefault(named[0] if named else "none", {"cases": 0, "passed": 0})
            row["cases"] += 1
            row["passed"] += outcome.reading.relevant
    return dict(sorted(table.items()))


def _fields(
    outcomes: Sequence[Outcome],
) -> tuple[dict[str, float], dict[str, list[int]], dict[str, list[dict[str, Any]]]]:
    right: dict[str, int] = dict.fromkeys(FIELDS, 0)
    asked: dict[str, int] = dict.fromkeys(FIELDS, 0)
    wrong: dict[str, list[dict[str, Any]]] = {name: [] for name in FIELDS}
    for outcome in outcomes:
        if not _truth(outcome):
            continue
        report = chosen(outcome)
        if report is None:
            continue
        for name, ok, told, meant in compared(report, outcome.case):
            asked[name] += 1
            right[name] += ok
            if not ok:
                wrong[name].append({"id": outcome.case["id"], "read": told, "label": meant})
    values = {name: _ratio(right[name], asked[name]) for name in FIELDS}
    return values, {name: [right[name], asked[name]] for name in FIELDS}, wrong


def chosen(outcome: Outcome) -> Report | None:
    """The report that tells of the labelled event: of its place and a founding kind, else founding, else the first."""
    reports = outcome.reading.reports
    place = (outcome.case.get("jurisdiction") or {}).get("name")
    founding = [report for report in reports if report.alert in FOUNDING]
    own = [report for report in founding if place and _same_name(report.jurisdiction.name, place)]
    return next(iter([*own, *founding, *reports]), None)


def compared(report: Report, case: Case) -> Iterable[tuple[str, bool, Any, Any]]:
    """``(field, right, as read, as labelled)`` for every field that the case labels."""
    place = case.get("jurisdiction")
    if place and place.get("name"):
        own = report.jurisdiction
        same = _same_name(own.name, place["name"]) and own.state == place.get("state")
        yield "jurisdiction", same, own.label, f"{place['name']}, {place.get('state')}"
        yield "type", own.type == place.get("type"), own.type, place.get("type")
    if case.get("body"):
        yield "body", _words(report.body) == _words(case["body"]), report.body, case["body"]
    if case.get("instrument"):
        yield (
            "instrument",
            _equal(report.instrument, case["instrument"], EQUAL_INSTRUMENTS),
            report.instrument,
            case["instrument"],
        )
    if case.get("stage"):
        yield "stage", _equal(report.stage, case["stage"], EQUAL_STAGES), report.stage, case["stage"]
    vote = case.get("vote")
    if vote and vote.get("for") is not None:
        told = (report.vote.ayes, report.vote.noes) if report.vote else None
        yield "vote", told == (vote["for"], vote["against"]), told, (vote["for"], vote["against"])
    if case.get("action_date"):
        yield "date", same_date(report.date, case["action_date"]), report.date, case["action_date"]
    if case.get("direction"):
        yield "direction", report.direction == case["direction"], report.direction, case["direction"]
    number = case.get("identifier")
    if number and any(character.isdigit() for character in number):
        ok = identifiers.comparable(report.identifier) == identifiers.comparable(number)
        yield "identifier", ok, report.identifier, number


def same_date(told: str, meant: str) -> bool:
    """Within a day when both have one; else equal as far as the label goes."""
    if len(told) == 10 and len(meant) == 10:
        return abs(date.fromisoformat(told) - date.fromisoformat(meant)) <= timedelta(days=1)
    return bool(told) and told[: len(meant)] == meant[: len(told)] and len(told) >= len(meant)


def _equal(told: str | None, meant: str, groups: Sequence[set[str]]) -> bool:
    return told == meant or any(told in group and meant in group for group in groups)


def _same_name(told: str, meant: str) -> bool:
    return _words(told) == _words(meant)


def _words(text: str) -> str:
    folded = text.casefold().replace("ñ", "n").replace("'", "").replace(".", "")
    words = ("saint" if word == "st" else word for word in folded.removesuffix(" city").split())
    return " ".join(words)


def _shown(outcome: Outcome) -> dict[str, Any]:
    return {
        "id": outcome.case["id"],
        "relevant": outcome.reading.relevant,
        "score": outcome.reading.score,
        "alerted": outcome.alerted,
        "actions": [shown.action(report) for report in outcome.reading.reports],
    }
