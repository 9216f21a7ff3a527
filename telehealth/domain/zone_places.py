"""Which names of time zones are in use today, what they were called before, and in which countries they are.

Browsers, phones and old rows say "Asia/Calcutta", "Europe/Kiev" and "US/Pacific". Those are links to zones that have
another name now, and people are shown that one. The names in use are those of the IANA's ``zone.tab``: one or more for
each country. Which of them an old name stands for is told by the aliases of CLDR, which keep apart what the IANA's own
links have thrown together (St Thomas and Puerto Rico), and by those links where CLDR knows nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from babel.core import get_global

UTC = "UTC"
UTC_NAMES = frozenset({"Etc/UTC", "Etc/GMT"})
"""What all the names of UTC are links to."""


def present_name(name: str) -> str:
    """The name that a zone has today: "Asia/Kolkata" for "Asia/Calcutta"; "UTC" for all that is UTC. A name that is in
    use, or that has no other, stays as it is.
    """
    if name == UTC or name in names_in_use():  # Nearly all are, and to know that takes none of the tables of old names.
        return name
    return _present_names().get(name, name)


def country_of(name: str) -> str:
    """The country of a zone whose name is in use, as its ISO code: "US". Empty for zones at sea, such as "UTC"."""
    return names_in_use().get(name, "")


def city_of(name: str) -> str:
    """ "New Salem" of "America/North_Dakota/New_Salem"."""
    return name.rpartition("/")[2].replace("_", " ")


def former_names(name: str) -> list[str]:
    """What else a zone was called: "Asia/Calcutta" for "Asia/Kolkata"."""
    return [old for old, present in _present_names().items() if present == name]


@cache
def names_in_use() -> Mapping[str, str]:
    """Every name of ``zone.tab`` with its country."""
    rows = (line.split("\t") for line in _lines("zone.tab") if not line.startswith("#"))
    return {name: country for country, _, name, *_ in rows}


@cache
def _present_names() -> Mapping[str, str]:
    """The names that are no longer in use, each with the one that is."""
    in_use, links, aliases = names_in_use(), _links(), get_global("zone_aliases")
    same = {aliases.get(name, name): name for name in in_use}
    targets = {name: links.get(name, name) for name in {*links, *aliases, *UTC_NAMES} - set(in_use)}
    told = {name: same.get(aliases.get(name, name), target) for name, target in targets.items()}
    told |= {name: UTC for name, target in targets.items() if target in UTC_NAMES}
    return {name: present for name, present in told.items() if present in {*in_use, UTC}}


def _links() -> Mapping[str, str]:
    """Every name that the IANA has made a link, with what it leads to."""
    rows = (line.split() for line in _lines("tzdata.zi") if line.startswith("L "))
    return {name: target for _, target, name in rows}


def _lines(table: str) -> list[str]:
    return files("tzdata.zoneinfo").joinpath(table).read_text(encoding="utf-8").splitlines()
