"""What is said of subscriptions and alerts on the command line beyond adding and listing them."""

from __future__ import annotations

import mailbox
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from config.settings import Settings
from pipeline.alerts.bounces import envelope_sender
from pipeline.alerts.tokens import may_report
from pipeline.archive import open_archive
from pipeline.archive.base import every
from pipeline.model import Alert, Subscription, utc_now
from tests.unit.alerts.test_bounces import report
from tests.unit.cli.conftest import Program
from tests.unit.cli.shapes import ALERTS, FAILED, SUBSCRIPTIONS, misfits
from tests.unit.policy.builders import article, join_all, place, tally
from tests.unit.policy.builders import report as reported

ROW = "0123456789abcdef01234567"


@pytest.fixture(autouse=True)
def reader(program: Program) -> None:
    """One subscriber to everything, and with her the home folder and all in it."""
    program("subscriptions", "add", "--to", "reader@example.org")


def stop(home: Path) -> None:
    with closing(open_archive(f"sqlite:///{home / 'archive.sqlite3'}")) as archive:
        for stored in every(archive, Subscription):
            archive.replace(replace(stored.record, stopped="550 5.1.1 no such user"), stored.version)


def adopted(home: Path) -> None:
    """Two towns have adopted an ordinance lately."""
    now = utc_now()
    day, seen = f"{now - timedelta(days=2):%Y-%m-%d}", f"{now - timedelta(days=1):%Y-%m-%d}"
    with closing(open_archive(f"sqlite:///{home / 'archive.sqlite3'}")) as archive:
        for town in ("Reno", "Sparks"):
            told = reported("adopted", day, where=place(town, "NV"), vote=tally(5, 2), topic="sanctuary city ordinance")
            docket, _ = join_all([(told, article(told, published=seen))], mint=lambda: f"m-{town}")  # noqa: B023
            archive.create(docket)


# ------------------------------------------------------------------ subscriptions
def test_what_it_would_have_sent_is_shown_and_a_dry_run_adds_nothing(program: Program, home: Path) -> None:
    adopted(home)
    wish = ("subscriptions", "add", "--to", "new@example.org", "--places", "Reno, NV")
    answer = program(*wish, "--dry-run", "--json").json
    (would,) = answer["would_have_sent"]
    assert would["subject"] == "Reno, NV adopts sanctuary city ordinance (5-2)"
    assert len(program("subscriptions", "list", "--json").json["subscriptions"]) == 1
    shown = program(*wish).out
    assert "In the last 90 days it would have sent 1; of these nothing is sent." in shown
    assert "Reno, NV adopts sanctuary city ordinance (5-2)" in shown
    assert program("alerts", "list", "--json").json == {"alerts": []}


def test_every_wish_can_be_said_and_comes_back_from_a_file(program: Program, home: Path, tmp_path: Path) -> None:
    added = program(
        *("subscriptions", "add", "--to", "desk@example.org", "--query", "detainer OR jail", "--near", "Reno, NV"),
        *("--miles", "50", "--when", "weekly", "--at", "6:30", "--weekday", "Friday", "--zone", "America/Los_Angeles"),
        *("--quiet", "22:00-05:00", "--kinds", "every", "--json"),
    ).json
    (row,) = added["subscriptions"]
    assert (row["query"], row["near"], row["miles"]) == ("detainer OR jail", "Reno, NV", 50.0)
    assert (row["when"], row["at"], row["weekday"], row["quiet"]) == ("weekly", "06:30", "friday", "22:00-05:00")
    program("subscriptions", "add", "--channel", "webhook", "--to", "https://hooks.example.org/x")
    feed = program("subscriptions", "add", "--channel", "feed", "--name", "My feed")
    assert "/alerts/" in feed.err
    before = program("subscriptions", "list", "--json").json
    file = tmp_path / "all.toml"
    file.write_text(program("subscriptions", "export").out)
    again = program("subscriptions", "import", str(file), "--json").json
    assert sorted(row["id"] for row in again["subscriptions"]) == sorted(row["id"] for row in before["subscriptions"])
    assert program("subscriptions", "list", "--json").json == before


@pytest.mark.parametrize(
    "arguments",
    [
        ["--near", "Reno, NV"],
        ["--miles", "5"],
        ["--near", "CA", "--miles", "5"],
        ["--near", "Reno, NV", "--miles", "501"],
        ["--query", "place:("],
        ["--when", "yearly"],
        ["--at", "25:00"],
        ["--weekday", "someday"],
        ["--zone", "Mars/Phobos"],
        ["--quiet", "late"],
        ["--channel", "pigeon"],
        ["--channel", "webhook"],
        ["--channel", "feed"],
    ],
)
def test_wishes_that_cannot_be_met(program: Program, home: Path, arguments: list[str]) -> None:
    ran = program("subscriptions", "add", "--to", "new@example.org", *arguments, "--json", status=1)
    assert misfits(ran.json, FAILED) == []
    assert len(program("subscriptions", "list", "--json").json["subscriptions"]) == 1


def test_a_refused_address_shows_why_and_is_resumed(program: Program, home: Path) -> None:
    stop(home)
    (row,) = program("subscriptions", "list", "--json").json["subscriptions"]
    assert row["stopped"] == "550 5.1.1 no such user"
    resumed = program("subscriptions", "resume", "READER@example.org", "--json").json
    assert misfits(resumed, SUBSCRIPTIONS) == []
    assert resumed["subscriptions"][0]["stopped"] == ""
    program("subscriptions", "resume", "nobody@example.org", status=1)


def test_a_test_mail_lies_in_the_outbox(program: Program, home: Path) -> None:
    answer = program("subscriptions", "test", "reader@example.org", "--json").json
    assert misfits(answer, SUBSCRIPTIONS) == []
    (mail,) = (home / "outbox").glob("*.eml")
    assert b"Subject: Test: alerts will come this way" in mail.read_bytes()


# ------------------------------------------------------------------ alerts
def test_a_digest_is_previewed(program: Program, home: Path, tmp_path: Path) -> None:
    program("alerts", "preview", "--digest", status=1)
    adopted(home)
    answer = program("alerts", "preview", "--digest", "--out", str(tmp_path), "--json").json
    assert misfits(answer, ALERTS) == []
    assert len(answer["alerts"]) == 2
    for ending in ("eml", "html", "txt"):
        assert "Sparks, NV" in (tmp_path / f"digest.{ending}").read_text()


def keep_row(home: Path) -> Settings:
    """A mail of the reader's was sent; bounces prove themselves by their envelope sender."""
    settings = Settings(home=home, secret_key=(home / "secret_key").read_text(), bounce_domain="b.example.org")
    now = utc_now()
    with closing(open_archive(f"sqlite:///{home / 'archive.sqlite3'}")) as archive:
        (stored,) = every(archive, Subscription)
        archive.create(Alert(ROW, stored.record.id, "d", "m", "a", "new", now, now, state="sent"))
    return settings


@pytest.mark.parametrize("form", ["message", "mbox", "maildir"])
def test_bounces_are_read_from_whatever_mail_is_kept_in(
    program: Program, home: Path, tmp_path: Path, form: str
) -> None:
    data = report(envelope_sender(ROW, keep_row(home)))
    path = tmp_path / form
    if form == "message":
        path.write_bytes(data)
    else:
        box = mailbox.mbox(path) if form == "mbox" else mailbox.Maildir(path)
        box.add(b"To: alerts@example.org\r\n\r\nI am on holiday.\r\n")
        box.add(data)
        box.close()
    for _ in range(2):
        answer = program("alerts", "bounces", str(path), "--json").json
        assert answer["read"] == (1 if form == "message" else 2)
        (bounce,) = answer["bounces"]
        assert (bounce["recipient"], bounce["status"]) == ("reader@example.net", "5.1.1")
        assert bounce["subscription"]
    (row,) = program("subscriptions", "list", "--json").json["subscriptions"]
    assert row["stopped"].startswith("returned: smtp; 550 5.1.1")
    assert "5.1.1" in program("alerts", "bounces", str(path)).out


def test_the_address_for_bounces_is_told_when_there_is_a_web(
    program: Program, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = program("alerts", "bounces-address", "--json", status=1)
    assert misfits(failed.json, FAILED) == []
    assert "SANCTUARY_WATCH_PUBLIC_URL" in failed.json["error"]["reason"]
    monkeypatch.setenv("SANCTUARY_WATCH_PUBLIC_URL", "https://watch.example.org/news/")
    url = program("alerts", "bounces-address", "--json").json["url"]
    base, _, token = url.rpartition("/")
    assert base == "https://watch.example.org/news/bounces"
    assert may_report((home / "secret_key").read_text(), token)
    assert program("alerts", "bounces-address").out == f"{url}\n"


def test_what_holds_no_mail_says_so(program: Program, home: Path, tmp_path: Path) -> None:
    program("alerts", "bounces", str(tmp_path / "nothing"), status=1)
    program("alerts", "bounces", str(tmp_path), status=1)
    (tmp_path / "note").write_text("hello")
    assert "none of them about a mail of ours" in program("alerts", "bounces", str(tmp_path / "note")).out
