"""The frame of every mail: headers that let its reader sort, thread and leave, two bodies with the same facts, ASCII.

A message is made once and frozen: its Message-ID comes from what it tells, so that the same mail is the same message
however often it is handed over.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime, parseaddr
from functools import cache
from typing import Any

from config.settings import Settings
from pipeline.alerts import words

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


def compose(
    subject: str,
    text: str,
    html: str,
    *,
    id: str,
    to: str,
    settings: Settings,
    now: datetime,
    leave: str = "",
    references: Sequence[str] = (),
) -> Mail:
    """The finished message.

    ``id`` is what its Message-ID is made from; ``leave`` the address of the page that ends the subscription by one
    click (RFC 8058); ``references`` the messages that it answers, the first of them first.
    """
    name, sender = parseaddr(settings.mail_from)
    message = EmailMessage(policy=_POLICY)
    message["From"] = Address(words.clean(name) or "sanctuary-watch", addr_spec=sender)
    message["To"] = Address(addr_spec=to)
    message["Subject"] = subject
    message["Date"] = format_datetime(now)
    message["Message-ID"] = message_id(id, settings)
    if references:
        message["In-Reply-To"] = references[0]
        message["References"] = " ".join(dict.fromkeys(references))
    message["List-Id"] = f"sanctuary-watch alerts <alerts.{_domain(settings)}>"
    if leave:
        message["List-Unsubscribe"] = f"<{leave}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "OOF, AutoReply"
    message["Precedence"] = "list"
    message.set_content(text, cte="quoted-printable")
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    whole = message.as_bytes(policy=_POLICY).decode("ascii")
    return Mail(message_id(id, settings), subject, text, html, whole)


def message_id(id: str, settings: Settings) -> str:
    """The Message-ID of an alert's or digest's mail: always the same."""
    return f"<{id}@{_domain(settings)}>"


def _domain(settings: Settings) -> str:
    return parseaddr(settings.mail_from)[1].rpartition("@")[2] or "localhost"


# ------------------------------------------------------------------ bodies
def written(template: str, facts: dict[str, Any]) -> tuple[str, str]:
    """The plain text and the HTML of a template (its name without ending), filled with the same facts."""
    text = _environment().get_template(f"{template}.txt").render(facts).strip() + "\n"
    return text, _inlined(_environment().get_template(f"{template}.html").render(facts)).strip() + "\n"


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
