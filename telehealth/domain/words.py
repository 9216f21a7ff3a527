"""The fixed vocabularies: what a column may hold. Names follow HL7 FHIR where it has a word."""

from __future__ import annotations

from enum import StrEnum


class Mode(StrEnum):
    """How people meet."""

    VIRTUAL = "virtual"
    IN_PERSON = "in_person"
    PHONE = "phone"


class ServiceKind(StrEnum):
    """What is booked (FHIR HealthcareService.type)."""

    INTAKE = "intake"
    INDIVIDUAL = "individual"
    COUPLE = "couple"
    FAMILY = "family"
    GROUP = "group"
    CRISIS = "crisis"
    SUPERVISION = "supervision"


class AppointmentStatus(StrEnum):
    """FHIR Appointment.status, the part a practice uses."""

    PENDING = "pending"
    BOOKED = "booked"
    ARRIVED = "arrived"
    FULFILLED = "fulfilled"
    CANCELLED = "cancelled"
    NOSHOW = "noshow"


class Role(StrEnum):
    """Who may sign in, and as what."""

    OWNER = "owner"
    THERAPIST = "therapist"
    FRONT_DESK = "front_desk"
    SUPERVISOR = "supervisor"  # Follows the work of colleagues, has no clients, and changes nothing.
    BILLER = "biller"  # Reads what took place, and changes nothing.
    CLIENT = "client"


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
    OFFER = "offer"
    FOLLOW_UP = "follow_up"  # After a session that nobody came to.
    AGENDA = "agenda"  # What a therapist's day holds.
    CATCH_UP = "catch_up"  # One message for several that an outage held up.
    SEVERAL = "several"  # One message for several that are due together, such as the dates of a standing slot.
    REPLY = "reply"  # Our own answer to a text.
    NOTE = "note"  # What staff wrote in answer to a text.
    ALERT = "alert"  # To staff: something waits for a person (``AlertReason``).
    LOGIN = "login"  # To somebody of the practice about their login (``LoginLetterKind``).


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


class Approval(StrEnum):
    """Whose bookings wait for a yes."""

    NEVER = "never"
    NEW_CLIENTS = "new_clients"
    ALWAYS = "always"


class LateChange(StrEnum):
    """What a client who cancels inside the cancellation window finds."""

    CALL = "call"  # "Please call us": nothing can be cancelled online any more.
    MARK = "mark"  # It can be cancelled, and is marked as late.


class WhenOneCancels(StrEnum):
    """What becomes of an appointment of several clients when one of them cannot come."""

    ALL_OFF = "all_off"
    GOES_ON = "goes_on"


class Obstacle(StrEnum):
    """Why a therapist cannot be booked at a time (``domain.appointments.availability``). Staff may waive most."""

    OUTSIDE_HOURS = "outside_hours"
    OFF_GRID = "off_grid"  # Within hours, but not one of the starts that are offered.
    TIME_OFF = "time_off"
    CLOSED = "closed"  # The whole practice, on that date.
    LEFT = "left"  # They are not with the practice any more by then.
    NEW_CLIENT = "new_client"  # They take no new clients then.
    BUSY = "busy"  # In the therapist's own calendar.
    TAKEN = "taken"
    BUFFER = "buffer"
    HELD = "held"
    STANDING = "standing"  # Kept for somebody's standing slot.
    PAST = "past"  # It has begun, or is over.
    NOTICE = "notice"
    HORIZON = "horizon"
    DAILY_CAP = "daily_cap"
    WEEKLY_CAP = "weekly_cap"
    LONGEST_RUN = "longest_run"
    LICENCE = "licence"
    ROOM = "room"
    NOT_GIVEN = "not_given"  # The therapist does not give the service, or not that way.
    CLIENT_BUSY = "client_busy"
    FULL = "full"  # A group without a free seat.


class OccurrenceStatus(StrEnum):
    """One date of a series."""

    PLANNED = "planned"  # The time is kept; the appointment is made some weeks ahead.
    BOOKED = "booked"
    SKIPPED = "skipped"
    CONFLICT = "conflict"  # Something is in the way; staff decide.


class WaitlistStatus(StrEnum):
    """The life of a wait."""

    WAITING = "waiting"
    BOOKED = "booked"
    LEFT = "left"
    EXPIRED = "expired"


class OfferStatus(StrEnum):
    """The life of an offer to somebody who waits."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"


class Via(StrEnum):
    """The way by which something was done, for the audit."""

    PAGE = "page"
    LINK = "link"  # A signed link, without a login.
    TEXT = "text"  # A text that they sent us.
    API = "api"
    JOBS = "jobs"
    COMMAND = "command"


class Actor(StrEnum):
    """Who did something, for the audit."""

    CLIENT = "client"
    STAFF = "staff"
    SYSTEM = "system"


class AuditAction(StrEnum):
    """What was done, for the audit of appointments, of standing slots, and of whatever a practice sets."""

    REQUESTED = "requested"  # From here on: an appointment, or a seat in one.
    BOOKED = "booked"
    APPROVED = "approved"
    DECLINED = "declined"
    EXPIRED = "expired"
    MOVED = "moved"
    MOVED_TO_OFFER = "moved_to_offer"  # By accepting a time that had become free.
    CANCELLED = "cancelled"
    SEAT_CANCELLED = "seat_cancelled"
    ROOM_CHANGED = "room_changed"
    ASKED_TO_MOVE = "asked_to_move"  # Its clients, by the practice.
    KEPT_AFTER_ALL = "kept_after_all"  # It takes place as it stood before they were asked.
    INSTANT_KEPT = "instant_kept"  # Though the clock shows another time at it than was agreed.
    CONFIRMED = "confirmed"
    UNCONFIRMED = "unconfirmed"  # What they wrote later puts it in doubt.
    ARRIVED = "arrived"
    FULFILLED = "fulfilled"
    NOSHOW = "noshow"
    CORRECTED = "corrected"  # The detail "to" is the status that is right.
    CONTACT_CHANGED = "contact_changed"
    MESSAGE_RESENT = "message_resent"
    TEXTS_ON = "texts_on"
    TEXTS_OFF = "texts_off"
    LINK_SENT = "link_sent"  # To a new password.
    USED = "used"  # A recovery code.
    LINKS_ENDED = "links_ended"  # Of a seat, or of all that a client was sent.
    JOINED = "joined"
    ENTERED = "entered"  # The virtual room, for the first time.
    CREATED = "created"  # From here on: a standing slot as a whole.
    CONTINUED = "continued"
    PAUSED = "paused"
    SKIPPED = "skipped"
    RESTORED = "restored"
    SETTLED = "settled"
    LEFT = "left"
    ADDED = "added"  # From here on: anything that can be set.
    CHANGED = "changed"
    REMOVED = "removed"
    ENDED = "ended"
    REOPENED = "reopened"
    MERGED = "merged"  # Another record of the same client was made part of this one.
    PARTED = "parted"  # That was undone.
    ERASED = "erased"
    COPIED = "copied"  # Everything about a client, into a file for them.


class AuditSubject(StrEnum):
    """What of a practice was changed, for its audit."""

    PRACTICE = "practice"  # Its sender, and how long things wait.
    SERVICE = "service"
    TERMS = "terms"
    LOCATION = "location"
    ROOM = "room"
    THERAPIST = "therapist"
    LICENCE = "licence"
    LIMITS = "limits"
    WEEKLY_HOURS = "weekly_hours"
    OVERRIDE = "override"
    TIME_OFF = "time_off"
    CLOSURE = "closure"  # Of the whole practice.
    BUSY_TIME = "busy_time"
    FEED = "feed"
    MESSAGE_RULES = "message_rules"
    TEXTING_HOURS = "texting_hours"
    MESSAGE_TEMPLATE = "message_template"
    LOGIN = "login"
    PASSWORD = "password"  # noqa: S105 -- a word
    SIGN_INS = "sign_ins"
    SECOND_STEP = "second_step"
    RECOVERY_CODES = "recovery_codes"
    PASSKEY = "passkey"
    API_TOKEN = "api_token"  # noqa: S105 -- a word
    ALERTS = "alerts"  # Who is told of what waits, and who is on duty when.
    CLIENT = "client"  # How a client is reached, and what they are to be called.
    CLIENT_IMPORT = "client_import"  # A file of clients.
    EXPORT = "export"  # What was taken along as a file.


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
    CALL = "call"  # Somebody may not read in time what they have to know.
