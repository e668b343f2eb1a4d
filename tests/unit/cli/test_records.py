"""``subscriptions``, ``quarantine``, ``measures``, ``alerts`` and ``archive``."""

from __future__ import annotations

import csv
import email
import email.policy
import io
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.errors import Unreadable
from pipeline.ledger import decide, quarantine
from pipeline.model import Entry, make_id
from tests.integration.world import World, small_web
from tests.unit.cli.conftest import Program
from tests.unit.cli.shapes import ALERTS, ARCHIVE, DOCKET, FAILED, QUARANTINE, SUBSCRIPTIONS, misfits


# ------------------------------------------------------------------ subscriptions
def test_subscriptions_are_added_listed_and_removed(program: Program) -> None:
    added = program(
        *("subscriptions", "add", "--to", "reader@example.org", "--name", "west", "--json"),
        *("--places", "CA,Austin, TX", "--directions", "limits_cooperation", "--kinds", "new,repeal"),
    ).json
    assert misfits(added, SUBSCRIPTIONS) == []
    (row,) = added["subscriptions"]
    assert (row["to"], row["name"]) == ("reader@example.org", "west")
    assert (row["places"], row["directions"]) == (["CA", "Austin, TX"], ["limits_cooperation"])
    assert row["kinds"] == ["new", "repeal"]
    assert program("subscriptions", "list", "--json").json == added
    assert "Austin, TX" in program("subscriptions", "list").out
    assert len(program("subscriptions", "list", "--csv").out.splitlines()) == 2
    assert program("subscriptions", "remove", row["id"], "--json").json == added
    assert program("subscriptions", "list", "--json").json == {"subscriptions": []}
    assert "Nobody has subscribed." in program("subscriptions", "list").out
    assert misfits(program("subscriptions", "remove", row["id"], "--json", status=1).json, FAILED) == []


def test_all_of_an_address_are_removed(program: Program) -> None:
    for arguments in (
        ["--to", "a@example.org"],
        ["--to", "a@example.org", "--places", "CA"],
        ["--to", "b@example.org"],
    ):
        program("subscriptions", "add", *arguments)
    assert "2 removed" in program("subscriptions", "remove", "a@example.org").out
    assert [row["to"] for row in program("subscriptions", "list", "--json").json["subscriptions"]] == ["b@example.org"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["--to", "nobody"],
        ["--to", "a@example.org\nBcc: b@example.org"],
        ["--to", "a@example.org", "--places", "Atlantis, ZZ"],
        ["--to", "a@example.org", "--directions", "up"],
        ["--to", "a@example.org", "--kinds", "all"],
    ],
)
def test_wishes_that_cannot_be_met(program: Program, arguments: list[str]) -> None:
    ran = program("subscriptions", "add", *arguments, "--json", status=1)
    assert misfits(ran.json, FAILED) == []
    assert program("subscriptions", "list", "--json").json == {"subscriptions": []}


def test_wrong_usage_of_subscriptions(program: Program) -> None:
    program("subscriptions", "add", status=2)
    program("subscriptions", "add", "--to", "a@example.org", "--min-confidence", "2", status=2)


def test_subscriptions_from_a_file(program: Program, tmp_path: Path) -> None:
    file = tmp_path / "subscriptions.toml"
    file.write_text('[[subscription]]\nto = "a@example.org"\nplaces = ["CA"]\n[[subscription]]\nto = "b@example.org"\n')
    rows = program("subscriptions", "import", str(file), "--json").json
    assert misfits(rows, SUBSCRIPTIONS) == []
    assert [row["to"] for row in rows["subscriptions"]] == ["a@example.org", "b@example.org"]
    program("subscriptions", "import", str(file))
    assert len(program("subscriptions", "list", "--json").json["subscriptions"]) == 2, "again changes nothing"
    file.write_text("[[subscription]]\nname = 'without address'\n")
    assert misfits(program("subscriptions", "import", str(file), "--json", status=1).json, FAILED) == []
    file.write_bytes(b"\xff")
    assert misfits(program("subscriptions", "import", str(file), "--json", status=1).json, FAILED) == []


# ------------------------------------------------------------------ quarantine
@pytest.fixture
def spoilt(filled: Path) -> str:
    """The id under which an entry of ``filled`` is quarantined."""
    world = World(filled, small_web())
    entry = make_id("article", "https://spoilt.example/page")
    with world.tools() as tools:
        known = tools.archive.get(Entry, make_id("article", "https://bee.example/lunch"))
        assert known
        tools.archive.create(replace(known.record, id=entry, url="https://spoilt.example/page", outcome="waiting"))
        quarantine(tools, "entry", entry, "https://spoilt.example/page", "take in", Unreadable("no \x1b[31mpage"))
        decide(tools, entry, "quarantine", "Unreadable: no page", [])
    return make_id("quarantine", "entry", entry)


def test_quarantine_is_listed_and_shown(program: Program, spoilt: str) -> None:
    rows = program("quarantine", "list", "--json").json
    assert misfits(rows, QUARANTINE) == []
    (row,) = rows["quarantine"]
    assert (row["id"], row["what"], row["error"]["class"]) == (spoilt, "entry", "Unreadable")
    assert program("quarantine", "show", spoilt, "--json").json == rows
    told = program("quarantine", "list").out
    assert "https://spoilt.example/page" in told
    assert "\x1b" not in told
    (told_row,) = csv.DictReader(io.StringIO(program("quarantine", "list", "--csv").out))
    assert told_row["error"].startswith("Unreadable: ")
    assert program("why", "https://spoilt.example/page", "--json").json["outcome"] == "quarantine"
    assert program("status", "--json", status=1).json["counts"]["quarantine"] == 1


def test_quarantine_retry(program: Program, spoilt: str) -> None:
    assert misfits(program("quarantine", "retry", spoilt, "--json").json, QUARANTINE) == []
    assert program("quarantine", "list", "--json").json == {"quarantine": []}
    answer = program("why", "https://spoilt.example/page", "--json").json
    assert answer["outcome"] == "unknown"
    assert answer["steps"][-1]["result"] == "taken out of quarantine"
    assert program("status", "--json", status=1).json["counts"]["due_entries"] == 1


def test_quarantine_drop(program: Program, spoilt: str) -> None:
    program("quarantine", "drop", spoilt)
    assert "Quarantine is empty." in program("quarantine", "list").out
    assert program("why", "https://spoilt.example/page", "--json").json["outcome"] == "quarantine", "it stays so"
    for command in ("show", "retry", "drop"):
        assert misfits(program("quarantine", command, spoilt, "--json", status=1).json, FAILED) == []


# ------------------------------------------------------------------ measures
def measures(program: Program) -> dict[str, str]:
    """Ids of the measures by the name of their place."""
    return {row["jurisdiction"]["name"]: row["id"] for row in program("docket", "--json").json["measures"]}


def test_measures_are_corrected(program: Program, filled: Path) -> None:
    fresno = measures(program)["Fresno"]
    ran = program(
        *("measures", "correct", fresno, "--set", "identifier=Ordinance 2026-7", "--set", "instrument=resolution"),
        *("--why", "the clerk's list", "--json"),
    )
    assert misfits(ran.json, DOCKET) == []
    (measure,) = program("docket", "Fresno, CA", "--json").json["measures"]
    assert (measure["identifier"], measure["instrument"]) == ("Ordinance 2026-7", "resolution")
    action = measure["actions"][0]["id"]
    program("measures", "correct", fresno, "--action", action, "--set", "vote=6-1", "--set", "date=2026-03-03")
    (measure,) = program("docket", "Fresno, CA", "--json").json["measures"]
    assert (measure["actions"][0]["vote"]["for"], measure["actions"][0]["date"]) == (6, "2026-03-03")


def test_corrections_that_make_no_sense(program: Program, filled: Path) -> None:
    fresno = measures(program)["Fresno"]
    for arguments in (
        ["nobody", "--set", "instrument=resolution"],
        [fresno, "--set", "instrument"],
        [fresno, "--set", "instrument=poem"],
        [fresno, "--set", "colour=red"],
        [fresno, "--action", "none", "--set", "vote=6-1"],
    ):
        assert misfits(program("measures", "correct", *arguments, "--json", status=1).json, FAILED) == []
    program("measures", "correct", fresno, status=2)
    program("measures", "correct", fresno, "--retract", status=2)
    program("measures", "correct", fresno, "--retract", "--why", "none", "--set", "instrument=resolution", status=2)
    program("measures", "correct", fresno, "--retract", "--why", "none", "--action", "a", status=2)


def test_a_measure_that_is_none_is_retracted(program: Program, filled: Path) -> None:
    fresno = measures(program)["Fresno"]
    assert program("search", f"measure:{fresno}", "--json").json["total"] > 0
    ran = program("measures", "correct", fresno, "--retract", "--why", "a rally, no vote", "--json")
    assert ran.json == {"measures": []}
    assert "withdrew Fresno, CA" in program("measures", "correct", fresno, "--retract", "--why", "again").out
    assert "Fresno" not in measures(program)
    assert program("docket", "Fresno, CA", "--json").json == {"measures": []}
    assert program("search", f"measure:{fresno}", "--json").json["total"] == 0
    program("measures", "correct", fresno, "--set", "instrument=resolution", status=1)


def test_measures_are_split_and_merged_again(program: Program, filled: Path) -> None:
    fresno = measures(program)["Fresno"]
    (whole,) = program("docket", "Fresno, CA", "--json").json["measures"]
    article = whole["actions"][0]["articles"][1]
    parts = program("measures", "split", fresno, "--article", article, "--why", "another ordinance", "--json").json
    assert misfits(parts, DOCKET) == []
    assert len(parts["measures"]) == 2
    other = next(measure["id"] for measure in parts["measures"] if measure["id"] != fresno)
    assert len(program("docket", "Fresno, CA", "--json").json["measures"]) == 2
    merged = program("measures", "merge", other, fresno, "--why", "it was one", "--json").json
    assert misfits(merged, DOCKET) == []
    (measure,) = program("docket", "Fresno, CA", "--json").json["measures"]
    assert measure["id"] == fresno
    assert sum(len(action["articles"]) for action in measure["actions"]) == 2
    assert program("measures", "merge", fresno, fresno, "--json", status=1).json["error"]["class"] == "UserError"
    assert program("measures", "merge", other, fresno, "--json", status=1).json["error"]["class"] == "UserError"


def test_measures_are_merged_across_dockets(program: Program, filled: Path) -> None:
    known = measures(program)
    program("measures", "merge", known["Smith County"], known["Fresno"], "--why", "a test")
    assert list(measures(program)) == ["Fresno"]
    found = program("search", "tyler", "--json").json["articles"]
    assert found[0]["measures"] == [known["Fresno"]]
    assert program("archive", "verify", "--json").json["differences"] == []


# ------------------------------------------------------------------ alerts
def test_alerts_are_listed(program: Program, filled: Path) -> None:
    rows = program("alerts", "list", "--json").json
    assert misfits(rows, ALERTS) == []
    assert [(row["kind"], row["state"], row["attempts"]) for row in rows["alerts"]] == [("new", "sent", 1)] * 2
    assert all(row["message_id"].startswith("<") and row["sent"] for row in rows["alerts"])
    assert "sent" in program("alerts", "list").out
    assert len(program("alerts", "list", "--csv").out.splitlines()) == 3


def test_a_mail_is_previewed_in_three_forms(program: Program, filled: Path, tmp_path: Path) -> None:
    fresno = measures(program)["Fresno"]
    ran = program("alerts", "preview", fresno, "--out", str(tmp_path / "p"), "--to", "me@example.org", "--json")
    assert misfits(ran.json, ALERTS) == []
    files = {path.suffix: path for path in (tmp_path / "p").iterdir()}
    assert sorted(files) == [".eml", ".html", ".txt"]
    assert all(str(path) in ran.err for path in files.values())
    mail = email.message_from_bytes(files[".eml"].read_bytes(), policy=email.policy.default)
    assert mail["To"] == "me@example.org"
    assert "Fresno" in mail["Subject"]
    assert "5-2" in files[".txt"].read_text()
    assert "<html" in files[".html"].read_text()
    assert len(program("alerts", "list", "--json").json["alerts"]) == 2, "nothing is recorded"
    assert "Fresno" in program("alerts", "preview", fresno, "--out", str(tmp_path / "q")).out


def test_preview_without_an_id_takes_the_newest(program: Program, filled: Path, tmp_path: Path) -> None:
    program("alerts", "preview", "--out", str(tmp_path / "p"))
    assert len(list((tmp_path / "p").iterdir())) == 3


def test_preview_of_nothing(program: Program, tmp_path: Path) -> None:
    for arguments in ([], ["nobody"]):
        ran = program("alerts", "preview", *arguments, "--out", str(tmp_path / "p"), "--json", status=1)
        assert misfits(ran.json, FAILED) == []
    assert not (tmp_path / "p").exists()


# ------------------------------------------------------------------ archive
def test_archive_verify(program: Program, filled: Path) -> None:
    answer = program("archive", "verify", "--json").json
    assert misfits(answer, ARCHIVE) == []
    assert answer["counts"]["article"] == 3
    assert answer["counts"]["entry"] == 6
    assert answer["differences"] == []
    assert "All is as it should be." in program("archive", "verify").out


def test_archive_verify_finds_what_is_wrong(program: Program, filled: Path) -> None:
    with sqlite3.connect(filled / "archive.sqlite3") as connection:
        connection.execute("DELETE FROM entry WHERE id = ?", (make_id("article", "https://bee.example/fresno"),))
    connection.close()
    ran = program("archive", "verify", "--json", status=1)
    assert misfits(ran.json, ARCHIVE) == []
    assert ran.json["differences"]
    assert misfits(ran.json, FAILED) == []


def test_archive_backup(program: Program, filled: Path, tmp_path: Path) -> None:
    copy = tmp_path / "backup" / "copy.sqlite3"
    copy.parent.mkdir()
    assert misfits(program("archive", "backup", str(copy), "--json").json, ARCHIVE) == []
    env = {"SANCTUARY_WATCH_ARCHIVE_URL": f"sqlite:///{copy}"}
    assert program("search", "", "--json", env=env).json == program("search", "", "--json").json
    assert misfits(program("archive", "backup", str(copy), "--json", status=1).json, FAILED) == []


def test_archive_migrate(program: Program, filled: Path) -> None:
    assert misfits(program("archive", "migrate", "--json").json, ARCHIVE) == []


def test_archive_forget(program: Program, filled: Path) -> None:
    url = "https://bee.example/fresno"
    assert misfits(program("archive", "forget", url, "--json").json, ARCHIVE) == []
    assert program("why", url, "--json").json["outcome"] == "unknown"
    assert url not in program("search", "", "--json").out
    assert program("archive", "verify", "--json").json["differences"] == []
    assert misfits(program("archive", "forget", url, "--json", status=1).json, FAILED) == []
