"""Everyday news that must raise no alert: texts written one by one, and combinations with real places.

``data/everyday.jsonl`` holds the texts: votes on other things, immigration news in which no government adopts
anything, other sanctuaries, plans and memories, courts, crime, sport, weather, in English and Spanish. The combinations
are drawn once, always the same: a real place, its body, a tally, something that was adopted, and a last sentence that
may speak of immigration in passing. Places are real, events are not.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from itertools import product
from pathlib import Path

from pipeline.policy.places.gazetteer import Place, gazetteer

TEXTS = Path(__file__).parent / "data" / "everyday.jsonl"
COMBINATIONS = 2_000

NEWS = (
    "The {place} {body} voted {tally} on {day} to {act} {item}.",
    "By a vote of {tally}, the {place} {body} on {day} {acted} {item}.",
    "On {day} night the {body} of {place} {acted} {item}, {tally}.",
    "{place} leaders {acted} {item} on {day} after two hours of debate. The vote was {tally}.",
    "{upper} — The {body} {acted} {item} in a {tally} vote {day}.",
)
BODIES = (
    "City Council", "council", "Common Council", "Board of Aldermen", "City Commission", "Board of Supervisors",
    "County Commission", "Village Board", "Borough Council", "Select Board", "School Board", "library board",
)  # fmt: skip
TALLIES = ("5-2", "7-0", "4-3", "9-1", "6-1", "11-2", "3-2", "13 to 1", "unanimous", "8–1")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday")
ACTS = (("adopt", "adopted"), ("approve", "approved"), ("pass", "passed"), ("enact", "enacted"), ("back", "backed"))
ITEMS = (
    "an ordinance on plastic bags", "a camping ban", "a budget with money for police", "a resolution for veterans",
    "a rezoning for apartments", "an ice rink contract", "an ordinance that makes the town a bird sanctuary",
    "a Second Amendment sanctuary resolution", "an ordinance that declares a sanctuary city for the unborn",
    "a resolution that makes the city a sanctuary for transgender people", "a noise ordinance", "a land trust deal",
    "a policy on cell phones in class", "an executive order of the mayor on heat", "a tax on hotel rooms",
    "an agreement with the sheriff on road patrols", "a contract for school buses", "a ban on gas leaf blowers",
    "rules for short-term rentals", "a resolution that honors immigrants' restaurants", "a refugee art festival",
    "a policy on body cameras", "an ordinance on dangerous dogs", "a resolution against a new landfill",
    "an animal sanctuary's permit", "a church's plan to enlarge its sanctuary", "a detention pond",
    "a contract with a towing company", "a plan for trees", "a warrant for a new fire truck",
)  # fmt: skip
TAILS = (
    "", "", "", "The meeting began with a minute of silence.", "A second item was put off until spring.",
    "Several speakers also asked for a sanctuary ordinance; the matter was not on the agenda.",
    "Immigration agents had arrested four people in the town the week before.",
    "A neighboring county adopted a sanctuary policy in 2019.",
    "Some residents wore shirts that said 'ICE out'.",
    "A bill on immigration detainers is before the Legislature.",
    "The police chief said that his officers do not ask about immigration status.",
    "The mayor, who opposes sanctuary policies, was absent.",
    "Members will discuss cooperation with ICE at a workshop next month.",
    "A federal judge is to rule on the state's sanctuary law this summer.",
    "An ice storm had kept many people at home.",
)  # fmt: skip

ENFORCEMENT = """
ICE arrests {number} in {place} | Immigration agents arrested {number} people in {place} this week, ICE said.
Protest outside {place} detention center | {number} people protested ICE raids at a detention center in {place}.
Raids leave {place} kitchens short | Owners in {place} said {number} workers stayed home after ICE raids.
{place} man sentenced for smuggling | A judge sentenced a man who had brought {number} migrants to {place}.
Rumor of raid empties {place} school | {number} pupils stayed home in {place} after a rumor about ICE agents.
"""
UNDECIDED = """
{place} to weigh sanctuary ordinance | The {place} council will consider next week whether to bar help to ICE.
{place} sanctuary plan stalls | A proposal to make {place} a sanctuary city has not come to a vote.
Residents ask {place} for rule on ICE | They urged the {place} council to limit work with ICE; no vote was taken.
{place} panel backs ICE limits | A {place} council committee voted 3-1 to recommend an ordinance limiting help to ICE.
{place} asks for draft on ICE | The {place} council voted 5-0 to direct its attorney to draft a sanctuary ordinance.
Ten years of a sanctuary law in {place} | In 2014 the {place} City Council adopted its sanctuary ordinance by 7-0.
{place} rejects sanctuary ordinance | The {place} City Council voted 5-2 on Tuesday to reject a sanctuary ordinance.
Mayor: {place} is no sanctuary | The mayor of {place} said it is not a sanctuary city and never voted to be one.
Candidates in {place} differ on ICE | Two candidates in {place} argued over whether police should help ICE.
{place} tables ICE resolution | The {place} council voted 4-3 to table a resolution that would limit help to ICE.
"""


def texts() -> Iterator[tuple[str, str]]:
    """``(title, text)`` of each."""
    for row in written():
        yield row["title"], row["text"]
    yield from combined()


def written() -> list[dict[str, str]]:
    """The texts that were written one by one: ``about``, ``title``, ``text``."""
    return [json.loads(line) for line in TEXTS.read_text("utf-8").splitlines()]


def combined() -> Iterator[tuple[str, str]]:
    """The combinations, always the same ones."""
    dice = random.Random(20_260_305)
    places = [f"{place.name}, {place.state}," for place in dice.sample(real_places(), 300)]
    for _ in range(COMBINATIONS):
        place, item, tally = dice.choice(places), dice.choice(ITEMS), dice.choice(TALLIES)
        act, acted = dice.choice(ACTS)
        told = dice.choice(NEWS).format(
            place=place, upper=place.upper().rstrip(","), body=dice.choice(BODIES), tally=tally,
            day=dice.choice(DAYS), act=act, acted=acted, item=item,
        )  # fmt: skip
        yield f"{place.split(',')[0]} {acted} {item}", f"{told} {dice.choice(TAILS)}".strip()
    lines = [line.split(" | ") for line in (ENFORCEMENT + UNDECIDED).split("\n") if line]
    for (title, text), place, number in product(lines, places[:60], ("12", "150")):
        if number == "12" or "{number}" in text:
            name = place.split(",")[0]
            yield title.format(place=name, number=number), text.format(place=place, number=number)


def piled(n: int, pieces: int = 6) -> Iterator[tuple[str, str]]:
    """Pages that run several of the written texts one behind the other under the headline of the first."""
    dice = random.Random(n)
    rows = [row for row in written() if row["about"] != "spanish"]
    for number in range(n):
        picked = dice.sample(rows, pieces)
        yield f"{picked[0]['title']} ({number})", " ".join(row["text"] for row in picked)


def real_places() -> list[Place]:
    """The places of the gazetteer with more than 2,000 people, in a fixed order."""
    known = gazetteer()
    every = (place for key in set(known.keys()) for place in known.places(key))
    found = {(place.name, place.state): place for place in every if place.population > 2_000}
    return [found[name] for name in sorted(found)]
