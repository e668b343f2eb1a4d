"""What every archive promises, told by its protocol and held against plain Python."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

import pytest

from pipeline import errors
from pipeline.archive.base import Archive, Bucket, Charts, Facet, SourceCount, SourceLine, Timeline, every
from pipeline.archive.days import seconds
from pipeline.archive.keys import labels
from pipeline.archive.matching import matches
from pipeline.archive.query import parse
from pipeline.model import (
    RECORDS,
    Alert,
    ApiKey,
    Article,
    Docket,
    Entry,
    Feed,
    Jurisdiction,
    Quarantined,
    Record,
    Saved,
    Subscription,
    make_id,
)
from tests.conformance import corpus
from tests.conformance.conftest import Library

AT = datetime(2025, 3, 1, 12, tzinfo=UTC)


def feed(name: str = "one", at: datetime = AT) -> Feed:
    return Feed(id=make_id("feed", name), url=f"https://{name}.example/feed", added=at)


def article(name: str, title: str = "A title", text: str = "Some text.", **more: Any) -> Article:
    known_as = make_id("article", name)
    given: dict[str, Any] = {
        "id": known_as, "url": f"https://a.example/{name}", "title": title, "text": text, "source": "Harbor Courier",
        "source_kind": "news", "home": "CA", "feed": make_id("feed", "one"), "entry": known_as, "first_seen": AT,
    }  # fmt: skip
    return Article(**(given | more))


def one_of_each() -> list[Record]:
    return [
        feed(),
        corpus.entry("Harbor Courier", "e", AT),
        article("a"),
        Docket(id="d", jurisdiction=Jurisdiction("Los Angeles", "city", "CA"), changed=AT),
        Subscription(id="s", to="reader@mail.example", created=AT),
        Alert(id="al", subscription="s", docket="d", measure="m", action="x", kind="new", created=AT, due=AT),
        Quarantined(id="q", what="feed", key="f", url="", step="parse", error="Unreadable", reason="no feed", at=AT),
        Saved(id="sv", name="Jails", query="detainer", created=AT, zone="America/Chicago"),
        ApiKey(id="k", name="desk", digest="0" * 64, created=AT, scopes=("read", "write"), last_used=AT),
    ]


# ------------------------------------------------------------------ records
def test_every_kind_of_record_comes_back_as_it_was(archive: Archive) -> None:
    records = one_of_each()
    assert {type(record) for record in records} == set(RECORDS)
    for record in records:
        assert archive.create(record)
        stored = archive.get(type(record), record.id)
        assert stored is not None
        assert stored.record == record
    assert archive.get(Feed, "never") is None


def test_a_record_is_created_once(archive: Archive) -> None:
    for record in one_of_each():
        version = archive.create(record)
        before = archive.get(type(record), record.id)
        assert before is not None
        assert before.version == version
        assert archive.create(record) is None
        assert archive.get(type(record), record.id) == before
    first, other = feed(), replace(feed(), title="Other")
    assert not archive.create(other)
    assert archive.get(Feed, first.id).record.title == ""  # type: ignore[union-attr]


def test_creating_many_tells_what_became_of_each(archive: Archive) -> None:
    known = article("known")
    archive.create(known)
    unwritable = article("unwritable", text="half a surrogate \ud800")
    asked: list[Record] = [article("new"), known, unwritable, feed(), article("new")]
    assert [(created.id, created.outcome) for created in archive.create_many(asked)] == [
        (asked[0].id, "created"),
        (known.id, "exists"),
        (unwritable.id, "refused"),
        (asked[3].id, "created"),
        (asked[0].id, "exists"),
    ]
    assert all(created.reason for created in archive.create_many([unwritable]))
    assert archive.create_many([]) == []
    with pytest.raises(errors.Quarantine):
        archive.create(unwritable)


def test_what_was_written_is_seen_by_those_who_ask_for_its_kind(archive: Archive) -> None:
    for record in one_of_each():
        archive.create(record)
        archive.refresh(type(record))
        assert [stored.record for stored in archive.scan(type(record))] == [record]


def test_replacing_needs_the_version_that_was_read(archive: Archive) -> None:
    for record in one_of_each():
        archive.create(record)
        stored = archive.get(type(record), record.id)
        assert stored is not None
        version = archive.replace(record, stored.version)
        assert version != stored.version
        with pytest.raises(errors.Conflict):
            archive.replace(record, stored.version)
        now = archive.get(type(record), record.id)
        assert now is not None
        assert now.version == version
        archive.replace(record, version)
    with pytest.raises(errors.Conflict):
        archive.replace(feed("absent"), "1")


def test_a_version_does_not_outlive_its_record(archive: Archive) -> None:
    for record in one_of_each():
        archive.create(record)
        stored = archive.get(type(record), record.id)
        assert stored is not None
        assert archive.delete(type(record), record.id)
        assert not archive.delete(type(record), record.id)
        assert archive.get(type(record), record.id) is None
        with pytest.raises(errors.Conflict):
            archive.replace(record, stored.version)
        assert archive.create(record)
        with pytest.raises(errors.Conflict):
            archive.replace(record, stored.version)


def test_of_many_writers_at_once_none_is_lost(archive: Archive) -> None:
    archive.create(replace(feed(), title="0"))

    def add_one(_: int) -> None:
        while True:
            stored = archive.get(Feed, feed().id)
            assert stored is not None
            try:
                archive.replace(replace(stored.record, title=str(int(stored.record.title) + 1)), stored.version)
            except errors.Conflict:
                continue
            return

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(add_one, range(60)))
    assert archive.get(Feed, feed().id).record.title == "60"  # type: ignore[union-attr]


def test_of_many_creators_at_once_one_succeeds(archive: Archive) -> None:
    with ThreadPoolExecutor(6) as pool:
        created = list(pool.map(archive.create, [article("same")] * 24))
    assert [version is not None for version in created].count(True) == 1


# ------------------------------------------------------------------ scan and count
def test_scanning_asks_by_keys_and_moment_in_order_of_id(library: Library) -> None:
    archive = library.archive
    since = corpus.FIRST_DAY + timedelta(minutes=200)
    for where, start in [
        ({}, None),
        ({"pending": "1"}, None),
        ({"source": "Lake Tribune"}, since),
        ({"source": "Lake Tribune", "pending": "0"}, since),
        ({}, since),
        ({"story": library.articles[3].story or library.articles[3].id}, None),
    ]:
        wanted = sorted(
            (
                each
                for each in library.articles
                if where.items() <= each.keys().items() and (start is None or each.moment >= start)
            ),
            key=lambda each: each.id,
        )
        assert wanted
        assert [stored.record for stored in every(archive, Article, where, since=start)] == wanted
        if start is None:
            assert archive.count(Article, where) == len(wanted)
        first = archive.scan(Article, where, since=start, n=2)
        assert [stored.record for stored in first] == wanted[:2]
        following = archive.scan(Article, where, since=start, after=first[-1].record.id, n=2)
        assert [stored.record for stored in following] == wanted[2:4]


def test_scanning_asks_by_a_span_of_moments(library: Library) -> None:
    archive = library.archive
    start, end = (corpus.FIRST_DAY + timedelta(minutes=minutes) for minutes in (200, 900))
    for where in ({}, {"source": "Lake Tribune"}, {"source": "Lake Tribune", "pending": "0"}):
        for since, until in ((None, end), (start, end), (end, start)):
            wanted = sorted(
                (
                    each
                    for each in library.articles
                    if where.items() <= each.keys().items()
                    and (since is None or each.moment >= since)
                    and each.moment <= until
                ),
                key=lambda each: each.id,
            )
            assert bool(wanted) == (until == end)
            assert [s.record for s in every(archive, Article, where, since=since, until=until)] == wanted
            pages = [archive.scan(Article, where, since=since, until=until, n=2)]
            while pages[-1]:
                pages.append(archive.scan(Article, where, since=since, until=until, after=pages[-1][-1].record.id, n=2))
            assert [stored.record for page in pages for stored in page] == wanted


def test_an_alert_is_found_by_when_it_may_be_tried_and_then_by_when_it_was_sent(archive: Archive) -> None:
    (row,) = (record for record in one_of_each() if isinstance(record, Alert))
    soon, later = (row.created + timedelta(hours=hours) for hours in (1, 30))
    waiting = replace(row, state="waiting", due=later, sent=None)
    assert archive.create(waiting)

    def due(at: datetime) -> list[str]:
        archive.refresh()
        return [stored.record.id for stored in archive.scan(Alert, {"state": "waiting"}, until=at)]

    assert (due(soon), due(later)) == ([], [row.id])
    stored = archive.get(Alert, row.id)
    assert stored is not None
    sent = replace(waiting, state="sent", sent=later + timedelta(minutes=1))
    archive.replace(sent, stored.version)
    assert due(later + timedelta(days=1)) == []
    assert archive.scan(Alert, {"subscription": row.subscription}, since=sent.sent)
    assert not archive.scan(Alert, {"subscription": row.subscription}, since=later + timedelta(minutes=2))


def test_a_key_may_have_one_of_several_values(library: Library) -> None:
    names = tuple(dict.fromkeys(each.story or each.id for each in library.articles))[:40]
    wanted = sorted((each for each in library.articles if each.keys()["story"] in names), key=lambda each: each.id)
    assert len(wanted) > len(names)
    archive = library.archive
    assert [stored.record for stored in every(archive, Article, {"story": (*names, "never", names[0])})] == wanted
    assert archive.count(Article, {"story": names}) == len(wanted)
    both = archive.scan(Article, {"story": names, "source": wanted[0].source}, n=3)
    assert [s.record for s in both] == [each for each in wanted if each.source == wanted[0].source][:3]
    assert archive.scan(Article, {"story": ()}) == []


def test_scanned_versions_can_be_used(archive: Archive) -> None:
    archive.create_many([feed("one"), feed("two")])
    archive.refresh()
    for stored in archive.scan(Feed):
        archive.replace(replace(stored.record, title="renamed"), stored.version)
    archive.refresh()
    assert [stored.record.title for stored in archive.scan(Feed)] == ["renamed", "renamed"]


def test_all_keys_of_all_kinds_can_be_asked_for(archive: Archive) -> None:
    for record in one_of_each():
        archive.create(record)
    archive.refresh()
    for record in one_of_each():
        kind: type[Any] = type(record)
        for key, value in record.keys().items():
            assert [stored.record for stored in archive.scan(kind, {key: value})] == [record]
            assert archive.count(kind, {key: value}) == 1
            assert archive.count(kind, {key: value + "x"}) == 0
        assert archive.scan(kind, since=record.moment)
        assert not archive.scan(kind, since=record.moment + timedelta(microseconds=1000))
        assert archive.scan(kind, until=record.moment)
        assert not archive.scan(kind, until=record.moment - timedelta(microseconds=1000))


# ------------------------------------------------------------------ queries
def newest_first(found: Sequence[Article]) -> list[Article]:
    return sorted(
        found,
        key=lambda each: (each.published is not None, seconds(each.published) if each.published else 0, each.id),
        reverse=True,
    )


def brute_force(library: Library, query: str, zone: str) -> list[Article]:
    node = parse(query)
    return newest_first([each for each in library.articles if matches(node, library.documents[each.id], zone)])


def test_600_queries_find_what_python_finds(library: Library) -> None:
    hits = 0
    for query, zone in corpus.queries(600):
        wanted = brute_force(library, query, zone)
        found = library.archive.search(parse(query), limit=1000, zone=zone)
        assert [each.id for each in found.articles] == [each.id for each in wanted], (query, zone)
        assert found.total == len(wanted), query
        assert found.next == ""
        hits += bool(wanted)
    assert hits > 400, "most of the queries should find something"


def test_the_empty_query_finds_everything(library: Library) -> None:
    found = library.archive.search(parse(""), limit=1000)
    assert [each.id for each in found.articles] == [each.id for each in newest_first(library.articles)]


def test_queries_at_the_limits_of_the_language_can_be_asked(library: Library) -> None:
    for query in [
        " ".join(["sanctuary"] * 200),
        " OR ".join(f"w{number}" for number in range(100)),
        "city " + " ".join(f"-w{number}" for number in range(99)),
        "(" * 10 + "city" + ")" * 10,
        "NOT " * 10 + "city",
        "-(city OR (policy -(vote OR (the -(of OR to)))))",
        "NOT (city OR NOT (policy place:CA NOT (vote OR (state:CA NOT the))))",
        '"' + " ".join(f"w{number}" for number in range(99)) + '"~50',
        " OR ".join(f"place:p{number} title:w{number}*" for number in range(10, 60)),
        "published:1000 OR published:8999",
        '"' + "移" * 150 + '"',
    ]:
        found = library.archive.search(parse(query), limit=1000, zone="America/Havana")
        wanted = brute_force(library, query, "America/Havana")
        assert [each.id for each in found.articles] == [each.id for each in wanted], query


# ------------------------------------------------------------------ pages
@pytest.mark.parametrize("query", ["", "city", "place:CA", "NOT published:*", "city -title:the"])
@pytest.mark.parametrize("size", [1, 7, 20])
def test_pages_hold_each_article_once_and_in_order(library: Library, query: str, size: int) -> None:
    wanted = [each.id for each in brute_force(library, query, "UTC")][: 15 * size]
    found: list[str] = []
    after = ""
    while len(found) < len(wanted):
        page = library.archive.search(parse(query), limit=size, after=after)
        found += [each.id for each in page.articles]
        after = page.next
        if not after:
            break
    assert found == wanted


def test_a_page_that_ends_the_list_has_no_next(archive: Archive) -> None:
    archive.create_many([article(str(number), published=AT) for number in range(4)])
    archive.refresh()
    first = archive.search(None, limit=2)
    second = archive.search(None, limit=2, after=first.next)
    assert (bool(first.next), second.next) == (True, "")
    assert archive.search(None, limit=4).next == ""


def test_what_is_cursor_of_another_order_or_none_is_refused(library: Library) -> None:
    sorts: tuple[Literal["newest", "relevance"], ...] = ("newest", "relevance")
    for sort in sorts:
        for cursor in ("nonsense", "~", "best~x", "1~", "\x00"):
            with pytest.raises(errors.UserError):
                library.archive.search(parse("city"), sort=sort, after=cursor)
    newest = library.archive.search(parse("city"), limit=2).next
    with pytest.raises(errors.UserError):
        library.archive.search(parse("city"), sort="relevance", limit=2, after=newest)


def test_the_size_of_a_page_is_limited(library: Library) -> None:
    for limit in (0, -1, 1001):
        with pytest.raises(errors.UserError):
            library.archive.search(None, limit=limit)


def test_best_match_first_puts_a_title_above_a_body(archive: Archive) -> None:
    filler = "The council met on Monday evening and heard from residents about parking."
    archive.create_many(
        [
            article("body", "Council meets", f"{filler} A sanctuary was named. {filler}", published=AT),
            article("title", "Sanctuary approved", filler, published=AT - timedelta(days=9)),
            article("neither", "Council meets", filler, published=AT),
        ]
    )
    archive.refresh()
    found = archive.search(parse("sanctuary"), sort="relevance")
    assert [each.id for each in found.articles] == [make_id("article", "title"), make_id("article", "body")]
    mixed = archive.search(parse("sanctuary OR source:harbor*"), sort="relevance")
    assert mixed.total == 3
    assert mixed.articles[-1].id == make_id("article", "neither")
    pages = [archive.search(parse("sanctuary"), sort="relevance", limit=1)]
    pages.append(archive.search(parse("sanctuary"), sort="relevance", limit=1, after=pages[0].next))
    assert [each.id for page in pages for each in page.articles] == [each.id for each in found.articles]
    assert pages[-1].next == ""


# ------------------------------------------------------------------ what changes is found where it is now
def test_a_changed_article_is_found_by_what_it_says_now(archive: Archive) -> None:
    made = article("a", "Old headline", "Old words here.", published=AT, places=("Austin, TX",))
    archive.create_many([made, article("b", "Other", "Other words.", published=AT - timedelta(days=1))])

    def finds(query: str) -> bool:
        archive.refresh()
        return made.id in {each.id for each in archive.search(parse(query)).articles}

    def change(**what: Any) -> None:
        stored = archive.get(Article, made.id)
        assert stored is not None
        archive.replace(replace(stored.record, **what), stored.version)

    assert finds("old")
    assert finds("place:TX published:2025-03")
    change(story=made.id, pending=False, stages=("adopted",))
    assert finds("old stage:passed")
    change(title="New headline", text="New words here.")
    assert finds("title:new body:new")
    assert not finds("old")
    change(places=("Chicago, IL",), stages=())
    assert finds("place:IL")
    assert not finds("place:TX")
    assert not finds("stage:passed")
    change(published=AT - timedelta(days=60), text="Moved words.")
    assert finds("moved published:2024-12")
    assert not finds("published:2025-03")
    assert [each.id for each in archive.search(None).articles][-1] == made.id
    change(published=None)
    assert finds("moved NOT published:*")
    assert archive.charts(None, timeline=True).timeline.undated == 1
    archive.delete(Article, made.id)
    assert not finds("")
    assert archive.search(None).total == 1
    assert archive.charts(None, facets={"place": 5}).facets == {"place": ()}


# ------------------------------------------------------------------ counting
By = Literal["day", "week", "month"]


def begin_of(moment: datetime, by: By, zone: str) -> date:
    day = moment.astimezone(ZoneInfo(zone)).date()
    return {"day": day, "week": day - timedelta(days=day.weekday()), "month": day.replace(day=1)}[by]


def following(start: date, by: By) -> date:
    if by == "month":
        return (start + timedelta(days=31)).replace(day=1)
    return start + timedelta(days=1 if by == "day" else 7)


def counted_by_hand(library: Library, found: Sequence[Article], by: By, zone: str) -> Timeline:
    dated: dict[date, list[Article]] = {}
    for each in found:
        if each.published:
            dated.setdefault(begin_of(each.published, by, zone), []).append(each)
    names = {each.source for each in found}
    covered = Counter(
        begin_of(each.published, by, zone) for each in library.entries if each.published and each.source in names
    )
    buckets: list[Bucket] = []
    start, last = min(dated, default=date.max), max(dated, default=date.min)
    while start <= last:
        inside = dated.get(start, [])
        stories = {each.story or each.id for each in inside}
        buckets.append(Bucket(start, len(inside), len(stories), covered[start]))
        start = following(start, by)
    return Timeline(tuple(buckets), sum(each.published is None for each in found))


@pytest.mark.parametrize("by", ["day", "week", "month"])
def test_timelines_are_those_counted_by_hand(library: Library, by: By) -> None:
    queries = [("", zone) for zone in corpus.ZONES] + list(corpus.queries(30, seed=21))
    for query, zone in queries:
        found = brute_force(library, query, zone)
        counted = library.archive.charts(parse(query), timeline=True, by=by, zone=zone)
        assert counted == Charts(timeline=counted_by_hand(library, found, by, zone)), query


def test_sources_are_those_counted_by_hand(library: Library) -> None:
    totals = Counter(each.source for each in library.entries)
    for query, zone in [("", "UTC"), *corpus.queries(80, seed=22)]:
        found = brute_force(library, query, zone)
        wanted = []
        for name in {each.source for each in found}:
            of_source = [each for each in found if each.source == name]
            times = [seconds(each.published) for each in of_source if each.published]
            wanted.append(
                SourceCount(
                    name,
                    len(of_source),
                    len({each.story or each.id for each in of_source}),
                    totals[name],
                    datetime.fromtimestamp(min(times), UTC) if times else None,
                    datetime.fromtimestamp(max(times), UTC) if times else None,
                )
            )
        wanted.sort(key=lambda each: (-each.articles, each.source))
        assert library.archive.charts(parse(query), sources=True, zone=zone) == Charts(sources=tuple(wanted)), query


@pytest.mark.parametrize("by", ["day", "week", "month"])
def test_a_heat_map_has_the_sources_with_most_articles_as_counted_by_hand(library: Library, by: By) -> None:
    for query, zone in [("", "UTC"), *corpus.queries(30, seed=24)]:
        counts: dict[str, Counter[date]] = {}
        for each in brute_force(library, query, zone):
            at = counts.setdefault(each.source, Counter())
            at[begin_of(each.published, by, zone) if each.published else date.max] += 1
        lines = [
            SourceLine(source, at.total(), {start: n for start, n in at.items() if start != date.max})
            for source, at in counts.items()
        ]
        lines.sort(key=lambda line: (-line.articles, line.source))
        for n in (3, 20):
            counted = library.archive.charts(parse(query), heat=n, by=by, zone=zone)
            assert counted == Charts(heat=tuple(lines[:n])), query


FACETS = ("source", "kind", "state", "place", "stage", "direction", "lang", "measure")


def test_facets_are_those_counted_by_hand(library: Library) -> None:
    for query, zone in [("", "UTC"), *corpus.queries(80, seed=23)]:
        counts: dict[str, Counter[str]] = {field: Counter() for field in FACETS}
        for each in brute_force(library, query, zone):
            for field, values in labels(each).items():
                if field in counts:
                    counts[field].update(values)
        wanted = {
            field: tuple(Facet(*pair) for pair in sorted(counter.items(), key=lambda pair: (-pair[1], pair[0]))[:n])
            for (field, counter), n in zip(counts.items(), range(1, 9), strict=True)
        }
        asked = {field: n for n, field in enumerate(FACETS, start=1)}
        assert library.archive.charts(parse(query), facets=asked, zone=zone) == Charts(facets=wanted), query


@pytest.mark.parametrize("by", ["day", "week", "month"])
def test_what_is_asked_for_together_is_what_is_asked_for_alone(library: Library, by: By) -> None:
    for query, zone in [("", "UTC"), *corpus.queries(15, seed=25)]:
        tree, facets = parse(query), dict.fromkeys(FACETS, 4)

        def ask(**what: Any) -> Charts:
            return library.archive.charts(tree, by=by, zone=zone, **what)  # noqa: B023 - asked at once

        together = ask(timeline=True, sources=True, heat=4, facets=facets)
        assert together.timeline == ask(timeline=True).timeline
        assert together.sources == ask(sources=True).sources
        assert together.heat == ask(heat=4).heat
        assert together.facets == ask(facets=facets).facets
        assert ask() == Charts()


def test_the_count_beside_a_value_is_what_asking_for_it_finds(library: Library) -> None:
    for field, values in library.archive.charts(None, facets=dict.fromkeys(FACETS, 100)).facets.items():
        assert values, field
        for facet in values:
            found = library.archive.search(parse(f'{field}:"{facet.value}"'), limit=1).total
            if field == "source" and facet.value.casefold() == "lake tribune":
                assert found > facet.articles, "two outlets whose names differ in case only are asked for together"
            else:
                assert found == facet.articles, (field, facet)


def test_a_field_that_cannot_be_counted_is_refused(library: Library) -> None:
    with pytest.raises(errors.UserError, match="'title' cannot be counted"):
        library.archive.charts(None, facets={"title": 5})


def test_an_unknown_zone_is_refused(library: Library) -> None:
    with pytest.raises(errors.UserError, match="time zone"):
        library.archive.search(parse("since:2024"), zone="Mars/Olympus")
    charts: list[dict[str, Any]] = [{"timeline": True}, {"sources": True}, {"heat": 3}, {"facets": {"kind": 3}}]
    for wanted in charts:
        with pytest.raises(errors.UserError, match="time zone"):
            library.archive.charts(None, zone="../etc/passwd", **wanted)


def test_coverage_follows_entries_that_change(archive: Archive) -> None:
    archive.create(article("a", published=AT))
    archive.create_many([corpus.entry("Harbor Courier", name, AT) for name in "abc"] + [corpus.entry("Other", "d", AT)])

    def counted() -> tuple[int, int]:
        archive.refresh()
        counted = archive.charts(None, timeline=True, sources=True)
        (bucket,) = counted.timeline.buckets
        return bucket.coverage, counted.sources[0].entries

    def change(name: str, **what: Any) -> None:
        stored = archive.get(Entry, make_id("entry", name))
        assert stored is not None
        archive.replace(replace(stored.record, **what), stored.version)

    assert counted() == (3, 3)
    change("a", outcome="article")
    assert counted() == (3, 3)
    change("a", published=AT + timedelta(days=3))
    assert counted() == (2, 3)
    change("b", published=None)
    assert counted() == (1, 3)
    change("d", source="Harbor Courier")
    assert counted() == (2, 4)
    archive.delete(Entry, make_id("entry", "c"))
    assert counted() == (1, 3)


def test_questions_are_answered_while_others_write(archive: Archive) -> None:
    names = [str(number) for number in range(60)]

    def write(name: str) -> None:
        archive.create(article(name, published=AT + timedelta(days=int(name) % 9)))
        stored = archive.get(Article, make_id("article", name))
        assert stored is not None
        archive.replace(replace(stored.record, story=stored.record.id, places=("Austin, TX",)), stored.version)

    def ask() -> tuple[int, int, int]:
        buckets = archive.charts(parse("text"), timeline=True).timeline.buckets
        found = archive.search(parse("text"), limit=100)
        assert len(found.articles) == found.total
        return sum(bucket.articles for bucket in buckets), sum(bucket.stories for bucket in buckets), found.total

    def write_and_ask(name: str) -> None:
        write(name)
        counted, _, found = ask()
        assert counted <= found, "what was counted first cannot be more than what was found later"

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write_and_ask, names))
    archive.refresh()
    assert ask() == (60, 60, 60)
    counted = archive.charts(parse("place:TX"), facets={"place": 5})
    assert counted.facets == {"place": (Facet("Austin, TX", 60), Facet("TX", 60))}


def test_an_empty_archive_answers(archive: Archive) -> None:
    for query in (None, parse("city"), parse("place:CA -the")):
        hits = archive.search(query)
        assert (hits.total, hits.articles, hits.next) == (0, (), "")
        assert archive.search(query, sort="relevance").articles == ()
        counted = archive.charts(query, timeline=True, sources=True, heat=5, facets={"place": 5})
        assert counted == Charts(Timeline((), 0), (), (), {"place": ()})
    assert archive.health() == ""
