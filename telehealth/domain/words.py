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


class ResourceKind(StrEnum):
    """What can be taken by an appointment."""

    THERAPIST = "therapist"
    ROOM = "room"
    CLIENT = "client"


class Role(StrEnum):
    """Who may sign in, and as what."""

    OWNER = "owner"
    THERAPIST = "therapist"
    FRONT_DESK = "front_desk"
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
    CANCELLATION = "cancellation"


class MessageStatus(StrEnum):
    """The life of one message; the allowed steps are the table in ``domain.message_states``."""

    PLANNED = "planned"
    SENDING = "sending"
    ACCEPTED = "accepted"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    VOID = "void"  # The appointment moved or was cancelled before it was sent.
    EXPIRED = "expired"  # It could no longer be useful.


class FeedDetail(StrEnum):
    """How much a calendar feed tells whoever can read the calendar."""

    BUSY = "busy"
    INITIALS = "initials"
    FULL = "full"


class Actor(StrEnum):
    """Who did something, for the audit."""

    CLIENT = "client"
    STAFF = "staff"
    SYSTEM = "system"
