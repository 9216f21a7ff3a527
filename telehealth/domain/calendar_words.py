"""The fixed vocabularies of calendars that therapists and clients keep elsewhere."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

TRIES: Final = "30 per 10 minutes"
"""So often somebody may have us go to a server of their choice: enough for a password that is hard to type, too little
for guessing one.
"""


class CalendarKind(StrEnum):
    """By which language a calendar elsewhere is spoken with."""

    ICS = "ics"  # A private address of one calendar, which can only be read.
    CALDAV = "caldav"  # A server and an app password: iCloud, Fastmail, Nextcloud, …
    GOOGLE = "google"
    MICROSOFT = "microsoft"


class ConnectionState(StrEnum):
    """How it stands with a connection to calendars elsewhere."""

    NEW = "new"  # It has not been read yet.
    WORKING = "working"
    FAILING = "failing"  # It is tried again by itself; what was read last holds.
    REFUSED = "refused"  # It lets us in no more, until somebody signs in anew or types another password.
    LEAVING = "leaving"  # Somebody here ended it; what we wrote there is taken out first, and nothing is read any more.
    ENDED = "ended"  # By somebody here. Nothing of it is read, written or kept secret any more.


class CalendarFailure(StrEnum):
    """Why a calendar elsewhere could not be read or written."""

    UNREACHABLE = "unreachable"  # No such host, no connection, or a certificate that is not its own.
    TIMED_OUT = "timed_out"
    TOO_SLOW = "too_slow"  # It answers, and takes all the time that one account may before all of it was asked.
    OVERLOADED = "overloaded"  # It asks us to come back later.
    REFUSED = "refused"  # A password that is wrong or was changed, or a permission that was taken back.
    GONE = "gone"  # There is no calendar at that address any more.
    FORBIDDEN_ADDRESS = "forbidden_address"  # An address that we do not open: not https, or within a private network.
    TOO_LARGE = "too_large"
    NOT_A_CALENDAR = "not_a_calendar"  # A page, most often: somebody gave the address of the calendar's web page.
    UNREADABLE = "unreadable"  # A calendar that is broken, or repeats without end in a way that cannot be counted.
    CHANGED_MEANWHILE = "changed_meanwhile"  # What was to be written over is no longer what was read.
    TOKEN_EXPIRED = "token_expired"  # noqa: S105 -- The mark of what was read last means nothing any more: read all.
    BROKEN = "broken"  # Whatever else: the server is at fault.


NEEDS_SIGN_IN = frozenset({CalendarFailure.REFUSED})
"""What no trying again mends: somebody has to sign in anew."""


class WrittenState(StrEnum):
    """How it stands with an appointment in the calendar elsewhere that it is written into."""

    WAITING = "waiting"  # It is to be written, for the first time or anew.
    STANDS = "stands"
    ASKED = "asked"  # Its therapist did something to it there, and is asked what it means. It is left as it is.
    MISSING = "missing"  # It is gone with most of what we wrote there, and its therapist is asked about all of it.
    LEAVING = "leaving"  # It is to be taken out.
    GONE = "gone"  # It was taken out, or never came to stand there.
    LEFT_OUT = "left_out"  # Its therapist took it out, and wants it so.


class SeenChange(StrEnum):
    """What a therapist did to an appointment in their own calendar."""

    MOVED = "moved"
    RESIZED = "resized"  # It begins when it did, and is longer or shorter.
    DELETED = "deleted"


class SeenAnswer(StrEnum):
    """What is to be done about it."""

    MOVE = "move"  # The appointment, to where it stands there. Its clients are told.
    PUT_BACK = "put_back"  # What stands there, as the appointment is.
    LEAVE_OUT = "leave_out"  # The appointment takes place all the same.


class SignInFailure(StrEnum):
    """Why somebody who was sent to a provider came back without having let us in."""

    DENIED = "denied"  # They said no, or their organisation does not let them say yes.
    INCOMPLETE = "incomplete"  # They left a box unticked that we cannot do without.
    STALE = "stale"  # What they came back with was used before, or is too old.
    WRONG_ACCOUNT = "wrong_account"  # They signed in with another account than the one that was connected.


class CalendarAnswer(StrEnum):
    """What somebody answered to an invite in their own calendar (RFC 5545 section 3.2.12, RFC 5546 section 3.2.7)."""

    ACCEPTED = "accepted"
    TENTATIVE = "tentative"
    DECLINED = "declined"
    COUNTERED = "countered"  # They propose another time.


class WhenUnread(StrEnum):
    """What holds for a therapist whose own calendar was not read for as long as the practice allows."""

    GO_ON = "go_on"  # What was read last counts.
    ASK = "ask"  # What is booked online is a request.
    STOP = "stop"  # Nothing of theirs is offered.
