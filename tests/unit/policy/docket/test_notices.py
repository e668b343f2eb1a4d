"""What the docket owes: one new notice per measure, old news muted, waiting for a second account, opening again."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest

from pipeline.model import AlertKind, ArticleKind, SourceKind
from pipeline.policy.docket import join
from pipeline.policy.docket.credence import confidence, credible
from pipeline.policy.docket.owing import founding_notice
from tests.unit.policy.builders import article, at, join_all, minting, report, tally, told, with_story

VOTE = report("adopted", "2024-11-19", vote=tally(13, 0))
FINAL = report("passed_final", "2024-12-04", vote=tally(12, 0))
PROPOSAL = report("introduced", "2024-10-02", alert=None, alertable=False)


def test_the_write_that_makes_an_action_alertable_holds_its_notice() -> None:
    docket, (joined,) = join_all(told(VOTE))
    (notice,) = docket.notices
    assert (notice.kind, notice.measure, notice.action) == ("new", joined.measure, joined.action)
    assert not notice.done
    assert notice.muted == ""
    assert notice.confidence == docket.measures[0].actions[0].confidence == 0.8
    assert docket.keys()["open"] == "1"


def test_a_proposal_owes_nothing_and_its_adoption_is_new() -> None:
    docket, _ = join_all(told(PROPOSAL, published="2024-10-03"))
    assert docket.notices == ()
    docket, joined = join_all(told(VOTE, source="B"), docket)
    assert [(n.kind, n.action) for n in docket.notices] == [("new", joined[0].action)]
    assert len(docket.measures) == 1


def test_later_stages_of_a_known_measure_are_stages() -> None:
    docket, _ = join_all([*told(VOTE), *told(FINAL, published="2024-12-05", source="B")])
    assert [n.kind for n in docket.notices] == ["new", "stage"]
    assert len({n.id for n in docket.notices}) == 2


@pytest.mark.parametrize("kind", ["repeal", "veto", "ruling"])
def test_endings_and_rulings_are_told_as_what_they_are(kind: AlertKind) -> None:
    stage = {"repeal": "repealed", "veto": "vetoed", "ruling": "enjoined"}[kind]
    later = report(stage, "2024-12-10", alert=kind, direction=None)  # type: ignore[arg-type]  # a Stage by the table
    docket, _ = join_all([*told(VOTE), *told(later, published="2024-12-11", source="B")])
    assert [n.kind for n in docket.notices] == ["new", kind]


def test_an_amending_instrument_is_told_once_whatever_its_votes_are_called() -> None:
    first = report("passed", "2026-03-02", alert="amend")
    second = report("passed_final", "2026-03-16", alert="new")
    pairs = [*told(first, published="2026-03-03"), *told(second, published="2026-03-17", source="B")]
    docket, _ = join_all(pairs)
    assert [n.kind for n in docket.notices] == ["amend", "stage"]


def test_more_reports_of_an_action_raise_its_confidence_and_open_the_notice_again() -> None:
    docket, _ = join_all(told(VOTE))
    sent = replace(docket, notices=(replace(docket.notices[0], done=True),))
    docket, _ = join_all(told(replace(VOTE, sentence="Thirteen to nothing, it passed on Tuesday."), source="B"), sent)
    (notice,) = docket.notices
    assert not notice.done
    assert notice.confidence == docket.measures[0].actions[0].confidence == pytest.approx(1 - 0.2 * 0.6)
    assert notice.opened == sent.notices[0].opened


def test_copies_and_the_same_outlet_and_the_same_sentence_do_not_raise_it() -> None:
    docket, _ = join_all(told(VOTE))
    done = replace(docket, notices=(replace(docket.notices[0], done=True),))
    first = docket.measures[0].actions[0].articles[0]
    copies = [
        *(with_story(pair, first) for pair in told(replace(VOTE, sentence="Other words, an edited copy."), source="B")),
        *told(replace(VOTE, sentence="A second piece of the first outlet."), name="second"),
        *told(VOTE, source="C"),
    ]
    docket, joined = join_all(copies, done)
    assert [j.change for j in joined] == ["new evidence"] * 3
    assert docket.notices == done.notices
    assert len(docket.measures[0].actions[0].evidence) == 4


def test_an_earlier_copy_that_turns_up_renames_the_story_and_unites_the_accounts() -> None:
    one, two = told(VOTE)[0], told(replace(VOTE, sentence="In other words it passed."), source="B")[0]
    docket, _ = join_all([one, two])
    assert docket.measures[0].actions[0].confidence > 0.8
    again = join(docket, two[0], replace(two[1], story=one[1].id), now=at("2024-11-22"), mint=minting("x"))
    assert again.change == "new evidence"
    assert again.docket.measures[0].actions[0].confidence == 0.8


@pytest.mark.parametrize(
    ("kind", "source_kind", "alertable", "waits"),
    [
        ("news", "news", True, False),
        ("opinion", "opinion", False, True),
        ("blog", "news", False, True),
        ("press_release", "advocacy", False, True),
        ("government_document", "government", True, False),
    ],
)
def test_who_may_not_alert_alone_waits_for_a_second_account(
    kind: ArticleKind, source_kind: SourceKind, alertable: bool, waits: bool
) -> None:
    alone = told(replace(VOTE, alertable=alertable), kind=kind, source_kind=source_kind)
    docket, _ = join_all(alone)
    assert (docket.notices == ()) == waits


def test_two_independent_voices_that_may_not_alert_alone_may_together() -> None:
    quiet = replace(VOTE, alertable=False)
    docket, _ = join_all(told(quiet, kind="opinion"))
    docket, _ = join_all(told(replace(quiet, sentence="So it is law."), kind="blog", source="B"), docket)
    assert [n.kind for n in docket.notices] == ["new"]


@pytest.mark.parametrize("kind", ["press_release", "index_page"])
def test_a_release_or_an_index_confirms_nobody(kind: ArticleKind) -> None:
    quiet = replace(VOTE, alertable=False)
    docket, _ = join_all(told(quiet, kind="opinion"))
    source_kind: SourceKind = "government" if kind == "press_release" else "news"
    docket, _ = join_all(
        told(replace(quiet, sentence="We did it."), kind=kind, source="B", source_kind=source_kind), docket
    )
    assert docket.notices == ()
    assert docket.measures[0].actions[0].confidence == 0.8


def test_the_adopting_bodys_own_record_confirms() -> None:
    docket, _ = join_all(told(VOTE))
    minutes = replace(VOTE, sentence="Moved, seconded, carried.")
    docket, _ = join_all(told(minutes, kind="government_document", source_kind="government", source="Clerk"), docket)
    assert docket.measures[0].actions[0].confidence > 0.8


def test_a_bare_headline_and_a_place_without_state_never_alert_alone() -> None:
    pair = told(VOTE)[0]
    docket, _ = join_all([(pair[0], replace(pair[1], text_from="headline"))])
    assert docket.notices == ()
    nowhere = replace(VOTE, jurisdiction=replace(VOTE.jurisdiction, state=""))
    docket, _ = join_all(told(nowhere))
    assert docket.notices == ()


@pytest.mark.parametrize(
    ("date", "published", "age"),
    [
        ("2024-10-19", "2024-11-20", 32),  # told late
        ("2017-02", "2024-11-20", 2822),  # an anniversary told as news
        ("", "2024-10-01", 50),  # undated: the report's own age
    ],
)
def test_old_news_is_kept_muted(date: str, published: str, age: int) -> None:
    docket, _ = join_all(told(replace(VOTE, date=date), published=published), now=at("2024-11-20"))
    (notice,) = docket.notices
    assert notice.done
    assert notice.muted == f"old news: {age} days after it happened, more than 30"
    assert docket.keys()["open"] == "0"


@pytest.mark.parametrize("date", ["2024-10-21", "2024-11", "2024", ""])
def test_within_thirty_days_it_is_news(date: str) -> None:
    docket, _ = join_all(told(replace(VOTE, date=date), published="2024-11-20"), now=at("2024-11-20"))
    assert docket.notices[0].muted == ""


def test_an_undated_article_counts_from_when_it_was_first_seen() -> None:
    docket, _ = join_all(told(replace(VOTE, date=""), published=None, seen="2024-11-20"), now=at("2024-11-21"))
    assert docket.notices[0].muted == ""
    docket, _ = join_all(told(replace(VOTE, date=""), published=None, seen="2024-11-20"), now=at("2025-01-21"))
    assert docket.notices[0].muted.startswith("old news: 62 days")


def test_an_earlier_report_does_not_make_told_news_old_and_a_better_date_frees_muted_news() -> None:
    docket, _ = join_all(told(VOTE))
    again, _ = join_all(told(replace(VOTE, sentence="Told again."), source="B"), docket, now=at("2025-02-01"))
    assert again.notices[0].muted == ""
    year_only = told(replace(VOTE, date=""), published="2024-10-15")
    muted, _ = join_all(year_only, now=at("2024-11-20"))
    assert muted.notices[0].muted
    exact = told(replace(VOTE, date="2024-10-14", sentence="On Monday."), published="2024-10-15", source="B")
    still, _ = join_all(exact, muted, now=at("2024-11-20"))
    assert still.notices[0].muted
    freed, _ = join_all(exact, muted, now=at("2024-11-13"))
    assert not freed.notices[0].done
    assert freed.notices[0].opened == at("2024-11-13")


def test_a_fresh_final_vote_is_told_as_new_when_the_first_vote_was_old_news() -> None:
    first = told(replace(VOTE, date="2024-10-30"), published="2024-10-31")
    last = told(FINAL, published="2024-12-05", source="B")
    for order in (first + last, last + first):
        docket, _ = join_all(order, now=at("2024-12-05"))
        told_as_new = [n for n in docket.notices if n.kind == "new"]
        assert [(n.muted, n.done) for n in told_as_new] == [("", False)]
        final = next(a for a in docket.measures[0].actions if a.stage == "passed_final")
        assert told_as_new[0].action == final.id


def test_a_vote_first_told_as_a_stage_becomes_new_when_told_as_passage() -> None:
    tentative = replace(VOTE, stage="passed_first_vote", alert="stage", sentence="It won initial approval on Tuesday.")
    for order in itertools.permutations([told(tentative)[0], told(VOTE, source="B")[0]]):
        docket, _ = join_all(order)
        assert [n.kind for n in docket.notices] == ["new"]
        assert founding_notice(docket, "m1") == docket.notices[0]


def test_back_fill_mails_nothing() -> None:
    years = [
        told(
            report("adopted", f"{year}-05-04", identifier=f"Ordinance {year}"),
            published=f"{year}-05-05",
            source=f"{year}",
        )
        for year in range(2005, 2020)
    ]
    docket, _ = join_all([pair for pairs in years for pair in pairs], now=at("2024-11-20"))
    assert len(docket.notices) == 15
    assert all(n.done and n.muted.startswith("old news") for n in docket.notices)


def test_confidence_is_bounded_and_needs_no_order() -> None:
    docket, _ = join_all(
        [
            pair
            for i in range(9)
            for pair in told(replace(VOTE, confidence=0.9, sentence=f"Outlet {i} told it."), source=f"Outlet {i}")
        ]
    )
    evidence = docket.measures[0].actions[0].evidence
    assert confidence(evidence) == confidence(evidence[::-1]) == 0.97
    assert confidence(()) == 0.0
    assert not credible(())


def test_articles_of_the_future_are_not_old() -> None:
    docket, _ = join_all(told(replace(VOTE, date="2025-01-01", stage="effective", alert="stage")))
    assert docket.notices[0].muted == ""
    assert docket.measures[0].actions[0].first_reported + timedelta(0) == at("2024-11-20")
    assert article(VOTE).reports == (VOTE,)
