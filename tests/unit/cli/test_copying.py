"""``archive copy``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.cli.conftest import Program


@pytest.fixture
def there(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'there.sqlite3'}"


def test_the_copy_answers_like_the_archive_in_use(program: Program, filled: Path, there: str) -> None:
    here = f"sqlite:///{filled / 'archive.sqlite3'}"
    ran = program("archive", "copy", "--from", here, "--to", there, "--json")
    assert ran.json["counts"] == ran.json["source"] == ran.json["created"]
    assert ran.json["counts"]["article"] == 3
    assert (ran.json["differences"], ran.json["changed"]) == ([], False)
    env = {"SANCTUARY_WATCH_ARCHIVE_URL": there}
    for question in (["search", ""], ["docket"], ["timeline", ""], ["sources", ""], ["alerts", "list"]):
        assert program(*question, "--json", env=env).json == program(*question, "--json").json
    again = program("archive", "copy", "--to", there)
    assert "No difference was found." in again.out
    assert again.err == ""


def test_differences_are_told_and_settled_on_request(program: Program, filled: Path, there: str) -> None:
    program("archive", "copy", "--to", there)
    program("subscriptions", "add", "--to", "other@example.org", env={"SANCTUARY_WATCH_ARCHIVE_URL": there})
    ran = program("archive", "copy", "--to", there, "--json", status=1)
    assert ran.json["different"]["subscription"] == 1
    assert ran.json["error"]["class"] == "Differences"
    ran = program("archive", "copy", "--to", there, status=1)
    assert "is in the target alone" in ran.out
    assert "--replace and --remove" in ran.out
    program("archive", "copy", "--to", there, "--remove", "--replace", "--sample")
    assert len(program("subscriptions", "list", "--json").json["subscriptions"]) == 1


def test_what_cannot_be_copied(program: Program, filled: Path, tmp_path: Path, there: str) -> None:
    ran = program("archive", "copy", "--json", status=1)
    assert ran.json["error"] == {"class": "UserError", "reason": "an archive cannot be copied to itself"}
    program("archive", "copy", "--to", f"sqlite:///{filled}/../{filled.name}/archive.sqlite3", status=1)
    ran = program("archive", "copy", "--from", there, "--json", status=1)
    assert "no such file" in ran.json["error"]["reason"]
    assert not (tmp_path / "there.sqlite3").exists()
    (tmp_path / "there.sqlite3").touch()
    ran = program("archive", "copy", "--from", there, "--remove", "--json", status=1)
    assert "the source is empty" in ran.json["error"]["reason"]
    assert program("search", "", "--json").json["total"] == 3
