"""Writes the mail for an alert: what was decided, the sentence that proves it, who else tells it, what came before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from config.settings import Settings
from pipeline.alerts import words
from pipeline.alerts.message import Mail, compose, message_id, written
from pipeline.alerts.notices import measure_of
from pipeline.alerts.subscriptions import in_words
from pipeline.alerts.tokens import unsubscribe_token
from pipeline.errors import Quarantine
from pipeline.model import Action, Alert, Docket, Evidence, Measure, Subscription, make_id
from pipeline.policy.docket.credence import sources
from pipeline.policy.docket.owing import founding_notice

MOST_SOURCES = 8
MOST_STEPS = 12


@dataclass(frozen=True, slots=True)
class Source:
    """One account of the action, for the list of sources; ``more`` says how many outlets ran copies of it."""

    outlet: str
    kind: str
    """'' for reporting, else what it is: "opinion", "press release" …"""
    title: str
    url: str
    day: str
    sentence: str
    more: int


@dataclass(frozen=True, slots=True)
class Links:
    """Where the reader can go on; '' without a public address."""

    docket: str = ""
    search: str = ""
    leave: str = ""

    @classmethod
    def of(cls, measure: Measure, subscription: Subscription, settings: Settings) -> Links:
        """The web's pages for a measure, and the signed one to leave by."""
        base = settings.public_url.rstrip("/")
        if not base:
            return cls()
        return cls(
            docket=f"{base}/docket/{quote(measure.jurisdiction.label)}",
            search=f"{base}/?q={quote(f'measure:{measure.id}')}",
            leave=cls.leaving(subscription, settings),
        )

    @staticmethod
    def leaving(subscription: Subscription, settings: Settings) -> str:
        """The signed page by which a subscription ends; '' without a public address."""
        base = settings.public_url.rstrip("/")
        token = unsubscribe_token(settings.secret_key, subscription) if base else ""
        return f"{base}/unsubscribe/{subscription.id}/{token}" if base else ""


def render(
    alert: Alert,
    docket: Docket,
    subscription: Subscription,
    *,
    settings: Settings,
    now: datetime,
    story_sizes: Mapping[str, int] | None = None,
    thread: Sequence[str] = (),
) -> Mail:
    """The mail for an alert.

    ``docket`` holds the alert's measure (or what it was merged into); ``story_sizes`` tells how many articles a story
    has, where more are known than the docket's evidence; ``thread`` names the messages this subscription had about
    the measure before. Raises ``Quarantine`` when measure or action is not in the docket.
    """
    facts = facts_of(alert, docket, subscription, settings=settings, story_sizes=story_sizes)
    text, html = written("alert", facts)
    root = _root(alert, docket, measure_of(docket, alert.measure), subscription)
    return compose(
        facts["subject"],
        text,
        html,
        id=alert.id,
        to=subscription.to,
        settings=settings,
        now=now,
        leave=facts["links"].leave,
        references=[message_id(root, settings), *thread] if root else (),
    )


def facts_of(
    alert: Alert,
    docket: Docket,
    subscription: Subscription,
    *,
    settings: Settings,
    story_sizes: Mapping[str, int] | None = None,
) -> dict[str, Any]:
    """What an alert tells, as its templates take it; arguments and errors as of ``render``."""
    measure = measure_of(docket, alert.measure)
    audit = next((entry for entry in docket.audit if entry.id == alert.action), None)
    action = _action(measure, alert) if audit is None else None
    told = action or max(measure.actions, key=lambda a: (a.date, a.first_reported), default=None)
    groups = sources(told.evidence) if told else []
    accounts = [_source(group, story_sizes or {}) for group in groups]
    return {
        "subject": words.subject_line(measure, action, alert.kind),
        "kind": alert.kind,
        "rows": _rows(measure, action, len(groups)),
        "provisions": [words.provision(provision) for provision in measure.provisions],
        "quote": accounts[0] if accounts else None,
        "others": accounts[1 : 1 + MOST_SOURCES],
        "unnamed": max(len(accounts) - 1 - MOST_SOURCES, 0),
        "history": _history(measure, action),
        "audit": audit and {"what": words.clean(audit.what, 400), "why": words.clean(audit.why, 400)},
        "withdrawn": measure in docket.withdrawn,
        "label": words.clean(measure.jurisdiction.label),
        "name": words.clean(subscription.name),
        "asked": in_words(subscription),
        "subscription": subscription.id,
        "links": Links.of(measure, subscription, settings),
    }


# ------------------------------------------------------------------ headers
def _root(alert: Alert, docket: Docket, measure: Measure, subscription: Subscription) -> str:
    """Id of the alert that told this subscription of the measure first; '' when that is this one."""
    founding = founding_notice(docket, measure.id)
    if founding is None:
        return ""
    about = founding.measure if founding.kind == "new" else founding.action
    root = make_id("alert", subscription.id, about)
    return "" if root == alert.id else root


# ------------------------------------------------------------------ facts
def _action(measure: Measure, alert: Alert) -> Action:
    """The action of an alert. A merge may have given it another id: then it is the one that alerts likewise."""
    alike = (action for action in measure.actions if action.alert == alert.kind)
    for action in (*(a for a in measure.actions if a.id == alert.action), *alike, *measure.actions):
        return action
    raise Quarantine(f"measure {measure.id} has no action", subject=alert.id)


def _rows(measure: Measure, action: Action | None, accounts: int) -> list[tuple[str, str]]:
    what = words.noun(measure.instrument)
    rows = [
        ("Where", words.clean(measure.jurisdiction.label)),
        ("Body", words.clean(measure.body)),
        ("What", what[:1].upper() + what[1:]),
        ("Number", words.clean(measure.identifier)),
        ("Direction", words.direction(measure)),
    ]
    if action is not None:
        told = f"not told; first reported {words.short_day(action.first_reported)}"
        rows[3:3] = [
            ("Stage", action.stage.replace("_", " ").capitalize()),
            ("Vote", words.vote_in_full(action.vote)),
            ("Date", words.day(action.date) or told),
        ]
        sure = "one source" if accounts == 1 else f"{accounts} sources"
        rows.append(("Confidence", f"{action.confidence:.0%}, {sure}"))
    return [(label, value) for label, value in rows if value]


def _source(group: Sequence[Evidence], story_sizes: Mapping[str, int]) -> Source:
    best = group[0]
    outlets = {piece.source for piece in group}
    return Source(
        outlet=words.clean(best.source, 80),
        kind="" if best.kind in ("news", "wire") else best.kind.replace("_", " "),
        title=words.clean(best.title),
        url=words.web_link(best.url),
        day=words.short_day(best.at),
        sentence=words.clean(best.sentence, words.LONGEST_SENTENCE),
        more=max(len(outlets), max(story_sizes.get(piece.story, 1) for piece in group)) - 1,
    )


def _history(measure: Measure, action: Action | None) -> list[tuple[str, str]]:
    """What happened to the measure besides, the earliest first."""
    others = [known for known in measure.actions if action is None or known.id != action.id]
    ordered = sorted(others, key=lambda a: (a.date or a.first_reported.date().isoformat(), a.first_reported))
    steps = []
    for known in ordered[-MOST_STEPS:]:
        voted = words.tally(known.vote)
        date = words.day(known.date) or f"reported {words.short_day(known.first_reported)}"
        steps.append((date, words.happened(known) + (f" ({voted})" if voted else "")))
    return steps
