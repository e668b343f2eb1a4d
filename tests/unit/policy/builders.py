"""Articles and reports in one line, for tests of the docket and of what follows from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

from pipeline.model import (
    AlertKind,
    Article,
    ArticleKind,
    Direction,
    Docket,
    Instrument,
    Jurisdiction,
    JurisdictionType,
    Report,
    SourceKind,
    Stage,
    Vote,
    make_id,
)
from pipeline.policy import read
from pipeline.policy.docket import Joined, join

LOS_ANGELES = Jurisdiction("Los Angeles", "city", "CA", "5368361")
ILLINOIS = Jurisdiction("Illinois", "state", "IL")


def at(text: str) -> datetime:
    """``"2024-11-20"`` or ``"2024-11-20T15:00"`` as an instant in UTC (noon when no time is given)."""
    return datetime.fromisoformat(text if "T" in text else f"{text}T12:00").replace(tzinfo=UTC)


def place(name: str, state: str, kind: JurisdictionType = "city") -> Jurisdiction:
    """A jurisdiction."""
    return Jurisdiction(name, kind, state)


def tally(ayes: int, noes: int) -> Vote:
    """A vote with both numbers told."""
    return Vote(ayes=ayes, noes=noes, unanimous=noes == 0)


def report(
    stage: Stage = "adopted",
    date: str = "",
    *,
    where: Jurisdiction = LOS_ANGELES,
    alert: AlertKind | None = "new",
    alertable: bool = True,
    instrument: Instrument | None = "ordinance",
    body: str = "City Council",
    vote: Vote | None = None,
    direction: Direction | None = "limits_cooperation",
    identifier: str = "",
    topic: str = "",
    provisions: tuple[str, ...] = (),
    confidence: float = 0.8,
    sentence: str = "",
    start: int = 0,
) -> Report:
    """A report of an action; its sentence is made from what it tells when none is given."""
    what = " ".join(part for part in (topic or instrument, identifier) if part)
    sentence = sentence or f"The {body} of {where.name} {stage} the {what} on {date}."
    return Report(
        jurisdiction=where,
        stage=stage,
        instrument=instrument,
        sentence=sentence,
        start=start,
        end=start + len(sentence),
        body=body,
        identifier=identifier,
        vote=vote,
        date=date,
        direction=direction,
        provisions=provisions,
        alertable=alertable,
        alert=alert,
        rules=("test.rule",),
        confidence=confidence,
        topic=topic,
    )


def article(
    *reports: Report,
    published: str | None = "2024-11-20",
    source: str = "Westside Courier",
    kind: ArticleKind = "news",
    source_kind: SourceKind = "news",
    title: str = "Council votes",
    story: str = "",
    name: str = "",
    seen: str = "",
) -> Article:
    """An article that tells the reports; ``name`` tells two articles of one outlet and day apart."""
    path = make_id(name, str(published), title, *(one.sentence for one in reports))
    url = f"https://{make_id(source)[:8]}.example/{path[:8]}"
    return Article(
        id=make_id("article", url),
        url=url,
        title=title,
        text="\n".join(r.sentence for r in reports),
        source=source,
        source_kind=source_kind,
        home="",
        feed="feed",
        entry="entry",
        first_seen=at(seen) if seen else (at(published) + timedelta(hours=1) if published else at("2024-11-21")),
        published=at(published) if published else None,
        kind=kind,
        reports=reports,
        story=story,
    )


def told(*reports: Report, **of_article: object) -> list[tuple[Report, Article]]:
    """The reports of one article, each with it."""
    whole = article(*reports, **of_article)  # type: ignore[arg-type]  # the keywords of article()
    return [(one, whole) for one in reports]


def minting(prefix: str = "m") -> Callable[[], str]:
    """Fresh ids ``m1``, ``m2`` ..."""
    numbers = count(1)
    return lambda: f"{prefix}{next(numbers)}"


def join_all(
    pairs: Iterable[tuple[Report, Article]],
    docket: Docket | None = None,
    *,
    now: datetime | None = None,
    mint: Callable[[], str] | None = None,
    news_days: int = 30,
) -> tuple[Docket, list[Joined]]:
    """Joins reports in the given order; *now* is an hour after each article was seen unless given."""
    mint = mint or minting()
    joined: list[Joined] = []
    for one, whole in pairs:
        moment = now or whole.first_seen + timedelta(hours=1)
        joined.append(join(docket, one, whole, now=moment, news_days=news_days, mint=mint))
        docket = joined[-1].docket
    assert docket is not None
    return docket, joined


def with_story(pair: tuple[Report, Article], story: str) -> tuple[Report, Article]:
    """The same report, its article now known to be of that story."""
    return pair[0], replace(pair[1], story=story)


def alerts(text: str, title: str = "Council and ICE", published: str = "2026-02-12") -> list[str]:
    """The kinds of the alerts that an account may raise alone."""
    return [told.alert for told in read(title, text, published=published).reports if told.alertable and told.alert]
