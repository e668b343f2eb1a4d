"""Who wants to be told what: checks what was asked for, decides whether an alert is wanted, reads and writes files.

A file of subscriptions is TOML, one table each; only ``to`` must be there:

    [[subscription]]
    to = "desk@example.org"
    name = "California desk"
    places = ["CA", "Reno, NV"]           # a place, a state, or "US"; none: everywhere
    directions = ["limits_cooperation"]   # none: both ways
    kinds = ["new", "repeal"]             # none: all but "stage"
    min_confidence = 0.6                  # none: 0.5
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, cast

from pipeline.errors import UserError
from pipeline.model import (
    ALERT_KINDS,
    DIRECTIONS,
    AlertKind,
    Direction,
    Measure,
    Notice,
    Subscription,
    make_id,
)

LONGEST_NAME = 100
_KEYS = {"to", "name", "places", "directions", "kinds", "min_confidence"}
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(
    r"(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*"
)
_TABLE = re.compile(r"^\s*\[\[\s*subscription\s*\]\]", re.MULTILINE)


def subscribe(
    to: str,
    *,
    name: str = "",
    places: Sequence[str] = (),
    directions: Sequence[str] = (),
    kinds: Sequence[str] = (),
    min_confidence: float = 0.5,
    now: datetime,
) -> Subscription:
    """A checked subscription that begins now: what is known already counts as told.

    The same wish twice (address, name, places, directions, kinds) has the same id. Raises ``UserError`` that says
    what cannot be used.
    """
    to = address(to)
    name = " ".join(name.split())
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise UserError(f"a name is up to {LONGEST_NAME} printable characters", subject=to)
    if not 0.0 <= min_confidence <= 1.0:
        raise UserError(f"min_confidence is between 0 and 1, not {min_confidence}", subject=to)
    wanted = tuple(dict.fromkeys(map(_place, places)))
    ways = tuple(dict.fromkeys(_one_of(word, DIRECTIONS, "direction") for word in directions))
    sorts = tuple(dict.fromkeys(_one_of(word, ALERT_KINDS, "kind of alert") for word in kinds))
    wish = [*sorted(wanted), "", *sorted(ways), "", *sorted(sorts)]
    return Subscription(
        id=make_id("subscription", to.casefold(), name, *wish),
        to=to,
        created=now,
        name=name,
        places=wanted,
        directions=cast(tuple[Direction, ...], ways),
        kinds=cast(tuple[AlertKind, ...], sorts),
        min_confidence=min_confidence,
    )


def address(text: str) -> str:
    """An e-mail address that can stand in a header and an envelope as it is; an international domain in its ASCII
    form. Raises ``UserError`` on anything else."""
    local, _, domain = text.strip().rpartition("@")
    try:
        domain = domain.encode("idna").decode("ascii")
    except UnicodeError:
        domain = ""
    if not _LOCAL.fullmatch(local) or len(local) > 64 or not _DOMAIN.fullmatch(domain):
        raise UserError(f"{text.strip()!r} is no e-mail address")
    return f"{local}@{domain}"


def _place(text: str) -> str:
    from pipeline.policy.places import parse_label

    found = parse_label(text)
    if found is None:
        raise UserError(f"{text!r} is no place; write 'Los Angeles, CA', 'CA' or 'US'")
    return found.state if found.type in ("state", "federal") else found.label


def _one_of(word: str, allowed: tuple[str, ...], what: str) -> str:
    if word not in allowed:
        raise UserError(f"{word!r} is no {what}; these are: {', '.join(allowed)}")
    return word


# ------------------------------------------------------------------ matching
def wants(subscription: Subscription, kind: AlertKind, measure: Measure, confidence: float) -> bool:
    """Whether a subscription asks for such an alert about a measure; when it began is another question.

    A measure whose direction nobody told is kept from nobody.
    """
    asked = kind in subscription.kinds if subscription.kinds else kind != "stage"
    if not asked or confidence < subscription.min_confidence:
        return False
    if subscription.directions and measure.direction and measure.direction not in subscription.directions:
        return False
    where = measure.jurisdiction
    names = {where.label.casefold(), where.state.casefold(), "us"}
    return not subscription.places or any(place.casefold() in names for place in subscription.places)


def began_before(subscription: Subscription, notice: Notice) -> bool:
    """Whether the subscription was there when the notice opened: what its start finds counts as known to it."""
    return subscription.created <= notice.opened


def in_words(subscription: Subscription) -> str:
    """Why an alert comes, for the mail: what the subscription asks for."""
    where = " · ".join(subscription.places) if subscription.places else "everywhere in the United States"
    what = ", ".join(subscription.kinds) if subscription.kinds else "every kind but later stages"
    ways = " or ".join(way.replace("_", " ") for way in subscription.directions) or "either direction"
    return f"{where}; {what}; {ways}; confidence {subscription.min_confidence:g} or more"


# ------------------------------------------------------------------ files
def read_file(text: str, *, now: datetime) -> list[Subscription]:
    """The subscriptions of a TOML file. Raises ``UserError`` that names the line of the table that cannot be used."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"not a TOML file of subscriptions: {error}") from None
    tables = document.pop("subscription", [])
    if document or not isinstance(tables, list):
        raise UserError("a file of subscriptions holds [[subscription]] tables and nothing else")
    lines = [text.count("\n", 0, match.end()) + 1 for match in _TABLE.finditer(text)]
    found = []
    for i, table in enumerate(tables):
        place = f"line {lines[i]}" if len(lines) == len(tables) else f"subscription {i + 1}"
        try:
            found.append(_from_table(table, now))
        except UserError as error:
            raise UserError(f"{place}: {error.reason}") from None
    return found


def _from_table(table: Any, now: datetime) -> Subscription:
    if not isinstance(table, dict):
        raise UserError("a subscription is a table")
    if unknown := sorted(set(table) - _KEYS):
        raise UserError(f"{unknown[0]!r} is unknown; these are known: {', '.join(sorted(_KEYS))}")
    if not isinstance(table.get("to"), str):
        raise UserError("'to' is missing: the e-mail address")
    name, sure = table.get("name", ""), table.get("min_confidence", 0.5)
    if not isinstance(name, str):
        raise UserError("'name' is a text")
    if isinstance(sure, bool) or not isinstance(sure, (int, float)):
        raise UserError("'min_confidence' is a number between 0 and 1")
    places, directions, kinds = (_texts(table, key) for key in ("places", "directions", "kinds"))
    return subscribe(
        table["to"], name=name, places=places, directions=directions, kinds=kinds, min_confidence=float(sure), now=now
    )


def _texts(table: dict[str, Any], key: str) -> list[str]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        raise UserError(f"{key!r} is a list of texts")
    return value


def write_file(subscriptions: Iterable[Subscription]) -> str:
    """What ``read_file`` reads. Texts are written as JSON strings, which TOML reads alike."""
    tables = []
    for one in subscriptions:
        lines = ["[[subscription]]", f"to = {json.dumps(one.to)}"]
        if one.name:
            lines.append(f"name = {json.dumps(one.name, ensure_ascii=False)}")
        for key, words in (("places", one.places), ("directions", one.directions), ("kinds", one.kinds)):
            if words:
                lines.append(f"{key} = {json.dumps(words, ensure_ascii=False)}")
        lines.append(f"min_confidence = {float(one.min_confidence)}")
        tables.append("\n".join(lines) + "\n")
    return "\n".join(tables)
