"""``search``, ``timeline``, ``sources``, ``docket``, ``why``, ``status`` on what a run found."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Program
from tests.unit.cli.shapes import DOCKET, SEARCH, SOURCES, STATUS, TIMELINE, WHY, misfits


def test_search(program: Program, filled: Path) -> None:
    answer = program("search", "sanctuary AND fresno", "--json").json
    assert misfits(answer, SEARCH) == []
    assert (answer["query"], answer["total"], answer["next"]) == ("sanctuary AND fresno", 2, None)
    first, second = answer["articles"]
    assert {first["story"], second["story"]} == {first["story"]}, "one story"
    assert [first["copy_of"], second["copy_of"]].count(None) == 1
    assert first["measures"] == second["measures"] != []
    assert "Fresno, CA" in first["places"]
    assert all(datetime.fromisoformat(found["published"]).tzinfo == UTC for found in answer["articles"])


def test_search_page_by_page(program: Program, filled: Path) -> None:
    whole = [found["id"] for found in program("search", "", "--json").json["articles"]]
    pages, after = [], ""
    while True:
        page = program("search", "", "--limit", "1", "--after", after, "--json").json
        assert page["total"] == len(whole)
        pages += [found["id"] for found in page["articles"]]
        if page["next"] is None:
            break
        after = page["next"]
    assert pages == whole
    assert "more: --after" in program("search", "", "--limit", "1").out
    ran = program("search", "", "--after", "nonsense", "--json", status=1)
    assert ran.json["error"]["class"] == "UserError"


def test_search_in_words(program: Program, filled: Path) -> None:
    told = program("search", "tyler", "--sort", "relevance").out
    assert "Smith County commissioners approve 287(g) agreement, 4-1" in told
    assert "1 of 1 articles" in told
    assert program("search", "whales").out == "0 of 0 articles\n"


def test_search_csv(program: Program, filled: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(program("search", "", "--csv").out)))
    assert len(rows) == 3
    assert {"id", "url", "title", "source", "published", "measures"} <= rows[0].keys()


def test_search_refuses_what_it_does_not_know(program: Program, filled: Path) -> None:
    program("search", "fresno", "--sort", "oldest", status=2)
    program("search", "fresno", "--limit", "0", status=2)
    assert "time zone" in program("search", "", "--tz", "Mars", "--json", status=1).json["error"]["reason"]


@pytest.mark.parametrize("by", ["day", "week", "month"])
def test_timeline(program: Program, filled: Path, by: str) -> None:
    answer = program("timeline", "sanctuary OR 287(g)", "--by", by, "--json").json
    assert misfits(answer, TIMELINE) == []
    assert answer["by"] == by
    assert sum(bucket["articles"] for bucket in answer["buckets"]) == 3
    assert 2 <= sum(bucket["stories"] for bucket in answer["buckets"]) <= 3, "a story counts once in a bucket"
    assert all(bucket["share"] == pytest.approx(bucket["stories"] / bucket["coverage"], abs=1e-6)
               for bucket in answer["buckets"] if bucket["coverage"])  # fmt: skip
    starts = {"day": "2026-03-05", "week": "2026-03-02", "month": "2026-03-01"}
    assert answer["buckets"][-1]["start"] == starts[by]


def test_timeline_in_words_and_as_csv(program: Program, filled: Path) -> None:
    assert "█" in program("timeline", "").out
    rows = list(csv.DictReader(io.StringIO(program("timeline", "", "--csv", "--tz", "America/Los_Angeles").out)))
    assert rows
    assert rows[0].keys() == {"start", "articles", "stories", "coverage", "share"}
    assert "has a date" in program("timeline", "whales").out
    program("timeline", "", "--by", "year", status=2)


@pytest.mark.parametrize("by", ["count", "share", "first"])
def test_sources(program: Program, filled: Path, by: str) -> None:
    answer = program("sources", "", "--by", by, "--json").json
    assert misfits(answer, SOURCES) == []
    rows = answer["sources"]
    assert sum(row["articles"] for row in rows) == 3
    key = {"count": lambda r: -r["articles"], "share": lambda r: -r["share"], "first": lambda r: r["first"]}[by]
    assert rows == sorted(rows, key=key)
    assert all(row["source"] in program("sources", "").out for row in rows)
    assert len(program("sources", "", "--csv").out.splitlines()) == len(rows) + 1


def test_sources_of_one_owner_are_told(program: Program, filled: Path) -> None:
    urls = {row["title"]: row["url"] for row in program("feeds", "list", "--json").json["feeds"]}
    names = [row["source"] for row in program("sources", "", "--json").json["sources"]]
    assert len(names) > 1
    for name in names:
        program("feeds", "add", urls[name], "--owner", "Coast\u202eMedia, Inc.")
    answer = program("sources", "", "--json").json
    assert {row["owner"] for row in answer["sources"]} == {"CoastMedia, Inc."}
    assert (answer["owners"], answer["unknown_owners"]) == (1, 0)
    told = program("sources", "").out
    assert f"{len(names)} sources of 1 owner\n" in told
    assert f"{len(names):6}  CoastMedia, Inc.\n" in told
    (row, *_) = csv.DictReader(io.StringIO(program("sources", "", "--csv").out))
    assert (list(row)[-1], row["owner"]) == ("owner", "CoastMedia, Inc.")
    assert "owner" not in program("sources", "whales").out


def test_docket(program: Program, filled: Path) -> None:
    answer = program("docket", "--json").json
    assert misfits(answer, DOCKET) == []
    assert len(answer["measures"]) == 2
    (fresno,) = program("docket", "Fresno, CA", "--json").json["measures"]
    assert fresno["jurisdiction"] == {"name": "Fresno", "type": "city", "state": "CA"}
    (action,) = fresno["actions"]
    assert (action["vote"]["for"], action["vote"]["against"]) == (5, 2)
    assert len(action["articles"]) == len(action["evidence"]) == 2
    assert program("docket", "TX", "--json").json["measures"] == [
        measure for measure in answer["measures"] if measure["jurisdiction"]["state"] == "TX"
    ]
    assert program("docket", "Austin, TX", "--json").json == {"measures": []}


def test_docket_in_words_and_as_csv(program: Program, filled: Path) -> None:
    told = program("docket", "CA").out
    assert "Fresno, CA: ordinance" in told
    assert "5-2" in told
    assert "No measure is known there." in program("docket", "NV").out
    rows = list(csv.DictReader(io.StringIO(program("docket", "--csv").out)))
    assert {row["place"] for row in rows} == {"Fresno, CA", "Smith County, TX"}
    assert {row["vote"] for row in rows} == {"5-2", "4-1"}


def test_why(program: Program, filled: Path) -> None:
    outcomes = {}
    for url in ("bee.example/fresno", "wire.example/fresno-council", "bee.example/lunch", "post.example/gone"):
        answer = program("why", f"https://{url}", "--json").json
        assert misfits(answer, WHY) == []
        assert answer["steps"]
        outcomes[url] = (answer["outcome"], answer["reason"])
    assert sorted(outcome for outcome, _ in outcomes.values()) == ["article", "copy", "discard", "discard"]
    assert outcomes["bee.example/lunch"] == ("discard", "irrelevant")
    assert outcomes["post.example/gone"][1].startswith("Gone: ")


def test_why_of_what_nobody_saw(program: Program, filled: Path) -> None:
    answer = program("why", "https://nowhere.example/", "--json").json
    assert (answer["outcome"], answer["steps"]) == ("unknown", [])
    assert "no feed has brought" in program("why", "https://nowhere.example/").out
    assert program("why", "gopher://old.example/", "--json", status=1).json["error"]["class"] == "UserError"


def test_why_takes_any_form_of_the_address(program: Program, filled: Path) -> None:
    known = program("why", "https://bee.example/fresno", "--json").json
    other = program("why", "HTTPS://BEE.example:443/fresno?utm_source=x#top", "--json").json
    assert other["steps"] == known["steps"]
    assert program("why", "https://bee.example/fresno").out.splitlines()[0] in ("article", "copy")
    assert program("why", "bee.example/fresno/").out.splitlines()[1] == "known as https://bee.example/fresno"


def test_status_of_nothing_is_well(program: Program) -> None:
    answer = program("status", "--json").json
    assert misfits(answer, STATUS) == []
    assert answer["healthy"] is True
    assert "error" not in answer
    assert set(answer["counts"].values()) == {0}


def test_status_when_nobody_polls(program: Program, filled: Path) -> None:
    answer = program("status", "--json", status=1).json
    assert misfits(answer, STATUS) == []
    assert answer["healthy"] is False
    assert [check["name"] for check in answer["checks"] if not check["ok"]] == ["polling"]
    assert answer["error"]["class"] == "Unhealthy"
    assert answer["error"]["reason"].startswith("polling: 3 feeds are overdue")
    assert answer["counts"]["articles"] == 3
    assert answer["counts"]["alerts_sent"] == 2
    assert "ILL" in program("status", status=1).out
