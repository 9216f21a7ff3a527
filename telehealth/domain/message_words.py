"""The fixed vocabularies of messages: what is said, how it goes, who agreed to it, and what comes back."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Channel(StrEnum):
    """How a message travels."""

    TEXT = "text"
    EMAIL = "email"


class MessageKind(StrEnum):
    """What a message says."""

    CONFIRMATION = "confirmation"
    REMINDER = "reminder"
    JOIN_LINK = "join_link"
    MOVED = "moved"
    CANCELLATION = "cancellation"
    REQUEST = "request"  # Somebody asks for a time: to the client "we have it", to the therapist "please answer".
    DECLINED = "declined"
    CHOOSE_AGAIN = "choose_again"  # We cannot keep the time, and ask them to choose another.
    INVITE_DECLINED = "invite_declined"  # Their calendar said no: do they want to cancel, or to move it?
    INVITE_COUNTERED = "invite_countered"  # Their calendar proposed another time: the desk looks at it.
    OFFER = "offer"
    FOLLOW_UP = "follow_up"  # After a session that nobody came to.
    AGENDA = "agenda"  # What a therapist's day holds.
    CATCH_UP = "catch_up"  # One message for several that an outage held up.
    SEVERAL = "several"  # One message for several that are due together, such as the dates of a standing slot.
    REPLY = "reply"  # Our own answer to a text.
    NOTE = "note"  # What staff wrote in answer to a text.
    ALERT = "alert"  # To staff: something waits for a person (``AlertReason``).
    LOGIN = "login"  # To somebody of the practice about their login (``LoginLetterKind``).
    CODE = "code"  # To whoever says that a number is theirs: it proves it.


class MessageStatus(StrEnum):
    """The life of one message; the allowed steps are the table in ``domain.delivery.states``."""

    PLANNED = "planned"
    SENDING = "sending"
    ACCEPTED = "accepted"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    VOID = "void"  # The appointment moved or was cancelled before it was sent.
    EXPIRED = "expired"  # It could no longer be useful.


class Reason(StrEnum):
    """Why a message waits, ended, or goes otherwise; why nobody is written to (``domain.reasons`` has the words)."""

    EARLIER = "earlier"  # From here on: it goes, at another time or in another way than usual.
    LATER = "later"
    NIGHT = "night"  # It waits for the morning.
    EMAIL_AT_NIGHT = "email_at_night"
    INSTEAD_OF_TEXT = "instead_of_text"  # The text had a reason of its own (``Message.text_reason``).
    RULES_CHANGED = "rules_changed"
    NOT_MADE = "not_made"  # In a rehearsal: the appointment is made later.
    SWITCHED_OFF = "switched_off"  # From here on: the practice does not say it, or not that way.
    SAID_BEFORE = "said_before"
    SAID_IN_ONE = "said_in_one"
    TOLD_OTHERWISE = "told_otherwise"
    UNREACHABLE = "unreachable"
    BY_A_PERSON = "by_a_person"  # They have no address, and take no texts.
    MANY_TEXTS = "many_texts"  # With how many the number had (``Message.reason_detail``).
    TOO_LATE = "too_late"  # From here on: it is over.
    QUIET_HOURS = "quiet_hours"  # It was planned, and no time outside the night was left.
    NIGHT_UNTIL_TOO_LATE = "night_until_too_late"  # It was due at night, and useless by the morning.
    HAS_BEGUN = "has_begun"
    BOOKED_LATER = "booked_later"
    APPOINTMENT_CHANGED = "appointment_changed"
    NOT_COMING = "not_coming"
    CAME_AFTER_ALL = "came_after_all"
    EMPTY_DAY = "empty_day"
    OFFER_ANSWERED = "offer_answered"
    OFFER_ACCEPTED = "offer_accepted"
    OFFER_DECLINED = "offer_declined"
    OFFER_EXPIRED = "offer_expired"
    LINK_ENDED = "link_ended"  # Of a letter about a login: it was used, or another one was asked for.
    LOOKED_AT = "looked_at"  # Of an alert: nobody needs it any more.
    NOT_THEIRS = "not_theirs"  # They do not act for the client any more, or get no messages about them.
    NO_NUMBER = "no_number"  # From here on: they may not be written to.
    NO_EMAIL = "no_email"
    DID_NOT_AGREE = "did_not_agree"
    TEXT_STOPPED = "text_stopped"
    TEXT_BLOCKED = "text_blocked"
    TEXT_BAD_ADDRESS = "text_bad_address"
    TEXT_LEFT_ALONE = "text_left_alone"
    TEXT_PAUSED = "text_paused"
    TEXT_ABROAD = "text_abroad"
    TEXT_COSTLY = "text_costly"
    TEXT_REFUSED_APPOINTMENTS = "text_refused_appointments"
    TEXT_REFUSED_OFFERS = "text_refused_offers"
    TEXT_REFUSED_FOLLOW_UPS = "text_refused_follow_ups"
    EMAIL_STOPPED = "email_stopped"
    EMAIL_BLOCKED = "email_blocked"
    EMAIL_BAD_ADDRESS = "email_bad_address"
    EMAIL_LEFT_ALONE = "email_left_alone"
    EMAIL_REFUSED_APPOINTMENTS = "email_refused_appointments"
    EMAIL_REFUSED_OFFERS = "email_refused_offers"
    EMAIL_REFUSED_FOLLOW_UPS = "email_refused_follow_ups"
    PROVIDER_BUSY = "provider_busy"  # This one and those that follow: it was tried.
    OUT_OF_REACH = "out_of_reach"
    NO_ANSWER = "no_answer"
    REFUSED = "refused"
    FILTERED = "filtered"
    RECIPIENT_STOPPED = "recipient_stopped"
    RECIPIENT_BLOCKS = "recipient_blocks"
    CANNOT_RECEIVE = "cannot_receive"
    MAY_BE_NOBODYS = "may_be_nobodys"
    OUR_ACCOUNT = "our_account"
    NOBODY_KNOWS = "nobody_knows"
    OUT_OF_TIME = "out_of_time"
    UNWRITABLE = "unwritable"
    RESTORED = "restored"  # Nobody knows whether it was sent before an earlier copy of the records was restored.
    OTHER = "other"  # In words of its own (``Message.reason_detail``).


class Purpose(StrEnum):
    """What a client agrees to, or not, for each channel."""

    APPOINTMENTS = "appointments"  # Everything about an appointment of theirs.
    OFFERS = "offers"  # Times that became free while they wait.
    FOLLOW_UPS = "follow_ups"  # A line after a missed session.


class ConsentSource(StrEnum):
    """How somebody said yes or no."""

    FORM = "form"  # The box on a page of ours.
    LINK = "link"  # Their own link, or the one in an e-mail's header.
    TEXT = "text"  # STOP or START.
    PHONE = "phone"  # Told to staff by phone.
    IN_SESSION = "in_session"  # Told to staff in person.
    LETTER = "letter"  # Told to staff in writing.
    STAFF = "staff"  # Staff lifted a stop that was none; the wording says why.


class SuppressionReason(StrEnum):
    """Why a number or an address is not written to."""

    STOP = "stop"  # Its owner ended texts; only START begins them again.
    BLOCKED = "blocked"  # The recipient or the carrier blocks us: as good as STOP.
    BAD_ADDRESS = "bad_address"  # It cannot receive: a landline, nobody's number, an address that bounced.
    STAFF = "staff"  # "Do not text this number", told to staff.
    PAUSED = "paused"  # They may have wished for no more texts, and are asked.


class ReplyMeaning(StrEnum):
    """What a text to us means."""

    CONFIRM = "confirm"
    MOVE = "move"
    CHOICE = "choice"  # The answer to "which one?"
    STOP = "stop"
    MAYBE_STOP = "maybe_stop"  # It may be a wish for no more texts: they are asked, and a person reads it.
    START = "start"
    HELP = "help"
    CRISIS = "crisis"
    OTHER = "other"  # Free text: for a person to read.


class TaskKind(StrEnum):
    """What waits for somebody at the front desk."""

    TEXT = "text"  # A text that needs a person.
    CRISIS = "crisis"  # The same, with words that must not wait.
    UNDELIVERED = "undelivered"  # A message failed for good.
    ADDRESS = "address"  # A number or an address was found bad.
    ACCOUNT = "account"  # The provider refuses us: credentials, sender, registration.
    RESTORED = "restored"  # An earlier copy of the records was restored, and e-mails may have been sent since.
    CLOCKS = "clocks"  # The rules of a zone's clocks have changed under what is booked.
    INVITE = "invite"  # Somebody answered no to an invite, or proposed another time, in their own calendar.
    MAIL = "mail"  # Somebody wrote back to an e-mail of ours: it is in the mailbox.
    BOOKER = "booker"  # A stranger booked for a client who is on file.
    CALL = "call"  # Somebody may not read in time what they have to know.
    CALL_BACK = "call_back"  # Video does not work for somebody who is there: they ask to be called.
    CALENDAR = "calendar"  # A therapist moved or deleted an appointment in their own calendar.
    VIDEO_ROOM = "video_room"  # A video service elsewhere made no room for an appointment.
    EMPTIED = "emptied"  # Most of what was written into a therapist's own calendar is gone.


ASKED_ELSEWHERE: Final = frozenset({TaskKind.CALENDAR, TaskKind.EMPTIED})
"""Questions about own calendars: each is answered on a page of its own, and its task is done by that."""
