"""Labels of jurisdictions ('Los Angeles, CA', 'Cook County, IL', 'CA', 'US') and what follows from them."""

from __future__ import annotations

import re
from functools import lru_cache

from pipeline import model
from pipeline.policy.places.gazetteer import base_name, fold, gazetteer
from pipeline.policy.places.words import vocabulary

FEDERAL = model.Jurisdiction("United States", "federal", "US", "us")
_LABEL = re.compile(r"^([^\n]{2,80}?),? ([A-Z]{2})$")
_DISTRICT_ENDS = ("school district", "public schools", " unified", "county schools", "city schools")


def state_jurisdiction(code: str) -> model.Jurisdiction:
    """The state, district or territory with a postal code. Raises ``KeyError`` for any other code."""
    return model.Jurisdiction(gazetteer().states[code].name, "state", code, f"state:{code}")


@lru_cache(maxsize=4096)
def parse_label(label: str) -> model.Jurisdiction | None:
    """'Los Angeles, CA', 'Sacramento CA', 'Cook County, IL', 'CA', 'California', 'US'; None when it cannot be read.

    A place the gazetteer does not list is 'unlisted'; its type is the table's, else the default of its state. A name
    without a state is read only when news writes it so ('Chicago').
    """
    label = " ".join(label.split())
    gaz, vocab = gazetteer(), vocabulary()
    if label in ("US", "U.S.", "USA", "United States"):
        return FEDERAL
    code = label if label in gaz.states else gaz.state_codes.get(fold(label), "")
    if code and fold(label) != "new york city":
        return state_jurisdiction(code)
    match = _LABEL.match(label)
    typed, _, state = label.rpartition(",")
    if match is not None and match.group(2) in gaz.states:
        name, code = match.groups()
    elif typed and (code := _state_code(state)):  # as people type it: "fresno, california"
        name = typed.strip().title() if typed.islower() else typed.strip()
    else:
        name, code = label, vocab.stand_alone.get(fold(label), "")
        if not code:
            return None
    key = fold(name)
    if (key, code) == ("new york", "NY"):
        key = "new york city"
    county = gaz.county(base_name(name), code) if base_name(name) != fold(name) else None
    if county is not None:
        return model.Jurisdiction(county.name, "county", code, county.id)
    if key.endswith(_DISTRICT_ENDS):
        return model.Jurisdiction(name, "school_district", code)
    place = gaz.place(key, code)
    type_ = vocab.types.get((key, code)) or vocab.default_types.get(code, "city")
    return model.Jurisdiction(place.name if place else name, type_, code, place.id if place else "unlisted")


def _state_code(state: str) -> str:
    code = state.strip().upper()
    return code if code in gazetteer().states else gazetteer().state_codes.get(fold(state.strip()), "")


@lru_cache(maxsize=4096)
def zone(place_or_state: str) -> str:
    """IANA zone of 'El Paso, TX', 'Cook County, IL' or 'TX' (that of the state's larger part); '' when unknown."""
    found, gaz = parse_label(place_or_state), gazetteer()
    if found is None or found.state not in gaz.states:
        return ""
    if found.type == "county":
        county = gaz.county(base_name(found.name), found.state)
        return county.zone if county is not None else gaz.states[found.state].zone
    place = gaz.place(fold(found.name), found.state) if found.type != "state" else None
    return place.zone if place is not None else gaz.states[found.state].zone
