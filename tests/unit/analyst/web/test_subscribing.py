"""Subscribing by the form: nothing is kept before the address has confirmed, and nobody is flooded."""

from __future__ import annotations

import email
import email.policy
import json
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode, urlsplit
from xml.etree import ElementTree

import pytest
from starlette.applications import Starlette

from analyst.web.app import make_app
from config.settings import Settings
from pipeline.alerts import feeds
from pipeline.alerts.subscriptions import subscribe
from pipeline.alerts.tokens import bounces_token, leave_token
from pipeline.archive import open_archive
from pipeline.archive.base import Archive, every
from pipeline.frontier import open_frontier
from pipeline.model import Alert, Docket, Subscription
from tests.unit.alerts.test_bounces import report
from tests.unit.analyst.web.calling import Answer, call
from tests.unit.analyst.web.library import NOW
from tests.unit.analyst.web.stock import fill

KEY = "a secret of the tests"
FORM = {"content-type": "application/x-www-form-urlencoded"}


@dataclass
class Desk:
    """The web, what it writes, and its clock."""

    web: Starlette
    archive: Archive
    settings: Settings
    now: datetime = NOW

    def post(self, path: str, fields: dict[str, str | list[str]] | None = None, **headers: str) -> Answer:
        """Sends a form."""
        body = urlencode(fields or {}, doseq=True).encode()
        return call(self.web, path, method="POST", body=body, headers=FORM | headers)

    def form(self, **fields: str | list[str]) -> dict[str, str | list[str]]:
        """A form as the page gives it, filled in."""
        page = call(self.web, "/subscribe")
        assert page.status == 200
        token = re.search(r'name="token" value="([^"]+)"', page.text)
        assert token
        return {"token": token[1], "to": "new@example.org", **fields}

    def mails(self) -> list[str]:
        """The texts of the mails sent, oldest first."""
        found = [email.message_from_bytes(p.read_bytes(), policy=email.policy.default)
                 for p in sorted(self.settings.outbox.glob("*.eml"))]  # fmt: skip
        bodies = [message.get_body(("plain",)) for message in found]
        return [body.get_content() for body in bodies if body]

    def subscriptions(self) -> list[Subscription]:
        """Those of new@example.org."""
        return [s.record for s in every(self.archive, Subscription) if s.record.to == "new@example.org"]

    def confirm_path(self) -> str:
        """The path in the mail."""
        link = re.search(r"https://watch\.example\.org(/subscribe/confirm/\S+)", self.mails()[-1])
        assert link
        return link[1]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    settings = Settings(home=tmp_path, secret_key=KEY, public_url="https://watch.example.org")
    with closing(open_archive(settings.archive)) as archive, closing(open_frontier(settings.frontier)) as frontier:
        fill(archive, frontier)
        made = Desk(Starlette(), archive, settings)
        made.web = make_app(settings, archive, frontier, now=lambda: made.now)
        yield made


def test_a_subscription_begins_when_its_address_has_confirmed(desk: Desk) -> None:
    asked = desk.post("/subscribe", desk.form(places="CA, Reno, NV", kinds=["new", "repeal"], when="daily"))
    assert asked.status == 200
    assert "n…@example.org" in asked.text
    assert "In the last 90 days it would have sent" in asked.text
    assert desk.subscriptions() == []
    path = desk.confirm_path()
    opened = call(desk.web, path)
    assert opened.status == 200
    assert "CA · Reno, NV; new, repeal" in opened.text
    assert desk.subscriptions() == [], "opening the link changes nothing: scanners do so too"
    desk.now += timedelta(hours=30)
    done = desk.post(path)
    assert "You are subscribed" in done.text
    (kept,) = desk.subscriptions()
    assert (kept.places, kept.kinds, kept.rhythm) == (("CA", "Reno, NV"), ("new", "repeal"), "daily")
    assert kept.created == desk.now, "from the confirmation on: the past is not told"
    desk.post(path)
    assert len(desk.subscriptions()) == 1


def test_a_link_is_good_for_two_days_and_only_as_it_was_sent(desk: Desk) -> None:
    desk.post("/subscribe", desk.form())
    path = desk.confirm_path()
    for wrong in (path[:-1], path + "x", "/subscribe/confirm/x", "/subscribe/confirm/.", "/subscribe/confirm/é.é"):
        assert call(desk.web, wrong, method="POST").status == 404
    desk.now += timedelta(days=2)
    late = desk.post(path)
    assert late.status == 404
    assert "older than two days" in late.text
    assert desk.subscriptions() == []


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"to": "nobody"}, "is no e-mail address"),
        ({"places": "Atlantis, ZZ"}, "is no place"),
        ({"query": "place:("}, "the saved search cannot be read"),
        ({"near": "Reno, NV"}, "&#39;miles&#39; is a number up to 500"),
        ({"miles": "x"}, "miles and confidence are numbers"),
        ({"when": "daily", "at": "25:00"}, "07:30"),
        ({"zone": "Mars"}, "is no time zone"),
    ],
)
def test_a_form_that_cannot_be_used_says_why_and_keeps_what_was_typed(
    desk: Desk, fields: dict[str, str], problem: str
) -> None:
    answer = desk.post("/subscribe", desk.form(**({"name": "my desk"} | fields)))
    assert answer.status == 400
    assert problem in answer.text
    assert 'value="my desk"' in answer.text
    assert desk.mails() == []


def test_a_search_is_carried_into_the_form(desk: Desk) -> None:
    asked = call(desk.web, "/subscribe?q=%22detainer%22+AND+%3Cjail%3E")
    assert (
        'name="query" maxlength="300" placeholder="detainer OR jail" value="&#34;detainer&#34; AND &lt;jail&gt;"'
        in asked.text
    )


def test_forms_of_other_sites_old_ones_and_none_of_ours(desk: Desk) -> None:
    form = desk.form()
    for foreign in ({"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}, {"origin": "null"}):
        assert desk.post("/subscribe", form, **foreign).status == 403
    assert desk.post("/subscribe", form | {"token": "x.y"}).status == 400
    desk.now += timedelta(hours=12)
    assert "too old" in desk.post("/subscribe", form).text
    huge = call(desk.web, "/subscribe", method="POST", body=b"to=" + b"x" * 20_001, headers=FORM)
    assert huge.status == 413
    assert call(desk.web, "/subscribe", method="POST", body=b"\xff=1", headers=FORM).status == 400
    assert desk.mails() == []


def test_an_address_is_asked_three_times_a_day_and_a_caller_may_ask_ten_times_an_hour(desk: Desk) -> None:
    statuses = []
    for _ in range(4):
        desk.now += timedelta(minutes=20)
        statuses.append(desk.post("/subscribe", desk.form()).status)
    assert statuses == [200, 200, 200, 429]
    desk.now += timedelta(hours=2)
    many = [desk.post("/subscribe", desk.form(to=f"r{n}@example.org")).status for n in range(11)]
    assert many == [200] * 10 + [429]
    desk.now += timedelta(days=1)
    assert desk.post("/subscribe", desk.form()).status == 200


def test_whoever_confirms_is_told_again_although_the_address_was_refused(desk: Desk) -> None:
    desk.post("/subscribe", desk.form())
    desk.post(desk.confirm_path())
    stored = next(s for s in every(desk.archive, Subscription) if s.record.to == "new@example.org")
    desk.archive.replace(replace(stored.record, stopped="550"), stored.version)
    desk.post("/subscribe", desk.form())
    desk.post(desk.confirm_path())
    assert [one.stopped for one in desk.subscriptions()] == [""]


def test_the_link_of_a_digest_ends_all_subscriptions_of_an_address(desk: Desk) -> None:
    for name in ("one", "two"):
        desk.archive.create(subscribe("new@example.org", name=name, now=NOW))
    first = desk.subscriptions()[0]
    path = f"/unsubscribe/{first.id}/{leave_token(KEY, first.to)}"
    assert "All of them end" in call(desk.web, path).text
    assert len(desk.subscriptions()) == 2
    assert "no more mails of any subscription" in desk.post(path).text
    assert desk.subscriptions() == []


def with_alert(desk: Desk, **wish: str) -> Subscription:
    """A subscription that is owed an alert about the library's first measure."""
    reader = subscribe("new@example.org", now=NOW) if not wish else subscribe(**wish, now=NOW)  # type: ignore[arg-type]
    docket = next(s.record for s in every(desk.archive, Docket) if s.record.measures)
    measure = docket.measures[0]
    desk.archive.create(reader)
    action = measure.actions[0].id
    desk.archive.create(Alert("f" * 24, reader.id, docket.id, measure.id, action, "new", NOW, NOW, state="sent"))
    return reader


def test_a_feed_is_read_at_an_address_that_nobody_can_guess(desk: Desk) -> None:
    reader = with_alert(desk, to="", name="My feed", channel="feed")
    path = urlsplit(feeds.address(reader, desk.settings)).path
    answer = call(desk.web, path)
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/atom+xml"
    assert answer.headers["x-content-type-options"] == "nosniff"
    root = ElementTree.fromstring(answer.text)
    atom = {"a": "http://www.w3.org/2005/Atom"}
    assert root.findtext("a:title", namespaces=atom) == "My feed"
    (entry,) = root.findall("a:entry", atom)
    assert entry.findtext("a:id", namespaces=atom) == f"urn:sanctuary-watch:alert:{'f' * 24}"
    data = json.loads(call(desk.web, path.replace(".atom", ".json")).text)
    assert data["items"][0]["title"] == entry.findtext("a:title", namespaces=atom)
    for wrong in (path[:-6] + ".atom", path.replace(".atom", ".rss"), "/alerts/nobody/x.atom"):
        assert call(desk.web, wrong).status == 404


def test_a_bounce_may_be_handed_in_over_the_web(desk: Desk) -> None:
    with_alert(desk)
    data = report("x@example.org", head=f"Message-ID: <{'f' * 24}@localhost>\n").replace(b"reader@", b"new@")
    data = data.replace(b"example.net", b"example.org")
    assert call(desk.web, "/bounces/guess", method="POST", body=data).status == 404
    assert [one.stopped for one in desk.subscriptions()] == [""]
    assert call(desk.web, f"/bounces/{bounces_token(KEY)}", method="POST", body=data).status == 204
    assert desk.subscriptions()[0].stopped.startswith("returned: smtp; 550 5.1.1")
    assert call(desk.web, f"/bounces/{bounces_token(KEY)}", method="POST", body=b"hello").status == 204
