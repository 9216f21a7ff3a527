"""What something costs: an amount in the smallest unit of its currency (ISO 4217), as typed and as read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from babel import Locale
from babel.core import get_global
from babel.numbers import format_currency

from telehealth.domain.errors import InvalidInput
from telehealth.domain.languages import ENGLISH

_CODES = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP "
    "CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF "
    "IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD "
    "MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB "
    "RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD "
    "UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG"
)
CURRENCIES = frozenset(_CODES.split())
"""In use, by their codes; without metals, funds and units of account."""
_WITHOUT, _THOUSANDTHS = (
    "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF",
    "BHD IQD JOD KWD LYD OMR TND",
)
DIGITS = {**dict.fromkeys(_WITHOUT.split(), 0), **dict.fromkeys(_THOUSANDTHS.split(), 3)}
"""How many digits their smallest unit stands behind the point, where it is not two (ISO 4217)."""
USUAL_DIGITS = 2
HIGHEST = 10**9
"""In the smallest unit: ten million dollars, a million dinars."""
NO_NUMBER = "Please write a number like {example}, without a sign and without commas."
NO_CURRENCY = "Please write a currency with its three letters: USD, CAD, EUR."
_LETTER_BEFORE_DIGIT = re.compile(r"(?<=[A-Za-z])(?=\d)")
_NUMBER = re.compile(r"([0-9]{1,10})(?:\.([0-9]{1,4}))?")
_DIGITS_OF_PATTERN = re.compile(r"0\.0+")


@dataclass(frozen=True, slots=True)
class Price:
    """``minor`` counts the smallest units: cents, yen, fils. ``currency`` is a code of ISO 4217."""

    minor: int
    currency: str

    @property
    def amount(self) -> str:
        """As a number in full units, with all digits of the currency: "150.00", "9000", "12.500"."""
        return f"{self.number:.{digits_of(self.currency)}f}"

    @property
    def number(self) -> Decimal:
        """The same to count with."""
        return Decimal(self.minor).scaleb(-digits_of(self.currency))


def digits_of(currency: str) -> int:
    """How many digits stand behind the point in amounts of a currency."""
    return DIGITS.get(currency, USUAL_DIGITS)


def parse_price(amount: str, currency: str) -> Price:
    """What somebody typed. Raises InvalidInput by field, "price" or "price_currency"."""
    code = currency.strip().upper()
    if code not in CURRENCIES:
        raise InvalidInput({"price_currency": NO_CURRENCY})
    digits, found = digits_of(code), _NUMBER.fullmatch(amount.strip())
    after = (found[2] or "").rstrip("0") if found else ""
    if found is None or len(after) > digits:
        raise InvalidInput({"price": NO_NUMBER.format(example=Price(150 * 10**digits, code).amount)})
    price = Price(int(found[1]) * 10**digits + int(after.ljust(digits, "0") or "0"), code)
    if price.minor > HIGHEST:
        raise InvalidInput({"price": f"Please write at most {Price(HIGHEST, code).amount}."})
    return price


def say_price(price: Price, language: str = ENGLISH) -> str:
    """ "$150.00", "¥9,000", "KWD 12.500": as people of a language write it, with the digits of ISO 4217."""
    digits = "0" * digits_of(price.currency)
    written = Locale.parse(language).currency_formats["standard"].pattern
    written = _DIGITS_OF_PATTERN.sub(f"0.{digits}" if digits else "0", written)
    said = format_currency(price.number, price.currency, written, language, currency_digits=False)
    return _LETTER_BEFORE_DIGIT.sub("\N{NO-BREAK SPACE}", said)


def usual_currency(country: str) -> str:
    """What is paid with in a country ("US"), as a suggestion; dollars where we do not know."""
    used = get_global("territory_currencies").get(country, ())
    return next(
        (code for code, _, until, is_tender in used if until is None and is_tender and code in CURRENCIES), "USD"
    )
