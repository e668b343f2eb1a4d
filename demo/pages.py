"""The furniture around the texts: pages as newspapers serve them.

Templates stand in ``furniture/``; an outlet names the one it uses (``outlets.toml``):

============  ==================================================================================================
broadsheet    JSON-LD and OpenGraph; cookie notice, newsletter box, author box, a related headline inside the text
sections      microdata; section menu, share buttons, most read; JSON-LD where the text is not free
journal       ``article:published_time`` and OpenGraph; tags, comments, previous and next
plain         nothing for machines: a table from the nineties, the date only in words
civic         a government's release: Dublin Core, contact block, seal
amp           the short form of another page, with rel=canonical
tag           a list of headlines about one topic
interstitial  an aggregator's page: forwards by script, says nothing
front, gone   an outlet's front page, and what it answers when there is nothing
============  ==================================================================================================

Every page says in small print that the newsroom is invented.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path

import jinja2

from demo.stories import MONTHS, WEEKDAYS, Outlet, Story

FOLDER = Path(__file__).parent / "furniture"
RELATED = 4


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["words"] = in_words
    environment.filters["clock"] = on_the_clock
    return environment


def in_words(at: datetime) -> str:
    """``Tuesday, November 19, 2024``."""
    return f"{WEEKDAYS[at.weekday()]}, {MONTHS[at.month - 1]} {at.day}, {at.year}"


def on_the_clock(at: datetime) -> str:
    """``9:05 p.m.``"""
    return f"{at.hour % 12 or 12}:{at.minute:02} {'a.m.' if at.hour < 12 else 'p.m.'}"


def article(story: Story, base: str, others: Sequence[Story], canonical: str) -> bytes:
    """The page of a story, in its outlet's charset.

    ``base`` is the outlet's root without a slash at its end, ``others`` the outlet's other stories (headlines of
    the next four become related links), ``canonical`` the absolute URL of the page that counts.
    """
    furniture = story.page if story.page in ("amp", "tag", "interstitial") else story.outlet.furniture
    related = [other for other in others if other.id != story.id and other.page == "article"]
    html = _environment().get_template(f"{furniture}.html").render(
        story=story,
        outlet=story.outlet,
        base=base,
        canonical=canonical,
        related=[(other.title, base + other.path) for other in related[:RELATED]],
        shown=story.paragraphs[:1] if story.paywall else story.paragraphs,
        stamp=story.published.isoformat() if story.dated else "",
    )  # fmt: skip
    return html.encode(story.outlet.charset, "xmlcharrefreplace")


def front(outlet: Outlet, base: str, everything: Sequence[Story]) -> bytes:
    """The outlet's front page: its headlines."""
    html = _environment().get_template("front.html").render(
        outlet=outlet, base=base, headlines=[(story.title, base + story.path) for story in everything]
    )  # fmt: skip
    return html.encode(outlet.charset, "xmlcharrefreplace")


def gone(outlet: Outlet, base: str) -> bytes:
    """What the outlet answers when there is no such page."""
    html = _environment().get_template("gone.html").render(outlet=outlet, base=base)
    return html.encode(outlet.charset, "xmlcharrefreplace")
