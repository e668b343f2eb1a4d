"""``explain``: what the policy room reads in one text, and why."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

from analyst.answers.text import instant, place_label, vote_said
from cli import context
from cli.output import printable, table
from pipeline.policy.shown import Checked, ShownAction, action, checks

if TYPE_CHECKING:
    from rich.console import Console

    from pipeline.model import Reading


NOWHERE = "https://unknown.invalid/"
"""Stands for the address of a page that came from a file or from standard input."""


class Subject(TypedDict):
    """The article that was read."""

    title: str
    published: str | None
    kind: str


class ExplainAnswer(TypedDict):
    """All that was read, and what was turned down."""

    article: Subject
    relevant: bool
    score: float
    frames: list[str]
    places: list[str]
    actions: list[ShownAction]
    rejected: list[Checked]


def explain(what: str) -> ExplainAnswer:
    """Reads a file, a URL or standard input ('-'). Raises ``UserError`` when it cannot be had, ``Unreadable`` when it
    is neither HTML nor text."""
    from pipeline.errors import UserError
    from pipeline.fetch import PAGE_CAP, Fetcher, check
    from pipeline.policy import read
    from pipeline.workshop import Workshop

    url, content_type = "", ""
    if what.startswith(("http://", "https://")):
        settings = context.settings()
        fetcher = Fetcher(contact=settings.contact, networks=settings.networks)
        try:
            response = fetcher.get(what, cap=PAGE_CAP)
            check(response)
        finally:
            fetcher.close()
        body, url, content_type = response.body, response.url, response.headers.get("content-type", "")
    elif what == "-":
        body = sys.stdin.buffer.read()
    else:
        try:
            body = Path(what).read_bytes()
        except OSError as error:
            raise UserError(f"cannot be read: {error.strerror}", subject=what) from None
    with Workshop(size=1) as workshop:
        page = workshop.run(_page, body, url, content_type)
        reader = partial(read, published=page.told, url=page.canonical, lang=page.lang, section=page.section)
        reading: Reading = workshop.run(reader, page.title, page.text)
    return {
        "article": {"title": page.title, "published": instant(page.published), "kind": reading.kind},
        "relevant": reading.relevant,
        "score": reading.score,
        "frames": list(reading.frames),
        "places": list(reading.places),
        "actions": [action(report) for report in reading.reports],
        "rejected": checks(reading.rejected),
    }


def _page(body: bytes, url: str, content_type: str) -> Any:
    from pipeline.articles.extract import read_page, read_text

    start = body[:2000].lstrip().lower()
    if url or start.startswith((b"<!doctype", b"<html", b"<?xml", b"<head", b"<body")) or b"<html" in start:
        page = read_page(body, url=url or NOWHERE, content_type=content_type)
        return page if url else replace(page, url="", canonical="")
    return read_text(body.decode("utf-8-sig", errors="replace"))


def print_explanation(console: Console, answer: ExplainAnswer) -> None:
    """The answer for eyes."""
    article = answer["article"]
    console.print(printable(article["title"] or "(no title)"), style="bold", markup=False)
    verdict = "relevant" if answer["relevant"] else "not relevant"
    frames = ", ".join(answer["frames"]) or "no frame"
    console.print(
        f"{article['kind']}; {article['published'] or 'undated'}; {verdict}, score {answer['score']:.2f} ({frames})"
    )
    for found in answer["actions"]:
        vote = vote_said(found["vote"])
        facts = [
            found["body"],
            found["instrument"],
            found["identifier"],
            found["stage"],
            vote,
            found["date"],
            found["direction"],
            *found["provisions"],
        ]
        console.print(f"\n{printable(place_label(found['jurisdiction']))}", style="bold", markup=False)
        console.print("  " + "; ".join(printable(fact).replace("_", " ") for fact in facts if fact), markup=False)
        console.print(f"  “{printable(found['evidence']['sentence'])}”", markup=False)
        owes = found["alert"] or "nothing"
        alone = "alone" if found["alertable"] else "with a second source"
        console.print(f"  owes: {owes} ({alone}); confidence {found['confidence']:.2f}", markup=False)
        console.print(f"  rules: {', '.join(found['rules'])}", style="dim", markup=False)
        console.print(
            f"  vetoes checked: {', '.join(check['rule'] for check in found['vetoes'])}", style="dim", markup=False
        )
    if not answer["actions"]:
        console.print("No action found.", markup=False)
    if answer["rejected"]:
        table(console, ["turned down by", "why"], ([c["rule"], c["why"]] for c in answer["rejected"]), empty="")
