"""Answers that are put together in Python mean the same on every archive: folding, heat maps, comparisons, exports."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from analyst import answers
from analyst.answers.board import COUNTED, Board
from analyst.answers.find import FACETS
from analyst.answers.saved import save, saved_search, unsave
from analyst.answers.stories import search_stories
from analyst.api import keys
from analyst.exports.rows import ask
from pipeline.archive.base import Archive, Hits
from pipeline.archive.matching import matches
from pipeline.archive.query import parse
from pipeline.errors import NotKnown, UserError
from pipeline.model import Action, ApiKey, Article, Docket, Feed, Jurisdiction, Measure, make_id
from tests.conformance import corpus
from tests.conformance.conftest import Library

AT = datetime(2025, 3, 1, 12, tzinfo=UTC)
SOME = [("", "UTC"), ("sanctuary OR council", "UTC"), *corpus.queries(12, seed=31)]


def all_ids(archive: Archive, query: str, zone: str) -> list[Article]:
    found: list[Article] = []
    after = ""
    while True:
        hits = archive.search(parse(query), limit=100, after=after, zone=zone)
        found += hits.articles
        after = hits.next
        if not after:
            return found


# ------------------------------------------------------------------ stories
@pytest.mark.parametrize(("query", "zone"), SOME)
def test_page_after_page_shows_each_story_once_where_its_newest_match_stands(
    library: Library, query: str, zone: str
) -> None:
    newest: dict[str, str] = {}
    for article in all_ids(library.archive, query, zone):
        newest.setdefault(article.story or article.id, article.id)
    shown, after = [], ""
    while True:
        page = search_stories(library.archive, parse(query), limit=7, after=after, zone=zone)
        shown += [story.lead.id for story in page.stories]
        after = page.next
        if not after:
            break
    assert shown == list(newest.values())


def test_what_is_folded_on_a_page_is_asked_for_with_it(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    search = library.archive.search

    def counted(*arguments: Any, **options: Any) -> Hits:
        asked.append(options["limit"])
        return search(*arguments, **options)

    monkeypatch.setattr(library.archive, "search", counted)
    page = search_stories(library.archive, None, limit=40)
    assert len(page.stories) == 40
    assert any(story.others for story in page.stories), "something was folded"
    assert len(asked) == 1


def test_the_best_match_first_folds_the_same_stories(library: Library) -> None:
    tree = parse("sanctuary")
    leads, after = [], ""
    while True:
        page = search_stories(library.archive, tree, sort="relevance", limit=50, after=after)
        leads += [story.lead.id for story in page.stories]
        after = page.next
        if not after:
            break
    newest: dict[str, str] = {}
    for article in all_ids(library.archive, "sanctuary", "UTC"):
        newest.setdefault(article.story or article.id, article.id)
    assert sorted(leads) == sorted(newest.values())


def test_a_story_names_all_who_ran_it(library: Library) -> None:
    members: dict[str, list[Article]] = {}
    for article in library.articles:
        members.setdefault(article.story or article.id, []).append(article)
    answer = answers.search(library.archive, "", folded=True, limit=100)
    assert answer["total"] == len(library.articles), "articles are counted, not stories"
    copied = 0
    for row in answer["articles"]:
        others = [article for article in members[row["story"]] if article.id != row["id"]]
        assert {copy["id"] for copy in row["copies"]} == {article.id for article in others}
        assert row["outlets"] == len({article.source for article in others} - {row["source"]})
        copied += bool(others)
    assert copied > 5


# ------------------------------------------------------------------ coverage
@pytest.mark.parametrize(("query", "zone"), SOME)
def test_a_heat_map_counts_what_matches(library: Library, query: str, zone: str) -> None:
    tree = parse(query)
    found = [each for each in library.articles if matches(tree, library.documents[each.id], zone)]
    answer = answers.heatmap(library.archive, query, by="month", n=20, zone=zone)
    counts = Counter(each.source for each in found)
    assert {row["source"]: row["articles"] for row in answer["sources"]} == counts
    for row in answer["sources"]:
        dated = sum(1 for each in found if each.source == row["source"] and each.published)
        assert sum(row["counts"]) == dated
        assert len(row["counts"]) == len(answer["starts"])


def test_a_comparison_is_the_timelines_side_by_side(library: Library) -> None:
    asked = ["sanctuary", "place:CA since:2024-06", "nothingsuchasthis", "title:council"]
    together = answers.compare(library.archive, asked, by="week")
    starts = [date.fromisoformat(bucket["start"]) for bucket in together["buckets"]]
    assert starts == [starts[0] + timedelta(days=7 * n) for n in range(len(starts))]
    for number, query in enumerate(asked):
        alone = answers.timeline(library.archive, query, by="week")
        kept = {bucket["start"]: bucket["counts"][number] for bucket in together["buckets"]}
        for bucket in alone["buckets"]:
            assert {"start": bucket["start"], **kept.pop(bucket["start"])} == bucket
        assert all(count == {"articles": 0, "stories": 0, "coverage": 0, "share": 0.0} for count in kept.values())
        assert together["queries"][number]["undated"] == alone["undated"]


def test_sources_are_joined_to_the_owners_of_their_feeds(archive: Archive) -> None:
    outlets = {"North Post": "Coast Media", "South Post": "Coast Media", "Solo Gazette": ""}
    for name, owner in outlets.items():
        url = f"https://{make_id(name)[:8]}.example/feed"
        assert archive.create(Feed(make_id("feed", url), url, AT, name, owner=owner))
    for name in (*outlets, "Gone Herald"):
        assert archive.create(
            Article(make_id("article", name), f"https://a.example/{make_id(name)}", "T", "council", name, "news", "CA",
                    "f", "e", AT, published=AT, pending=False)
        )  # fmt: skip
    archive.refresh()
    answer = answers.sources(archive, "council")
    assert {row["source"]: row["owner"] for row in answer["sources"]} == {
        "North Post": "Coast Media", "South Post": "Coast Media", "Solo Gazette": None, "Gone Herald": None,
    }  # fmt: skip
    assert (answer["owners"], answer["unknown_owners"]) == (3, 2)
    feed = archive.get(Feed, make_id("feed", f"https://{make_id('North Post')[:8]}.example/feed"))
    assert feed
    assert feed.record.owner == "Coast Media"


def test_facets_are_what_the_archive_counts(library: Library) -> None:
    answer = answers.facets(library.archive, "sanctuary", (*FACETS, "measure", "measure"), n=5)
    assert list(answer["facets"]) == [*FACETS, "measure"]
    for field, values in answer["facets"].items():
        for value in values:
            narrowed = f'sanctuary {field}:"{value["value"]}"'
            assert library.archive.search(parse(narrowed), limit=1).total >= value["articles"] > 0


def test_markers_come_from_the_measures_that_a_result_reports(archive: Archive, library: Library) -> None:
    told = next(each for each in library.articles if each.measures and each.published)
    assert told.published
    day = told.published.date().isoformat()
    for number, name in enumerate((told.measures[0], "another")):
        where = Jurisdiction(f"Place {number}", "city", "CA")
        made = Measure(name, where, AT, instrument="ordinance", actions=(Action("a", "adopted", day, AT),))
        archive.create(Docket(id=where.key, jurisdiction=where, changed=AT, measures=(made,)))
    archive.create(told)
    archive.refresh()
    (mark,) = answers.timeline(archive, "")["markers"]
    assert (mark["date"], mark["stage"], mark["measure"], mark["place"]) == (
        day, "adopted", told.measures[0], "Place 0, CA",
    )  # fmt: skip


# ------------------------------------------------------------------ dockets
def docket(name: str, changed: datetime, *measures: Measure) -> Docket:
    where = Jurisdiction(name, "city", "CA")
    return Docket(id=where.key, jurisdiction=where, changed=changed, measures=measures)


def named(id: str, place: str) -> Measure:
    return Measure(id, Jurisdiction(place, "city", "CA"), AT, actions=(Action("a", "adopted", "2025-02-28", AT),))


def test_a_board_follows_what_changes_and_what_goes(archive: Archive) -> None:
    ticks = [0.0]
    board = Board(clock=lambda: ticks[0])
    assert board.lines(archive) == {}
    archive.create(docket("Fresno", AT, named("m1", "Fresno")))
    archive.create(docket("Reno", AT, named("m2", "Reno")))
    archive.refresh()
    assert sorted(board.lines(archive)) == ["m1", "m2"]

    stored = archive.get(Docket, docket("Reno", AT).id)
    assert stored
    more = replace(stored.record, measures=(*stored.record.measures, named("m3", "Reno")), changed=AT + timedelta(1))
    archive.replace(more, stored.version)
    archive.refresh()
    assert sorted(board.lines(archive)) == ["m1", "m2", "m3"]

    archive.delete(Docket, docket("Fresno", AT).id)
    archive.refresh()
    ticks[0] += COUNTED
    assert sorted(board.lines(archive)) == ["m2", "m3"]

    # A change that claims to be older than it is (a worker's clock) is seen within the hour.
    stored = archive.get(Docket, docket("Reno", AT).id)
    assert stored
    archive.replace(replace(stored.record, measures=(named("m2", "Reno"),), changed=AT), stored.version)
    archive.refresh()
    assert sorted(board.lines(archive)) == ["m2", "m3"]
    ticks[0] += 3_601.0
    assert sorted(board.lines(archive)) == ["m2"]


def test_a_measure_is_found_by_its_id_and_by_the_one_it_was_merged_away_from(archive: Archive) -> None:
    gone = replace(named("old", "Fresno"), merged_into=f"{docket('Reno', AT).id}:new")
    archive.create(docket("Fresno", AT, gone))
    archive.create(docket("Reno", AT, replace(named("new", "Reno"), related=("third",)), named("third", "Reno")))
    archive.refresh()
    answer = answers.measure(archive, "old")
    assert (answer["measure"]["id"], answer["merged_from"]) == ("new", "old")
    assert [other["id"] for other in answer["related"]] == ["third"]
    assert answers.measure(archive, "new")["merged_from"] is None
    with pytest.raises(NotKnown):
        answers.measure(archive, "never")
    assert answers.dockets(archive)["measures"] == 2


# ------------------------------------------------------------------ what is kept
def test_searches_are_saved_once_and_removed(archive: Archive) -> None:
    one = save(archive, " Jails  and detainers ", "detainer", zone="America/Chicago", now=AT)
    assert save(archive, "Jails and detainers", "detainer", now=AT + timedelta(days=1)) == one
    other = save(archive, "a second", 'place:"Los Angeles, CA"', now=AT)
    archive.refresh()
    assert [row["name"] for row in answers.saved(archive)["saved"]] == ["a second", "Jails and detainers"]
    assert saved_search(archive, one.id).zone == "America/Chicago"
    unsave(archive, other.id)
    archive.refresh()
    assert [row["id"] for row in answers.saved(archive)["saved"]] == [one.id]
    with pytest.raises(NotKnown):
        unsave(archive, other.id)


@pytest.mark.parametrize(("name", "query", "zone"), [("", "x", "UTC"), ("a" * 101, "x", "UTC"), ("a\x1bb", "x", "UTC"),
                                                     ("a", "(", "UTC"), ("a", "x", "Mars")])  # fmt: skip
def test_a_search_that_cannot_be_saved(archive: Archive, name: str, query: str, zone: str) -> None:
    with pytest.raises(UserError):
        save(archive, name, query, zone=zone, now=AT)


def test_a_key_is_good_until_it_is_revoked(archive: Archive) -> None:
    key, text = keys.mint("newsroom", ("read",), AT)
    assert archive.create(key)
    found = keys.check(archive, text, AT + timedelta(minutes=70))
    assert found
    assert found.name == "newsroom"
    archive.refresh()
    (row,) = keys.listed(archive)["keys"]
    assert row["last_used"] == "2025-03-01T13:00:00Z", "to the hour"
    for wrong in ("", text[:-1] + "?", text[:-1], f"sw_00000000_{text[12:]}", text.replace(text[12:20], "A" * 8)):
        assert keys.check(archive, wrong, AT) is None
    assert keys.revoke(archive, "newsroom") == [archive_free(found, row["last_used"])]
    assert keys.check(archive, text, AT) is None
    archive.refresh()
    with pytest.raises(NotKnown):
        keys.revoke(archive, key.id)


def archive_free(key: ApiKey, used: str | None) -> ApiKey:
    """The key as it stands in the archive after its use was noted."""
    assert used
    return replace(key, last_used=datetime.fromisoformat(used))


# ------------------------------------------------------------------ exports
def test_an_export_has_every_article_of_the_result(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analyst.exports.rows.PAGE", 64)
    result = ask(library.archive, "", now=AT)
    rows = list(result.rows())
    assert [row["id"] for row in rows] == [each.id for each in all_ids(library.archive, "", "UTC")]
    assert len(rows) == len(library.articles)
    assert all(len(row["snippet"]) <= 300 for row in rows)
    assert {(row["query"], row["retrieved"]) for row in rows} == {("", "2025-03-01T12:00:00Z")}
