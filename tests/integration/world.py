"""A world in memory for the flow: pages and feeds behind a fetcher's interface, an outbox that keeps what it was
handed, time that only moves when told. The stores are real ones."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from pathlib import Path
from typing import Any

from config.settings import Settings
from pipeline import flow
from pipeline.archive import open_archive
from pipeline.errors import Unreachable, Withheld
from pipeline.feeds.opml import FeedLine
from pipeline.fetch import Response
from pipeline.frontier import open_frontier
from pipeline.tools import Tools
from pipeline.watching import watch

NOW = datetime(2026, 3, 5, 18, 0, tzinfo=UTC)  # a Thursday

FRESNO = (
    "Fresno City Council adopts sanctuary ordinance on 5-2 vote",
    "FRESNO, Calif. — The Fresno City Council voted 5-2 on Tuesday to adopt an ordinance that bars city employees and "
    "city resources from being used for federal immigration enforcement.",
    "The ordinance forbids police officers to ask people about their immigration status and requires a judicial "
    "warrant before anyone is handed over to Immigration and Customs Enforcement.",
    "Two members voted against it after three hours of public comment. The ordinance takes effect in 30 days. The city "
    "clerk said the text would be posted on the city's website this week, and that departments would be trained on it "
    "before summer.",
)
TYLER = (
    "Smith County commissioners approve 287(g) agreement, 4-1",
    "TYLER, Texas — Smith County commissioners voted 4-1 on Tuesday to approve a 287(g) agreement with U.S. "
    "Immigration and Customs Enforcement that lets jail deputies check the immigration status of inmates.",
    "The agreement requires the sheriff's office to notify federal agents before releasing anyone who is wanted on an "
    "immigration detainer. One commissioner voted no and asked what the county would pay.",
    "The sheriff said training of six deputies would begin in April and would be paid for by the federal government "
    "for the first year of the agreement.",
)
GUNS = (
    "County adopts Second Amendment sanctuary resolution",
    "Commissioners voted unanimously on Monday to declare the county a Second Amendment sanctuary, saying the sheriff "
    "should not enforce state gun laws that they regard as unconstitutional.",
    "Gun owners filled the room and applauded. The resolution has no force of law.",
)
SCHOOL = (
    "School board picks new lunch vendor",
    "The school board chose a new vendor for lunches on Monday. Students will taste the first menu in August.",
)


def page(story: tuple[str, ...], at: datetime | None, *, head: str = "") -> bytes:
    """A story as a web page, dated or not; ``head`` is further HTML in its head."""
    dated = f"<meta property='article:published_time' content='{at.isoformat()}'>" if at else ""
    paragraphs = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in story[1:])
    return (
        f"<!doctype html><html lang='en'><head><title>{escape(story[0])}</title>"
        f"{dated}{head}</head>"
        f"<body><nav><a href='/'>Home</a></nav><article><h1>{escape(story[0])}</h1>{paragraphs}</article></body></html>"
    ).encode()


def rss(title: str, items: Sequence[tuple[str, str, datetime | None]], *, content: str = "", source: str = "") -> bytes:
    """A feed of (headline, link, time); ``content`` is the whole text of its items, ``source`` their outlet's name."""
    body = "".join(
        f"<item><title>{escape(headline)}</title><link>{escape(link)}</link><guid>{escape(link)}</guid>"
        + (f"<pubDate>{format_datetime(at)}</pubDate>" if at else "")
        + f"<description>{escape(content or headline + '.')}</description>"
        + (f"<source url='https://{source.lower()}.example'>{source}</source></item>" if source else "</item>")
        for headline, link, at in items
    )
    return f"<?xml version='1.0'?><rss version='2.0'><channel><title>{title}</title>{body}</channel></rss>".encode()


class Web:
    """What answers at each URL; counts what was asked."""

    user_agent = "sanctuary-watch/test (+https://example.org)"

    def __init__(self, pages: Mapping[str, bytes]) -> None:
        self.pages = dict(pages)
        self.answers: dict[str, Response] = {}
        """What answers otherwise than 200 with the page."""
        self.asked: list[str] = []
        self.down = False

    def answer(self, url: str, status: int, **headers: str) -> None:
        """From now on the URL answers with this status; ``_`` in a header's name stands for ``-``."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers[url] = Response(url, status, named, b"", "", ())

    def move(self, url: str, to: str, *, permanent: bool = True) -> None:
        """From now on the URL leads to another one, whose page it had."""
        kind = "application/rss+xml" if url.endswith("/feed") else "text/html; charset=utf-8"
        self.pages[to] = self.pages.get(to) or self.pages.pop(url)
        self.answers[url] = Response(to, 200, {"content-type": kind}, self.pages[to], to if permanent else "", (url,))

    def get(
        self,
        url: str,
        *,
        cap: int,
        deadline: float = 20.0,
        headers: Mapping[str, str] | None = None,
        permit: Any = None,
    ) -> Response:
        """As ``Fetcher.get``."""
        self.asked.append(url)
        if self.down:
            raise Unreachable("no network", subject=url)
        if url in self.answers:
            return self.answers[url]
        body = self.pages.get(url)
        kind = "application/rss+xml" if url.endswith("/feed") else "text/html; charset=utf-8"
        return Response(url, 404 if body is None else 200, {"content-type": kind}, body or b"", "", ())

    def lifted(self, host: str) -> bool:
        """No gaps here."""
        return True

    def interrupt(self) -> None:
        """Nothing is under way."""

    def close(self) -> None:
        """Nothing is open."""


class Manners:
    """Nobody is kept waiting, robots allow everything but ``forbidden``; remembers who asked us to slow down."""

    def __init__(self) -> None:
        self.held: list[tuple[str, float]] = []
        self.forbidden: set[str] = set()

    def admit(self, url: str) -> None:
        """As ``Politeness.admit``."""
        if url in self.forbidden:
            raise Withheld("robots.txt forbids it", subject=url)

    def turn(self, url: str) -> None: ...
    def robots(self, url: str) -> None: ...
    def slowed(self, url: str, seconds: float) -> None:
        self.held.append((url, seconds))


class Here:
    """A workshop in this process, for texts that we wrote."""

    def run(self, function: Callable[..., Any], *args: Any, deadline: float = 20.0) -> Any:
        """Calls it."""
        return function(*args)

    def close(self) -> None:
        """Nothing is open."""


class Outbox:
    """A mail server's memory."""

    def __init__(self) -> None:
        self.mails: list[tuple[bytes, str]] = []
        self.fail: Exception | None = None

    def send(self, mail: bytes, sender: str, to: str) -> None:
        """Accepts, or fails as told."""
        if self.fail is not None:
            raise self.fail
        self.mails.append((mail, to))

    def subjects(self) -> list[str]:
        """Subjects in order."""
        import email
        import email.policy

        return [str(email.message_from_bytes(mail, policy=email.policy.default)["Subject"]) for mail, _ in self.mails]

    def ids(self) -> list[str]:
        """Message-IDs in order."""
        import email

        return [str(email.message_from_bytes(mail)["Message-ID"]) for mail, _ in self.mails]


def small_web(now: datetime = NOW) -> Web:
    """Three outlets: two that tell of an adoption (one of them a copy), one with look-alikes and a dead link."""
    yesterday = now - timedelta(days=1)
    bee, wire, post = "https://bee.example", "https://wire.example", "https://post.example"
    copied = (FRESNO[0] + " as hundreds watch", *FRESNO[1:])
    return Web(
        {
            f"{bee}/feed": rss(
                "Valley Bee", [(FRESNO[0], f"{bee}/fresno", yesterday), (SCHOOL[0], f"{bee}/lunch", now)]
            ),
            f"{wire}/feed": rss(
                "State Wire", [(copied[0], f"{wire}/fresno-council", now), (TYLER[0], f"{wire}/tyler", yesterday)]
            ),
            f"{post}/feed": rss("Hill Post", [(GUNS[0], f"{post}/guns", now), ("Gone", f"{post}/gone", now)]),
            f"{bee}/fresno": page(FRESNO, yesterday),
            f"{bee}/lunch": page(SCHOOL, now),
            f"{wire}/fresno-council": page(copied, now),
            f"{wire}/tyler": page(TYLER, yesterday),
            f"{post}/guns": page(GUNS, now),
        }
    )


class World:
    """Real stores in a folder, everything else in memory. ``wrap`` may put something around the stores."""

    def __init__(self, home: Path, web: Web, *, now: datetime = NOW) -> None:
        self.home = home
        self.web = web
        self.outbox = Outbox()
        self.manners = Manners()
        self.now = now
        self.openings = 0
        self.settings = Settings(home=home, secret_key="a key for tests")
        self.wrap: Callable[[Any, str], Any] = lambda store, name: store

    @contextmanager
    def tools(self) -> Iterator[Tools]:
        """Opens the stores, as a process that starts."""
        self.openings += 1
        settings = self.settings
        archive, frontier = open_archive(settings.archive), open_frontier(settings.frontier)
        try:
            yield Tools(
                settings=settings,
                archive=self.wrap(archive, "archive"),
                frontier=self.wrap(frontier, "frontier"),
                fetcher=self.web,  # type: ignore[arg-type]
                politeness=self.manners,  # type: ignore[arg-type]
                workshop=Here(),  # type: ignore[arg-type]
                transport=self.wrap(self.outbox, "transport"),
                now=lambda: self.now,
                rng=random.Random(self.openings),  # a process that starts again rolls other dice
                stopping=threading.Event(),
            )
        finally:
            frontier.close()
            archive.close()

    def watch(self, tools: Tools, *urls: str, kind: str = "news") -> None:
        """Watches feeds."""
        for url in urls:
            watch(tools.archive, tools.frontier, FeedLine(url=url, kind=kind), now=tools.now)

    def watch_all(self, tools: Tools) -> None:
        """Watches every feed of the web."""
        self.watch(tools, *[url for url in self.web.pages if url.endswith("/feed")])

    def later(self, **delta: float) -> None:
        """Moves time on."""
        self.now += timedelta(**delta)


def drive(tools: Tools, rounds: int = 20) -> None:
    """What worker and beat do, in one thread, until nothing is left to do."""
    flow.sweep(tools)
    for _ in range(rounds):
        flow.poll_due(tools)
        flow.take_in_due(tools)
        flow.sweep(tools)
        flow.deliver_due(tools)
        if flow.is_idle(tools):
            return
    raise AssertionError("the flow does not come to rest")
