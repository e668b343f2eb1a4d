"""Subscriptions: what may be asked for, what is wanted, and files that say where they are wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.alerts.subscriptions import address, in_words, read_file, subscribe, wants, write_file
from pipeline.errors import UserError
from pipeline.model import ALERT_KINDS, Alert, Direction, Measure, Subscription, dump, load
from tests.unit.policy.builders import ILLINOIS, LOS_ANGELES, at, place

NOW = at("2024-11-01")
MEASURE = Measure("m1", LOS_ANGELES, NOW, direction="limits_cooperation")


def test_the_same_wish_has_the_same_id_and_another_wish_another() -> None:
    one = subscribe("desk@example.org", places=["CA", "IL"], now=NOW)
    assert subscribe("desk@example.org", places=["IL", "CA"], now=at("2025-01-01")).id == one.id
    assert subscribe("desk@example.org", places=["IL"], now=NOW).id != one.id
    assert subscribe("desk@example.org", kinds=["new"], now=NOW).id != one.id
    assert subscribe("other@example.org", places=["CA", "IL"], now=NOW).id != one.id


def test_places_are_kept_as_labels_and_postal_codes() -> None:
    found = subscribe("a@example.org", places=["California", "IL", "Los Angeles, CA", "US", "CA"], now=NOW)
    assert found.places == ("CA", "IL", "Los Angeles, CA", "US")


@pytest.mark.parametrize(
    ("places", "wanted"),
    [
        ([], True),
        (["Los Angeles, CA"], True),
        (["CA"], True),
        (["US"], True),
        (["IL", "CA"], True),
        (["IL"], False),
        (["Los Angeles County, CA"], False),
        (["San Diego, CA"], False),
    ],
)
def test_a_place_is_a_label_a_state_or_the_country(places: list[str], wanted: bool) -> None:
    subscription = subscribe("a@example.org", places=places, now=NOW)
    assert wants(subscription, "new", MEASURE, 0.9) is wanted


def test_a_state_takes_its_own_laws_too() -> None:
    law = replace(MEASURE, jurisdiction=ILLINOIS)
    assert wants(subscribe("a@example.org", places=["IL"], now=NOW), "new", law, 0.9)
    assert not wants(subscribe("a@example.org", places=["Chicago, IL"], now=NOW), "new", law, 0.9)


def test_all_kinds_but_stage_unless_asked_for() -> None:
    everything = subscribe("a@example.org", now=NOW)
    assert [kind for kind in ALERT_KINDS if wants(everything, kind, MEASURE, 0.9)] == [  # type: ignore[arg-type]
        kind for kind in ALERT_KINDS if kind != "stage"
    ]
    only = subscribe("a@example.org", kinds=["stage", "repeal"], now=NOW)
    assert wants(only, "stage", MEASURE, 0.9)
    assert not wants(only, "new", MEASURE, 0.9)


@pytest.mark.parametrize(
    ("direction", "wanted"),
    [("limits_cooperation", False), ("mandates_cooperation", True), ("mixed", False), (None, True)],
)
def test_directions_and_a_measure_whose_direction_nobody_told(direction: Direction | None, wanted: bool) -> None:
    subscription = subscribe("a@example.org", directions=["mandates_cooperation"], now=NOW)
    assert wants(subscription, "new", replace(MEASURE, direction=direction), 0.9) is wanted


def test_what_is_less_sure_than_asked_for_waits() -> None:
    subscription = subscribe("a@example.org", min_confidence=0.7, now=NOW)
    assert not wants(subscription, "new", MEASURE, 0.69)
    assert wants(subscription, "new", MEASURE, 0.7)


@pytest.mark.parametrize(
    "text",
    [
        "", "nobody", "a@", "@b.org", "a b@example.org", "a@exa mple.org", "a@b@c.org", "a@example.org\nBcc: x@y.org",
        "a@example.org, b@example.org", "Name <a@example.org>", ".a@example.org", "a..b@example.org",
        "ä@example.org", "a@-example.org", "a@example..org", "a" * 65 + "@example.org", "a@" + "b" * 64 + ".org",
        "a\x00@example.org", '"a\r\n"@example.org',
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="is no e-mail address"):
        address(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (" desk+la@example.org ", "desk+la@example.org"),
        ("root@localhost", "root@localhost"),
        ("desk@münchen.example", "desk@xn--mnchen-3ya.example"),
        ("o'neil@example.org", "o'neil@example.org"),
    ],
)
def test_addresses(text: str, expected: str) -> None:
    assert address(text) == expected


@pytest.mark.parametrize(
    ("wish", "problem"),
    [
        ({"places": ["Atlantis"]}, "is no place"),
        ({"kinds": ["everything"]}, "is no kind of alert; these are: new, amend"),
        ({"directions": ["left"]}, "is no direction; these are: limits_cooperation"),
        ({"min_confidence": 1.5}, "between 0 and 1, not 1.5"),
        ({"name": "x" * 101}, "up to 100 printable characters"),
        ({"name": "a\x07b"}, "up to 100 printable characters"),
    ],
)
def test_what_cannot_be_used_is_said(wish: dict[str, object], problem: str) -> None:
    with pytest.raises(UserError, match=problem):
        subscribe("a@example.org", now=NOW, **wish)  # type: ignore[arg-type]  # wrong on purpose


def test_a_file_comes_back_as_it_was_written() -> None:
    wishes = [
        subscribe("a@example.org", now=NOW),
        subscribe(
            "b@example.org",
            name='The "desk" für alles',
            places=["CA", "Los Angeles, CA"],
            directions=["mixed"],
            kinds=["new", "stage"],
            min_confidence=0.75,
            now=NOW,
        ),
    ]
    assert read_file(write_file(wishes), now=NOW) == wishes
    assert read_file("", now=NOW) == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[[subscription]]\nto = \nname = 'x'", "not a TOML file of subscriptions: .*line 2"),
        ("[[subscription]]\nto = 'a@example.org'\n\n[[subscription]]\nto = 'nobody'", "^line 4: 'nobody' is no e-mail"),
        ("# a comment\n[[subscription]]\nname = 'x'", "^line 2: 'to' is missing"),
        (
            "[[subscription]]\nto = 'a@example.org'\nplace = 'CA'",
            "^line 1: 'place' is unknown; these are known: at",
        ),
        ("[[subscription]]\nto = 'a@example.org'\nplaces = 'CA'", "^line 1: 'places' is a list of texts"),
        ("[[subscription]]\nto = 'a@example.org'\nname = 3", "^line 1: 'name' is a text"),
        ("[[subscription]]\nto = 'a@example.org'\nmin_confidence = true", "^line 1: 'min_confidence' is a number"),
        ("subscription = ['a@example.org']", "^subscription 1: a subscription is a table"),
        ("subscription = 3", "holds .*tables and nothing else"),
        ("feeds = []", "holds .*tables and nothing else"),
    ],
)
def test_a_file_that_cannot_be_used_says_where(text: str, problem: str) -> None:
    with pytest.raises(UserError, match=problem):
        read_file(text, now=NOW)


def test_the_wish_in_words() -> None:
    assert in_words(subscribe("a@example.org", now=NOW)) == (
        "everywhere in the United States; every kind but later stages; either direction; confidence 0.5 or more"
    )
    wish = subscribe(
        "a@example.org", places=["CA", "Reno, NV"], kinds=["new"], directions=["mixed"], min_confidence=0.8, now=NOW
    )
    assert in_words(wish) == "CA · Reno, NV; new; mixed; confidence 0.8 or more"
    assert place("Reno", "NV").label in wish.places


def test_records_of_older_releases_can_be_read() -> None:
    """As release 0.1 wrote them, before there were channels, rhythms, digests and claims that name their process."""
    subscription = load(
        Subscription,
        '{"id":"s1","to":"a@example.org","created":"2026-01-02T03:04:05Z","name":"desk","places":["CA"],'
        '"directions":[],"kinds":["new"],"min_confidence":0.6}',
    )
    assert (subscription.channel, subscription.rhythm, subscription.stopped) == ("mail", "immediate", "")
    row = load(
        Alert,
        '{"id":"a1","subscription":"s1","docket":"d1","measure":"m1","action":"x1","kind":"new",'
        '"created":"2026-01-02T03:04:05Z","due":"2026-01-02T03:04:05Z","state":"waiting","reason":"451 later",'
        '"attempts":1,"claimed_until":"2026-01-02T03:09:05Z","message_id":"<a1@x>","mail":"To: a","sent":null}',
    )
    assert (row.channel, row.claimed_by, row.holds, row.folded_into) == ("mail", "", (), "")
    assert load(Alert, dump(row)) == row


def test_what_was_added_to_wishes_later_counts_only_where_it_is_used() -> None:
    plain = subscribe("a@example.org", now=NOW)
    assert subscribe("a@example.org", when="daily", zone="America/Chicago", quiet="22:00-07:00", now=NOW).id == plain.id
    assert subscribe("a@example.org", query="detainer", now=NOW).id != plain.id
    assert subscribe("a@example.org", near="Reno, NV", miles=20, now=NOW).id != plain.id
    one, other = (subscribe("a@example.org", near="Reno, NV", miles=miles, now=NOW).id for miles in (20, 30))
    assert one != other


def test_circles_are_measured_between_places_and_counties() -> None:
    near = subscribe("a@example.org", near="Pasadena, CA", miles=15, now=NOW)
    assert wants(near, "new", MEASURE, 0.9)
    assert not wants(replace(near, miles=5.0), "new", MEASURE, 0.9)
    county = replace(MEASURE, jurisdiction=place("Orange County", "CA", "county"))
    assert wants(replace(near, miles=50.0), "new", county, 0.9)
    assert not wants(near, "new", replace(MEASURE, jurisdiction=ILLINOIS), 0.9), "a state is no point"


def test_a_word_for_every_kind() -> None:
    everything = subscribe("a@example.org", kinds=["every"], now=NOW)
    assert set(everything.kinds) == set(ALERT_KINDS)
    assert in_words(everything).startswith("everywhere in the United States; every kind; ")
