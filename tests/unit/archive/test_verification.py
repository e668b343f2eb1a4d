"""Verification finds what does not agree, and rebuilding mends what is made from the records."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.archive.query import parse
from pipeline.archive.references import AT_MOST
from pipeline.archive.sqlite import SqliteArchive
from pipeline.model import Action, Alert, Docket, Jurisdiction, Measure
from tests.unit.archive.samples import AT, article, entry

LOS_ANGELES = Jurisdiction("Los Angeles", "city", "CA")


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[SqliteArchive]:
    made = SqliteArchive(tmp_path / "archive.sqlite3")
    first = article("first", story=article("first").id, measures=("m", "d:m"))
    action = Action(id="x", stage="adopted", date="2025-03-01", first_reported=AT, articles=(first.id,))
    made.create_many(
        [
            first,
            article("copy", story=first.id, places=("Los Angeles, CA",)),
            article("undated", published=None),
            *(entry(name) for name in ("first", "copy", "undated")),
            entry("discard", published=None),
            Docket(
                id="d",
                jurisdiction=LOS_ANGELES,
                changed=AT,
                measures=(Measure(id="m", jurisdiction=LOS_ANGELES, created=AT, actions=(action,)),),
            ),
        ]
    )
    yield made
    made.close()


def test_a_sound_archive_has_no_differences(archive: SqliteArchive) -> None:
    assert archive.verify() == []
    assert [path.name for path in archive.path.parent.iterdir() if path.is_dir()] == []


DAMAGES = [
    ("DELETE FROM tag WHERE docno IN (SELECT max(docno) FROM tag)", "has other tags than labels"),
    ("INSERT INTO tag VALUES (1, 77)", "article number 77 has tags but no labels"),
    ("DELETE FROM meta WHERE docno IN (SELECT max(docno) FROM meta)", "is missing in meta"),
    ("UPDATE meta SET published = 5 WHERE published IS NOT NULL", "is counted under other values than it has"),
    ("INSERT INTO coverage (source, published, weight) VALUES (1, 9, 1)", "coverage counts 1 entries of"),
    ("DELETE FROM coverage", "coverage does not count 1 entries of 'Harbor Courier' at None"),
    ("INSERT INTO fts (fts) VALUES ('delete-all')", "full-text index: its words are not those of the articles"),
]


@pytest.mark.parametrize(("damage", "sentence"), DAMAGES)
def test_damage_to_what_is_made_from_the_records_is_found_and_mended(
    archive: SqliteArchive, damage: str, sentence: str
) -> None:
    connection = sqlite3.connect(archive.path, isolation_level=None)
    connection.execute(damage)
    connection.close()
    assert any(sentence in each for each in archive.verify()), archive.verify()
    archive.rebuild()
    assert archive.verify() == []
    assert archive.search(parse("sanctuary place:CA")).total == 1
    assert archive.charts(None, timeline=True).timeline.buckets[0].coverage == 3


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        ("UPDATE entry SET data = '{' WHERE published IS NULL", "cannot be read"),
        ("UPDATE entry SET key_outcome = 'copy' WHERE published IS NULL", "is kept under other keys than it has"),
    ],
)
def test_damage_to_records_is_found(archive: SqliteArchive, damage: str, sentence: str) -> None:
    connection = sqlite3.connect(archive.path, isolation_level=None)
    connection.execute(damage)
    connection.close()
    assert [each for each in archive.verify() if sentence in each]


def test_records_that_name_what_is_not_there_are_found(archive: SqliteArchive) -> None:
    archive.create_many(
        [
            article("stray", story="nobody", measures=("m", "unknown"), entry="absent"),
            entry("lead", article="nowhere", outcome="discard"),
            Alert(id="a", subscription="s", docket="other", measure="m", action="x", kind="new", created=AT, due=AT),
        ]
    )
    archive.delete(type(article()), article("first").id)
    names = article("first").id, article("stray").id, article("copy").id
    assert set(archive.verify()) == {
        f"measure m names article {names[0]}, which is not there",
        f"article {names[1]} belongs to story nobody, which is not there",
        f"article {names[2]} belongs to story {names[0]}, which is not there",
        f"article {names[1]} came from entry absent, which is not there",
        f"article {names[1]} reports measure unknown, which is not there",
        f"entry {entry('lead').id} became article nowhere, which is not there",
        "alert a is about docket other, which is not there",
    }


def test_many_differences_of_a_kind_are_cut_short(archive: SqliteArchive) -> None:
    archive.create_many([entry(f"lead {number}", article="nowhere") for number in range(AT_MOST + 5)])
    found = archive.verify()
    assert len(found) == AT_MOST + 1
    assert found[-1].startswith("and more like: entry ")
