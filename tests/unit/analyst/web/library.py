"""A small made-up archive with everything the pages must show: a story with copies, measures of both directions in
several places, things that were set aside, feeds well and ill, and texts that mean harm."""

from __future__ import annotations

from collections.abc import Iterator
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
    Subscription,
    Vote,
    make_id,
)

NOW = datetime(2025, 11, 28, 15, 30, tzinfo=UTC)
SUBSCRIPTION = Subscription(
    "sub1", "reader@mail.example", NOW - timedelta(days=40), "West coast", ("CA", "WA"), ("limits_cooperation",)
)

HARBOR = Jurisdiction("Port Ellery", "city", "CA")
COUNTY = Jurisdiction("Sable County", "county", "CA")
CALIFORNIA = Jurisdiction("California", "state", "CA")
PRAIRIE = Jurisdiction("Dunmore", "city", "TX")
TEXAS = Jurisdiction("Texas", "state", "TX")
FEDERAL = Jurisdiction("United States", "federal", "US")

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

PASSED = (
    "The Port Ellery City Council voted 11-0 on Tuesday to approve a sanctuary city ordinance that bars the use of "
    "city resources for federal immigration enforcement."
)


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
            last_success=None if last is None else moment(last),
            failure=Failure("Unreachable", failure, moment(0.1)) if failure else None,
        )
        self.archive.create(made)
        self.frontier.put("feed", [Due(made.id, host, NOW + timedelta(minutes=12))])
        if quiet:
            note = FeedNote(
                last_new=moment(40), last_success=moment(0.02), polls=4_000, habit=40_000.0, items_per_week=14.0
            )
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


def fill(archive: Archive, frontier: Frontier) -> Library:
    """The whole library."""
    made = Library(archive, frontier)
    _port_ellery(made)
    _texas(made)
    _elsewhere(made)
    _hostile(made)
    _ordinary(made)
    made.keep_dockets()
    _feeds(made)
    archive.create(SUBSCRIPTION)
    return made


def _port_ellery(library: Library) -> None:
    limits: Direction = "limits_cooperation"
    where = (HARBOR.label, "CA")
    planned = "A Port Ellery council member introduced a sanctuary ordinance on Monday."
    first = library.article(
        "Port Ellery Beacon",
        "Council member to propose sanctuary ordinance",
        f"{planned}\n\nThe draft would keep city employees from asking about immigration status.",
        24.2,
        report(HARBOR, "introduced", planned, limits),
        places=where,
        measures=("m-ellery",),
    )
    passed = report(HARBOR, "adopted", PASSED, limits)
    local = library.article(
        "Port Ellery Beacon",
        "Port Ellery council approves sanctuary city ordinance, 11-0",
        f"{PASSED}\n\nDozens spoke during a meeting that lasted past midnight. The ordinance keeps city staff from "
        "asking about immigration status and closes the jail to federal agents without a judicial warrant. It takes "
        "effect in 30 days after a second reading.",
        16.3,
        passed,
        places=where,
        measures=("m-ellery",),
    )
    wire = library.article(
        "Coastline Wire",
        "Port Ellery becomes sanctuary city after unanimous vote",
        f"PORT ELLERY, Calif. — {PASSED}\n\nSupporters filled the chamber. Opponents said that the city might lose "
        "federal funds.",
        16.1,
        passed,
        kind="wire",
        places=where,
        measures=("m-ellery",),
    )
    for hours, outlet in enumerate(
        ("Sable Valley Times", "Northgate Observer", "Rivermouth Ledger", "Bay & Hills Report", "Lone Prairie Post")
    ):
        library.article(
            outlet,
            "Port Ellery becomes sanctuary city" if hours % 2 else "Calif. port city votes for sanctuary status",
            wire.text,
            16.05 - hours / 24,
            passed,
            of=wire,
            places=where,
            measures=("m-ellery",),
        )
    letter = "The council was right to approve the ordinance, and right to do it together."
    library.article("Open Forum Letters", "A city for all who live in it", letter, 14, kind="opinion", places=where)
    signed_text = "Mayor Ines Example-Ruiz signed the sanctuary ordinance into law on Friday."
    signed = library.article(
        "Port Ellery Beacon",
        "Mayor signs sanctuary ordinance",
        signed_text,
        6.4,
        report(HARBOR, "signed", signed_text, limits),
        places=where,
        measures=("m-ellery",),
    )
    library.measure(
        "m-ellery", HARBOR, "ordinance", limits,
        ("introduced", "2025-11-03", None, None, [first]),
        ("adopted", "2025-11-11", Vote(11, 0, None, 1, True), "new", [local, wire]),
        ("signed", "2025-11-21", None, "stage", [signed]),
        body="City Council", identifier="Ordinance No. 25-118",
        provisions=("no_city_resources", "no_status_questions", "no_jail_access"),
    )  # fmt: skip
    tabled = "The Sable County Board of Supervisors voted 3-2 to table a non-cooperation resolution."
    county = library.article(
        "Sable Valley Times",
        "Supervisors table resolution on detainers",
        tabled,
        9.5,
        report(COUNTY, "tabled", tabled, limits),
        places=(COUNTY.label, "CA"),
        measures=("m-sable",),
    )
    library.measure(
        "m-sable", COUNTY, "resolution", limits, ("tabled", "2025-11-18", Vote(3, 2, on="table"), None, [county]),
        body="Board of Supervisors",
    )  # fmt: skip


def _texas(library: Library) -> None:
    mandates: Direction = "mandates_cooperation"
    agreed = "The Dunmore City Council approved a 287(g) agreement with federal authorities in a 5-2 vote."
    news = library.article(
        "Dunmore Dispatch",
        "Dunmore signs on to 287(g)",
        f"{agreed}\n\nUnder the agreement two jail officers will be trained to serve immigration warrants.",
        4.2,
        report(PRAIRIE, "approved", agreed, mandates),
        places=(PRAIRIE.label, "TX"),
        measures=("m-dunmore",),
    )
    minutes = library.article(
        "Council Clerk of Dunmore",
        "Minutes of the regular meeting, 24 November 2025",
        f"Item 9. {agreed}",
        3.6,
        report(PRAIRIE, "approved", agreed, mandates),
        kind="government_document",
        places=(PRAIRIE.label, "TX"),
        measures=("m-dunmore",),
    )
    library.measure(
        "m-dunmore", PRAIRIE, "287g_agreement", mandates,
        ("approved", "2025-11-24", Vote(5, 2), "new", [news, minutes]),
        body="City Council", provisions=("jail_enforcement",),
    )  # fmt: skip
    filed = "A bill that would require every sheriff to honor detainers was introduced in the Texas House."
    bill = library.article(
        "Lone Prairie Post",
        "House bill would require detainers to be honored statewide",
        filed,
        1.1,
        report(TEXAS, "introduced", filed, mandates),
        places=("TX",),
        measures=("m-texas",),
    )
    library.measure(
        "m-texas", TEXAS, "bill", mandates, ("introduced", "2025-11", None, None, [bill]),
        body="House", identifier="H.B. 9010",
    )  # fmt: skip


def _elsewhere(library: Library) -> None:
    ruling = "A federal judge blocked the funding condition for so-called sanctuary jurisdictions on Wednesday."
    news = library.article(
        "The Federal Docket",
        "Judge blocks funding condition for sanctuary jurisdictions",
        f"{ruling}\n\nThe order covers sixteen cities and counties that had sued.",
        2.3,
        report(FEDERAL, "enjoined", ruling, None),
        places=("US",),
        measures=("m-federal",),
    )
    library.measure(
        "m-federal", FEDERAL, "court_ruling", None, ("enjoined", "2025-11-26", None, "ruling", [news]),
        body="District Court",
    )  # fmt: skip


def _hostile(library: Library) -> None:
    library.article(
        "Lone Prairie Post",
        "<script>alert('title')</script> council \u202eetov\u202c & <b>ordinance</b>",
        "</p><img src=x onerror=alert(1)> The council discussed an ordinance \u2067and more\u2069.\x07",
        5.5,
        url="javascript:alert(document.domain)",
        places=("TX",),
    )


def _ordinary(library: Library) -> None:
    for number, (source, title) in enumerate(_headlines()):
        days = None if number % 11 == 10 else 0.4 + number * 0.83
        library.article(
            source,
            title,
            f"{title}. Members heard from residents about immigration enforcement and asked for a report on the cost "
            "of a sanctuary policy before the next meeting.",
            days,
            places=(OUTLETS[source][1],) if OUTLETS[source][1] != "US" else (),
        )
    library.archive.create(
        Entry(
            id=make_id("article", "https://lonepraiririepost.example/owls"),
            url="https://lonepraiririepost.example/owls",
            feed=make_id("feed", "Lone Prairie Post"),
            source="Lone Prairie Post",
            first_seen=moment(2),
            item=Item(id="owls", title="Owl sanctuary opens new aviary"),
            published=moment(2),
            outcome="discard",
            reason="not relevant: an animal sanctuary",
            score=0.04,
            steps=(
                Step(moment(2), "seen", "in the feed"),
                Step(moment(2), "fetched", "200, 18 kB"),
                Step(moment(2), "relevance", "not relevant, 0.04: animal sanctuary"),
            ),
        )
    )

    for number in range(400):
        name = list(OUTLETS)[number % len(OUTLETS)]
        url = f"https://{make_id(name)[:6]}.example/other/{number}"
        library.archive.create(
            Entry(
                id=make_id("article", url),
                url=url,
                feed=make_id("feed", name),
                source=name,
                first_seen=moment(number / 14),
                item=Item(id=url, title="Other news", link=url),
                published=moment(number / 14),
                outcome="discard",
                reason="not relevant",
                score=0.01,
            )
        )


def _headlines() -> Iterator[tuple[str, str]]:
    subjects = ("Council", "Sheriff", "School board", "Commission")
    verbs = ("weighs", "hears hours of testimony on", "asks for a report on", "postpones a vote on")
    objects = ("sanctuary policy", "jail detainers", "immigration enforcement on campus", "a welcoming resolution")
    outlets = [name for name, (kind, _) in OUTLETS.items() if kind == "news"]
    for number in range(30):
        title = f"{subjects[number % 4]} {verbs[number // 2 % 4]} {objects[number * 3 // 4 % 4]}"
        yield outlets[number % len(outlets)], title


def _feeds(library: Library) -> None:
    for name in OUTLETS:
        if name == "Rivermouth Ledger":
            library.feed(name, last=3.2, failure="the host does not answer")
        elif name == "Open Forum Letters":
            library.feed(name, quiet=True)
        elif name == "Bay & Hills Report":
            library.feed(name, last=None)
        else:
            library.feed(name)
