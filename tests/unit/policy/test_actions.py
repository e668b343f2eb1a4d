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


@pytest.mark.parametrize(
    ("title", "text"),
    [
        (
            "Sanctuary ordinance clears final council vote",
            "Eugene, Oregon's sanctuary ordinance cleared its last hurdle Tuesday, when the City Council gave it final "
            "passage on an 8-0 vote. Comment had closed with the first vote in February.",
        ),
        (
            "Council finalizes sanctuary law",
            "The Eugene, Oregon, City Council held the required second vote Tuesday and approved the sanctuary "
            "ordinance for good, 8 to 0. The measure, which passed its first vote on Feb. 17, goes to the mayor.",
        ),
    ],
)
def test_the_last_vote_is_told_as_final_though_the_first_is_named(title: str, text: str) -> None:
    report = one(title, text)
    assert (report.stage, report.alert, report.date) == ("passed_final", "new", "2026-03-03")
    assert report.vote is not None
    assert (report.vote.ayes, report.vote.noes) == (8, 0)


def test_members_who_stayed_away_are_counted() -> None:
    text = "The Eugene, Oregon, City Council approved a sanctuary ordinance 6-1 Tuesday. Two councilors were absent."
    vote = one("Council votes", text).vote
    assert vote is not None
    assert (vote.ayes, vote.noes, vote.abstain, vote.absent) == (6, 1, None, 2)


def test_a_signature_has_no_tally_of_its_own() -> None:
    text = "Eugene, Oregon's mayor signed a sanctuary ordinance on Tuesday. The council approved it 6-1 last week."
    report = one("Mayor signs", text)
    assert (report.stage, report.vote) == ("signed", None)


def test_the_second_chambers_tally_stands_behind_the_news_of_both() -> None:
    text = (
        "Both chambers of the Oregon Legislature have passed House Bill 9, which limits cooperation with ICE. "
        "The Senate agreed to the House's changes on Tuesday, 18-11."
    )
    vote = one("Lawmakers pass ICE bill", text).vote
    assert vote is not None
    assert (vote.ayes, vote.noes) == (18, 11)


def test_unnamed_councils_of_a_county_are_told_by_their_tallies() -> None:
    text = (
        "Two Orange County city councils adopted resolutions Tuesday against California's sanctuary law: "
        "Fullerton's by 4-1 and Cypress' by 3-2."
    )
    told = {r.jurisdiction.label: r.vote and (r.vote.ayes, r.vote.noes) for r in reports("Councils act", text)}
    assert told == {"Fullerton, CA": (4, 1), "Cypress, CA": (3, 2)}


def test_unnamed_councils_are_not_their_county() -> None:
    assert reports("Councils act", "Two Orange County, California, city councils adopted sanctuary resolutions.") == []


def test_a_county_board_anywhere_binds_no_united_states() -> None:
    text = "County boards in five states will be asked to weigh rules that keep sheriffs from helping ICE."
    found = read("Tell your county board to weigh no sanctuary rule", text, published=DAY, home="US").reports
    assert found == ()


def test_a_counties_legislature_is_not_the_states() -> None:
    text = "The Ulster County, New York, Legislature passed a local law on Tuesday, 14-8, that limits help to ICE."
    report = one("Legislature votes", text)
    assert (report.jurisdiction.label, report.body) == ("Ulster County, NY", "County Legislature")


@pytest.mark.parametrize(
    ("text", "direction"),
    [
        ("voted 5-0 Tuesday to join a lawsuit brought by cities whose grants are under threat for sanctuary policies",
         "limits_cooperation"),
        ("voted 5-0 Tuesday to sue the Trump administration over threats to withhold grants from sanctuary cities",
         "limits_cooperation"),
        ("voted 5-0 Tuesday to join the Trump administration's lawsuit against California's sanctuary law",
         "mandates_cooperation"),
    ],
)  # fmt: skip
def test_a_suit_points_to_the_side_it_takes(text: str, direction: str) -> None:
    report = one("Council goes to court", f"The Hayward, California, City Council {text}.")
    assert (report.instrument, report.direction, report.alert) == ("lawsuit_action", direction, "new")


def test_ruling_out_a_sanctuary_policy_is_cooperation() -> None:
    text = (
        "The Cody, Wyoming, City Council adopted a resolution on Tuesday that commits police to full cooperation with "
        "federal immigration authorities and rules out any sanctuary policy. The tally was six to one."
    )
    report = one("Council backs agents", text)
    assert report.direction == "mandates_cooperation"
    assert report.vote is not None
    assert (report.vote.ayes, report.vote.noes) == (6, 1)


def test_direction_is_found_where_the_story_says_what_the_ordinance_does() -> None:
    text = (
        "The Eugene City Council in Oregon adopted Ordinance 24-118 on Tuesday, 6 in favor and 2 against.\n\nIt was a "
        "long evening.\n\nThe room was full.\n\nThe ordinance prohibits the use of city funds and staff to assist "
        "federal immigration enforcement."
    )
    report = one("City adopts ordinance on immigration enforcement", text)
    assert (report.identifier, report.direction) == ("Ordinance 24-118", "limits_cooperation")


def test_a_resolution_pointed_back_to_only_urges() -> None:
    text = (
        "Ithaca, New York's Common Council called on the State Legislature on Tuesday to pass the New York for All "
        "Act. The resolution passed 10-0."
    )
    report = one("Council urges Albany to act", text)
    assert (report.instrument, report.direction, report.alert) == ("resolution", "symbolic_only", None)


def test_an_old_story_under_a_new_date_keeps_its_own() -> None:
    text = (
        "City Council on Wednesday, Feb. 15, 2017, approved an ordinance that keeps Allentown, Pennsylvania, police "
        "from asking about immigration status. The vote was 6-1."
    )
    report = one("Allentown council approves ordinance on immigrants' status", text)
    assert report.date == "2017-02-15"


def test_a_year_of_its_own_is_background_also_in_an_undated_story() -> None:
    text = (
        "Immigration agents made arrests in Eugene, Oregon. Under the city's sanctuary ordinance, whose last amendment "
        "was approved 8-1 in 2021, officers may not help them."
    )
    assert reports("Arrests draw protest", text, published=None) == []


def test_a_hearing_is_dated_by_its_setting_not_by_its_day() -> None:
    text = (
        "The Boise, Idaho, City Council will hold a public hearing on March 24 on an ordinance that would bar police "
        "from helping immigration agents. Members scheduled the hearing on Tuesday."
    )
    report = one("Council sets hearing on ICE ordinance", text)
    assert (report.stage, report.date, report.alert) == ("hearing_scheduled", "2026-03-03", "stage")


def test_an_ordinance_that_is_passed_in_a_vote_behind_under() -> None:
    text = (
        "Police in Tacoma, Washington, will be forbidden to hold people for immigration agents under an ordinance "
        "passed by the City Council in a 7 to 2 vote Tuesday night."
    )
    report = one("Tacoma, Washington, limits role of police", text)
    assert (report.stage, report.date, report.direction) == ("adopted", "2026-03-03", "limits_cooperation")


def test_an_instrument_named_before_it_is_told() -> None:
    text = (
        "It paid off in Tacoma on Tuesday: the City Council adopted the Safe Streets for Everyone ordinance, seven "
        "votes to two. Officers may not hold anybody on an immigration detainer unless a judge has signed a warrant. "
        "City workers may not ask about immigration status."
    )
    assert one("Tacoma sets a standard", text).stage == "adopted"
    other = text.replace("the Safe Streets for Everyone ordinance", "an ordinance on foam boxes")
    assert read("Tacoma sets a standard", other, published=DAY).relevant
    assert reports("Tacoma sets a standard", other) == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("The Travis County, Texas, sheriff announced Tuesday that the jail will no longer honor ICE detainers.", True),
        ("Deputies in Travis County, Texas, will no longer hold people for ICE under a policy the sheriff announced "
         "Tuesday.", True),
        ("The Travis County, Texas, sheriff said Tuesday he would not stop honoring ICE detainers.", False),
        ("The Travis County, Texas, sheriff said Tuesday he may no longer honor ICE detainers.", False),
    ],
)  # fmt: skip
def test_a_sheriffs_practice_is_a_policy(text: str, told: bool) -> None:
    found = reports("Sheriff speaks on ICE detainers", text)
    assert [(r.stage, r.instrument, r.body) for r in found] == ([("issued", "policy", "Sheriff")] if told else [])


def test_a_federal_list_is_no_ones_measure() -> None:
    text = "The Department of Homeland Security on Tuesday published a list of 34 sanctuary jurisdictions."
    report = one("Homeland Security publishes list", text)
    assert (report.jurisdiction.type, report.stage, report.instrument) == ("federal", "listed", "federal_list")
    assert (report.direction, report.alert) == ("mandates_cooperation", None)


def test_a_ruling_is_about_the_instrument_it_blocks() -> None:
    text = "A federal judge on Tuesday blocked part of a Eugene, Oregon, ordinance that restricts immigration agents."
    report = one("Judge blocks ordinance", text)
    assert (report.stage, report.instrument, report.alert) == ("enjoined", "ordinance", "ruling")


def test_a_page_of_headlines_gives_no_report() -> None:
    text = "Mayor signs ordinance.\n\nEugene, Oregon, council approves sanctuary city ordinance, 8-1."
    reading = read("Topic: Sanctuary city", text, published=DAY)
    assert (reading.kind, reading.reports) == ("index_page", ())
    assert "kind.index_page" in {check.rule for check in reading.rejected}


def test_a_law_signed_by_the_governor_behind_its_number_is_the_states() -> None:
    report = one(
        "Governor signs bill on immigration detainers",
        "Montana jails must honor detainers from ICE under House Bill 278, signed by the governor on Monday.",
    )
    assert (report.jurisdiction.label, report.jurisdiction.type) == ("Montana", "state")
    assert (report.body, report.stage, report.identifier, report.alert) == ("Governor", "signed", "HB 278", "new")
    assert report.direction == "mandates_cooperation"


def test_a_tally_behind_approved_by_is_no_subject() -> None:
    report = one(
        "Council limits help to ICE",
        "An ordinance on ICE was approved by 5-2 in Eugene, Oregon, where the city council met Tuesday.",
    )
    assert report.vote is not None
    assert (report.vote.ayes, report.vote.noes) == (5, 2)
    assert report.jurisdiction.label == "Eugene, OR"


def test_an_instrument_with_an_article_below_a_headline_on_enforcement() -> None:
    title = "Elgin, Ill., puts ICE restrictions on the books"
    text = "City Council members approved the ordinance 8-1 Wednesday. It bars immigration agents from city-owned lots."
    report = one(title, text)
    assert (report.alert, report.instrument, report.direction) == ("new", "ordinance", "limits_cooperation")
    elsewhere = "City Council members approved the ordinance 8-1 Wednesday. It bars cars from the lots."
    assert reports("ICE agents arrest two in Elgin, Ill.", elsewhere) == []


def test_property_that_is_declared_off_limits() -> None:
    report = one(
        "Trustees: ICE-free zones it is",
        "Village trustees in Oak Park, Illinois, voted 6-0 Monday to declare all village property off limits to "
        "federal civil immigration enforcement.",
    )
    assert (report.body, report.alert) == ("Village Board", "new")
    assert "no_city_property" in report.provisions


@pytest.mark.parametrize(
    ("text", "alert"),
    [
        (
            "rescinded his policy against honoring ICE detainers and issued a new one requiring deputies to cooperate",
            "new",
        ),
        ("rescinded his policy against honoring ICE detainers", "repeal"),
        ("changed jail policy so that people are no longer held on ICE detainers without a judge's warrant", "amend"),
    ],
)
def test_a_sheriff_changes_his_policy(text: str, alert: str) -> None:
    report = one(
        "Sheriff changes course on ICE", f"Winneshiek County's sheriff in Iowa {text}, his office said Tuesday."
    )
    assert (report.jurisdiction.type, report.alert) == ("sheriff", alert)


def test_a_policy_that_is_replaced_is_a_new_instrument() -> None:
    report = one(
        "Deputies may again talk to ICE",
        "Supervisors in Yolo County, California, repealed a policy limiting contact with ICE and replaced it with one "
        "ordering full cooperation, 4-1, on Tuesday.",
    )
    assert (report.alert, report.direction) == ("amend", "mandates_cooperation")


def test_a_jail_that_holds_again() -> None:
    report = one(
        "Louisville to hold inmates 48 hours for ICE",
        "Louisville's mayor announced Tuesday that the Metro jail has reinstated 48-hour holds for immigration "
        "detainers.",
    )
    assert (report.body, report.stage, report.alert) == ("Mayor", "issued", "new")
    assert report.direction == "mandates_cooperation"


def test_who_presses_the_subject_is_not_the_subject() -> None:
    report = one(
        "City reverses course, approves ICE deal",
        "Key West commissioners, under pressure from Florida's attorney general, voted 4-2 Tuesday to reinstate the "
        "police department's agreement with ICE.",
    )
    assert (report.jurisdiction.label, report.body) == ("Key West, FL", "City Commission")


def test_an_agreement_that_the_board_approves_is_the_countys_not_also_the_sheriffs() -> None:
    report = one(
        "Isanti County jail to hold detainees for ICE",
        "The sheriff of Isanti County, Minnesota, has signed a 287(g) jail agreement, and the county board approved it "
        "5-0 on Tuesday.",
    )
    assert (report.jurisdiction.type, report.body) == ("county", "County Board")
    assert report.vote is not None
    assert report.vote.ayes == 5


def test_agreements_told_before_the_program_they_are_under() -> None:
    report = one(
        "State troopers to be deputized by ICE",
        "Oklahoma's governor signed agreements Friday giving the Highway Patrol power to enforce immigration law under "
        "287(g).",
    )
    assert report.instrument == "287g_agreement"


def test_a_headlines_signature_is_the_vote_of_its_text() -> None:
    report = one(
        "Alachua commission relents, signs ICE agreement",
        "Alachua County, Florida, commissioners voted 3-2 Tuesday to let the sheriff enter a 287(g) agreement.",
    )
    assert report.stage == "adopted"


def test_the_sentence_of_the_vote_may_stand_behind_that_of_the_rule() -> None:
    report = one(
        "ICE barred from city lots in Corvallis",
        "Federal immigration agents can no longer gather in Corvallis, Oregon's city lots. The City Council made that "
        "law Monday in an 8-0 vote.",
    )
    assert report.vote is not None
    assert (report.vote.ayes, report.vote.noes) == (8, 0)


def test_an_agreement_with_the_agency_in_full_and_a_tie_that_adopted_nothing() -> None:
    text = (
        "The Fort Myers, Florida, City Council approved an agreement with U.S. Immigration and Customs Enforcement on "
        "Tuesday, days after a 3-3 tie drew threats."
    )
    [told] = read("Florida city will help with immigration enforcement", text, published="2026-03-05").reports
    assert (told.instrument, told.vote) == ("287g_agreement", None)
