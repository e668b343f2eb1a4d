"""The main job end to end: the demo newsroom, over real HTTP, through the real program with its worker and beat."""

from __future__ import annotations

import email
import email.policy
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from demo import compare
from demo.expected import Expected, expected
from demo.newsroom import Newsroom, Request
from demo.show import label
from pipeline.frontier.base import PER_HOST
from tests.integration.program import READER, Findings, Program, mistold
from tests.unit.cli.shapes import RUN, misfits

pytestmark = pytest.mark.timeout(240)


@dataclass(frozen=True)
class Played:
    """The newsroom after one run over it."""

    wanted: Expected
    found: Findings
    answer: dict[str, Any]
    again: dict[str, Any]
    """What a second run did."""
    requests: list[Request]
    later_requests: list[Request]
    program: Program


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    with Newsroom(datetime.now(UTC)) as newsroom:
        program = Program(tmp_path_factory.mktemp("newsroom") / "home")
        program.watch(newsroom)
        answer = program.do("run", "--until-idle")
        found = program.findings()
        requests = list(newsroom.requests)
        again = program.do("run", "--until-idle", "--all")
        yield Played(
            expected(newsroom),
            found,
            answer,
            again,
            requests,
            newsroom.requests[len(requests) :],
            program,
        )
        assert newsroom.errors == []


def test_measures(played: Played) -> None:
    assert compare.measures(played.wanted, played.found.measures) == []


def test_alerts(played: Played) -> None:
    rows = [alert for alert in played.found.alerts if alert["state"] == "sent"]
    assert len(rows) == len(played.found.alerts)
    assert compare.alerts(played.wanted, rows, played.found.measures) == []  # type: ignore[arg-type]


def test_copies(played: Played) -> None:
    assert compare.copies(played.wanted, played.found.articles) == []


def test_endings(played: Played) -> None:
    assert compare.endings(played.wanted, played.found.entries) == []
    assert set(played.found.entries) == set(played.wanted.endings), "nothing else came in"


def test_feeds_that_cannot_be_read_say_why(played: Played) -> None:
    ill = {row["url"]: row["error"]["class"] for row in played.found.feeds if row["error"]}
    assert ill == played.wanted.unhealthy


def test_what_was_counted(played: Played) -> None:
    answer = played.answer
    assert misfits(answer, RUN) == []
    ends = Counter(why["outcome"] for why in played.found.entries.values())
    assert answer["polled"] == len(played.found.feeds)
    assert answer["failed"] == len(played.wanted.unhealthy)
    assert (answer["articles"], answer["copies"]) == (ends["article"], ends["copy"])
    assert (answer["discarded"], answer["quarantined"]) == (ends["discard"], 0)
    assert answer["measures"] == len(played.found.measures)
    assert answer["alerts"] == len(played.found.alerts)


def test_every_alert_is_a_mail_with_its_evidence(played: Played) -> None:
    mails = [email.message_from_bytes(mail, policy=email.policy.default) for mail in played.found.mails]
    assert mistold(played.found) == []
    assert len(mails) == len(played.found.alerts)
    assert {str(mail["To"]) for mail in mails} == {READER}
    known = {measure["id"]: label(measure["jurisdiction"]) for measure in played.found.measures}
    by_mail = {str(mail["Message-ID"]): str(mail["Subject"]) for mail in mails}
    for alert in played.found.alerts:
        assert known[alert["measure"]].split(",")[0] in by_mail[str(alert["message_id"])]


def test_nothing_quiet_is_evidence_of_an_alert(played: Played) -> None:
    told = {alert["measure"] for alert in played.found.alerts}
    shown = {
        evidence["url"]
        for measure in played.found.measures
        if measure["id"] in told
        for action in measure["actions"]
        for evidence in action["evidence"]
    }
    assert shown.isdisjoint(played.wanted.quiet)


def test_manners(played: Played) -> None:
    pages = Counter((request.outlet, request.target) for request in played.requests if request.target != "/robots.txt")
    assert max(pages.values()) == 1, "everything is asked for once"
    targets = {target for _, target in pages}
    assert targets.isdisjoint("/" + url.split("/", 3)[3] for url in played.wanted.unfetched), "robots.txt is heeded"
    robots = Counter(request.outlet for request in played.requests if request.target == "/robots.txt")
    assert max(robots.values()) <= PER_HOST, "at most by those who ask at once"


def test_the_archive_agrees_with_itself(played: Played) -> None:
    assert played.found.wrong == []


def test_a_second_run_finds_nothing_new(played: Played) -> None:
    assert played.again["polled"] > 0
    assert {name: n for name, n in played.again.items() if n and name not in ("polled", "failed")} == {}
    assert len(list((played.program.home / "outbox").iterdir())) == len(played.found.mails)
    conditional = [request for request in played.later_requests if request.conditional]
    assert conditional
    assert {request.status for request in conditional} <= {301, 304}, "a feed that moved says so first"
