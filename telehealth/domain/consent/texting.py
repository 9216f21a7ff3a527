"""Which numbers may be texted at all: in countries that the practice allows, and never where a text costs as much as a
call to the stars. Whoever books without a login could otherwise spend the practice's money.

The kinds of numbers are those of libphonenumber. A number of no country (satellites, international networks, +870 to
+883, +979) has none that could be allowed; the islands of +1 are countries of their own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import lru_cache
from types import MappingProxyType

from telehealth.domain.contact import HOME_REGION, clean_phone, describe_phone, has_phones
from telehealth.domain.message_words import Reason

COSTLY = frozenset({"PREMIUM_RATE", "SHARED_COST", "PERSONAL_NUMBER", "UAN", "PAGER", "VOICEMAIL"})
NOWHERE = "001"
"""How libphonenumber calls the country of a number that belongs to none."""
COUNTRIES = MappingProxyType(
    {
        "US": "the United States",
        "CA": "Canada",
        "MX": "Mexico",
        "PR": "Puerto Rico",
        "VI": "the U.S. Virgin Islands",
        "GU": "Guam",
        "GB": "the United Kingdom",
        "IE": "Ireland",
        "DE": "Germany",
        "AT": "Austria",
        "CH": "Switzerland",
        "FR": "France",
        "ES": "Spain",
        "IT": "Italy",
        "NL": "the Netherlands",
        "AU": "Australia",
        "NZ": "New Zealand",
    }
)
"""Names of countries as they stand in a sentence; of others their code is said."""


def why_not_textable(number: str, countries: Collection[str]) -> Reason | None:
    """Why a number (E.164) is not texted by a practice that texts these countries; None when it may be."""
    country, is_costly = _look_up(number)
    if is_costly or country == NOWHERE:
        return Reason.TEXT_COSTLY
    return None if country in countries else Reason.TEXT_ABROAD


def clean_staff_phone(typed: str) -> str | None:
    """The number of somebody on duty (E.164), None for none. Raises ValueError, also for what is never texted."""
    number = clean_phone(typed, needed=False)
    if number is not None and why_not_textable(number, [_look_up(number)[0]]) is not None:
        raise ValueError("Satellite and premium numbers are never texted. Please give a mobile number.")
    return number


def own_country(phone: str) -> str:
    """The country of a practice, as its own number tells."""
    country, _ = _look_up(phone)
    return country if country not in ("", NOWHERE) else HOME_REGION


def countries_texted(phone: str, chosen: Collection[str]) -> frozenset[str]:
    """Those that a practice texts: what it chose, or its own (its ``phone`` tells)."""
    return frozenset(chosen) or frozenset({own_country(phone)})


def clean_countries(typed: Iterable[str]) -> list[str]:
    """Codes of countries (ISO 3166), in order, each once. Raises ValueError with a sentence."""
    codes = sorted({each.strip().upper() for each in typed if each.strip()})
    if unknown := [each for each in codes if not has_phones(each)]:
        raise ValueError(f"Please use codes of two letters, such as US or CA. Not known: {', '.join(unknown)}.")
    return codes


def say_countries(countries: Collection[str]) -> str:
    """ "the United States", "Canada and the United States"."""
    names = sorted((COUNTRIES.get(each, each) for each in countries), key=lambda name: name.removeprefix("the "))
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)


def say_untextable(number: str, countries: Collection[str]) -> str:
    """What a client reads who asked for texts to a number that gets none."""
    if why_not_textable(number, countries) == Reason.TEXT_COSTLY:
        return "We cannot text this kind of number, so we will e-mail you instead."
    return f"We can text numbers in {say_countries(countries)} only, so we will e-mail you instead of texting this one."


@lru_cache(maxsize=1024)
def _look_up(number: str) -> tuple[str, bool]:
    """The country and whether texts there cost extra; ("", False) for what is no number."""
    country, kind = describe_phone(number)
    return country, kind in COSTLY
