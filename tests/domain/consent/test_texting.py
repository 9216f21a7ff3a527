"""Whose numbers may be texted, and whose would cost the practice dear."""

from __future__ import annotations

import pytest

from telehealth.domain.consent.texting import (
    clean_countries,
    countries_texted,
    own_country,
    say_countries,
    say_untextable,
    why_not_textable,
)
from telehealth.domain.message_words import Reason

HOME = frozenset({"US"})
ABROAD, COSTLY = Reason.TEXT_ABROAD, Reason.TEXT_COSTLY


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("+13035550123", None),
        ("+19005550123", COSTLY),
        ("+881612345678", COSTLY),  # satellite
        ("+882161234567", COSTLY),  # international network
        ("+883510012345", COSTLY),
        ("+870773123456", COSTLY),
        ("+878101234567890", COSTLY),
        ("+979123456789", COSTLY),
        ("+252612345678", ABROAD),  # Somalia
        ("+2348031234567", ABROAD),  # Nigeria
        ("+18765550123", ABROAD),  # Jamaica: a country of its own behind the +1
        ("+18095550123", ABROAD),  # Dominican Republic
        ("+17875550123", ABROAD),  # Puerto Rico
        ("+14165550123", ABROAD),  # Toronto
        ("+447400123456", ABROAD),
        ("+449012345678", COSTLY),  # premium
        ("+447012345678", COSTLY),  # "personal", which costs like premium
        ("", ABROAD),
        ("nonsense", ABROAD),
    ],
)
def test_a_practice_at_home_texts_at_home(number: str, why: Reason | None) -> None:
    assert why_not_textable(number, HOME) == why


@pytest.mark.parametrize("number", ["+881612345678", "+19005550123", "+979123456789"])
def test_no_choice_of_countries_opens_what_is_costly(number: str) -> None:
    assert why_not_textable(number, {"US", "001", "CA", "JM"}) == COSTLY


def test_what_a_practice_chose_counts() -> None:
    assert why_not_textable("+14165550123", {"US", "CA"}) is None
    assert why_not_textable("+13035550123", {"CA"}) == ABROAD


@pytest.mark.parametrize(
    ("phone", "country"),
    [("(303) 555-0100", "US"), ("+14165550100", "CA"), ("+442079460018", "GB"), ("+17875550100", "PR"), ("", "US")],
)
def test_its_own_country_is_where_it_is_called(phone: str, country: str) -> None:
    assert own_country(phone) == country
    assert countries_texted(phone, []) == {country}
    assert countries_texted(phone, ["MX"]) == {"MX"}


def test_countries_as_typed() -> None:
    assert clean_countries([" us", "CA", "ca", ""]) == ["CA", "US"]
    with pytest.raises(ValueError, match="Not known: EUROPE, XX"):
        clean_countries(["US", "xx", "Europe"])


def test_countries_in_words() -> None:
    assert say_countries({"US"}) == "the United States"
    assert say_countries({"US", "CA", "JM"}) == "Canada, JM and the United States"
    assert say_untextable("+442079460000", HOME).startswith("We can text numbers in the United States only, so we will")
    assert say_untextable("+19005550123", HOME).startswith("We cannot text this kind of number, so we will e-mail you")
