"""Bytes to characters, and what is no page at all."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.articles.charset import decode, media_type, refuse_what_is_no_page
from pipeline.errors import Unreadable

TEXT = "<p>Café “Señora Doña” – sí</p>"
WESTERN = "text/html; charset=ISO-8859-1"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (TEXT.encode(), "text/html; charset=utf-8"),
        (TEXT.encode(), "text/html"),
        (TEXT.encode(), ""),
        (codecs.BOM_UTF8 + TEXT.encode(), WESTERN),
        (codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), "text/html; charset=utf-8"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), ""),
        (("<html>" + TEXT * 20).encode("utf-16-le"), ""),
        (("<html>" + TEXT * 20).encode("utf-16-le"), "text/html; charset=utf-16"),
        (TEXT.encode("cp1252"), WESTERN),
        (TEXT.encode("cp1252"), "text/html; charset='Windows-1252'"),
        (b"<meta charset=windows-1252>" + TEXT.encode("cp1252"), "text/html"),
        (b'<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-1">' + TEXT.encode("cp1252"), ""),
        (b'<?xml version="1.0" encoding="windows-1252"?>' + TEXT.encode("cp1252"), ""),
        (b"<meta charset=utf-8>" + TEXT.encode("cp1252"), WESTERN),
        (TEXT.encode(), WESTERN),
        (b"<meta charset=iso-8859-1>" + TEXT.encode(), ""),
        (b"<meta charset=utf-16>" + TEXT.encode(), ""),
        (TEXT.encode(), "text/html; charset=no-such-thing"),
        (TEXT.encode(), "text/html; charset=rot13"),
        (TEXT.encode(), "text/html; charset=utf-7"),
        (b"<html>" + b" " * 200 + TEXT.encode("cp1252"), "text/html; charset=utf-8"),
    ],
)
def test_the_encoding_is_found(body: bytes, content_type: str) -> None:
    text = decode(body, content_type)
    assert TEXT.removesuffix("</p>") in text


def test_http_comes_before_the_page() -> None:
    body = b"<meta charset=shift_jis>" + "<p>移民</p>".encode("gb18030")
    assert "移民" in decode(body, "text/html; charset=gb2312")


def test_a_few_broken_bytes_do_not_change_the_encoding() -> None:
    body = ("<p>" + "ñandú " * 200).encode() + b"\xff\xfe" + b"</p>"
    assert decode(body, "text/html; charset=utf-8").count("ñandú") == 200
    assert "\ufffd" in decode(body, "")


def test_control_characters_are_gone() -> None:
    assert decode(b"a\x00b\x08c\td\ne\x7f", "") == "abc\td\ne"
    assert decode("a\x00b\x1bc".encode("utf-16"), "") == "abc"


def test_a_detected_encoding() -> None:
    russian = "Городской совет проголосовал за постановление о защите иммигрантов во вторник вечером. " * 10
    assert decode(f"<html><p>{russian}".encode("cp1251"), "") == f"<html><p>{russian}"


@settings(derandomize=True, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["", WESTERN, "text/html; charset=utf-16", "text/html; charset=big5"]))
def test_any_bytes_become_text(body: bytes, content_type: str) -> None:
    assert "\x00" not in decode(body, content_type)


@pytest.mark.parametrize(
    ("body", "content_type", "reason"),
    [
        (b"%PDF-1.7 ...", "text/html", "a PDF document"),
        (b"garbage", "application/pdf", "a PDF document"),
        (b"PK\x03\x04...", "", "an archive"),
        (b"\x89PNG\r\n", "", "an image"),
        (b"x", "image/webp", "an image"),
        (b"x", "video/mp4", "a recording"),
        (b'{"a": 1}', "application/json; charset=utf-8", "JSON"),
        (b"<?xml version='1.0'?>\n<rss version='2.0'>", "text/html", "a feed"),
        (b"<!-- made by hand --><feed xmlns='x'>", "", "a feed"),
        (b"<urlset>", "application/xml", "a feed"),
        (b"", "text/html", "empty"),
        (b"\xef\xbb\xbf \n\x00", "text/html", "empty"),
    ],
)
def test_what_is_no_page(body: bytes, content_type: str, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        refuse_what_is_no_page(body, content_type)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"<!DOCTYPE html><html>", "application/pdf"),
        (b"\n<html>", "application/octet-stream"),
        (b"<?xml version='1.0'?><html xmlns='x'>", "application/xhtml+xml"),
        (b"A plain text.", "text/plain"),
        (b"No type at all", ""),
    ],
)
def test_what_may_be_a_page(body: bytes, content_type: str) -> None:
    refuse_what_is_no_page(body, content_type)


def test_media_type() -> None:
    assert media_type(" Text/HTML ; charset=utf-8") == "text/html"
    assert media_type("") == ""
