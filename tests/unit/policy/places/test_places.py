"""Places: which names are places, which state each lies in and by which rule, and what a text is about."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import model
from pipeline.policy import places
from pipeline.policy.places import Mention, bodies, find, parse_label, zone


def rule_of(title: str, text: str, label: str, **known: str) -> str:
    """The rule behind the first mention with a label."""
    found = find(title, text, **known)
    return next(m.rule for m in found.mentions if m.jurisdiction.label == label)


def labels(title: str, text: str, **known: str) -> list[str]:
    return [mention.jurisdiction.label for mention in find(title, text, **known).mentions]


def test_the_village_board_is_no_place() -> None:
    assert labels("", "The Village Board in Palmyra, Wisconsin, voted.") == ["Palmyra, WI"]


def test_a_state_university_lies_in_its_state() -> None:
    (university,) = find("", "Oregon State University's Board of Trustees passed it.").mentions
    assert (university.jurisdiction.label, university.jurisdiction.type) == (
        "Oregon State University, OR",
        "university",
    )


# ------------------------------------------------------------------ the order of evidence
@pytest.mark.parametrize(
    ("text", "label", "rule"),
    [
        ("The Oak Park, Illinois, village board voted.", "Oak Park, IL", "state-in-phrase"),
        ("Lansing, Mich., voted.", "Lansing, MI", "state-in-phrase"),
        ("In Edison (NJ), the council voted.", "Edison, NJ", "state-in-phrase"),
        ("Roxbury Township, New Jersey, council members voted.", "Roxbury Township, NJ", "state-in-phrase"),
        ("The Montclair Township Council voted.", "Montclair, NJ", "body"),
        ("The Effingham County Board in Illinois voted.", "Effingham County, IL", "state-in-phrase"),
        ("Voters in Oregon's Columbia County agreed.", "Columbia County, OR", "state-in-phrase"),
        ("The board of Oak Park, Cook County, Ill., voted.", "Oak Park, IL", "state-in-phrase"),
        ("The LAPD will not help.", "Los Angeles, CA", "agency"),
        ("NYC will not help.", "New York City, NY", "named"),
        ("Officials in Phoenix will not help.", "Phoenix, AZ", "stand-alone"),
        ("The Yreka council voted.", "Yreka, CA", "only"),
        ("The Keep Washington Working Act binds the Burlington City Council.", "Burlington, WA", "named-law"),
        ("The Evanston City Council voted.", "Evanston, IL", "population"),
        ("The Ashgrove Falls Town Board in Vermont voted.", "Ashgrove Falls, VT", "state-in-phrase"),
        ("Vermont officials met. The Ashgrove Falls Town Board voted.", "Ashgrove Falls, VT", "pattern"),
    ],
)
def test_rules_within_the_text(text: str, label: str, rule: str) -> None:
    assert rule_of("", text, label) == rule


def test_dateline_names_the_state() -> None:
    text = "SALEM, Ore. (AP) - Salem councilors voted 7-1."
    found = find("Council votes", text)
    assert {m.jurisdiction.label for m in found.mentions} == {"Salem, OR"}
    assert found.mentions[0].rule in ("dateline", "state-in-phrase")


def test_the_headlines_state_decides() -> None:
    title, text = "New Jersey town backs immigrants", "The Plainfield City Council voted 6-0."
    assert rule_of(title, text, "Plainfield, NJ") == "headline-state"


def test_a_county_decides_for_its_city_and_a_city_for_its_county() -> None:
    assert rule_of("", "Marin County leaders met. The Novato and Fairfax councils voted.", "Fairfax, CA") == "county-of"
    assert rule_of("", "In Pittsburgh, Allegheny County leaders met.", "Allegheny County, PA") == "county-of"


def test_the_state_named_most_and_nearest_decides() -> None:
    text = "Oregon limits help to ICE. In Oregon, the Salem City Council voted. Massachusetts was mentioned once."
    assert rule_of("Council votes", text, "Salem, OR") == "frequent-state"


def test_home_decides_only_where_the_text_does_not() -> None:
    assert (
        rule_of("Council votes", "The Springfield City Council voted.", "Springfield, MA", home="Boston, MA") == "home"
    )
    assert labels("Council votes", "The Springfield, Ill., council voted.", home="Boston, MA") == ["Springfield, IL"]
    assert labels("Council votes", "The Phoenix council voted.", home="Portland, OR") == ["Phoenix, AZ"]
    assert labels("Council votes", "The Sacramento council voted.", home="Louisville, KY") == ["Sacramento, CA"]


def test_the_outlets_own_name_is_a_home() -> None:
    assert labels("", "The Springfield City Council voted.", source="ACLU of Massachusetts") == ["Springfield, MA"]
    assert labels("", "The Aurora council voted.", source="Chicago Tribune") == ["Aurora, IL"]
    assert labels("", "The Vancouver council voted.", source="The Washington Post") == ["Vancouver, WA"]
    assert labels("", "The Springfield City Council voted.", source="The Washington Post") == ["Springfield"]


@pytest.mark.parametrize(
    ("source", "label"),
    [
        ("Richmondside", "Richmond, CA"),
        ("WTVR Richmond", "Richmond, VA"),
        ("New York Times", "Richmond"),
        ("The Beacon", "Richmond"),
        ("", "Richmond"),
    ],
)
def test_outlets_without_a_place_in_their_name(source: str, label: str) -> None:
    assert labels("", "The Richmond council voted.", source=source) == [label]


def test_sections_of_the_address_are_a_home() -> None:
    text = "The Glendale council voted."
    assert labels("", text, url="https://news.example/us/az/glendale/vote") == ["Glendale, AZ"]
    assert labels("", text, url="https://news.example/california/glendale/vote") == ["Glendale, CA"]
    assert labels("", text, url="https://news.example/in/la/vote") == ["Glendale"]


def test_a_small_namesake_near_the_outlet() -> None:
    text = "The town of Boston will not help ICE, the Boston Town Board said."
    assert "Boston, NY" in labels("", text, home="Buffalo, NY")
    assert "Boston, MA" in labels("Boston votes", "The Boston City Council voted.", home="Denver, CO")


@pytest.mark.parametrize("name", ["Springfield", "Glendale", "Richmond", "Aurora"])
def test_an_unknown_state_is_said(name: str) -> None:
    found = find(f"{name} council votes on ICE", f"The {name} City Council voted 5-2 Tuesday.")
    assert found.main == model.Jurisdiction(name, "city", "", "unlisted")
    assert found.mentions[0].rule == "unknown"
    assert found.mentions[0].confidence < 0.5


def test_bodies_narrow_the_states() -> None:
    assert labels("", "Oak Park village trustees voted 7-0.") == ["Oak Park, IL"]
    assert rule_of("", "The Albany Common Council voted.", "Albany, NY") == "population"
    assert labels("", "The Lexington Select Board voted 4-1.") == ["Lexington, MA"]


def test_two_states_of_one_name_in_one_text() -> None:
    text = "Portland, Maine, voted 9-0. Portland, Oregon, had voted before."
    assert labels("", text) == ["Portland, ME", "Portland, OR"]


# ------------------------------------------------------------------ state or city
@pytest.mark.parametrize(
    ("text", "labelled"),
    [
        ("New York's Assembly voted 77-58.", ["New York"]),
        ("The New York City Council voted.", ["New York City, NY"]),
        ("New York Mayor Ana Ruiz signed it.", ["New York City, NY"]),
        ("Yorktown, New York, approved it.", ["Yorktown, NY"]),
        ("Washington Gov. Ana Ruiz signed it.", ["Washington"]),
        ("Washington, D.C., lawmakers met.", ["Washington, DC"]),
        ("The D.C. Council voted.", ["Washington, DC"]),
        ("The Kansas City Council voted in Missouri.", ["Kansas City, MO", "Missouri"]),
        ("The Oklahoma City Council voted.", ["Oklahoma City, OK"]),
        ("The Iowa City City Council voted.", ["Iowa City, IA"]),
        ("Denver City Council members voted.", ["Denver, CO"]),
        ("Wyoming, Michigan, council members voted.", ["Wyoming, MI"]),
        ("Lawmakers in Oregon, Washington and Idaho met.", ["Oregon", "Washington", "Idaho"]),
        ("Trump spoke in Washington on Tuesday.", []),
        ("The New York Times reported it.", []),
        ("Boston, New York and Chicago sued.", ["Boston, MA", "New York", "Chicago, IL"]),
    ],
)
def test_state_or_city(text: str, labelled: list[str]) -> None:
    assert labels("", text) == labelled


def test_new_york_is_the_city_where_the_city_is_spoken_of() -> None:
    found = find("NYPD and ICE", "The NYPD works in New York, where the mayor limits help to ICE.")
    assert {mention.jurisdiction.label for mention in found.mentions} == {"New York City, NY"}


def test_a_dateline_from_the_capital_is_no_place() -> None:
    assert labels("Order signed", "WASHINGTON (AP) - The president signed it.") == []


# ------------------------------------------------------------------ city or county, and other kinds
@pytest.mark.parametrize(
    ("text", "jurisdiction"),
    [
        ("San Diego County supervisors voted 3-1.", ("San Diego County", "county", "CA")),
        ("San Diego supervisors voted 3-1.", ("San Diego County", "county", "CA")),
        ("San Francisco supervisors voted 10-1.", ("San Francisco", "city", "CA")),
        ("LA County moves ahead.", ("Los Angeles County", "county", "CA")),
        ("The City and County of Denver sued.", ("Denver", "city", "CO")),
        ("Orleans Parish Sheriff Ana Ruiz refused.", ("Orleans Parish", "sheriff", "LA")),
        ("The Teller County, Colorado, sheriff signed.", ("Teller County", "sheriff", "CO")),
        ("The Palo Alto Unified school board voted.", ("Palo Alto Unified School District", "school_district", "CA")),
        ("Palo Alto's school board voted.", ("Palo Alto Unified School District", "school_district", "CA")),
        ("Austin ISD trustees voted.", ("Austin Independent School District", "school_district", "TX")),
        ("The School District of Philadelphia voted.", ("School District of Philadelphia", "school_district", "PA")),
        ("The Milwaukee Public Schools board voted.", ("Milwaukee Public Schools", "school_district", "WI")),
        ("The University of California regents voted.", ("University of California", "university", "CA")),
        ("The University of New Mexico Board of Regents voted.", ("University of New Mexico", "university", "NM")),
        ("Fresno Unified trustees voted.", ("Fresno Unified School District", "school_district", "CA")),
        ("The Temple University Board of Trustees voted.", ("Temple University", "university", "PA")),
        ("The Clinton University Board of Trustees voted.", ("Clinton University", "university", "")),
        ("The State College, Pennsylvania, Borough Council voted.", ("State College", "borough", "PA")),
        ("The Tohono O'odham Legislative Council voted.", ("Tohono O'odham Nation", "tribal", "AZ")),
        ("The Morris Township Committee in New Jersey voted.", ("Morris Township", "township", "NJ")),
        ("Edison, New Jersey, Township Council members voted.", ("Edison", "township", "NJ")),
        ("The town of Normal, Illinois, voted.", ("Normal", "town", "IL")),
        ("Red Bank Borough Council members voted in New Jersey.", ("Red Bank", "borough", "NJ")),
        ("Arlington, Massachusetts, Town Meeting passed it.", ("Arlington", "town", "MA")),
        ("Louisville's Metro Council voted 16-7.", ("Louisville", "city", "KY")),
        ("Princeton's council backs the Immigrant Trust Act.", ("Princeton", "municipality", "NJ")),
        ("The Trump administration sued.", ("United States", "federal", "US")),
    ],
)
def test_kinds_of_jurisdictions(text: str, jurisdiction: tuple[str, str, str]) -> None:
    main = find("", text).main
    assert main is not None
    assert (main.name, main.type, main.state) == jurisdiction


def test_lists_of_counties() -> None:
    assert labels("", "Voters in Oregon's Columbia and Umatilla counties agreed.")[-2:] == [
        "Columbia County, OR",
        "Umatilla County, OR",
    ]
    assert "Tarrant County, TX" in labels("", "Eighteen Texas counties including Tarrant have signed.")
    assert "Mecklenburg County, NC" in labels(
        "", "Sheriffs in Mecklenburg and four other North Carolina counties quit."
    )


def test_the_texts_own_word_gives_the_type() -> None:
    found = find("Lillington code", "Lillington, North Carolina, forbids it within the town limits.")
    assert found.main == model.Jurisdiction("Lillington", "town", "NC", "geonames:4475942")


def test_gazetteer_ids() -> None:
    ids = {
        m.jurisdiction.name: m.jurisdiction.gazetteer for m in find("", "Cook County, Illinois, and Chicago.").mentions
    }
    assert ids == {"Cook County": "fips:17031", "Chicago": "geonames:4887398"}
    assert find("", "The Ashgrove Falls Town Board voted.").main == model.Jurisdiction(
        "Ashgrove Falls", "town", "", "unlisted"
    )


# ------------------------------------------------------------------ what is no place
@pytest.mark.parametrize(
    "text",
    [
        "The bill passed on second reading.",
        "Reading the bill took an hour. Surprise followed. Hope remains.",
        "The Mobile app shows it. Media reports say so. Justice was done.",
        "Rep. Austin Scott and Charlotte Lee spoke.",
        "Mayor Jim Kenney said no. Kenney signed it.",
        "President Lincoln Smith spoke.",
        "The Securities and Exchange Commission sued.",
        "Taylor Swift sang. Jupiter rose over Damascus.",
        "Police closed Lexington Avenue and Brooklyn Bridge.",
        "The Boston Globe and the Phoenix Suns were there.",
        "An ice storm hit. No place is named here.",
        "London, Ontario, and Paris, France, voted.",
        "",
    ],
)
def test_words_persons_streets_and_newspapers(text: str) -> None:
    assert labels("", text) == []


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Reading City Council voted on second reading in Pennsylvania.", "Reading, PA"),
        ("The Mobile City Council in Alabama voted.", "Mobile, AL"),
        ("The city of Hope, Arkansas, voted.", "Hope, AR"),
        ("Justice Village Board members in Illinois voted.", "Justice, IL"),
        ("The Surprise City Council voted.", "Surprise, AZ"),
        ("The Independence, Mo., City Council voted.", "Independence, MO"),
        ("Lebanon, Ohio, council members voted.", "Lebanon, OH"),
        ("Cleveland Mayor Frank Jackson signed it.", "Cleveland, OH"),
    ],
)
def test_with_a_governments_word_they_are_places(text: str, label: str) -> None:
    assert label in labels("", text)


def test_chicagos_mayor_washington_is_no_state() -> None:
    assert labels("Chicago mayor orders it", "Mayor Harold Washington signed Executive Order 85-1.") == ["Chicago, IL"]


def test_scare_quotes_and_abbreviations_are_no_states() -> None:
    assert labels("Memos outline 'Mass Deportation' plans", "Ill. people and Miss. Smith were there.") == []


@pytest.mark.parametrize(
    ("title", "text", "url"),
    [
        ("Motions", "A UK network lists council motions, from Sheffield to Birmingham, for refugees.", ""),
        ("Council votes", "Cllr Ana Hope said Bradford council passed it, with £20,000.", ""),
        ("Cities vote", "Toronto and Hamilton city councils in Ontario, Canada, voted.", ""),
        ("Richmond council votes", "The Richmond council voted.", "https://paper.example.co.uk/richmond"),
    ],
)
def test_other_countries_have_no_mentions(title: str, text: str, url: str) -> None:
    found = find(title, text, url=url)
    assert found.mentions == ()
    assert found.main is None
    assert found.near(0) is None


def test_our_places_with_foreign_names_stay_ours() -> None:
    assert "Ontario, CA" in labels("", "The Ontario City Council in California voted on ICE.")
    assert "Belfast, ME" in labels("", "Belfast, Maine, councilors voted on ICE.")


@pytest.mark.parametrize(
    ("text", "home"),
    [
        ("The Mason City Council voted.", "Mason, OH"),  # not Mason City, Iowa
        ("The Mason City Council voted.", "Mason City, IA"),
        ("The Benton City Council voted.", "Benton City, WA"),
        ("The Rock Island City Council voted.", "Rock Island, IL"),  # not Island City, not The Rock
        ("The Rock County Board voted.", "Rock County, MN"),
        ("The Branch Town Council voted.", "Branch, MN"),
        ("The Wyoming City Council voted.", "Wyoming, OH"),
        ("The city of Washington voted.", "Washington, PA"),
        ("The Jackson County Board voted.", "Jackson County, IA"),  # many are larger
        ("The Leeds City Council voted.", "Leeds, AL"),
        ("The Bradford County Board voted.", "Bradford County, PA"),
    ],
)
def test_a_paper_speaks_of_its_own_place(text: str, home: str) -> None:
    assert labels("", text, home=home) == [home]


def test_a_papers_neighbour_is_told_by_their_state() -> None:
    assert labels("", "The Columbus City Council voted.", home="Jackson, MS") == ["Columbus, MS"]
    assert labels("", "The Columbus, Ohio, City Council voted.", home="Jackson, MS") == ["Columbus, OH"]
    assert labels("", "The Cleveland City Council voted.", home="Houston, TX") == ["Cleveland, OH"]  # stands alone
    assert labels("", "The Mason City Council voted.", home="Cincinnati, OH") == ["Mason, OH"]
    assert labels("", "Wyoming lawmakers voted.", home="Wyoming, OH") == ["Wyoming"]
    assert labels("", "The Wyoming City Council voted.", home="Grand Rapids, MI") == ["Wyoming, MI"]
    assert labels("", "The Wyoming Legislature voted.", home="Grand Rapids, MI") == ["Wyoming"]
    assert labels("", "The city of Wyoming voted, as New York City did.", home="Denver, CO") == [
        "Wyoming",
        "New York City, NY",
    ]  # Colorado has no such city


@pytest.mark.parametrize(
    ("source", "home"),
    [("City of Greenfield Newsroom", "Greenfield, WI"), ("City of Wales Newsroom", "Wales, WI")],
)
def test_a_government_of_many_names_is_the_one_at_its_feeds_home(source: str, home: str) -> None:
    found = find("Common Council adopts ordinance", "The Common Council voted.", source=source, home=home)
    assert found.main is not None
    assert found.main.label == home


# ------------------------------------------------------------------ writing
def test_offsets_count_code_points_of_what_was_given() -> None:
    title, text = (
        "L.A. Council’s vote — “sanctuary”",
        "In Los Angeles’ City Council, San José’s and Doña Ana County’s laws …",
    )
    whole = f"{title}\n\n{text}"
    found = find(title, text)
    assert [whole[m.start : m.end] for m in found.mentions] == ["L.A.", "Los Angeles", "San José", "Doña Ana County"]
    council = found.mentions[1]
    assert whole[council.body_start : council.body_end] == "City Council"
    assert council.body == "City Council"


@pytest.mark.parametrize(
    ("title", "label"),
    [
        ("LA City Council approves it", "Los Angeles, CA"),
        ("L.A. City Council approves it", "Los Angeles, CA"),
        ("NYC sues", "New York City, NY"),
        ("Philly council votes", "Philadelphia, PA"),
        ("San Francisco supes vote", "San Francisco, CA"),
        ("N.C. sheriffs must help", "North Carolina"),
        ("Calif. Gov. signs it", "California"),
        ("NM county approves it", "New Mexico"),
        ("Prince George's County Council votes", "Prince George's County, MD"),
        ("St. Paul and Coeur d’Alene vote", "St. Paul, MN"),
    ],
)
def test_headline_forms(title: str, label: str) -> None:
    assert label in labels(title, "")


def test_a_capital_of_the_headline_makes_no_other_name() -> None:
    assert labels("Texas City Bans It", "Sterling City, Texas, council members voted 5-0.") == [
        "Texas",
        "Sterling City, TX",
    ]
    assert "Oregon" in labels("Oregon County Looks To Become Sanctuary", "Deschutes County plans it.")
    assert (
        labels("New Philadelphia mayor restores policy", "The order limits Philadelphia's help.")[0]
        == "Philadelphia, PA"
    )


def test_spanish() -> None:
    found = find("Concejo Municipal de Los Ángeles aprueba ordenanza", "La alcaldesa de Los Ángeles la firmó.")
    assert found.main == model.Jurisdiction("Los Angeles", "city", "CA", "geonames:5368361")
    assert found.mentions[0].body == "City Council"
    assert labels("", "En el condado de Cook, Illinois, votaron.") == ["Cook County, IL"]


# ------------------------------------------------------------------ what a text is about
def test_the_governed_place_beats_the_outlets_the_laws_and_the_listed() -> None:
    found = find(
        "California's 2nd-largest county aims to limit cooperation",
        "San Diego County supervisors passed it, 3-1, like cities such as Chicago, Boston and Denver.",
    )
    assert found.main is not None
    assert found.main.label == "San Diego County, CA"
    assert found.labels == ("San Diego County, CA", "CA")
    assert found.state_of_text == "CA"


def test_labels_name_the_states_own_code_and_the_federal_level() -> None:
    assert find("Oregon governor signs it", "Oregon Gov. Ana Ruiz signed it.").labels == ("OR",)
    assert find("Trump administration sues", "The Trump administration sued.").labels == ("US",)
    assert find("Nothing", "Nobody did anything.").labels == ()


def test_a_publishing_government_is_meant_where_nobody_is_named() -> None:
    found = find("Resolution on detainers", "The council adopted it.", source="City of Yakima")
    assert found.main == model.Jurisdiction("Yakima", "city", "WA", "geonames:5816605")
    assert found.main_mention == Mention(0, 0, found.main, "home", found.main_mention.confidence)  # type: ignore[union-attr]


def test_a_law_tells_the_state_where_nobody_is_named() -> None:
    found = find("Statement on Trust Act signing", "She welcomed the signing of Senate Bill 31, the TRUST Act.")
    assert found.main is not None
    assert found.main.name == "Illinois"


def test_an_outlets_city_is_meant_where_only_a_mayor_is_named() -> None:
    found = find("Mayor presents budget", "The mayor spoke of sanctuary cities.", source="Gothamist")
    assert found.main is not None
    assert found.main.label == "New York City, NY"


# ------------------------------------------------------------------ near
def test_near_knows_whose_body_it_is() -> None:
    title = "Yorktown Town Board backs veto"
    text = (
        "Yorktown, New York, approved 4 to 1 a resolution backing the county executive's veto. "
        "Westchester County legislators had adopted the act 10 to 5. The board met Tuesday."
    )
    whole = f"{title}\n\n{text}"
    found = find(title, text)

    def near(word: str, *types: str) -> str:
        mention = found.near(whole.index(word), types)
        assert mention is not None
        return mention.jurisdiction.label

    assert near("backs") == "Yorktown, NY"
    assert near("approved") == "Yorktown, NY"
    assert near("adopted") == "Westchester County, NY"
    assert near("Tuesday", "town") == "Yorktown, NY"
    assert near("Tuesday", "county") == "Westchester County, NY"


def test_near_passes_over_a_state_that_only_describes() -> None:
    found = find("California city approves ordinance", "The Los Alamitos, California, council approved it 4-1.")
    mention = found.near("California city approves ordinance".index("approves"))
    assert mention is not None
    assert mention.jurisdiction.label == "Los Alamitos, CA"


def test_near_falls_back_to_the_main_place() -> None:
    title, text = "Lansing rescinds decision", "Lansing, Mich., acted. It did so late. The council voted 5-2."
    found = find(title, text)
    mention = found.near((title + "\n\n" + text).index("voted"))
    assert mention is not None
    assert mention.jurisdiction.label == "Lansing, MI"
    assert find("", "Nobody voted.").near(8) is None


def test_body_at() -> None:
    found = find("", "The Boston City Council voted.")
    body = found.body_at(2 + len("The Boston Ci"))
    assert body is not None
    assert body.name == "City Council"
    assert found.body_at(0) is None


# ------------------------------------------------------------------ bodies
@pytest.mark.parametrize(
    ("text", "name", "family"),
    [
        ("the Board of Supervisors", "Board of Supervisors", "county"),
        ("the village board", "Village Board", "municipal"),
        ("the Select Board", "Select Board", "municipal"),
        ("at Town Meeting", "Town Meeting", "municipal"),
        ("the Common Council", "Common Council", "municipal"),
        ("the Commissioners Court", "Commissioners Court", "county"),
        ("the Metro Council", "Metro Council", "municipal"),
        ("the Board of Regents", "Board of Regents", "university"),
        ("the school board", "School Board", "school_district"),
        ("the sheriff", "Sheriff", "sheriff"),
        ("the governor", "Governor", "state"),
        ("the Legislature", "Legislature", "state"),
        ("the General Assembly", "General Assembly", "state"),
        ("the Board of Chosen Freeholders", "Board of Chosen Freeholders", "county"),
        ("in Congress", "Congress", "federal"),
        ("the Tribal Council", "Tribal Council", "tribal"),
        ("los concejales", "City Council", "municipal"),
    ],
)
def test_bodies_say_their_type(text: str, name: str, family: str) -> None:
    (body,) = bodies(text)
    assert body.name == name
    assert places.family(body.types[0]) == family
    assert text[body.start : body.end].lower() in text.lower()


@pytest.mark.parametrize(
    "text", ["House Bill 20", "Senate File 481", "the White House", "in the house", "the Security Council"]
)
def test_what_looks_like_a_body(text: str) -> None:
    assert bodies(text) == ()


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("Princeton's council in New Jersey voted.", "City Council"),
        ("The Montgomery County Council in Maryland voted.", "County Council"),
        ("Oak Park, Illinois, trustees voted.", "Village Board"),
        ("Tarrant County, Texas, commissioners voted.", "Commissioners Court"),
        ("Weld County, Colorado, commissioners voted.", "Board of County Commissioners"),
        ("Miami city commissioners voted.", "City Commission"),
        ("The Oak Park board, in Illinois, voted for the village.", "Village Board"),
        ("Ann Arbor council members voted.", "City Council"),
    ],
)
def test_a_body_is_called_as_its_jurisdiction_calls_it(text: str, body: str) -> None:
    assert [mention.body for mention in find("", text).mentions if mention.body] == [body]


# ------------------------------------------------------------------ labels and zones
@pytest.mark.parametrize(
    ("label", "jurisdiction"),
    [
        ("Los Angeles, CA", ("Los Angeles", "city", "CA")),
        ("Sacramento CA", ("Sacramento", "city", "CA")),
        ("Washington DC", ("Washington", "city", "DC")),
        ("New York NY", ("New York City", "city", "NY")),
        ("Cook County, IL", ("Cook County", "county", "IL")),
        ("Orleans Parish, LA", ("Orleans Parish", "county", "LA")),
        ("Oak Park, IL", ("Oak Park", "village", "IL")),
        ("Amherst, MA", ("Amherst", "town", "MA")),
        ("Morris Township, NJ", ("Morris Township", "city", "NJ")),
        ("Palo Alto Unified School District, CA", ("Palo Alto Unified School District", "school_district", "CA")),
        ("CA", ("California", "state", "CA")),
        ("California", ("California", "state", "CA")),
        ("Texas", ("Texas", "state", "TX")),
        ("US", ("United States", "federal", "US")),
        ("fresno, california", ("Fresno", "city", "CA")),
        ("los angeles, ca", ("Los Angeles", "city", "CA")),
        ("Cook County, Illinois", ("Cook County", "county", "IL")),
        ("Chicago", ("Chicago", "city", "IL")),
    ],
)
def test_labels_are_read(label: str, jurisdiction: tuple[str, str, str]) -> None:
    found = parse_label(label)
    assert found is not None
    assert (found.name, found.type, found.state) == jurisdiction


@pytest.mark.parametrize("label", ["", "Springfield", "aggregator", "Los Angeles, XX", "ca"])
def test_what_is_no_label(label: str) -> None:
    assert parse_label(label) is None


@pytest.mark.parametrize("label", ["Los Angeles, CA", "Cook County, IL", "Oak Park, IL", "Washington, DC"])
def test_labels_survive_the_round_trip(label: str) -> None:
    found = parse_label(label)
    assert found is not None
    assert found.label == label
    assert parse_label(found.label) == found


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ("Los Angeles, CA", "America/Los_Angeles"),
        ("CA", "America/Los_Angeles"),
        ("TX", "America/Chicago"),
        ("El Paso, TX", "America/Denver"),
        ("Pensacola, FL", "America/Chicago"),
        ("Miami, FL", "America/New_York"),
        ("Phoenix, AZ", "America/Phoenix"),
        ("Honolulu, HI", "Pacific/Honolulu"),
        ("Louisville, KY", "America/Kentucky/Louisville"),
        ("Cook County, IL", "America/Chicago"),
        ("Nowhere At All, OR", "America/Los_Angeles"),
        ("US", ""),
        ("", ""),
        ("somewhere", ""),
    ],
)
def test_zones(place: str, name: str) -> None:
    assert zone(place) == name


# ------------------------------------------------------------------ anything at all
FRAGMENTS = st.sampled_from(
    [
        "Los", "Angeles", "City", "Council", "County", "New", "York", "Washington", ",", ".", "'s", "’", "“", "the",
        "of", "in", "and", "Oak Park", "Ill.", "Springfield", "Board", "Township", "School District", "Unified",
        "University", "St.", "Mayor", "Ana", "Ruiz", "voted", "-", "—", "(", ")", "N.Y.", "LA", "\n", "£", "é",
        "counties", "such as", "Kansas", "Reading", "Gov.", "sheriff", "Supervisors", "Senate", "House", "Bill", "54",
        "287(g)", "Trump", "D.C.", "County, Texas", "Denver City Council", "West Falls", "town of",
    ]
)  # fmt: skip
WORDS, HEADS = st.lists(FRAGMENTS, max_size=40), st.lists(FRAGMENTS, max_size=12)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(FRAGMENTS, max_size=40), st.lists(FRAGMENTS, max_size=12), st.sampled_from(["", "Boston, MA", "US", "x"])
)
def test_any_text_is_read(words: list[str], head: list[str], home: str) -> None:
    title, text = " ".join(head), " ".join(words)
    whole = f"{title}\n\n{text}"
    found = find(title, text, home=home, source=title)
    assert found == find(title, text, home=home, source=title)
    for mention in found.mentions:
        assert 0 <= mention.start < mention.end <= len(whole)
        assert not mention.body or 0 <= mention.body_start < mention.body_end <= len(whole)
        assert mention.jurisdiction.type in model.JURISDICTION_TYPES
        assert 0 < mention.confidence < 1
        assert found.near(mention.start) is not None
    assert len(found.owners) == len(found.bodies)
    assert len(found.weights) == len(found.passing) == len(found.mentions)
    for position in range(0, len(whole), 7):
        nearest = found.near(position)
        assert nearest is None or nearest == found.main_mention or nearest in found.mentions


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300))
def test_any_characters_are_read(text: str) -> None:
    find(text[:40], text, url=text, source=text[:60])
    parse_label(text)
    zone(text)
    bodies(text)
