"""What makes a feed or an entry due in the frontier: under which host, and when."""

from __future__ import annotations

from datetime import datetime, timedelta

from pipeline.articles import urls
from pipeline.frontier.base import Due
from pipeline.model import Entry, Feed

EARLIER = 1e-5
"""Of its age: an entry of last month is due 26 seconds before one of today."""


def due_feed(feed: Feed, at: datetime) -> Due:
    """A feed as due at ``at``."""
    return Due(feed.id, urls.host(feed.url), at)


def due_entry(entry: Entry, at: datetime) -> Due:
    """An entry as due at ``at``; of those that come together the older ones a little earlier, so that a first vote is
    read before the second. An item without a link is read from its feed alone: it keeps no host waiting."""
    age = min(max(at - (entry.published or at), timedelta(0)), timedelta(days=30))
    return Due(entry.id, urls.host(entry.url) if entry.url else entry.id, at - age * EARLIER)
