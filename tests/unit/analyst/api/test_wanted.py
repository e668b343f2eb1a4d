"""What a client says that it takes."""

from __future__ import annotations

import pytest

from analyst.api.wanted import accepts, takes_gzip


@pytest.mark.parametrize(
    ("given", "lets"),
    [
        ([], True), (["*/*"], True), (["application/*;q=0.1"], True), (["text/html", "application/json"], True),
        (["text/html"], False), (["application/json;q=0"], False), (["*/*, application/json;q=0"], False),
        (["application/json;q=0, */*"], False), (["APPLICATION/JSON"], True), ([""], True), (["nonsense"], False),
        (["application/json;q=x"], True),
    ],
)  # fmt: skip
def test_accept(given: list[str], lets: bool) -> None:
    assert accepts(given, "application/json; charset=utf-8") is lets


@pytest.mark.parametrize(
    ("given", "takes"),
    [
        ([], False), ([""], False), (["gzip"], True), (["deflate, GZIP;q=0.5, br"], True), (["deflate", "gzip"], True),
        (["gzip;q=0"], False), (["gzip; q=0.0, *"], False), (["*"], True), (["*;q=0"], False), (["br"], False),
        (["x-gzipped"], False),
    ],
)  # fmt: skip
def test_gzip_is_sent_to_who_takes_it(given: list[str], takes: bool) -> None:
    assert takes_gzip(given) is takes
