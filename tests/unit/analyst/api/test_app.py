"""Answers, errors, ETags, forms and writing over HTTP."""

from __future__ import annotations

import json
from typing import Any

import pytest

from analyst import answers
from analyst.api.app import matches
from analyst.api.table import QUESTIONS
from analyst.web.app import make_app
from analyst.web.guard import HEADERS
from config.settings import Settings
from pipeline.archive.base import Archive
from pipeline.errors import Unavailable
from pipeline.frontier.base import Frontier
from tests.unit.analyst.api.conftest import Ask, error_of
from tests.unit.analyst.web.calling import call
from tests.unit.analyst.web.library import NOW

PATHS = [question.path for question in QUESTIONS if "{" not in question.path]
NEEDED = {"/compare": "?q=a&q=b", "/why": "?url=https://a.example/"}


@pytest.mark.parametrize("path", PATHS)
def test_every_question_is_answered_as_json(ask: Ask, path: str) -> None:
    answer = ask(path + NEEDED.get(path, ""))
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    assert isinstance(json.loads(answer.text), dict)
    assert answer.text.isascii()
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS


def test_an_answer_is_the_answers_own(ask: Ask, archive: Archive) -> None:
    asked = ask("/search?q=sanctuary&limit=3&sort=relevance&fold=true&tz=America/Chicago")
    assert json.loads(asked.text) == answers.search(
        archive, "sanctuary", sort="relevance", limit=3, zone="America/Chicago", folded=True
    )
    assert json.loads(ask("/changes?days=30").text) == answers.changes(archive, NOW, days=30)


def test_cursors_lead_through_the_whole_result(ask: Ask) -> None:
    whole = [found["id"] for found in json.loads(ask("/search?limit=1000").text)["articles"]]
    pages: list[str] = []
    after: Any = ""
    while after is not None:
        page = json.loads(ask("/search", parameters={"limit": "7", "after": after}).text)
        pages += [found["id"] for found in page["articles"]]
        after = page["next"]
    assert pages == whole


# ------------------------------------------------------------------ ETags and HEAD
def test_who_has_the_answer_already_is_told_so(ask: Ask) -> None:
    first = ask("/dockets")
    tag = first.headers["etag"]
    assert tag.startswith('W/"'), "compressed or not, it is the same answer"
    for given in (tag, f'"other", {tag.removeprefix("W/")}', "*"):
        again = ask("/dockets", headers={"if-none-match": given})
        assert (again.status, again.text, again.headers["etag"]) == (304, "", tag)
    assert ask("/dockets", headers={"if-none-match": '"other"'}).status == 200
    assert ask("/docket").headers["etag"] != tag


@pytest.mark.parametrize("path", ["/search", "/openapi.json", "/export.csv", "/saved"])
def test_head_is_get_without_the_body(ask: Ask, path: str) -> None:
    whole, head = ask(path), ask(path, method="HEAD")
    assert (head.status, head.text) == (200, "")
    for name in ("content-type", "etag", "cache-control"):
        assert head.headers.get(name) == whole.headers.get(name)
    if "content-length" in whole.headers:
        assert head.headers["content-length"] == whole.headers["content-length"] == str(len(whole.text))


def test_tags_are_compared_weakly() -> None:
    assert matches(['W/"a", "b"'], 'W/"a"')
    assert matches(['"a"'], 'W/"a"')
    assert not matches(["a"], 'W/"a"')
    assert not matches([], 'W/"a"')


# ------------------------------------------------------------------ errors
@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/search?limit=0", "limit: must be 1 or more"),
        ("/search?limit=1001", "limit: must be 1,000 or less"),
        ("/search?limit=1.0", "limit: must be a whole number"),
        ("/search?limit=%201", "limit: must be a whole number"),
        ("/search?sort=oldest", "sort: must be one of 'newest' or 'relevance'"),
        ("/search?fold=yes", "fold: must be true or false"),
        ("/search?quary=x", "there is no parameter 'quary'; there are: q, sort, limit, after, tz, fold"),
        ("/search?q=a&q=b", "the parameter 'q' is given twice"),
        ("/search?after=nonsense", "no place in a list"),
        ("/search?tz=Mars", "not a time zone"),
        (f"/search?q={'x' * 2001}", "q: may have 2,000 characters, not more"),
        ("/timeline?by=year", "by: "),
        ("/compare", "q: is needed"),
        ("/compare?q=a&q=b&q=c&q=d&q=e", "q: may be given 4 times, not 5"),
        ("/facets?field=title", "field.0: "),
        ("/docket?place=Atlantis", "is no place"),
        ("/docket?x=1", "there are: place"),
        ("/dockets?x=1", "there are: none"),
        ("/why", "url: is needed"),
        ("/why?url=", "url: must not be empty"),
        ("/why?url=gopher://a.example/", ""),
        ("/export.rss?bom=true", "csv only"),
    ],
)
def test_what_cannot_be_used_is_named(ask: Ask, path: str, said: str) -> None:
    status, kind, reason = error_of(ask(path))
    assert (status, kind) == (400, "UserError")
    assert said in reason


def test_a_query_that_cannot_be_read_is_pointed_at(ask: Ask) -> None:
    for path in ("/search", "/timeline", "/sources", "/facets", "/heatmap", "/compare", "/export.csv"):
        answer = ask(path, parameters={"q": "sanctuary AND"})
        status, kind, reason = error_of(answer)
        assert (status, kind) == (400, "QueryError")
        assert "(at character 14)" in reason
        assert json.loads(answer.text)["error"]["position"] == 13


@pytest.mark.parametrize("query", ["(" * 12 + "a" + ")" * 12, " ".join(["a"] * 201), "s*", "/a.*/"])
def test_a_query_beyond_the_bounds_is_told_which(ask: Ask, query: str) -> None:
    assert error_of(ask("/search", parameters={"q": query}))[1] == "QueryError"


@pytest.mark.parametrize("path", ["/nowhere", "/measures/never", "/saved/never", "/export.pdf", "/saved/never.csv"])
def test_what_is_not_there(ask: Ask, path: str) -> None:
    assert error_of(ask(path))[0] == 404


@pytest.mark.parametrize("path", ["", "/"])
def test_its_first_address_leads_to_what_describes_it(ask: Ask, path: str) -> None:
    answer = ask(path)
    assert (answer.status, answer.headers["location"]) == (302, "/api/v1/openapi.json")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_questions_are_only_asked(ask: Ask, method: str) -> None:
    answer = ask("/search", method=method)
    assert error_of(answer)[:2] == (405, "NotAllowed")
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD"}


def test_another_form_cannot_be_had(ask: Ask) -> None:
    assert error_of(ask("/search", headers={"accept": "text/html"}))[:2] == (406, "NotAcceptable")
    assert error_of(ask("/export.csv", headers={"accept": "application/json"}))[0] == 406
    assert ask("/export.csv", headers={"accept": "text/csv"}).status == 200


class Broken:
    """An archive that does not answer."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __getattr__(self, name: str) -> Any:
        raise self.error


def test_a_store_that_does_not_answer_is_said_so(settings: Settings, frontier: Frontier) -> None:
    broken: Archive = Broken(Unavailable("the archive is locked", after=2.2))
    answer = call(make_app(settings, broken, frontier, now=lambda: NOW), "/api/v1/search")
    assert error_of(answer)[:2] == (503, "Unavailable")
    assert answer.headers["retry-after"] == "3"


def test_a_fault_of_ours_tells_nothing(settings: Settings, frontier: Frontier) -> None:
    broken: Archive = Broken(RuntimeError("the inner secret"))
    answer = call(make_app(settings, broken, frontier, now=lambda: NOW), "/api/v1/search")
    assert error_of(answer)[:2] == (500, "Defect")
    assert "inner" not in answer.text
    assert isinstance(answer.error, RuntimeError), "the server logs it"


def test_who_asks_too_often_is_told_when_to_come_again(
    settings: Settings, archive: Archive, frontier: Frontier
) -> None:
    few = Settings(home=settings.home, secret_key="s", api_per_minute=12)
    web = make_app(few, archive, frontier, now=lambda: NOW)
    assert call(web, "/api/v1/export.csv").status == 200, "it costs as much as ten questions"
    assert call(web, "/api/v1/saved").status == 200
    assert call(web, "/api/v1/saved").status == 200
    answer = call(web, "/api/v1/saved")
    assert error_of(answer)[:2] == (429, "Throttled")
    assert 1 <= int(answer.headers["retry-after"]) <= 5
    assert call(web, "/docket").status == 200, "pages are not counted"


# ------------------------------------------------------------------ writing
BODY = {"name": "Jails", "query": "detainer", "tz": "America/Chicago"}
AS_JSON = {"content-type": "application/json; charset=utf-8"}


def test_a_search_is_saved_shown_exported_and_removed(ask: Ask, writer: str) -> None:
    made = ask("/saved", method="POST", key=writer, headers=AS_JSON, body=json.dumps(BODY).encode())
    assert made.status == 201
    (row,) = json.loads(made.text)["saved"]
    assert (row["name"], row["query"], row["tz"]) == ("Jails", "detainer", "America/Chicago")
    assert made.headers["location"] == f"/api/v1/saved/{row['id']}"
    assert json.loads(ask(f"/saved/{row['id']}").text)["saved"] == [row]
    assert row in json.loads(ask("/saved").text)["saved"]
    assert ask(f"/saved/{row['id']}.csv").status == 200
    assert json.loads(ask(f"/saved/{row['id']}.json").text)["query"] == "detainer"
    assert ask(f"/saved/{row['id']}", method="DELETE", key=writer).status == 200
    assert ask(f"/saved/{row['id']}").status == 404
    assert ask(f"/saved/{row['id']}", method="DELETE", key=writer).status == 404


@pytest.mark.parametrize(
    ("headers", "body", "status", "kind"),
    [
        (AS_JSON, b"[", 400, "UserError"),
        (AS_JSON, b"\xff", 400, "UserError"),
        (AS_JSON, b"[" * 10_000, 400, "UserError"),
        (AS_JSON, b"[]", 400, "UserError"),
        (AS_JSON, b'{"name": "x"}', 400, "UserError"),
        (AS_JSON, b'{"name": 7, "query": "x"}', 400, "UserError"),
        (AS_JSON, b'{"name": "x", "query": "x", "to": "y"}', 400, "UserError"),
        (AS_JSON, b'{"name": "x", "query": "("}', 400, "QueryError"),
        (AS_JSON, b'{"name": "x", "query": "x", "tz": "Mars"}', 400, "UserError"),
        ({}, b'{"name": "x", "query": "x"}', 415, "UnsupportedMediaType"),
        ({"content-type": "text/plain"}, b'{"name": "x", "query": "x"}', 415, "UnsupportedMediaType"),
        (AS_JSON, b" " * 20_000, 413, "TooBig"),
    ],
)
def test_what_cannot_be_saved(
    ask: Ask, writer: str, headers: dict[str, str], body: bytes, status: int, kind: str
) -> None:
    answer = ask("/saved", method="POST", key=writer, headers=headers, body=body)
    assert error_of(answer)[:2] == (status, kind)


def test_only_a_key_that_may_write_changes_something(ask: Ask, reader: str) -> None:
    body = json.dumps(BODY).encode()
    for key, refusal in (("", (401, "KeyNeeded")), (reader, (403, "NotAllowed"))):
        assert error_of(ask("/saved", method="POST", key=key, headers=AS_JSON, body=body))[:2] == refusal
        assert error_of(ask("/saved/x", method="DELETE", key=key))[:2] == refusal
