"""The time zones that people choose from: each once, under its present name, in groups, the likely ones first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from flask import get_template_attribute
from markupsafe import Markup

from telehealth.domain.times import SPOKEN_ZONES, zone_name
from telehealth.domain.zone_places import city_of, country_of, names_in_use

Group = tuple[str, tuple[tuple[str, str], ...]]
"""What stands over some zones, and their names with what is read: ("Europe", (("Europe/Rome", "Rome, Italy"), …))."""

UNITED_STATES = "United States"
STATES_AND_TERRITORIES = frozenset({"US", "PR", "VI", "GU", "AS", "MP", "UM"})
AREAS = {
    "Africa": "Africa",
    "America": "Americas",
    "Antarctica": "Antarctica",
    "Arctic": "Europe",
    "Asia": "Asia",
    "Atlantic": "Atlantic Ocean",
    "Australia": "Australia",
    "Europe": "Europe",
    "Indian": "Indian Ocean",
    "Pacific": "Pacific Ocean",
}


class ZoneList(tuple[Group, ...]):
    """Groups of zones for a select, which writes their hundreds of options once for each value it has."""

    def write_options(self, value: str) -> Markup:
        """The options with the chosen one marked, as the ``options_of`` macro writes any others."""
        return _write_options(self, value)


@lru_cache(maxsize=64)
def _write_options(zones: ZoneList, value: str) -> Markup:
    written: Markup = get_template_attribute("components/forms.html", "options_of")(list(zones), value)
    return written


def list_zones(chosen: ZoneInfo, home: ZoneInfo) -> ZoneList:
    """The zones of the country in which ``home`` is, then those of the United States, then the rest of the world by
    areas. What is ``chosen`` is always among them, by itself when it is at sea ("UTC").
    """
    groups = _groups(_country(home.key))
    if country_of(chosen.key):
        return groups
    return ZoneList([("Chosen now", ((chosen.key, zone_name(chosen)),)), *groups])


@lru_cache(maxsize=64)
def _groups(home: str) -> ZoneList:
    first, rest = [home] if home else [], defaultdict(list)
    for key in names_in_use():
        country = _country(key)
        rest[country if country in {home, UNITED_STATES} else AREAS[key.partition("/")[0]]].append(key)
    order = list(dict.fromkeys([*first, UNITED_STATES, *sorted(rest)]))
    return ZoneList((group, _read(group, rest[group])) for group in order)


def _read(group: str, keys: list[str]) -> tuple[tuple[str, str], ...]:
    """Zones that have a name of their own come first, as they are usually listed; the others by their cities."""
    named = [(key, f"{spoken} ({city_of(key)})") for key, spoken in SPOKEN_ZONES.items() if key in keys]
    places = [(key, _place(key, group)) for key in keys if key not in SPOKEN_ZONES]
    return (*named, *sorted(places, key=lambda place: place[1]))


def _place(key: str, group: str) -> str:
    """ "Lagos, Nigeria", "Knox, Indiana"; "Juneau" alone where the country is said above."""
    middle = key.split("/")[1:-1]
    within = middle[0].replace("_", " ") if middle else _countries()[country_of(key)]
    return city_of(key) if within in {group, city_of(key)} else f"{city_of(key)}, {within}"


def _country(key: str) -> str:
    code = country_of(key)
    return UNITED_STATES if code in STATES_AND_TERRITORIES else _countries().get(code, "")


@cache
def _countries() -> Mapping[str, str]:
    """Their names by their codes, which come with all else that CLDR says in English."""
    return Locale.parse("en").territories
