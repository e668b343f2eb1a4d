"""Pace, robots.txt and holds, with a frontier in memory, a clock of our own and scripted answers."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from typing import cast

import pytest
from protego import Protego

from pipeline import politeness
from pipeline.errors import NotYet, PipelineError, Refused, Retry, TooSlow, Unreachable, Withheld
from pipeline.fetch import PAGE_CAP, ROBOTS_CAP, Fetcher, Response
from pipeline.frontier.base import Frontier
from pipeline.politeness import Politeness, ours
from tests.unit.servers import serving

PAGE = "http://news.example/story"


class Board:
    """The part of a frontier that manners need, in memory."""

    def __init__(self) -> None:
        self.next: dict[str, datetime] = {}
        self.held: dict[str, datetime] = {}
        self.kept: dict[tuple[str, str], bytes] = {}

    def turn(self, host: str, now: datetime, gap: timedelta) -> datetime:
        due = max(self.next.get(host, now), self.held.get(host, now))
        if due <= now:
            self.next[host] = now + gap
        return max(due, now)

    def hold(self, host: str, until: datetime) -> None:
        self.held[host] = max(until, self.held.get(host, until))

    def note(self, kind: str, key: str) -> bytes:
        return self.kept.get((kind, key), b"")

    def set_note(self, kind: str, key: str, note: bytes) -> None:
        self.kept[kind, key] = note


class Scripted(Fetcher):
    """Answers every request with ``answer`` and notes what was asked."""

    def __init__(self, answer: str | int | PipelineError = 404, lifted: bool = False, after: str = "") -> None:
        super().__init__(contact="x")
        self.answer, self.lift, self.after = answer, lifted, after
        self.asked: list[str] = []

    def get(
        self,
        url: str,
        *,
        cap: int,
        deadline: float = 20.0,
        headers: Mapping[str, str] | None = None,
        permit: Callable[[str], None] | None = None,
        cut: bool = False,
    ) -> Response:
        assert (cap, cut, permit) == (ROBOTS_CAP, True, None)
        self.asked.append(url)
        if isinstance(self.answer, PipelineError):
            raise self.answer
        if isinstance(self.answer, int):
            return Response(url, self.answer, {"retry-after": self.after}, b"", "", ())
        return Response(url, 200, {}, self.answer.encode(), "", ())

    def lifted(self, host: str) -> bool:
        return self.lift


class Scene:
    """Manners, the clock they read and the board they share."""

    def __init__(self, answer: str | int | PipelineError = 404, *, lifted: bool = False, after: str = "") -> None:
        self.at = datetime(2024, 11, 26, 10, 0, tzinfo=UTC)
        self.board = Board()
        self.fetcher = Scripted(answer, lifted, after)
        self.manners = self.another()

    def another(self) -> Politeness:
        """Another worker's manners: the same board, nothing remembered."""
        return Politeness(cast(Frontier, self.board), self.fetcher, now=lambda: self.at, dice=Random(7))

    def later(self, **span: float) -> None:
        self.at += timedelta(**span)

    def wait(self, url: str = PAGE) -> float:
        """Seconds that ``turn`` tells to wait; 0 when it was granted."""
        try:
            self.manners.turn(url)
        except NotYet as error:
            return error.after
        return 0


# ------------------------------------------------------------------ pace
def test_turns_of_one_host_are_a_gap_apart() -> None:
    scene = Scene()
    assert scene.wait() == 0
    assert scene.wait("https://NEWS.example:443/other") == 5, "the host is what counts"
    assert scene.wait("http://other.example/") == 0
    scene.later(seconds=3)
    assert scene.wait() == 2
    scene.later(seconds=2)
    assert scene.wait() == 0


def test_gap_is_shared_by_workers() -> None:
    scene = Scene()
    scene.manners.turn(PAGE)
    with pytest.raises(NotYet, match="due in 5 s"):
        scene.another().turn(PAGE)


def test_lifted_host_has_no_gap_but_its_holds() -> None:
    scene = Scene(lifted=True)
    assert [scene.wait() for _ in range(3)] == [0, 0, 0]
    scene.manners.slowed(PAGE, 100)
    assert scene.wait() >= 100


def test_hold_is_at_least_as_long_as_asked_and_a_tenth_longer_at_most() -> None:
    waits = []
    for asked, least in ((120.0, 120.0), (0.0, 60.0), (1e9, 7 * 86400.0)):
        scene = Scene()
        scene.manners.slowed(PAGE, asked)
        waits.append(scene.wait() / least)
        scene.later(seconds=least * 1.1)
        assert scene.wait() == 0
    assert all(1.0 <= wait <= 1.1 for wait in waits)


def test_holds_are_spread_by_the_dice_given() -> None:
    holds = set()
    for seed in (1, 1, 2):
        board = Board()
        now = datetime(2024, 11, 26, tzinfo=UTC)
        manners = Politeness(cast(Frontier, board), Scripted(), now=lambda: now, dice=Random(seed))  # noqa: B023
        manners.slowed(PAGE, 100)
        holds.add(board.held["news.example"])
    assert len(holds) == 2


def test_url_that_is_not_fetched_has_no_turn() -> None:
    scene = Scene()
    for method in (scene.manners.turn, scene.manners.robots, scene.manners.admit):
        with pytest.raises(Refused):
            method("file:///etc/passwd")
    assert scene.fetcher.asked == []


# ------------------------------------------------------------------ robots.txt
RULES = """\
User-agent: Googlebot
User-agent: sanctuary-watch/2
Disallow: /drafts
Disallow: /*.pdf$
Allow: /drafts/public

User-agent: *
Disallow: /
"""


@pytest.mark.parametrize(
    ("path", "allowed"),
    [("/story", True), ("/drafts/a", False), ("/drafts/public/a", True), ("/a.pdf", False), ("/a.pdf?x=1", True)],
)
def test_own_group_wins_and_the_longest_rule_in_it(path: str, allowed: bool) -> None:
    scene = Scene(RULES)
    if allowed:
        scene.manners.robots("http://news.example" + path)
    else:
        with pytest.raises(Withheld, match=r"robots\.txt of news\.example"):
            scene.manners.robots("http://news.example" + path)


def test_group_for_all_applies_when_none_is_ours() -> None:
    scene = Scene("User-agent: other\nDisallow: /a\n\nUser-agent: *\nDisallow: /b\n")
    scene.manners.robots("http://news.example/a")
    with pytest.raises(Withheld):
        scene.manners.robots("http://news.example/b")


@pytest.mark.parametrize("answer", [400, 401, 403, 404, 410, 451, Refused("more than 5 redirects"), "", "<html>no"])
def test_no_robots_txt_means_no_rules(answer: str | int | PipelineError) -> None:
    scene = Scene(answer)
    scene.manners.robots(PAGE)
    scene.later(hours=23)
    scene.manners.robots(PAGE)
    assert scene.fetcher.asked == ["http://news.example/robots.txt"]


@pytest.mark.parametrize("answer", [500, 502, TooSlow("late"), Unreachable("no route")])
def test_robots_txt_that_cannot_be_had_holds_pages_back_for_an_hour(answer: int | PipelineError) -> None:
    scene = Scene(answer)
    for wait in (3600, 1800):
        with pytest.raises(Unreachable, match="cannot be had") as error:
            scene.manners.admit(PAGE)
        assert error.value.after == wait
        scene.later(minutes=30)
    assert len(scene.fetcher.asked) == 1
    scene.fetcher.answer = 404
    scene.manners.admit(PAGE)
    assert len(scene.fetcher.asked) == 2


@pytest.mark.parametrize("status", [429, 503])
def test_host_that_throttles_robots_txt_is_held(status: int) -> None:
    scene = Scene(status, after="600")
    with pytest.raises(Unreachable) as error:
        scene.manners.robots(PAGE)
    assert error.value.after == 600
    assert 600 <= scene.wait() <= 660


def test_earlier_rules_hold_while_the_file_cannot_be_had() -> None:
    scene = Scene(RULES)
    scene.manners.robots(PAGE)
    scene.fetcher.answer = 500
    scene.later(hours=25)
    for manners in (scene.manners, scene.another()):
        manners.robots(PAGE)
        with pytest.raises(Withheld):
            manners.robots("http://news.example/drafts/a")
    assert len(scene.fetcher.asked) == 2
    scene.later(hours=1)
    scene.manners.robots(PAGE)
    assert len(scene.fetcher.asked) == 3


def test_one_worker_fetches_for_all_once_a_day_and_origin() -> None:
    scene = Scene(RULES)
    for manners in (scene.manners, scene.another(), scene.manners):
        manners.robots(PAGE)
    assert scene.fetcher.asked == ["http://news.example/robots.txt"]
    scene.manners.robots("https://news.example/story")
    scene.manners.robots("http://news.example:8080/story")
    assert scene.fetcher.asked[1:] == ["https://news.example/robots.txt", "http://news.example:8080/robots.txt"]
    scene.later(hours=24)
    scene.another().robots(PAGE)
    scene.manners.robots(PAGE)
    assert len(scene.fetcher.asked) == 4, "the other worker's fetch is taken over"


def test_first_page_of_a_host_need_not_wait_for_robots_txt() -> None:
    scene = Scene(RULES)
    scene.manners.admit(PAGE)
    assert len(scene.fetcher.asked) == 1
    with pytest.raises(NotYet):
        scene.manners.admit(PAGE)


def test_disallowed_page_takes_no_turn() -> None:
    scene = Scene(RULES)
    with pytest.raises(Withheld):
        scene.manners.admit("http://news.example/drafts/a")
    assert scene.wait() == 0


def test_held_host_is_not_even_asked_for_robots_txt() -> None:
    scene = Scene(RULES)
    scene.manners.slowed(PAGE, 100)
    with pytest.raises(NotYet, match="due in"):
        scene.manners.admit(PAGE)
    assert scene.fetcher.asked == []


@pytest.mark.parametrize(("delay", "gap"), [("12", 12), ("0.5", 5), ("600", 30), ("soon", 5), ("inf", 5), ("-3", 5)])
def test_crawl_delay_widens_the_gap_up_to_half_a_minute(delay: str, gap: float) -> None:
    scene = Scene(f"User-agent: *\nCrawl-delay: {delay}\n")
    scene.manners.admit(PAGE)
    assert scene.wait() == gap
    assert scene.wait("http://other.example/") == 0


def test_crawl_delay_counts_on_a_lifted_host_too() -> None:
    scene = Scene("User-agent: *\nCrawl-delay: 2\n", lifted=True)
    scene.manners.admit(PAGE)
    assert scene.wait() == 2


def test_rules_kept_in_memory_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(politeness, "MEMORY", 3000)
    scene = Scene(RULES)
    for number in range(20):
        scene.manners.robots(f"http://{number}.example/")
    assert len(scene.manners._memory) < 4
    scene.manners.robots("http://0.example/")
    assert len(scene.fetcher.asked) == 20, "what is not remembered is read from the note"


# ------------------------------------------------------------------ the lines that concern us
def test_only_our_groups_and_those_for_all_are_kept() -> None:
    text = (
        "\ufeffuser agent: *  # all\nSitemap: http://x.example/s.xml\nUSER-AGENT: Other\nDissallow: /a\nNoindex: /z\n"
        "User-agent: other\nDisallow: /b\nUser-agent sanctuary-WATCH\nAllow: /c\nUser-agent:\nDisallow: /d\n"
    )
    assert ours(text, "sanctuary-watch").splitlines() == [
        "User-agent: *", "Dissallow: /a", "User-agent: sanctuary-watch", "Allow: /c",
    ]  # fmt: skip


def test_rules_before_any_agent_belong_to_nobody() -> None:
    assert ours("Disallow: /\nUser-agent: *\nAllow: /", "sanctuary-watch") == "User-agent: *\nAllow: /"


def test_many_agents_times_many_rules_do_not_reach_the_parser() -> None:
    """Unfiltered, these 180 KB would make 64 million rules."""
    text = "".join(f"User-agent: a{number}\n" for number in range(8000)) + "User-agent: *\n" + "Allow: /a\n" * 8000
    kept = ours(text, "sanctuary-watch")
    assert kept.count("User-agent") == 1
    assert Protego.parse(kept).can_fetch("http://news.example/a", "sanctuary-watch")


# ------------------------------------------------------------------ with a real fetcher
def test_admit_guards_every_hop_of_a_real_fetch() -> None:
    at = datetime(2024, 11, 26, 10, 0, tzinfo=UTC)
    fetcher = Fetcher(contact="x", networks=[ipaddress.ip_network("127.0.0.0/8")])
    manners = Politeness(cast(Frontier, Board()), fetcher, now=lambda: at)
    with serving("127.0.0.1") as one, serving("127.0.0.2") as two:
        one.answer("/robots.txt", status="404 Not Found")
        one.moved("/open", f"{two.url}/closed")
        one.answer("/page", b"text")
        two.answer("/robots.txt", b"User-agent: *\nDisallow: /closed\n" + b"# " + b"x" * ROBOTS_CAP)
        two.answer("/closed", b"secret")
        assert fetcher.get(f"{one.url}/page", cap=PAGE_CAP, permit=manners.admit).body == b"text"
        with pytest.raises(Withheld) as error:
            fetcher.get(f"{one.url}/open", cap=PAGE_CAP, permit=manners.admit)
        assert error.value.subject == f"{two.url}/closed"
        assert one.paths() == ["/robots.txt", "/page", "/open"]
        assert two.paths() == ["/robots.txt"]


def test_reason_of_a_failed_robots_txt_is_told() -> None:
    scene = Scene(Unreachable("no route to host"))
    with pytest.raises(Retry, match="no route to host"):
        scene.manners.robots(PAGE)
