"""What a person types about themselves, checked and cleaned. Nothing here looks at the database or the network."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from telehealth.domain import languages, naming, walltime
from telehealth.domain.errors import InvalidInput
from telehealth.domain.jurisdictions import JURISDICTIONS
from telehealth.domain.words import Mode
from telehealth.late import Library

if TYPE_CHECKING:
    import email_validator
    import phonenumbers
else:
    email_validator, phonenumbers = Library("email_validator"), Library("phonenumbers")

LONGEST_NAME = 100
LONGEST_EMAIL = 254  # RFC 5321 4.5.3.1.3, the longest path without its brackets.
LONGEST_PHONE = 40
HOME_REGION = "US"
# Marks that turn around what follows, so that a name could rewrite the sentence around it (Unicode UAX 9). Joiners and
# the plain direction marks stay: Persian, Hebrew and Arabic names need them.
REORDERING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
BREAKING = frozenset({"Cc", "Cs", "Zl", "Zp"})
REGIONS_WITHOUT_STATES = (Mode.IN_PERSON,)
# What mail programs take for an encoded word (RFC 2047) and turn into whatever it stands for, line breaks too.
ENCODED_WORD = re.compile(r"=\?[^?\s]*\?[bq]\?", re.IGNORECASE)
_DIALLED_ABROAD = re.compile(r"^\(?00\)?[\s.-]*(?=[1-9])")
MESSAGING_SERVICE = re.compile(r"MG[0-9a-fA-F]{32}")
NAME_ONLY = "Please enter a name only, without a web address or a phone number; put a space after a dot."
MOST_PIECES = 4
"""Of one letter, as it may be typed: Vietnamese and Hebrew put two marks on a letter."""

TEXT_CONSENT = (
    "Send me texts about my appointments from {sender}: a confirmation, reminders, the link to join, a time that "
    "becomes free while I wait for one, a line if we missed each other. "
    "About 4 texts an appointment. Message and data rates may apply. Reply STOP to end, HELP for help. "
    "You can book without texts; then we e-mail you."
)
"""The words beside the box. They cover every ``Purpose``, which can be ended one by one."""


@dataclass(frozen=True, slots=True)
class Contact:
    """A checked contact. ``email`` is empty for somebody who has none and is reached by phone only. ``phone`` is E.164,
    ``jurisdiction`` a postal code ("CO") or None in person. ``locale`` is the language of messages
    (``domain.languages``), empty where nobody chose one. ``known_by`` is the address or number of whoever books for
    somebody who has neither.
    """

    name: str
    email: str
    phone: str | None
    timezone: str
    wants_texts: bool
    jurisdiction: str | None
    locale: str = ""
    known_by: str = ""

    @property
    def match_key(self) -> str:
        """Who it is (``make_match_key``)."""
        return make_match_key(self.name, self.email or self.known_by, self.phone)


def make_match_key(name: str, email: str, phone: str | None) -> str:
    """The same for the same person at the same address, however it is typed; tells nothing by itself. Who has no
    address is known by their number (E.164), which is never taken for an address.
    """
    folded = f"{email.casefold() or phone or ''}\n{name.casefold()}"
    return hashlib.sha256(folded.encode()).hexdigest()


def parse_contact(
    given: Mapping[str, object], *, mode: Mode, needs_email: bool = True, is_booked_for: bool = False
) -> Contact:
    """A Contact from what was typed: name, email, phone, timezone, wants_texts, jurisdiction, locale. Whoever does not
    need an e-mail address needs a number without one. For whom somebody else books (``is_booked_for``), neither is
    needed here (``companions.settle_booking_for``), and nobody agrees to texts for them.

    Raises InvalidInput with every field that cannot be used, so that nobody is told one mistake at a time.
    """
    problems: dict[str, str] = {}

    # Each field has a type of its own. It is None only where somebody is about to be told what is wrong.
    def take(field: str, check: Callable[[object], object]) -> Any:
        return read_field(problems, field, check, given.get(field))

    wants_texts = bool(given.get("wants_texts")) and not is_booked_for
    by_phone_only = not (needs_email and not is_booked_for) and not str(given.get("email") or "").strip()
    needs_phone = not is_booked_for and (wants_texts or by_phone_only or mode == Mode.PHONE)
    contact = Contact(
        name=take("name", clean_name),
        email="" if by_phone_only else take("email", clean_email),
        phone=take("phone", lambda value: clean_phone(value, needed=needs_phone)),
        timezone=take("timezone", clean_timezone),
        wants_texts=wants_texts,
        jurisdiction=take("jurisdiction", lambda value: clean_jurisdiction(value, mode=mode)),
        locale=take("locale", languages.clean_language),
    )
    if problems:
        raise InvalidInput(problems)
    return contact


def clean_line(value: object, *, longest: int) -> str:
    """One line of text: no line breaks or control characters (they would end up in mail headers and calendars), nothing
    that mail programs decode, one form for each letter (NFC), no doubled spaces. Raises ValueError with a sentence for
    the person.
    """
    typed = value.strip() if isinstance(value, str) else ""
    # Before NFC, which takes a quarter of a minute for 240 kB of marks, and holds up everybody else meanwhile.
    if len(typed) > MOST_PIECES * longest:
        raise ValueError(_too_long(typed, longest))
    text = unicodedata.normalize("NFC", typed)
    text = " ".join(text.split(" ")).strip()
    if not text.isprintable() and any(_breaks_the_line(letter) for letter in text):
        raise ValueError("Please use one line of ordinary letters, without line breaks or tabs.")
    if ENCODED_WORD.search(text):
        raise ValueError("Please use ordinary letters, without “=?” in between.")
    if len(text) > longest:
        raise ValueError(_too_long(text, longest))
    return " ".join(text.split())


def clean_words(typed: Sequence[str], *, most: int, longest: int) -> list[str]:
    """Some words of a list, each once, as it is written first. Raises ValueError."""
    if len(typed) > most:
        raise ValueError(f"Please give at most {most}.")
    kept: dict[str, str] = {}
    for each in typed:
        word = clean_line(each, longest=longest)
        if word:
            kept.setdefault(word.casefold(), word)
    return list(kept.values())


def _breaks_the_line(letter: str) -> bool:
    return letter in REORDERING or unicodedata.category(letter) in BREAKING


# Each field has a type of its own.
def read_field(problems: dict[str, str], field: str, check: Callable[[Any], Any], typed: Any) -> Any:
    """What ``check`` makes of what was typed. What is wrong with it is noted among the problems, and None is returned:
    somebody is about to be told.
    """
    try:
        return check(typed)
    except ValueError as problem:
        problems[field] = str(problem)
    except InvalidInput as problem:
        problems[field] = next(iter(problem.fields.values()))
    return None


def read_line(problems: dict[str, str], field: str, typed: str, *, longest: int, needed: str = "") -> str:
    """One clean line; what is wrong with it is noted among the problems, and ``needed`` when nothing is there."""
    cleaned: str | None = read_field(problems, field, partial(clean_line, longest=longest), typed)
    if needed and cleaned == "":
        problems[field] = needed
    return cleaned or ""


def _too_long(text: str, longest: int) -> str:
    return f"That is {len(text):,} characters long; please use at most {longest}."


def clean_name(value: object) -> str:
    """A person's name as they write it; any script. Raises ValueError."""
    name = clean_line(value, longest=LONGEST_NAME)
    if not any(letter.isalnum() for letter in name):
        raise ValueError("Please enter your name.")
    return refuse_advertisement(name)


def refuse_advertisement(name: str) -> str:
    """The name as it is. Raises ValueError for one that is none."""
    if naming.is_advertisement(name):
        raise ValueError(NAME_ONLY)
    return name


def clean_sender_name(value: object) -> str:
    """What a practice is called in its messages; some are called by their address ("elm.org"). Raises ValueError."""
    name = clean_line(value, longest=LONGEST_NAME)
    if not any(letter.isalnum() for letter in name):
        raise ValueError("Please enter a name.")
    if "://" in name:
        raise ValueError("Please enter a name only, without a link.")
    return name


def clean_email(value: object) -> str:
    """An address that mail can be sent to (syntax only; no look-up), all ASCII. Raises ValueError.

    A domain is kept in the letters that travel (IDNA 2008): older rules would send mail for straße.de to strasse.de.
    """
    text = clean_line(value, longest=LONGEST_EMAIL)
    if not text:
        raise ValueError("Please enter your e-mail address.")
    try:
        address = email_validator.validate_email(text, check_deliverability=False).ascii_email
    except email_validator.EmailNotValidError as problem:
        raise ValueError("Please check the e-mail address; it should look like name@example.com.") from problem
    if address is None or "=?" in address:
        raise ValueError("We can only send e-mail to addresses that have plain letters, a to z, before the @.")
    return address


def clean_phone(value: object, *, needed: bool) -> str | None:
    """A phone number in E.164 form, read as a US number unless it starts with + or with what people dial for it abroad
    (00, 011). Raises ValueError.
    """
    text = clean_line(value or "", longest=LONGEST_PHONE)
    if not text and not needed:
        return None
    try:
        number = phonenumbers.parse(_from_abroad(text), HOME_REGION)
    except phonenumbers.NumberParseException as problem:
        raise ValueError(_phone_help(text) if text else "Please enter a mobile number.") from problem
    if not phonenumbers.is_valid_number(number) or number.extension:
        raise ValueError(_phone_help(text, number))
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _from_abroad(text: str) -> str:
    """With a + where people write what they dial at home for it: 00 in most of the world. (011 is read already.)"""
    return _DIALLED_ABROAD.sub("+", text)


def _phone_help(text: str, number: phonenumbers.PhoneNumber | None = None) -> str:
    """What is wrong with a number, with one of its own country to compare."""
    home = phonenumbers.country_code_for_region(HOME_REGION)
    if number is None or number.country_code in (None, home):
        return _ABROAD_HELP if text.startswith(("+", "00", "011")) and number is None else _PHONE_HELP
    region = phonenumbers.region_code_for_country_code(number.country_code)
    sample = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
    if sample is None:
        return _ABROAD_HELP
    shown = phonenumbers.format_number(sample, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    return f"Please check the number: with the country code +{number.country_code} it looks like {shown}."


def clean_text_sender(value: object) -> str | None:
    """What a practice's texts come from: a number in E.164 form, or the id of a Messaging Service; None for neither.
    Raises ValueError.
    """
    text = clean_line(value or "", longest=LONGEST_PHONE)
    if MESSAGING_SERVICE.fullmatch(text):
        return text
    try:
        return clean_phone(text, needed=False)
    except ValueError as problem:
        raise ValueError(_SENDER_HELP) from problem


def say_phone(number: str) -> str:
    """A stored number as people write it at home: "(303) 555-0123", abroad "+49 30 901820". Anything else as it is."""
    try:
        parsed = phonenumbers.parse(number, HOME_REGION)
    except phonenumbers.NumberParseException:
        return number
    at_home = parsed.country_code == phonenumbers.country_code_for_region(HOME_REGION)
    form = phonenumbers.PhoneNumberFormat.NATIONAL if at_home else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(parsed, form)


def describe_phone(number: str) -> tuple[str, str]:
    """The country and the kind of a stored number, as libphonenumber calls them ("US", "PREMIUM_RATE"); empty for what
    is no number, and the country also for what belongs to none.
    """
    try:
        parsed = phonenumbers.parse(number, HOME_REGION)
    except phonenumbers.NumberParseException:
        return "", ""
    kind = phonenumbers.PhoneNumberType.to_string(phonenumbers.number_type(parsed))
    return phonenumbers.region_code_for_number(parsed) or "", kind


def has_phones(country: str) -> bool:
    """Whether there are numbers of a country, by its code (ISO 3166)."""
    return country in phonenumbers.SUPPORTED_REGIONS


_SENDER_HELP = "Please enter a number, such as +13035550123, or MG with the 32 letters and digits that follow it."
_ABROAD_HELP = "Please check the number: one from abroad begins with its country code, for example +44 7400 123456."
_PHONE_HELP = "Please check the number, with its area code: for example (303) 555-0123."


def clean_timezone(value: object) -> str:
    """The name of an IANA time zone. Raises InvalidInput."""
    return walltime.zone(value if isinstance(value, str) else "").key


def clean_jurisdiction(value: object, *, mode: Mode) -> str | None:
    """The state somebody will be in; in person the place speaks for itself. Raises ValueError."""
    if mode in REGIONS_WITHOUT_STATES:
        return None
    code = value.strip().upper() if isinstance(value, str) else ""
    if code not in JURISDICTIONS:
        raise ValueError("Please choose the state you will be in during the appointment.")
    return code
