"""The demo's newsroom many times over, on loopback, each in another part of the country.

Newsroom 0 tells the demo's own stories, each further one the same stories of other towns, counties and bills: names of
the same states out of the gazetteer. Sentences of no meaning follow each text, so that copies are copies of each other
and of no other newsroom's. Names and sentences are chosen so that the policy in every text reads as it does in the
original. Where a state has no names left (Arizona has fifteen counties), a newsroom goes without that measure's
stories. The page that never ends is left out: it holds its thread for the fetcher's whole time limit, which is no
question of speed.

Served by one process whose time is told apart.
"""

from __future__ import annotations

import asyncio
import gzip
import multiprocessing
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import cache, partial
from random import Random
from typing import Any
from urllib.parse import urlsplit

from demo.expected import Expected, expected
from demo.newsroom import Newsroom, Resource
from demo.stories import Outlet, Story, outlets
from pipeline.model import Feed, Reading, make_id
from pipeline.policy import read
from pipeline.policy.places.gazetteer import gazetteer
from tests.servers.processes import free_port

MOST = 200
"""Newsrooms: one number of an address tells them apart."""
SIZES = (1_500, 900_000)
"""Inhabitants of a stand-in."""
TRIALS = 60
"""Names tried for one measure of one newsroom."""
FILLED = 2.6
"""Words of no meaning for each that has one: with less, a short story is now and then half that of another newsroom."""
NUMBER_STEP = 3
"""Between the numbers of two newsrooms' bills."""
HEADLINE = ("headline-only", "Hartford", "CT")
"""A measure that only a headline tells of; the demo's expectations know none."""
FORMS = {"Los Angeles": ("Los Ángeles", "L.A.", "LA")}
"""What else a name is called in the stories."""
BILLS = {"colorado-sb118": 118, "alabama-hb212": 212, "nc-hb640": 640}
"""Measures of whole states are told apart by their numbers."""
_OPENERS = ("Later", "At noon", "Before dusk", "That week", "As ever", "By the window", "Near the pond", "On the porch")
_THINGS = (
    "lantern", "kettle", "orchard", "violin", "ladder", "pigeon", "basket", "mirror", "blanket", "pumpkin", "saddle",
    "teapot", "anchor", "candle", "thimble", "button", "feather", "walnut", "curtain", "cushion", "pebble", "bucket",
    "whistle", "marble", "carpet", "spoon", "trumpet", "acorn", "hammock", "biscuit", "barrel", "puzzle", "slipper",
)  # fmt: skip
_DOINGS = (
    "warmed", "carried", "painted", "folded", "polished", "dropped", "mended", "balanced", "watered", "sketched",
    "borrowed", "lifted", "wrapped", "tuned", "dusted", "stacked", "found", "hid", "brushed", "rolled", "stirred",
)  # fmt: skip
_PERSONS = (
    "baker", "gardener", "florist", "juggler", "pianist", "potter", "weaver", "cobbler", "beekeeper", "fiddler",
    "tailor", "cellist", "skater", "angler", "carpenter", "clown", "dancer", "violinist",
)  # fmt: skip
_SYLLABLES = [first + second for first in "bdfgklmnprstvz" for second in "aeiou"]


@dataclass(frozen=True, slots=True)
class Role:
    """A jurisdiction that stands in for the demo's in each newsroom."""

    keys: frozenset[str]
    """Measures of ``demo/expected.toml`` that are told of it, or the id of a story."""
    name: str
    state: str
    is_county: bool


class Replica(Newsroom):
    """One of the newsrooms. It serves nothing by itself."""

    def __init__(self, now: datetime, port: int, number: int) -> None:
        super().__init__(now, port)
        self.stories = {key: story for key, story in self.stories.items() if story.page != "endless"}
        self.number = number
        self.renamed: dict[str, dict[str, str]] = {}
        """By measure: the demo's names, and what they are here."""
        self.missing: set[str] = set()
        """Measures for which no name was left."""
        self.outlets: dict[str, Outlet] = dict(outlets())

    @property
    def network(self) -> str:
        """How all its addresses begin."""
        return f"127.{self.number + 1}.0."

    def base(self, outlet: Outlet | str) -> str:
        number = outlets()[outlet if isinstance(outlet, str) else outlet.id].address
        return f"http://{self.network}{number}:{self.port}"

    def watched(self, now: datetime) -> list[Feed]:
        """Its feeds, as they are watched from ``now`` on."""
        urls = [(self.feed_url(outlet.id), outlet) for outlet in self.outlets.values()]
        return [
            Feed(id=make_id("feed", url), url=url, added=now, title=o.name, place=o.place, kind=o.kind)
            for url, o in urls
        ]

    def resources(self) -> dict[str, dict[str, Resource]]:
        """What it serves, by address and path."""
        return {urlsplit(self.base(outlet)).hostname or "": self._resources(outlet) for outlet in self.outlets.values()}

    def expected(self) -> Expected:
        """What must be found of it."""
        wanted = expected(self)
        measures = tuple(
            replace(
                measure,
                labels=tuple(swapped(label, self.renamed.get(measure.key, {})) for label in measure.labels),
                identifier=swapped(measure.identifier, self.renamed.get(measure.key, {})),
            )
            for measure in wanted.measures
            if measure.key not in self.missing
        )
        alerts = Counter((one.labels[0], one.alert) for one in measures if one.alert and one.sure)
        return replace(wanted, measures=measures, alerts=alerts)


# ------------------------------------------------------------------ casting
def newsrooms(times: int, now: datetime, port: int) -> list[Replica]:
    """So many newsrooms, all answering on one port."""
    used: set[tuple[str, str]] = {(role.name, role.state) for role in roles()}
    return [_cast(Replica(now, port, number), used) for number in range(times)]


@cache
def roles() -> tuple[Role, ...]:
    """Every local jurisdiction that the demo expects something of."""
    found: dict[tuple[str, str, bool], set[str]] = {(HEADLINE[1], HEADLINE[2], False): {HEADLINE[0]}}
    for measure in expected(Newsroom(datetime(2026, 1, 5).astimezone(), 1)).measures:
        place, comma, state = measure.labels[0].partition(", ")
        if comma:
            name = re.sub(r" (County|Unified School District)$", "", place)
            found.setdefault((name, state, place.endswith(" County")), set()).add(measure.key)
    return tuple(Role(frozenset(keys), *role) for role, keys in found.items())


def _cast(replica: Replica, used: set[tuple[str, str]]) -> Replica:
    """Gives a newsroom its names and texts. ``used`` are names of places that are somebody's already."""
    rng = Random(replica.number)
    told: dict[str, Story] = dict(replica.stories)
    homes: dict[str, str] = {}
    for role in roles():
        parts = [story for story in told.values() if _keys(story, replica.stories) & role.keys]
        for name in _candidates(role, used, rng) if replica.number else (role.name,):
            names = dict.fromkeys((role.name, *FORMS.get(role.name, ())), name)
            if made := _changed(parts, names, replica.number):
                told |= made
                homes[f"{role.name}, {role.state}"] = f"{name}, {role.state}"
                replica.renamed |= dict.fromkeys(role.keys, names)
                used.add((name, role.state))
                break
        else:
            replica.missing |= role.keys
            for story in parts:
                del told[story.id]
    for key, number in BILLS.items():
        parts = [story for story in told.values() if key in _keys(story, replica.stories)]
        bill = {str(number): str(number + NUMBER_STEP * replica.number)}
        made = _changed(parts, bill, replica.number)
        assert made is not None, f"{key} cannot be told otherwise"
        told |= made
        replica.renamed[key] = bill
    for story in replica.stories.values():
        if told.get(story.id) is story and {"article", "copy"} & {*story.ends}:
            made = _changed([story], {}, replica.number)
            assert made is not None, f"{story.id} cannot be told otherwise"
            told |= made
    replica.outlets = {
        key: replace(outlet, place=homes.get(outlet.place, outlet.place), name=_named(outlet, homes))
        for key, outlet in outlets().items()
    }
    replica.stories = {key: replace(story, outlet=replica.outlets[story.outlet.id]) for key, story in told.items()}
    return replica


def _named(outlet: Outlet, homes: Mapping[str, str]) -> str:
    old = outlet.place.partition(",")[0]
    return swapped(outlet.name, {old: homes.get(outlet.place, outlet.place).partition(",")[0]})


def _keys(story: Story, all_stories: Mapping[str, Story]) -> set[str]:
    """Measures that a story tells of, or one that it leads to or is another form of."""
    keys = {key.partition("/")[0] for key in (*story.proves, *story.mentions)} | ({story.id} & {HEADLINE[0]})
    for other in filter(None, (story.of, story.copy_of, story.lead_of)):
        keys |= _keys(all_stories[other], all_stories)
    return keys


def _candidates(role: Role, used: set[tuple[str, str]], rng: Random) -> Iterator[str]:
    """Names of the same kind in the same state, in any order."""
    names = [name for name in _names(role.state, role.is_county) if (name, role.state) not in used]
    rng.shuffle(names)
    yield from names[:TRIALS]


@cache
def _names(state: str, is_county: bool) -> tuple[str, ...]:
    known = gazetteer()
    found: list[str] = []
    for key in known.keys():  # noqa: SIM118 - no dictionary
        if is_county:
            county = known.county(key, state)
            name = re.sub(r" County$", "", county.name) if county and county.name.endswith(" County") else ""
        else:
            place = known.place(key, state)
            fits = place is not None and SIZES[0] <= place.population <= SIZES[1] and place == known.places(key)[0]
            name = place.name if place and fits and not known.is_county(key) else ""
        if re.fullmatch(r"[A-Z][a-z]+(?: [A-Z][a-z]+)?", name):
            found.append(name)
    return tuple(sorted(set(found)))


def _changed(parts: Iterable[Story], names: Mapping[str, str], number: int) -> dict[str, Story] | None:
    """The stories under other names and with filler, if they read as before; None when one of them does not."""
    made: dict[str, Story] = {}
    for story in parts:
        home = swapped(story.outlet.place, names)
        other = replace(
            story,
            title=swapped(story.title, names),
            summary=swapped(story.summary, names),
            source_name=swapped(story.source_name, names),
        )
        wanted = _sense(_read(story, story.outlet.place), names)
        for salt in range(3):
            parts_here = [swapped(part, names) for part in story.paragraphs]
            other = replace(other, paragraphs=(*parts_here, *(_filler(part, number, salt) for part in parts_here)))
            if _sense(_read(other, home), {}) == wanted:
                break
        else:
            return None
        made[story.id] = other
    return made


def swapped(text: str, names: Mapping[str, str]) -> str:
    """The text under other names; what is in capitals stays so."""
    for old, new in names.items():
        text = re.sub(rf"(?<!\w){re.escape(old)}(?!\w)", new, text)
        if (len(old) > 2 and old.isalpha()) or " " in old.strip():
            text = re.sub(rf"(?<!\w){re.escape(old.upper())}(?!\w)", new.upper(), text)
    return text


@cache
def _read_cached(title: str, text: str, home: str, outlet: str, story: Story) -> Reading:
    known = outlets()[outlet]
    return read(
        title, text, published=story.published if story.dated else None, source=known.name, source_kind=known.kind,
        home=home, lang=known.lang, section=story.section,
    )  # fmt: skip


def _read(story: Story, home: str) -> Reading:
    text = "\n\n".join(part for part in story.paragraphs if not part.startswith("## "))
    return _read_cached(story.title, text, home, story.outlet.id, story)


def _sense(reading: Reading, names: Mapping[str, str]) -> Any:
    """What must not change."""
    reports = [
        (
            r.stage, swapped(r.jurisdiction.label, names), r.jurisdiction.type, swapped(r.body, names), r.instrument,
            swapped(r.identifier, names), r.vote, r.date, r.direction, r.alertable, r.alert,
        )
        for r in reading.reports
    ]  # fmt: skip
    return reading.relevant, reading.kind, sorted(map(repr, reports))


def _filler(paragraph: str, number: int, salt: int) -> str:
    """Sentences that stand for a paragraph in one newsroom alone, in all copies of it."""
    rng = Random(f"{number} {salt} {' '.join(paragraph.split()[:3])}")
    length, wanted = 0, FILLED * len(paragraph.split())
    said: list[str] = []
    while length < wanted:
        said.append(
            f"{rng.choice(_OPENERS)} a {_coined(rng)} {rng.choice(_PERSONS)} {rng.choice(_DOINGS)} the {_coined(rng)} "
            f"{rng.choice(_THINGS)} and {rng.choice(_DOINGS)} a {_coined(rng)} beside the {_coined(rng)}."
        )
        length += len(said[-1].split())
    return " ".join(said)


def _coined(rng: Random) -> str:
    """A word that stands nowhere else. Each five words of filler hold one: runs of common words would soon be held by
    as many articles as the frontier remembers of a fingerprint, and then say nothing of who is a copy of whom."""
    return "".join(rng.choices(_SYLLABLES, k=4))


# ------------------------------------------------------------------ the server's process
@contextmanager
def serving(replicas: Sequence[Replica]) -> Iterator[int]:
    """Serves all newsrooms; the process id of the server."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    table = {host: paths for replica in replicas for host, paths in replica.resources().items()}
    server = context.Process(target=_serve, args=(table, replicas[0].port, theirs), daemon=True)
    server.start()
    theirs.close()
    try:
        ours.recv()  # EOFError when it could not listen
        assert server.pid is not None, "it was started"
        yield server.pid
    finally:
        server.terminate()
        server.join()


def a_port() -> int:
    """A port on which the newsrooms can listen."""
    return free_port()


def _serve(table: Mapping[str, Mapping[str, Resource]], port: int, line: Any) -> None:
    asyncio.run(_listen(table, port, line))


async def _listen(table: Mapping[str, Mapping[str, Resource]], port: int, line: Any) -> None:
    loop = asyncio.get_running_loop()
    for host, paths in table.items():
        shelf = {path: _Shelved(resource) for path, resource in paths.items()}
        await loop.create_server(partial(_Outlet, shelf), host, port, backlog=64)
    line.send(True)
    await asyncio.Event().wait()


class _Shelved:
    """A resource as it goes over the wire."""

    def __init__(self, resource: Resource) -> None:
        self.resource = resource
        self._zipped = gzip.compress(resource.body, mtime=0) if resource.gzip else b""

    def answer(self, headers: Mapping[str, str], method: str) -> bytes:
        it, status = self.resource, self.resource.status
        unchanged = status == 200 and self._unchanged(headers)
        head = dict(it.headers)
        if it.etag:
            head["ETag"] = it.etag
        if it.modified:
            head["Last-Modified"] = format_datetime(it.modified, usegmt=True)
        body = it.body
        if unchanged:
            status, body = 304, b""
        elif body:
            head["Content-Type"] = it.content_type
            if it.gzip and "gzip" in headers.get("accept-encoding", ""):
                body = self._zipped
                head |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        if not unchanged:
            head["Content-Length"] = str(len(body))
        lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        return f"HTTP/1.1 {status} -\r\n{lines}\r\n".encode("latin-1") + (b"" if method == "HEAD" else body)

    def _unchanged(self, headers: Mapping[str, str]) -> bool:
        """RFC 9110 13.2.2: If-None-Match decides when present, else If-Modified-Since."""
        it = self.resource
        if tags := headers.get("if-none-match"):
            return bool(it.etag) and it.etag.removeprefix("W/") in {
                t.strip().removeprefix("W/") for t in tags.split(",")
            }
        since = headers.get("if-modified-since")
        return bool(since and it.modified) and it.modified.replace(microsecond=0) <= parsedate_to_datetime(since)  # type: ignore[union-attr, arg-type]


_GONE = _Shelved(Resource(b"There is nothing here.\n", "text/plain", 404))


class _Outlet(asyncio.Protocol):
    """One connection to one outlet."""

    def __init__(self, shelf: Mapping[str, _Shelved]) -> None:
        self._shelf = shelf
        self._request = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._request += data
        if not self._request.endswith(b"\r\n\r\n"):
            return
        first, *rest = self._request.decode("latin-1").split("\r\n")
        self._request = b""
        method, target, _ = first.split(" ", 2)
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in rest if line)}
        found = self._shelf.get(urlsplit(target).path, _GONE)
        self._transport.write(found.answer(headers, method))
        if headers.get("connection", "").lower() == "close":
            self._transport.close()
