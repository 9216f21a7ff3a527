"""What somebody types to connect a calendar that they keep elsewhere, and what of it can be used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import SplitResult, urlsplit

from telehealth.domain.calendar_ports import CalendarAccess
from telehealth.domain.calendar_words import CalendarKind
from telehealth.domain.contact import clean_line
from telehealth.domain.errors import InvalidInput

LONGEST_ADDRESS: Final = 200
LONGEST_PRIVATE_ADDRESS: Final = 2_000
LONGEST_USERNAME: Final = 320
LONGEST_PASSWORD: Final = 500
_SCHEMES: Final = {"webcal": "https", "webcals": "https"}
"""How calendars write the address of a subscription; it is fetched by https."""
NO_ADDRESS = "Please paste the address."
NO_HTTPS = "Please give an address that begins with https:// (or webcal://)."
NO_SERVER = "Please check the server’s address; it should look like https://cloud.example.com."
READABLE = "Please give an address that begins with https://: over http:// anybody on the way could read along."
READABLE_SERVER = (
    "Please give an address of the server that begins with https://: over http:// anybody on the way could read your "
    "password."
)
NOT_WHOLE = "Please copy the whole address, and nothing else."
PAGE_AT_GOOGLE = (
    "That opens a page at Google, not the calendar. In the calendar’s settings, under “Integrate calendar”, please "
    "copy the “Secret address in iCal format”: it ends with .ics."
)
PAGE_AT_OUTLOOK = (
    "That opens a page at Outlook, not the calendar. Please copy the ICS link, which stands beside the HTML link and "
    "ends with .ics."
)
A_PAGE = "That opens a page, not the calendar. Please copy the address for calendar programs: it often ends with .ics."
_PAGES: Final = {
    "calendar.google.com": PAGE_AT_GOOGLE,
    "www.google.com": PAGE_AT_GOOGLE,
    "calendar.app.google": PAGE_AT_GOOGLE,
    "outlook.live.com": PAGE_AT_OUTLOOK,
    "outlook.office.com": PAGE_AT_OUTLOOK,
    "outlook.office365.com": PAGE_AT_OUTLOOK,
    "www.icloud.com": A_PAGE,
    "calendar.proton.me": A_PAGE,
}
"""What somebody copied by mistake who gives an address there that does not end with .ics."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedAccount:
    """What was typed: the server's address and a name with its password (CalDAV), or a private address (ICS)."""

    kind: CalendarKind
    address: str = field(default="", repr=False)
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    private_address: str = field(default="", repr=False)


def read_account(typed: TypedAccount) -> CalendarAccess:
    """How to get in, with everything that was typed in one form. Raises InvalidInput by the names of the fields, also
    for a provider where somebody signs in instead of typing anything (field ``kind``).
    """
    if typed.kind == CalendarKind.ICS:
        return _read_private(typed.private_address)
    if typed.kind == CalendarKind.CALDAV:
        return _read_server(typed)
    raise InvalidInput({"kind": "This one is connected by signing in there."})


def host_of(address: str) -> str:
    """The host of an address: the only part of a private one that is no secret."""
    return urlsplit(address).hostname or ""


def _read_private(typed: str) -> CalendarAccess:
    text = typed.strip()
    if not text:
        raise InvalidInput({"private_address": NO_ADDRESS})
    if "calendar.google.com/calendar/embed" in text:  # Often within the code that puts it into a page.
        raise InvalidInput({"private_address": PAGE_AT_GOOGLE})
    if len(text) > LONGEST_PRIVATE_ADDRESS or not text.isprintable() or " " in text:
        raise InvalidInput({"private_address": NOT_WHOLE})
    parts = _split(text, "private_address", READABLE if text.lower().startswith("http://") else NO_HTTPS)
    if not parts.path.lower().endswith(".ics") and (parts.hostname or "") in _PAGES:
        raise InvalidInput({"private_address": _PAGES[parts.hostname or ""]})
    return CalendarAccess(address=(parts.hostname or "")[:LONGEST_ADDRESS], secrets={"url": parts.geturl()})


def _read_server(typed: TypedAccount) -> CalendarAccess:
    problems: dict[str, str] = {}
    address, username = "", ""
    try:
        address = _read_address(typed.address)
    except InvalidInput as refusal:
        problems |= refusal.fields
    try:
        username = clean_line(typed.username, longest=LONGEST_USERNAME)
    except ValueError as problem:
        problems["username"] = str(problem)
    else:
        problems |= {} if username else {"username": "Please give the name that you sign in with there."}
    problems |= _find_wrong_password(typed.password)
    if problems:
        raise InvalidInput(problems)
    return CalendarAccess(address=address, username=username, secrets={"password": typed.password})


def _find_wrong_password(password: str) -> Mapping[str, str]:
    if not password:
        return {"password": "Please give the app password."}
    return {"password": "This is longer than any app password."} if len(password) > LONGEST_PASSWORD else {}


def _read_address(typed: str) -> str:
    """A server's address; https:// may be left out."""
    try:
        text = clean_line(typed, longest=LONGEST_ADDRESS)
    except ValueError as problem:
        raise InvalidInput({"address": str(problem)}) from problem
    if not text:
        raise InvalidInput({"address": "Please give the server’s address."})
    sentence = READABLE_SERVER if text.lower().startswith("http://") else NO_SERVER
    return _split(text if "://" in text else f"https://{text}", "address", sentence).geturl()


def _split(text: str, field_name: str, sentence: str) -> SplitResult:
    """An https address with a host and nobody's name or password in it. Raises InvalidInput."""
    try:
        parts = urlsplit(text)
        scheme = _SCHEMES.get(parts.scheme, parts.scheme)
        is_fine = scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc and parts.port != 0
    except ValueError as problem:
        raise InvalidInput({field_name: sentence}) from problem
    if not is_fine:
        raise InvalidInput({field_name: sentence})
    return parts._replace(scheme=scheme, fragment="")
