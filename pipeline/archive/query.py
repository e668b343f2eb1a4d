"""The query language: text in, a tree out, or an error that points at a character.

    either   := both (OR both)*                      ``||`` is OR, ``&&`` is AND
    both     := negation ((AND)? negation)*          two terms side by side are both wanted
    negation := (NOT | - | + | !)? atom
    atom     := ( either ) | field:atom | "a phrase" | "near words"~n | word | start* | "a phrase star*"
    dates    := published: 2025 | 2025-03 | 2025-03-14 | >=2025-03 | [2025-01 TO 2025-03] | {2024 TO *} | *
                since:2025-03 is published:>=2025-03, until:2025-03 is published:<=2025-03

What a word is, ``words.words`` decides; several words from one piece of the query (``287(g)``, ``non-cooperation``)
are a phrase. ``"..."~n`` wants all its words in one field, in any order, with at most n other words between the first
and the last. Text without a field is sought in title and body. Dates are days of the analyst's time zone, which the
archive is told with the tree. Curly quotes are quotes. There are no regular expressions, no fuzzy words and no
wildcard but one ``*`` at the end: each can make one query cost what a thousand others do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, NamedTuple, TypeAlias

from pipeline import errors
from pipeline.archive.keys import VALUES, fold, language
from pipeline.archive.words import words

DATE_FIELDS = ("published", "since", "until")
FIELDS = (
    "title", "body", "source", "place", "state", "kind", "lang", "published", "since", "until",
    "measure", "stage", "direction",
)  # fmt: skip
"""All field names, in the order in which errors and help list them."""

MAX_LENGTH = 2_000
"""Characters of a query."""
MAX_WORDS = 200
"""Words and values in a query."""
MAX_DEPTH = 10
"""Brackets, fields and negations inside each other: Elasticsearch refuses 30 nested clauses, and the parsers of
SQLite and FTS5 overflow at about 20."""
MAX_NEAR = 50
"""Other words that ``~n`` may allow."""
MIN_PREFIX = 2
"""Letters before ``*``."""


class QueryError(errors.UserError):
    """A query that cannot be read. ``position`` is the 0-based character it is about."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(f"{message} (at character {position + 1})")
        self.position = position


@dataclass(frozen=True, slots=True)
class And:
    """All of at least two."""

    kids: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one of at least two."""

    kids: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Everything that the kid does not find; what has no date or no place included."""

    kid: Node


@dataclass(frozen=True, slots=True)
class Text:
    """Words that follow each other in one field; the last may be the start of a word."""

    words: tuple[str, ...]
    field: Literal["title", "body"] | None = None
    """None: in the title or in the body."""
    prefix: bool = False
    near: int | None = None
    """Instead: these different words in any order, at most so many others between first and last. Never a prefix."""


@dataclass(frozen=True, slots=True)
class Key:
    """One of the keys (see ``keys.keys``) of one of the article's labels in a field, or the start of one."""

    field: str
    value: str
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Days:
    """Published from the start of ``first`` up to, not including, the start of ``end``, in the analyst's zone.
    None is open; both None: the article has a date."""

    first: date | None = None
    end: date | None = None


Node: TypeAlias = And | Or | Not | Text | Key | Days


def parse(text: str) -> Node | None:
    """The tree of a query; None for an empty one, which finds everything. Raises ``QueryError``."""
    return _Parser(text).parse()


# ------------------------------------------------------------------ tokens
TokenKind = Literal["open", "close", "range", "phrase", "field", "sign", "compare", "operator", "word", "end"]


class _Token(NamedTuple):
    kind: TokenKind
    text: str
    at: int
    near: int | None = None


_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂", '"'))
_OPERATORS = {"AND": "AND", "&&": "AND", "OR": "OR", "||": "OR", "NOT": "NOT"}
_BLANK = re.compile(r"\s*")
_FIELD = re.compile(r"([A-Za-z_]+):(?!//)")
_SIGN = re.compile(r"[+!-](?=[^\s)])")
_COMPARE = re.compile(r"[<>]=?")
_PHRASE = re.compile(r'"((?:\\.|[^"\\])*)"')
_NEAR = re.compile(r"~(\d{1,9})?")
_RANGE = re.compile(r"[\[{]\s*(?P<low>[^\[\]{}\s]+)\s+TO\s+(?P<high>[^\[\]{}\s]+)\s*[\]}]")
_PLAIN = re.compile(
    r'(?:\\.|\d(?:\(\w{1,4}\))+|[^\s()"\[\]{}])+'
)  # 287(g), 1324(a)(1): the brackets belong to the word


def _tokens(text: str) -> list[_Token]:
    if len(text) > MAX_LENGTH:
        raise QueryError(f"a query may have {MAX_LENGTH:,} characters, this one has {len(text):,}", MAX_LENGTH)
    text = text.translate(_QUOTES)
    found: list[_Token] = []
    at = _skip_blank(text, 0)
    while at < len(text):
        token, at = _token(text, at, after=found[-1].kind if found else None)
        if token:
            found.append(token)
        at = _skip_blank(text, at)
    if text.strip() and not found:
        raise QueryError("there is no word in this query", 0)
    return [*found, _Token("end", "", len(text))]


def _skip_blank(text: str, at: int) -> int:
    blank = _BLANK.match(text, at)
    return blank.end() if blank else at


def _token(text: str, at: int, after: TokenKind | None) -> tuple[_Token | None, int]:
    """The token that begins at ``at`` and where it ends; None for a symbol that says nothing (a lone § or –)."""
    char = text[at]
    if char in "()":
        return _Token("open" if char == "(" else "close", char, at), at + 1
    if char == '"':
        return _phrase(text, at)
    if char in "[{" and (found := _RANGE.match(text, at)):
        return _Token("range", found[0], at), found.end()
    if after != "field" and (found := _FIELD.match(text, at)):
        known = found[1].lower() in FIELDS
        if known or text[found.end() : found.end() + 1].strip():  # "Update: city" is a word and a colon
            return _Token("field", found[1], at), found.end()
    if (found := _COMPARE.match(text, at)) and (after == "field" or text[found.end() : found.end() + 1].strip()):
        return _Token("compare", found[0], at), found.end()
    if after != "field" and (found := _SIGN.match(text, at)):
        return _Token("sign", found[0], at), found.end()
    found = _PLAIN.match(text, at)
    if not found:
        raise QueryError(f"{char!r} is not expected here; put it in quotes to search for it", at)
    word = found[0]
    if word in _OPERATORS:
        return _Token("operator", _OPERATORS[word], at), found.end()
    says_nothing = not words(word) and not set(word) & set("*?~^/") and after not in ("field", "sign", "compare")
    return None if says_nothing else _Token("word", word, at), found.end()


def _phrase(text: str, at: int) -> tuple[_Token, int]:
    found = _PHRASE.match(text, at)
    if not found:
        raise QueryError("this quote is never closed", at)
    near = _NEAR.match(text, found.end())
    if not near:
        return _Token("phrase", found[1], at), found.end()
    if near[1] is None:
        raise QueryError('~ needs a number of words, as in "sanctuary ordinance"~5', near.start())
    if int(near[1]) > MAX_NEAR:
        raise QueryError(f"~ goes up to {MAX_NEAR}", near.start())
    return _Token("phrase", found[1], at, int(near[1])), near.end()


# ------------------------------------------------------------------ the tree
_TEXT_FIELDS: Mapping[str | None, Literal["title", "body"] | None] = {None: None, "title": "title", "body": "body"}


class _Parser:
    """Recursive descent over the tokens of one query."""

    def __init__(self, text: str) -> None:
        self.tokens = _tokens(text)
        self.index = 0
        self.words = 0

    def peek(self) -> _Token:
        return self.tokens[self.index]

    def take(self) -> _Token:
        token = self.peek()
        if token.kind != "end":
            self.index += 1
        return token

    def parse(self) -> Node | None:
        if self.peek().kind == "end":
            return None
        tree = self.either(0, None)
        rest = self.peek()
        if rest.kind != "end":
            raise QueryError(f"{rest.text!r} has nothing to close", rest.at)
        return tree

    def either(self, depth: int, field: str | None) -> Node:
        return self.several(Or, lambda: self.both(depth, field), lambda: self.skip("OR"))

    def both(self, depth: int, field: str | None) -> Node:
        def another() -> bool:
            token = self.peek()
            return self.skip("AND") or not (token.kind in ("end", "close") or token[:2] == ("operator", "OR"))

        return self.several(And, lambda: self.negation(depth, field), another)

    def several(self, kind: type[And] | type[Or], one: Callable[[], Node], another: Callable[[], bool]) -> Node:
        kids = [one()]
        while another():
            kids.append(one())
        return kids[0] if len(kids) == 1 else kind(tuple(kids))

    def skip(self, operator: str) -> bool:
        if self.peek().kind == "operator" and self.peek().text == operator:
            self.index += 1
            return True
        return False

    def negation(self, depth: int, field: str | None) -> Node:
        if depth > MAX_DEPTH:
            raise QueryError(f"brackets and NOT go {MAX_DEPTH} deep, not further", self.peek().at)
        if self.skip("NOT"):
            return Not(self.negation(depth + 1, field))
        if self.peek().kind == "sign":
            sign = self.take()
            kid = self.atom(depth + 1, field, sign.text)
            return kid if sign.text == "+" else Not(kid)
        return self.atom(depth, field, "")

    def atom(self, depth: int, field: str | None, after: str) -> Node:
        """One term; ``after`` is what stands before it and needs it ('' at the beginning of a term)."""
        token = self.take()
        if depth > MAX_DEPTH:
            raise QueryError(f"brackets and NOT go {MAX_DEPTH} deep, not further", token.at)
        if token.kind == "open":
            tree = self.either(depth + 1, field)
            if self.take().kind != "close":
                raise QueryError("this bracket is never closed", token.at)
            return tree
        if token.kind == "field":
            name = token.text.lower()
            if name not in FIELDS:
                raise QueryError(f"there is no field {token.text!r}; the fields are {', '.join(FIELDS)}", token.at)
            return self.atom(depth + 1, name, f"{name}:")
        if token.kind in ("end", "close", "operator", "sign"):
            raise _missing(token, after)
        if field in DATE_FIELDS:
            return self.days(token, field)
        if token.kind in ("range", "compare"):
            raise QueryError(f"{token.text!r}: ranges work with dates only, as in published:>=2025-01", token.at)
        return self.term(token, field)

    def term(self, token: _Token, field: str | None) -> Text | Key:
        text, prefix = _without_star(token)
        found = words(re.sub(r"\\(.)", r"\1", text))
        if not found:
            raise QueryError(f"there is no word in {token.text!r}", token.at)
        self.words += len(found)
        if self.words > MAX_WORDS:
            raise QueryError(f"a query may have {MAX_WORDS} words", token.at)
        if prefix and len(found[-1]) < MIN_PREFIX:
            raise QueryError(f"at least {MIN_PREFIX} letters or digits must stand before *", token.at)
        if field in _TEXT_FIELDS:
            if token.near is None:
                return Text(tuple(found), _TEXT_FIELDS[field], prefix)
            different = tuple(dict.fromkeys(found))  # a word twice says nothing more
            return Text(different, _TEXT_FIELDS[field], near=token.near if len(different) > 1 else None)
        assert field, "text without a field is sought in title and body"
        if token.near is not None:
            raise QueryError(f"~ works with title, body and plain text, not with {field}:", token.at)
        value = fold(language(text)) if field == "lang" else " ".join(found)
        _check_value(field, value, prefix, token)
        return Key(field, value, prefix)

    def days(self, token: _Token, field: str) -> Days:
        self.words += 1
        if self.words > MAX_WORDS:
            raise QueryError(f"a query may have {MAX_WORDS} words", token.at)
        if field != "published" and token.kind not in ("word", "phrase"):
            raise QueryError(f"{field}: takes one date, as in {field}:2025-03", token.at)
        if token.kind == "compare":
            day = self.take()
            if day.kind not in ("word", "phrase"):
                raise QueryError(f"{token.text} needs a date", token.at)
            return _compared(token.text, day.text, day.at)
        if token.kind == "range":
            return _range(token)
        if field == "since":
            return _compared(">=", token.text, token.at)
        if field == "until":
            return _compared("<=", token.text, token.at)
        if token.text == "*":
            return Days()
        return Days(*_span(token.text, token.at))


def _missing(token: _Token, after: str) -> QueryError:
    if token.kind == "end":
        return QueryError(f"{after} needs a word" if after else "a word is missing at the end", token.at)
    if after:
        return QueryError(f"{after} needs a word, not {token.text!r}", token.at)
    if token.kind == "operator":
        return QueryError(f"{token.text} needs a word on both sides; in quotes it is a word itself", token.at)
    return QueryError(f"a word is missing before {token.text!r}", token.at)


def _without_star(token: _Token) -> tuple[str, bool]:
    """The text of a word or phrase without a trailing ``*``, and whether it had one. Refuses what is not supported."""
    text = token.text
    prefix = bool(re.search(r"(?<!\\)\*$", text))
    if prefix:
        text = text[:-1]
    if token.kind == "word":
        if re.fullmatch(r"/.*/", text):
            raise QueryError("regular expressions are not supported", token.at)
        if wrong := re.search(r"(?<!\\)~\d*$", text):
            raise QueryError("fuzzy words (~) are not supported; try the start of the word and *",
                             token.at + wrong.start())  # fmt: skip
        if wrong := re.search(r"\^\d*$", text):
            raise QueryError("weights (^) are not supported", token.at + wrong.start())
        if wrong := re.search(r"(?<!\\)\?", text):
            raise QueryError("? is not supported; quotes make it part of a text", token.at + wrong.start())
    if wrong := re.search(r"(?<!\\)\*", text):
        offset = token.at + wrong.start() + (token.kind == "phrase")
        raise QueryError("* works at the end of a word only, as in sanctuar*", offset)
    if prefix and token.near is not None:
        raise QueryError("* and ~ do not work together", token.at)
    if prefix and not words(text[-1:]):
        raise QueryError("* must follow a letter or a digit", token.at)
    return text, prefix


def _check_value(field: str, value: str, prefix: bool, token: _Token) -> None:
    allowed = VALUES.get(field)
    if allowed and not any(name.startswith(value) if prefix else name == value for name in map(fold, allowed)):
        raise QueryError(f"there is no {field} {token.text!r}; {field} is one of {', '.join(allowed)}", token.at)


# ------------------------------------------------------------------ dates
_DATE = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?", re.ASCII)


def _span(text: str, at: int) -> tuple[date, date]:
    """First day of a year, month or day, and the first day after it."""
    found = _DATE.fullmatch(text)
    if not found:
        raise QueryError(f"{text!r} is not a date; write YYYY, YYYY-MM or YYYY-MM-DD", at)
    year, month, day = found.groups()
    first = _day(int(year), int(month or 1), int(day or 1))
    if first is None:
        raise QueryError(f"{text!r} is not in the calendar", at)
    if day:
        return first, first + timedelta(days=1)
    if month:
        return first, (first + timedelta(days=31)).replace(day=1)
    return first, first.replace(year=first.year + 1)


def _day(year: int, month: int, day: int) -> date | None:
    if not 1000 <= year < 9000:  # outside, some zone's instant of it could not be computed
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _compared(sign: str, text: str, at: int) -> Days:
    first, end = _span(text, at)
    if sign == ">=":
        return Days(first, None)
    if sign == ">":
        return Days(end, None)
    if sign == "<":
        return Days(None, first)
    return Days(None, end)


def _range(token: _Token) -> Days:
    found = _RANGE.fullmatch(token.text)
    assert found, "a range token is what _RANGE matched"
    low, high = found["low"], found["high"]
    first = None if low == "*" else _span(low, token.at + found.start("low"))[token.text[0] == "{"]
    end = None if high == "*" else _span(high, token.at + found.start("high"))[token.text[-1] == "]"]
    if first and end and first >= end:
        raise QueryError(f"{token.text} holds no day: it ends before it begins", token.at)
    return Days(first, end)
