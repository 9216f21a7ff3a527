"""Whom somebody calls in a crisis, by the place where they are."""

from __future__ import annotations

import pytest

from telehealth.domain.errors import InvalidInput
from telehealth.domain.jurisdictions import JURISDICTIONS
from telehealth.domain.video.crisis import KNOWN_COUNTRIES, Country, find_country, find_crisis_help, read_crisis_line


@pytest.mark.parametrize("state", JURISDICTIONS)
def test_in_every_state_and_territory(state: str) -> None:
    found = find_crisis_help(state, "12 Main Street, Paris, France")  # What is typed of a street changes nothing.
    assert (found.emergency, found.is_american, found.has_988) == ("911", True, True)


@pytest.mark.parametrize(
    ("place", "emergency"),
    [
        ("12 Rue Monge, 75005 Paris, France", "112"),
        ("Paris France", "112"),
        ("Madrid, España", "112"),
        ("Londres, Reino Unido.", "999"),
        ("Belfast, Northern Ireland", ""),  # Not what follows from "Ireland".
        ("Dublin, Ireland", "112"),
        ("a hotel in Ciudad de México", ""),
        ("Cancún, México", "911"),
        ("Toronto, ON M5V 2T6, Canada", "911"),
        ("Canada", "911"),
        ("Auckland, New Zealand 1010", "111"),
        ("Den Haag (The Netherlands)", "112"),
        ("São Paulo, Brasil", "192"),
        ("Avenue de France, Geneva", ""),
        ("3 Avenue de France", ""),
        ("near the border of Canada", ""),
        ("Home", ""),
        ("", ""),
        ("Canada, no, I mean at sea", ""),
    ],
)
def test_elsewhere_only_what_the_place_says(place: str, emergency: str) -> None:
    assert find_crisis_help(None, place).emergency == emergency
    assert not find_crisis_help(None, place).is_american


def test_988_answers_in_canada_but_in_no_other_country_here() -> None:
    assert [each.english for each in KNOWN_COUNTRIES if each.has_988] == ["Canada"]
    assert find_crisis_help(None, "Toronto, Canada").has_988
    assert not find_crisis_help(None, "Cancún, México").has_988


@pytest.mark.parametrize("country", KNOWN_COUNTRIES, ids=lambda each: each.english)
def test_every_name_of_a_country_is_known(country: Country) -> None:
    for name in (country.english, country.spanish, *country.also):
        assert find_country(f"Main Street 5, {name}") is country


def test_a_line_of_the_practices_own() -> None:
    line = read_crisis_line("(303) 555-0142", "  A counsellor,\n day and night ")
    assert (line.phone, line.about) == ("+13035550142", "A counsellor, day and night")
    assert read_crisis_line(" ", "Nobody").about == ""


def test_what_is_no_number_is_refused_with_everything_that_is_wrong() -> None:
    with pytest.raises(InvalidInput) as refusal:
        read_crisis_line("12", "x" * 121)
    assert set(refusal.value.fields) == {"crisis_phone", "crisis_about"}
