"""A place's own paper, or its government's own feed, reports on it: every place is told from all of its name.

A report that is given to another state's town raises an alert for people whom it does not concern and none for those
whom it does. Texts of one form, of places and counties all over the country; ``pytest -s`` prints what was missed.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from random import Random

import pytest

from pipeline.policy import read
from pipeline.policy.places.gazetteer import gazetteer

EACH = 400
PUBLISHED = datetime(2026, 11, 21, 15, 30, tzinfo=UTC)
RULE = "an ordinance that bars {its} employees from helping federal immigration agents. It takes effect in 30 days."


def places(seed: int) -> list[tuple[str, str]]:
    """Names and states of towns with at least 2,500 inhabitants."""
    known = gazetteer()
    found = {(p.name, p.state) for key in known.keys() for p in known.places(key) if p.population >= 2_500}  # noqa: SIM118
    return Random(seed).sample(sorted(found), EACH)


def counties(seed: int) -> list[tuple[str, str]]:
    known = gazetteer()
    found = {(c.name, c.state) for key in known.keys() if known.is_county(key) for c in known.counties(key)}  # noqa: SIM118
    return Random(seed).sample(sorted(found), EACH)


def of_council(name: str) -> tuple[str, str, str]:
    text = f"The {name} City Council voted 6-2 Tuesday night to adopt {RULE.format(its='city')}"
    return "The Daily Courier", f"{name} council approves sanctuary ordinance, 6-2", text


def of_release(name: str) -> tuple[str, str, str]:
    text = f"FOR IMMEDIATE RELEASE\n\nThe City Council on Friday, November 20, 2026, adopted {RULE.format(its='city')}"
    return f"City of {name}", "City Council adopts ordinance on immigration enforcement", text


def of_city(name: str) -> tuple[str, str, str]:
    text = f"The city of {name} on Tuesday adopted {RULE.format(its='city')}"
    return "The Daily Courier", f"{name} bars city workers from helping ICE", text


def of_county(name: str) -> tuple[str, str, str]:
    text = f"The {name} Board of Commissioners voted 4-1 Tuesday night to adopt {RULE.format(its='county')}"
    return "The Daily Courier", f"{name} board approves sanctuary ordinance, 4-1", text


@pytest.mark.parametrize(
    ("told", "which", "right", "elsewhere"),
    [
        (of_council, places, 0.995, 0.0),
        (of_release, places, 0.995, 0.003),
        (of_city, places, 0.995, 0.003),
        (of_county, counties, 0.995, 0.0),
    ],
)
def test_a_place_is_told_in_its_own_paper(
    told: Callable[[str], tuple[str, str, str]],
    which: Callable[[int], list[tuple[str, str]]],
    right: float,
    elsewhere: float,
) -> None:
    """At least ``right`` of the reports are the place's, at most ``elsewhere`` are a place's of another state."""
    good = strange = 0
    for name, state in which(7):
        source, title, text = told(name)
        reading = read(
            title, text, published=PUBLISHED, source=source, source_kind="news", home=f"{name}, {state}", lang="en"
        )
        found = [(r.jurisdiction.label, r.jurisdiction.state) for r in reading.reports]
        good += [label for label, _ in found] == [f"{name}, {state}"]
        strange += any(other not in ("", state) for _, other in found)
        if [label for label, _ in found] != [f"{name}, {state}"]:
            print(f"{told.__name__}: {name}, {state}: {found}")
    print(f"{told.__name__}: right {good / EACH:.4f}, of another state {strange / EACH:.4f}")
    assert good / EACH >= right
    assert strange / EACH <= elsewhere
