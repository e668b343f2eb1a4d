"""Every page that can be reached by links: answered, well-formed, and fit for those who do not see it."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from bs4 import BeautifulSoup, Tag
from starlette.applications import Starlette

from tests.unit.analyst.web.calling import call

MOST = 260
"""Pages visited; the links of facets lead ever deeper."""
NO_PAGES = ("/api/", "/feeds.opml")
VOID = {"area", "br", "hr", "img", "input", "link", "meta", "rect", "col", "wbr"}


class Balance(HTMLParser):
    """Notes tags that are closed out of order or never."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        if len(names) != len(set(names)):
            self.wrong.append(f"<{tag}> has an attribute twice")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> at {self.getpos()}")


@pytest.fixture(scope="module")
def site(web: Starlette) -> dict[str, str]:
    """Pages by path, breadth first from the front page."""
    found: dict[str, str] = {}
    waiting = ["/"]
    while waiting and len(found) < MOST:
        path = waiting.pop(0)
        answer = call(web, path)
        assert answer.status == 200, path
        found[path] = answer.text
        links = [
            str(link["href"]).partition("#")[0] for link in BeautifulSoup(answer.text, "html.parser").select("a[href]")
        ]
        waiting += [
            link
            for link in dict.fromkeys(links)
            if link.startswith("/") and not link.startswith(NO_PAGES) and link not in {*found, *waiting}
        ]
    return found


@pytest.fixture(scope="module")
def trees(site: dict[str, str], web: Starlette) -> dict[str, BeautifulSoup]:
    """One tree per page, with those that no link leads to."""
    more = [
        "/?q=((",
        "/why?url=https%3A%2F%2Flonepraiririepost.example%2Fowls",
        "/why?url=x",
        "/nowhere",
        "/sources?q=((",
        "/timeline?q=council&by=day",
        "/compare/table?q=council&q=sheriff&by=day",
        "/compare?q=a&q=b&q=c&q=d&q=e",
    ]
    pages = {**site, **{path: call(web, path).text for path in more}}
    return {path: BeautifulSoup(text, "html.parser") for path, text in pages.items()}


def test_links_reach_every_kind_of_page(site: dict[str, str]) -> None:
    starts = ("/?q=", "/sources", "/docket/", "/measure/", "/why?url=", "/feeds?state=", "/status")
    assert all(any(path.startswith(start) for path in site) for start in starts)


def test_tags_are_balanced(site: dict[str, str]) -> None:
    for path, text in site.items():
        checker = Balance()
        checker.feed(text)
        assert not checker.wrong, (path, checker.wrong)
        assert not checker.open, path


def test_pages_stay_light(site: dict[str, str]) -> None:
    assert max(map(len, site.values())) < 90_000


def each(trees: dict[str, BeautifulSoup], selector: str) -> Iterator[tuple[str, Tag]]:
    for path, tree in trees.items():
        for tag in tree.select(selector):
            yield path, tag


def test_every_page_has_its_landmarks(trees: dict[str, BeautifulSoup]) -> None:
    for path, tree in trees.items():
        assert tree.html is not None
        assert tree.html["lang"] == "en"
        assert tree.title is not None
        assert len(tree.title.get_text()) > len(" · Sanctuary Watch"), path
        for tag in ("body > header", "body > main", "body > footer", "h1", 'meta[name="viewport"]'):
            assert len(tree.select(tag)) == 1, (path, tag)
        assert tree.select("body > a:first-child")[0]["href"] == "#main"


def test_titles_differ(trees: dict[str, BeautifulSoup]) -> None:
    paths = ("/", "/docket", "/sources", "/why", "/feeds", "/status", "/docket/CA", "/measure/m-ellery", "/nowhere")
    assert len({trees[path].title for path in paths}) == len(paths)


def test_headings_do_not_skip_a_level(trees: dict[str, BeautifulSoup]) -> None:
    for path, tree in trees.items():
        levels = [int(tag.name[1]) for tag in tree.select("h1, h2, h3, h4")]
        assert levels[0] == 1, path
        assert all(after <= before + 1 for before, after in pairwise(levels)), (path, levels)


def test_fields_have_labels(trees: dict[str, BeautifulSoup]) -> None:
    for path, tag in each(trees, "input:not([type=hidden]), select"):
        assert tag.find_parent("label") is not None, (path, tag)


def test_tables_have_captions_and_headers(trees: dict[str, BeautifulSoup]) -> None:
    for path, table in each(trees, "table"):
        caption = table.find("caption")
        assert isinstance(caption, Tag), path
        assert caption.get_text().strip(), path
        assert all(th.get("scope") for th in table.select("th")), path
        columns = {sum(int(str(cell.get("colspan", 1))) for cell in row.select("th, td")) for row in table.select("tr")}
        assert len(columns) == 1, (path, columns)


def test_ids_are_unique_and_what_is_named_exists(trees: dict[str, BeautifulSoup]) -> None:
    for path, tree in trees.items():
        ids = [str(tag["id"]) for tag in tree.select("[id]")]
        assert len(ids) == len(set(ids)), path
        for name in ("aria-labelledby", "aria-describedby"):
            assert {str(tag[name]) for tag in tree.select(f"[{name}]")} <= set(ids), path
        assert {str(link["href"])[1:] for link in tree.select('a[href^="#"]')} <= set(ids), path


def test_links_say_where_they_lead(trees: dict[str, BeautifulSoup]) -> None:
    for path, link in each(trees, "a[href]:not(svg a)"):
        assert link.get_text().strip(), (path, link)


def test_navigations_are_told_apart(trees: dict[str, BeautifulSoup]) -> None:
    for path, tree in trees.items():
        names = [str(nav.get("aria-label", "")) for nav in tree.select("nav")]
        assert all(names), path
        assert len(names) == len(set(names)), path
