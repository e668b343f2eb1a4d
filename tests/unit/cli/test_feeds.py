"""``feeds``: add, import, export, remove, list, check."""

from __future__ import annotations

import csv
import io
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.integration.world import NOW, rss
from tests.unit.cli.conftest import Program
from tests.unit.cli.shapes import CHECK, FAILED, FEEDS, misfits
from tests.unit.servers import serving

BEE = "https://bee.example/feed"
LOOPBACK = {"SANCTUARY_WATCH_ALLOW_NETWORKS": "127.0.0.0/8"}
OPML = """<?xml version="1.0"?><opml version="2.0"><body><outline text="California">
<outline type="rss" text="Bee" xmlUrl="https://bee.example/feed" place="Fresno, CA" kind="news"/>
<outline type="rss" text="Wire" xmlUrl="https://wire.example/feed" kind="wire" owner="Coast Media"/>
</outline></body></opml>"""


def test_what_is_added_is_seen_by_the_next_command(program: Program) -> None:
    added = program("feeds", "add", BEE, "--place", "Fresno, CA", "--kind", "news", "--title", "Bee", "--json").json
    assert misfits(added, FEEDS) == []
    (row,) = added["feeds"]
    assert (row["url"], row["title"], row["place"], row["kind"]) == (BEE, "Bee", "Fresno, CA", "news")
    assert (row["healthy"], row["last_success"], row["error"]) == (False, None, None), "it was not polled yet"
    assert row["next_poll"]
    assert program("feeds", "list", "--json").json == added


def test_a_known_url_is_updated(program: Program) -> None:
    program("feeds", "add", BEE, "--place", "Fresno, CA", "--title", "Bee")
    program("feeds", "add", BEE, "--kind", "opinion")
    program("feeds", "add", BEE, "--place", "CA")
    (row,) = program("feeds", "list", "--json").json["feeds"]
    assert (row["title"], row["place"], row["kind"]) == ("Bee", "CA", "opinion"), "what is not said stays"


def test_an_owner_is_what_the_operator_says_else_what_is_known_of_the_site(program: Program) -> None:
    mirror = "https://azmirror.com/feed/"
    program("feeds", "add", mirror)
    assert [row["owner"] for row in program("feeds", "list", "--json").json["feeds"]] == ["States Newsroom"]
    assert "owner=" not in program("feeds", "export").out.partition("<body>")[2]
    program("feeds", "add", mirror, "--owner", " Mirror \n\x1b Trust ")
    program("feeds", "add", mirror, "--kind", "news")
    (row,) = program("feeds", "list", "--json").json["feeds"]
    assert row["owner"] == "Mirror Trust", "what is not said stays"
    assert "Mirror" in program("feeds", "list").out
    assert 'owner="Mirror Trust"' in program("feeds", "export").out


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        (["ftp://bee.example/feed"], "Refused"),
        (["no address"], "Refused"),
        ([BEE, "--kind", "gossip"], "UserError"),
        ([BEE, "--place", "Atlantis, ZZ"], "UserError"),
    ],
)
def test_what_cannot_be_watched(program: Program, arguments: list[str], kind: str) -> None:
    ran = program("feeds", "add", *arguments, "--json", status=1)
    assert misfits(ran.json, FAILED) == []
    assert ran.json["error"]["class"] == kind
    assert program("feeds", "list", "--json").json == {"feeds": []}


def test_remove(program: Program) -> None:
    program("feeds", "add", BEE)
    removed = program("feeds", "remove", BEE, "--json").json
    assert misfits(removed, FEEDS) == []
    assert [row["url"] for row in removed["feeds"]] == [BEE]
    assert program("feeds", "list", "--json").json == {"feeds": []}
    assert program("feeds", "remove", BEE, "--json", status=1).json["error"]["class"] == "UserError"


def test_import_and_export_opml(program: Program, tmp_path: Path) -> None:
    file = tmp_path / "feeds.opml"
    file.write_text(OPML)
    ran = program("feeds", "import", str(file), "--json")
    assert misfits(ran.json, FEEDS) == []
    assert [(row["title"], row["place"], row["kind"], row["owner"]) for row in ran.json["feeds"]] == [
        ("Bee", "Fresno, CA", "news", ""),
        ("Wire", "", "wire", "Coast Media"),
    ]
    assert "2 feeds are watched" in ran.err
    exported = program("feeds", "export").out
    outlines = [o.attrib for o in ET.fromstring(exported).iter("outline") if "xmlUrl" in o.attrib]
    assert {(o["xmlUrl"], o.get("place", ""), o["kind"]) for o in outlines} == {
        (BEE, "Fresno, CA", "news"),
        ("https://wire.example/feed", "", "wire"),
    }
    again = tmp_path / "again.opml"
    again.write_text(exported)
    assert program("feeds", "import", str(again), "--json").json == program("feeds", "list", "--json").json
    assert program("feeds", "export", "--json").json == program("feeds", "list", "--json").json


def test_import_csv(program: Program, tmp_path: Path) -> None:
    file = tmp_path / "feeds.CSV"
    file.write_bytes("\ufefftitle,url,place,kind,owner\nBée,https://bee.example/feed,CA,news,Bée & Co.\n".encode())
    (row,) = program("feeds", "import", str(file), "--json").json["feeds"]
    assert (row["title"], row["place"], row["owner"]) == ("Bée", "CA", "Bée & Co.")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("broken.opml", b"<opml><body><outline xmlUrl='https://bee.example/feed'/>"),
        ("page.opml", b"<html></html>"),
        ("latin.csv", "url,title\nhttps://bee.example/feed,Bée\n".encode("latin-1")),
        ("headless.csv", b"https://bee.example/feed\n"),
        ("half.csv", b"url,place\nhttps://bee.example/feed,CA\nhttps://wire.example/feed,Atlantis\n"),
    ],
)
def test_a_file_that_cannot_be_imported_changes_nothing(
    program: Program, tmp_path: Path, name: str, data: bytes
) -> None:
    file = tmp_path / name
    file.write_bytes(data)
    ran = program("feeds", "import", str(file), "--json", status=1)
    assert misfits(ran.json, FAILED) == []
    assert program("feeds", "list", "--json").json == {"feeds": []}


def test_a_file_that_is_not_there(program: Program, tmp_path: Path) -> None:
    ran = program("feeds", "import", str(tmp_path / "none.opml"), "--json", status=1)
    assert "No such file" in ran.json["error"]["reason"]


def test_list_after_a_run(program: Program, filled: Path) -> None:
    rows = program("feeds", "list", "--json").json
    assert misfits(rows, FEEDS) == []
    assert all(row["healthy"] and row["last_success"] == "2026-03-05T18:00:00Z" for row in rows["feeds"])
    table = program("feeds", "list").out
    assert all(row["title"] in table and row["url"] in table for row in rows["feeds"])
    told = list(csv.DictReader(io.StringIO(program("feeds", "list", "--csv").out)))
    assert [row["url"] for row in told] == [row["url"] for row in rows["feeds"]]


def test_names_cannot_drive_the_terminal_or_a_spreadsheet(program: Program) -> None:
    program("feeds", "add", BEE, "--title", "=cmd()\x1b[31m\u202e")
    assert "\x1b" not in program("feeds", "list").out
    (row,) = csv.DictReader(io.StringIO(program("feeds", "list", "--csv").out))
    assert row["title"].startswith("'=cmd()")


# ------------------------------------------------------------------ check
def test_check_reads_a_feed_and_records_nothing(program: Program) -> None:
    with serving() as server:
        link = f"{server.url}/one"
        server.answer("/feed", rss("Bee", [("One", link, NOW)]), Content_Type="application/rss+xml")
        ran = program("feeds", "check", f"{server.url}/feed", "--json", env=LOOPBACK)
        assert server.paths() == ["/feed"]
        assert "One" in program("feeds", "check", f"{server.url}/feed", env=LOOPBACK).out
    assert misfits(ran.json, CHECK) == []
    assert (ran.json["ok"], ran.json["http_status"], ran.json["error"]) == (True, 200, None)
    assert ran.json["items"] == [{"id": link, "title": "One", "link": link, "published": "2026-03-05T18:00:00Z"}]
    assert program("feeds", "list", "--json").json == {"feeds": []}


def test_check_of_what_is_gone(program: Program) -> None:
    with serving() as server:
        server.answer("/feed", status="404 Not Found")
        ran = program("feeds", "check", f"{server.url}/feed", "--json", status=1, env=LOOPBACK)
    assert misfits(ran.json, CHECK) == []
    assert (ran.json["ok"], ran.json["http_status"], ran.json["error"]["class"]) == (False, 404, "Gone")


def test_check_of_a_page_names_its_feeds(program: Program) -> None:
    page = b"<html><head><link rel=alternate type=application/rss+xml href=/rss></head><body>Hi</body></html>"
    with serving() as server:
        server.answer("/", page, Content_Type="text/html")
        ran = program("feeds", "check", f"{server.url}/", "--json", status=1, env=LOOPBACK)
    assert ran.json["error"]["class"] == "Unreadable"
    assert ran.json["feeds"] == [f"{server.url}/rss"]
    assert f"{server.url}/rss" in ran.json["error"]["reason"]


def test_check_is_guarded(program: Program) -> None:
    with serving() as server:
        ran = program("feeds", "check", f"{server.url}/feed", "--json", status=1)
        assert server.requests == []
    assert misfits(ran.json, CHECK) == []
    assert (ran.json["http_status"], ran.json["error"]["class"]) == (None, "Refused")
    assert "Refused" in program("feeds", "check", "http://127.0.0.1/feed", status=1).out
