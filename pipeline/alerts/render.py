"""Writes the mail for an alert: the same facts as text and HTML, headers that let its reader sort, thread and leave.

The message is made once, at the first attempt, and frozen as ASCII in its row: its Message-ID comes from the alert's
id, so that the same alert is the same message however often it is handed over.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime, parseaddr
from functools import cache
from typing import Any
from urllib.parse import quote

from config.settings import Settings
from pipeline.alerts import words
from pipeline.alerts.notices import measure_of
from pipeline.alerts.subscriptions import in_words
from pipeline.alerts.tokens import unsubscribe_token
from pipeline.errors import Quarantine
from pipeline.model import Action, Alert, Audit, Docket, Evidence, Measure, Subscription, make_id
from pipeline.policy.docket.credence import sources
from pipeline.policy.docket.owing import founding_notice

MOST_SOURCES = 8
MOST_STEPS = 12
TEXT_WIDTH = 76

_NARROW: EmailPolicy[EmailMessage] = SMTP.clone(cte_type="7bit")
_WIDE: EmailPolicy[EmailMessage] = SMTP.clone(max_line_length=998, cte_type="7bit")
_UNBROKEN = frozenset({"list-unsubscribe", "list-unsubscribe-post", "list-id", "references", "in-reply-to"})


class _Headers(EmailPolicy):
    """Folds headers at 78 characters but for those that mail software reads as a whole: folded, the standard library
    turns a long ``List-Unsubscribe`` into encoded words, and the button to leave disappears."""

    def fold(self, name: str, value: Any) -> str:
        folded: str = _folding(name).fold(name, value)
        return folded

    def fold_binary(self, name: str, value: Any) -> bytes:
        folded: bytes = _folding(name).fold_binary(name, value)
        return folded


def _folding(name: str) -> EmailPolicy[EmailMessage]:
    return _WIDE if name.casefold() in _UNBROKEN else _NARROW


_POLICY = _Headers(linesep="\r\n", cte_type="7bit", max_line_length=78)


@dataclass(frozen=True, slots=True)
class Mail:
    """A finished message. ``text_form`` is all of it, ASCII with CRLF, as it is frozen and handed over."""

    message_id: str
    subject: str
    text: str
    html: str
    text_form: str


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
        token = unsubscribe_token(settings.secret_key, subscription)
        return cls(
            docket=f"{base}/docket/{quote(measure.jurisdiction.label)}",
            search=f"{base}/?q={quote(f'measure:{measure.id}')}",
            leave=f"{base}/unsubscribe/{subscription.id}/{token}",
        )


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
    measure = measure_of(docket, alert.measure)
    audit = next((entry for entry in docket.audit if entry.id == alert.action), None)
    action = _action(measure, alert) if audit is None else None
    links = Links.of(measure, subscription, settings)
    subject = words.subject_line(measure, action, alert.kind)
    facts = _facts(measure, action, audit, alert, subscription, links, story_sizes or {})
    text = _template("alert.txt").render(facts | {"subject": subject}).strip() + "\n"
    html = _inlined(_template("alert.html").render(facts | {"subject": subject})).strip() + "\n"
    message = _message(subject, alert, docket, measure, subscription, settings, now, links, thread)
    message.set_content(text, cte="quoted-printable")
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    return Mail(
        message_id=message_id(alert.id, settings),
        subject=subject,
        text=text,
        html=html,
        text_form=message.as_bytes(policy=_POLICY).decode("ascii"),
    )


def message_id(alert: str, settings: Settings) -> str:
    """The Message-ID of an alert's mail: always the same."""
    return f"<{alert}@{_domain(settings)}>"


# ------------------------------------------------------------------ headers
def _message(
    subject: str,
    alert: Alert,
    docket: Docket,
    measure: Measure,
    subscription: Subscription,
    settings: Settings,
    now: datetime,
    links: Links,
    thread: Sequence[str],
) -> EmailMessage:
    name, sender = parseaddr(settings.mail_from)
    message = EmailMessage(policy=_POLICY)
    message["From"] = Address(words.clean(name) or "sanctuary-watch", addr_spec=sender)
    message["To"] = Address(addr_spec=subscription.to)
    message["Subject"] = subject
    message["Date"] = format_datetime(now)
    message["Message-ID"] = message_id(alert.id, settings)
    if root := _root(alert, docket, measure, subscription):
        first = message_id(root, settings)
        message["In-Reply-To"] = first
        message["References"] = " ".join(dict.fromkeys([first, *thread]))
    message["List-Id"] = f"sanctuary-watch alerts <alerts.{_domain(settings)}>"
    if links.leave:
        message["List-Unsubscribe"] = f"<{links.leave}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "OOF, AutoReply"
    message["Precedence"] = "list"
    return message


def _root(alert: Alert, docket: Docket, measure: Measure, subscription: Subscription) -> str:
    """Id of the alert that told this subscription of the measure first; '' when that is this one."""
    founding = founding_notice(docket, measure.id)
    if founding is None:
        return ""
    about = founding.measure if founding.kind == "new" else founding.action
    root = make_id("alert", subscription.id, about)
    return "" if root == alert.id else root


def _domain(settings: Settings) -> str:
    return parseaddr(settings.mail_from)[1].rpartition("@")[2] or "localhost"


# ------------------------------------------------------------------ facts
def _action(measure: Measure, alert: Alert) -> Action:
    """The action of an alert. A merge may have given it another id: then it is the one that alerts likewise."""
    alike = (action for action in measure.actions if action.alert == alert.kind)
    for action in (*(a for a in measure.actions if a.id == alert.action), *alike, *measure.actions):
        return action
    raise Quarantine(f"measure {measure.id} has no action", subject=alert.id)


def _facts(
    measure: Measure,
    action: Action | None,
    audit: Audit | None,
    alert: Alert,
    subscription: Subscription,
    links: Links,
    story_sizes: Mapping[str, int],
) -> dict[str, Any]:
    told = action or max(measure.actions, key=lambda a: (a.date, a.first_reported), default=None)
    groups = sources(told.evidence) if told else []
    accounts = [_source(group, story_sizes) for group in groups]
    return {
        "kind": alert.kind,
        "rows": _rows(measure, action, len(groups)),
        "provisions": [words.provision(provision) for provision in measure.provisions],
        "quote": accounts[0] if accounts else None,
        "others": accounts[1 : 1 + MOST_SOURCES],
        "unnamed": max(len(accounts) - 1 - MOST_SOURCES, 0),
        "history": _history(measure, action),
        "audit": audit and {"what": words.clean(audit.what, 400), "why": words.clean(audit.why, 400)},
        "label": words.clean(measure.jurisdiction.label),
        "name": words.clean(subscription.name),
        "asked": in_words(subscription),
        "subscription": subscription.id,
        "links": links,
    }


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


# ------------------------------------------------------------------ templates
@cache
def _environment() -> Any:
    from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

    environment = Environment(
        loader=PackageLoader("pipeline.alerts"),
        autoescape=select_autoescape(("html",), default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["wrapped"] = _wrapped
    return environment


def _template(name: str) -> Any:
    return _environment().get_template(name)


def _wrapped(text: str, indent: str = "") -> str:
    """Lines of at most 76 characters; an address is never broken."""
    return textwrap.fill(
        text,
        TEXT_WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


@cache
def _inliner() -> Any:
    from css_inline import CSSInliner

    return CSSInliner(keep_style_tags=True, keep_at_rules=True, load_remote_stylesheets=False)


def _inlined(html: str) -> str:
    """Styles copied to their elements for readers that drop style sheets; the sheet stays for dark mode and phones."""
    inlined: str = _inliner().inline(html)
    return inlined
