"""The figures of ``eval``: order, now, events, fields, and what is never used."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pytest

from pipeline.model import Article, Jurisdiction, Reading, Report, Vote
from pipeline.policy import evaluate
from pipeline.policy.evaluate import Raised

EUGENE = Jurisdiction("Eugene", "city", "OR")


def report(**more: Any) -> Report:
    given: dict[str, Any] = {
        "jurisdiction": EUGENE, "stage": "adopted", "instrument": "ordinance", "sentence": "It passed.", "start": 0,
        "end": 10, "date": "2026-03-03", "direction": "limits_cooperation", "alertable": True, "alert": "new",
        "vote": Vote(7, 1), "body": "City Council", "confidence": 0.9,
    }  # fmt: skip
    return Report(**(given | more))


def reader(*reports: Report, relevant: bool = True) -> Any:
    def read(title: str, text: str, **_: object) -> Reading:
        return Reading(relevant, 0.8 if relevant else 0.1, "news", reports=reports)

    return read


class ByPlace:
    """A join that knows a measure by its place, instrument and year, and keeps what it was given."""

    def __init__(self) -> None:
        self.known: set[tuple[str, str, str]] = set()
        self.given: list[tuple[Report, datetime, int]] = []

    def __call__(self, report: Report, article: Article, *, now: datetime, news_days: int) -> Iterable[Raised]:
        self.given.append((report, now, news_days))
        key = (report.jurisdiction.key, report.instrument or "", report.date[:4])
        if report.alert is None or not report.alertable or key in self.known:
            return []
        self.known.add(key)
        return [Raised(report.alert, "|".join(key), report.jurisdiction.label)]


def case(**more: Any) -> dict[str, Any]:
    given = {
        "id": "a", "headline": "Council passes it", "summary": "It passed.", "outlet": "Daily",
        "published": "2026-03-05",
        "is_relevant": True, "is_new_ordinance_event": True, "event_key": "e", "stage": "passed", "direction":
        "limits_cooperation", "jurisdiction": {"name": "Eugene", "type": "city", "state": "OR"}, "body": "City Council",
        "instrument": "ordinance", "vote": {"for": 7, "against": 1, "unanimous": False}, "action_date": "2026-03-03",
        "identifier": None,
    }  # fmt: skip
    return given | more


def test_a_right_case_scores_everywhere() -> None:
    figures = evaluate.evaluate([case()], join=ByPlace(), read=reader(report()))
    assert figures["relevance"]["f1"] == 1.0
    assert (figures["events"]["precision"], figures["events"]["recall"], figures["events"]["doubled"]) == (1.0, 1.0, [])
    asked = {name: counts for name, counts in figures["field_counts"].items() if name != "identifier"}
    assert set(map(tuple, asked.values())) == {(1, 1)}
    (shown,) = figures["cases"]
    assert (shown["id"], shown["relevant"], shown["alerted"]) == ("a", True, 1)
    assert shown["actions"][0]["jurisdiction"] == {"name": "Eugene", "type": "city", "state": "OR"}
    assert shown["actions"][0]["date_precision"] == "day"
    assert shown["actions"][0]["evidence"] == {"sentence": "It passed.", "start": 0, "end": 10}


def test_one_event_told_twice_alerts_once() -> None:
    figures = evaluate.evaluate([case(), case(id="b")], join=ByPlace(), read=reader(report()))
    assert [shown["alerted"] for shown in figures["cases"]] == [1, 0]
    assert figures["events"]["doubled"] == []


def test_a_second_alert_for_one_event_is_doubled() -> None:
    reports = (report(), report(instrument="resolution"))
    figures = evaluate.evaluate([case()], join=ByPlace(), read=reader(*reports))
    assert figures["events"]["doubled"] == ["e"]


def test_an_alert_on_a_proposal_is_false_even_if_it_is_adopted_later() -> None:
    cases = [case(id="p", is_new_ordinance_event=False, published="2026-03-01"), case()]
    figures = evaluate.evaluate(cases, join=ByPlace(), read=reader(report()))
    assert figures["events"]["false"] == ["p"]
    assert figures["events"]["missed"] == ["e"]
    assert figures["events"]["precision"] == 0.0


def test_nothing_read_is_missed() -> None:
    figures = evaluate.evaluate([case()], join=ByPlace(), read=reader(relevant=False))
    assert figures["events"]["missed"] == ["e"]
    assert figures["relevance"]["missed"] == ["a"]


def test_another_places_event_told_beside_is_credited_to_it() -> None:
    salem = Jurisdiction("Salem", "city", "OR")
    other = case(
        id="b", event_key="s", jurisdiction={"name": "Salem", "type": "city", "state": "OR"}, published="2026-03-06"
    )
    figures = evaluate.evaluate([case(), other], join=ByPlace(), read=reader(report(), report(jurisdiction=salem)))
    assert figures["events"]["recall"] == 1.0
    assert figures["events"]["beside"] == ["a"]


def test_cases_come_in_by_date_as_text_missing_last() -> None:
    cases = [case(id="none", published=None), case(id="day", published="2026-03-05"), case(id="year", published="2026")]
    outcomes = evaluate.run(cases, join=ByPlace(), read=reader(report()))
    assert [outcome.case["id"] for outcome in outcomes] == ["year", "day", "none"]


def test_absent_labels_are_not_scored() -> None:
    bare = {"id": "a", "headline": "Council passes it", "summary": "", "outlet": "", "published": "2026-03-05"}
    figures = evaluate.evaluate([bare], join=ByPlace(), read=reader(report()))
    assert figures["relevance"] == {"precision": 1.0, "recall": 1.0, "f1": 1.0, "false": [], "missed": []}
    assert figures["field_counts"]["stage"] == [0, 0]
    assert figures["cases"][0]["alerted"] == 1


def test_labels_never_reach_the_reader() -> None:
    seen: list[dict[str, object]] = []

    def read(title: str, text: str, **given: object) -> Reading:
        seen.append({"title": title, "text": text, **given})
        return Reading(False, 0.0, "news")

    evaluate.evaluate([case()], join=ByPlace(), read=read)
    assert set(seen[0]) <= {"title", "text", "published", "source", "source_kind", "url"}


@pytest.mark.parametrize(
    ("published", "action", "day"),
    [
        ("2026-03-05", "2026-03-03", (2026, 3, 5)),
        ("2026-03", "2026-03-14", (2026, 3, 14)),
        ("2026-03", "2025-01-02", (2026, 3, 1)),
        ("2026", "2027-01-02", (2026, 12, 31)),
        ("2026", "", (2026, 1, 1)),
        ("", "2014-05", (2014, 5, 1)),
    ],
)
def test_now_is_the_moment_nearest_the_action(published: str, action: str, day: tuple[int, int, int]) -> None:
    assert evaluate.moment(published, action) == datetime(*day, 18, tzinfo=UTC)


def test_without_a_date_there_is_no_guard() -> None:
    join = ByPlace()
    evaluate.evaluate([case(published=None), case(id="b")], join=join, read=reader(report()))
    assert [days for _, _, days in join.given] == [30, evaluate.NO_GUARD]


@pytest.mark.parametrize(
    ("told", "meant", "same"),
    [
        ("2026-03-03", "2026-03-04", True),
        ("2026-03-03", "2026-03-05", False),
        ("2026-03-03", "2026-03", True),
        ("2026-03", "2026-03-04", False),
        ("", "2026", False),
    ],
)
def test_dates_compare_within_a_day(told: str, meant: str, same: bool) -> None:
    assert evaluate.same_date(told, meant) is same


@pytest.mark.parametrize(("told", "meant"), [("adopted", "passed"), ("issued", "approved"), ("failed", "rejected")])
def test_equal_stages(told: str, meant: str) -> None:
    figures = evaluate.evaluate([case(stage=meant)], join=ByPlace(), read=reader(report(stage=told)))
    assert figures["fields"]["stage"] == 1.0


def test_signed_is_not_adopted() -> None:
    figures = evaluate.evaluate([case(stage="signed")], join=ByPlace(), read=reader(report()))
    assert figures["field_misses"]["stage"] == [{"id": "a", "read": "adopted", "label": "signed"}]


def test_the_unseen_part_is_told_by_the_events_hash() -> None:
    keys = [str(number) for number in range(200)]
    part = [key for key in keys if evaluate.held_out({"id": "x", "event_key": key})]
    assert 20 < len(part) < 60
    assert evaluate.held_out({"id": part[0], "event_key": None})


def test_the_dockets_own_rules_alert_once() -> None:
    dockets = evaluate.Dockets()
    cases = [case(), case(id="b", outlet="Other Daily", published="2026-03-06")]
    figures = evaluate.evaluate(cases, join=dockets, read=reader(report()))
    assert figures["events"]["recall"] == 1.0
    assert figures["events"]["doubled"] == []
    assert len(dockets.dockets) == 1


def test_the_dockets_own_rules_mute_old_news() -> None:
    figures = evaluate.evaluate([case()], join=evaluate.Dockets(), read=reader(report(date="2025-03-03")))
    assert figures["events"]["missed"] == ["e"]
