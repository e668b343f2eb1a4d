"""The one written form of an address, and who stands behind it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.articles import urls
from pipeline.errors import Refused


@pytest.mark.parametrize(
    ("given_url", "expected"),
    [
        ("HTTPS://WWW.Example.ORG", "https://www.example.org/"),
        ("https://example.org:443/a#top", "https://example.org/a"),
        ("http://example.org:80/a", "http://example.org/a"),
        ("http://127.0.0.3:8123/News/A.html", "http://127.0.0.3:8123/News/A.html"),
        ("http://[0:0:0:0:0:0:0:1]:8080/", "http://[::1]:8080/"),
        ("https://example.org./a", "https://example.org/a"),
        ("  https://example.org/a\n", "https://example.org/a"),
        ("https://exam\nple.org/a", "https://example.org/a"),
        ("https://münchen.example/ä", "https://xn--mnchen-3ya.example/%C3%A4"),
        ("https://example.org/A/b", "https://example.org/A/b"),
        ("https://example.org/a/", "https://example.org/a/"),
        ("https://example.org//a//b", "https://example.org//a//b"),
        ("https://example.org/a/./b/../c", "https://example.org/a/c"),
        ("https://example.org/a/%2e%2e/b/..", "https://example.org/"),
        ("https://example.org/../..", "https://example.org/"),
        ("https://example.org/%7euser/%e2%80%99", "https://example.org/~user/%E2%80%99"),
        ("https://example.org/a b%zz", "https://example.org/a%20b%25zz"),
        ("https://example.org/a;jsessionid=0A1B?x=1", "https://example.org/a?x=1"),
        ("https://example.org/a?", "https://example.org/a"),
        ("https://example.org/a?b=2&a=1&b=1", "https://example.org/a?a=1&b=2&b=1"),
        ("https://example.org/a?utm_source=rss&UTM_Medium=feed&id=7", "https://example.org/a?id=7"),
        ("https://example.org/a?fbclid=x&gclid=y&mc_cid=1&mc_eid=2&cmpid=3", "https://example.org/a"),
        ("https://example.org/a?p=12&amp;utm_source=x&amp;amp;q=1", "https://example.org/a?p=12&q=1"),
        ("https://example.org/a?12345", "https://example.org/a?12345"),
        ("https://example.org/a?empty=&x", "https://example.org/a?empty=&x"),
        ("https://example.org/a?q=%c3%a9|x", "https://example.org/a?q=%C3%A9%7Cx"),
        ("https://example.org/a?utm%5fsource=x", "https://example.org/a"),
    ],
)
def test_canonical(given_url: str, expected: str) -> None:
    assert urls.canonical(given_url) == expected
    assert urls.canonical(expected) == expected


def test_parameters_that_may_name_the_page_stay() -> None:
    for name in ("id", "p", "ref", "source", "page", "story_id", "LEG", "cid", "article"):
        assert urls.canonical(f"https://example.org/x?{name}=1") == f"https://example.org/x?{name}=1"


def test_scheme_and_www_are_kept_apart() -> None:
    forms = {urls.canonical(f"{scheme}://{www}example.org/a") for scheme in ("http", "https") for www in ("", "www.")}
    assert len(forms) == 4


@pytest.mark.parametrize(
    "bad",
    [
        "", "example.org/a", "/a", "ftp://example.org/", "javascript:alert(1)", "mailto:a@example.org", "http://",
        "https:///a", "http://exa mple.org/", "http://a..b/", "http://[::1", "http://[::g]/", "http://example.org:99999/",
        "http://example.org:x/", "https://user:secret@example.org/", "http://exa%6dple.org/", "http://ex\x00ample.org/",
        "https://example.org/" + "a" * 9000, "file:///etc/passwd", "http://" + "a." * 200 + "org/",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(bad: str) -> None:
    with pytest.raises(Refused):
        urls.canonical(bad)


def test_a_refusal_never_repeats_credentials() -> None:
    with pytest.raises(Refused) as caught:
        urls.canonical("https://user:secret@example.org/a")
    assert "secret" not in str(caught.value)


def test_host_and_origin() -> None:
    assert urls.host("https://WWW.Example.org:8443/a") == "www.example.org"
    assert urls.host("http://[::1]:80/") == "::1"
    assert urls.origin("https://WWW.Example.org:8443/a?b") == "https://www.example.org:8443"
    assert urls.origin("http://[::1]:80/x") == "http://[::1]"
    for function in (urls.host, urls.origin, urls.site):
        with pytest.raises(Refused):
            function("example.org")


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://amp.news.example.co.uk/a", "example.co.uk"),
        ("https://www.ci.berkeley.ca.us/a", "berkeley.ca.us"),
        ("https://one.github.io/a", "one.github.io"),
        ("https://github.io/", "github.io"),
        ("https://desk.blog.wordpress.com/a", "blog.wordpress.com"),
        ("https://www.wordpress.com/a", "wordpress.com"),
        ("https://m.outlet.test/a", "outlet.test"),
        ("http://localhost:8050/", "localhost:8050"),
        ("http://127.0.0.2:8123/a", "127.0.0.2:8123"),
        ("http://127.0.0.2/a", "127.0.0.2"),
        ("http://[::1]:9/", "[::1]:9"),
    ],
)
def test_site(address: str, expected: str) -> None:
    assert urls.site(address) == expected


def test_same_site() -> None:
    assert urls.same_site("https://www.example.org/a", "http://amp.example.org/b?x")
    assert not urls.same_site("https://a.example.org/", "https://example.com/")
    assert not urls.same_site("http://127.0.0.2:80/", "http://127.0.0.3:80/")
    assert not urls.same_site("https://one.substack.com/p/x", "https://two.substack.com/p/x")


_TEXT = st.text(st.characters(codec="utf-8", exclude_characters="#?"), max_size=30)


@settings(derandomize=True, deadline=None)
@given(path=_TEXT, query=_TEXT, fragment=_TEXT, scheme=st.sampled_from(["http", "HTTPS"]))
def test_canonical_is_idempotent_and_ascii(path: str, query: str, fragment: str, scheme: str) -> None:
    once = urls.canonical(f"{scheme}://Example.org/{path}?{query}#{fragment}")
    assert urls.canonical(once) == once
    assert once.isascii()
    assert "#" not in once
    assert " " not in once


@settings(derandomize=True, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_either_canonical_or_refused(text: str) -> None:
    try:
        once = urls.canonical(text)
    except Refused:
        return
    assert urls.canonical(once) == once


@settings(derandomize=True, deadline=None)
@given(st.permutations(["a=1", "b=2", "c=3", "utm_source=x", "fbclid=y"]))
def test_the_order_of_parameters_does_not_matter(pairs: list[str]) -> None:
    assert urls.canonical("https://example.org/?" + "&".join(pairs)) == "https://example.org/?a=1&b=2&c=3"
