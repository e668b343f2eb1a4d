"""A made-up newspaper library and made-up questions about it, the same for every archive and every run."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random

from pipeline.model import (
    DIRECTIONS,
    STAGES,
    Article,
    ArticleKind,
    Entry,
    Item,
    SourceKind,
    make_id,
)

ZONES = ("UTC", "America/Los_Angeles", "America/Havana", "Asia/Kolkata", "Australia/Lord_Howe")
FIRST_DAY = datetime(2023, 12, 20, tzinfo=UTC)

COMMON = (
    "the", "a", "of", "to", "in", "on", "city", "council", "county", "sheriff", "policy", "vote", "ordinance",
    "sanctuary", "immigration",
)  # fmt: skip
PHRASES = (
    "sanctuary city", "sanctuary cities", "welcoming city resolution", "287(g)", "287 (g) agreement", "8 U.S.C. 1373",
    "8 USC § 1373", "S.B. 54", "SB 54", "SB54", "H.B. 444", "13-0", "13–0 vote", "vote of 13 to 0", "$1,000", "1000",
    "3.5 million", "Chicago’s", "Chicago's council", "city's", "Doña Ana County", "Don\u0303a Ana", "DOÑA ANA",
    "L.A. County", "LA", "non-cooperation", "noncooperation", "non cooperation", "city-wide", "citywide", "COVID-19",
    "sanc\u00adtuary", "zero\u200bwidth", "Straße", "STRASSE", "İstanbul", "oﬃce", "①", "½", "移民庇護都市", "ลี้ภัย",
    "press@lacity.example", "https://lacity.example/ordinance?id=4", "sanctuary_city", "🗽 liberty", "Łódź",
    "smørrebrød", "immigration's", "U.S. Immigration and Customs Enforcement", "ICE", "ice storm",
    "immigrants", "immigrant",
)  # fmt: skip
SOURCES: tuple[tuple[str, SourceKind, str], ...] = (
    ("Harbor Courier", "news", "Los Angeles, CA"),
    ("Lake Tribune", "news", "Chicago, IL"),
    ("lake tribune", "news", "IL"),
    ("Plains Wire", "wire", "US"),
    ("City of Examplia", "government", "TX"),
    ("Zürcher Blätter", "news", ""),
    ("O’Hara’s Notebook", "opinion", "Kansas City, MO"),
    ("Valley Voice, The", "advocacy", "District of Columbia"),
)
PLACES = (
    "Los Angeles, CA", "Los Angeles County, CA", "Chicago, IL", "California", "CA", "Washington", "Washington, DC",
    "New York, NY", "New York", "Doña Ana County, NM", "Kansas City, KS", "Kansas City, MO", "United States",
    "Saint-Denis, FR",
)  # fmt: skip
KINDS: tuple[ArticleKind, ...] = ("news", "wire", "government_document", "press_release")
MEASURES = tuple(make_id("measure", str(number)) for number in range(6))


def articles(count: int = 500, seed: int = 11) -> list[Article]:
    """Articles of some 18 months, a tenth of them without a date, many on the same days, a third copies."""
    random = Random(seed)
    made: list[Article] = []
    for number in range(count):
        source, source_kind, home = random.choice(SOURCES)
        published = None
        if random.random() < 0.9:
            day = int(random.triangular(0, 540, 400)) if random.random() < 0.7 else random.choice((72, 80, 315, 320))
            # Minutes of even ten, so that some articles of a day are equal in time.
            published = FIRST_DAY + timedelta(days=day, minutes=random.randrange(0, 1440, 10), microseconds=number)
        if number % 97 == 96:
            published = datetime(1969, 12, 31, 23, number % 60, tzinfo=UTC) + timedelta(days=random.randrange(-1, 3))
        first = random.choice(made) if made and random.random() < 0.3 else None
        name = make_id("article", str(number))
        story = (first.story or first.id) if first else ("" if random.random() < 0.1 else name)
        made.append(
            Article(
                id=name,
                url=f"https://news.example/{number}",
                title=first.title if first and random.random() < 0.5 else prose(random, 3, 9).capitalize(),
                text=prose(random, 5, 90),
                source=source,
                source_kind=source_kind,
                home=home,
                feed=make_id("feed", source),
                entry=name,
                first_seen=FIRST_DAY + timedelta(minutes=number),
                published=published,
                lang=random.choice(("en", "en-US", "es", "")),
                kind=random.choice(KINDS),
                places=tuple(random.sample(PLACES, random.choice((0, 1, 1, 2, 3)))),
                story=story,
                measures=tuple(random.sample(MEASURES, random.choice((0, 0, 1, 2)))),
                stages=tuple(random.sample(STAGES, random.choice((0, 0, 1, 2)))),
                directions=tuple(random.sample(DIRECTIONS, random.choice((0, 1)))),
                pending=random.random() < 0.1,
            )
        )
    return made


def entries(found: list[Article], seed: int = 12) -> list[Entry]:
    """The entries of the articles, and twice as many that became nothing."""
    random = Random(seed)
    made = [
        entry(article.source, str(number), article.published, id=article.entry, article=article.id)
        for number, article in enumerate(found)
    ]
    for number in range(2 * len(found)):
        source = random.choice(SOURCES)[0] if random.random() < 0.9 else "Silent Gazette"
        published = FIRST_DAY + timedelta(minutes=random.randrange(560 * 1440)) if random.random() < 0.9 else None
        made.append(entry(source, f"discard {number}", published))
    return made


def entry(source: str, name: str, published: datetime | None, *, id: str = "", article: str = "") -> Entry:
    return Entry(
        id=id or make_id("entry", name),
        url=f"https://news.example/{name}",
        feed=make_id("feed", source),
        source=source,
        first_seen=FIRST_DAY,
        item=Item(id=name, title=name),
        published=published,
        outcome="article" if article else "discard",
        article=article,
    )


def prose(random: Random, low: int, high: int) -> str:
    """Words, most of them common, with the spellings that archives have read differently."""
    pieces = [
        random.choice(PHRASES) if random.random() < 0.25 else random.choice(COMMON)
        for _ in range(random.randint(low, high))
    ]
    return "".join(piece + random.choice((" ", " ", " ", ", ", ". ", " — ", "\n\n", "; ")) for piece in pieces).strip()


# ------------------------------------------------------------------ questions
def queries(count: int, seed: int = 13) -> Iterator[tuple[str, str]]:
    """Queries that can be read, each with a time zone."""
    random = Random(seed)
    for _ in range(count):
        yield either(random, random.choice((0, 1, 1, 2, 2, 3))), random.choice(ZONES)


def either(random: Random, depth: int) -> str:
    """A query of at most so many levels of brackets."""
    if depth == 0:
        return atom(random)
    form = random.randrange(7)
    kids = [either(random, depth - 1) for _ in range(random.choice((2, 2, 3)))]
    if form < 2:
        return " ".join(kids)
    if form == 2:
        return " AND ".join(f"({kid})" for kid in kids)
    if form == 3:
        return " OR ".join(kids)
    if form == 4:
        return f"({' OR '.join(kids)}) {random.choice(('NOT', '-', 'AND NOT'))} ({either(random, depth - 1)})".replace(
            "- (", "-("
        )
    if form == 5:
        return f"NOT ({kids[0]})"
    return f"{random.choice(('title', 'body'))}:({' '.join(text(random) for _ in kids)})"


def atom(random: Random) -> str:
    """One term of any kind."""
    form = random.randrange(12)
    if form < 5:
        return text(random)
    if form == 5:
        return f"{random.choice(('title', 'body'))}:{text(random)}"
    if form == 6:
        return random.choice(
            [
                f'source:"{random.choice(SOURCES)[0]}"', "source:lake*", f'place:"{random.choice(PLACES)}"',
                "place:CA", "place:california", 'place:"Los Angeles"', "place:los*", "place:washington", "state:CA",
                "state:US", 'state:"district of columbia"', "lang:en", "lang:es-MX", "kind:press_release", "kind:news",
                f"measure:{random.choice(MEASURES)}", "stage:passed", "stage:adopted", "stage:repealed",
                f"stage:{random.choice(STAGES)}", f"direction:{random.choice(DIRECTIONS)}", "direction:limits*",
                "place:(CA OR IL)", "kind:(news OR wire)",
            ]
        )  # fmt: skip
    if form < 9:
        day = FIRST_DAY + timedelta(days=random.randrange(560))
        date = day.strftime(random.choice(("%Y", "%Y-%m", "%Y-%m-%d", "%Y-%m-%d")))
        later = (day + timedelta(days=random.randrange(370, 400))).strftime("%Y-%m-%d")
        return random.choice(
            [
                f"since:{date}", f"until:{date}", f"published:{date}", f"published:>{date}", f"published:<{date}",
                f"published:>={date}", f"published:<={date}", f"published:[{date} TO {later}]",
                f"published:{{{date} TO {later}}}", f"published:[{date} TO *]", f"published:[* TO {date}]",
                "published:*", "published:1970", "since:1970-01-01", "until:1969",
            ]
        )  # fmt: skip
    return text(random)


def text(random: Random) -> str:
    """A word, a phrase, the start of a word, or words near each other."""
    form = random.randrange(8)
    if form < 2:
        return random.choice(COMMON)
    if form == 2:
        return random.choice(
            ["287(g)", "sanctuar*", "immigra*", "cit*", "non-coop*", "13*", "chicago*", "SB54", "l.a*"]
        )
    if form == 3:
        return f'"{random.choice(COMMON)} {random.choice(COMMON)}"~{random.randrange(0, 9)}'
    if form == 4:
        return f'"{" ".join(random.choice(COMMON) for _ in range(3))}"~{random.randrange(1, 20)}'
    if form == 5:
        return f'"{random.choice(COMMON)} {random.choice(PHRASES)}"'
    if form == 6:
        return f'"{random.choice(COMMON)} {random.choice(("cit", "san", "co", "immigra", "vo"))}*"'
    return f'"{random.choice(PHRASES)}"'
