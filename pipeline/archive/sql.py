"""A query as SQL over the tables of the SQLite archive.

Every condition is about the article's number (*docno*) only and is true or false, never NULL, so that NOT finds what
has no date and no place. What is text goes into as few FTS5 expressions as possible: FTS5 walks its word lists from
the newest article down, and filters see only what it found.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from pipeline.archive.articles import day_number, first_docno
from pipeline.archive.days import instant, zone_info
from pipeline.archive.query import And, Days, Key, Node, Not, Or, Text

_DAY = 86_400
_LAST = "\U0010ffff"
"""Sorts behind every character of a word."""

_Condition: TypeAlias = tuple[str, list[Any]]


@dataclass(frozen=True, slots=True)
class Selection:
    """The articles that a query finds: ``SELECT {docno} FROM {table} WHERE {where}`` with ``arguments``."""

    docno: str
    table: str
    where: str
    arguments: tuple[Any, ...]
    cheap: bool
    """Nothing but text and ranges of docnos: to count or to read the first few costs much less than to read all."""

    @property
    def rest(self) -> str:
        """Everything after the columns."""
        return f"FROM {self.table} WHERE {self.where}"


def select(node: Node | None, zone: str) -> Selection:
    """Raises ``errors.UserError`` on an unknown zone."""
    zone_info(zone)
    text, others = _split(node)
    if text is None:
        conditions = [_condition(kid, _Names("docno", "docno", zone)) for kid in others]
        return Selection("docno", "meta", _all(conditions), _arguments(conditions), _is_cheap(conditions))
    # The plus keeps SQLite from asking FTS5 once for each number that a condition allows.
    conditions = [_condition(kid, _Names("rowid", "+rowid", zone)) for kid in others]
    cheap = _is_cheap(conditions)
    conditions.insert(0, ("fts MATCH ?", [match(text)]))
    return Selection("rowid", "fts", _all(conditions), _arguments(conditions), cheap)


def match(node: Node) -> str:
    """The FTS5 expression of a tree that is only text. Words hold nothing but letters and digits, so that quotes
    around them suffice."""
    match node:
        case Text(found, field, prefix, near):
            if near is None:
                expression = '"' + " ".join(found) + '"' + (" *" if prefix else "")
            else:  # FTS5 counts what stands between the first and the last word, our other words among it
                quoted = " ".join(f'"{word}"' for word in found)
                expression = f"NEAR({quoted}, {near + len(found) - 2})"
            return f"{field} : {expression}" if field else expression
        case Or(kids):
            return f"({' OR '.join(map(match, kids))})"
        case And(kids):
            wanted = " AND ".join(match(kid) for kid in kids if not isinstance(kid, Not))
            unwanted = " OR ".join(match(kid.kid) for kid in kids if isinstance(kid, Not))
            # One NOT for all that is unwanted: a chain of them overflows FTS5's parser.
            return f"(({wanted}) NOT ({unwanted}))" if unwanted else f"({wanted})"
    raise AssertionError("only text can be matched")


def is_text(node: Node) -> bool:
    """Whether one FTS5 expression can say it. FTS5 cannot exclude without including."""
    match node:
        case Text():
            return True
        case Or(kids):
            return all(map(is_text, kids))
        case And(kids):
            return any(map(is_text, kids)) and all(is_text(kid) or _is_unwanted_text(kid) for kid in kids)
    return False


def _is_unwanted_text(node: Node) -> bool:
    return isinstance(node, Not) and is_text(node.kid)


def _split(node: Node | None) -> tuple[Node | None, list[Node]]:
    """The part of a query that FTS5 can drive, and the conditions that remain."""
    if node is None:
        return None, []
    if is_text(node):
        return node, []
    if isinstance(node, And) and any(map(is_text, node.kids)):
        text = tuple(kid for kid in node.kids if is_text(kid) or _is_unwanted_text(kid))
        others = [kid for kid in node.kids if kid not in text]
        return (text[0] if len(text) == 1 else And(text)), others
    return None, list(node.kids) if isinstance(node, And) else [node]


# ------------------------------------------------------------------ conditions
@dataclass(frozen=True, slots=True)
class _Names:
    """How conditions name the docno: ``walked`` where its order may be used to skip, ``tested`` where it may not."""

    walked: str
    tested: str
    zone: str

    def inside(self) -> _Names:
        return replace(self, walked=self.tested)


def _condition(node: Node, names: _Names) -> _Condition:
    match node:
        case And(kids):
            return _joined(" AND ", [_condition(kid, names) for kid in kids])
        case Or(kids):
            return _joined(" OR ", [_condition(kid, names.inside()) for kid in kids])
        case Not(kid):
            sql, arguments = _condition(kid, names.inside())
            return f"NOT {sql}", arguments
        case Key(field, value, prefix):
            test = "key >= ? AND key < ?" if prefix else "key = ?"
            return (
                f"({names.tested} IN (SELECT docno FROM tag WHERE label IN"
                f" (SELECT label FROM label_key WHERE field = ? AND {test})))",
                [field, value, value + _LAST] if prefix else [field, value],
            )
        case Days():
            return _days(node, names)
        case _:
            return f"({names.tested} IN (SELECT rowid FROM fts WHERE fts MATCH ?))", [match(node)]


def _days(days: Days, names: _Names) -> _Condition:
    parts: list[_Condition] = []
    if days.first:
        parts.append(_from(instant(days.first, names.zone), names))
    else:
        parts.append((f"{names.walked} >= ?", [first_docno(1)]))  # has a date
    if days.end:
        parts.append(_before(instant(days.end, names.zone), names))
    return _joined(" AND ", parts)


def _from(moment: int, names: _Names) -> _Condition:
    day = day_number(moment)
    low, high = first_docno(day), first_docno(day + 1)
    if _begins(day, moment):
        return f"{names.walked} >= ?", [low]
    return (
        f"({names.walked} >= ? AND ({names.tested} >= ? OR {names.tested} IN"
        " (SELECT docno FROM meta WHERE docno >= ? AND docno < ? AND published >= ?)))",
        [low, high, low, high, moment],
    )


def _before(moment: int, names: _Names) -> _Condition:
    day = day_number(moment)
    low, high = first_docno(day), first_docno(day + 1)
    if _begins(day, moment):
        return f"{names.walked} < ?", [low]
    return (
        f"({names.walked} < ? AND ({names.tested} < ? OR {names.tested} IN"
        " (SELECT docno FROM meta WHERE docno >= ? AND docno < ? AND published < ?)))",
        [high, low, low, high, moment],
    )


def _begins(day: int, moment: int) -> bool:
    """Whether the docnos of a day begin exactly at the moment (day 1 also holds everything before it)."""
    return day > 1 and day * _DAY == moment


def _all(conditions: list[_Condition]) -> str:
    return " AND ".join(sql for sql, _ in conditions) or "1"


def _is_cheap(conditions: list[_Condition]) -> bool:
    return not any("SELECT" in sql for sql, _ in conditions)


def _joined(operator: str, conditions: list[_Condition]) -> _Condition:
    return f"({operator.join(sql for sql, _ in conditions)})", list(_arguments(conditions))


def _arguments(conditions: list[_Condition]) -> tuple[Any, ...]:
    return tuple(argument for _, arguments in conditions for argument in arguments)
