"""Who owns the outlet behind a feed: what the operator said of it, else the table ``config/owners.csv``.

One owner's outlets run the same stories: an analyst who counts outlets alone takes a chain for a chorus.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

from pipeline.articles import urls
from pipeline.errors import Refused
from pipeline.model import Feed

TABLE = Path(__file__).parents[2] / "config" / "owners.csv"


def owner_of(feed: Feed) -> str:
    """The owner's name: the operator's word, else the table's for the site of the feed's URL; "" when nobody knows.

    An aggregator carries other people's outlets: the table says nothing of one, wherever it is served from.
    """
    if feed.owner or feed.kind == "aggregator":
        return feed.owner
    try:
        labels = urls.host(feed.url).split(".")
    except Refused:
        return ""
    # From the whole host upwards, so that neither feeds.npr.org nor rss.nytimes.com needs a line of its own. The table
    # holds sites alone; the public suffix list, a tenth of a second to load, has nothing to add to a look into it.
    names = (".".join(labels[first:]) for first in range(len(labels)))
    return next((table()[name] for name in names if name in table()), "")


@cache
def table() -> dict[str, str]:
    """Owners by site (the registered domain in lower case), read once."""
    lines = (line for line in TABLE.read_text("utf-8").splitlines() if line and not line.startswith("#"))
    return {row["site"]: row["owner"] for row in csv.DictReader(lines)}
