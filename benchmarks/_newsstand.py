"""A thousand feeds on loopback, each on its own address, served by one process whose time nobody counts.

What the feeds answer is told through a pipe: an edition adds one item to each, validators can be sent or withheld.
"""

from __future__ import annotations

import asyncio
import gzip
import multiprocessing
import re
import socket
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from xml.parsers import expat

_ITEM = re.compile(rb"<(item|entry)(?=[\s>]).*?</\1\s*>", re.DOTALL)
_ADDRESS = re.compile(
    rb"""(<link>|<guid[^>]*>|<id>|<link[^>]*\shref=["']|<feedburner:origLink>)(\s*(?:<!\[CDATA\[)?\s*)(https?://)"""
)
"""Where items and feeds write the addresses that tell them apart."""
_NAME = re.compile(rb"(<guid[^>]*>|<id>)(?!\s*(?:<!\[CDATA\[)?\s*https?://)")
"""Ids that are no addresses."""
_TELLING = re.compile(rb"<(?:guid|id|link)[\s>]")
_ASKED = re.compile(rb"if-none-match: *([^\r\n]*)", re.IGNORECASE)
_CLOSE = re.compile(rb"connection: *close", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answers:
    """How all feeds answer."""

    edition: int = 0
    """So many items were added to each."""
    validators: bool = True
    """ETags are sent and honoured."""


class Newsstand:
    """The feeds, from the outside."""

    def __init__(self, pid: int, port: int, count: int, line: Connection) -> None:
        self.pid = pid
        self.urls = [f"http://{address(number)}:{port}/feed.xml" for number in range(count)]
        self._line = line

    def tell(self, answers: Answers) -> None:
        """From now on the feeds answer so."""
        self._line.send(answers)
        self._line.recv()


@contextmanager
def newsstand(count: int, folder: Path | None) -> Iterator[Newsstand]:
    """Serves ``count`` feeds. Their bodies are those in ``folder`` (``*.xml.gz``), each used many times under addresses
    of its own, or made up without one."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    server = context.Process(target=_serve, args=(count, folder, theirs), daemon=True)
    server.start()
    try:
        assert server.pid is not None, "it was started"
        yield Newsstand(server.pid, ours.recv(), count, ours)
    finally:
        server.terminate()
        server.join()


def address(number: int) -> str:
    """The loopback address of a feed."""
    return f"127.7.{number // 250}.{number % 250 + 1}"


# ------------------------------------------------------------------ bodies
def bodies(folder: Path | None) -> list[bytes]:
    """Feed bodies, each with one item at least. Broken ones are left out: whoever gives a feed up after an error does
    not remember its validators, and would be measured at something else."""
    if folder is None:
        return [_made_up(number) for number in range(20)]
    return [body for path in sorted(folder.glob("*.xml.gz")) if _is_sound(body := gzip.decompress(path.read_bytes()))]


def _is_sound(body: bytes) -> bool:
    """Well-formed, and every item has something to tell it by."""
    try:
        expat.ParserCreate().Parse(body, True)
    except expat.ExpatError:
        return False
    return all(_TELLING.search(item[0]) for item in _ITEM.finditer(body))


def body_of(template: bytes, number: int, edition: int) -> bytes:
    """The body of one feed: the template's items under addresses of its own, and before them one new item for each
    edition. The new ones are its first item under new addresses."""
    first = _ITEM.search(template)
    assert first is not None, "every body has an item"
    news = b"".join(_renamed(first[0], b"n%d." % each) for each in range(edition, 0, -1))
    return _renamed(template[: first.start()] + news + template[first.start() :], b"f%d." % number)


def _renamed(text: bytes, mark: bytes) -> bytes:
    return _NAME.sub(rb"\g<1>" + mark, _ADDRESS.sub(rb"\g<1>\g<2>\g<3>" + mark, text))


def _made_up(number: int) -> bytes:
    """An RSS feed of 30 items of about 120 words."""
    start = datetime(2026, 1, 5, 12, tzinfo=UTC)
    words = ["council", "votes", "budget", "school", "board", "road", "county", "plan", "water", "police"]
    items = []
    for item in range(30):
        text = " ".join(words[(item * 7 + number + place * place) % len(words)] for place in range(120))
        url = f"https://paper{number}.example/news/{item}"
        items.append(
            f"<item><title>{text[:60]}</title><link>{url}</link><guid>{url}</guid>"
            f"<pubDate>{format_datetime(start - timedelta(hours=item))}</pubDate>"
            f"<description><![CDATA[<p>{text[:400]}</p><p>{text[400:]}</p>]]></description></item>"
        )
    head = f"<?xml version='1.0'?><rss version='2.0'><channel><title>Paper {number}</title>"
    return f"{head}<link>https://paper{number}.example/</link>{''.join(items)}</channel></rss>".encode()


# ------------------------------------------------------------------ the server's process
def _serve(count: int, folder: Path | None, line: Connection) -> None:
    asyncio.run(_listen(count, bodies(folder), line))


async def _listen(count: int, templates: Sequence[bytes], line: Connection) -> None:
    loop = asyncio.get_running_loop()
    told = [Answers()]

    def hear() -> None:
        told[0] = line.recv()
        line.send(True)

    with closing(socket.create_server((address(0), 0))) as first:
        port = first.getsockname()[1]
        for number in range(count):
            listener = first if number == 0 else socket.create_server((address(number), port))
            template = templates[number % len(templates)]
            await loop.create_server(partial(_Feed, number, template, told), sock=listener, backlog=16)
        loop.add_reader(line.fileno(), hear)
        line.send(port)
        await asyncio.Event().wait()


class _Feed(asyncio.Protocol):
    """One connection to one feed."""

    def __init__(self, number: int, template: bytes, told: list[Answers]) -> None:
        self._number, self._template, self._told = number, template, told
        self._request = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._request += data
        if not self._request.endswith(b"\r\n\r\n"):
            return
        answers = self._told[0]
        etag = b'"%d-%d"' % (self._number, answers.edition) if answers.validators else b""
        asked = _ASKED.search(self._request)
        head = b"ETag: " + etag + b"\r\n" if etag else b""
        if etag and asked and asked[1].strip() == etag:
            self._transport.write(b"HTTP/1.1 304 Not Modified\r\n" + head + b"\r\n")
        else:
            body = body_of(self._template, self._number, answers.edition)
            head += b"Content-Type: application/xml\r\nContent-Length: %d\r\n\r\n" % len(body)
            self._transport.write(b"HTTP/1.1 200 OK\r\n" + head + body)
        if _CLOSE.search(self._request):
            self._transport.close()
        self._request = b""
