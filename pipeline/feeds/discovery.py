"""The feeds an HTML page names in its head, for ``feeds add https://outlet.example/``.

Runs where foreign bytes are parsed: in a child process of the workshop.
"""

from __future__ import annotations

import re

from bs4 import BeautifulSoup, SoupStrainer

from pipeline.feeds.parsed import web_link

MAX_FEEDS = 20
_HEAD_CAP = 512 * 1024
_HEAD_END = re.compile(rb"</head\s*>|<body[\s>]", re.IGNORECASE)
_TYPES = {
    "application/rss+xml",
    "application/atom+xml",
    "application/rdf+xml",
    "application/feed+json",
    "application/x.atom+xml",
    "application/x-atom+xml",
    "application/xml",
    "text/xml",
    "text/rss+xml",
}
"""Not application/json: WordPress names its API so."""
_SECONDARY = re.compile(r"comments?(?:[\s/?&=_-]|$)|/oembed", re.IGNORECASE)


def find_feeds(body: bytes, url: str) -> list[str]:
    """Absolute http(s) addresses of the feeds that ``<link rel="alternate">`` names, in the page's order, those of
    comments last; [] when it names none. Nothing is guessed. ``url`` is where the page came from."""
    head = body[:_HEAD_CAP].removeprefix(b"<?xml")  # XHTML; Beautiful Soup would warn that it is XML
    if end := _HEAD_END.search(head):
        head = head[: end.start()]
    soup = BeautifulSoup(head, "lxml", parse_only=SoupStrainer(["base", "link"]))
    base = next((str(tag["href"]) for tag in soup.find_all("base", href=True)), "")
    base = web_link(base, url) or url
    found: dict[str, bool] = {}
    for tag in soup.find_all("link", href=True):
        rels = {str(rel).lower() for rel in tag.get_attribute_list("rel") if rel}
        kind = str(tag.get("type") or "").split(";")[0].strip().lower()
        if ("alternate" in rels and kind in _TYPES) or "feed" in rels:
            link = web_link(str(tag["href"]), base)
            if link and link != url:
                label = f"{tag.get('title') or ''} {link}"
                found.setdefault(link, _SECONDARY.search(label) is not None)
    return sorted(found, key=lambda link: found[link])[:MAX_FEEDS]
