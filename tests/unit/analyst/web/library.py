"""Puts made-up articles, measures and feeds into an archive and a frontier, a line each."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from pipeline.archive.base import Archive
from pipeline.feeds.note import FeedNote
from pipeline.frontier.base import Due, Frontier
from pipeline.model import (
    Action,
    AlertKind,
    Article,
    ArticleKind,
    Direction,
    Docket,
    Entry,
    Evidence,
    Failure,
    Feed,
    Instrument,
    Item,
    Jurisdiction,
    Measure,
    Notice,
    Report,
    SourceKind,
    Stage,
    Step,
    Vote,
    make_id,
)

NOW = datetime(2025, 11, 28, 15, 30, tzinfo=UTC)


OUTLETS: dict[str, tuple[SourceKind, str]] = {
    "Port Ellery Beacon": ("news", "Port Ellery, CA"),
    "Coastline Wire": ("wire", "CA"),
    "Sable Valley Times": ("news", "Sable County, CA"),
    "Northgate Observer": ("news", "Sacramento, CA"),
    "Rivermouth Ledger": ("news", "Fresno, CA"),
    "Bay & Hills Report": ("news", "Oakland, CA"),
    "Dunmore Dispatch": ("news", "Dunmore, TX"),
    "Lone Prairie Post": ("news", "TX"),
    "Council Clerk of Dunmore": ("government", "Dunmore, TX"),
    "The Federal Docket": ("news", "US"),
    "Open Forum Letters": ("opinion", "CA"),
}

OWNERS = {
    "Port Ellery Beacon": "Ellery Coast Newspapers",
    "Sable Valley Times": "Ellery Coast Newspapers",
    "Rivermouth Ledger": "Ellery Coast Newspapers",
    "Dunmore Dispatch": "Lone Prairie Media",
    "Lone Prairie Post": "Lone Prairie Media",
    "Bay & Hills Report": "Bay & Hills <Holdings>",
}
"""Of the outlets of which one is known."""


def moment(days: float) -> datetime:
    """So many days before ``NOW``."""
    return NOW - timedelta(days=days)


class Library:
    """Fills the two stores."""

    def __init__(self, archive: Archive, frontier: Frontier) -> None:
        self.archive = archive
        self.frontier = frontier
        self.dockets: dict[str, Docket] = {}

    def article(
        self,
        source: str,
        title: str,
        text: str,
        days: float | None,
        *reports: Report,
        kind: ArticleKind = "news",
        of: Article | None = None,
        url: str = "",
        places: tuple[str, ...] = (),
        measures: tuple[str, ...] = (),
    ) -> Article:
        """Keeps an article, published so many days ago (None: undated), and its entry."""
        source_kind, home = OUTLETS.get(source, ("news", ""))
        host = "".join(filter(str.isalpha, source.lower())) + ".example"
        address = url or f"https://{host}/news/{make_id(title, source, str(days))[:8]}"
        key = make_id("article", address)
        published = None if days is None else moment(days)
        made = Article(
            id=key,
            url=address,
            title=title,
            text=text,
            source=source,
            source_kind=source_kind,
            home=home,
            feed=make_id("feed", source),
            entry=key,
            first_seen=(published or moment(3)) + timedelta(minutes=20),
            published=published,
            lang="en",
            kind=kind,
            score=0.91,
            places=places or tuple(dict.fromkeys(report.jurisdiction.label for report in reports)),
            reports=reports,
            story=of.story if of else key,
            measures=measures,
            stages=tuple(dict.fromkeys(report.stage for report in reports)),
            directions=tuple(dict.fromkeys(report.direction for report in reports if report.direction)),
            pending=False,
        )
        self.archive.create(made)
        self.archive.create(
            Entry(
                id=key,
                url=address,
                feed=made.feed,
                source=source,
                first_seen=made.first_seen,
                item=Item(id=address, title=title, link=address),
                published=published,
                outcome="copy" if of else "article",
                article=key,
                score=0.91,
                steps=(
                    Step(made.first_seen, "seen", "in the feed"),
                    Step(made.first_seen, "fetched", "200, 41 kB"),
                    Step(made.first_seen, "relevance", "relevant, 0.91"),
                ),
            )
        )
        return made

    def measure(
        self,
        id: str,
        where: Jurisdiction,
        instrument: Instrument,
        direction: Direction | None,
        *steps: tuple[Stage, str, Vote | None, AlertKind | None, list[Article]],
        body: str = "",
        identifier: str = "",
        provisions: tuple[str, ...] = (),
    ) -> Measure:
        """Puts a measure into its docket; each step has a stage, a date, a vote, an alert and its articles."""
        actions = tuple(
            Action(
                id=f"{id}.{stage}",
                stage=stage,
                date=date,
                first_reported=min(article.published or article.first_seen for article in articles),
                vote=vote,
                alert=alert,
                evidence=tuple(_evidence(article, stage) for article in articles),
                articles=tuple(article.id for article in articles),
                confidence=0.86,
            )
            for stage, date, vote, alert, articles in steps
        )
        made = Measure(
            id=id,
            jurisdiction=where,
            created=actions[0].first_reported,
            body=body,
            instrument=instrument,
            identifier=identifier,
            direction=direction,
            provisions=provisions,
            actions=actions,
        )
        notices = tuple(
            Notice(f"{action.id}.n", action.alert, id, action.id, action.first_reported, 0.86, done=True)
            for action in actions
            if action.alert
        )
        docket = self.dockets.get(where.key) or Docket(where.key, where, actions[0].first_reported)
        self.dockets[where.key] = replace(
            docket, measures=(*docket.measures, made), notices=(*docket.notices, *notices), changed=NOW
        )
        return made

    def keep_dockets(self) -> None:
        for docket in self.dockets.values():
            self.archive.create(docket)

    def feed(self, title: str, *, last: float | None = 0.02, failure: str = "", quiet: bool = False) -> Feed:
        """Keeps a feed that last went well so many days ago."""
        kind, home = OUTLETS.get(title, ("news", ""))
        host = "".join(filter(str.isalpha, title.lower())) + ".example"
        made = Feed(
            id=make_id("feed", title),
            url=f"https://{host}/feed.xml",
            added=moment(60),
            title=title,
            place=home,
            kind=kind,
            owner=OWNERS.get(title, ""),
            last_success=None if last is None else moment(last),
            failure=Failure("Unreachable", failure, moment(0.1)) if failure else None,
        )
        self.archive.create(made)
        self.frontier.put("feed", [Due(made.id, host, NOW + timedelta(minutes=12))])
        if quiet:
            note = FeedNote(
                last_new=moment(40), last_success=moment(0.02), polls=4_000, habit=40_000.0, items_per_week=1.0,
                usual_per_week=14.0, counted_since=moment(900),
            )  # fmt: skip
            self.frontier.set_note("feed", made.id, note.to_bytes())
        return made


def report(where: Jurisdiction, stage: Stage, sentence: str, direction: Direction | None) -> Report:
    """What an article tells of an action."""
    return Report(
        jurisdiction=where,
        stage=stage,
        instrument="ordinance",
        sentence=sentence,
        start=0,
        end=len(sentence),
        direction=direction,
        rules=("stage.council-vote",),
        confidence=0.86,
    )


def _evidence(article: Article, stage: Stage) -> Evidence:
    told = next((report for report in article.reports if report.stage == stage), None)
    sentence = told.sentence if told else article.text.split("\n")[0]
    return Evidence(
        article=article.id,
        url=article.url,
        source=article.source,
        source_kind=article.source_kind,
        kind=article.kind,
        title=article.title,
        sentence=sentence,
        start=0,
        end=len(sentence),
        rules=("stage.council-vote",),
        confidence=0.86,
        story=article.story,
        alertable=True,
        at=article.published or article.first_seen,
    )
