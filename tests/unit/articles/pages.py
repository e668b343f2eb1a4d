"""Self-written pages in realistic furniture, for reading with and without structured data."""

from __future__ import annotations

import json

PARAGRAPHS = (
    "PORT ALDEN — The city council voted 7-2 late Tuesday to bar city employees from asking residents about their"
    " immigration status, ending five months of hearings.",
    "The ordinance forbids the use of municipal money, buildings and staff time for civil immigration enforcement"
    " unless a judge has signed a warrant.",
    "Supporters filled the chamber and two overflow rooms. Several speakers described relatives who had stopped"
    " visiting the public clinic.",
    "“People should be able to call an ambulance without wondering who else will arrive,” said council member Lida"
    " Marron, who wrote the measure.",
    "The two members who voted against it said they feared losing federal grants that pay for the harbor patrol.",
    "Mayor Oriel Vance said through a spokesman that she would sign it before the end of the week. It takes effect"
    " thirty days later.",
    "Opponents said they would collect signatures for a referendum and need about four thousand names by January.",
)
"""The text of the story; long enough not to be taken for a stub."""

TITLE = "Port Alden council adopts sanctuary ordinance, 7-2"
URL = "https://www.portledger.example/news/2024/council-sanctuary.html"
EVENING = "2024-11-19T22:40:00-08:00"

NEWS_ARTICLE = {
    "@context": "https://schema.org",
    "@type": "NewsArticle",
    "headline": TITLE,
    "datePublished": EVENING,
    "dateModified": "2024-11-25T08:00:00-08:00",
    "author": [{"@type": "Person", "name": "Ann Doe"}, {"@type": "Person", "name": "Bo Roe"}],
    "publisher": {"@type": "NewsMediaOrganization", "name": "The Port Alden Ledger"},
    "articleSection": "Local",
}


def page(
    *,
    title: str = f"{TITLE} | The Port Alden Ledger",
    heading: str = f"<h1>{TITLE}</h1>",
    head: str = "",
    byline: str = "",
    paragraphs: tuple[str, ...] = PARAGRAPHS,
    jsonld: object = None,
    lang: str = ' lang="en-US"',
    between: str = "",
) -> str:
    """A page of an outlet: menu, cookie text, side bar, related links, footer, and the given parts."""
    script = "" if jsonld is None else f'<script type="application/ld+json">{json.dumps(jsonld)}</script>'
    body = "\n".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return f"""<!DOCTYPE html>
<html{lang}>
<head>
<meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width">{head}
<style>body {{ margin: 0 }}</style>{script}
<script>window.dataLayer = [{{"datePublished": "1999-01-01"}}];</script>
</head>
<body>
<div class="cookie-banner"><p>We use cookies to make this site work. <button>Accept</button></p></div>
<header><a href="/">The Port Alden Ledger</a>
<nav><ul><li><a href="/news">News</a></li><li><a href="/sports">Sports</a></li><li><a href="/obits">Deaths</a></li></ul>
<time datetime="2020-02-02">Sunday</time></nav></header>
<main>
<article>
{heading}
{byline}
{between}
{body}
</article>
<aside><h2>Most read</h2><ul><li><a href="/a">Ferry fares to rise</a> <time datetime="2021-01-01">old</time></li>
<li><a href="/b">Harbor dredging delayed again</a></li></ul></aside>
</main>
<section class="comments"><div class="comment"><time datetime="2024-12-24">today</time><p>First!</p></div></section>
<footer><p>© 2026 The Port Alden Ledger. All rights reserved.</p></footer>
</body></html>"""
