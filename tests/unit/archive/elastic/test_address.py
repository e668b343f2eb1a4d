"""URLs of Elasticsearch archives."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline import errors
from pipeline.archive.elastic.address import PREFIX, Address, read_address


def test_a_url_says_where_and_how(tmp_path: Path) -> None:
    authority = tmp_path / "ca.pem"
    authority.touch()
    url = (
        "elasticsearch+https://watch:p%40ss%2Fword@one.example:9200,two.example,[::1]:9201/news-2"
        f"?replicas=2&shards=3&refresh=5s&compress=true&ca={authority}"
    )
    assert read_address(url) == Address(
        hosts=("https://one.example:9200", "https://two.example:9200", "https://[::1]:9201"),
        prefix="news-2",
        user="watch",
        password="p@ss/word",
        ca=authority,
        replicas=2,
        shards=3,
        refresh="5s",
        compress=True,
    )


@pytest.mark.parametrize("url", ["elasticsearch+http://localhost", "elasticsearch+http://localhost:9200/"])
def test_what_is_not_said_has_a_default(url: str) -> None:
    assert read_address(url) == Address(hosts=("http://localhost:9200",), prefix=PREFIX)


def test_options_may_follow_the_host() -> None:
    assert read_address("elasticsearch+http://localhost:1?replicas=0").replicas == 0


@pytest.mark.parametrize(
    ("rest", "sentence"),
    [
        ("", "no host:port"),
        ("host:99999", "no host:port"),
        ("host:port", "no host:port"),
        ("one,,two", "no host:port"),
        (":secret@host", "a password needs a user"),
        ("u:secret@host/Big", "cannot begin the names of indices"),
        ("u:secret@host/a/b", "cannot begin the names of indices"),
        ("u:secret@host/_a", "cannot begin the names of indices"),
        ("u:secret@host?replicas=many", "a number from 0 to 10"),
        ("u:secret@host?shards=0", "a number from 1 to 100"),
        ("u:secret@host?refresh=-1", "a time such as 1s"),
        ("u:secret@host?refresh=0s", "a time such as 1s"),
        ("u:secret@host?compress=yes", "true or false"),
        ("u:secret@host?verify=false", "no option 'verify'"),
        ("u:secret@host?ca=/etc/hostname", "needs https"),
    ],
)
def test_what_cannot_be_used_is_refused_without_showing_the_password(rest: str, sentence: str) -> None:
    with pytest.raises(errors.UserError, match=sentence) as raised:
        read_address(f"elasticsearch+http://{rest}")
    assert "secret" not in str(raised.value)


def test_a_certificate_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(errors.UserError, match="there is no such file"):
        read_address(f"elasticsearch+https://host?ca={tmp_path / 'none.pem'}")


def test_an_address_is_shown_without_credentials() -> None:
    address = read_address("elasticsearch+http://watch:secret@one.example,two.example/news")
    assert str(address) == "http://one.example:9200, http://two.example:9200/news"
    assert "secret" not in repr(address)
