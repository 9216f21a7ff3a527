"""Whom somebody calls in a crisis, by the place where they are during a video appointment.

In the United States and its territories: 911, and 988 by call and text (988lifeline.org), and the Crisis Text Line
(741741). No state has one number of its own that is known here. Elsewhere only where the place that was typed names its
country; a wrong number costs time that nobody has, so whatever is in doubt is said honestly to be unknown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from telehealth.domain.contact import clean_line, clean_phone
from telehealth.domain.errors import InvalidInput
from telehealth.domain.searching import fold_name

LONGEST_ABOUT_LINE = 120


@dataclass(frozen=True, slots=True)
class Country:
    """A country with one number for emergencies, or where that of the ambulance is meant; by its names in English and
    Spanish, and others that it goes by.
    """

    emergency: str
    english: str
    spanish: str
    also: tuple[str, ...] = ()
    has_988: bool = False


@dataclass(frozen=True, slots=True)
class CrisisHelp:
    """What is offered at one place. ``emergency`` is empty where nobody knows it; ``country`` is None in the United
    States, and where it is not known. ``is_sure``: the client said where they are.
    """

    emergency: str
    is_american: bool
    is_sure: bool = True
    country: Country | None = None

    @property
    def has_988(self) -> bool:
        """Whether 988 answers there, by call and by text."""
        return self.is_american or (self.country is not None and self.country.has_988)


AMERICAN_EMERGENCY = "911"
KNOWN_COUNTRIES = (
    Country("911", "Canada", "Canadá", has_988=True),
    Country("911", "Mexico", "México"),
    Country("911", "Costa Rica", "Costa Rica"),
    Country("911", "Panama", "Panamá"),
    Country("911", "Ecuador", "Ecuador"),
    Country("911", "Uruguay", "Uruguay"),
    Country("911", "Dominican Republic", "República Dominicana"),
    Country("911", "Philippines", "Filipinas", ("the philippines",)),
    Country("123", "Colombia", "Colombia"),
    Country("131", "Chile", "Chile"),
    Country("192", "Brazil", "Brasil"),
    Country(
        "999", "United Kingdom", "Reino Unido", ("uk", "great britain", "england", "scotland", "wales", "inglaterra")
    ),
    Country("999", "Hong Kong", "Hong Kong"),
    Country("112", "Ireland", "Irlanda"),
    Country("112", "France", "Francia"),
    Country("112", "Germany", "Alemania", ("deutschland",)),
    Country("112", "Spain", "España"),
    Country("112", "Portugal", "Portugal"),
    Country("112", "Italy", "Italia"),
    Country("112", "Netherlands", "Países Bajos", ("the netherlands", "holland", "holanda")),
    Country("112", "Belgium", "Bélgica"),
    Country("112", "Luxembourg", "Luxemburgo"),
    Country("112", "Austria", "Austria"),
    Country("112", "Switzerland", "Suiza"),
    Country("112", "Denmark", "Dinamarca"),
    Country("112", "Sweden", "Suecia"),
    Country("112", "Norway", "Noruega"),
    Country("112", "Finland", "Finlandia"),
    Country("112", "Iceland", "Islandia"),
    Country("112", "Poland", "Polonia"),
    Country("112", "Czechia", "Chequia", ("czech republic", "republica checa")),
    Country("112", "Slovakia", "Eslovaquia"),
    Country("112", "Hungary", "Hungría"),
    Country("112", "Greece", "Grecia"),
    Country("112", "Romania", "Rumanía", ("rumania",)),
    Country("112", "Bulgaria", "Bulgaria"),
    Country("112", "Croatia", "Croacia"),
    Country("112", "Slovenia", "Eslovenia"),
    Country("112", "Estonia", "Estonia"),
    Country("112", "Latvia", "Letonia"),
    Country("112", "Lithuania", "Lituania"),
    Country("112", "Malta", "Malta"),
    Country("112", "Cyprus", "Chipre"),
    Country("112", "Turkey", "Turquía", ("turkiye",)),
    Country("112", "India", "India"),
    Country("101", "Israel", "Israel"),
    Country("119", "Japan", "Japón"),
    Country("119", "South Korea", "Corea del Sur"),
    Country("995", "Singapore", "Singapur"),
    Country("000", "Australia", "Australia"),
    Country("111", "New Zealand", "Nueva Zelanda", ("nueva zelandia",)),
)

_BY_NAME = {fold_name(name): each for each in KNOWN_COUNTRIES for name in (each.english, each.spanish, *each.also)}
_BREAK = re.compile(r"[,;\n()]")
_POST_CODE = re.compile(r"\S*\d\S*")
_LEADS_ON = frozenset(
    {"of", "the", "de", "del", "la", "el", "du", "da", "do", "di", "d", "new", "nueva", "nuevo"}
    | {"north", "south", "east", "west", "northern", "near", "bei"}
)
"""After one of these a country's name is that of a street or of another place: "Avenue de France", "New Mexico"."""
NOWHERE_KNOWN = CrisisHelp("", is_american=False)
NOT_SAID = CrisisHelp(AMERICAN_EMERGENCY, is_american=True, is_sure=False)


def find_crisis_help(jurisdiction: str | None, place: str) -> CrisisHelp:
    """What is offered at a place; ``jurisdiction`` is a postal code ("CO"), None outside the United States."""
    if jurisdiction is not None:
        return CrisisHelp(AMERICAN_EMERGENCY, is_american=True)
    country = find_country(place)
    return CrisisHelp(country.emergency, is_american=False, country=country) if country is not None else NOWHERE_KNOWN


def find_country(place: str) -> Country | None:
    """The country that a typed place ends with: "12 Rue Monge, 75005 Paris, France"; None unless it says one."""
    parts = (fold_name(_POST_CODE.sub(" ", part)) for part in _BREAK.split(place))
    said = [part for part in parts if part]
    if not said:
        return None
    if found := _BY_NAME.get(said[-1]):
        return found
    words = said[-1].split()
    for count in (3, 2, 1):
        found = _BY_NAME.get(" ".join(words[-count:])) if len(words) > count else None
        if found is not None:
            return found if words[-count - 1] not in _LEADS_ON else None
    return None


@dataclass(frozen=True, slots=True)
class CrisisLine:
    """A practice's own number for crises (E.164; None: it has none), and who answers it when, in its own words."""

    phone: str | None
    about: str


def read_crisis_line(phone: str, about: str) -> CrisisLine:
    """What somebody typed. Raises InvalidInput by field: ``crisis_phone``, ``crisis_about``."""
    problems: dict[str, str] = {}
    number, words = None, ""
    try:
        number = clean_phone(phone, needed=False)
    except ValueError as problem:
        problems["crisis_phone"] = str(problem)
    try:
        words = clean_line(" ".join(about.split()), longest=LONGEST_ABOUT_LINE)
    except ValueError as problem:
        problems["crisis_about"] = str(problem)
    if problems:
        raise InvalidInput(problems)
    return CrisisLine(number, words if number else "")
