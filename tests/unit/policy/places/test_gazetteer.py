"""The table of places: folding, look-up, and that the files beside the code are whole."""

from __future__ import annotations

import pytest

from pipeline.policy.places import gazetteer as table
from pipeline.policy.places.gazetteer import Gazetteer, Place, base_name, fold, gazetteer, kilometres, read_states, rows


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Los Angeles", "los angeles"),
        ("Coeur d'Alene", "coeur dalene"),
        ("O’Fallon", "ofallon"),
        ("Saint Paul", "st paul"),
        ("St. Paul", "st paul"),
        ("Ft. Lauderdale", "fort lauderdale"),
        ("Mt. Vernon", "mount vernon"),
        ("Winston-Salem", "winston salem"),
        ("Doña Ana", "dona ana"),
        ("Kahalu‘u", "kahaluu"),
        ("  New   York ", "new york"),
        ("", ""),
    ],
)
def test_spellings_of_one_name_have_one_key(name: str, key: str) -> None:
    assert fold(name) == key


@pytest.mark.parametrize(
    ("county", "base"),
    [
        ("Los Angeles County", "los angeles"),
        ("Orleans Parish", "orleans"),
        ("Prince George's County", "prince georges"),
        ("Juneau City and Borough", "juneau"),
        ("Bethel Census Area", "bethel"),
        ("Chicago", "chicago"),
    ],
)
def test_base_name_drops_the_type_word(county: str, base: str) -> None:
    assert base_name(county) == base


def test_places_come_largest_first_with_county_and_zone() -> None:
    oak_parks = gazetteer().places("oak park")
    assert [place.state for place in oak_parks][:2] == ["IL", "MI"]
    assert oak_parks[0].name == "Oak Park"
    assert oak_parks[0].county == "17031"
    assert oak_parks[0].zone == "America/Chicago"
    assert oak_parks[0].id == "geonames:4904381"
    assert oak_parks[0].population > oak_parks[1].population


def test_names_written_otherwise_keep_their_spelling() -> None:
    found = {name: gazetteer().place(fold(name), state) for name, state in [("DeKalb", "IL"), ("St. Louis", "MO")]}
    assert {name: place.name for name, place in found.items() if place} == {
        "DeKalb": "DeKalb",
        "St. Louis": "St. Louis",
    }


def test_a_postal_name_has_no_population_and_says_where_it_is_from() -> None:
    place = gazetteer().place("abbott", "TX")
    assert place is not None
    assert (place.population, place.id) == (0, "postal:TX:abbott")


def test_counties_by_base_name() -> None:
    county = gazetteer().county("cook", "IL")
    assert county is not None
    assert (county.name, county.id, county.zone) == ("Cook County", "fips:17031", "America/Chicago")
    assert gazetteer().is_county("dona ana")
    assert gazetteer().county("dona ana", "NM").name == "Dona Ana County"  # type: ignore[union-attr]
    assert not gazetteer().is_county("springfield")


def test_unknown_names_are_empty_not_errors() -> None:
    assert "qwertyville" not in gazetteer()
    assert gazetteer().places("qwertyville") == ()
    assert gazetteer().counties("qwertyville") == ()
    assert gazetteer().place("los angeles", "AK") is None
    assert gazetteer().county("los angeles", "AK") is None


def test_distance() -> None:
    los_angeles, san_diego = gazetteer().place("los angeles", "CA"), gazetteer().place("san diego", "CA")
    assert los_angeles is not None
    assert san_diego is not None
    assert kilometres(los_angeles, los_angeles) == 0
    assert kilometres(los_angeles, san_diego) == pytest.approx(180, rel=0.05)


def test_every_row_of_the_files_can_be_read() -> None:
    gaz = gazetteer()
    keys = set(gaz.keys())
    places = [place for key in keys for place in gaz.places(key)]
    counties = [county for key in keys for county in gaz.counties(key)]
    assert len(places) > 33_000
    assert len({(fold(place.name), place.state) for place in places}) == len(places)
    assert 3_100 < len({county.fips for county in counties}) < 3_300
    assert {place.state for place in places} <= gaz.states.keys()
    fips = {county.fips for county in counties}
    linked = [place for place in places if place.county]
    assert {place.county for place in linked} <= fips
    assert len(linked) / len(places) > 0.97
    assert all(-180 <= place.longitude < 180 and -15 < place.latitude < 72 for place in places)


def test_files_stay_compact() -> None:
    sizes = {path.name: path.stat().st_size for path in table.DATA.glob("gazetteer.*")}
    assert sizes.keys() == {table.PLACES, table.COUNTIES, table.ABROAD}
    assert sum(sizes.values()) < 1_700_000
    assert (
        "CC BY" in (table.DATA / "NOTICE.md").read_text()
        or "Creative Commons" in (table.DATA / "NOTICE.md").read_text()
    )


def test_names_meant_abroad_do_not_cover_our_well_known_cities() -> None:
    abroad = gazetteer().abroad
    assert {"damascus", "lebanon", "vienna", "paris"} <= abroad
    assert abroad.isdisjoint(
        {"athens", "birmingham", "st petersburg", "santa fe", "alexandria", "portland", "cambridge"}
    )


def test_what_is_written_is_what_is_read() -> None:
    places = [
        Place("Oak Park", "IL", 52_000, 41.89, -87.78, "C", "17031", "2x4f5"),
        Place("Oak Park", "MI", 29_000, 42.46, -83.18, "D", "26125", "2xabc"),
        Place("LaGrange", "GA", 31_000, 33.04, -85.03, "E", "13285", "z"),
        Place("Hodgkins", "IL", 0, 41.77, -87.86, "C", "", ""),
    ]
    read = Gazetteer(table._places_text(places), "", "paris\n", read_states("IL | Illinois | Ill. | C |"))
    assert [place.state for place in read.places("oak park")] == ["IL", "MI"]
    assert read.places("oak park")[0].zone == "America/Chicago"
    assert read.places("lagrange")[0].name == "LaGrange"
    assert read.places("hodgkins")[0].id == "postal:IL:hodgkins"
    assert read.abroad >= {"paris"}


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("City of Sammamish", "Sammamish"),
        ("City of Milford (balance)", "Milford"),
        ("Middlebury (village)", "Middlebury"),
        ("Saint Paul", "St. Paul"),
        ("Cañon City", "Canon City"),
        ("West Somerville/Davis Square", ""),
        ("Stambaugh, Iron River", ""),
    ],
)
def test_geonames_names_are_cleaned(raw: str, clean: str) -> None:
    assert table._clean(raw) == clean


@pytest.mark.parametrize(
    ("raw", "written"), [("Mc Lean", "McLean"), ("O Fallon", "O'Fallon"), ("St Thomas", "St. Thomas")]
)
def test_postal_names_are_written_as_names(raw: str, written: str) -> None:
    assert table._postal_name(raw) == written


def test_rows_leave_comments_and_blank_lines_out() -> None:
    assert list(rows("a | b\n\n# not this\nc|d # nor this\n")) == [["a", "b"], ["c", "d"]]


def test_every_state_has_a_name_a_zone_and_an_abbreviation() -> None:
    states = gazetteer().states
    assert len(states) == 56
    assert states["MI"].zone == "America/Detroit"
    assert states["CA"].abbreviation == "Calif."
    assert states["OH"].abbreviation == "Ohio"
    assert gazetteer().state_codes["new hampshire"] == "NH"
