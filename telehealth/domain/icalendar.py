"""Calendar objects for the calendars people already have (RFC 5545, 5546, 6047 and 7986).

Four shapes leave the house: an *invite* for one attendee of one appointment (mailed), a *feed* of many
entries (polled), a *download* behind an "add to calendar" button, and a *resource* that is put into somebody's
calendar; beside them the addresses that open a web calendar's own form.

Every entry is a single event in UTC. Series stay in our own database, so no time zone component, no
recurrence rule and none of the clients' quirks with them are needed. What an entry says is the caller's
decision; this module only makes sure that it survives the journey, and that nothing in a name can add a line
of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import quote, urlencode

from telehealth.late import Library

if TYPE_CHECKING:
    import icalendar as library
else:
    library = Library("icalendar")

Method = Literal["REQUEST", "CANCEL", "PUBLISH"]

PRODUCT: Final = "-//Telehealth scheduling//EN"
REFRESH: Final = timedelta(hours=1)
NOT_ANSWERED: Final = "NEEDS-ACTION"

_LONGEST_NAME = 80
_END = b"END:VCALENDAR\r\n"
_FOLD_AT = 75  # octets, RFC 5545 section 3.1
_NEVER = datetime(1976, 4, 1, 0, 55, 45, tzinfo=UTC)  # As Apple's programs write it for an alarm that never rings.

# Control characters, lone surrogates and line separators: they start, end or break a line.
_BREAKING = "\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029\\ud800-\\udfff"
# Marks that reorder what follows. Zero-width joiners stay: Persian names and emoji need them.
_REORDERING = "\\u202a-\\u202e\\u2066-\\u2069"

_NOT_IN_A_NAME = re.compile(f'[{_BREAKING}{_REORDERING}"]')
# The beginning of an encoded word (RFC 2047 section 2), which mail programs turn into whatever it stands for.
_ENCODED_WORD = re.compile(r"=+\?")
# RFC 5545 section 3.3.11 allows a tab and a line break in a text, and no other control character.
_NOT_IN_A_TEXT = re.compile(f"(?![\\t\\n])[{_BREAKING}]")
_NOT_IN_AN_ADDRESS = re.compile(rf"[\s{_BREAKING}]")


class FeedDetail(StrEnum):
    """How much a feed tells whoever can read the calendar."""

    BUSY = "busy"
    INITIALS = "initials"
    CODE_NAME = "code_name"  # Initials of those who have none.
    FULL = "full"


class FeedSubject(StrEnum):
    """Whose days a feed shows."""

    THERAPIST = "therapist"
    CLIENT = "client"
    ROOM = "room"
    PLACE = "place"
    PRACTICE = "practice"


SHOWS_TIME_OFF: Final = frozenset({FeedSubject.THERAPIST, FeedSubject.PRACTICE})
"""Whose feeds may show when therapists are away."""


class EntryStatus(StrEnum):
    """RFC 5545 section 3.8.1.11, for a VEVENT."""

    CONFIRMED = "CONFIRMED"
    TENTATIVE = "TENTATIVE"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True)
class Party:
    """A name and an e-mail address: the practice that organises, or the person who attends."""

    name: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One appointment as a calendar shows it. Instants are aware and are written in UTC.

    ``uid`` stays the same for the life of the appointment; ``sequence`` grows with every change of time or
    status (RFC 5546 section 2.1.4). Raises ValueError for a naive instant and for an end that is not after
    the start.
    """

    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    updated_at: datetime
    summary: str
    description: str = ""
    location: str = ""
    url: str = ""
    status: EntryStatus = EntryStatus.CONFIRMED

    def __post_init__(self) -> None:
        if None in (self.starts_at.tzinfo, self.ends_at.tzinfo, self.updated_at.tzinfo):
            raise ValueError("An entry needs aware instants.")
        if self.ends_at <= self.starts_at:
            raise ValueError("An entry ends after it starts.")


def invite(
    entry: Entry,
    *,
    organizer: Party,
    attendee: Party,
    stamped_at: datetime,
    method: Method = "REQUEST",
    answered: str = NOT_ANSWERED,
) -> bytes:
    """The calendar part of one mail to one attendee (RFC 5546 sections 3.2.2 and 3.2.5).

    The attendee's address must be the mailbox the mail goes to, or the mail program shows no buttons to
    answer; nobody else is named, so partners and group members never see each other. ``stamped_at`` is the
    instant of sending, because receivers order messages of equal sequence by it; ``answered`` is the PARTSTAT of what
    they have answered so far. Raises ValueError for an
    unusable address, a naive instant, or a REQUEST for something cancelled.
    """
    if method == "REQUEST" and entry.status is EntryStatus.CANCELLED:
        raise ValueError("A cancelled entry is sent with the method CANCEL.")
    status = EntryStatus.CANCELLED if method == "CANCEL" else entry.status
    event = _event(entry, status=status, stamped_at=stamped_at)
    event["ORGANIZER"] = _organizer(organizer)
    event["ATTENDEE"] = _attendee(attendee, is_asked=method == "REQUEST", answered=answered)
    return _serialise(_calendar([event], method=method))


def publication(entry: Entry, *, organizer: Party, stamped_at: datetime) -> bytes:
    """The calendar part of a mail to the organiser's own mailbox (RFC 5546 section 3.2.1): it tells, and asks nobody
    for an answer. What is cancelled says so itself. Raises ValueError for an unusable address or a naive instant.
    """
    event = _event(entry, status=entry.status, stamped_at=stamped_at)
    event["ORGANIZER"] = _organizer(organizer)
    return _serialise(_calendar([event], method="PUBLISH"))


def feed(entries: Iterable[Entry], *, name: str) -> bytes:
    """A calendar to subscribe to. The same entries always give the same bytes, so that an ETag means
    something.

    The refresh interval is only a wish: the large providers poll when they like, some of them once a day.
    """
    ordered = sorted(entries, key=lambda entry: (entry.starts_at, entry.uid))
    return feed_of(map(write_event, ordered), name=name)


def write_event(entry: Entry) -> bytes:
    """One event of a feed, as it stands there: whoever keeps it need not write it again while the entry is the same."""
    return _serialise(_published(entry))


def feed_of(events: Iterable[bytes], *, name: str) -> bytes:
    """A calendar to subscribe to, from events that ``write_event`` wrote, in this order."""
    calendar = _calendar((), method="PUBLISH")
    shown = _text(clean_party_name(name))
    calendar["NAME"] = calendar["X-WR-CALNAME"] = shown
    calendar["REFRESH-INTERVAL"] = library.vDuration(REFRESH, params={"VALUE": "DURATION"})
    calendar["X-PUBLISHED-TTL"] = library.vDuration(REFRESH)
    opening = _serialise(calendar).removesuffix(_END)
    return b"".join([opening, *events, _END])


def publish(entries: Iterable[Entry]) -> bytes:
    """Several events as one file, such as the dates of a standing slot. They are told apart by their UIDs, which an
    invite must not (RFC 5546 section 3.2.2); each of them may be updated by an invite of its own later.
    """
    ordered = sorted(entries, key=lambda entry: (entry.starts_at, entry.uid))
    return _serialise(_calendar((_published(entry) for entry in ordered), method="PUBLISH"))


def download(entry: Entry) -> bytes:
    """The file behind an "add to calendar" button: published, so it asks nobody for an answer."""
    return _serialise(_calendar([_published(entry)], method="PUBLISH"))


def resource(entry: Entry, *, marks: Mapping[str, str], category: str = "") -> bytes:
    """One event as it is put into a calendar elsewhere, which keeps it (RFC 4791 section 4.1: no METHOD). ``marks`` are
    properties of our own by their names, which begin with "X-".

    It stands there without anybody to invite, and without an alarm. An alarm that does nothing keeps Apple's programs
    from adding one of their own, which may be shown on a screen that others see; they write the same themselves.
    """
    event = _published(entry)
    if category:
        event["CATEGORIES"] = _text(category)
    for name, value in marks.items():
        event[name] = _text(value)
    event["X-APPLE-TRAVEL-ADVISORY-BEHAVIOR"] = b"DISABLED"
    event.subcomponents.append(_no_alarm(entry.uid))
    return _serialise(_calendar([event], method=None))


def google_url(entry: Entry) -> str:
    """The address that opens Google Calendar's form, filled in."""
    times = f"{_compact(entry.starts_at)}/{_compact(entry.ends_at)}"
    fields = {
        "action": "TEMPLATE",
        "text": entry.summary,
        "dates": times,
        "details": entry.description,
        "location": entry.location,
    }
    return _form("https://calendar.google.com/calendar/render", fields)


def outlook_url(entry: Entry, *, work_account: bool = False) -> str:
    """The address that opens Outlook's form on the web, filled in: outlook.live.com for private accounts,
    outlook.office.com for accounts of an employer or a school.
    """
    host = "outlook.office.com" if work_account else "outlook.live.com"
    fields = {
        "path": "/calendar/action/compose",
        "rru": "addevent",
        "subject": entry.summary,
        "startdt": _extended(entry.starts_at),
        "enddt": _extended(entry.ends_at),
        "body": entry.description,
        "location": entry.location,
    }
    return _form(f"https://{host}/calendar/deeplink/compose", fields)


def yahoo_url(entry: Entry) -> str:
    """The address that opens Yahoo Calendar's form, filled in."""
    fields = {
        "v": "60",
        "title": entry.summary,
        "st": _compact(entry.starts_at),
        "et": _compact(entry.ends_at),
        "desc": entry.description,
        "in_loc": entry.location,
    }
    return _form("https://calendar.yahoo.com/", fields)


def clean_party_name(name: str, *, longest: int = _LONGEST_NAME) -> str:
    """A name that is safe in a header and in a calendar parameter: one line, no control characters, no double
    quotes, no marks that reorder what follows, nothing that a mail program would decode, at most ``longest``
    characters.

    Quotes would be legal, but the carets that RFC 6868 writes for them show up as carets in most calendars.
    """
    kept = _ENCODED_WORD.sub(" ", _NOT_IN_A_NAME.sub(" ", name[: longest * 4]))
    return " ".join(kept.split())[:longest].strip()


def _published(entry: Entry) -> library.Event:
    return _event(entry, status=entry.status, stamped_at=entry.updated_at)


def _event(entry: Entry, *, status: EntryStatus, stamped_at: datetime) -> library.Event:
    # Typed values are put in directly: ``add`` guesses the type of each one, which doubles the time of a long
    # feed.
    event = library.Event()
    event["UID"] = library.vText(entry.uid)
    event["SEQUENCE"] = library.vInt(entry.sequence)
    event["DTSTAMP"] = _instant(stamped_at)
    event["DTSTART"] = _instant(entry.starts_at)
    event["DTEND"] = _instant(entry.ends_at)
    event["SUMMARY"] = _text(entry.summary)
    event["STATUS"] = status.value.encode()
    # Some calendars show a cancelled entry; none should keep its time taken.
    event["TRANSP"] = b"TRANSPARENT" if status is EntryStatus.CANCELLED else b"OPAQUE"
    event["CLASS"] = b"PRIVATE"
    _add_details(event, entry)
    return event


def _no_alarm(uid: str) -> library.Alarm:
    alarm = library.Alarm()
    alarm["UID"] = library.vText(f"{uid}-alarm")
    alarm["ACTION"] = b"NONE"
    alarm["TRIGGER"] = library.vDatetime(_NEVER, params={"VALUE": "DATE-TIME"})
    alarm["X-APPLE-DEFAULT-ALARM"] = b"TRUE"
    return alarm


def _add_details(event: library.Event, entry: Entry) -> None:
    if entry.description:
        event["DESCRIPTION"] = _text(entry.description)
    if entry.location:
        event["LOCATION"] = _text(entry.location)
    if entry.url:
        event["URL"] = library.vUri(_one_word(entry.url))


def _calendar(events: Iterable[library.Event], *, method: str | None) -> library.Calendar:
    calendar = library.Calendar()
    calendar["PRODID"] = library.vText(PRODUCT)
    calendar["VERSION"] = library.vText("2.0")
    calendar["CALSCALE"] = library.vText("GREGORIAN")
    if method:
        calendar["METHOD"] = library.vText(method)
    calendar.subcomponents.extend(events)
    return calendar


def _serialise(component: library.Component) -> bytes:
    """What ``component.to_ical()`` gives, in a fraction of the time and in our order: the library makes several
    objects for every line and looks for the fold letter by letter.
    """
    return b"".join(_line(name, value) + b"\r\n" for name, value in component.property_items(sorted=False))


def _line(name: str, value: Any) -> bytes:  # The library gives its properties no type in common.
    parameters = getattr(value, "params", None)
    head = f"{name};{parameters.to_ical(sorted=False).decode()}" if parameters else name
    written: bytes = value if isinstance(value, bytes) else value.to_ical()
    return _folded(head.encode() + b":" + written)


def _folded(line: bytes) -> bytes:
    """No piece has more than 74 octets, and none begins inside a letter or an escape, for which the library looks."""
    if len(line) < _FOLD_AT:
        return line
    if line.isascii() and b"\\" not in line and b"^" not in line:
        return b"\r\n ".join(line[start : start + _FOLD_AT - 1] for start in range(0, len(line), _FOLD_AT - 1))
    folded: bytes = library.parser.Contentline(line).to_ical()  # type: ignore[no-untyped-call]
    return folded


def _organizer(party: Party) -> library.vCalAddress:
    return library.vCalAddress.new(_mailbox(party), cn=clean_party_name(party.name))


def _attendee(party: Party, *, is_asked: bool, answered: str) -> library.vCalAddress:
    return library.vCalAddress.new(
        _mailbox(party),
        cn=clean_party_name(party.name) or party.address,
        cutype="INDIVIDUAL",
        role="REQ-PARTICIPANT",
        partstat=answered,
        rsvp=is_asked,
    )


def _mailbox(party: Party) -> str:
    if "@" not in party.address:
        raise ValueError("A party needs an e-mail address.")
    return _one_word(party.address)


def _one_word(value: str) -> str:
    """An address or a URL, which are written without escaping and therefore must not hold anything to
    escape.
    """
    if _NOT_IN_AN_ADDRESS.search(value):
        raise ValueError("An address must not contain spaces or control characters.")
    return value


def _text(value: str) -> library.vText:
    return library.vText(_NOT_IN_A_TEXT.sub(" ", value.replace("\r\n", "\n")))


def _instant(moment: datetime) -> bytes:
    """In its written form: the library would look up the names of the zone for every single one."""
    return _compact(moment).encode()


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("A calendar needs aware instants.")
    return moment.astimezone(UTC)


def _compact(moment: datetime) -> str:
    return f"{_utc(moment):%Y%m%dT%H%M%SZ}"


def _extended(moment: datetime) -> str:
    return f"{_utc(moment):%Y-%m-%dT%H:%M:%SZ}"


def _form(address: str, fields: dict[str, str]) -> str:
    filled = {name: value for name, value in fields.items() if value}
    # Outlook shows a plus sign as a plus sign, so spaces are written as %20.
    return f"{address}?{urlencode(filled, quote_via=quote, safe='')}"
