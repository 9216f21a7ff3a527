"""The nouns: one file a noun or a family of them. Importing this package registers every table."""

from telehealth.models.appointments import Appointment, AppointmentEvent, Attendee, Occupancy
from telehealth.models.clients import Client
from telehealth.models.hours import HoursOverride, TimeOff, WeeklyHours
from telehealth.models.idempotency import IdempotencyKey
from telehealth.models.messages import Message, MessageEvent, ReminderRule
from telehealth.models.practices import Location, Practice, Resource, Room
from telehealth.models.services import Service, TherapistService
from telehealth.models.therapists import CalendarFeed, Licence, Therapist
from telehealth.models.users import ApiToken, RoleRecord, SignIn, User

__all__ = [
    "ApiToken",
    "Appointment",
    "AppointmentEvent",
    "Attendee",
    "CalendarFeed",
    "Client",
    "HoursOverride",
    "IdempotencyKey",
    "Licence",
    "Location",
    "Message",
    "MessageEvent",
    "Occupancy",
    "Practice",
    "ReminderRule",
    "Resource",
    "RoleRecord",
    "Room",
    "Service",
    "SignIn",
    "Therapist",
    "TherapistService",
    "TimeOff",
    "User",
    "WeeklyHours",
]
