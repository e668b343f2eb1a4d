"""A small made-up archive with everything the pages must show: a story with copies, measures of both directions in
several places, things that were set aside, feeds well and ill, and texts that mean harm."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from pipeline.archive.base import Archive
from pipeline.frontier.base import Frontier
from pipeline.model import Direction, Entry, Item, Jurisdiction, Step, Subscription, Vote, make_id
from tests.unit.analyst.web.library import NOW, OUTLETS, Library, moment, report

SUBSCRIPTION = Subscription(
    "sub1", "reader@mail.example", NOW - timedelta(days=40), "West coast", ("CA", "WA"), ("limits_cooperation",)
)

HARBOR = Jurisdiction("Port Ellery", "city", "CA")
COUNTY = Jurisdiction("Sable County", "county", "CA")
CALIFORNIA = Jurisdiction("California", "state", "CA")
PRAIRIE = Jurisdiction("Dunmore", "city", "TX")
TEXAS = Jurisdiction("Texas", "state", "TX")
FEDERAL = Jurisdiction("United States", "federal", "US")

PASSED = (
    "The Port Ellery City Council voted 11-0 on Tuesday to approve a sanctuary city ordinance that bars the use of "
    "city resources for federal immigration enforcement."
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
