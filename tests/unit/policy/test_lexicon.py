"""Terms, verbs and patterns as the topic's files write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.policy import lexicon as room
from pipeline.policy import sentences
from pipeline.policy.sentences import Sentence


def tagged(text: str, tables: dict[str, dict[str, object]]) -> tuple[room.Lexicon, Sentence]:
    lexicon = room.Lexicon(tables)
    plain = sentences.normalise(text)
    return lexicon, lexicon.tag(sentences.tokenise(plain, 1, 0, len(plain)))


def test_groups_expand_to_every_reading() -> None:
    assert set(room.expand("safe (city|haven) (rule|)")) == {
        "safe city rule",
        "safe city",
        "safe haven rule",
        "safe haven",
    }


def test_verbs_are_inflected() -> None:
    assert dict(room.inflect("ban+"))["ed"] == "banned"
    assert dict(room.inflect("deny")) == {"base": "deny", "s": "denies", "ed": "denied", "ing": "denying"}
    assert dict(room.inflect("vote down"))["s"] == "votes down"
    assert dict(room.inflect("undo,undoes,undid,undone,undoing"))["pp"] == "undone"
    assert list(room.inflect("=s OKs")) == [("s", "OKs")]


def test_the_longest_term_wins_and_hides_what_it_holds() -> None:
    _, sentence = tagged("the ice storm hit", {"t": {"terms": {"A": ["ice"], "B": ["ice storm"]}}})
    assert sentence.hits == {"B": [(1, 3, "ice storm")]}


def test_a_soft_term_hides_nothing() -> None:
    tables: dict[str, dict[str, object]] = {"t": {"soft": ["F"], "terms": {"F": ["final vote"], "V": ["vote"]}}}
    _, sentence = tagged("a final vote", tables)
    assert sentence.hits == {"F": [(1, 3, "final vote")], "V": [(2, 3, "vote")]}


@pytest.mark.parametrize(
    ("text", "found"), [("ICE came", True), ("ice came", False), ("Ice came", False), ("ICE's men", True)]
)
def test_a_capital_in_a_term_must_be_written(text: str, found: bool) -> None:
    _, sentence = tagged(text, {"t": {"terms": {"A": ["ICE"]}}})
    assert ("A" in sentence.hits) is found


def test_case_tells_nothing_in_a_headline_of_capitals() -> None:
    _, sentence = tagged("COUNCIL PASSES TRUST ACT TODAY", {"t": {"terms": {"A": ["Trust Act"]}}})
    assert "A" in sentence.hits


def test_patterns_need_order_nearness_and_no_forbidden_tag() -> None:
    tables: dict[str, dict[str, object]] = {
        "t": {
            "terms": {"NO": ["bars"], "HELP": ["helping"], "ICE": ["ICE"], "BUT": ["not"]},
            "rule": [{"id": "r", "seq": ["NO", "HELP", "ICE"], "gap": 2, "unless": ["BUT"]}],
        }
    }
    lexicon, sentence = tagged("The city bars police from helping ICE", tables)
    (pattern,) = lexicon.patterns("t", "rule")
    assert list(pattern.find(sentence)) == [(2, 7)]
    for other in ("helping ICE bars", "bars one two three helping ICE", "not bars helping ICE", "bars; helping ICE"):
        assert list(pattern.find(tagged(other, tables)[1])) == [], other


def test_what_one_is_kept_from_is_not_done() -> None:
    tables: dict[str, dict[str, object]] = {
        "t": {
            "terms": {"DO": ["entering"], "G": ["agreements"], "NO": ["bars"]},
            "rule": [{"id": "r", "seq": ["DO", "G"], "unless": ["NO"]}],
        }
    }
    (pattern,) = tagged("entering agreements", tables)[0].patterns("t", "rule")
    assert list(pattern.find(tagged("entering agreements", tables)[1])) == [(0, 2)]
    assert list(pattern.find(tagged("bars all the state's counties from entering agreements", tables)[1])) == []


def test_a_word_stands_for_itself_in_a_pattern() -> None:
    tables: dict[str, dict[str, object]] = {"t": {"rule": [{"id": "r", "seq": ["=law", "=without"]}]}}
    lexicon, sentence = tagged("became law without it", tables)
    assert list(lexicon.patterns("t", "rule")[0].find(sentence)) == [(1, 3)]


def test_a_pattern_without_id_is_refused() -> None:
    with pytest.raises(ValueError, match=r"t\.toml.*rule"):
        room.Lexicon({"t": {"rule": [{"seq": ["A"]}]}}).patterns("t", "rule")


def test_an_empty_term_is_refused() -> None:
    with pytest.raises(ValueError, match=r"t\.toml: empty term for A"):
        room.Lexicon({"t": {"terms": {"A": ["..."]}}})


def test_every_tag_of_a_pattern_is_made_somewhere() -> None:
    """A rule that names a tag nobody makes can never fire."""
    lexicon = room.lexicon()
    made = {tag for name, table in lexicon.tables.items() for _, tag, _ in room._terms(name, table)}
    for name, group in (("provisions", "provision"), ("provisions", "sign"), ("actions", "special")):
        for pattern in lexicon.patterns(name, group):
            used = [tag for part in pattern.seq for tag in part if tag[0] != "="] + list(pattern.unless)
            assert not [tag for tag in used if tag not in made], pattern.id


def test_every_verb_class_is_known_to_the_classes_or_helps_others() -> None:
    lexicon = room.lexicon()
    helpers = {"urge"}
    assert set(lexicon.table("actions", "verbs")) - helpers <= set(lexicon.table("actions", "classes"))


def test_another_topic_needs_only_its_files(tmp_path: Path) -> None:
    (tmp_path / "terms.toml").write_text('gate = ["rent"]\n[terms]\nRENT = ["rent control"]\n')
    lexicon = room.read_topic(tmp_path)
    plain = "Council weighs rent control"
    assert "RENT" in lexicon.tag(sentences.tokenise(plain, 0, 0, len(plain))).hits
