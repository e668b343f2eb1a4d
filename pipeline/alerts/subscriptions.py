"""Who wants to be told what: checks what was asked for, decides whether an alert is wanted, reads and writes files.

A file of subscriptions is TOML, one table each; only ``to`` must be there:

    [[subscription]]
    to = "desk@example.org"
    name = "California desk"
    places = ["CA", "Reno, NV"]           # a place, a state, or "US"; none: everywhere
    directions = ["limits_cooperation"]   # none: both ways
    kinds = ["new", "repeal"]             # none: all but "stage"
    min_confidence = 0.6                  # none: 0.5
    query = "detainer OR jail"            # a saved search that a report of it must match
    near = "Reno, NV"                     # within so many miles of a place
    miles = 50
    when = "daily"                        # "immediate", "hourly", "daily" or "weekly"
    at = "07:00"                          # of a daily or weekly digest
    weekday = "monday"
    zone = "America/Los_Angeles"
    quiet = "22:00-07:00"                 # nothing goes out then
    channel = "mail"                      # "webhook" and "slack" with a URL as "to"; "feed" without one
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

from pipeline.alerts import timing
from pipeline.archive.query import QueryError, parse
from pipeline.errors import UserError
from pipeline.model import (
    ALERT_KINDS,
    CHANNELS,
    DIRECTIONS,
    RHYTHMS,
    AlertKind,
    Channel,
    Direction,
    Measure,
    Notice,
    Rhythm,
    Subscription,
    make_id,
)

if TYPE_CHECKING:
    from pipeline.policy.places.gazetteer import County, Place

LONGEST_NAME = 100
EVERYTHING = "every"
"""As a kind of alert: every one, later stages too."""
_KILOMETRES = 1.609344
"""In a mile."""
FARTHEST = 500.0
"""Miles: so far the distance between two places is good to a few per cent."""
_LISTS = ("places", "directions", "kinds")
_TEXTS = ("name", "query", "near", "channel", "when", "at", "weekday", "zone", "quiet")
_NUMBERS = ("min_confidence", "miles")
_KEYS = {"to", *_LISTS, *_TEXTS, *_NUMBERS}
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
    query: str = "",
    near: str = "",
    miles: float = 0.0,
    channel: str = "mail",
    when: str = "immediate",
    at: str = "07:00",
    weekday: str = "monday",
    zone: str = "UTC",
    quiet: str = "",
    now: datetime,
) -> Subscription:
    """A checked subscription that begins now: what is known already counts as told.

    The same wish twice (channel, address, name, places, directions, kinds, query, circle) has the same id; when it is
    told, and how sure, may change. Raises ``UserError`` that says what cannot be used.
    """
    channel = _one_of(channel, CHANNELS, "channel")
    to = _target(to, channel)
    name = " ".join(name.split())
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise UserError(f"a name is up to {LONGEST_NAME} printable characters", subject=to)
    if not 0.0 <= min_confidence <= 1.0:
        raise UserError(f"min_confidence is between 0 and 1, not {min_confidence}", subject=to)
    wanted = tuple(dict.fromkeys(map(_place, places)))
    ways = tuple(dict.fromkeys(_one_of(word, DIRECTIONS, "direction") for word in directions))
    asked = ALERT_KINDS if EVERYTHING in kinds else kinds
    sorts = tuple(dict.fromkeys(_one_of(word, ALERT_KINDS, "kind of alert") for word in asked))
    query = _searchable(query)
    near, miles = _circle(near, miles)
    wish = [*sorted(wanted), "", *sorted(ways), "", *sorted(sorts)]
    # What was added to wishes later counts only where it is used: older wishes keep their ids.
    wish += [f"{key}={value}" for key, value in (("query", query), ("near", near and f"{near} {miles:g}")) if value]
    wish += [f"channel={channel}"] if channel != "mail" else []
    return Subscription(
        id=make_id("subscription", to.casefold(), name, *wish),
        to=to,
        created=now,
        name=name,
        places=wanted,
        directions=cast(tuple[Direction, ...], ways),
        kinds=cast(tuple[AlertKind, ...], sorts),
        min_confidence=min_confidence,
        query=query,
        near=near,
        miles=miles,
        channel=cast(Channel, channel),
        rhythm=cast(Rhythm, _one_of(when, RHYTHMS, "rhythm")),
        at=timing.clock(at),
        weekday=timing.WEEKDAYS.index(_one_of(weekday.casefold(), timing.WEEKDAYS, "day of the week")),
        zone=timing.zone(zone),
        quiet=timing.quiet_hours(quiet),
    )


def _target(to: str, channel: str) -> str:
    """Where a channel leads. Raises ``UserError``."""
    if channel == "mail":
        return address(to)
    if channel == "feed":
        if to.strip():
            raise UserError("a feed has no address of its own: leave it out, and give it a name")
        return ""
    url = to.strip()
    if not url.startswith(("https://", "http://")) or not url.isascii() or not url.isprintable() or " " in url:
        raise UserError(f"a {channel} needs the URL that it posts to, not {url!r}")
    return url


def _searchable(query: str) -> str:
    query = " ".join(query.split())
    try:
        parse(query)
    except QueryError as error:
        raise UserError(f"the saved search cannot be read: {error}") from None
    return query


def _circle(near: str, miles: float) -> tuple[str, float]:
    if not near.strip():
        if miles:
            raise UserError("'miles' needs a place to count from: 'near'")
        return "", 0.0
    if not 0 < miles <= FARTHEST:
        raise UserError(f"'miles' is a number up to {FARTHEST:g}, not {miles:g}")
    label = _place(near)
    if located(label) is None:
        raise UserError(f"it is not known where {label!r} lies; name a city, a town or a county")
    return label, float(miles)


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


def split(text: str) -> list[str]:
    """A list as people type it: separated by commas, or by semicolons where there is one."""
    return [part.strip() for part in text.split(";" if ";" in text else ",") if part.strip()]


def split_places(text: str) -> list[str]:
    """``CA,Austin, TX`` holds two places: a state's postal code after a comma belongs to the place before it, unless
    that is a state itself."""
    places = list[str]()
    for part in split(text):
        state = len(part) == 2 and part.isupper()
        if state and places and "," not in places[-1] and len(places[-1]) > 2:
            places[-1] += f", {part}"
        else:
            places.append(part)
    return places


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
    if subscription.near and not _within(where.label, subscription.near, subscription.miles):
        return False
    names = {where.label.casefold(), where.state.casefold(), "us"}
    return not subscription.places or any(place.casefold() in names for place in subscription.places)


def _within(label: str, near: str, miles: float) -> bool:
    """Whether a place lies in a circle around another. Where a state lies is not asked: it is no point."""
    from pipeline.policy.places.gazetteer import kilometres

    here, centre = located(label), located(near)
    return here is not None and centre is not None and kilometres(here, centre) <= miles * _KILOMETRES


@lru_cache(maxsize=4096)
def located(label: str) -> Place | County | None:
    """The gazetteer's place or county of a label; None where it knows none (school districts, states, and places that
    are not listed)."""
    from pipeline.policy.places import parse_label
    from pipeline.policy.places.gazetteer import base_name, fold, gazetteer

    found = parse_label(label)
    if found is None or found.type in ("state", "federal"):
        return None
    if found.type == "county":
        return gazetteer().county(base_name(found.name), found.state)
    return gazetteer().place("new york city" if found.name == "New York" else fold(found.name), found.state)


def began_before(subscription: Subscription, notice: Notice) -> bool:
    """Whether the subscription was there when the notice opened: what its start finds counts as known to it."""
    return subscription.created <= notice.opened


def in_words(subscription: Subscription) -> str:
    """Why an alert comes, for the mail: what the subscription asks for."""
    where = " · ".join(subscription.places) if subscription.places else "everywhere in the United States"
    what = ", ".join(subscription.kinds) if subscription.kinds else "every kind but later stages"
    ways = " or ".join(way.replace("_", " ") for way in subscription.directions) or "either direction"
    sure = f"confidence {subscription.min_confidence:g} or more"
    if subscription.near:
        circle = f"within {subscription.miles:g} miles of {subscription.near}"
        where = f"{circle}, in {where}" if subscription.places else circle
    what = "every kind" if set(subscription.kinds) == set(ALERT_KINDS) else what
    search = f"reports that match {subscription.query!r}" if subscription.query else ""
    return "; ".join(filter(None, (where, what, ways, search, sure, timing.in_words(subscription))))


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
    if not isinstance(table.get("to", "" if table.get("channel") == "feed" else None), str):
        raise UserError("'to' is missing: the e-mail address")
    for key in _TEXTS:
        if not isinstance(table.get(key, ""), str):
            raise UserError(f"{key!r} is a text")
    if _number(table, "min_confidence") is None:
        raise UserError("'min_confidence' is a number between 0 and 1")
    if _number(table, "miles") is None:
        raise UserError("'miles' is a number")
    wishes: dict[str, Any] = {key: table[key] for key in (*_TEXTS, *_NUMBERS) if key in table}
    wishes |= {key: _texts(table, key) for key in _LISTS}
    return subscribe(table.get("to", ""), **wishes, now=now)


def _number(table: dict[str, Any], key: str) -> float | None:
    value = table.get(key, 0)
    return None if isinstance(value, bool) or not isinstance(value, (int, float)) else float(value)


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
        lines += [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in _further(one).items()]
        tables.append("\n".join(lines) + "\n")
    return "\n".join(tables)


def _further(one: Subscription) -> dict[str, str | float]:
    """What a subscription says beyond the usual."""
    usual = Subscription(one.id, one.to, one.created)
    told: dict[str, tuple[Any, Any]] = {
        "query": (one.query, usual.query),
        "near": (one.near, usual.near),
        "miles": (one.miles, usual.miles),
        "channel": (one.channel, usual.channel),
        "when": (one.rhythm, usual.rhythm),
        "at": (one.at, usual.at),
        "weekday": (timing.WEEKDAYS[one.weekday], timing.WEEKDAYS[usual.weekday]),
        "zone": (one.zone, usual.zone),
        "quiet": (one.quiet, usual.quiet),
    }
    return {key: value for key, (value, default) in told.items() if value != default}
