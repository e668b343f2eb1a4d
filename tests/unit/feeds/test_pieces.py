"""Cutting bodies into items."""

from __future__ import annotations

import pytest

from pipeline.feeds.pieces import cut, find_root, unseen
from tests.unit.feeds.fixtures import RDF, item, rss


def pieces(body: bytes) -> list[bytes] | None:
    head = find_root(body)
    assert head is not None
    found = cut(body, head)
    return None if found is None else [body[start:end] for start, end in found.spans]


def test_items_are_found_with_their_tags() -> None:
    assert pieces(rss(item(1), item(2))) == [item(1).strip().encode(), item(2).strip().encode()]


def test_rdf_items_after_the_channel_and_not_its_list_of_items() -> None:
    found = pieces(RDF)
    assert found is not None
    assert [piece[:36] for piece in found] == [b'<item rdf:about="https://valley.exam'] * 2


def test_prefixed_entries() -> None:
    body = b'<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:entry><a:title>x</a:title></a:entry></a:feed>'
    head = find_root(body)
    assert head is not None
    found = cut(body, head)
    assert found is not None
    assert (head.name, found.prefix, len(found.spans)) == ("feed", b"a:", 1)


@pytest.mark.parametrize(
    "inside",
    [
        "<description><![CDATA[ </item><item> ]]></description>",
        "<!-- </item><item> -->",
        "<description>&lt;item&gt;</description>",
        "<items/><itemize>x</itemize>",
    ],
)
def test_what_only_looks_like_an_item_is_none(inside: str) -> None:
    assert pieces(rss(item(1, inside), item(2))) == [item(1, inside).strip().encode(), item(2).strip().encode()]


@pytest.mark.parametrize(
    "inside",
    [
        "<item/>",
        "<item><title>nested</title></item>",
        "</item></item><item>",
        "<entry></entry>",
        "<description><![CDATA[ never closed </description>",
        "<!-- never closed",
        "<item",
    ],
)
def test_unsure_is_none(inside: str) -> None:
    body = rss(item(1, inside))
    assert pieces(body if inside != "<item" else body[: body.index(b"<item>")] + b"<item ") is None


def test_no_items_is_no_piece() -> None:
    assert pieces(rss()) == []


def test_only_keeps_everything_but_the_unwanted_items() -> None:
    body = rss(item(1), "<!-- between -->", item(2), "<ttl>90</ttl>")
    head = find_root(body)
    assert head is not None
    found = cut(body, head)
    assert found is not None
    rest = found.only({1})
    assert rest.startswith(b"<rss ")
    assert rest.endswith(b"</channel></rss>")
    assert b"gz-1" not in rest
    assert all(part in rest for part in (b"gz-2", b"<!-- between -->", b"<ttl>90</ttl>", b"Harbor Gazette"))


def test_what_a_cache_appends_stays_outside() -> None:
    body = rss(item(1)) + b"<script>var a = '</html>'</script>"
    head = find_root(body)
    assert head is not None
    assert body[: head.end].endswith(b"</rss>")


def test_hashes_tell_items_apart_and_stay_the_same_elsewhere() -> None:
    one, two = rss(item(1), item(2)), rss(item(3), item(1))
    hashes = []
    for body in (one, two):
        head = find_root(body)
        assert head is not None
        found = cut(body, head)
        assert found is not None
        hashes.append(found.hashes(10))
    assert hashes[0][0] == hashes[1][1]
    assert len({*hashes[0], *hashes[1]}) == 3
    assert all(len(hash_) == 16 and hash_.replace("-", "a").replace("_", "a").isalnum() for hash_ in hashes[0])


def test_unseen_takes_the_first_of_equal_ones() -> None:
    assert unseen(["a", "b", "a", "c", "b"], {"c"}) == [0, 1]


@pytest.mark.parametrize(
    ("prologue", "subset"),
    [
        (b"", False),
        (b"  \n", False),
        (b"<?xml version='1.0'?>\n<?xml-stylesheet href='x'?><!-- <html> -->", False),
        (b"<!DOCTYPE rss PUBLIC '-//X//DTD//EN' 'http://x.example/rss.dtd'>", False),
        (b"<!doctype rss [<!ENTITY a 'b'><!ENTITY c 'd'>]>\n", True),
    ],
)
def test_root(prologue: bytes, subset: bool) -> None:
    head = find_root(prologue + b"<rss version='2.0'></rss>")
    assert head is not None
    assert (head.start, head.name, head.subset) == (len(prologue), "rss", subset)


@pytest.mark.parametrize("body", [b"", b"plain text", b"<!-- never closed <rss>", b"<!DOCTYPE a [", b"<1>", b"{}"])
def test_no_root(body: bytes) -> None:
    assert find_root(body) is None
