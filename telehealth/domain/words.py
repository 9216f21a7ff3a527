"""The fixed vocabularies of people and appointments: what a column may hold. Names follow HL7 FHIR where it has a word.

Those of messages stand in ``message_words``, those of the audit in ``audit_words``.
"""

from __future__ import annotations

from enum import StrEnum


class Mode(StrEnum):
    """How people meet."""

    VIRTUAL = "virtual"
    IN_PERSON = "in_person"
    PHONE = "phone"


class VideoKind(StrEnum):
    """Where people meet by video."""

    BUILT_IN = "built_in"  # In our own room: from browser to browser.
    JITSI = "jitsi"  # On a Jitsi server: one of their own, the installation's, or JaaS.
    FIXED = "fixed"  # Behind a link that is always the same.
    DAILY = "daily"  # At Daily: in a private room that is made for each appointment.
    ZOOM = "zoom"  # At Zoom: in a meeting that is made for each appointment.


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
    UNREAD = "unread"  # That calendar was not read for so long that the practice offers nothing of theirs.
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
    NO_GUARDIAN = "no_guardian"  # Nobody acts for a minor who needs somebody, and the practice wants that.


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


class TimeSource(StrEnum):
    """From where it is known when a client and a therapist met."""

    ROOM = "room"  # Our own video room counted it.
    STAFF = "staff"  # Somebody of the practice said so.


class TelehealthAnswer(StrEnum):
    """What somebody said to the text about meeting by video."""

    AGREED = "agreed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"  # What they had agreed to before.


class TelehealthWay(StrEnum):
    """How it was said."""

    PAGE = "page"  # On a page of ours, by their own link.
    PAPER = "paper"  # From here on: noted by staff.
    VOICE = "voice"
