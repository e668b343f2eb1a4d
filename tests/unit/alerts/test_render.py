"""The mail itself: same facts twice, headers that work, foreign text that can do no harm."""

from __future__ import annotations

import re
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from config.settings import Settings
from pipeline.alerts.message import Mail, message_id
from pipeline.alerts.notices import expand
from pipeline.alerts.render import render
from pipeline.alerts.subscriptions import subscribe
from pipeline.alerts.tokens import unsubscribe_token
from pipeline.errors import Quarantine
from pipeline.model import Alert, Article, Docket, Report, make_id
from pipeline.policy.docket.correcting import correct
from pipeline.policy.docket.withdrawing import withdraw
from tests.unit.alerts.samples import DESK, SETTINGS
from tests.unit.policy.builders import LOS_ANGELES, at, join_all, place, report, tally, told

NOW = at("2024-11-20T16:00")
SENTENCE = "The Los Angeles City Council voted 13-0 on Tuesday to adopt the ordinance."
VOTE = report(
    "adopted",
    "2024-11-19",
    vote=tally(13, 0),
    topic="sanctuary city ordinance",
    identifier="Ordinance No. 188,441",
    provisions=("No city resources for immigration enforcement", "No city personnel for it"),
    sentence=SENTENCE,
)
PROPOSED = report("introduced", "2024-10-02", alert=None, alertable=False)
FINAL = report("passed_final", "2024-12-04", vote=tally(12, 0))


def mailed(docket: Docket, which: int = -1, **options: object) -> tuple[Mail, EmailMessage, Alert]:
    """The mail of a notice (the last unless said), parsed as a mail program does."""
    (row,) = expand(docket.notices[which], docket, [DESK], NOW)
    mail = render(row, docket, DESK, settings=SETTINGS, now=NOW, **options)  # type: ignore[arg-type]
    message = message_from_bytes(mail.text_form.encode("ascii"), policy=default)
    assert isinstance(message, EmailMessage)
    return mail, message, row


def parts(message: EmailMessage) -> tuple[str, str]:
    """Text and HTML as received."""
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    return text.get_content().replace("\r\n", "\n"), html.get_content().replace("\r\n", "\n")


class Seen(HTMLParser):
    """What a reader of the HTML sees, and where its links lead."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []
        self._hidden = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._hidden = tag in ("style", "title")
        self.links += [value for name, value in attrs if name == "href" and value]

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words += data.split()


def story(*pairs: tuple[Report, Article]) -> Docket:
    return join_all(pairs)[0]


def test_the_subject_is_what_happened_and_the_envelope_fits() -> None:
    mail, message, row = mailed(story(*told(VOTE)))
    assert mail.subject == message["Subject"] == "Los Angeles, CA adopts sanctuary city ordinance (13-0)"
    assert message["From"] == "sanctuary-watch <alerts@watch.example.org>"
    assert message["To"] == "desk@example.org"
    assert message["Date"].datetime == NOW
    assert message["Message-ID"] == mail.message_id == f"<{row.id}@watch.example.org>"
    assert message["List-Id"] == "sanctuary-watch alerts <alerts.watch.example.org>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["In-Reply-To"] is None
    assert len(mail.text_form) < 100_000
    assert all(len(line) <= 998 for line in mail.text_form.split("\r\n"))


def test_both_parts_hold_the_same_facts() -> None:
    docket = story(
        *told(PROPOSED, published="2024-10-03"),
        *told(VOTE, title="Council says yes"),
        *told(
            replace(VOTE, sentence="It passed, thirteen to none.", confidence=0.7),
            source="Basin Radio",
            title="It passed",
        ),
        *told(replace(VOTE, sentence="A wire copy.", confidence=0.7), source="Copy One", story="s"),
        *told(replace(VOTE, sentence="A wire copy, edited.", confidence=0.7), source="Copy Two", story="s"),
    )
    mail, message, _ = mailed(docket, story_sizes={"s": 6})
    text, html = parts(message)
    assert (text, html) == (mail.text, mail.html)
    seen = " ".join(Seen(html).words)
    for fact in (
        "Los Angeles, CA",
        "City Council",
        "Ordinance No. 188,441",
        "Adopted",
        "13-0, unanimous",
        "Tuesday, November 19, 2024",
        "Limits cooperation with federal immigration enforcement",
        "No city resources for immigration enforcement",
        "No city personnel for it",
        f"“{SENTENCE}”",
        "Westside Courier",
        "Basin Radio",
        "(+5 outlets)",
        "is introduced: Wednesday, October 2, 2024",
        "92%, 3 sources",
        "“California desk”",
        "CA; new, stage, correction; either direction; confidence 0.5 or more",
    ):
        assert fact in seen, fact
        assert fact in " ".join(text.replace("  > ", "").split()), fact


def test_links_lead_to_the_outlets_the_docket_the_search_and_the_way_out() -> None:
    docket = story(*told(VOTE))
    _, message, _ = mailed(docket)
    text, html = parts(message)
    leave = f"https://watch.example.org/unsubscribe/{DESK.id}/{unsubscribe_token('a key', DESK)}"
    expected = [
        docket.measures[0].actions[0].evidence[0].url,
        "https://watch.example.org/docket/Los%20Angeles%2C%20CA",
        "https://watch.example.org/?q=measure%3Am1",
        leave,
    ]
    assert Seen(html).links == expected
    assert all(link in text for link in expected)
    assert "img" not in Seen(html).tags


def test_one_click_unsubscribe_survives_the_folding_of_headers() -> None:
    mail, message, _ = mailed(story(*told(VOTE)))
    (raw,) = re.findall(r"^List-Unsubscribe: (.*)\r$", mail.text_form, re.MULTILINE)
    assert "=?" not in raw
    assert raw == message["List-Unsubscribe"]
    assert re.fullmatch(r"<https://watch\.example\.org/unsubscribe/[0-9a-f]{24}/[\w-]{22}>", raw)
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_without_a_public_address_the_mail_promises_nothing_it_cannot_keep() -> None:
    docket = story(*told(VOTE))
    (row,) = expand(docket.notices[0], docket, [DESK], NOW)
    mail = render(row, docket, DESK, settings=Settings(home=Path("/nowhere")), now=NOW)
    assert "List-Unsubscribe" not in mail.text_form
    assert "watch.example.org" not in mail.text_form
    assert mail.message_id == f"<{row.id}@localhost>"
    assert f"remove subscription {DESK.id}" in " ".join(mail.text.split())
    assert 'sanctuary-watch docket "Los Angeles, CA"' in mail.text


def test_the_same_alert_is_the_same_message_and_later_stages_answer_it() -> None:
    docket = story(*told(VOTE), *told(FINAL, published="2024-12-05", source="B"))
    first, message, row = mailed(docket, 0)
    again, _, _ = mailed(docket, 0)
    assert first.message_id == again.message_id
    assert message["References"] is None
    stage, reply, _ = mailed(docket, 1, thread=["<earlier@watch.example.org>"])
    assert stage.subject == "Los Angeles, CA: sanctuary city ordinance passes its final vote (12-0)"
    assert reply["In-Reply-To"] == first.message_id == message_id(row.id, SETTINGS)
    assert reply["References"] == f"{first.message_id} <earlier@watch.example.org>"


def test_a_correction_says_what_changed_and_why() -> None:
    docket = story(*told(VOTE))
    repaired = correct(docket, "m1", {"direction": "mixed"}, why="the text requires some of it", now=NOW)
    mail, message, _ = mailed(repaired)
    assert mail.subject == "Correction: Los Angeles, CA, sanctuary city ordinance"
    assert message["In-Reply-To"] == message_id(make_id("alert", DESK.id, "m1"), SETTINGS)
    for part in parts(message):
        told_plainly = " ".join(re.sub(r"<[^>]+>", " ", part).split())
        assert "direction limits cooperation → mixed" in told_plainly
        assert "Why: the text requires some of it" in told_plainly
        assert "is adopted (13-0)" in told_plainly


def test_a_withdrawn_measure_is_told_as_what_it_was() -> None:
    docket = story(*told(VOTE))
    sent = replace(docket, notices=tuple(replace(notice, done=True) for notice in docket.notices))
    mail, message, _ = mailed(withdraw(sent, "m1", why="a straw poll, no vote", now=NOW))
    assert mail.subject == "Correction: Los Angeles, CA, sanctuary city ordinance"
    for part in parts(message):
        told_plainly = " ".join(re.sub(r"<[^>]+>", " ", part).split())
        assert "there is no such measure" in told_plainly
        assert "Why: a straw poll, no vote" in told_plainly
        assert "What was told of it" in told_plainly
        assert "as it stands now" not in told_plainly


EVIL = '<script>alert(1)</script>\r\nBcc: everyone@example.org\x00\x07\u202e\u2066gnp.exe\u2028"&\U000e0041'


def test_foreign_text_can_do_no_harm() -> None:
    evil = report(
        "adopted",
        "2024-11-19",
        where=place(EVIL, "CA"),
        body=EVIL,
        identifier=EVIL,
        topic=EVIL,
        sentence=EVIL,
        provisions=(EVIL,),
    )
    docket = story(*told(evil, title=EVIL, source=EVIL), *told(replace(evil, sentence=EVIL + "2"), source="B" + EVIL))
    mail, message, _ = mailed(docket)
    head = mail.text_form.split("\r\n\r\n")[0]
    assert not re.search(r"^Bcc:", head, re.MULTILINE | re.IGNORECASE)
    assert message["Bcc"] is None
    assert "script" not in Seen(mail.html).tags
    assert "&lt;script&gt;" in mail.html
    for part in (mail.subject, mail.text, mail.html, *parts(message)):
        assert not re.search("[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\U000e0041]", part)
    assert len(mail.subject) <= 150
    assert len(mail.text_form) < 100_000


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "data:text/html,x", "https://", "http://[", "https://a b.example/", "ftp://x.example/"],
)
def test_a_link_that_is_none_of_the_webs_is_left_out(url: str) -> None:
    one, whole = told(VOTE)[0]
    _, message, _ = mailed(story((one, replace(whole, url=url))))
    text, html = parts(message)
    assert f'href="{url}"' not in html
    assert f"{url}\n" not in text
    assert all(urlsplit(link).hostname == "watch.example.org" for link in Seen(html).links)


def test_a_docket_full_of_long_reports_stays_under_what_mail_programs_clip() -> None:
    long = "Wörter ohne Ende " * 80
    pairs = [
        pair
        for i in range(30)
        for pair in told(
            replace(VOTE, sentence=f"{i} {long}", provisions=tuple(f"{i}.{n} {long}" for n in range(4))),
            source=f"Outlet {i} {long}",
            title=f"{i} {long}",
        )
    ]
    mail, message, _ = mailed(story(*pairs))
    assert len(mail.text_form) < 100_000
    text, _ = parts(message)
    assert "and 11 more" in text
    assert all(len(line) <= 76 for line in text.split("\n") if "https://" not in line)


def test_names_beyond_ascii_survive() -> None:
    county = place("Doña Ana County", "NM", "county")
    desk = subscribe("desk@example.org", now=at("2024-09-01"))
    docket = story(*told(replace(VOTE, jurisdiction=county, topic="")))
    (row,) = expand(docket.notices[0], docket, [desk], NOW)
    mail = render(row, docket, desk, settings=replace(SETTINGS, mail_from="Wächter <alerts@example.org>"), now=NOW)
    message = message_from_bytes(mail.text_form.encode("ascii"), policy=default)
    assert message["Subject"] == mail.subject
    assert mail.subject.startswith("Doña Ana County, NM adopts Ordinance No. 188,441 limiting cooperation")
    assert str(message["From"]) == "Wächter <alerts@example.org>"
    encoded = [word for line in mail.text_form.split("\r\n\r\n")[0].split("\r\n") for word in line.split()]
    assert all(len(word) <= 75 for word in encoded if word.startswith("=?"))


def test_styles_are_inlined_and_dark_mode_and_phones_are_kept() -> None:
    mail, _, _ = mailed(story(*told(VOTE)))
    assert '<h1 style="' in mail.html
    assert "@media (prefers-color-scheme: dark)" in mail.html
    assert "@media (max-width: 620px)" in mail.html
    assert 'name="color-scheme" content="light dark"' in mail.html
    assert 'lang="en"' in mail.html
    assert "@import" not in mail.html


def test_opinion_and_releases_are_named_as_what_they_are() -> None:
    docket = story(*told(VOTE), *told(replace(VOTE, sentence="I like it."), kind="opinion", source="Basin Post"))
    _, message, _ = mailed(docket)
    assert "Basin Post, opinion, Nov 20, 2024" in parts(message)[0]


def test_an_alert_without_its_measure_or_action_is_for_a_person_to_see() -> None:
    docket = story(*told(VOTE))
    (row,) = expand(docket.notices[0], docket, [DESK], NOW)
    with pytest.raises(Quarantine, match="holds no measure"):
        render(replace(row, measure="m9"), docket, DESK, settings=SETTINGS, now=NOW)
    empty = replace(docket, measures=(replace(docket.measures[0], actions=()),))
    with pytest.raises(Quarantine, match="has no action"):
        render(row, empty, DESK, settings=SETTINGS, now=NOW)
    assert docket.jurisdiction == LOS_ANGELES
