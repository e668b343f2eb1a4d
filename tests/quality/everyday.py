"""A thousand and more texts of everyday news that must raise no alert, made from patterns in our own words.

Council votes on other things, enforcement news, crime, sport, weather, other sanctuaries, plans and debates on
sanctuary policy that decide nothing. Places are real, events are not.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

PLACES = (
    "Fresno, California", "Tulsa, Oklahoma", "Dayton, Ohio", "Boise, Idaho", "Macon, Georgia", "Bangor, Maine",
    "Duluth, Minnesota", "Yuma, Arizona", "Salem, Oregon", "Reading, Pennsylvania", "Mobile, Alabama",
    "Normal, Illinois",
)  # fmt: skip
TALLIES = ("5-2", "7-0", "4-3", "unanimously")

COUNCIL = (
    ("Council passes {item}", "The {place}, City Council voted {tally} Tuesday to approve {item}."),
    ("{item} adopted after debate", "Members of the {place}, council adopted {item} on Monday, {tally}."),
)
ITEMS = (
    "a plastic bag ordinance", "a camping ban", "a budget with money for police", "a resolution honoring veterans",
    "a rezoning ordinance for apartments", "an ice rink contract", "a bird sanctuary ordinance",
    "a Second Amendment sanctuary resolution", "a sanctuary city for the unborn ordinance",
    "a resolution making the city a sanctuary for transgender people", "a noise ordinance", "a land trust agreement",
)  # fmt: skip

ENFORCEMENT = (
    (
        "ICE arrests {number} people in {city}",
        "Immigration agents arrested {number} people in {city} this week, ICE said.",
    ),
    (
        "Protest at {city} detention center",
        "About {number} people protested ICE raids outside a detention center in {city}.",
    ),
    (
        "{city} restaurants short of staff after raid",
        "Owners in {city} said {number} workers stayed home after immigration raids.",
    ),
    ("Man sentenced in {city} smuggling case", "A judge sentenced a man who brought {number} migrants to {city}."),
)
NUMBERS = ("12", "40", "150", "900")

UNDECIDED = (
    (
        "Cities that have passed sanctuary laws",
        "{place}, and other cities have adopted ordinances that limit help to ICE.",
    ),
    (
        "{place} to weigh sanctuary ordinance",
        "The {place}, council will consider an ordinance next week that would bar help to ICE.",
    ),
    ("{place} sanctuary plan stalls", "A proposal to make {place}, a sanctuary city has not come to a vote."),
    (
        "Residents ask {place} for sanctuary rule",
        "Residents urged the {place}, council to adopt a sanctuary ordinance; no vote was taken.",
    ),
    (
        "Candidates in {place} differ on ICE",
        "Two candidates for mayor of {place}, argued over whether police should help ICE.",
    ),
    (
        "{place} panel backs ICE limits",
        "A {place}, council committee voted 3-1 to recommend an ordinance limiting help to ICE.",
    ),
    (
        "{place} asks attorney for ICE rules",
        "The {place}, council voted 5-0 to direct the city attorney to draft a sanctuary ordinance.",
    ),
    (
        "Ten years of a sanctuary law in {place}",
        "In 2014 the {place}, City Council adopted its sanctuary ordinance by 7-0.",
    ),
    (
        "{place} rejects sanctuary ordinance",
        "The {place}, City Council voted 5-2 on Tuesday to reject a sanctuary ordinance.",
    ),
    (
        "{place} council denies sanctuary label",
        "The mayor of {place}, said the city is not a sanctuary city and never voted to be one.",
    ),
)

OTHERS = (
    ("Ice storm closes roads near {city}", "An ice storm brought down lines near {city}; {number} homes lost power."),
    ("{city} wins {tally}", "{city} beat its rival {tally} on home ice before {number} fans."),
    (
        "Church near {city} restores its sanctuary",
        "Members raised ${number},000 to restore the sanctuary of a church near {city}.",
    ),
    ("Wolf sanctuary near {city} grows", "A wolf sanctuary near {city} bought {number} acres."),
    ("Film 'Sanctuary' shot in {city}", "The film Sanctuary was shot in {city} with {number} extras."),
    (
        "Marine sanctuary off the coast gains {number} miles",
        "NOAA approved a larger marine sanctuary after a hearing in {city}.",
    ),
)


def texts() -> Iterator[tuple[str, str]]:
    """``(title, text)`` of each."""
    for (title, text), item, place, tally in product(COUNCIL, ITEMS, PLACES, TALLIES):
        yield title.format(item=item).capitalize(), text.format(item=item, place=place, tally=tally)
    cities = [place.split(",")[0] for place in PLACES]
    for (title, text), city, number in product(ENFORCEMENT, cities, NUMBERS):
        yield title.format(city=city, number=number), text.format(city=city, number=number)
    for (title, text), place in product(UNDECIDED, PLACES):
        yield title.format(place=place.split(",")[0]), text.format(place=place)
    for (title, text), city, number in product(OTHERS, cities, NUMBERS):
        fill = {"city": city, "number": number, "tally": "4-1"}
        yield title.format(**fill), text.format(**fill)
