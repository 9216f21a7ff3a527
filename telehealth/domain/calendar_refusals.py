"""Why a calendar that somebody keeps elsewhere cannot be connected: a stable code for programs, and a sentence that
says what to do next.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from telehealth.domain.calendar_words import CalendarFailure, CalendarKind
from telehealth.domain.errors import TelehealthError


class CalendarsOff(TelehealthError):
    """Nothing is there to seal the secrets of calendars elsewhere with."""

    code = "calendars_off"
    status = 409
    sentence = (
        "Calendars cannot be connected yet: whoever runs this service has to set ENCRYPTION_KEYS first, which protects "
        "passwords and addresses. Nothing was kept."
    )


class ConnectionEnded(TelehealthError):
    """The connection to a calendar was ended, and its password with it."""

    code = "connection_ended"
    status = 409
    sentence = "This connection was ended, and its password was forgotten. Please connect the calendar anew."


class MovedThereAgain(TelehealthError):
    """What stands in a therapist's own calendar was put to yet another time since somebody was asked about it."""

    code = "moved_there_again"
    status = 409
    sentence = (
        "It was moved there once more since you were shown its time. Nothing was changed, and nobody was told. Please "
        "look where it stands now, and answer again."
    )


class DraftEnded(TelehealthError):
    """What was tried was kept for a while, and the while is over."""

    code = "draft_ended"
    status = 410
    sentence = "What you tried was kept for half an hour, which is over. Please give the password once more."


class CalendarNotRead(TelehealthError):
    """A calendar elsewhere was asked for, and did not open. The kinds of it say why, and what to do next."""

    code = "calendar_broken"
    status = 422
    sentence = "The calendar’s server answered with an error of its own. Please try again in a few minutes."


class CalendarUnreachable(CalendarNotRead):
    """No such host, no connection, or a certificate that is not its own."""

    code = "calendar_unreachable"
    sentence = (
        "No server answers at that address, or it cannot prove that it is the right one. Please check the address "
        "letter by letter, and whether the server is up."
    )


class CalendarTimedOut(CalendarNotRead):
    """It took too long."""

    code = "calendar_timed_out"
    sentence = "The calendar’s server took too long to answer. Please try again in a few minutes."


class CalendarTooSlow(CalendarNotRead):
    """All of its calendars together took longer than one account may."""

    code = "calendar_too_slow"
    sentence = (
        "The calendar’s server answers, but too slowly for all of its calendars to be read in one go. They are read in "
        "turns, so what is new is noticed later. Fewer calendars that take your time are read sooner."
    )


class CalendarOverloaded(CalendarNotRead):
    """It asks to come back later."""

    code = "calendar_overloaded"
    sentence = "The calendar’s server is busy and asks us to come back later. Please try again in a quarter of an hour."


class CalendarRefused(CalendarNotRead):
    """A password that is wrong, or a permission that was taken back."""

    code = "calendar_refused"
    sentence = (
        "The calendar’s server does not accept this name and password. Most providers want an app password here, not "
        "the one you sign in with. Please make one there and try again."
    )


class CalendarGone(CalendarNotRead):
    """Nothing is at that address any more."""

    code = "calendar_gone"
    sentence = (
        "There is no calendar at that address, or it is not shared there any more. Please copy its private address "
        "once more from your calendar’s settings."
    )


class CalendarAddressForbidden(CalendarNotRead):
    """An address that is not opened from here."""

    code = "calendar_forbidden_address"
    sentence = (
        "That address is not opened from here: it has to begin with https:// (or webcal://) and to lead to the open "
        "internet, not into a private network."
    )


class CalendarTooLarge(CalendarNotRead):
    """More than is read."""

    code = "calendar_too_large"
    sentence = (
        "That calendar is too large to read. Please share a smaller one, for example one without the events of past "
        "years."
    )


class NotACalendar(CalendarNotRead):
    """A page, most often."""

    code = "calendar_not_a_calendar"
    sentence = (
        "What is at that address is a page, not a calendar. Please copy the address for calendar programs: it often "
        "ends with .ics, and stands in the calendar’s settings under “Integrate”, “Share” or “Publish”."
    )


class CalendarUnreadable(CalendarNotRead):
    """A calendar that is broken."""

    code = "calendar_unreadable"
    sentence = (
        "That calendar holds something that cannot be read, such as an event that repeats every second. Please share "
        "another one, or take that event out."
    )


REFUSALS: Final[Mapping[CalendarFailure, type[CalendarNotRead]]] = {
    CalendarFailure.UNREACHABLE: CalendarUnreachable,
    CalendarFailure.TIMED_OUT: CalendarTimedOut,
    CalendarFailure.TOO_SLOW: CalendarTooSlow,
    CalendarFailure.OVERLOADED: CalendarOverloaded,
    CalendarFailure.REFUSED: CalendarRefused,
    CalendarFailure.GONE: CalendarGone,
    CalendarFailure.FORBIDDEN_ADDRESS: CalendarAddressForbidden,
    CalendarFailure.TOO_LARGE: CalendarTooLarge,
    CalendarFailure.NOT_A_CALENDAR: NotACalendar,
    CalendarFailure.UNREADABLE: CalendarUnreadable,
}
"""Whatever else is the server's fault (CalendarNotRead)."""


KNOWN_SERVERS: Final = ("icloud.com", "fastmail.com")
"""Providers whose server nobody types the address of."""
SILENT: Final = (
    "The provider’s server does not answer, or this service cannot reach the internet. Nothing that you typed is "
    "wrong: please try again in a few minutes."
)
SIGN_IN_AGAIN: Final = "The provider lets us in no more. Please sign in there again."
IN_OTHER_WORDS: Final[Mapping[tuple[CalendarFailure, CalendarKind], str]] = {
    (CalendarFailure.REFUSED, CalendarKind.ICS): (
        "What is at that address opens only for whoever signs in. Please copy the private address for calendar "
        "programs from your calendar’s settings."
    ),
    (CalendarFailure.GONE, CalendarKind.CALDAV): (
        "The server has no calendars at that address. Please look up the address for “CalDAV” in your provider’s help."
    ),
    (CalendarFailure.NOT_A_CALENDAR, CalendarKind.CALDAV): (
        "What is at that address is no server for calendars: that of the web page is often another one. Please look "
        "up the address for “CalDAV” in your provider’s help."
    ),
    (CalendarFailure.FORBIDDEN_ADDRESS, CalendarKind.CALDAV): (
        "That server is not asked from here: its address has to begin with https:// and to lead to the open internet, "
        "not into a private network."
    ),
    **{(CalendarFailure.REFUSED, kind): SIGN_IN_AGAIN for kind in (CalendarKind.GOOGLE, CalendarKind.MICROSOFT)},
    **{(CalendarFailure.UNREACHABLE, kind): SILENT for kind in (CalendarKind.GOOGLE, CalendarKind.MICROSOFT)},
    **{
        (CalendarFailure.GONE, kind): "That calendar is not there any more."
        for kind in (CalendarKind.GOOGLE, CalendarKind.MICROSOFT)
    },
}
"""What is said instead to somebody who gets in by that way: nobody is told to check what they did not type."""


def refuse(failure: CalendarFailure, *, kind: CalendarKind | None = None, address: str = "") -> CalendarNotRead:
    """The refusal that says it, for whoever gets in by that way at that address."""
    host = f".{urlsplit(address).hostname or ''}"
    is_known = kind == CalendarKind.CALDAV and host.endswith(tuple(f".{each}" for each in KNOWN_SERVERS))
    if is_known and failure == CalendarFailure.UNREACHABLE:
        sentence: str | None = SILENT
    else:
        sentence = IN_OTHER_WORDS.get((failure, kind)) if kind is not None else None
    return REFUSALS.get(failure, CalendarNotRead)(sentence)
