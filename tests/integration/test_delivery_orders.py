"""Whatever the order of arrival, with copies that come at once to several workers: each measure that may be told is
told as new once, in a mail of its own or as a digest's line. On every archive.

The clock of a report is its own day, as it would have been then; mails go out at the end, a round an hour.
"""

from __future__ import annotations

import email
import email.policy
import json
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import pytest

from analyst import answers
from config.settings import Settings
from demo import compare
from demo.expected import expected
from demo.newsroom import NETWORK, Newsroom
from pipeline import flow
from pipeline.alerts.subscriptions import subscribe
from pipeline.archive.base import every
from pipeline.articles import copies
from pipeline.dues import due_entry
from pipeline.errors import PipelineError
from pipeline.feeds.opml import read_opml
from pipeline.fetch import Fetcher, Response
from pipeline.frontier import open_frontier
from pipeline.frontier.base import Due
from pipeline.model import Alert, Article, Docket, Entry, Feed, Item, make_id
from pipeline.policy import kinds, read
from pipeline.policy.docket.owing import FOUNDING, founding_notice, resolve
from pipeline.policy.evaluate import article_of, moment
from pipeline.policy.lexicon import lexicon
from pipeline.politeness import Politeness
from pipeline.tools import Tools
from pipeline.watching import watch
from tests.conformance.conftest import ARCHIVES, ArchiveMaker
from tests.integration.program import DRIPPING
from tests.integration.world import Here, Manners, Outbox, Web

READER = "reader@example.org"
WORKERS = 4
ORDERS = [*range(3), *(pytest.param(n, marks=pytest.mark.long) for n in range(3, 20))]
UNTOLD = {
    "ca-los-angeles-2017-directive-20": "told in passing alone: 'Executive Directive No. 20, issued March 21, 2017, …'",
    "ny-ithaca-2017-sanctuary": "minutes put the ordinance on the agenda; no account says that it passed",
}
"""Labelled events that no report tells as done, and why."""
LONG_AGO = datetime(1900, 1, 1, tzinfo=UTC)

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(params=list(ARCHIVES))
def maker(request: pytest.FixtureRequest) -> ArchiveMaker:
    """How to make an archive of each kind."""
    return ARCHIVES[request.param]


@contextmanager
def opened(maker: ArchiveMaker, home: Path, **others: Any) -> Iterator[Tools]:
    """Tools over an empty archive and an empty frontier."""
    home.mkdir(parents=True)
    settings = Settings(home=home, secret_key="a key for tests")
    with closing(maker(home)) as archive, closing(open_frontier(settings.frontier)) as frontier:
        tools = Tools(
            settings=settings,
            archive=archive,
            frontier=frontier,
            fetcher=Web({}),  # type: ignore[arg-type]
            politeness=Manners(),  # type: ignore[arg-type]
            workshop=Here(),  # type: ignore[arg-type]
            transport=Outbox(),
            rng=random.Random(1),
        )
        yield replace(tools, **others)


def together(work: Callable[[], None]) -> None:
    """The same work in several threads; what one of them raises is raised here."""
    errors: list[BaseException] = []

    def guarded() -> None:
        try:
            work()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=guarded) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def deliver_all(tools: Tools, now: datetime) -> None:
    """Rounds an hour apart, several workers at once in each, until nothing waits."""
    for hours in range(24):
        later = replace(tools, now=lambda hours=hours: now + timedelta(hours=hours))  # type: ignore[misc]
        flow.sweep(later)
        together(lambda: (flow.deliver_due(later), None)[1])  # noqa: B023 - over before the next round begins
        tools.archive.refresh()
        if not tools.archive.count(Alert, {"state": "waiting"}):
            return
    raise AssertionError("some rows are never sent")


def wrongly_told(tools: Tools, mails: Sequence[tuple[bytes, str]]) -> list[str]:
    """Every measure that may be told and is not told as new exactly once, and every mail that tells nobody's alert."""
    tools.archive.refresh()
    told: Counter[tuple[str, str]] = Counter()
    by_mail: dict[str, list[Alert]] = {}
    for stored in every(tools.archive, Alert):
        row = stored.record
        docket = tools.archive.get(Docket, row.docket)
        assert docket is not None
        if row.kind in FOUNDING:
            told[resolve(docket.record, row.measure)] += 1
        by_mail.setdefault(row.message_id, []).append(row)
    owed = {
        (docket.record.id, measure.id)
        for docket in every(tools.archive, Docket)
        for measure in docket.record.measures
        if not measure.merged_into
        and (notice := founding_notice(docket.record, measure.id)) is not None
        and not notice.muted
        and notice.confidence >= 0.5
    }
    wrong = [f"{measure} is told as new {told[measure]} times" for measure in owed if told[measure] != 1]
    wrong += [f"{measure} is told although nothing is owed" for measure in told.keys() - owed]
    sent = Counter(str(email.message_from_bytes(mail)["Message-ID"]) for mail, _ in mails)
    wrong += [f"the mail {name} went out {n} times" for name, n in sent.items() if n > 1]
    wrong += [f"{len(rows)} alerts are told by {name}, which was not sent" for name, rows in by_mail.items()
              if name not in sent]  # fmt: skip
    for mail, _ in mails:
        message = email.message_from_bytes(mail, policy=email.policy.default)
        body = message.get_body(("plain",))
        rows = by_mail.get(str(message["Message-ID"]), [])
        text = body.get_content() if body else ""
        if len(rows) != 1 and not text.startswith(f"{len(rows)} alert"):
            wrong.append(f"{message['Subject']!r} tells {len(rows)} alerts")
    return wrong


# ------------------------------------------------------------------ the labelled cases
@dataclass(frozen=True)
class Arrival:
    """An article that comes in, and what day it is then."""

    article: Article
    now: datetime
    events: tuple[str, ...]
    """What the labels say it tells as new."""


@pytest.fixture(scope="session")
def arrivals(data: Path) -> list[Arrival]:
    """The cases that are relevant, each with a copy that another outlet ran."""
    found = []
    for line in (data / "policy_cases.jsonl").read_text("utf-8").splitlines():
        case: dict[str, Any] = json.loads(line)
        title, text = str(case.get("headline") or ""), str(case.get("summary") or "")
        outlet, published = str(case.get("outlet") or ""), str(case.get("published") or "")
        kind = kinds.source_kind_of(lexicon(), outlet)
        reading = read(
            title, text, published=published or None, source=outlet, source_kind=kind, url=case.get("url") or ""
        )
        if not reading.relevant:
            continue
        now = moment(published, reading.reports[0].date if reading.reports else "")
        article = replace(
            article_of(case, reading, kind, now),
            story="",
            entry=make_id("entry", str(case["id"])),
            fingerprints=copies.fingerprints(text, frozenset(), short=True),
        )
        events = (str(case["event_key"]),) if case.get("is_new_ordinance_event") and case.get("event_key") else ()
        found.append(Arrival(article, now, events))
        if article.fingerprints:
            url = f"https://copies.example/{case['id']}"
            copied = replace(
                article,
                id=make_id("article", url),
                url=url,
                source="The Copyist",
                entry=make_id("copy", str(case["id"])),
                first_seen=now + timedelta(minutes=1),
            )
            found.append(Arrival(copied, now, ()))
    return found


def take_in(tools: Tools, arrivals: Sequence[Arrival]) -> None:
    """Several workers take articles in, in this order; two that stand side by side are taken in at once."""
    queue: SimpleQueue[Arrival] = SimpleQueue()
    for arrival in arrivals:
        queue.put(arrival)

    def work() -> None:
        while True:
            try:
                arrival = queue.get_nowait()
            except Empty:
                return
            own = replace(tools, now=lambda now=arrival.now: now)  # type: ignore[misc]
            article = arrival.article
            own.archive.create(
                Entry(article.entry, article.url, "", article.source, article.first_seen, Item(article.url))
            )
            if own.archive.create(article):
                flow.record(own, article.id)

    together(work)


@pytest.mark.data
@pytest.mark.parametrize("order", ORDERS)
def test_the_labelled_cases_in_any_order(
    tmp_path: Path, maker: ArchiveMaker, arrivals: list[Arrival], order: int
) -> None:
    shuffled = sorted(arrivals, key=lambda arrival: arrival.article.title)  # copies side by side
    blocks = [shuffled[i : i + 2] for i in range(0, len(shuffled), 2)]
    random.Random(order).shuffle(blocks)
    outbox = Outbox()
    with opened(maker, tmp_path / "home", transport=outbox) as tools:
        tools.archive.create(subscribe(READER, now=LONG_AGO))
        take_in(tools, [arrival for block in blocks for arrival in block])
        deliver_all(tools, max(arrival.now for arrival in arrivals) + timedelta(days=400))
        assert wrongly_told(tools, outbox.mails) == []
        told = _events_told(tools, arrivals)
    events = {event for arrival in arrivals for event in arrival.events}
    assert len(events) > 50
    doubled = sorted(event for event, n in told.items() if n > 1)
    print(f"order {order}: of {len(events)} events told twice: {doubled}; not told: {sorted(events - told.keys())}")
    assert doubled == []
    assert sorted(events - told.keys() - UNTOLD.keys()) == []


def _events_told(tools: Tools, arrivals: Sequence[Arrival]) -> Counter[str]:
    """Of each labelled event, by how many measures of one place it was told as new. (One article may tell what several
    places decided.)"""
    events = {arrival.article.id: arrival.events for arrival in arrivals}
    found: Counter[str] = Counter()
    for stored in every(tools.archive, Docket):
        here: Counter[str] = Counter()
        for measure in stored.record.measures:
            notice = founding_notice(stored.record, measure.id)
            if notice is not None and not notice.muted and not measure.merged_into:
                here.update({e for action in measure.actions for a in action.articles for e in events.get(a, ())})
        found |= here
    return found


# ------------------------------------------------------------------ the demo newsroom
class Remembered:
    """A fetcher that asks each address once, whoever asks and in whichever order."""

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher
        self._answers: dict[str, Response | PipelineError] = {}
        self.user_agent = fetcher.user_agent

    def get(self, url: str, **more: Any) -> Response:
        """As ``Fetcher.get``."""
        if url not in self._answers:
            permit = more.pop("permit", None)
            if permit is not None:
                permit(url)
            try:
                self._answers[url] = self._fetcher.get(url, **more)
            except PipelineError as error:
                self._answers[url] = error
        answer = self._answers[url]
        if isinstance(answer, PipelineError):
            raise answer
        return answer

    def lifted(self, host: str) -> bool:
        """No gaps here."""
        return True


class Studied:
    """A workshop in this process that reads each page once."""

    def __init__(self) -> None:
        self._known: dict[Any, Any] = {}

    def run(self, function: Callable[..., Any], *args: Any, deadline: float = 20.0) -> Any:
        """Calls it."""
        key = (getattr(function, "__name__", None), args)
        if key[0] is None:
            return function(*args)
        if key not in self._known:
            self._known[key] = function(*args)
        return self._known[key]


@pytest.fixture(scope="module")
def remembered() -> Iterator[Mapping[str, Any]]:
    """Fetcher and workshop that all orders share."""
    networks = Settings(home=Path("/nowhere"), allow_networks=NETWORK).networks
    with closing(Fetcher(contact="https://example.org", networks=networks)) as fetcher:
        yield {"fetcher": Remembered(fetcher), "workshop": Studied()}


@pytest.mark.parametrize("order", ORDERS)
def test_the_newsroom_in_any_order(
    tmp_path: Path, maker: ArchiveMaker, newsroom: Newsroom, remembered: Mapping[str, Any], order: int
) -> None:
    chance, outbox, now = random.Random(order), Outbox(), newsroom.now
    with opened(maker, tmp_path / "home", transport=outbox, now=lambda: now, **remembered) as tools:
        tools = replace(tools, politeness=Politeness(tools.frontier, tools.fetcher, now=lambda: now))
        tools.archive.create(subscribe(READER, now=now - timedelta(days=1)))
        for line in read_opml(newsroom.opml().encode()):
            if line.title != DRIPPING:
                watch(tools.archive, tools.frontier, line, now=tools.now)
        tools.archive.refresh()
        flow.refill(tools)
        shuffle(tools, "feed", chance)
        together(lambda: (flow.poll_due(tools), None)[1])
        tools.archive.refresh()
        shuffle(tools, "entry", chance)
        together(lambda: (flow.take_in_due(tools), None)[1])
        for _ in range(8):
            later = now = now + timedelta(minutes=31)
            flow.take_in_due(tools)
            flow.sweep(tools)
            assert later == now
        deliver_all(tools, now)
        assert wrongly_told(tools, outbox.mails) == []
        tools.archive.refresh()
        docket = answers.docket(tools.archive)["measures"]
        alerts = answers.alerts(tools.archive)["alerts"]
    assert compare.alerts(expected(newsroom), alerts, docket) == []  # type: ignore[arg-type]


def shuffle(tools: Tools, kind: Any, chance: random.Random) -> None:
    """Makes all feeds or entries due in another order."""
    for key in sorted(tools.frontier.dues(kind)):
        at = tools.now() - timedelta(seconds=chance.uniform(1, 1000))
        if kind == "feed":
            feed = tools.archive.get(Feed, key)
            assert feed is not None
            tools.frontier.put(kind, [Due(key, feed.record.url.split("/")[2].split(":")[0], at)])
        elif entry := tools.archive.get(Entry, key):
            tools.frontier.put(kind, [replace(due_entry(entry.record, at), at=at)])
