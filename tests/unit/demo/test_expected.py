from __future__ import annotations

import pytest

from demo.expected import Expected, expected, same_instrument, same_stage
from demo.newsroom import Newsroom
from pipeline import model
from tests.unit.demo.conftest import NOW


@pytest.fixture(scope="module")
def wanted(newsroom: Newsroom) -> Expected:
    return expected(newsroom)


def test_words_are_those_of_the_interfaces(wanted: Expected) -> None:
    for measure in wanted.measures:
        assert set(measure.types) <= set(model.JURISDICTION_TYPES), measure.key
        assert set(measure.instruments) <= set(model.INSTRUMENTS), measure.key
        assert set(measure.directions) <= {*model.DIRECTIONS, ""}, measure.key
        assert measure.alert in {"", *model.ALERT_KINDS}, measure.key
        for action in measure.actions:
            assert set(action.stages) <= set(model.STAGES), measure.key


def test_every_action_has_evidence_and_every_evidence_an_action(newsroom: Newsroom, wanted: Expected) -> None:
    for measure in wanted.measures:
        for action in measure.actions:
            assert action.evidence or measure.key == "federal-list", f"{measure.key}/{action.key}"
    keys = {f"{measure.key}/{action.key}" for measure in wanted.measures for action in measure.actions}
    assert {key for story in newsroom.stories.values() for key in story.proves} <= keys
    names = {measure.key for measure in wanted.measures}
    assert {key for story in newsroom.stories.values() for key in story.mentions} <= names


def test_evidence_appeared_within_a_week_of_its_action(newsroom: Newsroom, wanted: Expected) -> None:
    by_url = {newsroom.url(story.id): story for story in newsroom.stories.values()}
    for measure in wanted.measures:
        for action in measure.actions:
            for url in action.evidence:
                story = by_url[url]
                if story.action is not None:
                    assert story.action == action.date, story.id


def test_the_tally_stands_in_the_evidence(newsroom: Newsroom, wanted: Expected) -> None:
    by_url = {newsroom.url(story.id): story for story in newsroom.stories.values()}
    words = {1: "one", 2: "two", 6: "six", 7: "seven"}
    for measure in wanted.measures:
        for action in measure.actions:
            for url in action.evidence if action.votes else ():
                text = by_url[url].title + "\n" + by_url[url].text
                told = False
                for ayes, noes in action.votes:
                    pairs = [(ayes, noes), (noes, ayes)]
                    forms = [f"{a}{dash}{b}" for a, b in pairs for dash in ("-", "–", " to ", " votos a ")]
                    forms += [f"{ayes} in favor and {noes} against", f"{words.get(ayes)} to {words.get(noes)}"]
                    forms += [f"{words.get(ayes)} votes to {words.get(noes)}"]
                    told = told or any(form in text for form in forms)
                assert told or by_url[url].copy_of, f"{measure.key}/{action.key}: {url}"


def test_there_is_enough_of_every_kind(wanted: Expected) -> None:
    new = [measure for measure in wanted.measures if measure.alert == "new"]
    limits = [measure for measure in new if measure.directions[0] == "limits_cooperation"]
    mandates = [measure for measure in new if measure.directions[0] == "mandates_cooperation"]
    assert len(limits) >= 7
    assert len(mandates) >= 4
    silent = {action.stages[0] for m in wanted.measures if not m.alert for action in m.actions}
    assert {"directed_drafting", "committee", "introduced", "hearing_scheduled", "first_reading"} <= silent
    assert {"rejected", "tabled", "passed_one_chamber"} <= silent
    assert {measure.alert for measure in wanted.measures} >= {"new", "repeal", "ruling", ""}


def test_alerts_are_one_each(wanted: Expected) -> None:
    assert set(wanted.alerts.values()) == {1}
    assert wanted.alerts["Los Angeles, CA", "new"] == 1
    assert wanted.alerts["Aurora, IL", "repeal"] == 1
    assert ("Everett, WA", "new") not in wanted.alerts


def test_adoptions_that_alert_are_news(wanted: Expected) -> None:
    for measure in wanted.measures:
        if measure.alert:
            day = measure.actions[0].date
            assert day is not None
            assert 0 < (NOW.date() - day).days <= 30


def test_copies_and_endings(newsroom: Newsroom, wanted: Expected) -> None:
    groups = {len(group) for group in wanted.copies}
    assert groups == {7, 2}
    assert set(wanted.endings) == {newsroom.link(story.id) for story in newsroom.stories.values()}
    kinds = {ending.reason for ending in wanted.endings.values()}
    assert kinds == {"", "irrelevant", "lead", "gone", "withheld", "other_address"}
    assert wanted.endings[newsroom.link("endless")].ends == ("retry",)
    assert all(ending.reason for ending in wanted.endings.values() if "discard" in ending.ends)


def test_look_alikes_are_quiet(newsroom: Newsroom, wanted: Expected) -> None:
    traps = ("second-amendment", "unborn", "transgender-sanctuary", "reading-uk", "anniversary", "redated", "explainer")
    assert {newsroom.url(trap) for trap in traps} <= wanted.quiet
    assert newsroom.url("la-first-ledger") not in wanted.quiet
    assert newsroom.url("live-blog") not in wanted.quiet
    assert wanted.unfetched == {newsroom.url("robots")}


def test_unhealthy_feeds(newsroom: Newsroom, wanted: Expected) -> None:
    assert wanted.unhealthy == {
        newsroom.feed_url("desert"): "Throttled",
        newsroom.feed_url("greatlakes"): "Unreadable",
    }


def test_words_that_mean_the_same() -> None:
    assert same_stage("passed_final", "adopted")
    assert same_stage("tabled", "tabled")
    assert not same_stage("passed", "signed")
    assert same_instrument("bill", "statute")
    assert not same_instrument("ordinance", "resolution")
