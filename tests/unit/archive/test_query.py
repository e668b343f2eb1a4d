"""The query language: trees, and errors that point at the character."""

from __future__ import annotations

import pickle
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import errors
from pipeline.archive.query import (
    FIELDS,
    MAX_DEPTH,
    MAX_LENGTH,
    MAX_NEAR,
    MAX_WORDS,
    And,
    Days,
    Key,
    Node,
    Not,
    Or,
    QueryError,
    Text,
    parse,
)

A, B, C = Text(("a",)), Text(("b",)), Text(("c",))
CITY = Text(("sanctuary", "city"))


@pytest.mark.parametrize(
    ("query", "tree"),
    [
        ("", None),
        (" \t\n", None),
        ("a", A),
        ("A", A),
        ("a b", And((A, B))),
        ("a AND b", And((A, B))),
        ("a && b", And((A, B))),
        ("+a +b", And((A, B))),
        ("a OR b", Or((A, B))),
        ("a || b", Or((A, B))),
        ("a or b", And((A, Text(("or",)), B))),
        ("a OR b c", Or((A, And((B, C))))),
        ("(a OR b) c", And((Or((A, B)), C))),
        ("NOT a", Not(A)),
        ("-a", Not(A)),
        ("!a", Not(A)),
        ("a -b", And((A, Not(B)))),
        ("a NOT b", And((A, Not(B)))),
        ("a AND NOT b", And((A, Not(B)))),
        ("NOT NOT a", Not(Not(A))),
        ("-(a OR b)", Not(Or((A, B)))),
        ('"sanctuary city"', CITY),
        ("“sanctuary city”", CITY),
        ("«sanctuary city»", CITY),
        ("„sanctuary city“", CITY),
        ("sanctuary-city", CITY),
        ("city’s", Text(("city", "s"))),
        ('a "OR" b', And((A, Text(("or",)), B))),
        ("287(g)", Text(("287", "g"))),
        ("(287(g))", Text(("287", "g"))),
        ("1324(a)(1)", Text(("1324", "a", "1"))),
        ("287 (g)", And((Text(("287",)), Text(("g",))))),
        ("sanctuar*", Text(("sanctuar",), prefix=True)),
        ("non-coop*", Text(("non", "coop"), prefix=True)),
        ('"sanctuary cit*"', Text(("sanctuary", "cit"), prefix=True)),
        (r"city\*", Text(("city",))),
        (r'"say \"city\""', Text(("say", "city"))),
        ('"a b"~5', Text(("a", "b"), near=5)),
        ('"a b a"~5', Text(("a", "b"), near=5)),
        ('"a b"~0', Text(("a", "b"), near=0)),
        ('"a a"~5', A),
        ("title:a", Text(("a",), "title")),
        ("TITLE:a", Text(("a",), "title")),
        ("title: a", Text(("a",), "title")),
        ("body:(a OR title:b)", Or((Text(("a",), "body"), Text(("b",), "title")))),
        ("body:a:b", Text(("a", "b"), "body")),
        ("a § b", And((A, B))),
        ("a – b", And((A, B))),
        ("- a", A),
        ("Update: a", And((Text(("update",)), A))),
        ("https://a.example/b", Text(("https", "a", "example", "b"))),
        ("place:CA", Key("place", "ca")),
        ('place:"Los Angeles, CA"', Key("place", "los angeles ca")),
        ("place:los*", Key("place", "los", prefix=True)),
        ("place:(CA OR IL)", Or((Key("place", "ca"), Key("place", "il")))),
        ('source:"O’Hara’s"', Key("source", "o hara s")),
        ("state:tx", Key("state", "tx")),
        ("kind:press_release", Key("kind", "press release")),
        ("kind:press*", Key("kind", "press", prefix=True)),
        ("lang:en-US", Key("lang", "en")),
        ("measure:3fa2b", Key("measure", "3 fa 2 b")),
        ("measure:ab:cd", Key("measure", "ab cd")),
        ("stage:passed_final", Key("stage", "passed final")),
        ("direction:limits_cooperation", Key("direction", "limits cooperation")),
        ("published:2025", Days(date(2025, 1, 1), date(2026, 1, 1))),
        ("published:2024-02", Days(date(2024, 2, 1), date(2024, 3, 1))),
        ("published:2024-12", Days(date(2024, 12, 1), date(2025, 1, 1))),
        ("published:2024-02-29", Days(date(2024, 2, 29), date(2024, 3, 1))),
        ("published:>=2025-03", Days(date(2025, 3, 1), None)),
        ("published:>2025-03", Days(date(2025, 4, 1), None)),
        ("published:<2025-03", Days(None, date(2025, 3, 1))),
        ("published:<=2025-03", Days(None, date(2025, 4, 1))),
        ("since:2024-11", Days(date(2024, 11, 1), None)),
        ('since:"2024-11"', Days(date(2024, 11, 1), None)),
        ("until:2024", Days(None, date(2025, 1, 1))),
        ("published:[2025-01 TO 2025-03]", Days(date(2025, 1, 1), date(2025, 4, 1))),
        ("published:{2025-01 TO 2025-03}", Days(date(2025, 2, 1), date(2025, 3, 1))),
        ("published:{2025-01 TO 2025-03]", Days(date(2025, 2, 1), date(2025, 4, 1))),
        ("published:[ * TO 2025 ]", Days(None, date(2026, 1, 1))),
        ("published:[* TO *]", Days()),
        ("published:*", Days()),
        ("published:(2023 OR >=2025)", Or((Days(date(2023, 1, 1), date(2024, 1, 1)), Days(date(2025, 1, 1))))),
        (
            '"sanctuary city" AND place:CA since:2024-11',
            And((CITY, Key("place", "ca"), Days(date(2024, 11, 1)))),
        ),
    ],
)
def test_trees(query: str, tree: Node | None) -> None:
    assert parse(query) == tree


@pytest.mark.parametrize(
    ("query", "position", "message"),
    [
        ("§", 0, "there is no word in this query"),
        ("a (b", 2, "this bracket is never closed"),
        ("a b)", 3, "')' has nothing to close"),
        ("()", 1, "a word is missing before ')'"),
        ('a "b', 2, "this quote is never closed"),
        ("a OR", 4, "a word is missing at the end"),
        ("OR a", 0, "OR needs a word on both sides; in quotes it is a word itself"),
        ("a AND AND b", 6, "AND needs a word on both sides"),
        ("NOT", 3, "a word is missing at the end"),
        ("--a", 1, "- needs a word, not '-'"),
        ("title:", 6, "title: needs a word"),
        ("title:AND", 6, "title: needs a word, not 'AND'"),
        ("title:§", 6, "there is no word in '§'"),
        ("a foo:b", 2, f"there is no field 'foo'; the fields are {', '.join(FIELDS)}"),
        ("a [b", 2, "'[' is not expected here"),
        ("a*", 0, "at least 2 letters or digits must stand before *"),
        ("*", 0, "* must follow a letter or a digit"),
        ("ab*c", 2, "* works at the end of a word only"),
        ("*city", 0, "* works at the end of a word only"),
        ('"ab* c"', 3, "* works at the end of a word only"),
        ('"a bc*"~3', 0, "* and ~ do not work together"),
        ("wh?t", 2, "? is not supported"),
        ("/reg.*x/", 0, "regular expressions are not supported"),
        ("city~2", 4, "fuzzy words (~) are not supported"),
        ("city^2", 4, "weights (^) are not supported"),
        ('"a b"~', 5, "~ needs a number of words"),
        (f'"a b"~{MAX_NEAR + 1}', 5, f"~ goes up to {MAX_NEAR}"),
        ('place:"a b"~3', 6, "~ works with title, body and plain text, not with place:"),
        ("[2024 TO 2025]", 0, "ranges work with dates only"),
        ("title:>b", 6, "ranges work with dates only"),
        ("published:tomorrow", 10, "'tomorrow' is not a date; write YYYY, YYYY-MM or YYYY-MM-DD"),
        ("published:2025-02-30", 10, "'2025-02-30' is not in the calendar"),
        ("published:0999", 10, "'0999' is not in the calendar"),
        ("published:9999", 10, "'9999' is not in the calendar"),
        ("published:>", 10, "> needs a date"),
        ("published:>=(2025)", 10, ">= needs a date"),
        ("published:[2025-01 TO 2025-99]", 22, "'2025-99' is not in the calendar"),
        ("published:[2025 TO 2024]", 10, "holds no day: it ends before it begins"),
        ("published:{2024 TO 2024}", 10, "holds no day: it ends before it begins"),
        ("since:>2025", 6, "since: takes one date, as in since:2025-03"),
        ("until:[2024 TO 2025]", 6, "until: takes one date, as in until:2025-03"),
        ("a kind:novel", 7, "there is no kind 'novel'; kind is one of news, wire"),
        ("stage:adoptd", 6, "there is no stage 'adoptd'"),
        ("direction:left", 10, "there is no direction 'left'"),
        ("a" * (MAX_LENGTH + 1), MAX_LENGTH, "a query may have 2,000 characters, this one has 2,001"),
        (" ".join("a" * (MAX_WORDS + 1)), 2 * MAX_WORDS, "a query may have 200 words"),
        (
            "(" * (MAX_DEPTH + 1) + "a" + ")" * (MAX_DEPTH + 1),
            MAX_DEPTH + 1,
            "brackets and NOT go 10 deep, not further",
        ),
        ("NOT " * (MAX_DEPTH + 1) + "a", 4 * (MAX_DEPTH + 1), "brackets and NOT go 10 deep, not further"),
    ],
)
def test_errors_say_what_is_wrong_and_where(query: str, position: int, message: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(query)
    assert caught.value.position == position
    assert message in caught.value.reason
    assert caught.value.reason.endswith(f"(at character {position + 1})")
    assert isinstance(caught.value, errors.UserError)


def test_an_error_survives_the_way_between_processes() -> None:
    error = QueryError("no", 4)
    copy = pickle.loads(pickle.dumps(error))
    assert (copy.position, copy.reason) == (4, "no (at character 5)")


def test_positions_count_what_was_typed() -> None:
    with pytest.raises(QueryError) as caught:
        parse("“sanctuary city” AND kind:novel")
    assert caught.value.position == 26


PIECES = (
    *'()"*~:-+!<>=[]{}/\\^? ', "AND", "OR", "NOT", "TO", "a", "city", "287(g)", "title:", "since:", "kind:news",
    "published:", "2025-01", "place:", "“", "ñ", "移", "\x00", "~3",
)  # fmt: skip


def error_of(text: str) -> QueryError | None:
    try:
        parse(text)
    except QueryError as error:
        return error
    return None


@settings(max_examples=600, derandomize=True, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_any_text_is_a_tree_or_an_error_within_it(text: str) -> None:
    error = error_of(text)
    assert error is None or 0 <= error.position <= len(text)
