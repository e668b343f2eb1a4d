"""Terms added to a query and taken out again."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyst.web.narrowing import added, excluded, removed, term
from pipeline.archive.keys import keys
from pipeline.archive.query import And, Key, QueryError, parse


@pytest.mark.parametrize(
    ("field", "label", "expected"),
    [
        ("kind", "news", "kind:news"),
        ("direction", "limits_cooperation", "direction:limits_cooperation"),
        ("place", "Los Angeles, CA", 'place:"Los Angeles, CA"'),
        ("place", "CA", "place:CA"),
        ("source", "The “Real” News", 'source:"The Real News"'),
        ("source", "AND", 'source:"AND"'),
        ("source", "Star*", 'source:"Star"'),
        ("source", "a\\b", 'source:"a b"'),
        ("source", "★", ""),
        ("measure", "00ab12cd34ef5678", "measure:00ab12cd34ef5678"),
    ],
)
def test_a_term_names_a_label(field: str, label: str, expected: str) -> None:
    assert term(field, label) == expected


@settings(deadline=None, derandomize=True)
@given(st.text(max_size=40))
def test_a_term_finds_its_label_or_there_is_none(label: str) -> None:
    made = term("source", label)
    if made:
        node = parse(made)
        assert isinstance(node, Key)
        assert node.value in keys("source", label)
        assert not node.prefix


@pytest.mark.parametrize(
    ("query", "more", "expected"),
    [
        ("", "place:CA", "place:CA"),
        ("jail", "place:CA", "jail place:CA"),
        ("jail OR detainer", "place:CA", "(jail OR detainer) place:CA"),
        ("jail OR detainer", "-place:CA", "(jail OR detainer) -place:CA"),
        ("jail AND", "place:CA", ""),
        ("jail", "", "jail"),
        ("x" * 1_995, "place:CA", ""),
    ],
)
def test_adding(query: str, more: str, expected: str) -> None:
    assert added(query, more) == expected


@pytest.mark.parametrize(
    ("query", "part", "expected"),
    [
        ("jail place:CA", "place:CA", "jail"),
        ("place:CA", "place:CA", ""),
        ("place:CA jail place:CA", "place:CA", "jail place:CA"),
        ('"place:CA" jail', "place:CA", None),
        ("jail OR place:CA", "place:CA", None),
        ("(jail place:CA )", "place:CA", "(jail )"),
        ("(jail place:CA)", "place:CA", None),
        ("jail NOT place:CA", "place:CA", None),
        ("jail -place:CA", "-place:CA", "jail"),
        ("jail (", "place:CA", None),
        ("jail place:TX", "place:CA", None),
    ],
)
def test_removing(query: str, part: str, expected: str | None) -> None:
    assert removed(query, part) == expected


WORDS = st.sampled_from(["jail", '"sanctuary city"', "-ice", "title:vote", "since:2025", "(a OR b)", "NOT (c d)"])


@settings(deadline=None, derandomize=True)
@given(st.lists(WORDS, max_size=5), st.sampled_from(["place:CA", 'source:"The Post"', "-kind:opinion"]))
def test_what_was_added_can_be_removed(pieces: list[str], part: str) -> None:
    query = " ".join(pieces)
    assert removed(added(query, part), part) == query


@settings(deadline=None, derandomize=True)
@given(st.text(max_size=60))
def test_any_text_is_survived(query: str) -> None:
    more = added(query, "place:CA")
    try:
        tree = parse(query)
    except QueryError:
        assert more == ""
        return
    if more and tree is not None:
        found = parse(more)
        assert isinstance(found, And)
        assert found.kids[-1] == Key("place", "ca")


def test_what_is_left_out_is_known() -> None:
    query = 'jail -source:"Port Ellery Beacon" -place:CA (a OR -kind:news) -"two words"'
    assert excluded(query) == {"source": ["Port Ellery Beacon"], "place": ["CA"]}
    assert excluded("jail OR -place:CA") == {}, "not on the top level"
    assert excluded("(((") == {}
