"""Signing in with a key, and who may change something through a form."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from bs4 import BeautifulSoup
from starlette.applications import Starlette

from analyst.api.keys import mint
from analyst.web.app import make_app
from analyst.web.signing import COOKIE
from config.settings import Settings
from pipeline.archive.base import Archive, every
from pipeline.frontier.base import Frontier
from pipeline.model import ApiKey, KeyScope, Saved
from tests.unit.analyst.web.calling import Answer, call
from tests.unit.analyst.web.library import NOW

AFAR = "203.0.113.9"
HTML = {"accept": "text/html"}


@pytest.fixture
def clean(archive: Archive) -> Iterator[Archive]:
    yield archive
    for kind in (ApiKey, Saved):
        for stored in list(every(archive, kind)):
            archive.delete(kind, stored.record.id)


def minted(archive: Archive, *scopes: KeyScope) -> tuple[ApiKey, str]:
    key, text = mint("desk", scopes, NOW)
    archive.create(key)
    return key, text


def post(web: Starlette, path: str, client: str = AFAR, headers: dict[str, str] | None = None, **form: str) -> Answer:
    given = {"content-type": "application/x-www-form-urlencoded", "origin": "http://127.0.0.1:8050"}
    return call(web, path, method="POST", client=client, body=urlencode(form).encode(), headers=given | (headers or {}))


def cookie(answer: Answer) -> dict[str, str]:
    return {"cookie": answer.headers["set-cookie"].partition(";")[0], **HTML}


def token(answer: Answer) -> str:
    return str(BeautifulSoup(answer.text, "html.parser").select('input[name="token"]')[0]["value"])


@pytest.mark.parametrize("path", ["/", "/?q=jail", "/docket", "/measure/m-ellery", "/why", "/feeds", "/feeds.opml",
                                  "/status", "/sources", "/compare", "/compare/table", "/timeline", "/saved",
                                  "/nowhere"])  # fmt: skip
def test_from_elsewhere_every_page_leads_to_the_form(web: Starlette, path: str) -> None:
    answer = call(web, path, client=AFAR, headers=HTML)
    assert (answer.status, answer.headers["location"]) == (303, f"/sign-in?{urlencode({'next': path})}")
    proxied = call(web, path, headers={**HTML, "x-forwarded-for": AFAR})
    assert proxied.status == 303, "a proxy on this machine passes on what others ask"
    assert call(web, path, client=AFAR).status == 401, "a program is told so"


def test_a_key_signs_a_browser_in_until_it_is_revoked(web: Starlette, clean: Archive) -> None:
    key, text = minted(clean, "read")
    answer = post(web, "/sign-in", key=f" {text} ", next="/docket?x=1")
    assert (answer.status, answer.headers["location"]) == (303, "/docket?x=1")
    attributes = answer.headers["set-cookie"].lower()
    assert all(part in attributes for part in ("httponly", "samesite=strict", "path=/"))
    assert "secure" not in attributes
    assert text not in attributes
    signed = cookie(answer)
    assert call(web, "/docket", client=AFAR, headers=signed).status == 200
    assert call(web, "/api/v1/search", client=AFAR, headers=signed).status == 401, "the API keeps to its header"
    forged = {"cookie": signed["cookie"][:-1] + ("A" if signed["cookie"][-1] != "A" else "B"), **HTML}
    assert call(web, "/docket", client=AFAR, headers=forged).status == 303
    clean.delete(ApiKey, key.id)
    assert call(web, "/docket", client=AFAR, headers=signed).status == 303


def test_a_wrong_key_is_told_and_not_too_often(settings: Settings, archive: Archive, frontier: Frontier) -> None:
    limited = make_app(
        Settings(home=settings.home, secret_key=settings.secret_key, api_per_minute=3), archive, frontier,
        now=lambda: NOW,
    )  # fmt: skip
    answers = [post(limited, "/sign-in", key="sw_nonsense") for _ in range(4)]
    assert [answer.status for answer in answers] == [403, 403, 403, 429]
    assert "not known" in answers[0].text
    assert "set-cookie" not in answers[0].headers


@pytest.mark.parametrize("wanted", ["//evil.example/", "https://evil.example", "/\\evil.example", ""])
def test_nobody_is_sent_elsewhere(web: Starlette, clean: Archive, wanted: str) -> None:
    _, text = minted(clean, "read")
    assert post(web, "/sign-in", key=text, next=wanted).headers["location"] == "/"


def test_over_https_the_cookie_is_secure(settings: Settings, clean: Archive, frontier: Frontier) -> None:
    _, text = minted(clean, "read")
    public = Settings(home=settings.home, secret_key="k", public_url="https://watch.example")
    web = make_app(public, clean, frontier, now=lambda: NOW)
    assert "secure" in post(web, "/sign-in", key=text).headers["set-cookie"].lower()


def test_signing_out(web: Starlette, clean: Archive) -> None:
    _, text = minted(clean, "read")
    signed = cookie(post(web, "/sign-in", key=text))
    form = call(web, "/sign-in", client=AFAR, headers=signed)
    assert "Sign out" in form.text
    assert post(web, "/sign-in", headers=signed, out="yes", token="wrong.token").status == 403
    out = post(web, "/sign-in", headers=signed, out="yes", token=token(form))
    assert re.search(rf"{COOKIE}=(\"\"|;)", out.headers["set-cookie"])


# ------------------------------------------------------------------ forms that change something
def test_a_search_is_saved_and_removed_on_this_machine(web: Starlette, clean: Archive) -> None:
    form = call(web, "/", parameters={"q": "jail"})
    made = post(web, "/saved", "127.0.0.1", token=token(form), name="Jails", query="jail", tz="UTC")
    assert (made.status, made.headers["location"]) == (303, "/saved")
    listed = BeautifulSoup(call(web, "/saved").text, "html.parser")
    forms = [str(link.contents[0]) for link in listed.select("td a")]
    assert forms == [".csv", ".json", ".jsonl", ".rss", ".ics", ".csv for Excel", "by mail"]
    excel = call(web, str(listed.select("td a")[5]["href"]))
    assert excel.body.startswith(b"\xef\xbb\xbfid,")
    assert call(web, str(listed.select("td a")[3]["href"])).text.startswith("<?xml")
    (kept,) = every(clean, Saved)
    assert kept.record.query == "jail"
    page = call(web, "/saved")
    assert post(web, "/saved", "127.0.0.1", token=token(page), remove=kept.record.id).status == 303
    assert not clean.count(Saved)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        (" ", "This search is not saved yet: a name is 1 to 100 printable characters"),
        ("jails ", "“Jails” is the name of another search already: jail"),
    ],
)
def test_a_name_that_cannot_be_used_is_asked_for_again(web: Starlette, clean: Archive, name: str, says: str) -> None:
    local = "127.0.0.1"
    form = token(call(web, "/"))
    assert post(web, "/saved", local, token=form, name="Jails", query="jail", tz="UTC").status == 303
    again = post(web, "/saved", local, token=form, name=name, query="jail OR prison", tz="America/Denver")
    assert again.status == 400
    found = BeautifulSoup(again.text, "html.parser")
    assert says in found.select("[role=alert]")[0].get_text()
    sent = {str(field["name"]): str(field["value"]) for field in found.select(".keep input")}
    assert (sent["name"], sent["query"], sent["tz"]) == (name, "jail OR prison", "America/Denver")
    sent["name"] = "Prisons"
    assert post(web, "/saved", local, None, **sent).status == 303
    assert sorted(stored.record.name for stored in every(clean, Saved)) == ["Jails", "Prisons"]
    assert post(web, "/saved", local, token=form, name="Jails", query="jail", tz="UTC").status == 303, "the very same"
    assert clean.count(Saved) == 2


@pytest.mark.parametrize(
    "headers",
    [{"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"},
     {"sec-fetch-site": "same-site"}],
)  # fmt: skip
def test_a_form_from_another_site_changes_nothing(web: Starlette, clean: Archive, headers: dict[str, str]) -> None:
    good = token(call(web, "/"))
    answer = post(web, "/saved", "127.0.0.1", headers, token=good, name="x", query="jail")
    assert answer.status == 403
    assert not clean.count(Saved)


def test_a_form_needs_its_own_token(web: Starlette, clean: Archive) -> None:
    for wrong in ("", "x", "x.y", "é.é"):
        assert post(web, "/saved", "127.0.0.1", token=wrong, name="x", query="jail").status == 403
    _, text = minted(clean, "write")
    signed = cookie(post(web, "/sign-in", key=text))
    local = token(call(web, "/"))
    assert post(web, "/saved", headers=signed, token=local, name="x", query="jail").status == 403, "another's"
    theirs = token(call(web, "/", client=AFAR, headers=signed))
    assert post(web, "/saved", headers=signed, token=theirs, name="x", query="jail").status == 303


def test_a_key_that_only_reads_saves_nothing(web: Starlette, clean: Archive) -> None:
    _, text = minted(clean, "read")
    signed = cookie(post(web, "/sign-in", key=text))
    page = call(web, "/", client=AFAR, headers=signed)
    assert 'name="token"' not in page.text
    assert post(web, "/saved", headers=signed, token="x", name="x", query="jail").status == 403


# ------------------------------------------------------------------ machines beside us
@pytest.mark.parametrize("path", ["/metrics", "/readyz"])
def test_probes_are_for_private_networks(web: Starlette, path: str) -> None:
    assert call(web, path, client="172.18.0.5", host="web:8050").status == 200
    assert call(web, path, client=AFAR).status == 401
    assert call(web, path, client="172.18.0.5", headers={"x-forwarded-for": AFAR}).status == 401
    assert call(web, "/", client="172.18.0.5").status == 401
