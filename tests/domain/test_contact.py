"""What people type, and what strangers try."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth.domain.contact import Contact, clean_sender_name, parse_contact, say_phone
from telehealth.domain.errors import InvalidInput
from telehealth.domain.words import Mode

GOOD = {
    "name": "Jane Doe",
    "email": "jane@example.com",
    "phone": "(303) 555-0123",
    "timezone": "America/Denver",
    "wants_texts": True,
    "jurisdiction": "CO",
}
BIDI = "\u202e\u202a\u202b\u202c\u202d\u2066\u2067\u2068\u2069"
hostile = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=60),
    st.text(alphabet="\r\n\t\0\x1b\x7f\u2028\u202e\u2066\ud800 <>\"'@.+()0123456789aé", max_size=60),
    st.lists(st.text(), max_size=2),
    st.dictionaries(st.text(), st.text(), max_size=2),
    st.sampled_from(["x" * 10_000, "\N{COMBINING ACUTE ACCENT}" * 10_000, *map(str, GOOD.values())]),
)


def checked(mode: Mode = Mode.VIRTUAL, **changed: Any) -> Contact:
    return parse_contact({**GOOD, **changed}, mode=mode)


def problems(mode: Mode = Mode.VIRTUAL, **changed: Any) -> dict[str, str]:
    with pytest.raises(InvalidInput) as refused:
        checked(mode, **changed)
    return refused.value.fields


def test_a_good_contact() -> None:
    assert checked() == Contact("Jane Doe", "jane@example.com", "+13035550123", "America/Denver", True, "CO")


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_contact({"wants_texts": True}, mode=Mode.VIRTUAL)
    assert set(refused.value.fields) == {"name", "email", "phone", "timezone", "jurisdiction"}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Jane   Doe ", "Jane Doe"),
        ("Jose\u0301", "José"),
        ("李小龙", "李小龙"),
        ("نرگس\u200cبانو", "نرگس\u200cبانو"),
        ("O'Brien-Łukasz, Jr.", "O'Brien-Łukasz, Jr."),
        ("X Æ A-12", "X Æ A-12"),
        ("Jane/Bob St.John Jr.", "Jane/Bob St.John Jr."),
        ("D'Angelo St.John/Smith", "D'Angelo St.John/Smith"),
        ("'Ali 'Umar", "'Ali 'Umar"),
        ("J.R.Smith", "J.R.Smith"),
        ("j.r.smith", "j.r.smith"),
        ("O'Brien-Lopez", "O'Brien-Lopez"),
        ("van der Berg", "van der Berg"),
        ("María José", "María José"),
        ("Mary.Ann", "Mary.Ann"),
        ("dr.anna.Li", "dr.anna.Li"),
        ("J.Kim", "J.Kim"),
        ("مريم العلي", "مريم العلي"),
        ("阿里.王", "阿里.王"),
        ("Henry 8th", "Henry 8th"),
        ("Jane\u00a0Doe", "Jane Doe"),
        ("e\u0301" * 100, "é" * 100),
    ],
)
def test_names_of_all_kinds(typed: str, kept: str) -> None:
    assert checked(name=typed).name == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "...",
        "\u200b",
        None,
        42,
        ["Jane"],
        "x" * 101,
        "x" * 10_000,
        "Jane\nBcc: everybody@example.com",
        "Jane\r\nDoe",
        "Jane\tDoe",
        "Jane\0Doe",
        "Jane\x1b[31mDoe",
        "Jane\u2028Doe",
        "Jane\u0085Doe",
        "Jane\ud800Doe",
        *(f"Jane{mark}Doe" for mark in BIDI),
        "You won! http://evil.example",
        "Jane www.evil.example",
        "Jane evil.example/prize",
        "Win a prize at evil.com now",
        "Win at EVIL.COM",
        "Win at Evil.Com!",
        "See evil\u200b.com",
        "See evil。com",
        "See evil．party",
        "t.me/x",
        "злой.рф",
        "write to me@evil",
        "call +1 900 555 0199",
        "Call ٩٠٠٥٥٥٠١٩٩",
        "Call 900-WIN-CASH",
        "text WIN to 55555",
        "=?utf-8?q?=0d=0aBcc:_x=40y.z?=",
        "Ana =?UTF-8?B?DQpCY2M6IHhAeS56?=",
    ],
)
def test_names_that_are_none(typed: object) -> None:
    assert set(problems(name=typed)) == {"name"}


@pytest.mark.parametrize(
    "typed",
    [
        *("+44 7400 123456", "0044 7400 123456", "011 44 7400 123456", "(00) 44-7400-123456", "+44 (0)7400 123456"),
        "+ 44 7400123456",
    ],
)
def test_a_number_from_abroad_however_it_is_dialled(typed: str) -> None:
    assert checked(phone=typed).phone == "+447400123456"


@pytest.mark.parametrize(
    ("typed", "sample"),
    [
        ("12", "(303) 555-0123"),
        ("+1 303", "(303) 555-0123"),
        ("+44 12", "+44 7400 123456"),
        ("0049 12", "+49 1512 3456789"),
        ("011 52 222", "+52 222 123 4567"),
        ("+999 12345", "begins with its country code"),
        ("0049", "begins with its country code"),
    ],
)
def test_what_is_wrong_with_a_number_fits_its_country(typed: str, sample: str) -> None:
    assert sample in problems(phone=typed)["phone"]


def test_what_is_wrong_with_a_name_is_said() -> None:
    assert "without a web address or a phone number" in problems(name="Win at evil.com")["name"]
    assert "ordinary letters" in problems(name="=?utf-8?q?Ana?=")["name"]


def test_an_address_that_mail_programs_decode_is_none() -> None:
    assert set(problems(email="=?utf-8?q?=0d=0aBcc=3a_x?=@example.com")) == {"email"}
    assert set(problems(email="a=?b@example.com")) == {"email"}


@pytest.mark.parametrize("typed", ["Talk.com", "Center 24/7", "Elm Street 12345"])
def test_a_practice_may_be_called_by_its_address(typed: str) -> None:
    assert clean_sender_name(typed) == typed


@pytest.mark.parametrize("typed", ["", "...", "https://elm.example", "=?utf-8?q?x?=", "a\nb"])
def test_a_sender_name_is_one_line_of_words(typed: str) -> None:
    with pytest.raises(ValueError, match="Please"):
        clean_sender_name(typed)


def test_marks_are_counted_before_they_are_put_in_order() -> None:
    """Sorting them takes a time that grows with the square of their number: a whole request of them, 17 seconds."""
    marks = "a" + "\N{COMBINING ACUTE ACCENT}\N{COMBINING GRAVE ACCENT BELOW}" * 60_000
    found = problems(name=marks, email=marks, phone=marks)
    assert set(found) == {"name", "email", "phone"}
    assert all("120,001" in sentence for sentence in found.values()), "putting them in order would join some"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" jane@example.com ", "jane@example.com"),
        ("Jane@EXAMPLE.com", "Jane@example.com"),
        ("j+a@b.example", "j+a@b.example"),
        ("jane@stra\u00dfe.example", "jane@xn--strae-oqa.example"),
        ("jane@\uff45xample.com", "jane@example.com"),
    ],
)
def test_addresses(typed: str, kept: str) -> None:
    assert checked(email=typed).email == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        None,
        "jane",
        "jane@",
        "@example.com",
        "jane@example",
        "jane@exa mple.com",
        "jane@example.com, bob@example.com",
        "jane@example.com\nBcc: bob@example.com",
        "Jane <jane@example.com>",
        '"jane\\ndoe"@example.com',
        "jane@[127.0.0.1]",
        "jane@localhost",
        "x" * 10_000 + "@example.com",
        "jane@" + "x" * 10_000 + ".com",
        "jane\u202e@example.com",
        "jane@example..com",
        ".jane@example.com",
        "j\u00f6rg@example.com",
    ],
)
def test_addresses_that_are_none(typed: object) -> None:
    assert set(problems(email=typed)) == {"email"}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("303-555-0123", "+13035550123"),
        ("+1 303 555 0123", "+13035550123"),
        ("1 (303) 555.0123", "+13035550123"),
        ("+44 20 7946 0958", "+442079460958"),
    ],
)
def test_numbers(typed: str, kept: str) -> None:
    assert checked(phone=typed).phone == kept


@pytest.mark.parametrize(
    "typed",
    ["", None, "911", "555-0123", "303-555-012", "303 555 01234", "+999 1234567", "call me", "303-555-0123 x9",
     "3" * 10_000, "303\n555\n0123", "+1303555\u202e0123", 3035550123, "000-000-0000", "123-456-7890"],
)  # fmt: skip
def test_numbers_that_are_none(typed: object) -> None:
    assert set(problems(phone=typed)) == {"phone"}


def test_a_number_is_needed_for_texts_and_calls_only() -> None:
    assert checked(phone="", wants_texts=False).phone is None
    assert set(problems(phone="", wants_texts=True)) == {"phone"}
    assert set(problems(Mode.PHONE, phone="", wants_texts=False)) == {"phone"}


@pytest.mark.parametrize(
    "typed", ["", None, "Mars/Olympus", "../../etc/passwd", "EST5\0", "x" * 10_000, "localtime", 7]
)
def test_zones_that_are_none(typed: object) -> None:
    assert set(problems(timezone=typed)) == {"timezone"}


@pytest.mark.parametrize("typed", ["", None, "Colorado", "XX", "C O", "x" * 10_000, 5])
def test_states_that_are_none(typed: object) -> None:
    assert set(problems(jurisdiction=typed)) == {"jurisdiction"}


def test_states_are_read_leniently_and_not_asked_in_person() -> None:
    assert checked(jurisdiction=" co ").jurisdiction == "CO"
    assert checked(Mode.IN_PERSON, jurisdiction=None).jurisdiction is None
    assert checked(Mode.IN_PERSON, jurisdiction="nonsense").jurisdiction is None


def test_the_same_person_however_it_is_typed() -> None:
    keys = {
        checked(name=name, email=email).match_key
        for name in ("Jane Doe", "JANE DOE", " jane  doe ")
        for email in ("jane@example.com", "Jane@Example.COM")
    }
    assert len(keys) == 1


def test_partners_and_namesakes_are_not_the_same() -> None:
    people = [checked(), checked(name="John Doe"), checked(email="jane2@example.com")]
    assert len({each.match_key for each in people}) == 3


@given(given=st.fixed_dictionaries({}, optional=dict.fromkeys(GOOD, hostile)), mode=st.sampled_from(Mode))
def test_whatever_is_typed_is_refused_or_safe(given: dict[str, Any], mode: Mode) -> None:
    try:
        made = parse_contact({**GOOD, **given}, mode=mode)
    except InvalidInput as refused:
        sentences = refused.fields
        made = checked(mode)
    else:
        sentences = {}
    assert set(sentences) <= set(GOOD)
    assert all(sentence.endswith(".") for sentence in sentences.values())
    for text in (made.name, made.email, made.phone or "", made.timezone):
        assert not any(unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"} or letter in BIDI for letter in text)
    assert 1 <= len(made.name) <= 100
    assert re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", made.email)
    assert made.phone is None or re.fullmatch(r"\+[1-9]\d{6,14}", made.phone)
    assert parse_contact(asdict(made), mode=mode) == made


@pytest.mark.parametrize(
    ("stored", "said"),
    [("+13035550123", "(303) 555-0123"), ("+4930901820", "+49 30 901820"), ("the front desk", "the front desk")],
)
def test_a_number_is_said_as_people_write_it(stored: str, said: str) -> None:
    assert say_phone(stored) == said
