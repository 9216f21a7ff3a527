"""The fixed vocabularies of the audit: who did what to what, and by which way."""

from __future__ import annotations

from enum import StrEnum


class Via(StrEnum):
    """The way by which something was done, for the audit."""

    PAGE = "page"
    LINK = "link"  # A signed link, without a login.
    TEXT = "text"  # A text that they sent us.
    MAIL = "mail"  # An e-mail that they, or their calendar, sent us.
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
    UNCONFIRMED = "unconfirmed"  # What they wrote, or answered, later puts it in doubt.
    ANSWERED_INVITE = "answered_invite"  # In their calendar: the detail "answer" says how.
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
    VIDEO_CHANGED = "video_changed"  # Where people meet by video.
    ENTERED = "entered"  # The virtual room, for the first time.
    LET_IN = "let_in"  # From the waiting room of a call in our own room.
    PUT_OUT = "put_out"  # Of such a call.
    LOCKED = "locked"  # Such a call, and the next one that it is open again.
    UNLOCKED = "unlocked"
    CALL_ENDED = "call_ended"  # For everybody.
    WHERE_SAID = "where_said"  # By a client, before a video appointment: where they are.
    LICENCE_DECIDED = "licence_decided"  # By a therapist without one where the client is.
    CALL_ASKED = "call_asked"  # Instead of the virtual room.
    ABSENCE_PROPOSED = "absence_proposed"  # That a client did not come to our video room: nobody has marked it.
    ABSENCE_PUT_AWAY = "absence_put_away"  # Such a proposal, by staff.
    MET_SAID = "met_said"  # From when until when a client and a therapist met, by staff; without an end: as counted.
    GUEST_INVITED = "guest_invited"  # To the video room of one appointment, by a link of their own.
    GUEST_ENDED = "guest_ended"  # They are not any more.
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
    CALENDAR_CONNECTION = "calendar_connection"  # To calendars that a therapist keeps elsewhere.
    VIDEO_CONNECTION = "video_connection"  # A video service elsewhere.
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
    COMPANION = "companion"  # Somebody who acts for a client, whose public id stands in the line.
    CLIENT_IMPORT = "client_import"  # A file of clients.
    EXPORT = "export"  # What was taken along as a file.
