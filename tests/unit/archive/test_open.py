"""Archives by URL."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline import errors
from pipeline.archive import open_archive
from pipeline.model import Article
from tests.unit.archive.samples import article


def test_a_file_is_made_with_its_folder_and_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "new" / "archive.sqlite3"
    archive = open_archive(f"sqlite:///{file}")
    archive.create(article())
    archive.close()
    assert file.stat().st_mode & 0o077 == 0
    again = open_archive(f"sqlite:///{file}")
    assert again.count(Article) == 1
    again.close()


def test_a_relative_file_lies_in_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    archive = open_archive("sqlite:///here.sqlite3")
    monkeypatch.chdir("/")
    archive.create(article())
    archive.close()
    assert (tmp_path / "here.sqlite3").exists()


@pytest.mark.parametrize("url", ["postgres://host/db", "archive.sqlite3", ""])
def test_a_class_of_archive_that_is_not_there_is_named(url: str) -> None:
    with pytest.raises(errors.UserError, match="are not available in this release; it has sqlite://"):
        open_archive(url)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///", "sqlite://relative.sqlite3"])
def test_an_sqlite_url_needs_a_file(url: str) -> None:
    with pytest.raises(errors.UserError, match="sqlite:///FILE"):
        open_archive(url)


def test_a_file_that_is_no_archive_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "letter.txt"
    file.write_text("Dear editor, " * 1000)
    with pytest.raises(errors.UserError, match="damaged"):
        open_archive(f"sqlite:///{file}")
    assert file.read_text().startswith("Dear editor")


def test_a_folder_that_cannot_be_made_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(errors.Unavailable):
        open_archive(f"sqlite:///{tmp_path / 'file' / 'archive.sqlite3'}")
