"""Manners towards hosts: one request per gap, what robots.txt says, and who asked us to wait.

The pace of a host is shared by all workers through the frontier (``turn`` and ``hold``); the rules of a robots.txt are
kept there as a note, so that one worker's fetch serves them all for a day.

Every method decides and raises; nobody sleeps here. A caller that is told to come again in a second or two may wait
for it, otherwise the work goes back to the frontier with that time.
"""

from __future__ import annotations

import json
import re
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from protego import Protego

from pipeline.errors import Discard, NotYet, Retry, Throttled, Unreachable, Withheld
from pipeline.fetch import RETRY_AFTER, ROBOTS_CAP, Fetcher, check
from pipeline.frontier.base import Frontier
from pipeline.guard import Target, parse
from pipeline.model import Clock

GAP = timedelta(seconds=5)
FRESH = timedelta(hours=24)
"""RFC 9309, 2.4: a robots.txt should not be used for longer, unless it cannot be had."""
AGAIN = timedelta(hours=1)
"""When a robots.txt that could not be had is asked for again."""
CRAWL_DELAY = 30.0
"""Seconds; a longer Crawl-delay is read as this."""
DEADLINE = 10.0
"""Seconds for fetching a robots.txt."""
JITTER = 0.1
"""A hold is prolonged by up to this share, so that what waited for a host does not come back all at once. Never
shortened: Retry-After is the least the host asks for."""
MEMORY = 4_000_000
"""Characters of rules that one process keeps parsed: about a thousand ordinary files."""

_AGENT = re.compile(r"user[\s-]*agent\b\s*:?\s*(.*)", re.IGNORECASE)
# With the misspellings of Disallow that are common in the wild.
_RULE = re.compile(r"(allow|di[as]*l+[ao]w|crawl[ -]delay|request[ -]rate|visit[ -]time)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Rules:
    """What is known of one origin's robots.txt."""

    due: datetime
    """When it is asked for again."""
    text: str | None
    """The lines that concern us; None: it could never be had."""
    why: str
    """Why it could not be had when it was last asked for; ''."""
    parsed: Protego
    delay: timedelta

    @property
    def weight(self) -> int:
        """What it counts for in ``MEMORY``: an empty file takes room too."""
        return 1000 + len(self.text or "")


class Politeness:
    """Pace, robots.txt and holds for one process; safe to share between threads.

    ``gap`` is the least time between two requests to one host; none is kept within the fetcher's lifted networks.
    ``dice`` spreads the end of holds.
    """

    def __init__(
        self, frontier: Frontier, fetcher: Fetcher, *, now: Clock, gap: timedelta = GAP, dice: Random | None = None
    ) -> None:
        self._frontier = frontier
        self._fetcher = fetcher
        self._now = now
        self._gap = gap
        self._dice = dice or Random()  # noqa: S311 - spreads load, guards nothing
        self._token = fetcher.user_agent.partition("/")[0]
        self._memory: dict[str, _Rules] = {}
        self._weight = 0
        self._lock = threading.Lock()

    def admit(self, url: str) -> None:
        """``robots``, then ``turn``: what a page needs before each request (``Fetcher.get(permit=…)``)."""
        target = parse(url)
        self._robots(target, url)
        self._turn(target)

    def turn(self, url: str) -> None:
        """Books the host's next request. Raises NotYet, with the seconds until then, when it is held or was asked less
        than the gap (or its Crawl-delay, up to 30 s) ago; Refused for a URL that is not fetched at all."""
        self._turn(parse(url))

    def robots(self, url: str) -> None:
        """Raises Withheld when the robots.txt of the URL's origin disallows it to us; Unreachable while that file
        cannot be had and no earlier copy is known (5xx, 429, no connection: asked again after an hour, or when the
        host said). Any other 4xx means that there are no rules (RFC 9309, 2.3.1).

        Fetches the file at most once a day and origin. That request takes no turn, or the first page of every host
        would have to wait; but it respects a hold on the host (NotYet). Two threads may fetch the same file at once.
        """
        self._robots(parse(url), url)

    def slowed(self, url: str, seconds: float) -> None:
        """Holds the host for ``seconds`` (at most seven days; 0: the least of Retry-After, a minute) and up to a
        tenth longer. No worker gets a turn with it before."""
        least, most = RETRY_AFTER
        self._hold(parse(url), min(seconds if seconds > 0 else least, most))

    # -------------------------------------------------------------- pace
    def _turn(self, target: Target) -> None:
        gap = timedelta(0) if self._fetcher.lifted(target.host) else self._gap
        known = self._memory.get(_origin(target))
        self._book(target.host, max(gap, known.delay) if known else gap)

    def _book(self, host: str, gap: timedelta) -> None:
        now = self._now()
        when = self._frontier.turn(host, now, gap)
        if when > now:
            wait = (when - now).total_seconds()
            raise NotYet(f"the next request to {host} is due in {wait:.0f} s", after=wait)

    def _hold(self, target: Target, seconds: float) -> None:
        spread = self._dice.uniform(1.0, 1.0 + JITTER)
        self._frontier.hold(target.host, self._now() + timedelta(seconds=seconds * spread))

    # -------------------------------------------------------------- robots.txt
    def _robots(self, target: Target, url: str) -> None:
        origin = _origin(target)
        now = self._now()
        rules = self._memory.get(origin)
        if rules is None or rules.due <= now:
            rules = self._kept(origin)
            if rules is None or rules.due <= now:
                rules = self._fetch(target, origin, rules)
                self._frontier.set_note("robots", origin, _dump(rules))
            self._keep(origin, rules)
        if rules.text is None:
            wait = (rules.due - now).total_seconds()
            raise Unreachable(f"robots.txt of {target.host} cannot be had: {rules.why}", after=max(wait, 1.0))
        if not rules.parsed.can_fetch(url, self._token):
            raise Withheld(f"robots.txt of {target.host} disallows this page")

    def _fetch(self, target: Target, origin: str, old: _Rules | None) -> _Rules:
        self._book(target.host, timedelta(0))
        now = self._now()
        try:
            response = self._fetcher.get(f"{origin}/robots.txt", cap=ROBOTS_CAP, deadline=DEADLINE, cut=True)
            check(response, now)
        except Discard:
            return _rules(now + FRESH, "", "", self._token)
        except NotYet:  # we are stopping: that says nothing of the file
            raise
        except Retry as error:
            if isinstance(error, Throttled) and error.after:
                self._hold(target, error.after)
            again = timedelta(seconds=error.after) if error.after else AGAIN
            return _rules(now + again, old.text if old else None, error.reason, self._token)
        text = ours(response.body.decode("utf-8", "replace"), self._token)
        return _rules(now + FRESH, text, "", self._token)

    def _kept(self, origin: str) -> _Rules | None:
        """The rules in the frontier's note; None when there is none."""
        note = self._frontier.note("robots", origin)
        if not note:
            return None
        fields = json.loads(note)
        return _rules(datetime.fromtimestamp(fields["due"], UTC), fields["text"], fields["why"], self._token)

    def _keep(self, origin: str, rules: _Rules) -> None:
        """Remembers parsed rules; the oldest go when there are too many."""
        with self._lock:
            self._forget(origin)
            self._memory[origin] = rules
            self._weight += rules.weight
            while self._weight > MEMORY and len(self._memory) > 1:
                self._forget(next(iter(self._memory)))

    def _forget(self, origin: str) -> None:
        if origin in self._memory:
            self._weight -= self._memory.pop(origin).weight


def ours(text: str, token: str) -> str:
    """The lines of a robots.txt that concern a robot named ``token``: its own groups and those of ``*``.

    Everything else is left out before the parser sees it. That keeps the note small, and it is a guard: the parser's
    time and memory grow with agents times rules of a group, so that 77 KB of many agents and many rules took it 12 s.
    """
    lines: list[str] = []
    naming = taken = False
    for raw in text.removeprefix("\ufeff").splitlines():
        line = raw.partition("#")[0].strip()
        if agent := _AGENT.match(line):
            taken = taken and naming
            naming = True
            name = agent[1].partition("/")[0].strip().lower()
            if name in ("*", token):
                taken = True
                lines.append(f"User-agent: {name}")
        elif _RULE.match(line):
            naming = False
            if taken:
                lines.append(line)
    return "\n".join(lines)


def _origin(target: Target) -> str:
    return f"{target.scheme}://{target.authority.decode()}"


def _rules(due: datetime, text: str | None, why: str, token: str) -> _Rules:
    parsed = Protego.parse(text or "")
    delay = min(parsed.crawl_delay(token) or 0.0, CRAWL_DELAY)
    return _Rules(due, text, why, parsed, timedelta(seconds=delay))


def _dump(rules: _Rules) -> bytes:
    return json.dumps({"due": rules.due.timestamp(), "text": rules.text, "why": rules.why}).encode()
