"""Amounts keep the digits of their currency, from what is typed to what is read."""

from __future__ import annotations

import pytest

from telehealth.domain.errors import InvalidInput
from telehealth.domain.money import CURRENCIES, DIGITS, Price, parse_price, say_price, usual_currency

SPACE = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("amount", "currency", "minor", "written", "said"),
    [
        ("150", "usd ", 15_000, "150.00", "$150.00"),
        (" 150.5", "EUR", 15_050, "150.50", "€150.50"),
        ("9000", "JPY", 9_000, "9000", "¥9,000"),
        ("9000.00", "JPY", 9_000, "9000", "¥9,000"),
        ("12.5", "KWD", 12_500, "12.500", f"KWD{SPACE}12.500"),
        ("12", "IQD", 12_000, "12.000", f"IQD{SPACE}12.000"),  # CLDR would leave its digits out.
        ("0", "CAD", 0, "0.00", "CA$0.00"),
        ("10000000", "USD", 1_000_000_000, "10000000.00", "$10,000,000.00"),
    ],
)
def test_as_typed_and_as_read(amount: str, currency: str, minor: int, written: str, said: str) -> None:
    price = parse_price(amount, currency)
    assert (price.minor, price.amount, say_price(price)) == (minor, written, said)
    assert parse_price(price.amount, price.currency) == price


def test_in_another_language() -> None:
    assert say_price(Price(150_000, "EUR"), "es") == f"1.500,00{SPACE}€"


@pytest.mark.parametrize(
    ("amount", "currency", "field"),
    [
        ("150", "", "price_currency"),
        ("150", "XXX", "price_currency"),
        ("150", "dollars", "price_currency"),
        ("", "USD", "price"),
        ("-1", "USD", "price"),
        ("1,500", "USD", "price"),
        ("1.234", "USD", "price"),
        ("1.5", "JPY", "price"),
        ("1.2345", "KWD", "price"),
        ("$150", "USD", "price"),
        ("1e3", "USD", "price"),
        ("\N{ARABIC-INDIC DIGIT ONE}", "USD", "price"),
        ("10000000.01", "USD", "price"),
        ("9" * 400, "USD", "price"),
    ],
)
def test_what_is_no_price(amount: str, currency: str, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_price(amount, currency)
    assert list(refused.value.fields) == [field]


def test_every_currency_can_be_said() -> None:
    assert set(DIGITS) <= CURRENCIES
    for code in CURRENCIES:
        assert parse_price(Price(12_345, code).amount, code) == Price(12_345, code)
        assert any(sign.isdigit() for sign in say_price(Price(12_345, code)))


@pytest.mark.parametrize(("country", "currency"), [("US", "USD"), ("GB", "GBP"), ("JP", "JPY"), ("", "USD")])
def test_what_is_paid_with(country: str, currency: str) -> None:
    assert usual_currency(country) == currency
