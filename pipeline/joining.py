"""Joining an article to what is known: its copies make one story, its reports become actions of measures."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import NamedTuple

from pipeline import repair
from pipeline.archive.base import Stored, every
from pipeline.articles import copies, urls
from pipeline.ledger import change_article, retell, try_replace
from pipeline.model import Article, Docket, Report, Step, make_id
from pipeline.policy import docket as dockets
from pipeline.policy.docket.owing import NEWS_DAYS
from pipeline.tools import Tools


class Taken(NamedTuple):
    """Where an article's reports went."""

    dockets: list[str]
    measures: tuple[str, ...]
    article: Stored[Article] | None
    """The article as it stood afterwards; None when it was removed meanwhile."""


def join_story(tools: Tools, stored: Stored[Article]) -> Stored[Article]:
    """Gives the article its story: that of the copies seen before it, else its own. Returns it as it then stands.

    Posting is atomic, so of two simultaneous copies at least one sees the other. Whoever writes a copy's story first
    decides, the other finds it written and looks again. Where a copy holds two stories together, the one whose first
    article was seen first takes in the other.
    """
    article = stored.record
    host = urls.host(article.url) if article.url else article.feed
    neighbours = tools.frontier.post(article.id, host, article.fingerprints, article.first_seen)
    seen = [tools.archive.get(Article, other) for other in copies.copies(len(article.fingerprints), host, neighbours)]
    family = [*(other.record for other in seen if other), article]
    mine = article.story
    known: Stored[Article] | None = stored
    moved: dict[str, Article] = {}
    while True:
        # What we have just written ourselves must not win over what others found written before.
        told = {story for story in (mine, *(member.story for member in family[:-1])) if story}
        head = min(told, key=partial(_first, tools)) if told else min((a.first_seen, a.id) for a in family)[1]
        if absorbed := {member.story for member in family if member.story} - {head}:
            tools.archive.refresh(Article)  # who was of one of them a moment ago has to be found
        for story in absorbed:
            for member in every(tools.archive, Article, {"story": story}):
                renamed, settled = _rename(tools, member.record.id, head)
                if settled and renamed.id != article.id:
                    moved[renamed.id] = renamed
        others = [change_article(tools, other.id, partial(_join, head)).record for other in family[:-1]]
        stored = change_article(tools, article.id, partial(_join, head), known)
        known = None  # a second look has to see what others wrote since
        if stored.record.story != head:
            mine = stored.record.story  # written by whoever found us before we had written ours
        family = [*others, stored.record]
        if {member.story for member in family} == {head}:
            break
    for other in moved.values():
        join_dockets(tools, other, [])
        retell(tools, other)
        change_article(tools, other.id, _settle)
    return stored


def _first(tools: Tools, story: str) -> tuple[bool, datetime, str]:
    """Orders stories by when their first article was seen; one whose first article was forgotten comes last."""
    stored = tools.archive.get(Article, story)
    return (False, stored.record.first_seen, story) if stored else (True, tools.now(), story)


def _rename(tools: Tools, id: str, story: str) -> tuple[Article, bool]:
    """Gives an article to another story; also whether it was settled, so that nobody but us tells of it. It is pending
    again while the dockets count it as a source of its own and its entry calls it no copy: a sweep takes it up should
    we die before they are told. What a search says of it may be a moment old: only what is changed counts."""
    settled = False

    def rename(article: Article) -> Article:
        nonlocal settled
        settled = article.story != story and not article.pending
        return article if article.story == story else replace(article, story=story, pending=True)

    return change_article(tools, id, rename).record, settled


def _settle(article: Article) -> Article:
    return replace(article, pending=False)


def _join(story: str, article: Article) -> Article:
    return replace(article, story=article.story or story)


def join_dockets(tools: Tools, article: Article, steps: list[Step]) -> Taken:
    """Takes every report into its jurisdiction's docket."""
    if article.copy_of:
        steps.append(Step(tools.now(), "story", f"copy of {article.copy_of}"))
    while True:
        touched, measures = _join_reports(tools, article, steps)
        stored = tools.archive.get(Article, article.id)
        if stored is None or stored.record.story == article.story:
            return Taken(touched, measures, stored)
        # A copy joined its story to another one meanwhile: the dockets must not keep the old one.
        article, steps = stored.record, []


def _join_reports(tools: Tools, article: Article, steps: list[Step]) -> tuple[list[str], tuple[str, ...]]:
    touched: dict[str, None] = {}
    measures: dict[str, None] = {}
    for report in article.reports:
        if not report.jurisdiction.state:
            steps.append(
                Step(tools.now(), "docket", f"{report.stage} in {report.jurisdiction.name}: state unknown, not joined")
            )
            continue
        docket_id, joined = _join_docket(tools, report, article)
        touched[docket_id] = None
        if joined.measure:
            measures[joined.measure] = None
        if joined.change == "new measure":
            tools.tally.add("measure")
        which = joined.measure or "of a measure that was withdrawn"
        steps.append(
            Step(tools.now(), "docket", f"{report.stage} in {report.jurisdiction.label}: {joined.change} {which}")
        )
    return list(touched), tuple(measures)


def _join_docket(tools: Tools, report: Report, article: Article) -> tuple[str, dockets.Joined]:
    """Compare-and-set until it holds: only this decides whether a measure is new or known. Returns the docket it was
    joined in: another one than the jurisdiction's where an analyst has moved the measure."""
    docket_id, into = report.jurisdiction.key, ""
    tries = 0
    while True:
        stored = tools.archive.get(Docket, docket_id)
        joined = dockets.join(
            stored.record if stored else None,
            report,
            article,
            now=tools.now(),
            news_days=NEWS_DAYS,
            mint=partial(_mint, tools, docket_id),
            into=into,
        )
        if joined.elsewhere:
            docket_id, _, into = joined.elsewhere.partition(":")
        elif stored is None:
            if tools.archive.create(joined.docket):
                return docket_id, joined
        elif joined.docket == stored.record:
            return docket_id, joined
        elif try_replace(tools, joined.docket, stored.version):
            if len(joined.docket.audit) > len(stored.record.audit):
                repair.point_articles(tools.archive, joined.docket)
            return docket_id, joined
        else:
            tries += 1
            time.sleep(tools.rng.uniform(0, 0.02) * tries)


def _mint(tools: Tools, docket_id: str) -> str:
    return make_id("measure", docket_id, str(tools.rng.getrandbits(64)))[:16]
