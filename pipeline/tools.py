"""What the flow works with: opened once per process, closed once."""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from config.settings import Settings
from pipeline.alerts import Transport, open_transport
from pipeline.archive import open_archive
from pipeline.archive.base import Archive
from pipeline.fetch import Fetcher
from pipeline.frontier import open_frontier
from pipeline.frontier.base import Frontier
from pipeline.model import Clock, utc_now
from pipeline.politeness import Politeness
from pipeline.tally import Tally
from pipeline.workshop import Workshop

WORKSHOP_IMPORTS = (
    "pipeline.analysis",
    "pipeline.articles.extract",
    "pipeline.feeds.markup",
    "pipeline.feeds.parse",
    "pipeline.feeds.sitemap",
    "pipeline.policy",
    "trafilatura",
)
"""What a child imports before its first task."""


@dataclass(frozen=True)
class Tools:
    """Stores, fetcher, children, mail, time and chance."""

    settings: Settings
    archive: Archive
    frontier: Frontier
    fetcher: Fetcher
    politeness: Politeness
    workshop: Workshop
    transport: Transport
    now: Clock = utc_now
    rng: random.Random = field(default_factory=random.Random)
    tally: Tally = field(default_factory=Tally)
    stopping: threading.Event = field(default_factory=threading.Event)
    """Set when the process is asked to stop: what is under way ends, nothing more is taken up."""


@contextmanager
def open_tools(settings: Settings, *, now: Clock = utc_now) -> Iterator[Tools]:
    """Opens everything that ``settings`` names and closes it again.

    Raises ``UserError`` when a URL names a store that is not built in, ``Unavailable`` when one does not answer.
    """
    settings.ensure_home()
    settings = settings.ensure_secret_key()
    with ExitStack() as stack:
        archive = open_archive(settings.archive)
        stack.callback(archive.close)
        frontier = open_frontier(settings.frontier)
        stack.callback(frontier.close)
        fetcher = Fetcher(contact=settings.contact, networks=settings.networks)
        stack.callback(fetcher.close)
        workshop = Workshop(size=os.cpu_count() or 2, imports=WORKSHOP_IMPORTS)
        stack.callback(workshop.close)
        yield Tools(
            settings=settings,
            archive=archive,
            frontier=frontier,
            fetcher=fetcher,
            politeness=Politeness(frontier, fetcher, now=now),
            workshop=workshop,
            transport=open_transport(settings),
            now=now,
        )
