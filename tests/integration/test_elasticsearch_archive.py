"""The archive in Elasticsearch on a real server: lost answers, busy and full servers, openers at once, migration."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from pipeline import errors
from pipeline.archive import open_archive
from pipeline.archive.base import Facet, every
from pipeline.archive.elastic import counting, indices, migrate_url, migration
from pipeline.archive.elastic.address import read_address
from pipeline.archive.elastic.archive import ElasticArchive
from pipeline.archive.elastic.client import Server
from pipeline.archive.elastic.layout import Layout
from pipeline.archive.query import parse
from pipeline.archive.records import KEYS
from pipeline.model import Article, Entry, Feed
from tests.conformance.test_archive import feed, one_of_each
from tests.servers.elasticsearch import (
    elasticsearch_url,
    own_archive_url,
    rejects_bulk,
    rejects_items,
)
from tests.servers.processes import free_port
from tests.servers.proxies import Answer, HttpProxy
from tests.servers.tls_proxy import tls_proxy
from tests.unit.archive.samples import AT, article, entry


@pytest.fixture
def url() -> Iterator[str]:
    """Of an archive of the test's own that does not exist yet."""
    with own_archive_url() as made:
        yield f"{made}?replicas=0"


@pytest.fixture(scope="module")
def shared_url() -> Iterator[str]:
    """Of an archive whose indices no test harms."""
    with own_archive_url() as made:
        yield f"{made}?replicas=0"


@pytest.fixture
def target() -> tuple[str, int]:
    """Where the server is."""
    place = urlsplit(elasticsearch_url())
    return place.hostname or "", place.port or 9200


@pytest.fixture
def proxy(target: tuple[str, int]) -> Iterator[HttpProxy]:
    with HttpProxy(target) as made:
        yield made


def through(proxy: HttpProxy, url: str) -> str:
    """The same archive by way of a proxy."""
    return f"elasticsearch+{proxy.url}/{url.rpartition('/')[2]}"


def opened(url: str, **more: Any) -> closing[ElasticArchive]:
    return closing(ElasticArchive(read_address(url), **more))


def put_settings(archive: ElasticArchive, kind: type[Any], **settings: Any) -> None:
    alias = archive.layout.alias(kind)
    blocks = {f"index.blocks.{name}": value for name, value in settings.items()}
    archive.server.ask(lambda client: client.indices.put_settings(index=alias, settings=blocks))


def remove_alias(archive: ElasticArchive, index: str, alias: str) -> None:
    archive.server.ask(lambda client: client.indices.delete_alias(index=index, name=alias))


# ------------------------------------------------------------------ lost answers
def test_a_write_whose_answer_was_lost_is_told_as_done(shared_url: str, proxy: HttpProxy) -> None:
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        proxy.behave()

    with opened(through(proxy, shared_url), sleep=pause) as archive:
        proxy.lose_answers()
        assert archive.create(feed("lost"))
        assert not archive.create(feed("lost"))
        stored = archive.get(Feed, feed("lost").id)
        assert stored is not None
        proxy.lose_answers()
        version = archive.replace(replace(stored.record, title="new"), stored.version)
        now = archive.get(Feed, feed("lost").id)
        assert now is not None
        assert (now.version, now.record.title) == (version, "new")
        with pytest.raises(errors.Conflict):
            archive.replace(replace(stored.record, title="new"), stored.version)
        proxy.lose_answers()
        assert archive.delete(Feed, feed("lost").id)
        assert not archive.delete(Feed, feed("lost").id)
    assert len(pauses) == 3


def test_a_write_that_the_server_repeated_by_itself_is_told_as_done(shared_url: str, proxy: HttpProxy) -> None:
    with opened(through(proxy, shared_url)) as archive:
        archive.create(feed("other"))
        proxy.ask_twice()
        made = archive.create_many([feed("twice"), feed("other"), feed("thrice")])
        assert [one.outcome for one in made] == ["created", "exists", "created"]
        stored = archive.get(Feed, feed("twice").id)
        assert stored is not None
        assert made[0].version == stored.version
        version = archive.replace(replace(stored.record, title="changed"), stored.version)
        now = archive.get(Feed, feed("twice").id)
        assert now is not None
        assert now.version == version
        with pytest.raises(errors.Conflict):
            archive.replace(stored.record, stored.version)


def test_of_many_records_each_is_told_rightly_after_a_lost_answer(shared_url: str, proxy: HttpProxy) -> None:
    with opened(through(proxy, shared_url), sleep=lambda seconds: proxy.behave()) as archive:
        archive.create(feed("known"))
        proxy.lose_answers()
        outcomes = archive.create_many([feed("many 1"), feed("known"), feed("many 2")])
    assert [created.outcome for created in outcomes] == ["created", "exists", "created"]


def test_who_was_overtaken_after_a_lost_answer_is_told(shared_url: str, proxy: HttpProxy) -> None:
    with opened(shared_url) as other:
        other.create(feed("race"))
        stored = other.get(Feed, feed("race").id)
        assert stored is not None

        def pause(seconds: float) -> None:
            proxy.behave()
            now = other.get(Feed, feed("race").id)
            assert now is not None
            other.replace(now.record, now.version)

        with opened(through(proxy, shared_url), sleep=pause) as archive:
            proxy.lose_answers()
            with pytest.raises(errors.Conflict, match="somebody else changed the feed first"):
                archive.replace(replace(stored.record, title="mine"), stored.version)


# ------------------------------------------------------------------ busy, full, gone
@pytest.mark.parametrize("rejects", [rejects_items, rejects_bulk])
def test_a_busy_server_is_waited_for(shared_url: str, proxy: HttpProxy, rejects: Callable[..., Answer | None]) -> None:
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            proxy.behave()

    records = [feed(f"{rejects.__name__} {number}") for number in range(3)]
    with opened(through(proxy, shared_url), sleep=pause) as archive:
        proxy.answer(rejects)
        assert [created.outcome for created in archive.create_many(records)] == ["created"] * 3
        assert pauses == sorted(set(pauses))
        assert len(pauses) == 3
        proxy.answer(rejects)
        with pytest.raises(errors.Unavailable, match="2 of 2 records were not written: Elasticsearch has more to do"):
            archive.create_many([feed("never 1"), feed("never 2")])


def test_what_is_refused_for_itself_keeps_nobody_up(shared_url: str) -> None:
    with opened(shared_url) as archive:
        outcomes = archive.create_many([article("fine"), article("odd", source="x" * 40_000), article("fine too")])
        assert [created.outcome for created in outcomes] == ["created", "refused", "created"]
        assert "cannot be stored" in outcomes[1].reason
        with pytest.raises(errors.Quarantine):
            archive.create(article("odd", source="x" * 40_000))
        stored = archive.get(Article, article("fine").id)
        assert stored is not None
        with pytest.raises(errors.Quarantine):
            archive.replace(replace(stored.record, source="x" * 40_000), stored.version)


def test_a_full_disk_parks_writers_and_loses_nothing(url: str) -> None:
    with opened(url, sleep=lambda seconds: None) as archive:
        archive.create(article("before"))
        put_settings(archive, Article, read_only_allow_delete=True)
        with pytest.raises(errors.Unavailable, match="make room"):
            archive.create(article("after"))
        stored = archive.get(Article, article("before").id)
        assert stored is not None
        with pytest.raises(errors.Unavailable, match="make room"):
            archive.replace(stored.record, stored.version)
        assert "nearly full" in archive.health()
        put_settings(archive, Article, read_only_allow_delete=None)
        assert archive.create(article("after"))
        assert archive.health() == ""


def test_a_server_that_is_gone_is_unavailable_and_one_of_two_is_passed_over(url: str, target: tuple[str, int]) -> None:
    nobody = f"127.0.0.1:{free_port()}"
    prefix = url.rpartition("/")[2]
    with pytest.raises(errors.Unavailable, match="does not answer") as raised:
        open_archive(f"elasticsearch+http://watch:secret@{nobody}/{prefix}")
    assert "secret" not in str(raised.value)
    with opened(f"elasticsearch+http://{nobody},{target[0]}:{target[1]}/{prefix}", sleep=lambda s: None) as archive:
        for number in range(4):
            assert archive.create(feed(str(number)))


def test_a_server_that_answers_too_late_is_unavailable(shared_url: str, proxy: HttpProxy) -> None:
    with opened(through(proxy, shared_url), timeout=0.3, sleep=lambda seconds: None) as archive:
        proxy.slow(2)
        with pytest.raises(errors.Unavailable, match="does not answer in time"):
            archive.count(Feed)
        with pytest.raises(errors.Unavailable, match="does not answer in time"):
            archive.replace(feed("late"), "1.1")
        assert "does not answer in time" in archive.health()
        proxy.behave()
        assert archive.get(Feed, "nothing") is None


# ------------------------------------------------------------------ who may come in
def test_tls_and_credentials_are_demanded_and_checked(url: str, target: tuple[str, int]) -> None:
    prefix = url.rpartition("/")[2].partition("?")[0]
    with tls_proxy(target, credentials=("watch", "right")) as front:
        host = f"localhost:{front.proxy.port}"
        with opened(f"elasticsearch+https://watch:right@{host}/{prefix}?replicas=0&ca={front.authority}") as archive:
            assert archive.create(feed())
            assert archive.search(None).total == 0
        with pytest.raises(errors.UserError, match="check name and password") as raised:
            open_archive(f"elasticsearch+https://watch:secret@{host}/{prefix}?ca={front.authority}")
        assert "secret" not in str(raised.value)
        with pytest.raises(errors.UserError, match="certificate is not trusted"):
            open_archive(f"elasticsearch+https://watch:right@{host}/{prefix}")


def test_a_server_that_is_none_or_of_another_version_is_told(proxy: HttpProxy) -> None:
    json = {"Content-Type": "application/json"}
    body = b'{"version": {"number": "8.19.1"}}'
    proxy.answer(lambda request: Answer(200, json, body))
    with pytest.raises(errors.UserError, match="is no Elasticsearch"):
        open_archive(f"elasticsearch+{proxy.url}/x")
    proxy.answer(lambda request: Answer(200, {**json, "X-Elastic-Product": "Elasticsearch"}, body))
    with pytest.raises(errors.UserError, match=r"this server is Elasticsearch 8\.19\.1; this release needs 9"):
        open_archive(f"elasticsearch+{proxy.url}/x")


# ------------------------------------------------------------------ indices
def test_ten_may_open_an_archive_at_once(url: str) -> None:
    address = read_address(url)
    with ThreadPoolExecutor(10) as pool:
        archives = list(pool.map(lambda _: ElasticArchive(address), range(10)))
    found = indices.survey(archives[0].server, archives[0].layout)
    assert {kind: len(made) for kind, made in found.items()} == dict.fromkeys(KEYS, 1)
    for archive in archives:
        archive.close()


def test_an_index_whose_alias_is_gone_is_not_hidden_by_an_empty_one(url: str) -> None:
    with opened(url) as archive:
        archive.create(article())
        name, layout = archive.layout.index(Article), archive.layout
        for alias in (layout.target(Article), layout.alias(Article)):
            remove_alias(archive, name, alias)
            with pytest.raises(errors.UserError, match="alias"):
                open_archive(url)
            assert "alias" in archive.health()
            with pytest.raises(errors.UserError, match="restart this process"):
                archive.create(article("other"))
        with pytest.raises(errors.UserError, match="missing"):
            archive.get(Article, article().id)
        with pytest.raises(errors.UserError, match="missing"):
            archive.search(None)
        assert set(archive.server.ask(lambda client: client.indices.get(index=f"{layout.alias(Article)}*"))) == {name}


def test_what_was_written_is_seen_by_who_opens_next(shared_url: str) -> None:
    with opened(f"{shared_url}&refresh=60s") as archive:
        archive.create(feed("seen"))
    with opened(shared_url) as archive:
        assert archive.count(Feed, {"url": feed("seen").url}) == 1


# ------------------------------------------------------------------ care
def test_a_backup_is_a_whole_archive_of_sqlite(url: str, tmp_path: Path) -> None:
    file = tmp_path / "backup.sqlite3"
    records = one_of_each()
    with opened(url) as archive:
        archive.create_many(records)
        archive.backup(file)
        with pytest.raises(errors.UserError, match="exists already"):
            archive.backup(file)
        with pytest.raises(errors.Unavailable, match="no such folder"):
            archive.backup(tmp_path / "none" / "backup.sqlite3")
        assert [path.name for path in tmp_path.iterdir()] == [file.name]
        assert file.stat().st_mode & 0o077 == 0
        with closing(open_archive(f"sqlite:///{file}")) as copy:
            for kind in KEYS:
                assert [each.record for each in every(copy, kind)] == [each.record for each in every(archive, kind)]
            assert copy.search(parse("text")).total == 1


def test_forgetting_takes_the_article_and_its_entry(url: str) -> None:
    brought_by = entry("short link")
    with opened(url) as archive:
        archive.create_many([article(entry=brought_by.id), brought_by, entry(), article("other"), entry("other")])
        assert archive.forget(article().id)
        assert not archive.forget(article().id)
        archive.refresh()
        assert [stored.record.id for stored in archive.scan(Entry)] == [entry("other").id]
        assert archive.search(None).total == 1
        assert archive.verify() == []


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        ({"where": {"pending": "0", "story": "x", "source": "Other"}}, "kept under other values than it has"),
        ({"moment": 1}, "kept under other values than it has"),
        ({"record": "{}"}, "the stored article cannot be read"),
        ({"title_words": "changed", "body_words": "changed"}, "is not found by its title words"),
    ],
)
def test_damage_is_found(shared_url: str, damage: dict[str, Any], sentence: str) -> None:
    with opened(shared_url) as archive:
        made, brought_by = article("damaged"), entry("damaged")
        archive.create_many([made, brought_by])
        assert not any(made.id in told for told in archive.verify())
        archive.server.ask(lambda client: client.update(index=archive.layout.target(Article), id=made.id, doc=damage))
        assert any(made.id in told and sentence in told for told in archive.verify())
        archive.delete(Article, made.id)
        archive.delete(Entry, brought_by.id)


# ------------------------------------------------------------------ migration
def older(url: str) -> ElasticArchive:
    """An archive as a release with other rules for words made it."""
    address = read_address(url)
    return ElasticArchive(address, layout=Layout(address, rules=(0, 1)), sleep=lambda seconds: None)


@pytest.mark.timeout(300)
def test_an_archive_of_other_rules_is_migrated_while_writers_go_on(url: str) -> None:
    told: list[str] = []
    stop = threading.Event()
    kept = {article(str(number)).id for number in range(1200)}
    with closing(older(url)) as old:
        old.create_many([article(str(number)) for number in range(1200)])
        with pytest.raises(errors.UserError, match=r"made by other rules .* run: sanctuary-watch archive migrate"):
            open_archive(url)

        def write() -> None:
            for number in range(100_000):
                if stop.is_set():
                    return
                try:
                    if old.create(article(f"during {number}")):
                        kept.add(article(f"during {number}").id)
                    if number % 10 == 0 and old.delete(Article, article(str(number)).id):
                        kept.discard(article(str(number)).id)
                except errors.Unavailable:
                    continue  # blocked for the last pass
                except errors.UserError:
                    return  # the aliases have moved

        writer = threading.Thread(target=write)
        writer.start()
        try:
            migrated = migrate_url(url, told.append)
        finally:
            stop.set()
            writer.join()
        with pytest.raises(errors.UserError, match="restart this process"):
            old.create(article("too late"))
    with opened(url) as archive:
        archive.refresh()
        assert {stored.record.id for stored in every(archive, Article)} == kept
        assert migrated == {"article": len(kept)}
        assert not [told for told in archive.verify() if "came from entry" not in told]
        assert archive.health() == ""
        names = [index.name for index in indices.survey(archive.server, archive.layout)[Article]]
        assert names == [f"{archive.layout.alias(Article)}-v1.0.1-000001", archive.layout.index(Article, 2)]
    assert migrate_url(url, told.append) == {}


def test_a_migration_that_fails_leaves_no_trace_and_can_be_repeated(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(older(url)) as old:
        old.create_many([article(str(number)) for number in range(3)])

        def fail(rebuild: migration._Rebuild) -> None:
            raise errors.Unavailable("the server has gone")

        with monkeypatch.context() as patch:
            patch.setattr(migration._Rebuild, "_swap", fail)
            with pytest.raises(errors.Unavailable, match="has gone"):
                migrate_url(url, print)
        assert [index.name for index in indices.survey(old.server, old.layout)[Article]] == [old.layout.index(Article)]
        assert old.create(article("after"))
        assert migrate_url(url, print) == {"article": 4}


def test_what_a_killed_migration_left_is_removed_by_the_next(url: str) -> None:
    told: list[str] = []
    with closing(older(url)) as old:
        old.create(article())
        address = read_address(url)
        with closing(Server(address)) as server:
            index = indices.survey(server, Layout(address))[Article][0]
            left = migration._Rebuild(server, Layout(address), Article, index, Layout(address).index(Article, 2), print)
            left._make()
            left._block()
            assert "a migration is under way" in old.health()
        assert migrate_url(url, told.append) == {"article": 1}
        assert "removed" in told[0]
        names = [index.name for index in indices.survey(old.server, old.layout)[Article]]
        assert names == [old.layout.index(Article), Layout(address).index(Article, 3)]


def test_an_archive_of_a_newer_release_is_left_alone(url: str) -> None:
    address = read_address(url)
    with closing(ElasticArchive(address, layout=Layout(address, rules=(99, 1)))):
        for attempt in (open_archive, lambda url: migrate_url(url, print)):
            with pytest.raises(errors.UserError, match="newer release"):
                attempt(url)


@pytest.mark.parametrize("room", [5_000, 7])
def test_counts_are_exact_over_several_shards_and_pages(url: str, room: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "VALUES", room)
    with opened(f"{url}&shards=3") as archive:
        made = [
            article(str(number), source=f"Paper {number % 40}", published=AT, places=(f"City {number % 57}, CA",))
            for number in range(400)
        ]
        archive.create_many(made)
        archive.refresh()
        counted = archive.charts(None, sources=True, heat=3, facets={"place": 3, "source": 3})
        top = counted.facets
        assert [(facet.value, facet.articles) for facet in top["source"]] == [(f"Paper {n}", 10) for n in (0, 1, 10)]
        assert top["place"][0] == Facet("CA", 400)
        assert sum(each.articles for each in counted.sources) == 400
        assert [(line.source, line.articles, sum(line.counts.values())) for line in counted.heat] == [
            (f"Paper {n}", 10, 10) for n in (0, 1, 10)
        ]
        archive.create_many([entry(str(number), source=f"Paper {number % 40}") for number in range(80)])
        archive.refresh()
        counted = archive.charts(None, timeline=True, sources=True)
        assert {each.entries for each in counted.sources} == {2}
        (bucket,) = counted.timeline.buckets
        assert (bucket.articles, bucket.stories, bucket.coverage) == (400, 400, 80)
        assert len({stored.record.id for stored in every(archive, Article)}) == 400


def test_a_list_begun_on_one_archive_goes_on_on_the_other(url: str, tmp_path: Path) -> None:
    made = [
        article(str(number), published=AT + timedelta(minutes=number // 3) if number % 5 else None)
        for number in range(40)
    ]
    with opened(url) as here, closing(open_archive(f"sqlite:///{tmp_path / 'archive.sqlite3'}")) as there:
        for archive in (here, there):
            archive.create_many(made)
            archive.refresh()
        after = ""
        found: list[Article] = []
        for archive in [here, there] * 20:
            page = archive.search(parse("sanctuary"), limit=3, after=after)
            found += page.articles
            after = page.next
            if not after:
                break
        assert found == list(there.search(None, limit=100).articles)
        assert found == list(here.search(None, limit=100).articles)
