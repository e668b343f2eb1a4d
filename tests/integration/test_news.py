"""Who is told what: one alert for each measure, never of old news, whatever the mail server says."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline import flow, handing
from pipeline.alerts.outbox import Stopped
from pipeline.alerts.render import render
from pipeline.alerts.subscriptions import subscribe
from pipeline.errors import Discard, PipelineError, Retry, Unavailable
from pipeline.ledger import retry_quarantined
from pipeline.model import Alert, Docket, Jurisdiction, Quarantined, Subscription
from tests.integration.asking import alerts, article, measures
from tests.integration.world import FRESNO, NOW, TYLER, Web, World, drive, page, rss

BEE, WIRE = "https://bee.example", "https://wire.example"
DAY = timedelta(days=1)


def world_of(home: Path, *stories: tuple[str, ...], at: timedelta = DAY) -> World:
    """One outlet, these stories, so old; one subscriber to everything."""
    items = [(story[0], f"{BEE}/{n}", NOW - at) for n, story in enumerate(stories)]
    pages = {f"{BEE}/{n}": page(story, NOW - at) for n, story in enumerate(stories)}
    world = World(home, Web({f"{BEE}/feed": rss("Bee", items), **pages}))
    with world.tools() as tools:
        world.watch_all(tools)
        tools.archive.create(subscribe(to="reader@example.org", now=world.now))
    return world


def places_told(world: World) -> list[str]:
    """The places in the subjects of the mails."""
    return [subject.split(",")[0] for subject in world.outbox.subjects()]


def run(world: World) -> None:
    """A life of the monitor."""
    with world.tools() as tools:
        drive(tools)


def test_a_fresh_measure_is_told_once(tmp_path: Path) -> None:
    world = world_of(tmp_path, FRESNO)
    run(world)
    assert [to for _, to in world.outbox.mails] == ["reader@example.org"]
    assert "Fresno, CA" in world.outbox.subjects()[0]
    for _ in range(3):
        world.later(days=1)
        run(world)
    assert len(world.outbox.mails) == 1


@pytest.mark.parametrize(("age", "mails"), [(29, 1), (31, 0), (400, 0)])
def test_old_news_is_not_news(tmp_path: Path, age: int, mails: int) -> None:
    world = world_of(tmp_path, FRESNO, at=timedelta(days=age))
    run(world)
    with world.tools() as tools:
        assert len(measures(tools)) == 1, "it is in the docket all the same"
    assert len(world.outbox.mails) == mails


def test_a_subscription_is_told_nothing_of_the_past(tmp_path: Path) -> None:
    world = world_of(tmp_path, FRESNO)
    run(world)
    world.later(hours=1)
    with world.tools() as tools:
        tools.archive.create(subscribe(to="late@example.org", now=world.now))
        # Another outlet tells of it; the measure is known.
        copied = ("City of Fresno now a sanctuary", *TYLER[3:], *FRESNO[1:])
        world.web.pages |= {
            f"{WIRE}/feed": rss("Wire", [(FRESNO[0], f"{WIRE}/fresno", NOW)]),
            f"{WIRE}/fresno": page(copied, NOW),
        }
        world.watch(tools, f"{WIRE}/feed")
        drive(tools)
    assert [to for _, to in world.outbox.mails] == ["reader@example.org"]


def test_a_lost_frontier_mails_nothing_twice(tmp_path: Path) -> None:
    world = world_of(tmp_path, FRESNO, TYLER)
    run(world)
    for _ in range(2):
        with world.tools() as tools:
            tools.frontier.clear()
            drive(tools)
    assert len(world.outbox.mails) == 2


def test_only_those_who_asked_are_told(tmp_path: Path) -> None:
    world = world_of(tmp_path, FRESNO, TYLER)
    with world.tools() as tools:
        tools.archive.create(subscribe(to="texas@example.org", places=["TX"], now=world.now))
        tools.archive.create(subscribe(to="limits@example.org", directions=["limits_cooperation"], now=world.now))
        tools.archive.create(subscribe(to="vetoes@example.org", kinds=["veto"], now=world.now))
        drive(tools)
    told = set(zip([to for _, to in world.outbox.mails], places_told(world), strict=True))
    assert told == {
        ("reader@example.org", "Fresno"),
        ("reader@example.org", "Smith County"),
        ("texas@example.org", "Smith County"),
        ("limits@example.org", "Fresno"),
    }


# ------------------------------------------------------------------ the mail server
def test_a_mail_refused_for_now_is_sent_later_once(tmp_path: Path) -> None:
    world = world_of(tmp_path, FRESNO)
    world.outbox.fail = Retry("451 greylisted")
    run(world)
    with world.tools() as tools:
        (row,) = alerts(tools)
        assert (row.state, row.attempts, row.reason) == ("waiting", 1, "451 greylisted")
        frozen = row.mail
        assert frozen
        world.outbox.fail = None
        assert flow.deliver_due(tools) == 0, "not yet"
        world.later(minutes=2)
        assert flow.deliver_due(tools) == 1
        assert flow.deliver_due(tools) == 0
        (row,) = alerts(tools)
        assert (row.state, row.attempts, row.reason) == ("sent", 2, "")
    assert [mail.decode() for mail, _ in world.outbox.mails] == [frozen], "as it was written at first"


def test_a_mail_refused_for_good_is_given_up_with_the_reason(tmp_path: Path) -> None:
    world = world_of(tmp_path, FRESNO)
    world.outbox.fail = Discard("550 no such user")
    run(world)
    world.outbox.fail = None
    world.later(days=3)
    run(world)
    with world.tools() as tools:
        (row,) = alerts(tools)
        assert (row.state, row.reason) == ("suppressed", "550 no such user")
    assert world.outbox.mails == []


@pytest.mark.parametrize(("error", "state"), [(Retry("451"), "suppressed"), (Stopped("535"), "waiting")])
def test_two_days_of_failures(tmp_path: Path, error: PipelineError, state: str) -> None:
    world = world_of(tmp_path, FRESNO)
    world.outbox.fail = error
    run(world)
    with world.tools() as tools:
        for _ in range(120):
            world.later(minutes=30)
            flow.deliver_due(tools)
        (row,) = alerts(tools)
        assert row.state == state
        assert error.reason in row.reason


def test_a_subscription_removed_before_its_mail_went_out(tmp_path: Path) -> None:
    world = world_of(tmp_path, FRESNO)
    world.outbox.fail = Retry("451")
    run(world)
    world.outbox.fail = None
    world.later(hours=1)
    with world.tools() as tools:
        (row,) = alerts(tools)
        tools.archive.delete(Subscription, row.subscription)
        drive(tools)
        (row,) = alerts(tools)
        assert (row.state, row.reason) == ("suppressed", "the subscription was removed")
    assert world.outbox.mails == []


def test_a_mail_that_cannot_be_written_keeps_no_other_waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = world_of(tmp_path, FRESNO, TYLER)

    def broken(row: Alert, docket: Docket, *args: object, **more: object) -> object:
        if docket.jurisdiction.name == "Fresno":
            raise ZeroDivisionError("by zero")
        return render(row, docket, *args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(handing, "render", broken)
    run(world)
    monkeypatch.undo()
    assert places_told(world) == ["Smith County"]
    with world.tools() as tools:
        (kept,) = [stored.record for stored in tools.archive.scan(Quarantined)]
        assert (kept.what, kept.reason) == ("alert", "ZeroDivisionError: by zero")
        assert {row.state for row in alerts(tools)} == {"sent", "suppressed"}
        retry_quarantined(tools.archive, tools.frontier, kept, now=tools.now)
        drive(tools)
        assert {row.state for row in alerts(tools)} == {"sent"}
    assert len(world.outbox.mails) == 2


def test_a_docket_that_cannot_be_told_of_keeps_no_other_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = world_of(tmp_path, FRESNO, TYLER)
    real = flow.expand_notices

    def broken(tools: object, docket_id: str) -> None:
        if docket_id == fresno:
            raise ZeroDivisionError("by zero")
        real(tools, docket_id)  # type: ignore[arg-type]

    with world.tools() as tools:
        fresno = Jurisdiction("Fresno", "city", "CA").key
        monkeypatch.setattr(flow, "expand_notices", broken)
        drive(tools)
        assert flow.is_idle(tools), "a run ends although one docket is in quarantine"
        assert places_told(world) == ["Smith County"]
        (kept,) = [stored.record for stored in tools.archive.scan(Quarantined)]
        assert kept.what == "docket"
        monkeypatch.undo()
        retry_quarantined(tools.archive, tools.frontier, kept, now=tools.now)
        drive(tools)
    assert len(world.outbox.mails) == 2


# ------------------------------------------------------------------ stores that fail
class Failing:
    """A store whose n-th call of one method fails once."""

    def __init__(self, store: object, method: str, n: int) -> None:
        self._store, self._method, self._left = store, method, n

    def __getattr__(self, name: str) -> object:
        found = getattr(self._store, name)
        if name != self._method:
            return found

        def call(*args: object, **more: object) -> object:
            self._left -= 1
            if self._left == 0:
                raise Unavailable("the server does not answer")
            return found(*args, **more)

        return call


@pytest.mark.parametrize(
    ("which", "method", "n"),
    [
        ("archive", "create_many", 1),
        ("archive", "create", 1),
        ("archive", "create", 2),
        ("archive", "replace", 2),
        ("archive", "replace", 5),
        ("archive", "replace", 7),
        ("frontier", "post", 1),
        ("frontier", "printed", 1),
        ("transport", "send", 1),
    ],
)
def test_a_server_of_ours_that_fails_for_a_moment(tmp_path: Path, which: str, method: str, n: int) -> None:
    world = world_of(tmp_path, FRESNO, TYLER)
    world.wrap = lambda store, name: Failing(store, method, n) if name == which else store
    with world.tools() as tools:
        for _ in range(4):
            for task in (flow.sweep, flow.poll_due, flow.take_in_due, flow.deliver_due):
                with suppress(Unavailable):  # the task ends; the next tick begins anew
                    task(tools)
            world.later(minutes=6)
        drive(tools)
        assert len(measures(tools)) == 2
        assert tools.archive.count(Quarantined) == 0
        assert article(tools, f"{BEE}/0").pending is False
    assert sorted(places_told(world)) == ["Fresno", "Smith County"]
