"""Terms added to a query and taken out again."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyst.web.narrowing import added, chosen, either, excluded, pieces, removed, swapped, term, without_dates
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
        ("(jail place:CA)", "place:CA", None),
        ("jail NOT place:CA", "place:CA", None),
        ("jail NOT place:CA", "-place:CA", "jail"),
        ("jail AND place:ca", "place:CA", "jail"),
        ("state: CA jail 287(g)", "state:CA", "jail 287(g)"),
        ("jail “two words” source:“The Post”", 'source:"The Post"', "jail “two words”"),
        ("jail published:>= 2025 place:CA", "published:>=2025", "jail place:CA"),
        ('"say \\" place:CA" place:CA', "place:CA", '"say \\" place:CA"'),
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


@settings(deadline=None, derandomize=True)
@given(st.one_of(st.text(max_size=60), st.lists(WORDS, max_size=5).map(" ".join)))
def test_what_is_cut_into_pieces_is_the_query(query: str) -> None:
    found = pieces(query)
    if not found:
        return
    together = parse(" ".join(f"({piece.text})" for piece in found))
    alone = [piece.node for piece in found]
    assert together == (alone[0] if len(alone) == 1 else And(tuple(alone)))
    assert parse(" ".join(piece.text for piece in found)) == parse(query)


def test_what_is_left_out_is_known() -> None:
    query = 'jail -source:"Port Ellery Beacon" NOT place:CA (a OR -kind:news) -"two words" -(state:TX OR state:CA)'
    assert [labels for _, labels in excluded(query, "source")] == [["Port Ellery Beacon"]]
    assert [(piece.text, labels) for piece, labels in excluded(query, "place")] == [("NOT place:CA", ["CA"])]
    assert [labels for _, labels in excluded(query, "state")] == [["TX", "CA"]]
    assert excluded(query, "kind") == []
    assert excluded("jail OR -place:CA", "place") == [], "not on the top level"
    assert excluded("(((", "place") == []


@pytest.mark.parametrize(
    ("query", "field", "labels"),
    [
        ("jail (kind:news OR kind:wire)", "kind", [["news", "wire"]]),
        ("kind:news OR kind:wire", "kind", [["news", "wire"]]),
        ('source:("The Post" OR Ledger) jail', "source", [["The Post", "Ledger"]]),
        ('place:"Los Angeles, CA" place:CA', "place", [["Los Angeles, CA"], ["CA"]]),
        ("place:“Los Angeles, CA”", "place", [["Los Angeles, CA"]]),
        ("place:los* jail", "place", []),
        ("(kind:news OR jail)", "kind", []),
        ("-kind:news", "kind", []),
        ("jail §", "kind", []),
    ],
)
def test_what_is_chosen_is_known(query: str, field: str, labels: list[list[str]]) -> None:
    assert [each for _, each in chosen(query, field)] == labels


def test_a_piece_can_be_swapped() -> None:
    query = 'jail kind:news "a b"'
    piece, labels = chosen(query, "kind")[0]
    both = swapped(query, piece, either("kind", [*labels, "wire"]))
    assert both == 'jail (kind:news OR kind:wire) "a b"'
    ((again, labels),) = chosen(both, "kind")
    assert swapped(both, again, either("kind", labels[1:])) == 'jail kind:wire "a b"'
    assert swapped(both, again, "") == 'jail "a b"'
    assert swapped(both, piece, "") is None, "it is not in there"
    assert swapped(both, again, "x" * 2_000) is None
    assert either("kind", []) == either("source", ["Ledger", "★"]) == ""


def test_dates_are_taken_out() -> None:
    assert without_dates("jail since:2025-01 until:2025-02") == "jail"
    assert without_dates("published:[2025-01 TO 2025-02]") == ""
    assert without_dates("jail OR since:2025") == "jail OR since:2025"
