"""The forms of an export, over texts that mean harm; and a long one in little memory."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import feedparser
import pytest
from icalendar import Calendar

from analyst.exports.forms import BOM, FORMS, write_bom_csv
from analyst.exports.rows import COLUMNS, Result, ask
from pipeline.archive import open_archive
from pipeline.archive.base import Archive
from pipeline.model import Action, Docket, Jurisdiction, Measure, Report, Vote
from tests.unit.archive.samples import article

AT = datetime(2026, 3, 5, 18, 0, tzinfo=UTC)
HOSTILE = [
    '=HYPERLINK("http://evil.example","x")', "+1", "-1", "@SUM(A1)", "\tx", "\rx", "＝1", 'say "hi", she said',
    "two\nlines", "<script>alert(1)</script> & ]]> <![CDATA[x", "nul\x00 bell\x07 esc\x1b[2J", "\u202eevil\ufffe\uffff",
    "BEGIN:VEVENT\r\nSUMMARY:injected", "ordinary;with;semicolons, commas \\ and backslash",
]  # fmt: skip


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with closing(open_archive(f"sqlite:///{tmp_path / 'archive.sqlite3'}")) as opened:
        yield opened


@pytest.fixture
def hostile(archive: Archive) -> Archive:
    """An article for each hostile title, with a hostile source and text; the newest first in their order."""
    for number, text in enumerate(HOSTILE):
        made = article(
            f"h{number}", title=text, source=text, text=f"{text} {'long ' * 500}",
            published=AT - timedelta(days=number), measures=("m",), places=(text,),
        )  # fmt: skip
        archive.create(made)
    archive.create(article("undated", title="Undated", published=None))
    return archive


def written(archive: Archive, form: str, query: str = "", name: str = "") -> bytes:
    return b"".join(FORMS[form].write(ask(archive, query, name=name, now=AT)))


# ------------------------------------------------------------------ tables
def test_csv_opens_in_a_spreadsheet_and_nothing_in_it_runs(hostile: Archive) -> None:
    text = written(hostile, "csv").decode()
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert rows[0] == list(COLUMNS)
    assert len(rows) == len(HOSTILE) + 2
    assert {len(row) for row in rows} == {len(COLUMNS)}
    for row in rows[1:]:
        for cell in row:
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝"))
    by_title = {row[COLUMNS.index("title")] for row in rows[1:]}
    for title in HOSTILE:
        assert title in by_title or f"'{title}" in by_title
    assert {row[-1] for row in rows[1:]} == {"2026-03-05T18:00:00Z"}


def test_a_byte_order_mark_comes_when_asked_for(hostile: Archive) -> None:
    with_mark = b"".join(write_bom_csv(ask(hostile, "", now=AT)))
    assert with_mark == BOM + written(hostile, "csv")
    assert not written(hostile, "csv").startswith(BOM)


def test_json_and_json_lines_say_the_same(hostile: Archive) -> None:
    document = json.loads(written(hostile, "json", "long"))
    lines = [json.loads(line) for line in written(hostile, "jsonl", "long").splitlines()]
    assert document["articles"] == lines
    assert (document["query"], document["retrieved"], document["total"]) == ("long", "2026-03-05T18:00:00Z", len(lines))
    assert {line["query"] for line in lines} == {"long"}
    assert [line["title"] for line in lines] == HOSTILE
    assert all(len(line["snippet"]) <= 300 for line in lines)


@pytest.mark.parametrize("form", list(FORMS))
def test_an_empty_result_is_a_whole_file(archive: Archive, form: str) -> None:
    file = written(archive, form, "nothing")
    if form == "csv":
        assert file.decode() == ",".join(COLUMNS) + "\r\n"
    elif form == "json":
        assert json.loads(file)["articles"] == []
    elif form == "jsonl":
        assert file == b""
    elif form == "rss":
        assert not feedparser.parse(file).bozo
    else:
        assert list(Calendar.from_ical(file).walk("VEVENT")) == []


# ------------------------------------------------------------------ feed
def test_rss_is_a_feed_that_readers_read(hostile: Archive) -> None:
    feed = feedparser.parse(written(hostile, "rss", "long", name="Long & <winding>"))
    assert not feed.bozo
    assert feed.version == "rss20"
    assert feed.feed.title == "sanctuary-watch: Long & <winding>"
    assert "Query: long. Retrieved 2026-03-05T18:00:00Z." in feed.feed.description
    assert len(feed.entries) == len(HOSTILE)
    assert [entry.id for entry in feed.entries] == [article(f"h{n}").id for n in range(len(HOSTILE))]
    assert feed.entries[0].published_parsed[:3] == (2026, 3, 5)
    shown = feed.entries[9]
    assert shown.title == "<script>alert(1)</script> & ]]> <![CDATA[x"
    assert "<script" not in shown.description, "as HTML it is text"
    assert "&lt;script&gt;" in shown.description
    assert all(entry.link.startswith("https://news.example/") for entry in feed.entries)


def test_rss_leads_to_the_search(archive: Archive) -> None:
    result = ask(archive, 'jail "a b"', zone="America/Denver", now=AT, base="https://watch.example.org")
    feed = feedparser.parse(b"".join(FORMS["rss"].write(result)))
    assert feed.feed.link == "https://watch.example.org/?q=jail+%22a+b%22&tz=America%2FDenver"
    everything = ask(archive, "", now=AT, base="https://watch.example.org")
    assert feedparser.parse(b"".join(FORMS["rss"].write(everything))).feed.link == "https://watch.example.org/"


# ------------------------------------------------------------------ measures
def test_measures_are_told_in_words(archive: Archive) -> None:
    reno = Jurisdiction("Reno", "city", "NV")
    actions = (
        Action("a1", "introduced", "2026-02-01", AT), Action("a2", "adopted", "2026-03-03", AT, Vote(5, 2)),
        Action("a3", "effective", "2026-04-02", AT),
    )  # fmt: skip
    known = Measure("m", reno, AT, "City Council", "ordinance", "17-180", actions=actions)
    unnumbered = Measure("n", reno, AT, "City Council", "resolution", actions=())
    gone = Measure("o", reno, AT, merged_into=f"{reno.key}:m")
    archive.create(Docket(id=reno.key, jurisdiction=reno, changed=AT, measures=(known, unnumbered, gone)))
    told = Report(reno, "adopted", "ordinance", "It passed 5-2.", 0, 14)
    archive.create_many(
        [
            article("a", measures=("m", "n"), reports=(told,), published=AT),
            article("b", measures=("o", "nowhere"), published=AT - timedelta(days=1)),
        ]
    )
    first, second = (json.loads(line) for line in written(archive, "jsonl").splitlines())
    assert {name: value for name, value in first.items() if name.startswith("measure")} == {
        "measures": ["m", "n"],
        "measure_places": ["Reno, NV", "Reno, NV"],
        "measure_names": ["ordinance 17-180", "resolution of the City Council"],
        "measure_stages": ["adopted", ""],
        "measure_dates": ["2026-03-03", ""],
        "measure_votes": ["5-2", ""],
    }
    assert second["measure_names"] == ["ordinance 17-180", ""], "what it was merged into; what is not known"
    assert second["measure_stages"] == ["effective", ""], "the last, where the article tells of none"
    row = next(csv.DictReader(io.StringIO(written(archive, "csv").decode(), newline="")))
    assert (row["measure_names"], row["measure_votes"]) == ("ordinance 17-180; resolution of the City Council", "5-2; ")
    entry = feedparser.parse(written(archive, "rss")).entries[0]
    assert entry.description.endswith(
        "Reports Reno, NV: ordinance 17-180, adopted 2026-03-03 (5-2); Reno, NV: resolution of the City Council."
    )


# ------------------------------------------------------------------ feed
def test_rss_holds_the_newest(archive: Archive) -> None:
    archive.create_many([article(f"a{n}", published=AT - timedelta(hours=n)) for n in range(60)])
    feed = feedparser.parse(written(archive, "rss"))
    assert [entry.id for entry in feed.entries] == [article(f"a{n}").id for n in range(50)]


# ------------------------------------------------------------------ calendar
def test_a_calendar_has_the_dated_actions_of_the_measures_reported(hostile: Archive) -> None:
    where = Jurisdiction("Reno\r\nSUMMARY:injected", "city", "NV")
    actions = (
        Action("a1", "adopted", "2026-03-03", AT, Vote(5, 2)), Action("a2", "effective", "2026-04-02", AT),
        Action("a3", "challenged", "2026-05", AT), Action("a4", "repealed", "", AT),
    )  # fmt: skip
    known = Measure("m", where, AT, "City Council", "ordinance", "17-180", direction="limits_cooperation",
                    actions=actions)  # fmt: skip
    other = replace(known, id="elsewhere")
    hostile.create(Docket(id=where.key, jurisdiction=where, changed=AT, measures=(known, other)))
    file = written(hostile, "ics", "long", name="Long")
    assert all(len(line) <= 75 for line in file.split(b"\r\n"))
    calendar = Calendar.from_ical(file)
    assert str(calendar["x-wr-caldesc"]) == "Query: long. Retrieved 2026-03-05T18:00:00Z."
    days: list[Any] = list(calendar.walk("VEVENT"))
    assert [(day["dtstart"].dt, day["dtend"].dt) for day in days] == [
        (date(2026, 3, 3), date(2026, 3, 4)), (date(2026, 4, 2), date(2026, 4, 3)),
    ]  # fmt: skip
    assert [str(day["uid"]) for day in days] == ["m.a1@sanctuary-watch", "m.a2@sanctuary-watch"]
    assert str(days[0]["summary"]) == "Reno  SUMMARY:injected, NV: ordinance 17-180 adopted"
    assert str(days[0]["description"]) == "5-2; City Council; limits cooperation; measure m"


# ------------------------------------------------------------------ size
def test_a_long_export_needs_no_more_memory_than_a_page(archive: Archive) -> None:
    """20,000 articles of 2 kB are 40 MB; writing them needs what a page of 500 needs."""
    text = f"{'x' * 99} " * 20
    for start in range(0, 20_000, 1_000):
        archive.create_many(
            [article(f"n{start + n}", text=text, published=AT - timedelta(minutes=start + n)) for n in range(1_000)]
        )
    result = ask(archive, "", now=AT)
    tracemalloc.start()
    try:
        size, lines = _drained(result)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert lines == 20_000
    assert size > 10_000_000
    assert most < 10_000_000


def _drained(result: Result) -> tuple[int, int]:
    size = lines = 0
    for piece in FORMS["jsonl"].write(result):
        size += len(piece)
        lines += piece.count(b"\n")
    return size, lines
