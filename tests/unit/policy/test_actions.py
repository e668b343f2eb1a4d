"""Reports of an article: one for one action, with place, slots, evidence and what it may alert."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pipeline.model import Reading, Report, SourceKind
from pipeline.policy import read

DAY = "2026-03-05"


def reports(
    title: str, text: str, *, published: str | None = DAY, source: str = "", kind: SourceKind = "news"
) -> list[Report]:
    return list(read(title, text, published=published, source=source, source_kind=kind).reports)


def one(title: str, text: str, **more: object) -> Report:
    found = reports(title, text, **more)  # type: ignore[arg-type]
    assert len(found) == 1, found
    return found[0]


def test_title_and_lead_make_one_report_with_the_lead_as_evidence() -> None:
    title = "Eugene bars federal agents from city lots"
    text = "Eugene, Oregon, councilors voted 7-1 Tuesday to approve an ordinance that keeps ICE off city property."
    report = one(title, text)
    assert report.jurisdiction.label == "Eugene, OR"
    assert (report.stage, report.instrument, report.body) == ("adopted", "ordinance", "City Council")
    assert report.vote is not None
    assert (report.vote.ayes, report.vote.noes, report.vote.unanimous, report.vote.on) == (7, 1, False, "measure")
    assert (report.date, report.date_precision) == ("2026-03-03", "day")
    assert report.direction == "limits_cooperation"
    assert "no_city_property" in report.provisions
    assert (report.alert, report.alertable) == ("new", True)
    assert report.sentence == text
    assert (title + "\n\n" + text)[report.start : report.end].strip() == text
    assert "form.vote_to" in report.rules
    assert {check.rule for check in report.vetoes} >= {"veto.modal", "veto.background"}
    assert 0.8 < report.confidence < 1


def test_typographic_text_keeps_its_offsets_and_its_own_characters() -> None:
    title, text = (
        "“Sanctuary” in Ojai",
        "Ojai, Calif., council members approved an “ICE-free zone” ordinance 4–1 Tuesday.",
    )
    report = one(title, text)
    assert (title + "\n\n" + text)[report.start : report.end] == report.sentence == text


@pytest.mark.parametrize(
    ("text", "stage", "alert"),
    [
        (
            "The Eugene, Oregon, City Council passed a sanctuary ordinance on second and final reading Monday.",
            "passed_final",
            "new",
        ),
        (
            "The Eugene, Oregon, City Council passed a sanctuary ordinance 7-1. A second vote is required.",
            "passed_first_vote",
            "new",
        ),
        ("The Eugene, Oregon, City Council gave initial approval to a sanctuary ordinance.", "first_reading", "stage"),
        ("A Eugene, Oregon, council committee approved a sanctuary ordinance 4-3 Monday.", "committee", "stage"),
        ("The Tennessee Senate passed a bill 26-7 that limits cooperation with ICE.", "passed_one_chamber", "stage"),
        ("Oregon lawmakers gave final passage to a bill that limits cooperation with ICE.", "passed", "new"),
        ("Oregon's governor signed House Bill 9, which limits cooperation with ICE.", "signed", "new"),
        ("Oregon's governor vetoed a bill that limits cooperation with ICE.", "vetoed", "veto"),
        ("The Eugene, Oregon, City Council rescinded its sanctuary resolution Monday.", "repealed", "repeal"),
        ("The Eugene, Oregon, City Council reaffirmed its sanctuary status Monday.", "adopted", "reaffirm"),
        ("The Eugene, Oregon, City Council voted to strengthen its sanctuary ordinance Monday.", "adopted", "amend"),
        ("A federal judge blocked the sanctuary ordinance of Eugene, Oregon, on Monday.", "enjoined", "ruling"),
        ("The Justice Department sued Eugene, Oregon, on Monday over its sanctuary ordinance.", "challenged", "stage"),
        ("The sanctuary ordinance of Eugene, Oregon, takes effect Monday.", "effective", "stage"),
        (
            "The Eugene, Oregon, City Council voted 5-0 to direct staff to draft a sanctuary ordinance.",
            "directed_drafting",
            "stage",
        ),
    ],
)
def test_stages_and_the_alerts_they_owe(text: str, stage: str, alert: str) -> None:
    report = one("", text)
    assert (report.stage, report.alert) == (stage, alert)


@pytest.mark.parametrize(
    ("text", "vote"),
    [
        ("The Eugene, Oregon, City Council voted 7-2 Monday to reject a sanctuary ordinance.", (2, 7, "measure")),
        ("The Eugene, Oregon, City Council voted 5-2 Monday to rescind its sanctuary resolution.", (5, 2, "repeal")),
        ("The Eugene, Oregon, City Council voted 6-1 Monday to table a sanctuary ordinance.", (6, 1, "table")),
        (
            "The Eugene, Oregon, council voted 6-3 Monday against a proposal to repeal its sanctuary policy.",
            (6, 3, "repeal"),
        ),
    ],
)
def test_votes_count_for_and_against_the_measure(text: str, vote: tuple[int, int, str]) -> None:
    found = one("", text).vote
    assert found is not None
    assert (found.ayes, found.noes, found.on) == vote


def test_a_tally_told_in_the_next_sentence_is_found() -> None:
    report = one("", "The Eugene, Oregon, City Council passed a sanctuary ordinance Monday. The vote was 6-3.")
    assert report.vote is not None
    assert (report.vote.ayes, report.vote.noes) == (6, 3)


def test_two_cities_in_one_lead_are_two_reports() -> None:
    text = "Escondido's council voted 4-1 to file a brief against the sanctuary law, and Hesperia voted 3-1 to join it."
    found = {report.jurisdiction.name: report for report in reports("", text, published="2018-04-10")}
    assert set(found) == {"Escondido", "Hesperia"}
    assert {report.instrument for report in found.values()} == {"lawsuit_action"}
    assert {report.direction for report in found.values()} == {"mandates_cooperation"}


def test_a_headline_that_overstates_yields_to_its_text() -> None:
    report = one(
        "Eugene passes sanctuary ordinance",
        "A Eugene, Oregon, council committee passed the sanctuary ordinance 3-2 Monday.",
    )
    assert report.stage == "committee"


def test_a_state_in_the_headline_stands_for_the_city_of_the_text() -> None:
    report = one("Oregon city approves sanctuary ordinance", "The Eugene, Oregon, City Council approved it 7-1 Monday.")
    assert report.jurisdiction.label == "Eugene, OR"


@pytest.mark.parametrize(
    ("title", "text", "rule"),
    [
        (
            "",
            "The Eugene, Oregon, council adopted a resolution urging the Legislature to limit cooperation with ICE.",
            "alert.urges_others",
        ),
        ("", "The president signed an executive order Monday against sanctuary cities.", "alert.federal"),
        (
            "",
            "The Eugene, Oregon, City Council adopted a resolution on a state of emergency over ICE raids.",
            "alert.emergency",
        ),
        (
            "",
            "The mayor of Eugene, Oregon, signed the sanctuary ordinance Monday in a ceremonial signing.",
            "alert.ceremony",
        ),
    ],
)
def test_what_is_no_new_policy_of_its_own(title: str, text: str, rule: str) -> None:
    report = one(title, text)
    assert rule in report.rules
    assert report.alert in (None, "stage")


@pytest.mark.parametrize(
    ("kind", "source", "published", "alone"),
    [
        ("news", "The Daily", DAY, True),
        ("wire", "AP", DAY, True),
        ("government", "City of Eugene", None, True),
        ("government", "City of Salem", None, False),
        ("advocacy", "A coalition", None, False),
        ("advocacy", "A coalition", DAY, True),
        ("aggregator", "A list", DAY, True),
    ],
)
def test_who_may_alert_alone(kind: SourceKind, source: str, published: str | None, alone: bool) -> None:
    text = f"The Eugene, Oregon, City Council passed a sanctuary ordinance 7-1{' Tuesday' if published else ''}."
    assert one("Council acts on sanctuary", text, published=published, source=source, kind=kind).alertable is alone


@pytest.mark.parametrize(
    "title", ["What is a sanctuary city?", "Sanctuary cities (topic page)", "The Latest: Council votes on sanctuary"]
)
def test_lists_explainers_and_live_blogs_never_alert_alone(title: str) -> None:
    text = "The Eugene, Oregon, City Council passed a sanctuary ordinance 7-1 Tuesday."
    assert not any(report.alertable for report in reports(title, text))


def test_a_machine_summary_never_alerts() -> None:
    text = (
        "This summary was generated by AI. The Eugene, Oregon, City Council passed a sanctuary ordinance 7-1 Tuesday."
    )
    assert not any(report.alertable for report in reports("Council acts", text))


def test_the_day_is_that_of_the_place_not_of_utc() -> None:
    at = datetime(2026, 3, 4, 3, 0, tzinfo=UTC)
    text = "The Eugene, Oregon, City Council passed a sanctuary ordinance tonight."
    reading: Reading = read("", text, published=at)
    assert reading.reports[0].date == "2026-03-03"
    assert read("", text, published=at, home="New York, NY").reports[0].date == "2026-03-03"


def test_a_number_of_the_fought_law_is_not_the_measures() -> None:
    report = one(
        "",
        "The Glendora, California, council voted 4-1 to file a brief against SB 54, the sanctuary state law.",
        published="2018-05-09",
    )
    assert report.identifier == ""


def test_a_repeal_points_the_other_way() -> None:
    report = one("", "The Eugene, Oregon, City Council voted 5-2 Monday to rescind its sanctuary resolution.")
    assert report.direction == "mandates_cooperation"
