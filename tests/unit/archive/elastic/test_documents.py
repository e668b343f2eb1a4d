"""Records as documents."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline import errors
from pipeline.archive.elastic.documents import WORDS, document, read_version, record_of, version_of
from pipeline.archive.elastic.layout import FOLDER
from pipeline.archive.records import KEYS, packed
from pipeline.model import RECORDS, Article, Record
from tests.conformance.test_archive import one_of_each
from tests.unit.archive.samples import article

CONFIGS = sorted(FOLDER.glob("*.json"))


def fields(mapping: dict[str, Any], path: str = "") -> set[str]:
    """The dotted names of all fields of a mapping."""
    found: set[str] = set()
    for name, told in mapping["properties"].items():
        found |= fields(told, f"{path}{name}.") if "properties" in told else {path + name}
    return found


def test_every_kind_of_record_has_a_mapping_and_no_other_has() -> None:
    assert {config.stem for config in CONFIGS} == {kind.KIND for kind in RECORDS}
    assert set(KEYS) == set(RECORDS)


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: config.stem)
def test_mappings_are_strict_and_have_the_keys_of_their_kind(config: Path) -> None:
    mapping = json.loads(config.read_text())["mappings"]
    (kind,) = (kind for kind in KEYS if config.stem == kind.KIND)
    assert mapping["dynamic"] == "strict"
    assert {name for name in fields(mapping) if name.startswith("where.")} == {f"where.{key}" for key in KEYS[kind]}


@pytest.mark.parametrize("record", one_of_each(), ids=lambda record: record.KIND)
def test_a_document_has_only_fields_that_its_mapping_knows(record: Record) -> None:
    mapping = json.loads((FOLDER / f"{record.KIND}.json").read_text())["mappings"]
    for name, value in document(record, "token").items():
        known = {field for field in fields(mapping) if field == name or field.startswith(f"{name}.")}
        assert known, name
        if isinstance(value, dict):
            assert {f"{name}.{below}" for below in value} <= known


@pytest.mark.parametrize("record", one_of_each(), ids=lambda record: record.KIND)
def test_the_record_is_kept_to_the_letter(record: Record) -> None:
    made = document(record, "token")
    assert made["record"].encode() == packed(record)
    assert record_of(type(record), {"_id": record.id, "_source": made}) == record


def test_what_is_asked_for_is_written_beside_it() -> None:
    made = document(
        article(
            "one", title="Chicago’s vote", text="A 287(g) story.", places=("Los Angeles, CA",), stages=("passed",),
            published=datetime(2025, 3, 1, 12, 0, 0, 999_999, UTC), story="first",
        ),
        "token",
    )  # fmt: skip
    assert (made["title_words"], made["body_words"]) == ("chicago s vote", "a 287 g story")
    assert made["published"] == 1740830400
    assert made["where"] == {"pending": "1", "story": "first", "source": "Harbor Courier"}
    assert made["label"]["place"] == ["CA", "Los Angeles, CA"]
    assert made["key"]["place"] == ["ca", "california", "los angeles", "los angeles ca"]
    assert made["label"]["stage"] == ["adopted"]
    assert "passed" in made["key"]["stage"]
    assert "published" not in document(article(published=None), "token")


def test_no_text_is_kept_twice() -> None:
    mapping = json.loads((FOLDER / "article.json").read_text())["mappings"]
    assert mapping["_source"]["excludes"] == list(WORDS)
    assert set(WORDS) < fields(mapping)


def test_half_a_character_is_quarantined() -> None:
    with pytest.raises(errors.Quarantine, match="the article cannot be stored"):
        document(article(text="\ud800"), "token")


@pytest.mark.parametrize("source", [{}, {"record": "{}"}, {"record": "no json"}, {"record": None}])
def test_a_stored_record_that_is_none_is_quarantined(source: dict[str, Any]) -> None:
    with pytest.raises(errors.Quarantine, match="the stored article cannot be read") as raised:
        record_of(Article, {"_id": "x", "_source": source})
    assert raised.value.subject == "x"


def test_a_version_can_be_read_again() -> None:
    assert read_version(version_of({"_seq_no": 17, "_primary_term": 2})) == (17, 2)


@pytest.mark.parametrize("version", ["", "1", "1.", ".1", "a.b", "1.1.1", "-1.1", "१.१"])
def test_what_is_no_version_is_none(version: str) -> None:
    assert read_version(version) is None
